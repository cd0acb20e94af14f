/* Addresses: IPv4 and MAC as words, IPv6 as bytes; and those that the routes know when they are not given. */
#include "packet/kinds.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- IPv4 ---- */

/* Four decimal numbers, nothing else: short, octal and hexadecimal forms mean other things to other programs. */
static bool parse4(const char *text, size_t len, uint32_t *out)
{
	const char *end = text + len;
	uint32_t address = 0;
	for (int part = 0; part < 4; part++) {
		const char *first = text;
		unsigned number = 0, digit;
		for (; text < end && (digit = (unsigned)*text - '0') < 10 && text - first < 4; text++)
			number = number * 10 + digit;
		if (text == first || text - first > 3 || number > 255 || (text - first > 1 && *first == '0'))
			return false;
		if (part < 3 && (text == end || *text++ != '.'))
			return false;
		address = address << 8 | number;
	}
	*out = address;
	return text == end;
}

/* Written into 16 bytes; its length. */
static size_t write4(uint32_t address, char text[16])
{
	char *p = text;
	for (int shift = 24; shift >= 0; shift -= 8) {
		unsigned n = address >> shift & 255;
		if (n >= 100)
			*p++ = (char)('0' + n / 100);
		if (n >= 10)
			*p++ = (char)('0' + n / 10 % 10);
		*p++ = (char)('0' + n % 10);
		*p++ = '.';
	}
	return (size_t)(p - text - 1);
}

static value text4(struct vm *vm, uint32_t address)
{
	char text[16];
	return value_object(str_new(vm, text, write4(address, text)));
}

static bool show_word4(struct vm *vm, const struct field *f, uint64_t word, bool bare, struct buf *out)
{
	char text[16];
	buf_add(out, text, write4((uint32_t)word, text));
	return true;
}

static bool is_host_name(const char *text, size_t len)
{
	bool letter = false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && !strchr(".-_", text[i]))
			return false;
		letter |= isalpha((unsigned char)text[i]) != 0;
	}
	/* What ends in a number is a bad address, not a name (RFC 1123, 2.1). */
	const char *last = len ? text + len : text;
	while (last > text && last[-1] != '.')
		last--;
	return letter && text[0] != '-' && text[0] != '.' && !isdigit((unsigned char)*last);
}

/* "10.0.2.0/24", "10.0.2.1-9", "10.0.*.1" */
static bool is_network4(const char *text, size_t len)
{
	bool many = false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]) && !strchr("./-*", text[i]))
			return false;
		many |= strchr("/-*", text[i]) != NULL;
	}
	return many;
}

/* The `packed` bytes of an ipaddress object. */
static bool packed(struct vm *vm, value given, size_t size, uint8_t *out)
{
	value bytes = value_attr_or_unset(vm, given, str_intern(vm, "packed"));
	struct view view;
	bool fits = is_bytes(bytes) && value_to_view(vm, bytes, &view) && view.len == size;
	if (fits)
		memcpy(out, view.bytes, size);
	value_drop(bytes);
	return fits;
}

