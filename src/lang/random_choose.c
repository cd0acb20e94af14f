/* random: choosing from sequences. */
#include <math.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/random.h"
#include "lang/types.h"

static struct twister *twister_of(value *a) { return &((struct random *)a[0].o)->twister; }

static value random_choice(struct vm *vm, value *a)
{
	size_t len;

	if (!value_length(vm, a[1], &len))
		return VALUE_UNSET;
	if (!len)
		return vm_raise(vm, vm->errors.IndexError, "Cannot choose from an empty sequence");
	return value_item(vm, a[1], value_int((int64_t)twister_below(twister_of(a), len)));
}

static bool swap(struct vm *vm, value seq, int64_t i, int64_t j)
{
	value one = value_item(vm, seq, value_int(i)), two = is_unset(one) ? one : value_item(vm, seq, value_int(j));
	bool ok = !is_unset(two) && value_set_item(vm, seq, value_int(i), two) && value_set_item(vm, seq, value_int(j), one);

	value_drop(one);
	value_drop(two);
	return ok;
}

static value random_shuffle(struct vm *vm, value *a)
{
	size_t len;

	if (!value_length(vm, a[1], &len))
		return VALUE_UNSET;
	for (size_t i = len; i-- > 1;) {
		size_t j = twister_below(twister_of(a), i + 1);
		if (is_kind(a[1], KIND_LIST) && as_list(a[1])->count == len) {
			value *items = as_list(a[1])->items, kept = items[i];
			items[i] = items[j];
			items[j] = kept;
		} else if (!swap(vm, a[1], (int64_t)i, (int64_t)j))
			return VALUE_UNSET;
	}
	return VALUE_NONE;
}

/* ---- sample ------------------------------------------------------------------------------------------------------------- */

/* From a copy whose chosen items are replaced by those at its end. */
static value sample_from_pool(struct vm *vm, struct twister *t, value seq, size_t len, size_t k)
{
	value pool = list_from(vm, seq);

	if (is_unset(pool))
		return pool;
	struct list *out = list_new(vm, k);
	value *items = as_list(pool)->items;
	for (size_t i = 0; i < k; i++) {
		size_t j = twister_below(t, len - i);
		list_append(out, value_keep(items[j]));
		value_set(&items[j], value_keep(items[len - i - 1]));
	}
	value_drop(pool);
	return value_object(out);
}

/* By index, drawing again when one was chosen before. */
static value sample_by_index(struct vm *vm, struct twister *t, value seq, size_t len, size_t k)
{
	struct set *chosen = set_new(vm, false);
	struct list *out = list_new(vm, k);

	while (out->count < k) {
		value at = value_int((int64_t)twister_below(t, len));
		bool before;
		if (set_has(vm, chosen, at, &before) && before)
			continue;
		value item = value_item(vm, seq, at);
		if (is_unset(item) || !set_add(vm, chosen, at)) {
			value_drop(item);
			break;
		}
		list_append(out, item);
	}
	bool whole = out->count == k;
	object_drop(chosen);
	if (whole)
		return value_object(out);
	object_drop(out);
	return VALUE_UNSET;
}

static value sample(struct vm *vm, struct twister *t, value seq, int64_t k)
{
	size_t len, pool = 21;

	if (is_kind(seq, KIND_SET) || is_kind(seq, KIND_FROZENSET) || is_kind(seq, KIND_DICT) || !value_type(vm, seq)->slots.item)
		return vm_raise(vm, vm->errors.TypeError, "Population must be a sequence.  For dicts or sets, use sorted(d).");
	if (!value_length(vm, seq, &len))
		return VALUE_UNSET;
	if (k < 0 || (size_t)k > len)
		return vm_raise(vm, vm->errors.ValueError, "Sample larger than population or is negative");
	if (k > 5)
		pool += (size_t)pow(4, ceil(log((double)k * 3) / log(4)));
	return len <= pool ? sample_from_pool(vm, t, seq, len, (size_t)k) : sample_by_index(vm, t, seq, len, (size_t)k);
}

