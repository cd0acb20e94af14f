/* What the files of the built-in functions share. Each has one table of natives, named for its noun. */
#ifndef LANG_BUILTINS_H
#define LANG_BUILTINS_H

#include "lang/vm.h"

extern const struct native builtins_object[];       /* attributes, classes, identity */
extern const struct native builtins_number[];
extern const struct native builtins_sequence[];     /* what walks over items */
extern const struct native builtins_text[];         /* print, input, open, chr ... */
extern const struct native builtins_code[];         /* exec, eval, globals ... */
extern const struct native builtins_help[];

/* Makes the types enumerate, map, filter, zip, reversed in vm->own and adds them to the built-in names. */
void builtins_add_lazy(struct vm *vm);
value call_iterator_new(struct vm *vm, value function, value sentinel);     /* iter(f, sentinel) */

value file_open_builtin(struct vm *vm, value *a);

/* A special method found on the type of v, called with v and `args`. *found says whether there is one. */
value special_call(struct vm *vm, value v, struct str *name, size_t count, const value *args, bool *found);
value builtins_dir(struct vm *vm, value v);                                     /* dir(v) */

#endif
