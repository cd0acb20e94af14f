/* The types object and type. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#include "lang/attr.h"
#include "lang/cache.h"
#include "lang/dunder.h"
#include "lang/makers.h"
#include "lang/native.h"
#include "lang/types.h"
#include "lang/union.h"

/* ---- object ---- */

void *instance_new(struct type *cls)
{
	return object_new(cls, 0);
}

static value object_make(struct vm *vm, struct type *cls, const struct call *call);

static bool object_init(struct vm *vm, value self, const struct call *call)
{
	const struct type *type = value_type(vm, self);
	if (!call->count && !call->named)
		return true;
	if (type->slots.init != object_init)
		return vm_raise_ok(vm, vm->errors.TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
	if (type->slots.make == object_make)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() takes no arguments", type->name->data);
	return true;
}

static value object_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->count || call->named) {
		if (cls->slots.make != object_make)
			return vm_raise(vm, vm->errors.TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
		if (cls->slots.init == object_init)
			return vm_raise(vm, vm->errors.TypeError, "%s() takes no arguments", cls->name->data);
	}
	return value_object(instance_new(cls));
}

/* "module.Name", without the module for what is built in. */
void type_add_full_name(struct vm *vm, struct type *type, struct buf *out)
{
	value module = dict_get_text(vm, type->attrs, "__module__"), name = dict_get_str(type->attrs, vm->names.qualname_);
	if (is_str(module) && strcmp(as_str(module)->data, "builtins") != 0)
		buf_print(out, "%s.", as_str(module)->data);
	buf_text(out, is_str(name) ? as_str(name)->data : type->name->data);
}

static bool object_repr(struct vm *vm, value self, struct buf *out)
{
	buf_char(out, '<');
	type_add_full_name(vm, value_type(vm, self), out);
	buf_print(out, " object at %p>", self.tag == TAG_OBJECT ? (const void *)self.o : NULL);
	return true;
}

static bool object_str(struct vm *vm, value self, struct buf *out)
{
	return value_repr_to(vm, self, out);
}

static value object_format(struct vm *vm, value self, value spec)
{
	if (!is_str(spec))
		return vm_raise(vm, vm->errors.TypeError, "__format__() argument must be str, not %s", value_type_name(vm, spec));
	if (as_str(spec)->len)
		return vm_raise(vm, vm->errors.TypeError, "unsupported format string passed to %s.__format__", value_type_name(vm, self));
	return value_str(vm, self);
}

static bool object_hash(struct vm *vm, value self, uint64_t *out)
{
	uintptr_t at = (uintptr_t)self.o;
	*out = (at >> 4 | at << 60) & INT64_MAX;
	return true;
}

static value object_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (op == CMP_EQ && b.tag == TAG_OBJECT && a.o == b.o)
		return value_bool(true);
	if (op == CMP_NE && b.tag == TAG_OBJECT && a.o == b.o)
		return value_bool(false);
	return VALUE_UNSUPPORTED;
}

static value object_init_subclass(struct vm *vm, const struct call *call)
{
	if (call->named || call->count > 1)
		return vm_raise(vm, vm->errors.TypeError, "%s.__init_subclass__() takes no %sarguments", ((struct type *)call->args[0].o)->name->data, call->named ? "keyword " : "");
	return VALUE_NONE;
}

static value get_class(struct vm *vm, value self)
{
	return value_object(object_keep(value_type(vm, self)));
}

static bool same_layout(const struct type *a, const struct type *b)
{
	return !(a->flags & TYPE_NATIVE) && !(b->flags & TYPE_NATIVE) && a->kind == b->kind && a->size == b->size && a->dict_offset == b->dict_offset &&
	       a->slots.release == b->slots.release && (a->flags & TYPE_CONTAINER) == (b->flags & TYPE_CONTAINER);
}

static bool set_class(struct vm *vm, value self, value to)
{
	if (!is_kind(to, KIND_TYPE))
		return vm_raise_ok(vm, vm->errors.TypeError, "__class__ must be set to a class, not '%s' object", value_type_name(vm, to));
	struct type *old = value_type(vm, self), *type = (struct type *)to.o;
	if (!same_layout(old, type))
		return vm_raise_ok(vm, vm->errors.TypeError, "__class__ assignment: '%s' object layout differs from '%s'", type->name->data, old->name->data);
	self.o->type = object_keep(type);
	object_drop(old);
	return true;
}

static value get_dict(struct vm *vm, value self)
{
	struct dict *dict = self.tag == TAG_OBJECT ? instance_dict(self.o, true) : NULL;
	return dict ? value_object(object_keep(dict)) : VALUE_UNSET;
}

