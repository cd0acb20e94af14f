/* The built-in names: the types, the exceptions, and functions of every value (attributes, classes, identity). */
#include "lang/builtins.h"

#include <string.h>

#include "base/mem.h"
#include "lang/attr.h"
#include "lang/modules.h"
#include "lang/types.h"
#include "lang/union.h"

value special_call(struct vm *vm, value v, struct str *name, size_t count, const value *args, bool *found)
{
	value method = type_find(value_type(vm, v), name);
	value all[4];

	*found = !is_unset(method);
	if (!*found || count > 3)
		return VALUE_UNSET;
	all[0] = v;
	if (count)
		memcpy(all + 1, args, count * sizeof *args);
	return value_call_args(vm, method, count + 1, all);
}

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

/* The name as an interned one (borrowed), or NULL and TypeError. */
static struct str *attribute_name(struct vm *vm, value name)
{
	if (is_str(name))
		return str_intern_str(vm, object_keep(as_str(name)));
	vm_raise(vm, vm->errors.TypeError, "attribute name must be string, not '%s'", value_type_name(vm, name));
	return NULL;
}

static value do_getattr(struct vm *vm, value *a)
{
	struct str *name = attribute_name(vm, a[1]);

	if (!name)
		return VALUE_UNSET;
	value v = value_attr(vm, a[0], name);
	if (!is_unset(v) || is_unset(a[2]) || !vm_pending_is(vm, vm->errors.AttributeError))
		return v;
	vm_clear(vm);
	return value_keep(a[2]);
}

static value do_hasattr(struct vm *vm, value *a)
{
	struct str *name = attribute_name(vm, a[1]);

	if (!name)
		return VALUE_UNSET;
	value v = value_attr_or_unset(vm, a[0], name);
	bool has = !is_unset(v);
	value_drop(v);
	if (!has && vm_pending(vm)) {
		if (!vm_pending_is(vm, vm->errors.AttributeError))
			return VALUE_UNSET;
		vm_clear(vm);
	}
	return value_bool(has);
}

static value do_setattr(struct vm *vm, value *a)
{
	struct str *name = attribute_name(vm, a[1]);
	return name && value_set_attr(vm, a[0], name, a[2]) ? VALUE_NONE : VALUE_UNSET;
}

static value do_delattr(struct vm *vm, value *a)
{
	struct str *name = attribute_name(vm, a[1]);
	return name && value_set_attr(vm, a[0], name, VALUE_UNSET) ? VALUE_NONE : VALUE_UNSET;
}

/* ---- classes ------------------------------------------------------------------------------------------------------- */

typedef bool (*class_test)(struct vm *vm, value v, struct type *cls);

static bool test_instance(struct vm *vm, value v, struct type *cls) { return value_is_a(vm, v, cls); }
static bool test_subclass(struct vm *vm, value v, struct type *cls) { return type_is((struct type *)v.o, cls); }

/* Classes are a class, or a tuple of such; -1: raised. */
static int test_classes(struct vm *vm, value v, value classes, class_test test, const char *what)
{
	int found = 0;

	if (is_kind(classes, KIND_TYPE))
		return test(vm, v, (struct type *)classes.o);
	if (!is_unset(union_classes(vm, classes)))
		classes = union_classes(vm, classes);
	if (!is_kind(classes, KIND_TUPLE))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s", what) - 1;
	for (size_t i = 0; i < as_tuple(classes)->count && !found; i++)
		found = test_classes(vm, v, as_tuple(classes)->items[i], test, what);
	return found;
}

static value do_isinstance(struct vm *vm, value *a)
{
	int is = test_classes(vm, a[0], a[1], test_instance, "isinstance() arg 2 must be a type, a tuple of types, or a union");
	return is < 0 ? VALUE_UNSET : value_bool(is);
}

static value do_issubclass(struct vm *vm, value *a)
{
	if (!is_kind(a[0], KIND_TYPE))
		return vm_raise(vm, vm->errors.TypeError, "issubclass() arg 1 must be a class");
	int is = test_classes(vm, a[0], a[1], test_subclass, "issubclass() arg 2 must be a class, a tuple of classes, or a union");
	return is < 0 ? VALUE_UNSET : value_bool(is);
}

static value do_callable(struct vm *vm, value *a)
{
	return value_bool(value_is_callable(vm, a[0]));
}

/* ---- identity and text --------------------------------------------------------------------------------------------- */

