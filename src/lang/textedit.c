/* The methods of text that make other text of it: replace, strip, join, and those that pad. */
#include "lang/textmethods.h"

#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"
#include "lang/bytes.h"
#include "lang/list.h"
#include "lang/sequence.h"
#include "lang/str.h"

/* == Replacing, stripping, joining =================================================================================== */

/* "" stands before each character and at the end. */
static void replace_nothing(struct buf *out, const struct run *self, const struct run *with, size_t most)
{
	size_t at = 0;
	while (at < self->len && most) {
		size_t start = at;
		if (self->is_ascii)
			at++;
		else
			char_next(self->p, &at);
		buf_add(out, with->p, with->len);
		buf_add(out, self->p + start, at - start);
		most--;
	}
	buf_add(out, self->p + at, self->len - at);
	if (most)
		buf_add(out, with->p, with->len);
}

static void replace_in(struct buf *out, const struct run *self, const struct run *old, const struct run *with, size_t most)
{
	size_t at = 0;
	for (const char *found; most && (found = run_search(self->p + at, self->len - at, old)); most--) {
		buf_add(out, self->p + at, (size_t)(found - self->p) - at);
		buf_add(out, with->p, with->len);
		at = (size_t)(found - self->p) + old->len;
	}
	buf_add(out, self->p + at, self->len - at);
}

value text_replace(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]), old, with;
	int64_t count;
	if (!run_arg(vm, &self, a[1], &old, "replace() argument 1 must be str, not ") ||
	    !run_arg(vm, &self, a[2], &with, "replace() argument 2 must be str, not ") || !value_to_int64(vm, a[3], &count))
		return VALUE_UNSET;
	size_t most = count < 0 ? SIZE_MAX : (size_t)count;
	size_t times = old.len ? run_count(self.p, self.len, &old, most) : most <= run_chars(&self) ? most : run_chars(&self) + 1;
	if (!times || (with.len > old.len && times > (SIZE_MAX / 4 - self.len) / (with.len - old.len)))
		return times ? vm_raise(vm, vm->errors.OverflowError, "replace string is too long") : run_part(vm, &self, 0, self.len);
	struct buf out = {0};
	old.len ? replace_in(&out, &self, &old, &with, times) : replace_nothing(&out, &self, &with, times);
	return run_make(vm, &self, &out);
}

static bool strips(const struct run *self, size_t at, const struct run *chars, size_t *size)
{
	if (!chars->p)
		return run_space(self, at, size);
	size_t next = at;
	if (self->is_ascii)
		next++;
	else
		char_next(self->p, &next);
	*size = next - at;
	return *size == 1 ? memchr(chars->p, self->p[at], chars->len) != NULL : memmem(chars->p, chars->len, self->p + at, *size) != NULL;
}

static value strip(struct vm *vm, value *a, bool left, bool right, const char *message)
{
	struct run self = run_self(a[0]), chars = {0};
	if (!is_none(a[1]) && !run_arg(vm, &self, a[1], &chars, message))
		return VALUE_UNSET;
	size_t from = 0, to = self.len, size;
	while (left && from < to && strips(&self, from, &chars, &size))
		from += size;
	for (size_t before; right && to > from && (before = run_char_before(&self, to), strips(&self, before, &chars, &size)); )
		to = before;
	return run_part(vm, &self, from, to);
}

value text_strip(struct vm *vm, value *a)  { return strip(vm, a, true, true, "strip arg must be None or str"); }
value text_lstrip(struct vm *vm, value *a) { return strip(vm, a, true, false, "lstrip arg must be None or str"); }
value text_rstrip(struct vm *vm, value *a) { return strip(vm, a, false, true, "rstrip arg must be None or str"); }

static value no_item(struct vm *vm, const struct run *self, size_t i, value item)
{
	return vm_raise(vm, vm->errors.TypeError, self->is_str ? "sequence item %zu: expected str instance, %s found"
	                : "sequence item %zu: expected a bytes-like object, %s found", i, value_type_name(vm, item));
}

/* The length is known and every part is good text: one block, filled once. */
static value join_strs(struct vm *vm, struct str *between, const value *items, size_t count)
{
	size_t len = between->len * (count - 1), chars = between->chars * (count - 1);
	for (size_t i = 0; i < count; i++) {
		len += as_str(items[i])->len;
		chars += as_str(items[i])->chars;
	}
	struct str *s = str_room(vm, len, chars);
	if (!s)
		return VALUE_UNSET;
	char *to = s->data;
	for (size_t i = 0; i < count; i++) {
		if (i)
			to = mempcpy(to, between->data, between->len);
		to = mempcpy(to, as_str(items[i])->data, as_str(items[i])->len);
	}
	return value_object(s);
}

