/* Domain names, RFC 1035, 3.1 and 4.1.4: labels, each behind its length, and pointers back into the message. The value is the
 * name as bytes with its closing dot: b"www.example.com.". */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/kinds.h"
#include "packet/packet.h"

enum { LABEL_MAX = 63, NAME_MAX_LEN = 255, JUMPS_MAX = 64, POINTER = 0xc0 };

/* ---- reading ---- */

/* The name's own bytes: to the zero, or with the first pointer. */
static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	const uint8_t *p = c->bytes + cursor_at(c);
	size_t left = cursor_left(c), at = 0;
	while (at < left) {
		if ((p[at] & POINTER) == POINTER) {
			at += 2;
			break;
		}
		if (p[at] == 0) {
			at++;
			break;
		}
		at += 1u + (p[at] & LABEL_MAX);
	}
	if (at > left || left == 0)
		*problem = "a name that does not end";
	*bytes = at > left ? left : at;
	return true;
}

/* The message that pointers count into: of an item, the packet's that holds it. */
static struct cursor message_of(const struct site *s, const struct cursor *c)
{
	const struct stack *stack = s->stack;
	const struct part *part = stack && s->at < stack->count ? &stack->parts[s->at] : NULL;
	if (!part || !part->frame || c->bytes < part->frame->bytes || c->bytes > part->frame->bytes + part->frame->len)
		return cursor_over(c->bytes, c->end);
	size_t start = stack->under ? stack->message : part->start;
	if (start > part->frame->len)
		start = part->frame->len;
	return cursor_over(part->frame->bytes + start, part->frame->len - start);
}

struct name { size_t len; uint8_t bytes[NAME_MAX_LEN + LABEL_MAX + 2]; };

/* Adds the labels from the cursor on; at a pointer, to the message. Bounded in jumps and in length. */
static void read_labels(struct cursor from, const struct cursor *message, struct name *out)
{
	const uint8_t *p = from.bytes + cursor_at(&from), *end = p + cursor_left(&from);
	for (unsigned jumps = 0; out->len <= NAME_MAX_LEN && p < end;) {
		size_t length = *p++;
		if (length == 0)
			return;
		if ((length & POINTER) == POINTER) {
			size_t to = p < end ? (length & LABEL_MAX) << 8 | *p : SIZE_MAX;
			if (to > cursor_left(message) || ++jumps > JUMPS_MAX)
				return;
			p = message->bytes + cursor_at(message) + to;
			end = message->bytes + cursor_at(message) + cursor_left(message);
			continue;
		}
		if (length > LABEL_MAX || length > (size_t)(end - p))
			return;
		uint8_t *label = out->bytes + out->len;
		if (length == 1)
			*label = *p;            /* no call for the shortest */
		else
			memcpy(label, p, length);
		label[length] = '.';
		p += length;
		out->len += length + 1;
	}
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	struct name name;
	struct cursor message = message_of(s, c);
	name.len = 0;
	read_labels(*c, &message, &name);
	cursor_skip(c, bytes);
	if (name.len == 0)
		name.bytes[name.len++] = '.';
	return bytes_value(s->vm, name.bytes, name.len);
}

/* ---- writing ---- */

static bool check_labels(struct vm *vm, const struct field *f, value given, struct view name)
{
	size_t start = 0;
	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.bytes[i] != '.')
			continue;
		if (i - start > LABEL_MAX) {
			field_refuse(vm, f, given, "labels of at most %d bytes", LABEL_MAX);
			return false;
		}
		if (i == start && i + 1 < name.len) {
			field_refuse(vm, f, given, "no empty labels");
			return false;
		}
		start = i + 1;
	}
	if (name.len > NAME_MAX_LEN - 1)
		field_refuse(vm, f, given, "a name of at most %d bytes", NAME_MAX_LEN - 1);
	return !vm_pending(vm);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	struct view name;
	if (is_str(given))
		name = (struct view){ (const uint8_t *)as_str(given)->data, as_str(given)->len };
	else if (!is_bytes(given) || !value_to_view(vm, given, &name))
		return vm_pending(vm) ? VALUE_UNSET : field_refuse(vm, f, given, "a name");
	bool closed = name.len && name.bytes[name.len - 1] == '.';
	if (name.len > 1 && !check_labels(vm, f, given, (struct view){ name.bytes, name.len - closed }))
		return VALUE_UNSET;
	if (closed && is_bytes(given))
		return value_keep(given);
	struct bytes *b = bytes_new(vm, NULL, name.len + !closed);
	memcpy(b->data, name.bytes, name.len);
	if (!closed)
		b->data[name.len] = '.';
	return value_object(b);
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value name = accept(s->vm, f, v);
	if (is_unset(name))
		return false;
	const uint8_t *p = as_bytes(name)->data, *end = p + as_bytes(name)->len;
	while (p < end && !(*p == '.' && p + 1 == end)) {
		const uint8_t *dot = memchr(p, '.', (size_t)(end - p));
		size_t length = (size_t)((dot ? dot : end) - p);
		buf_char(out, (char)length);
		buf_add(out, p, length);
		p += length + 1;
		if (p == end)
			break;
	}
	buf_char(out, 0);
	value_drop(name);
	return true;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* DNSStrField(name, default, length_from) */
