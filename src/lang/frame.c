#include "lang/frame.h"

#include <string.h>

#include "base/mem.h"

enum { FRAMES_AT_ONCE = 64, SEGMENT_VALUES = 16384 };

struct frame_block {
	struct frame_block *next;
	struct frame frames[FRAMES_AT_ONCE];
};

static struct segment *segment_new(size_t values)
{
	struct segment *s = mem_zero(sizeof *s + values * sizeof(value));
	s->end = s->regs + values;
	return s;
}

struct machine *machine_make(const struct machine *like)
{
	struct machine *m = mem_zero(sizeof *m);
	m->limit = like ? like->limit : DEPTH_LIMIT;
	m->handled = &m->base;
	m->segment = segment_new(SEGMENT_VALUES);
	return m;
}

void machine_drop(struct machine *m)
{
	for (struct frame_block *b = m->frame_blocks, *next; b; b = next) {
		next = b->next;
		mem_free(b);
	}
	for (struct segment *s = m->segment, *below; s; s = below) {
		below = s->below;
		mem_free(s);
	}
	mem_free(m->spare_segment);
	mem_free(m);
}

void machine_new(struct vm *vm)
{
	vm->machine = machine_make(NULL);
}

void machine_free(struct vm *vm)
{
	if (!vm->machine)
		return;
	machine_drop(vm->machine);
	vm->machine = NULL;
	import_free(vm);
}

struct frame *frame_spare(struct vm *vm)
{
	struct machine *m = vm->machine;
	if (m->spare)
		return m->spare;
	struct frame_block *b = mem_zero(sizeof *b);
	b->next = m->frame_blocks;
	m->frame_blocks = b;
	for (int i = FRAMES_AT_ONCE; i-- > 0;) {
		b->frames[i].up = m->spare;
		m->spare = &b->frames[i];
	}
	return m->spare;
}

bool frame_deep(struct vm *vm)
{
	return vm_raise_ok(vm, vm->errors.RecursionError, "maximum recursion depth exceeded");
}

/* Room for a window: behind the running one, or at the start of a segment of its own. */
static value *window(struct machine *m, size_t registers, unsigned *flags)
{
	value *top = m->frame ? frame_top(m->frame) : m->segment->regs;
	if ((size_t)(m->segment->end - top) >= registers)
		return top;
	struct segment *s = m->spare_segment;
	if (s && (size_t)(s->end - s->regs) >= registers)
		m->spare_segment = NULL;
	else
		s = segment_new(registers > SEGMENT_VALUES ? registers : SEGMENT_VALUES);
	s->below = m->segment;
	m->segment = s;
	*flags |= FRAME_SEGMENT;
	return s->regs;
}

static void segment_leave(struct machine *m)
{
	struct segment *s = m->segment;
	m->segment = s->below;
	mem_free(m->spare_segment);
	m->spare_segment = s;
}

struct frame *frame_push(struct vm *vm, struct function *fn, size_t room)
{
	struct machine *m = vm->machine;
	if (m->depth >= m->limit) {
		frame_deep(vm);
		return NULL;
	}
	struct frame *f = frame_spare(vm);
	unsigned flags = 0;
	value *regs = window(m, room > fn->code->registers ? room : fn->code->registers, &flags);
	m->spare = f->up;
	f->up = m->frame;
	f->regs = regs;
	f->ip = fn->code->ops;
	f->code = fn->code;
	f->function = object_keep(fn);
	f->flags = flags;
	for (unsigned i = 0; i < fn->code->locals; i++)
		regs[i].tag = TAG_UNSET;
	m->frame = f;
	m->depth++;
	return f;
}

void frame_drop_temps(struct frame *f, unsigned from)
{
	for (value *v = f->regs + from, *end = f->regs + f->code->registers; v < end; v++)
		if (v->tag == TAG_OBJECT) {
			v->tag = TAG_UNSET;
			object_drop(v->o);
		}
}

/* The frame stays the running one while its values go, so that what their release calls finds its window above. */
void frame_pop(struct vm *vm)
{
	struct machine *m = vm->machine;
	struct frame *f = m->frame;
	frame_drop_temps(f, 0);
	if (f->flags & FRAME_SPACE)
		object_drop(f->space);
	if (f->flags & FRAME_INIT)
		value_drop(f->instance);
	m->frame = f->up;
	m->depth--;
	if (f->flags & FRAME_SEGMENT)
		segment_leave(m);
	object_drop(f->function);
	f->up = m->spare;
	m->spare = f;
}

