/* Threads: threads of the system that take turns with one machine.
 *
 * There is one struct vm, and who has the turn owns it: its frames, its exception, what it is printing are put into struct vm
 * when a thread gets the turn and taken out when it gives the turn up. So nothing below a turn needs a lock, and natives know
 * nothing of threads but vm_wait_begin and vm_wait_end around what may block (vm.h). Turns are given out by number, first come
 * first served: who has waited 5 ms asks the owner to hand over at its next poll, and the owner queues behind. Until a second
 * thread is started vm->threads is NULL and nothing of this costs anything.
 *
 * Signals, and so Ctrl-C, belong to the main thread: the others block them, and interrupts that one of them meets are laid
 * aside for it. */
#ifndef LANG_THREAD_H
#define LANG_THREAD_H

#include "lang/vm.h"

/* Calls `function` with a tuple's values in a thread of its own; its number, or -1: raised. A daemon is not waited for at the
 * end. What the function raises is dropped: the caller's function reports it. */
int64_t thread_start(struct vm *vm, value function, value arguments, bool daemon);
int64_t thread_here(struct vm *vm);         /* the running thread's number; the main one's is 1 */
int64_t thread_system_id(void);              /* gettid(2) */
size_t  thread_count(struct vm *vm);        /* those that run, the main one too */

/* The running thread waits until another (or an expiring `deadline`, monotonic nanoseconds, INT64_MAX: none) wakes it.
 * Between the look at what is waited for and this, no other had a turn. false: raised. *woken: not by the deadline. */
struct thread;
struct thread *thread_self(struct vm *vm);
bool thread_park(struct vm *vm, int64_t deadline, bool *woken);
void thread_wake(struct thread *t);

#endif
