/* What the files of the module itertools share. */
#ifndef LANG_ITERTOOLS_H
#define LANG_ITERTOOLS_H

#include "base/buf.h"
#include "lang/modules.h"
#include "lang/types.h"

struct walker {
	struct container head;
	value from;                 /* an iterator, or a tuple of them or of pools */
	value with;                 /* a function, a fill value ... */
	value held;                 /* what is kept between two steps */
	value step;
	int64_t left;
	size_t *at;                 /* indices into pools */
	size_t count;               /* of them */
	bool started, done;
};

static inline struct walker *walker_of(value v) { return (struct walker *)v.o; }
struct walker *walker_new(struct type *cls, TAKES value from, value with);

value product_make(struct vm *vm, struct type *cls, const struct call *call);
value permutations_make(struct vm *vm, struct type *cls, const struct call *call);
value combinations_make(struct vm *vm, struct type *cls, const struct call *call);
value repeated_combinations_make(struct vm *vm, struct type *cls, const struct call *call);
value groupby_make(struct vm *vm, struct type *cls, const struct call *call);
value product_next(struct vm *vm, value self);
value permutations_next(struct vm *vm, value self);
value combinations_next(struct vm *vm, value self);
value repeated_combinations_next(struct vm *vm, value self);
value groupby_next(struct vm *vm, value self);
value grouper_next(struct vm *vm, value self);
value itertools_tee(struct vm *vm, value *a);

#endif
