/* itertools: iterators made of iterators. All are one structure; each row at the end says how one is made and how it goes on.
 * What chooses from a pool (product, permutations, combinations) is in itertools_choose.c. */
#include "lang/itertools.h"

#include "base/mem.h"
#include "lang/builtins.h"
#include "lang/int.h"

static void release(struct object *o)
{
	struct walker *w = (struct walker *)o;

	value_drop(w->from);
	value_drop(w->with);
	value_drop(w->held);
	value_drop(w->step);
	mem_free(w->at);
}

static void visit_all(struct object *o, visit_fn visit, void *state)
{
	struct walker *w = (struct walker *)o;

	visit_value(w->from, visit, state);
	visit_value(w->with, visit, state);
	visit_value(w->held, visit, state);
	visit_value(w->step, visit, state);
}

static value itself(struct vm *vm, value self)
{
	return value_keep(self);
}

struct walker *walker_new(struct type *cls, TAKES value from, value with)
{
	struct walker *w = object_new(cls, 0);

	w->from = from;
	w->with = value_keep(with);
	return w;
}

/* Binds a call and makes a walker over an iterator of its `over`-th argument, with the `with`-th (-1: none). */
static struct walker *make_over(struct vm *vm, struct type *cls, const struct call *call, value *a, int over, int with)
{
	if (!call_bind(vm, cls->signature, call, a))
		return NULL;
	value from = value_iterate(vm, a[over]);
	if (!is_unset(from))
		return walker_new(cls, from, with < 0 ? VALUE_UNSET : a[with]);
	call_unbind(cls->signature, a);
	return NULL;
}

static value made(struct type *cls, value *a, struct walker *w)
{
	if (!w)
		return VALUE_UNSET;
	call_unbind(cls->signature, a);
	return value_object(w);
}

/* ---- count, repeat, cycle: they may go on for ever, so they poll for whoever walks over them ------------------------ */

static bool go_on(struct vm *vm)
{
	return !vm->interrupt || vm_poll(vm);
}

static bool is_number(value v)
{
	return is_int(v) || v.tag == TAG_FLOAT || is_kind(v, KIND_DECIMAL);
}

static value count_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];

	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct walker *w = NULL;
	if (!is_number(a[0]) || !is_number(a[1]))
		vm_raise(vm, vm->errors.TypeError, "a number is required");
	else {
		w = walker_new(cls, VALUE_UNSET, VALUE_UNSET);
		w->held = value_keep(a[0]);
		w->step = value_keep(a[1]);
	}
	call_unbind(cls->signature, a);
	return w ? value_object(w) : VALUE_UNSET;
}

static value count_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	if (!go_on(vm))
		return VALUE_UNSET;
	value now = value_keep(w->held);
	value_set(&w->held, value_binary(vm, OP_ADD_, w->held, w->step, false));
	if (!is_unset(w->held))
		return now;
	value_drop(now);
	return VALUE_UNSET;
}

static bool count_repr(struct vm *vm, value self, struct buf *out)
{
	struct walker *w = walker_of(self);

	buf_text(out, "count(");
	if (!value_repr_to(vm, w->held, out))
		return false;
	if (w->step.tag != TAG_INT || w->step.i != 1) {
		buf_text(out, ", ");
		if (!value_repr_to(vm, w->step, out))
			return false;
	}
	buf_char(out, ')');
	return true;
}

static value repeat_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	int64_t times = -1;

	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct walker *w = NULL;
	if (is_unset(a[1]) || value_to_int64(vm, a[1], &times)) {
		w = walker_new(cls, VALUE_UNSET, a[0]);
		w->left = is_unset(a[1]) ? -1 : times < 0 ? 0 : times;
	}
	call_unbind(cls->signature, a);
	return w ? value_object(w) : VALUE_UNSET;
}

static value repeat_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	if (w->left == 0 || !go_on(vm))
		return VALUE_UNSET;
	if (w->left > 0)
		w->left--;
	return value_keep(w->with);
}

static bool repeat_repr(struct vm *vm, value self, struct buf *out)
{
	struct walker *w = walker_of(self);

	buf_text(out, "repeat(");
	if (!value_repr_to(vm, w->with, out))
		return false;
	if (w->left >= 0)
		buf_print(out, ", %lld", (long long)w->left);
	buf_char(out, ')');
	return true;
}

