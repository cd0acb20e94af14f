/* Attributes: how a name is found on a value, and bound. */
#ifndef LANG_ATTR_H
#define LANG_ATTR_H

#include "lang/vm.h"

/* Reading without the class's own __getattribute__ and __getattr__, as object.__getattribute__ does, with `type`'s slots.attr.
 * Unset with nothing pending: none. */
value attr_get(struct vm *vm, const struct type *slots_of, value v, struct str *name);
/* Setting without __setattr__, as object.__setattr__ does; `to` unset: del. Raises when it can't be. */
bool  attr_set(struct vm *vm, const struct type *slots_of, value v, struct str *name, value to);
/* What stands in a class, as it is seen through `self` (unset: through the class itself, `type`). */
value attr_bind(struct vm *vm, value found, value self, struct type *type);
/* The AttributeError for a name that is not there. */
value attr_missing(struct vm *vm, value v, struct str *name);
/* Clears a pending AttributeError; false: none, or something else is pending. */
bool  attr_forgive(struct vm *vm);
/* Adds every name v answers to, to a list: dir(v). */
bool  attr_names(struct vm *vm, value v, value list);

#endif
