/* `pktsh --check file`: reads a program without running it, and says everything that is wrong with it as far as that can be
 * known: its syntax, names that nothing defines, modules and what is imported from them, layers, fields and arguments that
 * library functions do not have, values that no field can hold.
 *
 * The machine itself is the judge. A piece of the program whose outcome depends on nothing else (an import of the library's, a
 * layer called with the literal arguments of the text) is run alone; what a user's own code could change is left out. So a
 * finding reads exactly as the error that running would give, and means the same. */
#ifndef SHELL_CHECK_H
#define SHELL_CHECK_H

#include "lang/vm.h"

/* Checks one program; every finding is printed on standard error, in the order of the text. How many there were.
 * `vm` has no search path: a user's module is looked for beside the file and in PKTSH_PATH, read and not run. */
size_t check_source(struct vm *vm, struct source *source);

#endif
