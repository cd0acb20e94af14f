#include "lang/format.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lang/int.h"
#include "lang/str.h"

/* == The spec ======================================================================================================== */

static bool is_align(uint32_t c)
{
	return c == '<' || c == '>' || c == '=' || c == '^';
}

struct reader { const char *p, *end; };

static bool take(struct reader *r, char c)
{
	if (r->p < r->end && *r->p == c) {
		r->p++;
		return true;
	}
	return false;
}

static bool number(struct vm *vm, struct reader *r, size_t *out, bool *given)
{
	*given = false;
	for (*out = 0; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
		*out = *out * 10 + (size_t)(*r->p - '0');
		*given = true;
		if (*out > INT_MAX)
			return vm_raise_ok(vm, vm->errors.ValueError, "Too many decimal digits in format string");
	}
	return true;
}

static void read_align(struct reader *r, struct spec *s)
{
	if (r->p == r->end)
		return;
	size_t at = 0;
	uint32_t first = char_next(r->p, &at);
	if (r->p + at < r->end && is_align((unsigned char)r->p[at])) {
		s->fill = first;
		s->align = r->p[at];
		s->align_given = true;
		r->p += at + 1;
	} else if (is_align(first)) {
		s->align = (char)first;
		s->align_given = true;
		r->p++;
	}
}

static bool read_grouping(struct vm *vm, struct reader *r, struct spec *s)
{
	if (take(r, ','))
		s->grouping = ',';
	if (take(r, '_')) {
		if (s->grouping)
			return vm_raise_ok(vm, vm->errors.ValueError, "Cannot specify both ',' and '_'.");
		s->grouping = '_';
	}
	if (s->grouping == '_' && r->p < r->end && *r->p == ',')
		return vm_raise_ok(vm, vm->errors.ValueError, "Cannot specify both ',' and '_'.");
	return true;
}

/* Python's groups go with its own number types only. */
static bool grouping_fits(struct vm *vm, const struct spec *s)
{
	if (!s->grouping || !s->type || (s->type < 128 && strchr("deEfFgG%", (int)s->type)) ||
	    (s->grouping == '_' && s->type < 128 && strchr("boxX", (int)s->type)))
		return true;
	if (s->type > 32 && s->type < 128)
		return vm_raise_ok(vm, vm->errors.ValueError, "Cannot specify '%c' with '%c'.", s->grouping, (char)s->type);
	return vm_raise_ok(vm, vm->errors.ValueError, "Cannot specify '%c' with '\\x%x'.", s->grouping, s->type);
}

bool spec_parse(struct vm *vm, const char *text, size_t len, char default_align, value subject, struct spec *s)
{
	struct reader r = { text, text + len };
	*s = (struct spec){ .fill = ' ', .align = default_align, .precision = -1 };
	read_align(&r, s);
	bool fill_given = s->align_given && r.p - text > 1, given;
	size_t n;
	if (r.p < r.end && (*r.p == '+' || *r.p == '-' || *r.p == ' '))
		s->sign = *r.p++;
	s->positive_zero = take(&r, 'z');
	s->alternate = take(&r, '#');
	if (!fill_given && take(&r, '0')) {
		s->fill = '0';
		if (!s->align_given && default_align == '>')
			s->align = '=';
	}
	if (!number(vm, &r, &s->width, &given) || !read_grouping(vm, &r, s))
		return false;
	if (take(&r, '.')) {
		if (!number(vm, &r, &n, &given))
			return false;
		if (!given)
			return vm_raise_ok(vm, vm->errors.ValueError, "Format specifier missing precision");
		s->precision = (int)n;
	}
	if (r.p < r.end) {
		size_t at = 0;
		s->type = char_next(r.p, &at);
		r.p += at;
	}
	if (r.p < r.end)
		return is_kind(subject, KIND_DECIMAL)
		       ? vm_raise_ok(vm, vm->errors.ValueError, "invalid format string")
		       : vm_raise_ok(vm, vm->errors.ValueError, "Invalid format specifier '%.*s' for object of type '%s'", (int)len, text,
		                     value_type_name(vm, subject));
	return grouping_fits(vm, s);
}

value spec_unknown_type(struct vm *vm, const struct spec *s, value subject)
{
	if (s->type > 32 && s->type < 128)
		return vm_raise(vm, vm->errors.ValueError, "Unknown format code '%c' for object of type '%s'", (char)s->type, value_type_name(vm, subject));
	return vm_raise(vm, vm->errors.ValueError, "Unknown format code '\\x%x' for object of type '%s'", s->type, value_type_name(vm, subject));
}

/* == Assembling numbers ============================================================================================== */

