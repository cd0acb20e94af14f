#include "net/route.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/mem.h"

/* A direct-mapped cache: a scan of many destinations throws old ones out and never grows it. */
enum { SLOTS = 1024 };

struct slot {
	bool filled;
	int code;                    /* errno that the kernel answered; 0: `route` is good */
	int wanted_iface;
	struct address to;
	struct route route;
};

struct route_cache {
	struct netlink *netlink;
	uint32_t generation;
	struct slot slots[SLOTS];
};

struct route_cache *route_cache_new(struct netlink *n)
{
	struct route_cache *c = mem_zero(sizeof *c);
	c->netlink = n;
	return c;
}

void route_cache_free(struct route_cache *c)
{
	mem_free(c);
}

static void drop_stale(struct route_cache *c)
{
	uint32_t generation = netlink_generation(c->netlink, NETLINK_ROUTES);
	if (generation == c->generation)
		return;
	for (int i = 0; i < SLOTS; i++)
		c->slots[i].filled = false;
	c->generation = generation;
}

static int kind_of(uint8_t type, enum route_kind *kind)
{
	switch (type) {
	case RTN_UNICAST: *kind = ROUTE_UNICAST; return 0;
	case RTN_LOCAL: case RTN_ANYCAST: *kind = ROUTE_LOCAL; return 0;
	case RTN_BROADCAST: *kind = ROUTE_BROADCAST; return 0;
	case RTN_MULTICAST: *kind = ROUTE_MULTICAST; return 0;
	case RTN_BLACKHOLE: return EINVAL;
	case RTN_PROHIBIT: return EACCES;
	default: return ENETUNREACH;
	}
}

static struct address address_from(int family, const struct nlattr *attribute)
{
	struct address a = { .family = (uint8_t)family };
	if (!attribute || mnl_attr_get_payload_len(attribute) != address_len(&a))
		return (struct address){0};
	return address_of(family, mnl_attr_get_payload(attribute));
}

/* RTA_VIA: a gateway of another family, its own family in front. */
static struct address address_via(const struct nlattr *attribute)
{
	const struct rtvia *via = attribute ? mnl_attr_get_payload(attribute) : NULL;
	struct address a = { .family = via ? (uint8_t)via->rtvia_family : 0 };
	if (!via || mnl_attr_get_payload_len(attribute) != sizeof *via + address_len(&a))
		return (struct address){0};
	return address_of(a.family, via->rtvia_addr);
}

static void take_next_hop(struct route *r, int family, const struct nlattr *gateway, const struct nlattr *via)
{
	r->gateway = gateway ? address_from(family, gateway) : address_via(via);
}

struct hop {
	const struct nlattr *gateway, *via;
};

static int take_hop(const struct nlattr *attribute, void *state)
{
	struct hop *h = state;
	if (mnl_attr_get_type(attribute) == RTA_GATEWAY)
		h->gateway = attribute;
	else if (mnl_attr_get_type(attribute) == RTA_VIA)
		h->via = attribute;
	return MNL_CB_OK;
}

/* Listed routes may have several next hops; the first is shown. (A route to one destination comes with the one chosen.) */
static void take_multipath(struct route *r, int family, const struct nlattr *multipath)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	size_t room = mnl_attr_get_payload_len(multipath);
	struct hop h = {0};
	if (room < sizeof *hop || hop->rtnh_len < sizeof *hop || hop->rtnh_len > room)
		return;
	mnl_attr_parse_payload((const char *)hop + sizeof *hop, hop->rtnh_len - sizeof *hop, take_hop, &h);
	r->iface = hop->rtnh_ifindex;
	take_next_hop(r, family, h.gateway, h.via);
}

static uint32_t take_mtu(const struct nlattr *metrics)
{
	const struct nlattr *metric;
	if (metrics)
		mnl_attr_for_each_nested(metric, metrics)
			if (mnl_attr_get_type(metric) == RTAX_MTU)
				return mnl_attr_get_u32(metric);
	return 0;
}

