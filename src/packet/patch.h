/* A packet with sets whose frame was laid out once: each further member is the frame before it with the bits of the fields that
 * vary, and the sums that cover them, changed in place (RFC 1624). Only what can be told beforehand: the fields that vary are
 * numbers at a fixed place on which nothing else in the packet depends but internet checksums. */
#ifndef PACKET_PATCH_H
#define PACKET_PATCH_H

#include "packet/packet.h"

struct patch;

/* `member` is what the walk gave last; its frame has `len` bytes, `lead` of them in front that are the same for all. `moves`: the
 * outermost IPv4 destination may vary, and who asks sees to what depends on it (patch_destination). NULL: it has to be built anew for
 * each member (or raised). The walk is BORROWED. */
struct patch *patch_new(struct walk *w, struct stack *member, size_t len, size_t lead, bool moves);
void patch_free(struct patch *p);

/* The fields that vary, and what the member that was put last has there on the wire. */
struct patched { unsigned layer, field; size_t bit; };       /* bit: where in the frame */
unsigned patch_count(const struct patch *p);
struct patched patch_place(const struct patch *p, unsigned i);
uint64_t patch_word(const struct patch *p, unsigned i);
size_t patch_start(const struct patch *p, unsigned layer);  /* where in the frame a layer begins */

/* The destination of the member that was put last, a number in host order; false: it is the same for all. */
bool patch_destination(const struct patch *p, uint32_t *out);
/* The member that was put last, as a packet. NULL: raised. */
struct stack *patch_packet(const struct patch *p);

enum patch_result { PATCH_DONE, PATCH_END, PATCH_RAISED };
/* The next member into the frame. `same`, unless NULL: the same member as a packet, owned, for who wants to compare. */
enum patch_result patch_next(struct patch *p, uint8_t *frame, struct stack **same);

#endif
