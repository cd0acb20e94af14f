#include "packet/net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "packet/packet.h"
#include "packet/world.h"

typedef unsigned __int128 wide;

static struct net *as_net(value v)
{
	return (struct net *)v.o;
}

wide net_count(const struct net *n)
{
	if (n->contiguous)
		return n->count;
	wide count = 1;
	for (unsigned i = 0; i < 4; i++)
		count *= (wide)(n->high[i] - n->low[i] + 1);
	return count;
}

static wide wide_of(const uint8_t *address, unsigned family)
{
	wide number = 0;
	for (unsigned i = 0; i < family; i++)
		number = number << 8 | address[i];
	return number;
}

void net_address(const struct net *n, wide nth, uint8_t *address)
{
	if (n->contiguous) {
		wide number = n->first + nth;
		for (unsigned i = n->family; i-- > 0; number >>= 8)
			address[i] = (uint8_t)number;
		return;
	}
	for (unsigned i = 4; i-- > 0;) {
		unsigned width = n->high[i] - n->low[i] + 1u;
		address[i] = (uint8_t)(n->low[i] + (unsigned)(nth % width));
		nth /= width;
	}
}

value net_address_text(struct vm *vm, const struct net *n, wide nth)
{
	uint8_t address[16];
	char text[INET6_ADDRSTRLEN];
	net_address(n, nth, address);
	inet_ntop(n->family == 4 ? AF_INET : AF_INET6, address, text, sizeof text);
	return str_value(vm, text);
}

/* ---- reading the text ---- */

bool net_is_range(const char *text, size_t len)
{
	if (memchr(text, '/', len) || memchr(text, '*', len))
		return true;
	/* "10.0.0.1-5": a dash between digits of something that is no host name */
	bool dash = false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-')
			dash = true;
		else if (text[i] != '.' && (text[i] < '0' || text[i] > '9'))
			return false;
	}
	return dash;
}

static bool read_octet(const char **at, unsigned *out)
{
	char *end;
	if (**at < '0' || **at > '9')
		return false;
	unsigned long number = strtoul(*at, &end, 10);
	if (number > 255 || end - *at > 3)
		return false;
	*at = end;
	*out = (unsigned)number;
	return true;
}

/* "10.0.1-5.*" into the bounds of each byte. */
static bool read_octets(const char *text, struct net *n)
{
	for (unsigned i = 0; i < 4; i++) {
		unsigned low = 0, high = 255;
		if (*text == '*') {
			text++;
		} else {
			if (!read_octet(&text, &low))
				return false;
			high = low;
			if (*text == '-' && (text++, !read_octet(&text, &high)))
				return false;
		}
		if (high < low || *text != (i < 3 ? '.' : 0))
			return false;
		text += i < 3;
		n->low[i] = (uint8_t)low;
		n->high[i] = (uint8_t)high;
	}
	return true;
}

static bool read_address(struct vm *vm, const char *text, unsigned family, uint8_t *address)
{
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, text, address) == 1)
		return true;
	struct resolver *resolver = world_of(vm)->resolver;
	return resolver && resolver->lookup && resolver->lookup(resolver->state, family, text, address);
}

static bool read_prefix(struct vm *vm, char *text, char *slash, struct net *n)
{
	uint8_t address[16];
	unsigned bits = n->family * 8;
	char *end;
	*slash = 0;
	unsigned long prefix = strtoul(slash + 1, &end, 10);
	if (end == slash + 1 || *end || prefix > bits || !read_address(vm, text, n->family, address))
		return false;
	wide all = ~(wide)0, host = prefix == 0 ? all : prefix == 128 ? 0 : ~(all << (bits - prefix));
	if (bits < 128)
		host &= ((wide)1 << bits) - 1;
	n->contiguous = true;
	n->first = wide_of(address, n->family) & ~host;
	n->count = host + 1;
	return true;
}

