/* Layout: layers become one run of bytes, and bytes go out, through libnet. All of libnet is behind this header, in
 * layout.c, whose essay says what libnet needs to be used safely. src/packet lays out with LAYOUT_BYTES contexts, which need
 * no privilege; src/net injects with the others.
 *
 * A packet is an array of blocks, one for each layer, outermost first. It is handed over in one call, after every hook of
 * the language has run, so that a context is never seen half filled. */
#ifndef BASE_LAYOUT_H
#define BASE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum layout_way {
	LAYOUT_BYTES,        /* lays out only; opens nothing */
	LAYOUT_LINK,         /* whole frames on one interface: a packet socket */
	LAYOUT_RAW4,         /* whole IPv4 packets, routed by the kernel: a raw socket with IP_HDRINCL */
	LAYOUT_RAW6,         /* whole IPv6 packets, the same */
};

struct layout;

struct layout_block {
	const void *bytes;       /* borrowed for the call; may be NULL when len is 0 */
	size_t len;
};

enum { LAYOUT_MAX = 1 << 28 };   /* bytes of one packet */

/* A context. `device` is the interface's name for LAYOUT_LINK, NULL otherwise. OSError with the system's code where the
 * socket is refused (EPERM: no CAP_NET_RAW), the interface is unknown (ENODEV) or down (ENETDOWN), or its hardware type is
 * one that libnet does not serve (EPROTONOSUPPORT). The descriptor is closed on exec. */
struct layout *layout_new(enum layout_way way, const char *device, struct error *e);
void layout_free(struct layout *l);

/* Lays out one packet, in place of the last one: blocks of the same count as before are updated in place by their tags.
 * ValueError beyond LAYOUT_MAX, MemoryError; the context is then clear. */
bool layout_put(struct layout *l, const struct layout_block *blocks, size_t count, struct error *e);

/* The bytes of what was put. BORROWED: good until the next call on this context. An empty packet gives length 0. */
bool layout_pull(struct layout *l, const uint8_t **bytes, size_t *len, struct error *e);

/* Forgets the packet and gives its memory back. */
void layout_clear(struct layout *l);

/* Injects finished bytes as they are (libnet's advanced mode). OSError with the system's code. Not for LAYOUT_BYTES. */
bool layout_inject(struct layout *l, const void *bytes, size_t len, struct error *e);

/* The descriptor that libnet opened, for filters, marks and batches; -1 for LAYOUT_BYTES. It stays libnet's. */
int layout_descriptor(const struct layout *l);

#endif
