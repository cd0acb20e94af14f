/* Points in monotonic time, in nanoseconds, and waiting for descriptors until one. A deadline is never recomputed from what
 * is left, so that interrupted waits do not add up. */
#ifndef NET_DEADLINE_H
#define NET_DEADLINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER INT64_MAX
enum { NANOSECONDS = 1000000000 };

int64_t deadline_now(void);                          /* monotonic */
int64_t deadline_wall_clock(void);                   /* nanoseconds since 1970: for packets' times, never for waiting */
int64_t deadline_in(double seconds);                 /* at once for 0, negative and NaN; never for infinity and beyond 292 years */
bool    deadline_passed(int64_t deadline);
int64_t deadline_sooner(int64_t a, int64_t b);

/* poll() until the deadline: how many are ready, 0 when it passed, -1 with errno (EINTR: a signal came). */
int deadline_poll(struct pollfd *polls, size_t count, int64_t deadline);
bool deadline_sleep(int64_t deadline);               /* false: a signal came first */

#endif
