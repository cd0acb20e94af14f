/* itertools: what chooses from pools, and what shares one iterator (groupby, tee). */
#include "lang/itertools.h"

#include "base/mem.h"

/* The indices' count is at most this, so that a slip of the pen does not ask for all memory. */
enum { MOST = 1 << 20 };

static value *pool_of(struct walker *w) { return as_tuple(w->from)->items; }
static size_t pool_size(struct walker *w) { return as_tuple(w->from)->count; }

static value chosen(struct vm *vm, struct walker *w)
{
	struct tuple *t = tuple_new(vm, w->count);

	for (size_t i = 0; i < w->count; i++)
		t->items[i] = value_keep(pool_of(w)[w->at[i]]);
	return value_object(t);
}

static bool take_indices(struct vm *vm, struct walker *w, size_t used, size_t room)
{
	if (room > MOST)
		return vm_raise_ok(vm, vm->errors.MemoryError, "too many items to choose");
	w->at = mem_zero((room + 1) * sizeof *w->at);
	w->count = used;
	return true;
}

/* ---- product ----------------------------------------------------------------------------------------------------------- */

/* from: a tuple of pools, one a place. */
value product_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2], self = VALUE_UNSET;
	int64_t repeat;

	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct tuple *over = as_tuple(a[0]);
	if (value_to_int64(vm, a[1], &repeat)) {
		if (repeat < 0)
			vm_raise(vm, vm->errors.ValueError, "repeat argument cannot be negative");
		else if (repeat && over->count > (size_t)(MOST / repeat))
			vm_raise(vm, vm->errors.MemoryError, "too many items to choose");
		else {
			struct tuple *pools = tuple_new(vm, over->count * (size_t)repeat);
			struct walker *w = walker_new(cls, value_object(pools), VALUE_UNSET);
			self = value_object(w);
			for (size_t i = 0; i < pools->count && !vm_pending(vm); i++)
				pools->items[i] = i < over->count ? tuple_from(vm, over->items[i]) : value_keep(pools->items[i - over->count]);
			if (vm_pending(vm) || !take_indices(vm, w, pools->count, pools->count)) {
				value_drop(self);
				self = VALUE_UNSET;
			}
		}
	}
	call_unbind(cls->signature, a);
	return self;
}

/* Counts up, the last place fastest; false: all choices were there. */
static bool product_advance(struct walker *w, struct tuple *pools)
{
	for (size_t i = pools->count; i-- > 0; w->at[i] = 0)
		if (++w->at[i] < as_tuple(pools->items[i])->count)
			return true;
	return false;
}

value product_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	struct tuple *pools = as_tuple(w->from);

	if (!w->started)
		for (size_t i = 0; i < pools->count; i++)
			w->done |= !as_tuple(pools->items[i])->count;
	w->done |= w->started && !product_advance(w, pools);
	w->started = true;
	if (w->done)
		return VALUE_UNSET;
	struct tuple *t = tuple_new(vm, pools->count);
	for (size_t i = 0; i < pools->count; i++)
		t->items[i] = value_keep(as_tuple(pools->items[i])->items[w->at[i]]);
	return value_object(t);
}

/* ---- permutations and combinations ------------------------------------------------------------------------------------- */

/* A walker over the pool of a[0]; *r is a[1], or with None the pool's size. */
static struct walker *pool_make(struct vm *vm, struct type *cls, const struct call *call, int64_t *r)
{
	struct walker *w = NULL;
	value a[2];

	if (!call_bind(vm, cls->signature, call, a))
		return NULL;
	value pool = tuple_from(vm, a[0]);
	if (!is_unset(pool)) {
		*r = (int64_t)as_tuple(pool)->count;
		if (is_none(a[1]) || value_to_int64(vm, a[1], r)) {
			if (*r < 0)
				vm_raise(vm, vm->errors.ValueError, "r must be non-negative");
			else
				w = walker_new(cls, value_keep(pool), VALUE_UNSET);
		}
		value_drop(pool);
	}
	call_unbind(cls->signature, a);
	return w;
}

