/* bool: True and False are ints that print as words. */
#include "base/buf.h"
#include "lang/makers.h"

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	bool truth = false;
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "bool() takes no keyword arguments");
	if (call->count > 1)
		return vm_raise(vm, vm->errors.TypeError, "bool expected at most 1 argument, got %u", call->count);
	if (call->count && !value_truth(vm, call->args[0], &truth))
		return VALUE_UNSET;
	return value_bool(truth);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	buf_text(out, self.b ? "True" : "False");
	return true;
}

static bool truth_of(struct vm *vm, value self, bool *out)
{
	*out = self.b;
	return true;
}

/* Two bools under & | ^ give a bool; all else is int's. */
static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (a.tag == TAG_BOOL && b.tag == TAG_BOOL && (op == OP_AND_ || op == OP_OR_ || op == OP_XOR_))
		return value_bool(op == OP_AND_ ? a.b && b.b : op == OP_OR_ ? a.b || b.b : a.b != b.b);
	return vm->types.int_->slots.binary(vm, op, a, b, reflected, reusable);
}

void type_make_bool_(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "bool", .doc = "True or False.", .signature = "x=False, /",
		.slots = { .make = make, .repr = repr, .truth = truth_of, .binary = binary },
	};
	vm->types.bool_ = type_new(vm, &spec, vm->types.int_);
}