static bool read_net(struct vm *vm, const char *text, size_t len, struct net *n)
{
	char copy[300];
	if (len >= sizeof copy || memchr(text, 0, len))
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	char *slash = strchr(copy, '/');
	if (slash)
		return read_prefix(vm, copy, slash, n);
	if (n->family == 4 && read_octets(copy, n))
		return true;
	uint8_t address[16];
	if (!read_address(vm, copy, n->family, address))
		return false;
	n->contiguous = true;
	n->first = wide_of(address, n->family);
	n->count = 1;
	return true;
}

static struct type *net_type(struct vm *vm, unsigned family)
{
	value type = dict_get_text(vm, vm->builtins, family == 4 ? "Net" : "Net6");
	return is_kind(type, KIND_TYPE) ? (struct type *)type.o : world_of(vm)->net;
}

static value net_bad(struct vm *vm, const char *text, size_t len, unsigned family)
{
	return vm_raise(vm, vm->errors.ValueError, "'%.*s' is no IPv%d address, network or host name", (int)(len > 80 ? 80 : len), text, family == 4 ? 4 : 6);
}

value net_parse(struct vm *vm, const char *text, size_t len, unsigned family)
{
	struct net *n = object_new(net_type(vm, family), 0);
	n->family = family;
	n->text = str_new(vm, text, len);
	if (read_net(vm, text, len, n))
		return value_object(n);
	object_drop(n);
	return net_bad(vm, text, len, family);
}

/* ---- the type ---- */

/* Net(net), Net(first, last) */
static value net_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	if (!call_bind(vm, cls->signature ? cls->signature : world_of(vm)->net->signature, call, a))
		return VALUE_UNSET;
	unsigned family = strcmp(cls->name->data, "Net6") == 0 ? 16 : 4;
	value made = VALUE_UNSET;
	if (is_kind(a[0], KIND_NET)) {
		made = value_keep(a[0]);
	} else if (!is_str(a[0])) {
		vm_raise(vm, vm->errors.TypeError, "%s takes a text, not %s", cls->name->data, value_type_name(vm, a[0]));
	} else {
		made = net_parse(vm, as_str(a[0])->data, as_str(a[0])->len, family);
	}
	if (!is_unset(made) && is_str(a[1])) {
		struct net *first = as_net(made);
		value last = net_parse(vm, as_str(a[1])->data, as_str(a[1])->len, family);
		uint8_t low[16], high[16];
		if (!is_unset(last)) {
			net_address(first, 0, low);
			net_address(as_net(last), net_count(as_net(last)) - 1, high);
			wide from = wide_of(low, family), to = wide_of(high, family);
			first->contiguous = true;
			first->first = from;
			first->count = to - from + 1;
			object_drop(first->text);
			first->text = str_printf(vm, "%s\", \"%s", as_str(a[0])->data, as_str(a[1])->data);
			if (to < from)
				vm_raise(vm, vm->errors.ValueError, "%s ends before it begins: %s to %s", cls->name->data, as_str(a[0])->data, as_str(a[1])->data);
		}
		value_drop(last);
		if (vm_pending(vm))
			value_set(&made, VALUE_UNSET);
	}
	value_drop(a[0]);
	value_drop(a[1]);
	return made;
}

static void net_release(struct object *o)
{
	object_drop(((struct net *)o)->text);
}

static bool net_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "%s(\"%s\")", self.o->type->name->data, as_net(self)->text->data);
	return true;
}

static bool net_str(struct vm *vm, value self, struct buf *out)
{
	value first = net_address_text(vm, as_net(self), 0);
	buf_text(out, as_str(first)->data);
	value_drop(first);
	return true;
}

static bool net_length(struct vm *vm, value self, size_t *out)
{
	wide count = net_count(as_net(self));
	if (count == 0 || count > SIZE_MAX)
		return vm_raise_ok(vm, vm->errors.OverflowError, "%s has more addresses than can be counted", as_net(self)->text->data);
	*out = (size_t)count;
	return true;
}