/* 0, or the errno that the route's type stands for. */
static int take_route(const struct nlmsghdr *message, const struct nlattr **a, struct route *r)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	*r = (struct route){0};
	int code = kind_of(info->rtm_type, &r->kind);
	r->iface = a[RTA_OIF] ? (int)mnl_attr_get_u32(a[RTA_OIF]) : 0;
	take_next_hop(r, info->rtm_family, a[RTA_GATEWAY], a[RTA_VIA]);
	if (a[RTA_MULTIPATH])
		take_multipath(r, info->rtm_family, a[RTA_MULTIPATH]);
	r->source = address_from(info->rtm_family, a[RTA_PREFSRC]);
	r->mtu = take_mtu(a[RTA_METRICS]);
	return code;
}

static int take_answer(const struct nlmsghdr *message, void *state)
{
	const struct nlattr *a[RTA_VIA + 1];
	struct slot *slot = state;
	if (message->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	netlink_attributes(message, sizeof(struct rtmsg), a, RTA_VIA);
	slot->code = take_route(message, a, &slot->route);
	return MNL_CB_STOP;
}

/* The unspecified address is no destination: here, as in Scapy, it is "anywhere", which the default route leads to (the kernel
 * would take it for this machine). An address of no one (RFC 5737, RFC 3849) takes that route. */
static struct address asked(const struct address *to)
{
	static const struct address anywhere4 = { AF_INET, { 192, 0, 2, 1 } };
	static const struct address anywhere6 = { AF_INET6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	struct address none = { .family = to->family };
	return !address_equal(to, &none) ? *to : to->family == AF_INET6 ? anywhere6 : anywhere4;
}

static void ask(struct route_cache *c, const struct address *to, int iface, struct slot *slot)
{
	struct address target = asked(to);
	struct nlmsghdr *message = netlink_request(c->netlink, RTM_GETROUTE, 0, sizeof(struct rtmsg));
	struct rtmsg *info = mnl_nlmsg_get_payload(message);
	info->rtm_family = to->family;
	info->rtm_dst_len = (uint8_t)(address_len(to) * 8);
	mnl_attr_put(message, RTA_DST, address_len(&target), target.bytes);
	if (iface)
		mnl_attr_put_u32(message, RTA_OIF, (uint32_t)iface);
	*slot = (struct slot){ .filled = true, .code = ENETUNREACH, .wanted_iface = iface, .to = *to };
	int code = netlink_ask(c->netlink, take_answer, slot);
	if (code)
		slot->code = code;
}

const struct route *route_to(struct route_cache *c, const struct address *to, int iface, struct error *e)
{
	char text[ADDRESS_TEXT];
	drop_stale(c);
	struct slot *slot = &c->slots[(address_hash(to) + (uint32_t)iface) % SLOTS];
	if (!slot->filled || slot->wanted_iface != iface || !address_equal(&slot->to, to))
		ask(c, to, iface, slot);
	if (slot->code == 0)
		return &slot->route;
	error_system(e, slot->code, "no route to %s", address_text(to, text));
	return NULL;
}

struct listing {
	void (*each)(const struct route_entry *entry, void *state);
	void *state;
};

static int take_entry(const struct nlmsghdr *message, void *state)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *a[RTA_VIA + 1];
	const struct listing *l = state;
	struct route_entry entry = { .prefix = info->rtm_dst_len };
	netlink_attributes(message, sizeof *info, a, RTA_VIA);
	uint32_t table = a[RTA_TABLE] ? mnl_attr_get_u32(a[RTA_TABLE]) : info->rtm_table;
	if (message->nlmsg_type != RTM_NEWROUTE || table != RT_TABLE_MAIN || (info->rtm_flags & RTM_F_CLONED))
		return MNL_CB_OK;
	entry.destination = address_from(info->rtm_family, a[RTA_DST]);
	entry.destination.family = info->rtm_family;
	entry.metric = a[RTA_PRIORITY] ? mnl_attr_get_u32(a[RTA_PRIORITY]) : 0;
	if (take_route(message, a, &entry.route) == 0)
		l->each(&entry, l->state);
	return MNL_CB_OK;
}

bool route_each(struct route_cache *c, int family, void (*each)(const struct route_entry *entry, void *state), void *state,
                struct error *e)
{
	struct listing l = { each, state };
	struct nlmsghdr *message = netlink_request(c->netlink, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	((struct rtmsg *)mnl_nlmsg_get_payload(message))->rtm_family = (uint8_t)family;
	int code = netlink_ask(c->netlink, take_entry, &l);
	return code ? error_system(e, code, "cannot list the routes") : true;
}
