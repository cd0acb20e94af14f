/* The type Decimal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lang/decimal.h"
#include "lang/float.h"
#include "lang/hash.h"
#include "lang/int.h"
#include "lang/makers.h"
#include "lang/sequence.h"
#include "lang/str.h"

/* == Making ========================================================================================================== */

static value no_tuple(struct vm *vm)
{
	return vm_raise(vm, vm->errors.ValueError, "argument must be a sequence of length 3");
}

static bool digits_from(struct vm *vm, value v, mpz_t out)
{
	const value *items;
	size_t count;
	int64_t digit;
	if (!value_items(v, &items, &count))
		return vm_raise_ok(vm, vm->errors.ValueError, "coefficient must be a tuple of digits");
	for (size_t i = 0; i < count; i++) {
		if (!int_small(items[i], &digit) || digit < 0 || digit > 9)
			return vm_raise_ok(vm, vm->errors.ValueError, "coefficient must be a tuple of digits");
		mpz_mul_ui(out, out, 10);
		mpz_add_ui(out, out, (unsigned long)digit);
	}
	return true;
}

/* (sign, (1, 2, 3), exponent); the exponent 'F' is infinity, 'n' and 'N' are NaN. */
static value from_tuple(struct vm *vm, value v)
{
	const value *items;
	size_t count;
	int64_t sign, exponent = 0;
	value_items(v, &items, &count);
	if (count != 3)
		return no_tuple(vm);
	if (!int_small(items[0], &sign) || sign < 0 || sign > 1)
		return vm_raise(vm, vm->errors.ValueError, "sign must be an integer with the value 0 or 1");
	if (is_str(items[2])) {
		char word = as_str(items[2])->data[0];
		return value_object(decimal_special(vm, word == 'F' ? (sign ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY) : DECIMAL_NAN));
	}
	if (!int_small(items[2], &exponent))
		return vm_raise(vm, vm->errors.ValueError, "exponent must be an integer");
	struct decimal *d = decimal_new(vm);
	if (!digits_from(vm, items[1], d->digits)) {
		object_drop(d);
		return VALUE_UNSET;
	}
	d->exponent = exponent;
	decimal_set_negative(d, sign);
	return value_object(d);
}

static value convert(struct vm *vm, value v)
{
	if (is_unset(v))
		return decimal_from_int(vm, 0, 0);
	if (is_str(v))
		return decimal_parse(vm, as_str(v)->data, as_str(v)->len);
	if (is_kind(v, KIND_TUPLE) || is_kind(v, KIND_LIST))
		return from_tuple(vm, v);
	struct decimal *d = decimal_of(vm, v, true);
	if (d)
		return value_object(d);
	return vm_raise(vm, vm->errors.TypeError, "conversion from %s to Decimal is not supported", value_type_name(vm, v));
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	if (!call_bind(vm, vm->types.decimal->signature, call, a))
		return VALUE_UNSET;
	value made = convert(vm, a[0]);
	call_unbind(vm->types.decimal->signature, a);
	if (is_unset(made) || made.o->type == cls)
		return made;
	struct decimal *from = as_decimal(made), *d = object_new(cls, 0);
	mpz_init_set(d->digits, from->digits);
	d->exponent = from->exponent;
	d->special = from->special;
	decimal_set_negative(d, decimal_is_negative(from));
	value_drop(made);
	return value_object(d);
}

/* == Operators ======================================================================================================= */

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	double x, y;
	if (a.tag == TAG_FLOAT || b.tag == TAG_FLOAT) {
		if (!value_to_double(vm, a, &x) || !value_to_double(vm, b, &y))
			return VALUE_UNSET;
		return float_arithmetic(vm, op, x, y);
	}
	struct decimal *p = decimal_of(vm, a, false), *q = decimal_of(vm, b, false);
	value made = p && q ? decimal_arithmetic(vm, op, p, q) : VALUE_UNSUPPORTED;
	object_drop(p);
	object_drop(q);
	return made;
}

