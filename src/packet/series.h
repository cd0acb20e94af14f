/* Series: packets that differ in a few numbers, remembered as one of them and the numbers of each. What sr keeps of a set of a
 * million probes is a series and a few words a probe; a packet is made of these when somebody looks.
 *
 * A series also reads as any of its packets without making one: the view is a packet that was dissected from the bytes that were
 * laid out, and series_recall puts a packet's numbers into these bytes. */
#ifndef PACKET_SERIES_H
#define PACKET_SERIES_H

#include "packet/patch.h"

struct series;

/* Of the set that `p` patches, whose member `first` was laid out as `frame`. NULL: its bytes do not read as its layers. */
struct series *series_new(const struct patch *p, struct stack *first, const struct frame *frame);
void series_free(struct series *s);
void series_visit(const struct series *s, visit_fn visit, void *state);

unsigned series_width(const struct series *s);                              /* words a packet */
struct stack *series_recall(const struct series *s, const uint64_t *words); /* BORROWED, until the next: the packet with these words, to be read */
struct stack *series_packet(const struct series *s, const uint64_t *words); /* the packet as the set gives it. NULL: raised */

#endif