char number_sign(const struct spec *s, bool negative)
{
	return negative ? '-' : s->sign == '+' || s->sign == ' ' ? s->sign : '\0';
}

void number_split(struct number_parts *n, const char *text)
{
	n->digits = text;
	n->digit_count = strspn(text, "0123456789");
	n->rest = text + n->digit_count;
}

/* Digits in groups, from the right; zeros go before them until they are `least` characters long. */
static void add_grouped(struct buf *out, const struct spec *s, const struct number_parts *n, unsigned group, size_t least)
{
	struct buf turned = {0};
	size_t left = n->digit_count, wanted = least;
	for (bool more = true; more; ) {
		size_t most = left > wanted ? left : wanted, take_now = most > group ? group : most ? most : 1;
		for (size_t i = 0; i < take_now; i++)
			buf_char(&turned, left ? n->digits[--left] : '0');
		wanted = wanted > take_now ? wanted - take_now : 0;
		more = left || wanted;
		if (more) {
			buf_char(&turned, s->grouping);
			wanted = wanted ? wanted - 1 : 0;
		}
	}
	for (size_t i = turned.len; i-- > 0; )
		buf_char(out, turned.data[i]);
	buf_free(&turned);
}

static void add_fill(struct buf *out, uint32_t fill, size_t count)
{
	if (fill < 128)
		buf_fill(out, (char)fill, count);
	else
		while (count--)
			buf_utf8(out, fill);
}

void number_format(struct buf *out, const struct spec *s, const struct number_parts *n, unsigned group)
{
	size_t around = (n->sign != 0) + strlen(n->prefix) + strlen(n->rest);
	size_t least = s->fill == '0' && s->align == '=' && s->width > around ? s->width - around : 0;
	struct buf grouped = {0};
	const char *digits = n->digits;
	size_t count = n->digit_count;
	if (s->grouping && count) {
		add_grouped(&grouped, s, n, group, least);
		digits = grouped.data;
		count = grouped.len;
	}
	size_t zeros = least > count ? least - count : 0, len = around + zeros + count, pad = s->width > len ? s->width - len : 0;
	size_t before = s->align == '>' ? pad : s->align == '^' ? pad / 2 : 0;
	add_fill(out, s->fill, before);
	if (n->sign)
		buf_char(out, n->sign);
	buf_text(out, n->prefix);
	if (s->align == '=')
		add_fill(out, s->fill, pad);
	buf_fill(out, '0', zeros);
	buf_add(out, digits, count);
	buf_text(out, n->rest);
	add_fill(out, s->fill, s->align == '=' ? 0 : pad - before);
	buf_free(&grouped);
}

/* == Doubles ========================================================================================================= */

/* Without the zeros, and then the point, at the end of the digits before an exponent. */
static void strip_zeros(struct buf *text)
{
	char *e = strchr(text->data, 'e');
	size_t end = e ? (size_t)(e - text->data) : text->len, keep = end;
	if (!memchr(text->data, '.', end))
		return;
	while (text->data[keep - 1] == '0')
		keep--;
	keep -= text->data[keep - 1] == '.';
	memmove(text->data + keep, text->data + end, text->len - end + 1);
	text->len -= end - keep;
}

/* 'g'. With dot_zero (no type given) ".0" stays, and exponents begin one digit earlier. */
static void general(struct buf *out, double number, int precision, bool alternate, bool dot_zero)
{
	struct buf text = {0};
	if (!precision)
		precision = 1;
	buf_print(&text, "%.*e", precision - 1, number);
	int exponent = atoi(strchr(text.data, 'e') + 1);
	bool scientific = exponent < -4 || exponent >= precision - dot_zero;
	buf_clear(&text);
	if (scientific)
		buf_print(&text, alternate ? "%#.*e" : "%.*e", precision - 1, number);
	else
		buf_print(&text, alternate ? "%#.*f" : "%.*f", precision - 1 - exponent, number);
	if (!alternate)
		strip_zeros(&text);
	if (dot_zero && !scientific && !strchr(text.data, '.'))
		buf_text(&text, ".0");
	buf_add(out, text.data, text.len);
	buf_free(&text);
}

/* repr's digits; alternate: with a point in any case. */
static void shortest(struct buf *out, double number, bool alternate)
{
	struct buf text = {0};
	text_float(&text, number);
	char *e = strchr(text.data, 'e');
	size_t end = e ? (size_t)(e - text.data) : text.len;
	buf_add(out, text.data, end);
	if (alternate && !memchr(text.data, '.', end))
		buf_char(out, '.');
	buf_add(out, text.data + end, text.len - end);
	buf_free(&text);
}

