/* Address prefixes: "10.1.0.0/16", on the wire a length in bits (unless it is said elsewhere) and the bytes that it needs. */
#include "packet/kinds.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct prefix_data { unsigned family, most; int64_t word; };

static const struct prefix_data *prefix_of(const struct field *f)
{
	return f->data;
}

static bool parse_prefix(const struct field *f, const char *text, uint8_t address[16], unsigned *bits)
{
	const struct prefix_data *d = prefix_of(f);
	char host[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char *end = NULL;
	if (len >= sizeof host)
		return false;
	memcpy(host, text, len);
	host[len] = 0;
	unsigned long count = slash ? strtoul(slash + 1, &end, 10) : d->most * 8;
	if ((slash && (end == slash + 1 || *end)) || count > d->most * 8)
		return false;
	*bits = (unsigned)count;
	return inet_pton((int)d->family, host, address) == 1;
}

static size_t prefix_bytes(const struct prefix_data *d, unsigned bits)
{
	size_t bytes = (bits + 7) / 8, word = (size_t)d->word;
	bytes = (bytes + word - 1) / word * word;
	return bytes < d->most ? bytes : d->most;
}

static value prefix_text(struct vm *vm, const struct field *f, const uint8_t *bytes, size_t len, unsigned bits)
{
	uint8_t address[16] = {0};
	char text[INET6_ADDRSTRLEN];
	memcpy(address, bytes, len < prefix_of(f)->most ? len : prefix_of(f)->most);
	inet_ntop((int)prefix_of(f)->family, address, text, sizeof text);
	return value_object(str_printf(vm, "%s/%u", text, bits));
}

static value prefix_accept(struct vm *vm, const struct field *f, value given)
{
	uint8_t address[16];
	unsigned bits;
	const value *pair;
	size_t count;
	if (value_items(given, &pair, &count) && count == 2 && is_str(pair[0]) && pair[1].tag == TAG_INT) {
		value text = value_object(str_printf(vm, "%s/%lld", as_str(pair[0])->data, (long long)pair[1].i)), made = prefix_accept(vm, f, text);
		value_drop(text);
		return made;
	}
	if (is_str(given) && parse_prefix(f, as_str(given)->data, address, &bits))
		return prefix_text(vm, f, address, prefix_of(f)->most, bits);
	return field_refuse(vm, f, given, prefix_of(f)->most == 4 ? "a prefix like 10.0.0.0/8" : "a prefix like 2001:db8::/32");
}

static bool bits_at(const struct site *s, const struct field *f, const struct cursor *c, int64_t *bits)
{
	struct site at = *s;
	at.cursor = c;
	if (field_has_length(&f->length_from))
		return field_length(&at, &f->length_from, (int64_t)cursor_left(c), bits);
	*bits = cursor_left(c) ? c->bytes[cursor_at(c)] : 0;
	return true;
}

static bool prefix_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t bits;
	if (!bits_at(s, f, c, &bits))
		return false;
	if (bits < 0 || bits > prefix_of(f)->most * 8)
		*problem = "a prefix longer than an address";
	*bytes = prefix_bytes(prefix_of(f), bits < 0 ? 0 : bits > 128 ? 128 : (unsigned)bits) + !field_has_length(&f->length_from);
	return true;
}

static value prefix_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	int64_t bits;
	if (!bits_at(s, f, c, &bits))
		return VALUE_UNSET;
	const uint8_t *p = cursor_take(c, bytes);
	size_t skip = !field_has_length(&f->length_from) && p && bytes ? 1 : 0;
	return prefix_text(s->vm, f, p ? p + skip : (const uint8_t *)"", p ? bytes - skip : 0, bits < 0 ? 0 : bits > 255 ? 255 : (unsigned)bits);
}

static bool prefix_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint8_t address[16] = {0};
	unsigned bits = 0;
	if (!is_none(v) && (!is_str(v) || !parse_prefix(f, as_str(v)->data, address, &bits))) {
		field_refuse(s->vm, f, v, "one prefix here");
		return false;
	}
	if (!field_has_length(&f->length_from))
		buf_char(out, (char)bits);
	buf_add(out, address, prefix_bytes(prefix_of(f), bits));
	return true;
}

static bool prefix_length(struct vm *vm, const struct field *f, value v, int64_t *out)
{
	uint8_t address[16];
	unsigned bits = 0;
	bool known = is_none(v) || (is_str(v) && parse_prefix(f, as_str(v)->data, address, &bits));
	*out = bits;
	return known || (field_refuse(vm, f, v, "one prefix here"), false);
}

static bool prefix_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* IPPrefixField(name, default, wordbytes, length_from) */
static bool prefix_make(struct vm *vm, struct field *f, const value *a)
{
	struct prefix_data *d = f->data = mem_zero(sizeof *d);
	bool six = strstr(f->kind->name, "6") != NULL;
	*d = (struct prefix_data){ six ? AF_INET6 : AF_INET, six ? 16 : 4, 1 };
	if (!value_to_int64(vm, a[2], &d->word) || !length_take(vm, &f->length_from, a[3], "length_from"))
		return false;
	if (d->word < 1 || d->word > d->most)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: wordbytes is 1 to %u", f->name->data, d->most);
	return facts_take(vm, f, a + 4);
}

static void prefix_release(struct field *f)
{
	mem_free(f->data);
	f->data = NULL;
}

static const struct codec prefix_codec = {
	.extent = prefix_extent, .length = prefix_length, .decode = prefix_decode, .encode = prefix_encode, .accept = prefix_accept, .show = prefix_show, .release = prefix_release,
};

const struct field_kind kinds_network[] = {
	{ "IPPrefixField", "name, default, wordbytes=1, length_from=None" FACTS, "an IPv4 prefix and its length", &prefix_codec, prefix_make, FIELD_FORMS, 0 },
	{ "IP6PrefixField", "name, default, wordbytes=1, length_from=None" FACTS, "an IPv6 prefix and its length", &prefix_codec, prefix_make, FIELD_FORMS, 0 },
	{ 0 },
};