static value accept_ip(struct vm *vm, const struct field *f, value given)
{
	uint32_t address;
	uint8_t four[4];
	if (is_str(given)) {
		const struct str *s = as_str(given);
		if (parse4(s->data, s->len, &address))
			return value_keep(given);
		if (is_network4(s->data, s->len) || is_host_name(s->data, s->len) ||
		    (memchr(s->data, '/', s->len) && is_host_name(s->data, strcspn(s->data, "/"))))
			return net_parse(vm, s->data, s->len, 4);
	} else if (is_bytes(given) && as_bytes(given)->len == 4) {
		const uint8_t *b = as_bytes(given)->data;
		return text4(vm, (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
	} else if (is_bytes(given) && as_bytes(given)->len > 4) {
		value text = value_object(str_new(vm, (const char *)as_bytes(given)->data, as_bytes(given)->len)), out = accept_ip(vm, f, text);
		value_drop(text);
		return out;
	} else if (given.tag == TAG_INT && given.i >= 0 && given.i <= UINT32_MAX) {
		return text4(vm, (uint32_t)given.i);
	} else if (given.tag == TAG_OBJECT && packed(vm, given, 4, four)) {
		return text4(vm, (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3]);
	} else if (vm_pending(vm)) {
		return VALUE_UNSET;
	}
	return field_refuse(vm, f, given, "an IPv4 address like 10.0.2.5, a network like 10.0.2.0/24 or a host name");
}

static bool accept_word4(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word)
{
	uint32_t address;
	if (!is_str(given) || !parse4(as_str(given)->data, as_str(given)->len, &address))
		return false;
	*accepted = value_keep(given);
	*word = address;
	return true;
}

static value of_word4(struct vm *vm, const struct field *f, uint64_t word)
{
	return text4(vm, (uint32_t)word);
}

static bool to_word4(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	uint32_t address;
	if (!is_str(v) || !parse4(as_str(v)->data, as_str(v)->len, &address)) {
		field_refuse(vm, f, v, "one IPv4 address here");
		return false;
	}
	*word = address;
	return true;
}

static bool show_text(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return is_none(v) ? value_repr_to(s->vm, v, out) : value_str_to(s->vm, v, out);
}

/* ---- MAC ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_mac(const char *text, size_t len, uint64_t *out)
{
	const char *end = text + len;
	uint64_t mac = 0;
	for (int part = 0; part < 6; part++) {
		unsigned number = 0, digits = 0;
		for (; text < end && hex_digit(*text) >= 0 && digits < 3; digits++)
			number = number << 4 | (unsigned)hex_digit(*text++);
		if (digits < 1 || digits > 2 || (part < 5 && (text == end || (*text != ':' && *text != '-'))))
			return false;
		text += part < 5;
		mac = mac << 8 | number;
	}
	*out = mac;
	return text == end;
}

static const char hex_digits[] = "0123456789abcdef";
enum { MAC_TEXT = 17 };

static void write_mac(uint64_t mac, char text[MAC_TEXT + 1])
{
	char *p = text;
	for (int shift = 40; shift >= 0; shift -= 8) {
		*p++ = hex_digits[mac >> (shift + 4) & 15];
		*p++ = hex_digits[mac >> shift & 15];
		*p++ = ':';
	}
}

static value text_mac(struct vm *vm, uint64_t mac)
{
	char text[MAC_TEXT + 1];
	write_mac(mac, text);
	return value_object(str_new(vm, text, MAC_TEXT));
}

static bool show_word_mac(struct vm *vm, const struct field *f, uint64_t word, bool bare, struct buf *out)
{
	char text[MAC_TEXT + 1];
	write_mac(word, text);
	buf_add(out, text, MAC_TEXT);
	return true;
}

static value accept_mac(struct vm *vm, const struct field *f, value given)
{
	uint64_t mac = 0;
	if (is_str(given) && parse_mac(as_str(given)->data, as_str(given)->len, &mac))
		return text_mac(vm, mac);
	if (is_bytes(given) && as_bytes(given)->len == 6) {
		for (int i = 0; i < 6; i++)
			mac = mac << 8 | as_bytes(given)->data[i];
		return text_mac(vm, mac);
	}
	if (is_bytes(given) && parse_mac((const char *)as_bytes(given)->data, as_bytes(given)->len, &mac))
		return text_mac(vm, mac);
	return field_refuse(vm, f, given, "a MAC address like 00:11:22:33:44:55");
}

static unsigned small_hex(char c)
{
	unsigned digit = (unsigned)c - '0', letter = (unsigned)c - 'a';
	return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

/* "00:1b:44:11:3a:b7", as text_mac writes it. */
static bool parse_plain_mac(const struct str *s, uint64_t *out)
{
	uint64_t mac = 0;
	unsigned wrong = s->len != 17;
	for (int i = 0; i < 17 && !wrong; i += 3) {
		unsigned high = small_hex(s->data[i]), low = small_hex(s->data[i + 1]);
		wrong = high > 15 || low > 15 || (i < 15 && s->data[i + 2] != ':');
		mac = mac << 8 | high << 4 | low;
	}
	*out = mac;
	return !wrong;
}

static bool accept_word_mac(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word)
{
	if (!is_str(given) || !parse_plain_mac(as_str(given), word))
		return false;
	*accepted = value_keep(given);
	return true;
}

static value of_word_mac(struct vm *vm, const struct field *f, uint64_t word)
{
	return text_mac(vm, word);
}

static bool to_word_mac(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	if (is_str(v) && parse_mac(as_str(v)->data, as_str(v)->len, word))
		return true;
	field_refuse(vm, f, v, "one MAC address here");
	return false;
}

/* ---- IPv6 ---- */

/* The longest run of words that are zero, the first of several: what "::" stands for (RFC 5952, 4.2). */
static int zeros6(const unsigned words[8], int *length)
{
	int best = -1;
	*length = 1;
	for (int i = 0, run = 0; i < 8; i++) {
		run = words[i] ? 0 : run + 1;
		if (run > *length) {
			*length = run;
			best = i - run + 1;
		}
	}
	return best;
}

static char *write_word6(unsigned word, char *p)
{
	int digits = word > 0xfff ? 4 : word > 0xff ? 3 : word > 0xf ? 2 : 1;
	while (digits-- > 0)
		*p++ = hex_digits[word >> 4 * digits & 15];
	return p;
}

/* Its length. What begins with ten bytes of zeros may be an IPv4 address in disguise: that is left to the C library. */
static size_t write6(const uint8_t address[16], char text[INET6_ADDRSTRLEN])
{
	static const uint8_t none[10];
	unsigned words[8];
	int skipped;
	char *p = text;
	if (!memcmp(address, none, sizeof none))
		return strlen(inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN));
	for (int i = 0; i < 8; i++)
		words[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
	int skip = zeros6(words, &skipped);
	for (int i = 0; i < 8; i++) {
		if (i)
			*p++ = ':';
		if (i != skip) {
			p = write_word6(words[i], p);
			continue;
		}
		i += skipped - 1;
		if (i == 7 || !skip)
			*p++ = ':';
	}
	return (size_t)(p - text);
}

static value text6(struct vm *vm, const uint8_t address[16])
{
	char text[INET6_ADDRSTRLEN];
	return value_object(str_new(vm, text, write6(address, text)));
}

static bool show_bytes6(struct vm *vm, const struct field *f, const uint8_t *bytes, bool bare, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	buf_add(out, text, write6(bytes, text));
	return true;
}

/* The address's length in a text that may name its interface behind a percent sign (RFC 4007, 11): "fe80::1%eth0". */
static size_t scope_at(const char *text, size_t len)
{
	enum { MOST_SCOPE = 15 };                /* IFNAMSIZ - 1 */
	const char *percent = memchr(text, '%', len);
	size_t scope = percent ? len - (size_t)(percent - text) - 1 : 0;
	return scope && scope <= MOST_SCOPE ? (size_t)(percent - text) : len;
}

static bool parse6(const char *text, size_t len, uint8_t out[16])
{
	char address[INET6_ADDRSTRLEN];
	size_t at = scope_at(text, len);
	if (at == len)
		return strlen(text) == len && inet_pton(AF_INET6, text, out) == 1;
	if (at >= sizeof address || strlen(text) != len)
		return false;
	memcpy(address, text, at);
	address[at] = 0;
	return inet_pton(AF_INET6, address, out) == 1;
}

/* The address as text, its interface behind it where one is named: that never reaches the wire, it says by which one to send. */
static value scoped6(struct vm *vm, const uint8_t address[16], const struct str *given)
{
	char text[INET6_ADDRSTRLEN];
	size_t at = scope_at(given->data, given->len);
	if (at == given->len)
		return text6(vm, address);
	inet_ntop(AF_INET6, address, text, sizeof text);
	return value_object(str_printf(vm, "%s%s", text, given->data + at));
}

static value accept6(struct vm *vm, const struct field *f, value given)
{
	uint8_t address[16];
	uint32_t four;
	if (is_str(given)) {
		const struct str *s = as_str(given);
		if (parse6(s->data, s->len, address))
			return scoped6(vm, address, s);
		if (memchr(s->data, '/', s->len) || (is_host_name(s->data, s->len) && !parse4(s->data, s->len, &four)))
			return net_parse(vm, s->data, s->len, 16);
	} else if (is_bytes(given) && as_bytes(given)->len == 16) {
		return text6(vm, as_bytes(given)->data);
	} else if (is_bytes(given) && parse6((const char *)as_bytes(given)->data, as_bytes(given)->len, address)) {
		return text6(vm, address);              /* a text that a field of bytes took before it was known to be an address */
	} else if (given.tag == TAG_OBJECT && packed(vm, given, 16, address)) {
		return text6(vm, address);
	} else if (vm_pending(vm)) {
		return VALUE_UNSET;
	}
	return field_refuse(vm, f, given, "an IPv6 address like fe80::1, a network like fe80::/64 or a host name");
}

static bool extent6(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = 16;
	return true;
}

static value decode6(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint8_t address[16] = {0};
	const uint8_t *p = cursor_take(c, bytes < 16 ? bytes : 16);
	if (p)
		memcpy(address, p, bytes < 16 ? bytes : 16);
	return text6(s->vm, address);
}

static bool encode6(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint8_t address[16] = {0};
	if (!is_none(v) && !(is_str(v) && parse6(as_str(v)->data, as_str(v)->len, address))) {
		field_refuse(s->vm, f, v, "one IPv6 address here");
		return false;
	}
	buf_add(out, address, sizeof address);
	return true;
}

/* ---- the leading bytes of an IPv6 address ---- */

static bool start6_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = (int64_t)cursor_left(c);
	if (field_has_length(&f->length_from) && !field_length(s, &f->length_from, length, &length))
		return false;
	if (length < 0)
		*problem = "a length below zero";
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

static value start6_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	size_t beyond = bytes > 16 ? bytes - 16 : 0;
	value v = decode6(s, f, c, bytes);
	cursor_skip(c, beyond);
	return v;
}

static bool start6_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return is_none(v) || encode6(s, f, v, out);
}

