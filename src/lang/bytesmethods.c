/* The methods that bytes and bytearray have and str has not, or has differently: hex, decode, ASCII's cases and classes. */
#include <string.h>

#include "base/mem.h"
#include "lang/bytes.h"
#include "lang/codec.h"
#include "lang/int.h"
#include "lang/str.h"
#include "lang/textmethods.h"

static struct run self_of(value v)
{
	struct run r = {0};
	run_of(v, &r);
	return r;
}

/* == hex ============================================================================================================= */

static bool hex_separator(struct vm *vm, value v, char *out)
{
	if (is_unset(v))
		return true;
	struct run r;
	if (!run_of(v, &r))
		return vm_raise_ok(vm, vm->errors.TypeError, value_type(vm, v)->slots.length ? "sep must be str or bytes."
		                   : "object of type '%s' has no len()", value_type_name(vm, v));
	if (is_str(v) ? as_str(v)->chars != 1 : r.len != 1)
		return vm_raise_ok(vm, vm->errors.ValueError, "sep must be length 1.");
	if (r.p[0] & 0x80)
		return vm_raise_ok(vm, vm->errors.ValueError, "sep must be ASCII.");
	*out = r.p[0];
	return true;
}

static value hex(struct vm *vm, value *a)
{
	static const char digits[] = "0123456789abcdef";
	struct run self = self_of(a[0]);
	char separator = '\0';
	int64_t group;
	if (!hex_separator(vm, a[1], &separator) || !value_to_int64(vm, a[2], &group))
		return VALUE_UNSET;
	size_t every = group < 0 ? (size_t)-group : (size_t)group;
	struct buf out = {0};
	buf_reserve(&out, self.len * 2);
	for (size_t i = 0; i < self.len; i++) {
		size_t from_edge = group < 0 ? i : self.len - i;
		if (i && separator && every && from_edge % every == 0)
			buf_char(&out, separator);
		buf_char(&out, digits[(uint8_t)self.p[i] >> 4]);
		buf_char(&out, digits[(uint8_t)self.p[i] & 15]);
	}
	return str_from_buf(vm, &out);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool read_hex(struct vm *vm, struct str *text, struct buf *out)
{
	for (size_t i = 0; i < text->len; ) {
		if (text->data[i] == ' ' || (text->data[i] >= '\t' && text->data[i] <= '\r')) {
			i++;
			continue;
		}
		int high = hex_digit(text->data[i]), low = high < 0 ? -1 : hex_digit(text->data[i + 1]);
		if (low < 0)
			return vm_raise_ok(vm, vm->errors.ValueError, "non-hexadecimal number found in fromhex() arg at position %zu",
			                   str_index(text, i + (high >= 0)));
		buf_char(out, (char)(high << 4 | low));
		i += 2;
	}
	return true;
}

static value fromhex(struct vm *vm, value *a)
{
	struct type *cls = (struct type *)a[0].o;
	struct buf out = {0};
	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "fromhex() argument must be str, not %s", value_type_name(vm, a[1]));
	value made = VALUE_UNSET;
	if (read_hex(vm, as_str(a[1]), &out))
		made = cls == vm->types.bytearray ? bytearray_value(vm, buf_str(&out), out.len) : bytes_value(vm, buf_str(&out), out.len);
	buf_free(&out);
	if (is_unset(made) || cls == vm->types.bytes || cls == vm->types.bytearray)
		return made;
	value instance = value_call_args(vm, a[0], 1, &made);
	value_drop(made);
	return instance;
}

static value decode(struct vm *vm, value *a)
{
	struct run self = self_of(a[0]);
	return codec_decode(vm, (struct view){ (const uint8_t *)self.p, self.len }, a[1], a[2]);
}

/* == ASCII's cases and classes ======================================================================================= */

