/* The methods that only str has: case, classes of characters, translation, encoding, format. */
#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "lang/codec.h"
#include "lang/dict.h"
#include "lang/format.h"
#include "lang/int.h"
#include "lang/str.h"
#include "lang/textmethods.h"

/* == Case ============================================================================================================ */

static void add_case(struct buf *out, enum unicode_case to, uint32_t c)
{
	uint32_t made[3];
	unsigned count = unicode_case(to, c, made);
	for (unsigned i = 0; i < count; i++)
		buf_utf8(out, made[i]);
}

/* A capital sigma at the end of a word is written differently: a letter before it, none after it, marks aside. */
static bool is_final_sigma(const struct str *s, size_t start, size_t after)
{
	bool before = false;
	for (size_t at = start; at > 0; ) {
		at = char_before(s->data, at);
		size_t here = at;
		uint32_t c = char_next(s->data, &here);
		if (!unicode_is_case_ignorable(c)) {
			before = unicode_is_cased(c);
			break;
		}
	}
	while (before && after < s->len) {
		uint32_t c = char_next(s->data, &after);
		if (!unicode_is_case_ignorable(c))
			return !unicode_is_cased(c);
	}
	return before;
}

static void add_lower(struct buf *out, const struct str *s, uint32_t c, size_t start, size_t after)
{
	if (c == 0x3a3)
		buf_utf8(out, is_final_sigma(s, start, after) ? 0x3c2 : 0x3c3);
	else
		add_case(out, UNICODE_LOWER, c);
}

static value ascii_case(struct vm *vm, struct str *s, char first, char last)
{
	struct str *out = str_room(vm, s->len, s->chars);
	for (size_t i = 0; out && i < s->len; i++)
		out->data[i] = s->data[i] >= first && s->data[i] <= last ? (char)(s->data[i] ^ 32) : s->data[i];
	return str_owned(out);
}

static value all_case(struct vm *vm, value self, enum unicode_case to)
{
	struct str *s = as_str(self);
	if (str_is_ascii(s))
		return to == UNICODE_UPPER ? ascii_case(vm, s, 'a', 'z') : ascii_case(vm, s, 'A', 'Z');
	struct buf out = {0};
	for (size_t at = 0; at < s->len; ) {
		size_t start = at;
		uint32_t c = char_next(s->data, &at);
		to == UNICODE_LOWER ? add_lower(&out, s, c, start, at) : add_case(&out, to, c);
	}
	return str_from_buf(vm, &out);
}

static value upper(struct vm *vm, value *a)    { return all_case(vm, a[0], UNICODE_UPPER); }
static value lower(struct vm *vm, value *a)    { return all_case(vm, a[0], UNICODE_LOWER); }
static value casefold(struct vm *vm, value *a) { return all_case(vm, a[0], UNICODE_FOLD); }

static value swapcase(struct vm *vm, value *a)
{
	struct str *s = as_str(a[0]);
	struct buf out = {0};
	for (size_t at = 0; at < s->len; ) {
		size_t start = at;
		uint32_t c = char_next(s->data, &at);
		if (unicode_is_upper(c))
			add_lower(&out, s, c, start, at);
		else if (unicode_is_lower(c))
			add_case(&out, UNICODE_UPPER, c);
		else
			buf_utf8(&out, c);
	}
	return str_from_buf(vm, &out);
}

/* The first character of each word (or of the text alone) in title case, the others in lower case. */
static value titled(struct vm *vm, value self, bool each_word)
{
	struct str *s = as_str(self);
	struct buf out = {0};
	bool inside = false;
	for (size_t at = 0; at < s->len; ) {
		size_t start = at;
		uint32_t c = char_next(s->data, &at);
		inside ? add_lower(&out, s, c, start, at) : add_case(&out, UNICODE_TITLE, c);
		inside = each_word ? unicode_is_cased(c) : true;
	}
	return str_from_buf(vm, &out);
}

static value title(struct vm *vm, value *a)      { return titled(vm, a[0], true); }
static value capitalize(struct vm *vm, value *a) { return titled(vm, a[0], false); }

/* == Classes ========================================================================================================= */

static value all_are(value self, bool (*is)(uint32_t c), bool when_empty)
{
	struct str *s = as_str(self);
	for (size_t at = 0; at < s->len; )
		if (!is(char_next(s->data, &at)))
			return value_bool(false);
	return value_bool(s->len || when_empty);
}

static bool is_alnum(uint32_t c)    { return unicode_is_alpha(c) || unicode_is_numeric(c); }

