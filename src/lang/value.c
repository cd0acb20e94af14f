#include "lang/value.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#include "lang/attr.h"
#include "lang/dunder.h"
#include "lang/guard.h"
#include "lang/native.h"
#include "lang/str.h"
#include "lang/types.h"
#include "lang/vm.h"

struct type *value_type(struct vm *vm, value v)
{
	switch (v.tag) {
	case TAG_OBJECT:          return v.o->type;
	case TAG_INT:             return vm->types.int_;
	case TAG_FLOAT:           return vm->types.float_;
	case TAG_BOOL:            return vm->types.bool_;
	case TAG_NOT_IMPLEMENTED: return vm->types.not_implemented;
	case TAG_ELLIPSIS:        return vm->types.ellipsis;
	default:                  return vm->types.none;
	}
}

const char *value_type_name(struct vm *vm, value v)
{
	return value_type(vm, v)->name->data;
}

bool value_is_a(struct vm *vm, value v, const struct type *type)
{
	return type_is(value_type(vm, v), type);
}

bool value_truth(struct vm *vm, value v, bool *out)
{
	switch (v.tag) {
	case TAG_BOOL:  *out = v.b; return true;
	case TAG_INT:   *out = v.i != 0; return true;
	case TAG_FLOAT: *out = v.f != 0; return true;
	case TAG_NONE:  *out = false; return true;
	default: break;
	}
	struct type *type = value_type(vm, v);
	size_t length;
	if (type->slots.truth)
		return type->slots.truth(vm, v, out);
	if (!type->slots.length) {
		*out = true;
		return true;
	}
	if (!type->slots.length(vm, v, &length))
		return false;
	*out = length != 0;
	return true;
}

bool value_hash(struct vm *vm, value v, uint64_t *out)
{
	struct type *type = value_type(vm, v);
	if (!type->slots.hash)
		return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", type->name->data);
	if (!guard_enter(vm, ""))
		return false;
	bool ok = type->slots.hash(vm, v, out);
	guard_leave(vm);
	return ok;
}

/* ---- text ---- */

/* Containers also say guard_print, which finds one that stands in itself. */
bool value_repr_to(struct vm *vm, value v, struct buf *out)
{
	if (!guard_enter(vm, " while getting the repr of an object"))
		return false;
	bool ok = value_type(vm, v)->slots.repr(vm, v, out);
	guard_leave(vm);
	return ok;
}

bool value_str_to(struct vm *vm, value v, struct buf *out)
{
	if (v.tag == TAG_OBJECT && v.o->type == vm->types.str) {
		buf_add(out, as_str(v)->data, as_str(v)->len);
		return true;
	}
	struct type *type = value_type(vm, v);
	if (!type->slots.str)
		return value_repr_to(vm, v, out);
	if (!guard_enter(vm, " while getting the str of an object"))
		return false;
	bool ok = type->slots.str(vm, v, out);
	guard_leave(vm);
	return ok;
}

static value text_of(struct vm *vm, value v, bool (*to)(struct vm *vm, value v, struct buf *out))
{
	struct buf out = {0};
	if (to(vm, v, &out))
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}

value value_repr(struct vm *vm, value v)
{
	return text_of(vm, v, value_repr_to);
}

value value_str(struct vm *vm, value v)
{
	if (v.tag == TAG_OBJECT && v.o->type == vm->types.str)
		return value_keep(v);
	if (v.tag == TAG_INT) {
		char digits[DECIMAL_ROOM];
		return str_owned(str_ascii(vm, digits, text_decimal(digits, v.i)));
	}
	return text_of(vm, v, value_str_to);
}

value value_format(struct vm *vm, value v, value spec)
{
	struct type *type = value_type(vm, v);
	if (type == vm->types.str && as_str(spec)->len == 0)
		return value_keep(v);
	return type->slots.format(vm, v, spec);
}

/* ---- containers ---- */

bool value_length(struct vm *vm, value v, size_t *out)
{
	struct type *type = value_type(vm, v);
	if (type->slots.length)
		return type->slots.length(vm, v, out);
	return vm_raise_ok(vm, vm->errors.TypeError, "object of type '%s' has no len()", type->name->data);
}

value value_item(struct vm *vm, value v, value key)
{
	struct type *type = value_type(vm, v);
	if (!type->slots.item)
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not subscriptable", type->name->data);
	if (!guard_enter(vm, ""))
		return VALUE_UNSET;
	value item = type->slots.item(vm, v, key);
	guard_leave(vm);
	return item;
}

