/* Powers and roots of Decimals. */
#include <stdlib.h>

#include "lang/decimal.h"

enum { EXACT_DIGITS = 20000, SPARE_DIGITS = 24 };

/* n^power, rounded on the way when it grows too long, with digits to spare. */
static void raise_to(struct decimal *out, const struct decimal *base, uint64_t power)
{
	mpz_t square;
	int64_t square_exponent = base->exponent, keep = DECIMAL_PRECISION + SPARE_DIGITS;
	if ((double)mpz_digits(base->digits) * (double)power < EXACT_DIGITS)
		keep = EXACT_DIGITS + 64;
	mpz_init_set(square, base->digits);
	mpz_set_ui(out->digits, 1);
	out->exponent = 0;
	for (; power; power >>= 1) {
		struct { mpz_ptr n; int64_t *exponent; } both[2] = { { out->digits, &out->exponent }, { square, &square_exponent } };
		if (power & 1) {
			mpz_mul(out->digits, out->digits, square);
			out->exponent += square_exponent;
		}
		mpz_mul(square, square, square);
		square_exponent *= 2;
		for (int i = 0; i < 2; i++) {
			int64_t gone = (int64_t)mpz_digits(both[i].n) - keep;
			if (gone > 0) {
				mpz_drop_digits(both[i].n, (uint64_t)gone, ROUND_HALF_EVEN);
				*both[i].exponent += gone;
			}
		}
		if (llabs(square_exponent) > INT64_MAX / 4)
			break;
	}
	mpz_clear(square);
}

static bool as_whole(const struct decimal *d, int64_t *out)
{
	mpz_t n;
	bool ok = !d->special && d->exponent < 20;
	if (!ok || decimal_adjusted(d) < 0) {
		*out = 0;
		return ok && decimal_is_zero(d);
	}
	mpz_init_set(n, d->digits);
	mpz_t power, rest;
	mpz_inits(power, rest, NULL);
	mpz_power_of_ten(power, (uint64_t)llabs(d->exponent));
	if (d->exponent >= 0)
		mpz_mul(n, n, power);
	else
		mpz_tdiv_qr(n, rest, n, power);
	ok = !mpz_sgn(rest) && mpz_fits_slong_p(n);
	*out = ok ? mpz_get_si(n) : 0;
	mpz_clears(n, power, rest, NULL);
	return ok;
}

static value infinite_power(struct vm *vm, const struct decimal *a, int64_t n)
{
	struct decimal *out = n > 0 ? decimal_special(vm, DECIMAL_INFINITY) : decimal_new(vm);
	if (n == 0)
		mpz_set_ui(out->digits, 1);
	decimal_set_negative(out, a->special == DECIMAL_MINUS_INFINITY && n & 1);
	return value_object(out);
}

value decimal_power(struct vm *vm, const struct decimal *a, const struct decimal *b)
{
	int64_t n;
	if (a->special == DECIMAL_NAN || b->special == DECIMAL_NAN)
		return value_object(decimal_special(vm, DECIMAL_NAN));
	if (!b->special && mpz_cmp_ui(b->digits, 5) == 0 && b->exponent == -1)
		return decimal_sqrt(vm, a);
	if (a->special && as_whole(b, &n))
		return infinite_power(vm, a, n);
	if (a->special || !as_whole(b, &n))
		return vm_raise(vm, vm->errors.InvalidOperation, "Decimal ** takes finite numbers and whole exponents only");
	if (n == 0 && decimal_is_zero(a))
		return decimal_invalid(vm, "InvalidOperation");
	if (n < 0 && decimal_is_zero(a))
		return value_object(decimal_special(vm, decimal_is_negative(a) && n & 1 ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY));
	double size = (double)(decimal_adjusted(a) + 1) * (double)n;
	if (size > 4e6 && mpz_cmpabs_ui(a->digits, 1))
		return vm_raise(vm, vm->errors.Overflow, "[<class 'decimal.Overflow'>]");
	struct decimal *out = decimal_copy(vm, a);
	if (decimal_is_zero(a))
		out->exponent = 0;
	else
		raise_to(out, a, n < 0 ? -(uint64_t)n : (uint64_t)n);
	decimal_set_negative(out, decimal_is_negative(a) && n & 1);
	if (n >= 0)
		return decimal_finish(vm, out);
	struct decimal *one = decimal_new(vm);
	mpz_set_ui(one->digits, 1);
	value made = decimal_arithmetic(vm, OP_DIV_, one, out);
	object_drop(one);
	object_drop(out);
	return made;
}

value decimal_sqrt(struct vm *vm, const struct decimal *d)
{
	if (d->special == DECIMAL_NAN || d->special == DECIMAL_INFINITY)
		return value_object(decimal_copy(vm, d));
	if (decimal_is_negative(d) && !decimal_is_zero(d))
		return decimal_invalid(vm, "InvalidOperation");
	struct decimal *out = decimal_copy(vm, d);
	int64_t ideal = d->exponent >= 0 ? d->exponent / 2 : -((1 - d->exponent) / 2);
	if (decimal_is_zero(d)) {
		out->exponent = ideal;
		return value_object(out);
	}
	/* Enough digits for 29 in the root, and an even exponent. */
	int64_t have = (int64_t)mpz_digits(d->digits), shift = 2 * (DECIMAL_PRECISION + 1) - have + 1;
	if (shift < 0)
		shift = 0;
	if ((d->exponent - shift) % 2)
		shift++;
	mpz_t power, rest;
	mpz_inits(power, rest, NULL);
	mpz_power_of_ten(power, (uint64_t)shift);
	mpz_mul(out->digits, out->digits, power);
	mpz_sqrtrem(out->digits, rest, out->digits);
	out->exponent = (d->exponent - shift) / 2;
	if (mpz_sgn(rest)) {
		if (mpz_divisible_ui_p(out->digits, 5))
			mpz_add_ui(out->digits, out->digits, 1);
	} else {
		for (; out->exponent < ideal && mpz_divisible_ui_p(out->digits, 10); out->exponent++)
			mpz_divexact_ui(out->digits, out->digits, 10);
	}
	mpz_clears(power, rest, NULL);
	return decimal_finish(vm, out);
}
