/* Calls, but for the plainest, which the dispatch loop does itself. */
#include "lang/ops.h"

#include <string.h>

#include "base/mem.h"
#include "lang/ast.h"

static void drop_args(value *args, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (args[i].tag == TAG_OBJECT) {
			args[i].tag = TAG_UNSET;
			object_drop(args[i].o);
		}
}

void call_blame_without_self(struct vm *vm)
{
	if (is_kind(vm->pending, KIND_EXCEPTION) && as_exception(vm->pending)->blame > 0 && !as_exception(vm->pending)->trace_count)
		as_exception(vm->pending)->blame--;
}

/* A frame with bound registers; a generator function gives its generator at once. Takes fn. */
static enum entered enter_function(struct vm *vm, TAKES struct function *fn, const struct call *call, value *out)
{
	size_t total = call->count + call->named;
	const struct code *code = fn->code;
	struct frame *f = frame_push(vm, fn, total);
	object_drop(fn);
	if (!f)
		return ENTER_RAISED;
	for (size_t i = 0; i < total; i++)
		f->regs[i] = value_keep(call->args[i]);
	bool bound = call->named ? function_fill_named(vm, f->function, call, f->regs) :
		(call->count == code->params && code->flags & CODE_SIMPLE) || function_fill(vm, f->function, call->count, f->regs);
	if (!bound) {
		frame_pop(vm);
		return ENTER_RAISED;
	}
	if (!(code->flags & CODE_GENERATOR))
		return ENTER_FRAME;
	*out = generator_new(vm, f->function, f->regs);
	frame_pop(vm);
	return ENTER_RESULT;
}

/* The arguments stand just where the new window would: they are taken aside. */
enum entered call_function_above(struct vm *vm, TAKES struct function *fn, value *args, size_t count, value *out)
{
	value *aside = mem_copy(args, count * sizeof *args);
	for (size_t i = 0; i < count; i++)
		args[i].tag = TAG_UNSET;
	enum entered how = call_function(vm, fn, aside, (struct call){ .args = aside, .count = count }, out);
	mem_free(aside);
	return how;
}

enum entered call_function(struct vm *vm, TAKES struct function *fn, value *args, struct call call, value *out)
{
	enum entered how = enter_function(vm, fn, &call, out);
	drop_args(args, call.count + call.named);
	return how;
}

/* Some arguments were not given: their defaults are put behind those that were. */
value call_native_short(struct vm *vm, struct native_function *n, const value *args, size_t count)
{
	value a[NATIVE_PLAIN_MOST];
	for (size_t i = 0; i < count; i++)
		a[i] = args[i];
	signature_defaults(n->signature, count - n->plain_self, a + n->plain_self);
	return n->spec->fn(vm, a);
}

/* A class of the language whose instances are made in the plain way: its __init__ is a frame like any other. */
static enum entered call_class(struct vm *vm, struct type *cls, value *args, struct call call, value *out)
{
	value init = type_find(cls, vm->names.init_);
	if (!is_kind(init, KIND_FUNCTION) || as_function(init)->code->flags & CODE_GENERATOR) {
		*out = value_call(vm, value_object(cls), &call);
		return is_unset(*out) ? ENTER_RAISED : ENTER_RESULT;
	}
	value self = value_object(instance_new(cls));
	args[-1] = self;
	struct call with = { args - 1, call.count + 1, call.named, call.names };
	enum entered how = enter_function(vm, object_keep(as_function(init)), &with, out);
	args[-1].tag = TAG_UNSET;
	if (how == ENTER_FRAME) {
		vm->machine->frame->flags |= FRAME_INIT;
		vm->machine->frame->instance = self;
	} else {
		value_drop(self);
		call_blame_without_self(vm);
	}
	return how;
}

static enum entered result_of(value v, value *out)
{
	*out = v;
	return is_unset(v) ? ENTER_RAISED : ENTER_RESULT;
}

