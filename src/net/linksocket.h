/* Frames of an interface one by one, for whoever holds a loop of his own: under L2Socket and its kin (stdlib/tools/sockets.pkt). */
#ifndef NET_LINKSOCKET_H
#define NET_LINKSOCKET_H

#include "lang/vm.h"

struct type *linksocket_type(struct vm *vm);             /* owned */

#endif