static bool is_upper(char c)  { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c)  { return c >= 'a' && c <= 'z'; }
static bool is_alpha(char c)  { return is_upper(c) || is_lower(c); }
static bool is_digit(char c)  { return c >= '0' && c <= '9'; }
static bool is_alnum(char c)  { return is_alpha(c) || is_digit(c); }
static bool is_space(char c)  { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_ascii(char c)  { return !(c & 0x80); }

enum change { UPPER, LOWER, SWAP, TITLE, CAPITALIZE };

static value change(struct vm *vm, value self, enum change to)
{
	struct run r = self_of(self);
	struct buf out = {0};
	char *p = buf_grow(&out, r.len);
	for (size_t i = 0; i < r.len; i++) {
		char c = r.p[i];
		bool first = i == 0 || (to == TITLE && !is_alpha(r.p[i - 1]));
		bool up = to == UPPER || (to == SWAP && is_lower(c)) || (to >= TITLE && first);
		p[i] = up ? (is_lower(c) ? (char)(c - 32) : c) : is_upper(c) ? (char)(c + 32) : c;
	}
	return run_make(vm, &r, &out);
}

static value upper(struct vm *vm, value *a)      { return change(vm, a[0], UPPER); }
static value lower(struct vm *vm, value *a)      { return change(vm, a[0], LOWER); }
static value swapcase(struct vm *vm, value *a)   { return change(vm, a[0], SWAP); }
static value title(struct vm *vm, value *a)      { return change(vm, a[0], TITLE); }
static value capitalize(struct vm *vm, value *a) { return change(vm, a[0], CAPITALIZE); }

static value all_are(value self, bool (*is)(char c), bool when_empty)
{
	struct run r = self_of(self);
	for (size_t i = 0; i < r.len; i++)
		if (!is(r.p[i]))
			return value_bool(false);
	return value_bool(r.len || when_empty);
}

static value isalpha_(struct vm *vm, value *a) { return all_are(a[0], is_alpha, false); }
static value isalnum_(struct vm *vm, value *a) { return all_are(a[0], is_alnum, false); }
static value isdigit_(struct vm *vm, value *a) { return all_are(a[0], is_digit, false); }
static value isspace_(struct vm *vm, value *a) { return all_are(a[0], is_space, false); }
static value isascii_(struct vm *vm, value *a) { return all_are(a[0], is_ascii, true); }

static value case_is(value self, bool (*wanted)(char c), bool (*other)(char c))
{
	struct run r = self_of(self);
	bool any = false;
	for (size_t i = 0; i < r.len; i++) {
		if (other(r.p[i]))
			return value_bool(false);
		any = any || wanted(r.p[i]);
	}
	return value_bool(any);
}

static value isupper_(struct vm *vm, value *a) { return case_is(a[0], is_upper, is_lower); }
static value islower_(struct vm *vm, value *a) { return case_is(a[0], is_lower, is_upper); }

static value istitle(struct vm *vm, value *a)
{
	struct run r = self_of(a[0]);
	bool any = false;
	for (size_t i = 0; i < r.len; i++) {
		bool inside = i && is_alpha(r.p[i - 1]);
		if ((is_upper(r.p[i]) && inside) || (is_lower(r.p[i]) && !inside))
			return value_bool(false);
		any = any || is_alpha(r.p[i]);
	}
	return value_bool(any);
}

/* == Translation ===================================================================================================== */

static bool view_arg(struct vm *vm, value v, struct view *out)
{
	if (!is_str(v) && value_to_view(vm, v, out))
		return true;
	vm_clear(vm);
	return vm_raise_ok(vm, vm->errors.TypeError, "a bytes-like object is required, not '%s'", value_type_name(vm, v));
}

static value maketrans(struct vm *vm, value *a)
{
	struct view from, to;
	if (!view_arg(vm, a[0], &from) || !view_arg(vm, a[1], &to))
		return VALUE_UNSET;
	if (from.len != to.len)
		return vm_raise(vm, vm->errors.ValueError, "maketrans arguments must have same length");
	uint8_t table[256];
	for (int i = 0; i < 256; i++)
		table[i] = (uint8_t)i;
	for (size_t i = 0; i < from.len; i++)
		table[from.bytes[i]] = to.bytes[i];
	return bytes_value(vm, table, sizeof table);
}

static value translate(struct vm *vm, value *a)
{
	struct run self = self_of(a[0]);
	struct view table = {0}, gone = {0};
	if ((!is_none(a[1]) && !view_arg(vm, a[1], &table)) || (!is_unset(a[2]) && !view_arg(vm, a[2], &gone)))
		return VALUE_UNSET;
	if (!is_none(a[1]) && table.len != 256)
		return vm_raise(vm, vm->errors.ValueError, "translation table must be 256 characters long");
	struct buf out = {0};
	for (size_t i = 0; i < self.len; i++)
		if (!gone.len || !memchr(gone.bytes, (uint8_t)self.p[i], gone.len))
			buf_char(&out, table.len ? (char)table.bytes[(uint8_t)self.p[i]] : self.p[i]);
	return run_make(vm, &self, &out);
}

const struct native bytes_methods[] = {
	TEXT_METHODS(TEXT_METHOD_ROW)
#define BYTES_METHODS \
	{ "hex", hex, "sep=..., bytes_per_sep=1", "Two hexadecimal digits a byte, with sep between groups." }, \
	{ "fromhex", fromhex, "string, /", "The bytes that pairs of hexadecimal digits stand for.", .flags = NATIVE_CLASS }, \
	{ "decode", decode, "encoding='utf-8', errors='strict'", "The text that the bytes stand for." }, \
	{ "upper", upper, "", "ASCII's letters in upper case." }, \
	{ "lower", lower, "", "ASCII's letters in lower case." }, \
	{ "swapcase", swapcase, "", "ASCII's upper case made lower case and the other way round." }, \
	{ "title", title, "", "Each word with a capital." }, \
	{ "capitalize", capitalize, "", "The first character in upper case, the rest in lower case." }, \
	{ "isalpha", isalpha_, "", "True when there are only letters." }, \
	{ "isalnum", isalnum_, "", "True when there are only letters and digits." }, \
	{ "isdigit", isdigit_, "", "True when there are only digits." }, \
	{ "isspace", isspace_, "", "True when there is only white space." }, \
	{ "isascii", isascii_, "", "True when no byte is above 0x7f." }, \
	{ "isupper", isupper_, "", "True when all letters are upper case." }, \
	{ "islower", islower_, "", "True when all letters are lower case." }, \
	{ "istitle", istitle, "", "True when each word has a capital." }, \
	{ "maketrans", maketrans, "frm, to, /", "A table for translate.", .flags = NATIVE_STATIC }, \
	{ "translate", translate, "table, /, delete=...", "Each byte replaced by what the table of 256 has for it." }
	BYTES_METHODS,
	{ 0 },
};

/* == What only bytearray has ========================================================================================= */

static value append(struct vm *vm, value *a)
{
	uint8_t byte;
	if (!byte_of(vm, a[1], "byte", &byte))
		return VALUE_UNSET;
	buf_char(bytearray_buf(a[0]), (char)byte);
	return VALUE_NONE;
}

static value extend(struct vm *vm, value *a)
{
	struct buf more = {0};
	bool ok;
	if (!value_type(vm, a[1])->slots.iterate)
		ok = vm_raise_ok(vm, vm->errors.TypeError, "can't extend bytearray with %s", value_type_name(vm, a[1]));
	else if (is_str(a[1]))
		ok = vm_raise_ok(vm, vm->errors.TypeError, "'str' object cannot be interpreted as an integer");
	else
		ok = bytes_gather(vm, "bytearray", a[1], VALUE_UNSET, VALUE_UNSET, &more);
	if (ok)
		buf_add(bytearray_buf(a[0]), buf_str(&more), more.len);
	buf_free(&more);
	return ok ? VALUE_NONE : VALUE_UNSET;
}

static void cut(struct buf *b, size_t at, size_t count)
{
	memmove(b->data + at, b->data + at + count, b->len - at - count);
	b->len -= count;
	b->data[b->len] = '\0';
}

static value insert(struct vm *vm, value *a)
{
	struct buf *b = bytearray_buf(a[0]);
	int64_t at;
	uint8_t byte;
	if (!value_to_int64(vm, a[1], &at) || !byte_of(vm, a[2], "byte", &byte))
		return VALUE_UNSET;
	if (at < 0)
		at = at + (int64_t)b->len < 0 ? 0 : at + (int64_t)b->len;
	size_t i = (size_t)at > b->len ? b->len : (size_t)at, len = b->len;
	buf_char(b, '\0');
	memmove(b->data + i + 1, b->data + i, len - i);
	b->data[i] = (char)byte;
	return VALUE_NONE;
}

static value pop(struct vm *vm, value *a)
{
	struct buf *b = bytearray_buf(a[0]);
	int64_t at;
	if (!b->len)
		return vm_raise(vm, vm->errors.IndexError, "pop from empty bytearray");
	if (!value_to_int64(vm, a[1], &at))
		return VALUE_UNSET;
	if (at < 0)
		at += (int64_t)b->len;
	if (at < 0 || (size_t)at >= b->len)
		return vm_raise(vm, vm->errors.IndexError, "pop index out of range");
	value byte = value_int((uint8_t)b->data[at]);
	cut(b, (size_t)at, 1);
	return byte;
}

static value remove_byte(struct vm *vm, value *a)
{
	struct buf *b = bytearray_buf(a[0]);
	uint8_t byte;
	if (!byte_of(vm, a[1], "byte", &byte))
		return VALUE_UNSET;
	char *found = b->len ? memchr(b->data, byte, b->len) : NULL;
	if (!found)
		return vm_raise(vm, vm->errors.ValueError, "value not found in bytearray");
	cut(b, (size_t)(found - b->data), 1);
	return VALUE_NONE;
}

static value clear(struct vm *vm, value *a)
{
	buf_clear(bytearray_buf(a[0]));
	return VALUE_NONE;
}

static value copy(struct vm *vm, value *a)
{
	struct buf *b = bytearray_buf(a[0]);
	return bytearray_value(vm, buf_str(b), b->len);
}

static value reverse(struct vm *vm, value *a)
{
	struct buf *b = bytearray_buf(a[0]);
	for (size_t i = 0, j = b->len; i + 1 < j; ) {
		char c = b->data[i];
		b->data[i++] = b->data[--j];
		b->data[j] = c;
	}
	return VALUE_NONE;
}

const struct native bytearray_methods[] = {
	TEXT_METHODS(TEXT_METHOD_ROW)
	BYTES_METHODS,
	{ "append", append, "item, /", "Adds a byte at the end." },
	{ "extend", extend, "iterable_of_ints, /", "Adds bytes at the end." },
	{ "insert", insert, "index, item, /", "Puts a byte before that index." },
	{ "pop", pop, "index=-1, /", "Takes out a byte and gives it." },
	{ "remove", remove_byte, "value, /", "Takes out the first such byte; ValueError when there is none." },
	{ "clear", clear, "", "Takes out every byte." },
	{ "copy", copy, "", "A new bytearray of the same bytes." },
	{ "reverse", reverse, "", "Turns the order round, in place." },
	{ 0 },
};
