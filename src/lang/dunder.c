#include "lang/dunder.h"

#include <string.h>

#include "base/buf.h"

#include "lang/attr.h"
#include "lang/native.h"
#include "lang/types.h"

/* ---- calling special methods ---- */

value dunder_call_found(struct vm *vm, value function, value self, size_t count, const value *args)
{
	value all[6];
	struct call call = { .args = all, .count = (uint32_t)count + 1 };
	if (is_kind(function, KIND_FUNCTION)) {
		all[0] = self;
		if (count)
			memcpy(all + 1, args, count * sizeof *args);
		return value_call(vm, function, &call);
	}
	value bound = attr_bind(vm, function, self, value_type(vm, self));
	value result = is_unset(bound) ? bound : value_call_args(vm, bound, count, args);
	value_drop(bound);
	return result;
}

value dunder_call(struct vm *vm, value self, struct str *name, size_t count, const value *args)
{
	value function = type_find(value_type(vm, self), name);
	return is_unset(function) ? function : dunder_call_found(vm, function, self, count, args);
}

static struct str *name_at(struct vm *vm, size_t offset, size_t index)
{
	return ((struct str **)(void *)((char *)&vm->names + offset))[index];
}
#define NAME(first) offsetof(struct vm_names, first##_)

static value no_method(struct vm *vm, value self, struct str *name)
{
	return vm_pending(vm) ? VALUE_UNSET : vm_raise(vm, vm->errors.AttributeError, "'%s' object has no attribute '%s'", value_type_name(vm, self), name->data);
}

/* ---- slots of classes of the language ---- */

static value dunder_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value bound = attr_bind(vm, type_find(cls, vm->names.new_), VALUE_UNSET, cls);
	value made = is_unset(bound) ? bound : call_with_self(vm, bound, value_object(cls), call);
	value_drop(bound);
	return made;
}

static bool dunder_init(struct vm *vm, value self, const struct call *call)
{
	struct type *type = value_type(vm, self);
	value found = type_find(type, vm->names.init_), done;
	if (is_kind(found, KIND_FUNCTION)) {
		done = call_with_self(vm, found, self, call);
	} else {
		value bound = attr_bind(vm, found, self, type);
		done = is_unset(bound) ? bound : value_call(vm, bound, call);
		value_drop(bound);
	}
	if (!is_unset(done) && !is_none(done))
		vm_raise(vm, vm->errors.TypeError, "__init__() should return None, not '%s'", value_type_name(vm, done));
	value_drop(done);
	return !vm_pending(vm);
}

static bool add_text(struct vm *vm, value text, struct str *name, struct buf *out)
{
	if (is_unset(text))
		return false;
	if (is_str(text))
		buf_add(out, as_str(text)->data, as_str(text)->len);
	else
		vm_raise(vm, vm->errors.TypeError, "%s returned non-string (type %s)", name->data, value_type_name(vm, text));
	value_drop(text);
	return !vm_pending(vm);
}

static bool dunder_repr(struct vm *vm, value self, struct buf *out)
{
	return add_text(vm, dunder_call(vm, self, vm->names.repr_, 0, NULL), vm->names.repr_, out);
}

static bool dunder_str(struct vm *vm, value self, struct buf *out)
{
	return add_text(vm, dunder_call(vm, self, vm->names.str_, 0, NULL), vm->names.str_, out);
}

static value dunder_format(struct vm *vm, value self, value spec)
{
	value text = dunder_call(vm, self, vm->names.format_, 1, &spec);
	if (is_unset(text) || is_str(text))
		return text;
	vm_raise(vm, vm->errors.TypeError, "__format__ must return a str, not %s", value_type_name(vm, text));
	value_drop(text);
	return VALUE_UNSET;
}

static bool dunder_hash(struct vm *vm, value self, uint64_t *out)
{
	value found = type_find(value_type(vm, self), vm->names.hash_);
	if (is_none(found))
		return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
	value hash = dunder_call_found(vm, found, self, 0, NULL);
	if (is_unset(hash))
		return false;
	if (hash.tag == TAG_INT) {
		*out = (uint64_t)(hash.i == -1 ? -2 : hash.i);
		return true;
	}
	bool ok = is_int(hash) ? value_hash(vm, hash, out) : vm_raise_ok(vm, vm->errors.TypeError, "__hash__ method should return an integer");
	value_drop(hash);
	return ok;
}

