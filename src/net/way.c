/* Where a packet goes: its destination's route, the interface and the next hop that it names. */
#include "net/emit.h"

#include <endian.h>
#include <errno.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/socket.h>

#include "net/resolve.h"

static bool refuse(struct emit *e, struct error *error)
{
	vm_raise_error(e->vm, error);
	return false;
}

/* The first layer from `at` on that has network addresses; -1: none. */
static int network_layer(const struct stack *s, unsigned at)
{
	for (unsigned i = at; i < s->count; i++)
		if (s->parts[i].layer->destination >= 0)
			return (int)i;
	return -1;
}

static bool refuse_scope(struct emit *e, const char *name)
{
	struct error error = {0};
	if (!iface_by_name(e->wire->ifaces, name, &error))
		return refuse(e, &error);
	return vm_raise_ok(e->vm, e->vm->errors.ValueError, "%s(): only an IPv6 address names an interface", e->function);
}

/* *scope: the index of the interface that it names ("fe80::1%eth0"), or 0. */
static bool destination(struct emit *e, struct stack *s, unsigned at, struct address *out, int *scope)
{
	value v = part_effective(s, at, (unsigned)s->parts[at].layer->destination);
	bool ok = !is_unset(v);
	if (ok && (!is_str(v) || !iface_scoped_address(e->wire->ifaces, as_str(v)->data, out, scope)))
		ok = is_str(v) && strchr(as_str(v)->data, '%') ? refuse_scope(e, strchr(as_str(v)->data, '%') + 1) : vm_raise_ok(e->vm, e->vm->errors.ValueError, "%s has no destination that can be sent to", layer_class_name(s->parts[at].layer));
	value_drop(v);
	return ok;
}

bool emit_to_many(struct stack *member)
{
	struct vm *vm = member->vm;
	struct address to = {0};
	int scope;
	int at = network_layer(member, 0);
	uint64_t word;
	if (at >= 0 && member->parts[at].layer->family == 4 && part_word(member, (unsigned)at, (unsigned)member->parts[at].layer->destination, &word))
		return word >> 28 == 14 || word == UINT32_MAX;          /* RFC 1112, 4; RFC 919, 7 */
	value v = at < 0 ? VALUE_NONE : part_effective(member, (unsigned)at, (unsigned)member->parts[at].layer->destination);
	bool many = !is_unset(v) && is_str(v) && iface_scoped_address(wire_of(vm)->ifaces, as_str(v)->data, &to, &scope)
	            && (address_is_multicast(&to) || (to.family == AF_INET && memcmp(to.bytes, "\xff\xff\xff\xff", 4) == 0));
	if (is_unset(v))
		vm_clear(vm);
	value_drop(v);
	return many;
}

static const struct iface *iface_at(struct emit *e, int index)
{
	struct error error = {0};
	const struct iface *i = iface_by_index(e->wire->ifaces, index, &error);
	if (!i)
		refuse(e, &error);
	return i;
}

static bool way_link(struct emit *e, int index, struct emit_way *out)
{
	struct error error = {0};
	const struct iface *i = iface_at(e, index);
	if (!i)
		return false;
	*out = (struct emit_way){ .inject = inject_pool_link(e->wire->injects, i, &error), .index = index };
	if (!out->inject)
		return refuse(e, &error);
	out->link_type = inject_link_type(out->inject);
	return true;
}

static bool way_local(struct emit *e, int family, int index, struct emit_way *out)
{
	struct error error = {0};
	*out = (struct emit_way){ .index = index, .local = true, .link_type = DLT_EN10MB };
	out->inject = inject_pool_raw(e->wire->injects, family, index, &error);
	return out->inject || refuse(e, &error);
}

/* Makes the next hop's link address known; what may be set aside (`aside`) is not waited for. */
static bool find_hop(struct emit *e, const struct iface *i, const struct route *route, const struct address *to, bool aside, struct emit_way *out)
{
	struct hop hop;
	if (!aside)
		return resolve_next_hop(e->vm, i, route, to);
	if (!resolve_known(e->wire, i, route, to, &hop))
		*out = (struct emit_way){ .index = i->index, .awaits = hop.address, .link_type = -1 };
	return true;
}

/* A route for a member of layer 3. */
static bool way_routed(struct emit *e, const struct address *to, int wanted, bool aside, struct emit_way *out)
{
	struct error error = {0};
	const struct route *found = route_to(e->wire->routes, to, wanted, &error);
	if (!found && wanted && error.code == ENETUNREACH) {       /* asked for this interface: then on its link */
		error_clear(&error);
		static const struct route on_link = { .kind = ROUTE_UNICAST };
		found = &on_link;
	}
	if (!found)
		return refuse(e, &error);
	struct route route = *found;
	if (!route.iface)
		route.iface = wanted;
	if (route.kind == ROUTE_LOCAL)
		return way_local(e, to->family, route.iface, out);
	const struct iface *i = iface_at(e, route.iface);
	return i && find_hop(e, i, &route, to, aside, out) && (out->awaits.family || way_link(e, route.iface, out));
}

