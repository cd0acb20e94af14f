/* The resolver: what packets ask of the network's tables. Its functions look and never send; resolve_next_hop, for the send
 * family alone, also asks the network. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "net/wire.h"

void resolve_install(struct wire *w);

/* Makes the link address of the next hop towards `to` known, on an interface that has such addresses: it is looked up, and
 * when it is not known asked for by a packet of the library (stdlib/tools/neighbour.pkt), three times, half a second each. Group and
 * broadcast addresses need no asking. false: raised; an OSError names the hop that does not answer. */
bool resolve_next_hop(struct vm *vm, const struct iface *iface, const struct route *route, const struct address *to);

/* The same for getmacbyip: the address on the link of an interface; *known false: nobody answers. false: raised. */
bool resolve_neighbour(struct vm *vm, const struct iface *iface, const struct address *a, struct neigh *out, bool *known);

#endif