/* '%.nf' of n to 9 digits where everything fits 128 bits: exact, and rounded half to even as printf rounds, without its long numbers. */
static bool fixed(struct buf *out, double x, int digits)
{
	static const uint32_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
	enum { MANTISSA = 53, PRODUCT = 83 };
	int exponent;
	uint64_t mantissa = (uint64_t)ldexp(frexp(x, &exponent), MANTISSA), whole;
	int shift = MANTISSA - exponent;                /* x is mantissa / 2 ** shift */
	if (digits > 9 || shift < 0)
		return false;
	unsigned __int128 scaled = (unsigned __int128)mantissa * tens[digits];
	unsigned __int128 quotient = shift > PRODUCT ? 0 : scaled >> shift;
	if (shift && shift <= PRODUCT) {
		unsigned __int128 rest = scaled - (quotient << shift), half = (unsigned __int128)1 << (shift - 1);
		quotient += rest > half || (rest == half && (quotient & 1));
	}
	if (quotient > INT64_MAX)
		return false;
	whole = (uint64_t)quotient / tens[digits];
	buf_number(out, (int64_t)whole);
	if (digits) {
		char *at = buf_grow(out, (size_t)digits + 1);
		uint32_t rest = (uint32_t)((uint64_t)quotient - whole * tens[digits]);
		for (int i = digits; i > 0; i--, rest /= 10)
			at[i] = (char)('0' + rest % 10);
		*at = '.';
	}
	return true;
}

static void upper_ascii(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 32);
}

void double_digits(struct buf *out, double number_given, uint32_t type, int precision, bool alternate, bool dot_zero)
{
	double x = fabs(number_given);
	size_t start = out->len;
	uint32_t lower = type >= 'A' && type <= 'Z' ? type + 32 : type;
	if (isnan(x) || isinf(x)) {
		buf_text(out, isnan(x) ? "nan" : "inf");
	} else if (lower == 'r') {
		shortest(out, x, alternate);
	} else if (lower == 'g') {
		general(out, x, precision, alternate, dot_zero);
	} else if (lower != 'f' || alternate || !fixed(out, x, precision)) {
		buf_print(out, lower == 'e' ? (alternate ? "%#.*e" : "%.*e") : (alternate ? "%#.*f" : "%.*f"), precision, x);
	}
	if (type != lower)
		upper_ascii(out->data + start, out->len - start);
}

static bool all_zero(const char *text)
{
	return text[strspn(text, "0.eE+-%")] == '\0';
}

static bool format_double(struct vm *vm, value subject, double x, const struct spec *s, struct buf *out)
{
	uint32_t type = s->type;
	int precision = s->precision;
	struct buf text = {0};
	if (type && !(type < 128 && strchr("eEfFgGn%", (int)type))) {
		spec_unknown_type(vm, s, subject);
		return false;
	}
	if (precision > 1 << 26)
		return vm_raise_ok(vm, vm->errors.ValueError, "precision too big");
	bool bare = !type;
	if (type == 'n')
		type = 'g';
	if (bare)
		type = precision < 0 ? 'r' : 'g';
	double_digits(&text, type == '%' ? x * 100 : x, type == '%' ? 'f' : type, precision < 0 ? 6 : precision, s->alternate, bare);
	if (type == '%')
		buf_char(&text, '%');
	bool negative = signbit(x) && !isnan(x) && !(s->positive_zero && all_zero(text.data));
	struct number_parts n = { .sign = number_sign(s, negative), .prefix = "" };
	number_split(&n, text.data);
	number_format(out, s, &n, 3);
	buf_free(&text);
	return true;
}

/* == Ints ============================================================================================================ */

