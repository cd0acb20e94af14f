/* What the files of the module posix share. */
#ifndef LANG_POSIX_H
#define LANG_POSIX_H

#include "lang/types.h"
#include "lang/vm.h"

value posix_result(struct vm *vm, int code, value path);
/* Adds the functions of descriptors and children: open, read, pipe, system, popen ... */
void posix_add_descriptors(struct vm *vm, struct dict *globals);

#endif
