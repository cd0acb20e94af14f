/* math: functions of floats, and the exact ones of ints. */
#include <math.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/builtins.h"
#include "lang/int.h"
#include "lang/modules.h"
#include "lang/types.h"

static value domain_error(struct vm *vm)
{
	return vm_raise(vm, vm->errors.ValueError, "math domain error");
}

static value range_error(struct vm *vm)
{
	return vm_raise(vm, vm->errors.OverflowError, "math range error");
}

static double degrees(double x) { return x * (180.0 / M_PI); }

/* ---- one float in, one float out --------------------------------------------------------------------------------- */

/* `range`: an infinite result is the range's fault (exp), else the domain's (a pole: atanh(1)). */
static value one_float(struct vm *vm, value v, double (*f)(double), bool range)
{
	double x;

	if (!value_to_double(vm, v, &x))
		return VALUE_UNSET;
	double r = f(x);
	if (isnan(r) && !isnan(x))
		return domain_error(vm);
	if (isinf(r) && isfinite(x) && f != degrees)
		return range || fabs(x) > 1e9 ? range_error(vm) : domain_error(vm);
	return value_float(r);
}

static double radians(double x) { return x * (M_PI / 180.0); }
static double gamma_of(double x) { return x == floor(x) && x <= 0 ? NAN : tgamma(x); }
static double lgamma_of(double x) { return lgamma(x); }

#define FLOAT_FUNCTIONS(X) \
	X(acos, acos, false, "The arc cosine in radians.") X(acosh, acosh, false, "The inverse hyperbolic cosine.") \
	X(asin, asin, false, "The arc sine in radians.") X(asinh, asinh, false, "The inverse hyperbolic sine.") \
	X(atan, atan, false, "The arc tangent in radians.") X(atanh, atanh, false, "The inverse hyperbolic tangent.") \
	X(cbrt, cbrt, false, "The cube root.") X(cos, cos, false, "The cosine of an angle in radians.") \
	X(cosh, cosh, true, "The hyperbolic cosine.") X(degrees, degrees, true, "Radians to degrees.") \
	X(erf, erf, false, "The error function.") X(erfc, erfc, false, "The complementary error function.") \
	X(exp, exp, true, "e to the power of x.") X(exp2, exp2, true, "2 to the power of x.") \
	X(expm1, expm1, true, "exp(x) - 1, precise for a small x.") X(fabs, fabs, false, "The absolute value as a float.") \
	X(gamma, gamma_of, true, "The gamma function.") X(lgamma, lgamma_of, false, "The logarithm of the gamma function.") \
	X(log1p, log1p, false, "log(1 + x), precise for a small x.") X(radians, radians, false, "Degrees to radians.") \
	X(sin, sin, false, "The sine of an angle in radians.") X(sinh, sinh, true, "The hyperbolic sine.") \
	X(sqrt, sqrt, false, "The square root.") X(tan, tan, false, "The tangent of an angle in radians.") \
	X(tanh, tanh, false, "The hyperbolic tangent.") X(ulp, ulp_of, false, "The value of the lowest bit of a float.")

static double ulp_of(double x)
{
	x = fabs(x);
	if (!isfinite(x))
		return x;
	double up = nextafter(x, INFINITY);
	return isinf(up) ? x - nextafter(x, -INFINITY) : up - x;
}

#define X(name, function, range, doc) \
static value math_##name(struct vm *vm, value *a) { return one_float(vm, a[0], function, range); }
FLOAT_FUNCTIONS(X)
#undef X

static value math_isnan(struct vm *vm, value *a)
{
	double x;
	return value_to_double(vm, a[0], &x) ? value_bool(isnan(x)) : VALUE_UNSET;
}

static value math_isinf(struct vm *vm, value *a)
{
	double x;
	return value_to_double(vm, a[0], &x) ? value_bool(isinf(x)) : VALUE_UNSET;
}

static value math_isfinite(struct vm *vm, value *a)
{
	double x;
	return value_to_double(vm, a[0], &x) ? value_bool(isfinite(x)) : VALUE_UNSET;
}

/* ---- logarithms: of ints of any size ------------------------------------------------------------------------------ */

