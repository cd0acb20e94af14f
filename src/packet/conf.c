#include "packet/conf.h"

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

value conf_get(struct vm *vm, const char *name)
{
	value conf = conf_object(vm);
	return is_unset(conf) ? conf : value_attr(vm, conf, str_intern(vm, name));
}

bool conf_flag(struct vm *vm, const char *name, bool *out)
{
	value v = conf_get(vm, name);
	bool ok = !is_unset(v) && value_truth(vm, v, out);
	value_drop(v);
	return ok;
}
