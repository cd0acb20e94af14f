/* What the files about set and frozenset share. */
#ifndef LANG_SET_H
#define LANG_SET_H

#include "lang/vm.h"
#include "lang/types.h"

/* a OP b for & | - ^ over any two iterables: a new set. */
value set_combine(struct vm *vm, enum operator op, value a, value b);
value set_algebra(struct vm *vm, enum operator op, struct set *s, value other);     /* the same with a set at the left: of its type */
value set_intersection(struct vm *vm, struct set *s, value other);
value set_symmetric(struct vm *vm, struct set *s, value other);
bool  set_remove_all(struct vm *vm, struct set *s, value other);
bool  set_toggle_all(struct vm *vm, struct set *s, value iterable);     /* out with what is in both, in with the rest */
void  set_take_over(struct set *s, TAKES value made);               /* what a set just made holds */
struct set *set_from(struct vm *vm, value iterable);                /* to look into (owned); the same one when it is a set; NULL */
struct type *set_plain_type(struct vm *vm, struct set *s);          /* set or frozenset */
value set_or_dropped(TAKES struct set *s, bool ok);
bool  set_is(value a, value b);                                     /* the same object */
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
