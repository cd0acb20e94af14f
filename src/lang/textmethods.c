#include "lang/textmethods.h"

#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"
#include "lang/bytes.h"
#include "lang/list.h"
#include "lang/sequence.h"
#include "lang/str.h"

/* == Runs ============================================================================================================ */

bool run_of(value v, struct run *out)
{
	if (is_str(v)) {
		struct str *s = as_str(v);
		*out = (struct run){ s->data, s->len, v, true, str_is_ascii(s) };
	} else if (is_bytes(v)) {
		*out = (struct run){ (const char *)as_bytes(v)->data, as_bytes(v)->len, v, false, true };
	} else if (is_kind(v, KIND_BYTEARRAY)) {
		struct buf *b = ((struct bytearray *)v.o)->buf;
		*out = (struct run){ buf_str(b), b->len, v, false, true };
	} else {
		return false;
	}
	return true;
}

struct run run_self(value v)
{
	struct run r = {0};
	run_of(v, &r);
	return r;
}

value run_part(struct vm *vm, const struct run *r, size_t from, size_t to)
{
	if (is_kind(r->self, KIND_BYTEARRAY))
		return bytearray_value(vm, r->p + from, to - from);
	if (from == 0 && to == r->len && (r->self.o->type == vm->types.str || r->self.o->type == vm->types.bytes))
		return value_keep(r->self);
	return r->is_str ? str_owned(str_part(vm, as_str(r->self), from, to)) : bytes_value(vm, r->p + from, to - from);
}

value run_make(struct vm *vm, const struct run *like, struct buf *b)
{
	if (like->is_str)
		return str_from_buf(vm, b);
	value made = is_kind(like->self, KIND_BYTEARRAY) ? bytearray_value(vm, buf_str(b), b->len) : bytes_value(vm, buf_str(b), b->len);
	buf_free(b);
	return made;
}

bool run_space(const struct run *r, size_t at, size_t *size)
{
	size_t start = at;
	if (!r->is_str) {
		*size = 1;
		return r->p[at] == ' ' || (r->p[at] >= '\t' && r->p[at] <= '\r');
	}
	bool space = unicode_is_space(char_next(r->p, &at));
	*size = at - start;
	return space;
}

size_t run_char_before(const struct run *r, size_t at)
{
	return r->is_ascii ? at - 1 : char_before(r->p, at);
}

/* Characters and bytes are told apart only in a str beyond ASCII. */
static size_t offset_of(const struct run *r, size_t index)
{
	return r->is_ascii ? index : str_offset(as_str(r->self), index);
}

static size_t index_of(const struct run *r, size_t offset)
{
	return r->is_ascii ? offset : str_index(as_str(r->self), offset);
}

size_t run_chars(const struct run *r)
{
	return r->is_str ? as_str(r->self)->chars : r->len;
}

/* An argument that has to be of the same sort: `shape` is the message for str; the type that came follows a blank at its end. */
bool run_arg(struct vm *vm, const struct run *self, value v, struct run *out, const char *shape)
{
	if (run_of(v, out) && out->is_str == self->is_str)
		return true;
	if (!self->is_str) {
		struct view view;
		if (!is_str(v) && v.tag == TAG_OBJECT && value_to_view(vm, v, &view)) {
			*out = (struct run){ (const char *)view.bytes, view.len, v, false, true };
			return true;
		}
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.TypeError, "a bytes-like object is required, not '%s'", value_type_name(vm, v));
	}
	struct buf message = {0};
	buf_text(&message, shape);
	if (message.len && message.data[message.len - 1] == ' ')
		buf_text(&message, value_type_name(vm, v));
	vm_raise(vm, vm->errors.TypeError, "%s", buf_str(&message));
	buf_free(&message);
	return false;
}

/* == Searching ======================================================================================================= */

/* What is searched for: for bytes also one number. `byte` is its home then. */
static bool needle_arg(struct vm *vm, const struct run *self, value v, struct run *out, char *byte)
{
	if (self->is_str || !value_is_index(vm, v)) {
		if (self->is_str)
			return run_arg(vm, self, v, out, "must be str, not ");
		if (run_arg(vm, self, v, out, ""))
			return true;
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.TypeError, "argument should be integer or bytes-like object, not '%s'", value_type_name(vm, v));
	}
	int64_t i;
	if (!value_to_int64(vm, v, &i) || i < 0 || i > 255) {
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.ValueError, "byte must be in range(0, 256)");
	}
	*byte = (char)i;
	*out = (struct run){ byte, 1, VALUE_UNSET, false, true };
	return true;
}

const char *run_search(const char *p, size_t len, const struct run *needle)
{
	if (needle->len == 1)
		return memchr(p, needle->p[0], len);
	return memmem(p, len, needle->p, needle->len);
}

const char *run_search_back(const char *p, size_t len, const struct run *needle)
{
	if (needle->len > len)
		return NULL;
	for (const char *at = p + (len - needle->len); ; at--) {
		if (!memcmp(at, needle->p, needle->len))
			return at;
		if (at == p)
			return NULL;
	}
}