static bool name_make(struct vm *vm, struct field *f, const value *a)
{
	return length_take(vm, &f->length_from, a[2], "length_from") && facts_take(vm, f, a + 3);
}

/* ---- TXT: strings, each behind its length (RFC 1035, 3.3.14) ---- */

static bool text_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = (int64_t)cursor_left(c);
	struct site at = *s;
	at.cursor = c;
	if (field_has_length(&f->length_from) && !field_length(&at, &f->length_from, length, &length))
		return false;
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

static value text_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	struct cursor in = cursor_over(p ? p : (const uint8_t *)"", p ? bytes : 0);
	struct list *texts = list_new(s->vm, 1);
	while (cursor_left(&in)) {
		size_t length = (size_t)cursor_uint(&in, 1), left = cursor_left(&in);
		const uint8_t *text = cursor_take(&in, length < left ? length : left);
		list_append(texts, bytes_value(s->vm, text, length < left ? length : left));
	}
	return value_object(texts);
}

static bool text_item(struct vm *vm, const struct field *f, value given, struct list *texts)
{
	struct view text;
	if (is_str(given))
		text = (struct view){ (const uint8_t *)as_str(given)->data, as_str(given)->len };
	else if (!is_bytes(given) || !value_to_view(vm, given, &text))
		return vm_pending(vm) ? false : (field_refuse(vm, f, given, "texts"), false);
	if (text.len > 255) {
		field_refuse(vm, f, given, "texts of at most 255 bytes");
		return false;
	}
	list_append(texts, bytes_value(vm, text.bytes, text.len));
	return true;
}

static value text_accept(struct vm *vm, const struct field *f, value given)
{
	const value *items = &given;
	size_t count = 1;
	struct list *texts = list_new(vm, 1);
	if (!is_str(given) && !is_bytes(given))
		value_items(given, &items, &count);
	for (size_t i = 0; i < count; i++) {
		if (!text_item(vm, f, items[i], texts)) {
			object_drop(texts);
			return VALUE_UNSET;
		}
	}
	return value_object(texts);
}

static bool text_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value texts = text_accept(s->vm, f, v);
	if (is_unset(texts))
		return false;
	const value *items;
	size_t count;
	value_items(texts, &items, &count);
	for (size_t i = 0; i < count; i++) {
		buf_char(out, (char)as_bytes(items[i])->len);
		buf_add(out, as_bytes(items[i])->data, as_bytes(items[i])->len);
	}
	value_drop(texts);
	return true;
}

/* ---- names one after the other, uncompressed: texts ---- */

static void list_names(struct vm *vm, struct cursor *in, bool padded, struct list *names)
{
	struct buf name = { 0 };
	while (cursor_left(in)) {
		size_t length = (size_t)cursor_uint(in, 1), left = cursor_left(in);
		const uint8_t *label = cursor_take(in, length < left ? length : left);
		if (length && label) {
			buf_add(&name, label, length < left ? length : left);
			buf_char(&name, '.');
		}
		if (length && cursor_left(in))
			continue;
		if (name.len || !padded)
			list_append(names, value_object(str_new(vm, name.len ? name.data : ".", name.len ? name.len : 1)));
		buf_clear(&name);
	}
	buf_free(&name);
}

static value names_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	struct cursor in = cursor_over(p ? p : (const uint8_t *)"", p ? bytes : 0);
	struct list *names = list_new(s->vm, 1);
	list_names(s->vm, &in, f->limit != 0, names);
	return value_object(names);
}

static value names_accept(struct vm *vm, const struct field *f, value given)
{
	const value *items = &given;
	size_t count = 1;
	struct list *names = list_new(vm, 1);
	if (!is_str(given) && !is_bytes(given))
		value_items(given, &items, &count);
	for (size_t i = 0; i < count; i++) {
		value name = accept(vm, f, items[i]);
		if (is_unset(name)) {
			object_drop(names);
			return name;
		}
		list_append(names, value_object(str_new(vm, (const char *)as_bytes(name)->data, as_bytes(name)->len)));
		value_drop(name);
	}
	return value_object(names);
}

static bool names_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count, from = out->len;
	value names = names_accept(s->vm, f, v);
	bool done = !is_unset(names);
	if (!done)
		return false;
	value_items(names, &items, &count);
	for (size_t i = 0; done && i < count; i++)
		done = encode(s, f, items[i], out);
	if (f->limit && (out->len - from) % (size_t)f->limit)
		buf_fill(out, 0, (size_t)f->limit - (out->len - from) % (size_t)f->limit);
	value_drop(names);
	return done;
}

/* DomainNameListField(name, default, length_from, padded): padded to a multiple of 8 bytes */
static bool names_make(struct vm *vm, struct field *f, const value *a)
{
	bool padded = false;
	if (!length_take(vm, &f->length_from, a[2], "length_from") || !value_truth(vm, a[3], &padded))
		return false;
	f->limit = padded ? 8 : 0;
	return facts_take(vm, f, a + 4);
}