static value start6_accept(struct vm *vm, const struct field *f, value given)
{
	return is_none(given) ? VALUE_NONE : accept6(vm, f, given);
}

/* _IP6PrefixField(name, default, length_from) */
static bool start6_make(struct vm *vm, struct field *f, const value *a)
{
	return length_take(vm, &f->length_from, a[2], "length_from") && facts_take(vm, f, a + 3);
}

/* ---- a MAC in a longer field (BOOTP's chaddr) ---- */

static bool extent_padded(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = (size_t)f->limit;
	return true;
}

static value decode_padded(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return bytes_value(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0);
}

static value accept_padded(struct vm *vm, const struct field *f, value given)
{
	uint64_t mac;
	if (is_bytes(given) && as_bytes(given)->len <= (size_t)f->limit)
		return value_keep(given);
	if (is_str(given) && parse_mac(as_str(given)->data, as_str(given)->len, &mac)) {
		uint8_t six[6];
		for (int i = 0; i < 6; i++)
			six[i] = (uint8_t)(mac >> (40 - 8 * i));
		return bytes_value(vm, six, 6);
	}
	if (is_str(given) && !as_str(given)->len)
		return bytes_value(vm, "", 0);
	return field_refuse(vm, f, given, "a MAC address or at most %lld bytes", (long long)f->limit);
}