static value do_id(struct vm *vm, value *a)
{
	value v = a[0];

	switch (v.tag) {
	case TAG_OBJECT:
		return value_int((int64_t)(uintptr_t)v.o);
	case TAG_BOOL:
		return value_int(0x1000 + v.b * 32);
	case TAG_INT:
	case TAG_FLOAT:         /* equal numbers are the same one here, as `is` sees them */
		return value_int((int64_t)(((uint64_t)v.i << 5 | 0x2000) & INT64_MAX));
	default:
		return value_int(0x100 + (int64_t)v.tag * 32);
	}
}

static value do_hash(struct vm *vm, value *a)
{
	uint64_t hash;
	return value_hash(vm, a[0], &hash) ? value_int((int64_t)hash) : VALUE_UNSET;
}

static value do_repr(struct vm *vm, value *a)
{
	return value_repr(vm, a[0]);
}

static value do_format(struct vm *vm, value *a)
{
	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "format() argument 2 must be str, not %s", value_type_name(vm, a[1]));
	return value_format(vm, a[0], a[1]);
}

/* ---- dir and vars -------------------------------------------------------------------------------------------------- */

static value sorted_list(struct vm *vm, value iterable)
{
	value list = list_from(vm, iterable);

	if (is_unset(list))
		return list;
	value none = value_call_method(vm, list, str_intern(vm, "sort"), 0, NULL);
	if (is_unset(none))
		value_set(&list, VALUE_UNSET);
	value_drop(none);
	return list;
}

value builtins_dir(struct vm *vm, value v)
{
	bool own = false;
	value names = is_kind(v, KIND_TYPE) ? VALUE_UNSET : special_call(vm, v, str_intern(vm, "__dir__"), 0, NULL, &own);

	if (own && is_unset(names))
		return names;
	if (!own) {
		names = value_object(list_new(vm, 0));
		if (!attr_names(vm, v, names)) {
			value_drop(names);
			return VALUE_UNSET;
		}
	}
	value list = sorted_list(vm, names);
	value_drop(names);
	return list;
}

const struct native builtins_object[] = {
	{ "getattr", do_getattr, "object, name, default=..., /", "The attribute of that name; default when there is none." },
	{ "hasattr", do_hasattr, "obj, name, /", "Whether the object has an attribute of that name." },
	{ "setattr", do_setattr, "obj, name, value, /", "setattr(x, 'y', v) is x.y = v." },
	{ "delattr", do_delattr, "obj, name, /", "delattr(x, 'y') is del x.y." },
	{ "isinstance", do_isinstance, "obj, class_or_tuple, /", "Whether the object is of a class or of one derived from it." },
	{ "issubclass", do_issubclass, "cls, class_or_tuple, /", "Whether a class is another one or derived from it." },
	{ "callable", do_callable, "obj, /", "Whether the object can be called." },
	{ "id", do_id, "obj, /", "A number that no other living object has." },
	{ "hash", do_hash, "obj, /", "The hash value; equal objects have equal ones." },
	{ "repr", do_repr, "obj, /", "The text that shows the object." },
	{ "format", do_format, "value, format_spec='', /", "The value as text, laid out as format_spec says." },
	{0}
};

/* ---- the names ------------------------------------------------------------------------------------------------------- */

static void add_type(struct vm *vm, struct type *type)
{
	dict_set_str(vm, vm->builtins, type->name, value_object(object_keep(type)));
}

static void add_types(struct vm *vm)
{
	struct vm_types *t = &vm->types;
	struct type *const shown[] = {
		t->object, t->type, t->bool_, t->int_, t->float_, t->str, t->bytes, t->bytearray, t->list, t->tuple, t->dict, t->set,
		t->frozenset, t->range, t->slice, t->property, t->staticmethod, t->classmethod, t->super,
	};

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (shown[i])
			add_type(vm, shown[i]);
}

static void add_constants(struct vm *vm)
{
	dict_set_text(vm, vm->builtins, "NotImplemented", VALUE_UNSUPPORTED);
	dict_set_text(vm, vm->builtins, "Ellipsis", VALUE_ELLIPSIS);
	dict_set_text(vm, vm->builtins, "__debug__", value_bool(true));
	dict_set_text(vm, vm->builtins, "EnvironmentError", value_object(object_keep(vm->errors.OSError)));
	dict_set_text(vm, vm->builtins, "IOError", value_object(object_keep(vm->errors.OSError)));
}

void builtins_add(struct vm *vm)
{
	const struct native *const tables[] = {
		builtins_object, builtins_number, builtins_sequence, builtins_text, builtins_code, builtins_help,
	};

	if (!vm->own)
		vm->own = mem_zero(sizeof *vm->own);
	add_types(vm);
#define X(name, base) add_type(vm, vm->errors.name);
	VM_EXCEPTIONS(X)
#undef X
	add_constants(vm);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		vm_add_builtins(vm, tables[i]);
	builtins_add_lazy(vm);
}
