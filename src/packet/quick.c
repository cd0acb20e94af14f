/* Reading a layer of the usual make in few steps.
 *
 * For each class it is worked out once what its declaration comes to: how many bytes are always there, which tests say that it is
 * another class, what says how long its last field and its payload are (where conditions say which fields there are, the layout that
 * they led to is remembered by the numbers in them). That is arithmetic on numbers which are each one load
 * (struct fact); what is not is run as declared. Which layer follows depends on few numbers, too: what was found out for them is
 * remembered, until some binding or class changes.
 *
 * Classes in whose reading hooks take part, or of which something stands behind the payload, are read the general way (dissect.c), as
 * are bytes that are too few. Both ways give the same; tests/unit/packet_quick.c compares them. */
#include <string.h>

#include "base/mem.h"
#include "packet/quick.h"
#include "packet/reading.h"
#include "packet/world.h"

/* ---- numbers in the fixed fields ---- */

enum { ROOM = LONGEST + 8 };

static const uint8_t *copied(const struct frame *frame, size_t start, uint32_t len, uint8_t *room)
{
	memset(room + len, 0, 8);
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

static inline struct quick_plan *plan_of(struct layer *l)
{
	return l->plan ? l->plan : quick_plan_make(l);
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

static inline struct shape *shape_of(const struct quick_plan *q, const uint8_t *header, uint64_t *numbers)
{
	uint64_t mixed = 0;
	for (unsigned i = 0; i < q->steer_count; i++) {
		numbers[i] = load(header, q->steers[i]);
		mixed = mixed_with(mixed, numbers[i]);
	}
	return &q->shapes[mixed >> 60];
}

/* More is there than the shape takes: where nothing is left, what follows is at its default. */
static bool takes_shape(struct part *p, const struct shape *shape, size_t end)
{
	const struct layer *l = p->layer;
	unsigned rest = l->head_count - l->fixed_count;
	uint32_t from = p->start * 8 + l->fixed_bits;
	if (!shape->spans || (end - p->start) * 8 <= l->fixed_bits + (size_t)shape->len)
		return false;
	uint32_t *spans = rest > 1 ? p->spans.many = mem_alloc((rest + 1) * sizeof *spans) : p->spans.one;
	p->own_spans = rest > 1;
	for (unsigned i = 0; i <= rest; i++)
		spans[i] = shape->spans[i] + from;
	p->header_end = (from + shape->len + 7) / 8;
	return true;
}

static void keep_shape(const struct part *p, struct shape *shape, const uint64_t *numbers, unsigned count)
{
	const struct layer *l = p->layer;
	const uint32_t *from = part_spans(p);
	unsigned rest = l->head_count - l->fixed_count;
	uint32_t first = p->start * 8 + l->fixed_bits;
	memcpy(shape->numbers, numbers, count * sizeof *numbers);
	mem_free(shape->spans);
	shape->spans = mem_alloc((rest + 1) * sizeof *shape->spans);
	for (unsigned i = 0; i <= rest; i++)
		shape->spans[i] = from[i] - first;
	shape->len = (from[rest] & ~SPAN_ABSENT) - first;
}

/* Fields one by one, unless such a header was measured before. */
static bool measure_any(struct stack *s, unsigned at, struct quick_plan *q, const uint8_t *header, size_t start, size_t end)
{
	uint64_t numbers[NUMBERS];
	if (!q->shaped)
		return measure_fields(s, at, start, end);
	if (!q->shapes)
		q->shapes = mem_zero(SHAPES * sizeof *q->shapes);
	struct shape *shape = shape_of(q, header, numbers);
	if (!memcmp(shape->numbers, numbers, q->steer_count * sizeof *numbers) && takes_shape(&s->parts[at], shape, end))
		return true;
	if (!measure_fields(s, at, start, end))
		return false;
	const struct part *p = &s->parts[at];
	if (!p->problem && p->have == p->layer->count)
		keep_shape(p, shape, numbers, q->steer_count);
	return true;
}

enum { RAISED = 0 };                    /* no payload ends there */

static inline size_t payload_end(struct stack *s, unsigned at, const struct quick_plan *q, const uint8_t *bytes, size_t start, size_t end)
{
	size_t header = s->parts[at].header_end;
	int64_t length = -1;
	if (!q->payload_said && !q->payload_any)
		return end;
	if (q->payload_said && holds(bytes, &q->payload_when, at))
		length = amount(bytes, &q->payload) - (q->with_header ? (int64_t)(header - start) : 0);
	else if (!q->else_left && !measure_payload(s, at, header - start, header, end, &length))
		length = -1;
	if (!q->payload_said && vm_pending(s->vm))
		return RAISED;
	return length >= 0 && (uint64_t)length <= end - header ? header + (size_t)length : end;
}

/* No other layer begins inside of the payload. */
static bool ends_plainly(struct stack *s, unsigned at, size_t end)
{
	const struct part *p = &s->parts[at];
	struct cursor c = cursor_over(p->frame->bytes, end);
	struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
	int64_t where;
	c.bit = (size_t)p->header_end * 8;
	return expr_run(&site, p->layer->trailer_at, 0, (int64_t)(end - p->header_end), &where) && (where < 0 || (uint64_t)where >= end - p->header_end);
}

static bool give_up(struct part *p, struct layer *first)
{
	measure_forget(p);
	p->layer = first;
	return false;
}

static inline bool read_it(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t *end)
{
	struct part *p = &s->parts[at];
	struct layer *l = p->layer, *first = l, *to;
	size_t stop = *end;
	uint8_t room[ROOM];
	for (unsigned turns = 0; turns < TURNS; turns++) {
		struct quick_plan *q = plan_of(l);
		if (stop - start < q->needs)
			break;
		const uint8_t *bytes = loadable(frame, start, q->fixed_len, room);
		p->dissected = true;
		p->frame = frame_keep(frame);
		p->start = (uint32_t)start;
		p->header_end = (uint32_t)(start + q->fixed_len);
		p->end = (uint32_t)stop;
		p->have = (uint16_t)l->count;
		if (q->tail && !measure_last(p, q, bytes, stop) && !measure_any(s, at, q, bytes, start, stop))
			break;
		if (!q->choice_count || ((to = settled_class(s, at, q, bytes, start, stop)) && to->type == l->type)) {
			stop = payload_end(s, at, q, bytes, start, stop);
			if (stop == RAISED || (l->trailer_at && !ends_plainly(s, at, stop)))
				break;
			p->end = (uint32_t)stop;
			*end = stop;
			return true;
		}
		if (!to)
			break;
		measure_forget(p);
		p->layer = l = to;
	}
	return give_up(p, first);
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
	return s->count < LAYERS_MAX && p->dissected && !p->states && p->have >= p->layer->fixed_count && q->needs != UINT32_MAX;
}

static inline bool remembers(const struct stack *s, const struct quick_plan *q)
{
	return q->foretold == world_of(s->vm)->binding_round;
}

/* The row for the numbers of that layer, which is another's or empty when they differ. */
static inline struct remembered *row_of(const struct stack *s, unsigned at, const struct quick_plan *q, uint64_t *numbers)
{
	const struct part *p = &s->parts[at];
	uint8_t room[ROOM];
	uint64_t mixed = 0;
	const uint8_t *bytes = loadable(p->frame, p->start, q->fixed_len, room);
	for (unsigned i = 0; i < q->number_count; i++) {
		uint64_t number = load(bytes, q->numbers[i]);
		unsigned bit = named_bit(number);
		numbers[i] = q->named[i][bit / 64] >> bit % 64 & 1 ? number : UNNAMED;
		mixed = mixed_with(mixed, numbers[i]);
	}
	return &q->remembered[mixed >> 58];
}

static inline struct layer *next_of(struct stack *s, unsigned at)
{
	const struct quick_plan *q = s->parts[at].layer->plan;
	uint64_t numbers[NUMBERS];
	if (!q || !remembers(s, q) || !tells(s, at, q))
		return NULL;
	const struct remembered *r = row_of(s, at, q, numbers);
	for (unsigned i = 0; i < q->number_count; i++)
		if (r->numbers[i] != numbers[i])
			return NULL;
	return r->next;
}

struct layer *quick_next(struct stack *s, unsigned at)
{
	return world_of(s->vm)->reads_generally ? NULL : next_of(s, at);
}

static void begin_anew(const struct stack *s, struct quick_plan *q, struct layer *l)
{
	if (!q->remembered) {
		q->remembered = mem_alloc(REMEMBERED * sizeof *q->remembered);
		q->named = mem_alloc(NUMBERS * sizeof *q->named);
	}
	memset(q->remembered, 0, REMEMBERED * sizeof *q->remembered);
	memset(q->named, 0, NUMBERS * sizeof *q->named);
	q->number_count = 0;
	q->round = world_of(s->vm)->binding_round;
	q->foretold = q->round - !quick_plan_next(q, l);
}

void quick_remember(struct stack *s, unsigned at, struct layer *next)
{
	struct layer *l = s->parts[at].layer;
	struct quick_plan *q = l->plan;
	uint64_t numbers[NUMBERS];
	if (!q || !tells(s, at, q) || world_of(s->vm)->reads_generally)
		return;
	if (!q->remembered || q->round != world_of(s->vm)->binding_round)
		begin_anew(s, q, l);
	if (!remembers(s, q))
		return;
	struct remembered *r = row_of(s, at, q, numbers);
	memcpy(r->numbers, numbers, q->number_count * sizeof *numbers);
	r->next = next;
}

/* Is it of no use to read that layer, as it is not what is wanted, takes all bytes, and nothing follows it but what lengths cut off? */
static inline bool is_useless(const struct stack *s, struct layer *next, const struct layer *wanted)
{
	return plan_of(next)->takes_all && wanted->type != next->type && !wanted->matches_derived && wanted->type != world_of(s->vm)->padding;
}

/* May it be what is wanted, or hold it? */
static inline bool may_be(const struct layer *l, const struct layer *wanted)
{
	return !wanted || l->type == wanted->type || l->holds_packets || wanted->matches_derived;
}

enum more quick_more(struct stack *s, const struct layer *wanted)
{
	do {
		unsigned at = s->count - 1u;
		const struct part *last = &s->parts[at];
		struct layer *next = vm_pending(s->vm) ? NULL : next_of(s, at);
		if (!next)
			return MORE_UNTOLD;
		if (wanted && is_useless(s, next, wanted))
			return MORE_USELESS;
		struct frame *frame = last->frame;
		size_t start = last->header_end, end = last->end;
		stack_push(s, next);
		if (!read_it(s, at + 1u, frame, start, &end)) {
			s->count--;
			if (vm_pending(s->vm))
				reading_hush(s->vm);
			return MORE_UNTOLD;
		}
		if (s->parts[at + 1u].header_end >= end)
			stack_read_end(s);
	} while (s->unread && !may_be(s->parts[s->count - 1u].layer, wanted));
	return MORE_READ;
}
