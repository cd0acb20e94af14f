/* What the files about list share. */
#ifndef LANG_LIST_H
#define LANG_LIST_H

#include "lang/vm.h"
#include "lang/types.h"

bool list_room(struct vm *vm, struct list *l, size_t more);         /* false: MemoryError */
bool list_resize(struct vm *vm, struct list *l, size_t count);      /* room for that many; MemoryError */
/* Puts `count` items (kept) in the place of [from, to). */
bool list_replace(struct vm *vm, struct list *l, size_t from, size_t to, const value *items, size_t count);
void list_clear(struct list *l);
bool list_sort(struct vm *vm, struct list *l, value key, bool reverse);     /* sort.c */

extern const struct native list_methods[];

#endif
