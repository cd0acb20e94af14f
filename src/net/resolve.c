#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "packet/packet.h"

#include "net/exchange.h"

enum { TRIES = 3, KEEP_SECONDS = 120 };
static const double TRY_SECONDS = 0.5;

static struct address address_from(unsigned family, const uint8_t *bytes)
{
	return address_of(family == 16 ? AF_INET6 : AF_INET, bytes);
}

static bool ready(struct wire *w)
{
	struct error e = {0};
	bool open = wire_open(w, &e);
	error_clear(&e);
	return open;
}

static const struct iface *by_name(struct wire *w, const char *name)
{
	struct error e = {0};
	const struct iface *i = iface_by_name(w->ifaces, name, &e);
	error_clear(&e);
	return i;
}

static const struct iface *by_index(struct wire *w, int index)
{
	struct error e = {0};
	const struct iface *i = iface_by_index(w->ifaces, index, &e);
	error_clear(&e);
	return i;
}

/* ---- looking ---------------------------------------------------------------------------------------------------------- */

static void put(uint8_t *out, const struct address *a, unsigned family)
{
	memset(out, 0, family);
	if (address_len(a) == family)
		memcpy(out, a->bytes, family);
}

static bool look_route(void *state, unsigned family, const uint8_t *dst, char *name, uint8_t *source, uint8_t *gateway, bool *has_gateway)
{
	struct wire *w = state;
	struct error e = {0};
	struct address to = address_from(family, dst);
	if (!ready(w))
		return false;
	static const struct route on_link = { .kind = ROUTE_UNICAST };
	const struct iface *named = w->resolver.scope ? by_name(w, w->resolver.scope) : NULL;
	int forced = w->forced ? w->forced : named ? named->index : 0;
	const struct route *r = route_to(w->routes, &to, forced, &e);
	if (!r && forced)                /* the user says where; then on that link */
		r = &on_link;
	const struct iface *i = r ? by_index(w, r->iface ? r->iface : forced) : NULL;
	error_clear(&e);
	if (!i)
		return false;
	memcpy(name, i->name, IFNAMSIZ);
	put(source, &r->source, family);
	const struct iface_address *near = iface_address_near(i, &to), *own = near ? near : iface_address_first(i, to.family);
	if (!r->source.family && own)
		put(source, &own->address, family);
	*has_gateway = address_len(&r->gateway) == family;   /* one of the other family cannot be said here */
	if (*has_gateway)
		put(gateway, &r->gateway, family);
	return true;
}

static bool look_mac(void *state, const char *name, uint8_t mac[6])
{
	struct wire *w = state;
	const struct iface *i = ready(w) ? by_name(w, name) : NULL;
	if (!i || i->mac_len != 6)
		return false;
	memcpy(mac, i->mac, 6);
	return true;
}

/* Addresses whose link address follows from them: groups (RFC 1112, 6.4; RFC 2464, 7) and broadcasts. */
static bool derived(const struct wire *w, const struct iface *i, const struct address *a, uint8_t mac[6])
{
	if (address_is_multicast(a)) {
		bool four = a->family == AF_INET;
		memcpy(mac, four ? (uint8_t[]){ 1, 0, 0x5e } : (uint8_t[]){ 0x33, 0x33 }, four ? 3 : 2);
		memcpy(mac + (four ? 3 : 2), a->bytes + (four ? 1 : 12), four ? 3 : 4);
		if (four)
			mac[3] &= 0x7f;
		return true;
	}
	struct error e = {0};
	const struct route *r = route_to(w->routes, a, i->index, &e);
	bool broadcast = r && r->kind == ROUTE_BROADCAST;
	error_clear(&e);
	if (broadcast)
		memset(mac, 0xff, 6);
	return broadcast;
}