static bool encode_padded(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct view view = {0};
	if (!is_none(v) && !value_to_view(s->vm, v, &view))
		return false;
	if (view.len > (size_t)f->limit) {
		field_refuse(s->vm, f, v, "at most %lld bytes", (long long)f->limit);
		return false;
	}
	buf_add(out, view.bytes, view.len);
	buf_fill(out, 0, (size_t)f->limit - view.len);
	return true;
}

/* 00:11:22:33:44:55, and what stands behind it. */
static bool show_padded(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!is_bytes(v) || as_bytes(v)->len < 6)
		return value_repr_to(s->vm, v, out);
	const struct bytes *b = as_bytes(v);
	size_t rest = b->len;
	while (rest > 6 && b->data[rest - 1] == 0)
		rest--;
	for (int i = 0; i < 6; i++)
		buf_print(out, i ? ":%02x" : "%02x", b->data[i]);
	if (rest > 6) {
		buf_text(out, " (pad: ");
		text_repr_bytes(out, b->data + 6, b->len - 6);
		buf_char(out, ')');
	} else if (b->len > 6) {
		buf_print(out, " (+ %zu nul pad)", b->len - 6);
	}
	return true;
}

/* ---- making ---- */

static bool plain_make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static bool padded_make(struct vm *vm, struct field *f, const value *a)
{
	return value_to_int64(vm, a[2], &f->limit) && (f->bits = 0, facts_take(vm, f, a + 3));
}

static void from_route(struct field *f, enum route_fact fact)
{
	f->computed.what = COMPUTE_ROUTE;
	f->computed.route = fact;
}