/* With counts, as if each item stood there so many times. */
static value repeated(struct vm *vm, value population, value counts)
{
	struct list *out = list_new(vm, 0);
	value times = tuple_from(vm, counts), items = is_unset(times) ? times : tuple_from(vm, population);
	int64_t n = 0;

	if (!is_unset(items) && as_tuple(items)->count != as_tuple(times)->count)
		vm_raise(vm, vm->errors.ValueError, "The number of counts does not match the population");
	for (size_t i = 0; !vm_pending(vm) && i < as_tuple(items)->count; i++) {
		if (value_to_int64(vm, as_tuple(times)->items[i], &n) && (n < 0 || n > 1 << 24))
			vm_raise(vm, vm->errors.ValueError, "Counts must be non-negative and below 16777216");
		for (int64_t j = 0; j < n && !vm_pending(vm); j++)
			list_append(out, value_keep(as_tuple(items)->items[i]));
	}
	value_drop(times);
	value_drop(items);
	if (!vm_pending(vm))
		return value_object(out);
	object_drop(out);
	return VALUE_UNSET;
}

static value random_sample(struct vm *vm, value *a)
{
	int64_t k;

	if (!value_to_int64(vm, a[2], &k))
		return VALUE_UNSET;
	if (is_none(a[3]))
		return sample(vm, twister_of(a), a[1], k);
	value all = repeated(vm, a[1], a[3]);
	value r = is_unset(all) ? all : sample(vm, twister_of(a), all, k);
	value_drop(all);
	return r;
}

/* ---- choices ------------------------------------------------------------------------------------------------------------ */

/* Running sums of weights as floats; NULL and raised. */
static double *sums_of(struct vm *vm, value weights, bool cumulative, size_t len)
{
	value items = tuple_from(vm, weights);
	double sum = 0, w = 0;

	if (is_unset(items))
		return NULL;
	double *sums = mem_alloc(sizeof *sums * (len ? len : 1));
	if (as_tuple(items)->count != len)
		vm_raise(vm, vm->errors.ValueError, "The number of weights does not match the population");
	for (size_t i = 0; i < len && !vm_pending(vm); i++)
		if (value_to_double(vm, as_tuple(items)->items[i], &w))
			sums[i] = cumulative ? w : (sum += w);
	value_drop(items);
	if (!vm_pending(vm) && len && sums[len - 1] <= 0)
		vm_raise(vm, vm->errors.ValueError, "Total of weights must be greater than zero");
	if (!vm_pending(vm) && len && !isfinite(sums[len - 1]))
		vm_raise(vm, vm->errors.ValueError, "Total of weights must be finite");
	if (!vm_pending(vm))
		return sums;
	mem_free(sums);
	return NULL;
}

/* The first of sums (but the last) that is above x. */
static size_t above(const double *sums, size_t len, double x)
{
	size_t low = 0, high = len - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (x < sums[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static value choose_many(struct vm *vm, struct twister *t, value seq, size_t len, const double *sums, int64_t k)
{
	struct list *out = list_new(vm, 0);

	for (int64_t i = 0; i < k; i++) {
		double x = twister_double(t);
		size_t at = sums ? above(sums, len, x * sums[len - 1]) : (size_t)floor(x * (double)len);
		value item = value_item(vm, seq, value_int((int64_t)at));
		if (is_unset(item) || !vm_poll(vm)) {
			value_drop(item);
			object_drop(out);
			return VALUE_UNSET;
		}
		list_append(out, item);
	}
	return value_object(out);
}

static value random_choices(struct vm *vm, value *a)
{
	double *sums = NULL;
	size_t len;
	int64_t k;

	if (!value_length(vm, a[1], &len) || !value_to_int64(vm, a[4], &k))
		return VALUE_UNSET;
	if (!is_none(a[2]) && !is_none(a[3]))
		return vm_raise(vm, vm->errors.TypeError, "Cannot specify both weights and cumulative weights");
	if (!len && k > 0)
		return vm_raise(vm, vm->errors.IndexError, "list index out of range");
	if (!is_none(a[2]) || !is_none(a[3])) {
		sums = sums_of(vm, is_none(a[2]) ? a[3] : a[2], is_none(a[2]), len);
		if (!sums)
			return VALUE_UNSET;
	}
	value r = choose_many(vm, twister_of(a), a[1], len, sums, k);
	mem_free(sums);
	return r;
}

const struct native random_choosing[] = {
	{ "choice", random_choice, "seq", "An item of a sequence." },
	{ "shuffle", random_shuffle, "x", "Puts a list into a random order." },
	{ "sample", random_sample, "population, k, *, counts=None", "k different items of a sequence as a list." },
	{ "choices", random_choices, "population, weights=None, *, cum_weights=None, k=1", "k items of a sequence, each drawn from all." },
	{0}
};
