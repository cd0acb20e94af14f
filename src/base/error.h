/* One error shape for everything below the machine: what kind, what to say, where. Functions that can fail return false
 * or NULL and fill the struct error they were given; nobody below src/shell prints one. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/source.h"

struct error {
	const char *kind;        /* the exception class it becomes: "SyntaxError", "OSError", "ValueError" ...; NULL: no error */
	char *message;           /* owned */
	int code;                /* errno, where the system refused; else 0 */
	struct source *source;   /* kept; NULL where no text is to blame */
	struct span span;
};

/* Always false, so that a failing function can end in `return error_set(...)`. The first error stays. */
bool error_set(struct error *e, const char *kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool error_system(struct error *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));  /* OSError; the system's words follow */
void error_place(struct error *e, struct source *source, struct span span);
void error_clear(struct error *e);

#endif
