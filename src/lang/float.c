#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include "lang/float.h"
#include "lang/hash.h"
#include "lang/int.h"
#include "lang/makers.h"
#include "lang/sequence.h"
#include "lang/textmethods.h"

/* == Reading ========================================================================================================= */

/* Digits with single underscores between them go to `out`; what is left of the text is returned. */
static const char *take_digits(const char *p, struct buf *out, bool *any)
{
	*any = false;
	while ((*p >= '0' && *p <= '9') || (*p == '_' && *any && p[1] >= '0' && p[1] <= '9')) {
		if (*p != '_') {
			buf_char(out, *p);
			*any = true;
		}
		p++;
	}
	return p;
}

static bool word_is(const char *text, const char *word)
{
	for (; *word && (*text | 32) == *word; text++)
		word++;
	return !*word && !*text;
}

/* Python's notation only: no hexadecimal, no locale. `text` is stripped. */
static bool read_plain(const char *text, double *out)
{
	struct buf b = {0};
	const char *p = text;
	bool whole, fraction = false, digits = true, negative = *p == '-';
	p += *p == '-' || *p == '+';
	if (word_is(p, "inf") || word_is(p, "infinity") || word_is(p, "nan")) {
		*out = (*p | 32) == 'n' ? NAN : INFINITY;
		*out = negative ? -*out : *out;
		return true;
	}
	buf_char(&b, negative ? '-' : '+');
	p = take_digits(p, &b, &whole);
	if (*p == '.') {
		buf_char(&b, '.');
		p = take_digits(p + 1, &b, &fraction);
	}
	if ((whole || fraction) && (*p | 32) == 'e') {
		buf_char(&b, 'e');
		p++;
		if (*p == '-' || *p == '+')
			buf_char(&b, *p++);
		p = take_digits(p, &b, &digits);
	}
	bool ok = (whole || fraction) && digits && !*p;
	if (ok)
		*out = strtod(buf_str(&b), NULL);
	buf_free(&b);
	return ok;
}

static value no_float(struct vm *vm, const struct run *r)
{
	struct buf shown = {0};
	r->is_str ? text_repr(&shown, r->p, r->len) : text_repr_bytes(&shown, r->p, r->len);
	vm_raise(vm, vm->errors.ValueError, "could not convert string to float: %s", buf_str(&shown));
	buf_free(&shown);
	return VALUE_UNSET;
}

static value parse(struct vm *vm, const struct run *r)
{
	struct buf ascii = {0};
	double d;
	if (r->is_str)
		unicode_to_ascii_digits(&ascii, r->p, r->len);
	else
		buf_add(&ascii, r->p, r->len);
	size_t from = 0, to = ascii.len;
	while (from < to && unicode_is_space((unsigned char)ascii.data[from]))
		from++;
	while (to > from && unicode_is_space((unsigned char)ascii.data[to - 1]))
		to--;
	bool ok = to > from && !memchr(ascii.data, '\0', ascii.len);
	if (ok) {
		ascii.data[to] = '\0';
		ok = read_plain(ascii.data + from, &d);
	}
	buf_free(&ascii);
	return ok ? value_float(d) : no_float(vm, r);
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct run r;
	double d;
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "float() takes no keyword arguments");
	if (call->count > 1)
		return vm_raise(vm, vm->errors.TypeError, "float expected at most 1 argument, got %u", call->count);
	if (!call->count)
		return value_float(0);
	value v = call->args[0];
	if (run_of(v, &r))
		return parse(vm, &r);
	if (v.tag != TAG_OBJECT || is_int(v) || is_kind(v, KIND_DECIMAL) || !is_unset(type_find(value_type(vm, v), vm->names.float_)) ||
	    value_is_index(vm, v)) {
		if (v.tag == TAG_FLOAT || is_int(v) || v.tag == TAG_OBJECT)
			return value_to_double(vm, v, &d) ? value_float(d) : VALUE_UNSET;
	}
	return vm_raise(vm, vm->errors.TypeError, "float() argument must be a string or a real number, not '%s'", value_type_name(vm, v));
}

