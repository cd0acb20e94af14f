/* `int | None`: classes to choose from, for annotations and isinstance. */
#ifndef LANG_UNION_H
#define LANG_UNION_H

#include "lang/vm.h"

/* The binary slot of type and of unions. */
value union_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable);

/* The classes of a union as a tuple (BORROWED); unset: v is none. */
value union_classes(struct vm *vm, value v);

#endif
