/* One world of values: its making and its end, raising, polling. */
#include "lang/vm.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#include "lang/cache.h"
#include "lang/gc.h"
#include "lang/guard.h"
#include "lang/machine.h"
#include "lang/makers.h"
#include "lang/modules.h"
#include "lang/types.h"

/* ---- beginning and end ---- */

static void make_names(struct vm *vm)
{
#define X(name) vm->names.name##_ = str_intern(vm, "__" #name "__");
	VM_DUNDERS(X)
#undef X
}

/* These need each other: they are made bare, then completed together. */
static void make_first(struct vm *vm)
{
	type_make_object(vm);
	type_make_type(vm);
	type_make_str(vm);
	type_make_dict(vm);
	type_make_tuple(vm);
	type_make_native(vm);
	type_make_getset(vm);
	struct type *const first[] = { vm->types.object, vm->types.type, vm->types.str, vm->types.dict, vm->types.tuple, vm->types.native, vm->types.getset };
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		first[i]->head.head.type = vm->types.type;
	make_names(vm);
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		type_complete(first[i]);
}

/* int before bool, which is derived from it; else in the order of VM_TYPES. */
static void make_rest(struct vm *vm)
{
	type_make_int_(vm);
#define X(name) if (!vm->types.name) type_make_##name(vm);
	VM_TYPES(X)
#undef X
}

struct vm *vm_new(void)
{
	struct vm *vm = mem_zero(sizeof *vm);
	mem_watch(&vm->interrupt);
	mem_recover();
	vm->heap = heap_new();
	vm->guard = guard_new();
	vm->type_cache = type_cache_new();
	make_first(vm);
	make_rest(vm);
	exceptions_make(vm);
	vm->builtins = dict_new(vm);
	vm->modules = dict_new(vm);
	machine_new(vm);
	builtins_add(vm);
	modules_add(vm);
	return vm;
}

static void drop_roots(struct vm *vm)
{
	vm_clear(vm);
	value_set(&vm->stdout_value, VALUE_UNSET);
	value_set(&vm->stdin_value, VALUE_UNSET);
	value_set(&vm->stderr_value, VALUE_UNSET);
	object_drop(vm->modules);
	object_drop(vm->builtins);
	vm->modules = vm->builtins = NULL;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	modules_free(vm);
	drop_roots(vm);
	heap_empty(vm);
	machine_free(vm);
	str_intern_end(vm);
	heap_free(vm);
	guard_free(vm->guard);
	mem_free(vm->type_cache);
	mem_free(vm->own);
	mem_watch(NULL);
	mem_free(vm);
}

void vm_add_builtins(struct vm *vm, const struct native *functions)
{
	for (; functions->name; functions++)
		dict_set_text(vm, vm->builtins, functions->name, native_new(vm, functions, NULL));
}

/* ---- raising ---- */

static value raise_text(struct vm *vm, struct type *cls, const char *format, va_list args)
{
	struct buf text = {0};
	buf_vprint(&text, format, args);
	return vm_raise_value(vm, exception_new(vm, cls, str_from_buf(vm, &text)));
}

value vm_raise(struct vm *vm, struct type *cls, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	raise_text(vm, cls, format, args);
	va_end(args);
	return VALUE_UNSET;
}

bool vm_raise_ok(struct vm *vm, struct type *cls, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	raise_text(vm, cls, format, args);
	va_end(args);
	return false;
}

value vm_raise_value(struct vm *vm, TAKES value exception)
{
	if (is_kind(exception, KIND_TYPE) && type_is((struct type *)exception.o, vm->errors.BaseException)) {
		value made = value_call_args(vm, exception, 0, NULL);
		value_drop(exception);
		if (is_unset(made))
			return VALUE_UNSET;
		exception = made;
	}
	if (!is_kind(exception, KIND_EXCEPTION)) {
		value_drop(exception);
		return vm_raise(vm, vm->errors.TypeError, "exceptions must derive from BaseException");
	}
	value_set(&vm->pending, exception);
	return VALUE_UNSET;
}

static struct type *class_named(struct vm *vm, const char *kind)
{
#define X(name, base) if (strcmp(kind, #name) == 0) return vm->errors.name;
	VM_EXCEPTIONS(X)
#undef X
	return vm->errors.Exception;
}

static void raise_by_kind(struct vm *vm, const struct error *e)
{
	const char *message = e->message ? e->message : "";
	if (!e->code) {
		vm_raise_value(vm, exception_new(vm, class_named(vm, e->kind), str_value(vm, message)));
		return;
	}
	vm_raise_os(vm, e->code, VALUE_UNSET);
	if (is_kind(vm->pending, KIND_EXCEPTION) && *message) {
		value text = str_value(vm, message);
		dict_set_text(vm, instance_dict(vm->pending.o, true), "strerror", value_keep(text));
		struct exception *raised = as_exception(vm->pending);
		value args[] = { value_int(e->code), text };
		value_set(&raised->args, tuple_of(vm, 2, args));
		value_drop(text);
	}
}

value vm_raise_error(struct vm *vm, struct error *e)
{
	raise_by_kind(vm, e);
	if (e->source && is_kind(vm->pending, KIND_EXCEPTION)) {
		struct exception *raised = as_exception(vm->pending);
		if (raised->source)
			source_drop(raised->source);
		raised->source = source_keep(e->source);
		raised->span = e->span;
	}
	error_clear(e);
	return VALUE_UNSET;
}

void vm_blame_arg(struct vm *vm, size_t index)
{
	if (is_kind(vm->pending, KIND_EXCEPTION))
		as_exception(vm->pending)->blame = (int)index;
}

void vm_blame_value(struct vm *vm, size_t index)
{
	vm_blame_arg(vm, index);
	if (is_kind(vm->pending, KIND_EXCEPTION))
		as_exception(vm->pending)->blame_value = true;
}

value vm_take_pending(struct vm *vm)
{
	value taken = vm->pending;
	vm->pending = VALUE_UNSET;
	return taken;
}

bool vm_pending_is(struct vm *vm, struct type *cls)
{
	return vm->pending.tag == TAG_OBJECT && type_is(vm->pending.o->type, cls);
}

void vm_clear(struct vm *vm)
{
	value_drop(vm_take_pending(vm));
}

/* ---- polling ---- */

static bool out_of_memory(struct vm *vm)
{
	vm_collect(vm);
	mem_recover();
	return vm_raise_ok(vm, vm->errors.MemoryError, "out of memory");
}

bool vm_poll(struct vm *vm)
{
	if (mem_exhausted())
		return out_of_memory(vm);
	if (!vm->interrupt)
		return true;
	int bits = __atomic_exchange_n(&vm->interrupt, 0, __ATOMIC_RELAXED);
	if (bits & INTERRUPT_CYCLES)
		vm_collect(vm);
	if (vm->threads && !threads_poll(vm, &bits))
		return false;
	if (bits & INTERRUPT_KEY)
		return vm_raise_value(vm, exception_new(vm, vm->errors.KeyboardInterrupt, VALUE_UNSET)), false;
	if (bits & INTERRUPT_SIGNAL)
		return signals_run(vm);
	return true;
}
