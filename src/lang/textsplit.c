/* The methods of text that take it apart: split, splitlines, partition. */
#include "lang/textmethods.h"

#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"
#include "lang/bytes.h"
#include "lang/list.h"
#include "lang/sequence.h"
#include "lang/str.h"

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
		while (end && (before = run_char_before(r, end), run_space(r, before, &size)))
			end = before;
		if (!end)
			break;
		if (!most--)
			return add_part(vm, l, r, 0, end);
		size_t stop = end;
		while (end && (before = run_char_before(r, end), !run_space(r, before, &size)))
			end = before;
		if (!add_part(vm, l, r, end, stop))
			return false;
	}
	return true;
}

static bool split_at(struct vm *vm, struct list *l, const struct run *r, const struct run *sep, size_t most)
{
	size_t at = 0;
	for (const char *found; most && (found = run_search(r->p + at, r->len - at, sep)); most--) {
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
	for (const char *found; most && (found = run_search_back(r->p, end, sep)); most--) {
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
	const char *found = back ? run_search_back(self.p, self.len, &sep) : run_search(self.p, self.len, &sep);
	size_t at = found ? (size_t)(found - self.p) : 0;
	return in_three(vm, &self, a[1], at, at + sep.len, found != NULL, back);
}

value text_partition(struct vm *vm, value *a)  { return partition(vm, a, false); }
value text_rpartition(struct vm *vm, value *a) { return partition(vm, a, true); }
