/* The table of set and frozenset. It probes as Python's does (a short line of neighbours, then a jump that the whole hash
 * steers) and grows at the same moments, so that sets of numbers are walked and printed in the same order. */
#include "lang/set.h"

#include <string.h>

#include "base/mem.h"
#include "lang/dict.h"
#include "lang/equal.h"
#include "lang/hash.h"

enum { NEIGHBOURS = 9, SMALLEST = 8, LARGE_SET = 50000 };
static const uint64_t removed = UINT64_MAX;

struct set *set_new(struct vm *vm, bool frozen)
{
	return object_new(frozen ? vm->types.frozenset : vm->types.set, 0);
}

static bool is_free(const struct set_entry *e)
{
	return is_unset(e->key) && e->hash != removed;
}

bool set_next(const struct set *s, size_t *at, value *item)
{
	while (s->table && *at <= s->mask) {
		const struct set_entry *e = &s->table[(*at)++];
		if (!is_unset(e->key)) {
			*item = e->key;
			return true;
		}
	}
	return false;
}

/* == Finding ========================================================================================================= */

/* 1 equal, 0 not, -1 raised, -2 the set changed meanwhile. */
static int same_item(struct vm *vm, const struct set *s, const struct set_entry *e, value item)
{
	bool same;
	uint32_t version = s->version;
	value held = value_keep(e->key);
	bool ok = equal_items(vm, held, item, &same);
	value_drop(held);
	return !ok ? -1 : s->version != version ? -2 : same;
}

/* The entry of an equal item, or the free one where the walk ended; NULL: a comparison raised. The table is there. */
static struct set_entry *find_or_place(struct vm *vm, struct set *s, value item, uint64_t hash, bool adds)
{
	struct set_entry *gone;
again:
	gone = NULL;
	uint64_t disturb = hash;
	for (size_t i = hash & s->mask; ; i = (i * 5 + 1 + disturb) & s->mask) {
		size_t last = i + NEIGHBOURS <= s->mask ? i + NEIGHBOURS : i;
		for (size_t j = i; j <= last; j++) {
			struct set_entry *e = &s->table[j];
			if (is_free(e))
				return adds && gone ? gone : e;
			if (is_unset(e->key))
				gone = e;
			if (is_unset(e->key) || e->hash != hash)
				continue;
			int same = same_item(vm, s, e, item);
			if (same == 1)
				return e;
			if (same == -1)
				return NULL;
			if (same == -2) {
				if (!s->table)
					return NULL;
				goto again;
			}
		}
		disturb >>= 5;
	}
}

static struct set_entry *find(struct vm *vm, struct set *s, value item, uint64_t hash)
{
	return find_or_place(vm, s, item, hash, false);
}

/* Puts what is known to be new into a table without removed entries. */
static void put_new(struct set *s, value item, uint64_t hash)
{
	uint64_t disturb = hash;
	for (size_t i = hash & s->mask; ; i = (i * 5 + 1 + disturb) & s->mask) {
		size_t last = i + NEIGHBOURS <= s->mask ? i + NEIGHBOURS : i;
		for (size_t j = i; j <= last; j++) {
			if (is_unset(s->table[j].key)) {
				s->table[j] = (struct set_entry){ hash, item };
				return;
			}
		}
		disturb >>= 5;
	}
}

static void resize(struct set *s, size_t least)
{
	size_t size = SMALLEST;
	while (size <= least)
		size *= 2;
	struct set_entry *old = s->table;
	size_t old_size = old ? s->mask + 1 : 0;
	s->table = mem_zero(size * sizeof *s->table);
	s->mask = size - 1;
	s->filled = s->used;
	s->version++;
	for (size_t i = 0; i < old_size; i++)
		if (!is_unset(old[i].key))
			put_new(s, old[i].key, old[i].hash);
	mem_free(old);
}

static size_t grown(const struct set *s)
{
	return s->used > LARGE_SET ? s->used * 2 : s->used * 4;
}

bool set_add_hashed(struct vm *vm, struct set *s, value item, uint64_t hash)
{
	if (!s->table)
		resize(s, 0);
	struct set_entry *e = find_or_place(vm, s, item, hash, true);
	if (!e)
		return vm_pending(vm) ? false : set_add_hashed(vm, s, item, hash);
	if (!is_unset(e->key))
		return true;
	bool fresh = is_free(e);
	*e = (struct set_entry){ hash, value_keep(item) };
	s->used++;
	s->version++;
	if (!fresh)
		return true;
	s->filled++;
	if (s->filled * 5 >= s->mask * 3)
		resize(s, grown(s));
	return true;
}

bool set_add(struct vm *vm, struct set *s, value item)
{
	uint64_t hash;
	return hash_of(vm, item, &hash) && set_add_hashed(vm, s, item, hash);
}

