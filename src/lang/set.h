/* What the files about set and frozenset share. */
#ifndef LANG_SET_H
#define LANG_SET_H

#include "lang/vm.h"
#include "lang/types.h"

/* a OP b for & | - ^ over any two iterables: a new set. */
value set_combine(struct vm *vm, enum operator op, value a, value b);
bool  set_update(struct vm *vm, struct set *s, value iterable);
bool  set_discard(struct vm *vm, struct set *s, value item, bool *was);
void  set_clear(struct set *s);
struct set *set_copy(struct vm *vm, struct set *s, struct type *cls);
bool  set_add_hashed(struct vm *vm, struct set *s, value item, uint64_t hash);
bool  set_has_hashed(struct vm *vm, struct set *s, value item, uint64_t hash, bool *out);
static inline struct set *as_set(value v) { return (struct set *)v.o; }
static inline bool is_set(value v) { return is_kind(v, KIND_SET) || is_kind(v, KIND_FROZENSET); }

void  set_shrink(struct set *s);                                      /* after many removals */


#endif
