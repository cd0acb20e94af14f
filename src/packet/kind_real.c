/* Numbers that are no integers: IEEE 754, binary fractions, and integers that stand for a scaled quantity. */
#include "packet/kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static value accept_number(struct vm *vm, const struct field *f, value given)
{
	if (is_int(given) || given.tag == TAG_FLOAT || is_kind(given, KIND_DECIMAL))
		return value_keep(given);
	return field_refuse(vm, f, given, "a number");
}

static bool show_number(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* ---- IEEE 754 ---- */

static value ieee_of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	if (f->bits == 32) {
		uint32_t half = (uint32_t)word;
		float number;
		memcpy(&number, &half, sizeof number);
		return value_float((double)number);
	}
	double number;
	memcpy(&number, &word, sizeof number);
	return value_float(number);
}

/* A NaN keeps its sign and payload: what was read is written again. */
static uint32_t narrow(double wide, uint64_t bits)
{
	float number = (float)wide;
	uint32_t word;
	memcpy(&word, &number, sizeof word);
	return isnan(wide) ? (uint32_t)(bits >> 32 & 0x80000000) | 0x7f800000 | (uint32_t)(bits >> 29 & 0x7fffff) : word;
}

static bool ieee_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	double number;
	if (!value_to_double(vm, v, &number))
		return false;
	memcpy(word, &number, sizeof number);
	if (f->bits == 64)
		return true;
	if (!isinf(number) && !isnan(number) && isinf((float)number)) {
		field_refuse(vm, f, v, "a number in the range of 32 bits");
		return false;
	}
	*word = narrow(number, *word);
	return true;
}

/* A float of 32 bits in which a signalling NaN came loses that on the way through a double: it is a form. */
static bool plain_make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static const struct codec ieee_codec = { .of_word = ieee_of_word, .to_word = ieee_to_word, .accept = accept_number, .show = show_number };

/* ---- BCDFloatField: 8 bits before the point, 8 behind ---- */

static value fraction_of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	return value_float((double)word / 256);
}

static bool fraction_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	double number;
	if (!value_to_double(vm, v, &number))
		return false;
	if (!(number >= 0 && number < 256)) {
		field_refuse(vm, f, v, "a number from 0 to less than 256");
		return false;
	}
	*word = (uint64_t)(number * 256);
	return true;
}

static const struct codec fraction_codec = { .of_word = fraction_of_word, .to_word = fraction_to_word, .accept = accept_number, .show = show_number };

/* ---- ScalingField: value = number * scaling + offset ---- */

struct scale_data { value scaling, offset; struct str *unit; int64_t digits; bool real; };

static const struct scale_data *scale_of(const struct field *f)
{
	return f->data;
}

/* As round(x, digits): the exact value of the double, rounded in decimal. */
static double rounded(double number, int64_t digits)
{
	char text[400];
	if (!isfinite(number) || digits < 0 || digits > 300)
		return number;
	int len = snprintf(text, sizeof text, "%.*f", (int)digits, number);
	return len > 0 && (size_t)len < sizeof text ? strtod(text, NULL) : number;
}

static value scaled_of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	const struct scale_data *d = scale_of(f);
	value number = d->real ? ieee_of_word(vm, f, word) : number_of_word(vm, f, word);
	value product = value_binary(vm, OP_MUL_, number, d->scaling, false), v = product;
	if (!is_unset(product))
		v = value_binary(vm, OP_ADD_, product, d->offset, false);
	value_drop(number);
	value_drop(product);
	if (v.tag == TAG_FLOAT && !d->real)
		v.f = rounded(v.f, d->digits);
	return v;
}

static bool scaled_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	const struct scale_data *d = scale_of(f);
	double number, scaling, offset;
	if (!value_to_double(vm, v, &number) || !value_to_double(vm, d->scaling, &scaling) || !value_to_double(vm, d->offset, &offset))
		return false;
	number = (number - offset) / scaling;
	if (d->real)
		return ieee_to_word(vm, f, value_float(number), word);
	number = nearbyint(number);
	if (!(fabs(number) < 9.2e18)) {
		field_refuse(vm, f, v, "a smaller number");
		return false;
	}
	return number_to_word(vm, f, value_int((int64_t)number), word);
}

