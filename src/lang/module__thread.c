/* _thread: starting threads, and the lock of which stdlib/threading.pkt makes all else. */
#include <math.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "lang/modules.h"
#include "lang/thread.h"
#include "lang/types.h"

#define SECOND 1000000000LL

/* Who waits, first come first served: release hands the lock over, it is never free for an instant. */
struct waiting {
	struct waiting *behind;
	struct thread *thread;
	bool has;
};

struct lock {
	struct object head;
	bool held;
	struct waiting *first;
};

static struct lock *as_lock(value v)
{
	return (struct lock *)v.o;
}

static int64_t deadline_of(double seconds)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	double ns = seconds * SECOND;
	return ns > 9e18 - t.tv_sec * 1e9 ? INT64_MAX : t.tv_sec * SECOND + t.tv_nsec + (int64_t)ns;
}

static void leave_queue(struct lock *l, struct waiting *w)
{
	for (struct waiting **at = &l->first; *at; at = &(*at)->behind)
		if (*at == w) {
			*at = w->behind;
			return;
		}
}

/* 1 it is ours, 0 the time is over, -1 raised. */
static int wait_in_queue(struct vm *vm, struct lock *l, int64_t deadline)
{
	struct waiting self = { .thread = thread_self(vm) }, **end = &l->first;
	while (*end)
		end = &(*end)->behind;
	*end = &self;
	bool woken = true, ok = true;
	while (ok && woken && !self.has)
		ok = thread_park(vm, deadline, &woken);
	leave_queue(l, &self);
	if (!ok && self.has) {                  /* it came together with the interruption: the next one gets it */
		l->held = l->first != NULL;
		if (l->first) {
			struct waiting *next = l->first;
			l->first = next->behind;
			next->has = true;
			thread_wake(next->thread);
		}
	}
	return !ok ? -1 : self.has;
}

static value acquire(struct vm *vm, struct lock *l, bool blocking, double timeout)
{
	if (!l->held) {
		l->held = true;
		return value_bool(true);
	}
	if (!blocking || timeout == 0)
		return value_bool(false);
	(void)object_keep(l);
	int got = wait_in_queue(vm, l, timeout < 0 ? INT64_MAX : deadline_of(timeout));
	object_drop(l);
	return got < 0 ? VALUE_UNSET : value_bool(got);
}

static value lock_acquire(struct vm *vm, value *a)
{
	bool blocking;
	double timeout;
	if (!value_truth(vm, a[1], &blocking) || !value_to_double(vm, a[2], &timeout))
		return VALUE_UNSET;
	if (!blocking && timeout != -1)
		return vm_raise(vm, vm->errors.ValueError, "can't specify a timeout for a non-blocking call");
	if ((timeout < 0 && timeout != -1) || isnan(timeout))
		return vm_raise(vm, vm->errors.ValueError, "timeout value must be a non-negative number");
	return acquire(vm, as_lock(a[0]), blocking, timeout);
}

static value lock_release(struct vm *vm, value *a)
{
	struct lock *l = as_lock(a[0]);
	if (!l->held)
		return vm_raise(vm, vm->errors.RuntimeError, "release unlocked lock");
	struct waiting *next = l->first;
	l->held = next != NULL;
	if (next) {
		l->first = next->behind;
		next->has = true;
		thread_wake(next->thread);
	}
	return VALUE_NONE;
}

static value lock_locked(struct vm *vm, value *a)
{
	return value_bool(as_lock(a[0])->held);
}

static value lock_enter(struct vm *vm, value self)
{
	return acquire(vm, as_lock(self), true, -1);
}

static value lock_leave(struct vm *vm, value self, value exception)
{
	return is_unset(lock_release(vm, &self)) ? VALUE_UNSET : value_bool(false);
}

static bool lock_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<%slocked _thread.lock object at %p>", as_lock(self)->held ? "" : "un", (void *)self.o);
	return true;
}

static const struct native lock_methods[] = {
	{ "acquire", lock_acquire, "blocking=True, timeout=-1", "Waits until the lock is this thread's, `timeout` seconds at most (-1: for ever); whether it is." },
	{ "release", lock_release, "", "Gives the lock to who waits for it longest, or sets it free." },
	{ "locked", lock_locked, "", "Whether somebody has it." },
	{ 0 },
};

static value lock_make(struct vm *vm, value *a)
{
	return value_object(object_new(vm->own->lock, 0));
}

/* ---- threads ---- */

static value start(struct vm *vm, value *a)
{
	bool daemon;
	if (!value_is_callable(vm, a[0]))
		return vm_raise(vm, vm->errors.TypeError, "first arg must be callable");
	if (!is_kind(a[1], KIND_TUPLE))
		return vm_raise(vm, vm->errors.TypeError, "2nd arg must be a tuple");
	if (!value_truth(vm, a[2], &daemon))
		return VALUE_UNSET;
	int64_t number = thread_start(vm, a[0], a[1], daemon);
	return number < 0 ? VALUE_UNSET : value_int(number);
}

static value get_ident(struct vm *vm, value *a)
{
	return value_int(thread_here(vm));
}

static value count(struct vm *vm, value *a)
{
	return value_int((int64_t)thread_count(vm));
}

static value native_id(struct vm *vm, value *a)
{
	return value_int(thread_system_id());
}

static const struct native functions[] = {
	{ "start", start, "function, args=(), daemon=False", "Calls a function in a thread of its own; the thread's number." },
	{ "allocate_lock", lock_make, "", "A lock that nobody has." },
	{ "get_ident", get_ident, "", "The running thread's number." },
	{ "get_native_id", native_id, "", "The running thread's number as the system counts them." },
	{ "_count", count, "", "How many threads run." },
	{ 0 },
};

static bool fill(struct vm *vm, struct dict *globals)
{
	static const struct type_spec spec = {
		.name = "lock", .doc = "A lock: one thread at a time has it.", .size = sizeof(struct lock),
		.slots = { .repr = lock_repr, .enter = lock_enter, .leave = lock_leave }, .methods = lock_methods,
	};
	vm->own->lock = module_new_type(vm, NULL, &spec, "_thread");
	dict_set_text(vm, globals, "LockType", value_keep(value_object(vm->own->lock)));
	dict_set_text(vm, globals, "TIMEOUT_MAX", value_float(9223372036.0));
	return true;
}

const struct module_spec module__thread = { "_thread", "Threads that take turns, and their lock.", functions, fill, true };
