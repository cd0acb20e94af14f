/* What the kernel notes of a frame beside its bytes, and libpcap keeps to itself: whether its checksum was left to the card
 * (TP_STATUS_CSUMNOTREADY), which way it went, which interface it was on, whether more of it waits in the socket's own queue.
 *
 * libpcap hands out frames where they lie in the ring that it shares with the kernel, behind the kernel's header (packet(7),
 * the kernel's Documentation/networking/packet_mmap.rst). The header is looked for before the frame and believed only when all
 * that libpcap also says of the frame (lengths, time, distance) is in it; nothing outside the ring is read. Where that fails
 * nothing is known of the frame beside its bytes, as before.
 *
 *     slot:  [ tpacket2_hdr or tpacket3_hdr | sockaddr_ll | room for a VLAN tag | frame ... ]
 *            ^ a multiple of 16 into the ring                                     ^ tp_mac bytes behind */
#ifndef NET_RING_H
#define NET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	const uint8_t *start, *end;      /* as mapped; NULL: there is none, or it was not found */
	int version;                     /* TPACKET_V2 or TPACKET_V3 */
};

struct ring_note {
	bool sum_left_to_card, more;     /* more: the whole frame is in the socket's queue, the slot was too small for it */
	uint8_t direction;               /* 1 in, 2 out */
	int iface;                       /* index */
	uint32_t added;                  /* bytes that libpcap put in front and in between: a cooked header, a VLAN tag */
};

/* The ring of a packet socket. Looked for once: it stays where it is. */
void ring_find(struct ring *r, int descriptor);

/* Of the frame that libpcap hands out, which begins with a cooked header of `cooked` bytes of libpcap's own. false: not known. */
bool ring_note(const struct ring *r, const uint8_t *bytes, uint32_t len, uint32_t wire_len, uint32_t seconds, size_t cooked, struct ring_note *out);

#endif
