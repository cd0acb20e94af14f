/* _signal: handlers in the language. The kernel's handler only notes the signal; the machine runs the user's between two
 * instructions, and where a native polls. What a C handler touches has to be global: it stays in this file. */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "lang/modules.h"
#include "lang/types.h"

enum { SIGNALS = 65 };

static volatile sig_atomic_t arrived[SIGNALS];
static volatile int *flag;      /* the machine's interrupt word */

static void note(int number)
{
	arrived[number] = 1;
	if (flag)
		__atomic_fetch_or(flag, INTERRUPT_SIGNAL, __ATOMIC_RELAXED);
}

static struct dict *handlers(struct vm *vm)
{
	if (is_unset(vm->own->signals))
		vm->own->signals = value_object(dict_new(vm));
	return as_dict(vm->own->signals);
}

static bool run_one(struct vm *vm, int number)
{
	value handler = value_keep(dict_get(vm, handlers(vm), value_int(number)));
	if (is_unset(handler))
		return !vm_pending(vm);
	value result = value_call_args(vm, handler, 2, (value[]){ value_int(number), VALUE_NONE });
	value_drop(handler);
	value_drop(result);
	return !is_unset(result);
}

bool signals_run(struct vm *vm)
{
	for (int number = 1; number < SIGNALS; number++) {
		if (!arrived[number])
			continue;
		arrived[number] = 0;
		if (!run_one(vm, number))
			return false;
	}
	return true;
}

void signals_free(struct vm *vm)
{
	for (int number = 1; flag && number < SIGNALS; number++) {
		struct sigaction now;
		if (sigaction(number, NULL, &now) == 0 && now.sa_handler == note)
			signal(number, number == SIGPIPE ? SIG_IGN : SIG_DFL);
	}
	flag = NULL;
	value_set(&vm->own->signals, VALUE_UNSET);
}

static bool number_of(struct vm *vm, value v, int *number)
{
	int64_t n;
	if (!value_to_int64(vm, v, &n))
		return false;
	if (n < 1 || n >= SIGNALS)
		return vm_raise_ok(vm, vm->errors.ValueError, "signal number out of range");
	*number = (int)n;
	return true;
}

/* Sets a handler (a callable), SIG_DFL (0) or SIG_IGN (1). */
static value signal_set(struct vm *vm, value *a)
{
	struct sigaction action = { .sa_handler = note };
	int number = 0;
	int64_t how = 2;
	if (!number_of(vm, a[0], &number) || (a[1].tag == TAG_INT && !value_to_int64(vm, a[1], &how)))
		return VALUE_UNSET;
	flag = &vm->interrupt;
	if (how < 2)
		action.sa_handler = how ? SIG_IGN : SIG_DFL;
	if (sigaction(number, &action, NULL) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return dict_set(vm, handlers(vm), value_int(number), value_keep(a[1])) ? VALUE_NONE : VALUE_UNSET;
}

static value signal_alarm(struct vm *vm, value *a)
{
	int64_t seconds;
	return value_to_int64(vm, a[0], &seconds) ? value_int(alarm(seconds < 0 ? 0 : (unsigned)seconds)) : VALUE_UNSET;
}

static struct timeval interval(double seconds)
{
	return (struct timeval){ (time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static value old_timer(struct vm *vm, const struct itimerval *t)
{
	return tuple_of(vm, 2, (value[]){ value_float(seconds_of(t->it_value)), value_float(seconds_of(t->it_interval)) });
}

static value signal_setitimer(struct vm *vm, value *a)
{
	int64_t which;
	double first, again;
	if (!value_to_int64(vm, a[0], &which) || !value_to_double(vm, a[1], &first) || !value_to_double(vm, a[2], &again))
		return VALUE_UNSET;
	struct itimerval now = { interval(again), interval(first) }, before;
	return setitimer((int)which, &now, &before) < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : old_timer(vm, &before);
}

static value signal_getitimer(struct vm *vm, value *a)
{
	int64_t which;
	struct itimerval now;
	if (!value_to_int64(vm, a[0], &which))
		return VALUE_UNSET;
	return getitimer((int)which, &now) < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : old_timer(vm, &now);
}

/* Looks every now and then as well: a signal may come between the look and the wait. */
static value signal_pause(struct vm *vm, value *a)
{
	for (;;) {
		bool any = vm->interrupt & (INTERRUPT_SIGNAL | 1);
		if (!vm_poll(vm))
			return VALUE_UNSET;
		if (any)
			return VALUE_NONE;
		VM_WAIT(vm, usleep(20000));
	}
}

static const struct native functions[] = {
	{ "set", signal_set, "number, handler", "What happens at a signal: a function of (number, frame), 0: the default, 1: nothing." },
	{ "alarm", signal_alarm, "seconds", "SIGALRM after so many whole seconds; those left of an earlier call." },
	{ "setitimer", signal_setitimer, "which, seconds, interval=0.0", "A timer; the (seconds, interval) of the one before." },
	{ "getitimer", signal_getitimer, "which", "A timer's (seconds, interval)." },
	{ "pause", signal_pause, "", "Waits for a signal that has a handler." },
	{ 0 },
};

static const struct module_number numbers[] = {
#define N(name) { #name, name }
	N(SIGHUP), N(SIGINT), N(SIGQUIT), N(SIGILL), N(SIGTRAP), N(SIGABRT), N(SIGBUS), N(SIGFPE), N(SIGKILL), N(SIGUSR1), N(SIGSEGV),
	N(SIGUSR2), N(SIGPIPE), N(SIGALRM), N(SIGTERM), N(SIGCHLD), N(SIGCONT), N(SIGSTOP), N(SIGTSTP), N(SIGTTIN), N(SIGTTOU), N(SIGURG),
	N(SIGXCPU), N(SIGXFSZ), N(SIGVTALRM), N(SIGPROF), N(SIGWINCH), N(SIGIO), N(SIGPWR), N(SIGSYS),
	N(ITIMER_REAL), N(ITIMER_VIRTUAL), N(ITIMER_PROF),
#undef N
	{ "NSIG", SIGNALS }, { 0 },
};

static bool fill(struct vm *vm, struct dict *globals)
{
	module_add_numbers(vm, globals, numbers);
	return true;
}

const struct module_spec module__signal = { "_signal", "Signals, as the kernel has them.", functions, fill, true };
