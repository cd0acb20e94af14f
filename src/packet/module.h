/* The functions of the language that packets bring: raw, bind_layers and kin. */
#ifndef PACKET_MODULE_H
#define PACKET_MODULE_H

#include "lang/vm.h"

void module_add(struct vm *vm);

#endif
