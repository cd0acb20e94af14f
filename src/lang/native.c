#include "lang/native.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#include "lang/attr.h"
#include "lang/cache.h"
#include "lang/dunder.h"
#include "lang/makers.h"
#include "lang/types.h"

/* ---- calling with self in front ---- */

enum { FEW = 12 };

value call_with_self(struct vm *vm, value f, value self, const struct call *call)
{
	value few[FEW];
	uint32_t total = call->count + call->named;
	value *args = total < FEW ? few : mem_alloc((total + 1) * sizeof *args);
	args[0] = self;
	if (total)
		memcpy(args + 1, call->args, total * sizeof *args);
	struct call with = { args, call->count + 1, call->named, call->names };
	value result = value_call(vm, f, &with);
	if (args != few)
		mem_free(args);
	return result;
}

/* ---- natives ---- */

value native_new(struct vm *vm, const struct native *spec, struct type *owner)
{
	struct native_function *f = object_new(vm->types.native, 0);
	f->spec = spec;
	f->owner = owner;
	f->outside = spec->flags & NATIVE_OUTSIDE || (owner && owner->flags & TYPE_OUTSIDE);
	f->plain_least = 1;
	return value_object(f);
}

static const char *name_in_errors(const struct native_function *f, struct buf *out)
{
	if (f->owner)
		buf_print(out, "%s.", f->owner->spec->name);
	buf_text(out, f->spec->name);
	return buf_str(out);
}

static void find_plain(struct native_function *f)
{
	const struct native *spec = f->spec;
	size_t least, most, count = signature_count(f->signature), self = f->owner && !(spec->flags & NATIVE_STATIC);
	if (!spec->fn || spec->raw || spec->slot || f->outside || spec->flags & NATIVE_CLASS || self + count > NATIVE_PLAIN_MOST)
		return;
	if (!signature_is_plain(f->signature, &least, &most))
		return;
	f->plain_self = self;
	f->plain_least = (uint8_t)(self + least);
	f->plain_most = (uint8_t)(self + most);
	f->plain_all = (uint8_t)(self + count);
}

static struct signature *signature_of(struct vm *vm, struct native_function *f)
{
	if (!f->signature) {
		struct buf name = {0};
		f->signature = signature_parse(vm, name_in_errors(f, &name), f->spec->signature);
		buf_free(&name);
		find_plain(f);
	}
	return f->signature;
}

static value bind_and_call(struct vm *vm, struct native_function *f, value self, const struct call *call)
{
	value few[FEW];
	struct signature *s = signature_of(vm, f);
	size_t count = signature_count(s), first = is_unset(self) ? 0 : 1;
	value *a = count < FEW ? few : mem_alloc((count + 1) * sizeof *a), result = VALUE_UNSET;
	a[0] = self;
	if (call_bind(vm, s, call, a + first)) {
		result = f->spec->fn(vm, a);
		call_unbind(s, a + first);
	}
	if (a != few)
		mem_free(a);
	return result;
}

static bool self_fits(struct vm *vm, const struct native_function *f, const struct call *call)
{
	const char *owner = f->owner->name->data;
	if (!call->count)
		return vm_raise_ok(vm, vm->errors.TypeError, "unbound method %s.%s() needs an argument", owner, f->spec->name);
	if (f->spec->flags & NATIVE_CLASS)
		return is_kind(call->args[0], KIND_TYPE) || vm_raise_ok(vm, vm->errors.TypeError, "%s.%s() needs a class", owner, f->spec->name);
	if (value_is_a(vm, call->args[0], f->owner))
		return true;
	return vm_raise_ok(vm, vm->errors.TypeError, "descriptor '%s' for '%s' objects doesn't apply to a '%s' object", f->spec->name, owner, value_type_name(vm, call->args[0]));
}

value native_call(struct vm *vm, struct native_function *f, const struct call *call)
{
	const struct native *spec = f->spec;
	bool method = f->owner && !(spec->flags & NATIVE_STATIC);
	if ((method && !self_fits(vm, f, call)) || (f->outside && !vm_settle(vm)))
		return VALUE_UNSET;
	if (spec->raw)
		return spec->raw(vm, call);
	if (spec->slot)
		return spec->slot(vm, f, call);
	if (!method)
		return bind_and_call(vm, f, VALUE_UNSET, call);
	struct call rest = { call->args + 1, call->count - 1, call->named, call->names };
	return bind_and_call(vm, f, call->args[0], &rest);
}

static value native_slot_call(struct vm *vm, value self, const struct call *call)
{
	return native_call(vm, (struct native_function *)self.o, call);
}

static void native_release(struct object *o)
{
	struct native_function *f = (struct native_function *)o;
	signature_free(f->signature);
	value_drop(f->self);
}

static void native_visit(struct object *o, visit_fn visit, void *state)
{
	visit_value(((struct native_function *)o)->self, visit, state);
}

static bool native_repr(struct vm *vm, value self, struct buf *out)
{
	const struct native_function *f = (struct native_function *)self.o;
	if (!f->owner)
		buf_print(out, "<built-in function %s>", f->spec->name);
	else
		buf_print(out, "<%s '%s' of '%s' objects>", f->spec->slot ? "slot wrapper" : "method", f->spec->name, f->owner->name->data);
	return true;
}

static value native_name(struct vm *vm, value self)
{
	return str_value(vm, ((struct native_function *)self.o)->spec->name);
}

static value native_qualname(struct vm *vm, value self)
{
	const struct native_function *f = (struct native_function *)self.o;
	return value_object(f->owner ? str_printf(vm, "%s.%s", f->owner->name->data, f->spec->name) : str_text(vm, f->spec->name));
}

