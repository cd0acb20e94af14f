/* Fact expressions: the small arithmetic in which the library's declarations say lengths, counts and conditions, as text:
 * length_from="ihl*4 - 20", present="flags & 8 and version > 1". Parsed once with the language's own parser, then run on
 * field values without entering the machine. Names are fields of the layer; `x` is the number being adjusted; `under.name`
 * is a field of the layer below (0 when it has none), `other.name` one of the packet asked (in `answers`), `payload` the
 * count of payload bytes, `left` the count of bytes from the cursor to the end of what the layer may take. Numbers are
 * 64-bit and wrap; a division by zero gives 0. A field whose value is no number counts as 0. */
#ifndef PACKET_EXPR_H
#define PACKET_EXPR_H

#include "lang/vm.h"

struct expr;
struct site;
struct layer;

struct expr *expr_parse(struct vm *vm, struct str *text);       /* NULL: raised */
void expr_free(struct expr *e);
/* Its names are fields of the class? false: AttributeError with the nearest name. */
bool expr_check(struct vm *vm, const struct expr *e, const struct layer *layer);
bool expr_names(const struct expr *e, const struct str *field); /* is this field of the layer itself named in it? */
bool expr_is_of_x(const struct expr *e);                        /* does it look at nothing but x? */
bool expr_wanders(const struct expr *e);                        /* does it look outside of the layer? */
/* false: the C stack or an exception of a field's own is in the way (raised). */
bool expr_run(const struct site *s, struct expr *e, int64_t x, int64_t left, int64_t *out);
/* The same of a condition: is it other than 0? What is only to be there is not counted. */
bool expr_holds(const struct site *s, struct expr *e, int64_t x, int64_t left, bool *out);
/* A condition that asks something for its number: "type == 5", "type in (5, 6)", "byte(0) == 1". Do two ask the same, is one of that kind at all
 * (asked of itself)? Which numbers does it hold for? What number is it now? */
bool expr_asks_same(const struct expr *e, const struct expr *as);
void expr_numbers(const struct expr *e, bool (*each)(void *state, int64_t number), void *state);
bool expr_asked(const struct site *s, struct expr *e, int64_t x, int64_t left, int64_t *out);
const char *expr_text(const struct expr *e);

/* What most facts are, for one class: a field times a number plus a number ("ihl*4 - 20"), or tests of fields that must all hold
 * ("version == 6 and under is None"), or the one if the other ("plen if plen else ..."). Only of fields that are one load (row.counted). */
enum { FACT_TESTS = 3 };
enum fact_test { TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE, TEST_UNDER_NONE };
struct fact {
	enum fact_form { FACT_OTHER, FACT_SCALED, FACT_TESTED, FACT_CHOSEN } form;     /* OTHER: it is to be run; CHOSEN: scaled if tested, else ... */
	bool else_left;                         /* CHOSEN: ... `left`; false: it is to be run */
	unsigned count;                         /* TESTED, CHOSEN: of tests */
	int field;                              /* SCALED, CHOSEN: -1: none */
	int64_t times, plus;
	struct { enum fact_test test; int field; int64_t number; } tests[FACT_TESTS];
};
/* Does it look at nothing but fields that are one load? Those are added to `fields`, each once; false too when there are more than `most`. */
bool expr_loads(const struct expr *e, const struct layer *layer, int *fields, unsigned *count, unsigned most);
struct fact expr_fact(const struct expr *e, const struct layer *layer);

#endif
