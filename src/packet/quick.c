/* Reading a layer of the usual make in few steps.
 *
 * For each class it is worked out once what its declaration comes to: how many bytes are always there, which tests say that it is
 * another class, what says how long its last field and its payload are. That is arithmetic on numbers which are each one load
 * (struct fact); what is not is run as declared. Which layer follows depends on few numbers, too: what was found out for them is
 * remembered, until some binding or class changes.
 *
 * Classes in whose reading hooks take part, or of which something stands behind the payload, are read the general way (dissect.c), as
 * are bytes that are too few. Both ways give the same; tests/unit/packet_quick.c compares them. */
#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"
#include "packet/packet.h"
#include "packet/reading.h"
#include "packet/world.h"

enum { LONGEST = 120, NUMBERS = 3, REMEMBERED = 64, ASKED = 1024 };    /* LONGEST: bytes of a header's fixed fields; REMEMBERED, ASKED: powers of two */
enum tail { TAIL_NONE, TAIL_SAID, TAIL_REST, TAIL_ANY };       /* behind the fixed fields: none; one whose length a fact says; one that takes all; measured one by one */

struct spot { uint32_t byte; uint8_t up, down; };
struct amount { struct spot spot; int64_t times, plus; };
struct choice { bool other; unsigned count; struct amount amount; struct { enum fact_test test; struct spot spot; int64_t number; } tests[FACT_TESTS]; };
struct remembered { uint64_t numbers[NUMBERS]; struct layer *next; };  /* next NULL: nothing */

struct quick_plan {
	bool usable;
	bool with_header;               /* the payload's length covers the header, too */
	bool payload_said, payload_any; /* by `payload`; by measure_payload */
	bool foretold;                  /* the next layer depends on `numbers` only */
	enum tail tail;
	uint32_t fixed_len;
	struct amount length, payload;  /* length: TAIL_SAID */
	uint32_t round;                 /* world.binding_round of what is remembered */
	unsigned number_count;
	struct spot numbers[NUMBERS];
	struct remembered *remembered;  /* REMEMBERED of them; NULL: not made yet */
	struct layer *otherwise;        /* what follows when no binding fits; NULL: not known yet, or it depends */
	bool always;                    /* nothing follows but `otherwise`, whatever ... */
	uint64_t (*asked)[ASKED / 64];  /* of each number: a bit for each hash of what bindings ask for (each binding is entered once) */
	unsigned choice_count;
	struct choice choices[];        /* of `dispatch` */
};

void quick_drop(struct layer *l)
{
	if (l->plan) {
		mem_free(l->plan->remembered);
		mem_free(l->plan->asked);
	}
	mem_free(l->plan);
	l->plan = NULL;
}

/* ---- what a declaration comes to ---- */

static struct spot spot_of(const struct layer *l, int field)
{
	return field < 0 ? (struct spot){ .down = 63 } : (struct spot){ l->rows[field].byte, l->rows[field].up, l->rows[field].down };
}

static struct amount amount_of(const struct layer *l, const struct fact *f)
{
	return (struct amount){ spot_of(l, f->field), f->times, f->plus };
}

static bool one_behind(const struct layer *l)
{
	return l->head_count - l->fixed_count == 1 && l->fixed_bits % 8 == 0 && !layer_scattered(l) && l->run < 0;
}

static bool one_said(const struct layer *l, struct amount *length)
{
	const struct field *f = l->fields[l->fixed_count];
	if (!one_behind(l))
		return false;
	if (!f->kind->codec->said || f->bits || f->plain || f->flags & (FIELD_CHOICE | FIELD_WORD | FIELD_NUMBER) || f->limit)
		return false;
	if (!f->length_from.expr || field_has_length(&f->count_from) || field_has_length(&f->condition) || !is_unset(f->item_class))
		return false;
	struct fact fact = expr_fact(f->length_from.expr, l);
	*length = amount_of(l, &fact);
	return fact.form == FACT_SCALED;
}