static value cycle_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];
	struct walker *w = make_over(vm, cls, call, a, 0, -1);

	if (w)
		w->held = value_object(list_new(vm, 0));
	return made(cls, a, w);
}

static value cycle_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	struct list *seen = as_list(w->held);

	if (!w->done) {
		value item = value_next(vm, w->from);
		if (!is_unset(item)) {
			list_append(seen, value_keep(item));
			return item;
		}
		if (vm_pending(vm))
			return item;
		w->done = true;
	}
	if (!seen->count || !go_on(vm))
		return VALUE_UNSET;
	return value_keep(seen->items[(size_t)w->left++ % seen->count]);
}

/* ---- chain ------------------------------------------------------------------------------------------------------------- */

static value chain_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];

	return made(cls, a, make_over(vm, cls, call, a, 0, -1));
}

static value chain_from_iterable(struct vm *vm, value *a)
{
	value from = value_iterate(vm, a[1]);
	return is_unset(from) ? from : value_object(walker_new((struct type *)a[0].o, from, VALUE_UNSET));
}

static value chain_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	for (;;) {
		if (!is_unset(w->held)) {
			value item = value_next(vm, w->held);
			if (!is_unset(item) || vm_pending(vm))
				return item;
			value_set(&w->held, VALUE_UNSET);
		}
		value next = value_next(vm, w->from);
		if (is_unset(next) || !vm_poll(vm))
			return value_drop(next), VALUE_UNSET;
		w->held = value_iterate(vm, next);
		value_drop(next);
		if (is_unset(w->held))
			return VALUE_UNSET;
	}
}

/* ---- by a test --------------------------------------------------------------------------------------------------------- */

static value test_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	return made(cls, a, make_over(vm, cls, call, a, 1, 0));
}

/* -1: raised. No function: the item's own truth. */
static int test(struct vm *vm, struct walker *w, value item)
{
	bool truth = false;
	value r = is_none(w->with) ? value_keep(item) : value_call_args(vm, w->with, 1, &item);
	bool ok = !is_unset(r) && value_truth(vm, r, &truth);

	value_drop(r);
	return ok ? truth : -1;
}

/* The next item whose test is `wanted`. */
static value next_that(struct vm *vm, struct walker *w, int wanted)
{
	value item;

	while (!is_unset(item = value_next(vm, w->from))) {
		int is = test(vm, w, item);
		if (is == wanted)
			return item;
		value_drop(item);
		if (is < 0 || !vm_poll(vm))
			return VALUE_UNSET;
	}
	return item;
}

static value filterfalse_next(struct vm *vm, value self)
{
	return next_that(vm, walker_of(self), 0);
}

static value dropwhile_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	value item = w->done ? value_next(vm, w->from) : next_that(vm, w, 0);

	w->done |= !is_unset(item);
	return item;
}

static value takewhile_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	value item = w->done ? VALUE_UNSET : value_next(vm, w->from);

	if (is_unset(item))
		return item;
	int is = test(vm, w, item);
	if (is > 0)
		return item;
	w->done = true;
	value_drop(item);
	return VALUE_UNSET;
}

static value compress_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	struct walker *w = make_over(vm, cls, call, a, 0, -1);

	if (w && is_unset(w->held = value_iterate(vm, a[1]))) {
		object_drop(w);
		call_unbind(cls->signature, a);
		w = NULL;
	}
	return made(cls, a, w);
}

static value compress_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	for (;;) {
		value item = value_next(vm, w->from), selector = is_unset(item) ? VALUE_UNSET : value_next(vm, w->held);
		bool truth = false, ok = !is_unset(selector) && value_truth(vm, selector, &truth);
		value_drop(selector);
		if (ok && truth)
			return item;
		value_drop(item);
		if (!ok || !vm_poll(vm))
			return VALUE_UNSET;
	}
}

/* ---- starmap, accumulate, pairwise ---------------------------------------------------------------------------------- */

static value starmap_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	value item = value_next(vm, w->from), args = is_unset(item) ? item : tuple_from(vm, item);

	value_drop(item);
	value r = is_unset(args) ? args : value_call_args(vm, w->with, as_tuple(args)->count, as_tuple(args)->items);
	value_drop(args);
	return r;
}

static value accumulate_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[3];
	struct walker *w = make_over(vm, cls, call, a, 0, 1);

	if (w && !is_none(a[2]))
		w->step = value_keep(a[2]);
	return made(cls, a, w);
}

