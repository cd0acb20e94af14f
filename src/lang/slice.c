#include "base/buf.h"
#include "lang/equal.h"
#include "lang/hash.h"
#include "lang/int.h"
#include "lang/makers.h"
#include "lang/sequence.h"

static struct slice *as_slice(value v)
{
	return (struct slice *)v.o;
}

value slice_new(struct vm *vm, value start, value stop, value step)
{
	struct slice *s = object_new(vm->types.slice, 0);
	s->start = value_keep(start);
	s->stop = value_keep(stop);
	s->step = value_keep(step);
	return value_object(s);
}

/* A part of a slice as a number; beyond 64 bits it is cut to what is beyond any length. */
static bool part(struct vm *vm, value v, int64_t *out)
{
	if (v.tag == TAG_INT) {
		*out = v.i < -INT64_MAX ? -INT64_MAX : v.i;
		return true;
	}
	if (!value_is_index(vm, v))
		return vm_raise_ok(vm, vm->errors.TypeError, "slice indices must be integers or None or have an __index__ method");
	if (is_kind(v, KIND_BIGINT) && !int_fits((struct bigint *)v.o)) {
		*out = mpz_sgn(((struct bigint *)v.o)->number) < 0 ? -INT64_MAX : INT64_MAX;
		return true;
	}
	return value_to_int64(vm, v, out);
}

static int64_t clamp(int64_t i, int64_t len, int64_t low, int64_t high)
{
	if (i < 0)
		i += len;
	return i < low ? low : i > high ? high : i;
}

bool slice_indices(struct vm *vm, value slice, size_t len, int64_t *start, int64_t *stop, int64_t *step, size_t *count)
{
	struct slice *s = as_slice(slice);
	int64_t n = (int64_t)len, i;
	*step = 1;
	if (!is_none(s->step) && !part(vm, s->step, step))
		return false;
	if (!*step)
		return vm_raise_ok(vm, vm->errors.ValueError, "slice step cannot be zero");
	bool back = *step < 0;
	int64_t low = back ? -1 : 0, high = back ? n - 1 : n;
	*start = back ? high : low;
	*stop = back ? low : high;
	if (!is_none(s->start)) {
		if (!part(vm, s->start, &i))
			return false;
		*start = clamp(i, n, low, high);
	}
	if (!is_none(s->stop)) {
		if (!part(vm, s->stop, &i))
			return false;
		*stop = clamp(i, n, low, high);
	}
	int64_t distance = back ? *start - *stop : *stop - *start;
	*count = distance <= 0 ? 0 : (size_t)((distance - 1) / (back ? -*step : *step) + 1);
	return true;
}

static value indices(struct vm *vm, value *a)
{
	size_t len, count;
	int64_t start, stop, step;
	int64_t given;
	if (!value_to_int64(vm, a[1], &given))
		return VALUE_UNSET;
	if (given < 0)
		return vm_raise(vm, vm->errors.ValueError, "length should not be negative");
	len = (size_t)given;
	if (!slice_indices(vm, a[0], len, &start, &stop, &step, &count))
		return VALUE_UNSET;
	return tuple_of(vm, 3, (value[]){ value_int(start), value_int(stop), value_int(step) });
}

static const struct native methods[] = {
	{ "indices", indices, "len, /", "(start, stop, step) of this slice over a sequence of that length." },
	{ 0 },
};

static value get_start(struct vm *vm, value self) { return value_keep(as_slice(self)->start); }
static value get_stop(struct vm *vm, value self)  { return value_keep(as_slice(self)->stop); }
static value get_step(struct vm *vm, value self)  { return value_keep(as_slice(self)->step); }

static const struct getset attrs[] = {
	{ "start", get_start, NULL, "Where it begins; None: at the end that step begins with." },
	{ "stop", get_stop, NULL, "Before which it ends." },
	{ "step", get_step, NULL, "From one item to the next; None: 1." },
	{ 0 },
};

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "slice() takes no keyword arguments");
	if (call->count < 1 || call->count > 3)
		return vm_raise(vm, vm->errors.TypeError, "slice expected at %s %d argument%s, got %u", call->count ? "most" : "least",
		                call->count ? 3 : 1, call->count ? "s" : "", call->count);
	if (call->count == 1)
		return slice_new(vm, VALUE_NONE, call->args[0], VALUE_NONE);
	return slice_new(vm, call->args[0], call->args[1], call->count == 3 ? call->args[2] : VALUE_NONE);
}

static void release(struct object *o)
{
	struct slice *s = (struct slice *)o;
	value_drop(s->start);
	value_drop(s->stop);
	value_drop(s->step);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	struct slice *s = (struct slice *)o;
	value parts[] = { s->start, s->stop, s->step };
	for (int i = 0; i < 3; i++)
		if (parts[i].tag == TAG_OBJECT)
			visit_held(parts[i].o, state);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	struct slice *s = as_slice(self);
	buf_text(out, "slice(");
	bool ok = value_repr_to(vm, s->start, out);
	buf_text(out, ", ");
	ok = ok && value_repr_to(vm, s->stop, out);
	buf_text(out, ", ");
	ok = ok && value_repr_to(vm, s->step, out);
	buf_char(out, ')');
	return ok;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: 'slice'");
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_kind(b, KIND_SLICE))
		return VALUE_UNSUPPORTED;
	struct slice *p = as_slice(a), *q = as_slice(b);
	value x = tuple_of(vm, 3, (value[]){ p->start, p->stop, p->step });
	value y = tuple_of(vm, 3, (value[]){ q->start, q->stop, q->step });
	value answer = sequence_compare(vm, op, x, y);
	value_drop(x);
	value_drop(y);
	return answer;
}

void type_make_slice(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "slice", .doc = "What stands between the brackets of a[start:stop:step].", .kind = KIND_SLICE,
		.size = sizeof(struct slice), .flags = TYPE_CONTAINER, .signature = "start, stop, step=None, /",
		.slots = { .make = make, .release = release, .visit = visit, .repr = repr, .hash = hash, .compare = compare },
		.methods = methods, .attrs = attrs,
	};
	vm->types.slice = type_new(vm, &spec, NULL);
}
