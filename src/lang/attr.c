#include "lang/attr.h"

#include <string.h>

#include "base/text.h"

#include "lang/dunder.h"
#include "lang/guard.h"
#include "lang/native.h"
#include "lang/types.h"

struct dict *instance_dict(struct object *o, bool make)
{
	size_t offset = o->type->dict_offset;
	if (!offset)
		return NULL;
	struct dict **place = (struct dict **)(void *)((char *)o + offset);
	if (!*place && make)
		*place = dict_new(o->type->vm);
	return *place;
}

/* ---- binding ---- */

static bool is_getset(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && v.o->type == vm->types.getset;
}

static bool is_data(struct vm *vm, value found)
{
	return found.tag == TAG_OBJECT && (found.o->kind == KIND_PROPERTY || is_getset(vm, found) || found.o->type->flags & TYPE_SETTER);
}

static value bind_property(struct vm *vm, value found, value self, struct type *type)
{
	const struct property *p = (const struct property *)found.o;
	if (is_unset(self))
		return value_keep(found);
	if (is_unset(p->get) || is_none(p->get))
		return vm_raise(vm, vm->errors.AttributeError, "property of '%s' object has no getter", type->name->data);
	return value_call_args(vm, p->get, 1, &self);
}

static value bind_native(struct vm *vm, value found, value self, struct type *type)
{
	const struct native_function *f = (const struct native_function *)found.o;
	if (!f->owner || f->spec->flags & NATIVE_STATIC)
		return value_keep(found);
	if (f->spec->flags & NATIVE_CLASS)
		return method_new(vm, found, value_object(type));
	return is_unset(self) ? value_keep(found) : method_new(vm, found, self);
}

static value bind_getter(struct vm *vm, value found, value self, struct type *type)
{
	value args[] = { is_unset(self) ? VALUE_NONE : self, value_object(type) };
	return dunder_call(vm, found, vm->names.get_, 2, args);
}

value attr_bind(struct vm *vm, value found, value self, struct type *type)
{
	if (found.tag != TAG_OBJECT)
		return found;
	switch (found.o->kind) {
	case KIND_FUNCTION:
		return is_unset(self) ? value_keep(found) : method_new(vm, found, self);
	case KIND_NATIVE:
		return bind_native(vm, found, self, type);
	case KIND_STATICMETHOD:
		return value_keep(((struct wrapped_method *)found.o)->function);
	case KIND_CLASSMETHOD:
		return attr_bind(vm, ((struct wrapped_method *)found.o)->function, value_object(type), type);
	case KIND_PROPERTY:
		return bind_property(vm, found, self, type);
	}
	if (is_getset(vm, found))
		return is_unset(self) ? value_keep(found) : ((struct getset_object *)found.o)->spec->get(vm, self);
	if (found.o->type->flags & TYPE_GETTER)
		return bind_getter(vm, found, self, type);
	return value_keep(found);
}

/* ---- reading ---- */

static value get_from(struct vm *vm, const struct type *slots_of, struct type *type, value found, value v, struct str *name)
{
	if (is_data(vm, found))
		return attr_bind(vm, found, v, type);
	if (slots_of->slots.attr) {
		value own = slots_of->slots.attr(vm, v, name);
		if (!is_unset(own) || vm_pending(vm))
			return own;
	}
	struct dict *dict = v.tag == TAG_OBJECT ? instance_dict(v.o, false) : NULL;
	value own = dict ? dict_get_str(dict, name) : VALUE_UNSET;
	if (!is_unset(own))
		return value_keep(own);
	return is_unset(found) ? found : attr_bind(vm, found, v, type);
}

value attr_get(struct vm *vm, const struct type *slots_of, value v, struct str *name)
{
	struct type *type = value_type(vm, v);
	value found = value_keep(type_find(type, name));
	value got = get_from(vm, slots_of, type, found, v, name);
	value_drop(found);
	return got;
}

