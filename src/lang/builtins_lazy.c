/* The lazy built-in types: enumerate, map, filter, zip, reversed, and what iter(f, sentinel) gives. All six are one
 * structure: a source (an iterator, or a tuple of them), a function, a number. */
#include "lang/builtins.h"
#include "lang/int.h"
#include "lang/modules.h"
#include "lang/types.h"

struct lazy {
	struct container head;
	value from;                 /* an iterator; a tuple of iterators (map, zip); a sequence (reversed) */
	value with;                 /* the function; the sentinel of iter(f, sentinel); enumerate's next number */
	struct tuple *last;         /* enumerate, zip: the tuple given last, taken again when nobody has kept it */
	int64_t at;                 /* reversed: the next index */
	bool strict, done;
};

static struct lazy *lazy_of(value v) { return (struct lazy *)v.o; }

static void lazy_release(struct object *o)
{
	struct lazy *l = (struct lazy *)o;
	value_drop(l->from);
	value_drop(l->with);
	object_drop(l->last);
}

static void lazy_visit(struct object *o, visit_fn visit, void *state)
{
	struct lazy *l = (struct lazy *)o;
	if (l->from.tag == TAG_OBJECT)
		visit(l->from.o, state);
	if (l->with.tag == TAG_OBJECT)
		visit(l->with.o, state);
	if (l->last)
		visit((struct object *)l->last, state);
}

/* A tuple to be filled, ours and the caller's; its items are unset. */
static struct tuple *tuple_again(struct vm *vm, struct lazy *l, size_t count)
{
	if (l->last && l->last->head.head.refs == 1) {
		for (size_t i = 0; i < count; i++)
			value_set(&l->last->items[i], VALUE_UNSET);
		l->last->hash = 0;
		return object_keep(l->last);
	}
	object_drop(l->last);
	l->last = tuple_new(vm, count);
	return object_keep(l->last);
}

static value lazy_iterate(struct vm *vm, value self)
{
	return value_keep(self);
}

static value lazy_make(struct type *cls, TAKES value from, TAKES value with)
{
	struct lazy *l = object_new(cls, 0);

	l->from = from;
	l->with = with;
	return value_object(l);
}

/* A tuple of an iterator for each value. */
static value iterators_of(struct vm *vm, size_t count, const value *over)
{
	struct tuple *t = tuple_new(vm, count);

	for (size_t i = 0; i < count; i++) {
		t->items[i] = value_iterate(vm, over[i]);
		if (is_unset(t->items[i])) {
			object_drop(t);
			return VALUE_UNSET;
		}
	}
	return value_object(t);
}

/* A class of the language derived from one of these may have an __init__ that takes what it likes. */
static bool no_keywords(struct vm *vm, struct type *cls, const struct call *call, const char *name)
{
	if (!call->named || !(cls->flags & TYPE_NATIVE))
		return true;
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() takes no keyword arguments", name);
}

static bool expected(struct vm *vm, const struct call *call, const char *name, uint32_t count)
{
	if (call->count == count)
		return true;
	return vm_raise_ok(vm, vm->errors.TypeError, "%s expected %u argument%s, got %u", name, count, count == 1 ? "" : "s", call->count);
}

/* ---- enumerate ------------------------------------------------------------------------------------------------------- */

static value enumerate_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2], self = VALUE_UNSET;

	if (!call_bind(vm, vm->own->enumerate->signature, call, a))
		return VALUE_UNSET;
	value start = int_index(vm, a[1]), from = is_unset(start) ? VALUE_UNSET : value_iterate(vm, a[0]);
	if (is_unset(from))
		value_drop(start);
	else
		self = lazy_make(cls, from, start);
	call_unbind(vm->own->enumerate->signature, a);
	return self;
}

static bool count_up(struct vm *vm, value *number)
{
	if (number->tag == TAG_INT && number->i < INT64_MAX)
		number->i++;
	else
		value_set(number, value_binary(vm, OP_ADD_, *number, value_int(1), false));
	return !is_unset(*number);
}

static value enumerate_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);
	value item = value_next(vm, l->from);

	if (is_unset(item))
		return item;
	struct tuple *pair = tuple_again(vm, l, 2);
	pair->items[0] = value_keep(l->with);
	pair->items[1] = item;
	if (count_up(vm, &l->with))
		return value_object(pair);
	object_drop(pair);
	return VALUE_UNSET;
}

/* ---- map, filter ------------------------------------------------------------------------------------------------------ */