static value scaled_accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t word;
	value v = accept_number(vm, f, given);
	if (is_unset(v) || scaled_to_word(vm, f, v, &word))
		return v;
	value_drop(v);
	return VALUE_UNSET;
}

static bool scaled_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!value_str_to(s->vm, v, out))
		return false;
	buf_print(out, " %s", scale_of(f)->unit->data);
	return true;
}

/* scaling, unit, offset, ndigits */
static bool take_scale(struct vm *vm, struct field *f, const value *a)
{
	double scaling;
	struct scale_data *d = f->data = mem_zero(sizeof *d);
	d->scaling = value_keep(a[0]);
	d->offset = value_keep(a[2]);
	if (!value_to_double(vm, a[0], &scaling) || !value_to_int64(vm, a[3], &d->digits))
		return false;
	if (scaling == 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a scaling of 0", f->name->data);
	if (!is_str(a[1]))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the unit is a text, not %s", f->name->data, value_type_name(vm, a[1]));
	d->unit = str_intern(vm, as_str(a[1])->data);
	return true;
}

static bool is_real(const char *format)
{
	size_t len = strlen(format);
	return len && (format[len - 1] == 'f' || format[len - 1] == 'd');
}

/* ScalingField(name, default, scaling, unit, offset, ndigits, fmt) */
static bool scaling_make(struct vm *vm, struct field *f, const value *a)
{
	if (!take_scale(vm, f, a + 2) || !facts_take(vm, f, a + 7))
		return false;
	if (!is_str(a[6]) || !is_real(as_str(a[6])->data))
		return number_take_format(vm, f, a[6]);
	const char *format = as_str(a[6])->data;
	((struct scale_data *)f->data)->real = true;
	f->flags |= format[0] == '<' ? FIELD_LITTLE : 0;
	f->bits = format[strlen(format) - 1] == 'f' ? 32 : 64;
	return true;
}

/* BitScalingField(name, default, size, scaling, unit, offset, ndigits) */
static bool bit_scaling_make(struct vm *vm, struct field *f, const value *a)
{
	return number_take_bits(vm, f, a[2]) && take_scale(vm, f, a + 3) && facts_take(vm, f, a + 7);
}

static void scale_release(struct field *f)
{
	struct scale_data *d = f->data;
	if (d) {
		value_drop(d->scaling);
		value_drop(d->offset);
	}
	mem_free(d);
	f->data = NULL;
}

static const struct codec scale_codec = {
	.of_word = scaled_of_word, .to_word = scaled_to_word, .accept = scaled_accept, .show = scaled_show, .release = scale_release,
};

const struct field_kind kinds_real[] = {
	{ "IEEEFloatField", "name, default" FACTS, "a number in 32 bits, IEEE 754", &ieee_codec, plain_make, FIELD_WORD, 32 },
	{ "IEEEDoubleField", "name, default" FACTS, "a number in 64 bits, IEEE 754", &ieee_codec, plain_make, FIELD_WORD, 64 },
	{ "LEIEEEFloatField", "name, default" FACTS, "a number in 32 bits, IEEE 754, little-endian", &ieee_codec, plain_make, FIELD_WORD | FIELD_LITTLE, 32 },
	{ "LEIEEEDoubleField", "name, default" FACTS, "a number in 64 bits, IEEE 754, little-endian", &ieee_codec, plain_make, FIELD_WORD | FIELD_LITTLE, 64 },
	{ "BCDFloatField", "name, default" FACTS, "a number of 8 bits before the point and 8 behind it", &fraction_codec, plain_make, FIELD_WORD, 16 },
	{ "ScalingField", "name, default, scaling=1, unit='', offset=0, ndigits=3, fmt='B'" FACTS, "a number of `unit`, each `scaling` large, from `offset` on",
	  &scale_codec, scaling_make, FIELD_WORD, 0 },
	{ "BitScalingField", "name, default, size, scaling=1, unit='', offset=0, ndigits=3" FACTS, "the same in `size` bits", &scale_codec, bit_scaling_make,
	  FIELD_WORD, 0 },
	{ 0 },
};
