/* Packets that are set aside until the link address of their next hop is known: whoever sends many does not wait for each hop by
 * itself, and one that nobody answers for does not keep the others. All hops that are waited for are asked for together; what
 * they lead to leaves then, and what leads to a silent one is counted and not sent. */
#ifndef NET_ASIDE_H
#define NET_ASIDE_H

#include "net/emit.h"

/* `member`: kept; NULL where `tag` tells e->resume which it is. Asks, and resumes, when there are many. false: raised, or stopped. */
bool aside_put(struct emit *e, struct stack *member, uint32_t tag, const struct emit_way *way);
/* Asks for all hops that are waited for, and calls e->resume for what they lead to. false: raised, or stopped. */
bool aside_settle(struct emit *e);
/* Forgets which hops were silent, and what was not sent to them: it is asked anew. */
void aside_begin(struct emit *e);
/* At the end: says what was not sent; when nothing was (`sent` is 0) that is an OSError. false: raised. */
bool aside_end(struct emit *e, uint64_t sent);
void aside_free(struct emit *e);

#endif
