/* Courses: the way that packets to a destination took a moment ago, with the link header that was in front of them. The next one there,
 * if it has a template (packet/template.h) or its layers are of the same classes, is that header and what the template writes, or what
 * is built of it: no route is asked for, no layer copied.
 *
 * A course is learnt from the second packet in a row that was built the long way, and only when both ways make the same bytes. What a
 * link header depends on is its key: the destination, the interface that was asked for, the class that the header is in front of
 * (its type number), the link layer's class and defaults, and the kernel's tables as they were; it is good for a second. */
#ifndef NET_COURSE_H
#define NET_COURSE_H

#include "net/emit.h"

struct courses;
void courses_free(struct courses *c);

/* The frame of the packet from layer `at` of the stack on, which is no set, and its way. *out NULL: it has to go the long way. false: raised. */
bool course_frame(struct emit *e, struct stack *s, unsigned at, struct emit_way *way, struct frame **out);
/* A frame of layer 3 that was built the long way. */
void course_note(struct emit *e, struct stack *member, const struct emit_way *way, const struct frame *frame);

#endif
