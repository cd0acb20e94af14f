/* What the user is told when something was raised and nobody caught it, and the status that the program ends with. */
#ifndef SHELL_REPORT_H
#define SHELL_REPORT_H

#include "lang/vm.h"

enum { STATUS_OK = 0, STATUS_ERROR = 1, STATUS_USAGE = 2, STATUS_INTERRUPTED = 130 };

/* Takes what is pending, prints it on standard error (in colour on a terminal, unless NO_COLOR is set) and says the status.
 * A SystemExit is not an error: `*leave` is set, and only its text, if it has one, is printed. */
int report_pending(struct vm *vm, bool *leave);
bool report_colour(int fd);             /* is colour wanted on this descriptor? */

#endif
