#include "net/iface.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_arp.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct iface_table {
	struct netlink *netlink;
	struct iface *ifaces;
	size_t count, room;
	uint32_t generation;
	bool filled;
};

/* What a frame looks like where libpcap or libnet injects it, by hardware type. */
static const struct { uint16_t hardware; int link_type; } link_types[] = {
	{ ARPHRD_ETHER, DLT_EN10MB }, { ARPHRD_LOOPBACK, DLT_EN10MB }, { ARPHRD_METRICOM, DLT_EN10MB },
	{ ARPHRD_NONE, DLT_RAW }, { ARPHRD_RAWIP, DLT_RAW }, { ARPHRD_PPP, DLT_RAW }, { ARPHRD_TUNNEL, DLT_RAW },
	{ ARPHRD_TUNNEL6, DLT_RAW }, { ARPHRD_SIT, DLT_RAW }, { ARPHRD_IPGRE, DLT_RAW }, { ARPHRD_IP6GRE, DLT_RAW },
	{ ARPHRD_SLIP, DLT_RAW }, { ARPHRD_CSLIP, DLT_RAW }, { ARPHRD_SLIP6, DLT_RAW }, { ARPHRD_CSLIP6, DLT_RAW },
	{ ARPHRD_IEEE802, DLT_IEEE802 }, { ARPHRD_IEEE802_TR, DLT_IEEE802 }, { ARPHRD_FDDI, DLT_FDDI },
	{ ARPHRD_IEEE80211, DLT_IEEE802_11 }, { ARPHRD_IEEE80211_PRISM, DLT_PRISM_HEADER },
	{ ARPHRD_IEEE80211_RADIOTAP, DLT_IEEE802_11_RADIO }, { ARPHRD_CAN, DLT_CAN_SOCKETCAN },
	{ ARPHRD_IEEE802154, DLT_IEEE802_15_4_NOFCS }, { ARPHRD_NETLINK, DLT_NETLINK }, { ARPHRD_VSOCKMON, DLT_VSOCK },
};

static int link_type_of(uint16_t hardware)
{
	for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
		if (link_types[i].hardware == hardware)
			return link_types[i].link_type;
	return -1;
}

struct iface_table *iface_table_new(struct netlink *n)
{
	struct iface_table *t = mem_zero(sizeof *t);
	t->netlink = n;
	return t;
}

static void forget(struct iface_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		mem_free(t->ifaces[i].addresses);
	t->count = 0;
	t->filled = false;
}

void iface_table_free(struct iface_table *t)
{
	if (!t)
		return;
	forget(t);
	mem_free(t->ifaces);
	mem_free(t);
}

static struct iface *find(struct iface_table *t, int index)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->ifaces[i].index == index)
			return &t->ifaces[i];
	return NULL;
}

static struct iface *add(struct iface_table *t, int index)
{
	struct iface *i = find(t, index);
	if (i)                       /* a dump that was asked again */
		return i;
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 8;
		t->ifaces = mem_resize(t->ifaces, t->room * sizeof *t->ifaces);
	}
	i = &t->ifaces[t->count++];
	*i = (struct iface){ .index = index };
	return i;
}

static void take_mac(struct iface *i, const struct nlattr *attribute)
{
	uint16_t len = mnl_attr_get_payload_len(attribute);
	if (len > sizeof i->mac)
		return;
	memcpy(i->mac, mnl_attr_get_payload(attribute), len);
	i->mac_len = (uint8_t)len;
}

static int take_link(const struct nlmsghdr *message, void *state)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *a[IFLA_MTU + 1];
	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	netlink_attributes(message, sizeof *info, a, IFLA_MTU);
	if (!a[IFLA_IFNAME])
		return MNL_CB_OK;
	struct iface *i = add(state, info->ifi_index);
	strncpy(i->name, mnl_attr_get_str(a[IFLA_IFNAME]), sizeof i->name - 1);
	i->hardware = info->ifi_type;
	i->flags = info->ifi_flags;
	i->link_type = link_type_of(info->ifi_type);
	i->mtu = a[IFLA_MTU] ? mnl_attr_get_u32(a[IFLA_MTU]) : 0;
	i->mac_len = 0;
	if (a[IFLA_ADDRESS])
		take_mac(i, a[IFLA_ADDRESS]);
	return MNL_CB_OK;
}

static struct address address_from(int family, const struct nlattr *attribute)
{
	struct address none = {0}, probe = { .family = (uint8_t)family };
	if (!attribute || address_len(&probe) == 0 || mnl_attr_get_payload_len(attribute) != address_len(&probe))
		return none;
	return address_of(family, mnl_attr_get_payload(attribute));
}

static bool known(const struct iface *i, const struct iface_address *a)
{
	for (size_t at = 0; at < i->address_count; at++)
		if (address_equal(&i->addresses[at].address, &a->address) && i->addresses[at].prefix == a->prefix)
			return true;
	return false;
}