static value ready(struct walker *w, bool ok)
{
	if (ok)
		return value_object(w);
	object_drop(w);
	return VALUE_UNSET;
}

/* at: all indices in their present order, then how many turns each of the first r places has left. */
value permutations_make(struct vm *vm, struct type *cls, const struct call *call)
{
	int64_t r;
	struct walker *w = pool_make(vm, cls, call, &r);

	if (!w)
		return VALUE_UNSET;
	size_t n = pool_size(w);
	w->done = (uint64_t)r > n;
	bool ok = w->done || take_indices(vm, w, (size_t)r, n + (size_t)r);
	for (size_t i = 0; ok && !w->done && i < n; i++)
		w->at[i] = i;
	for (size_t i = 0; ok && !w->done && i < (size_t)r; i++)
		w->at[n + i] = n - i;
	return ready(w, ok);
}

static bool permutations_advance(struct walker *w)
{
	size_t n = pool_size(w), *turns = w->at + n;

	for (size_t i = w->count; i-- > 0;) {
		size_t index = w->at[i];
		if (--turns[i]) {
			size_t j = n - turns[i];
			w->at[i] = w->at[j];
			w->at[j] = index;
			return true;
		}
		for (size_t j = i; j + 1 < n; j++)              /* this place starts over: its index goes to the end */
			w->at[j] = w->at[j + 1];
		w->at[n - 1] = index;
		turns[i] = n - i;
	}
	return false;
}

value permutations_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	w->done |= w->started && !w->done && !permutations_advance(w);
	w->started = true;
	return w->done ? VALUE_UNSET : chosen(vm, w);
}

value combinations_make(struct vm *vm, struct type *cls, const struct call *call)
{
	int64_t r;
	struct walker *w = pool_make(vm, cls, call, &r);

	if (!w)
		return VALUE_UNSET;
	w->done = (uint64_t)r > pool_size(w);
	bool ok = w->done || take_indices(vm, w, (size_t)r, (size_t)r);
	for (size_t i = 0; ok && i < w->count; i++)
		w->at[i] = i;
	return ready(w, ok);
}

static bool combinations_advance(struct walker *w)
{
	size_t n = pool_size(w), i = w->count;

	while (i-- > 0)
		if (w->at[i] != i + n - w->count) {
			w->at[i]++;
			for (; i + 1 < w->count; i++)
				w->at[i + 1] = w->at[i] + 1;
			return true;
		}
	return false;
}

value combinations_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	w->done |= w->started && !w->done && !combinations_advance(w);
	w->started = true;
	return w->done ? VALUE_UNSET : chosen(vm, w);
}

value repeated_combinations_make(struct vm *vm, struct type *cls, const struct call *call)
{
	int64_t r;
	struct walker *w = pool_make(vm, cls, call, &r);

	if (!w)
		return VALUE_UNSET;
	w->done = r && !pool_size(w);
	return ready(w, r > MOST ? vm_raise_ok(vm, vm->errors.MemoryError, "too many items to choose") : take_indices(vm, w, (size_t)r, (size_t)r));
}

static bool repeated_advance(struct walker *w)
{
	for (size_t i = w->count; i-- > 0;)
		if (w->at[i] + 1 < pool_size(w)) {
			size_t next = w->at[i] + 1;
			for (; i < w->count; i++)
				w->at[i] = next;
			return true;
		}
	return false;
}

value repeated_combinations_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);

	w->done |= w->started && !w->done && !repeated_advance(w);
	w->started = true;
	return w->done ? VALUE_UNSET : chosen(vm, w);
}

/* ---- groupby --------------------------------------------------------------------------------------------------------- */

/* held: the item read last; step: its key; left: the number of the run that it belongs to. A grouper (with: its groupby,
 * left: its run's number) gives items as long as the run is the current one. */
