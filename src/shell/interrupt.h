/* Ctrl-C. The handler raises the machine's flag; it is installed without SA_RESTART, so that a native that waits in the
 * kernel is woken by EINTR and polls. A signal handler has no argument: the flag's address is the one thing kept here. */
#ifndef SHELL_INTERRUPT_H
#define SHELL_INTERRUPT_H

#include "lang/vm.h"

void interrupt_install(struct vm *vm);
void interrupt_forget(struct vm *vm);   /* one that came and was not yet looked at */
void interrupt_remove(void);            /* before the vm goes */

#endif