static value accumulate_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	if (is_unset(w->held) && !is_unset(w->step)) {          /* the initial value comes first */
		w->held = w->step;
		w->step = VALUE_UNSET;
		return value_keep(w->held);
	}
	value item = value_next(vm, w->from);
	if (is_unset(item))
		return item;
	if (is_unset(w->held)) {
		w->held = item;
		return value_keep(item);
	}
	value sum = is_none(w->with) ? value_binary(vm, OP_ADD_, w->held, item, false)
		: value_call_args(vm, w->with, 2, (value[]){ w->held, item });
	value_drop(item);
	if (is_unset(sum))
		return sum;
	value_set(&w->held, sum);
	return value_keep(sum);
}

static value over_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];
	return made(cls, a, make_over(vm, cls, call, a, 0, -1));
}

static value pairwise_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	if (is_unset(w->held) && is_unset(w->held = value_next(vm, w->from)))
		return VALUE_UNSET;
	value next = value_next(vm, w->from);
	if (is_unset(next))
		return next;
	value pair = tuple_of(vm, 2, (value[]){ w->held, next });
	value_set(&w->held, next);
	return pair;
}

/* ---- islice ------------------------------------------------------------------------------------------------------------ */

static bool slice_number(struct vm *vm, value v, int64_t otherwise, int64_t least, const char *what, int64_t *out)
{
	*out = otherwise;
	if (is_none(v) || is_unset(v))
		return true;
	if (is_int(v) && value_to_int64(vm, v, out) && *out >= least)
		return true;
	vm_clear(vm);
	return vm_raise_ok(vm, vm->errors.ValueError, "%s for islice() must be %s: 0 <= x <= sys.maxsize.", what,
		least ? "a positive integer or None" : "None or an integer");
}

/* islice(iterable, stop) or islice(iterable, start, stop, step): w->at[] is the next index wanted, w->left the end. */
static value islice_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[4];
	int64_t start, stop, step;
	struct walker *w = make_over(vm, cls, call, a, 0, -1);

	if (!w)
		return VALUE_UNSET;
	bool one = is_unset(a[2]);
	if (!slice_number(vm, one ? VALUE_NONE : a[1], 0, 0, "Indices", &start) || !slice_number(vm, one ? a[1] : a[2], -1, 0,
		one ? "Stop argument" : "Indices", &stop))
		goto fail;
	if (!slice_number(vm, a[3], 1, 1, "Step", &step)) {
		vm_clear(vm);
		vm_raise(vm, vm->errors.ValueError, "Step for islice() must be a positive integer or None.");
		goto fail;
	}
	w->left = stop;
	w->step = value_int(step);
	w->with = value_int(start);             /* the next index wanted */
	w->held = value_int(0);                 /* the next index that the iterator gives */
	return made(cls, a, w);
fail:
	object_drop(w);
	call_unbind(cls->signature, a);
	return VALUE_UNSET;
}

static value islice_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	int64_t end = w->left >= 0 && w->with.i > w->left ? w->left : w->with.i;
	value item;

	for (; w->held.i < end; w->held.i++) {
		if (is_unset(item = value_next(vm, w->from)))
			return item;
		value_drop(item);
		if (!vm_poll(vm))
			return VALUE_UNSET;
	}
	if (w->left >= 0 && w->with.i >= w->left)
		return VALUE_UNSET;
	item = value_next(vm, w->from);
	if (is_unset(item))
		return item;
	w->held.i++;
	if (__builtin_add_overflow(w->with.i, w->step.i, &w->with.i))
		w->with.i = INT64_MAX;
	return item;
}

/* ---- zip_longest ------------------------------------------------------------------------------------------------------- */

static value zip_longest_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];

	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct tuple *over = as_tuple(a[0]), *from = tuple_new(vm, over->count);
	bool ok = true;
	for (size_t i = 0; i < over->count && ok; i++)
		ok = !is_unset(from->items[i] = value_iterate(vm, over->items[i]));
	value self = VALUE_UNSET;
	if (ok) {
		struct walker *w = walker_new(cls, value_object(object_keep(from)), a[1]);
		w->left = (int64_t)from->count;         /* iterators that have not ended */
		self = value_object(w);
	}
	object_drop(from);
	call_unbind(cls->signature, a);
	return self;
}