static bool set_dict(struct vm *vm, value self, value to)
{
	if (self.tag != TAG_OBJECT || !self.o->type->dict_offset || is_kind(self, KIND_MODULE))
		return vm_raise_ok(vm, vm->errors.AttributeError, "'%s' object attribute '__dict__' is read-only", value_type_name(vm, self));
	if (!is_kind(to, KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "__dict__ must be set to a dictionary, not a '%s'", value_type_name(vm, to));
	struct dict **place = (struct dict **)(void *)((char *)self.o + self.o->type->dict_offset), *old = *place;
	*place = (struct dict *)value_keep(to).o;
	object_drop(old);
	return true;
}

void type_make_object(struct vm *vm)
{
	static const struct native methods[] = { { .name = "__init_subclass__", .raw = object_init_subclass, .flags = NATIVE_CLASS, .doc = "Called for every class derived from this one." }, {0} };
	static const struct getset attrs[] = { { "__class__", get_class, set_class, "The object's class." }, { "__dict__", get_dict, set_dict, "The object's own attributes." }, {0} };
	static const struct type_spec spec = {
		.name = "object", .doc = "What every class is derived from.", .size = sizeof(struct object), .flags = TYPE_SUBCLASSABLE,
		.slots = { .make = object_make, .init = object_init, .repr = object_repr, .str = object_str, .format = object_format, .hash = object_hash, .compare = object_compare },
		.methods = methods, .attrs = attrs,
	};
	vm->types.object = type_new(vm, &spec, NULL);
}

/* ---- type ---- */

static struct type *as_type(value v)
{
	return (struct type *)v.o;
}

static value type_of_three(struct vm *vm, const struct call *call)
{
	const value *bases, *args = call->args;
	size_t count;
	if (!is_str(args[0]) || !value_items(args[1], &bases, &count) || !is_kind(args[2], KIND_DICT))
		return vm_raise(vm, vm->errors.TypeError, "type() takes a name (str), bases (tuple) and a namespace (dict)");
	for (size_t i = 0; i < count; i++)
		if (!is_kind(bases[i], KIND_TYPE))
			return vm_raise(vm, vm->errors.TypeError, "bases must be types");
	struct type **types = mem_alloc((count + 1) * sizeof *types);
	for (size_t i = 0; i < count; i++)
		types[i] = as_type(bases[i]);
	struct dict *attrs = dict_new(vm);
	struct call keywords = { args + call->count, 0, call->named, call->names };
	struct type *made = dict_update(vm, attrs, args[2]) ? type_derive_with(vm, as_str(args[0]), count, types, attrs, &keywords) : NULL;
	object_drop(attrs);
	mem_free(types);
	return made ? value_object(made) : VALUE_UNSET;
}

static value type_make(struct vm *vm, struct type *cls, const struct call *call)
{
	if (call->count == 3)
		return type_of_three(vm, call);
	return vm_raise(vm, vm->errors.TypeError, "type() takes 1 or 3 arguments");
}

static bool type_init(struct vm *vm, value self, const struct call *call)
{
	return true;
}

/* What a metaclass would do, a class does here with class methods of these names (__class_call__, __class_iter__ ...): enum is
 * made of them. */
static value class_special(struct vm *vm, value self, struct str *name, size_t count, const value *args)
{
	value method = value_attr_or_unset(vm, self, name);
	value result = is_unset(method) ? method : value_call_args(vm, method, count, args);
	value_drop(method);
	return result;
}

static value call_as_class_says(struct vm *vm, value self, const struct call *call)
{
	value method = value_attr(vm, self, vm->names.class_call_);
	value result = is_unset(method) ? method : value_call(vm, method, call);
	value_drop(method);
	return result;
}

static value make_and_init(struct vm *vm, struct type *cls, const struct call *call)
{
	if (!cls->slots.make)
		return vm_raise(vm, vm->errors.TypeError, "cannot create '%s' instances", cls->name->data);
	value made = cls->slots.make(vm, cls, call);
	if (is_unset(made))
		return made;
	const struct type *type = value_type(vm, made);
	if (type->slots.init != object_init || type->slots.make == object_make)
		if (type_is(type, cls) && !type->slots.init(vm, made, call)) {
			value_drop(made);
			return VALUE_UNSET;
		}
	return made;
}

static value type_call(struct vm *vm, value self, const struct call *call)
{
	struct type *cls = as_type(self);
	if (cls == vm->types.type && call->count == 1 && !call->named)
		return get_class(vm, call->args[0]);
	return cls->flags & TYPE_CLASS_CALL ? call_as_class_says(vm, self, call) : make_and_init(vm, cls, call);
}

static bool text_by_class(struct vm *vm, value self, struct buf *out)
{
	value text = class_special(vm, self, vm->names.class_repr_, 0, NULL);
	bool ok = is_unset(text) ? !vm_pending(vm) : value_str_to(vm, text, out);
	value_drop(text);
	return ok;
}

static bool type_repr(struct vm *vm, value self, struct buf *out)
{
	if (as_type(self)->slots.class_repr)
		return as_type(self)->slots.class_repr(vm, as_type(self), out);
	if (!is_unset(type_find(as_type(self), vm->names.class_repr_)))
		return text_by_class(vm, self, out);
	buf_text(out, "<class '");
	type_add_full_name(vm, as_type(self), out);
	buf_text(out, "'>");
	return true;
}

static value type_attr(struct vm *vm, value self, struct str *name)
{
	struct type *cls = as_type(self);
	value found = type_find(cls, name);
	if (is_unset(found))
		return cls->slots.class_attr ? cls->slots.class_attr(vm, cls, name) : VALUE_UNSET;
	value_keep(found);
	value bound = attr_bind(vm, found, VALUE_UNSET, cls);
	value_drop(found);
	return bound;
}

/* Its __class_setattr__ may raise, or do it all; NotImplemented: as always. */
static int set_as_class_says(struct vm *vm, value self, struct str *name, value to)
{
	value args[] = { value_object(name), to };
	value done = class_special(vm, self, vm->names.class_setattr_, 2, args);
	bool go_on = done.tag == TAG_NOT_IMPLEMENTED;
	value_drop(done);
	return go_on ? 0 : is_unset(done) ? -1 : 1;
}

static int type_set(struct vm *vm, value self, struct str *name, value to)
{
	struct type *cls = as_type(self);
	if (cls->flags & TYPE_NATIVE && !(cls->flags & TYPE_OPEN)) {
		vm_raise(vm, vm->errors.TypeError, "cannot set '%s' attribute of immutable type '%s'", name->data, cls->name->data);
		return -1;
	}
	int done = is_unset(to) || is_unset(type_find(cls, vm->names.class_setattr_)) ? 0 : set_as_class_says(vm, self, name, to);
	return done ? done : type_set_attr(vm, cls, name, to) ? 1 : -1;
}

static value type_item(struct vm *vm, value self, value key)
{
	value item = class_special(vm, self, vm->names.class_getitem_, 1, &key);
	if (!is_unset(item) || vm_pending(vm))
		return item;
	if (as_type(self)->flags & TYPE_NATIVE)
		return value_keep(self);        /* list[int] in an annotation */
	return vm_raise(vm, vm->errors.TypeError, "type '%s' is not subscriptable", as_type(self)->name->data);
}

static value type_iterate(struct vm *vm, value self)
{
	value it = class_special(vm, self, vm->names.class_iter_, 0, NULL);
	return is_unset(it) && !vm_pending(vm) ? vm_raise(vm, vm->errors.TypeError, "'type' object is not iterable") : it;
}

static bool type_length(struct vm *vm, value self, size_t *out)
{
	value length = class_special(vm, self, vm->names.class_len_, 0, NULL);
	if (is_unset(length))
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.TypeError, "object of type 'type' has no len()");
	bool ok = value_to_size(vm, length, out);
	value_drop(length);
	return ok;
}