static value unary(struct vm *vm, enum unary op, value self)
{
	if (op == UNARY_INVERT)
		return VALUE_UNSUPPORTED;
	struct decimal *d = decimal_copy(vm, as_decimal(self));
	if (decimal_is_zero(d))
		decimal_set_negative(d, false);
	else if (op == UNARY_NEG)
		decimal_set_negative(d, !decimal_is_negative(d));
	return decimal_finish(vm, d);
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	struct decimal *other = decimal_of(vm, b, true);
	if (!other)
		return VALUE_UNSUPPORTED;
	value answer;
	if (as_decimal(a)->special == DECIMAL_NAN || other->special == DECIMAL_NAN)
		answer = op == CMP_EQ || op == CMP_NE ? value_bool(op == CMP_NE) : decimal_invalid(vm, "InvalidOperation");
	else
		answer = value_bool(compare_answer(op, decimal_order(as_decimal(a), other)));
	object_drop(other);
	return answer;
}

/* digits * 10^exponent modulo the prime; 10^-1 is 10^(prime - 2). */
static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct decimal *d = as_decimal(self);
	if (d->special) {
		*out = hash_double(decimal_to_double(d));
		return true;
	}
	uint64_t period = HASH_PRIME - 1;
	uint64_t power = d->exponent >= 0 ? (uint64_t)d->exponent % period : period - (uint64_t)-d->exponent % period;
	uint64_t h = hash_multiply(mpz_tdiv_ui(d->digits, HASH_PRIME), hash_power_of_ten(power % period));
	*out = hash_signed(mpz_sgn(d->digits) < 0 ? -(int64_t)h : (int64_t)h);
	return true;
}

/* == Methods ========================================================================================================= */

static bool rounding_arg(struct vm *vm, value v, enum rounding *out)
{
	static const char *const names[] = {
#define X(name) #name,
		ROUNDINGS(X)
#undef X
	};
	*out = ROUND_HALF_EVEN;
	if (is_none(v) || is_unset(v))
		return true;
	for (size_t i = 0; is_str(v) && i < sizeof names / sizeof *names; i++) {
		if (!strcmp(names[i], as_str(v)->data)) {
			*out = (enum rounding)i;
			return true;
		}
	}
	return vm_raise_ok(vm, vm->errors.TypeError, "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n"
	                   "   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]");
}

/* The other operand of a method; NULL: TypeError is pending. */
static struct decimal *other_arg(struct vm *vm, value v)
{
	struct decimal *d = decimal_of(vm, v, false);
	if (!d)
		vm_raise(vm, vm->errors.TypeError, "conversion from %s to Decimal is not supported", value_type_name(vm, v));
	return d;
}

static value quantize(struct vm *vm, value *a)
{
	struct decimal *d = as_decimal(a[0]), *like = other_arg(vm, a[1]);
	enum rounding how;
	if (!like || !rounding_arg(vm, a[2], &how)) {
		object_drop(like);
		return VALUE_UNSET;
	}
	int64_t exponent = like->exponent;
	bool both = d->special && like->special, either = d->special || like->special;
	object_drop(like);
	if (either)
		return both || d->special == DECIMAL_NAN ? value_keep(a[0]) : decimal_invalid(vm, "InvalidOperation");
	struct decimal *out = decimal_copy(vm, d);
	if (decimal_rescale(out, exponent, how, DECIMAL_PRECISION))
		return value_object(out);
	object_drop(out);
	return decimal_invalid(vm, "InvalidOperation");
}

static value to_integral_value(struct vm *vm, value *a)
{
	enum rounding how;
	if (!rounding_arg(vm, a[1], &how))
		return VALUE_UNSET;
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	if (!d->special && d->exponent < 0)
		decimal_rescale(d, 0, how, UINT64_MAX / 4);
	return value_object(d);
}

static value normalize(struct vm *vm, value *a)
{
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	decimal_round(d, DECIMAL_PRECISION, ROUND_HALF_EVEN);
	if (decimal_is_zero(d))
		d->exponent = 0;
	for (; !d->special && mpz_sgn(d->digits) && mpz_divisible_ui_p(d->digits, 10); d->exponent++)
		mpz_divexact_ui(d->digits, d->digits, 10);
	return decimal_finish(vm, d);
}

static value digit_tuple(struct vm *vm, const struct decimal *d)
{
	if (d->special)
		return d->special == DECIMAL_NAN ? tuple_of(vm, 0, NULL) : tuple_of(vm, 1, (value[]){ value_int(0) });
	char *text = mpz_get_str(NULL, 10, d->digits);
	const char *p = text + (*text == '-');
	struct tuple *t = tuple_new(vm, strlen(p));
	for (size_t i = 0; p[i]; i++)
		t->items[i] = value_int(p[i] - '0');
	mem_free(text);
	return value_object(t);
}

