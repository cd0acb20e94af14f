/* What a class's declaration comes to, for reading it in few steps (quick.c). */
#ifndef PACKET_QUICK_H
#define PACKET_QUICK_H

#include "packet/packet.h"

enum { LONGEST = 120, NUMBERS = 4, REMEMBERED = 64, SHAPES = 16, NAMED = 8192 };       /* LONGEST: bytes of a header's fixed fields */

/* Stands for each number that no binding asks for. A class of which one asks for this very number remembers nothing. */
static const uint64_t UNNAMED = 0xfedcba9876543210;

enum tail { TAIL_NONE, TAIL_SAID, TAIL_REST, TAIL_ANY };       /* behind the fixed fields: none; one whose length a fact says; one that takes all; measured one by one */

struct spot { uint32_t byte; uint8_t up, down; };
struct amount { struct spot spot; int64_t times, plus; };
struct choice { bool other; unsigned count; struct { enum fact_test test; struct spot spot; int64_t number; } tests[FACT_TESTS]; };
struct remembered { uint64_t numbers[NUMBERS]; struct layer *next; };  /* next NULL: nothing */

/* Where the fields behind the fixed ones begin, in bits from the first of them, as in struct part. spans NULL: not known yet. */
struct shape { uint64_t numbers[NUMBERS]; uint32_t *spans; uint32_t len; };

struct quick_plan {
	bool with_header;               /* the payload's length covers the header, too */
	bool payload_said, payload_any; /* by `payload`, when payload_when holds; by measure_payload */
	bool else_left;                 /* when it does not, the payload is all that is left */
	enum tail tail;
	bool takes_all;                 /* and is no other class: nothing follows it */
	uint32_t fixed_len, needs;      /* needs: the same, or UINT32_MAX: it is read the general way */
	struct amount length, payload;  /* length: TAIL_SAID */
	struct choice payload_when;
	bool shaped;                    /* TAIL_ANY: the layout depends on `steers` only */
	unsigned steer_count;
	struct spot steers[NUMBERS];
	struct shape *shapes;           /* SHAPES of them; NULL: not made yet */
	uint32_t round;                 /* world.binding_round of what is remembered ... */
	uint32_t foretold;              /* ... and the same when the next layer depends on `numbers` only; another: it does not */
	unsigned number_count;
	struct spot numbers[NUMBERS];
	struct remembered *remembered;  /* REMEMBERED of them; NULL: not made yet */
	uint64_t (*named)[NAMED / 64];  /* of each number: a bit for each hash of what some binding asks for; all others lead to the same layer */
	unsigned choice_count;
	struct choice choices[];        /* of `dispatch` */
};

struct quick_plan *quick_plan_make(struct layer *l);
bool quick_plan_next(struct quick_plan *q, struct layer *l);      /* on what depends which layer follows: few numbers? Its own bindings, its bases', those of what it stands for; `opaque`, `payload` */

/* Spreads numbers; the upper bits are good. */
static inline uint64_t mixed_with(uint64_t mixed, uint64_t number)
{
	return (mixed ^ number) * 0x9e3779b97f4a7c15u;
}

static inline unsigned named_bit(uint64_t number)
{
	return (unsigned)(mixed_with(0, number) >> 51);
}

#endif
