/* What the kernel's tables say, for the language: interfaces, routes, neighbours. */
#include "net/tables.h"

#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "lang/types.h"

#include "net/own_routes.h"
#include "net/resolve.h"
#include "net/wire.h"

/* ---- interfaces ------------------------------------------------------------------------------------------------------- */

static value get_if_list(struct vm *vm, value *a)
{
	struct error e = {0};
	const struct iface *ifaces;
	size_t count;
	struct wire *w = wire_ready(vm);
	if (!w)
		return VALUE_UNSET;
	if (!iface_all(w->ifaces, &ifaces, &count, &e))
		return vm_raise_error(vm, &e);
	struct list *names = list_new(vm, count);
	for (size_t i = 0; i < count; i++)
		list_append(names, str_value(vm, ifaces[i].name));
	return value_object(names);
}

static value address_value(struct vm *vm, const struct iface_address *a, const char *none)
{
	char text[ADDRESS_TEXT];
	return str_value(vm, a ? address_text(&a->address, text) : none);
}

static value get_if_addr(struct vm *vm, value *a)
{
	const struct iface *i = wire_iface(vm, a[0]);
	return i ? address_value(vm, iface_address_first(i, AF_INET), "0.0.0.0") : VALUE_UNSET;
}

static value get_if_addr6(struct vm *vm, value *a)
{
	const struct iface *i = wire_iface(vm, a[0]);
	if (!i)
		return VALUE_UNSET;
	const struct iface_address *first = iface_address_first(i, AF_INET6);
	return first ? address_value(vm, first, "") : VALUE_NONE;
}

static value mac_value(struct vm *vm, const uint8_t *mac)
{
	char text[18];
	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return str_value(vm, text);
}

static value get_if_hwaddr(struct vm *vm, value *a)
{
	static const uint8_t none[6];
	const struct iface *i = wire_iface(vm, a[0]);
	return i ? mac_value(vm, i->mac_len == 6 ? i->mac : none) : VALUE_UNSET;
}

/* (name, index, mac, mtu, flags, hardware, [(version, address, prefix, scope, peer)]) of an interface, by name or index. */
static value interface_addresses(struct vm *vm, const struct iface *i)
{
	struct list *all = list_new(vm, i->address_count);
	for (size_t at = 0; at < i->address_count; at++) {
		const struct iface_address *a = &i->addresses[at];
		value parts[5] = { value_int(a->address.family == AF_INET ? 4 : 6), address_value(vm, a, ""), value_int(a->prefix),
		                   value_int(a->scope), VALUE_NONE };
		char text[ADDRESS_TEXT];
		if (a->peer.family)
			parts[4] = str_value(vm, address_text(&a->peer, text));
		list_append(all, tuple_of(vm, 5, parts));
		value_drop(parts[1]);
		value_drop(parts[4]);
	}
	return value_object(all);
}

static value interface_facts(struct vm *vm, value *a)
{
	struct error e = {0};
	int64_t index;
	struct wire *w = wire_ready(vm);
	if (!w || (!is_str(a[0]) && !value_to_int64(vm, a[0], &index)))
		return VALUE_UNSET;
	const struct iface *i = is_str(a[0]) ? iface_by_name(w->ifaces, as_str(a[0])->data, &e)
	                                     : iface_by_index(w->ifaces, index > 0 && index < INT_MAX ? (int)index : 0, &e);
	if (!i)
		return vm_raise_error(vm, &e);
	struct buf mac = {0};
	for (unsigned at = 0; at < i->mac_len; at++)
		buf_print(&mac, at ? ":%02x" : "%02x", i->mac[at]);
	value parts[7] = { str_value(vm, i->name), value_int(i->index), str_from_buf(vm, &mac), value_int(i->mtu), value_int(i->flags),
	                   value_int(i->hardware), interface_addresses(vm, i) };
	value all = tuple_of(vm, 7, parts);
	for (int at = 0; at < 7; at++)
		value_drop(parts[at]);
	return all;
}

static value default_iface(struct vm *vm, value *a)
{
	struct wire *w = wire_ready(vm);
	const struct iface *i = w ? wire_default_iface(w) : NULL;
	if (i)
		return str_value(vm, i->name);
	return w ? VALUE_NONE : VALUE_UNSET;
}

/* ---- routes and neighbours -------------------------------------------------------------------------------------------- */

