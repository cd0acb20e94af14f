/* Numbers that are written as text: digits between two marks, like <13>. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/kinds.h"

enum { DIGITS_MOST = 18 };
struct marked { struct bytes *before, *after; };

/* The digits of a whole one; 0: none stands here. */
static size_t digits_at(const struct marked *d, const uint8_t *bytes, size_t left)
{
	size_t from = d->before->len, count = 0;
	if (left < from || memcmp(bytes, d->before->data, from))
		return 0;
	while (from + count < left && count < DIGITS_MOST && bytes[from + count] >= '0' && bytes[from + count] <= '9')
		count++;
	size_t end = from + count;
	return left - end < d->after->len || memcmp(bytes + end, d->after->data, d->after->len) ? 0 : count;
}

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	const struct marked *d = f->data;
	size_t digits = digits_at(d, c->bytes + cursor_at(c), cursor_left(c));
	*bytes = digits ? d->before->len + digits + d->after->len : 0;
	if (!digits)
		*problem = "no number between its marks";
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct marked *d = f->data;
	const uint8_t *at = cursor_take(c, bytes);
	size_t digits = at ? digits_at(d, at, bytes) : 0;
	int64_t number = 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (at[d->before->len + i] - '0');
	return digits ? value_int(number) : VALUE_NONE;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	int64_t number;
	if (given.tag == TAG_INT && given.i >= 0)
		return given;
	if (f->names && is_str(given) && names_number(vm, f->names, as_str(given), &number))
		return value_int(number);
	const char *near = f->names && is_str(given) ? names_nearest(vm, f->names, as_str(given)->data) : NULL;
	return field_refuse(vm, f, given, near ? "a number or one of its names (did you mean '%s'?)" : "a number from 0 on", near);
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct marked *d = f->data;
	if (v.tag != TAG_INT)
		return true;
	buf_add(out, d->before->data, d->before->len);
	buf_print(out, "%lld", (long long)v.i);
	buf_add(out, d->after->data, d->after->len);
	return true;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct str *name = field_names(f) && v.tag == TAG_INT ? names_text(s->vm, f->names, v.i) : NULL;
	if (!name)
		return value_repr_to(s->vm, v, out);
	text_safe(out, name->data, name->len);
	return true;
}

static void release(struct field *f)
{
	struct marked *d = f->data;
	if (d) {
		object_drop(d->before);
		object_drop(d->after);
	}
	mem_free(d);
	f->data = NULL;
}

/* DecimalField(name, default, before, after, enum) */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	struct view before, after;
	if (!value_to_view(vm, a[2], &before) || !value_to_view(vm, a[3], &after))
		return false;
	struct marked *d = f->data = mem_zero(sizeof *d);
	d->before = bytes_new(vm, before.bytes, before.len);
	d->after = bytes_new(vm, after.bytes, after.len);
	if (!is_none(a[4]) && !(f->names = names_from(vm, a[4])))
		return false;
	return facts_take(vm, f, a + 5);
}

static const struct codec codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show, .release = release };

const struct field_kind kinds_decimal[] = {
	{ "DecimalField", "name, default, before, after, enum=None" FACTS, "a number written as text between two marks", &codec, make, FIELD_FORMS | FIELD_NUMBER, 0 },
	{ 0 },
};
