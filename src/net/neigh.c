#include "net/neigh.h"

#include <linux/neighbour.h>
#include <string.h>

#include "base/mem.h"

#include "net/deadline.h"

enum { SLOTS = 1024 };               /* direct-mapped, as routes are */

struct slot {
	bool filled, known;
	int iface;
	struct address address;
	struct neigh neigh;
	int64_t until;               /* what was learnt: good until then; 0: the kernel's answer, good for its generation */
};

struct neigh_cache {
	struct netlink *netlink;
	uint32_t generation;
	struct slot kernel[SLOTS];
	struct slot learnt[SLOTS];
};

struct neigh_cache *neigh_cache_new(struct netlink *n)
{
	struct neigh_cache *c = mem_zero(sizeof *c);
	c->netlink = n;
	return c;
}

void neigh_cache_free(struct neigh_cache *c)
{
	mem_free(c);
}

static void drop_stale(struct neigh_cache *c)
{
	uint32_t generation = netlink_generation(c->netlink, NETLINK_NEIGHBOURS);
	if (generation == c->generation)
		return;
	for (int i = 0; i < SLOTS; i++)
		c->kernel[i].filled = false;
	c->generation = generation;
}

static struct slot *place(struct slot *slots, int iface, const struct address *a)
{
	return &slots[(address_hash(a) + (uint32_t)iface) % SLOTS];
}

static bool holds(const struct slot *slot, int iface, const struct address *a)
{
	return slot->filled && slot->iface == iface && address_equal(&slot->address, a);
}

static int take_neigh(const struct nlmsghdr *message, void *state)
{
	enum { GOOD = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY };
	const struct ndmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *a[NDA_LLADDR + 1];
	struct slot *slot = state;
	if (message->nlmsg_type != RTM_NEWNEIGH)
		return MNL_CB_OK;
	netlink_attributes(message, sizeof *info, a, NDA_LLADDR);
	uint16_t len = a[NDA_LLADDR] ? mnl_attr_get_payload_len(a[NDA_LLADDR]) : 0;
	slot->known = (info->ndm_state & GOOD) && len > 0 && len <= sizeof slot->neigh.mac;
	if (slot->known) {
		memcpy(slot->neigh.mac, mnl_attr_get_payload(a[NDA_LLADDR]), len);
		slot->neigh.mac_len = (uint8_t)len;
	}
	return MNL_CB_STOP;
}

/* An entry that the kernel does not have is its error ENOENT: unknown, and remembered as such. */
static void ask(struct neigh_cache *c, int iface, const struct address *a, struct slot *slot)
{
	struct nlmsghdr *message = netlink_request(c->netlink, RTM_GETNEIGH, 0, sizeof(struct ndmsg));
	struct ndmsg *info = mnl_nlmsg_get_payload(message);
	info->ndm_family = a->family;
	info->ndm_ifindex = iface;
	mnl_attr_put(message, NDA_DST, address_len(a), a->bytes);
	*slot = (struct slot){ .filled = true, .iface = iface, .address = *a };
	netlink_ask(c->netlink, take_neigh, slot);
}

bool neigh_find(struct neigh_cache *c, int iface, const struct address *a, struct neigh *out)
{
	drop_stale(c);
	struct slot *slot = place(c->learnt, iface, a);
	if (holds(slot, iface, a) && !deadline_passed(slot->until)) {
		*out = slot->neigh;
		return true;
	}
	slot = place(c->kernel, iface, a);
	if (!holds(slot, iface, a))
		ask(c, iface, a, slot);
	*out = slot->neigh;
	return slot->known;
}

void neigh_learn(struct neigh_cache *c, int iface, const struct address *a, const struct neigh *neigh, double seconds)
{
	*place(c->learnt, iface, a) = (struct slot){ .filled = true, .known = true, .iface = iface, .address = *a, .neigh = *neigh,
		                                     .until = deadline_in(seconds) };
}

void neigh_forget(struct neigh_cache *c)
{
	for (int i = 0; i < SLOTS; i++)
		c->learnt[i].filled = c->kernel[i].filled = false;
}
