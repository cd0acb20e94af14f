/* Reading a layer of the usual make in few steps.
 *
 * For each class it is worked out once what its declaration comes to: how many bytes are always there, which tests say that it is
 * another class, what says how long its last field and its payload are. That is arithmetic on numbers which are each one load
 * (struct fact); what is not is run as declared. Classes in whose reading hooks take part, or of which something stands behind the
 * payload, are read the general way (dissect.c), as are bytes that are too few. Both ways give the same; tests/unit/packet_quick.c
 * compares them. */
#include <string.h>

#include "base/mem.h"
#include "packet/packet.h"
#include "packet/reading.h"
#include "packet/world.h"

enum tail { TAIL_NONE, TAIL_SAID, TAIL_ANY };   /* fields behind the fixed ones: none; one whose length a fact says; measured one by one */

struct quick_plan {
	bool usable;
	bool with_header;               /* the payload's length covers the header, too */
	enum tail tail;
	uint32_t fixed_len;
	struct fact length;             /* TAIL_SAID */
	struct fact payload;
	bool payload_said, payload_any; /* by that fact; by measure_payload */
	unsigned tests;
	struct fact dispatch[];
};

void quick_drop(struct layer *l)
{
	mem_free(l->plan);
	l->plan = NULL;
}

/* ---- what a declaration comes to ---- */

static bool one_said(const struct layer *l, struct fact *length)
{
	const struct field *f = l->fields[l->fixed_count];
	if (l->head_count - l->fixed_count != 1 || layer_scattered(l) || l->run >= 0)
		return false;
	if (!f->kind->codec->said || f->bits || f->plain || f->flags & (FIELD_CHOICE | FIELD_WORD | FIELD_NUMBER) || f->limit)
		return false;
	if (!f->length_from.expr || field_has_length(&f->count_from) || field_has_length(&f->condition) || !is_unset(f->item_class))
		return false;
	*length = expr_fact(f->length_from.expr, l);
	return length->form == FACT_SCALED;
}

static void plan_payload(struct quick_plan *q, const struct layer *l)
{
	if (l->run >= 0) {
		q->payload_any = true;
	} else if (l->payload_length) {
		q->payload = expr_fact(l->payload_length, l);
		q->payload_said = q->payload.form == FACT_SCALED;
		q->payload_any = !q->payload_said;
	} else if (l->payload_of >= 0) {
		q->payload = (struct fact){ .form = FACT_SCALED, .field = l->payload_of, .times = 1 };
		q->payload_said = l->rows[l->payload_of].counted && l->fields[l->payload_of]->bits < 64;
		q->payload_any = !q->payload_said;
		q->with_header = l->fields[l->payload_of]->computed.of == OF_LAYER_AND_PAYLOAD;
	}
}

static struct quick_plan *plan_of(struct layer *l)
{
	if (l->plan)
		return l->plan;
	struct quick_plan *q = l->plan = mem_zero(sizeof *q + l->dispatch.count * sizeof q->dispatch[0]);
	q->usable = !l->hooks && !l->trailer_at && !l->trail_len && !layer_scattered(l);
	q->fixed_len = l->fixed_len;
	q->tail = l->fixed_count == l->head_count ? TAIL_NONE : one_said(l, &q->length) ? TAIL_SAID : TAIL_ANY;
	plan_payload(q, l);
	q->tests = l->dispatch.count;
	for (unsigned i = 0; i < q->tests; i++)
		q->dispatch[i] = expr_fact(l->dispatch.rows[i].test, l);
	return q;
}

/* ---- facts on the bytes ---- */

static inline int64_t number_of(const struct part *p, int field)
{
	const struct row *row = &p->layer->rows[field];
	return (int64_t)(frame_load(p->frame, (size_t)p->start + row->byte) << row->up >> row->down);
}

static inline int64_t scaled(const struct part *p, const struct fact *f)
{
	uint64_t number = f->field < 0 ? 0 : (uint64_t)number_of(p, f->field);
	return (int64_t)(number * (uint64_t)f->times + (uint64_t)f->plus);
}

