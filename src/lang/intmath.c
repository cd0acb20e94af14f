/* Arithmetic of int: 64 bits inline while the result fits, GMP beyond. */
#include "lang/int.h"

#include <math.h>

#include "base/mem.h"
#include "lang/float.h"

/* == Numbers and objects ============================================================================================= */

mpz_srcptr int_wide(value v, struct wide *w)
{
	if (is_kind(v, KIND_BIGINT))
		return ((struct bigint *)v.o)->number;
	int64_t i = v.tag == TAG_BOOL ? v.b : v.i;
	w->limb = i < 0 ? -(mp_limb_t)i : (mp_limb_t)i;
	return mpz_roinit_n(w->number, &w->limb, i < 0 ? -1 : i > 0);
}

value int_from_mpz(struct vm *vm, const mpz_t number)
{
	if (mpz_fits_slong_p(number))
		return value_int(mpz_get_si(number));
	struct bigint *b = object_new(vm->types.int_, 0);
	mpz_init_set(b->number, number);
	return value_object(b);
}

/* The number is taken over when it does not fit. */
static value from_taken(struct vm *vm, mpz_t number)
{
	if (mpz_fits_slong_p(number)) {
		int64_t i = mpz_get_si(number);
		mpz_clear(number);
		return value_int(i);
	}
	struct bigint *b = object_new(vm->types.int_, 0);
	b->number[0] = number[0];
	return value_object(b);
}

value int_from_u64(struct vm *vm, uint64_t number)
{
	if (number <= INT64_MAX)
		return value_int((int64_t)number);
	mpz_t z;
	mpz_init_set_ui(z, number);
	return from_taken(vm, z);
}

bool int_to_mpz(value v, mpz_t out)
{
	if (!is_int(v))
		return false;
	struct wide w;
	mpz_set(out, int_wide(v, &w));
	return true;
}

bool int_to_u64(value v, uint64_t *out)
{
	if (!is_int(v))
		return false;
	struct wide w;
	mpz_srcptr z = int_wide(v, &w);
	if (mpz_sgn(z) < 0 || mpz_sizeinbase(z, 2) > 64)
		return false;
	*out = mpz_get_ui(z);
	return true;
}

int int_order(value a, value b)
{
	struct wide w, x;
	int64_t i, j;
	if (int_small(a, &i) && int_small(b, &j))
		return i < j ? -1 : i > j;
	return mpz_cmp(int_wide(a, &w), int_wide(b, &x));
}

bool int_is_zero(value v)
{
	int64_t i;
	return int_small(v, &i) && i == 0;
}

bool int_is_negative(value v)
{
	struct wide w;
	return mpz_sgn(int_wide(v, &w)) < 0;
}

value int_plain(struct vm *vm, value v)
{
	int64_t i;
	if (int_small(v, &i))
		return value_int(i);
	return v.o->type == vm->types.int_ ? value_keep(v) : int_from_mpz(vm, ((struct bigint *)v.o)->number);
}

bool int_room(struct vm *vm, double bits)
{
	return bits <= INT_BITS_MOST || vm_raise_ok(vm, vm->errors.MemoryError, "an int of more than 64 MiB");
}

/* == Doubles ========================================================================================================= */

bool mpz_to_double(const mpz_t number, int64_t exponent, bool more, double *out)
{
	mpz_t n;
	mpz_init(n);
	mpz_abs(n, number);
	int64_t bits = mpz_sgn(n) ? (int64_t)mpz_sizeinbase(n, 2) : 0, top = bits + exponent;
	int64_t precision = top < -1021 ? top + 1074 : 53, gone = bits - precision;
	*out = 0;
	if (bits && top <= 1024 && precision >= 0) {
		if (gone > 0) {
			bool half = mpz_tstbit(n, (mp_bitcnt_t)gone - 1);
			bool rest = more || mpz_scan1(n, 0) < (mp_bitcnt_t)gone - 1;
			mpz_tdiv_q_2exp(n, n, (mp_bitcnt_t)gone);
			if (half && (rest || mpz_odd_p(n)))
				mpz_add_ui(n, n, 1);
			exponent += gone;
		}
		*out = ldexp(mpz_get_d(n), (int)exponent);
	}
	if (mpz_sgn(number) < 0)
		*out = -*out;
	mpz_clear(n);
	return top <= 1024 && !isinf(*out);
}

bool int_to_double(struct vm *vm, value v, double *out)
{
	int64_t i = 0;
	struct wide w;
	if (int_small(v, &i)) {
		*out = (double)i;
		return true;
	}
	return mpz_to_double(int_wide(v, &w), 0, false, out) || vm_raise_ok(vm, vm->errors.OverflowError, "int too large to convert to float");
}

value int_from_double(struct vm *vm, double number)
{
	if (isnan(number))
		return vm_raise(vm, vm->errors.ValueError, "cannot convert float NaN to integer");
	if (isinf(number))
		return vm_raise(vm, vm->errors.OverflowError, "cannot convert float infinity to integer");
	if (fabs(number) < 9.2e18)
		return value_int((int64_t)number);
	mpz_t z;
	mpz_init_set_d(z, number);
	return from_taken(vm, z);
}

