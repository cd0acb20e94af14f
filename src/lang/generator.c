/* Generators: a frame that can be left and come back to, in an object of its own. */
#include "lang/frame.h"

#include <stddef.h>

#include "lang/makers.h"

value generator_new(struct vm *vm, struct function *fn, value *regs)
{
	const struct code *code = fn->code;
	struct generator *g = object_new(vm->types.generator, code->registers * sizeof(value));
	for (unsigned i = 0; i < code->params; i++) {
		g->regs[i] = regs[i];
		regs[i].tag = TAG_UNSET;
	}
	g->frame = (struct frame){ .regs = g->regs, .ip = code->ops, .code = object_keep(fn->code), .function = object_keep(fn),
		.flags = FRAME_GENERATOR, .generator = g };
	g->name = object_keep(fn->name);
	g->qualname = object_keep(fn->qualname);
	return value_object(g);
}

static bool refuse(struct vm *vm, TAKES value sent, struct type *cls, const char *message)
{
	value_drop(sent);
	return vm_raise_ok(vm, cls, "%s", message);
}

bool generator_enter(struct vm *vm, struct generator *g, TAKES value sent)
{
	struct machine *m = vm->machine;
	if (g->state == GENERATOR_RUNNING)
		return refuse(vm, sent, vm->errors.ValueError, "generator already executing");
	if (g->state == GENERATOR_FRESH && !is_none(sent) && !is_unset(sent))
		return refuse(vm, sent, vm->errors.TypeError, "can't send non-None value to a just-started generator");
	if (m->depth >= m->limit) {
		value_drop(sent);
		return frame_deep(vm);
	}
	struct frame *f = &g->frame;
	if (g->state == GENERATOR_WAITING && !is_unset(sent)) {
		if (f->ip->op == OP_YIELD_FROM) {
			f->regs[f->ip->c] = sent;
		} else {
			value_set(&f->regs[f->ip->a], sent);
			f->ip++;
		}
	}
	g->state = GENERATOR_RUNNING;
	f->flags = FRAME_GENERATOR;
	f->up = m->frame;
	f->top = m->frame ? frame_top(m->frame) : m->segment->regs;
	m->frame = f;
	m->depth++;
	g->handled.below = m->handled;
	m->handled = &g->handled;
	return true;
}

void generator_leave(struct vm *vm, struct generator *g)
{
	struct machine *m = vm->machine;
	m->frame = g->frame.up;
	m->depth--;
	m->handled = g->handled.below;
}

void generator_finish(struct vm *vm, struct generator *g)
{
	g->state = GENERATOR_DONE;
	struct function *fn = g->frame.function;
	struct code *code = g->frame.code;
	if (!fn)
		return;
	frame_drop_temps(&g->frame, 0);
	value_set(&g->handled.exception, VALUE_UNSET);
	g->frame.function = NULL;
	object_drop(fn);
	object_drop(code);
}

/* Runs it until it gives something. Unset with nothing pending: it ended, its result is in g->result. */
static value resume(struct vm *vm, struct generator *g, TAKES value sent)
{
	if (vm->machine->nested >= NESTED_LIMIT) {
		value_drop(sent);
		frame_deep(vm);
		return VALUE_UNSET;
	}
	value was = vm_take_pending(vm);                /* what is thrown in */
	if (!generator_enter(vm, g, sent)) {
		value_drop(was);
		return VALUE_UNSET;
	}
	vm->pending = was;
	g->frame.flags |= FRAME_ENTRY;
	(void)object_keep(g);
	value v = machine_loop(vm, &g->frame);
	if (g->state == GENERATOR_RUNNING)
		g->state = GENERATOR_DONE;
	object_drop(g);
	return v;
}

static value next(struct vm *vm, value self)
{
	struct generator *g = as_generator(self);
	if (g->state == GENERATOR_DONE)
		return VALUE_UNSET;
	(void)object_keep(g);
	value v = resume(vm, g, VALUE_NONE);
	value_set(&g->result, VALUE_UNSET);
	object_drop(g);
	return v;
}

/* The end as the methods show it: StopIteration with the result. */
static value stop(struct vm *vm, struct generator *g)
{
	value result = g->result;
	g->result = VALUE_UNSET;
	bool bare = is_unset(result) || is_none(result);
	value e = value_call_args(vm, value_object(vm->errors.StopIteration), bare ? 0 : 1, &result);
	value_drop(result);
	return is_unset(e) ? e : vm_raise_value(vm, e);
}

