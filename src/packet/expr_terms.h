/* Facts inside: for expr.c, which makes and runs them, and fact.c. */
#ifndef PACKET_EXPR_TERMS_H
#define PACKET_EXPR_TERMS_H

#include "packet/expr.h"

/* The tree of a fact, flat: an operation names its operands by their index. What a name is in a class is looked up when
 * it first runs there and kept, since a field (and so its facts) can stand in several classes. */
enum term_kind {
	TERM_NUMBER, TERM_NONE, TERM_X, TERM_LEFT, TERM_HERE, TERM_PAYLOAD, TERM_FIELD, TERM_UNDER, TERM_OTHER, TERM_PEEK, TERM_SUM, TERM_UNDER_IS,
	TERM_UNARY, TERM_NOT, TERM_BINARY, TERM_AND, TERM_OR, TERM_IF, TERM_COMPARE, TERM_IN, TERM_TABLE, TERM_MIN, TERM_MAX,
};
/* a, b, c: operands. AND, OR, IN, TABLE, MIN, MAX: `b` terms in a row from `a` (IN: c is what is looked for; TABLE: pairs, c the
 * key). COMPARE: a, b and `op`; a chain is an AND of them. */
struct term {
	enum term_kind kind;
	int op;
	int a, b, c;
	int64_t number;
	struct str *name;           /* interned */
	const struct layer *layer;  /* where `field` was looked up last */
	int field;
};

struct expr {
	struct str *text;
	struct term *terms;
	int count, room, root;
};

/* A value that is not there. No wire field can hold it: they are at most 64 bits and unsigned, or signed and smaller. */
#define NOTHING INT64_MIN

int64_t expr_binary(int op, int64_t a, int64_t b);      /* as Python computes, in 64 bits that wrap */

#endif
