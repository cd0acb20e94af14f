#include "base/buf.h"
#include "lang/equal.h"
#include "lang/hash.h"
#include "lang/int.h"
#include "lang/makers.h"
#include "lang/sequence.h"

/* A range whose three numbers and whose last item fit 64 bits is walked and indexed in C's own arithmetic; any other with
 * ints of any size. `count` is worked out once; it is an int too. */
struct range_object {
	struct range range;
	value count;
	bool small;             /* start, stop, step and count fit int64_t */
};

static struct range_object *as_range(value v)
{
	return (struct range_object *)v.o;
}

static int64_t small_count(int64_t start, int64_t stop, int64_t step)
{
	if (step > 0 ? start >= stop : start <= stop)
		return 0;
	uint64_t distance = step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
	uint64_t n = (distance - 1) / (step > 0 ? (uint64_t)step : -(uint64_t)step) + 1;
	return n > INT64_MAX ? -1 : (int64_t)n;
}

/* a OP b, dropping a. */
static value then(struct vm *vm, enum operator op, TAKES value a, value b)
{
	value out = int_arithmetic(vm, op, a, b);
	value_drop(a);
	return out;
}

static value big_count(struct vm *vm, value start, value stop, value step)
{
	bool up = !int_is_negative(step);
	int order = int_order(start, stop);
	if (up ? order >= 0 : order <= 0)
		return value_int(0);
	value distance = int_arithmetic(vm, OP_SUB_, up ? stop : start, up ? start : stop);
	value size = up ? int_plain(vm, step) : int_negative(vm, step);
	value n = then(vm, OP_ADD_, then(vm, OP_FLOORDIV_, then(vm, OP_SUB_, distance, value_int(1)), size), value_int(1));
	value_drop(size);
	return n;
}

static value range_make(struct vm *vm, value start, value stop, value step)
{
	struct range_object *r = object_new(vm->types.range, 0);
	int64_t a, b, c, n = -1;
	r->range.start = value_keep(start);
	r->range.stop = value_keep(stop);
	r->range.step = value_keep(step);
	r->small = int_small(start, &a) && int_small(stop, &b) && int_small(step, &c) && c != INT64_MIN && (n = small_count(a, b, c)) >= 0;
	r->count = r->small ? value_int(n) : big_count(vm, start, stop, step);
	return value_object(r);
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "range() takes no keyword arguments");
	if (call->count < 1 || call->count > 3)
		return vm_raise(vm, vm->errors.TypeError, "range expected at %s %d argument%s, got %u", call->count ? "most" : "least",
		                call->count ? 3 : 1, call->count ? "s" : "", call->count);
	value parts[3] = { value_int(0), value_int(0), value_int(1) }, made = VALUE_UNSET;
	bool ok = true;
	for (uint32_t i = 0; ok && i < call->count; i++) {
		size_t to = call->count == 1 ? 1 : i;
		parts[to] = int_index(vm, call->args[i]);
		ok = !is_unset(parts[to]);
	}
	if (ok && int_is_zero(parts[2]))
		vm_raise(vm, vm->errors.ValueError, "range() arg 3 must not be zero");
	else if (ok)
		made = range_make(vm, parts[0], parts[1], parts[2]);
	for (int i = 0; i < 3; i++)
		value_drop(parts[i]);
	return made;
}

/* == Items =========================================================================================================== */

static int64_t small_item(const struct range_object *r, int64_t i)
{
	return (int64_t)((uint64_t)r->range.start.i + (uint64_t)i * (uint64_t)r->range.step.i);
}

/* start + i * step for an int i of any size. */
static value item_at(struct vm *vm, struct range_object *r, value i)
{
	int64_t n;
	if (r->small && int_small(i, &n))
		return value_int(small_item(r, n));
	return then(vm, OP_ADD_, int_arithmetic(vm, OP_MUL_, i, r->range.step), r->range.start);
}

static value step_small(struct vm *vm, struct iterator *it)
{
	struct range_object *r = as_range(it->over);
	return it->at < (size_t)r->count.i ? value_int(small_item(r, (int64_t)it->at++)) : VALUE_UNSET;
}

static value step_back_small(struct vm *vm, struct iterator *it)
{
	return it->at ? value_int(small_item(as_range(it->over), (int64_t)--it->at)) : VALUE_UNSET;
}

