/* Special methods and slots, both ways: a class of the language has slots that call its special methods; a native type has
 * special methods (`list.__len__`) that call its slots. */
#ifndef LANG_DUNDER_H
#define LANG_DUNDER_H

#include "lang/vm.h"

/* Fills type->slots along its mro, and the flags that are worked out. */
void dunder_fill(struct vm *vm, struct type *type);
/* Gives a native type the special methods of its own slots; what it names itself stays. */
void dunder_expose(struct vm *vm, struct type *type);
/* Whether a change of this attribute can change slots. */
bool dunder_is_special(const struct str *name);

/* Calls the special method `name` of self's class. VALUE_UNSET with nothing pending: it has none. */
value dunder_call(struct vm *vm, value self, struct str *name, size_t count, const value *args);
/* The same for a function found already; `function` as it stands in the class, binding is done here. */
value dunder_call_found(struct vm *vm, value function, value self, size_t count, const value *args);
value dunder_item(struct vm *vm, value self, value key);    /* the slot: iteration falls back on it */
struct str *dunder_operator(struct vm *vm, enum operator op, bool reflected);      /* BORROWED: "__add__", "__radd__" */

#endif
