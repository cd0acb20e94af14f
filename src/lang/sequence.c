#include "lang/sequence.h"

#include <string.h>

#include "base/buf.h"
#include "lang/equal.h"
#include "lang/guard.h"

bool value_is_index(struct vm *vm, value v)
{
	return is_int(v) || (v.tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, v), vm->names.index_)));
}

/* Whether the right operand of a sequence's operator may have an answer of its own, so that the refusal is not ours. */
static bool may_answer(struct vm *vm, value right, struct str *dunder)
{
	if (right.tag != TAG_OBJECT || (right.o->kind >= KIND_BIGINT && right.o->kind <= KIND_DECIMAL))
		return false;
	struct type *type = value_type(vm, right);
	return (type->flags & TYPE_NATIVE) ? type->slots.binary != NULL : !is_unset(type_find(type, dunder));
}

enum times sequence_times(struct vm *vm, value n, size_t len, size_t unit, size_t *count)
{
	if (!is_int(n) && may_answer(vm, n, vm->names.rmul_))
		return TIMES_UNSUPPORTED;
	if (!value_is_index(vm, n)) {
		vm_raise(vm, vm->errors.TypeError, "can't multiply sequence by non-int of type '%s'", value_type_name(vm, n));
		return TIMES_RAISED;
	}
	int64_t times;
	if (!value_to_int64(vm, n, &times)) {
		if (!vm_pending_is(vm, vm->errors.OverflowError))
			return TIMES_RAISED;
		vm_clear(vm);
		vm_raise(vm, vm->errors.OverflowError, "cannot fit 'int' into an index-sized integer");
		return TIMES_RAISED;
	}
	*count = times > 0 ? (size_t)times : 0;
	if (len && *count > (SIZE_MAX >> 2) / len / unit) {
		vm_raise(vm, vm->errors.MemoryError, "the result would be too large");
		return TIMES_RAISED;
	}
	return TIMES_OK;
}

value sequence_no_concat(struct vm *vm, const char *format, value right)
{
	if (may_answer(vm, right, vm->names.radd_))
		return VALUE_UNSUPPORTED;
	struct buf text = {0};
	buf_text(&text, format);
	struct buf message = {0};
	for (const char *p = buf_str(&text); *p; p++)
		*p == '%' ? buf_text(&message, value_type_name(vm, right)) : buf_char(&message, *p);
	vm_raise(vm, vm->errors.TypeError, "%s", buf_str(&message));
	buf_free(&text);
	buf_free(&message);
	return VALUE_UNSET;
}

bool sequence_index(struct vm *vm, value key, size_t len, const char *kind, const char *range_text, size_t *out)
{
	int64_t i;
	if (key.tag == TAG_INT) {
		i = key.i;
	} else if (!value_is_index(vm, key)) {
		return vm_raise_ok(vm, vm->errors.TypeError, "%s indices must be integers%s, not %s%s%s", kind,
		                   *kind == 's' && kind[1] == 't' ? "" : " or slices", *kind == 's' && kind[1] == 't' ? "'" : "",
		                   value_type_name(vm, key), *kind == 's' && kind[1] == 't' ? "'" : "");
	} else if (!value_to_int64(vm, key, &i)) {
		if (!vm_pending_is(vm, vm->errors.OverflowError))
			return false;
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.IndexError, "cannot fit '%s' into an index-sized integer", value_type_name(vm, key));
	}
	if (i < 0)
		i += (int64_t)len;
	if (i < 0 || (size_t)i >= len)
		return vm_raise_ok(vm, vm->errors.IndexError, "%s", range_text);
	*out = (size_t)i;
	return true;
}

bool index_in(struct vm *vm, value key, size_t len, const char *what, size_t *out)
{
	if (key.tag == TAG_INT) {
		int64_t i = key.i < 0 ? key.i + (int64_t)len : key.i;
		if (i >= 0 && (size_t)i < len) {
			*out = (size_t)i;
			return true;
		}
	}
	struct buf text = {0};
	buf_print(&text, "%s index out of range", what);
	bool ok = sequence_index(vm, key, len, what, buf_str(&text), out);
	buf_free(&text);
	return ok;
}

