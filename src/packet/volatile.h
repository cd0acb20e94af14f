/* Volatile values: RandShort() and kin, AutoTime. As a field's value one is drawn anew for each packet that is sent or built. */
#ifndef PACKET_VOLATILE_H
#define PACKET_VOLATILE_H

#include "lang/types.h"
#include "lang/vm.h"

void     volatile_add(struct vm *vm);                   /* the classes, as names of the language */
value    volatile_draw(struct vm *vm, value v);         /* a value of it; owned */
/* The same as a number, for an IPv4 address of a network; false: it is something else, and nothing was drawn. */
bool     volatile_draw_address(struct vm *vm, value v, uint32_t *out);

#endif
