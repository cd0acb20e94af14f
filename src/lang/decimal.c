#include "lang/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/float.h"
#include "lang/int.h"
#include "lang/sequence.h"

/* head.flags. -0 is the one number that a signed mpz can't hold. */
enum { MINUS_ZERO = 2 };

/* == Making ========================================================================================================== */

struct decimal *decimal_new(struct vm *vm)
{
	struct decimal *d = object_new(vm->types.decimal, 0);
	mpz_init(d->digits);
	return d;
}

struct decimal *decimal_copy(struct vm *vm, const struct decimal *d)
{
	struct decimal *copy = decimal_new(vm);
	mpz_set(copy->digits, d->digits);
	copy->exponent = d->exponent;
	copy->special = d->special;
	copy->head.flags |= d->head.flags & (DECIMAL_PLAIN | MINUS_ZERO);
	return copy;
}

struct decimal *decimal_special(struct vm *vm, int special)
{
	struct decimal *d = decimal_new(vm);
	d->special = (uint8_t)special;
	return d;
}

value decimal_from_parts(struct vm *vm, const mpz_t digits, int64_t exponent)
{
	struct decimal *d = decimal_new(vm);
	mpz_set(d->digits, digits);
	d->exponent = exponent;
	return value_object(d);
}

value decimal_from_int(struct vm *vm, int64_t number, int64_t exponent)
{
	struct decimal *d = decimal_new(vm);
	mpz_set_si(d->digits, number);
	d->exponent = exponent;
	return value_object(d);
}

static struct decimal *from_double(struct vm *vm, double x)
{
	if (!isfinite(x))
		return decimal_special(vm, isnan(x) ? DECIMAL_NAN : x > 0 ? DECIMAL_INFINITY : DECIMAL_MINUS_INFINITY);
	struct decimal *d = decimal_new(vm);
	int exponent;
	double m = frexp(x, &exponent);
	for (; m != floor(m); exponent--)
		m *= 2;
	mpz_set_d(d->digits, m);
	mpz_t power;
	mpz_init(power);
	if (exponent >= 0) {
		mpz_mul_2exp(d->digits, d->digits, (mp_bitcnt_t)exponent);
	} else {
		mpz_ui_pow_ui(power, 5, (unsigned long)-exponent);
		mpz_mul(d->digits, d->digits, power);
		d->exponent = exponent;
	}
	mpz_clear(power);
	if (x == 0) {
		d->exponent = 0;
		decimal_set_negative(d, signbit(x));
	}
	return d;
}

struct decimal *decimal_of(struct vm *vm, value v, bool floats)
{
	if (is_decimal(v))
		return object_keep(as_decimal(v));
	if (is_int(v)) {
		struct decimal *d = decimal_new(vm);
		int_to_mpz(v, d->digits);
		return d;
	}
	return floats && v.tag == TAG_FLOAT ? from_double(vm, v.f) : NULL;
}

/* == Digits ========================================================================================================== */

bool decimal_is_zero(const struct decimal *d)
{
	return d->special == DECIMAL_FINITE && !mpz_sgn(d->digits);
}

bool decimal_is_negative(const struct decimal *d)
{
	return d->special ? d->special == DECIMAL_MINUS_INFINITY : mpz_sgn(d->digits) < 0 || d->head.flags & MINUS_ZERO;
}

void decimal_set_negative(struct decimal *d, bool negative)
{
	d->head.flags &= (uint8_t)~MINUS_ZERO;
	if (d->special == DECIMAL_INFINITY || d->special == DECIMAL_MINUS_INFINITY)
		d->special = negative ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY;
	else if (negative && !mpz_sgn(d->digits))
		d->head.flags |= MINUS_ZERO;
	else if (negative != (mpz_sgn(d->digits) < 0))
		mpz_neg(d->digits, d->digits);
}

void mpz_power_of_ten(mpz_t out, uint64_t exponent)
{
	mpz_ui_pow_ui(out, 10, exponent);
}

size_t mpz_digits(const mpz_t n)
{
	size_t count = mpz_sizeinbase(n, 10);
	if (count == 1)
		return 1;
	mpz_t power;
	mpz_init(power);
	mpz_power_of_ten(power, count - 1);
	if (mpz_cmpabs(n, power) < 0)
		count--;
	mpz_clear(power);
	return count;
}

