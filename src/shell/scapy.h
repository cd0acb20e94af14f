/* The package `scapy`, so that scripts written for it run as they are: its modules hold no names of their own, all that the
 * program and its library know is found in each of them. */
#ifndef SHELL_SCAPY_H
#define SHELL_SCAPY_H

#include "lang/vm.h"

void scapy_install(struct vm *vm);                      /* `import scapy.all` and its like succeed from now on */
/* A name that `from scapy.all import *` binds besides Scapy's own: the module time, os ... Unset with nothing pending: it is
 * none, or nothing of scapy has been imported. */
value scapy_star(struct vm *vm, struct str *name);

#endif