/* == Arithmetic ====================================================================================================== */

static double floor_divide(double x, double y, double *rest)
{
	double mod = fmod(x, y), div = (x - mod) / y;
	if (mod == 0) {
		mod = copysign(0, y);
	} else if ((y < 0) != (mod < 0)) {
		mod += y;
		div -= 1;
	}
	*rest = mod;
	if (div == 0)
		return copysign(0, x / y);
	double whole = floor(div);
	return div - whole > 0.5 ? whole + 1 : whole;
}

static value out_of_range(struct vm *vm)
{
	value args[2] = { value_int(34), str_value(vm, "Numerical result out of range") };
	value exception = value_call_args(vm, value_object(vm->errors.OverflowError), 2, args);
	value_drop(args[1]);
	return is_unset(exception) ? exception : vm_raise_value(vm, exception);
}

value float_power(struct vm *vm, double x, double y)
{
	if (x == 0 && y < 0 && isfinite(y))
		return vm_raise(vm, vm->errors.ZeroDivisionError, "0.0 cannot be raised to a negative power");
	if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y))
		return vm_raise(vm, vm->errors.ValueError, "a negative number to a fractional power is complex, and complex numbers are not supported");
	double out = pow(x, y);
	return isinf(out) && isfinite(x) && isfinite(y) ? out_of_range(vm) : value_float(out);
}

static value by_zero(struct vm *vm, const char *what)
{
	return vm_raise(vm, vm->errors.ZeroDivisionError, "%s", what);
}

value float_arithmetic(struct vm *vm, enum operator op, double x, double y)
{
	double rest;
	switch (op) {
	case OP_ADD_: return value_float(x + y);
	case OP_SUB_: return value_float(x - y);
	case OP_MUL_: return value_float(x * y);
	case OP_DIV_: return y == 0 ? by_zero(vm, "float division by zero") : value_float(x / y);
	case OP_FLOORDIV_: return y == 0 ? by_zero(vm, "float floor division by zero") : value_float(floor_divide(x, y, &rest));
	case OP_MOD_:
		if (y == 0)
			return by_zero(vm, "float modulo");
		floor_divide(x, y, &rest);
		return value_float(rest);
	case OP_POW_: return float_power(vm, x, y);
	default: return VALUE_UNSUPPORTED;
	}
}

/* false with nothing pending: v is no number that floats mix with. */
static bool operand(struct vm *vm, value v, double *out)
{
	if (v.tag == TAG_FLOAT) {
		*out = v.f;
		return true;
	}
	return is_int(v) && int_to_double(vm, v, out);
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	double x, y;
	if (!operand(vm, a, &x) || !operand(vm, b, &y))
		return vm_pending(vm) ? VALUE_UNSET : VALUE_UNSUPPORTED;
	return float_arithmetic(vm, op, x, y);
}

static value unary(struct vm *vm, enum unary op, value self)
{
	return op == UNARY_INVERT ? VALUE_UNSUPPORTED : value_float(op == UNARY_NEG ? -self.f : self.f);
}

/* Exact, whatever the size of the int. NaN is answered before. */
static int order(double x, value b)
{
	int64_t i;
	const int64_t exact = INT64_C(1) << 53;
	if (b.tag == TAG_FLOAT)
		return x < b.f ? -1 : x > b.f;
	if (int_small(b, &i) && i >= -exact && i <= exact)
		return x < (double)i ? -1 : x > (double)i;
	if (isinf(x))
		return x < 0 ? -1 : 1;
	struct wide w;
	return -mpz_cmp_d(int_wide(b, &w), x);
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (b.tag != TAG_FLOAT && !is_int(b))
		return VALUE_UNSUPPORTED;
	if (isnan(a.f) || (b.tag == TAG_FLOAT && isnan(b.f)))
		return value_bool(op == CMP_NE);
	return value_bool(compare_answer(op, order(a.f, b)));
}

/* == Methods ========================================================================================================= */

