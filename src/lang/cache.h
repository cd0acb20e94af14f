/* type.c's method cache, and what object.c and world.c need of type.c. */
#ifndef LANG_CACHE_H
#define LANG_CACHE_H

#include "lang/vm.h"

enum { CACHE_ROWS = 4096 };
struct cached {
	uint32_t version;
	struct str *name;
	value found;            /* BORROWED: lives as long as the type is of that version */
};
struct type_cache {
	uint32_t version;       /* the last one given */
	struct cached rows[CACHE_ROWS];
};

struct type_cache *type_cache_new(void);
void type_add_full_name(struct vm *vm, struct type *type, struct buf *out);   /* "module.Name"; without the module for what is built in */
void type_complete(struct type *type);      /* the second half of type_new, for the types made before it was possible */
void type_release(struct object *o);
void type_visit(struct object *o, visit_fn visit, void *state);

#endif