static bool bound(struct vm *vm, value v, size_t len, size_t otherwise, size_t *out)
{
	*out = otherwise;
	if (is_unset(v) || is_none(v))
		return true;
	int64_t i;
	if (is_kind(v, KIND_BIGINT))
		i = mpz_sgn(((struct bigint *)v.o)->number) < 0 ? -(int64_t)len : (int64_t)len;
	else if (!value_is_index(vm, v))
		return vm_raise_ok(vm, vm->errors.TypeError, "slice indices must be integers or None or have an __index__ method");
	else if (!value_to_int64(vm, v, &i))
		return false;
	if (i < 0)
		i = i + (int64_t)len < 0 ? 0 : i + (int64_t)len;
	*out = (size_t)i > len ? len : (size_t)i;
	return true;
}

bool sequence_bounds(struct vm *vm, value start, value stop, size_t len, size_t *from, size_t *to)
{
	return bound(vm, start, len, 0, from) && bound(vm, stop, len, len, to);
}

/* The items are looked up afresh at each step, since a comparison may run the program's code and change a list. */
static bool first_difference(struct vm *vm, value a, value b, size_t *at)
{
	const value *x, *y;
	size_t x_count, y_count;
	for (*at = 0; value_items(a, &x, &x_count), value_items(b, &y, &y_count), *at < x_count && *at < y_count; (*at)++) {
		bool same;
		value p = value_keep(x[*at]), q = value_keep(y[*at]);
		bool ok = equal_items(vm, p, q, &same);
		value_drop(p);
		value_drop(q);
		if (!ok)
			return false;
		if (!same)
			break;
	}
	return true;
}

value sequence_compare(struct vm *vm, enum compare op, value a, value b)
{
	const value *x, *y;
	size_t x_count, y_count, at;
	value_items(a, &x, &x_count);
	value_items(b, &y, &y_count);
	if (x_count != y_count && (op == CMP_EQ || op == CMP_NE))
		return value_bool(op == CMP_NE);
	if (!first_difference(vm, a, b, &at))
		return VALUE_UNSET;
	value_items(a, &x, &x_count);
	value_items(b, &y, &y_count);
	if (at >= x_count || at >= y_count)
		return value_bool(compare_answer(op, x_count < y_count ? -1 : x_count > y_count));
	if (op == CMP_EQ || op == CMP_NE)
		return value_bool(op == CMP_NE);
	value p = value_keep(x[at]), q = value_keep(y[at]);
	value answer = value_compare(vm, op, p, q);
	value_drop(p);
	value_drop(q);
	return answer;
}

bool sequence_find(struct vm *vm, value sequence, value needle, size_t from, size_t to, size_t *at)
{
	const value *items;
	size_t count;
	for (size_t i = from; value_items(sequence, &items, &count), i < to && i < count; i++) {
		bool same;
		value item = value_keep(items[i]);
		bool ok = equal_items(vm, item, needle, &same) && ((i + 1) % 65536 || vm_poll(vm));
		value_drop(item);
		if (!ok)
			return false;
		if (same) {
			*at = i;
			return true;
		}
	}
	*at = SIZE_MAX;
	return true;
}

bool sequence_count(struct vm *vm, value sequence, value needle, size_t *count)
{
	*count = 0;
	for (size_t i = 0; ; i++) {
		size_t at;
		if (!sequence_find(vm, sequence, needle, i, SIZE_MAX, &at))
			return false;
		if (at == SIZE_MAX)
			return true;
		(*count)++;
		i = at;
	}
}

bool sequence_repr(struct vm *vm, value self, const char *open, const char *close, struct buf *out)
{
	int entered = guard_print(vm, self.o);
	if (entered <= 0) {
		buf_text(out, open);
		buf_text(out, "...");
		buf_char(out, close[strlen(close) - 1]);
		return entered == 0;
	}
	buf_text(out, open);
	const value *items;
	size_t count;
	bool ok = true;
	for (size_t i = 0; ok && (value_items(self, &items, &count), i < count); i++) {
		if (i)
			buf_text(out, ", ");
		value item = value_keep(items[i]);
		ok = value_repr_to(vm, item, out);
		value_drop(item);
	}
	buf_text(out, close);
	guard_printed(vm);
	return ok;
}