static value join_items(struct vm *vm, const struct run *self, const value *items, size_t count)
{
	size_t total = 0;
	struct run part;
	for (size_t i = 0; i < count; i++) {
		if (!run_of(items[i], &part) || part.is_str != self->is_str)
			return no_item(vm, self, i, items[i]);
		total += part.len + (i ? self->len : 0);
		if (total > SIZE_MAX / 4)
			return vm_raise(vm, vm->errors.OverflowError, "join() result is too long");
	}
	if (count == 1 && (items[0].o->type == vm->types.str || items[0].o->type == vm->types.bytes) && !is_kind(self->self, KIND_BYTEARRAY))
		return value_keep(items[0]);
	if (self->is_str && count)
		return join_strs(vm, as_str(self->self), items, count);
	struct buf out = {0};
	buf_reserve(&out, total);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add(&out, self->p, self->len);
		run_of(items[i], &part);
		buf_add(&out, part.p, part.len);
	}
	return run_make(vm, self, &out);
}

value text_join(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]);
	const value *items;
	size_t count;
	if (a[1].tag == TAG_OBJECT && (a[1].o->type == vm->types.list || a[1].o->type == vm->types.tuple) && value_items(a[1], &items, &count))
		return join_items(vm, &self, items, count);
	if (!value_type(vm, a[1])->slots.iterate)
		return vm_raise(vm, vm->errors.TypeError, "can only join an iterable");
	value list = list_from(vm, a[1]);
	if (is_unset(list))
		return VALUE_UNSET;
	self = run_self(a[0]);
	value made = join_items(vm, &self, as_list(list)->items, as_list(list)->count);
	value_drop(list);
	return made;
}

/* == Padding ========================================================================================================= */

static bool fill_arg(struct vm *vm, const struct run *self, value v, const char *name, struct run *out)
{
	if (is_unset(v)) {
		*out = (struct run){ " ", 1, VALUE_UNSET, self->is_str, true };
		return true;
	}
	if (self->is_str && !is_str(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "The fill character must be a unicode character, not %s", value_type_name(vm, v));
	if (self->is_str && as_str(v)->chars != 1)
		return vm_raise_ok(vm, vm->errors.TypeError, "The fill character must be exactly one character long");
	if (!run_of(v, out) || out->is_str != self->is_str || (!self->is_str && out->len != 1))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() argument 2 must be a byte string of length 1, not %s", name, value_type_name(vm, v));
	return true;
}

/* How many characters are missing to that width. false: raised. */
static bool width_arg(struct vm *vm, const struct run *self, value given, size_t *width, size_t *more)
{
	int64_t n;
	size_t count = run_chars(self);
	if (!value_to_int64(vm, given, &n))
		return false;
	*more = n > (int64_t)count ? (size_t)n - count : 0;
	*width = count + *more;
	return *more <= (size_t)1 << 32 || vm_raise_ok(vm, vm->errors.MemoryError, "a width of %lld", (long long)n);
}

static value pad(struct vm *vm, value *a, const char *name, int side)
{
	struct run self = run_self(a[0]), fill;
	size_t width, more;
	if (!width_arg(vm, &self, a[1], &width, &more) || !fill_arg(vm, &self, a[2], name, &fill))
		return VALUE_UNSET;
	if (!more)
		return run_part(vm, &self, 0, self.len);
	size_t left = side < 0 ? more : side > 0 ? 0 : more / 2 + (more & width & 1);
	struct buf out = {0};
	for (size_t i = 0; i < left; i++)
		buf_add(&out, fill.p, fill.len);
	buf_add(&out, self.p, self.len);
	for (size_t i = left; i < more; i++)
		buf_add(&out, fill.p, fill.len);
	return run_make(vm, &self, &out);
}

value text_center(struct vm *vm, value *a) { return pad(vm, a, "center", 0); }
value text_ljust(struct vm *vm, value *a)  { return pad(vm, a, "ljust", 1); }
value text_rjust(struct vm *vm, value *a)  { return pad(vm, a, "rjust", -1); }

value text_zfill(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]);
	size_t width, more;
	if (!width_arg(vm, &self, a[1], &width, &more))
		return VALUE_UNSET;
	if (!more)
		return run_part(vm, &self, 0, self.len);
	size_t sign = self.len && (self.p[0] == '+' || self.p[0] == '-');
	struct buf out = {0};
	buf_add(&out, self.p, sign);
	buf_fill(&out, '0', more);
	buf_add(&out, self.p + sign, self.len - sign);
	return run_make(vm, &self, &out);
}

value text_expandtabs(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]);
	int64_t size;
	if (!value_to_int64(vm, a[1], &size))
		return VALUE_UNSET;
	struct buf out = {0};
	size_t column = 0;
	for (size_t i = 0; i < self.len; i++) {
		if (self.p[i] == '\t' && size > 0) {
			size_t more = (size_t)size - column % (size_t)size;
			if (more > (size_t)1 << 28) {
				buf_free(&out);
				return vm_raise(vm, vm->errors.OverflowError, "result too long");
			}
			buf_fill(&out, ' ', more);
			column += more;
		} else if (self.p[i] != '\t') {
			buf_char(&out, self.p[i]);
			column = self.p[i] == '\n' || self.p[i] == '\r' ? 0 : column + (self.is_ascii || ((unsigned char)self.p[i] & 0xc0) != 0x80);
		}
	}
	return run_make(vm, &self, &out);
}