static value map_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (!no_keywords(vm, cls, call, "map"))
		return VALUE_UNSET;
	if (call->count < 2)
		return vm_raise(vm, vm->errors.TypeError, "map() must have at least two arguments.");
	value from = call->count == 2 ? value_iterate(vm, call->args[1]) : iterators_of(vm, call->count - 1, call->args + 1);
	return is_unset(from) ? from : lazy_make(cls, from, value_keep(call->args[0]));
}

static value map_next_of_many(struct vm *vm, struct lazy *l)
{
	struct tuple *from = as_tuple(l->from);
	struct tuple *items = tuple_new(vm, from->count);
	value r = VALUE_UNSET;
	size_t i = 0;

	while (i < from->count && !is_unset(items->items[i] = value_next(vm, from->items[i])))
		i++;
	if (i == from->count)
		r = value_call_args(vm, l->with, items->count, items->items);
	object_drop(items);
	return r;
}

static value map_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);

	if (is_kind(l->from, KIND_TUPLE))
		return map_next_of_many(vm, l);
	value item = value_next(vm, l->from);
	if (is_unset(item))
		return item;
	value r = value_call_args(vm, l->with, 1, &item);
	value_drop(item);
	return r;
}

static value filter_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (!no_keywords(vm, cls, call, "filter") || !expected(vm, call, "filter", 2))
		return VALUE_UNSET;
	value from = value_iterate(vm, call->args[1]);
	return is_unset(from) ? from : lazy_make(cls, from, value_keep(call->args[0]));
}

static bool filter_keeps(struct vm *vm, struct lazy *l, value item, bool *keeps)
{
	if (is_none(l->with))
		return value_truth(vm, item, keeps);
	value r = value_call_args(vm, l->with, 1, &item);
	bool ok = !is_unset(r) && value_truth(vm, r, keeps);
	value_drop(r);
	return ok;
}

static value filter_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);
	bool keeps = false;
	value item;

	while (!is_unset(item = value_next(vm, l->from))) {
		bool ok = filter_keeps(vm, l, item, &keeps);
		if (ok && keeps)
			return item;
		value_drop(item);
		if (!ok || !vm_poll(vm))
			return VALUE_UNSET;
	}
	return item;
}

/* ---- zip ---------------------------------------------------------------------------------------------------------------- */

static bool zip_options(struct vm *vm, const struct call *call, bool *strict)
{
	*strict = false;
	for (uint32_t i = 0; i < call->named; i++) {
		if (call->names[i] != str_intern(vm, "strict"))
			return vm_raise_ok(vm, vm->errors.TypeError, "'%s' is an invalid keyword argument for zip()", call->names[i]->data);
		if (!value_truth(vm, call->args[call->count + i], strict))
			return false;
	}
	return true;
}

static value zip_make(struct vm *vm, struct type *cls, const struct call *call)
{
	bool strict;

	if (!zip_options(vm, call, &strict))
		return VALUE_UNSET;
	value from = iterators_of(vm, call->count, call->args);
	if (is_unset(from))
		return from;
	value self = lazy_make(cls, from, VALUE_NONE);
	lazy_of(self)->strict = strict;
	return self;
}

static value zip_uneven(struct vm *vm, size_t at, const char *how)
{
	if (at == 1)
		return vm_raise(vm, vm->errors.ValueError, "zip() argument 2 is %s than argument 1", how);
	return vm_raise(vm, vm->errors.ValueError, "zip() argument %zu is %s than arguments 1-%zu", at + 1, how, at);
}

/* The at-th (from 0) of zip's iterables ended; strict wants all the others to end here too. */
static value zip_ended(struct vm *vm, struct lazy *l, size_t at)
{
	struct tuple *from = as_tuple(l->from);

	l->done = true;
	if (!l->strict || vm_pending(vm))
		return VALUE_UNSET;
	if (at > 0)
		return zip_uneven(vm, at, "shorter");
	for (size_t i = 1; i < from->count; i++) {
		value more = value_next(vm, from->items[i]);
		if (is_unset(more) && vm_pending(vm))
			return more;
		if (is_unset(more))
			continue;
		value_drop(more);
		return zip_uneven(vm, i, "longer");
	}
	return VALUE_UNSET;
}

static value zip_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);
	struct tuple *from = as_tuple(l->from);

	if (l->done || !from->count)
		return VALUE_UNSET;
	struct tuple *items = tuple_again(vm, l, from->count);
	for (size_t i = 0; i < from->count; i++) {
		items->items[i] = value_next(vm, from->items[i]);
		if (is_unset(items->items[i])) {
			object_drop(items);
			return zip_ended(vm, l, i);
		}
	}
	return value_object(items);
}

