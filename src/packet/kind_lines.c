/* The lines of a layer of text that none of its fields is for: a dict of names and values, as bytes. */
#include <string.h>

#include "packet/kinds.h"
#include "packet/text_layer.h"

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = cursor_left(c);
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	cursor_skip(c, bytes);
	return s->stack && s->stack->parts[s->at].layer->first_line ? text_other_lines(s) : value_object(dict_new(s->vm));
}

static value as_bytes_of(struct vm *vm, const struct field *f, value given)
{
	if (is_str(given))
		return bytes_value(vm, as_str(given)->data, as_str(given)->len);
	return is_bytes(given) ? value_keep(given) : field_refuse(vm, f, given, "names and values of bytes or text");
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	value name, text;
	if (!is_kind(given, KIND_DICT))
		return field_refuse(vm, f, given, "a dict of names and values");
	struct dict *lines = dict_new(vm);
	for (uint32_t i = 0; dict_next(as_dict(given), &i, &name, &text);) {
		value key = as_bytes_of(vm, f, name), line = is_unset(key) ? VALUE_UNSET : as_bytes_of(vm, f, text);
		bool done = !is_unset(line) && dict_set(vm, lines, key, line);
		value_drop(key);
		if (!done) {
			object_drop(lines);
			return VALUE_UNSET;
		}
	}
	return value_object(lines);
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value name, text;
	for (uint32_t i = 0; is_kind(v, KIND_DICT) && dict_next(as_dict(v), &i, &name, &text);) {
		struct view a, b;
		if (!value_to_view(s->vm, name, &a) || !value_to_view(s->vm, text, &b))
			return false;
		buf_add(out, a.bytes, a.len);
		buf_text(out, ": ");
		buf_add(out, b.bytes, b.len);
		buf_text(out, "\r\n");
	}
	return true;
}

/* OtherLinesField(name, default) */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static const struct codec codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept };

const struct field_kind kinds_lines[] = {
	{ "OtherLinesField", "name, default" FACTS, "lines of a text that no other field is for", &codec, make, FIELD_MUTABLE, 0 },
	{ 0 },
};