static bool holds(const struct stack *s, unsigned at, const struct fact *f)
{
	const struct part *p = &s->parts[at];
	if (f->form == FACT_SCALED)
		return scaled(p, f) != 0;
	for (unsigned i = 0; i < f->count; i++) {
		int64_t is = f->tests[i].field < 0 ? 0 : number_of(p, f->tests[i].field), to = f->tests[i].number;
		bool yes = false;
		switch (f->tests[i].test) {
		case TEST_EQ: yes = is == to; break;
		case TEST_NE: yes = is != to; break;
		case TEST_LT: yes = is < to; break;
		case TEST_LE: yes = is <= to; break;
		case TEST_GT: yes = is > to; break;
		case TEST_GE: yes = is >= to; break;
		case TEST_UNDER_NONE: yes = at == 0; break;
		}
		if (!yes)
			return false;
	}
	return true;
}

/* ---- one layer ---- */

/* The class that the layer says it is. NULL: it is to be found the general way (or raised). */
static struct layer *settled_class(struct stack *s, unsigned at, const struct quick_plan *q, size_t start, size_t end)
{
	const struct part *p = &s->parts[at];
	struct layer *l = p->layer;
	for (unsigned i = 0; i < q->tests; i++) {
		if (q->dispatch[i].form == FACT_OTHER) {
			struct type *to = measure_variant(s, at, p->frame, start, end);
			return vm_pending(s->vm) ? NULL : to ? layer_of(to) : l;
		}
		if (holds(s, at, &q->dispatch[i]))
			return layer_of(l->dispatch.rows[i].to);
	}
	return l;
}

/* The last field, whose length is said. false: it does not fit, or only some of it. */
static inline bool measure_said(struct part *p, const struct quick_plan *q, size_t end)
{
	const struct layer *l = p->layer;
	size_t from = p->header_end, left = end - from;
	p->spans.one[0] = (uint32_t)(from * 8);
	p->spans.one[1] = (uint32_t)(from * 8);
	if (!left) {
		p->spans.one[0] |= SPAN_ABSENT;
		p->have = (uint16_t)l->fixed_count;
		return true;
	}
	int64_t length = scaled(p, &q->length);
	if (length < 0 || (uint64_t)length > left)
		return false;
	p->header_end += (uint32_t)length;
	p->spans.one[1] += (uint32_t)length * 8;
	return true;
}

static inline bool measure_tail(struct stack *s, unsigned at, const struct quick_plan *q, size_t start, size_t end)
{
	if (q->tail == TAIL_NONE || (q->tail == TAIL_SAID && measure_said(&s->parts[at], q, end)))
		return true;
	return measure_fields(s, at, start, end);
}

static inline bool payload_end(struct stack *s, unsigned at, const struct quick_plan *q, size_t start, size_t *end)
{
	struct part *p = &s->parts[at];
	size_t header = p->header_end;
	int64_t length;
	if (q->payload_said)
		length = scaled(p, &q->payload) - (q->with_header ? (int64_t)(header - start) : 0);
	else if (!q->payload_any || !measure_payload(s, at, header - start, header, *end, &length))
		length = -1;
	if (length >= 0 && (uint64_t)length <= *end - header)
		*end = header + (size_t)length;
	p->end = (uint32_t)*end;
	return !q->payload_any || !vm_pending(s->vm);
}

bool quick_read(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t *end)
{
	struct part *p = &s->parts[at];
	struct layer *first = p->layer;
	unsigned turns = 0;
	if (p->dissected || p->states || s->under || world_of(s->vm)->reads_generally)
		return false;
	for (;;) {
		struct layer *l = p->layer, *to;
		const struct quick_plan *q = plan_of(l);
		if (!q->usable || *end - start < q->fixed_len)
			break;
		measure_begin(p, frame, start, *end);
		p->header_end = (uint32_t)(start + q->fixed_len);
		if (!measure_tail(s, at, q, start, *end))
			break;
		to = q->tests ? settled_class(s, at, q, start, *end) : l;
		if (to && to->type == l->type) {
			if (!payload_end(s, at, q, start, end))
				break;
			return true;
		}
		if (!to || ++turns == TURNS)
			break;
		measure_forget(p);
		p->layer = to;
	}
	measure_forget(p);
	p->layer = first;
	return false;
}
