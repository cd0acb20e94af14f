/* Addresses and names: what socket's functions translate between. */
#include "lang/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"

value raise_lookup(struct vm *vm, int code)
{
	value module = vm_import(vm, "socket");
	value cls = is_unset(module) ? module : value_attr(vm, module, str_intern(vm, "gaierror"));
	value_drop(module);
	if (is_unset(cls))
		return cls;
	value args[2] = { value_int(code), str_value(vm, gai_strerror(code)) };
	value error = value_call_args(vm, cls, 2, args);
	value_drop(args[1]);
	value_drop(cls);
	return is_unset(error) ? error : vm_raise_value(vm, error);
}

/* ---- addresses ---- */

static bool port_of(struct vm *vm, value v, uint16_t *out)
{
	int64_t port;
	if (!value_to_int64(vm, v, &port))
		return false;
	if (port < 0 || port > 65535)
		return vm_raise_ok(vm, vm->errors.OverflowError, "port must be 0-65535, not %lld", (long long)port);
	*out = htons((uint16_t)port);
	return true;
}

/* A host: "" is every address, "<broadcast>" the limited broadcast; numbers are not looked up. */
static bool host_of(struct vm *vm, int family, value v, struct address *out)
{
	if (!is_str(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "a host is a str, not %s", value_type_name(vm, v));
	const char *host = as_str(v)->data;
	if (strlen(host) != as_str(v)->len)
		return vm_raise_ok(vm, vm->errors.ValueError, "embedded null character in a host");
	if (strcmp(host, "<broadcast>") == 0)
		host = "255.255.255.255";
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = *host ? 0 : AI_PASSIVE }, *found;
	int code = VM_WAIT(vm, getaddrinfo(*host ? host : NULL, *host ? NULL : "0", &hints, &found));
	if (code != 0) {
		raise_lookup(vm, code);
		return false;
	}
	memcpy(&out->sa, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static bool unix_address(struct vm *vm, value v, struct address *out)
{
	struct sockaddr_un *sa = (struct sockaddr_un *)&out->sa;
	struct view path = { 0 };
	if (is_str(v))
		path = (struct view){ (const uint8_t *)as_str(v)->data, as_str(v)->len };
	else if (!value_to_view(vm, v, &path))
		return false;
	if (path.len >= sizeof sa->sun_path)
		return vm_raise_ok(vm, vm->errors.OSError, "AF_UNIX path too long");
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path.bytes, path.len);
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + (path.len && path.bytes[0] ? 1 : 0));
	return true;
}

/* (interface name, protocol[, ...]) */
static bool packet_address(struct vm *vm, const value *parts, size_t count, struct address *out)
{
	struct sockaddr_ll *sa = (struct sockaddr_ll *)&out->sa;
	int64_t protocol = 0;
	if (!is_str(parts[0]))
		return vm_raise_ok(vm, vm->errors.TypeError, "an AF_PACKET address begins with an interface's name");
	if (count > 1 && !value_to_int64(vm, parts[1], &protocol))
		return false;
	sa->sll_family = AF_PACKET;
	sa->sll_protocol = htons((uint16_t)protocol);
	sa->sll_ifindex = (int)if_nametoindex(as_str(parts[0])->data);
	out->len = sizeof *sa;
	if (sa->sll_ifindex == 0) {
		vm_raise_os(vm, ENODEV, VALUE_NONE);
		return false;
	}
	return true;
}

bool address_from(struct vm *vm, int family, value v, struct address *out)
{
	const value *parts;
	size_t count;
	memset(out, 0, sizeof *out);
	if (family == AF_UNIX)
		return unix_address(vm, v, out);
	if (!is_kind(v, KIND_TUPLE) || !value_items(v, &parts, &count) || count < 2 || count > 4)
		return vm_raise_ok(vm, vm->errors.TypeError, "an address is a tuple (host, port), not %s", value_type_name(vm, v));
	if (family == AF_PACKET)
		return packet_address(vm, parts, count, out);
	if (!host_of(vm, family, parts[0], out))
		return false;
	if (family == AF_INET)
		return port_of(vm, parts[1], &((struct sockaddr_in *)&out->sa)->sin_port);
	struct sockaddr_in6 *sa = (struct sockaddr_in6 *)&out->sa;
	int64_t flow = 0, scope = sa->sin6_scope_id;
	if ((count > 2 && !value_to_int64(vm, parts[2], &flow)) || (count > 3 && !value_to_int64(vm, parts[3], &scope)))
		return false;
	sa->sin6_flowinfo = htonl((uint32_t)flow);
	sa->sin6_scope_id = (uint32_t)scope;
	return port_of(vm, parts[1], &sa->sin6_port);
}

static value tuple_taking(struct vm *vm, size_t count, TAKES value *parts)
{
	value t = tuple_of(vm, count, parts);
	for (size_t i = 0; i < count; i++)
		value_drop(parts[i]);
	return t;
}

