/* The outbox: frames on their way out, which a thread of ours sends while the language makes the next ones.
 *
 *        put                                   sent, in order, up to 64 a system call
 *      ------>  | f | f | f |   |   |   |  ---------------------------------------------> wire
 *                 ^ tail      ^ head
 *
 * One thread puts (the one that has its turn in the machine), and whoever has the lock sends: ours, or the one that settles, which sends
 * what is left itself and so never waits for ours to wake up. What cannot be sent is kept as an error; the frames behind it, which had
 * been put already, do not leave either and are counted, so that who is told can say so. The thread naps for moments while nothing comes,
 * and sleeps when nothing came for a millisecond. Before anything else is sent or heard, the outbox is settled: it has no order with others. */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "net/inject.h"

struct outbox;

struct outbox *outbox_new(void);                         /* NULL: this process has one processor alone, or gets no thread */
void outbox_free(struct outbox *o);                      /* what is in it leaves */

/* Copied. Waits for room. false: too long for it, or one before it could not be sent: settle, and send it otherwise. */
bool outbox_put(struct outbox *o, struct inject *i, const void *bytes, size_t len);
/* All that was put has left, or did not. */
void outbox_drain(struct outbox *o);
/* ... How many did not; the error says why. Then it is as new. */
size_t outbox_settle(struct outbox *o, struct error *e);

#endif
