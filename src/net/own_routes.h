/* The user's own view of the routes (conf.route.add, delt): routes that he added and routes of the kernel's that he does not want.
 * They count for this program alone; the kernel's tables are never touched, so nothing is left behind however it ends. */
#ifndef NET_OWN_ROUTES_H
#define NET_OWN_ROUTES_H

#include "net/route.h"

struct own_routes {
	struct route_entry *added, *hidden;      /* hidden: destination, prefix, gateway and interface count */
	size_t added_count, hidden_count;
};

void own_routes_clear(struct own_routes *o);
void own_routes_add(struct route_entry **list, size_t *count, const struct route_entry *entry);
static inline bool own_routes_any(const struct own_routes *o) { return o->added_count || o->hidden_count; }

/* The longest that leads to `to` and leaves by `iface` (0: any); of several the lowest metric, then the latest. NULL: none. */
const struct route_entry *own_routes_find(const struct own_routes *o, const struct address *to, int iface);
bool own_routes_hides(const struct own_routes *o, const struct route_entry *entry);

#endif