static bool type_contains(struct vm *vm, value self, value needle, bool *out)
{
	value inside = class_special(vm, self, vm->names.class_contains_, 1, &needle);
	if (is_unset(inside))
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.TypeError, "argument of type 'type' is not iterable");
	bool ok = value_truth(vm, inside, out);
	value_drop(inside);
	return ok;
}

static bool type_truth(struct vm *vm, value self, bool *out)
{
	*out = true;
	return true;
}

static value type_name(struct vm *vm, value self)
{
	return value_object(object_keep(as_type(self)->name));
}

static bool type_set_name(struct vm *vm, value self, value to)
{
	if (!is_str(to))
		return vm_raise_ok(vm, vm->errors.TypeError, "can only assign string to %s.__name__, not '%s'", as_type(self)->name->data, value_type_name(vm, to));
	struct str *old = as_type(self)->name;
	as_type(self)->name = (struct str *)value_keep(to).o;
	object_drop(old);
	return true;
}

static value own_or(struct vm *vm, value self, const char *name, value otherwise)
{
	value own = dict_get_text(vm, as_type(self)->attrs, name);
	return is_unset(own) ? otherwise : value_keep(own);
}

static value type_qualname(struct vm *vm, value self)
{
	value own = own_or(vm, self, "__qualname__", VALUE_UNSET);
	return is_unset(own) ? type_name(vm, self) : own;
}