value address_value(struct vm *vm, const struct address *a)
{
	char text[INET6_ADDRSTRLEN];
	if (a->sa.ss_family == AF_INET) {
		const struct sockaddr_in *sa = (const struct sockaddr_in *)&a->sa;
		value parts[2] = { str_value(vm, inet_ntop(AF_INET, &sa->sin_addr, text, sizeof text)), value_int(ntohs(sa->sin_port)) };
		return tuple_taking(vm, 2, parts);
	}
	if (a->sa.ss_family == AF_INET6) {
		const struct sockaddr_in6 *sa = (const struct sockaddr_in6 *)&a->sa;
		value parts[4] = { str_value(vm, inet_ntop(AF_INET6, &sa->sin6_addr, text, sizeof text)), value_int(ntohs(sa->sin6_port)),
			value_int(ntohl(sa->sin6_flowinfo)), value_int(sa->sin6_scope_id) };
		return tuple_taking(vm, 4, parts);
	}
	if (a->sa.ss_family == AF_PACKET) {
		const struct sockaddr_ll *sa = (const struct sockaddr_ll *)&a->sa;
		char name[IF_NAMESIZE] = "";
		if_indextoname((unsigned)sa->sll_ifindex, name);
		size_t len = sa->sll_halen < sizeof sa->sll_addr ? sa->sll_halen : sizeof sa->sll_addr;
		value parts[5] = { str_value(vm, name), value_int(ntohs(sa->sll_protocol)), value_int(sa->sll_pkttype), value_int(sa->sll_hatype),
			bytes_value(vm, sa->sll_addr, len) };
		return tuple_taking(vm, 5, parts);
	}
	const struct sockaddr_un *sa = (const struct sockaddr_un *)&a->sa;
	size_t at = offsetof(struct sockaddr_un, sun_path);
	return a->sa.ss_family == AF_UNIX && a->len > at ? str_value(vm, sa->sun_path) : a->sa.ss_family == AF_UNIX ? str_value(vm, "") : VALUE_NONE;
}

/* ---- names ---- */

static value f_gethostname(struct vm *vm, value *a)
{
	char name[256];
	if (gethostname(name, sizeof name) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	name[sizeof name - 1] = 0;
	return str_value(vm, name);
}

static value f_gethostbyname(struct vm *vm, value *a)
{
	struct address address = { 0 };
	if (!host_of(vm, AF_INET, a[0], &address))
		return VALUE_UNSET;
	char text[INET_ADDRSTRLEN];
	return str_value(vm, inet_ntop(AF_INET, &((struct sockaddr_in *)&address.sa)->sin_addr, text, sizeof text));
}

static bool small_int(struct vm *vm, value v, int *out)
{
	int64_t number = 0;
	if (!is_unset(v) && !is_none(v) && !value_to_int64(vm, v, &number))
		return false;
	*out = (int)number;
	return true;
}

static value info_value(struct vm *vm, const struct addrinfo *i)
{
	struct address address = { .len = i->ai_addrlen };
	memcpy(&address.sa, i->ai_addr, i->ai_addrlen);
	value parts[5] = { value_int(i->ai_family), value_int(i->ai_socktype), value_int(i->ai_protocol),
		str_value(vm, i->ai_canonname ? i->ai_canonname : ""), address_value(vm, &address) };
	return tuple_taking(vm, 5, parts);
}

static value f_getaddrinfo(struct vm *vm, value *a)
{
	struct addrinfo hints = { 0 }, *found;
	char service[32];
	const char *host = is_str(a[0]) ? as_str(a[0])->data : NULL, *port = is_str(a[1]) ? as_str(a[1])->data : NULL;
	if (!small_int(vm, a[2], &hints.ai_family) || !small_int(vm, a[3], &hints.ai_socktype) || !small_int(vm, a[4], &hints.ai_protocol)
		|| !small_int(vm, a[5], &hints.ai_flags))
		return VALUE_UNSET;
	if (a[1].tag == TAG_INT) {
		snprintf(service, sizeof service, "%lld", (long long)a[1].i);
		port = service;
	}
	int code = VM_WAIT(vm, getaddrinfo(host, port, &hints, &found));
	if (code != 0)
		return raise_lookup(vm, code);
	struct list *all = list_new(vm, 4);
	for (const struct addrinfo *i = found; i; i = i->ai_next)
		list_append(all, info_value(vm, i));
	freeaddrinfo(found);
	return value_object(all);
}

static value f_getservbyname(struct vm *vm, value *a)
{
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "a service's name is a str, not %s", value_type_name(vm, a[0]));
	struct servent *s = getservbyname(as_str(a[0])->data, is_str(a[1]) ? as_str(a[1])->data : NULL);
	return s ? value_int(ntohs((uint16_t)s->s_port)) : vm_raise(vm, vm->errors.OSError, "service/proto not found");
}

static value f_getservbyport(struct vm *vm, value *a)
{
	uint16_t port = 0;
	if (!port_of(vm, a[0], &port))
		return VALUE_UNSET;
	struct servent *s = getservbyport(port, is_str(a[1]) ? as_str(a[1])->data : NULL);
	return s ? str_value(vm, s->s_name) : vm_raise(vm, vm->errors.OSError, "port/proto not found");
}