bool set_has_hashed(struct vm *vm, struct set *s, value item, uint64_t hash, bool *out)
{
	*out = false;
	if (!s->used)
		return true;
	struct set_entry *e = find(vm, s, item, hash);
	*out = e && !is_unset(e->key);
	return e || !vm_pending(vm);
}

/* A set is no item of a set, but may be asked for: it stands for the frozenset with the same items. */
static bool hash_asked(struct vm *vm, value *item, uint64_t *hash)
{
	if (is_kind(*item, KIND_SET) && (*item).o->type == vm->types.set) {
		*item = value_object(set_copy(vm, as_set(*item), vm->types.frozenset));
	} else {
		value_keep(*item);
	}
	if (value_hash(vm, *item, hash))
		return true;
	value_drop(*item);
	return false;
}

bool set_has(struct vm *vm, struct set *s, value item, bool *out)
{
	uint64_t hash;
	if (item.tag != TAG_OBJECT || item.o->kind != KIND_SET)
		return hash_of(vm, item, &hash) && set_has_hashed(vm, s, item, hash, out);
	if (!hash_asked(vm, &item, &hash))
		return false;
	bool ok = set_has_hashed(vm, s, item, hash, out);
	value_drop(item);
	return ok;
}

bool set_discard(struct vm *vm, struct set *s, value item, bool *was)
{
	uint64_t hash;
	*was = false;
	if (!hash_asked(vm, &item, &hash))
		return false;
	struct set_entry *e = s->used ? find(vm, s, item, hash) : NULL;
	bool ok = e || !vm_pending(vm);
	if (e && !is_unset(e->key)) {
		value gone = e->key;
		*e = (struct set_entry){ removed, VALUE_UNSET };
		s->used--;
		s->version++;
		*was = true;
		value_drop(gone);
	}
	value_drop(item);
	return ok;
}

void set_clear(struct set *s)
{
	struct set_entry *table = s->table;
	size_t size = table ? s->mask + 1 : 0;
	s->table = NULL;
	s->mask = s->used = s->filled = s->finger = 0;
	s->version++;
	for (size_t i = 0; i < size; i++)
		value_drop(table[i].key);
	mem_free(table);
}

/* == Whole sets ====================================================================================================== */

static bool merge(struct vm *vm, struct set *s, struct set *other)
{
	if (other == s || !other->used)
		return true;
	size_t mask = s->table ? s->mask : SMALLEST - 1;
	if ((s->filled + other->used) * 5 >= mask * 3)
		resize(s, (s->used + other->used) * 2);
	else if (!s->table)
		resize(s, 0);
	if (!s->filled && s->mask == other->mask && other->filled == other->used) {
		memcpy(s->table, other->table, (s->mask + 1) * sizeof *s->table);
		for (size_t i = 0; i <= s->mask; i++)
			value_keep(s->table[i].key);
		s->used = s->filled = other->used;
		s->version++;
		return true;
	}
	for (size_t i = 0; other->table && i <= other->mask; i++) {
		struct set_entry e = other->table[i];
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		bool ok = set_add_hashed(vm, s, e.key, e.hash);
		value_drop(e.key);
		if (!ok)
			return false;
	}
	return true;
}

static bool add_keys(struct vm *vm, struct set *s, struct dict *d)
{
	size_t mask = s->table ? s->mask : SMALLEST - 1;
	if ((s->filled + d->used) * 5 >= mask * 3)
		resize(s, (s->used + d->used) * 2);
	for (uint32_t i = 0; i < d->filled; i++) {
		struct dict_entry e = d->entries[i];
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		bool ok = set_add_hashed(vm, s, e.key, e.hash);
		value_drop(e.key);
		if (!ok)
			return false;
	}
	return true;
}

bool set_update(struct vm *vm, struct set *s, value iterable)
{
	if (iterable.tag == TAG_OBJECT && (iterable.o->type == vm->types.set || iterable.o->type == vm->types.frozenset))
		return merge(vm, s, as_set(iterable));
	if (iterable.tag == TAG_OBJECT && iterable.o->type == vm->types.dict)
		return add_keys(vm, s, as_dict(iterable));
	value iterator = value_iterate(vm, iterable);
	if (is_unset(iterator))
		return false;
	bool ok = true;
	size_t taken = 0;
	for (value item; ok && !is_unset(item = value_next(vm, iterator)); value_drop(item))
		ok = set_add(vm, s, item) && (++taken % 1024 || vm_poll(vm));
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

/* Copying asks no item whether it is equal to another. */
struct set *set_copy(struct vm *vm, struct set *s, struct type *cls)
{
	struct set *copy = object_new(cls, 0);
	merge(vm, copy, s);
	return copy;
}

void set_shrink(struct set *s)
{
	if (s->table && s->filled - s->used > s->mask / 5)
		resize(s, grown(s));
}
