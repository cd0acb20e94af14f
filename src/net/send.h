/* send and sendp. */
#ifndef NET_SEND_H
#define NET_SEND_H

#include "lang/vm.h"

value send_layer3(struct vm *vm, value *a);
value send_layer2(struct vm *vm, value *a);

#define SEND_ARGUMENTS \
	"x, iface=None, *, inter=0, loop=0, count=None, verbose=None, realtime=None, return_packets=False, socket=None, iface_hint=None, monitor=None"

#endif
