/* Texts whose bytes are not their letters: UTF-16, NetBIOS's half bytes, bytes in reverse; and bytes that have a name. */
#include "packet/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/codec.h"

/* ---- UTF-16, little-endian: the value is a str ---- */

static value utf16_text(struct vm *vm, const uint8_t *bytes, size_t len)
{
	value names[] = { str_value(vm, "utf-16-le"), str_value(vm, "replace") };
	value text = codec_decode(vm, (struct view){ bytes, len }, names[0], names[1]);
	value_drop(names[0]);
	value_drop(names[1]);
	return text;
}

static value utf16_accept(struct vm *vm, const struct field *f, value given)
{
	struct view view;
	if (is_str(given))
		return value_keep(given);
	if (value_to_view(vm, given, &view))
		return utf16_text(vm, view.bytes, view.len);
	vm_clear(vm);
	return field_refuse(vm, f, given, "text, or bytes of UTF-16");
}

static value utf16_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return utf16_text(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
}

static value utf16_decode_stop(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	size_t len = p ? bytes : 0;
	if (len >= 2 && len % 2 == 0 && !p[len - 1] && !p[len - 2])
		len -= 2;
	return utf16_text(s->vm, p ? p : (const uint8_t *)"", len);
}

static bool utf16_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (is_none(v))
		return true;
	value text = utf16_accept(s->vm, f, v);
	if (is_unset(text))
		return false;
	value names[] = { str_value(s->vm, "utf-16-le"), str_value(s->vm, "surrogatepass") };
	value bytes = codec_encode(s->vm, as_str(text), names[0], names[1]);
	bool done = is_bytes(bytes);
	if (done)
		buf_add(out, as_bytes(bytes)->data, as_bytes(bytes)->len);
	value_drop(names[0]);
	value_drop(names[1]);
	value_drop(text);
	value_drop(bytes);
	return done;
}

static bool utf16_encode_stop(const struct site *s, const struct field *f, value v, struct buf *out)
{
	bool done = utf16_encode(s, f, v, out);
	buf_fill(out, 0, 2);
	return done;
}

static bool utf16_encode_fixed(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	return utf16_encode(s, f, v, out) && text_fit(s, f, from, out);
}

static bool utf16_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_str(v))
		return value_repr_to(s->vm, v, out);
	text_safe(out, as_str(v)->data, as_str(v)->len);
	return true;
}

/* StrFieldUtf16(name, default, fmt, remain) */
static bool utf16_make(struct vm *vm, struct field *f, const value *a)
{
	return text_take_remain(vm, f, a[3]) && facts_take(vm, f, a + 4);
}

static const struct codec utf16_codec = { .extent = text_to_end, .decode = utf16_decode, .encode = utf16_encode, .accept = utf16_accept,
	.show = utf16_show, .release = text_release };
static const struct codec utf16_len_codec = { .extent = text_by_length, .said = true, .decode = utf16_decode, .encode = utf16_encode, .accept = utf16_accept,
	.show = utf16_show, .release = text_release };
static const struct codec utf16_fixed_codec = { .extent = text_fixed, .constant = true, .decode = utf16_decode, .encode = utf16_encode_fixed, .accept = utf16_accept,
	.show = utf16_show, .release = text_release };
static const struct codec utf16_null_codec = { .extent = text_to_stop, .decode = utf16_decode_stop, .encode = utf16_encode_stop, .accept = utf16_accept,
	.show = utf16_show, .release = text_release };

/* ---- NetBIOS names, RFC 1001, 14.1: each half of a byte is a letter from 'A' on; a length byte (32) stands before them ---- */

static bool is_half(uint8_t c)
{
	return c >= 'A' && c <= 'P';
}

static value netbios_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	struct buf out = {0};
	size_t at = p && bytes && p[0] == ' ' ? 1 : 0;
	for (; p && at + 1 < bytes && is_half(p[at]) && is_half(p[at + 1]); at += 2)
		buf_char(&out, (char)((p[at] - 'A') << 4 | (p[at + 1] - 'A')));
	value v = bytes_value(s->vm, out.data ? out.data : "", out.len);
	buf_free(&out);
	return v;
}