/* An address or a name; "fe80::1%eth0" also says which interface (*iface, 0: any). `family`: of a name's addresses. */
static bool address_argument(struct vm *vm, value v, int family, struct address *out, int *iface)
{
	if (is_int(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "an address is a str, not %s", value_type_name(vm, v));
	value text = value_str(vm, v);
	struct resolver *r = world_of(vm)->resolver;
	uint8_t bytes[16];
	bool ok = !is_unset(text);
	if (ok && !iface_scoped_address(wire_of(vm)->ifaces, as_str(text)->data, out, iface)) {
		*iface = 0;
		ok = r->lookup(r->state, family == AF_INET6 ? 16 : 4, as_str(text)->data, bytes);
		if (ok)
			*out = address_of(family, bytes);
		else
			vm_raise(vm, vm->errors.ValueError, "'%s' is no address", as_str(text)->data);
	}
	value_drop(text);
	return ok;
}

/* (interface, source, gateway), as conf.route.route() gives it: no gateway is 0.0.0.0, no route the loopback interface. */
static value find_route(struct vm *vm, value *a)
{
	struct address to;
	struct error e = {0};
	int scope, index = 0;
	struct wire *w = wire_ready(vm);
	if (!w || !address_argument(vm, a[0], AF_INET, &to, &scope))
		return VALUE_UNSET;
	if (!is_none(a[1])) {
		const struct iface *wanted = wire_iface(vm, a[1]);
		if (!wanted)
			return VALUE_UNSET;
		index = wanted->index;
	}
	char source[ADDRESS_TEXT], gateway[ADDRESS_TEXT];
	const char *none = to.family == AF_INET ? "0.0.0.0" : "::";
	const struct route *r = route_to(w->routes, &to, index ? index : scope, &e);
	const struct iface *i = r ? iface_by_index(w->ifaces, r->iface, &e) : NULL;
	error_clear(&e);
	value parts[3];
	parts[0] = str_value(vm, i ? i->name : "lo");
	const struct iface_address *own = i ? iface_address_first(i, to.family) : NULL;
	parts[1] = str_value(vm, r && r->source.family ? address_text(&r->source, source) : r && own ? address_text(&own->address, source) : none);
	parts[2] = str_value(vm, r && r->gateway.family ? address_text(&r->gateway, gateway) : none);
	value all = tuple_of(vm, 3, parts);
	for (int at = 0; at < 3; at++)
		value_drop(parts[at]);
	return all;
}

struct listing {
	struct vm *vm;
	struct wire *wire;
	struct list *list;
};

/* (network, prefix, gateway, interface, source, metric) */
static value entry_value(struct vm *vm, struct wire *w, const struct route_entry *entry)
{
	struct error e = {0};
	char text[ADDRESS_TEXT];
	int family = entry->destination.family;
	const char *none = family == AF_INET ? "0.0.0.0" : "::";
	const struct iface *i = iface_by_index(w->ifaces, entry->route.iface, &e);
	const struct iface_address *near = i && entry->prefix ? iface_address_near(i, &entry->destination) : NULL;
	const struct iface_address *own = near || !i ? near : iface_address_first(i, family);
	error_clear(&e);
	value parts[6];
	parts[0] = str_value(vm, address_text(&entry->destination, text));
	parts[1] = value_int(entry->prefix);
	parts[2] = str_value(vm, entry->route.gateway.family ? address_text(&entry->route.gateway, text) : none);
	parts[3] = str_value(vm, i ? i->name : "");
	const struct address *source = entry->route.source.family ? &entry->route.source : own ? &own->address : NULL;
	parts[4] = str_value(vm, source ? address_text(source, text) : none);
	parts[5] = value_int(entry->metric);
	value all = tuple_of(vm, 6, parts);
	for (int at = 0; at < 6; at++)
		value_drop(parts[at]);
	return all;
}

static bool add_route(const struct route_entry *entry, void *state)
{
	enum { POLL_EVERY = 1024 };
	struct listing *l = state;
	if (!entry) {
		object_drop(l->list);
		l->list = list_new(l->vm, 8);
		return true;
	}
	list_append(l->list, entry_value(l->vm, l->wire, entry));
	return l->list->count % POLL_EVERY || vm_poll(l->vm);
}

static value list_routes(struct vm *vm, value *a)
{
	struct error e = {0};
	int64_t version;
	const struct iface *ifaces;
	size_t count;
	struct wire *w = wire_ready(vm);
	if (!w || !value_to_int64(vm, a[0], &version))
		return VALUE_UNSET;
	struct listing l = { vm, w, list_new(vm, 8) };
	/* The interfaces first: a list of routes is one answer, in which nothing else can be asked. */
	if (iface_all(w->ifaces, &ifaces, &count, &e) && route_each(w->routes, version == 6 ? AF_INET6 : AF_INET, add_route, &l, &e)
	    && !vm_pending(vm))
		return value_object(l.list);
	object_drop(l.list);
	return vm_pending(vm) ? VALUE_UNSET : vm_raise_error(vm, &e);
}

/* ---- routes of the user's own (conf.route.add, delt) -------------------------------------------------------------------- */

static bool part_address(struct vm *vm, value v, struct address *out)
{
	struct address any = {0};
	if (!is_str(v) || !address_parse(as_str(v)->data, out))
		return vm_raise_ok(vm, vm->errors.ValueError, "a route is made of addresses");
	any.family = out->family;
	if (address_equal(out, &any))
		*out = (struct address){0};              /* unspecified: none */
	return true;
}

static bool read_entry(struct vm *vm, value v, struct route_entry *out)
{
	const value *parts;
	size_t count;
	int64_t prefix, metric;
	*out = (struct route_entry){0};
	if (!value_items(v, &parts, &count) || count != 6)
		return vm_raise_ok(vm, vm->errors.ValueError, "a route is (network, prefix, gateway, interface, source, metric)");
	if (!is_str(parts[0]) || !address_parse(as_str(parts[0])->data, &out->destination))
		return vm_raise_ok(vm, vm->errors.ValueError, "a route leads to a network");
	const struct iface *i = wire_iface(vm, parts[3]);
	if (!i || !value_to_int64(vm, parts[1], &prefix) || !value_to_int64(vm, parts[5], &metric))
		return false;
	if (prefix < 0 || prefix > (int64_t)address_len(&out->destination) * 8)
		return vm_raise_ok(vm, vm->errors.ValueError, "a network of %lld bits", (long long)prefix);
	out->route.iface = i->index;
	out->prefix = (uint8_t)prefix;
	out->metric = metric < 0 ? 0 : (uint32_t)metric;
	return part_address(vm, parts[2], &out->route.gateway) && part_address(vm, parts[4], &out->route.source);
}

static bool read_entries(struct vm *vm, value v, struct route_entry **list, size_t *list_count)
{
	const value *items;
	size_t count;
	struct route_entry entry;
	if (!value_items(v, &items, &count))
		return vm_raise_ok(vm, vm->errors.TypeError, "routes come as a list");
	for (size_t i = 0; i < count; i++) {
		if (!read_entry(vm, items[i], &entry))
			return false;
		own_routes_add(list, list_count, &entry);
	}
	return true;
}

static value set_routes(struct vm *vm, value *a)
{
	int64_t version;
	struct own_routes read = {0};
	struct wire *w = wire_ready(vm);
	if (!w || !value_to_int64(vm, a[0], &version))
		return VALUE_UNSET;
	if (!read_entries(vm, a[1], &read.added, &read.added_count) || !read_entries(vm, a[2], &read.hidden, &read.hidden_count)) {
		own_routes_clear(&read);
		return VALUE_UNSET;
	}
	struct own_routes *own = route_own(w->routes, version == 6 ? AF_INET6 : AF_INET);
	own_routes_clear(own);
	*own = read;
	route_edited(w->routes);
	return VALUE_NONE;
}

/* The link address behind an address: its own where it is on a link of ours, else its gateway's. */
static value mac_behind(struct vm *vm, value who, int family)
{
	struct address to;
	int scope;
	struct error e = {0};
	struct neigh found;
	uint8_t mac[6];
	bool known = false;
	struct wire *w = wire_ready(vm);
	if (!w || !address_argument(vm, who, family, &to, &scope))
		return VALUE_UNSET;
	const struct route *r = route_to(w->routes, &to, scope, &e);
	const struct iface *i = r ? iface_by_index(w->ifaces, r->iface, &e) : NULL;
	if (!i)
		return vm_raise_error(vm, &e);
	struct address hop = r->gateway.family ? r->gateway : to;
	if (r->kind == ROUTE_LOCAL)
		return str_value(vm, "ff:ff:ff:ff:ff:ff");
	if (w->resolver.neighbour(w, i->name, (unsigned)address_len(&hop), hop.bytes, mac))
		return mac_value(vm, mac);
	if (!resolve_neighbour(vm, i, &hop, &found, &known))
		return VALUE_UNSET;
	return known && found.mac_len == 6 ? mac_value(vm, found.mac) : VALUE_NONE;
}

static value getmacbyip(struct vm *vm, value *a)
{
	return mac_behind(vm, a[0], AF_INET);
}

static value getmacbyip6(struct vm *vm, value *a)
{
	return mac_behind(vm, a[0], AF_INET6);
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

const struct native tables_functions[] = {
	{ "get_if_list", get_if_list, "", "The names of the network interfaces." },
	{ "get_if_addr", get_if_addr, "iff=None", "The first IPv4 address of an interface; 0.0.0.0 when it has none." },
	{ "get_if_addr6", get_if_addr6, "iff=None", "The first IPv6 address of an interface, or None." },
	{ "get_if_hwaddr", get_if_hwaddr, "iff=None", "The MAC address of an interface." },
	{ "getmacbyip", getmacbyip, "ip, chainCC=0", "The MAC address to which packets for an address go; None: nobody answers." },
	{ "getmacbyip6", getmacbyip6, "ip6, chainCC=0", "The MAC address to which packets for an IPv6 address go; None: nobody answers." },
	{ "_default_iface", default_iface, "", "The name of the interface that the default route leaves by." },
	{ "_routes", list_routes, "version=4", "The kernel's main table: (network, prefix, gateway, interface, source, metric) each." },
	{ "_route", find_route, "dst, dev=None", "(interface, source, gateway) for an address." },
	{ "_set_routes", set_routes, "version, added, hidden", "What this program alone uses, and does not use, of routes." },
	{ "_iface", interface_facts, "iff", "(name, index, mac, mtu, flags, hardware, addresses) of an interface." },
	{ 0 },
};