/* ---- what natives may ask ---- */

static struct frame *frame_up(struct vm *vm, size_t up)
{
	struct frame *f = vm->machine->frame;
	while (f && up--)
		f = f->up;
	return f;
}

struct dict *frame_globals_up(struct vm *vm, size_t up)
{
	struct frame *f = frame_up(vm, up);
	return f ? f->function->globals : NULL;
}

struct dict *frame_globals(struct vm *vm)
{
	return frame_globals_up(vm, 0);
}

static value in_cell(value v)
{
	return is_kind(v, KIND_CELL) ? ((struct cell *)v.o)->held : VALUE_UNSET;
}

static void add_local(struct vm *vm, struct dict *d, struct str *name, value v)
{
	if (!is_unset(v) && name->data[0] != '.')
		dict_set_str(vm, d, name, value_keep(v));
}

struct dict *frame_locals(struct vm *vm)
{
	struct frame *f = vm->machine->frame;
	if (!f)
		return NULL;
	if (f->flags & FRAME_SPACE)
		return object_keep(f->space);
	const struct code *code = f->code;
	if (code->flags & CODE_MODULE)
		return object_keep(f->function->globals);
	struct dict *d = dict_new(vm);
	for (unsigned i = 0; i < code->locals; i++)
		add_local(vm, d, code->local_names[i], f->regs[i]);
	for (unsigned i = 0; i < code->cells; i++)
		add_local(vm, d, code->cell_names[i], in_cell(f->regs[code->locals + i]));
	for (unsigned i = 0; i < code->free_count && i < f->function->cell_count; i++)
		add_local(vm, d, code->free_names[i], f->function->cells[i]->held);
	return d;
}

/* The first parameter, also when an inner function has captured it. */
static value first_argument(const struct frame *f)
{
	const struct code *code = f->code;
	if (!code->params)
		return VALUE_UNSET;
	for (unsigned i = 0; i < code->cells; i++)
		if (code->cell_names[i] == code->local_names[0])
			return in_cell(f->regs[code->locals + i]);
	return f->regs[0];
}

bool frame_super(struct vm *vm, struct type **cls, value *self)
{
	struct frame *f = vm->machine->frame;
	value class = VALUE_UNSET;
	if (!f)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "super(): no current frame");
	for (unsigned i = 0; i < f->code->free_count; i++)
		if (f->code->free_names[i] == vm->names.class_)
			class = f->function->cells[i]->held;
	*self = first_argument(f);
	if (!f->code->params)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "super(): no arguments");
	if (!is_kind(class, KIND_TYPE))
		return vm_raise_ok(vm, vm->errors.RuntimeError, "super(): __class__ cell not found");
	if (is_unset(*self))
		return vm_raise_ok(vm, vm->errors.RuntimeError, "super(): arg[0] deleted");
	*cls = (struct type *)class.o;
	return true;
}

struct str *frame_function_name(struct vm *vm, size_t up)
{
	struct frame *f = frame_up(vm, up);
	return f ? f->function->name : NULL;
}

size_t frame_depth(struct vm *vm)
{
	return vm->machine->depth;
}

static struct span span_at(const struct frame *f)
{
	ptrdiff_t at = f->ip - f->code->ops;
	return at >= 0 && at < (ptrdiff_t)f->code->count ? f->code->spans[at] : f->code->span;
}

bool frame_place(struct vm *vm, size_t up, struct place_in *out)
{
	struct frame *f = frame_up(vm, up);
	if (!f)
		return false;
	*out = (struct place_in){ f->code->source, span_at(f) };
	return true;
}

struct place_in vm_here(struct vm *vm)
{
	struct place_in place = { 0 };
	frame_place(vm, 0, &place);
	return place;
}

value machine_handled(struct vm *vm)
{
	struct handled *h = machine_current(vm->machine);
	return h ? h->exception : VALUE_UNSET;
}

unsigned machine_depth_limit(struct vm *vm)
{
	return vm->machine->limit;
}

bool machine_set_depth_limit(struct vm *vm, unsigned limit)
{
	if (limit > DEPTH_LIMIT_MOST)
		limit = DEPTH_LIMIT_MOST;
	if (limit <= vm->machine->depth)
		return vm_raise_ok(vm, vm->errors.RecursionError,
			"cannot set the recursion limit to %u at the recursion depth %u: the limit is too low", limit, vm->machine->depth);
	vm->machine->limit = limit;
	return true;
}