static struct str *compare_name(struct vm *vm, enum compare op)
{
	static const size_t names[] = { [CMP_LT] = NAME(lt), [CMP_LE] = NAME(le), [CMP_EQ] = NAME(eq), [CMP_NE] = NAME(ne), [CMP_GT] = NAME(gt), [CMP_GE] = NAME(ge) };
	return name_at(vm, names[op], 0);
}

static bool is_of_object(struct vm *vm, value found)
{
	return is_kind(found, KIND_NATIVE) && ((struct native_function *)found.o)->owner == vm->types.object;
}

/* != of a class that has only __eq__. */
static value not_equal(struct vm *vm, value a, value b)
{
	value equal = dunder_call(vm, a, vm->names.eq_, 1, &b);
	if (is_unset(equal) || equal.tag == TAG_NOT_IMPLEMENTED)
		return equal;
	bool truth, ok = value_truth(vm, equal, &truth);
	value_drop(equal);
	return ok ? value_bool(!truth) : VALUE_UNSET;
}

static value dunder_compare(struct vm *vm, enum compare op, value a, value b)
{
	value found = type_find(value_type(vm, a), compare_name(vm, op));
	if (is_unset(found) || is_none(found))
		return VALUE_UNSUPPORTED;
	if (is_of_object(vm, found)) {
		if (op == CMP_NE)
			return not_equal(vm, a, b);
		if (op != CMP_EQ)
			return VALUE_UNSUPPORTED;
	}
	return dunder_call_found(vm, found, a, 1, &b);
}

static bool dunder_truth(struct vm *vm, value self, bool *out)
{
	value truth = dunder_call(vm, self, vm->names.bool_, 0, NULL);
	if (is_unset(truth))
		return false;
	*out = truth.b;
	if (truth.tag == TAG_BOOL)
		return true;
	vm_raise(vm, vm->errors.TypeError, "__bool__ should return bool, returned %s", value_type_name(vm, truth));
	value_drop(truth);
	return false;
}

static bool dunder_length(struct vm *vm, value self, size_t *out)
{
	value length = dunder_call(vm, self, vm->names.len_, 0, NULL);
	int64_t number = 0;
	if (is_unset(length))
		return false;
	bool ok = value_to_int64(vm, length, &number);
	value_drop(length);
	if (ok && number < 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "__len__() should return >= 0");
	*out = (size_t)number;
	return ok;
}

value dunder_item(struct vm *vm, value self, value key)
{
	return dunder_call(vm, self, vm->names.getitem_, 1, &key);
}

static bool dunder_set_item(struct vm *vm, value self, value key, value to)
{
	value args[] = { key, to };
	struct str *name = is_unset(to) ? vm->names.delitem_ : vm->names.setitem_;
	value found = type_find(value_type(vm, self), name);
	if (is_unset(found))
		return vm_raise_ok(vm, vm->errors.TypeError, is_unset(to) ? "'%s' object doesn't support item deletion" : "'%s' object does not support item assignment",
		                   value_type_name(vm, self));
	value done = dunder_call_found(vm, found, self, is_unset(to) ? 1 : 2, args);
	value_drop(done);
	return !is_unset(done);
}

static bool dunder_contains(struct vm *vm, value self, value needle, bool *out)
{
	value found = type_find(value_type(vm, self), vm->names.contains_);
	if (is_none(found))
		return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object is not a container", value_type_name(vm, self));
	value inside = dunder_call_found(vm, found, self, 1, &needle);
	bool ok = !is_unset(inside) && value_truth(vm, inside, out);
	value_drop(inside);
	return ok;
}

static value dunder_iterate(struct vm *vm, value self)
{
	value found = type_find(value_type(vm, self), vm->names.iter_);
	if (is_none(found))
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not iterable", value_type_name(vm, self));
	value it = dunder_call_found(vm, found, self, 0, NULL);
	if (is_unset(it) || value_type(vm, it)->slots.next)
		return it;
	vm_raise(vm, vm->errors.TypeError, "iter() returned non-iterator of type '%s'", value_type_name(vm, it));
	value_drop(it);
	return VALUE_UNSET;
}

static value dunder_next(struct vm *vm, value self)
{
	value item = dunder_call(vm, self, vm->names.next_, 0, NULL);
	if (is_unset(item) && vm_pending_is(vm, vm->errors.StopIteration))
		vm_clear(vm);
	return item;
}