/* The bounds of a[2] and a[3] as byte offsets; false in *any: start lies behind the end, so not even "" is there. */
static bool bounds(struct vm *vm, const struct run *r, value start, value end, size_t *from, size_t *to, bool *any)
{
	size_t count = run_chars(r);
	if (!sequence_bounds(vm, start, end, count, from, to))
		return false;
	int64_t given;
	*any = *from <= *to && !(start.tag == TAG_INT && (given = start.i) > (int64_t)count);
	*from = offset_of(r, *from);
	*to = offset_of(r, *to);
	return true;
}

/* The index found, -1, or -2 when something was raised. */
static int64_t find_in(struct vm *vm, value *a, bool back)
{
	struct run self = run_self(a[0]), needle;
	char byte;
	size_t from, to;
	bool any;
	if (!needle_arg(vm, &self, a[1], &needle, &byte) || !bounds(vm, &self, a[2], a[3], &from, &to, &any))
		return -2;
	if (!any)
		return -1;
	const char *found = back ? run_search_back(self.p + from, to - from, &needle) : run_search(self.p + from, to - from, &needle);
	return found ? (int64_t)index_of(&self, (size_t)(found - self.p)) : -1;
}

static value found_or_minus_one(int64_t i)
{
	return i == -2 ? VALUE_UNSET : value_int(i);
}

static value found_or_raise(struct vm *vm, value *a, int64_t i)
{
	if (i == -1)
		return vm_raise(vm, vm->errors.ValueError, is_str(a[0]) ? "substring not found" : "subsection not found");
	return found_or_minus_one(i);
}

value text_find(struct vm *vm, value *a)   { return found_or_minus_one(find_in(vm, a, false)); }
value text_rfind(struct vm *vm, value *a)  { return found_or_minus_one(find_in(vm, a, true)); }
value text_index(struct vm *vm, value *a)  { return found_or_raise(vm, a, find_in(vm, a, false)); }
value text_rindex(struct vm *vm, value *a) { return found_or_raise(vm, a, find_in(vm, a, true)); }

size_t run_count(const char *p, size_t len, const struct run *needle, size_t most)
{
	size_t count = 0;
	const char *end = p + len;
	for (const char *found; count < most && (found = run_search(p, (size_t)(end - p), needle)); count++)
		p = found + needle->len;
	return count;
}

static size_t chars_in(const struct run *r, size_t from, size_t to)
{
	return index_of(r, to) - index_of(r, from);
}

value text_count(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]), needle;
	char byte;
	size_t from, to;
	bool any;
	if (!needle_arg(vm, &self, a[1], &needle, &byte) || !bounds(vm, &self, a[2], a[3], &from, &to, &any))
		return VALUE_UNSET;
	if (!any)
		return value_int(0);
	if (!needle.len)
		return value_int((int64_t)chars_in(&self, from, to) + 1);
	return value_int((int64_t)run_count(self.p + from, to - from, &needle, SIZE_MAX));
}

/* Whether [from, to) begins (or ends) with an affix. */
static bool has_affix(const struct run *self, size_t from, size_t to, const struct run *affix, bool at_end)
{
	size_t len = to - from;
	return affix->len <= len && !memcmp(self->p + (at_end ? to - affix->len : from), affix->p, affix->len);
}

static value affixed(struct vm *vm, value *a, bool at_end)
{
	struct run self = run_self(a[0]), affix;
	const char *name = at_end ? "endswith" : "startswith", *sort = self.is_str ? "str" : "bytes";
	size_t from, to, count = 1;
	bool any;
	const value *choices = &a[1];
	if (is_kind(a[1], KIND_TUPLE))
		value_items(a[1], &choices, &count);
	if (!bounds(vm, &self, a[2], a[3], &from, &to, &any))
		return VALUE_UNSET;
	for (size_t i = 0; i < count; i++) {
		if (!run_arg(vm, &self, choices[i], &affix, "")) {
			vm_clear(vm);
			if (is_kind(a[1], KIND_TUPLE) && self.is_str)
				return vm_raise(vm, vm->errors.TypeError, "tuple for %s must only contain str, not %s", name, value_type_name(vm, choices[i]));
			if (is_kind(a[1], KIND_TUPLE))
				return vm_raise(vm, vm->errors.TypeError, "a bytes-like object is required, not '%s'", value_type_name(vm, choices[i]));
			return vm_raise(vm, vm->errors.TypeError, "%s first arg must be %s or a tuple of %s, not %s", name, sort, sort,
			                value_type_name(vm, a[1]));
		}
		if (any && has_affix(&self, from, to, &affix, at_end))
			return value_bool(true);
	}
	return value_bool(false);
}

value text_startswith(struct vm *vm, value *a) { return affixed(vm, a, false); }
value text_endswith(struct vm *vm, value *a)   { return affixed(vm, a, true); }

value text_removeprefix(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]), affix;
	if (!run_arg(vm, &self, a[1], &affix, "removeprefix() argument must be str, not "))
		return VALUE_UNSET;
	return run_part(vm, &self, has_affix(&self, 0, self.len, &affix, false) ? affix.len : 0, self.len);
}

value text_removesuffix(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]), affix;
	if (!run_arg(vm, &self, a[1], &affix, "removesuffix() argument must be str, not "))
		return VALUE_UNSET;
	return run_part(vm, &self, 0, self.len - (has_affix(&self, 0, self.len, &affix, true) ? affix.len : 0));
}
