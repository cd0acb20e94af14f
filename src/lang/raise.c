/* What instructions do about exceptions and with statements. */
#include "lang/ops.h"

/* ---- exceptions ---------------------------------------------------------------------------------------------------- */

static value as_instance(struct vm *vm, TAKES value v, const char *wrong)
{
	if (is_kind(v, KIND_TYPE) && type_is((struct type *)v.o, vm->errors.BaseException)) {
		value made = value_call_args(vm, v, 0, NULL);
		value_drop(v);
		v = made;
	}
	if (is_unset(v) || is_kind(v, KIND_EXCEPTION))
		return v;
	value_drop(v);
	return vm_raise(vm, vm->errors.TypeError, "%s", wrong);
}

static bool raise_again(struct vm *vm)
{
	struct handled *h = machine_current(vm->machine);
	if (!h)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "No active exception to reraise");
	vm_raise_value(vm, value_keep(h->exception));
	vm->machine->again = true;
	return false;
}

bool op_raise(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	if (!i.n)
		return raise_again(vm);
	value e = op_take(vm, f, i.a), cause = VALUE_UNSET;
	if (is_unset(e) || is_unset(e = as_instance(vm, e, "exceptions must derive from BaseException")))
		return false;
	if (i.n == 2) {
		cause = op_take(vm, f, i.b);
		if (!is_unset(cause) && !is_none(cause))
			cause = as_instance(vm, cause, "exception causes must derive from BaseException");
		if (is_unset(cause)) {
			value_drop(e);
			return false;
		}
		as_exception(e)->suppress_context = true;
		value_set(&as_exception(e)->cause, is_none(cause) ? VALUE_UNSET : cause);
	}
	vm_raise_value(vm, e);
	trace_raise(vm);
	return false;
}

static int match_one(struct vm *vm, value e, value class)
{
	if (is_kind(class, KIND_TYPE) && type_is((struct type *)class.o, vm->errors.BaseException))
		return type_is(e.o->type, (struct type *)class.o);
	vm_raise(vm, vm->errors.TypeError, "catching classes that do not inherit from BaseException is not allowed");
	return -1;
}

static int match(struct vm *vm, value e, value class)
{
	if (!is_kind(class, KIND_TUPLE))
		return match_one(vm, e, class);
	int found = 0;
	for (size_t n = 0; n < as_tuple(class)->count && !found; n++)
		found = match(vm, e, as_tuple(class)->items[n]);
	return found;
}

int op_match(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value class = op_see(vm, f, i.b);
	int found = is_unset(class) ? -1 : match(vm, f->regs[i.a], class);
	op_done(f, i.b);
	return found;
}

bool op_assert(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value message = i.n ? op_take(vm, f, i.a) : VALUE_UNSET;
	if (i.n && is_unset(message))
		return false;
	value e = value_call_args(vm, value_object(vm->errors.AssertionError), i.n, &message);
	value_drop(message);
	if (!is_unset(e))
		vm_raise_value(vm, e);
	return false;
}

bool op_enter(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value manager = f->regs[i.b];
	struct type *type = value_type(vm, manager);
	if (!type->slots.enter)
		return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object does not support the context manager protocol", type->name->data);
	if (!type->slots.leave)
		return vm_raise_ok(vm, vm->errors.TypeError,
			"'%s' object does not support the context manager protocol (missed __exit__ method)", type->name->data);
	return op_put(f, i.a, type->slots.enter(vm, manager));
}

bool op_leave(struct vm *vm, struct frame *f)
{
	value manager = op_take(vm, f, op_of(f).a);
	value done = value_type(vm, manager)->slots.leave(vm, manager, VALUE_NONE);
	bool ok = !is_unset(done);
	value_drop(manager);
	value_drop(done);
	return ok;
}

int op_leave_raised(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value manager = op_take(vm, f, i.a);
	value done = value_type(vm, manager)->slots.leave(vm, manager, f->regs[i.b]);
	value_drop(manager);
	return is_unset(done) ? -1 : op_truth_of(vm, done);
}