static value dunder_slot_call(struct vm *vm, value self, const struct call *call)
{
	struct type *type = value_type(vm, self);
	value found = type_find(type, vm->names.call_);
	if (is_kind(found, KIND_FUNCTION))
		return call_with_self(vm, found, self, call);
	value bound = attr_bind(vm, found, self, type);
	value result = is_unset(bound) ? bound : value_call(vm, bound, call);
	value_drop(bound);
	return result;
}

static value or_unsupported(struct vm *vm, value result)
{
	return is_unset(result) && !vm_pending(vm) ? VALUE_UNSUPPORTED : result;
}

struct str *dunder_operator(struct vm *vm, enum operator op, bool reflected)
{
	return name_at(vm, reflected ? NAME(radd) : NAME(add), op);
}

static value dunder_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	struct str *name = dunder_operator(vm, op, reflected);
	return or_unsupported(vm, reflected ? dunder_call(vm, b, name, 1, &a) : dunder_call(vm, a, name, 1, &b));
}

static value dunder_inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	return or_unsupported(vm, dunder_call(vm, a, name_at(vm, NAME(iadd), op), 1, &b));
}

static value dunder_unary(struct vm *vm, enum unary op, value self)
{
	return or_unsupported(vm, dunder_call(vm, self, name_at(vm, NAME(neg), op), 0, NULL));
}

static value dunder_enter(struct vm *vm, value self)
{
	value entered = dunder_call(vm, self, vm->names.enter_, 0, NULL);
	return is_unset(entered) ? no_method(vm, self, vm->names.enter_) : entered;
}

static value dunder_leave(struct vm *vm, value self, value exception)
{
	bool none = exception.tag != TAG_OBJECT;
	value args[] = { none ? VALUE_NONE : value_object(exception.o->type), none ? VALUE_NONE : exception, VALUE_NONE };
	value trace = none ? VALUE_UNSET : value_attr_or_unset(vm, exception, vm->names.traceback_);
	if (!is_unset(trace))
		args[2] = trace;
	value left = dunder_call(vm, self, vm->names.exit_, 3, args);
	value_drop(trace);
	return is_unset(left) ? no_method(vm, self, vm->names.exit_) : left;
}

/* ---- filling ---- */

/* One row a slot that special methods stand for: `count` names from `first` on, as they follow each other in VM_DUNDERS. */
#define SLOTS(X) \
	X(make, dunder_make, new, 1) X(init, dunder_init, init, 1) X(repr, dunder_repr, repr, 1) X(str, dunder_str, str, 1) \
	X(format, dunder_format, format, 1) X(hash, dunder_hash, hash, 1) X(compare, dunder_compare, eq, 6) \
	X(truth, dunder_truth, bool, 1) X(length, dunder_length, len, 1) X(item, dunder_item, getitem, 1) \
	X(set_item, dunder_set_item, setitem, 2) X(contains, dunder_contains, contains, 1) X(iterate, dunder_iterate, iter, 1) \
	X(next, dunder_next, next, 1) X(call, dunder_slot_call, call, 1) X(binary, dunder_binary, add, 26) \
	X(inplace, dunder_inplace, iadd, 13) X(unary, dunder_unary, neg, 3) X(enter, dunder_enter, enter, 1) X(leave, dunder_leave, exit, 1)

typedef void (*any_fn)(void);
static const struct slot_row {
	size_t slot, first, count;
	any_fn dunder;
} slot_rows[] = {
#define X(slot, fn, name, count) { offsetof(struct slots, slot), offsetof(struct vm_names, name##_), count, (any_fn)fn },
	SLOTS(X)
#undef X
};

/* These are inherited as they are. */
static const size_t plain_slots[] = {
	offsetof(struct slots, attr), offsetof(struct slots, method), offsetof(struct slots, item_attr), offsetof(struct slots, set_attr),
	offsetof(struct slots, view), offsetof(struct slots, names),
	offsetof(struct slots, subclassed), offsetof(struct slots, class_attr), offsetof(struct slots, class_repr),
};

static any_fn slot_get(const struct slots *slots, size_t offset)
{
	any_fn fn;
	memcpy(&fn, (const char *)slots + offset, sizeof fn);
	return fn;
}

static void slot_put(struct slots *slots, size_t offset, any_fn fn)
{
	memcpy((char *)slots + offset, &fn, sizeof fn);
}