/* ---- type bit maps, RFC 4034, 4.1.2: windows of 256 types, each its number, its length, and as many bytes of bits ---- */

enum { WINDOW_MAX = 32 };

static value maps_of(struct vm *vm, const bool *types)
{
	struct buf out = { 0 };
	for (unsigned window = 0; window < 256; window++) {
		uint8_t bits[WINDOW_MAX] = { 0 };
		unsigned len = 0;
		for (unsigned i = 0; i < 256; i++)
			if (types[window * 256 + i]) {
				bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
				len = i / 8 + 1;
			}
		if (len) {
			buf_char(&out, (char)window);
			buf_char(&out, (char)len);
			buf_add(&out, bits, len);
		}
	}
	value v = bytes_value(vm, (const uint8_t *)out.data, out.len);
	buf_free(&out);
	return v;
}

static bool take_type(struct vm *vm, const struct field *f, value item, bool *types)
{
	int64_t number = -1;
	if (is_str(item) && f->names && names_number(vm, f->names, as_str(item), &number))
		;
	else if (item.tag != TAG_INT || (number = item.i) < 0 || number > 65535)
		return field_refuse(vm, f, item, "types, by name or number"), false;
	types[number & 0xffff] = true;
	return true;
}

/* A list of types, or the bytes themselves: these are the value. */
static value maps_accept(struct vm *vm, const struct field *f, value given)
{
	const value *items;
	size_t count;
	if (is_bytes(given))
		return value_keep(given);
	if (is_str(given))
		return bytes_value(vm, (const uint8_t *)as_str(given)->data, as_str(given)->len);
	if (!value_items(given, &items, &count))
		return field_refuse(vm, f, given, "a list of types, or bytes");
	bool *types = mem_zero(65536 * sizeof *types), done = true;
	for (size_t i = 0; done && i < count; i++)
		done = take_type(vm, f, items[i], types);
	value v = done ? maps_of(vm, types) : VALUE_UNSET;
	mem_free(types);
	return v;
}

/* ['A', 'NS', 1234]; false: these are no such maps. */
static bool maps_list(const struct site *s, const struct field *f, const uint8_t *p, size_t len, struct buf *out)
{
	unsigned shown = 0;
	for (size_t at = 0; at < len;) {
		if (len - at < 2 || p[at + 1] == 0 || p[at + 1] > WINDOW_MAX)
			return false;
		size_t bytes = p[at + 1] < len - at - 2 ? p[at + 1] : len - at - 2;
		for (size_t i = 0; i < bytes * 8; i++) {
			if (!(p[at + 2 + i / 8] & 0x80 >> i % 8))
				continue;
			int64_t type = (int64_t)(p[at] * 256u + i);
			struct str *name = f->names ? names_text(s->vm, f->names, type) : NULL;
			buf_text(out, shown++ ? ", " : "[");
			if (name)
				buf_print(out, "'%s'", name->data);
			else
				buf_print(out, "%lld", (long long)type);
		}
		at += 2 + bytes;
	}
	if (shown)
		buf_char(out, ']');
	return shown;
}

static bool maps_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	if (is_bytes(v) && maps_list(s, f, as_bytes(v)->data, as_bytes(v)->len, out))
		return true;
	out->len = from;
	return value_repr_to(s->vm, v, out);
}

static value maps_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
}

static bool maps_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value bytes = maps_accept(s->vm, f, v);
	if (is_unset(bytes))
		return false;
	buf_add(out, as_bytes(bytes)->data, as_bytes(bytes)->len);
	value_drop(bytes);
	return true;
}

/* RRlistField(name, default, names) */
static bool maps_make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_none(a[2]) && !(f->names = names_from(vm, a[2])))
		return false;
	return facts_take(vm, f, a + 3);
}

static const struct codec names_codec = { .extent = text_extent, .decode = names_decode, .encode = names_encode, .accept = names_accept, .show = show };
static const struct codec maps_codec = { .extent = text_extent, .decode = maps_decode, .encode = maps_encode, .accept = maps_accept, .show = maps_show };
static const struct codec name_codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show };
static const struct codec text_codec = { .extent = text_extent, .decode = text_decode, .encode = text_encode, .accept = text_accept, .show = show };

const struct field_kind kinds_dns[] = {
	{ "DNSStrField", "name, default, length_from=None" FACTS, "a domain name, compressed or not", &name_codec, name_make, FIELD_POINTS | FIELD_FORMS, 0 },
	{ "DNSTextField", "name, default, length_from=None" FACTS, "a run of short texts (TXT)", &text_codec, name_make, FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ "DomainNameListField", "name, default, length_from=None, padded=False" FACTS, "domain names, not compressed", &names_codec, names_make,
	  FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ "RRlistField", "name, default, names=None" FACTS, "bit maps of types (RFC 4034)", &maps_codec, maps_make, FIELD_LIST | FIELD_FORMS, 0 },
	{ 0 },
};
