/* Strings of bytes: to the end, of a length, up to a terminator. */
#include "packet/kinds.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* remain: so many bytes at the end are not its own. more: bytes behind the terminator that belong to the value. */
struct text_data { bool hex; size_t step, remain, more; struct bytes *stop; };

static const struct text_data *data_of(const struct field *f)
{
	static const struct text_data plain;
	return f->data ? f->data : &plain;
}

/* ---- extents ---- */

bool text_to_end(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	size_t left = cursor_left(c), remain = data_of(f)->remain;
	*bytes = left > remain ? left - remain : 0;
	return true;
}

bool text_takes_all(const struct field *f)
{
	return !data_of(f)->remain;
}

bool text_by_length(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = 0;
	if (!field_has_length(&f->length_from))
		return text_to_end(s, f, c, bytes, problem);
	struct site at = *s;
	at.cursor = c;
	if (!field_length(&at, &f->length_from, (int64_t)cursor_left(c), &length))
		return false;
	if (length < 0) {
		*problem = "a length below zero";
		length = 0;
	}
	if (f->limit && length > f->limit)
		length = f->limit;
	*bytes = (size_t)length;
	return true;
}

bool text_fixed(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	if (field_has_length(&f->length_from))
		return text_by_length(s, f, c, bytes, problem);
	*bytes = (size_t)f->limit;
	return true;
}

/* Up to and with the terminator; without one, to the end. Wide text's terminator stands at an even place. */
bool text_to_stop(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	const struct text_data *d = data_of(f);
	const struct bytes *stop = d->stop;
	const uint8_t *start = c->bytes + cursor_at(c);
	size_t left = cursor_left(c), len = stop->len, step = d->step ? d->step : 1;
	for (size_t i = 0; i + len <= left; i += step)
		if (!memcmp(start + i, stop->data, len)) {
			*bytes = i + len + d->more;
			return true;
		}
	*problem = "no terminator";
	*bytes = left;
	return true;
}

/* ---- values ---- */

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
}

static value decode_stop(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct bytes *stop = data_of(f)->stop;
	const uint8_t *p = cursor_take(c, bytes);
	size_t len = bytes;
	if (p && len >= stop->len && !memcmp(p + len - stop->len, stop->data, stop->len))
		len -= stop->len;
	return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? len : 0);
}

/* Text becomes its UTF-8; what is no text is refused. An object with bytes of its own (a packet) gives them. */
value bytes_accept(struct vm *vm, const struct field *f, value given)
{
	struct view view;
	if (is_bytes(given))
		return value_keep(given);
	if (is_str(given))
		return bytes_value(vm, as_str(given)->data, as_str(given)->len);
	if (given.tag == TAG_OBJECT && given.o->type->slots.view && value_to_view(vm, given, &view))
		return bytes_value(vm, view.bytes, view.len);
	if (vm_pending(vm))
		return VALUE_UNSET;
	value bytes = given.tag == TAG_OBJECT ? value_call_method(vm, given, vm->names.bytes_, 0, NULL) : VALUE_UNSET;
	if (is_bytes(bytes))
		return bytes;
	value_drop(bytes);
	vm_clear(vm);
	return field_refuse(vm, f, given, "bytes or text");
}

static value accept_fixed(struct vm *vm, const struct field *f, value given)
{
	value v = bytes_accept(vm, f, given);
	if (!is_unset(v) && f->limit && !field_has_length(&f->length_from) && as_bytes(v)->len > (size_t)f->limit) {
		value_drop(v);
		return field_refuse(vm, f, given, "at most %lld bytes", (long long)f->limit);
	}
	return v;
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct view view = {0};
	if (is_none(v))
		return true;
	if (is_str(v)) {
		buf_add(out, as_str(v)->data, as_str(v)->len);
		return true;
	}
	if (!value_to_view(s->vm, v, &view))
		return false;
	buf_add(out, view.bytes, view.len);
	return true;
}

/* What stands in `out` from `from` on: filled up with zeros, and cut when its length is another field's to say. */
bool text_fit(const struct site *s, const struct field *f, size_t from, struct buf *out)
{
	int64_t length = f->limit;
	if (field_has_length(&f->length_from) && !field_length(s, &f->length_from, (int64_t)(out->len - from), &length))
		return false;
	size_t want = length > 0 ? (size_t)length : 0;
	if (field_has_length(&f->length_from) && want == 0)
		return true;
	if (out->len - from > want)
		out->len = from + want;
	buf_fill(out, 0, want - (out->len - from));
	return true;
}

static bool encode_fixed(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	return encode(s, f, v, out) && text_fit(s, f, from, out);
}

static bool encode_stop(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct bytes *stop = data_of(f)->stop;
	if (!encode(s, f, v, out))
		return false;
	buf_add(out, stop->data, stop->len);
	return true;
}

/* ---- shown ---- */

