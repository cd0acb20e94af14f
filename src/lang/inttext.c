/* Ints as text: int("0x1f", 0), str(n), hex(n). */
#include "lang/int.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "lang/str.h"
#include "base/unicode.h"

void int_print(struct buf *out, value v)
{
	int64_t i;
	if (int_small(v, &i))
		buf_number(out, i);
	else
		int_print_base(out, v, 10, false);
}

void int_print_base(struct buf *out, value v, int base, bool upper)
{
	struct wide w;
	mpz_srcptr z = int_wide(v, &w);
	size_t room = mpz_sizeinbase(z, base) + 2;
	char *digits = mem_alloc(room);
	mpz_get_str(digits, upper ? -base : base, z);
	buf_text(out, digits);
	mem_free(digits);
}

/* == Reading ========================================================================================================= */

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/* 0x, 0o, 0b as `base` asks or allows; base 0 takes what is there, 10 without. */
static const char *prefix(const char *p, const char *end, int *base)
{
	int found = 10;
	bool has = end - p > 2 && *p == '0';
	if (has)
		found = (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'o' ? 8 : (p[1] | 32) == 'b' ? 2 : 10;
	if (found != 10 && (*base == 0 || *base == found)) {
		*base = found;
		p += 2;
		return *p == '_' ? p + 1 : p;
	}
	if (*base == 0)
		*base = 10;
	return p;
}

/* Copies the digits, without single underscores between them, to `out`; false: they are no number of this base. */
static bool digits_only(const char *p, const char *end, int base, char *out)
{
	bool digit_before = false;
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (*p == '_') {
			if (!digit_before)
				return false;
			digit_before = false;
			continue;
		}
		if (digit_of(*p) >= base)
			return false;
		*out++ = *p;
		digit_before = true;
	}
	*out = '\0';
	return digit_before;
}

static bool all_zeros(const char *p)
{
	return p[strspn(p, "0")] == '\0';
}

static bool parse_digits(struct vm *vm, const char *digits, int base, bool negative, value *out)
{
	size_t len = strlen(digits);
	if (len <= 18 && base == 10) {
		int64_t n = 0;
		for (const char *p = digits; *p; p++)
			n = n * 10 + (*p - '0');
		*out = value_int(negative ? -n : n);
		return true;
	}
	mpz_t z;
	mpz_init(z);
	mpz_set_str(z, digits, base);
	if (negative)
		mpz_neg(z, z);
	*out = int_from_mpz(vm, z);
	mpz_clear(z);
	return true;
}

/* `text` holds ASCII only. Unset with nothing pending: it is no number. */
static value parse_ascii(struct vm *vm, const char *text, size_t len, int base)
{
	const char *p = text, *end = text + len;
	while (p < end && unicode_is_space((unsigned char)*p))
		p++;
	while (end > p && unicode_is_space((unsigned char)end[-1]))
		end--;
	bool negative = p < end && *p == '-', zero_start, asked = base != 0;
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	zero_start = p < end && *p == '0';
	const char *start = p;
	p = prefix(p, end, &base);
	if (!int_room(vm, (double)len * 4))
		return VALUE_UNSET;
	char few[64], *digits = end - p < 64 ? few : mem_alloc((size_t)(end - p) + 1);
	value out = VALUE_UNSET;
	if (digits_only(p, end, base, digits) && (asked || p != start || !zero_start || all_zeros(digits)))
		parse_digits(vm, digits, base, negative, &out);
	if (digits != few)
		mem_free(digits);
	return out;
}

static value no_number(struct vm *vm, int base, const char *text, size_t len, bool bytes)
{
	struct buf shown = {0};
	bytes ? text_repr_bytes(&shown, text, len) : text_repr(&shown, text, len);
	vm_raise(vm, vm->errors.ValueError, "invalid literal for int() with base %d: %.250s", base, buf_str(&shown));
	buf_free(&shown);
	return VALUE_UNSET;
}

static value parse(struct vm *vm, const char *text, size_t len, int base, bool bytes)
{
	if (base && (base < 2 || base > 36))
		return vm_raise(vm, vm->errors.ValueError, "int() base must be >= 2 and <= 36, or 0");
	struct buf ascii = {0};
	if (!bytes)
		unicode_to_ascii_digits(&ascii, text, len);
	value out = bytes ? parse_ascii(vm, text, len, base) : parse_ascii(vm, buf_str(&ascii), ascii.len, base);
	buf_free(&ascii);
	return is_unset(out) && !vm_pending(vm) ? no_number(vm, base, text, len, bytes) : out;
}

value int_parse(struct vm *vm, const char *text, size_t len, int base)
{
	return parse(vm, text, len, base, false);
}

value int_parse_value(struct vm *vm, value text, int base)
{
	if (is_str(text))
		return parse(vm, as_str(text)->data, as_str(text)->len, base, false);
	struct view view;
	if (!value_to_view(vm, text, &view))
		return VALUE_UNSET;
	return parse(vm, (const char *)view.bytes, view.len, base, true);
}
