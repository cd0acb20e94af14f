/* FieldListField: one field repeated, so many bytes long or so many times. */
#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"
#include "packet/packet.h"

/* ---- reading ---- */

/* How often the field may stand there; INT64_MAX: as long as there is room. */
static bool count_at(const struct site *s, const struct field *f, const struct cursor *c, int64_t *count)
{
	struct site at = *s;
	at.cursor = c;
	*count = f->limit ? f->limit : INT64_MAX;
	if (!field_has_length(&f->count_from))
		return true;
	int64_t said;
	if (!field_length(&at, &f->count_from, (int64_t)cursor_left(c), &said))
		return false;
	if (said < *count)
		*count = said < 0 ? 0 : said;
	return true;
}

static bool extent_by_count(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	struct cursor in = *c;
	int64_t count;
	if (!count_at(s, f, c, &count))
		return false;
	for (int64_t i = 0; i < count && cursor_left(&in); i++) {
		size_t bits = 0;
		if (!field_extent(s, f->inner, &in, &bits, problem))
			return false;
		if (bits == 0 || bits > (in.end << 3) - in.bit) {
			*problem = "an item cut short";
			break;
		}
		in.bit += bits;
	}
	*bytes = (in.bit - c->bit + 7) / 8;
	return true;
}

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = (int64_t)cursor_left(c);
	struct site at = *s;
	at.cursor = c;
	if (!field_has_length(&f->length_from))
		return extent_by_count(s, f, c, bytes, problem);
	if (!field_length(&at, &f->length_from, length, &length))
		return false;
	if (length < 0)
		*problem = "a length below zero";
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

/* What is left is too short for an item: the list ends in it as it came. */
static void keep_rest(struct vm *vm, struct list *items, struct cursor *c)
{
	size_t left = cursor_left(c);
	const uint8_t *rest = c->bit % 8 ? NULL : cursor_take(c, left);
	if (rest)
		list_append(items, raw_val_new(vm, bytes_new(vm, rest, left)));
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	struct cursor in = *c;
	size_t end = cursor_at(c) + bytes;
	in.end = end < c->end ? end : c->end;
	struct list *items = list_new(s->vm, 4);
	/* Without a length, how far it goes was found by the count when the packet was dissected; the count may have been set since. */
	int64_t count = INT64_MAX;
	if (field_has_length(&f->length_from) && !count_at(s, f, c, &count))
		goto fail;
	for (int64_t i = 0; i < count && in.bit < in.end << 3; i++) {
		const char *problem = NULL;
		size_t bits = 0, before = in.bit;
		if (!field_extent(s, f->inner, &in, &bits, &problem))
			goto fail;
		if (bits == 0 || bits > (in.end << 3) - in.bit) {
			keep_rest(s->vm, items, &in);
			break;
		}
		value v = field_decode(s, f->inner, &in, bits);
		if (is_unset(v))
			goto fail;
		list_append(items, v);
		if (in.bit == before)
			break;
	}
	cursor_skip(c, bytes);
	return value_object(items);
fail:
	object_drop(items);
	return VALUE_UNSET;
}

/* ---- accepting and writing ---- */

static value accept_item(struct vm *vm, const struct field *inner, value given)
{
	if (is_raw_val(vm, given) || !inner->kind->codec->accept)
		return value_keep(given);
	return inner->kind->codec->accept(vm, inner, given);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	const value *items = &given;
	size_t count = 1;
	if (is_none(given))
		return value_object(list_new(vm, 0));
	if (is_kind(given, KIND_LIST) || is_kind(given, KIND_TUPLE))
		value_items(given, &items, &count);
	struct list *to = list_new(vm, count);
	for (size_t i = 0; i < count; i++) {
		value v = accept_item(vm, f->inner, items[i]);
		if (is_unset(v)) {
			object_drop(to);
			return VALUE_UNSET;
		}
		list_append(to, v);
	}
	return value_object(to);
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value list = accept(s->vm, f, v);
	if (is_unset(list))
		return false;
	const value *items;
	size_t count;
	bool ok = true;
	value_items(list, &items, &count);
	for (size_t i = 0; ok && i < count; i++)
		ok = field_encode(s, f->inner, items[i], out);
	value_drop(list);
	return ok;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count;
	if (!value_items(v, &items, &count))
		return value_repr_to(s->vm, v, out);
	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_text(out, ", ");
		if (!field_show(s, f->inner, items[i], out))
			return false;
	}
	buf_char(out, ']');
	return true;
}