static size_t trimmed(const uint8_t *bytes, size_t len)
{
	while (len && bytes[len - 1] == 0)
		len--;
	return len;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v))
		return value_repr_to(s->vm, v, out);
	const struct bytes *b = as_bytes(v);
	if (data_of(f)->hex) {
		for (size_t i = 0; i < b->len; i++)
			buf_print(out, "%02x", b->data[i]);
		return true;
	}
	text_repr_bytes(out, b->data, b->len);
	return true;
}

/* Scapy leaves the zeros that fill a fixed field out of what is shown, not out of the value. */
static bool show_fixed(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v) || data_of(f)->hex)
		return show(s, f, v, out);
	text_repr_bytes(out, as_bytes(v)->data, trimmed(as_bytes(v)->data, as_bytes(v)->len));
	return true;
}

/* A fixed text with a meaning: b'GPS ' (Global Position System). Names may be kept as text or as bytes. */
static bool show_named(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v))
		return show(s, f, v, out);
	value name = dict_get(s->vm, f->names->by_number, v);
	if (is_unset(name)) {
		value text = value_object(str_new(s->vm, (const char *)as_bytes(v)->data, as_bytes(v)->len));
		name = dict_get(s->vm, f->names->by_number, text);
		value_drop(text);
	}
	if (f->limit)
		show_fixed(s, f, v, out);
	else
		show(s, f, v, out);
	if (is_str(name)) {
		buf_text(out, " (");
		text_safe(out, as_str(name)->data, as_str(name)->len);
		buf_char(out, ')');
	}
	return !vm_pending(s->vm);
}

/* ---- making ---- */

static struct text_data *own_data(struct field *f)
{
	if (!f->data)
		f->data = mem_zero(sizeof(struct text_data));
	return f->data;
}

static void note_hex(struct field *f)
{
	if (f->kind->name[0] == 'X')
		own_data(f)->hex = true;
}

void text_release(struct field *f)
{
	struct text_data *d = f->data;
	if (!d)
		return;
	object_drop(d->stop);
	mem_free(d);
	f->data = NULL;
}

bool text_take_remain(struct vm *vm, struct field *f, value given)
{
	int64_t remain;
	if (!value_to_int64(vm, given, &remain))
		return false;
	if (remain > 0)
		own_data(f)->remain = (size_t)remain;
	return true;
}

/* StrField(name, default, fmt, remain) */
static bool str_make(struct vm *vm, struct field *f, const value *a)
{
	note_hex(f);
	return text_take_remain(vm, f, a[3]) && facts_take(vm, f, a + 4);
}

/* BoundStrLenField(name, default, minlen, maxlen, length_from): the bounds are those of its random values */
static bool str_bound_make(struct vm *vm, struct field *f, const value *a)
{
	return length_take(vm, &f->length_from, a[4], "length_from") && facts_take(vm, f, a + 5);
}

/* StrLenField(name, default, length_from, max_length) */
static bool str_len_make(struct vm *vm, struct field *f, const value *a)
{
	note_hex(f);
	return length_take(vm, &f->length_from, a[2], "length_from") && (is_none(a[3]) || value_to_int64(vm, a[3], &f->limit)) && facts_take(vm, f, a + 4);
}

static bool take_fixed(struct vm *vm, struct field *f, value length, value length_from)
{
	note_hex(f);
	if (!length_take(vm, &f->length_from, length_from, "length_from") || (!is_none(length) && !value_to_int64(vm, length, &f->limit)))
		return false;
	if (f->limit < 0 || f->limit > 1 << 20)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a length of %lld bytes", f->name->data, (long long)f->limit);
	if (is_none(length) && !field_has_length(&f->length_from))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: length or length_from must be given", f->name->data);
	if (!field_has_length(&f->length_from))
		f->bits = (uint32_t)f->limit * 8;
	return true;
}

/* StrFixedLenField(name, default, length, length_from) */
bool text_fixed_make(struct vm *vm, struct field *f, const value *a)
{
	return take_fixed(vm, f, a[2], a[3]) && facts_take(vm, f, a + 4);
}

static bool take_names(struct vm *vm, struct field *f, value table)
{
	f->names = is_kind(table, KIND_DICT) ? names_new(object_keep(as_dict(table))) : NULL;
	return f->names || vm_raise_ok(vm, vm->errors.TypeError, "%s: the names are a dict", f->name->data);
}

/* StrFixedLenEnumField(name, default, length, enum, length_from) */
static bool str_fixed_enum_make(struct vm *vm, struct field *f, const value *a)
{
	value length = a[2], names = a[3];
	if (is_kind(length, KIND_DICT)) {               /* Scapy 2.5 had the names first */
		length = a[3];
		names = a[2];
	}
	return take_names(vm, f, names) && take_fixed(vm, f, length, a[4]) && facts_take(vm, f, a + 5);
}

