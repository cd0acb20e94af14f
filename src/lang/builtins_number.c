/* Built-in functions of numbers: abs bin oct hex divmod pow round. */
#include <math.h>

#include "base/buf.h"
#include "lang/builtins.h"
#include "lang/int.h"
#include "lang/str.h"
#include "lang/types.h"

static value do_abs(struct vm *vm, value *a)
{
	value v = a[0];
	bool found;

	if (v.tag == TAG_FLOAT)
		return value_float(fabs(v.f));
	if (v.tag == TAG_INT && v.i > INT64_MIN)
		return value_int(v.i < 0 ? -v.i : v.i);
	value r = special_call(vm, v, vm->names.abs_, 0, NULL, &found);
	if (!found)
		return vm_raise(vm, vm->errors.TypeError, "bad operand type for abs(): '%s'", value_type_name(vm, v));
	return r;
}

/* ---- bases --------------------------------------------------------------------------------------------------------- */

/* Of a number that is no bigger than 64 bits; `bits` is how many a digit has. */
static value in_base_small(struct vm *vm, int64_t n, unsigned bits, const char *prefix)
{
	char text[72], *at = text + sizeof text;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--at = "0123456789abcdef"[left & ((1u << bits) - 1)];
	while (left >>= bits);
	*--at = prefix[1];
	*--at = prefix[0];
	if (n < 0)
		*--at = '-';
	return value_object(str_ascii(vm, at, (size_t)(text + sizeof text - at)));
}

static value in_base(struct vm *vm, value v, int base, const char *prefix)
{
	if (v.tag == TAG_INT)
		return in_base_small(vm, v.i, base == 2 ? 1 : base == 8 ? 3 : 4, prefix);
	value n = int_index(vm, v);
	struct buf b = {0};

	if (is_unset(n))
		return n;
	int_print_base(&b, n, base, false);
	value_drop(n);
	bool minus = b.data[0] == '-';
	struct str *s = str_printf(vm, "%s%s%s", minus ? "-" : "", prefix, b.data + minus);
	buf_free(&b);
	return value_object(s);
}

static value do_bin(struct vm *vm, value *a) { return in_base(vm, a[0], 2, "0b"); }
static value do_oct(struct vm *vm, value *a) { return in_base(vm, a[0], 8, "0o"); }
static value do_hex(struct vm *vm, value *a) { return in_base(vm, a[0], 16, "0x"); }

/* ---- divmod and pow -------------------------------------------------------------------------------------------------- */

static value do_divmod(struct vm *vm, value *a)
{
	bool found;
	value r = special_call(vm, a[0], str_intern(vm, "__divmod__"), 1, &a[1], &found);

	if (!found || r.tag == TAG_NOT_IMPLEMENTED)
		r = special_call(vm, a[1], str_intern(vm, "__rdivmod__"), 1, &a[0], &found);
	if (!found || r.tag == TAG_NOT_IMPLEMENTED)
		return vm_raise(vm, vm->errors.TypeError, "unsupported operand type(s) for divmod(): '%s' and '%s'",
			value_type_name(vm, a[0]), value_type_name(vm, a[1]));
	return r;
}

static value do_pow(struct vm *vm, value *a)
{
	bool found;

	if (is_none(a[2]))
		return value_binary(vm, OP_POW_, a[0], a[1], false);
	if (is_int(a[0]) && is_int(a[1]) && is_int(a[2]))
		return int_power_modulo(vm, a[0], a[1], a[2]);
	if (is_int(a[0]) || a[0].tag == TAG_FLOAT)
		return vm_raise(vm, vm->errors.TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
	value r = special_call(vm, a[0], vm->names.pow_, 2, &a[1], &found);
	if (!found)
		return vm_raise(vm, vm->errors.TypeError, "unsupported operand type(s) for ** or pow(): '%s', '%s', '%s'",
			value_type_name(vm, a[0]), value_type_name(vm, a[1]), value_type_name(vm, a[2]));
	return r;
}

static value do_round(struct vm *vm, value *a)
{
	bool found;
	value r = special_call(vm, a[0], vm->names.round_, !is_none(a[1]), &a[1], &found);

	if (!found)
		return vm_raise(vm, vm->errors.TypeError, "type %s doesn't define __round__ method", value_type_name(vm, a[0]));
	return r;
}

const struct native builtins_number[] = {
	{ "abs", do_abs, "x, /", "The absolute value of a number." },
	{ "bin", do_bin, "number, /", "An integer in binary, such as '0b1010'." },
	{ "oct", do_oct, "number, /", "An integer in octal, such as '0o12'." },
	{ "hex", do_hex, "number, /", "An integer in hexadecimal, such as '0xa'." },
	{ "divmod", do_divmod, "x, y, /", "The pair (x // y, x % y)." },
	{ "pow", do_pow, "base, exp, mod=None", "base ** exp, or base ** exp % mod without the large number in between." },
	{ "round", do_round, "number, ndigits=None", "Rounded to ndigits after the point; halves go to the even neighbour." },
	{0}
};
