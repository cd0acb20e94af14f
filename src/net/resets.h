/* Conversations that the kernel has reset behind our back: it answers a SYN-ACK to a SYN that it never sent with a RST, and what
 * is forged after that is for nobody. From a SYN that is asked with, or sent, alone, until a while later, RSTs that leave are watched for; a later
 * segment of a conversation that they ended is told about once, when it is sent. A SYN alone is not: a scan wants that RST. */
#ifndef NET_RESETS_H
#define NET_RESETS_H

#include "net/inject.h"
#include "net/wire.h"

struct resets;
void resets_free(struct resets *r);

/* A frame that leaves by this interface (index) and is asked alone: if it opens a conversation, RSTs there are watched for. */
void resets_watch(struct wire *w, int iface, int link_type, const struct inject_frame *frame);
/* ... and is sent alone: so too, but not in a flood of such. */
void resets_watch_sent(struct wire *w, int iface, int link_type, const struct inject_frame *frame);
/* Frames are about to leave. */
void resets_leaving(struct wire *w, int link_type, const struct inject_frame *frames, size_t count);

#endif
