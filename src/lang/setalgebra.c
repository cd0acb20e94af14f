/* What is made of two sets: union, intersection, differences. New sets grow and are filled as CPython's are. */
#include "base/mem.h"
#include "lang/dict.h"
#include "lang/hash.h"
#include "lang/set.h"

value set_or_dropped(struct set *s, bool ok)
{
	if (ok)
		return value_object(s);
	object_drop(s);
	return VALUE_UNSET;
}

bool set_is(value a, value b)
{
	return a.tag == TAG_OBJECT && b.tag == TAG_OBJECT && a.o == b.o;
}

struct type *set_plain_type(struct vm *vm, struct set *s)
{
	return s->head.head.kind == KIND_FROZENSET ? vm->types.frozenset : vm->types.set;
}

/* Any iterable as a set to look into (owned); the same one when it is a set. */
struct set *set_from(struct vm *vm, value iterable)
{
	if (is_set(iterable))
		return object_keep(as_set(iterable));
	struct set *s = set_new(vm, false);
	if (set_update(vm, s, iterable))
		return s;
	object_drop(s);
	return NULL;
}

static bool intersect_set(struct vm *vm, struct set *out, struct set *small, struct set *other)
{
	for (size_t i = 0; small->table && i <= small->mask; i++) {
		struct set_entry e = small->table[i];
		bool has, ok;
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		ok = set_has_hashed(vm, other, e.key, e.hash, &has) && (!has || set_add_hashed(vm, out, e.key, e.hash));
		value_drop(e.key);
		if (!ok)
			return false;
	}
	return true;
}

static bool intersect_iterable(struct vm *vm, struct set *out, struct set *s, value other)
{
	value iterator = value_iterate(vm, other);
	if (is_unset(iterator))
		return false;
	bool ok = true, has;
	for (value item; ok && !is_unset(item = value_next(vm, iterator)); value_drop(item)) {
		uint64_t hash;
		ok = hash_of(vm, item, &hash) && set_has_hashed(vm, s, item, hash, &has) && (!has || set_add_hashed(vm, out, item, hash));
	}
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

value set_intersection(struct vm *vm, struct set *s, value other)
{
	if (is_set(other) && as_set(other) == s)
		return value_object(set_copy(vm, s, set_plain_type(vm, s)));
	struct set *out = object_new(set_plain_type(vm, s), 0);
	if (!is_set(other))
		return set_or_dropped(out, intersect_iterable(vm, out, s, other));
	struct set *o = as_set(other);
	return set_or_dropped(out, o->used > s->used ? intersect_set(vm, out, s, o) : intersect_set(vm, out, o, s));
}

bool set_remove_all(struct vm *vm, struct set *s, value other)
{
	if (is_set(other) && as_set(other) == s) {
		set_clear(s);
		return true;
	}
	value iterator = value_iterate(vm, other);
	if (is_unset(iterator))
		return false;
	bool ok = true, was;
	for (value item; ok && !is_unset(item = value_next(vm, iterator)); value_drop(item))
		ok = set_discard(vm, s, item, &was);
	value_drop(iterator);
	set_shrink(s);
	return ok && !vm_pending(vm);
}

static value difference_of(struct vm *vm, struct set *s, value other)
{
	size_t len = 0;
	bool lookup = is_set(other) || is_kind(other, KIND_DICT);
	if (lookup && !value_length(vm, other, &len))
		return VALUE_UNSET;
	if (!lookup || s->used >> 2 > len) {
		struct set *out = set_copy(vm, s, set_plain_type(vm, s));
		return set_or_dropped(out, set_remove_all(vm, out, other));
	}
	struct set *out = object_new(set_plain_type(vm, s), 0);
	bool ok = true;
	for (size_t i = 0; ok && s->table && i <= s->mask; i++) {
		struct set_entry e = s->table[i];
		bool has = false;
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		if (is_set(other)) {
			ok = set_has_hashed(vm, as_set(other), e.key, e.hash, &has);
		} else {
			int64_t at = dict_find(vm, as_dict(other), e.key, e.hash);
			has = at >= 0;
			ok = at != -2;
		}
		ok = ok && (has || set_add_hashed(vm, out, e.key, e.hash));
		value_drop(e.key);
	}
	return set_or_dropped(out, ok);
}

static bool toggle_all(struct vm *vm, struct set *s, struct set *other)
{
	if (s == other) {
		set_clear(s);
		return true;
	}
	for (size_t i = 0; other->table && i <= other->mask; i++) {
		struct set_entry e = other->table[i];
		bool was, ok;
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		ok = set_discard(vm, s, e.key, &was) && (was || set_add_hashed(vm, s, e.key, e.hash));
		value_drop(e.key);
		if (!ok)
			return false;
	}
	return true;
}

bool set_toggle_all(struct vm *vm, struct set *s, value iterable)
{
	struct set *other = set_from(vm, iterable);
	bool ok = other && toggle_all(vm, s, other);
	object_drop(other);
	return ok;
}

value set_symmetric(struct vm *vm, struct set *s, value other)
{
	struct set *out = object_new(set_plain_type(vm, s), 0);
	return set_or_dropped(out, set_update(vm, out, other) && toggle_all(vm, out, s));
}

static value union_of(struct vm *vm, struct set *s, value other)
{
	struct set *out = set_copy(vm, s, set_plain_type(vm, s));
	return set_or_dropped(out, set_is(other, value_object(s)) || set_update(vm, out, other));
}

value set_algebra(struct vm *vm, enum operator op, struct set *s, value other)
{
	switch (op) {
	case OP_AND_: return set_intersection(vm, s, other);
	case OP_OR_: return union_of(vm, s, other);
	case OP_XOR_: return set_symmetric(vm, s, other);
	default: return difference_of(vm, s, other);
	}
}

value set_combine(struct vm *vm, enum operator op, value a, value b)
{
	struct set *s = set_new(vm, false);
	value made = set_update(vm, s, a) ? set_algebra(vm, op, s, b) : VALUE_UNSET;
	object_drop(s);
	return made;
}

/* Takes over what a set just made holds. */
void set_take_over(struct set *s, value made)
{
	struct set *from = as_set(made), old = *s;
	s->table = from->table;
	s->mask = from->mask;
	s->used = from->used;
	s->filled = from->filled;
	s->version++;
	from->table = old.table;
	from->mask = old.mask;
	from->used = old.used;
	from->filled = old.filled;
	value_drop(made);
}
