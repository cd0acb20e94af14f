/* The frames that an exception passed, as programs look at them: tb_lineno, tb_next, tb_frame.f_code.co_name. */
#ifndef LANG_TRACEBACK_H
#define LANG_TRACEBACK_H

#include "lang/vm.h"

/* The outermost `count` frames of an exception's trace, which is innermost first; None when there are none. */
value traceback_new(struct vm *vm, value exception, size_t count);

#endif
