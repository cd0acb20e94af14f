/* Source text and places in it. A span is a range of byte offsets; line and column are worked out only when printed. */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct span {
	uint32_t start, end;     /* byte offsets, end exclusive */
};

struct source {
	uint32_t refs;
	char *name;              /* as shown: "lab.pkt", "<stdin>", "<stdlib>/layers/udp.pkt" */
	char *text;              /* NUL-terminated */
	size_t len;
};

struct source *source_new(const char *name, const char *text, size_t len);
struct source *source_keep(struct source *s);
void source_drop(struct source *s);

bool source_of_library(const struct source *s);      /* built in, none of the user's */

struct place {
	unsigned line, column;   /* from 1; the column counts characters, not bytes */
};
struct place source_place(const struct source *s, uint32_t offset);

/* Adds "  3 | p = IP(tll=5)\n    |        ^^^^^\n": the line where the span starts and carets under it. Tabs are kept in the
 * caret line, wide characters counted, bytes that no terminal should see escaped; a line over 160 columns is windowed round
 * the span. */
void source_excerpt(const struct source *s, struct span span, struct buf *out);

#endif
