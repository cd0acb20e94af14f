/* Addresses of which only the bytes that say something are sent: the start of an address, and routes with the start of their
 * destination (RFC 7871, 6; RFC 3442). Their values are texts: "10.1.0.0", "10.1.0.0/16:10.0.0.1". */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"

enum { ADDRESS_MAX = 16 };

static int family_of(const struct field *f)
{
	return f->limit == ADDRESS_MAX ? AF_INET6 : AF_INET;
}

static value address_text(struct vm *vm, int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];
	inet_ntop(family, address, text, sizeof text);
	return str_value(vm, text);
}

static bool show_text(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* ---- the start of an address ---- */

/* How many bytes the bits said elsewhere take: as many as begin. */
static bool said_bytes(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes)
{
	struct site at = *s;
	int64_t bits = 0;
	if (c)
		at.cursor = c;
	if (!field_length(&at, &f->length_from, c ? (int64_t)cursor_left(c) : 0, &bits))
		return false;
	bits = bits < 0 ? 0 : bits > f->limit * 8 ? f->limit * 8 : bits;
	*bytes = (size_t)(bits + 7) / 8;
	return true;
}

static bool leading_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	return said_bytes(s, f, c, bytes);
}

static value leading_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint8_t address[ADDRESS_MAX] = { 0 };
	size_t left = cursor_left(c), have = bytes < left ? bytes : left;
	const uint8_t *p = cursor_take(c, have);
	if (p && have <= (size_t)f->limit)
		memcpy(address, p, have);
	return address_text(s->vm, family_of(f), address);
}

static value leading_accept(struct vm *vm, const struct field *f, value given)
{
	uint8_t address[ADDRESS_MAX];
	if (is_str(given) && inet_pton(family_of(f), as_str(given)->data, address) == 1)
		return address_text(vm, family_of(f), address);
	return field_refuse(vm, f, given, "%s address", f->limit == ADDRESS_MAX ? "an IPv6" : "an IPv4");
}

/* As many bytes as the length says; unless they are cut there, never fewer than are not zero. */
static bool leading_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint8_t address[ADDRESS_MAX] = { 0 };
	size_t len = (size_t)f->limit, said = f->data ? len : 0;
	if (!is_str(v) || inet_pton(family_of(f), as_str(v)->data, address) != 1) {
		field_refuse(s->vm, f, v, "an address");
		return false;
	}
	if (s->stack && !said_bytes(s, f, NULL, &said))
		return false;
	while (len > said && (f->data || address[len - 1] == 0))
		len--;
	buf_add(out, address, len);
	return true;
}

/* LeadingIPField(name, default, length_from, cut): the length is in bits; data is set when the bytes behind it are cut off */
static bool leading_make(struct vm *vm, struct field *f, const value *a)
{
	static char mark;
	bool cut;
	f->limit = strstr(f->kind->name, "IP6") ? ADDRESS_MAX : 4;
	if (!length_take(vm, &f->length_from, a[2], "length_from") || !value_truth(vm, a[3], &cut))
		return false;
	f->data = cut ? &mark : NULL;
	return facts_take(vm, f, a + 4);
}

/* ---- a route: the width of its destination, as much of that as is needed, the router ---- */

static size_t route_bytes(unsigned width)
{
	return 1 + (width + 7) / 8 + 4;
}

static bool route_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	unsigned width = cursor_left(c) ? c->bytes[cursor_at(c)] : 0;
	*bytes = route_bytes(width > 32 ? 32 : width);
	if (width > 32 || *bytes > cursor_left(c))
		*problem = "a route that is none";
	return true;
}

static value route_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint8_t destination[4] = { 0 };
	char text[2][INET_ADDRSTRLEN], all[2 * INET_ADDRSTRLEN + 8];
	const uint8_t *p = cursor_take(c, bytes);
	if (!p || bytes < 5 || p[0] > 32 || route_bytes(p[0]) != bytes)
		return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
	memcpy(destination, p + 1, bytes - 5);
	inet_ntop(AF_INET, destination, text[0], sizeof text[0]);
	inet_ntop(AF_INET, p + bytes - 4, text[1], sizeof text[1]);
	snprintf(all, sizeof all, "%s/%u:%s", text[0], p[0], text[1]);
	return str_value(s->vm, all);
}

/* "10.1.0.0/16:10.0.0.1"; false: it is none. */
static bool route_parse(const char *text, unsigned *width, uint8_t destination[4], uint8_t router[4])
{
	char parts[2][INET_ADDRSTRLEN];
	int end = 0;
	if (sscanf(text, "%15[0-9.]/%2u:%15[0-9.]%n", parts[0], width, parts[1], &end) != 3 || text[end] || *width > 32)
		return false;
	return inet_pton(AF_INET, parts[0], destination) == 1 && inet_pton(AF_INET, parts[1], router) == 1;
}

static value route_accept(struct vm *vm, const struct field *f, value given)
{
	unsigned width;
	uint8_t ends[2][4];
	if (is_bytes(given) || (is_str(given) && route_parse(as_str(given)->data, &width, ends[0], ends[1])))
		return value_keep(given);
	return field_refuse(vm, f, given, "a route, like \"10.1.0.0/16:10.0.0.1\"");
}

static bool route_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	unsigned width;
	uint8_t ends[2][4];
	if (is_bytes(v)) {
		buf_add(out, as_bytes(v)->data, as_bytes(v)->len);
		return true;
	}
	if (!is_str(v) || !route_parse(as_str(v)->data, &width, ends[0], ends[1])) {
		field_refuse(s->vm, f, v, "a route, like \"10.1.0.0/16:10.0.0.1\"");
		return false;
	}
	buf_char(out, (char)width);
	buf_add(out, ends[0], (width + 7) / 8);
	buf_add(out, ends[1], 4);
	return true;
}

static bool route_make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static const struct codec leading_codec = {
	.extent = leading_extent, .decode = leading_decode, .encode = leading_encode, .accept = leading_accept, .show = show_text,
};
static const struct codec route_codec = {
	.extent = route_extent, .decode = route_decode, .encode = route_encode, .accept = route_accept, .show = show_text,
};

const struct field_kind kinds_prefix[] = {
	{ "LeadingIPField", "name, default, length_from=None, cut=False" FACTS, "the start of an IPv4 address, of a number of bits said elsewhere",
	  &leading_codec, leading_make, FIELD_FORMS | FIELD_SIZED, 0 },
	{ "LeadingIP6Field", "name, default, length_from=None, cut=False" FACTS, "the start of an IPv6 address, of a number of bits said elsewhere",
	  &leading_codec, leading_make, FIELD_FORMS | FIELD_SIZED, 0 },
	{ "ClasslessStaticRoutesField", "name, default" FACTS, "a route: destination/width:router", &route_codec, route_make, FIELD_FORMS, 0 },
	{ 0 },
};
