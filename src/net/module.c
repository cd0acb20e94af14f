#include "net/module.h"

#include <string.h>
#include <sys/socket.h>

#include "lang/types.h"

#include "net/capfiles.h"
#include "net/exchange.h"
#include "net/linksocket.h"
#include "net/norst.h"
#include "net/resolve.h"
#include "net/send.h"
#include "net/sniff.h"
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

static value default_iface(struct vm *vm, value *a)
{
	struct wire *w = wire_ready(vm);
	const struct iface *i = w ? wire_default_iface(w) : NULL;
	if (i)
		return str_value(vm, i->name);
	return w ? VALUE_NONE : VALUE_UNSET;
}

/* ---- routes and neighbours -------------------------------------------------------------------------------------------- */

static bool address_argument(struct vm *vm, value v, struct address *out)
{
	value text = value_str(vm, v);
	struct resolver *r = world_of(vm)->resolver;
	uint8_t bytes[16];
	bool ok = !is_unset(text);
	if (ok && !address_parse(as_str(text)->data, out)) {
		ok = r->lookup(r->state, 4, as_str(text)->data, bytes);
		if (ok)
			*out = address_of(AF_INET, bytes);
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
	struct wire *w = wire_ready(vm);
	if (!w || !address_argument(vm, a[0], &to))
		return VALUE_UNSET;
	char source[ADDRESS_TEXT], gateway[ADDRESS_TEXT];
	const char *none = to.family == AF_INET ? "0.0.0.0" : "::";
	const struct route *r = route_to(w->routes, &to, 0, &e);
	const struct iface *i = r ? iface_by_index(w->ifaces, r->iface, &e) : NULL;
	error_clear(&e);
	value parts[3];
	parts[0] = str_value(vm, i ? i->name : "lo");
	parts[1] = str_value(vm, r && r->source.family ? address_text(&r->source, source) : none);
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
static void add_route(const struct route_entry *entry, void *state)
{
	struct listing *l = state;
	struct vm *vm = l->vm;
	struct error e = {0};
	char text[ADDRESS_TEXT];
	int family = entry->destination.family;
	const char *none = family == AF_INET ? "0.0.0.0" : "::";
	const struct iface *i = iface_by_index(l->wire->ifaces, entry->route.iface, &e);
	const struct iface_address *own = i ? iface_address_first(i, family) : NULL;
	error_clear(&e);
	value parts[6];
	parts[0] = str_value(vm, address_text(&entry->destination, text));
	parts[1] = value_int(entry->prefix);
	parts[2] = str_value(vm, entry->route.gateway.family ? address_text(&entry->route.gateway, text) : none);
	parts[3] = str_value(vm, i ? i->name : "");
	const struct address *source = entry->route.source.family ? &entry->route.source : own ? &own->address : NULL;
	parts[4] = str_value(vm, source ? address_text(source, text) : none);
	parts[5] = value_int(entry->metric);
	list_append(l->list, tuple_of(vm, 6, parts));
	for (int at = 0; at < 6; at++)
		value_drop(parts[at]);
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
	if (iface_all(w->ifaces, &ifaces, &count, &e) && route_each(w->routes, version == 6 ? AF_INET6 : AF_INET, add_route, &l, &e))
		return value_object(l.list);
	object_drop(l.list);
	return vm_raise_error(vm, &e);
}

/* The link address behind an address: its own where it is on a link of ours, else its gateway's. */
static value getmacbyip(struct vm *vm, value *a)
{
	struct address to;
	struct error e = {0};
	struct neigh found;
	uint8_t mac[6];
	bool known = false;
	struct wire *w = wire_ready(vm);
	if (!w || !address_argument(vm, a[0], &to))
		return VALUE_UNSET;
	const struct route *r = route_to(w->routes, &to, 0, &e);
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

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const struct native functions[] = {
	{ "send", send_layer3, SEND_ARGUMENTS, "Send packets of layer 3 where the kernel's routes lead." },
	{ "sendp", send_layer2, SEND_ARGUMENTS, "Send frames on an interface as they are." },
	{ "sr", exchange_sr, EXCHANGE_ARGUMENTS, "Send packets of layer 3 and match what comes back: (answered, unanswered)." },
	{ "sr1", exchange_sr1, EXCHANGE_ARGUMENTS, "Send packets of layer 3 and return the first answer, or None." },
	{ "srp", exchange_srp, EXCHANGE_ARGUMENTS, "Send frames and match what comes back: (answered, unanswered)." },
	{ "srp1", exchange_srp1, EXCHANGE_ARGUMENTS, "Send frames and return the first answer, or None." },
	{ "sniff", sniff_run, SNIFF_ARGUMENTS, "Capture packets, hand each to prn, and return them as a list." },
	{ "rdpcap", capfiles_rdpcap, "filename, count=-1", "The packets of a capture file as a list." },
	{ "wrpcap", capfiles_wrpcap, "filename, pkt, " WRITER_ARGUMENTS, "Write packets to a capture file." },
	{ "get_if_list", get_if_list, "", "The names of the network interfaces." },
	{ "get_if_addr", get_if_addr, "iff=None", "The first IPv4 address of an interface; 0.0.0.0 when it has none." },
	{ "get_if_addr6", get_if_addr6, "iff=None", "The first IPv6 address of an interface, or None." },
	{ "get_if_hwaddr", get_if_hwaddr, "iff=None", "The MAC address of an interface." },
	{ "getmacbyip", getmacbyip, "ip, chainCC=0", "The MAC address to which packets for an address go; None: nobody answers." },
	{ "_default_iface", default_iface, "", "The name of the interface that the default route leaves by." },
	{ "_route", find_route, "dst", "(interface, source, gateway) for an address." },
	{ "_routes", list_routes, "version=4", "The kernel's main table: (network, prefix, gateway, interface, source, metric) each." },
	{ 0 },
};

static bool add_type(struct vm *vm, struct type **place, struct type *type)
{
	*place = type;
	if (type)
		dict_set_text(vm, vm->builtins, type->name->data, value_object(object_keep(type)));
	return type != NULL;
}

bool module_make(struct vm *vm)
{
	struct wire *w = wire_of(vm);
	vm_add_builtins(vm, functions);
	return add_type(vm, &w->no_rst, norst_type(vm)) && add_type(vm, &w->reader, capfiles_reader_type(vm))
	       && add_type(vm, &w->writer, capfiles_writer_type(vm))
	       && add_type(vm, &w->link_socket, linksocket_type(vm));
}