bool attr_forgive(struct vm *vm)
{
	if (!vm_pending_is(vm, vm->errors.AttributeError))
		return false;
	vm_clear(vm);
	return true;
}

static value get_custom(struct vm *vm, struct type *type, value v, struct str *name)
{
	value key = value_object(name), got;
	if (!guard_enter(vm, ""))
		return VALUE_UNSET;
	if (type->flags & TYPE_GETATTRIBUTE)
		got = dunder_call(vm, v, vm->names.getattribute_, 1, &key);
	else
		got = attr_get(vm, type, v, name);
	if (is_unset(got) && type->flags & TYPE_GETATTR && (!vm_pending(vm) || attr_forgive(vm)))
		got = dunder_call(vm, v, vm->names.getattr_, 1, &key);
	guard_leave(vm);
	return got;
}

static value get_any(struct vm *vm, value v, struct str *name)
{
	struct type *type = value_type(vm, v);
	return type->flags & (TYPE_GETATTRIBUTE | TYPE_GETATTR) ? get_custom(vm, type, v, name) : attr_get(vm, type, v, name);
}

value value_attr_or_unset(struct vm *vm, value v, struct str *name)
{
	value got = get_any(vm, v, name);
	if (is_unset(got) && vm_pending(vm))
		attr_forgive(vm);
	return got;
}

value value_attr(struct vm *vm, value v, struct str *name)
{
	value got = get_any(vm, v, name);
	return is_unset(got) && !vm_pending(vm) ? attr_missing(vm, v, name) : got;
}

/* ---- what is not there ---- */

struct walk { const struct list *names; size_t at; };

static const char *next_name(void *state)
{
	struct walk *walk = state;
	while (walk->at < walk->names->count) {
		value name = walk->names->items[walk->at++];
		if (is_str(name) && (as_str(name)->len < 3 || memcmp(as_str(name)->data, "__", 2) != 0))
			return as_str(name)->data;
	}
	return NULL;
}

static value raise_missing(struct vm *vm, value v, struct str *name, const char *nearest)
{
	const char *hint = nearest ? "; did you mean '" : "", *end = nearest ? "'?" : "";
	if (!nearest)
		nearest = "";
	if (is_kind(v, KIND_TYPE))
		return vm_raise(vm, vm->errors.AttributeError, "type object '%s' has no attribute '%s'%s%s%s", ((struct type *)v.o)->name->data, name->data, hint, nearest, end);
	if (is_kind(v, KIND_MODULE))
		return vm_raise(vm, vm->errors.AttributeError, "module '%s' has no attribute '%s'%s%s%s", ((struct module *)v.o)->name->data, name->data, hint, nearest, end);
	return vm_raise(vm, vm->errors.AttributeError, "'%s' object has no attribute '%s'%s%s%s", value_type_name(vm, v), name->data, hint, nearest, end);
}

value attr_missing(struct vm *vm, value v, struct str *name)
{
	struct list *names = list_new(vm, 0);
	if (!attr_names(vm, v, value_object(names)))
		vm_clear(vm);
	struct walk walk = { names, 0 };
	raise_missing(vm, v, name, text_nearest(name->data, next_name, &walk));
	object_drop(names);
	return VALUE_UNSET;
}

static void add_keys(struct dict *dict, struct list *list)
{
	value key, item;
	for (uint32_t i = 0; dict && dict_next(dict, &i, &key, &item);)
		if (is_str(key))
			list_append(list, value_keep(key));
}

static void add_class_keys(const struct type *type, struct list *list)
{
	for (size_t i = 0; i < type->mro_count; i++)
		add_keys(type->mro[i]->attrs, list);
}

