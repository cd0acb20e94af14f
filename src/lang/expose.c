/* The slots of native types as methods: `list.__len__`, `super().__setattr__(...)`. */
#include "lang/dunder.h"

#include <string.h>

#include "base/buf.h"

#include "lang/attr.h"
#include "lang/native.h"
#include "lang/types.h"

/* The row's own facts stand behind its struct native. */
struct exposed {
	struct native native;
	size_t slot;                /* offset in struct slots */
	int op;                     /* enum operator, compare or unary */
	bool reflected;
};

static const struct exposed *row_of(const struct native_function *f)
{
	return (const struct exposed *)f->spec;
}

static bool takes(struct vm *vm, const struct native_function *f, const struct call *call, uint32_t least, uint32_t most)
{
	uint32_t given = call->count - 1;
	if (call->named)
		return vm_raise_ok(vm, vm->errors.TypeError, "wrapper %s() takes no keyword arguments", f->spec->name);
	if (given < least || given > most)
		return vm_raise_ok(vm, vm->errors.TypeError, "expected %s%u argument%s, got %u", least == most ? "" : given < least ? "at least " : "at most ",
		                   given < least ? least : most, (given < least ? least : most) == 1 ? "" : "s", given);
	return true;
}

static value none_if(bool ok)
{
	return ok ? VALUE_NONE : VALUE_UNSET;
}

/* The first native ancestor: whose layout the instances have. */
static struct type *native_base(struct type *type)
{
	while (!(type->flags & TYPE_NATIVE))
		type = type->base;
	return type;
}

static value expose_make(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct type *owner = f->owner;
	if (!call->count)
		return vm_raise(vm, vm->errors.TypeError, "%s.__new__(): not enough arguments", owner->name->data);
	if (!is_kind(call->args[0], KIND_TYPE))
		return vm_raise(vm, vm->errors.TypeError, "%s.__new__(X): X is not a type object (%s)", owner->name->data, value_type_name(vm, call->args[0]));
	struct type *cls = (struct type *)call->args[0].o;
	if (!type_is(cls, owner))
		return vm_raise(vm, vm->errors.TypeError, "%s.__new__(%s): %s is not a subtype of %s", owner->name->data, cls->name->data, cls->name->data, owner->name->data);
	if (native_base(cls)->slots.make != owner->slots.make)
		return vm_raise(vm, vm->errors.TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", owner->name->data, cls->name->data, native_base(cls)->name->data);
	struct call rest = { call->args + 1, call->count - 1, call->named, call->names };
	return owner->slots.make(vm, cls, &rest);
}

static value expose_init(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct call rest = { call->args + 1, call->count - 1, call->named, call->names };
	return none_if(f->owner->slots.init(vm, call->args[0], &rest));
}

static value expose_call(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct call rest = { call->args + 1, call->count - 1, call->named, call->names };
	return f->owner->slots.call(vm, call->args[0], &rest);
}

static value text_by(struct vm *vm, bool (*slot)(struct vm *vm, value self, struct buf *out), value self)
{
	struct buf out = {0};
	if (slot(vm, self, &out))
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}

static value expose_repr(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 0, 0) ? text_by(vm, f->owner->slots.repr, call->args[0]) : VALUE_UNSET;
}

static value expose_str(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 0, 0) ? text_by(vm, f->owner->slots.str, call->args[0]) : VALUE_UNSET;
}

static value expose_format(struct vm *vm, struct native_function *f, const struct call *call)
{
	if (!takes(vm, f, call, 1, 1))
		return VALUE_UNSET;
	if (!is_str(call->args[1]))
		return vm_raise(vm, vm->errors.TypeError, "__format__() argument must be str, not %s", value_type_name(vm, call->args[1]));
	return f->owner->slots.format(vm, call->args[0], call->args[1]);
}

static value expose_hash(struct vm *vm, struct native_function *f, const struct call *call)
{
	uint64_t hash;
	if (!takes(vm, f, call, 0, 0) || !f->owner->slots.hash(vm, call->args[0], &hash))
		return VALUE_UNSET;
	return value_int((int64_t)hash);
}

static value expose_compare(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 1, 1) ? f->owner->slots.compare(vm, (enum compare)row_of(f)->op, call->args[0], call->args[1]) : VALUE_UNSET;
}