/* Raw's load. */
static bool one_rest(const struct layer *l)
{
	const struct field *f = l->fields[l->fixed_count];
	return one_behind(l) && !f->bits && !f->plain && !(f->flags & FIELD_CHOICE) && !field_has_length(&f->condition) &&
	       f->kind->codec->extent == text_to_end && text_takes_all(f);
}

static void plan_payload(struct quick_plan *q, const struct layer *l)
{
	if (l->run >= 0) {
		q->payload_any = true;
	} else if (l->payload_length) {
		struct fact fact = expr_fact(l->payload_length, l);
		q->payload = amount_of(l, &fact);
		q->payload_said = fact.form == FACT_SCALED;
		q->payload_any = !q->payload_said;
	} else if (l->payload_of >= 0) {
		q->payload = (struct amount){ spot_of(l, l->payload_of), 1, 0 };
		q->payload_said = l->rows[l->payload_of].counted && l->fields[l->payload_of]->bits < 64;
		q->payload_any = !q->payload_said;
		q->with_header = l->fields[l->payload_of]->computed.of == OF_LAYER_AND_PAYLOAD;
	}
}

static void plan_choice(struct choice *c, const struct layer *l, const struct expr *test)
{
	struct fact fact = expr_fact(test, l);
	c->other = fact.form == FACT_OTHER;
	c->amount = amount_of(l, &fact);
	c->count = fact.form == FACT_TESTED ? fact.count : 0;
	for (unsigned i = 0; i < c->count; i++) {
		c->tests[i].test = fact.tests[i].test;
		c->tests[i].spot = spot_of(l, fact.tests[i].field);
		c->tests[i].number = fact.tests[i].number;
	}
	if (fact.form == FACT_SCALED) {
		c->count = 1;
		c->tests[0].test = TEST_NE;
		c->tests[0].spot = spot_of(l, fact.field);
		c->tests[0].number = 0;
		c->other = fact.times != 1 || fact.plus;
	}
}

/* Its place among the numbers; -1: it is one too many, or more than a load. */
static int add_number(struct quick_plan *q, const struct layer *l, int field)
{
	struct spot spot = spot_of(l, field);
	for (unsigned i = 0; i < q->number_count; i++)
		if (q->numbers[i].byte == spot.byte && q->numbers[i].up == spot.up && q->numbers[i].down == spot.down)
			return (int)i;
	if (q->number_count == NUMBERS || field < 0 || !l->rows[field].placed)
		return -1;
	q->numbers[q->number_count] = spot;
	return (int)q->number_count++;
}

static bool add_tests(struct quick_plan *q, const struct layer *l, const struct expr *e)
{
	struct fact f = expr_fact(e, l);
	if (f.form == FACT_SCALED)
		return f.field < 0 || add_number(q, l, f.field) >= 0;
	for (unsigned i = 0; i < f.count; i++)
		if (add_number(q, l, f.tests[i].field) < 0)
			return false;
	return f.form == FACT_TESTED;
}

static inline unsigned asked_bit(uint64_t word)
{
	return (unsigned)(word * 0x9e3779b97f4a7c15u >> 54);
}

/* Enters a binding by the largest number that it asks for ("frag=0, proto=17": by proto). `of`: whose fields it names, NULL: l's. */
static bool add_binding(struct quick_plan *q, const struct layer *l, const struct layer *of, const struct binding *b)
{
	uint64_t most = 0;
	int by = -1;
	for (unsigned k = 0; k < b->count; k++) {
		int field = of ? layer_field(l, of->fields[b->matches[k].field]->name) : (int)b->matches[k].field;
		int at = b->matches[k].is_word ? add_number(q, l, field) : -1;
		if (at < 0)
			return false;
		if (by < 0 || b->matches[k].word > most) {
			by = at;
			most = b->matches[k].word;
		}
	}
	if (by >= 0)
		q->asked[by][asked_bit(most) / 64] |= UINT64_C(1) << asked_bit(most) % 64;
	q->always |= by < 0;
	return true;
}