static bool netbios_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct view name = {0};
	int64_t length = f->limit;
	if (field_has_length(&f->length_from) && !field_length(s, &f->length_from, 0, &length))
		return false;
	if (!is_none(v) && !value_to_view(s->vm, v, &name))
		return false;
	int64_t letters = length / 2;
	if (letters < 0 || letters > 1 << 16 || (int64_t)name.len > letters) {
		field_refuse(s->vm, f, v, "at most %lld bytes", (long long)letters);
		return false;
	}
	buf_char(out, ' ');
	for (int64_t i = 0; i < letters; i++) {
		uint8_t byte = (size_t)i < name.len ? name.bytes[i] : ' ';
		buf_char(out, (char)('A' + (byte >> 4)));
		buf_char(out, (char)('A' + (byte & 15)));
	}
	return true;
}

static value netbios_accept(struct vm *vm, const struct field *f, value given)
{
	value v = bytes_accept(vm, f, given);
	if (is_unset(v) || (int64_t)as_bytes(v)->len <= f->limit / 2)
		return v;
	value_drop(v);
	return field_refuse(vm, f, given, "at most %lld bytes", (long long)(f->limit / 2));
}

/* Without the zeros at its end, as other fixed texts. */
static bool netbios_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v))
		return value_repr_to(s->vm, v, out);
	size_t len = as_bytes(v)->len;
	while (len && as_bytes(v)->data[len - 1] == 0)
		len--;
	text_repr_bytes(out, as_bytes(v)->data, len);
	return true;
}

/* NetBIOSNameField(name, default, length) */
static bool netbios_make(struct vm *vm, struct field *f, const value *a)
{
	if (!value_to_int64(vm, a[2], &f->limit) || !facts_take(vm, f, a + 3))
		return false;
	if (f->limit < 1 || f->limit > 4096)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a length of %lld bytes", f->name->data, (long long)f->limit);
	f->limit |= 1;                  /* an even number of letters behind the length */
	f->bits = (uint32_t)f->limit * 8;
	return true;
}

static const struct codec netbios_codec = {
	.extent = text_fixed, .constant = true, .decode = netbios_decode, .encode = netbios_encode, .accept = netbios_accept, .show = netbios_show,
};

/* ---- the last byte first ---- */

static void turn(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t byte = bytes[i];
		bytes[i] = bytes[len - 1 - i];
		bytes[len - 1 - i] = byte;
	}
}

static value turned_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	struct bytes *b = bytes_new(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
	turn(b->data, b->len);
	return value_object(b);
}

static bool turned_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	struct view view = {0};
	if (!is_none(v) && !value_to_view(s->vm, v, &view))
		return false;
	buf_add(out, view.bytes, view.len);
	turn((uint8_t *)out->data + from, out->len - from);
	return true;
}

static bool turned_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v))
		return value_repr_to(s->vm, v, out);
	for (size_t i = 0; i < as_bytes(v)->len; i++)
		buf_print(out, "%02x", as_bytes(v)->data[i]);
	return true;
}

/* XLEStrLenField(name, default, length_from, max_length) */
static bool turned_make(struct vm *vm, struct field *f, const value *a)
{
	return length_take(vm, &f->length_from, a[2], "length_from") && (is_none(a[3]) || value_to_int64(vm, a[3], &f->limit)) && facts_take(vm, f, a + 4);
}

static const struct codec turned_codec = {
	.extent = text_by_length, .decode = turned_decode, .encode = turned_encode, .accept = bytes_accept, .show = turned_show, .release = text_release,
};

/* ---- CharEnumField: a byte or a few, by its name ---- */

