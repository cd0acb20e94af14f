/* Conditions of which the first that holds is wanted: what a class, an item or a field is among several.
 *
 * The leading ones often ask the same thing for its number: "type == 6", "type == 13", "type in (2, 3)". That is then read once and
 * looked for among their numbers; only the others, behind them, are run one by one. */
#ifndef PACKET_CASES_H
#define PACKET_CASES_H

#include "packet/expr.h"

struct cases {
	unsigned rows, alike;           /* conditions in all, and of them the leading ones that ask the same */
	struct expr *first;             /* BORROWED: one of these */
	struct case_number { int64_t number; unsigned row; } *numbers;
	unsigned count;
};

void cases_add(struct cases *c, struct expr *test);             /* BORROWED; NULL: a condition that is no text */
/* *row: the first row that holds, when that is below `alike`; else `alike`: from there on they are to be run. false: raised. */
bool cases_find(const struct site *s, const struct cases *c, int64_t x, int64_t left, unsigned *row);
void cases_free(struct cases *c);

#endif
