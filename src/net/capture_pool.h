/* Captures that stay open between two uses: the kernel takes 8 ms to open one and 20 ms to close it, an answer comes after
 * 0.1. While nobody uses it, a capture lets nothing pass and is not promiscuous; one that was lent stays awake until the pool
 * rests. */
#ifndef NET_CAPTURE_POOL_H
#define NET_CAPTURE_POOL_H

#include "net/capture.h"

struct capture_pool;

struct capture_pool *capture_pool_new(void);
void capture_pool_free(struct capture_pool *p);          /* closes all */

/* As capture_open; the capture is the caller's until capture_pool_give. What was captured before is not seen. */
struct capture *capture_pool_take(struct capture_pool *p, const struct capture_options *options, struct error *e);
/* `broken`: it failed, and is closed. */
void capture_pool_give(struct capture_pool *p, struct capture *c, bool broken);
/* The same for who will soon want it again: it stays as it is, filter and all (changing that costs more than a round trip). */
void capture_pool_lend(struct capture_pool *p, struct capture *c, bool broken);
/* Frames are sent with nothing asked in between: when that becomes many, the pool rests. */
void capture_pool_sent(struct capture_pool *p, uint64_t count);
bool capture_pool_taken(const struct capture_pool *p);   /* is anyone listening? */
/* Quiet for now: nobody will ask for a while. */
void capture_pool_rest(struct capture_pool *p);

#endif