value generator_send(struct vm *vm, value generator, value sent)
{
	struct generator *g = as_generator(generator);
	if (g->state == GENERATOR_DONE)
		return stop(vm, g);
	(void)object_keep(g);
	value v = resume(vm, g, value_keep(sent));
	if (is_unset(v) && !vm_pending(vm))
		stop(vm, g);
	object_drop(g);
	return v;
}

/* What a generator that waits in `yield from` waits for; unset: it does not. BORROWED. */
static value delegate(const struct generator *g)
{
	const struct frame *f = &g->frame;
	if (g->state != GENERATOR_WAITING || f->ip->op != OP_YIELD_FROM)
		return VALUE_UNSET;
	return f->regs[f->ip->b];
}

/* yield from ended with a result: the generator goes on behind it. */
static value go_on(struct vm *vm, struct generator *g, TAKES value result)
{
	struct frame *f = &g->frame;
	value_set(&f->regs[f->ip->b], VALUE_UNSET);
	value_set(&f->regs[f->ip->a], result);
	f->ip++;
	return resume(vm, g, VALUE_UNSET);
}

static value throw_here(struct vm *vm, struct generator *g, TAKES value exception)
{
	if (g->state == GENERATOR_FRESH)
		generator_finish(vm, g);
	vm_raise_value(vm, exception);
	if (g->state == GENERATOR_DONE)
		return VALUE_UNSET;
	trace_raise(vm);
	return resume(vm, g, VALUE_UNSET);
}

static value throw_into(struct vm *vm, value inner, TAKES value exception)
{
	if (is_kind(inner, KIND_GENERATOR))
		return generator_throw(vm, inner, exception);
	value method = value_attr_or_unset(vm, inner, str_intern(vm, "throw")), v;
	if (is_unset(method))
		return vm_pending(vm) ? (value_drop(exception), VALUE_UNSET) : vm_raise_value(vm, exception);
	v = value_call_args(vm, method, 1, &exception);
	value_drop(method);
	value_drop(exception);
	return v;
}

static bool close_inner(struct vm *vm, value inner)
{
	value method = is_kind(inner, KIND_GENERATOR) ? VALUE_UNSET : value_attr_or_unset(vm, inner, str_intern(vm, "close"));
	value done = VALUE_NONE;
	if (is_kind(inner, KIND_GENERATOR))
		done = generator_close(vm, inner);
	else if (!is_unset(method))
		done = value_call_args(vm, method, 0, NULL);
	value_drop(method);
	value_drop(done);
	return !is_unset(done) && !vm_pending(vm);
}

static value throw(struct vm *vm, struct generator *g, TAKES value exception)
{
	value inner = delegate(g), v;
	if (g->state == GENERATOR_RUNNING) {
		value_drop(exception);
		return vm_raise(vm, vm->errors.ValueError, "generator already executing");
	}
	if (is_unset(inner))
		return throw_here(vm, g, exception);
	if (type_is(exception.o->type, vm->errors.GeneratorExit)) {
		if (close_inner(vm, inner))
			return throw_here(vm, g, exception);
		value_drop(exception);
		return throw_here(vm, g, vm_take_pending(vm));
	}
	g->state = GENERATOR_RUNNING;           /* so that the inner one can't come back to it */
	(void)value_keep(inner);
	v = throw_into(vm, inner, exception);
	value_drop(inner);
	g->state = GENERATOR_WAITING;
	if (!is_unset(v))
		return v;
	if (!vm_pending_is(vm, vm->errors.StopIteration))
		return throw_here(vm, g, vm_take_pending(vm));
	value end = vm_take_pending(vm), result = value_attr(vm, end, str_intern(vm, "value"));
	value_drop(end);
	return is_unset(result) ? result : go_on(vm, g, result);
}

value generator_throw(struct vm *vm, value generator, TAKES value exception)
{
	struct generator *g = as_generator(generator);
	(void)object_keep(g);
	value v = throw(vm, g, exception);
	if (is_unset(v) && !vm_pending(vm))
		stop(vm, g);
	object_drop(g);
	return v;
}

value generator_close(struct vm *vm, value generator)
{
	struct generator *g = as_generator(generator);
	if (g->state == GENERATOR_FRESH)
		generator_finish(vm, g);
	if (g->state == GENERATOR_DONE)
		return VALUE_NONE;
	value v = generator_throw(vm, generator, exception_new(vm, vm->errors.GeneratorExit, VALUE_UNSET));
	if (!is_unset(v)) {
		value_drop(v);
		return vm_raise(vm, vm->errors.RuntimeError, "generator ignored GeneratorExit");
	}
	if (!vm_pending_is(vm, vm->errors.GeneratorExit) && !vm_pending_is(vm, vm->errors.StopIteration))
		return VALUE_UNSET;
	vm_clear(vm);
	return VALUE_NONE;
}