static bool int_char(struct vm *vm, value v, const struct spec *s, struct buf *out)
{
	int64_t c;
	if (s->sign)
		return vm_raise_ok(vm, vm->errors.ValueError, "Sign not allowed with integer format specifier 'c'");
	if (s->alternate)
		return vm_raise_ok(vm, vm->errors.ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
	if (!int_small(v, &c))
		return vm_raise_ok(vm, vm->errors.OverflowError, "Python int too large to convert to C long");
	if (c < 0 || c > 0x10ffff)
		return vm_raise_ok(vm, vm->errors.OverflowError, "%%c arg not in range(0x110000)");
	size_t pad = s->width > 1 ? s->width - 1 : 0, before = s->align == '>' || s->align == '=' ? pad : s->align == '^' ? pad / 2 : 0;
	add_fill(out, s->fill, before);
	buf_utf8(out, (uint32_t)c);
	add_fill(out, s->fill, pad - before);
	return true;
}

enum { SMALL_INT_ROOM = 66 };

/* Its sign and digits, without a NUL. */
static size_t small_digits(char room[static SMALL_INT_ROOM], int64_t number, int base, bool upper)
{
	if (base == 10)
		return text_decimal(room, number);
	char digits[SMALL_INT_ROOM], *at = digits + sizeof digits;
	unsigned bits = base == 16 ? 4 : base == 8 ? 3 : 1;
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	do
		*--at = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[left & ((1u << bits) - 1)];
	while (left >>= bits);
	if (number < 0)
		*--at = '-';
	size_t len = (size_t)(digits + sizeof digits - at);
	memcpy(room, at, len);
	return len;
}

static bool format_int(struct vm *vm, value v, const struct spec *s, struct buf *out)
{
	uint32_t type = s->type ? s->type : 'd';
	double x;
	if (type < 128 && strchr("eEfFgG%", (int)type))
		return int_to_double(vm, v, &x) && format_double(vm, v, x, s, out);
	if (!(type < 128 && strchr("bcdoxXn", (int)type))) {
		spec_unknown_type(vm, s, v);
		return false;
	}
	if (s->precision >= 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "Precision not allowed in integer format specifier");
	if (s->positive_zero)
		return vm_raise_ok(vm, vm->errors.ValueError, "Negative zero coercion (z) not allowed in integer format specifier");
	if (type == 'c')
		return int_char(vm, v, s, out);
	int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
	struct buf text = {0};
	char few[SMALL_INT_ROOM];
	int64_t small;
	const char *digits = few;
	size_t len = int_small(v, &small) ? small_digits(few, small, base, type == 'X') : 0;
	if (!len) {
		int_print_base(&text, v, base, type == 'X');
		digits = text.data;
		len = text.len;
	}
	bool negative = *digits == '-';
	struct number_parts n = {
		.sign = number_sign(s, negative),
		.prefix = !s->alternate || base == 10 ? "" : base == 2 ? "0b" : base == 8 ? "0o" : type == 'X' ? "0X" : "0x",
	};
	n.digits = digits + negative;
	n.digit_count = len - negative;
	n.rest = "";
	number_format(out, s, &n, base == 10 ? 3 : 4);
	buf_free(&text);
	return true;
}

/* == str ============================================================================================================= */

static bool str_refusal(struct vm *vm, value v, const struct spec *s)
{
	if (s->type && s->type != 's') {
		spec_unknown_type(vm, s, v);
		return false;
	}
	if (s->sign)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s not allowed in string format specifier", s->sign == ' ' ? "Space" : "Sign");
	if (s->positive_zero)
		return vm_raise_ok(vm, vm->errors.ValueError, "Negative zero coercion (z) not allowed in string format specifier");
	if (s->alternate)
		return vm_raise_ok(vm, vm->errors.ValueError, "Alternate form (#) not allowed in string format specifier");
	if (s->align == '=')
		return vm_raise_ok(vm, vm->errors.ValueError, "'=' alignment not allowed in string format specifier");
	return !s->grouping || vm_raise_ok(vm, vm->errors.ValueError, "Cannot specify '%c' with 's'.", s->grouping);
}

static bool format_str(struct vm *vm, value v, const struct spec *s, struct buf *out)
{
	struct str *text = as_str(v);
	if (!str_refusal(vm, v, s))
		return false;
	size_t chars = s->precision >= 0 && (size_t)s->precision < text->chars ? (size_t)s->precision : text->chars;
	size_t pad = s->width > chars ? s->width - chars : 0, before = s->align == '>' ? pad : s->align == '^' ? pad / 2 : 0;
	add_fill(out, s->fill, before);
	buf_add(out, text->data, str_offset(text, chars));
	add_fill(out, s->fill, pad - before);
	return true;
}

/* == The way in ====================================================================================================== */

static value no_spec(struct vm *vm, value v)
{
	return vm_raise(vm, vm->errors.TypeError, "unsupported format string passed to %s.__format__", value_type_name(vm, v));
}

value format_spec(struct vm *vm, value v, const char *text, size_t len)
{
	struct spec s;
	struct buf out = {0};
	if (!len)
		return value_str(vm, v);
	if (!is_str(v) && !is_int(v) && v.tag != TAG_FLOAT && !is_kind(v, KIND_DECIMAL))
		return no_spec(vm, v);
	bool ok = spec_parse(vm, text, len, is_str(v) ? '<' : '>', v, &s);
	if (ok && s.width > (size_t)1 << 28)
		ok = vm_raise_ok(vm, vm->errors.MemoryError, "a width of %zu", s.width);
	if (ok)
		ok = is_str(v) ? format_str(vm, v, &s, &out) : is_int(v) ? format_int(vm, v, &s, &out)
		     : v.tag == TAG_FLOAT ? format_double(vm, v, v.f, &s, &out) : decimal_format(vm, v, &s, &out);
	if (ok)
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}
