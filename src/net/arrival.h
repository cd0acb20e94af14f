/* A frame that came in becomes a packet: dissected to its boundaries, with what the capture told of it. */
#ifndef NET_ARRIVAL_H
#define NET_ARRIVAL_H

#include "packet/packet.h"

#include "net/capture.h"

/* `iface`: where it was captured, NULL: nowhere (a file). The bytes are copied. NULL: raised. */
struct stack *arrival(struct vm *vm, const struct capture_frame *f, int link_type, const char *iface);
/* The same as the language's object: read no further than somebody looks. Unset: raised. */
value arrival_packet(struct vm *vm, const struct capture_frame *f, int link_type, const char *iface);
/* What the capture told of it, for a packet that was dissected already. */
void arrival_tell(struct stack *s, const struct capture_frame *f, int link_type, const char *iface);
/* Its layers from `at` on, as a packet of its own that was captured when and where the whole was. NULL: raised. */
struct stack *arrival_above(struct stack *whole, unsigned at);

#endif