/* ---- the type ------------------------------------------------------------------------------------------------------ */

static value do_next(struct vm *vm, value *a)
{
	return generator_send(vm, a[0], VALUE_NONE);
}

static value do_send(struct vm *vm, value *a)
{
	return generator_send(vm, a[0], a[1]);
}

static value do_throw(struct vm *vm, value *a)
{
	value e = value_keep(a[1]);
	if (is_kind(e, KIND_TYPE)) {
		size_t count = is_unset(a[2]) || is_none(a[2]) ? 0 : 1;
		if (count && is_kind(a[2], KIND_EXCEPTION))
			value_set(&e, value_keep(a[2]));
		else
			value_set(&e, value_call_args(vm, a[1], count, &a[2]));
	}
	if (is_unset(e))
		return e;
	if (is_kind(e, KIND_EXCEPTION))
		return generator_throw(vm, a[0], e);
	value_drop(e);
	return vm_raise(vm, vm->errors.TypeError, "exceptions must be classes or instances deriving from BaseException, not %s",
		value_type_name(vm, a[1]));
}

static value do_close(struct vm *vm, value *a)
{
	return generator_close(vm, a[0]);
}

static value iterate(struct vm *vm, value self)
{
	return value_keep(self);
}

/* The last reference went while it waits inside try or with: it is closed first. Not when the collector empties a circle,
 * whose other members may be empty already. */
static void close_dropped(struct generator *g)
{
	struct object *o = &g->head.head;
	struct vm *vm = o->type->vm;
	if (o->refs || g->state != GENERATOR_WAITING || !trace_handler(&g->frame))
		return;
	value pending = vm_take_pending(vm);
	o->refs = 1;
	value_drop(generator_close(vm, value_object(o)));
	vm_clear(vm);
	o->refs = 0;
	vm->pending = pending;
}

static void release(struct object *o)
{
	struct generator *g = (struct generator *)o;
	close_dropped(g);
	if (g->frame.function)
		generator_finish(o->type->vm, g);
	value_set(&g->result, VALUE_UNSET);
	object_drop(g->name);
	object_drop(g->qualname);
	g->name = g->qualname = NULL;
}

static void visit(struct object *o, visit_fn see, void *state)
{
	struct generator *g = (struct generator *)o;
	if (g->frame.function) {
		for (unsigned i = 0; i < g->frame.code->registers; i++)
			visit_value(g->regs[i], see, state);
		see((struct object *)g->frame.function, state);
	}
	visit_value(g->handled.exception, see, state);
	visit_value(g->result, see, state);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<generator object %s at %p>", as_generator(self)->qualname->data, (void *)self.o);
	return true;
}

static value get_name(struct vm *vm, value self) { return value_object(object_keep(as_generator(self)->name)); }
static value get_qualname(struct vm *vm, value self) { return value_object(object_keep(as_generator(self)->qualname)); }
static value get_running(struct vm *vm, value self) { return value_bool(as_generator(self)->state == GENERATOR_RUNNING); }

static const struct native methods[] = {
	{ "__next__", do_next, "", "The next item." },
	{ "send", do_send, "value, /", "Goes on; `value` is what the yield it waits at gives." },
	{ "throw", do_throw, "type, value=None, traceback=None, /", "Raises an exception at the yield it waits at." },
	{ "close", do_close, "", "Ends it: GeneratorExit at the yield it waits at." },
	{ NULL },
};

static const struct getset attrs[] = {
	{ "__name__", get_name, NULL, "The function's name." },
	{ "__qualname__", get_qualname, NULL, "The function's qualified name." },
	{ "gi_running", get_running, NULL, "Whether it runs just now." },
	{ NULL },
};

static const struct type_spec spec = {
	.name = "generator", .doc = "What calling a function with yield gives.", .kind = KIND_GENERATOR,
	.size = offsetof(struct generator, regs),
	.flags = TYPE_CONTAINER,
	.slots = { .release = release, .visit = visit, .repr = repr, .iterate = iterate, .next = next },
	.methods = methods, .attrs = attrs,
};

void type_make_generator(struct vm *vm)
{
	vm->types.generator = type_new(vm, &spec, NULL);
}
