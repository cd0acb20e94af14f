/* Options that are numbered by how much each exceeds the one before (RFC 7252, 3.1): a list of (name, bytes), up to a byte 0xff or
 * the end.
 *
 *      | delta:4 | length:4 | 0 to 2 more bytes of each | value |      13: one more byte, from 13 on; 14: two more, from 269 on */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"

enum { ONE_MORE = 13, TWO_MORE = 14, FROM_TWO = 269, MARK = 0xff, NUMBER_MOST = 65535 };

struct option { uint32_t number; struct view bytes; };

/* ---- reading ---- */

static bool read_nibble(struct cursor *c, unsigned nibble, uint32_t *out)
{
	*out = nibble;
	if (nibble == ONE_MORE)
		*out = ONE_MORE + (uint32_t)cursor_uint(c, 1);
	else if (nibble == TWO_MORE)
		*out = FROM_TWO + (uint32_t)cursor_uint(c, 2);
	return nibble <= TWO_MORE && !c->short_by;
}

/* The next one; false: the end, the mark, or none that is whole (then *whole is false). The cursor stands behind it. */
static bool read_option(struct cursor *c, uint32_t *number, struct view *bytes, bool *whole)
{
	struct cursor in = *c;
	uint32_t delta, length;
	*whole = true;
	if (!cursor_left(c) || c->bytes[cursor_at(c)] == MARK)
		return false;
	unsigned first = (unsigned)cursor_uint(&in, 1);
	*whole = read_nibble(&in, first >> 4, &delta) && read_nibble(&in, first & 15, &length) && cursor_left(&in) >= length;
	if (!*whole)
		return false;
	*number += delta;
	*bytes = (struct view){ in.bytes + cursor_at(&in), length };
	cursor_skip(&in, length);
	*c = in;
	return true;
}

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	struct cursor in = *c;
	uint32_t number = 0;
	struct view bytes_of;
	bool whole;
	while (read_option(&in, &number, &bytes_of, &whole))
		;
	if (!whole)
		*problem = "an option cut short";
	*bytes = cursor_at(&in) - cursor_at(c);
	return true;
}

static value pair(struct vm *vm, const struct field *f, uint32_t number, struct view bytes)
{
	struct str *name = names_text(vm, f->names, number);
	value items[] = { name ? value_keep(value_object(name)) : value_int(number), bytes_value(vm, bytes.bytes, bytes.len) };
	value made = tuple_of(vm, 2, items);
	value_drop(items[0]);
	value_drop(items[1]);
	return made;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *at = cursor_take(c, bytes);
	struct cursor in = cursor_over(at ? at : (const uint8_t *)"", at ? bytes : 0);
	struct list *options = list_new(s->vm, 4);
	uint32_t number = 0;
	struct view bytes_of;
	bool whole;
	while (read_option(&in, &number, &bytes_of, &whole))
		list_append(options, pair(s->vm, f, number, bytes_of));
	return value_object(options);
}

/* ---- given ---- */

static bool number_given(struct vm *vm, const struct field *f, value given, int64_t *out)
{
	if (is_str(given) && names_number(vm, f->names, as_str(given), out))
		return true;
	if (given.tag == TAG_INT && given.i >= 0 && given.i <= NUMBER_MOST) {
		*out = given.i;
		return true;
	}
	const char *near = is_str(given) ? names_nearest(vm, f->names, as_str(given)->data) : NULL;
	field_refuse(vm, f, given, near ? "names of options (did you mean '%s'?) or their numbers" : "names of options or their numbers", near);
	return false;
}

static bool take_option(struct vm *vm, const struct field *f, value given, struct list *options)
{
	const value *items;
	size_t count;
	int64_t number;
	struct view bytes;
	if (!value_items(given, &items, &count) || count != 2)
		return is_unset(field_refuse(vm, f, given, "a list of (name, bytes)")) && false;
	if (!number_given(vm, f, items[0], &number))
		return false;
	if (is_str(items[1]))
		bytes = (struct view){ (const uint8_t *)as_str(items[1])->data, as_str(items[1])->len };
	else if (!is_bytes(items[1]) || !value_to_view(vm, items[1], &bytes))
		return is_unset(field_refuse(vm, f, items[1], "options' values of bytes or text")) && false;
	if (bytes.len > NUMBER_MOST)
		return is_unset(field_refuse(vm, f, items[1], "options of at most %d bytes", NUMBER_MOST)) && false;
	list_append(options, pair(vm, f, (uint32_t)number, bytes));
	return true;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	const value *items;
	size_t count;
	if (!value_items(given, &items, &count))
		return field_refuse(vm, f, given, "a list of (name, bytes)");
	struct list *options = list_new(vm, count);
	for (size_t i = 0; i < count; i++)
		if (!take_option(vm, f, items[i], options)) {
			object_drop(options);
			return VALUE_UNSET;
		}
	return value_object(options);
}

/* ---- writing: in the order of their numbers ---- */

static unsigned nibble_of(uint32_t number)
{
	return number < ONE_MORE ? number : number < FROM_TWO ? ONE_MORE : TWO_MORE;
}

static void put_more(struct buf *out, uint32_t number)
{
	if (number >= FROM_TWO)
		buf_char(out, (char)((number - FROM_TWO) >> 8));
	if (number >= ONE_MORE)
		buf_char(out, (char)(number >= FROM_TWO ? number - FROM_TWO : number - ONE_MORE));
}

static void put_option(struct buf *out, uint32_t delta, struct view bytes)
{
	buf_char(out, (char)(nibble_of(delta) << 4 | nibble_of((uint32_t)bytes.len)));
	put_more(out, delta);
	put_more(out, (uint32_t)bytes.len);
	buf_add(out, bytes.bytes, bytes.len);
}

static void sort(struct option *options, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && options[k - 1].number > options[k].number; k--) {
			struct option one = options[k];
			options[k] = options[k - 1];
			options[k - 1] = one;
		}
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value given = is_none(v) ? value_object(list_new(s->vm, 0)) : accept(s->vm, f, v);
	const value *items, *one;
	size_t count = 0, two;
	if (is_unset(given))
		return false;
	value_items(given, &items, &count);
	struct option *options = mem_zero((count + 1) * sizeof *options);
	for (size_t i = 0; i < count; i++) {
		int64_t number = 0;
		value_items(items[i], &one, &two);
		number_given(s->vm, f, one[0], &number);
		options[i] = (struct option){ (uint32_t)number, { as_bytes(one[1])->data, as_bytes(one[1])->len } };
	}
	sort(options, count);
	for (size_t i = 0; i < count; i++)
		put_option(out, options[i].number - (i ? options[i - 1].number : 0), options[i].bytes);
	mem_free(options);
	value_drop(given);
	return true;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* DeltaOptionsField(name, default, names) */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	return (f->names = names_from(vm, a[2])) && facts_take(vm, f, a + 3);
}

static const struct codec codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show };

const struct field_kind kinds_delta[] = {
	{ "DeltaOptionsField", "name, default, names" FACTS, "options numbered by their differences, up to a byte 0xff or the end", &codec, make,
	  FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ 0 },
};
