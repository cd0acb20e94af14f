/* Modules: a dict of names that is looked at as attributes. */
#include <string.h>

#include "base/buf.h"

#include "lang/makers.h"
#include "lang/types.h"

static struct module *as_module(value v)
{
	return (struct module *)v.o;
}

static void begin(struct vm *vm, struct module *m, struct str *name, value doc)
{
	m->name = object_keep(name);
	m->globals = dict_new(vm);
	dict_set_str(vm, m->globals, vm->names.name_, value_object(object_keep(name)));
	dict_set_str(vm, m->globals, vm->names.doc_, value_keep(doc));
}

struct module *module_new(struct vm *vm, const char *name)
{
	struct module *m = object_new(vm->types.module, 0);
	begin(vm, m, str_intern(vm, name), VALUE_NONE);
	return m;
}

static value module_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	if (!call_bind(vm, vm->types.module->signature, call, a))
		return VALUE_UNSET;
	struct module *m = NULL;
	if (is_str(a[0])) {
		m = object_new(cls, 0);
		begin(vm, m, as_str(a[0]), a[1]);
	} else {
		vm_raise(vm, vm->errors.TypeError, "module() argument 'name' must be str, not %s", value_type_name(vm, a[0]));
	}
	call_unbind(vm->types.module->signature, a);
	return m ? value_object(m) : VALUE_UNSET;
}

static bool module_init(struct vm *vm, value self, const struct call *call)
{
	return true;
}

/* The dict itself goes with the object: it stands at dict_offset. */
static void module_release(struct object *o)
{
	object_drop(((struct module *)o)->name);
}

static bool module_repr(struct vm *vm, value self, struct buf *out)
{
	const struct module *m = as_module(self);
	value file = dict_get_str(m->globals, vm->names.file_);
	if (is_str(file))
		buf_print(out, "<module '%s' from '%s'>", m->name->data, as_str(file)->data);
	else
		buf_print(out, "<module '%s' (built-in)>", m->name->data);
	return true;
}

/* PEP 562: a module's own __getattr__. */
static value module_attr(struct vm *vm, value self, struct str *name)
{
	struct dict *globals = as_module(self)->globals;
	value found = dict_get_str(globals, name);
	if (!is_unset(found))
		return value_keep(found);
	value fallback = dict_get_str(globals, vm->names.getattr_), key = value_object(name);
	if (is_unset(fallback) || name == vm->names.class_ || name == vm->names.dict_)
		return VALUE_UNSET;
	return value_call_args(vm, fallback, 1, &key);
}

void type_make_module(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "module", .doc = "Names kept together, from one file.", .kind = KIND_MODULE, .size = sizeof(struct module),
		.flags = TYPE_CONTAINER | TYPE_HAS_DICT | TYPE_SUBCLASSABLE, .signature = "name, doc=None", .dict_offset = offsetof(struct module, globals),
		.slots = { .make = module_make, .init = module_init, .release = module_release, .repr = module_repr, .attr = module_attr },
	};
	vm->types.module = type_new(vm, &spec, NULL);
}