static value step_big(struct vm *vm, struct iterator *it)
{
	struct range_object *r = as_range(it->over);
	if (int_order(it->extra, r->count) >= 0)
		return VALUE_UNSET;
	value item = item_at(vm, r, it->extra);
	value_set(&it->extra, int_arithmetic(vm, OP_ADD_, it->extra, value_int(1)));
	return item;
}

static value step_back_big(struct vm *vm, struct iterator *it)
{
	if (int_is_zero(it->extra))
		return VALUE_UNSET;
	value_set(&it->extra, int_arithmetic(vm, OP_SUB_, it->extra, value_int(1)));
	return item_at(vm, as_range(it->over), it->extra);
}

static value iterate(struct vm *vm, value self)
{
	bool small = as_range(self)->small;
	value v = iterator_new(vm, self, small ? step_small : step_big);
	if (!is_unset(v) && !small)
		((struct iterator *)v.o)->extra = value_int(0);
	return v;
}

static value backwards(struct vm *vm, value *a)
{
	struct range_object *r = as_range(a[0]);
	value v = iterator_new(vm, a[0], r->small ? step_back_small : step_back_big);
	if (is_unset(v))
		return v;
	if (r->small)
		((struct iterator *)v.o)->at = (size_t)r->count.i;
	else
		((struct iterator *)v.o)->extra = value_keep(r->count);
	return v;
}

static value slice_of(struct vm *vm, struct range_object *r, value key)
{
	int64_t start, stop, step;
	size_t count;
	if (r->count.tag != TAG_INT)
		return vm_raise(vm, vm->errors.OverflowError, "slices of a range of more than 2^63 - 1 items are not supported");
	if (!slice_indices(vm, key, (size_t)r->count.i, &start, &stop, &step, &count))
		return VALUE_UNSET;
	value parts[3] = { item_at(vm, r, value_int(start)), item_at(vm, r, value_int(stop)),
	                   int_arithmetic(vm, OP_MUL_, r->range.step, value_int(step)) };
	value made = range_make(vm, parts[0], parts[1], parts[2]);
	for (int i = 0; i < 3; i++)
		value_drop(parts[i]);
	return made;
}

static value item(struct vm *vm, value self, value key)
{
	struct range_object *r = as_range(self);
	if (is_kind(key, KIND_SLICE))
		return slice_of(vm, r, key);
	if (!value_is_index(vm, key))
		return vm_raise(vm, vm->errors.TypeError, "range indices must be integers or slices, not %s", value_type_name(vm, key));
	value i = int_index(vm, key);
	if (is_unset(i))
		return VALUE_UNSET;
	if (int_is_negative(i))
		i = then(vm, OP_ADD_, i, r->count);
	value found = int_is_negative(i) || int_order(i, r->count) >= 0
	              ? vm_raise(vm, vm->errors.IndexError, "range object index out of range") : item_at(vm, r, i);
	value_drop(i);
	return found;
}

/* The index of an int in the range; unset: it is not there. */
static value place_of(struct vm *vm, struct range_object *r, value needle)
{
	value away = int_arithmetic(vm, OP_SUB_, needle, r->range.start);
	value rest = int_arithmetic(vm, OP_MOD_, away, r->range.step);
	bool whole = int_is_zero(rest);
	value i = then(vm, OP_FLOORDIV_, away, r->range.step);
	value_drop(rest);
	if (whole && !int_is_negative(i) && int_order(i, r->count) < 0)
		return i;
	value_drop(i);
	return VALUE_UNSET;
}