static value native_doc(struct vm *vm, value self)
{
	const char *doc = ((struct native_function *)self.o)->spec->doc;
	return doc ? str_value(vm, doc) : VALUE_NONE;
}

static value native_text_signature(struct vm *vm, value self)
{
	const char *signature = ((struct native_function *)self.o)->spec->signature;
	return signature ? value_object(str_printf(vm, "(%s)", signature)) : VALUE_NONE;
}

static value native_module(struct vm *vm, value self)
{
	return str_value(vm, "builtins");
}

void type_make_native(struct vm *vm)
{
	static const struct getset attrs[] = {
		{ "__name__", native_name }, { "__qualname__", native_qualname }, { "__doc__", native_doc }, { "__text_signature__", native_text_signature },
		{ "__module__", native_module }, {0},
	};
	static const struct type_spec spec = {
		.name = "builtin_function_or_method", .kind = KIND_NATIVE, .size = sizeof(struct native_function), .flags = TYPE_CONTAINER,
		.slots = { .release = native_release, .visit = native_visit, .repr = native_repr, .call = native_slot_call },
		.attrs = attrs,
	};
	vm->types.native = type_new(vm, &spec, NULL);
}

/* ---- computed attributes ---- */

value getset_new(struct vm *vm, const struct getset *spec, struct type *owner)
{
	struct getset_object *g = object_new(vm->types.getset, 0);
	g->spec = spec;
	g->owner = owner;
	return value_object(g);
}

static bool getset_repr(struct vm *vm, value self, struct buf *out)
{
	const struct getset_object *g = (struct getset_object *)self.o;
	buf_print(out, "<attribute '%s' of '%s' objects>", g->spec->name, g->owner->name->data);
	return true;
}

static value getset_name(struct vm *vm, value self)
{
	return str_value(vm, ((struct getset_object *)self.o)->spec->name);
}

static value getset_doc(struct vm *vm, value self)
{
	const char *doc = ((struct getset_object *)self.o)->spec->doc;
	return doc ? str_value(vm, doc) : VALUE_NONE;
}

void type_make_getset(struct vm *vm)
{
	static const struct getset attrs[] = { { "__name__", getset_name }, { "__doc__", getset_doc }, {0} };
	static const struct type_spec spec = {
		.name = "getset_descriptor", .size = sizeof(struct getset_object), .flags = TYPE_CONTAINER,
		.slots = { .repr = getset_repr }, .attrs = attrs,
	};
	vm->types.getset = type_new(vm, &spec, NULL);
}

/* ---- staticmethod, classmethod ---- */

static value wrapped(struct type *type, value function)
{
	struct wrapped_method *m = object_new(type, 0);
	m->function = value_keep(function);
	return value_object(m);
}

value staticmethod_new(struct vm *vm, value function)
{
	return wrapped(vm->types.staticmethod, function);
}

value classmethod_new(struct vm *vm, value function)
{
	return wrapped(vm->types.classmethod, function);
}

static value wrapped_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->count != 1 || call->named)
		return vm_raise(vm, vm->errors.TypeError, "%s expected 1 argument, got %u", cls->name->data, call->count + call->named);
	return wrapped(cls, call->args[0]);
}

static bool wrapped_init(struct vm *vm, value self, const struct call *call)
{
	return true;
}

static void wrapped_release(struct object *o)
{
	value_drop(((struct wrapped_method *)o)->function);
}

static void wrapped_visit(struct object *o, visit_fn visit, void *state)
{
	visit_value(((struct wrapped_method *)o)->function, visit, state);
}

static bool wrapped_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<%s(", self.o->type->name->data);
	bool ok = value_repr_to(vm, ((struct wrapped_method *)self.o)->function, out);
	buf_text(out, ")>");
	return ok;
}

static value wrapped_call(struct vm *vm, value self, const struct call *call)
{
	return value_call(vm, ((struct wrapped_method *)self.o)->function, call);
}

static value wrapped_function(struct vm *vm, value self)
{
	return value_keep(((struct wrapped_method *)self.o)->function);
}

/* __name__ and __doc__ are the function's. */
static value wrapped_attr(struct vm *vm, value self, struct str *name)
{
	if (name != vm->names.name_ && name != vm->names.doc_ && name != vm->names.qualname_)
		return VALUE_UNSET;
	return value_attr_or_unset(vm, ((struct wrapped_method *)self.o)->function, name);
}

static const struct getset wrapped_attrs[] = { { "__func__", wrapped_function }, { "__wrapped__", wrapped_function }, {0} };

void type_make_staticmethod(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "staticmethod", .doc = "A function in a class that gets no self.", .kind = KIND_STATICMETHOD, .size = sizeof(struct wrapped_method),
		.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT, .signature = "function, /",
		.slots = { .make = wrapped_make, .init = wrapped_init, .release = wrapped_release, .visit = wrapped_visit, .repr = wrapped_repr, .call = wrapped_call, .attr = wrapped_attr },
		.attrs = wrapped_attrs,
	};
	vm->types.staticmethod = type_new(vm, &spec, NULL);
}

void type_make_classmethod(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "classmethod", .doc = "A function in a class that gets the class as its first argument.", .kind = KIND_CLASSMETHOD,
		.size = sizeof(struct wrapped_method), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT, .signature = "function, /",
		.slots = { .make = wrapped_make, .init = wrapped_init, .release = wrapped_release, .visit = wrapped_visit, .repr = wrapped_repr, .attr = wrapped_attr },
		.attrs = wrapped_attrs,
	};
	vm->types.classmethod = type_new(vm, &spec, NULL);
}