/* ---- reversed --------------------------------------------------------------------------------------------------------- */

static value reversed_make(struct vm *vm, struct type *cls, const struct call *call)
{
	bool found;
	size_t len;

	if (!no_keywords(vm, cls, call, "reversed") || !expected(vm, call, "reversed", 1))
		return VALUE_UNSET;
	value over = call->args[0], r = special_call(vm, over, vm->names.reversed_, 0, NULL, &found);
	if (found)
		return r;
	if (is_kind(over, KIND_SET) || is_kind(over, KIND_FROZENSET) || is_kind(over, KIND_DICT) || !value_type(vm, over)->slots.item
		|| !value_type(vm, over)->slots.length)
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not reversible", value_type_name(vm, over));
	if (!value_length(vm, over, &len))
		return VALUE_UNSET;
	value self = lazy_make(cls, value_keep(over), VALUE_NONE);
	lazy_of(self)->at = (int64_t)len - 1;
	return self;
}

static value reversed_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);

	if (l->at < 0)
		return VALUE_UNSET;
	value item = value_item(vm, l->from, value_int(l->at--));
	if (!is_unset(item))
		return item;
	l->at = -1;
	if (vm_pending_is(vm, vm->errors.IndexError) || vm_pending_is(vm, vm->errors.StopIteration))
		vm_clear(vm);
	return item;
}

static bool reversed_length(struct vm *vm, value self, size_t *out)
{
	*out = (size_t)(lazy_of(self)->at + 1);
	return true;
}

/* ---- iter(f, sentinel) ----------------------------------------------------------------------------------------------- */

static value call_next(struct vm *vm, value self)
{
	struct lazy *l = lazy_of(self);
	bool same;

	if (l->done || (vm->interrupt && !vm_poll(vm)))         /* it may go on for ever, whoever walks over it */
		return VALUE_UNSET;
	value item = value_call_args(vm, l->from, 0, NULL);
	if (is_unset(item)) {
		if (vm_pending_is(vm, vm->errors.StopIteration))
			vm_clear(vm);
		l->done = true;
		return item;
	}
	if (value_equal(vm, item, l->with, &same) && !same)
		return item;
	value_drop(item);
	l->done = true;
	return VALUE_UNSET;
}

value call_iterator_new(struct vm *vm, value function, value sentinel)
{
	return lazy_make(vm->own->call_iterator, value_keep(function), value_keep(sentinel));
}

/* ---- the types ------------------------------------------------------------------------------------------------------- */

#define LAZY(text, sentence, args, make_fn, next_fn, length_fn) { \
	.name = text, .doc = sentence, .size = sizeof(struct lazy), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = args, \
	.slots = { .make = make_fn, .release = lazy_release, .visit = lazy_visit, .iterate = lazy_iterate, .next = next_fn, \
		.length = length_fn } }

static const struct type_spec enumerate_spec = LAZY("enumerate", "Pairs (number, item), the numbers counting up from start.",
	"iterable, start=0", enumerate_make, enumerate_next, NULL);
static const struct type_spec map_spec = LAZY("map", "The function's results for the items of one or more iterables.",
	"func, *iterables", map_make, map_next, NULL);
static const struct type_spec filter_spec = LAZY("filter", "The items for which function is true; None keeps the true ones.",
	"function, iterable", filter_make, filter_next, NULL);
static const struct type_spec zip_spec = LAZY("zip", "Tuples of the first items, of the second ones, as far as the shortest goes.",
	"*iterables, strict=False", zip_make, zip_next, NULL);
static const struct type_spec reversed_spec = LAZY("reversed", "The items of a sequence from the last to the first.",
	"sequence, /", reversed_make, reversed_next, reversed_length);
static const struct type_spec call_iterator_spec = LAZY("callable_iterator", "What iter(function, sentinel) gives.",
	NULL, NULL, call_next, NULL);

static struct type *add(struct vm *vm, const struct type_spec *spec)
{
	struct type *type = type_new(vm, spec, NULL);

	dict_set_str(vm, vm->builtins, type->name, value_object(object_keep(type)));
	return type;
}

void builtins_add_lazy(struct vm *vm)
{
	vm->own->enumerate = add(vm, &enumerate_spec);
	vm->own->map = add(vm, &map_spec);
	vm->own->filter = add(vm, &filter_spec);
	vm->own->zip = add(vm, &zip_spec);
	vm->own->reversed = add(vm, &reversed_spec);
	vm->own->call_iterator = type_new(vm, &call_iterator_spec, NULL);
}
