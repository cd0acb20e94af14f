/* One unit of input at the prompt: the lines, typed or pasted, that make up one statement or block. Lines go through here
 * into the push parser, which says when the unit is complete. Knows nothing of readline. */
#ifndef SHELL_UNIT_H
#define SHELL_UNIT_H

#include "base/buf.h"
#include "lang/ast.h"

struct unit {
	struct feeder *feeder;
	struct buf text;        /* as it went in: for the history */
	size_t indent;          /* blanks that the first line began with, taken from the others too */
	bool open;              /* lines went in and more are wanted */
	bool prompts;           /* the first line began with a pasted ">>> ": the others begin with "... " */
};

void unit_init(struct unit *u);
void unit_free(struct unit *u);

/* One line without its newline, or a paste with newlines inside. `x?` is help(x). After FEED_COMPLETE and FEED_ERROR,
 * feeder_take(u->feeder) gives the tree, and u->text is the unit's text until the next line goes in. */
enum feed unit_line(struct unit *u, const char *line);
void unit_drop(struct unit *u);         /* forgets the lines that went in */

#endif
