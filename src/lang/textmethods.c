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

static struct run run_self(value v)
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

static size_t char_start(const struct run *r, size_t at)
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

static size_t count_of(const struct run *r)
{
	return r->is_str ? as_str(r->self)->chars : r->len;
}

/* An argument that has to be of the same sort: `shape` is the message for str; the type that came follows a blank at its end. */
static bool run_arg(struct vm *vm, const struct run *self, value v, struct run *out, const char *shape)
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

static const char *search(const char *p, size_t len, const struct run *needle)
{
	if (needle->len == 1)
		return memchr(p, needle->p[0], len);
	return memmem(p, len, needle->p, needle->len);
}

static const char *search_back(const char *p, size_t len, const struct run *needle)
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
	size_t count = count_of(r);
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
	const char *found = back ? search_back(self.p + from, to - from, &needle) : search(self.p + from, to - from, &needle);
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

static size_t count_in(const char *p, size_t len, const struct run *needle, size_t most)
{
	size_t count = 0;
	const char *end = p + len;
	for (const char *found; count < most && (found = search(p, (size_t)(end - p), needle)); count++)
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
	return value_int((int64_t)count_in(self.p + from, to - from, &needle, SIZE_MAX));
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

/* == Splitting ======================================================================================================= */

static bool add_part(struct vm *vm, struct list *l, const struct run *r, size_t from, size_t to)
{
	value part = run_part(vm, r, from, to);
	if (is_unset(part))
		return false;
	list_append(l, part);
	return true;
}

static bool split_spaces(struct vm *vm, struct list *l, const struct run *r, size_t most)
{
	size_t at = 0, size;
	while (at < r->len) {
		while (at < r->len && run_space(r, at, &size))
			at += size;
		if (at == r->len)
			break;
		size_t start = at;
		if (!most--)
			return add_part(vm, l, r, start, r->len);
		while (at < r->len && !run_space(r, at, &size))
			at += size;
		if (!add_part(vm, l, r, start, at))
			return false;
	}
	return true;
}

static bool rsplit_spaces(struct vm *vm, struct list *l, const struct run *r, size_t most)
{
	size_t end = r->len, size, before;
	while (end) {
		while (end && (before = char_start(r, end), run_space(r, before, &size)))
			end = before;
		if (!end)
			break;
		if (!most--)
			return add_part(vm, l, r, 0, end);
		size_t stop = end;
		while (end && (before = char_start(r, end), !run_space(r, before, &size)))
			end = before;
		if (!add_part(vm, l, r, end, stop))
			return false;
	}
	return true;
}

static bool split_at(struct vm *vm, struct list *l, const struct run *r, const struct run *sep, size_t most)
{
	size_t at = 0;
	for (const char *found; most && (found = search(r->p + at, r->len - at, sep)); most--) {
		size_t here = (size_t)(found - r->p);
		if (!add_part(vm, l, r, at, here))
			return false;
		at = here + sep->len;
	}
	return add_part(vm, l, r, at, r->len);
}

static bool rsplit_at(struct vm *vm, struct list *l, const struct run *r, const struct run *sep, size_t most)
{
	size_t end = r->len;
	for (const char *found; most && (found = search_back(r->p, end, sep)); most--) {
		size_t here = (size_t)(found - r->p);
		if (!add_part(vm, l, r, here + sep->len, end))
			return false;
		end = here;
	}
	return add_part(vm, l, r, 0, end);
}

static void turn_round(struct list *l)
{
	for (size_t i = 0, j = l->count; i + 1 < j; ) {
		value v = l->items[i];
		l->items[i++] = l->items[--j];
		l->items[j] = v;
	}
}

static value split(struct vm *vm, value *a, bool back)
{
	struct run self = run_self(a[0]), sep = {0};
	int64_t most;
	bool spaces = is_none(a[1]);
	if (!spaces && !run_arg(vm, &self, a[1], &sep, "must be str or None, not "))
		return VALUE_UNSET;
	if (!spaces && !sep.len)
		return vm_raise(vm, vm->errors.ValueError, "empty separator");
	if (!value_to_int64(vm, a[2], &most))
		return VALUE_UNSET;
	struct list *l = list_new(vm, 0);
	size_t limit = most < 0 ? SIZE_MAX : (size_t)most;
	bool ok = spaces ? (back ? rsplit_spaces : split_spaces)(vm, l, &self, limit)
	                 : (back ? rsplit_at : split_at)(vm, l, &self, &sep, limit);
	if (back)
		turn_round(l);
	if (ok)
		return value_object(l);
	object_drop(l);
	return VALUE_UNSET;
}

value text_split(struct vm *vm, value *a)  { return split(vm, a, false); }
value text_rsplit(struct vm *vm, value *a) { return split(vm, a, true); }

static bool line_end(const struct run *r, size_t at, size_t *size)
{
	size_t next = at;
	if (r->p[at] == '\r' && at + 1 < r->len && r->p[at + 1] == '\n') {
		*size = 2;
		return true;
	}
	bool ends = r->is_str ? unicode_is_line_end(char_next(r->p, &next)) : (next++, r->p[at] == '\n' || r->p[at] == '\r');
	*size = next - at;
	return ends;
}

value text_splitlines(struct vm *vm, value *a)
{
	struct run self = run_self(a[0]);
	bool keep;
	if (!value_truth(vm, a[1], &keep))
		return VALUE_UNSET;
	struct list *l = list_new(vm, 0);
	bool ok = true;
	for (size_t at = 0, size; ok && at < self.len; ) {
		size_t start = at;
		bool ended = false;
		while (at < self.len && !(ended = line_end(&self, at, &size)))
			at += size;
		ok = add_part(vm, l, &self, start, keep && ended ? at + size : at);
		at += ended ? size : 0;
	}
	if (ok)
		return value_object(l);
	object_drop(l);
	return VALUE_UNSET;
}

static value in_three(struct vm *vm, const struct run *self, value sep, size_t before, size_t after, bool found, bool back)
{
	value parts[3];
	struct run none = *self;
	parts[0] = found || !back ? run_part(vm, self, 0, found ? before : self->len) : run_part(vm, &none, 0, 0);
	parts[1] = found && !is_kind(self->self, KIND_BYTEARRAY) ? value_keep(sep) : found ? run_part(vm, self, before, after) : run_part(vm, self, 0, 0);
	parts[2] = found || back ? run_part(vm, self, found ? after : 0, self->len) : run_part(vm, &none, 0, 0);
	value made = tuple_of(vm, 3, parts);
	for (int i = 0; i < 3; i++)
		value_drop(parts[i]);
	return made;
}

static value partition(struct vm *vm, value *a, bool back)
{
	struct run self = run_self(a[0]), sep;
	if (!run_arg(vm, &self, a[1], &sep, "must be str, not "))
		return VALUE_UNSET;
	if (!sep.len)
		return vm_raise(vm, vm->errors.ValueError, "empty separator");
	const char *found = back ? search_back(self.p, self.len, &sep) : search(self.p, self.len, &sep);
	size_t at = found ? (size_t)(found - self.p) : 0;
	return in_three(vm, &self, a[1], at, at + sep.len, found != NULL, back);
}

value text_partition(struct vm *vm, value *a)  { return partition(vm, a, false); }
value text_rpartition(struct vm *vm, value *a) { return partition(vm, a, true); }

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
	for (const char *found; most && (found = search(self->p + at, self->len - at, old)); most--) {
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
	size_t times = old.len ? count_in(self.p, self.len, &old, most) : most <= count_of(&self) ? most : count_of(&self) + 1;
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
	for (size_t before; right && to > from && (before = char_start(&self, to), strips(&self, before, &chars, &size)); )
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

static value pad(struct vm *vm, value *a, const char *name, int side)
{
	struct run self = run_self(a[0]), fill;
	int64_t width;
	if (!value_to_int64(vm, a[1], &width) || !fill_arg(vm, &self, a[2], name, &fill))
		return VALUE_UNSET;
	size_t count = count_of(&self), more = width > (int64_t)count ? (size_t)width - count : 0;
	if (!more)
		return run_part(vm, &self, 0, self.len);
	if (more > (size_t)1 << 32)
		return vm_raise(vm, vm->errors.MemoryError, "a width of %lld", (long long)width);
	size_t left = side < 0 ? more : side > 0 ? 0 : more / 2 + (more & (size_t)width & 1);
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
	int64_t width;
	if (!value_to_int64(vm, a[1], &width))
		return VALUE_UNSET;
	size_t count = count_of(&self), more = width > (int64_t)count ? (size_t)width - count : 0;
	if (!more)
		return run_part(vm, &self, 0, self.len);
	if (more > (size_t)1 << 32)
		return vm_raise(vm, vm->errors.MemoryError, "a width of %lld", (long long)width);
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
