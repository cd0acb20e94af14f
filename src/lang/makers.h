/* Who makes what when a world is made: one maker for every native type, called by vm_new in an order where nothing is used
 * before it is there. `type_make_str(vm)` sets vm->types.str, and so on, row for row of VM_TYPES.
 *
 * The first five (object, type, str, dict, native) are made before any of them is whole: inside their makers nothing may
 * be made but the type itself (type_new) and what needs no object (the table of interned names). */
#ifndef LANG_MAKERS_H
#define LANG_MAKERS_H

#include "lang/vm.h"

#define X(name) void type_make_##name(struct vm *vm);
VM_TYPES(X)
#undef X

void exceptions_make(struct vm *vm);    /* vm->errors: exception.c */

#endif