static bool add_bindings(struct quick_plan *q, const struct layer *l, const struct layer *from, bool by_name)
{
	for (unsigned i = 0; i < from->binding_count; i++)
		if (!add_binding(q, l, by_name ? from : NULL, &from->bindings[i]))
			return false;
	return true;
}

/* Does what follows depend on few numbers only? Its own bindings, its bases', those of what it stands for; `opaque`, `payload`. */
static bool foretell(struct quick_plan *q, const struct layer *l)
{
	const struct layer *of = l;
	for (const struct type *t = l->type; t && (of = t == l->type ? l : t->extra) && of->count == l->count; t = t->base)
		if (!add_bindings(q, l, of, false))
			return false;
	for (unsigned i = 0; i < l->alias_count; i++)
		if (!l->aliases[i].type || !add_bindings(q, l, l->aliases[i].type->extra, true))
			return false;           /* not loaded yet: it is asked again when it is */
	q->always |= l->opaque || l->payloads.count;
	for (unsigned i = 0; i < l->payloads.count; i++)
		if (!add_tests(q, l, l->payloads.rows[i].test))
			return false;
	return !l->opaque || add_tests(q, l, l->opaque);
}

static struct quick_plan *plan_make(struct layer *l)
{
	struct quick_plan *q = l->plan = mem_zero(sizeof *q + l->dispatch.count * sizeof q->choices[0]);
	q->usable = !l->hooks && !l->trailer_at && !l->trail_len && !layer_scattered(l) && l->fixed_len <= LONGEST;
	q->fixed_len = l->fixed_len;
	q->tail = l->fixed_count == l->head_count ? TAIL_NONE : one_said(l, &q->length) ? TAIL_SAID : one_rest(l) ? TAIL_REST : TAIL_ANY;
	plan_payload(q, l);
	q->choice_count = l->dispatch.count;
	for (unsigned i = 0; i < q->choice_count; i++)
		plan_choice(&q->choices[i], l, l->dispatch.rows[i].test);
	return q;
}

static inline struct quick_plan *plan_of(struct layer *l)
{
	return l->plan ? l->plan : plan_make(l);
}

/* ---- numbers in the fixed fields ---- */

enum { ROOM = LONGEST + 8 };

static const uint8_t *copied(const struct frame *frame, size_t start, uint32_t len, uint8_t *room)
{
	memset(room, 0, ROOM);
	return memcpy(room, frame->bytes + start, len);
}

/* Where they can be loaded, eight bytes each: in the frame, or, close to its end, in `room`. */
static inline const uint8_t *loadable(const struct frame *frame, size_t start, uint32_t len, uint8_t *room)
{
	return start + len + 8 <= frame->len ? frame->bytes + start : copied(frame, start, len, room);
}

static inline uint64_t load(const uint8_t *header, struct spot spot)
{
	uint64_t eight;
	memcpy(&eight, header + spot.byte, sizeof eight);
	return be64toh(eight) << spot.up >> spot.down;
}

static inline int64_t amount(const uint8_t *header, const struct amount *a)
{
	return (int64_t)(load(header, a->spot) * (uint64_t)a->times + (uint64_t)a->plus);
}

static inline bool passes(enum fact_test test, int64_t is, int64_t number, unsigned at)
{
	switch (test) {
	case TEST_EQ: return is == number;
	case TEST_NE: return is != number;
	case TEST_LT: return is < number;
	case TEST_LE: return is <= number;
	case TEST_GT: return is > number;
	case TEST_GE: return is >= number;
	case TEST_UNDER_NONE: return at == 0;
	}
	return false;
}

static inline bool holds(const uint8_t *header, const struct choice *c, unsigned at)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!passes(c->tests[i].test, (int64_t)load(header, c->tests[i].spot), c->tests[i].number, at))
			return false;
	return true;
}

