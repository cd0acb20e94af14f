/* One maker a native type: calls type_new with the type's struct type_spec and sets vm->types.NAME. */
#ifndef LANG_MAKERS_H
#define LANG_MAKERS_H

#include "lang/vm.h"

#define X(name) void type_make_##name(struct vm *vm);
VM_TYPES(X)
#undef X

#endif
