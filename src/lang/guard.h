/* What keeps C's own stack whole: every operation that can come back to itself through a value's parts (printing, comparing,
 * hashing, calling, stepping) enters here and leaves again. Too deep is RecursionError. */
#ifndef LANG_GUARD_H
#define LANG_GUARD_H

#include "lang/vm.h"

struct guard {
	unsigned depth;
	size_t printing, room;
	struct object **printed;    /* what is being printed, outermost first */
};

struct guard *guard_new(void);
void guard_free(struct guard *g);
bool guard_deep(struct vm *vm, const char *doing);      /* raises RecursionError; false */

enum { GUARD_DEPTH = 1000 };

/* `doing` ends the message: "", " in comparison", " while calling a Python object" ... */
static inline bool guard_enter(struct vm *vm, const char *doing)
{
	return ++vm->guard->depth <= GUARD_DEPTH || guard_deep(vm, doing);
}
static inline void guard_leave(struct vm *vm)
{
	vm->guard->depth--;
}

/* Printing: 1 entered, 0 it is being printed already, -1 raised. */
int  guard_print(struct vm *vm, struct object *o);
void guard_printed(struct vm *vm);

#endif