/* a / b as a double, rounded once: the quotient is computed to 66 bits or more, and what is left over is remembered. */
static value true_quotient(struct vm *vm, value a, value b)
{
	int64_t i = 0, j = 0;
	const int64_t exact = INT64_C(1) << 53;
	if (int_small(b, &j) && j == 0)
		return vm_raise(vm, vm->errors.ZeroDivisionError, "division by zero");
	if (int_small(a, &i) && int_small(b, &j) && i >= -exact && i <= exact && j >= -exact && j <= exact)
		return value_float((double)i / (double)j);
	if (int_is_zero(a))
		return value_float(int_is_negative(b) ? -0.0 : 0.0);
	struct wide w, x;
	mpz_srcptr p = int_wide(a, &w), q = int_wide(b, &x);
	int64_t shift = 66 - (int64_t)mpz_sizeinbase(p, 2) + (int64_t)mpz_sizeinbase(q, 2);
	mpz_t top, bottom, rest;
	mpz_inits(top, bottom, rest, NULL);
	mpz_mul_2exp(top, p, shift > 0 ? (mp_bitcnt_t)shift : 0);
	mpz_mul_2exp(bottom, q, shift < 0 ? (mp_bitcnt_t)-shift : 0);
	mpz_tdiv_qr(top, rest, top, bottom);
	double d;
	bool ok = mpz_to_double(top, -shift, mpz_sgn(rest) != 0, &d);
	mpz_clears(top, bottom, rest, NULL);
	return ok ? value_float(d) : vm_raise(vm, vm->errors.OverflowError, "integer division result too large for a float");
}

/* == Powers and shifts =============================================================================================== */

static value inverse_power(struct vm *vm, value a, value b)
{
	double x, y;
	return int_to_double(vm, a, &x) && int_to_double(vm, b, &y) ? float_power(vm, x, y) : VALUE_UNSET;
}

static value power(struct vm *vm, value a, value b)
{
	struct wide w;
	int64_t base = 0, exponent;
	if (int_is_negative(b))
		return inverse_power(vm, a, b);
	bool small = int_small(a, &base);
	if (small && (base == 0 || base == 1 || base == -1)) {
		bool odd = mpz_odd_p(int_wide(b, &w)) != 0;
		return value_int(int_is_zero(b) ? 1 : base == -1 && !odd ? 1 : base);
	}
	mpz_srcptr z = int_wide(a, &w);
	if (!int_small(b, &exponent) || !int_room(vm, (double)(mpz_sizeinbase(z, 2) - 1) * (double)exponent))
		return vm_pending(vm) ? VALUE_UNSET : vm_raise(vm, vm->errors.MemoryError, "an int of more than 64 MiB");
	int64_t result = 1, square = base, left = exponent;
	for (bool over = !small; !over; ) {
		if (left & 1)
			over = __builtin_mul_overflow(result, square, &result);
		left >>= 1;
		if (!left && !over)
			return value_int(result);
		over |= __builtin_mul_overflow(square, square, &square);
	}
	mpz_t out;
	mpz_init(out);
	mpz_pow_ui(out, z, (unsigned long)exponent);
	return from_taken(vm, out);
}

value int_power_modulo(struct vm *vm, value base, value exponent, value modulus)
{
	if (int_is_zero(modulus))
		return vm_raise(vm, vm->errors.ValueError, "pow() 3rd argument cannot be 0");
	struct wide w, x, y;
	mpz_srcptr m = int_wide(modulus, &y), e = int_wide(exponent, &x);
	mpz_t b, result;
	mpz_init_set(b, int_wide(base, &w));
	mpz_init(result);
	if (mpz_sgn(e) < 0 && !mpz_invert(b, b, m) && mpz_cmpabs_ui(m, 1)) {
		mpz_clears(b, result, NULL);
		return vm_raise(vm, vm->errors.ValueError, "base is not invertible for the given modulus");
	}
	mpz_t positive;
	mpz_init(positive);
	mpz_abs(positive, e);
	mpz_powm(result, b, positive, m);
	mpz_fdiv_r(result, result, m);
	mpz_clears(b, positive, NULL);
	return from_taken(vm, result);
}

static value shift_left(struct vm *vm, value a, value b)
{
	int64_t by, i;
	struct wide w;
	if (int_is_negative(b))
		return vm_raise(vm, vm->errors.ValueError, "negative shift count");
	if (int_is_zero(a))
		return value_int(0);
	mpz_srcptr z = int_wide(a, &w);
	if (!int_small(b, &by))
		return vm_raise(vm, vm->errors.MemoryError, "an int of more than 64 MiB");
	if (int_small(a, &i) && by < 63 && i <= INT64_MAX >> by && i >= INT64_MIN >> by)
		return value_int((int64_t)((uint64_t)i << by));
	if (!int_room(vm, (double)mpz_sizeinbase(z, 2) + (double)by))
		return VALUE_UNSET;
	mpz_t out;
	mpz_init(out);
	mpz_mul_2exp(out, z, (mp_bitcnt_t)by);
	return from_taken(vm, out);
}