static enum entered call_object(struct vm *vm, TAKES value callee, value *args, struct call call, value *out)
{
	enum entered how;
	struct method *m;
	switch (callee.tag == TAG_OBJECT ? callee.o->kind : KIND_OTHER) {
	case KIND_FUNCTION:
		return enter_function(vm, as_function(callee), &call, out);
	case KIND_METHOD:
		m = (struct method *)callee.o;
		if (!is_kind(m->function, KIND_FUNCTION))
			break;
		args[-1] = m->self;
		how = enter_function(vm, object_keep(as_function(m->function)),
			&(struct call){ args - 1, call.count + 1, call.named, call.names }, out);
		args[-1].tag = TAG_UNSET;
		if (how == ENTER_RAISED)
			call_blame_without_self(vm);
		value_drop(callee);
		return how;
	case KIND_TYPE:
		if (!(((struct type *)callee.o)->flags & TYPE_PLAIN_NEW))
			break;
		how = call_class(vm, (struct type *)callee.o, args, call, out);
		value_drop(callee);
		return how;
	case KIND_NATIVE:
		how = result_of(native_call(vm, (struct native_function *)callee.o, &call), out);
		value_drop(callee);
		return how;
	}
	how = result_of(value_call(vm, callee, &call), out);
	value_drop(callee);
	return how;
}

/* The place before the first argument is free: it is the callee's own, or the unset self of LOAD_METHOD. */
enum entered call_any(struct vm *vm, struct frame *f, value *callee, value *args, struct call call, value *out)
{
	value called = *callee;
	bool self = f->ip->op != OP_CALL && args == callee + 1 && (f->ip->op == OP_CALL_METHOD || f->ip->n);
	self = self && f->ip->op != OP_CALL_SPREAD && is_kind(called, KIND_FUNCTION);
	callee->tag = TAG_UNSET;
	call.args = args;
	enum entered how = call_object(vm, called, args, call, out);
	if (self && how == ENTER_RAISED)
		call_blame_without_self(vm);
	drop_args(args, call.count + call.named);
	return how;
}

/* ---- *args, **kwargs ----------------------------------------------------------------------------------------------- */

enum { FEW = 16 };

/* The arguments lie in a block of their own while they are bound: the list they came from may change under the callee. */
enum entered call_spread(struct vm *vm, struct frame *f, value *out)
{
	struct instruction i = op_of(f);
	value *base = &f->regs[i.b], key, item, few[FEW];
	const value *items = NULL;
	size_t count = 0, at = 0;
	value_items(base[1], &items, &count);
	struct dict *keywords = i.n ? as_dict(base[2]) : NULL;
	size_t named = keywords ? keywords->used : 0;
	value *args = count + named < FEW ? few : mem_alloc((count + named + 1) * sizeof *args);
	struct str *few_names[FEW], **names = named < FEW ? few_names : mem_alloc((named + 1) * sizeof *names);
	args[0] = VALUE_UNSET;
	for (size_t n = 0; n < count; n++)
		args[n + 1] = value_keep(items[n]);
	for (uint32_t n = 0; keywords && at < named && dict_next(keywords, &n, &key, &item); at++) {
		args[1 + count + at] = value_keep(item);
		names[at] = str_intern_str(vm, object_keep(as_str(key)));
	}
	drop_args(base + 1, i.n ? 2 : 1);
	enum entered how = call_any(vm, f, base, args + 1, (struct call){ args + 1, count, at, names }, out);
	if (args != few)
		mem_free(args);
	if (names != few_names)
		mem_free(names);
	return how;
}

/* ---- from C -------------------------------------------------------------------------------------------------------- */

value machine_call(struct vm *vm, struct function *fn, const struct call *call)
{
	value result = VALUE_UNSET;
	if (vm->machine->nested >= NESTED_LIMIT) {
		frame_deep(vm);
		return result;
	}
	if (enter_function(vm, object_keep(fn), call, &result) != ENTER_FRAME)
		return result;
	struct frame *f = vm->machine->frame;
	f->flags |= FRAME_ENTRY;
	return machine_loop(vm, f);
}

static value run(struct vm *vm, struct code *code, struct dict *globals, struct dict *locals)
{
	if (vm->machine->nested >= NESTED_LIMIT) {
		frame_deep(vm);
		return VALUE_UNSET;
	}
	if (is_unset(dict_get_text(vm, globals, "__builtins__")))
		dict_set_text(vm, globals, "__builtins__", value_object(object_keep(vm->builtins)));
	value fn = function_new(vm, code, globals);
	struct frame *f = frame_push(vm, as_function(fn), 0);
	value_drop(fn);
	if (!f)
		return VALUE_UNSET;
	f->flags |= FRAME_ENTRY;
	if (locals) {
		f->flags |= FRAME_SPACE;
		f->space = object_keep(locals);
	}
	return machine_loop(vm, f);
}