/* Whether what was cut off (rest of unit) takes the quotient one further from zero. */
static bool rounds_up(enum rounding how, const mpz_t quotient, const mpz_t rest, const mpz_t unit, bool negative)
{
	if (!mpz_sgn(rest))
		return false;
	mpz_t twice;
	mpz_init(twice);
	mpz_mul_2exp(twice, rest, 1);
	int half = mpz_cmpabs(twice, unit);
	mpz_clear(twice);
	switch (how) {
	case ROUND_HALF_EVEN: return half > 0 || (half == 0 && mpz_odd_p(quotient));
	case ROUND_HALF_UP: return half >= 0;
	case ROUND_HALF_DOWN: return half > 0;
	case ROUND_UP: return true;
	case ROUND_DOWN: return false;
	case ROUND_CEILING: return !negative;
	case ROUND_FLOOR: return negative;
	case ROUND_05UP: return mpz_tdiv_ui(quotient, 5) == 0;
	}
	return false;
}

void mpz_drop_digits(mpz_t n, uint64_t count, enum rounding how)
{
	bool negative = mpz_sgn(n) < 0;
	mpz_t unit, rest;
	mpz_inits(unit, rest, NULL);
	if (count > mpz_digits(n) + 1) {            /* less than half a unit, whatever it was */
		mpz_set_si(rest, mpz_sgn(n));
		mpz_set_ui(n, 0);
		mpz_set_ui(unit, 10);
	} else {
		mpz_power_of_ten(unit, count);
		mpz_tdiv_qr(n, rest, n, unit);
	}
	if (rounds_up(how, n, rest, unit, negative))
		negative ? mpz_sub_ui(n, n, 1) : mpz_add_ui(n, n, 1);
	mpz_clears(unit, rest, NULL);
}

void decimal_round(struct decimal *d, int64_t digits, enum rounding how)
{
	bool negative = decimal_is_negative(d);
	int64_t have = (int64_t)mpz_digits(d->digits);
	for (int64_t gone = have - digits; d->special == DECIMAL_FINITE && gone > 0; gone = (int64_t)mpz_digits(d->digits) - digits) {
		mpz_drop_digits(d->digits, (uint64_t)gone, how);
		d->exponent += gone;
	}
	if (!d->special)
		decimal_set_negative(d, negative);
}

int64_t decimal_adjusted(const struct decimal *d)
{
	return d->special ? 0 : d->exponent + (int64_t)mpz_digits(d->digits) - 1;
}

value decimal_finish(struct vm *vm, TAKES struct decimal *d)
{
	decimal_round(d, DECIMAL_PRECISION, ROUND_HALF_EVEN);
	if (!d->special && mpz_sgn(d->digits) && decimal_adjusted(d) > DECIMAL_EXPONENT_MOST) {
		object_drop(d);
		return vm_raise(vm, vm->errors.Overflow, "[<class 'decimal.Overflow'>]");
	}
	if (decimal_is_zero(d) && d->exponent > DECIMAL_EXPONENT_MOST)
		d->exponent = DECIMAL_EXPONENT_MOST;
	const int64_t least = -DECIMAL_EXPONENT_MOST - DECIMAL_PRECISION + 1;
	if (!d->special && d->exponent < least)
		decimal_rescale(d, least, ROUND_HALF_EVEN, DECIMAL_PRECISION);
	return value_object(d);
}

bool decimal_rescale(struct decimal *d, int64_t exponent, enum rounding how, uint64_t most)
{
	bool negative = decimal_is_negative(d);
	if (exponent > d->exponent) {
		mpz_drop_digits(d->digits, (uint64_t)(exponent - d->exponent), how);
	} else if (mpz_sgn(d->digits) && exponent < d->exponent) {
		uint64_t more = (uint64_t)(d->exponent - exponent);
		if (more > most)
			return false;
		mpz_t power;
		mpz_init(power);
		mpz_power_of_ten(power, more);
		mpz_mul(d->digits, d->digits, power);
		mpz_clear(power);
	}
	d->exponent = exponent;
	decimal_set_negative(d, negative);
	return mpz_digits(d->digits) <= most;
}

/* == Arithmetic ====================================================================================================== */

value decimal_invalid(struct vm *vm, const char *signal)
{
	return vm_raise(vm, vm->errors.InvalidOperation, "[<class 'decimal.%s'>]", signal);
}

