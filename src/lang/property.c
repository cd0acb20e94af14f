/* property: an attribute whose reading, setting and deleting are calls. */
#include "base/buf.h"

#include "lang/cache.h"
#include "lang/makers.h"
#include "lang/types.h"

static struct property *as_property(value v)
{
	return (struct property *)v.o;
}

static value function_doc_of(struct vm *vm, value get)
{
	value doc = is_unset(get) || is_none(get) ? VALUE_NONE : value_attr_or_unset(vm, get, vm->names.doc_);
	return is_unset(doc) ? VALUE_NONE : doc;
}

static value property_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct property *p = object_new(cls, 0);
	p->get = p->set = p->del = p->doc = VALUE_NONE;
	return value_object(p);
}

static bool property_init(struct vm *vm, value self, const struct call *call)
{
	value a[4];
	if (!call_bind(vm, vm->types.property->signature, call, a))
		return false;
	struct property *p = as_property(self);
	value_set(&p->get, a[0]);
	value_set(&p->set, a[1]);
	value_set(&p->del, a[2]);
	value_set(&p->doc, is_none(a[3]) ? function_doc_of(vm, a[0]) : a[3]);
	return !vm_pending(vm);
}

static value with(struct vm *vm, value self, value get, value set, value del)
{
	const struct property *p = as_property(self);
	value args[] = { get, set, del, p->doc };
	return value_call_args(vm, value_object(self.o->type), 4, args);
}

static value property_getter(struct vm *vm, value *a)
{
	const struct property *p = as_property(a[0]);
	return with(vm, a[0], a[1], p->set, p->del);
}

static value property_setter(struct vm *vm, value *a)
{
	const struct property *p = as_property(a[0]);
	return with(vm, a[0], p->get, a[1], p->del);
}

static value property_deleter(struct vm *vm, value *a)
{
	const struct property *p = as_property(a[0]);
	return with(vm, a[0], p->get, p->set, a[1]);
}

static void property_release(struct object *o)
{
	struct property *p = (struct property *)o;
	value_drop(p->get);
	value_drop(p->set);
	value_drop(p->del);
	value_drop(p->doc);
}

static void property_visit(struct object *o, visit_fn visit, void *state)
{
	struct property *p = (struct property *)o;
	visit_value(p->get, visit, state);
	visit_value(p->set, visit, state);
	visit_value(p->del, visit, state);
	visit_value(p->doc, visit, state);
}

static value get_function(struct vm *vm, value self) { return value_keep(as_property(self)->get); }
static value set_function(struct vm *vm, value self) { return value_keep(as_property(self)->set); }
static value del_function(struct vm *vm, value self) { return value_keep(as_property(self)->del); }
static value get_doc(struct vm *vm, value self) { return value_keep(as_property(self)->doc); }

static bool set_doc(struct vm *vm, value self, value to)
{
	value_set(&as_property(self)->doc, is_unset(to) ? VALUE_NONE : value_keep(to));
	return true;
}

void type_make_property(struct vm *vm)
{
	static const struct native methods[] = {
		{ "getter", property_getter, "fget, /", "A copy with another getter." }, { "setter", property_setter, "fset, /", "A copy with another setter." },
		{ "deleter", property_deleter, "fdel, /", "A copy with another deleter." }, {0},
	};
	static const struct getset attrs[] = { { "fget", get_function }, { "fset", set_function }, { "fdel", del_function }, { "__doc__", get_doc, set_doc }, {0} };
	static const struct type_spec spec = {
		.name = "property", .doc = "An attribute that is computed by functions.", .kind = KIND_PROPERTY, .size = sizeof(struct property),
		.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "fget=None, fset=None, fdel=None, doc=None",
		.slots = { .make = property_make, .init = property_init, .release = property_release, .visit = property_visit },
		.methods = methods, .attrs = attrs,
	};
	vm->types.property = type_new(vm, &spec, NULL);
}