/* StrEnumField(name, default, enum, length_from) */
static bool str_enum_make(struct vm *vm, struct field *f, const value *a)
{
	return take_names(vm, f, a[2]) && length_take(vm, &f->length_from, a[3], "length_from") && facts_take(vm, f, a + 4);
}

bool text_null_make(struct vm *vm, struct field *f, const value *a)
{
	static const uint8_t zeros[2];
	struct text_data *d = own_data(f);
	d->step = strstr(f->kind->name, "Utf16") ? 2 : 1;
	d->stop = bytes_new(vm, zeros, d->step);
	note_hex(f);
	return facts_take(vm, f, a + 4);
}

/* StrStopField(name, default, stop, additional) */
static bool str_stop_make(struct vm *vm, struct field *f, const value *a)
{
	struct view view;
	int64_t more;
	if (!value_to_view(vm, a[2], &view) || !value_to_int64(vm, a[3], &more))
		return false;
	if (view.len == 0 || more < 0 || more > 4096)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a stop has bytes, and at most 4096 behind it", f->name->data);
	own_data(f)->more = (size_t)more;
	own_data(f)->stop = bytes_new(vm, view.bytes, view.len);
	return facts_take(vm, f, a + 4);
}

#define OWN .accept = bytes_accept, .release = text_release
static const struct codec str_codec = { .extent = text_to_end, .decode = decode, .encode = encode, .show = show, OWN };
static const struct codec str_len_codec = { .extent = text_by_length, .said = true, .decode = decode, .encode = encode, .show = show, OWN };
static const struct codec str_fixed_codec = {
	.extent = text_fixed, .constant = true, .decode = decode, .encode = encode_fixed, .show = show_fixed, .accept = accept_fixed, .release = text_release,
};
static const struct codec fixed_enum_codec = {
	.extent = text_fixed, .constant = true, .decode = decode, .encode = encode_fixed, .show = show_named, .accept = accept_fixed, .release = text_release,
};
static const struct codec enum_codec = { .extent = text_by_length, .said = true, .decode = decode, .encode = encode, .show = show_named, OWN };
static const struct codec stop_codec = { .extent = text_to_stop, .decode = decode_stop, .encode = encode_stop, .show = show, OWN };
/* StrUpToField(name, default, stop): its terminator is none of the value's. */
static bool str_up_to_make(struct vm *vm, struct field *f, const value *a)
{
	struct view view;
	if (!value_to_view(vm, a[2], &view))
		return false;
	if (view.len == 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a stop of no bytes", f->name->data);
	own_data(f)->stop = bytes_new(vm, view.bytes, view.len);
	return facts_take(vm, f, a + 3);
}

/* The terminator of StrStopField belongs to its value. */
static const struct codec str_stop_codec = { .extent = text_to_stop, .decode = decode, .encode = encode, .show = show, OWN };

const struct field_kind kinds_text[] = {
	{ "StrField", "name, default, fmt='H', remain=0" FACTS, "bytes to the end", &str_codec, str_make, 0, 0 },
	{ "XStrField", "name, default, fmt='H', remain=0" FACTS, "bytes to the end, in hexadecimal", &str_codec, str_make, 0, 0 },
	{ "StrLenField", "name, default, length_from=None, max_length=None" FACTS, "bytes, of a length said elsewhere", &str_len_codec, str_len_make, 0, 0 },
	{ "XStrLenField", "name, default, length_from=None, max_length=None" FACTS, "bytes, of a length said elsewhere, in hexadecimal",
	  &str_len_codec, str_len_make, 0, 0 },
	{ "BoundStrLenField", "name, default, minlen=0, maxlen=255, length_from=None" FACTS, "bytes, of a length said elsewhere", &str_len_codec,
	  str_bound_make, 0, 0 },
	{ "StrFixedLenField", "name, default, length=None, length_from=None" FACTS, "bytes, of a fixed length", &str_fixed_codec, text_fixed_make, 0, 0 },
	{ "XStrFixedLenField", "name, default, length=None, length_from=None" FACTS, "bytes, of a fixed length, in hexadecimal",
	  &str_fixed_codec, text_fixed_make, 0, 0 },
	{ "StrFixedLenEnumField", "name, default, length, enum=None, length_from=None" FACTS, "bytes of a fixed length with a meaning shown beside them",
	  &fixed_enum_codec, str_fixed_enum_make, 0, 0 },
	{ "StrEnumField", "name, default, enum, length_from=None" FACTS, "bytes with a meaning shown beside them", &enum_codec, str_enum_make, 0, 0 },
	{ "StrNullField", "name, default, fmt='H', remain=0" FACTS, "bytes up to a zero", &stop_codec, text_null_make, 0, 0 },
	{ "StrUpToField", "name, default, stop" FACTS, "bytes up to a terminator", &stop_codec, str_up_to_make, FIELD_FORMS, 0 },
	{ "StrStopField", "name, default, stop, additional=0" FACTS, "bytes up to and with a terminator", &str_stop_codec, str_stop_make, 0, 0 },
	{ 0 },
};
