/* Send and receive: packets go out, what comes back is matched to what was asked. */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include "lang/vm.h"

value exchange_sr(struct vm *vm, value *a);
value exchange_sr1(struct vm *vm, value *a);
value exchange_srp(struct vm *vm, value *a);
value exchange_srp1(struct vm *vm, value *a);

#define EXCHANGE_ARGUMENTS \
	"x, promisc=None, filter=None, iface=None, nofilter=0, *, timeout=None, inter=0, verbose=None, chainCC=False, retry=0, multi=False, " \
	"rcv_pks=None, prebuild=False, threaded=True, session=None, chainEX=False, stop_filter=None, iface_hint=None, type=None"

/* One packet of layer 2 on an interface, silently, and its first answer: a packet, or None. `answer` is owned. false: raised. */
bool exchange_one(struct vm *vm, value packet, const char *iface, double seconds, value *answer);

/* Packets of layer 2 on an interface, silently, those unanswered up to `retry` times more: `each` gets the first answer to each, with
 * its place among the packets. false: raised. */
bool exchange_each(struct vm *vm, value packets, const char *iface, double seconds, int64_t retry,
                   bool (*each)(void *state, size_t asked, value answer), void *state);

#endif
