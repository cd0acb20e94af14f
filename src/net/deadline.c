#include "net/deadline.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t deadline_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t deadline_wall_clock(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t deadline_in(double seconds)
{
	int64_t now = deadline_now();
	if (!(seconds > 0))
		return now;
	double left = seconds * NANOSECONDS;
	return left >= (double)(INT64_MAX - now) ? DEADLINE_NEVER : now + (int64_t)left;
}

bool deadline_passed(int64_t deadline)
{
	return deadline != DEADLINE_NEVER && deadline_now() >= deadline;
}

int64_t deadline_sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int deadline_poll(struct pollfd *polls, size_t count, int64_t deadline)
{
	if (deadline == DEADLINE_NEVER)
		return ppoll(polls, count, NULL, NULL);
	int64_t left = deadline - deadline_now();
	if (left < 0)
		left = 0;
	struct timespec wait = { .tv_sec = left / NANOSECONDS, .tv_nsec = left % NANOSECONDS };
	return ppoll(polls, count, &wait, NULL);
}

bool deadline_sleep(int64_t deadline)
{
	return deadline_poll(NULL, 0, deadline) == 0;
}
