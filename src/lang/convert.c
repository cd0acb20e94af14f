/* Values as C's numbers and bytes, for natives. */
#include "lang/value.h"

#include <math.h>

#include "lang/dunder.h"
#include "lang/int.h"
#include "lang/types.h"
#include "lang/vm.h"

/* v itself or what its __index__ gives: owned. */
static value as_index(struct vm *vm, value v)
{
	if (is_int(v))
		return value_keep(v);
	value index = dunder_call(vm, v, vm->names.index_, 0, NULL);
	if (is_unset(index) && !vm_pending(vm))
		return vm_raise(vm, vm->errors.TypeError, "'%s' object cannot be interpreted as an integer", value_type_name(vm, v));
	if (is_unset(index) || is_int(index))
		return index;
	vm_raise(vm, vm->errors.TypeError, "__index__ returned non-int (type %s)", value_type_name(vm, index));
	value_drop(index);
	return VALUE_UNSET;
}

static bool big_to_int64(const mpz_t number, int64_t *out)
{
	if (!mpz_fits_slong_p(number))
		return false;
	*out = mpz_get_si(number);
	return true;
}

static bool int_to_int64(struct vm *vm, value v, int64_t *out)
{
	if (v.tag == TAG_INT || v.tag == TAG_BOOL) {
		*out = v.tag == TAG_INT ? v.i : v.b;
		return true;
	}
	return big_to_int64(((struct bigint *)v.o)->number, out) || vm_raise_ok(vm, vm->errors.OverflowError, "Python int too large to convert to C long");
}

bool value_to_int64(struct vm *vm, value v, int64_t *out)
{
	if (v.tag == TAG_INT) {
		*out = v.i;
		return true;
	}
	value index = as_index(vm, v);
	bool ok = !is_unset(index) && int_to_int64(vm, index, out);
	value_drop(index);
	return ok;
}

bool value_to_size(struct vm *vm, value v, size_t *out)
{
	int64_t number;
	if (!value_to_int64(vm, v, &number))
		return false;
	if (number < 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "a number that is not negative was expected, not %lld", (long long)number);
	*out = (size_t)number;
	return true;
}

static bool float_from_method(struct vm *vm, value v, double *out)
{
	value number = dunder_call(vm, v, vm->names.float_, 0, NULL);
	if (is_unset(number) && !vm_pending(vm)) {
		if (is_unset(type_find(value_type(vm, v), vm->names.index_)))
			return vm_raise_ok(vm, vm->errors.TypeError, "must be real number, not %s", value_type_name(vm, v));
		number = as_index(vm, v);
		bool ok = !is_unset(number) && value_to_double(vm, number, out);
		value_drop(number);
		return ok;
	}
	if (number.tag == TAG_FLOAT)
		*out = number.f;
	else if (!is_unset(number))
		vm_raise(vm, vm->errors.TypeError, "%s.__float__ returned non-float (type %s)", value_type_name(vm, v), value_type_name(vm, number));
	value_drop(number);
	return !vm_pending(vm);
}

bool value_to_double(struct vm *vm, value v, double *out)
{
	switch (v.tag) {
	case TAG_FLOAT: *out = v.f; return true;
	case TAG_INT:   *out = (double)v.i; return true;
	case TAG_BOOL:  *out = v.b; return true;
	default: break;
	}
	if (is_kind(v, KIND_BIGINT))
		return int_to_double(vm, v, out);
	if (is_kind(v, KIND_DECIMAL)) {
		*out = decimal_to_double((struct decimal *)v.o);
		return true;
	}
	return float_from_method(vm, v, out);
}

bool value_to_view(struct vm *vm, value v, struct view *out)
{
	const struct type *type = value_type(vm, v);
	if (is_bytes(v)) {
		*out = (struct view){ as_bytes(v)->data, as_bytes(v)->len };
		return true;
	}
	if (type->slots.view)
		return type->slots.view(vm, v, out);
	return vm_raise_ok(vm, vm->errors.TypeError, "a bytes-like object is required, not '%s'", type->name->data);
}