static value type_module(struct vm *vm, value self)
{
	value own = own_or(vm, self, "__module__", VALUE_UNSET);
	return is_unset(own) ? str_value(vm, "builtins") : own;
}

static bool type_set_module(struct vm *vm, value self, value to)
{
	return type_set_attr(vm, as_type(self), vm->names.module_, to);
}

static bool type_set_qualname(struct vm *vm, value self, value to)
{
	return type_set_attr(vm, as_type(self), vm->names.qualname_, to);
}

static value tuple_of_types(struct vm *vm, size_t count, struct type **types)
{
	struct tuple *t = tuple_new(vm, count);
	for (size_t i = 0; i < count; i++)
		t->items[i] = value_object(object_keep(types[i]));
	return value_object(t);
}

static value type_mro(struct vm *vm, value self)
{
	return tuple_of_types(vm, as_type(self)->mro_count, as_type(self)->mro);
}

static value type_bases(struct vm *vm, value self)
{
	return tuple_of_types(vm, as_type(self)->base_count, as_type(self)->bases);
}

static value type_base(struct vm *vm, value self)
{
	struct type *base = as_type(self)->base;
	return base ? value_object(object_keep(base)) : VALUE_NONE;
}

static value type_dict(struct vm *vm, value self)
{
	struct dict *copy = dict_new(vm);
	if (dict_update(vm, copy, value_object(as_type(self)->attrs)))
		return value_object(copy);
	object_drop(copy);
	return VALUE_UNSET;
}

static value type_annotations(struct vm *vm, value self)
{
	value own = own_or(vm, self, "__annotations__", VALUE_UNSET);
	return is_unset(own) ? value_object(dict_new(vm)) : own;
}

static value type_text_signature(struct vm *vm, value self)
{
	const struct type_spec *spec = as_type(self)->spec;
	return spec && spec->signature ? value_object(str_printf(vm, "(%s)", spec->signature)) : VALUE_NONE;
}

static value type_mro_list(struct vm *vm, value *a)
{
	struct list *list = list_new(vm, as_type(a[0])->mro_count);
	for (size_t i = 0; i < as_type(a[0])->mro_count; i++)
		list_append(list, value_object(object_keep(as_type(a[0])->mro[i])));
	return value_object(list);
}

static value type_subclasses(struct vm *vm, value *a)
{
	struct list *list = list_new(vm, as_type(a[0])->subclass_count);
	for (size_t i = 0; i < as_type(a[0])->subclass_count; i++)
		list_append(list, value_object(object_keep(as_type(a[0])->subclasses[i])));
	return value_object(list);
}

static value type_instance_check(struct vm *vm, value *a)
{
	return value_bool(value_is_a(vm, a[1], as_type(a[0])));
}

void type_make_type(struct vm *vm)
{
	static const struct native methods[] = {
		{ "mro", type_mro_list, "", "The classes that an attribute is looked for in, in order." },
		{ "__subclasses__", type_subclasses, "", "The classes derived directly from this one." },
		{ "__instancecheck__", type_instance_check, "instance, /", "Whether an object is of this class." }, {0},
	};
	static const struct getset attrs[] = {
		{ "__name__", type_name, type_set_name }, { "__qualname__", type_qualname, type_set_qualname }, { "__module__", type_module, type_set_module },
		{ "__mro__", type_mro }, { "__bases__", type_bases }, { "__base__", type_base }, { "__dict__", type_dict },
		{ "__annotations__", type_annotations }, { "__text_signature__", type_text_signature }, {0},
	};
	static const struct type_spec spec = {
		.name = "type", .doc = "The class of classes; type(x) is the class of x.", .kind = KIND_TYPE, .size = sizeof(struct type), .flags = TYPE_CONTAINER,
		.slots = {
			.make = type_make, .init = type_init, .release = type_release, .visit = type_visit, .repr = type_repr, .call = type_call, .attr = type_attr,
			.set_attr = type_set, .item = type_item, .iterate = type_iterate, .length = type_length, .contains = type_contains, .truth = type_truth,
			.binary = union_binary,
		},
		.methods = methods, .attrs = attrs,
	};
	vm->types.type = type_new(vm, &spec, NULL);
}