/* Makes the exponents the same. What lies far below the digits that will be kept is made one unit there. */
static void align(struct decimal *a, struct decimal *b)
{
	struct decimal *high = a->exponent < b->exponent ? b : a, *low = high == a ? b : a;
	int64_t high_digits = (int64_t)mpz_digits(high->digits), low_digits = (int64_t)mpz_digits(low->digits);
	int64_t floor_at = high->exponent + (high_digits - DECIMAL_PRECISION - 2 < -1 ? high_digits - DECIMAL_PRECISION - 2 : -1);
	if (low_digits + low->exponent - 1 < floor_at) {
		mpz_set_si(low->digits, mpz_sgn(low->digits));
		low->exponent = floor_at;
	}
	decimal_rescale(high, low->exponent, ROUND_DOWN, UINT64_MAX);
}

static value add(struct vm *vm, const struct decimal *a, const struct decimal *b, bool subtract)
{
	struct decimal *x = decimal_copy(vm, a), *y = decimal_copy(vm, b);
	if (subtract)
		decimal_set_negative(y, !decimal_is_negative(y));
	if (x->special || y->special) {
		struct decimal *out = x->special == DECIMAL_NAN || !y->special ? x : y->special == DECIMAL_NAN || !x->special ? y : x;
		bool opposite = x->special && y->special && x->special != DECIMAL_NAN && y->special != DECIMAL_NAN && x->special != y->special;
		value made = opposite ? decimal_invalid(vm, "InvalidOperation") : value_keep(value_object(out));
		object_drop(x);
		object_drop(y);
		return made;
	}
	int64_t least = x->exponent < y->exponent ? x->exponent : y->exponent;
	bool minus = decimal_is_negative(x) && decimal_is_negative(y);
	if (!mpz_sgn(x->digits) || !mpz_sgn(y->digits)) {
		struct decimal *other = mpz_sgn(x->digits) ? x : y;
		int64_t lowest = mpz_sgn(other->digits) ? other->exponent - DECIMAL_PRECISION - 1 : least;
		x->head.flags &= (uint8_t)~MINUS_ZERO;
		mpz_add(x->digits, x->digits, y->digits);
		x->exponent = other->exponent;
		decimal_rescale(x, least < lowest ? lowest : least, ROUND_HALF_EVEN, UINT64_MAX);
	} else {
		align(x, y);
		mpz_add(x->digits, x->digits, y->digits);
	}
	if (!mpz_sgn(x->digits))
		decimal_set_negative(x, minus);
	object_drop(y);
	return decimal_finish(vm, x);
}

static value multiply(struct vm *vm, const struct decimal *a, const struct decimal *b)
{
	bool negative = decimal_is_negative(a) != decimal_is_negative(b);
	struct decimal *out = decimal_copy(vm, a);
	if (a->special == DECIMAL_NAN || b->special == DECIMAL_NAN) {
		out->special = DECIMAL_NAN;
		return value_object(out);
	}
	if (a->special || b->special) {
		if (decimal_is_zero(a) || decimal_is_zero(b)) {
			object_drop(out);
			return decimal_invalid(vm, "InvalidOperation");
		}
		out->special = DECIMAL_INFINITY;
	} else {
		mpz_mul(out->digits, a->digits, b->digits);
		out->exponent = a->exponent + b->exponent;
	}
	decimal_set_negative(out, negative);
	return out->special ? value_object(out) : decimal_finish(vm, out);
}

static value divide_special(struct vm *vm, const struct decimal *a, const struct decimal *b, bool negative)
{
	if (a->special == DECIMAL_NAN || b->special == DECIMAL_NAN)
		return value_object(decimal_special(vm, DECIMAL_NAN));
	if (a->special && b->special)
		return decimal_invalid(vm, "InvalidOperation");
	struct decimal *out = a->special ? decimal_special(vm, DECIMAL_INFINITY) : decimal_new(vm);
	if (!a->special)
		out->exponent = -DECIMAL_EXPONENT_MOST - DECIMAL_PRECISION + 1;
	decimal_set_negative(out, negative);
	return value_object(out);
}

static value by_zero(struct vm *vm, const struct decimal *a)
{
	if (decimal_is_zero(a))
		return decimal_invalid(vm, "DivisionUndefined");
	return vm_raise(vm, vm->errors.DivisionByZero, "[<class 'decimal.DivisionByZero'>]");
}

