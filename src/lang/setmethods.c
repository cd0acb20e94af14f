/* The types set and frozenset. */
#include "base/buf.h"
#include "base/mem.h"
#include "lang/dict.h"
#include "lang/guard.h"
#include "lang/hash.h"
#include "lang/makers.h"
#include "lang/set.h"

/* == Comparison ====================================================================================================== */

static bool is_subset(struct vm *vm, struct set *a, struct set *b, bool *out)
{
	*out = a->used <= b->used;
	for (size_t i = 0; *out && a->table && i <= a->mask; i++) {
		struct set_entry e = a->table[i];
		if (is_unset(e.key))
			continue;
		value_keep(e.key);
		bool ok = set_has_hashed(vm, b, e.key, e.hash, out);
		value_drop(e.key);
		if (!ok)
			return false;
	}
	return true;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_set(b))
		return VALUE_UNSUPPORTED;
	struct set *x = as_set(a), *y = as_set(b);
	if (op == CMP_GT || op == CMP_GE) {
		struct set *z = x;
		x = y;
		y = z;
	}
	bool within = false;
	bool sizes = op == CMP_EQ || op == CMP_NE ? x->used == y->used : op == CMP_LT || op == CMP_GT ? x->used < y->used : true;
	if (sizes && !is_subset(vm, x, y, &within))
		return VALUE_UNSET;
	return value_bool(within == (op != CMP_NE));
}

/* == Methods ========================================================================================================= */

