/* Where exceptions come from: the frames they pass, and how that is shown. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lang/frame.h"

const struct handler *trace_handler(const struct frame *f)
{
	const struct code *code = f->code;
	uint32_t at = f->ip - code->ops;
	for (uint32_t i = 0; i < code->handler_count; i++)
		if (at >= code->handlers[i].start && at < code->handlers[i].end)
			return &code->handlers[i];
	return NULL;
}

/* ---- gathering ----------------------------------------------------------------------------------------------------- */

/* e gets the exception being handled as its context, unless that would make a circle. */
void trace_raise(struct vm *vm)
{
	struct handled *h = machine_current(vm->machine);
	if (!h || !is_kind(vm->pending, KIND_EXCEPTION) || h->exception.o == vm->pending.o)
		return;
	struct exception *e = as_exception(vm->pending), *other = as_exception(h->exception);
	for (int i = 0; i < 1000 && is_kind(other->context, KIND_EXCEPTION); i++) {
		struct exception *next = as_exception(other->context);
		if (next == e) {
			value_set(&other->context, VALUE_UNSET);
			break;
		}
		other = next;
	}
	value_set(&e->context, value_keep(h->exception));
}

static int by_place(const void *key, const void *row)
{
	uint32_t at = *(const uint32_t *)key, other = ((const struct call_spans *)row)->at;
	return at < other ? -1 : at > other;
}

static const struct call_shape *shape_at(const struct code *code, uint32_t at)
{
	return code->ops[at].op == OP_CALL_NAMED ? &code->shapes[code->ops[at].c] : NULL;
}

/* The argument that is to blame, as it was written; of `tll=5` the name, when the name is what is wrong. */
static bool blamed(struct vm *vm, const struct code *code, uint32_t at, size_t index, struct span *out)
{
	const struct call_spans *calls = code->call_count ? bsearch(&at, code->calls, code->call_count, sizeof *code->calls, by_place) : NULL;
	if (!calls || index >= calls->count)
		return false;
	*out = code->arg_spans[calls->first + index];
	const struct call_shape *shape = shape_at(code, at);
	bool name = (vm_pending_is(vm, vm->errors.AttributeError) || vm_pending_is(vm, vm->errors.TypeError)) &&
		!as_exception(vm->pending)->blame_value;
	if (shape && name && index >= shape->count)
		out->end = out->start + (uint32_t)strcspn(code->source->text + out->start, "= \t\n");
	return true;
}

static struct span place_of(struct vm *vm, const struct frame *f, struct exception *e)
{
	const struct code *code = f->code;
	ptrdiff_t at = f->ip - code->ops;
	if (at < 0 || at >= (ptrdiff_t)code->count)
		return code->span;
	struct span span = code->spans[at];
	if (e->blame >= 0 && !e->trace_count)
		blamed(vm, code, (uint32_t)at, (size_t)e->blame, &span);
	return span;
}

void trace_add(struct vm *vm, struct frame *f)
{
	struct machine *m = vm->machine;
	if (m->again) {
		m->again = false;
		return;
	}
	if (!is_kind(vm->pending, KIND_EXCEPTION))
		return;
	struct exception *e = as_exception(vm->pending);
	if (!e->trace_count && is_unset(e->context))
		trace_raise(vm);
	struct trace row = { source_keep(f->code->source), place_of(vm, f, e), object_keep(f->function->name) };
	if ((e->trace_count & (e->trace_count - 1)) == 0)
		e->trace = mem_resize(e->trace, (e->trace_count ? e->trace_count * 2 : 1) * sizeof *e->trace);
	e->trace[e->trace_count++] = row;
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void add_place(struct buf *out, const struct source *source, struct span span)
{
	struct place p = source_place(source, span.start);
	buf_print(out, "%s:%u:%u: ", source->name, p.line, p.column);
}

static bool same_place(const struct trace *a, const struct trace *b)
{
	return a->source == b->source && a->span.start == b->span.start && a->span.end == b->span.end;
}

/* Where the library was called from the user's own text, that is what he can do something about: of the library only places are told. */
static bool tells_text(const struct exception *e, const struct source *source)
{
	bool users = false;
	for (size_t i = 0; !users && i < e->trace_count; i++)
		users = !source_of_library(e->trace[i].source);
	return !users || !source_of_library(source);
}

/* Outermost first. The same place again and again, as in endless recursion, is counted. */
static void add_frames(struct buf *out, const struct exception *e, size_t from)
{
	size_t again = 0;
	for (size_t i = e->trace_count; i-- > from;) {
		const struct trace *t = &e->trace[i];
		again = i + 1 < e->trace_count && same_place(t, t + 1) ? again + 1 : 0;
		if (again < 3) {
			add_place(out, t->source, t->span);
			buf_print(out, "in %s\n", t->function->data);
			if (tells_text(e, t->source))
				source_excerpt(t->source, t->span, out);
		}
		bool ends = i == from || !same_place(t, t - 1);
		if (again >= 3 && ends)
			buf_print(out, "  [the same again, %zu more times]\n", again - 2);
	}
}

static void add_message(struct vm *vm, value exception, struct buf *out)
{
	struct buf text = { 0 };
	buf_text(out, value_type_name(vm, exception));
	if (!value_str_to(vm, exception, &text)) {
		vm_clear(vm);
		buf_clear(&text);
		buf_text(&text, "<its text could not be made>");
	}
	if (text.len) {
		buf_text(out, ": ");
		buf_add(out, text.data, text.len);
	}
	buf_char(out, '\n');
	buf_free(&text);
}

static void add_notes(struct vm *vm, value exception, struct buf *out)
{
	const struct dict *d = instance_dict(exception.o, false);
	value notes = d ? dict_get_text(vm, (struct dict *)d, "__notes__") : VALUE_UNSET;
	const value *items;
	size_t count;
	if (!value_items(notes, &items, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!value_str_to(vm, items[i], out))
			vm_clear(vm);
		buf_char(out, '\n');
	}
}

static void add_one(struct vm *vm, value exception, struct buf *out)
{
	const struct exception *e = as_exception(exception);
	const struct source *source = e->source;
	struct span span = e->span;
	size_t frames_from = 0;
	if (!source && e->trace_count) {
		source = e->trace[0].source;
		span = e->trace[0].span;
		frames_from = 1;
	}
	add_frames(out, e, frames_from);
	if (source)
		add_place(out, source, span);
	add_message(vm, exception, out);
	if (source && (e->source || tells_text(e, source)))
		source_excerpt(source, span, out);
	add_notes(vm, exception, out);
}

enum { CHAIN_MOST = 100 };

void vm_format_exception(struct vm *vm, value exception, struct buf *out)
{
	value chain[CHAIN_MOST];
	bool caused[CHAIN_MOST];
	size_t count = 0;
	while (is_kind(exception, KIND_EXCEPTION) && count < CHAIN_MOST) {
		const struct exception *e = as_exception(exception);
		chain[count] = exception;
		bool cause = is_kind(e->cause, KIND_EXCEPTION);
		caused[count++] = cause;
		exception = cause ? e->cause : e->suppress_context ? VALUE_UNSET : e->context;
		for (size_t i = 0; i < count; i++)
			if (is_kind(exception, KIND_EXCEPTION) && chain[i].o == exception.o)
				exception = VALUE_UNSET;
	}
	while (count-- > 0) {
		add_one(vm, chain[count], out);
		if (count)
			buf_text(out, caused[count - 1] ? "\nThe above exception was the direct cause of the following exception:\n\n" :
				"\nDuring handling of the above exception, another exception occurred:\n\n");
	}
}
