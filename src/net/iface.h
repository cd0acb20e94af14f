/* Network interfaces as the kernel describes them. Read once, and again only after the kernel said that links or addresses
 * changed. An interface's struct is BORROWED until the next call here. */
#ifndef NET_IFACE_H
#define NET_IFACE_H

#include <net/if.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#include "net/address.h"
#include "net/netlink.h"

struct iface_address {
	struct address address;
	uint8_t prefix;              /* bits */
	uint8_t scope;               /* RT_SCOPE_* */
	struct address broadcast;    /* family 0: none */
	struct address peer;         /* the other end of a point-to-point link; family 0: none */
};

struct iface {
	char name[IFNAMSIZ];
	int index;
	uint16_t hardware;           /* ARPHRD_* */
	uint32_t mtu;                /* bytes behind the link header */
	uint32_t flags;              /* IFF_* */
	uint8_t mac[32];             /* mac_len bytes, 0 when it has none */
	uint8_t mac_len;
	int link_type;               /* DLT_* of a frame injected here; -1: nothing can be */
	struct iface_address *addresses;
	size_t address_count;
};

struct iface_table;

struct iface_table *iface_table_new(struct netlink *n);
void iface_table_free(struct iface_table *t);

/* OSError when the kernel cannot be asked. By name: ENODEV with the nearest name, or with all names when none is near. */
bool iface_all(struct iface_table *t, const struct iface **ifaces, size_t *count, struct error *e);   /* in index order */
const struct iface *iface_by_name(struct iface_table *t, const char *name, struct error *e);
const struct iface *iface_by_index(struct iface_table *t, int index, struct error *e);
const struct iface *iface_of_address(struct iface_table *t, const struct address *a);     /* whose own it is; NULL: nobody's */
uint32_t iface_generation(struct iface_table *t);        /* differs after a change: what others keep about interfaces is stale */

bool iface_is_loopback(const struct iface *i);
bool iface_is_up(const struct iface *i);
/* The first address of the family, those of wider scope first; NULL: none. */
const struct iface_address *iface_address_first(const struct iface *i, int family);
/* The interface's own address on the network that `a` belongs to; NULL: none. */
const struct iface_address *iface_address_near(const struct iface *i, const struct address *a);
/* An address, or one with its interface behind a percent sign, by name or index (RFC 4007, 11): "fe80::1%eth0". *iface: 0 where none
 * is said. false: no address, or no such interface. */
bool iface_scoped_address(struct iface_table *t, const char *text, struct address *out, int *iface);

#endif
