/* What a layer class was lately made with: a loop that makes packets says most of its layers in the same words each time. Only
 * plain values are remembered (numbers in range, addresses written out), which mean the same whenever they are said; a layer
 * made of them again shares the settings of the one before until either is changed. Made in the same words with some other values, it
 * takes over the others as they were accepted. */
#ifndef PACKET_RECENT_H
#define PACKET_RECENT_H

#include "lang/native.h"
#include "packet/packet.h"

/* p stands at its defaults. Afterwards it is set as the call says, but for the arguments of the bits given back (bit i: the i-th
 * named one), which are still to be set. Nothing to remember when few are left: recent_remember sees to that. */
uint64_t recent_recall(struct part *p, const struct call *call);
void recent_remember(struct part *p, const struct call *call);          /* p was set so from its defaults */
void recent_forget(struct layer *l);

#endif
