#include "lang/traceback.h"

#include "lang/makers.h"
#include "lang/types.h"

/* A traceback and its frame are views of one row of the exception's trace; the frame is its own code object too. */
struct view_of_trace {
	struct container head;
	value exception;
	size_t at;              /* the row */
};

static value view_new(struct type *type, value exception, size_t at)
{
	struct view_of_trace *v = object_new(type, 0);
	v->exception = value_keep(exception);
	v->at = at;
	return value_object(v);
}

value traceback_new(struct vm *vm, value exception, size_t count)
{
	return count ? view_new(vm->types.traceback, exception, count - 1) : VALUE_NONE;
}

static struct view_of_trace *as_view(value v)
{
	return (struct view_of_trace *)v.o;
}

/* NULL: the frames were taken away meanwhile. */
static const struct trace *row(value self)
{
	const struct exception *e = as_exception(as_view(self)->exception);
	return as_view(self)->at < e->trace_count ? &e->trace[as_view(self)->at] : NULL;
}

static void release(struct object *o)
{
	value_drop(((struct view_of_trace *)o)->exception);
}

static void visit(struct object *o, visit_fn visit_it, void *state)
{
	visit_value(((struct view_of_trace *)o)->exception, visit_it, state);
}

static value line(struct vm *vm, value self)
{
	const struct trace *t = row(self);
	return t && t->source ? value_int(source_place(t->source, t->span.start).line) : VALUE_NONE;
}

static value next(struct vm *vm, value self)
{
	return traceback_new(vm, as_view(self)->exception, as_view(self)->at);
}

static value frame(struct vm *vm, value self)
{
	return view_new(vm->types.frame, as_view(self)->exception, as_view(self)->at);
}

static value code(struct vm *vm, value self)
{
	return value_keep(self);
}

static value file(struct vm *vm, value self)
{
	const struct trace *t = row(self);
	return t && t->source ? str_value(vm, t->source->name) : VALUE_NONE;
}

static value function(struct vm *vm, value self)
{
	const struct trace *t = row(self);
	return t && t->function ? value_object(object_keep(t->function)) : str_value(vm, "<module>");
}

void type_make_traceback(struct vm *vm)
{
	static const struct getset attrs[] = { { "tb_lineno", line }, { "tb_next", next }, { "tb_frame", frame }, {0} };
	static const struct type_spec spec = {
		.name = "traceback", .doc = "The frames that an exception passed.", .size = sizeof(struct view_of_trace), .flags = TYPE_CONTAINER,
		.slots = { .release = release, .visit = visit }, .attrs = attrs,
	};
	vm->types.traceback = type_new(vm, &spec, NULL);
}

void type_make_frame(struct vm *vm)
{
	static const struct getset attrs[] = { { "f_lineno", line }, { "f_code", code }, { "co_filename", file }, { "co_name", function }, { "co_firstlineno", line }, {0} };
	static const struct type_spec spec = {
		.name = "frame", .doc = "One frame that an exception passed, and its code.", .size = sizeof(struct view_of_trace), .flags = TYPE_CONTAINER,
		.slots = { .release = release, .visit = visit }, .attrs = attrs,
	};
	vm->types.frame = type_new(vm, &spec, NULL);
}
