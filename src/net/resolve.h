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

/* The same as far as it is known, without asking: false: *hop is to be asked for (resolve_hops). */
struct hop { int iface; struct address address; bool known; };
bool resolve_known(struct wire *w, const struct iface *iface, const struct route *route, const struct address *to, struct hop *hop);
/* Asks for all of these together, as often and as long as for one. false: raised. */
bool resolve_hops(struct vm *vm, struct hop *hops, size_t count);
/* Sets the OSError that says so. `to`: what the silent hop leads to; NULL: itself. */
void resolve_silent(struct error *e, const struct address *hop, const struct address *to, const char *iface);

/* The same for getmacbyip: the address on the link of an interface; *known false: nobody answers. false: raised. */
bool resolve_neighbour(struct vm *vm, const struct iface *iface, const struct address *a, struct neigh *out, bool *known);

#endif
