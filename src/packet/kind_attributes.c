/* AttributesField: a run of attributes of 15-bit types, each with two bytes of value, or with a length and that many
 * (RFC 2408, section 3.3): a list of (name, value) tuples, a value that has a name as its name.
 *
 *      |1|     type (15)     |      value (16)      |        |0|     type (15)     |     length (16)      | value ...
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/kinds.h"
#include "packet/packet.h"

/* {1: ("Encryption", {1: "DES-CBC", ...}), ...} */
static struct dict *table_of(const struct field *f)
{
	return f->data;
}

static bool row_of(struct vm *vm, const struct field *f, int64_t code, struct str **name, struct dict **values)
{
	const value *pair;
	size_t count;
	value row = dict_get(vm, table_of(f), value_int(code));
	if (is_unset(row) || !value_items(row, &pair, &count) || count < 2 || !is_str(pair[0]))
		return false;
	*name = as_str(pair[0]);
	*values = is_kind(pair[1], KIND_DICT) ? as_dict(pair[1]) : NULL;
	return true;
}

/* ---- reading ---- */

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = (int64_t)cursor_left(c);
	if (field_has_length(&f->length_from) && !field_length(s, &f->length_from, length, &length))
		return false;
	if (length < 0)
		*problem = "a length below zero";
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

static value attribute(struct vm *vm, const struct field *f, int64_t code, TAKES value number)
{
	struct str *name;
	struct dict *values;
	struct tuple *pair = tuple_new(vm, 2);
	bool known = row_of(vm, f, code, &name, &values);
	value named = known && values && !is_unset(number) ? dict_get(vm, values, number) : VALUE_UNSET;
	pair->items[0] = known ? value_keep(value_object(name)) : value_int(code);
	pair->items[1] = is_unset(named) ? value_keep(number) : value_keep(named);
	value_drop(number);
	return value_object(pair);
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	struct vm *vm = s->vm;
	struct list *items = list_new(vm, 4);
	size_t end = cursor_at(c) + (bytes < cursor_left(c) ? bytes : cursor_left(c));
	const uint8_t *p = c->bytes;
	size_t at = cursor_at(c);
	while (at + 4 <= end) {
		unsigned type = (unsigned)p[at] << 8 | p[at + 1], second = (unsigned)p[at + 2] << 8 | p[at + 3];
		size_t len = type & 0x8000 ? 0 : second < end - at - 4 ? second : end - at - 4;
		list_append(items, attribute(vm, f, type & 0x7fff, type & 0x8000 ? value_int(second) : int_from_bytes(vm, p + at + 4, len, false, false)));
		at += 4 + len;
	}
	cursor_skip(c, bytes);
	return value_object(items);
}

/* ---- accepting ---- */

struct walk_names { struct dict *table; uint32_t at; bool rows; };

static const char *next_name(void *state)
{
	struct walk_names *w = state;
	value key, item;
	const value *pair;
	size_t count;
	while (dict_next(w->table, &w->at, &key, &item)) {
		if (!w->rows && is_str(item))
			return as_str(item)->data;
		if (w->rows && value_items(item, &pair, &count) && count && is_str(pair[0]))
			return as_str(pair[0])->data;
	}
	return NULL;
}

/* The number under which the table has that name; false: none. */
static bool find_name(struct dict *table, bool rows, const char *name, int64_t *out)
{
	value key, item;
	const value *pair;
	size_t count;
	for (uint32_t i = 0; dict_next(table, &i, &key, &item);) {
		if (rows)
			item = value_items(item, &pair, &count) && count ? pair[0] : VALUE_NONE;
		if (is_str(item) && key.tag == TAG_INT && !strcmp(as_str(item)->data, name)) {
			*out = key.i;
			return true;
		}
	}
	return false;
}

static bool number_named(struct vm *vm, const struct field *f, struct dict *table, bool rows, value given, int64_t *out)
{
	if (given.tag == TAG_INT) {
		*out = given.i;
		return true;
	}
	if (is_str(given) && table && find_name(table, rows, as_str(given)->data, out))
		return true;
	struct walk_names w = { table, 0, rows };
	const char *near = is_str(given) && table ? text_nearest(as_str(given)->data, next_name, &w) : NULL;
	field_refuse(vm, f, given, near ? "attributes, like [('%s', ...)]: did you mean '%s'?" : "(name, value) tuples, of known names or numbers", near, near);
	return false;
}

