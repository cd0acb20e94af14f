#include "lang/gc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "lang/types.h"

/* Small blocks (up to SMALL_MAX bytes) are cut from chunks and kept on one free list a size class, since instances and
 * packets are made and dropped by the million; the last class is for large ones, LARGE bytes each. The class stands in the upper four bits of the object's flags; 0 is a block
 * of its own. Under a sanitizer every object is a block of its own, so that each is watched.
 *
 * Containers stand on one ring. Release is iterative: what is dropped while something is being released waits on `chain`
 * (linked through `next`).
 *
 * A collection counts, for each container, the references that come from other containers; what has more of them than that
 * is held from outside, and so is all that it reaches. The rest is emptied, first everything else, then the classes, since
 * an instance is emptied by what its class says. While things are emptied, what is no container and has a release of its
 * own (a function's code) waits on `later`: the release of one thing may look at what it holds, in whatever order they come. */
enum { UNIT = MEM_UNIT, SMALL_CLASSES = 14, SMALL_MAX = 15 * UNIT, LARGE_CLASS = 15, LARGE = 704, CHUNK = 64 << 10, COLLECT_FIRST = 20000, CLASS_SHIFT = 4 };
#define LARGEST ((size_t)1 << 39)

#if defined(__SANITIZE_ADDRESS__)
#define FREE_LISTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FREE_LISTS 0
#endif
#endif
#ifndef FREE_LISTS
#define FREE_LISTS 1
#endif

struct block { struct block *next; };
struct chunk { struct chunk *next; char bytes[]; };

struct heap {
	struct container ring;
	size_t count, limit;
	struct container *chain;
	bool releasing, collecting;
	struct block *free[LARGE_CLASS + 1];
	struct chunk *chunks;
	char *fresh, *fresh_end;
	bool emptying;
	struct object **later;
	size_t later_count, later_room;
};

struct heap *heap_new(void)
{
	struct heap *h = mem_zero(sizeof *h);
	h->ring.prev = h->ring.next = &h->ring;
	h->limit = COLLECT_FIRST;
	return h;
}

/* ---- blocks ---- */

static void *small_fresh(struct heap *h, size_t size)
{
	if ((size_t)(h->fresh_end - h->fresh) < size) {
		struct chunk *chunk = mem_alloc(CHUNK);
		chunk->next = h->chunks;
		h->chunks = chunk;
		h->fresh = (char *)chunk + UNIT;
		h->fresh_end = (char *)chunk + CHUNK;
	}
	void *block = h->fresh;
	h->fresh += size;
	return block;
}

static inline struct object *block_begin(struct block *block, size_t class, size_t clear)
{
	mem_clear(block, (clear + UNIT - 1) / UNIT * UNIT);
	struct object *o = (struct object *)block;
	o->flags = (uint8_t)(class << CLASS_SHIFT);
	return o;
}

static __attribute__((noinline)) struct object *block_any(struct heap *h, size_t size, size_t clear)
{
	bool large = size > SMALL_MAX;
	if (!FREE_LISTS || size > LARGE || (large && size <= LARGE / 2))
		return clear == size ? mem_zero(size) : memset(mem_alloc(size), 0, clear);
	size_t units = (size + UNIT - 1) / UNIT, class = large ? LARGE_CLASS : units < SMALL_CLASSES ? units : SMALL_CLASSES;
	struct block *block = h->free[class];
	if (block)
		h->free[class] = block->next;
	else
		block = small_fresh(h, large ? LARGE : class < SMALL_CLASSES ? class * UNIT : SMALL_MAX);
	return block_begin(block, class, clear);
}

/* Its first `clear` bytes are zero. Mostly it is a small one that was used before. */
static inline struct object *block_take(struct heap *h, size_t size, size_t clear)
{
	size_t class = (size + UNIT - 1) / UNIT;
	struct block *block = FREE_LISTS && class < SMALL_CLASSES ? h->free[class] : NULL;
	if (!block)
		return block_any(h, size, clear);
	h->free[class] = block->next;
	return block_begin(block, class, clear);
}

static void block_give(struct heap *h, struct object *o)
{
	unsigned class = o->flags >> CLASS_SHIFT;
	if (!class) {
		mem_free(o);
		return;
	}
	struct block *block = (struct block *)o;
	block->next = h->free[class];
	h->free[class] = block;
}

/* ---- the ring ---- */

static void link_before(struct container *at, struct container *c)
{
	c->prev = at->prev;
	c->next = at;
	at->prev->next = c;
	at->prev = c;
}