static value net_item(struct vm *vm, value self, value key)
{
	size_t len = 0, nth;
	if (!net_length(vm, self, &len) || !index_in(vm, key, len, "Net", &nth))
		return VALUE_UNSET;
	return net_address_text(vm, as_net(self), nth);
}

static bool net_holds(const struct net *n, const uint8_t *address)
{
	if (n->contiguous)
		return wide_of(address, n->family) - n->first < n->count || (n->count == 0 && n->family == 16);
	for (unsigned i = 0; i < 4; i++) {
		if (address[i] < n->low[i] || address[i] > n->high[i])
			return false;
	}
	return true;
}

static bool net_contains(struct vm *vm, value self, value needle, bool *out)
{
	const struct net *n = as_net(self);
	uint8_t low[16], high[16];
	*out = false;
	if (is_kind(needle, KIND_NET)) {
		const struct net *other = as_net(needle);
		if (other->family != n->family)
			return true;
		net_address(other, 0, low);
		net_address(other, net_count(other) - 1, high);
		*out = net_holds(n, low) && net_holds(n, high);
		return true;
	}
	if (!is_str(needle))
		return true;
	value other = net_parse(vm, as_str(needle)->data, as_str(needle)->len, n->family);
	if (is_unset(other))
		return false;
	bool ok = net_contains(vm, self, other, out);
	value_drop(other);
	return ok;
}

static value net_step(struct vm *vm, struct iterator *it)
{
	const struct net *n = as_net(it->over);
	if (it->at >= net_count(n) && net_count(n) != 0)
		return VALUE_UNSET;
	return net_address_text(vm, n, it->at++);
}

static value net_iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, net_step);
}

static value net_compare(struct vm *vm, enum compare op, value a, value b)
{
	if ((op != CMP_EQ && op != CMP_NE) || !is_kind(b, KIND_NET))
		return VALUE_UNSUPPORTED;
	const struct net *x = as_net(a), *y = as_net(b);
	uint8_t first[2][16], last[2][16];
	bool same = x->family == y->family && net_count(x) == net_count(y);
	if (same) {
		net_address(x, 0, first[0]);
		net_address(y, 0, first[1]);
		net_address(x, net_count(x) - 1, last[0]);
		net_address(y, net_count(y) - 1, last[1]);
		same = memcmp(first[0], first[1], x->family) == 0 && memcmp(last[0], last[1], x->family) == 0;
	}
	return value_bool(same == (op == CMP_EQ));
}

static bool net_hash(struct vm *vm, value self, uint64_t *out)
{
	const struct net *n = as_net(self);
	uint8_t first[16];
	net_address(n, 0, first);
	*out = (uint64_t)wide_of(first, n->family) * 0x9e3779b97f4a7c15u + (uint64_t)net_count(n);
	return true;
}

void net_add(struct vm *vm)
{
	struct type_spec spec = {
		.name = "Net", .doc = "A set of IPv4 addresses: Net(\"10.0.0.0/24\"), Net(\"10.0.1-5.*\"), Net(\"10.0.0.1\", \"10.0.0.9\").",
		.kind = KIND_NET, .size = sizeof(struct net), .flags = TYPE_SUBCLASSABLE, .signature = "net, stop=None",
		.slots = {
			.make = net_make, .release = net_release, .repr = net_repr, .str = net_str, .length = net_length, .item = net_item,
			.contains = net_contains, .iterate = net_iterate, .compare = net_compare, .hash = net_hash,
		},
	};
	struct world *world = world_of(vm);
	world->net = type_new(vm, &spec, NULL);
	dict_set_text(vm, vm->builtins, "Net", value_object(object_keep(world->net)));
	spec.name = "Net6";
	spec.doc = "A set of IPv6 addresses: Net6(\"2001:db8::/120\").";
	dict_set_text(vm, vm->builtins, "Net6", value_object(type_new(vm, &spec, world->net)));
}
