/* The language's functions that ask the kernel's tables. */
#ifndef NET_TABLES_H
#define NET_TABLES_H

#include "lang/vm.h"

extern const struct native tables_functions[];

#endif