/* The name of bytes: tables have them as text or as bytes. */
static value name_of(struct vm *vm, const struct field *f, value v)
{
	value name = f->names ? dict_get(vm, f->names->by_number, v) : VALUE_UNSET;
	if (!is_unset(name) || !f->names || !is_bytes(v))
		return name;
	value text = value_object(str_new(vm, (const char *)as_bytes(v)->data, as_bytes(v)->len));
	name = dict_get(vm, f->names->by_number, text);
	value_drop(text);
	return name;
}

static value char_accept(struct vm *vm, const struct field *f, value given)
{
	value key, name;
	value v = bytes_accept(vm, f, given);
	if (is_unset(v) || as_bytes(v)->len == (size_t)f->limit)
		return v;
	value_drop(v);
	for (uint32_t i = 0; f->names && is_str(given) && dict_next(f->names->by_number, &i, &key, &name);)
		if (is_str(name) && !strcmp(as_str(name)->data, as_str(given)->data))
			return bytes_accept(vm, f, key);
	return field_refuse(vm, f, given, "%lld bytes or a name of them", (long long)f->limit);
}

static value char_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
}

static bool char_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	struct view view = {0};
	if (!is_none(v) && !value_to_view(s->vm, v, &view))
		return false;
	buf_add(out, view.bytes, view.len);
	return text_fit(s, f, from, out);
}

static bool char_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value name = field_shows_names(f) ? name_of(s->vm, f, v) : VALUE_UNSET;
	if (!is_str(name))
		return vm_pending(s->vm) ? false : value_repr_to(s->vm, v, out);
	text_safe(out, as_str(name)->data, as_str(name)->len);
	return true;
}

/* CharEnumField(name, default, enum, fmt): fmt is "1s" or the like */
static bool char_make(struct vm *vm, struct field *f, const value *a)
{
	const char *format = is_str(a[3]) ? as_str(a[3])->data : "";
	format += *format && strchr("<>!=@", *format);
	long count = strspn(format, "0123456789") ? strtol(format, NULL, 10) : 1;
	if (!*format || format[strlen(format) - 1] != 's' || count < 1 || count > 4096)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: fmt is a count of bytes and s, like '1s'", f->name->data);
	f->limit = count;
	f->bits = (uint32_t)count * 8;
	f->names = is_none(a[2]) ? NULL : names_new(is_kind(a[2], KIND_DICT) ? object_keep(as_dict(a[2])) : dict_new(vm));
	return facts_take(vm, f, a + 4);
}

static const struct codec char_codec = { .extent = text_fixed, .constant = true, .decode = char_decode, .encode = char_encode, .accept = char_accept, .show = char_show };

const struct field_kind kinds_coded[] = {
	{ "StrFieldUtf16", "name, default, fmt='H', remain=0" FACTS, "UTF-16 text to the end, little-endian", &utf16_codec, utf16_make, FIELD_FORMS, 0 },
	{ "StrLenFieldUtf16", "name, default, length_from=None, max_length=None" FACTS, "UTF-16 text of a length said elsewhere", &utf16_len_codec,
	  turned_make, FIELD_FORMS, 0 },
	{ "StrFixedLenFieldUtf16", "name, default, length=None, length_from=None" FACTS, "UTF-16 text of a fixed length", &utf16_fixed_codec,
	  text_fixed_make, FIELD_FORMS, 0 },
	{ "StrNullFieldUtf16", "name, default, fmt='H', remain=0" FACTS, "UTF-16 text up to a zero", &utf16_null_codec, text_null_make, FIELD_FORMS, 0 },
	{ "NetBIOSNameField", "name, default, length=31" FACTS, "a NetBIOS name, half a byte a letter", &netbios_codec, netbios_make, FIELD_FORMS, 0 },
	{ "XLEStrLenField", "name, default, length_from=None, max_length=None" FACTS, "bytes in reverse, in hexadecimal", &turned_codec, turned_make, 0, 0 },
	{ "CharEnumField", "name, default, enum, fmt='1s'" FACTS, "a byte by its name", &char_codec, char_make, 0, 0 },
	{ 0 },
};