static void unlink_it(struct container *c)
{
	c->prev->next = c->next;
	c->next->prev = c->prev;
}

static void begin_container(struct vm *vm, struct container *c)
{
	struct heap *h = vm->heap;
	link_before(&h->ring, c);
	if (++h->count >= h->limit)
		__atomic_fetch_or(&vm->interrupt, INTERRUPT_CYCLES, __ATOMIC_RELAXED);
}

static inline void *begin_object(struct type *type, struct object *o)
{
	o->refs = 1;
	o->kind = type->kind;
	o->type = type;
	if (!(type->flags & TYPE_NATIVE))
		type->head.head.refs++;
	if (type->flags & TYPE_CONTAINER)
		begin_container(type->vm, (struct container *)o);
	return o;
}

void *object_new(struct type *type, size_t extra)
{
	return begin_object(type, block_take(type->vm->heap, type->size + extra, type->size + extra));
}

void *object_bare(struct type *type, size_t extra)
{
	return begin_object(type, block_take(type->vm->heap, type->size + extra, type->size));
}

void *object_try(struct type *type, size_t extra)
{
	if (type->size + extra <= SMALL_MAX)
		return object_new(type, extra);
	struct object *o = extra < LARGEST ? mem_try(type->size + extra) : NULL;
	if (!o) {
		vm_raise(type->vm, type->vm->errors.MemoryError, "out of memory (%zu bytes asked for)", extra);
		return NULL;
	}
	memset((void *)o, 0, type->size);
	return begin_object(type, o);
}

void *heap_type_block(struct vm *vm, struct type *type)
{
	struct type *t = mem_zero(sizeof *t);
	t->head.head.refs = 1;
	t->head.head.kind = KIND_TYPE;
	t->head.head.type = type;
	begin_container(vm, &t->head);
	return t;
}

/* ---- release ---- */

static struct dict **dict_place(struct object *o)
{
	size_t offset = o->type->dict_offset;
	return offset ? (struct dict **)(void *)((char *)o + offset) : NULL;
}

static void empty(struct object *o)
{
	if (o->type->slots.release)
		o->type->slots.release(o);
	struct dict **dict = dict_place(o);
	if (dict && *dict) {
		struct dict *gone = *dict;
		*dict = NULL;
		object_drop(gone);
	}
}

static void finish(struct heap *h, struct object *o)
{
	struct type *type = o->type;
	empty(o);
	block_give(h, o);
	if (!(type->flags & TYPE_NATIVE))
		object_drop(type);
}

static void release_container(struct heap *h, struct container *c)
{
	unlink_it(c);
	h->count--;
	if (h->releasing) {
		c->next = h->chain;
		h->chain = c;
		return;
	}
	h->releasing = true;
	finish(h, &c->head);
	while ((c = h->chain)) {
		h->chain = c->next;
		finish(h, &c->head);
	}
	h->releasing = false;
}

static void postpone(struct heap *h, struct object *o)
{
	if (h->later_count == h->later_room) {
		h->later_room = h->later_room ? h->later_room * 2 : 64;
		h->later = mem_resize(h->later, h->later_room * sizeof *h->later);
	}
	h->later[h->later_count++] = o;
}

void object_release(struct object *o)
{
	struct type *type = o->type;
	struct heap *h = type->vm->heap;
	if (type->flags & TYPE_CONTAINER)
		release_container(h, (struct container *)o);
	else if (h->emptying && type->slots.release)
		postpone(h, o);
	else
		finish(h, o);
}

/* ---- cycles ---- */

static void visit_all(struct object *o, visit_fn visit, void *state)
{
	if (o->type->slots.visit)
		o->type->slots.visit(o, visit, state);
	struct dict **dict = dict_place(o);
	if (dict && *dict)
		visit((struct object *)*dict, state);
	if (!(o->type->flags & TYPE_NATIVE))
		visit((struct object *)o->type, state);
}

static inline struct container *as_container(struct object *o)
{
	return o && o->type->flags & TYPE_CONTAINER ? (struct container *)o : NULL;
}

/* A visit slot named a reference that its object does not hold: what is in use would be taken for garbage. */
static void visited_too_often(const struct container *c)
{
	fprintf(stderr, "gc: more visits than references: an object of type %s\n", c->head.type->name->data);
	abort();
}