static value as_tuple_method(struct vm *vm, value *a)
{
	struct decimal *d = as_decimal(a[0]);
	value parts[3] = { value_int(decimal_is_negative(d)), digit_tuple(vm, d),
	                   d->special ? str_value(vm, d->special == DECIMAL_NAN ? "n" : "F") : value_int(d->exponent) };
	value made = tuple_of(vm, 3, parts);
	value_drop(parts[1]);
	value_drop(parts[2]);
	return made;
}

static value as_integer_ratio(struct vm *vm, value *a)
{
	struct decimal *d = as_decimal(a[0]);
	if (d->special)
		return vm_raise(vm, d->special == DECIMAL_NAN ? vm->errors.ValueError : vm->errors.OverflowError,
		                "cannot convert %s to integer ratio", d->special == DECIMAL_NAN ? "NaN" : "Infinity");
	if (!int_room(vm, (double)llabs(d->exponent) * 3.4))
		return VALUE_UNSET;
	mpq_t q;
	mpz_t power;
	mpq_init(q);
	mpz_init(power);
	mpz_power_of_ten(power, (uint64_t)llabs(d->exponent));
	mpz_set(mpq_numref(q), d->digits);
	if (d->exponent >= 0)
		mpz_mul(mpq_numref(q), mpq_numref(q), power);
	else
		mpz_set(mpq_denref(q), power);
	mpq_canonicalize(q);
	value parts[2] = { int_from_mpz(vm, mpq_numref(q)), int_from_mpz(vm, mpq_denref(q)) };
	value pair = tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	mpq_clear(q);
	mpz_clear(power);
	return pair;
}

static value to_int(struct vm *vm, value *a)   { return decimal_to_int(vm, as_decimal(a[0]), ROUND_DOWN); }
static value down(struct vm *vm, value *a)     { return decimal_to_int(vm, as_decimal(a[0]), ROUND_FLOOR); }
static value up(struct vm *vm, value *a)       { return decimal_to_int(vm, as_decimal(a[0]), ROUND_CEILING); }
static value to_float(struct vm *vm, value *a) { return value_float(decimal_to_double(as_decimal(a[0]))); }

static value round_to(struct vm *vm, value *a)
{
	int64_t digits;
	if (is_unset(a[1]))
		return decimal_to_int(vm, as_decimal(a[0]), ROUND_HALF_EVEN);
	if (!value_to_int64(vm, a[1], &digits))
		return VALUE_UNSET;
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	if (d->special || decimal_rescale(d, -digits, ROUND_HALF_EVEN, DECIMAL_PRECISION))
		return value_object(d);
	object_drop(d);
	return decimal_invalid(vm, "InvalidOperation");
}

static value absolute(struct vm *vm, value *a)
{
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	decimal_set_negative(d, false);
	return decimal_finish(vm, d);
}

static value copy_abs(struct vm *vm, value *a)
{
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	decimal_set_negative(d, false);
	return value_object(d);
}

static value copy_negate(struct vm *vm, value *a)
{
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	decimal_set_negative(d, !decimal_is_negative(d));
	return value_object(d);
}

static value copy_sign(struct vm *vm, value *a)
{
	struct decimal *other = other_arg(vm, a[1]);
	if (!other)
		return VALUE_UNSET;
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	decimal_set_negative(d, decimal_is_negative(other));
	object_drop(other);
	return value_object(d);
}

static value compare_method(struct vm *vm, value *a)
{
	struct decimal *other = other_arg(vm, a[1]), *d = as_decimal(a[0]);
	if (!other)
		return VALUE_UNSET;
	bool nan = d->special == DECIMAL_NAN || other->special == DECIMAL_NAN;
	value made = nan ? value_object(decimal_special(vm, DECIMAL_NAN)) : decimal_from_int(vm, decimal_order(d, other), 0);
	object_drop(other);
	return made;
}

