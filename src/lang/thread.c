#include "lang/thread.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/guard.h"
#include "lang/machine.h"
#include "lang/types.h"

enum { TURN_MS = 5, LOOK_MS = 50, END_TRIES = 100, END_MS = 10, SIGNALS_MAIN = INTERRUPT_KEY | INTERRUPT_SIGNAL };
enum { STACK_BYTES = 16 << 20 };        /* of address space; what is not touched costs nothing */
#define NANOSECOND_SECOND 1000000000LL

struct thread {
	struct vm *vm;
	struct thread *next;            /* of those that run, or of those that ended and were not joined */
	int64_t number;
	pthread_t id;
	bool daemon, joinable;
	/* what struct vm holds while it has the turn */
	struct machine *machine;
	struct guard *guard;
	value pending;
	void *host;                     /* hooks.turn's own */
	sem_t wake;
	value function, arguments;      /* a tuple */
};

struct threads {
	pthread_mutex_t lock;           /* of the numbers; never held while the language runs */
	pthread_cond_t called;
	uint64_t given, now;            /* the next number to give out; whose turn it is */
	struct thread main, *running, *others, *ended;
	int64_t last;
	int laid_aside;                 /* interrupts that are the main thread's */
	bool ending;                    /* whoever is not the main one has to unwind */
};

static struct timespec after_ms(int64_t ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	int64_t ns = t.tv_nsec + ms * 1000000;
	return (struct timespec){ t.tv_sec + ns / NANOSECOND_SECOND, ns % NANOSECOND_SECOND };
}

/* ---- turns ----------------------------------------------------------------------------------------------------------- */

/* What is going on moves out of struct vm, or back. */
static void put_away(struct vm *vm, struct thread *t)
{
	t->machine = vm->machine;
	t->guard = vm->guard;
	t->pending = vm->pending;
	vm->pending = VALUE_UNSET;
	if (vm->hooks.turn)
		vm->hooks.turn(vm, &t->host, false);
}

static void bring_back(struct vm *vm, struct thread *t)
{
	struct threads *all = vm->threads;
	vm->machine = t->machine;
	vm->guard = t->guard;
	vm->pending = t->pending;
	t->pending = VALUE_UNSET;
	if (vm->hooks.turn)
		vm->hooks.turn(vm, &t->host, true);
	all->running = t;
	if (t == &all->main && all->laid_aside) {
		__atomic_fetch_or(&vm->interrupt, all->laid_aside, __ATOMIC_RELAXED);
		all->laid_aside = 0;
	}
}

/* With all->lock held. */
static void wait_for_turn(struct vm *vm, struct threads *all)
{
	uint64_t mine = all->given++;
	while (all->now != mine) {
		uint64_t before = all->now;
		struct timespec until = after_ms(TURN_MS);
		if (pthread_cond_timedwait(&all->called, &all->lock, &until) == ETIMEDOUT && all->now == before && mine == before + 1)
			__atomic_fetch_or(&vm->interrupt, INTERRUPT_TURN, __ATOMIC_RELAXED);
	}
}

static void give_turn(struct threads *all)
{
	all->now++;
	pthread_cond_broadcast(&all->called);
}

static void turn_take(struct vm *vm, struct thread *t)
{
	struct threads *all = vm->threads;
	pthread_mutex_lock(&all->lock);
	wait_for_turn(vm, all);
	pthread_mutex_unlock(&all->lock);
	bring_back(vm, t);
}

static void turn_leave(struct vm *vm)
{
	struct threads *all = vm->threads;
	put_away(vm, all->running);
	pthread_mutex_lock(&all->lock);
	give_turn(all);
	pthread_mutex_unlock(&all->lock);
}

