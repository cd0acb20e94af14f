/* The prompt: readline's line editing round the push parser. All that readline makes global stays in prompt.c; there is at
 * most one prompt at a time. */
#ifndef SHELL_PROMPT_H
#define SHELL_PROMPT_H

#include "lang/vm.h"

/* Reads and runs units in `globals` until Ctrl-D or SystemExit; the program's status. `welcome`: says its name first. */
int prompt_run(struct vm *vm, struct dict *globals, bool welcome);

#endif
