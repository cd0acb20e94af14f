/* One header: which fields its bytes are, where it ends and where its payload does. */
#include <string.h>

#include "base/mem.h"
#include "packet/asn1_field.h"
#include "packet/packet.h"
#include "packet/reading.h"
#include "packet/text_layer.h"
#include "packet/world.h"

void measure_begin(struct part *p, struct frame *frame, size_t start, size_t end)
{
	p->dissected = true;
	p->frame = frame_keep(frame);
	p->start = (uint32_t)start;
	p->header_end = p->end = (uint32_t)end;
	p->have = (uint16_t)p->layer->count;
}

/* A header that ends between two fields of the fixed ones: those before are there. */
static bool ends_between(struct part *p, size_t start, size_t end)
{
	const struct layer *l = p->layer;
	size_t bits = (end - start) * 8;
	unsigned have = 0;
	while (have < l->fixed_count && (size_t)l->rows[have].offset < bits)
		have++;
	if (!bits || (size_t)l->rows[have].offset != bits)
		return false;
	if (l->fields[have]->flags & FIELD_GROUPED && l->fields[have]->group_at)
		return false;                   /* in the middle of bytes that belong together */
	p->have = (uint16_t)have;
	p->problem = "the header is cut short";
	p->problem_at = (uint32_t)end;
	return true;
}

/* At the first field of a run whose length is said, the run's end is where all that follows ends. */
static void bound_run(struct stack *s, unsigned at, unsigned field, struct cursor *c)
{
	const struct layer *l = s->parts[at].layer;
	int64_t length;
	if ((unsigned)l->rows[l->run].of != field || !part_int(s, at, (unsigned)l->run, &length))
		return;
	if (length >= 0 && (uint64_t)length < cursor_left(c))
		c->end = cursor_at(c) + (size_t)length;
}

/* Fields behind the fixed ones: where each begins. false: the header does not fit (or raised). */
bool measure_fields(struct stack *s, unsigned at, size_t start, size_t end)
{
	struct part *p = &s->parts[at];
	struct layer *l = p->layer;
	unsigned rest = l->head_count - l->fixed_count;
	uint32_t *spans = rest > 1 ? p->spans.many = mem_alloc((rest + 1) * sizeof *spans) : p->spans.one;
	p->own_spans = rest > 1;
	struct cursor c = cursor_over(p->frame->bytes, p->trail ? p->trail - 1 : end);
	struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
	c.bit = start * 8 + l->fixed_bits;
	for (unsigned k = 0; k <= rest; k++)
		spans[k] = (uint32_t)c.bit | SPAN_ABSENT;
	for (unsigned k = 0; k < rest; k++) {
		const struct field *f = l->fields[l->fixed_count + k];
		const char *problem = NULL;
		bool present;
		size_t bits = 0, left;
		if (l->run >= 0)
			bound_run(s, at, l->fixed_count + k, &c);
		left = c.end * 8 - c.bit;
		if (left == 0) {                /* nothing left: what follows is at its default */
			p->have = (uint16_t)(l->fixed_count + k);
			break;
		}
		if (!field_present(&site, f, &present))
			return false;
		if (present && !field_extent(&site, f, &c, &bits, &problem))
			return false;
		if (bits > left) {
			if (f->flags & (FIELD_WORD | FIELD_NUMBER)) {
				world_of(s->vm)->misfit = f;
				return false;           /* a number is whole, or none */
			}
			bits = left;
			problem = "cut short";
		}
		if (problem && !p->problem) {
			p->problem = problem;
			p->problem_at = (uint32_t)cursor_at(&c);
		}
		spans[k] = (uint32_t)c.bit | (present ? 0 : SPAN_ABSENT);
		c.bit += bits;
		spans[k + 1] = (uint32_t)c.bit | SPAN_ABSENT;
	}
	spans[rest] = (uint32_t)c.bit;
	p->header_end = (uint32_t)((c.bit + 7) / 8);
	return true;
}

bool measure_header(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t end)
{
	struct part *p = &s->parts[at];
	const struct layer *l = p->layer;
	measure_begin(p, frame, start, end);
	if (l->root)
		return asn1_measure(s, at, frame->bytes, start, end);
	if (l->first_line)
		return text_measure(s, at, frame->bytes, start, end);
	if (end - start < l->fixed_len)
		return ends_between(p, start, end);
	p->header_end = (uint32_t)(start + l->fixed_len);
	if (l->trail_len && end - start >= l->fixed_len + l->trail_len)
		p->trail = (uint32_t)(end - l->trail_len) + 1;
	return l->fixed || l->fixed_count == l->head_count || measure_fields(s, at, start, end);
}

void measure_forget(struct part *p)
{
	part_drop_spans(p);
	frame_drop(p->frame);
	p->frame = NULL;
	p->problem = NULL;
	p->trail = 0;
	p->bare = false;
	p->dissected = false;
}

/* ---- which class, where the payload ends ---- */

struct type *measure_variant(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t end)
{
	struct cursor c = cursor_over(frame->bytes, end);
	c.bit = start * 8;
	struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
	return variants_choose(&site, &s->parts[at].layer->dispatch, 0, (int64_t)(end - start));
}

/* What a run of fields leaves of its length. */
static bool left_of_run(struct stack *s, unsigned at, size_t payload_start, int64_t *out)
{
	const struct layer *l = s->parts[at].layer;
	size_t bit, bits;
	if (!part_int(s, at, (unsigned)l->run, out) || !part_span(s, at, (unsigned)l->rows[l->run].of, &bit, &bits))
		return false;
	*out -= (int64_t)payload_start - (int64_t)(bit / 8);
	return true;
}

bool measure_payload(struct stack *s, unsigned at, size_t header, size_t payload_start, size_t end, int64_t *out)
{
	const struct part *p = &s->parts[at];
	const struct layer *l = p->layer;
	if (l->run >= 0 && left_of_run(s, at, payload_start, out))
		return true;
	if (l->payload_length) {
		struct cursor c = cursor_over(p->frame->bytes, end);
		c.bit = payload_start * 8;
		struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
		return expr_run(&site, l->payload_length, 0, (int64_t)(end - payload_start), out);
	}
	if (l->payload_of < 0 || !part_int(s, at, (unsigned)l->payload_of, out))
		return false;
	if (l->fields[l->payload_of]->computed.of == OF_LAYER_AND_PAYLOAD)
		*out -= (int64_t)header;
	return true;
}
