/* The operators as the slots of two types settle them between themselves. */
#ifndef LANG_OPERATE_H
#define LANG_OPERATE_H

#include "lang/vm.h"

extern const char *const operator_signs[];      /* by enum operator */
extern const char *const compare_signs[];       /* by enum compare */

#endif
