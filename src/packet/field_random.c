/* randval(): which random value fits which field is said in the library (stdlib/tools/fuzz.pkt), where fuzz() asks too. */
#include "packet/field_own.h"
#include "packet/kinds.h"
#include "packet/world.h"

value field_randval(struct vm *vm, value *a)
{
	value f = world_of(vm)->find(vm, str_intern(vm, "random_for_field"));
	if (is_unset(f))
		return vm_pending(vm) ? f : vm_raise(vm, vm->errors.RuntimeError, "the library has no random_for_field");
	value field = value_object((struct field *)field_plain(as_field(a[0]))), drawn = value_call_args(vm, f, 1, &field);
	value_drop(f);
	if (!is_none(drawn))
		return drawn;
	return value_keep(as_field(a[0])->fallback);
}