/* The wire's numbers of one (name, value). A value over 64 bits stays a value. */
static bool numbers_of(struct vm *vm, const struct field *f, value given, int64_t *type, value *number)
{
	const value *pair;
	size_t count;
	struct str *name;
	struct dict *values = NULL;
	int64_t small;
	if (!value_items(given, &pair, &count) || count != 2) {
		field_refuse(vm, f, given, "a list of (name, value) tuples");
		return false;
	}
	if (!number_named(vm, f, table_of(f), true, pair[0], type))
		return false;
	if (*type < 0 || *type > 0x7fff) {
		field_refuse(vm, f, pair[0], "types of 0 to 32767");
		return false;
	}
	row_of(vm, f, *type, &name, &values);
	if (!is_str(pair[1]) && pair[1].tag != TAG_INT) {
		*number = value_keep(pair[1]);
		return true;
	}
	if (!number_named(vm, f, values, false, pair[1], &small))
		return false;
	*number = value_int(small);
	return true;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	const value *items;
	size_t count;
	if (is_none(given))
		return given;
	if (!value_items(given, &items, &count))
		return field_refuse(vm, f, given, "a list of (name, value) tuples");
	struct list *made = list_new(vm, count);
	for (size_t i = 0; i < count; i++) {
		int64_t type;
		value number;
		if (!numbers_of(vm, f, items[i], &type, &number)) {
			object_drop(made);
			return VALUE_UNSET;
		}
		list_append(made, attribute(vm, f, type, number));
	}
	return value_object(made);
}

/* ---- writing ---- */

static void put_short(struct buf *out, uint64_t number)
{
	buf_char(out, (char)(number >> 8));
	buf_char(out, (char)number);
}

/* More than two bytes: with a length, in as few bytes as it takes. */
static bool put_long(struct vm *vm, const struct field *f, int64_t type, value number, struct buf *out)
{
	mpz_t big;
	mpz_init(big);
	size_t bytes = 0;
	bool done = int_to_mpz(number, big) && mpz_sgn(big) >= 0 && (bytes = (mpz_sizeinbase(big, 2) + 7) / 8) <= 0xffff;
	if (done) {
		put_short(out, (uint64_t)type);
		put_short(out, bytes);
		mpz_export(buf_grow(out, bytes), NULL, 1, 1, 1, 0, big);
	} else {
		field_refuse(vm, f, number, "values of at most 65535 bytes, not below 0");
	}
	mpz_clear(big);
	return done;
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count;
	if (!value_items(v, &items, &count))
		return true;
	for (size_t i = 0; i < count; i++) {
		int64_t type;
		value number;
		if (!numbers_of(s->vm, f, items[i], &type, &number))
			return false;
		bool small = number.tag == TAG_INT && number.i >= 0 && number.i <= 0xffff, done = true;
		if (small) {
			put_short(out, (uint64_t)type | 0x8000);
			put_short(out, (uint64_t)number.i);
		} else {
			done = put_long(s->vm, f, type, number, out);
		}
		value_drop(number);
		if (!done)
			return false;
	}
	return true;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* ---- making ---- */

/* AttributesField(name, default, attributes, length_from) */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_kind(a[2], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: attributes is {number: (\"name\", {number: \"name\"})}", f->name->data);
	f->data = object_keep(as_dict(a[2]));
	return length_take(vm, &f->length_from, a[3], "length_from") && facts_take(vm, f, a + 4);
}

static void release(struct field *f)
{
	object_drop(f->data);
	f->data = NULL;
}

static void visit(struct field *f, visit_fn see, void *state)
{
	if (f->data)
		see(&((struct dict *)f->data)->head.head, state);
}

static const struct codec codec = {
	.extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show, .release = release, .visit = visit,
};

const struct field_kind kinds_attributes[] = {
	{ "AttributesField", "name, default, attributes, length_from=None" FACTS, "attributes of 15-bit types, with a value or a length", &codec, make,
	  FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ 0 },
};