value groupby_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2], self = VALUE_UNSET;

	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	value from = value_iterate(vm, a[0]);
	if (!is_unset(from))
		self = value_object(walker_new(cls, from, a[1]));
	call_unbind(cls->signature, a);
	return self;
}

/* Reads the next item; *same: its key is that of the one before. 1 read, 0 the end, -1 raised. */
static int groupby_read(struct vm *vm, struct walker *w, bool *same)
{
	value item = value_next(vm, w->from);

	*same = false;
	if (is_unset(item)) {
		w->done = true;
		value_set(&w->held, VALUE_UNSET);
		return vm_pending(vm) ? -1 : 0;
	}
	value key = is_none(w->with) ? value_keep(item) : value_call_args(vm, w->with, 1, &item);
	bool ok = !is_unset(key) && (is_unset(w->step) || value_equal(vm, key, w->step, same));
	if (!ok) {
		value_drop(item);
		value_drop(key);
		return -1;
	}
	value_set(&w->held, item);
	value_set(&w->step, key);
	return 1;
}

value groupby_next(struct vm *vm, value self)
{
	struct walker *w = walker_of(self);
	bool same;

	/* What is held is either the first item of the next run, or one of the run given last (started), to be passed over. */
	while (!w->done && (is_unset(w->held) || w->started)) {
		int got = groupby_read(vm, w, &same);
		if (got < 0)
			return VALUE_UNSET;
		if (got && !same)
			w->started = false;
	}
	w->left++;
	if (w->done)
		return VALUE_UNSET;
	w->started = true;
	struct walker *run = walker_new(vm->own->grouper, VALUE_UNSET, self);
	run->left = w->left;
	run->held = value_keep(w->held);
	value pair = tuple_of(vm, 2, (value[]){ w->step, value_object(run) });
	object_drop(run);
	return pair;
}

value grouper_next(struct vm *vm, value self)
{
	struct walker *run = walker_of(self), *w = walker_of(run->with);
	bool same;

	if (!is_unset(run->held)) {
		value first = run->held;
		run->held = VALUE_UNSET;
		if (run->left == w->left)
			return first;
		value_drop(first);
		return VALUE_UNSET;
	}
	if (run->left != w->left || w->done || !w->started)
		return VALUE_UNSET;
	if (groupby_read(vm, w, &same) <= 0)
		return VALUE_UNSET;
	if (same)
		return value_keep(w->held);
	w->started = false;             /* the first item of the next run is held */
	return VALUE_UNSET;
}

/* ---- tee --------------------------------------------------------------------------------------------------------------- */

/* Every branch is an iterator over a shared list that grows by need: over: [iterator, list], at: the next index. */
static value tee_step(struct vm *vm, struct iterator *it)
{
	value from = as_tuple(it->over)->items[0];
	struct list *seen = as_list(as_tuple(it->over)->items[1]);

	if (it->at == seen->count) {
		value item = value_next(vm, from);
		if (is_unset(item))
			return item;
		list_append(seen, item);
	}
	return value_keep(seen->items[it->at++]);
}

value itertools_tee(struct vm *vm, value *a)
{
	int64_t n;

	if (!value_to_int64(vm, a[1], &n))
		return VALUE_UNSET;
	if (n < 0 || n > MOST)
		return vm_raise(vm, vm->errors.ValueError, "n must be >= 0");
	value shared[] = { value_iterate(vm, a[0]), value_object(list_new(vm, 0)) };
	value both = is_unset(shared[0]) ? VALUE_UNSET : tuple_of(vm, 2, shared);
	value_drop(shared[0]);
	value_drop(shared[1]);
	if (is_unset(both))
		return both;
	struct tuple *branches = tuple_new(vm, (size_t)n);
	for (int64_t i = 0; i < n; i++)
		branches->items[i] = iterator_new(vm, both, tee_step);
	value_drop(both);
	return value_object(branches);
}
