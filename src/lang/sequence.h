/* What str, bytes, list, tuple and range share: subscripts, repetition, comparison item by item. */
#ifndef LANG_SEQUENCE_H
#define LANG_SEQUENCE_H

#include "lang/vm.h"
#include "lang/types.h"

enum times { TIMES_RAISED, TIMES_UNSUPPORTED, TIMES_OK };
/* The right side of sequence * n as a count (0 when negative), with `len` items of `unit` bytes to be repeated: refused
 * when the result could not be held. UNSUPPORTED: the other side has its own multiplication. */
enum times sequence_times(struct vm *vm, value n, size_t len, size_t unit, size_t *count);

/* TypeError "can only concatenate list (not "int") to list", or UNSUPPORTED when the right side may know how to add. */
value sequence_no_concat(struct vm *vm, const char *format, value right);

/* A subscript that is no slice: false with IndexError(`range_text`) or TypeError("`kind` indices must be integers or slices, not ..."). */
bool sequence_index(struct vm *vm, value key, size_t len, const char *kind, const char *range_text, size_t *out);
bool value_is_index(struct vm *vm, value v);                        /* an int or something with __index__ */

/* Lists or tuples; equality stops at the first difference. */
value sequence_compare(struct vm *vm, enum compare op, value a, value b);
/* The first item equal to `needle` in [from, to) of a list or tuple; *at is SIZE_MAX when there is none. */
bool sequence_find(struct vm *vm, value sequence, value needle, size_t from, size_t to, size_t *at);
bool sequence_count(struct vm *vm, value sequence, value needle, size_t *count);
/* index(value, start, stop): both optional, cut to the length. */
bool sequence_bounds(struct vm *vm, value start, value stop, size_t len, size_t *from, size_t *to);

/* "[a, b]" with a guard against a container inside itself. */
bool sequence_repr(struct vm *vm, value self, const char *open, const char *close, struct buf *out);

static inline bool compare_answer(enum compare op, int order)
{
	switch (op) {
	case CMP_LT: return order < 0;
	case CMP_LE: return order <= 0;
	case CMP_EQ: return order == 0;
	case CMP_NE: return order != 0;
	case CMP_GT: return order > 0;
	case CMP_GE: return order >= 0;
	}
	return false;
}

#endif
