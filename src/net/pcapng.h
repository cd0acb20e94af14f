/* Capture files in the pcapng format (draft-ietf-opsawg-pcapng), read and written block by block: several interfaces, each with its
 * link type and its clock, names and comments, which libpcap refuses or leaves out.
 *
 *     block:  type (4) | length (4) | body, padded to 4 | length again (4)        in the byte order of the section's header */
#ifndef NET_PCAPNG_H
#define NET_PCAPNG_H

#include <stdio.h>

#include "base/buf.h"

#include "net/capture.h"

enum { PCAPNG_MAGIC = 0x0a0d0d0a };

struct pcapng;

struct pcapng *pcapng_new(FILE *stream);                     /* the stream stays the caller's. NULL: it does not begin as such a file */
void pcapng_free(struct pcapng *p);
enum capture_result pcapng_next(struct pcapng *p, struct capture_frame *out);    /* CAPTURE_NONE: the end, or pcapng_problem */
const char *pcapng_problem(const struct pcapng *p);          /* NULL: none */
uint64_t pcapng_good_bytes(const struct pcapng *p);          /* up to the end of the last whole block */
int  pcapng_link_type(const struct pcapng *p);               /* of the first interface */

/* Blocks for a file that is written, in this machine's byte order. */
void pcapng_put_section(struct buf *out);
void pcapng_put_interface(struct buf *out, int link_type, uint32_t snap, const char *name);      /* nanoseconds; NULL: no name */
void pcapng_put_packet(struct buf *out, uint32_t iface, const struct capture_frame *f);

#endif