/* Equal numbers are told apart by their signs, then by their exponents. */
static int total_order(const struct decimal *a, const struct decimal *b)
{
	int order = decimal_order(a, b);
	bool minus = decimal_is_negative(a);
	if (order || a->special)
		return order;
	if (minus != decimal_is_negative(b))
		return minus ? -1 : 1;
	order = a->exponent < b->exponent ? -1 : a->exponent > b->exponent;
	return minus ? -order : order;
}

static value extreme(struct vm *vm, value *a, int sign)
{
	struct decimal *other = other_arg(vm, a[1]), *d = as_decimal(a[0]);
	if (!other)
		return VALUE_UNSET;
	bool mine = other->special == DECIMAL_NAN || (d->special != DECIMAL_NAN && total_order(d, other) * sign >= 0);
	struct decimal *out = decimal_copy(vm, mine ? d : other);
	object_drop(other);
	return decimal_finish(vm, out);
}

static value larger(struct vm *vm, value *a)      { return extreme(vm, a, 1); }
static value smaller(struct vm *vm, value *a)     { return extreme(vm, a, -1); }
static value square_root(struct vm *vm, value *a) { return decimal_sqrt(vm, as_decimal(a[0])); }
static value adjusted(struct vm *vm, value *a)    { return value_int(decimal_adjusted(as_decimal(a[0]))); }
static value is_nan(struct vm *vm, value *a)      { return value_bool(as_decimal(a[0])->special == DECIMAL_NAN); }
static value is_finite(struct vm *vm, value *a)   { return value_bool(!as_decimal(a[0])->special); }
static value is_zero(struct vm *vm, value *a)     { return value_bool(decimal_is_zero(as_decimal(a[0]))); }
static value is_signed(struct vm *vm, value *a)   { return value_bool(decimal_is_negative(as_decimal(a[0]))); }
static value itself(struct vm *vm, value *a)      { return value_keep(a[0]); }

static value is_infinite(struct vm *vm, value *a)
{
	int special = as_decimal(a[0])->special;
	return value_bool(special == DECIMAL_INFINITY || special == DECIMAL_MINUS_INFINITY);
}

static value scaleb(struct vm *vm, value *a)
{
	int64_t by;
	if (!value_to_int64(vm, a[1], &by))
		return VALUE_UNSET;
	struct decimal *d = decimal_copy(vm, as_decimal(a[0]));
	if (!d->special)
		d->exponent += by;
	return decimal_finish(vm, d);
}

static value same_quantum(struct vm *vm, value *a)
{
	struct decimal *other = other_arg(vm, a[1]), *d = as_decimal(a[0]);
	if (!other)
		return VALUE_UNSET;
	bool same = d->special || other->special ? d->special == other->special : d->exponent == other->exponent;
	object_drop(other);
	return value_bool(same);
}

static value to_eng_string(struct vm *vm, value *a)
{
	struct buf out = {0};
	decimal_print(&out, as_decimal(a[0]), true);
	return str_from_buf(vm, &out);
}

static value from_float(struct vm *vm, value *a)
{
	struct decimal *d = decimal_of(vm, a[1], true);
	return d ? value_object(d) : vm_raise(vm, vm->errors.TypeError, "argument must be int or float");
}

static value divide_modulo(struct vm *vm, value *a)
{
	double x, y;
	if (a[1].tag == TAG_FLOAT)
		return value_to_double(vm, a[0], &x) && value_to_double(vm, a[1], &y) ? float_divmod(vm, x, y) : VALUE_UNSET;
	struct decimal *other = decimal_of(vm, a[1], false);
	value made = other ? decimal_divmod(vm, as_decimal(a[0]), other) : VALUE_UNSUPPORTED;
	object_drop(other);
	return made;
}

static value divide_modulo_reflected(struct vm *vm, value *a)
{
	double x, y;
	if (a[1].tag == TAG_FLOAT)
		return value_to_double(vm, a[1], &x) && value_to_double(vm, a[0], &y) ? float_divmod(vm, x, y) : VALUE_UNSET;
	struct decimal *other = decimal_of(vm, a[1], false);
	value made = other ? decimal_divmod(vm, other, as_decimal(a[0])) : VALUE_UNSUPPORTED;
	object_drop(other);
	return made;
}