value machine_run_code(struct vm *vm, struct code *code, struct dict *globals, struct dict *locals)
{
	return run(vm, code, globals, locals == globals ? NULL : locals);
}

static value run_ast(struct vm *vm, struct ast *ast, struct dict *globals, struct dict *locals, unsigned flags)
{
	if (ast->error.kind)
		return vm_raise_error(vm, &ast->error);
	struct code *code = compile(vm, ast, flags | (locals ? COMPILE_NAMESPACE : 0));
	if (!code)
		return VALUE_UNSET;
	value result = run(vm, code, globals, locals);
	object_drop(code);
	return result;
}

static value run_source(struct vm *vm, struct source *source, struct dict *globals, struct dict *locals, unsigned flags)
{
	struct ast *ast = ast_parse(source, flags & COMPILE_EVAL ? AST_EVAL : 0);
	value result = run_ast(vm, ast, globals, locals == globals ? NULL : locals, flags);
	ast_free(ast);
	return result;
}

value machine_exec(struct vm *vm, struct source *source, struct dict *globals, struct dict *locals)
{
	return run_source(vm, source, globals, locals, 0);
}

value machine_eval(struct vm *vm, struct source *source, struct dict *globals, struct dict *locals)
{
	return run_source(vm, source, globals, locals, COMPILE_EVAL);
}

value vm_run(struct vm *vm, struct source *source, struct dict *globals, unsigned flags)
{
	return run_source(vm, source, globals, NULL, flags & VM_SHOW ? COMPILE_SHOW : 0);
}

value vm_run_ast(struct vm *vm, struct ast *ast, struct dict *globals, unsigned flags)
{
	return run_ast(vm, ast, globals, NULL, flags & VM_SHOW ? COMPILE_SHOW : 0);
}

value vm_eval(struct vm *vm, struct source *source, struct dict *globals)
{
	return run_source(vm, source, globals, NULL, COMPILE_EVAL);
}

void vm_set_display(struct vm *vm, bool (*display)(struct vm *vm, value shown))
{
	vm->hooks.display = display;
}

void vm_set_name_finder(struct vm *vm, value (*find)(struct vm *vm, struct str *name),
	const char *(*nearest)(struct vm *vm, const char *name))
{
	vm->hooks.find_name = find;
	vm->hooks.nearest_name = nearest;
}

void vm_set_module_finder(struct vm *vm, value (*find)(struct vm *vm, const char *name))
{
	vm->hooks.find_module = find;
}

/* ---- the binding alone ---------------------------------------------------------------------------------------------------- */

static value bind_only(struct vm *vm, const struct call *all)
{
	value f = all->args[0];
	struct call call = { all->args + 1, all->count - 1, all->named, all->names };
	size_t given = call.count + call.named;
	if (is_kind(f, KIND_NATIVE)) {
		const struct native *spec = ((struct native_function *)f.o)->spec;
		struct signature *s = signature_parse(vm, spec->name, spec->signature ? spec->signature : "*args, **named");
		value *out = mem_zero((signature_count(s) + 1) * sizeof *out);
		bool bound = call_bind(vm, s, &call, out);
		if (bound)
			call_unbind(s, out);
		mem_free(out);
		signature_free(s);
		return bound ? VALUE_NONE : VALUE_UNSET;
	}
	struct function *fn = (struct function *)f.o;
	size_t room = fn->code->registers + given + 1;
	value *regs = mem_alloc(room * sizeof *regs);
	for (size_t i = 0; i < room; i++)
		regs[i] = i < given ? value_keep(call.args[i]) : VALUE_UNSET;
	bool bound = call.named ? function_fill_named(vm, fn, &call, regs) : function_fill(vm, fn, call.count, regs);
	for (size_t i = 0; bound && i < fn->code->params; i++)
		value_drop(regs[i]);
	mem_free(regs);
	return bound ? VALUE_NONE : VALUE_UNSET;
}

const struct native call_binder = { "bind_only", NULL, "*args, **named", "Binds arguments and does nothing.", bind_only, 0, NULL };
