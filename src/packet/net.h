/* Net: a set of network addresses, "10.0.0.0/24", "10.0.1-5.*", Net("10.0.0.1", "10.0.0.9"), and Net6. Walked, never stored. */
#ifndef PACKET_NET_H
#define PACKET_NET_H

#include "lang/types.h"
#include "lang/vm.h"

struct net {
	struct object head;             /* KIND_NET */
	unsigned family;                /* bytes of an address: 4 or 16 */
	bool contiguous;                /* first .. first + count - 1; else each byte in its own low..high (family 4) */
	unsigned __int128 first, count; /* count 0 with family 16: all 2^128 */
	uint8_t low[4], high[4];
	struct str *text;               /* as given */
};

void  net_add(struct vm *vm);                                           /* the types Net and Net6 */
unsigned __int128 net_count(const struct net *n);
void  net_address(const struct net *n, unsigned __int128 nth, uint8_t *address);    /* network order */
value net_address_text(struct vm *vm, const struct net *n, unsigned __int128 nth);
/* Does the text name more than one address? */
bool  net_is_range(const char *text, size_t len);

#endif
