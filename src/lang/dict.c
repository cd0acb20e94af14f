#include "lang/dict.h"

#include <string.h>

#include "base/mem.h"
#include "lang/equal.h"
#include "lang/hash.h"

/* The table: `index` is the open-addressed part, 32-bit numbers of entries; `entries` stand in the order of insertion.
 * Both lie in one block, the entries first. Two thirds of the index are used at most, so a walk always meets FREE. */
enum { FREE = -1, REMOVED = -2, SMALLEST = 8 };

struct dict *dict_new(struct vm *vm)
{
	return object_new(vm->types.dict, 0);
}

static uint32_t room_for(uint32_t index_size)
{
	return index_size / 3 * 2 + (index_size % 3 == 2);
}

static void set_table(struct dict *d, uint32_t index_size)
{
	d->room = room_for(index_size);
	d->index_size = index_size;
	d->entries = mem_alloc(d->room * sizeof *d->entries + index_size * sizeof *d->index);
	d->index = (int32_t *)(d->entries + d->room);
	memset(d->index, 0xff, index_size * sizeof *d->index);
	d->filled = d->spent = 0;
}

/* The walk through the index: every bit of the hash has its turn through `disturb`. */
struct walk { uint64_t at, disturb, mask; };

static inline struct walk walk_start(const struct dict *d, uint64_t hash)
{
	return (struct walk){ hash & (d->index_size - 1), hash, d->index_size - 1 };
}

static inline void walk_on(struct walk *w)
{
	w->disturb >>= 5;
	w->at = (w->at * 5 + w->disturb + 1) & w->mask;
}

static void index_put(struct dict *d, uint64_t hash, uint32_t entry)
{
	struct walk w = walk_start(d, hash);
	while (d->index[w.at] >= 0)
		walk_on(&w);
	d->index[w.at] = (int32_t)entry;
}

static void rebuild(struct dict *d, uint32_t index_size)
{
	struct dict_entry *old = d->entries;
	uint32_t old_filled = d->filled;
	set_table(d, index_size);
	for (uint32_t i = 0; i < old_filled; i++) {
		if (is_unset(old[i].key))
			continue;
		d->entries[d->filled] = old[i];
		index_put(d, old[i].hash, d->filled++);
	}
	d->spent = d->filled;
	mem_free(old);
}

static void make_room(struct dict *d)
{
	uint32_t size = SMALLEST;
	while (size <= (uint64_t)d->used * 3 && size < (UINT32_C(1) << 30))
		size *= 2;
	rebuild(d, size);
}

/* 1 equal, 0 not, -1 raised, -2 the dict changed meanwhile: look again. */
static int same_key(struct vm *vm, struct dict *d, const struct dict_entry *e, value key)
{
	bool same;
	uint32_t version = d->version;
	value held = value_keep(e->key);
	bool ok = equal_items(vm, held, key, &same);
	value_drop(held);
	return !ok ? -1 : d->version != version ? -2 : same;
}

static bool is_same(value a, value b)
{
	return a.tag == TAG_OBJECT ? b.tag == TAG_OBJECT && a.o == b.o : a.tag == TAG_INT && b.tag == TAG_INT && a.i == b.i;
}

int64_t dict_find(struct vm *vm, struct dict *d, value key, uint64_t hash)
{
again:
	if (!d->index_size)
		return DICT_NOT_FOUND;
	for (struct walk w = walk_start(d, hash); ; walk_on(&w)) {
		int32_t i = d->index[w.at];
		if (i == FREE)
			return DICT_NOT_FOUND;
		if (i < 0)
			continue;
		struct dict_entry *e = &d->entries[i];
		if (is_same(e->key, key))
			return i;
		if (e->hash != hash)
			continue;
		int same = same_key(vm, d, e, key);
		if (same == 1)
			return i;
		if (same == -1)
			return -2;
		if (same == -2)
			goto again;
	}
}

static int64_t find_str(const struct dict *d, const struct str *key, uint64_t hash)
{
	if (!d->index_size)
		return DICT_NOT_FOUND;
	for (struct walk w = walk_start(d, hash); ; walk_on(&w)) {
		int32_t i = d->index[w.at];
		if (i == FREE)
			return DICT_NOT_FOUND;
		if (i < 0)
			continue;
		const struct dict_entry *e = &d->entries[i];
		if (e->key.tag != TAG_OBJECT)
			continue;
		if (e->key.o == &key->head || (e->hash == hash && e->key.o->kind == KIND_STR && equal_texts((struct str *)e->key.o, key)))
			return i;
	}
}

