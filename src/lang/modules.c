#include "lang/modules.h"

#include "base/mem.h"
#include "lang/file.h"
#include "lang/types.h"

void module_add_type(struct vm *vm, struct dict *globals, struct type *type)
{
	dict_set_str(vm, globals, type->name, value_object(object_keep(type)));
}

struct type *module_new_type(struct vm *vm, struct dict *globals, const struct type_spec *spec, const char *module)
{
	struct type *type = type_new(vm, spec, spec->kind == KIND_TUPLE ? vm->types.tuple : NULL);

	dict_set_str(vm, type->attrs, vm->names.module_, str_value(vm, module));
	if (globals)
		module_add_type(vm, globals, type);
	return type;
}

struct type *module_new_error(struct vm *vm, struct dict *globals, const char *module, const char *name, struct type *base)
{
	struct dict *attrs = dict_new(vm);

	dict_set_str(vm, attrs, vm->names.module_, str_value(vm, module));
	struct type *type = type_derive(vm, str_intern(vm, name), 1, &base, attrs);
	object_drop(attrs);
	if (globals)
		module_add_type(vm, globals, type);
	return type;
}

void module_add_numbers(struct vm *vm, struct dict *globals, const struct module_number *rows)
{
	for (; rows->name; rows++)
		dict_set_text(vm, globals, rows->name, value_int(rows->number));
}

void modules_add(struct vm *vm)
{
	static const struct module_spec *const specs[] = {
#define X(name) &module_##name,
		NATIVE_MODULES(X)
#undef X
	};

	if (!vm->own)
		vm->own = mem_zero(sizeof *vm->own);
	vm->own->path = value_object(list_new(vm, 0));
	file_add_types(vm);
	file_add_standard(vm);
	random_add_type(vm);
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
		vm_add_module(vm, specs[i]);
}

void modules_free(struct vm *vm)
{
	if (!vm->own)
		return;
	if (!file_flush_standard(vm))
		vm_clear(vm);
	signals_free(vm);
	value_set(&vm->own->shared_random, VALUE_UNSET);
	value_set(&vm->own->re_cache, VALUE_UNSET);
	value_set(&vm->own->path, VALUE_UNSET);
#define X(name) object_drop(vm->own->name);
	OWN_TYPES(X)
#undef X
}