bool attr_names(struct vm *vm, value v, value list)
{
	struct list *names = as_list(list);
	struct type *type = value_type(vm, v);
	if (v.tag == TAG_OBJECT)
		add_keys(instance_dict(v.o, false), names);
	if (is_kind(v, KIND_TYPE))
		add_class_keys((struct type *)v.o, names);
	if (!is_kind(v, KIND_MODULE) && !is_kind(v, KIND_TYPE))
		add_class_keys(type, names);
	return !type->slots.names || type->slots.names(vm, v, list);
}

/* ---- setting ---- */

static bool set_property(struct vm *vm, const struct property *p, value v, struct str *name, value to)
{
	value with = is_unset(to) ? p->del : p->set, args[] = { v, to };
	if (is_unset(with) || is_none(with))
		return vm_raise_ok(vm, vm->errors.AttributeError, "property '%s' of '%s' object has no %s", name->data, value_type_name(vm, v), is_unset(to) ? "deleter" : "setter");
	value done = value_call_args(vm, with, is_unset(to) ? 1 : 2, args);
	value_drop(done);
	return !is_unset(done);
}

static bool set_getset(struct vm *vm, const struct getset_object *g, value v, struct str *name, value to)
{
	if (g->spec->set)
		return g->spec->set(vm, v, to);
	return vm_raise_ok(vm, vm->errors.AttributeError, "attribute '%s' of '%s' objects is not writable", name->data, g->owner->name->data);
}

static bool set_descriptor(struct vm *vm, value found, value v, struct str *name, value to)
{
	if (found.o->kind == KIND_PROPERTY)
		return set_property(vm, (struct property *)found.o, v, name, to);
	if (is_getset(vm, found))
		return set_getset(vm, (struct getset_object *)found.o, v, name, to);
	value args[] = { v, to };
	struct str *method = is_unset(to) ? vm->names.delete_ : vm->names.set_;
	value done = dunder_call(vm, found, method, is_unset(to) ? 1 : 2, args);
	if (is_unset(done) && !vm_pending(vm))
		vm_raise(vm, vm->errors.AttributeError, "%s", method->data);
	value_drop(done);
	return !is_unset(done);
}

static bool set_in_dict(struct vm *vm, value v, struct str *name, value to, bool in_class)
{
	struct dict *dict = v.tag == TAG_OBJECT ? instance_dict(v.o, !is_unset(to)) : NULL;
	if (dict && !is_unset(to)) {
		dict_set_str(vm, dict, name, value_keep(to));
		return true;
	}
	if (dict && dict_remove_str(dict, name))
		return true;
	if (in_class && !(v.tag == TAG_OBJECT && v.o->type->dict_offset))
		return vm_raise_ok(vm, vm->errors.AttributeError, "'%s' object attribute '%s' is read-only", value_type_name(vm, v), name->data);
	attr_missing(vm, v, name);
	return false;
}

bool attr_set(struct vm *vm, const struct type *slots_of, value v, struct str *name, value to)
{
	value found = type_find(value_type(vm, v), name);
	if (is_data(vm, found)) {
		value_keep(found);
		bool ok = set_descriptor(vm, found, v, name, to);
		value_drop(found);
		return ok;
	}
	bool in_class = !is_unset(found);
	int done = slots_of->slots.set_attr ? slots_of->slots.set_attr(vm, v, name, to) : 0;
	return done ? done > 0 : set_in_dict(vm, v, name, to, in_class);
}

static bool set_custom(struct vm *vm, value v, struct str *name, value to)
{
	value args[] = { value_object(name), to };
	if (!guard_enter(vm, ""))
		return false;
	value done = is_unset(to) ? dunder_call(vm, v, vm->names.delattr_, 1, args) : dunder_call(vm, v, vm->names.setattr_, 2, args);
	guard_leave(vm);
	value_drop(done);
	return !is_unset(done);
}

bool value_set_attr(struct vm *vm, value v, struct str *name, value to)
{
	struct type *type = value_type(vm, v);
	return type->flags & TYPE_SETATTR ? set_custom(vm, v, name, to) : attr_set(vm, type, v, name, to);
}