/* ---- one layer ---- */

/* The class that the layer says it is. NULL: it is to be found the general way (or raised). */
static struct layer *settled_class(struct stack *s, unsigned at, const struct quick_plan *q, const uint8_t *header, size_t start, size_t end)
{
	const struct part *p = &s->parts[at];
	struct layer *l = p->layer;
	for (unsigned i = 0; i < q->choice_count; i++) {
		if (q->choices[i].other) {
			struct type *to = measure_variant(s, at, p->frame, start, end);
			return vm_pending(s->vm) ? NULL : to ? layer_of(to) : l;
		}
		if (holds(header, &q->choices[i], at))
			return layer_of(l->dispatch.rows[i].to);
	}
	return l;
}

/* The last field, whose length is said, or all that is left. false: it does not fit, or only some of it, or there are more. */
static inline bool measure_last(struct part *p, const struct quick_plan *q, const uint8_t *header, size_t end)
{
	size_t from = p->header_end, left = end - from;
	if (q->tail == TAIL_ANY)
		return false;
	int64_t length = !left ? 0 : q->tail == TAIL_REST ? (int64_t)left : amount(header, &q->length);
	if (length < 0 || (uint64_t)length > left)
		return false;
	p->spans.one[0] = (uint32_t)(from * 8) | (left ? 0 : SPAN_ABSENT);
	p->spans.one[1] = (uint32_t)(from + (size_t)length) * 8;
	p->header_end += (uint32_t)length;
	p->bare = left && !length;
	if (!left)
		p->have = (uint16_t)p->layer->fixed_count;
	return true;
}

static inline size_t payload_end(struct stack *s, unsigned at, const struct quick_plan *q, const uint8_t *bytes, size_t start, size_t end)
{
	size_t header = s->parts[at].header_end;
	int64_t length = -1;
	if (q->payload_said)
		length = amount(bytes, &q->payload) - (q->with_header ? (int64_t)(header - start) : 0);
	else if (q->payload_any && !measure_payload(s, at, header - start, header, end, &length))
		length = -1;
	return length >= 0 && (uint64_t)length <= end - header ? header + (size_t)length : end;
}

static inline bool read_it(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t *end)
{
	struct part *p = &s->parts[at];
	struct layer *first = p->layer;
	uint8_t room[ROOM];
	for (unsigned turns = 0; turns < TURNS; turns++) {
		struct layer *l = p->layer, *to = l;
		const struct quick_plan *q = plan_of(l);
		if (!q->usable || *end - start < q->fixed_len)
			break;
		const uint8_t *bytes = loadable(frame, start, q->fixed_len, room);
		p->dissected = true;
		p->frame = frame_keep(frame);
		p->start = (uint32_t)start;
		p->header_end = (uint32_t)(start + q->fixed_len);
		p->end = (uint32_t)*end;
		p->have = (uint16_t)l->count;
		if (q->tail && !measure_last(p, q, bytes, *end) && !measure_fields(s, at, start, *end))
			break;
		if (q->choice_count && !(to = settled_class(s, at, q, bytes, start, *end)))
			break;
		if (to->type == l->type) {
			*end = payload_end(s, at, q, bytes, start, *end);
			p->end = (uint32_t)*end;
			if (!vm_pending(s->vm))
				return true;
			break;
		}
		measure_forget(p);

		p->layer = to;
	}
	measure_forget(p);

	p->layer = first;
	return false;
}

bool quick_read(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t *end)
{
	const struct part *p = &s->parts[at];
	return !p->dissected && !p->states && !s->under && !world_of(s->vm)->reads_generally && read_it(s, at, frame, start, end);
}

/* ---- what follows ---- */

