/* Operands of an instruction, for ops.c, names.c and call.c. */
#ifndef LANG_OPS_H
#define LANG_OPS_H

#include "lang/frame.h"

static inline struct instruction op_of(const struct frame *f) { return *f->ip; }

/* The operand is done with: a temporary goes. */
static inline void op_done(struct frame *f, unsigned r)
{
	value *v = &f->regs[r];
	if (r >= f->code->first_temp && v->tag == TAG_OBJECT) {
		v->tag = TAG_UNSET;
		object_drop(v->o);
	}
}

/* The operand as an owned value. Unset: an unbound local, raised. */
static inline value op_take(struct vm *vm, struct frame *f, unsigned r)
{
	value v = f->regs[r];
	if (r >= f->code->first_temp)
		f->regs[r].tag = TAG_UNSET;
	else if (v.tag == TAG_UNSET)
		op_unbound(vm, f, r);
	else
		v = value_keep(v);
	return v;
}

/* The operand, to look at. Unset: an unbound local, raised. */
static inline value op_see(struct vm *vm, struct frame *f, unsigned r)
{
	value v = f->regs[r];
	if (v.tag == TAG_UNSET)
		op_unbound(vm, f, r);
	return v;
}

static inline bool op_put(struct frame *f, unsigned r, TAKES value v)
{
	if (v.tag == TAG_UNSET)
		return false;
	value_set(&f->regs[r], v);
	return true;
}

/* The truth of a result: -1: raised, or it was unset. */
int op_truth_of(struct vm *vm, TAKES value v);

static inline void op_drop_row(value *row, size_t count)
{
	for (size_t i = 0; i < count; i++)
		value_set(&row[i], VALUE_UNSET);
}

#endif
