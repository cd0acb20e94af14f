/* Where the kernel would send a packet for one destination. Each is asked for by itself (RTM_GETROUTE with its address: rules,
 * metrics and multipath are the kernel's business, and a table of a million routes costs nothing), kept, and asked again
 * after routes, addresses or links changed. A route that the user added goes before the kernel's unless that is longer. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdint.h>

#include "base/error.h"

#include "net/address.h"
#include "net/netlink.h"

enum route_kind {
	ROUTE_UNICAST,
	ROUTE_LOCAL,                 /* an address of this machine: the packet never reaches a wire */
	ROUTE_BROADCAST,
	ROUTE_MULTICAST,
};

struct route {
	enum route_kind kind;
	int iface;                   /* index of the interface it leaves by */
	struct address gateway;      /* the next hop; family 0: the destination is on the link. May be IPv6 for IPv4 */
	struct address source;       /* what the kernel would put as source; family 0: nothing */
	uint32_t mtu;                /* of this path, 0: the interface's */
};

struct route_cache;

struct route_cache *route_cache_new(struct netlink *n);
void route_cache_free(struct route_cache *c);

/* The unspecified address is anywhere: the default route. `iface`: an index that it must leave by, 0 for any. BORROWED
 * until the next call. NULL with an OSError whose code is the kernel's (ENETUNREACH, EHOSTUNREACH, EACCES for prohibited, EINVAL for a blackhole). */
const struct route *route_to(struct route_cache *c, const struct address *to, int iface, struct error *e);

/* Every route of the main table, for showing. `each` is called with the destination (family and prefix; prefix 0: default),
 * and the route. */
struct route_entry {
	struct address destination;
	uint8_t prefix;
	uint32_t metric;
	struct route route;
};
/* `each` is called with NULL at the beginning, and again where a dump was interrupted by a change and begins anew. false: stops. */
bool route_each(struct route_cache *c, int family, bool (*each)(const struct route_entry *entry, void *state), void *state,
                struct error *e);

/* What the user added and hid (own_routes.h), to be filled; say so with route_edited. AF_INET or AF_INET6. */
struct own_routes;
struct own_routes *route_own(struct route_cache *c, int family);
void route_edited(struct route_cache *c);

#endif