/* f, a logarithm, of v's value; an int beyond any float is taken apart. */
static bool logarithm(struct vm *vm, value v, double (*f)(double), double *out)
{
	double x;
	signed long exponent = 0;

	if (is_kind(v, KIND_BIGINT) && mpz_sizeinbase(((struct bigint *)v.o)->number, 2) > 1000)
		x = mpz_get_d_2exp(&exponent, ((struct bigint *)v.o)->number);
	else if (!value_to_double(vm, v, &x))
		return false;
	if (x <= 0) {
		domain_error(vm);
		return false;
	}
	*out = exponent ? f(x) + f(2) * (double)exponent : f(x);
	return true;
}

static value math_log(struct vm *vm, value *a)
{
	double x, base;

	if (!logarithm(vm, a[0], log, &x))
		return VALUE_UNSET;
	if (is_unset(a[1]))
		return value_float(x);
	if (!logarithm(vm, a[1], log, &base))
		return VALUE_UNSET;
	if (base == 0)
		return vm_raise(vm, vm->errors.ZeroDivisionError, "float division by zero");
	return value_float(x / base);
}

static value math_log2(struct vm *vm, value *a)
{
	double x;
	return logarithm(vm, a[0], log2, &x) ? value_float(x) : VALUE_UNSET;
}

static value math_log10(struct vm *vm, value *a)
{
	double x;
	return logarithm(vm, a[0], log10, &x) ? value_float(x) : VALUE_UNSET;
}

/* ---- two floats ------------------------------------------------------------------------------------------------------- */

static bool two_floats(struct vm *vm, value *a, double *x, double *y)
{
	return value_to_double(vm, a[0], x) && value_to_double(vm, a[1], y);
}

static value math_atan2(struct vm *vm, value *a)
{
	double y, x;
	return two_floats(vm, a, &y, &x) ? value_float(atan2(y, x)) : VALUE_UNSET;
}

static value math_copysign(struct vm *vm, value *a)
{
	double x, y;
	return two_floats(vm, a, &x, &y) ? value_float(copysign(x, y)) : VALUE_UNSET;
}

static value math_nextafter(struct vm *vm, value *a)
{
	double x, y;
	return two_floats(vm, a, &x, &y) ? value_float(nextafter(x, y)) : VALUE_UNSET;
}

static value two_checked(struct vm *vm, value *a, double (*f)(double, double))
{
	double x, y;

	if (!two_floats(vm, a, &x, &y))
		return VALUE_UNSET;
	double r = f(x, y);
	if (isnan(r) && !isnan(x) && !isnan(y))
		return domain_error(vm);
	if (isinf(r) && isfinite(x) && isfinite(y))
		return x == 0 ? domain_error(vm) : range_error(vm);
	return value_float(r);
}

static value math_fmod(struct vm *vm, value *a) { return two_checked(vm, a, fmod); }
static value math_remainder(struct vm *vm, value *a) { return two_checked(vm, a, remainder); }
static value math_pow(struct vm *vm, value *a) { return two_checked(vm, a, pow); }

static value math_ldexp(struct vm *vm, value *a)
{
	double x;
	int64_t exponent;

	if (!value_to_double(vm, a[0], &x) || !value_to_int64(vm, a[1], &exponent))
		return VALUE_UNSET;
	double r = ldexp(x, exponent > 99999 ? 99999 : exponent < -99999 ? -99999 : (int)exponent);
	return isinf(r) && isfinite(x) ? range_error(vm) : value_float(r);
}

static value pair(struct vm *vm, value one, value two)
{
	return tuple_of(vm, 2, (value[]){ one, two });
}

static value math_frexp(struct vm *vm, value *a)
{
	double x;
	int exponent = 0;

	if (!value_to_double(vm, a[0], &x))
		return VALUE_UNSET;
	double m = isfinite(x) ? frexp(x, &exponent) : x;
	return pair(vm, value_float(m), value_int(exponent));
}

static value math_modf(struct vm *vm, value *a)
{
	double x, whole;

	if (!value_to_double(vm, a[0], &x))
		return VALUE_UNSET;
	double part = modf(x, &whole);
	return pair(vm, value_float(part), value_float(whole));
}

static value math_isclose(struct vm *vm, value *a)
{
	double x, y, relative, absolute;

	if (!two_floats(vm, a, &x, &y) || !two_floats(vm, a + 2, &relative, &absolute))
		return VALUE_UNSET;
	if (relative < 0 || absolute < 0)
		return vm_raise(vm, vm->errors.ValueError, "tolerances must be non-negative");
	if (x == y)
		return value_bool(true);
	if (isinf(x) || isinf(y))
		return value_bool(false);
	double difference = fabs(x - y);
	return value_bool(difference <= relative * fmax(fabs(x), fabs(y)) || difference <= absolute);
}