static value isalpha_(struct vm *vm, value *a)     { return all_are(a[0], unicode_is_alpha, false); }
static value isalnum_(struct vm *vm, value *a)     { return all_are(a[0], is_alnum, false); }
static value isdecimal(struct vm *vm, value *a)    { return all_are(a[0], unicode_is_decimal, false); }
static value isdigit_(struct vm *vm, value *a)     { return all_are(a[0], unicode_is_digit, false); }
static value isnumeric(struct vm *vm, value *a)    { return all_are(a[0], unicode_is_numeric, false); }
static value isspace_(struct vm *vm, value *a)     { return all_are(a[0], unicode_is_space, false); }
static value isprintable(struct vm *vm, value *a)  { return all_are(a[0], unicode_is_printable, true); }
static value isascii_(struct vm *vm, value *a)     { return value_bool(str_is_ascii(as_str(a[0]))); }

/* Some character of the wanted case, none of the other ones. */
static value case_is(value self, bool (*wanted)(uint32_t c), bool (*other)(uint32_t c))
{
	struct str *s = as_str(self);
	bool any = false;
	for (size_t at = 0; at < s->len; ) {
		uint32_t c = char_next(s->data, &at);
		if (other(c) || unicode_is_title(c))
			return value_bool(false);
		any = any || wanted(c);
	}
	return value_bool(any);
}

static value isupper_(struct vm *vm, value *a)     { return case_is(a[0], unicode_is_upper, unicode_is_lower); }
static value islower_(struct vm *vm, value *a)     { return case_is(a[0], unicode_is_lower, unicode_is_upper); }

static value istitle(struct vm *vm, value *a)
{
	struct str *s = as_str(a[0]);
	bool any = false, inside = false;
	for (size_t at = 0; at < s->len; ) {
		uint32_t c = char_next(s->data, &at);
		bool starts = unicode_is_upper(c) || unicode_is_title(c);
		if ((starts && inside) || (unicode_is_lower(c) && !inside))
			return value_bool(false);
		inside = starts || unicode_is_lower(c);
		any = any || inside;
	}
	return value_bool(any);
}

static value isidentifier(struct vm *vm, value *a)
{
	struct str *s = as_str(a[0]);
	size_t at = 0;
	if (!s->len || !unicode_starts_name(char_next(s->data, &at)))
		return value_bool(false);
	while (at < s->len)
		if (!unicode_continues_name(char_next(s->data, &at)))
			return value_bool(false);
	return value_bool(true);
}

/* == Translation ===================================================================================================== */

static bool map_char(struct vm *vm, struct dict *d, uint32_t from, TAKES value to)
{
	return dict_set(vm, d, value_int(from), to);
}

static bool map_dict(struct vm *vm, struct dict *to, struct dict *from)
{
	value key, item;
	for (uint32_t i = 0; dict_next(from, &i, &key, &item); ) {
		size_t at = 0;
		if (is_str(key) && as_str(key)->chars != 1)
			return vm_raise_ok(vm, vm->errors.ValueError, "string keys in translate table must be of length 1");
		if (!is_str(key) && !is_int(key))
			return vm_raise_ok(vm, vm->errors.TypeError, "keys in translate table must be strings or integers");
		if (is_str(key) ? !map_char(vm, to, char_next(as_str(key)->data, &at), value_keep(item)) : !dict_set(vm, to, key, value_keep(item)))
			return false;
	}
	return true;
}

static bool map_strs(struct vm *vm, struct dict *d, value *a)
{
	if (!is_str(a[0]))
		return vm_raise_ok(vm, vm->errors.TypeError, "first maketrans argument must be a string if there is a second argument");
	for (int i = 1; i < 3; i++)
		if (!is_unset(a[i]) && !is_str(a[i]))
			return vm_raise_ok(vm, vm->errors.TypeError, "maketrans() argument %d must be str, not %s", i + 1, value_type_name(vm, a[i]));
	struct str *from = as_str(a[0]), *to = as_str(a[1]);
	if (from->chars != to->chars)
		return vm_raise_ok(vm, vm->errors.ValueError, "the first two maketrans arguments must have equal length");
	for (size_t at = 0, to_at = 0; at < from->len; ) {
		uint32_t c = char_next(from->data, &at), with = char_next(to->data, &to_at);
		if (!map_char(vm, d, c, value_int(with)))
			return false;
	}
	for (size_t at = 0; !is_unset(a[2]) && at < as_str(a[2])->len; )
		if (!map_char(vm, d, char_next(as_str(a[2])->data, &at), VALUE_NONE))
			return false;
	return true;
}

