/* What can follow at the cursor: names, attributes behind a dot, keyword arguments inside a call's parentheses. Only names
 * and plain attribute chains are evaluated, never a call. Knows nothing of readline. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include "lang/vm.h"

struct completion {
	char **words;           /* sorted, each once; owned */
	size_t count, room;
	size_t start;           /* where in the line the word to be completed begins */
};

/* `line` up to `point`; `before` is what was typed on earlier lines of the unit ("" when none). Leaves nothing pending. */
void complete(struct vm *vm, struct dict *globals, const char *before, const char *line, size_t point, struct completion *out);
void completion_free(struct completion *c);

/* Does a string literal or a comment begin in the line before `point` and not end? Then nothing of the language is completed;
 * *start is where the literal's text begins. */
bool complete_in_text(const char *line, size_t point, size_t *start);

#endif