/* ---- many floats ------------------------------------------------------------------------------------------------------ */

static value math_hypot(struct vm *vm, value *a)
{
	struct tuple *t = as_tuple(a[0]);
	double r = 0, x;

	for (size_t i = 0; i < t->count; i++) {
		if (!value_to_double(vm, t->items[i], &x))
			return VALUE_UNSET;
		r = hypot(r, x);
	}
	return value_float(r);
}

static value math_dist(struct vm *vm, value *a)
{
	value p = tuple_from(vm, a[0]), q = is_unset(p) ? p : tuple_from(vm, a[1]), r = VALUE_UNSET;
	double x, y, sum = 0;
	size_t i = 0;

	if (is_unset(q))
		goto out;
	if (as_tuple(p)->count != as_tuple(q)->count) {
		vm_raise(vm, vm->errors.ValueError, "both points must have the same number of dimensions");
		goto out;
	}
	for (; i < as_tuple(p)->count; i++) {
		if (!value_to_double(vm, as_tuple(p)->items[i], &x) || !value_to_double(vm, as_tuple(q)->items[i], &y))
			goto out;
		sum = hypot(sum, x - y);
	}
	r = value_float(sum);
out:
	value_drop(p);
	value_drop(q);
	return r;
}

/* An exact sum: every float is a whole number of 2^-1074. */
static value math_fsum(struct vm *vm, value *a)
{
	value items = value_iterate(vm, a[0]), item;
	double x, special = 0;
	mpq_t sum, q;

	if (is_unset(items))
		return items;
	mpq_inits(sum, q, NULL);
	while (!is_unset(item = value_next(vm, items))) {
		bool ok = value_to_double(vm, item, &x);
		value_drop(item);
		if (!ok)
			break;
		if (!isfinite(x)) {
			special += x;
			continue;
		}
		mpq_set_d(q, x);
		mpq_add(sum, sum, q);
	}
	value_drop(items);
	value r = VALUE_UNSET;
	if (!vm_pending(vm)) {
		value numerator = int_from_mpz(vm, mpq_numref(sum)), denominator = int_from_mpz(vm, mpq_denref(sum));
		r = special != 0 ? value_float(special) : value_binary(vm, OP_DIV_, numerator, denominator, false);
		value_drop(numerator);
		value_drop(denominator);
	}
	mpq_clears(sum, q, NULL);
	return r;
}

static value math_prod(struct vm *vm, value *a)
{
	value items = value_iterate(vm, a[0]), item, product = value_keep(a[1]);

	while (!is_unset(items) && !is_unset(product) && !is_unset(item = value_next(vm, items))) {
		value_set(&product, value_binary(vm, OP_MUL_, product, item, false));
		value_drop(item);
	}
	value_drop(items);
	if (vm_pending(vm))
		value_set(&product, VALUE_UNSET);
	return product;
}

/* ---- to ints ------------------------------------------------------------------------------------------------------------ */

static value whole(struct vm *vm, value v, double (*f)(double), const char *special)
{
	bool found;
	double x;

	if (is_int(v))
		return int_index(vm, v);
	if (v.tag != TAG_FLOAT) {
		value r = special_call(vm, v, str_intern(vm, special), 0, NULL, &found);
		if (found)
			return r;
	}
	if (f == trunc && v.tag != TAG_FLOAT)
		return vm_raise(vm, vm->errors.TypeError, "type %s doesn't define __trunc__ method", value_type_name(vm, v));
	if (!value_to_double(vm, v, &x))
		return VALUE_UNSET;
	return int_from_double(vm, isfinite(x) ? f(x) : x);
}

static value math_floor(struct vm *vm, value *a) { return whole(vm, a[0], floor, "__floor__"); }
static value math_ceil(struct vm *vm, value *a) { return whole(vm, a[0], ceil, "__ceil__"); }
static value math_trunc(struct vm *vm, value *a) { return whole(vm, a[0], trunc, "__trunc__"); }

/* ---- of ints ------------------------------------------------------------------------------------------------------------ */