/* Behind all who wait now; at once when nobody does. */
static void turn_pass(struct vm *vm)
{
	struct threads *all = vm->threads;
	struct thread *self = all->running;
	pthread_mutex_lock(&all->lock);
	if (all->given > all->now + 1) {
		put_away(vm, self);
		give_turn(all);
		wait_for_turn(vm, all);
		pthread_mutex_unlock(&all->lock);
		bring_back(vm, self);
	} else {
		pthread_mutex_unlock(&all->lock);
	}
}

void threads_leave(struct vm *vm, struct thread **self)
{
	*self = vm->threads->running;
	turn_leave(vm);
}

void threads_return(struct vm *vm, struct thread *self)
{
	int code = errno;
	turn_take(vm, self);
	errno = code;
}

bool threads_poll(struct vm *vm, int *bits)
{
	struct threads *all = vm->threads;
	bool main = all->running == &all->main;
	if (!main && *bits & SIGNALS_MAIN) {
		all->laid_aside |= *bits & SIGNALS_MAIN;
		*bits = (*bits & ~SIGNALS_MAIN) | INTERRUPT_TURN;
	}
	if (*bits & INTERRUPT_TURN && !vm->loading)
		turn_pass(vm);
	if (main || !all->ending)
		return true;
	__atomic_fetch_or(&vm->interrupt, INTERRUPT_TURN, __ATOMIC_RELAXED);     /* the next one is to look as well */
	return vm_raise_ok(vm, vm->errors.SystemExit, "the program ends");
}

static int wake_signal(void)
{
	return SIGRTMIN;
}

static void nothing(int number)
{
}

static void threads_make(struct vm *vm)
{
	struct threads *all = mem_zero(sizeof *all);
	pthread_condattr_t how;
	pthread_condattr_init(&how);
	pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->called, &how);
	pthread_condattr_destroy(&how);
	all->main.vm = vm;
	all->main.number = all->last = 1;
	sem_init(&all->main.wake, 0, 0);
	all->running = &all->main;
	all->given = 1;                 /* number 0 is the main thread's, and its turn it is */
	vm->threads = all;
	sigaction(wake_signal(), &(struct sigaction){ .sa_handler = nothing }, NULL);
}

/* ---- waiting for another thread ---- */

struct thread *thread_self(struct vm *vm)
{
	if (!vm->threads)
		threads_make(vm);
	return vm->threads->running;
}

static struct timespec at_ns(int64_t ns)
{
	return (struct timespec){ ns / NANOSECOND_SECOND, ns % NANOSECOND_SECOND };
}

static int64_t now_ns(void)
{
	struct timespec t = after_ms(0);
	return t.tv_sec * NANOSECOND_SECOND + t.tv_nsec;
}

/* In slices: a signal may come between the last look at it and the wait. */
bool thread_park(struct vm *vm, int64_t deadline, bool *woken)
{
	struct thread *self = vm->threads->running;
	for (*woken = false; !*woken;) {
		int64_t slice = now_ns() + LOOK_MS * 1000000LL;
		struct timespec until = at_ns(slice < deadline ? slice : deadline);
		struct thread *t;
		threads_leave(vm, &t);
		*woken = sem_clockwait(&self->wake, CLOCK_MONOTONIC, &until) == 0;
		threads_return(vm, t);
		if (!*woken && !vm_poll(vm))
			return false;
		if (!*woken && now_ns() >= deadline)
			return true;
	}
	return true;
}