/* SourceIPField(name, dstname): which destination decides is the class's fact `addresses`. */
static bool source4_make(struct vm *vm, struct field *f, const value *a)
{
	from_route(f, ROUTE_SRC4);
	if (is_str(a[1]))
		f->computed.of_name = str_intern(vm, as_str(a[1])->data);
	return true;
}

static bool source6_make(struct vm *vm, struct field *f, const value *a)
{
	from_route(f, ROUTE_SRC6);
	if (is_str(a[1]))
		f->computed.of_name = str_intern(vm, as_str(a[1])->data);
	return true;
}

static bool source_mac_make(struct vm *vm, struct field *f, const value *a)
{
	from_route(f, ROUTE_SRC_MAC);
	return true;
}

static bool dest_mac_make(struct vm *vm, struct field *f, const value *a)
{
	from_route(f, ROUTE_DST_MAC);
	return true;
}

/* Its default is None, as in Scapy; where a packet goes then is this address. */
static bool dest_make(struct vm *vm, struct field *f, const value *a)
{
	value given = f->kind->codec->accept(vm, f, a[1]);
	if (is_unset(given))
		return false;
	from_route(f, ROUTE_GIVEN);
	f->computed.given = str_intern(vm, is_str(given) ? as_str(given)->data : "");
	value_drop(given);
	return true;
}

static const struct codec codec4 = { .of_word = of_word4, .to_word = to_word4, .accept = accept_ip, .accept_word = accept_word4,
	.show = show_text, .show_word = show_word4 };
const struct codec codec_mac = { .of_word = of_word_mac, .to_word = to_word_mac, .accept = accept_mac, .accept_word = accept_word_mac,
	.show = show_text, .show_word = show_word_mac };
static const struct codec start6_codec = { .extent = start6_extent, .said = true, .decode = start6_decode, .encode = start6_encode, .accept = start6_accept,
	.show = show_text };
static const struct codec codec6 = { .extent = extent6, .constant = true, .decode = decode6, .encode = encode6, .accept = accept6, .show = show_text, .show_bytes = show_bytes6 };
static const struct codec codec_padded = {
	.extent = extent_padded, .decode = decode_padded, .encode = encode_padded, .accept = accept_padded, .show = show_padded,
};

#define ADDRESS4 (FIELD_WORD | FIELD_ADDRESS)

const struct field_kind kinds_address[] = {
	{ "IPField", "name, default" FACTS, "an IPv4 address", &codec4, plain_make, ADDRESS4, 32 },
	{ "SourceIPField", "name, dstname=None", "the IPv4 address from which the route leaves", &codec4, source4_make, ADDRESS4, 32 },
	{ "DestIPField", "name, destination='127.0.0.1'", "the IPv4 address to which a packet goes", &codec4, dest_make, ADDRESS4, 32 },
	{ "IP6Field", "name, default" FACTS, "an IPv6 address", &codec6, plain_make, FIELD_ADDRESS, 128 },
	{ "_IP6PrefixField", "name, default, length_from=None" FACTS, "the leading bytes of an IPv6 address, or none of it", &start6_codec, start6_make,
	  FIELD_ADDRESS | FIELD_FORMS, 0 },
	{ "SourceIP6Field", "name, dstname=None", "the IPv6 address from which the route leaves", &codec6, source6_make, FIELD_ADDRESS, 128 },
	{ "DestIP6Field", "name, destination='::1'", "the IPv6 address to which a packet goes", &codec6, dest_make, FIELD_ADDRESS, 128 },
	{ "MACField", "name, default" FACTS, "a MAC address", &codec_mac, plain_make, FIELD_WORD, 48 },
	{ "SourceMACField", "name", "the MAC address of the interface by which the route leaves", &codec_mac, source_mac_make, FIELD_WORD, 48 },
	{ "ARPSourceMACField", "name", "the MAC address of the interface by which the route leaves", &codec_mac, source_mac_make, FIELD_WORD, 48 },
	{ "DestMACField", "name", "the MAC address of the next hop", &codec_mac, dest_mac_make, FIELD_WORD, 48 },
	{ "PaddedMACField", "name, default, length" FACTS, "a MAC address at the start of a longer field", &codec_padded, padded_make, 0, 0 },
	{ 0 },
};
