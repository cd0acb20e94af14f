#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

size_t address_len(const struct address *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

struct address address_of(int family, const void *bytes)
{
	struct address a = { .family = (uint8_t)family };
	memcpy(a.bytes, bytes, address_len(&a));
	return a;
}

bool address_parse(const char *text, struct address *out)
{
	uint8_t bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, bytes) != 1)
		return false;
	*out = address_of(family, bytes);
	return true;
}

const char *address_text(const struct address *a, char room[ADDRESS_TEXT])
{
	if (!address_len(a) || !inet_ntop(a->family, a->bytes, room, ADDRESS_TEXT))
		strcpy(room, "none");
	return room;
}

bool address_is_multicast(const struct address *a)
{
	return a->family == AF_INET ? (a->bytes[0] & 0xf0) == 0xe0 : a->family == AF_INET6 && a->bytes[0] == 0xff;
}

bool address_is_link_local(const struct address *a)
{
	if (a->family == AF_INET)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t one[16] = { [15] = 1 };
	return a->family == AF_INET ? a->bytes[0] == 127 : a->family == AF_INET6 && memcmp(a->bytes, one, 16) == 0;
}

bool address_in(const struct address *a, const struct address *net, unsigned prefix)
{
	if (a->family != net->family || prefix > address_len(a) * 8)
		return false;
	unsigned whole = prefix / 8, rest = prefix % 8;
	return memcmp(a->bytes, net->bytes, whole) == 0
	       && (rest == 0 || ((a->bytes[whole] ^ net->bytes[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

uint32_t address_hash(const struct address *a)
{
	uint64_t high, low;
	memcpy(&high, a->bytes, 8);
	memcpy(&low, a->bytes + 8, 8);
	uint64_t mixed = (high ^ (low * 0x9e3779b97f4a7c15u) ^ a->family) * 0xff51afd7ed558ccdu;
	return (uint32_t)(mixed >> 32);
}
