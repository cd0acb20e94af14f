#include "net/route.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/mem.h"

#include "net/own_routes.h"

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
	struct own_routes own[2];    /* IPv4's, IPv6's */
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
	if (!c)
		return;
	own_routes_clear(&c->own[0]);
	own_routes_clear(&c->own[1]);
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

/* RTM_F_FIB_MATCH: the entry of the table that was used, instead of what was made of it for this destination. */
static int ask_kernel(struct route_cache *c, const struct address *to, int iface, unsigned flags, mnl_cb_t each, void *state)
{
	struct address target = asked(to);
	struct nlmsghdr *message = netlink_request(c->netlink, RTM_GETROUTE, 0, sizeof(struct rtmsg));
	struct rtmsg *info = mnl_nlmsg_get_payload(message);
	info->rtm_family = to->family;
	info->rtm_dst_len = (uint8_t)(address_len(to) * 8);
	info->rtm_flags = flags;
	mnl_attr_put(message, RTA_DST, address_len(&target), target.bytes);
	if (iface)
		mnl_attr_put_u32(message, RTA_OIF, (uint32_t)iface);
	return netlink_ask(c->netlink, each, state);
}

static bool read_entry(const struct nlmsghdr *message, struct route_entry *entry, int *code)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *a[RTA_VIA + 1];
	netlink_attributes(message, sizeof *info, a, RTA_VIA);
	uint32_t table = a[RTA_TABLE] ? mnl_attr_get_u32(a[RTA_TABLE]) : info->rtm_table;
	*entry = (struct route_entry){ .prefix = info->rtm_dst_len };
	entry->destination = address_from(info->rtm_family, a[RTA_DST]);
	entry->destination.family = info->rtm_family;
	entry->metric = a[RTA_PRIORITY] ? mnl_attr_get_u32(a[RTA_PRIORITY]) : 0;
	*code = take_route(message, a, &entry->route);
	return table == RT_TABLE_MAIN && !(info->rtm_flags & RTM_F_CLONED);
}

static int take_match(const struct nlmsghdr *message, void *state)
{
	int code;
	if (message->nlmsg_type == RTM_NEWROUTE)
		read_entry(message, state, &code);
	return message->nlmsg_type == RTM_NEWROUTE ? MNL_CB_STOP : MNL_CB_OK;
}

struct search {
	const struct own_routes *own;
	struct address to;
	int iface;
	struct route_entry best;
	bool found;
};

static bool keep_longest(const struct route_entry *r, void *state)
{
	struct search *s = state;
	if (!r)
		s->found = false;
	if (!r || !address_in(&s->to, &r->destination, r->prefix) || (s->iface && r->route.iface != s->iface) || own_routes_hides(s->own, r))
		return true;
	if (!s->found || r->prefix > s->best.prefix || (r->prefix == s->best.prefix && r->metric < s->best.metric))
		s->best = *r;
	s->found = true;
	return true;
}

/* The kernel's choice is one that the user hid: what its table has besides. The only question that reads the whole table. */
static void choose_other(struct route_cache *c, struct slot *slot, struct route_entry *match)
{
	struct search s = { route_own(c, slot->to.family), slot->to, slot->wanted_iface, {{0}}, false };
	struct error e = {0};
	bool listed = route_each(c, slot->to.family, keep_longest, &s, &e);
	slot->code = listed && s.found ? 0 : ENETUNREACH;
	slot->route = s.best.route;
	*match = s.best;
	error_clear(&e);
}

/* Between the kernel's choice, which is in the slot, and the user's own routes. */
static void choose_own(struct route_cache *c, struct slot *slot)
{
	const struct own_routes *own = route_own(c, slot->to.family);
	const struct route_entry *added = own_routes_find(own, &slot->to, slot->wanted_iface);
	struct route_entry match = {0};
	if (slot->code == 0 && ask_kernel(c, &slot->to, slot->wanted_iface, RTM_F_FIB_MATCH, take_match, &match) != 0)
		match = (struct route_entry){ .prefix = (uint8_t)(address_len(&slot->to) * 8) };
	if (slot->code == 0 && own_routes_hides(own, &match))
		choose_other(c, slot, &match);
	if (added && (slot->code || added->prefix >= match.prefix)) {
		slot->code = 0;
		slot->route = added->route;
	}
}

static void ask(struct route_cache *c, const struct address *to, int iface, struct slot *slot)
{
	*slot = (struct slot){ .filled = true, .code = ENETUNREACH, .wanted_iface = iface, .to = *to };
	int code = ask_kernel(c, to, iface, 0, take_answer, slot);
	if (code)
		slot->code = code;
	if (own_routes_any(route_own(c, to->family)))
		choose_own(c, slot);
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
	bool (*each)(const struct route_entry *entry, void *state);
	void *state;
	uint32_t sequence;           /* of the dump being read: another one is it asked again */
	bool stopped;                /* the rest is still read, so that the socket is free for the next question */
};

static int take_entry(const struct nlmsghdr *message, void *state)
{
	struct listing *l = state;
	struct route_entry entry;
	int code;
	if (message->nlmsg_seq != l->sequence)
		l->stopped = !l->each(NULL, l->state);
	l->sequence = message->nlmsg_seq;
	if (!l->stopped && message->nlmsg_type == RTM_NEWROUTE && read_entry(message, &entry, &code) && code == 0)
		l->stopped = !l->each(&entry, l->state);
	return MNL_CB_OK;
}

bool route_each(struct route_cache *c, int family, bool (*each)(const struct route_entry *entry, void *state), void *state,
                struct error *e)
{
	struct listing l = { each, state, 0, false };
	struct nlmsghdr *message = netlink_request(c->netlink, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	((struct rtmsg *)mnl_nlmsg_get_payload(message))->rtm_family = (uint8_t)family;
	int code = netlink_ask(c->netlink, take_entry, &l);
	return code ? error_system(e, code, "cannot list the routes") : true;
}

struct own_routes *route_own(struct route_cache *c, int family)
{
	return &c->own[family == AF_INET6];
}

void route_edited(struct route_cache *c)
{
	netlink_touch(c->netlink, NETLINK_ROUTES);
}