static value maketrans(struct vm *vm, value *a)
{
	struct dict *d = dict_new(vm);
	bool ok;
	if (!is_unset(a[1]))
		ok = map_strs(vm, d, a);
	else if (!is_kind(a[0], KIND_DICT))
		ok = vm_raise_ok(vm, vm->errors.TypeError, "if you give only one argument to maketrans it must be a dict");
	else
		ok = map_dict(vm, d, as_dict(a[0]));
	if (ok)
		return value_object(d);
	object_drop(d);
	return VALUE_UNSET;
}

/* What a table has for one character: itself when it has nothing, nothing when it has None. */
static bool translate_char(struct vm *vm, value table, uint32_t c, struct buf *out)
{
	value with = value_item(vm, table, value_int(c));
	int64_t i;
	bool ok = true;
	if (is_unset(with)) {
		if (!vm_pending_is(vm, vm->errors.LookupError))
			return false;
		vm_clear(vm);
		buf_utf8(out, c);
		return true;
	}
	if (is_str(with))
		buf_add(out, as_str(with)->data, as_str(with)->len);
	else if (is_int(with) && int_small(with, &i) && i >= 0 && i <= 0x10ffff)
		buf_utf8(out, (uint32_t)i);
	else if (is_int(with))
		ok = vm_raise_ok(vm, vm->errors.ValueError, "character mapping must be in range(0x110000)");
	else if (!is_none(with))
		ok = vm_raise_ok(vm, vm->errors.TypeError, "character mapping must return integer, None or str");
	value_drop(with);
	return ok;
}

static value translate(struct vm *vm, value *a)
{
	struct str *s = as_str(a[0]);
	struct buf out = {0};
	for (size_t at = 0; at < s->len; ) {
		if (!translate_char(vm, a[1], char_next(s->data, &at), &out)) {
			buf_free(&out);
			return VALUE_UNSET;
		}
	}
	return str_from_buf(vm, &out);
}

/* == Encoding, format ================================================================================================ */

static value encode(struct vm *vm, value *a)
{
	return codec_encode(vm, as_str(a[0]), a[1], a[2]);
}

static value format(struct vm *vm, const struct call *call)
{
	if (!call->count || !is_str(call->args[0]))
		return vm_raise(vm, vm->errors.TypeError, "descriptor 'format' of 'str' object needs an argument");
	return format_fields(vm, as_str(call->args[0]), call->args + 1, call->count - 1, VALUE_UNSET, call);
}

static value format_map(struct vm *vm, value *a)
{
	return format_fields(vm, as_str(a[0]), NULL, 0, a[1], NULL);
}

const struct native str_methods[] = {
	TEXT_METHODS(TEXT_METHOD_ROW)
	{ "upper", upper, "", "In upper case." },
	{ "lower", lower, "", "In lower case." },
	{ "casefold", casefold, "", "For comparison regardless of case." },
	{ "swapcase", swapcase, "", "Upper case made lower case and the other way round." },
	{ "title", title, "", "Each word with a capital." },
	{ "capitalize", capitalize, "", "The first character in upper case, the rest in lower case." },
	{ "isalpha", isalpha_, "", "True when there are only letters." },
	{ "isalnum", isalnum_, "", "True when there are only letters and numbers." },
	{ "isdecimal", isdecimal, "", "True when there are only decimal digits." },
	{ "isdigit", isdigit_, "", "True when there are only digits." },
	{ "isnumeric", isnumeric, "", "True when there are only numbers." },
	{ "isspace", isspace_, "", "True when there is only white space." },
	{ "isprintable", isprintable, "", "True when repr would escape nothing." },
	{ "isascii", isascii_, "", "True when there is nothing but ASCII." },
	{ "isupper", isupper_, "", "True when all that has a case is upper case." },
	{ "islower", islower_, "", "True when all that has a case is lower case." },
	{ "istitle", istitle, "", "True when each word has a capital." },
	{ "isidentifier", isidentifier, "", "True when it could be a name." },
	{ "maketrans", maketrans, "x, y=..., z=..., /", "A table for translate: from a dict, or from two texts and what to take out.", .flags = NATIVE_STATIC },
	{ "translate", translate, "table, /", "Each character replaced by what the table has for it." },
	{ "encode", encode, "encoding='utf-8', errors='strict'", "The text as bytes." },
	{ "format", .raw = format, .signature = "*args, **kwargs", .doc = "The fields in braces filled from the arguments." },
	{ "format_map", format_map, "mapping, /", "The fields in braces filled from a mapping." },
	{ 0 },
};
