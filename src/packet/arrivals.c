#include "packet/arrivals.h"

#include "base/mem.h"

/* flags: which way it went and, as an index from 1 into the names, where it was */
enum { SUM_LEFT = 1, DIRECTION = 1, DIRECTION_BITS = 3 << DIRECTION, PLACE = 3, PLACES = (1 << 13) - 1 };

/* ---- where frames were captured ---- */

static bool is_place(const struct str *s, const char *name)
{
	return strcmp(s->data, name) == 0;
}

/* From 1; 0 when there are too many. */
static unsigned place_of(struct vm *vm, struct arrivals *a, const char *name)
{
	if (a->place_count && is_place(a->places[a->place_count - 1], name))
		return a->place_count;
	for (uint32_t i = 0; i < a->place_count; i++)
		if (is_place(a->places[i], name))
			return i + 1;
	if (a->place_count == PLACES)
		return 0;
	a->places = mem_resize(a->places, (a->place_count + 1) * sizeof *a->places);
	a->places[a->place_count++] = str_text(vm, name);
	return a->place_count;
}

/* ---- what frames have in common ---- */

static bool is_same(const struct facts *a, const struct facts *b)
{
	return a->cut == b->cut && a->link_type == b->link_type && a->flags == b->flags;
}

/* Frames that follow each other have the same, or one of a few. */
static uint32_t facts_of(struct arrivals *a, struct facts facts)
{
	enum { FEW = 8 };
	for (uint32_t back = 1; back <= FEW && back <= a->facts_count; back++)
		if (is_same(&a->facts[a->facts_count - back], &facts))
			return a->facts_count - back;
	if (a->facts_count == a->facts_room) {
		a->facts_room = a->facts_room ? a->facts_room * 2 : 4;
		a->facts = mem_resize(a->facts, a->facts_room * sizeof *a->facts);
	}
	a->facts[a->facts_count] = facts;
	return a->facts_count++;
}

static uint32_t block_of(struct arrivals *a, TAKES struct frame *frame)
{
	struct block *last = a->block_count ? &a->blocks[a->block_count - 1] : NULL;
	if (last && last->frame == frame) {
		frame_drop(frame);
		last->records++;
		return a->block_count - 1;
	}
	if (a->block_count == a->block_room) {
		a->block_room = a->block_room ? a->block_room * 2 : 4;
		a->blocks = mem_resize(a->blocks, a->block_room * sizeof *a->blocks);
	}
	a->blocks[a->block_count] = (struct block){ frame, 1 };
	return a->block_count++;
}

struct arrival arrivals_add(struct vm *vm, struct arrivals *a, TAKES struct frame *frame, uint32_t start, uint32_t len, const struct arrived *about)
{
	unsigned place = about->iface ? place_of(vm, a, about->iface) : 0;
	unsigned flags = (about->sum_left_to_card ? SUM_LEFT : 0) | (about->direction & 3u) << DIRECTION | place << PLACE;
	return (struct arrival){
		.time = about->time, .start = start, .len = len, .block = block_of(a, frame),
		.facts = facts_of(a, (struct facts){ about->wire_len - len, (int16_t)about->link_type, (uint16_t)flags }),
	};
}

struct frame *arrivals_frame(const struct arrivals *a, const struct arrival *one)
{
	return a->blocks[one->block].frame;
}

static const struct str *place_name(const struct arrivals *a, const struct arrival *one)
{
	unsigned place = a->facts[one->facts].flags >> PLACE;
	return place ? a->places[place - 1] : NULL;
}

struct arrived arrivals_about(const struct arrivals *a, const struct arrival *one)
{
	const struct facts *f = &a->facts[one->facts];
	const struct str *place = place_name(a, one);
	return (struct arrived){
		.time = one->time, .wire_len = one->len + f->cut, .link_type = f->link_type, .direction = (f->flags & DIRECTION_BITS) >> DIRECTION,
		.sum_left_to_card = f->flags & SUM_LEFT, .iface = place ? place->data : NULL,
	};
}

value arrivals_place(const struct arrivals *a, const struct arrival *one)
{
	const struct str *place = place_name(a, one);
	return place ? value_keep(value_object((struct str *)place)) : VALUE_UNSET;
}

void arrivals_drop(struct arrivals *a, const struct arrival *one)
{
	struct block *b = &a->blocks[one->block];
	if (--b->records > 0)
		return;
	frame_drop(b->frame);
	b->frame = NULL;
}

void arrivals_free(struct arrivals *a)
{
	for (uint32_t i = 0; i < a->block_count; i++)
		if (a->blocks[i].frame)
			frame_drop(a->blocks[i].frame);
	for (uint32_t i = 0; i < a->place_count; i++)
		object_drop(a->places[i]);
	mem_free(a->blocks);
	mem_free(a->facts);
	mem_free(a->places);
}
