/* The heap: where objects come from and go to. Counting frees most of them at once; what refers to itself in a circle is
 * found by trial deletion over the list of containers. */
#ifndef LANG_GC_H
#define LANG_GC_H

#include "lang/vm.h"

struct heap *heap_new(void);
/* A type's own object, before there are types: `type` may be NULL. */
void *heap_type_block(struct vm *vm, struct type *type);
/* At the end: every container lets go of what it holds (blocks stay, so that what is dropped still can be looked at) ... */
void  heap_empty(struct vm *vm);
/* ... and the memory goes. */
void  heap_free(struct vm *vm);
size_t heap_containers(const struct vm *vm);

#endif
