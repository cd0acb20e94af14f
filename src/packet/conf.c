#include "packet/conf.h"

#include <stdint.h>
#include <string.h>

#include "lang/types.h"
#include "packet/world.h"

value conf_object(struct vm *vm)
{
	struct world *world = world_of(vm);
	if (is_unset(world->conf)) {
		value module = vm_import(vm, "tools.conf");
		if (is_unset(module))
			return VALUE_UNSET;
		world->conf = value_attr(vm, module, str_intern(vm, "conf"));
		value_drop(module);
	}
	return world->conf;
}

/* Its name as a str: the few that are asked for all the time are remembered by where their text stands. */
static struct str *name_of(struct vm *vm, const char *name)
{
	struct world *world = world_of(vm);
	size_t slots = sizeof world->conf_names / sizeof world->conf_names[0];
	struct conf_name *n = &world->conf_names[((uintptr_t)name >> 4 ^ (uintptr_t)name) % slots];
	if (n->text != name || strcmp(n->name->data, name) != 0)
		*n = (struct conf_name){ name, str_intern(vm, name) };
	return n->name;
}

value conf_get(struct vm *vm, const char *name)
{
	value conf = conf_object(vm);
	return is_unset(conf) ? conf : value_attr(vm, conf, name_of(vm, name));
}

bool conf_flag(struct vm *vm, const char *name, bool *out)
{
	value v = conf_get(vm, name);
	bool ok = !is_unset(v) && value_truth(vm, v, out);
	value_drop(v);
	return ok;
}