/* Is one of the row's names an attribute of this very class (and, where the slot is native, put there by somebody else)? */
static bool names_one(struct vm *vm, const struct type *type, const struct slot_row *row, bool foreign)
{
	for (size_t i = 0; i < row->count; i++) {
		value found = dict_get_str(type->attrs, name_at(vm, row->first, i));
		if (is_unset(found))
			continue;
		if (!foreign || !is_kind(found, KIND_NATIVE) || ((struct native_function *)found.o)->owner != type)
			return true;
	}
	return false;
}

/* false: this class says nothing about the slot, look further. */
static bool slot_of_native(struct vm *vm, const struct type *at, const struct slot_row *row, any_fn *fn)
{
	any_fn own = slot_get(&at->spec->slots, row->slot);
	if (at->flags & TYPE_DUNDERS && names_one(vm, at, row, own != NULL)) {
		*fn = row->dunder;
		return true;
	}
	*fn = own;
	if (own)
		return true;
	if (row->slot == offsetof(struct slots, hash))
		return at->spec->slots.compare != NULL;
	if (row->slot == offsetof(struct slots, make))
		return at->base && (at->base == vm->types.object || at->size != at->base->size);
	return false;
}

static any_fn slot_along_mro(struct vm *vm, const struct type *type, const struct slot_row *row)
{
	for (size_t i = 0; i < type->mro_count; i++) {
		const struct type *at = type->mro[i];
		any_fn fn = NULL;
		if (at->spec) {
			if (slot_of_native(vm, at, row, &fn))
				return fn;
		} else if (names_one(vm, at, row, false)) {
			return row->dunder;
		}
	}
	return NULL;
}

static any_fn plain_along_mro(const struct type *type, size_t slot)
{
	any_fn fn = NULL;
	for (size_t i = 0; i < type->mro_count && !fn; i++)
		if (type->mro[i]->spec)
			fn = slot_get(&type->mro[i]->spec->slots, slot);
	return fn;
}

/* Found, and no slot shown as a method. */
static bool has_own(struct type *type, struct str *name)
{
	value found = type_find(type, name);
	return !is_unset(found) && !(is_kind(found, KIND_NATIVE) && ((struct native_function *)found.o)->spec->slot);
}

static void work_out_flags(struct vm *vm, struct type *type)
{
	unsigned flags = type->flags & ~(TYPE_PLAIN_GET | TYPE_PLAIN_SET | TYPE_PLAIN_NEW | TYPE_GETATTRIBUTE | TYPE_GETATTR | TYPE_SETATTR | TYPE_GETTER | TYPE_SETTER | TYPE_CLASS_CALL);
	if (has_own(type, vm->names.getattribute_))
		flags |= TYPE_GETATTRIBUTE;
	else if (!type->slots.attr)
		flags |= TYPE_PLAIN_GET;
	if (!is_unset(type_find(type, vm->names.getattr_)))
		flags |= TYPE_GETATTR;
	if (has_own(type, vm->names.setattr_) || has_own(type, vm->names.delattr_))
		flags |= TYPE_SETATTR;
	else if (!type->slots.set_attr)
		flags |= TYPE_PLAIN_SET;
	if (!is_unset(type_find(type, vm->names.class_call_)))
		flags |= TYPE_CLASS_CALL;
	else if (!(flags & TYPE_NATIVE) && type->slots.make == vm->types.object->spec->slots.make)
		flags |= TYPE_PLAIN_NEW;
	if (!is_unset(type_find(type, vm->names.get_)))
		flags |= TYPE_GETTER;
	if (!is_unset(type_find(type, vm->names.set_)) || !is_unset(type_find(type, vm->names.delete_)))
		flags |= TYPE_SETTER;
	type->flags = flags;
}

void dunder_fill(struct vm *vm, struct type *type)
{
	struct slots *slots = &type->slots;
	for (size_t i = 0; i < sizeof slot_rows / sizeof *slot_rows; i++)
		slot_put(slots, slot_rows[i].slot, slot_along_mro(vm, type, &slot_rows[i]));
	for (size_t i = 0; i < sizeof plain_slots / sizeof *plain_slots; i++)
		slot_put(slots, plain_slots[i], plain_along_mro(type, plain_slots[i]));
	if (!slots->release && type->base)
		slots->release = type->base->slots.release;
	if (!slots->visit && type->base)
		slots->visit = type->base->slots.visit;
	work_out_flags(vm, type);
}

bool dunder_is_special(const struct str *name)
{
	return name->len > 4 && name->data[0] == '_' && name->data[1] == '_';
}