value dict_get(struct vm *vm, struct dict *d, value key)
{
	uint64_t hash;
	if (!hash_of(vm, key, &hash))
		return VALUE_UNSET;
	int64_t at = dict_find(vm, d, key, hash);
	return at >= 0 ? d->entries[at].item : VALUE_UNSET;
}

value dict_get_str(struct dict *d, struct str *key)
{
	int64_t at = find_str(d, key, hash_str(key));
	return at >= 0 ? d->entries[at].item : VALUE_UNSET;
}

value *dict_place_str(struct dict *d, struct str *key)
{
	int64_t at = find_str(d, key, hash_str(key));
	return at >= 0 ? &d->entries[at].item : NULL;
}

static void add_entry(struct dict *d, value key, uint64_t hash, TAKES value item)
{
	if (d->spent == d->room)
		make_room(d);
	index_put(d, hash, d->filled);
	d->entries[d->filled++] = (struct dict_entry){ hash, value_keep(key), item };
	d->used++;
	d->spent++;
	d->version++;
}

bool dict_put(struct vm *vm, struct dict *d, value key, uint64_t hash, TAKES value item)
{
	int64_t at = dict_find(vm, d, key, hash);
	if (at >= 0) {
		value_set(&d->entries[at].item, item);
		return true;
	}
	if (at == -2) {
		value_drop(item);
		return false;
	}
	if (d->used >= UINT32_C(700000000)) {
		value_drop(item);
		return vm_raise_ok(vm, vm->errors.MemoryError, "a dict of more than 700 million entries");
	}
	add_entry(d, key, hash, item);
	return true;
}

bool dict_set(struct vm *vm, struct dict *d, value key, TAKES value item)
{
	uint64_t hash;
	if (hash_of(vm, key, &hash))
		return dict_put(vm, d, key, hash, item);
	value_drop(item);
	return false;
}

void dict_set_str(struct vm *vm, struct dict *d, struct str *key, TAKES value item)
{
	uint64_t hash = hash_str(key);
	int64_t at = find_str(d, key, hash);
	if (at >= 0)
		value_set(&d->entries[at].item, item);
	else
		add_entry(d, value_object(key), hash, item);
}

value dict_get_text(struct vm *vm, struct dict *d, const char *key)
{
	return dict_get_str(d, str_intern(vm, key));
}

void dict_set_text(struct vm *vm, struct dict *d, const char *key, TAKES value item)
{
	dict_set_str(vm, d, str_intern(vm, key), item);
}

void dict_delete_entry(struct dict *d, uint32_t at)
{
	struct dict_entry *e = &d->entries[at];
	struct walk w = walk_start(d, e->hash);
	while (d->index[w.at] != (int32_t)at)
		walk_on(&w);
	d->index[w.at] = REMOVED;
	value key = e->key, item = e->item;
	e->key = e->item = VALUE_UNSET;
	d->used--;
	d->version++;
	while (d->filled && is_unset(d->entries[d->filled - 1].key))
		d->filled--;
	value_drop(key);
	value_drop(item);
}

bool dict_remove(struct vm *vm, struct dict *d, value key, bool *was)
{
	uint64_t hash;
	*was = false;
	if (!hash_of(vm, key, &hash))
		return false;
	int64_t at = dict_find(vm, d, key, hash);
	if (at == -2)
		return false;
	if (at >= 0) {
		*was = true;
		dict_delete_entry(d, (uint32_t)at);
	}
	return true;
}

bool dict_remove_str(struct dict *d, struct str *key)
{
	int64_t at = find_str(d, key, hash_str(key));
	if (at < 0)
		return false;
	dict_delete_entry(d, (uint32_t)at);
	return true;
}

bool dict_next(struct dict *d, uint32_t *at, value *key, value *item)
{
	while (*at < d->filled) {
		const struct dict_entry *e = &d->entries[(*at)++];
		if (is_unset(e->key))
			continue;
		if (key)
			*key = e->key;
		if (item)
			*item = e->item;
		return true;
	}
	return false;
}