static value shift_right(struct vm *vm, value a, value b)
{
	int64_t by, i;
	struct wide w;
	if (int_is_negative(b))
		return vm_raise(vm, vm->errors.ValueError, "negative shift count");
	if (!int_small(b, &by))
		return value_int(int_is_negative(a) ? -1 : 0);
	if (int_small(a, &i))
		return value_int(by > 63 ? (i < 0 ? -1 : 0) : i >> by);
	mpz_t out;
	mpz_init(out);
	mpz_fdiv_q_2exp(out, int_wide(a, &w), (mp_bitcnt_t)by);
	return from_taken(vm, out);
}

/* == The operators =================================================================================================== */

static value by_zero(struct vm *vm, enum operator op)
{
	return vm_raise(vm, vm->errors.ZeroDivisionError, op == OP_MOD_ ? "integer modulo by zero" : "integer division or modulo by zero");
}

static value big(struct vm *vm, enum operator op, value a, value b)
{
	struct wide w, x;
	mpz_srcptr p = int_wide(a, &w), q = int_wide(b, &x);
	if ((op == OP_FLOORDIV_ || op == OP_MOD_) && !mpz_sgn(q))
		return by_zero(vm, op);
	double p_bits = (double)mpz_sizeinbase(p, 2), q_bits = (double)mpz_sizeinbase(q, 2);
	if (!int_room(vm, op == OP_MUL_ ? p_bits + q_bits - 1 : p_bits > q_bits ? p_bits : q_bits))
		return VALUE_UNSET;
	mpz_t out;
	mpz_init(out);
	switch (op) {
	case OP_ADD_: mpz_add(out, p, q); break;
	case OP_SUB_: mpz_sub(out, p, q); break;
	case OP_MUL_: mpz_mul(out, p, q); break;
	case OP_FLOORDIV_: mpz_fdiv_q(out, p, q); break;
	case OP_MOD_: mpz_fdiv_r(out, p, q); break;
	case OP_AND_: mpz_and(out, p, q); break;
	case OP_OR_: mpz_ior(out, p, q); break;
	default: mpz_xor(out, p, q); break;
	}
	return from_taken(vm, out);
}

static inline int64_t floor_quotient(int64_t i, int64_t j)
{
	int64_t q = i / j;
	return i % j && (i < 0) != (j < 0) ? q - 1 : q;
}

static inline int64_t floor_rest(int64_t i, int64_t j)
{
	int64_t r = i % j;
	return r && (r < 0) != (j < 0) ? r + j : r;
}

value int_arithmetic(struct vm *vm, enum operator op, value a, value b)
{
	int64_t i, j, out;
	switch (op) {
	case OP_DIV_: return true_quotient(vm, a, b);
	case OP_POW_: return power(vm, a, b);
	case OP_LSHIFT_: return shift_left(vm, a, b);
	case OP_RSHIFT_: return shift_right(vm, a, b);
	case OP_MATMUL_: return VALUE_UNSUPPORTED;
	default: break;
	}
	if (!int_small(a, &i) || !int_small(b, &j))
		return big(vm, op, a, b);
	switch (op) {
	case OP_ADD_: return __builtin_add_overflow(i, j, &out) ? big(vm, op, a, b) : value_int(out);
	case OP_SUB_: return __builtin_sub_overflow(i, j, &out) ? big(vm, op, a, b) : value_int(out);
	case OP_MUL_: return __builtin_mul_overflow(i, j, &out) ? big(vm, op, a, b) : value_int(out);
	case OP_FLOORDIV_: return !j ? by_zero(vm, op) : j == -1 ? big(vm, op, a, b) : value_int(floor_quotient(i, j));
	case OP_MOD_: return !j ? by_zero(vm, op) : j == -1 ? value_int(0) : value_int(floor_rest(i, j));
	case OP_AND_: return value_int(i & j);
	case OP_OR_: return value_int(i | j);
	default: return value_int(i ^ j);
	}
}

value int_divmod(struct vm *vm, value a, value b)
{
	if (int_is_zero(b))
		return by_zero(vm, OP_FLOORDIV_);
	value parts[2] = { int_arithmetic(vm, OP_FLOORDIV_, a, b), int_arithmetic(vm, OP_MOD_, a, b) };
	value pair = tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	return pair;
}

value int_negative(struct vm *vm, value v)
{
	int64_t i;
	if (int_small(v, &i) && i != INT64_MIN)
		return value_int(-i);
	struct wide w;
	mpz_t out;
	mpz_init(out);
	mpz_neg(out, int_wide(v, &w));
	return from_taken(vm, out);
}