static value expose_truth(struct vm *vm, struct native_function *f, const struct call *call)
{
	bool truth;
	return takes(vm, f, call, 0, 0) && f->owner->slots.truth(vm, call->args[0], &truth) ? value_bool(truth) : VALUE_UNSET;
}

static value expose_length(struct vm *vm, struct native_function *f, const struct call *call)
{
	size_t length;
	return takes(vm, f, call, 0, 0) && f->owner->slots.length(vm, call->args[0], &length) ? value_int((int64_t)length) : VALUE_UNSET;
}

static value expose_item(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 1, 1) ? f->owner->slots.item(vm, call->args[0], call->args[1]) : VALUE_UNSET;
}

static value expose_set_item(struct vm *vm, struct native_function *f, const struct call *call)
{
	return none_if(takes(vm, f, call, 2, 2) && f->owner->slots.set_item(vm, call->args[0], call->args[1], call->args[2]));
}

static value expose_del_item(struct vm *vm, struct native_function *f, const struct call *call)
{
	return none_if(takes(vm, f, call, 1, 1) && f->owner->slots.set_item(vm, call->args[0], call->args[1], VALUE_UNSET));
}

static value expose_contains(struct vm *vm, struct native_function *f, const struct call *call)
{
	bool inside;
	return takes(vm, f, call, 1, 1) && f->owner->slots.contains(vm, call->args[0], call->args[1], &inside) ? value_bool(inside) : VALUE_UNSET;
}

static value expose_iterate(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 0, 0) ? f->owner->slots.iterate(vm, call->args[0]) : VALUE_UNSET;
}

static value expose_next(struct vm *vm, struct native_function *f, const struct call *call)
{
	if (!takes(vm, f, call, 0, 0))
		return VALUE_UNSET;
	value item = f->owner->slots.next(vm, call->args[0]);
	if (is_unset(item) && !vm_pending(vm))
		return vm_raise_value(vm, exception_new(vm, vm->errors.StopIteration, VALUE_UNSET));
	return item;
}

static struct str *name_argument(struct vm *vm, const struct native_function *f, const struct call *call, uint32_t count)
{
	if (!takes(vm, f, call, count, count))
		return NULL;
	if (is_str(call->args[1]))
		return as_str(call->args[1]);
	vm_raise(vm, vm->errors.TypeError, "attribute name must be string, not '%s'", value_type_name(vm, call->args[1]));
	return NULL;
}

static value expose_get_attr(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct str *name = name_argument(vm, f, call, 1);
	if (!name)
		return VALUE_UNSET;
	value found = attr_get(vm, f->owner, call->args[0], name);
	return is_unset(found) && !vm_pending(vm) ? attr_missing(vm, call->args[0], name) : found;
}

static value expose_set_attr(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct str *name = name_argument(vm, f, call, 2);
	return none_if(name && attr_set(vm, f->owner, call->args[0], name, call->args[2]));
}

static value expose_del_attr(struct vm *vm, struct native_function *f, const struct call *call)
{
	struct str *name = name_argument(vm, f, call, 1);
	return none_if(name && attr_set(vm, f->owner, call->args[0], name, VALUE_UNSET));
}

static value expose_binary(struct vm *vm, struct native_function *f, const struct call *call)
{
	const struct exposed *row = row_of(f);
	if (!takes(vm, f, call, 1, row->op == OP_POW_ ? 2 : 1))
		return VALUE_UNSET;
	value self = call->args[0], other = call->args[1];
	return f->owner->slots.binary(vm, (enum operator)row->op, row->reflected ? other : self, row->reflected ? self : other, row->reflected, false);
}

static value expose_inplace(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 1, 1) ? f->owner->slots.inplace(vm, (enum operator)row_of(f)->op, call->args[0], call->args[1], false) : VALUE_UNSET;
}

static value expose_unary(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 0, 0) ? f->owner->slots.unary(vm, (enum unary)row_of(f)->op, call->args[0]) : VALUE_UNSET;
}

static value expose_enter(struct vm *vm, struct native_function *f, const struct call *call)
{
	return takes(vm, f, call, 0, 0) ? f->owner->slots.enter(vm, call->args[0]) : VALUE_UNSET;
}

static value expose_leave(struct vm *vm, struct native_function *f, const struct call *call)
{
	if (!takes(vm, f, call, 0, 3))
		return VALUE_UNSET;
	return f->owner->slots.leave(vm, call->args[0], call->count > 2 ? call->args[2] : VALUE_NONE);
}

