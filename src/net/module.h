/* The names that src/net gives the language. */
#ifndef NET_MODULE_H
#define NET_MODULE_H

#include "lang/vm.h"

bool module_make(struct vm *vm);

#endif
