/* Volatile values: RandShort() and kin, AutoTime. As a field's value one is drawn anew for each packet that is sent or built. */
#ifndef PACKET_VOLATILE_H
#define PACKET_VOLATILE_H

#include "lang/types.h"
#include "lang/vm.h"

void     volatile_add(struct vm *vm);                   /* the classes, as names of the language */
value    volatile_draw(struct vm *vm, value v);         /* a value of it; owned */

#endif