static const struct native methods[] = {
	{ "quantize", quantize, "exp, rounding=None, context=None", "The number with the exponent of exp." },
	{ "to_integral_value", to_integral_value, "rounding=None, context=None", "Rounded to a whole number." },
	{ "to_integral", to_integral_value, "rounding=None, context=None", "Rounded to a whole number." },
	{ "to_integral_exact", to_integral_value, "rounding=None, context=None", "Rounded to a whole number." },
	{ "normalize", normalize, "context=None", "Without zeros at the end." },
	{ "as_tuple", as_tuple_method, "", "(sign, digits, exponent)." },
	{ "as_integer_ratio", as_integer_ratio, "", "(numerator, denominator), exactly." },
	{ "adjusted", adjusted, "", "The exponent of the first digit." },
	{ "compare", compare_method, "other, context=None", "Decimal -1, 0 or 1." },
	{ "max", larger, "other, context=None", "The larger of both." },
	{ "min", smaller, "other, context=None", "The smaller of both." },
	{ "sqrt", square_root, "context=None", "The square root, to 28 digits." },
	{ "scaleb", scaleb, "other, context=None", "The number with its exponent moved." },
	{ "same_quantum", same_quantum, "other, context=None", "True when both have the same exponent." },
	{ "copy_abs", copy_abs, "", "The number without its sign, not rounded." },
	{ "copy_negate", copy_negate, "", "The number with the other sign, not rounded." },
	{ "copy_sign", copy_sign, "other, context=None", "The number with the sign of other." },
	{ "is_nan", is_nan, "", "True for NaN." },
	{ "is_infinite", is_infinite, "", "True for the infinities." },
	{ "is_finite", is_finite, "", "True for numbers." },
	{ "is_zero", is_zero, "", "True for zero." },
	{ "is_signed", is_signed, "", "True for negative numbers and -0." },
	{ "to_eng_string", to_eng_string, "context=None", "As text with exponents that are multiples of three." },
	{ "from_float", from_float, "f, /", "The exact value of a float.", .flags = NATIVE_CLASS },
	{ "conjugate", itself, "", "The number itself." },
	{ "__abs__", absolute, "", "The number without its sign." },
	{ "__int__", to_int, "", "The whole part." },
	{ "__trunc__", to_int, "", "The whole part." },
	{ "__floor__", down, "", "The next whole number below." },
	{ "__ceil__", up, "", "The next whole number above." },
	{ "__float__", to_float, "", "The nearest float." },
	{ "__round__", round_to, "ndigits=..., /", "Rounded to ndigits behind the point; an int without ndigits." },
	{ "__divmod__", divide_modulo, "value, /", "(self // value, self % value)." },
	{ "__rdivmod__", divide_modulo_reflected, "value, /", "(value // self, value % self)." },
	{ 0 },
};

static value get_self(struct vm *vm, value self) { return value_keep(self); }
static value get_zero(struct vm *vm, value self) { return decimal_from_int(vm, 0, 0); }

static const struct getset attrs[] = {
	{ "real", get_self, NULL, "The number itself." },
	{ "imag", get_zero, NULL, "Decimal(0)." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static void release(struct object *o)
{
	mpz_clear(((struct decimal *)o)->digits);
}

static bool str(struct vm *vm, value self, struct buf *out)
{
	decimal_print(out, as_decimal(self), false);
	return true;
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	bool plain = self.o->flags & DECIMAL_PLAIN;
	buf_text(out, plain ? "" : "Decimal('");
	decimal_print(out, as_decimal(self), false);
	buf_text(out, plain ? "" : "')");
	return true;
}

static value format(struct vm *vm, value self, value spec)
{
	return format_spec(vm, self, as_str(spec)->data, as_str(spec)->len);
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = !decimal_is_zero(as_decimal(self));
	return true;
}

void type_make_decimal(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "Decimal", .doc = "A number in decimal notation, exact to 28 digits.", .kind = KIND_DECIMAL, .size = sizeof(struct decimal),
		.flags = TYPE_SUBCLASSABLE, .signature = "value=..., context=None",
		.slots = { .make = make, .release = release, .repr = repr, .str = str, .format = format, .hash = hash, .compare = compare,
		           .truth = truth, .binary = binary, .unary = unary },
		.methods = methods, .attrs = attrs,
	};
	vm->types.decimal = type_new(vm, &spec, NULL);
}
