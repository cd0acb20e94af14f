/* Injection: frames go out. One small interface; behind it libnet's link socket, libpcap where libnet refuses the hardware
 * (tunnels, monitor interfaces), libnet's raw IPv4 and IPv6 sockets for what never reaches a wire (loopback and the machine's
 * own addresses), or memory, for tests. Every byte is the caller's; raw sockets alone let the kernel fill an IPv4 header's
 * total length and checksum, and its id or source where they are zero. */
#ifndef NET_INJECT_H
#define NET_INJECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#include "net/iface.h"

struct inject;

struct inject_frame {
	const void *bytes;           /* borrowed for the call */
	size_t len;
};

/* Needs CAP_NET_RAW: PermissionError with the words that grant it. OSError for anything else that the system refuses. */
struct inject *inject_link(const struct iface *i, struct error *e);
struct inject *inject_raw(int family, int iface, struct error *e);   /* AF_INET, AF_INET6; `iface`: scope of link-local addresses, 0: none */
struct inject *inject_fake(void);
void inject_free(struct inject *i);

/* Sends all frames in order, in batches, waiting where a queue is full for a moment. Returns how many left; fewer than `count`:
 * the error says why the next one did not (EMSGSIZE, ENETDOWN, ENODEV, ENOBUFS, EPERM, named with advice), or EINTR when a
 * signal came, which says only that. */
size_t inject_send(struct inject *i, const struct inject_frame *frames, size_t count, struct error *e);

int  inject_link_type(const struct inject *i);               /* DLT of its frames; DLT_RAW for raw sockets */
bool inject_mark(struct inject *i, uint32_t mark, struct error *e);      /* SO_MARK on what goes out; 0: none. Needs CAP_NET_ADMIN */
/* Round the queueing discipline, straight to the card: faster, and invisible to every capture on this machine. Link only. */
bool inject_shared(const struct inject *i);                  /* may another thread send on it, one at a time? */
bool inject_bypass(struct inject *i, bool on);


/* From now on the kernel says when each frame left (software stamps), or no more. Frames are numbered from 0 as they are sent;
 * inject_stamped says how many there were. false: this way out knows no stamps. */
bool inject_stamp(struct inject *i, bool on);
void inject_stamps_wanted(struct inject *i, int more);       /* 1: until they are taken back (-1) stamps are not switched off by others */
uint32_t inject_stamped(const struct inject *i);
void inject_number(struct inject *i, uint32_t *numbers);     /* where the numbers of the frames that leave from now on go, one each; NULL: nowhere */
/* Calls `each` for every stamp that came since: the frame's number, nanoseconds since 1970. */
void inject_stamps(struct inject *i, void (*each)(void *state, uint32_t number, int64_t time), void *state);

/* What a fake was given: frame `at`, or false behind the last. */
bool inject_fake_frame(const struct inject *i, size_t at, struct inject_frame *out);
/* Called by a fake for every frame sent, so that a test can answer. */
void inject_fake_hook(struct inject *i, void (*sent)(void *state, const struct inject_frame *frame), void *state);

/* Ways out that stay open: opening costs milliseconds (the kernel waits for every processor to notice a packet socket). One a
 * link interface and one a family; replaced when the interface changed. Results are BORROWED, and good for some calls more. */
struct inject_pool;

struct inject_pool *inject_pool_new(struct iface_table *ifaces);
void inject_pool_free(struct inject_pool *p);
struct inject *inject_pool_link(struct inject_pool *p, const struct iface *i, struct error *e);
struct inject *inject_pool_raw(struct inject_pool *p, int family, int iface, struct error *e);
bool inject_pool_mark(struct inject_pool *p, uint32_t mark, struct error *e);    /* on all raw ways out, open or to come */

#endif