bool value_set_item(struct vm *vm, value v, value key, value to)
{
	struct type *type = value_type(vm, v);
	if (type->slots.set_item)
		return type->slots.set_item(vm, v, key, to);
	const char *verb = is_unset(to) && type->slots.item ? "doesn't" : "does not";
	return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object %s support item %s", type->name->data, verb, is_unset(to) ? "deletion" : "assignment");
}

static bool contains_by_walking(struct vm *vm, value v, value needle, bool *out)
{
	struct type *type = value_type(vm, v);
	if (!type->slots.iterate && type->slots.item != dunder_item)
		return vm_raise_ok(vm, vm->errors.TypeError, "argument of type '%s' is not iterable", type->name->data);
	value it = value_iterate(vm, v);
	if (is_unset(it))
		return false;
	bool ok = true, found = false;
	while (ok && !found) {
		value item = value_next(vm, it);
		if (is_unset(item)) {
			ok = !vm_pending(vm);
			break;
		}
		ok = value_equal(vm, item, needle, &found) && vm_poll(vm);
		value_drop(item);
	}
	value_drop(it);
	*out = found;
	return ok;
}

bool value_contains(struct vm *vm, value v, value needle, bool *out)
{
	struct type *type = value_type(vm, v);
	return type->slots.contains ? type->slots.contains(vm, v, needle, out) : contains_by_walking(vm, v, needle, out);
}

/* ---- iteration ---- */

static value item_step(struct vm *vm, struct iterator *it)
{
	if (is_unset(it->over))
		return VALUE_UNSET;
	value item = value_item(vm, it->over, value_int((int64_t)it->at++));
	if (!is_unset(item))
		return item;
	if (vm_pending_is(vm, vm->errors.IndexError) || vm_pending_is(vm, vm->errors.StopIteration)) {
		vm_clear(vm);
		value_set(&it->over, VALUE_UNSET);
	}
	return VALUE_UNSET;
}

value value_iterate(struct vm *vm, value v)
{
	struct type *type = value_type(vm, v);
	if (type->slots.iterate) {
		if (!guard_enter(vm, ""))
			return VALUE_UNSET;
		value it = type->slots.iterate(vm, v);
		guard_leave(vm);
		return it;
	}
	if (type->slots.item == dunder_item)
		return iterator_new(vm, v, item_step);
	return vm_raise(vm, vm->errors.TypeError, "'%s' object is not iterable", type->name->data);
}

value value_next(struct vm *vm, value iterator)
{
	struct type *type = value_type(vm, iterator);
	if (!type->slots.next)
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not an iterator", type->name->data);
	if (!guard_enter(vm, ""))
		return VALUE_UNSET;
	value item = type->slots.next(vm, iterator);
	guard_leave(vm);
	return item;
}

/* ---- calls ---- */

value value_call(struct vm *vm, value f, const struct call *call)
{
	struct type *type = value_type(vm, f);
	if (!type->slots.call)
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not callable", type->name->data);
	if (!guard_enter(vm, " while calling a Python object"))
		return VALUE_UNSET;
	value result = type->slots.call(vm, f, call);
	guard_leave(vm);
	return result;
}

value value_call_args(struct vm *vm, value f, size_t count, const value *args)
{
	struct call call = { .args = args, .count = (uint32_t)count };
	return value_call(vm, f, &call);
}

value value_call_method(struct vm *vm, value v, struct str *name, size_t count, const value *args)
{
	struct type *type = value_type(vm, v);
	value found = type->flags & TYPE_PLAIN_GET && !(v.tag == TAG_OBJECT && instance_dict(v.o, false)) ? type_find(type, name) : VALUE_UNSET;
	struct call call = { .args = args, .count = (uint32_t)count };
	if (is_kind(found, KIND_FUNCTION))
		return call_with_self(vm, found, v, &call);
	if (is_kind(found, KIND_NATIVE) && ((struct native_function *)found.o)->owner && !((struct native_function *)found.o)->spec->flags)
		return call_with_self(vm, found, v, &call);
	value method = value_attr(vm, v, name);
	value result = is_unset(method) ? method : value_call(vm, method, &call);
	value_drop(method);
	return result;
}

bool value_is_callable(struct vm *vm, value v)
{
	return value_type(vm, v)->slots.call != NULL;
}