/* One row a method: name, slot, function, operation, reflected, signature. */
#define ONE(name, slot, fn, op, reflected, signature, flags) \
	{ { name, NULL, signature, NULL, NULL, flags, fn }, offsetof(struct slots, slot), op, reflected },
#define PLAIN(name, slot, fn, signature) ONE(name, slot, fn, 0, false, signature, 0)
#define COMPARE(name, op) ONE(name, compare, expose_compare, op, false, "value, /", 0)
#define BINARY(name, op) \
	ONE("__" name "__", binary, expose_binary, op, false, "value, /", 0) ONE("__r" name "__", binary, expose_binary, op, true, "value, /", 0) \
	ONE("__i" name "__", inplace, expose_inplace, op, false, "value, /", 0)
static const struct exposed rows[] = {
	ONE("__new__", make, expose_make, 0, false, "*args, **kwargs", NATIVE_STATIC)
	PLAIN("__init__", init, expose_init, "*args, **kwargs")
	PLAIN("__call__", call, expose_call, "*args, **kwargs")
	PLAIN("__repr__", repr, expose_repr, "")
	PLAIN("__str__", str, expose_str, "")
	PLAIN("__format__", format, expose_format, "format_spec, /")
	PLAIN("__hash__", hash, expose_hash, "")
	PLAIN("__bool__", truth, expose_truth, "")
	PLAIN("__len__", length, expose_length, "")
	PLAIN("__getitem__", item, expose_item, "key, /")
	PLAIN("__setitem__", set_item, expose_set_item, "key, value, /")
	PLAIN("__delitem__", set_item, expose_del_item, "key, /")
	PLAIN("__contains__", contains, expose_contains, "key, /")
	PLAIN("__iter__", iterate, expose_iterate, "")
	PLAIN("__next__", next, expose_next, "")
	PLAIN("__getattribute__", attr, expose_get_attr, "name, /")
	PLAIN("__setattr__", set_attr, expose_set_attr, "name, value, /")
	PLAIN("__delattr__", set_attr, expose_del_attr, "name, /")
	PLAIN("__enter__", enter, expose_enter, "")
	PLAIN("__exit__", leave, expose_leave, "type=None, value=None, traceback=None")
	COMPARE("__eq__", CMP_EQ) COMPARE("__ne__", CMP_NE) COMPARE("__lt__", CMP_LT) COMPARE("__le__", CMP_LE)
	COMPARE("__gt__", CMP_GT) COMPARE("__ge__", CMP_GE)
	BINARY("add", OP_ADD_) BINARY("sub", OP_SUB_) BINARY("mul", OP_MUL_) BINARY("truediv", OP_DIV_) BINARY("floordiv", OP_FLOORDIV_)
	BINARY("mod", OP_MOD_) BINARY("pow", OP_POW_) BINARY("lshift", OP_LSHIFT_) BINARY("rshift", OP_RSHIFT_) BINARY("and", OP_AND_)
	BINARY("or", OP_OR_) BINARY("xor", OP_XOR_) BINARY("matmul", OP_MATMUL_)
	ONE("__neg__", unary, expose_unary, UNARY_NEG, false, "", 0) ONE("__pos__", unary, expose_unary, UNARY_POS, false, "", 0)
	ONE("__invert__", unary, expose_unary, UNARY_INVERT, false, "", 0)
};

static bool has_slot(struct vm *vm, const struct type *type, size_t offset)
{
	void (*fn)(void);
	memcpy(&fn, (const char *)&type->spec->slots + offset, sizeof fn);
	bool attributes = offset == offsetof(struct slots, attr) || offset == offsetof(struct slots, set_attr);
	return fn || (attributes && type == vm->types.object);
}

void dunder_expose(struct vm *vm, struct type *type)
{
	for (const struct native *n = type->spec->methods; n && n->name; n++)
		if (n->name[0] == '_' && n->name[1] == '_')
			type->flags |= TYPE_DUNDERS;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!has_slot(vm, type, rows[i].slot))
			continue;
		struct str *name = str_intern(vm, rows[i].native.name);
		if (is_unset(dict_get_str(type->attrs, name)))
			dict_set_str(vm, type->attrs, name, native_new(vm, &rows[i].native, type));
	}
	if (type->spec->slots.compare && !type->spec->slots.hash && is_unset(dict_get_str(type->attrs, vm->names.hash_)))
		dict_set_str(vm, type->attrs, vm->names.hash_, VALUE_NONE);
}