static void count_inner(struct object *held, void *state)
{
	(void)state;
	struct container *c = as_container(held);
	if (c && !FREE_LISTS && !c->trial)
		visited_too_often(c);
	if (c && c->trial)
		c->trial--;
}

/* What is reached moves to the end of the ring of the living, which is being walked. */
static void move_living(struct object *held, void *state)
{
	struct container *c = as_container(held), *living = state;
	if (!c || c->trial == UINT32_MAX)
		return;
	c->trial = UINT32_MAX;
	unlink_it(c);
	link_before(living, c);
}

static void ring_take_over(struct container *to, struct container *from)
{
	to->prev = to->next = to;
	if (from->next == from)
		return;
	*to = *from;
	to->next->prev = to->prev->next = to;
	from->prev = from->next = from;
}

/* Leaves the unreachable ones on the heap's ring, the others on `living`. */
static void separate(struct heap *h, struct container *living)
{
	struct container *c, *next;
	living->prev = living->next = living;
	for (c = h->ring.next; c != &h->ring; c = c->next)
		c->trial = c->head.refs;
	for (c = h->ring.next; c != &h->ring; c = c->next)
		visit_all(&c->head, count_inner, NULL);
	for (c = h->ring.next; c != &h->ring; c = next) {
		next = c->next;
		if (c->trial && c->trial != UINT32_MAX)
			move_living(&c->head, living);
	}
	for (c = living->next; c != living; c = c->next)
		visit_all(&c->head, move_living, living);
}

static void empty_ring(struct container *ring)
{
	for (struct container *c = ring->next; c != ring; c = c->next)
		empty(&c->head);
}

static void empty_rings(struct heap *h, struct container *others, struct container *types)
{
	h->emptying = true;
	empty_ring(others);
	empty_ring(types);
	h->emptying = false;
	for (size_t i = 0; i < h->later_count; i++)
		finish(h, h->later[i]);
	h->later_count = 0;
}

static void move_types(struct container *from, struct container *to)
{
	struct container *next;
	to->prev = to->next = to;
	for (struct container *c = from->next; c != from; c = next) {
		next = c->next;
		if (c->head.kind == KIND_TYPE) {
			unlink_it(c);
			link_before(to, c);
		}
	}
}

static size_t give_back(struct heap *h, struct container *ring, bool instances)
{
	size_t count = 0;
	struct container *next;
	for (struct container *c = ring->next; c != ring; c = next, count++) {
		struct type *type = c->head.type;
		next = c->next;
		block_give(h, &c->head);
		if (instances && !(type->flags & TYPE_NATIVE))
			type->head.head.refs--;
	}
	return count;
}

/* Everything on the ring is pinned, emptied, and only then given back. Classes go last: what an instance is, is read from them. */
static size_t reclaim(struct heap *h, struct container *ring)
{
	struct container types;
	for (struct container *c = ring->next; c != ring; c = c->next)
		c->head.refs++;
	move_types(ring, &types);
	empty_rings(h, ring, &types);
	return give_back(h, ring, true) + give_back(h, &types, false);
}

size_t vm_collect(struct vm *vm)
{
	struct heap *h = vm->heap;
	if (h->collecting || h->releasing)
		return 0;
	h->collecting = true;
	struct container living, garbage;
	separate(h, &living);
	ring_take_over(&garbage, &h->ring);
	ring_take_over(&h->ring, &living);
	size_t count = reclaim(h, &garbage);
	h->count -= count;
	h->limit = h->count * 2 > COLLECT_FIRST ? h->count * 2 : COLLECT_FIRST;
	h->collecting = false;
	return count;
}

size_t heap_containers(const struct vm *vm)
{
	return vm->heap->count;
}

/* ---- the end ---- */

void heap_empty(struct vm *vm)
{
	struct heap *h = vm->heap;
	struct container types;
	h->collecting = true;
	for (struct container *c = h->ring.next; c != &h->ring; c = c->next)
		c->head.refs++;
	move_types(&h->ring, &types);
	empty_rings(h, &h->ring, &types);
	h->ring.prev->next = types.next;
	types.next->prev = h->ring.prev;
	h->ring.prev = types.prev;
	types.prev->next = &h->ring;
}

void heap_free(struct vm *vm)
{
	struct heap *h = vm->heap;
	give_back(h, &h->ring, false);
	while (h->chunks) {
		struct chunk *chunk = h->chunks;
		h->chunks = chunk->next;
		mem_free(chunk);
	}
	mem_free(h->later);
	mem_free(h);
	vm->heap = NULL;
}
