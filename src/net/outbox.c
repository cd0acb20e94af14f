#include "net/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/mem.h"

#include "net/deadline.h"

enum {
	ROOM = 1 << 16,                  /* bytes of the ring, a power of two: some eight hundred small frames */
	MOST = 4096,                     /* bytes of a frame */
	BATCH = 64,
	NAP = NANOSECONDS / 20000,
	NAPS = 20,                       /* with nothing to do, before it sleeps */
};

/* Frames stand one behind the other, so that the other processor reads on; none goes over the ring's end: a record without an inject
 * fills what is left there. */
struct record {
	struct inject *inject;
	uint32_t len, size;              /* of the frame, of the whole record: a multiple of 16 */
	uint8_t bytes[];
};

struct outbox {
	_Atomic uint32_t head;           /* counts the bytes that were put: written by who puts */
	_Atomic uint32_t tail;           /* ... and those that have left: written with the lock */
	_Atomic bool asleep, failed, ending;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct error error;              /* with the lock, as all below */
	size_t lost;
	uint8_t *ring;
};

static void nap(void)
{
	struct timespec t = { .tv_nsec = NAP };
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

/* ---- sending, with the lock -------------------------------------------------------------------------------------------- */

static struct record *record_at(const struct outbox *o, uint32_t at)
{
	return (struct record *)(o->ring + at % ROOM);
}

/* The frames from `tail` on that leave by the same way; ends[i]: where the i-th of them ends. */
static size_t batch_of(const struct outbox *o, uint32_t tail, uint32_t head, struct inject_frame *out, uint32_t *ends)
{
	const struct record *first = record_at(o, tail);
	size_t count = 0;
	while (count < BATCH && tail != head) {
		const struct record *r = record_at(o, tail);
		if (r->inject != first->inject)
			break;
		tail += r->size;
		out[count] = (struct inject_frame){ r->bytes, r->len };
		ends[count++] = tail;
	}
	return count;
}

static void lose(struct outbox *o, uint32_t tail, uint32_t head)
{
	for (; tail != head; tail += record_at(o, tail)->size)
		o->lost += record_at(o, tail)->inject != NULL;
	atomic_store(&o->tail, head);
}

/* false: nothing was left. */
static bool send_batch(struct outbox *o)
{
	struct inject_frame frames[BATCH] = {0};
	uint32_t ends[BATCH], tail = o->tail, head = atomic_load(&o->head);
	if (tail == head)
		return false;
	if (o->failed) {
		lose(o, tail, head);
		return true;
	}
	struct error e = {0};
	struct inject *inject = record_at(o, tail)->inject;
	size_t count = batch_of(o, tail, head, frames, ends), sent = inject ? inject_send(inject, frames, count, &e) : count;
	if (sent < count && e.code != EINTR) {
		error_clear(&o->error);
		o->error = e;
		o->failed = true;
	} else {
		error_clear(&e);
	}
	if (sent)
		atomic_store(&o->tail, ends[sent - 1]);
	return true;
}

/* ---- its thread -------------------------------------------------------------------------------------------------------- */

static bool is_empty(struct outbox *o)
{
	return atomic_load(&o->tail) == atomic_load(&o->head);
}

static void sleep_until_woken(struct outbox *o)
{
	atomic_store(&o->asleep, true);
	while (is_empty(o) && !o->ending)
		pthread_cond_wait(&o->wake, &o->lock);
	atomic_store(&o->asleep, false);
}

static void *run(void *state)
{
	struct outbox *o = state;
	prctl(PR_SET_TIMERSLACK, 1000L);
	prctl(PR_SET_NAME, "outbox");
	for (unsigned idle = 0; !o->ending; idle = is_empty(o) ? idle + 1 : 0) {
		pthread_mutex_lock(&o->lock);
		while (send_batch(o))
			;
		if (idle > NAPS)
			sleep_until_woken(o);
		pthread_mutex_unlock(&o->lock);
		nap();
	}
	return NULL;
}

/* Signals are for the machine's threads. */
static bool start(struct outbox *o)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&o->thread, NULL, run, o) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static int processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

struct outbox *outbox_new(void)
{
	if (processors() < 2)
		return NULL;
	struct outbox *o = mem_zero(sizeof *o);
	o->ring = mem_alloc(ROOM);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	if (start(o))
		return o;
	mem_free(o->ring);
	mem_free(o);
	return NULL;
}

static void wake(struct outbox *o)
{
	pthread_mutex_lock(&o->lock);
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	outbox_drain(o);
	o->ending = true;
	wake(o);
	pthread_join(o->thread, NULL);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->lock);
	error_clear(&o->error);
	mem_free(o->ring);
	mem_free(o);
}

/* ---- who puts ---------------------------------------------------------------------------------------------------------- */

/* When it is full, until a quarter of it is free: each wait is for many frames. */
static void wait_for_room(struct outbox *o, uint32_t head, uint32_t size)
{
	if (head + size - atomic_load(&o->tail) <= ROOM)
		return;
	while (head - atomic_load(&o->tail) > ROOM - ROOM / 4)
		nap();
}

static uint32_t put(struct outbox *o, uint32_t head, struct inject *i, const void *bytes, size_t len, uint32_t size)
{
	struct record *r = record_at(o, head);
	r->inject = i;
	r->len = (uint32_t)len;
	r->size = size;
	memcpy(r->bytes, bytes, len);
	return head + size;
}

bool outbox_put(struct outbox *o, struct inject *i, const void *bytes, size_t len)
{
	uint32_t head = atomic_load_explicit(&o->head, memory_order_relaxed), size = (uint32_t)(sizeof(struct record) + len + 15) & ~15u;
	if (len > MOST || atomic_load_explicit(&o->failed, memory_order_relaxed))
		return false;
	uint32_t left = ROOM - head % ROOM;
	wait_for_room(o, head, size <= left ? size : left + size);
	if (size > left)
		head = put(o, head, NULL, "", 0, left);
	atomic_store(&o->head, put(o, head, i, bytes, len, size));
	if (atomic_load(&o->asleep))
		wake(o);
	return true;
}

void outbox_drain(struct outbox *o)
{
	if (is_empty(o))
		return;
	pthread_mutex_lock(&o->lock);
	while (send_batch(o))
		;
	pthread_mutex_unlock(&o->lock);
}

size_t outbox_settle(struct outbox *o, struct error *e)
{
	outbox_drain(o);
	pthread_mutex_lock(&o->lock);
	size_t lost = o->lost;
	if (o->failed)
		*e = o->error;
	o->error = (struct error){0};
	o->failed = false;
	o->lost = 0;
	pthread_mutex_unlock(&o->lock);
	return lost;
}
