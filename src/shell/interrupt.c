#include "shell/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile int *flag;

static void on_interrupt(int signal)
{
	if (flag)
		__atomic_fetch_or(flag, INTERRUPT_KEY, __ATOMIC_RELAXED);
}

void interrupt_install(struct vm *vm)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	flag = &vm->interrupt;
	sigaction(SIGINT, &action, NULL);
}

void interrupt_remove(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigaction(SIGINT, &action, NULL);
	flag = NULL;
}

void interrupt_forget(struct vm *vm)
{
	__atomic_fetch_and(&vm->interrupt, ~INTERRUPT_KEY, __ATOMIC_RELAXED);
}
