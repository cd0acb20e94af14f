/* What the routes know: source addresses, the next hop's MAC. Looked at when a field that nobody set is read or built. Reading
 * never sends: struct resolver looks at kernel tables only. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "packet/packet.h"
#include "packet/world.h"

struct target { unsigned family; uint8_t address[16]; char scope[IFNAMSIZ]; };     /* scope: the interface that it names, or empty */
struct hop { char iface[IFNAMSIZ]; uint8_t source[16], gateway[16]; bool has_gateway; };

/* The first member of a set stands for it here, as in Scapy. */
static value first_of(struct vm *vm, TAKES value v)
{
	while (v.tag == TAG_OBJECT && (is_kind(v, KIND_LIST) || is_kind(v, KIND_NET) || is_kind(v, KIND_TUPLE))) {
		value it = value_iterate(vm, v), item = is_unset(it) ? it : value_next(vm, it);
		value_drop(it);
		value_drop(v);
		v = item;
		if (is_unset(v)) {
			vm_clear(vm);
			return VALUE_NONE;
		}
	}
	return v;
}

/* A number on the wire that is an IPv4 address, whatever else the packet says. */
static bool is_word4(const struct field *f)
{
	return (f->flags & (FIELD_ADDRESS | FIELD_WORD | FIELD_CHOICE | FIELD_LITTLE)) == (FIELD_ADDRESS | FIELD_WORD) && f->bits == 32;
}

static bool address_of(struct stack *s, unsigned at, unsigned field, struct target *out)
{
	struct vm *vm = s->vm;
	uint64_t word;
	if (is_word4(s->parts[at].layer->fields[field]) && part_word(s, at, field, &word)) {
		*out = (struct target){ .family = 4 };
		memcpy(out->address, &(uint32_t){ htobe32((uint32_t)word) }, 4);
		return true;
	}
	struct site site = { .vm = vm, .stack = s, .at = at };
	const struct field *f = field_active(&site, s->parts[at].layer->fields[field]);
	value v = f ? first_of(vm, part_effective(s, at, field)) : VALUE_UNSET;
	struct buf bytes = {0};
	bool known = f && f->flags & FIELD_ADDRESS && is_str(v) && field_encode(&site, f, v, &bytes) && (bytes.len == 4 || bytes.len == 16);
	if (known) {
		out->family = (unsigned)bytes.len;
		memcpy(out->address, bytes.data, bytes.len);
		const char *scope = strchr(as_str(v)->data, '%');
		snprintf(out->scope, sizeof out->scope, "%s", scope ? scope + 1 : "");
	}
	vm_clear(vm);
	value_drop(v);
	buf_free(&bytes);
	return known;
}

/* The field that says where a layer's packets go: its class's `addresses`, or what a source field names. */
static int target_field(struct stack *s, unsigned at)
{
	const struct layer *l = s->parts[at].layer;
	if (l->destination >= 0)
		return l->destination;
	for (unsigned i = 0; i < l->computed_count; i++) {
		struct site site = { .vm = s->vm, .stack = s, .at = at };
		const struct field *f = field_active(&site, l->fields[l->computed[i]]);
		if (f && f->computed.what == COMPUTE_ROUTE && f->computed.route != ROUTE_GIVEN && f->computed.of_name && layer_field(l, f->computed.of_name) >= 0)
			return layer_field(l, f->computed.of_name);
		vm_clear(s->vm);
	}
	return -1;
}

static bool find_target(struct stack *s, unsigned from, struct target *out, unsigned *where)
{
	for (unsigned i = from; i < s->count; i++) {
		int field = target_field(s, i);
		if (field < 0)
			continue;
		*where = i;
		return address_of(s, i, (unsigned)field, out);
	}
	return false;
}

static bool find_hop(struct world *w, const struct target *t, struct hop *hop)
{
	struct resolver *r = w->resolver;
	memset(hop, 0, sizeof *hop);
	if (!r || !r->route)
		return false;
	r->scope = t->scope[0] ? t->scope : NULL;
	bool found = r->route(r->state, t->family, t->address, hop->iface, hop->source, hop->gateway, &hop->has_gateway);
	r->scope = NULL;
	return found;
}

static value text_of(struct vm *vm, const struct field *f, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);
	return field_decode(&(struct site){ .vm = vm }, f, &c, len * 8);
}

/* Where the layer goes: its own destination, else that of the network layer that carries it, else by the default route. */
static bool target_below(struct stack *s, unsigned at, unsigned family, struct target *out)
{
	int field = target_field(s, at);
	for (unsigned i = at; field < 0 && i-- > 0;)
		if (s->parts[i].layer->family == family)
			return address_of(s, i, (unsigned)s->parts[i].layer->destination, out) && out->family == family;
	*out = (struct target){ .family = family };
	return field < 0 || (address_of(s, at, (unsigned)field, out) && out->family == family);
}

static bool goes_there(struct stack *s, unsigned at)
{
	struct expr *when = s->parts[at].layer->goes_to_when;
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	int64_t holds = 1;
	if (when && !expr_run(&site, when, 0, 0, &holds)) {
		vm_clear(s->vm);
		return false;
	}
	return holds != 0;
}

