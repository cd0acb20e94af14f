/* When frames left, by the kernel's own clock: what is asked to be stamped comes back with a number that counts the frames of its
 * socket, some time after it was sent. Here the numbers find the rows that the frames were sent for. */
#ifndef NET_STAMPS_H
#define NET_STAMPS_H

#include "net/inject.h"

struct stamps {
	struct stamped *ways;            /* one a way out; few */
	size_t count;
};

/* Zero-initialise to start. */
void stamps_free(struct stamps *s);
void stamps_begin(struct stamps *s, struct inject *i);           /* before the first frame that leaves there */
void stamps_add(struct stamps *s, struct inject *i, uint32_t number, size_t row);        /* the frame of that number (inject_number) was for this row */
/* Calls `found` for each stamp that came since: nanoseconds since 1970. */
void stamps_read(struct stamps *s, void (*found)(void *state, size_t row, int64_t time), void *state);

#endif
