/* Capture: frames come in, by libpcap or from memory (tests). A capture never blocks inside libpcap: it is non-blocking, and
 * capture_wait polls several at once until one has something, a deadline passes or a wake-up descriptor becomes readable.
 *
 * Immediate mode (for whoever looks at packets as they come: prn, sr) hands over each frame at once, from a ring large
 * enough to be away for a while: 16,384 slots that fit the MTU. Segments left whole for the card to cut are larger; the kernel
 * puts these into the socket's own queue besides, from where the rest of them is fetched. Buffered mode (store only) hands over
 * blocks every millisecond and loses less. */
#ifndef NET_CAPTURE_H
#define NET_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct capture;
struct frame;

enum capture_direction { CAPTURE_BOTH, CAPTURE_IN, CAPTURE_OUT };

struct capture_options {
	const char *iface;               /* a name, or "any" */
	unsigned index;                  /* its index where that is known; 0: it is asked for */
	const char *filter;              /* tcpdump's language; NULL: everything */
	uint32_t snap;                   /* bytes kept of a frame; 0: all of any frame that Linux makes */
	size_t ring;                     /* bytes; 0: 32 MiB */
	bool promiscuous;
	bool monitor;                    /* 802.11 monitor mode */
	bool buffered;                   /* blocks every millisecond instead of frames at once */
	enum capture_direction direction;
	bool as_it_is;                   /* from the pool: frames may wait in it that came before it was taken */
};

/* A frame of a capture or of a file. */
struct capture_frame {
	const uint8_t *bytes;            /* BORROWED until the next call on this capture */
	uint32_t len, wire_len;          /* captured and on the wire */
	int64_t time;                    /* nanoseconds since 1970 */
	int link_type;                   /* DLT */
	uint8_t direction;               /* 0 not known, 1 in, 2 out */
	bool sum_left_to_card;           /* a checksum in it is not final: a card was to fill it in */
	struct frame *block;             /* BORROWED as the bytes: what they are in, to be kept instead of copied; NULL: they go */
	const char *iface;               /* BORROWED as the bytes: where it was captured; NULL: not known */
	const char *comment;             /* BORROWED as the bytes; NULL: none */
};

/* PermissionError with the words that grant it; OSError (ENODEV, ENETDOWN ...); Scapy_Exception for the filter. */
struct capture *capture_open(const struct capture_options *options, struct error *e);
struct capture *capture_fake(int link_type);
void capture_free(struct capture *c);

int  capture_link_type(const struct capture *c);         /* DLT */
const char *capture_iface(const struct capture *c);
const char *capture_warning(const struct capture *c);    /* what libpcap could not do (promiscuous mode ...); NULL: nothing */
int  capture_descriptor(const struct capture *c);        /* readable when frames wait */

/* Another filter from now on, NULL: none, the empty string: nothing passes (an idle capture costs nothing). */
bool capture_filter(struct capture *c, const char *filter, struct error *e);

/* Frames to others' addresses too, from now on or no more. */
bool capture_promiscuous(struct capture *c, bool on, struct error *e);

enum capture_result { CAPTURE_FRAME, CAPTURE_NONE, CAPTURE_FAILED };
/* The next frame, if one waits. CAPTURE_FAILED: the error says what happened (interface gone: ENODEV, down: ENETDOWN). */
enum capture_result capture_next(struct capture *c, struct capture_frame *out, struct error *e);

/* Waits until a capture may have a frame: true. false: the deadline passed, `wake` (a descriptor, -1: none) is readable, or a
 * signal came; errno is then ETIMEDOUT, ECANCELED or EINTR. Without captures it only waits. */
bool capture_wait(struct capture *const *captures, size_t count, int wake, int64_t deadline);

struct capture_counts {
	uint64_t seen;                   /* frames that passed the filter */
	uint64_t dropped;                /* of these, lost for want of room in the ring */
	uint64_t dropped_by_card;
	uint64_t cut;                    /* frames of which the end is missing */
};
/* Since the capture was opened, or taken from its pool. */
void capture_counts(struct capture *c, struct capture_counts *out);
void capture_count_anew(struct capture *c);
/* How many were lost since this was asked last. */
uint64_t capture_lost(struct capture *c);

/* A fake's next frame; copied. */
void capture_fake_push(struct capture *c, const void *bytes, size_t len, int64_t time);
void capture_fake_fail(struct capture *c, int code);     /* behind the frames that wait */

#endif