/* Does the link header in front of `at` leave the next hop's address to us? */
static bool wants_hop(struct stack *s, unsigned at)
{
	const struct layer *l = at ? s->parts[at - 1].layer : NULL;
	for (unsigned i = 0; l && i < l->computed_count; i++) {
		const struct field *f = l->fields[l->computed[i]];
		if (f->computed.what == COMPUTE_ROUTE && f->computed.route == ROUTE_DST_MAC)
			return part_is_default(s, at - 1, l->computed[i]);
	}
	return false;
}

/* A frame of the user's goes where he says; only a destination that he left open is asked for. */
static bool hop_of_frame(struct emit *e, struct stack *s, bool aside, struct emit_way *out)
{
	struct address to;
	int scope;
	struct error error = {0};
	int at = network_layer(s, 0);
	if (at < 1 || !wants_hop(s, (unsigned)at))
		return true;
	if (!destination(e, s, (unsigned)at, &to, &scope))
		return false;
	const struct route *found = route_to(e->wire->routes, &to, e->index, &error);
	error_clear(&error);
	const struct iface *i = iface_at(e, e->index);
	if (!i || !found || found->kind != ROUTE_UNICAST)
		return i != NULL;
	struct route route = *found;
	return find_hop(e, i, &route, &to, aside, out);
}

static bool way_of(struct emit *e, struct stack *member, bool aside, struct emit_way *out)
{
	*out = (struct emit_way){ .link_type = -1 };
	struct address to;
	int scope;
	if (e->link)
		return hop_of_frame(e, member, aside, out) && (out->awaits.family || way_link(e, e->index, out));
	if (member->parts[0].layer->destination >= 0)
		return destination(e, member, 0, &to, &scope) && way_routed(e, &to, e->index ? e->index : scope, aside, out);
	const struct iface *i = wire_iface(e->vm, e->index ? VALUE_NONE : VALUE_UNSET);
	return i && way_link(e, e->index ? e->index : i->index, out);
}

bool emit_way(struct emit *e, struct stack *member, struct emit_way *out)
{
	return way_of(e, member, false, out);
}

bool emit_way_known(struct emit *e, struct stack *member, struct emit_way *out)
{
	return way_of(e, member, e->many, out);
}

/* ---- sets whose destination varies ---- */

bool emit_lead(struct emit *e, struct stack *member, const struct emit_way *way, struct emit_lead *out)
{
	struct address to;
	struct error error = {0};
	int at = network_layer(member, 0), scope;
	*out = (struct emit_lead){ .wanted = e->index };
	if (at < 0 || member->parts[at].layer->family != 4 || member->parts[at].layer->source < 0 || (e->link ? wants_hop(member, (unsigned)at) : at > 0))
		return false;
	out->fixed = e->link && !part_is_default(member, (unsigned)at, (unsigned)member->parts[at].layer->source);
	if (out->fixed)
		return true;
	const struct route *route = destination(e, member, (unsigned)at, &to, &scope) ? route_to(e->wire->routes, &to, e->index, &error) : NULL;
	error_clear(&error);
	if (!route || route->kind != ROUTE_UNICAST || route->iface != way->index)
		return false;
	out->route = *route;
	out->hop = route->gateway.family ? route->gateway : to;
	return true;
}

/* Writes the link address of the next hop in front, where that is another one. */
static bool turn_to(struct emit *e, struct emit_lead *lead, const struct address *hop, struct frame *frame)
{
	struct neigh found;
	if (address_equal(hop, &lead->hop))
		return true;
	if (!neigh_find(e->wire->neighbours, lead->route.iface, hop, &found) || found.mac_len != 6)
		return false;
	memcpy(frame->bytes, found.mac, 6);
	lead->hop = *hop;
	return true;
}

bool emit_leads(struct emit *e, struct emit_lead *lead, uint32_t destination, struct frame *frame)
{
	enum { LINK = 14 };
	struct error error = {0};
	if (lead->fixed)
		return true;
	struct address to = address_of(AF_INET, &(uint32_t){ htobe32(destination) });
	const struct route *r = route_to(e->wire->routes, &to, lead->wanted, &error);
	error_clear(&error);
	if (!r || r->kind != ROUTE_UNICAST || r->iface != lead->route.iface || !address_equal(&r->source, &lead->route.source)
	    || (r->mtu && frame->len > r->mtu + LINK))
		return false;
	return e->link || turn_to(e, lead, r->gateway.family ? &r->gateway : &to, frame);
}