/* One after the other, as decode finds them. */
static bool pieces(const struct site *s, const struct field *f, struct cursor *c, size_t bytes, piece_fn found, void *state)
{
	size_t end = cursor_at(c) + bytes;
	bool ok = true;
	for (unsigned i = 0; ok && cursor_at(c) < end; i++) {
		struct buf text = { 0 }, label = { 0 };
		const char *problem = NULL;
		size_t bits = 0, at = cursor_at(c);
		if (!field_extent(s, f->inner, c, &bits, &problem) || bits == 0 || at + bits / 8 > end)
			break;
		value v = field_decode(s, f->inner, c, bits);
		buf_print(&label, "[%u]", i);
		ok = !is_unset(v) && field_show(s, f->inner, v, &text) &&
		     found(state, &(struct field_piece){ at, cursor_at(c), buf_str(&label), buf_str(&text), problem });
		value_drop(v);
		buf_free(&text);
		buf_free(&label);
	}
	if (ok && cursor_at(c) < end)
		ok = !vm_pending(s->vm) && found(state, &(struct field_piece){ cursor_at(c), end, "rest", "", "too short for an item" });
	return ok;
}

/* Scapy's way of showing lists of addresses. */
static bool show_addresses(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count;
	if (!value_items(v, &items, &count))
		return show(s, f, v, out);
	buf_text(out, "[ ");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_text(out, ", ");
		if (!field_show(s, f->inner, items[i], out))
			return false;
	}
	buf_text(out, " ]");
	return true;
}

/* FieldListField(name, default, field, length_from, count_from, max_count) */
static bool list_make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_field(a[2]))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: FieldListField takes a field, not %s", f->name->data, value_type_name(vm, a[2]));
	f->inner = as_field(value_keep(a[2]));
	if (f->inner->bits % 8)
		return vm_raise_ok(vm, vm->errors.NotImplementedError, "%s: a list of fields of %u bits; whole bytes are done", f->name->data, (unsigned)f->inner->bits);
	return length_take(vm, &f->length_from, a[3], "length_from") && length_take(vm, &f->count_from, a[4], "count_from")
		&& (is_none(a[5]) || value_to_int64(vm, a[5], &f->limit)) && facts_take(vm, f, a + 6);
}

/* IP6ListField(name, default, count_from, length_from) */
static bool addresses_make(struct vm *vm, struct field *f, const value *a)
{
	const struct field_kind *k = kinds_address;
	while (strcmp(k->name, "IP6Field"))
		k++;
	f->inner = field_new(vm, k, "");
	return length_take(vm, &f->count_from, a[2], "count_from") && length_take(vm, &f->length_from, a[3], "length_from") && facts_take(vm, f, a + 4);
}

static const struct codec addresses_codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show_addresses,
	.pieces = pieces };
static const struct codec list_codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show,
	.pieces = pieces };

const struct field_kind kinds_list[] = {
	{ "FieldListField", "name, default, field, length_from=None, count_from=None, max_count=None" FACTS, "one field, repeated",
	  &list_codec, list_make, FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ "IP6ListField", "name, default, count_from=None, length_from=None" FACTS, "IPv6 addresses", &addresses_codec, addresses_make,
	  FIELD_LIST | FIELD_MUTABLE, 0 },
	{ 0 },
};
