/* The types of None, NotImplemented and Ellipsis: each has one value. */
#include "base/buf.h"
#include "lang/hash.h"
#include "lang/makers.h"

static value only(struct vm *vm, struct type *cls, const struct call *call, value one)
{
	if (call->count || call->named)
		return vm_raise(vm, vm->errors.TypeError, "%s takes no arguments", cls->name->data);
	return one;
}

static value make_none(struct vm *vm, struct type *cls, const struct call *call)
{
	return only(vm, cls, call, VALUE_NONE);
}

static value make_not_implemented(struct vm *vm, struct type *cls, const struct call *call)
{
	return only(vm, cls, call, VALUE_UNSUPPORTED);
}

static value make_ellipsis(struct vm *vm, struct type *cls, const struct call *call)
{
	return only(vm, cls, call, VALUE_ELLIPSIS);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	buf_text(out, is_none(self) ? "None" : self.tag == TAG_ELLIPSIS ? "Ellipsis" : "NotImplemented");
	return true;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	*out = hash_pointer((char *)vm + self.tag * 16);
	return true;
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = !is_none(self);
	return true;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	return op == CMP_EQ || op == CMP_NE ? value_bool((a.tag == b.tag) == (op == CMP_EQ)) : VALUE_UNSUPPORTED;
}

void type_make_none(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "NoneType", .doc = "The type of None.", .signature = "",
		.slots = { .make = make_none, .repr = repr, .hash = hash, .truth = truth, .compare = compare },
	};
	vm->types.none = type_new(vm, &spec, NULL);
}

void type_make_not_implemented(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "NotImplementedType", .doc = "The type of NotImplemented.", .signature = "",
		.slots = { .make = make_not_implemented, .repr = repr, .hash = hash, .truth = truth, .compare = compare },
	};
	vm->types.not_implemented = type_new(vm, &spec, NULL);
}

void type_make_ellipsis(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "ellipsis", .doc = "The type of Ellipsis.", .signature = "",
		.slots = { .make = make_ellipsis, .repr = repr, .hash = hash, .truth = truth, .compare = compare },
	};
	vm->types.ellipsis = type_new(vm, &spec, NULL);
}
