/* Decimals as text: reading, printing, and the format mini-language. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "lang/decimal.h"
#include "lang/format.h"
#include "lang/int.h"

/* == Reading ========================================================================================================= */

static bool word_is(const char *text, const char *word)
{
	for (; *word && (*text | 32) == *word; text++)
		word++;
	return !*word && !*text;
}

static struct decimal *read_special(struct vm *vm, const char *p, bool negative)
{
	if (word_is(p, "inf") || word_is(p, "infinity"))
		return decimal_special(vm, negative ? DECIMAL_MINUS_INFINITY : DECIMAL_INFINITY);
	return word_is(p, "nan") || word_is(p, "snan") ? decimal_special(vm, DECIMAL_NAN) : NULL;
}

/* `p`: no sign, no blanks, no underscores. */
static struct decimal *read_digits(struct vm *vm, const char *p, bool negative)
{
	struct buf digits = {0};
	int64_t exponent = 0, given = 0;
	bool point = false, any = false, ok = true;
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		buf_char(&digits, *p);
		exponent -= point;
		any = true;
	}
	if (any && (*p | 32) == 'e') {
		char *end;
		const char *start = p + 1 + (p[1] == '-' || p[1] == '+');
		ok = *start >= '0' && *start <= '9';
		given = strtoll(p + 1, &end, 10);
		p = end;
	}
	struct decimal *d = NULL;
	if (ok && any && !*p && llabs(given) < INT64_C(1000000000000000000)) {
		d = decimal_new(vm);
		mpz_set_str(d->digits, buf_str(&digits), 10);
		d->exponent = exponent + given;
		decimal_set_negative(d, negative);
	}
	buf_free(&digits);
	return d;
}

value decimal_parse(struct vm *vm, const char *text, size_t len)
{
	struct buf all = {0}, plain = {0};
	unicode_to_ascii_digits(&all, text, len);
	size_t from = 0, to = all.len;
	while (from < to && unicode_is_space((unsigned char)all.data[from]))
		from++;
	while (to > from && unicode_is_space((unsigned char)all.data[to - 1]))
		to--;
	for (size_t i = from; i < to; i++)
		if (all.data[i] != '_')
			buf_char(&plain, all.data[i] ? all.data[i] : '?');
	const char *p = buf_str(&plain);
	bool negative = *p == '-';
	p += *p == '-' || *p == '+';
	struct decimal *d = read_special(vm, p, negative);
	if (!d)
		d = read_digits(vm, p, negative);
	buf_free(&all);
	buf_free(&plain);
	return d ? value_object(d) : decimal_invalid(vm, "ConversionSyntax");
}

/* == Printing ======================================================================================================== */

static char *digits_of(const struct decimal *d)
{
	char *digits = mem_alloc(mpz_sizeinbase(d->digits, 10) + 2);
	mpz_get_str(digits, 10, d->digits);
	if (*digits == '-')
		memmove(digits, digits + 1, strlen(digits));
	return digits;
}

static const char *special_name(const struct decimal *d)
{
	return d->special == DECIMAL_NAN ? "NaN" : "Infinity";
}

/* Digits with the point after the first `left` of them: zeros go where there are none. */
static void put_point(struct buf *out, const char *digits, int64_t left)
{
	int64_t count = (int64_t)strlen(digits);
	if (left <= 0) {
		buf_text(out, "0.");
		buf_fill(out, '0', (size_t)-left);
		buf_text(out, digits);
	} else if (left >= count) {
		buf_text(out, digits);
		buf_fill(out, '0', (size_t)(left - count));
	} else {
		buf_add(out, digits, (size_t)left);
		buf_char(out, '.');
		buf_text(out, digits + left);
	}
}

/* Where the point goes in scientific notation that counts exponents in threes. */
static int64_t engineering_point(const struct decimal *d, int64_t left)
{
	int64_t rest = decimal_is_zero(d) ? ((left + 1) % 3 + 3) % 3 - 1 : ((left - 1) % 3 + 3) % 3 + 1;
	return rest;
}

void decimal_print(struct buf *out, const struct decimal *d, bool engineering)
{
	if (decimal_is_negative(d))
		buf_char(out, '-');
	if (d->special) {
		buf_text(out, special_name(d));
		return;
	}
	char *digits = digits_of(d);
	int64_t left = d->exponent + (int64_t)strlen(digits), point = left;
	if (d->exponent > 0 || left <= -6)
		point = engineering ? engineering_point(d, left) : 1;
	put_point(out, digits, point);
	if (left != point)
		buf_print(out, "E%+lld", (long long)(left - point));
	mem_free(digits);
}

