#include "lang/guard.h"

#include "base/mem.h"

struct guard *guard_new(void)
{
	return mem_zero(sizeof(struct guard));
}

void guard_free(struct guard *g)
{
	if (g)
		mem_free(g->printed);
	mem_free(g);
}

bool guard_deep(struct vm *vm, const char *doing)
{
	vm->guard->depth--;
	return vm_raise_ok(vm, vm->errors.RecursionError, "maximum recursion depth exceeded%s", doing);
}

int guard_print(struct vm *vm, struct object *o)
{
	struct guard *g = vm->guard;
	for (size_t i = g->printing; i-- > 0;)
		if (g->printed[i] == o)
			return 0;
	if (!guard_enter(vm, " while getting the repr of an object"))
		return -1;
	if (g->printing == g->room) {
		g->room = g->room ? g->room * 2 : 32;
		g->printed = mem_resize(g->printed, g->room * sizeof *g->printed);
	}
	g->printed[g->printing++] = o;
	return 1;
}

void guard_printed(struct vm *vm)
{
	vm->guard->printing--;
	guard_leave(vm);
}