/* Printing rounds exactly, and halves to even: reading that back is the nearest float to the rounded number. */
static double rounded(double x, int digits)
{
	char text[800];
	if (digits > 323 || !isfinite(x))
		return x;
	if (digits < -308)
		return copysign(0, x);
	if (digits >= 0) {
		snprintf(text, sizeof text, "%.*f", digits, x);
		return strtod(text, NULL);
	}
	double unit = pow(10, -digits), scaled = nearbyint(x / unit);
	return isinf(unit) ? copysign(0, x) : scaled * unit;
}

static value round_to(struct vm *vm, value *a)
{
	double x = a[0].f;
	int64_t digits;
	if (is_unset(a[1]) || is_none(a[1]))
		return int_from_double(vm, isfinite(x) ? nearbyint(x) : x);
	if (!value_to_int64(vm, a[1], &digits)) {
		if (!vm_pending_is(vm, vm->errors.OverflowError))
			return VALUE_UNSET;
		vm_clear(vm);
		digits = int_is_negative(a[1]) ? -1000 : 1000;
	}
	double r = rounded(x, digits > 1000 ? 1000 : digits < -1000 ? -1000 : (int)digits);
	if (isinf(r) && isfinite(x))
		return vm_raise(vm, vm->errors.OverflowError, "rounded value too large to represent");
	return value_float(r);
}

static value is_integer(struct vm *vm, value *a)
{
	return value_bool(isfinite(a[0].f) && a[0].f == floor(a[0].f));
}

static value as_integer_ratio(struct vm *vm, value *a)
{
	double x = a[0].f;
	if (isnan(x))
		return vm_raise(vm, vm->errors.ValueError, "cannot convert NaN to integer ratio");
	if (isinf(x))
		return vm_raise(vm, vm->errors.OverflowError, "cannot convert Infinity to integer ratio");
	int exponent;
	double m = frexp(x, &exponent);
	for (int i = 0; i < 300 && m != floor(m); i++) {
		m *= 2;
		exponent--;
	}
	mpz_t top, bottom;
	mpz_init_set_d(top, m);
	mpz_init_set_ui(bottom, 1);
	mpz_mul_2exp(exponent > 0 ? top : bottom, exponent > 0 ? top : bottom, (mp_bitcnt_t)abs(exponent));
	value parts[2] = { int_from_mpz(vm, top), int_from_mpz(vm, bottom) };
	value pair = tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	mpz_clears(top, bottom, NULL);
	return pair;
}

static value hex(struct vm *vm, value *a)
{
	double x = a[0].f;
	struct buf out = {0};
	if (!isfinite(x)) {
		text_float(&out, x);
		return str_from_buf(vm, &out);
	}
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int exponent = (int)(bits >> 52 & 0x7ff);
	uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
	buf_text(&out, signbit(x) ? "-" : "");
	if (x == 0)
		buf_text(&out, "0x0.0p+0");
	else
		buf_print(&out, "0x%d.%013llxp%+d", exponent != 0, (unsigned long long)mantissa, exponent ? exponent - 1023 : -1022);
	return str_from_buf(vm, &out);
}

static bool read_hex(const char *text, size_t len, double *out)
{
	const char *end = text + len, *p = text;
	while (p < end && unicode_is_space((unsigned char)*p))
		p++;
	while (end > p && unicode_is_space((unsigned char)end[-1]))
		end--;
	struct buf b = {0};
	const char *word = p + (p < end && (*p == '-' || *p == '+'));
	buf_add(&b, p, (size_t)(word - p));
	size_t left = (size_t)(end - word);
	bool hexadecimal = left >= 2 && word[0] == '0' && (word[1] | 32) == 'x';
	bool special = left && ((*word | 32) == 'i' || (*word | 32) == 'n');
	if (!hexadecimal && !special)
		buf_text(&b, "0x");
	buf_add(&b, word, left);
	char *stop = b.data;
	*out = left ? strtod(b.data, &stop) : 0;
	bool ok = left && stop == b.data + b.len && !memchr(b.data, '(', b.len);
	buf_free(&b);
	return ok;
}

