#include "net/ring.h"

#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* /proc/self/maps names a packet socket's ring after the socket: "7f... rw-s 00000000 00:08 1234  socket:[1234]". */
void ring_find(struct ring *r, int descriptor)
{
	char line[512], name[64];
	unsigned long start, end;
	struct stat is;
	socklen_t len = sizeof r->version;
	*r = (struct ring){0};
	if (fstat(descriptor, &is) < 0 || getsockopt(descriptor, SOL_PACKET, PACKET_VERSION, &r->version, &len) < 0)
		return;
	snprintf(name, sizeof name, "socket:[%lu]", (unsigned long)is.st_ino);
	FILE *maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof line, maps)) {
		if (!strstr(line, name) || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		r->start = (const uint8_t *)start;
		r->end = (const uint8_t *)end;
	}
	if (maps)
		fclose(maps);
}

struct header {                          /* what both versions hold */
	uint32_t status, len, snaplen, seconds, mac;
	size_t size;
};

static struct header read_header(const struct ring *r, const uint8_t *at)
{
	if (r->version == TPACKET_V3) {
		struct tpacket3_hdr h;
		memcpy(&h, at, sizeof h);
		return (struct header){ h.tp_status, h.tp_len, h.tp_snaplen, h.tp_sec, h.tp_mac, TPACKET_ALIGN(sizeof h) };
	}
	struct tpacket2_hdr h;
	memcpy(&h, at, sizeof h);
	return (struct header){ h.tp_status, h.tp_len, h.tp_snaplen, h.tp_sec, h.tp_mac, TPACKET_ALIGN(sizeof h) };
}

enum { TAG = 4, FURTHEST = 512 };

/* libpcap moves the frame's start down by what it puts in front of it or into it. How much; -1: this is not the frame's header. */
static int added_to(const struct header *h, size_t distance, uint32_t len, uint32_t wire_len, uint32_t seconds, size_t cooked)
{
	for (size_t added = cooked; added <= cooked + TAG; added += TAG)
		if (h->mac == distance + added && h->len + added == wire_len && h->snaplen + added >= len && h->seconds == seconds)
			return (int)added;
	return -1;
}

static void read_note(const struct header *h, const uint8_t *at, int added, struct ring_note *out)
{
	struct sockaddr_ll from;
	memcpy(&from, at + h->size, sizeof from);
	*out = (struct ring_note){
		.sum_left_to_card = h->status & TP_STATUS_CSUMNOTREADY, .more = h->status & TP_STATUS_COPY,
		.direction = from.sll_pkttype == PACKET_OUTGOING ? 2 : 1, .iface = from.sll_ifindex, .added = (uint32_t)added,
	};
}

bool ring_note(const struct ring *r, const uint8_t *bytes, uint32_t len, uint32_t wire_len, uint32_t seconds, size_t cooked, struct ring_note *out)
{
	size_t least = r->version == TPACKET_V3 ? sizeof(struct tpacket3_hdr) : sizeof(struct tpacket2_hdr);
	if (!r->start || bytes < r->start || bytes >= r->end)
		return false;
	size_t place = (size_t)(bytes - r->start), at = (place - (place < least ? place : least)) & ~(size_t)(TPACKET_ALIGNMENT - 1);
	for (size_t tries = 0; tries < FURTHEST / TPACKET_ALIGNMENT && place >= least; tries++, at -= TPACKET_ALIGNMENT) {
		struct header h = read_header(r, r->start + at);
		int added = added_to(&h, place - at, len, wire_len, seconds, cooked);
		if (added >= 0) {
			read_note(&h, r->start + at, added, out);
			return true;
		}
		if (at < TPACKET_ALIGNMENT)
			return false;
	}
	return false;
}
