/* Built-in functions of numbers: abs bin oct hex divmod pow round. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "lang/builtins.h"
#include "lang/types.h"

static value do_abs(struct vm *vm, value *a)
{
	value v = a[0];
	bool found;

	if (v.tag == TAG_FLOAT)
		return value_float(fabs(v.f));
	if (v.tag == TAG_BOOL)
		return value_int(v.b);
	if (v.tag == TAG_INT && v.i >= 0)
		return v;
	if (is_kind(v, KIND_BIGINT) && mpz_sgn(((struct bigint *)v.o)->number) >= 0)
		return value_keep(v);
	if (is_int(v))
		return value_unary(vm, UNARY_NEG, v);
	value r = special_call(vm, v, "__abs__", 0, NULL, &found);
	if (!found)
		return vm_raise(vm, vm->errors.TypeError, "bad operand type for abs(): '%s'", value_type_name(vm, v));
	return r;
}

/* ---- bases --------------------------------------------------------------------------------------------------------- */

static value in_base(struct vm *vm, value v, int base, const char *prefix)
{
	value n = index_value(vm, v);
	struct buf b = {0};
	mpz_t number;

	if (is_unset(n))
		return n;
	mpz_init(number);
	int_to_mpz(n, number);
	value_drop(n);
	if (mpz_sgn(number) < 0)
		buf_char(&b, '-');
	buf_text(&b, prefix);
	mpz_abs(number, number);
	char *digits = mpz_get_str(NULL, base, number);
	buf_text(&b, digits);
	void (*release)(void *, size_t);
	mp_get_memory_functions(NULL, NULL, &release);
	release(digits, mpz_sizeinbase(number, base) + 2);
	mpz_clear(number);
	return str_from_buf(vm, &b);
}

static value do_bin(struct vm *vm, value *a) { return in_base(vm, a[0], 2, "0b"); }
static value do_oct(struct vm *vm, value *a) { return in_base(vm, a[0], 8, "0o"); }
static value do_hex(struct vm *vm, value *a) { return in_base(vm, a[0], 16, "0x"); }

/* ---- divmod and pow -------------------------------------------------------------------------------------------------- */

static value pair_of(struct vm *vm, TAKES value one, TAKES value two)
{
	value pair = is_unset(one) || is_unset(two) ? VALUE_UNSET : tuple_of(vm, 2, (value[]){ one, two });

	value_drop(one);
	value_drop(two);
	return pair;
}

static bool is_number(value v)
{
	return is_int(v) || v.tag == TAG_FLOAT || is_kind(v, KIND_DECIMAL);
}

static value do_divmod(struct vm *vm, value *a)
{
	bool found;
	value r = VALUE_UNSUPPORTED;

	if (!is_number(a[0]) || !is_number(a[1])) {
		r = special_call(vm, a[0], "__divmod__", 1, &a[1], &found);
		if (!found || r.tag == TAG_NOT_IMPLEMENTED)
			r = special_call(vm, a[1], "__rdivmod__", 1, &a[0], &found);
		if (!found || r.tag == TAG_NOT_IMPLEMENTED)
			return vm_raise(vm, vm->errors.TypeError, "unsupported operand type(s) for divmod(): '%s' and '%s'",
				value_type_name(vm, a[0]), value_type_name(vm, a[1]));
		return r;
	}
	value quotient = value_binary(vm, OP_FLOORDIV_, a[0], a[1], false);
	if (is_unset(quotient))
		return quotient;
	return pair_of(vm, quotient, value_binary(vm, OP_MOD_, a[0], a[1], false));
}

static value power_modulo(struct vm *vm, value base, value exponent, value modulus)
{
	mpz_t b, e, m;
	value r = VALUE_UNSET;

	mpz_inits(b, e, m, NULL);
	int_to_mpz(base, b);
	int_to_mpz(exponent, e);
	int_to_mpz(modulus, m);
	if (mpz_sgn(m) == 0)
		vm_raise(vm, vm->errors.ValueError, "pow() 3rd argument cannot be 0");
	else if (mpz_sgn(e) < 0 && !mpz_invert(b, b, m) && mpz_cmpabs_ui(m, 1))
		vm_raise(vm, vm->errors.ValueError, "base is not invertible for the given modulus");
	else {
		mpz_abs(e, e);
		mpz_powm(b, b, e, m);
		if (mpz_sgn(m) < 0 && mpz_sgn(b) > 0)
			mpz_add(b, b, m);
		r = int_from_mpz(vm, b);
	}
	mpz_clears(b, e, m, NULL);
	return r;
}

