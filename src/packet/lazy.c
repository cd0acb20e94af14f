/* Packets that are read as far as somebody looks.
 *
 * Most frames of a file are asked for a field of one layer. So a packet of a file begins with its first layer; each further one
 * is read when it is looked for, and all of them when anything else is asked. Nobody can tell, as long as no code of the
 * user's takes part in reading: a class of his with hooks or functions puts an end to it (world.reading_runs_code). */
#include <string.h>

#include "packet/packet.h"
#include "packet/reading.h"
#include "packet/world.h"

enum { USUAL = 4 };                     /* layers, for which there is room from the start */

/* Can the next layer be told from the last one read? */
static bool can_wait(const struct stack *s)
{
	const struct layer *last = s->parts[s->count - 1u].layer;
	return !last->hooks && !last->trailer_at;
}

/* Where that layer's payload and what lengths cut off behind it end, in a layer that goes on to `outer`. */
static size_t outer_end(const struct part *p, size_t outer)
{
	return p->trail ? p->trail - 1 : outer;
}

/* What lengths cut off so far is told by where the layers end. */
static void restore_pads(struct reading *r, size_t outer)
{
	const struct stack *s = r->stack;
	for (unsigned i = 0; i < s->count; outer = s->parts[i++].end)
		reading_pad(r, s->parts[i].end, outer_end(&s->parts[i], outer), NULL);
}

/* Who looks at a packet is not the one to be told that loading a layer's file was interrupted: that is left to the machine. */
void reading_hush(struct vm *vm)
{
	if (vm_pending_is(vm, vm->errors.KeyboardInterrupt))
		__atomic_fetch_or(&vm->interrupt, INTERRUPT_KEY, __ATOMIC_RELAXED);
	vm_clear(vm);
}

/* Loading a layer's file was interrupted, or there was no memory for it: what could not be read is Raw. */
static void forgive(struct reading *r)
{
	static const char problem[] = "its layer could not be loaded";
	struct vm *vm = r->vm;
	struct stack *s = r->stack;
	const struct part *last = &s->parts[s->count - 1u];
	reading_hush(vm);
	if (last->dissected && last->header_end == r->start && last->end == r->end)
		stack_push(s, layer_of(world_of(vm)->raw));
	reading_become(r, s->count - 1u, layer_of(world_of(vm)->raw), problem);
}

/* How many pieces are cut off, and the last of them. */
static unsigned cut_off(const struct stack *s, size_t outer, size_t *from, size_t *to)
{
	unsigned count = 0;
	for (unsigned i = 0; i < s->count; outer = s->parts[i++].end)
		if (s->parts[i].end < outer_end(&s->parts[i], outer)) {
			*from = s->parts[i].end;
			*to = outer_end(&s->parts[i], outer);
			count++;
		}
	return count;
}

/* The usual: one piece of Padding. */
static bool read_padding(struct stack *s, struct frame *frame, size_t from, size_t to)
{
	const struct world *w = world_of(s->vm);
	if (!w->padding || s->count >= LAYERS_MAX)
		return false;
	stack_push(s, layer_of(w->padding));
	if (quick_read(s, s->count - 1u, frame, from, &to))
		return true;
	s->count--;
	return false;
}

void stack_read_end(struct stack *s)
{
	const struct part *last = &s->parts[s->count - 1u];
	uint32_t limit = s->unread;
	struct reading r;
	size_t from = 0, to = 0;
	unsigned pieces = cut_off(s, limit, &from, &to);
	s->unread = 0;
	if (!pieces || (pieces == 1 && read_padding(s, last->frame, from, to)))
		return;
	last = &s->parts[s->count - 1u];
	reading_begin(&r, s, frame_keep(last->frame), last->header_end, last->end);
	restore_pads(&r, limit);
	reading_end(&r, true);
}

static void read_any(struct stack *s, bool all)
{
	const struct part *last = &s->parts[s->count - 1u];
	struct reading r;
	reading_begin(&r, s, frame_keep(last->frame), last->header_end, last->end);
	restore_pads(&r, s->unread);
	uint32_t limit = s->unread;
	s->unread = 0;
	if (!vm_pending(s->vm) && reading_next(&r) && reading_header(&r, s->count - 1u)) {
		if (!all && can_wait(s))
			s->unread = limit;
		else if (reading_next(&r))
			reading_on(&r);
	}
	if (vm_pending(s->vm))
		forgive(&r);
	reading_end(&r, !s->unread);
}

struct stack *dissect_lazily(struct vm *vm, struct type *first, TAKES struct frame *frame, size_t start, size_t end)
{
	struct layer *l = layer_of(first);
	struct world *w = world_of(vm);
	if (w->reading_runs_code || end > frame->len || start >= end || (!w->raw && !reading_plain(vm, &w->raw, "Raw")))
		return vm_pending(vm) ? (frame_drop(frame), NULL) : dissect(vm, first, frame, start, end);
	struct stack *s = stack_with_room(vm, l, USUAL);
	size_t payload_end = end;
	if (quick_read(s, 0, frame, start, &payload_end)) {
		frame_drop(frame);
		s->unread = (uint32_t)end;
		if (s->parts[0].header_end >= payload_end)
			stack_read_end(s);
	} else if (!vm_pending(vm)) {
		struct reading r;
		reading_begin(&r, s, frame, start, end);
		if (reading_header(&r, 0)) {
			if (can_wait(s))
				s->unread = (uint32_t)end;
			else if (reading_next(&r))
				reading_on(&r);
		}
		reading_end(&r, !s->unread);
	} else {
		frame_drop(frame);
	}
	if (!vm_pending(vm))
		return s;
	stack_drop(s);
	return NULL;
}

/* Something is raised while somebody looks: it waits. */
static void read_aside(struct stack *s, bool all)
{
	value before = vm_take_pending(s->vm);
	read_any(s, all);
	if (!is_unset(before))
		vm_raise_value(s->vm, before);
}

bool stack_read_on(struct stack *s)
{
	unsigned count = s->count;
	if (s->unread && quick_more(s, NULL) != MORE_READ)
		read_aside(s, false);
	return s->count > count;
}

void stack_read(struct stack *s)
{
	if (s->unread)
		read_aside(s, true);
}
