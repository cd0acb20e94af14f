/* Methods bound to their self, and super. */
#include <string.h>

#include "base/buf.h"

#include "lang/attr.h"
#include "lang/machine.h"
#include "lang/makers.h"
#include "lang/native.h"
#include "lang/types.h"

value method_new(struct vm *vm, value function, value self)
{
	struct method *m = object_new(vm->types.method, 0);
	m->function = value_keep(function);
	m->self = value_keep(self);
	return value_object(m);
}

static struct method *as_method(value v)
{
	return (struct method *)v.o;
}

static value method_call(struct vm *vm, value self, const struct call *call)
{
	return call_with_self(vm, as_method(self)->function, as_method(self)->self, call);
}

static void method_release(struct object *o)
{
	struct method *m = (struct method *)o;
	value_drop(m->function);
	value_drop(m->self);
}

static void method_visit(struct object *o, visit_fn visit, void *state)
{
	struct method *m = (struct method *)o;
	visit_value(m->function, visit, state);
	visit_value(m->self, visit, state);
}

static bool native_method_repr(struct vm *vm, const struct method *m, struct buf *out)
{
	const void *at = m->self.tag == TAG_OBJECT ? (const void *)m->self.o : (const void *)m;
	const char *name = ((struct native_function *)m->function.o)->spec->name;
	buf_print(out, "<built-in method %s of %s object at %p>", name, value_type_name(vm, m->self), at);
	return true;
}

static bool method_repr(struct vm *vm, value self, struct buf *out)
{
	const struct method *m = as_method(self);
	if (is_kind(m->function, KIND_NATIVE))
		return native_method_repr(vm, m, out);
	value name = value_attr_or_unset(vm, m->function, vm->names.qualname_);
	buf_print(out, "<bound method %s of ", is_str(name) ? as_str(name)->data : "?");
	value_drop(name);
	bool ok = !vm_pending(vm) && value_repr_to(vm, m->self, out);
	buf_char(out, '>');
	return ok;
}

static bool same(value a, value b)
{
	return a.tag == b.tag && (a.tag == TAG_OBJECT ? a.o == b.o : a.i == b.i);
}

static value method_compare(struct vm *vm, enum compare op, value a, value b)
{
	if ((op != CMP_EQ && op != CMP_NE) || !is_kind(b, KIND_METHOD))
		return VALUE_UNSUPPORTED;
	bool equal = same(as_method(a)->function, as_method(b)->function) && same(as_method(a)->self, as_method(b)->self);
	return value_bool(equal == (op == CMP_EQ));
}

static bool method_hash(struct vm *vm, value self, uint64_t *out)
{
	const struct method *m = as_method(self);
	uint64_t function = (uintptr_t)m->function.o >> 4;
	*out = function * 1000003 ^ (m->self.tag == TAG_OBJECT ? (uintptr_t)m->self.o >> 4 : (uint64_t)m->self.i);
	return true;
}

/* What a method lacks its function may have: __name__, __doc__, attributes set on it. */
static value method_attr(struct vm *vm, value self, struct str *name)
{
	if (name == vm->names.class_)
		return VALUE_UNSET;
	value function = as_method(self)->function;
	return is_kind(function, KIND_FUNCTION) ? value_attr(vm, function, name) : value_attr_or_unset(vm, function, name);
}

static value method_self(struct vm *vm, value self)
{
	return value_keep(as_method(self)->self);
}

static value method_function(struct vm *vm, value self)
{
	return value_keep(as_method(self)->function);
}

static value method_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->count != 2 || call->named)
		return vm_raise(vm, vm->errors.TypeError, "method expected 2 arguments, got %u", call->count + call->named);
	if (!value_is_callable(vm, call->args[0]))
		return vm_raise(vm, vm->errors.TypeError, "first argument must be callable");
	return method_new(vm, call->args[0], call->args[1]);
}

void type_make_method(struct vm *vm)
{
	static const struct getset attrs[] = { { "__self__", method_self }, { "__func__", method_function }, {0} };
	static const struct type_spec spec = {
		.name = "method", .doc = "A function and the object it is called on.", .kind = KIND_METHOD, .size = sizeof(struct method), .flags = TYPE_CONTAINER,
		.slots = {
			.make = method_make, .release = method_release, .visit = method_visit, .repr = method_repr, .compare = method_compare, .hash = method_hash,
			.call = method_call, .attr = method_attr,
		},
		.attrs = attrs,
	};
	vm->types.method = type_new(vm, &spec, NULL);
}

/* ---- super ---- */

static struct super *as_super(value v)
{
	return (struct super *)v.o;
}

value super_new(struct vm *vm, struct type *cls, value self)
{
	struct type *start = value_type(vm, self);
	bool of_class = is_kind(self, KIND_TYPE) && type_is((struct type *)self.o, cls);
	if (of_class)
		start = (struct type *)self.o;
	else if (!type_is(start, cls))
		return vm_raise(vm, vm->errors.TypeError, "super(type, obj): obj must be an instance or subtype of type");
	struct super *s = object_new(vm->types.super, 0);
	s->cls = object_keep(cls);
	s->start = object_keep(start);
	s->self = of_class ? VALUE_UNSET : value_keep(self);
	return value_object(s);
}

static value super_make(struct vm *vm, struct type *made, const struct call *call)
{
	struct type *cls;
	value self;
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "super() takes no keyword arguments");
	if (call->count == 0)
		return frame_super(vm, &cls, &self) ? super_new(vm, cls, self) : VALUE_UNSET;
	if (call->count != 2)
		return vm_raise(vm, vm->errors.TypeError, "super() takes no or two arguments here (%u given)", call->count);
	if (!is_kind(call->args[0], KIND_TYPE))
		return vm_raise(vm, vm->errors.TypeError, "super() argument 1 must be a type, not %s", value_type_name(vm, call->args[0]));
	return super_new(vm, (struct type *)call->args[0].o, call->args[1]);
}

static bool super_init(struct vm *vm, value self, const struct call *call)
{
	return true;
}

static value super_attr(struct vm *vm, value self, struct str *name)
{
	const struct super *s = as_super(self);
	size_t i = 0;
	if (name == vm->names.class_)
		return VALUE_UNSET;
	while (i < s->start->mro_count && s->start->mro[i] != s->cls)
		i++;
	for (i++; i < s->start->mro_count; i++) {
		value found = dict_get_str(s->start->mro[i]->attrs, name);
		if (!is_unset(found))
			return attr_bind(vm, found, s->self, s->start);
	}
	return VALUE_UNSET;
}

static void super_release(struct object *o)
{
	struct super *s = (struct super *)o;
	object_drop(s->cls);
	object_drop(s->start);
	value_drop(s->self);
}

static void super_visit(struct object *o, visit_fn visit, void *state)
{
	struct super *s = (struct super *)o;
	visit((struct object *)s->cls, state);
	visit((struct object *)s->start, state);
	visit_value(s->self, visit, state);
}

static bool super_repr(struct vm *vm, value self, struct buf *out)
{
	const struct super *s = as_super(self);
	buf_print(out, "<super: <class '%s'>, <%s object>>", s->cls->name->data, s->start->name->data);
	return true;
}

void type_make_super(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "super", .doc = "The attributes that an object's classes have behind a given one.", .kind = KIND_SUPER, .size = sizeof(struct super),
		.flags = TYPE_CONTAINER, .signature = "type=..., object=..., /",
		.slots = { .make = super_make, .init = super_init, .release = super_release, .visit = super_visit, .repr = super_repr, .attr = super_attr },
	};
	vm->types.super = type_new(vm, &spec, NULL);
}
