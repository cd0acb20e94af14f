/* Keeping the kernel out of a conversation that it does not know of.
 *
 * The answer to a SYN that we forged arrives after 0.11 ms, and the kernel, which never opened that port, has sent its RST 33
 * microseconds later. No program outruns it, so a rule drops it: outgoing TCP segments with RST to the destination that was
 * named, unless they carry NORESET_MARK, which our own raw sends do while a rule stands. (Frames that we inject at link level
 * pass below netfilter.) The table has the flag `owner`: it belongs to a netlink socket of this process and vanishes with
 * it, however the process ends. */
#ifndef NET_NORESET_H
#define NET_NORESET_H

#include <stdint.h>

#include "base/error.h"

#include "net/address.h"

#define NORESET_MARK 0x706b7473u

struct noreset;

struct noreset_match {
	struct address destination;      /* family 0: any */
	uint8_t prefix;                  /* bits of it that count; 0: all of them */
	uint16_t source_port, destination_port;   /* host order; 0: any */
};

/* One table for each; several may stand at once. PermissionError with the words that grant CAP_NET_ADMIN; OSError with nftables'
 * own words; NotImplementedError where it was built without libnftables. */
struct noreset *noreset_new(const struct noreset_match *match, struct error *e);
void noreset_free(struct noreset *n);    /* the rule is gone when it returns */

#endif