static inline bool tells(const struct stack *s, unsigned at, const struct quick_plan *q)
{
	const struct part *p = &s->parts[at];
	return q && q->usable && s->count < LAYERS_MAX && p->dissected && !p->states && p->have >= p->layer->fixed_count;
}

static inline bool remembers(const struct stack *s, const struct quick_plan *q)
{
	return q->remembered && q->round == world_of(s->vm)->binding_round && q->foretold;
}

/* The row for the numbers of that layer, which is another's or empty when they differ. */
static inline struct remembered *row_of(const struct stack *s, unsigned at, const struct quick_plan *q, uint64_t *numbers)
{
	const struct part *p = &s->parts[at];
	uint8_t room[ROOM];
	uint64_t mixed = 0;
	const uint8_t *bytes = loadable(p->frame, p->start, q->fixed_len, room);
	for (unsigned i = 0; i < q->number_count; i++) {
		numbers[i] = load(bytes, q->numbers[i]);
		mixed = (mixed ^ numbers[i]) * 0x9e3779b97f4a7c15u;
	}
	return &q->remembered[mixed >> 58];
}

/* Can no binding fit? */
static inline bool none_asks(const struct quick_plan *q, const uint64_t *numbers)
{
	for (unsigned i = 0; i < q->number_count; i++)
		if (q->asked[i][asked_bit(numbers[i]) / 64] >> asked_bit(numbers[i]) % 64 & 1)
			return false;
	return !q->always;
}

static inline struct layer *next_of(struct stack *s, unsigned at)
{
	const struct quick_plan *q = s->parts[at].layer->plan;
	uint64_t numbers[NUMBERS];
	if (!tells(s, at, q) || !remembers(s, q))
		return NULL;
	const struct remembered *r = row_of(s, at, q, numbers);
	for (unsigned i = 0; i < q->number_count; i++)
		if (r->numbers[i] != numbers[i])
			return none_asks(q, numbers) ? q->otherwise : NULL;
	return r->next;
}

struct layer *quick_next(struct stack *s, unsigned at)
{
	return world_of(s->vm)->reads_generally ? NULL : next_of(s, at);
}

static void begin_anew(const struct stack *s, struct quick_plan *q, const struct layer *l)
{
	if (!q->remembered) {
		q->remembered = mem_alloc(REMEMBERED * sizeof *q->remembered);
		q->asked = mem_alloc(NUMBERS * sizeof *q->asked);
	}
	memset(q->remembered, 0, REMEMBERED * sizeof *q->remembered);
	memset(q->asked, 0, NUMBERS * sizeof *q->asked);
	q->number_count = 0;
	q->always = false;
	q->otherwise = NULL;
	q->foretold = foretell(q, l);
	q->round = world_of(s->vm)->binding_round;
}

void quick_remember(struct stack *s, unsigned at, struct layer *next)
{
	struct layer *l = s->parts[at].layer;
	struct quick_plan *q = l->plan;
	uint64_t numbers[NUMBERS];
	if (!tells(s, at, q) || world_of(s->vm)->reads_generally)
		return;
	if (!q->remembered || q->round != world_of(s->vm)->binding_round)
		begin_anew(s, q, l);
	if (!remembers(s, q))
		return;
	struct remembered *r = row_of(s, at, q, numbers);
	memcpy(r->numbers, numbers, q->number_count * sizeof *numbers);
	r->next = next;
	if (none_asks(q, numbers))
		q->otherwise = next;
}

bool quick_more(struct stack *s)
{
	unsigned at = s->count - 1u;
	const struct part *last = &s->parts[at];
	struct layer *next = next_of(s, at);
	if (!next)
		return false;
	struct frame *frame = last->frame;
	size_t start = last->header_end, end = last->end;
	const struct part *p = stack_push(s, next);
	if (!read_it(s, at + 1u, frame, start, &end)) {
		s->count--;
		return false;
	}
	p = &s->parts[at + 1u];
	if (p->header_end >= p->end)
		s->unread = 0;
	return true;
}