static bool look_neighbour(void *state, const char *name, unsigned family, const uint8_t *bytes, uint8_t mac[6])
{
	struct wire *w = state;
	struct neigh found;
	struct address a = address_from(family, bytes);
	const struct iface *i = ready(w) ? by_name(w, name) : NULL;
	if (!i)
		return false;
	if (derived(w, i, &a, mac))
		return true;
	if (!neigh_find(w->neighbours, i->index, &a, &found) || found.mac_len != 6)
		return false;
	memcpy(mac, found.mac, 6);
	return true;
}

static bool look_up(void *state, unsigned family, const char *name, uint8_t *address)
{
	struct addrinfo hints = { .ai_family = family == 16 ? AF_INET6 : AF_INET, .ai_socktype = SOCK_STREAM }, *found = NULL;
	if (getaddrinfo(name, NULL, &hints, &found) != 0 || !found)
		return false;
	if (family == 16)
		memcpy(address, &((struct sockaddr_in6 *)found->ai_addr)->sin6_addr, 16);
	else
		memcpy(address, &((struct sockaddr_in *)found->ai_addr)->sin_addr, 4);
	freeaddrinfo(found);
	return true;
}

static const char *look_default(void *state)
{
	struct wire *w = state;
	if (!ready(w))
		return NULL;
	const struct iface *i = w->forced ? by_index(w, w->forced) : wire_default_iface(w);
	return i ? i->name : NULL;
}

void resolve_install(struct wire *w)
{
	w->resolver = (struct resolver){ w, look_route, look_mac, look_neighbour, look_up, look_default, NULL };
	world_of(w->vm)->resolver = &w->resolver;
}

/* ---- asking ----------------------------------------------------------------------------------------------------------- */

static value library_call(struct vm *vm, const char *function, size_t count, const value *args)
{
	value module = vm_import(vm, "tools.neighbour");
	if (is_unset(module))
		return VALUE_UNSET;
	value f = value_attr(vm, module, str_intern(vm, function));
	value result = is_unset(f) ? f : value_call_args(vm, f, count, args);
	value_drop(f);
	value_drop(module);
	return result;
}

static value request_for(struct vm *vm, const struct iface *iface, const struct address *a)
{
	char text[ADDRESS_TEXT];
	value args[] = { str_value(vm, address_text(a, text)), str_value(vm, iface->name) };
	value request = library_call(vm, "_request", 2, args);
	value_drop(args[0]);
	value_drop(args[1]);
	if (is_unset(request) || is_packet(request))
		return request;
	value_drop(request);
	return vm_raise(vm, vm->errors.TypeError, "neighbour._request() gave no packet");
}

/* The answer's link address, as 6 bytes. */
static bool read_answer(struct vm *vm, value answer, struct neigh *out)
{
	struct view view;
	value mac = library_call(vm, "_answer", 1, &answer);
	bool ok = !is_unset(mac) && value_to_view(vm, mac, &view);
	if (ok && (view.len == 0 || view.len > sizeof out->mac))
		ok = vm_raise_ok(vm, vm->errors.ValueError, "neighbour._answer() gave no link address");
	if (ok) {
		memcpy(out->mac, view.bytes, view.len);
		out->mac_len = (uint8_t)view.len;
	}
	value_drop(mac);
	return ok;
}

static bool ask(struct vm *vm, const struct iface *iface, const struct address *a, struct neigh *out, bool *known)
{
	char name[IFNAMSIZ];
	memcpy(name, iface->name, sizeof name);
	int index = iface->index;
	value request = request_for(vm, iface, a), answer = VALUE_NONE;
	bool ok = !is_unset(request);
	for (int i = 0; ok && i < TRIES && is_none(answer); i++)
		ok = exchange_one(vm, request, name, TRY_SECONDS, &answer);
	value_drop(request);
	*known = ok && !is_none(answer);
	ok = ok && (!*known || read_answer(vm, answer, out));
	if (ok && *known)
		neigh_learn(wire_of(vm)->neighbours, index, a, out, KEEP_SECONDS);
	value_drop(answer);
	return ok;
}

