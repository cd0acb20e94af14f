/* Arithmetic of doubles as Python has it: division rounds down, the rest has the divisor's sign. */
#ifndef LANG_FLOAT_H
#define LANG_FLOAT_H

#include "lang/vm.h"

value float_arithmetic(struct vm *vm, enum operator op, double x, double y);    /* UNSUPPORTED for operators of ints */
value float_power(struct vm *vm, double x, double y);
value float_divmod(struct vm *vm, double x, double y);

#endif
