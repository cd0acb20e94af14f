#include "packet/series.h"

#include "base/mem.h"
#include "packet/reading.h"

struct varied { struct patched of; const struct field *field; };

struct series {
	struct stack *first;             /* kept: as the set gave it */
	struct stack *view;              /* kept: reads `frame`, whose sums are those of the packet that was laid out */
	struct frame *frame;             /* kept */
	unsigned width;
	struct varied places[];
};

/* The layers of `first` over the bytes that they became. NULL: the bytes say otherwise. */
static struct stack *view_of(const struct patch *p, struct stack *first, struct frame *frame)
{
	size_t end = frame->len;
	struct stack *s = stack_with_room(first->vm, first->parts[0].layer, first->count);
	bool right = true;
	for (unsigned at = 0; right && at < first->count; at++) {
		struct layer *l = first->parts[at].layer;
		if (at)
			stack_push(s, l);
		right = patch_start(p, at) < end && quick_read(s, at, frame, patch_start(p, at), &end) && s->parts[at].layer == l
		        && (at + 1u == first->count || s->parts[at].header_end == patch_start(p, at + 1));
	}
	if (right)
		return s;
	stack_drop(s);
	return NULL;
}

struct series *series_new(const struct patch *p, struct stack *first, const struct frame *frame)
{
	unsigned width = patch_count(p);
	struct series *s = mem_zero(sizeof *s + width * sizeof s->places[0]);
	s->frame = frame_new(frame->bytes, frame->len);
	s->view = view_of(p, first, s->frame);
	s->first = s->view ? stack_copy(first, 0) : NULL;
	s->width = width;
	for (unsigned i = 0; i < width; i++) {
		s->places[i].of = patch_place(p, i);
		s->places[i].field = first->parts[s->places[i].of.layer].layer->fields[s->places[i].of.field];
	}
	if (s->first)
		return s;
	series_free(s);
	return NULL;
}

void series_free(struct series *s)
{
	if (s->first)
		stack_drop(s->first);
	if (s->view)
		stack_drop(s->view);
	frame_drop(s->frame);
	mem_free(s);
}

void series_visit(const struct series *s, visit_fn visit, void *state)
{
	visit(&s->first->head.head, state);
	visit(&s->view->head.head, state);
}

unsigned series_width(const struct series *s)
{
	return s->width;
}

struct stack *series_recall(const struct series *s, const uint64_t *words)
{
	for (unsigned i = 0; i < s->width; i++)
		word_write(s->places[i].field, s->frame->bytes, s->frame->len, s->places[i].of.bit, words[i]);
	return s->view;
}

struct stack *series_packet(const struct series *s, const uint64_t *words)
{
	struct stack *made = stack_copy(s->first, 0);
	bool ok = made != NULL;
	for (unsigned i = 0; ok && i < s->width; i++) {
		const struct patched *p = &s->places[i].of;
		ok = part_set_word(made, p->layer, p->field, words[i]);
	}
	if (ok || !made)
		return made;
	stack_drop(made);
	return NULL;
}