static value f_if_nameindex(struct vm *vm, value *a)
{
	struct if_nameindex *all = if_nameindex();
	struct list *list = list_new(vm, 4);
	for (struct if_nameindex *i = all; i && i->if_index; i++) {
		value parts[2] = { value_int(i->if_index), str_value(vm, i->if_name) };
		list_append(list, tuple_taking(vm, 2, parts));
	}
	if (all)
		if_freenameindex(all);
	return value_object(list);
}

static value f_if_nametoindex(struct vm *vm, value *a)
{
	unsigned index = is_str(a[0]) ? if_nametoindex(as_str(a[0])->data) : 0;
	return index ? value_int(index) : vm_raise(vm, vm->errors.OSError, "no interface with this name");
}

/* ---- numbers and texts of addresses ---- */

static value f_inet_aton(struct vm *vm, value *a)
{
	struct in_addr in;
	if (!is_str(a[0]) || !inet_aton(as_str(a[0])->data, &in))
		return vm_raise(vm, vm->errors.OSError, "illegal IP address string passed to inet_aton");
	return bytes_value(vm, &in, 4);
}

static value packed_text(struct vm *vm, int family, value packed)
{
	struct view view;
	char text[INET6_ADDRSTRLEN];
	if (!value_to_view(vm, packed, &view))
		return VALUE_UNSET;
	if (view.len != (family == AF_INET ? 4u : 16u))
		return vm_raise(vm, vm->errors.ValueError, "invalid length of packed IP address string");
	return str_value(vm, inet_ntop(family, view.bytes, text, sizeof text));
}

static value f_inet_ntoa(struct vm *vm, value *a)
{
	return packed_text(vm, AF_INET, a[0]);
}

static bool ip_family(struct vm *vm, value v, int *out)
{
	if (!small_int(vm, v, out))
		return false;
	return *out == AF_INET || *out == AF_INET6 || vm_raise_ok(vm, vm->errors.OSError, "[Errno 97] Address family not supported by protocol");
}

static value f_inet_pton(struct vm *vm, value *a)
{
	uint8_t packed[16];
	int family;
	if (!ip_family(vm, a[0], &family))
		return VALUE_UNSET;
	if (!is_str(a[1]) || inet_pton(family, as_str(a[1])->data, packed) != 1)
		return vm_raise(vm, vm->errors.OSError, "illegal IP address string passed to inet_pton");
	return bytes_value(vm, packed, family == AF_INET ? 4 : 16);
}

static value f_inet_ntop(struct vm *vm, value *a)
{
	int family;
	return ip_family(vm, a[0], &family) ? packed_text(vm, family, a[1]) : VALUE_UNSET;
}

static value swapped(struct vm *vm, value v, unsigned bits)
{
	uint64_t number;
	if (!int_to_u64(v, &number) || number >> bits)
		return vm_raise(vm, vm->errors.OverflowError, "a number of 0 to 2**%u-1 is wanted", bits);
	return value_int(bits == 16 ? htons((uint16_t)number) : htonl((uint32_t)number));
}

static value f_swap16(struct vm *vm, value *a) { return swapped(vm, a[0], 16); }
static value f_swap32(struct vm *vm, value *a) { return swapped(vm, a[0], 32); }

const struct native socket_functions[] = {
	{ "gethostname", f_gethostname, "", "This host's name." },
	{ "getfqdn", f_gethostname, "name=''", "This host's name." },
	{ "gethostbyname", f_gethostbyname, "hostname, /", "A host's IPv4 address as text." },
	{ "getaddrinfo", f_getaddrinfo, "host, port, family=0, type=0, proto=0, flags=0", "The addresses of a host and a service." },
	{ "getservbyname", f_getservbyname, "servicename, protocolname=None, /", "A service's port." },
	{ "getservbyport", f_getservbyport, "port, protocolname=None, /", "A port's service." },
	{ "if_nameindex", f_if_nameindex, "", "The interfaces as (index, name)." },
	{ "if_nametoindex", f_if_nametoindex, "name, /", "An interface's index." },
	{ "inet_aton", f_inet_aton, "ip_addr, /", "An IPv4 address's 4 bytes." },
	{ "inet_ntoa", f_inet_ntoa, "packed_ip, /", "4 bytes as an IPv4 address." },
	{ "inet_pton", f_inet_pton, "address_family, ip_string, /", "An address's bytes." },
	{ "inet_ntop", f_inet_ntop, "address_family, packed_ip, /", "Bytes as an address." },
	{ "htons", f_swap16, "x, /", "16 bits from host to network order." },
	{ "ntohs", f_swap16, "x, /", "16 bits from network to host order." },
	{ "htonl", f_swap32, "x, /", "32 bits from host to network order." },
	{ "ntohl", f_swap32, "x, /", "32 bits from network to host order." },
	{ 0 },
};