/* On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where given, is always ours. */
static int take_address(const struct nlmsghdr *message, void *state)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *a[IFA_BROADCAST + 1];
	struct iface *i = find(state, (int)info->ifa_index);
	if (message->nlmsg_type != RTM_NEWADDR || !i)
		return MNL_CB_OK;
	netlink_attributes(message, sizeof *info, a, IFA_BROADCAST);
	struct iface_address own = { .prefix = info->ifa_prefixlen, .scope = info->ifa_scope };
	struct address address = address_from(info->ifa_family, a[IFA_ADDRESS]), local = address_from(info->ifa_family, a[IFA_LOCAL]);
	own.address = local.family ? local : address;
	own.broadcast = address_from(info->ifa_family, a[IFA_BROADCAST]);
	if (local.family && address.family && !address_equal(&local, &address))
		own.peer = address;
	if (!own.address.family || known(i, &own))
		return MNL_CB_OK;
	i->addresses = mem_resize(i->addresses, (i->address_count + 1) * sizeof own);
	i->addresses[i->address_count++] = own;
	return MNL_CB_OK;
}

static int by_index(const void *a, const void *b)
{
	const struct iface *x = a, *y = b;
	return (x->index > y->index) - (x->index < y->index);
}

static bool fill(struct iface_table *t, struct error *e)
{
	uint32_t generation = netlink_generation(t->netlink, NETLINK_LINKS);
	if (t->filled && t->generation == generation)
		return true;
	forget(t);
	netlink_request(t->netlink, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	int code = netlink_ask(t->netlink, take_link, t);
	netlink_request(t->netlink, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	if (!code)
		code = netlink_ask(t->netlink, take_address, t);
	if (code)
		return error_system(e, code, "cannot list the network interfaces");
	if (t->count)
		qsort(t->ifaces, t->count, sizeof *t->ifaces, by_index);
	t->generation = generation;
	t->filled = true;
	return true;
}

uint32_t iface_generation(struct iface_table *t)
{
	return netlink_generation(t->netlink, NETLINK_LINKS);
}

bool iface_all(struct iface_table *t, const struct iface **ifaces, size_t *count, struct error *e)
{
	if (!fill(t, e))
		return false;
	*ifaces = t->ifaces;
	*count = t->count;
	return true;
}

struct names {
	const struct iface_table *table;
	size_t at;
};

static const char *next_name(void *state)
{
	struct names *n = state;
	return n->at < n->table->count ? n->table->ifaces[n->at++].name : NULL;
}

static bool unknown(struct iface_table *t, const char *name, struct error *e)
{
	struct names names = { t, 0 };
	struct buf all = {0};
	const char *near = text_nearest(name, next_name, &names);
	for (size_t i = 0; !near && i < t->count; i++)
		buf_print(&all, "%s%s", i ? ", " : "; there are ", t->ifaces[i].name);
	if (near)
		error_set(e, "OSError", "no interface '%s'; did you mean '%s'?", name, near);
	else
		error_set(e, "OSError", "no interface '%s'%s", name, buf_str(&all));
	e->code = ENODEV;
	buf_free(&all);
	return false;
}

const struct iface *iface_by_name(struct iface_table *t, const char *name, struct error *e)
{
	if (!fill(t, e))
		return NULL;
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->ifaces[i].name, name) == 0)
			return &t->ifaces[i];
	unknown(t, name, e);
	return NULL;
}

const struct iface *iface_by_index(struct iface_table *t, int index, struct error *e)
{
	if (!fill(t, e))
		return NULL;
	const struct iface *i = find(t, index);
	if (!i) {
		error_set(e, "OSError", "no interface with index %d", index);
		e->code = ENODEV;
	}
	return i;
}

const struct iface *iface_of_address(struct iface_table *t, const struct address *a)
{
	struct error e = {0};
	if (!fill(t, &e)) {
		error_clear(&e);
		return NULL;
	}
	for (size_t i = 0; i < t->count; i++)
		for (size_t at = 0; at < t->ifaces[i].address_count; at++)
			if (address_equal(&t->ifaces[i].addresses[at].address, a))
				return &t->ifaces[i];
	return NULL;
}

bool iface_is_loopback(const struct iface *i)
{
	return i->flags & IFF_LOOPBACK;
}

bool iface_is_up(const struct iface *i)
{
	return i->flags & IFF_UP;
}

const struct iface_address *iface_address_first(const struct iface *i, int family)
{
	const struct iface_address *best = NULL;
	for (size_t at = 0; at < i->address_count; at++) {
		const struct iface_address *a = &i->addresses[at];
		if (a->address.family == family && (!best || a->scope < best->scope))
			best = a;
	}
	return best;
}

const struct iface_address *iface_address_near(const struct iface *i, const struct address *to)
{
	for (size_t at = 0; at < i->address_count; at++) {
		const struct iface_address *a = &i->addresses[at];
		if (address_in(to, a->peer.family ? &a->peer : &a->address, a->prefix))
			return a;
	}
	return NULL;
}

bool iface_scoped_address(struct iface_table *t, const char *text, struct address *out, int *iface)
{
	struct error e = {0};
	char address[ADDRESS_TEXT];
	const char *percent = strchr(text, '%');
	*iface = 0;
	if (!percent)
		return address_parse(text, out);
	if (percent - text >= (ptrdiff_t)sizeof address)
		return false;
	memcpy(address, text, (size_t)(percent - text));
	address[percent - text] = 0;
	char *end;
	long number = strtol(percent + 1, &end, 10);
	const struct iface *i = *end || end == percent + 1 || number > INT_MAX ? iface_by_name(t, percent + 1, &e) : iface_by_index(t, (int)number, &e);
	error_clear(&e);
	if (!i || !address_parse(address, out) || out->family != AF_INET6)
		return false;
	*iface = i->index;
	return true;
}