static value do_pow(struct vm *vm, value *a)
{
	bool found;

	if (is_none(a[2]))
		return value_binary(vm, OP_POW_, a[0], a[1], false);
	if (is_int(a[0]) && is_int(a[1]) && is_int(a[2]))
		return power_modulo(vm, a[0], a[1], a[2]);
	if (is_number(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
	value r = special_call(vm, a[0], "__pow__", 2, &a[1], &found);
	if (!found)
		return vm_raise(vm, vm->errors.TypeError, "unsupported operand type(s) for ** or pow(): '%s', '%s', '%s'",
			value_type_name(vm, a[0]), value_type_name(vm, a[1]), value_type_name(vm, a[2]));
	return r;
}

/* ---- round: halves go to the even neighbour ---------------------------------------------------------------------- */

/* q to the nearest integer. */
static void round_half_even(mpz_t out, const mpq_t q)
{
	mpz_t rest, doubled;

	mpz_inits(rest, doubled, NULL);
	mpz_fdiv_qr(out, rest, mpq_numref(q), mpq_denref(q));
	mpz_mul_2exp(doubled, rest, 1);
	int half = mpz_cmp(doubled, mpq_denref(q));
	if (half > 0 || (half == 0 && mpz_odd_p(out)))
		mpz_add_ui(out, out, 1);
	mpz_clears(rest, doubled, NULL);
}

/* q to a multiple of 10^places. */
static void round_to_power(mpz_t out, const mpq_t q, unsigned long places)
{
	mpq_t scaled;
	mpz_t power;

	mpz_init(power);
	mpq_init(scaled);
	mpz_ui_pow_ui(power, 10, places);
	mpz_set(mpq_numref(scaled), mpq_numref(q));
	mpz_mul(mpq_denref(scaled), mpq_denref(q), power);
	round_half_even(out, scaled);
	mpz_mul(out, out, power);
	mpq_clear(scaled);
	mpz_clear(power);
}

static value round_float_to_int(struct vm *vm, double f)
{
	if (isnan(f))
		return vm_raise(vm, vm->errors.ValueError, "cannot convert float NaN to integer");
	if (isinf(f))
		return vm_raise(vm, vm->errors.OverflowError, "cannot convert float infinity to integer");
	f = nearbyint(f);
	if (fabs(f) < 9e18)
		return value_int((int64_t)f);
	mpz_t number;
	mpz_init_set_d(number, f);
	value v = int_from_mpz(vm, number);
	mpz_clear(number);
	return v;
}

static value round_float(struct vm *vm, double f, int64_t digits)
{
	char text[800];
	mpq_t q;
	mpz_t whole;

	if (!isfinite(f) || digits > 323 || f == 0)
		return value_float(f);
	if (digits < -308)
		return value_float(f * 0.0);
	if (digits >= 0) {
		snprintf(text, sizeof text, "%.*f", (int)digits, f);
		return value_float(strtod(text, NULL));
	}
	mpq_init(q);
	mpz_init(whole);
	mpq_set_d(q, f);
	round_to_power(whole, q, (unsigned long)-digits);
	gmp_snprintf(text, sizeof text, "%s%Zd", signbit(f) && mpz_sgn(whole) == 0 ? "-" : "", whole);
	mpz_clear(whole);
	mpq_clear(q);
	double r = strtod(text, NULL);
	if (isinf(r))
		return vm_raise(vm, vm->errors.OverflowError, "rounded value too large to represent");
	return value_float(r);
}

static value round_int(struct vm *vm, value v, int64_t digits)
{
	mpq_t q;
	mpz_t whole;

	if (digits >= 0)
		return v.tag == TAG_BOOL ? value_int(v.b) : value_keep(v);
	mpq_init(q);
	mpz_init(whole);
	int_to_mpz(v, mpq_numref(q));
	if (mpz_sizeinbase(mpq_numref(q), 10) + 1 >= (uint64_t)-digits)
		round_to_power(whole, q, (unsigned long)-digits);
	value r = int_from_mpz(vm, whole);
	mpz_clear(whole);
	mpq_clear(q);
	return r;
}

static value do_round(struct vm *vm, value *a)
{
	bool whole = is_none(a[1]), found;
	int64_t digits = 0;

	if (!is_int(a[0]) && a[0].tag != TAG_FLOAT) {
		value r = special_call(vm, a[0], "__round__", !whole, &a[1], &found);
		if (!found)
			return vm_raise(vm, vm->errors.TypeError, "type %s doesn't define __round__ method", value_type_name(vm, a[0]));
		return r;
	}
	if (!whole && !value_to_int64(vm, a[1], &digits))
		return VALUE_UNSET;
	if (is_int(a[0]))
		return round_int(vm, a[0], digits);
	return whole ? round_float_to_int(vm, a[0].f) : round_float(vm, a[0].f, digits);
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