static value zip_longest_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	struct tuple *from = as_tuple(w->from);

	if (!w->left)
		return VALUE_UNSET;
	struct tuple *items = tuple_new(vm, from->count);
	for (size_t i = 0; i < from->count; i++) {
		value item = is_none(from->items[i]) ? VALUE_UNSET : value_next(vm, from->items[i]);
		if (is_unset(item) && vm_pending(vm))
			goto end;
		if (is_unset(item) && !is_none(from->items[i])) {
			value_set(&from->items[i], VALUE_NONE);
			if (!--w->left)
				goto end;
		}
		items->items[i] = is_unset(item) ? value_keep(w->with) : item;
	}
	return value_object(items);
end:
	object_drop(items);
	return VALUE_UNSET;
}

/* ---- the types ------------------------------------------------------------------------------------------------------- */

#define SLOTS .release = release, .visit = visit_all, .iterate = itself
static const struct native chain_methods[] = {
	{ "from_iterable", chain_from_iterable, "iterable, /", "Goes through the iterables that an iterable gives.", NULL, NATIVE_CLASS }, {0}
};

#define SPEC(text, args, sentence, ...) { .name = text, .doc = sentence, .size = sizeof(struct walker), \
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = args, .slots = { SLOTS, __VA_ARGS__ } }

static const struct type_spec specs[] = {
	SPEC("count", "start=0, step=1", "start, start + step, ...", .make = count_make, .next = count_next, .repr = count_repr),
	SPEC("repeat", "object, times=...", "The same object for ever, or so many times.", .make = repeat_make, .next = repeat_next,
		.repr = repeat_repr),
	SPEC("cycle", "iterable, /", "The items over and over.", .make = cycle_make, .next = cycle_next),
	SPEC("filterfalse", "function, iterable, /", "The items for which function is false.", .make = test_make, .next = filterfalse_next),
	SPEC("dropwhile", "predicate, iterable, /", "The items from the first on for which predicate is false.", .make = test_make,
		.next = dropwhile_next),
	SPEC("takewhile", "predicate, iterable, /", "The items up to the first for which predicate is false.", .make = test_make,
		.next = takewhile_next),
	SPEC("compress", "data, selectors", "The items whose selector is true.", .make = compress_make, .next = compress_next),
	SPEC("starmap", "function, iterable, /", "function(*item) for every item.", .make = test_make, .next = starmap_next),
	SPEC("accumulate", "iterable, func=None, *, initial=None", "Running sums, or results of func(sum, item).", .make = accumulate_make,
		.next = accumulate_next),
	SPEC("pairwise", "iterable, /", "Each item with the next one.", .make = over_make, .next = pairwise_next),
	SPEC("islice", "iterable, start, stop=..., step=None, /", "The items of a slice.", .make = islice_make, .next = islice_next),
	SPEC("zip_longest", "*iterables, fillvalue=None", "Tuples of the first items, of the second ones, as far as the longest goes.",
		.make = zip_longest_make, .next = zip_longest_next),
	{ .name = "chain", .doc = "The items of one iterable after the other.", .size = sizeof(struct walker),
		.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "*iterables", .slots = { SLOTS, .make = chain_make, .next = chain_next },
		.methods = chain_methods },
	SPEC("product", "*iterables, repeat=1", "Every choice of one item from each iterable.", .make = product_make, .next = product_next),
	SPEC("permutations", "iterable, r=None", "Every order of r of the items.", .make = permutations_make, .next = permutations_next),
	SPEC("combinations", "iterable, r", "Every choice of r of the items.", .make = combinations_make, .next = combinations_next),
	SPEC("combinations_with_replacement", "iterable, r", "Every choice of r of the items, each as often as wanted.",
		.make = repeated_combinations_make, .next = repeated_combinations_next),
	SPEC("groupby", "iterable, key=None", "Pairs (key, iterator) for runs of items with the same key.", .make = groupby_make,
		.next = groupby_next),
	SPEC("_grouper", NULL, "The items of one of groupby's runs.", .next = grouper_next),
};

static bool fill(struct vm *vm, struct dict *g)
{
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		struct type *type = module_new_type(vm, g, &specs[i], "itertools");
		if (specs[i].slots.next == grouper_next)
			vm->own->grouper = type;
		else
			object_drop(type);
	}
	return true;
}

static const struct native functions[] = {
	{ "tee", itertools_tee, "iterable, n=2, /", "n iterators that each give all the items." }, {0}
};

const struct module_spec module_itertools = { "itertools", "Iterators made of iterators.", functions, fill };