/* The address that something carried goes to when nobody says. */
static value destination_address(struct stack *s, unsigned at, const struct field *f)
{
	int wide = strchr(f->computed.given->data, ':') != NULL;
	for (unsigned i = at + 1; i < s->count && !s->parts[i].layer->family; i++)
		if (s->parts[i].layer->goes_to[wide] && goes_there(s, i))
			return value_keep(value_object(s->parts[i].layer->goes_to[wide]));
	return value_keep(value_object(f->computed.given));
}

static void source_address(struct stack *s, unsigned at, const struct field *f, uint8_t *out)
{
	static const uint8_t unknown[16], loopback4[4] = { 127, 0, 0, 1 }, loopback6[16] = { [15] = 1 };
	struct world *w = world_of(s->vm);
	unsigned family = f->computed.route == ROUTE_SRC4 ? 4 : 16;
	struct target t;
	struct hop hop;
	const uint8_t *source = unknown;
	if (!target_below(s, at, family, &t))
		source = unknown;
	else if (find_hop(w, &t, &hop))
		source = hop.source;
	else if (!w->resolver && family == 4 && t.address[0] == 127)
		source = loopback4;
	else if (!w->resolver && family == 16 && !memcmp(t.address, loopback6, 16))
		source = loopback6;
	memcpy(out, source, family);
}

static value source_text(struct stack *s, unsigned at, const struct field *f)
{
	uint8_t source[16];
	source_address(s, at, f, source);
	return text_of(s->vm, f, source, f->computed.route == ROUTE_SRC4 ? 4 : 16);
}

static void source_mac(struct stack *s, unsigned at, uint8_t mac[6])
{
	struct world *w = world_of(s->vm);
	struct target t;
	struct hop hop;
	unsigned where;
	const char *iface = NULL;
	if (find_target(s, at, &t, &where) && find_hop(w, &t, &hop))
		iface = hop.iface;
	else if (w->resolver && w->resolver->default_iface)
		iface = w->resolver->default_iface(w->resolver->state);
	if (!iface || !w->resolver->iface_mac || !w->resolver->iface_mac(w->resolver->state, iface, mac))
		memset(mac, 0, 6);
}

/* RFC 1112, 6.4; RFC 2464, 7. */
static bool group_mac(const struct target *t, uint8_t mac[6])
{
	const uint8_t *a = t->address;
	if (t->family == 4 && (a[0] & 0xf0) == 0xe0)
		memcpy(mac, (const uint8_t[]){ 0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3] }, 6);
	else if (t->family == 16 && a[0] == 0xff)
		memcpy(mac, (const uint8_t[]){ 0x33, 0x33, a[12], a[13], a[14], a[15] }, 6);
	else
		return false;
	return true;
}

static bool to_everybody(struct stack *s, unsigned at)
{
	struct expr *broadcast = s->parts[at].layer->broadcast;
	int64_t holds = 0;
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	return broadcast && expr_run(&site, broadcast, 0, 0, &holds) && holds;
}

static void destination_mac(struct stack *s, unsigned at, uint8_t mac[6])
{
	struct resolver *r = world_of(s->vm)->resolver;
	struct target t;
	struct hop hop;
	unsigned where;
	bool found = find_target(s, at + 1, &t, &where) && !to_everybody(s, where) &&
	             (group_mac(&t, mac) ||
	              (find_hop(world_of(s->vm), &t, &hop) && r->neighbour &&
	               r->neighbour(r->state, hop.iface, t.family, hop.has_gateway ? hop.gateway : t.address, mac)));
	if (!found)
		memset(mac, 0xff, 6);
}

static value mac_text(struct stack *s, unsigned at, const struct field *f)
{
	uint8_t mac[6];
	(f->computed.route == ROUTE_SRC_MAC ? source_mac : destination_mac)(s, at, mac);
	return text_of(s->vm, f, mac, sizeof mac);
}

bool part_effective_word(struct stack *s, unsigned at, unsigned field, uint64_t *word)
{
	const struct field *f = s->parts[at].layer->fields[field];
	uint8_t told[8] = {0};
	if (part_word(s, at, field, word))
		return true;
	if (f->computed.what != COMPUTE_ROUTE || (f->flags & (FIELD_WORD | FIELD_CHOICE | FIELD_LITTLE)) != FIELD_WORD || !part_is_none(s, at, field))
		return false;
	if (f->computed.route == ROUTE_SRC4 && f->bits == 32)
		source_address(s, at, f, told + 4);
	else if (f->computed.route == ROUTE_SRC_MAC && f->bits == 48)
		source_mac(s, at, told + 2);
	else if (f->computed.route == ROUTE_DST_MAC && f->bits == 48)
		destination_mac(s, at, told + 2);
	else
		return false;
	uint64_t number;
	memcpy(&number, told, sizeof number);
	*word = be64toh(number);
	return true;
}

value part_effective(struct stack *s, unsigned at, unsigned field)
{
	value v = part_get(s, at, field);
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	if (!is_none(v))
		return v;
	const struct field *f = s->parts[at].layer->fields[field];
	if (f->computed.what != COMPUTE_ROUTE || !(f = field_active(&site, f)) || f->computed.what != COMPUTE_ROUTE)
		return vm_pending(s->vm) ? VALUE_UNSET : v;
	switch (f->computed.route) {
	case ROUTE_SRC4:
	case ROUTE_SRC6:    return source_text(s, at, f);
	case ROUTE_SRC_MAC:
	case ROUTE_DST_MAC: return mac_text(s, at, f);
	case ROUTE_GIVEN:   return destination_address(s, at, f);
	}
	return v;
}
