/* The records of a capture file of the usual kind (classic, of this machine's byte order, version 2.4, not compressed), read in
 * large blocks in which they stay: a packet made of one keeps the block instead of a copy. A record in which anything is out of the
 * ordinary, and the end, are libpcap's: records_next says so, and where it begins.
 *
 * Two blocks take turns. A block that somebody still holds when its turn comes again is left to him; when that happens a second time
 * he keeps what he reads, and is lent no more: frames are copied then, so that one packet does not hold thousands. */
#ifndef NET_RECORDS_H
#define NET_RECORDS_H

#include "net/capture.h"

struct records;
/* The file from `at` on, which is behind its header. The descriptor is borrowed. */
struct records *records_new(int descriptor, uint64_t at, uint32_t snap, int link_type, bool nanoseconds);
bool     records_next(struct records *r, struct capture_frame *out);    /* false: what comes next is not usual */
uint64_t records_at(const struct records *r);                           /* where in the file that is */
void     records_free(struct records *r);

#endif
