/* A network address: family (AF_INET, AF_INET6, 0 for none) and its bytes in network order; bytes beyond the family's length
 * are zero, so that two can be compared whole. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
	uint8_t family;
	uint8_t bytes[16];
};

enum { ADDRESS_TEXT = 46 };                              /* room for its text, NUL included */

size_t address_len(const struct address *a);             /* bytes: 4, 16 or 0 */
bool   address_equal(const struct address *a, const struct address *b);
struct address address_of(int family, const void *bytes);
bool   address_parse(const char *text, struct address *out);  /* dotted quad or IPv6 text; no names, no short forms */
const char *address_text(const struct address *a, char room[ADDRESS_TEXT]);   /* "none" when there is none */
bool   address_is_multicast(const struct address *a);
bool   address_is_link_local(const struct address *a);   /* 169.254/16, fe80::/10 */
bool   address_is_loopback(const struct address *a);     /* 127/8, ::1 */
bool   address_in(const struct address *a, const struct address *net, unsigned prefix);   /* the first `prefix` bits are alike */
uint32_t address_hash(const struct address *a);

#endif
