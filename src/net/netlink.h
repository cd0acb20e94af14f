/* Route netlink: one socket to ask, one that hears what changed.
 *
 * The tables of interfaces, routes and neighbours are asked for once and kept. The second socket is subscribed to their
 * changes; netlink_generation reads what came in there (at most every fifth of a millisecond) and counts up the generation of
 * each table that was named. A cache remembers the generation it was filled in and is stale as soon as that differs. When
 * notifications were lost (ENOBUFS) every generation counts up. */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>

#include "base/error.h"

struct netlink;

enum netlink_table { NETLINK_LINKS, NETLINK_ROUTES, NETLINK_NEIGHBOURS, NETLINK_TABLES };   /* addresses count as links */

struct netlink *netlink_new(struct error *e);            /* needs no privilege. OSError */
void netlink_free(struct netlink *n);

/* A request in the socket's own buffer, header and `extra` bytes of family header set and zeroed. BORROWED until asked. */
struct nlmsghdr *netlink_request(struct netlink *n, uint16_t type, uint16_t flags, size_t extra);

/* Sends the request made last and hands each answer to `each` (libmnl's rules: MNL_CB_OK, MNL_CB_STOP). A dump that was
 * interrupted by a change is asked again. 0, or the kernel's errno. */
int netlink_ask(struct netlink *n, mnl_cb_t each, void *state);

uint32_t netlink_generation(struct netlink *n, enum netlink_table table);
uint64_t netlink_changes(struct netlink *n);             /* differs after a change of any of them */
void netlink_touch(struct netlink *n, enum netlink_table table);         /* what is kept of it is stale for a reason of our own */

/* Attributes by number, NULL where one is missing or larger than `max`. `table` has max + 1 places. */
void netlink_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **table, int max);

#endif
