/* with no_rst(dst=..., dport=...): the kernel does not reset a conversation that it does not know. */
#ifndef NET_NORST_H
#define NET_NORST_H

#include "lang/vm.h"

struct type *norst_type(struct vm *vm);          /* owned */

#endif