static value fromhex(struct vm *vm, value *a)
{
	double d;
	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "bad argument type for built-in operation");
	struct str *s = as_str(a[1]);
	if (!read_hex(s->data, s->len, &d))
		return vm_raise(vm, vm->errors.ValueError, "invalid hexadecimal floating-point string");
	if (isinf(d) && !memchr(s->data, 'n', s->len) && !memchr(s->data, 'N', s->len))
		return vm_raise(vm, vm->errors.OverflowError, "hexadecimal value too large to represent as a float");
	return value_float(d);
}

static value itself(struct vm *vm, value *a)   { return a[0]; }
static value absolute(struct vm *vm, value *a) { return value_float(fabs(a[0].f)); }
static value whole(struct vm *vm, value *a)    { return int_from_double(vm, trunc(a[0].f)); }
static value down(struct vm *vm, value *a)     { return int_from_double(vm, floor(a[0].f)); }
static value up(struct vm *vm, value *a)       { return int_from_double(vm, ceil(a[0].f)); }

value float_divmod(struct vm *vm, double x, double y)
{
	double rest;
	if (y == 0)
		return by_zero(vm, "float divmod()");
	double quotient = floor_divide(x, y, &rest);
	return tuple_of(vm, 2, (value[]){ value_float(quotient), value_float(rest) });
}

static value divide_modulo(struct vm *vm, value *a)
{
	double y;
	if (!operand(vm, a[1], &y))
		return vm_pending(vm) ? VALUE_UNSET : VALUE_UNSUPPORTED;
	return float_divmod(vm, a[0].f, y);
}

static value divide_modulo_reflected(struct vm *vm, value *a)
{
	double x;
	if (!operand(vm, a[1], &x))
		return vm_pending(vm) ? VALUE_UNSET : VALUE_UNSUPPORTED;
	return float_divmod(vm, x, a[0].f);
}

static const struct native methods[] = {
	{ "is_integer", is_integer, "", "True when nothing stands behind the point." },
	{ "as_integer_ratio", as_integer_ratio, "", "(numerator, denominator), exactly." },
	{ "hex", hex, "", "The number in hexadecimal, exactly." },
	{ "fromhex", fromhex, "string, /", "The number that hex wrote.", .flags = NATIVE_CLASS },
	{ "conjugate", itself, "", "The number itself." },
	{ "__abs__", absolute, "", "The number without its sign." },
	{ "__float__", itself, "", "The number itself." },
	{ "__int__", whole, "", "The whole part." },
	{ "__trunc__", whole, "", "The whole part." },
	{ "__floor__", down, "", "The next whole number below." },
	{ "__ceil__", up, "", "The next whole number above." },
	{ "__round__", round_to, "ndigits=..., /", "Rounded to ndigits behind the point, halves to even; an int without ndigits." },
	{ "__divmod__", divide_modulo, "value, /", "(self // value, self % value)." },
	{ "__rdivmod__", divide_modulo_reflected, "value, /", "(value // self, value % self)." },
	{ 0 },
};

static value get_self(struct vm *vm, value self) { return self; }
static value get_zero(struct vm *vm, value self) { return value_float(0); }

static const struct getset attrs[] = {
	{ "real", get_self, NULL, "The number itself." },
	{ "imag", get_zero, NULL, "0.0." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static bool repr(struct vm *vm, value self, struct buf *out)
{
	text_float(out, self.f);
	return true;
}

static value format(struct vm *vm, value self, value spec)
{
	return format_spec(vm, self, as_str(spec)->data, as_str(spec)->len);
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	*out = hash_double(self.f);
	return true;
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = self.f != 0;
	return true;
}

void type_make_float_(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "float", .doc = "A number with a point, 53 bits exact.", .signature = "x=0, /",
		.slots = { .make = make, .repr = repr, .format = format, .hash = hash, .compare = compare, .truth = truth, .binary = binary,
		           .unary = unary },
		.methods = methods, .attrs = attrs,
	};
	vm->types.float_ = type_new(vm, &spec, NULL);
}