static value add(struct vm *vm, value *a)
{
	return set_add(vm, as_set(a[0]), a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value discard(struct vm *vm, value *a)
{
	bool was;
	return set_discard(vm, as_set(a[0]), a[1], &was) ? VALUE_NONE : VALUE_UNSET;
}

static value remove_item(struct vm *vm, value *a)
{
	bool was;
	if (!set_discard(vm, as_set(a[0]), a[1], &was))
		return VALUE_UNSET;
	return was ? VALUE_NONE : dict_missing_key(vm, a[1]);
}

static value pop(struct vm *vm, value *a)
{
	struct set *s = as_set(a[0]);
	bool was;
	if (!s->used) {
		value text = str_value(vm, "pop from an empty set");
		dict_missing_key(vm, text);
		value_drop(text);
		return VALUE_UNSET;
	}
	size_t i = s->finger & s->mask;
	while (is_unset(s->table[i].key))
		i = i < s->mask ? i + 1 : 0;
	s->finger = i + 1;
	value item = value_keep(s->table[i].key);
	if (set_discard(vm, s, item, &was))
		return item;
	value_drop(item);
	return VALUE_UNSET;
}

static value clear(struct vm *vm, value *a)
{
	set_clear(as_set(a[0]));
	return VALUE_NONE;
}

static value copy(struct vm *vm, value *a)
{
	struct type *type = a[0].o->type;
	if (type == vm->types.frozenset)
		return value_keep(a[0]);
	return value_object(set_copy(vm, as_set(a[0]), set_plain_type(vm, as_set(a[0]))));
}

/* op over each of *others in turn: the first makes a new set, which the others change. */
static value combine_all(struct vm *vm, enum operator op, value *a)
{
	struct set *s = as_set(a[0]);
	struct tuple *others = as_tuple(a[1]);
	bool first = op != OP_OR_ && others->count;
	value made = first ? set_algebra(vm, op, s, others->items[0]) : value_object(set_copy(vm, s, set_plain_type(vm, s)));
	for (size_t i = first; i < others->count && !is_unset(made); i++) {
		value other = others->items[i];
		if (op == OP_AND_)
			value_set(&made, set_intersection(vm, as_set(made), other));
		else if (!(op == OP_OR_ ? set_is(other, a[0]) || set_update(vm, as_set(made), other) : set_remove_all(vm, as_set(made), other)))
			value_set(&made, VALUE_UNSET);
	}
	return made;
}

static value update_all(struct vm *vm, enum operator op, value *a)
{
	struct set *s = as_set(a[0]);
	struct tuple *others = as_tuple(a[1]);
	for (size_t i = 0; i < others->count; i++) {
		if (op == OP_AND_) {
			value made = set_intersection(vm, s, others->items[i]);
			if (is_unset(made))
				return VALUE_UNSET;
			set_take_over(s, made);
		} else if (!(op == OP_OR_ ? set_update(vm, s, others->items[i]) : set_remove_all(vm, s, others->items[i]))) {
			return VALUE_UNSET;
		}
	}
	return VALUE_NONE;
}

static value union_method(struct vm *vm, value *a)         { return combine_all(vm, OP_OR_, a); }
static value intersection(struct vm *vm, value *a)         { return combine_all(vm, OP_AND_, a); }
static value difference(struct vm *vm, value *a)           { return combine_all(vm, OP_SUB_, a); }
static value symmetric_difference(struct vm *vm, value *a) { return set_symmetric(vm, as_set(a[0]), a[1]); }
static value update(struct vm *vm, value *a)               { return update_all(vm, OP_OR_, a); }
static value intersection_update(struct vm *vm, value *a)  { return update_all(vm, OP_AND_, a); }
static value difference_update(struct vm *vm, value *a)    { return update_all(vm, OP_SUB_, a); }

static value symmetric_difference_update(struct vm *vm, value *a)
{
	return set_toggle_all(vm, as_set(a[0]), a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value relation(struct vm *vm, enum compare op, value *a)
{
	struct set *other = set_from(vm, a[1]);
	if (!other)
		return VALUE_UNSET;
	value answer = compare(vm, op, a[0], value_object(other));
	object_drop(other);
	return answer;
}

static value issubset(struct vm *vm, value *a)   { return relation(vm, CMP_LE, a); }
static value issuperset(struct vm *vm, value *a) { return relation(vm, CMP_GE, a); }

static value isdisjoint(struct vm *vm, value *a)
{
	value common = set_intersection(vm, as_set(a[0]), a[1]);
	if (is_unset(common))
		return VALUE_UNSET;
	bool none = !as_set(common)->used;
	value_drop(common);
	return value_bool(none);
}

#define SHARED_METHODS \
	{ "copy", copy, "", "A set of the same items." }, \
	{ "union", union_method, "*others", "What is in this or in any of the others." }, \
	{ "intersection", intersection, "*others", "What is in this and in all of the others." }, \
	{ "difference", difference, "*others", "What is in this and in none of the others." }, \
	{ "symmetric_difference", symmetric_difference, "other, /", "What is in one of both only." }, \
	{ "issubset", issubset, "other, /", "True when all of this is in other." }, \
	{ "issuperset", issuperset, "other, /", "True when all of other is in this." }, \
	{ "isdisjoint", isdisjoint, "other, /", "True when nothing is in both." }

static const struct native set_methods[] = {
	SHARED_METHODS,
	{ "add", add, "elem, /", "Puts an item in." },
	{ "discard", discard, "elem, /", "Takes an item out, if it is there." },
	{ "remove", remove_item, "elem, /", "Takes an item out; KeyError when it is not there." },
	{ "pop", pop, "", "Takes out an item, whichever, and gives it." },
	{ "clear", clear, "", "Takes everything out." },
	{ "update", update, "*others", "Puts in the items of all the others." },
	{ "intersection_update", intersection_update, "*others", "Keeps only what all the others have too." },
	{ "difference_update", difference_update, "*others", "Takes out what any of the others has." },
	{ "symmetric_difference_update", symmetric_difference_update, "other, /", "Takes out what is in both, puts in the rest of other." },
	{ 0 },
};

static const struct native frozenset_methods[] = { SHARED_METHODS, { 0 } };

/* == Slots =========================================================================================================== */

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static bool init(struct vm *vm, value self, const struct call *call)
{
	value a[1];
	if (!call_bind(vm, vm->types.set->signature, call, a))
		return false;
	set_clear(as_set(self));
	bool ok = is_unset(a[0]) || set_update(vm, as_set(self), a[0]);
	call_unbind(vm->types.set->signature, a);
	return ok;
}

static value make_frozen(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];
	if (!call_bind(vm, vm->types.frozenset->signature, call, a))
		return VALUE_UNSET;
	value made;
	if (cls == vm->types.frozenset && a[0].tag == TAG_OBJECT && a[0].o->type == cls) {
		made = value_keep(a[0]);
	} else {
		struct set *s = object_new(cls, 0);
		made = set_or_dropped(s, is_unset(a[0]) || set_update(vm, s, a[0]));
	}
	call_unbind(vm->types.frozenset->signature, a);
	return made;
}

static void release(struct object *o)
{
	set_clear((struct set *)o);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	struct set *s = (struct set *)o;
	value item;
	for (size_t i = 0; set_next(s, &i, &item); )
		if (item.tag == TAG_OBJECT)
			visit_held(item.o, state);
}

static bool repr_items(struct vm *vm, value self, struct buf *out)
{
	value list = list_from(vm, self);
	if (is_unset(list))
		return false;
	bool ok = true;
	buf_char(out, '{');
	for (size_t i = 0; ok && i < as_list(list)->count; i++) {
		if (i)
			buf_text(out, ", ");
		ok = value_repr_to(vm, as_list(list)->items[i], out);
	}
	buf_char(out, '}');
	value_drop(list);
	return ok;
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	bool named = self.o->type != vm->types.set || !as_set(self)->used;
	if (named) {
		buf_text(out, value_type_name(vm, self));
		buf_char(out, '(');
	}
	int entered = guard_print(vm, self.o);
	bool ok = entered == 0;
	if (entered == 0)
		buf_text(out, named ? "..." : "set(...)");
	if (entered > 0) {
		ok = !as_set(self)->used || repr_items(vm, self, out);
		guard_printed(vm);
	}
	if (named)
		buf_char(out, ')');
	return ok;
}

static bool no_hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
}

/* The order of the items has no say: their hashes are scattered, then taken together by exclusive or. */
static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct set *s = as_set(self);
	uint64_t h = (s->used + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; !s->hash && s->table && i <= s->mask; i++) {
		uint64_t x = s->table[i].hash + UINT64_C(0x632be59bd9b4e019);
		x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
		if (!is_unset(s->table[i].key))
			h ^= x ^ x >> 29;
	}
	if (!s->hash)
		s->hash = h ? h : 1;
	*out = s->hash;
	return true;
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = as_set(self)->used != 0;
	return true;
}

static bool length(struct vm *vm, value self, size_t *out)
{
	*out = as_set(self)->used;
	return true;
}

static bool contains(struct vm *vm, value self, value needle, bool *out)
{
	return set_has(vm, as_set(self), needle, out);
}

static value step(struct vm *vm, struct iterator *it)
{
	if (is_unset(it->over))
		return VALUE_UNSET;
	value item;
	if (as_set(it->over)->used != (size_t)it->extra.i) {
		it->extra.i = -1;
		return vm_raise(vm, vm->errors.RuntimeError, "Set changed size during iteration");
	}
	if (set_next(as_set(it->over), &it->at, &item))
		return value_keep(item);
	value_set(&it->over, VALUE_UNSET);
	return VALUE_UNSET;
}

static value iterate(struct vm *vm, value self)
{
	value v = iterator_new(vm, self, step);
	if (!is_unset(v))
		((struct iterator *)v.o)->extra = value_int((int64_t)as_set(self)->used);
	return v;
}

static bool is_algebra(enum operator op)
{
	return op == OP_AND_ || op == OP_OR_ || op == OP_XOR_ || op == OP_SUB_;
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (!is_algebra(op) || !is_set(a) || !is_set(b))
		return VALUE_UNSUPPORTED;
	return set_algebra(vm, op, as_set(a), b);
}

static value inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	if (!is_algebra(op) || !is_set(b))
		return VALUE_UNSUPPORTED;
	struct set *s = as_set(a);
	bool ok = true;
	if (op == OP_AND_) {
		value made = set_intersection(vm, s, b);
		if (is_unset(made))
			return VALUE_UNSET;
		set_take_over(s, made);
	} else {
		ok = op == OP_OR_ ? set_update(vm, s, b) : op == OP_SUB_ ? set_remove_all(vm, s, b) : set_toggle_all(vm, s, b);
	}
	return ok ? value_keep(a) : VALUE_UNSET;
}

void type_make_set(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "set", .doc = "A collection in which nothing is twice.", .kind = KIND_SET, .size = sizeof(struct set),
		.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "iterable=..., /",
		.slots = { .make = make, .init = init, .release = release, .visit = visit, .repr = repr, .hash = no_hash, .compare = compare,
		           .truth = truth, .length = length, .contains = contains, .iterate = iterate, .binary = binary, .inplace = inplace },
		.methods = set_methods,
	};
	vm->types.set = type_new(vm, &spec, NULL);
}

void type_make_frozenset(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "frozenset", .doc = "A set that does not change.", .kind = KIND_FROZENSET, .size = sizeof(struct set),
		.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "iterable=..., /",
		.slots = { .make = make_frozen, .release = release, .visit = visit, .repr = repr, .hash = hash, .compare = compare,
		           .truth = truth, .length = length, .contains = contains, .iterate = iterate, .binary = binary },
		.methods = frozenset_methods,
	};
	vm->types.frozenset = type_new(vm, &spec, NULL);
}