static bool int_arg(struct vm *vm, value v, mpz_t out)
{
	value n = int_index(vm, v);
	bool ok = !is_unset(n) && int_to_mpz(n, out);

	value_drop(n);
	return ok;
}

static value fold_ints(struct vm *vm, struct tuple *t, unsigned long start, void (*f)(mpz_t, mpz_srcptr, mpz_srcptr))
{
	mpz_t r, n;
	bool ok = true;

	mpz_inits(r, n, NULL);
	mpz_set_ui(r, start);
	for (size_t i = 0; i < t->count && ok; i++)
		if ((ok = int_arg(vm, t->items[i], n)))
			f(r, r, n);
	value v = ok ? int_from_mpz(vm, r) : VALUE_UNSET;
	mpz_clears(r, n, NULL);
	return v;
}

static value math_gcd(struct vm *vm, value *a) { return fold_ints(vm, as_tuple(a[0]), 0, mpz_gcd); }
static value math_lcm(struct vm *vm, value *a) { return fold_ints(vm, as_tuple(a[0]), 1, mpz_lcm); }

static value math_isqrt(struct vm *vm, value *a)
{
	mpz_t n;
	value r = VALUE_UNSET;

	mpz_init(n);
	if (int_arg(vm, a[0], n)) {
		if (mpz_sgn(n) < 0)
			vm_raise(vm, vm->errors.ValueError, "isqrt() argument must be nonnegative");
		else {
			mpz_sqrt(n, n);
			r = int_from_mpz(vm, n);
		}
	}
	mpz_clear(n);
	return r;
}

/* The factorial of 6 million has 64 MiB of digits' worth of bits; nothing beyond is worked out. */
enum { FACTORIAL_MOST = 6000000, RESULT_MOST_BITS = 1 << 29 };

static value math_factorial(struct vm *vm, value *a)
{
	int64_t n;
	mpz_t r;

	if (a[0].tag == TAG_FLOAT)
		return vm_raise(vm, vm->errors.TypeError, "'float' object cannot be interpreted as an integer");
	if (!value_to_int64(vm, a[0], &n))
		return VALUE_UNSET;
	if (n < 0)
		return vm_raise(vm, vm->errors.ValueError, "factorial() not defined for negative values");
	if (n > FACTORIAL_MOST)
		return vm_raise(vm, vm->errors.OverflowError, "factorial() argument should not exceed %d", FACTORIAL_MOST);
	mpz_init(r);
	mpz_fac_ui(r, (unsigned long)n);
	value v = int_from_mpz(vm, r);
	mpz_clear(r);
	return v;
}

/* n and k of comb and perm: k is cut to n + 1, which gives 0. */
static bool choose_args(struct vm *vm, value *a, mpz_t n, unsigned long *k)
{
	mpz_t wanted;

	mpz_init(wanted);
	bool ok = int_arg(vm, a[0], n) && (is_none(a[1]) ? (mpz_set(wanted, n), true) : int_arg(vm, a[1], wanted));
	if (ok && (mpz_sgn(n) < 0 || mpz_sgn(wanted) < 0))
		ok = vm_raise_ok(vm, vm->errors.ValueError, "%s must be a non-negative integer", mpz_sgn(n) < 0 ? "n" : "k");
	else if (ok && mpz_cmp(wanted, n) > 0)
		mpz_add_ui(wanted, n, 1);
	if (ok && mpz_cmp_ui(wanted, FACTORIAL_MOST) > 0)
		ok = vm_raise_ok(vm, vm->errors.OverflowError, "k must not exceed %d", FACTORIAL_MOST);
	if (ok && mpz_get_ui(wanted) * mpz_sizeinbase(n, 2) > RESULT_MOST_BITS)
		ok = vm_raise_ok(vm, vm->errors.MemoryError, "the result would be too large");
	*k = mpz_get_ui(wanted);
	mpz_clear(wanted);
	return ok;
}