/* The quotient to one digit more than is kept; what is left over is remembered in the last one. */
static value divide(struct vm *vm, const struct decimal *a, const struct decimal *b)
{
	bool negative = decimal_is_negative(a) != decimal_is_negative(b);
	if (a->special || b->special)
		return divide_special(vm, a, b, negative);
	if (decimal_is_zero(b))
		return by_zero(vm, a);
	struct decimal *out = decimal_copy(vm, a);
	int64_t ideal = a->exponent - b->exponent;
	out->exponent = ideal;
	if (mpz_sgn(a->digits)) {
		int64_t shift = (int64_t)mpz_digits(b->digits) - (int64_t)mpz_digits(a->digits) + DECIMAL_PRECISION + 1;
		mpz_t power, rest, divisor;
		mpz_inits(power, rest, NULL);
		mpz_init_set(divisor, b->digits);
		mpz_power_of_ten(power, (uint64_t)llabs(shift));
		mpz_mul(shift >= 0 ? out->digits : divisor, shift >= 0 ? out->digits : divisor, power);
		mpz_tdiv_qr(out->digits, rest, out->digits, divisor);
		mpz_abs(out->digits, out->digits);
		out->exponent = ideal - shift;
		if (mpz_sgn(rest)) {
			if (mpz_divisible_ui_p(out->digits, 5))
				mpz_add_ui(out->digits, out->digits, 1);
		} else {
			for (; out->exponent < ideal && mpz_divisible_ui_p(out->digits, 10); out->exponent++)
				mpz_divexact_ui(out->digits, out->digits, 10);
		}
		mpz_clears(power, rest, divisor, NULL);
	}
	decimal_set_negative(out, negative);
	return decimal_finish(vm, out);
}

/* Quotient and rest of division towards zero; false: raised. Both finite, b not zero. */
static bool divide_whole(struct vm *vm, const struct decimal *a, const struct decimal *b, struct decimal **quotient, struct decimal **rest)
{
	struct decimal *q = decimal_copy(vm, a), *r = decimal_copy(vm, b);
	int64_t ideal = a->exponent < b->exponent ? a->exponent : b->exponent, distance = decimal_adjusted(a) - decimal_adjusted(b);
	bool negative = decimal_is_negative(a) != decimal_is_negative(b), rest_negative = decimal_is_negative(a), fits = true;
	if (decimal_is_zero(a) || distance <= -2) {
		mpz_set(r->digits, a->digits);
		r->exponent = a->exponent;
		fits = decimal_rescale(r, ideal, ROUND_HALF_EVEN, UINT64_MAX / 4);
		mpz_set_ui(q->digits, 0);
	} else if (distance <= DECIMAL_PRECISION) {
		decimal_rescale(q, ideal, ROUND_DOWN, UINT64_MAX / 4);
		decimal_rescale(r, ideal, ROUND_DOWN, UINT64_MAX / 4);
		mpz_tdiv_qr(q->digits, r->digits, q->digits, r->digits);
		fits = mpz_digits(q->digits) <= DECIMAL_PRECISION;
	} else {
		fits = false;
	}
	q->exponent = 0;
	decimal_set_negative(q, negative);
	decimal_set_negative(r, rest_negative);
	*quotient = q;
	*rest = r;
	if (!fits) {
		object_drop(q);
		object_drop(r);
		decimal_invalid(vm, "DivisionImpossible");
	}
	return fits;
}

/* What // and % say to infinities, NaN and zero; unset with nothing pending: the division can be done. */
static value whole_special(struct vm *vm, enum operator op, const struct decimal *a, const struct decimal *b)
{
	bool negative = decimal_is_negative(a) != decimal_is_negative(b);
	if (a->special == DECIMAL_NAN || b->special == DECIMAL_NAN)
		return value_object(decimal_special(vm, DECIMAL_NAN));
	if (a->special) {
		if (b->special || op == OP_MOD_)
			return decimal_invalid(vm, "InvalidOperation");
		return value_object(decimal_special(vm, negative ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY));
	}
	if (decimal_is_zero(b))
		return op == OP_MOD_ && !decimal_is_zero(a) ? decimal_invalid(vm, "InvalidOperation") : by_zero(vm, a);
	if (!b->special)
		return VALUE_UNSET;
	struct decimal *out = op == OP_MOD_ ? decimal_copy(vm, a) : decimal_new(vm);
	if (op != OP_MOD_)
		decimal_set_negative(out, negative);
	return op == OP_MOD_ ? decimal_finish(vm, out) : value_object(out);
}

