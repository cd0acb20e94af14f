/* Neighbours: which link-level address stands behind a network address. The kernel's table is looked up, one entry at a time,
 * and nothing is ever sent; asking the network is done above, with packets of the library, and what it learnt is kept here
 * beside the kernel's answers. The kernel's answers are dropped when its table changed, ours after their time. */
#ifndef NET_NEIGH_H
#define NET_NEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/netlink.h"

struct neigh {
	uint8_t mac[32];
	uint8_t mac_len;
};

struct neigh_cache;

struct neigh_cache *neigh_cache_new(struct netlink *n);
void neigh_cache_free(struct neigh_cache *c);

/* What is known of `a` on the interface with this index. false: unknown (or being asked for, or failed). */
bool neigh_find(struct neigh_cache *c, int iface, const struct address *a, struct neigh *out);
/* Keeps an answer of the network's for `seconds`. */
void neigh_learn(struct neigh_cache *c, int iface, const struct address *a, const struct neigh *neigh, double seconds);
/* Forgets all that was learnt. */
void neigh_forget(struct neigh_cache *c);

#endif
