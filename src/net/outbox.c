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
	SLOTS = 512,                     /* a power of two */
	SLOT_BYTES = 1536,
	BATCH = 64,
	NAP = NANOSECONDS / 20000,
	NAPS = 20,                       /* with nothing to do, before it sleeps */
};

struct slot {
	struct inject *inject;
	uint32_t len;
	uint8_t bytes[SLOT_BYTES];
};

struct outbox {
	_Atomic uint32_t head;           /* counts what was put: written by who puts */
	_Atomic uint32_t tail;           /* ... and what has left: written with the lock */
	_Atomic bool asleep, failed, ending;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct error error;              /* with the lock, as all below */
	size_t lost;
	struct slot *slots;
};

static void nap(void)
{
	struct timespec t = { .tv_nsec = NAP };
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

/* ---- sending, with the lock -------------------------------------------------------------------------------------------- */

static size_t batch_of(struct outbox *o, uint32_t tail, uint32_t head, struct inject_frame *out)
{
	const struct slot *first = &o->slots[tail % SLOTS];
	size_t count = 0;
	while (count < BATCH && tail + count != head) {
		const struct slot *s = &o->slots[(tail + count) % SLOTS];
		if (s->inject != first->inject)
			break;
		out[count++] = (struct inject_frame){ s->bytes, s->len };
	}
	return count;
}

/* false: nothing was left. */
static bool send_batch(struct outbox *o)
{
	struct inject_frame frames[BATCH] = {0};
	uint32_t tail = o->tail, head = atomic_load(&o->head);
	if (tail == head)
		return false;
	if (o->failed) {
		o->lost += head - tail;
		atomic_store(&o->tail, head);
		return true;
	}
	struct error e = {0};
	size_t count = batch_of(o, tail, head, frames), sent = inject_send(o->slots[tail % SLOTS].inject, frames, count, &e);
	if (sent < count && e.code != EINTR) {
		error_clear(&o->error);
		o->error = e;
		o->failed = true;
	} else {
		error_clear(&e);
	}
	atomic_store(&o->tail, tail + (uint32_t)sent);
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
	o->slots = mem_alloc(SLOTS * sizeof *o->slots);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	if (start(o))
		return o;
	mem_free(o->slots);
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
	mem_free(o->slots);
	mem_free(o);
}

/* ---- who puts ---------------------------------------------------------------------------------------------------------- */

/* When it is full, until an eighth of it is free: each wait is for many frames. */
static void wait_for_room(struct outbox *o, uint32_t head)
{
	if (head - atomic_load(&o->tail) < SLOTS)
		return;
	while (head - atomic_load(&o->tail) > SLOTS - SLOTS / 8)
		nap();
}

bool outbox_put(struct outbox *o, struct inject *i, const void *bytes, size_t len)
{
	uint32_t head = atomic_load_explicit(&o->head, memory_order_relaxed);
	if (len > SLOT_BYTES || atomic_load_explicit(&o->failed, memory_order_relaxed))
		return false;
	wait_for_room(o, head);
	struct slot *s = &o->slots[head % SLOTS];
	s->inject = i;
	s->len = (uint32_t)len;
	memcpy(s->bytes, bytes, len);
	atomic_store(&o->head, head + 1);
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