/* == Formatting ====================================================================================================== */

/* One digit before the point and `precision` behind it, zeros too. */
static bool round_scientific(struct decimal *d, int precision)
{
	decimal_round(d, precision + 1, ROUND_HALF_EVEN);
	return decimal_is_zero(d) || decimal_rescale(d, decimal_adjusted(d) - precision, ROUND_HALF_EVEN, 1 << 26);
}

/* Rounds a copy to what the type and the precision ask for; false: raised. */
static bool round_for(struct vm *vm, struct decimal *d, uint32_t type, int precision)
{
	bool ok = true;
	if (precision >= 0 && (type == 'e' || type == 'E'))
		ok = round_scientific(d, precision);
	else if (precision >= 0 && (type == 'f' || type == 'F' || type == '%'))
		ok = decimal_rescale(d, -(int64_t)precision, ROUND_HALF_EVEN, 1 << 26);
	else if (precision >= 0 && (int64_t)mpz_digits(d->digits) > precision)
		decimal_round(d, precision ? precision : 1, ROUND_HALF_EVEN);
	if (ok && decimal_is_zero(d) && d->exponent > 0 && (type == 'f' || type == 'F' || type == '%'))
		d->exponent = 0;
	return ok || vm_raise_ok(vm, vm->errors.MemoryError, "a number of that many digits");
}

static int64_t point_for(const struct decimal *d, uint32_t type, int precision, int64_t left)
{
	if (type == 'e' || type == 'E')
		return decimal_is_zero(d) && precision >= 0 ? 1 - precision : 1;
	if (type == 'f' || type == 'F' || type == '%')
		return left;
	return d->exponent <= 0 && left > -6 ? left : 1;
}

static bool is_format_type(uint32_t type)
{
	return type < 128 && strchr("eEfFgGn%", (int)type);
}

static bool format_finite(struct vm *vm, struct decimal *d, const struct spec *s, uint32_t type, struct buf *out)
{
	if (type == '%')
		d->exponent += 2;
	if (!round_for(vm, d, type, s->precision))
		return false;
	char *digits = digits_of(d);
	int64_t left = d->exponent + (int64_t)strlen(digits), point = point_for(d, type, s->precision, left);
	struct buf text = {0};
	bool ok = llabs(point) < 1 << 26 || vm_raise_ok(vm, vm->errors.MemoryError, "a number of that many digits");
	if (ok) {
		put_point(&text, digits, point);
		if (left != point || type == 'e' || type == 'E')
			buf_print(&text, "%c%+lld", type == 'e' || type == 'g' ? 'e' : 'E', (long long)(left - point));
		if (type == '%')
			buf_char(&text, '%');
		bool negative = decimal_is_negative(d) && !(s->positive_zero && decimal_is_zero(d));
		struct number_parts n = { .sign = number_sign(s, negative), .prefix = "" };
		number_split(&n, text.data);
		number_format(out, s, &n, 3);
	}
	buf_free(&text);
	mem_free(digits);
	return ok;
}

bool decimal_format(struct vm *vm, value v, const struct spec *s, struct buf *out)
{
	const struct decimal *given = as_decimal(v);
	uint32_t type = s->type ? s->type : 'G';
	if (!is_format_type(type) || s->alternate || s->grouping == '_' || (s->type == 'n' && s->grouping))
		return vm_raise_ok(vm, vm->errors.ValueError, "invalid format string");
	if (type == 'n')
		type = 'g';
	if (given->special) {
		struct number_parts n = { .sign = number_sign(s, given->special == DECIMAL_MINUS_INFINITY), .prefix = "",
		                          .digits = "",
		                          .rest = type != '%' ? special_name(given) : given->special == DECIMAL_NAN ? "NaN%" : "Infinity%" };
		struct spec plain = *s;
		if (plain.fill == '0' && plain.align == '=')
			plain.fill = ' ', plain.align = '>';
		number_format(out, &plain, &n, 3);
		return true;
	}
	struct decimal *d = decimal_copy(vm, given);
	bool ok = format_finite(vm, d, s, type, out);
	object_drop(d);
	return ok;
}