static value whole(struct vm *vm, enum operator op, const struct decimal *a, const struct decimal *b)
{
	struct decimal *quotient, *rest;
	value made = whole_special(vm, op, a, b);
	if (!is_unset(made) || vm_pending(vm) || !divide_whole(vm, a, b, &quotient, &rest))
		return made;
	object_drop(op == OP_MOD_ ? quotient : rest);
	return decimal_finish(vm, op == OP_MOD_ ? rest : quotient);
}

value decimal_divmod(struct vm *vm, const struct decimal *a, const struct decimal *b)
{
	if (!a->special && !decimal_is_zero(a) && decimal_is_zero(b))
		return vm_raise(vm, vm->errors.InvalidOperation, "[<class 'decimal.InvalidOperation'>, <class 'decimal.DivisionByZero'>]");
	value parts[2] = { whole(vm, OP_FLOORDIV_, a, b), VALUE_UNSET };
	if (!is_unset(parts[0]))
		parts[1] = whole(vm, OP_MOD_, a, b);
	value pair = is_unset(parts[1]) ? VALUE_UNSET : tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	return pair;
}

/* == The operators, comparison ======================================================================================= */

value decimal_arithmetic(struct vm *vm, enum operator op, const struct decimal *a, const struct decimal *b)
{
	value made;
	switch (op) {
	case OP_ADD_: made = add(vm, a, b, false); break;
	case OP_SUB_: made = add(vm, a, b, true); break;
	case OP_MUL_: made = multiply(vm, a, b); break;
	case OP_DIV_: made = divide(vm, a, b); break;
	case OP_FLOORDIV_: case OP_MOD_: made = whole(vm, op, a, b); break;
	case OP_POW_: made = decimal_power(vm, a, b); break;
	default: return VALUE_UNSUPPORTED;
	}
	if (!is_unset(made))
		made.o->flags |= (a->head.flags | b->head.flags) & DECIMAL_PLAIN;
	return made;
}

static int sign_of(const struct decimal *d)
{
	return d->special ? (d->special == DECIMAL_INFINITY ? 2 : -2) : mpz_sgn(d->digits);
}

int decimal_order(const struct decimal *a, const struct decimal *b)
{
	int x = sign_of(a), y = sign_of(b);
	if (x != y || a->special)
		return x < y ? -1 : x > y;
	if (!x)
		return 0;
	int64_t p = decimal_adjusted(a), q = decimal_adjusted(b);
	if (p != q)
		return (p < q) == (x > 0) ? -1 : 1;
	mpz_t power;
	mpz_init(power);
	mpz_power_of_ten(power, (uint64_t)llabs(a->exponent - b->exponent));
	bool up = a->exponent > b->exponent;
	mpz_mul(power, up ? a->digits : b->digits, power);
	int order = up ? mpz_cmp(power, b->digits) : mpz_cmp(a->digits, power);
	mpz_clear(power);
	return order < 0 ? -1 : order > 0;
}

value decimal_to_int(struct vm *vm, const struct decimal *d, enum rounding how)
{
	if (d->special == DECIMAL_NAN)
		return vm_raise(vm, vm->errors.ValueError, "cannot convert NaN to integer");
	if (d->special)
		return vm_raise(vm, vm->errors.OverflowError, "cannot convert Infinity to integer");
	if (!int_room(vm, (double)decimal_adjusted(d) * 3.4))
		return VALUE_UNSET;
	mpz_t n, power;
	mpz_init_set(n, d->digits);
	mpz_init(power);
	if (d->exponent < 0) {
		mpz_drop_digits(n, (uint64_t)-d->exponent, how);
	} else {
		mpz_power_of_ten(power, mpz_sgn(n) ? (uint64_t)d->exponent : 0);
		mpz_mul(n, n, power);
	}
	value made = int_from_mpz(vm, n);
	mpz_clears(n, power, NULL);
	return made;
}

double decimal_to_double(const struct decimal *d)
{
	if (d->special)
		return d->special == DECIMAL_NAN ? NAN : d->special == DECIMAL_INFINITY ? INFINITY : -INFINITY;
	struct buf text = {0};
	decimal_print(&text, d, false);
	double x = strtod(buf_str(&text), NULL);
	buf_free(&text);
	return x;
}