bool resolve_neighbour(struct vm *vm, const struct iface *iface, const struct address *a, struct neigh *out, bool *known)
{
	struct wire *w = wire_of(vm);
	*known = neigh_find(w->neighbours, iface->index, a, out);
	return *known || ask(vm, iface, a, out, known);
}

void resolve_silent(struct error *e, const struct address *hop, const struct address *to, const char *iface)
{
	char hop_text[ADDRESS_TEXT], to_text[ADDRESS_TEXT];
	address_text(hop, hop_text);
	if (!to || address_equal(hop, to))
		error_set(e, "OSError", "%s does not answer on %s: nobody there tells its link address", hop_text, iface);
	else
		error_set(e, "OSError", "%s, the next hop to %s, does not answer on %s: nobody there tells its link address", hop_text,
		          address_text(to, to_text), iface);
	e->code = EHOSTUNREACH;
}

static bool needs_hop(const struct iface *iface, const struct route *route)
{
	return route->kind == ROUTE_UNICAST && iface->link_type == DLT_EN10MB && !iface_is_loopback(iface);
}

bool resolve_known(struct wire *w, const struct iface *iface, const struct route *route, const struct address *to, struct hop *hop)
{
	struct neigh found;
	*hop = (struct hop){ .iface = iface->index, .address = route->gateway.family ? route->gateway : *to };
	return !needs_hop(iface, route) || neigh_find(w->neighbours, iface->index, &hop->address, &found);
}

/* ---- many at once ---- */

struct asking { struct vm *vm; struct hop **hops; };

static bool take_answer(void *state, size_t asked, value answer)
{
	const struct asking *a = state;
	struct hop *hop = a->hops[asked];
	struct neigh found = {0};
	if (!read_answer(a->vm, answer, &found))
		return false;
	hop->known = true;
	neigh_learn(wire_of(a->vm)->neighbours, hop->iface, &hop->address, &found, KEEP_SECONDS);
	return true;
}

/* Those of the interface of the first that was not asked for yet. */
static bool ask_on(struct vm *vm, struct hop *hops, size_t count, bool *asked, size_t first)
{
	struct error e = {0};
	const struct iface *iface = iface_by_index(wire_of(vm)->ifaces, hops[first].iface, &e);
	if (!iface) {
		vm_raise_error(vm, &e);
		return false;
	}
	struct iface there = *iface;             /* the table may be read anew meanwhile */
	struct asking a = { vm, mem_alloc(count * sizeof(struct hop *)) };
	struct list *requests = list_new(vm, 0);
	bool ok = true;
	for (size_t i = first; ok && i < count; i++) {
		if (hops[i].iface != there.index)
			continue;
		value request = request_for(vm, &there, &hops[i].address);
		ok = !is_unset(request);
		asked[i] = true;
		if (ok) {
			a.hops[requests->count] = &hops[i];
			list_append(requests, request);
		}
	}
	ok = ok && exchange_each(vm, value_object(requests), there.name, TRY_SECONDS, TRIES - 1, take_answer, &a);
	object_drop(requests);
	mem_free(a.hops);
	return ok;
}

bool resolve_hops(struct vm *vm, struct hop *hops, size_t count)
{
	bool ok = true, *asked = mem_zero((count + 1) * sizeof *asked);
	for (size_t i = 0; ok && i < count; i++)
		ok = asked[i] || ask_on(vm, hops, count, asked, i);
	mem_free(asked);
	return ok;
}

bool resolve_next_hop(struct vm *vm, const struct iface *iface, const struct route *route, const struct address *to)
{
	char name[IFNAMSIZ];
	struct neigh found;
	bool known;
	struct address hop = route->gateway.family ? route->gateway : *to, last = *to;
	if (!needs_hop(iface, route))
		return true;
	memcpy(name, iface->name, sizeof name);
	if (!resolve_neighbour(vm, iface, &hop, &found, &known))
		return false;
	if (known)
		return true;
	struct error e = {0};
	resolve_silent(&e, &hop, &last, name);
	vm_raise_error(vm, &e);
	return false;
}