static value math_comb(struct vm *vm, value *a)
{
	mpz_t n, other;
	unsigned long k;
	value r = VALUE_UNSET, args[2] = { a[0], a[1] };

	mpz_inits(n, other, NULL);
	if (int_arg(vm, a[0], n) && int_arg(vm, a[1], other) && mpz_sgn(other) > 0 && mpz_cmp(other, n) < 0) {
		mpz_sub(other, n, other);       /* C(n, k) is C(n, n - k): the smaller one is quicker */
		value smaller = mpz_sizeinbase(other, 2) < 60 ? int_from_mpz(vm, other) : VALUE_UNSET;
		if (smaller.tag == TAG_INT && a[1].tag == TAG_INT && smaller.i < a[1].i)
			args[1] = smaller;
	}
	if (!vm_pending(vm) && choose_args(vm, args, n, &k)) {
		mpz_bin_ui(n, n, k);
		r = int_from_mpz(vm, n);
	}
	mpz_clears(n, other, NULL);
	return r;
}

static value math_perm(struct vm *vm, value *a)
{
	mpz_t n, product;
	unsigned long k;
	value r = VALUE_UNSET;

	mpz_inits(n, product, NULL);
	if (choose_args(vm, a, n, &k)) {
		mpz_set_ui(product, 1);
		for (unsigned long i = 0; i < k && mpz_sgn(product); i++) {
			mpz_mul(product, product, n);
			mpz_sub_ui(n, n, 1);
		}
		r = int_from_mpz(vm, product);
	}
	mpz_clears(n, product, NULL);
	return r;
}

static const struct native functions[] = {
#define X(name, function, range, doc) { #name, math_##name, "x, /", doc },
	FLOAT_FUNCTIONS(X)
#undef X
	{ "atan2", math_atan2, "y, x, /", "The angle of the point (x, y) in radians." },
	{ "ceil", math_ceil, "x, /", "The smallest int not below x." },
	{ "comb", math_comb, "n, k, /", "In how many ways k of n things can be chosen." },
	{ "copysign", math_copysign, "x, y, /", "The size of x with the sign of y." },
	{ "dist", math_dist, "p, q, /", "The distance of two points." },
	{ "factorial", math_factorial, "n, /", "1 * 2 * ... * n." },
	{ "floor", math_floor, "x, /", "The largest int not above x." },
	{ "fmod", math_fmod, "x, y, /", "The remainder of x / y, with the sign of x." },
	{ "frexp", math_frexp, "x, /", "(m, e) with x == m * 2**e and m in [0.5, 1)." },
	{ "fsum", math_fsum, "seq, /", "The exact sum of floats." },
	{ "gcd", math_gcd, "*integers", "The greatest common divisor." },
	{ "hypot", math_hypot, "*coordinates", "The distance of a point from the origin." },
	{ "isclose", math_isclose, "a, b, *, rel_tol=1e-09, abs_tol=0.0", "Whether two floats are about the same." },
	{ "isfinite", math_isfinite, "x, /", "Neither infinite nor NaN." },
	{ "isinf", math_isinf, "x, /", "Whether x is infinite." },
	{ "isnan", math_isnan, "x, /", "Whether x is NaN." },
	{ "isqrt", math_isqrt, "n, /", "The square root of an int, rounded down." },
	{ "lcm", math_lcm, "*integers", "The least common multiple." },
	{ "ldexp", math_ldexp, "x, i, /", "x * 2**i." },
	{ "log", math_log, "x, base=..., /", "The logarithm to a base, by default e." },
	{ "log10", math_log10, "x, /", "The logarithm to base 10." },
	{ "log2", math_log2, "x, /", "The logarithm to base 2." },
	{ "modf", math_modf, "x, /", "The fraction and the whole part of x, as floats." },
	{ "nextafter", math_nextafter, "x, y, /", "The next float after x towards y." },
	{ "perm", math_perm, "n, k=None, /", "In how many orders k of n things can be chosen." },
	{ "pow", math_pow, "x, y, /", "x to the power of y as a float." },
	{ "prod", math_prod, "iterable, /, *, start=1", "The product of the items." },
	{ "remainder", math_remainder, "x, y, /", "x minus the multiple of y that is nearest to it." },
	{ "trunc", math_trunc, "x, /", "x without its fraction, as an int." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	dict_set_text(vm, g, "pi", value_float(M_PI));
	dict_set_text(vm, g, "e", value_float(M_E));
	dict_set_text(vm, g, "tau", value_float(2 * M_PI));
	dict_set_text(vm, g, "inf", value_float(INFINITY));
	dict_set_text(vm, g, "nan", value_float(NAN));
	return true;
}

const struct module_spec module_math = { "math", "Mathematical functions.", functions, fill };