bool dict_last(struct dict *d, uint32_t *at)
{
	for (uint32_t i = d->filled; i-- > 0; ) {
		if (!is_unset(d->entries[i].key)) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* The table is taken away first: releasing an item may look at the dict. */
void dict_clear(struct dict *d)
{
	struct dict_entry *entries = d->entries;
	uint32_t filled = d->filled;
	d->entries = NULL;
	d->index = NULL;
	d->index_size = d->used = d->filled = d->spent = d->room = 0;
	d->version++;
	for (uint32_t i = 0; i < filled; i++) {
		value_drop(entries[i].key);
		value_drop(entries[i].item);
	}
	mem_free(entries);
}

struct dict *dict_copy(struct vm *vm, struct dict *d)
{
	struct dict *copy = dict_new(vm);
	uint32_t size = SMALLEST;
	while (room_for(size) < d->used)
		size *= 2;
	if (d->used)
		set_table(copy, size);
	for (uint32_t i = 0; i < d->filled; i++)
		if (!is_unset(d->entries[i].key))
			add_entry(copy, d->entries[i].key, d->entries[i].hash, value_keep(d->entries[i].item));
	return copy;
}

/* == Update ========================================================================================================== */

static bool update_from_dict(struct vm *vm, struct dict *d, struct dict *other)
{
	uint32_t version = other->version;
	for (uint32_t i = 0; d != other && i < other->filled; i++) {
		struct dict_entry e = other->entries[i];
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		bool ok = dict_put(vm, d, e.key, e.hash, value_keep(e.item));
		value_drop(e.key);
		if (!ok)
			return false;
		if (other->version != version)
			return vm_raise_ok(vm, vm->errors.RuntimeError, "dict mutated during update");
	}
	return true;
}

static bool update_from_keys(struct vm *vm, struct dict *d, value other, value keys)
{
	value iterator = value_iterate(vm, keys);
	if (is_unset(iterator))
		return false;
	for (value key; !is_unset(key = value_next(vm, iterator)); value_drop(key)) {
		value item = value_item(vm, other, key);
		if (is_unset(item) || !dict_set(vm, d, key, item)) {
			value_drop(key);
			break;
		}
	}
	value_drop(iterator);
	return !vm_pending(vm);
}

/* One element of a sequence of pairs: `number` is for the message. */
static bool update_from_pair(struct vm *vm, struct dict *d, value pair, size_t number)
{
	const value *items;
	size_t count;
	value list = VALUE_UNSET;
	if (!value_items(pair, &items, &count)) {
		list = list_from(vm, pair);
		if (is_unset(list)) {
			if (!vm_pending_is(vm, vm->errors.TypeError))
				return false;
			vm_clear(vm);
			return vm_raise_ok(vm, vm->errors.TypeError, "cannot convert dictionary update sequence element #%zu to a sequence", number);
		}
		value_items(list, &items, &count);
	}
	bool ok;
	if (count == 2) {
		value key = value_keep(items[0]);
		ok = dict_set(vm, d, key, value_keep(items[1]));
		value_drop(key);
	} else {
		ok = vm_raise_ok(vm, vm->errors.ValueError, "dictionary update sequence element #%zu has length %zu; 2 is required",
		                 number, count);
	}
	value_drop(list);
	return ok;
}

bool dict_update_pairs(struct vm *vm, struct dict *d, value pairs)
{
	value iterator = value_iterate(vm, pairs);
	if (is_unset(iterator))
		return false;
	size_t number = 0;
	for (value pair; !is_unset(pair = value_next(vm, iterator)); number++) {
		bool ok = update_from_pair(vm, d, pair, number);
		value_drop(pair);
		if (!ok)
			break;
	}
	value_drop(iterator);
	return !vm_pending(vm);
}

bool dict_update(struct vm *vm, struct dict *d, value other)
{
	if (is_kind(other, KIND_DICT))
		return update_from_dict(vm, d, as_dict(other));
	value keys = value_attr_or_unset(vm, other, str_intern(vm, "keys"));
	if (is_unset(keys))
		return !vm_pending(vm) && dict_update_pairs(vm, d, other);
	value list = value_call_args(vm, keys, 0, NULL);
	value_drop(keys);
	if (is_unset(list))
		return false;
	bool ok = update_from_keys(vm, d, other, list);
	value_drop(list);
	return ok;
}

bool dict_equal(struct vm *vm, struct dict *a, struct dict *b, bool *out)
{
	*out = false;
	if (a->used != b->used)
		return true;
	for (uint32_t i = 0; i < a->filled; i++) {
		struct dict_entry e = a->entries[i];
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		value_keep(e.item);
		int64_t at = dict_find(vm, b, e.key, e.hash);
		bool same = false;
		bool ok = at != -2;
		if (at >= 0) {
			value theirs = value_keep(b->entries[at].item);
			ok = equal_items(vm, e.item, theirs, &same);
			value_drop(theirs);
		}
		value_drop(e.key);
		value_drop(e.item);
		if (!ok || !same)
			return ok;
	}
	*out = true;
	return true;
}