void thread_wake(struct thread *t)
{
	sem_post(&t->wake);
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

static void thread_free(struct thread *t)
{
	if (t->joinable)
		pthread_join(t->id, NULL);
	sem_destroy(&t->wake);
	mem_free(t);
}

static void free_ended(struct threads *all)
{
	while (all->ended) {
		struct thread *t = all->ended;
		all->ended = t->next;
		thread_free(t);
	}
}

/* Its last act in the language: nothing of it is left but the thread of the system, which is joined later. */
static void end(struct vm *vm, struct thread *t)
{
	struct threads *all = vm->threads;
	value_set(&t->function, VALUE_UNSET);
	value_set(&t->arguments, VALUE_UNSET);
	vm_clear(vm);
	machine_drop(vm->machine);
	guard_free(vm->guard);
	for (struct thread **at = &all->others; *at; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			break;
		}
	t->next = all->ended;
	all->ended = t;
}

static value run(struct vm *vm, struct thread *t)
{
	const value *items;
	size_t count;
	value_items(t->arguments, &items, &count);
	return value_call_args(vm, t->function, count, items);
}

static void *body(void *state)
{
	struct thread *t = state;
	struct vm *vm = t->vm;
	turn_take(vm, t);
	value_drop(run(vm, t));
	end(vm, t);
	/* not turn_leave: there is nothing to put away */
	pthread_mutex_lock(&vm->threads->lock);
	give_turn(vm->threads);
	pthread_mutex_unlock(&vm->threads->lock);
	return NULL;
}

/* With every signal blocked but the one that wakes it at the end, so that all others go to the main thread. */
static int start(struct thread *t)
{
	pthread_attr_t how;
	sigset_t all, before;
	sigfillset(&all);
	sigdelset(&all, wake_signal());
	pthread_attr_init(&how);
	pthread_attr_setstacksize(&how, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&t->id, &how, body, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&how);
	return code;
}

int64_t thread_start(struct vm *vm, value function, value arguments, bool daemon)
{
	if (!vm->threads)
		threads_make(vm);
	struct threads *all = vm->threads;
	free_ended(all);
	struct thread *t = mem_zero(sizeof *t);
	t->vm = vm;
	t->number = ++all->last;
	t->daemon = daemon;
	t->machine = machine_make(vm->machine);
	t->guard = guard_new();
	t->function = value_keep(function);
	t->arguments = value_keep(arguments);
	sem_init(&t->wake, 0, 0);
	int code = start(t);
	if (code) {
		machine_drop(t->machine);
		guard_free(t->guard);
		value_drop(t->function);
		value_drop(t->arguments);
		thread_free(t);
		vm_raise(vm, vm->errors.RuntimeError, "can't start new thread");
		return -1;
	}
	t->joinable = true;
	t->next = all->others;
	all->others = t;
	return t->number;
}

int64_t thread_here(struct vm *vm)
{
	return vm->threads ? vm->threads->running->number : 1;
}

int64_t thread_system_id(void)
{
	return gettid();
}

size_t thread_count(struct vm *vm)
{
	size_t count = 1;
	for (struct thread *t = vm->threads ? vm->threads->others : NULL; t; t = t->next)
		count++;
	return count;
}

/* ---- the end ---- */

static bool any_to_wait_for(const struct threads *all)
{
	for (const struct thread *t = all->others; t; t = t->next)
		if (!t->daemon)
			return true;
	return false;
}

static bool nap(struct vm *vm, int ms)
{
	struct thread *self;
	struct timespec until = after_ms(ms);
	threads_leave(vm, &self);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	threads_return(vm, self);
	return vm_poll(vm);
}

bool threads_finish(struct vm *vm)
{
	while (vm->threads && any_to_wait_for(vm->threads))
		if (!nap(vm, END_MS))
			return false;
	return true;
}

bool threads_end(struct vm *vm)
{
	struct threads *all = vm->threads;
	if (!all)
		return true;
	all->ending = true;
	for (int i = 0; all->others && i < END_TRIES; i++) {
		__atomic_fetch_or(&vm->interrupt, INTERRUPT_TURN, __ATOMIC_RELAXED);
		for (struct thread *t = all->others; t; t = t->next)
			pthread_kill(t->id, wake_signal());
		nap(vm, i ? END_MS : 0);
		vm_clear(vm);
	}
	if (all->others)
		return false;
	free_ended(all);
	sem_destroy(&all->main.wake);
	pthread_mutex_destroy(&all->lock);
	pthread_cond_destroy(&all->called);
	mem_free(all);
	vm->threads = NULL;
	return true;
}