/* Anything but an int is compared with each item in turn. */
static bool find_slowly(struct vm *vm, value self, value needle, size_t *at, size_t *times)
{
	value iterator = iterate(vm, self);
	bool ok = !is_unset(iterator), same;
	*at = SIZE_MAX;
	*times = 0;
	size_t i = 0;
	for (value v; ok && !is_unset(v = value_next(vm, iterator)); value_drop(v), i++) {
		ok = equal_items(vm, v, needle, &same) && (i % 1024 || vm_poll(vm));
		if (ok && same && !(*times)++)
			*at = i;
	}
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

static bool contains(struct vm *vm, value self, value needle, bool *out)
{
	size_t at, times;
	if (is_int(needle)) {
		value i = place_of(vm, as_range(self), needle);
		*out = !is_unset(i);
		value_drop(i);
		return true;
	}
	if (!find_slowly(vm, self, needle, &at, &times))
		return false;
	*out = times > 0;
	return true;
}

static value find_index(struct vm *vm, value *a)
{
	value i = VALUE_UNSET;
	size_t at = SIZE_MAX, times;
	if (is_int(a[1]))
		i = place_of(vm, as_range(a[0]), a[1]);
	else if (!find_slowly(vm, a[0], a[1], &at, &times))
		return VALUE_UNSET;
	else if (at != SIZE_MAX)
		i = value_int((int64_t)at);
	if (!is_unset(i))
		return i;
	value text = value_repr(vm, a[1]);
	if (is_unset(text))
		return VALUE_UNSET;
	vm_raise(vm, vm->errors.ValueError, is_int(a[1]) ? "%s is not in range" : "sequence.index(x): x not in sequence", as_str(text)->data);
	value_drop(text);
	return VALUE_UNSET;
}

static value count_item(struct vm *vm, value *a)
{
	size_t at, times;
	bool has;
	if (is_int(a[1]))
		return contains(vm, a[0], a[1], &has) ? value_int(has) : VALUE_UNSET;
	return find_slowly(vm, a[0], a[1], &at, &times) ? value_int((int64_t)times) : VALUE_UNSET;
}

static const struct native methods[] = {
	{ "index", find_index, "value, /", "The index of a number; ValueError when it is not in the range." },
	{ "count", count_item, "value, /", "How often a number is in the range: 0 or 1." },
	{ "__reversed__", backwards, "", "An iterator from the last number to the first." },
	{ 0 },
};

static value get_start(struct vm *vm, value self) { return value_keep(as_range(self)->range.start); }
static value get_stop(struct vm *vm, value self)  { return value_keep(as_range(self)->range.stop); }
static value get_step(struct vm *vm, value self)  { return value_keep(as_range(self)->range.step); }

static const struct getset attrs[] = {
	{ "start", get_start, NULL, "The first number." },
	{ "stop", get_stop, NULL, "Before which it ends." },
	{ "step", get_step, NULL, "From one number to the next." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static void release(struct object *o)
{
	struct range_object *r = (struct range_object *)o;
	value_drop(r->range.start);
	value_drop(r->range.stop);
	value_drop(r->range.step);
	value_drop(r->count);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	struct range *r = &as_range(self)->range;
	buf_text(out, "range(");
	int_print(out, r->start);
	buf_text(out, ", ");
	int_print(out, r->stop);
	if (r->step.tag != TAG_INT || r->step.i != 1) {
		buf_text(out, ", ");
		int_print(out, r->step);
	}
	buf_char(out, ')');
	return true;
}

static bool same_numbers(struct range_object *p, struct range_object *q)
{
	if (int_order(p->count, q->count))
		return false;
	if (int_is_zero(p->count))
		return true;
	if (int_order(p->range.start, q->range.start))
		return false;
	return int_order(p->count, value_int(1)) == 0 || int_order(p->range.step, q->range.step) == 0;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_kind(b, KIND_RANGE) || (op != CMP_EQ && op != CMP_NE))
		return VALUE_UNSUPPORTED;
	return value_bool(same_numbers(as_range(a), as_range(b)) == (op == CMP_EQ));
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct range_object *r = as_range(self);
	bool none = int_is_zero(r->count), one = int_order(r->count, value_int(1)) == 0;
	value parts[3] = { r->count, none ? VALUE_NONE : r->range.start, none || one ? VALUE_NONE : r->range.step };
	uint64_t hashes[3];
	for (int i = 0; i < 3; i++)
		if (!hash_of(vm, parts[i], &hashes[i]))
			return false;
	*out = hash_values(hashes, 3);
	return true;
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = !int_is_zero(as_range(self)->count);
	return true;
}

static bool length(struct vm *vm, value self, size_t *out)
{
	struct range_object *r = as_range(self);
	if (r->count.tag != TAG_INT)
		return vm_raise_ok(vm, vm->errors.OverflowError, "Python int too large to convert to C ssize_t");
	*out = (size_t)r->count.i;
	return true;
}

void type_make_range(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "range", .doc = "Whole numbers at equal distances; none of them is stored.", .kind = KIND_RANGE,
		.size = sizeof(struct range_object), .signature = "start, stop, step=1, /",
		.slots = { .make = make, .release = release, .repr = repr, .hash = hash, .compare = compare, .truth = truth, .length = length,
		           .item = item, .contains = contains, .iterate = iterate },
		.methods = methods, .attrs = attrs,
	};
	vm->types.range = type_new(vm, &spec, NULL);
}
