/* The standard library as it stands in the program: generated from stdlib/ by scripts/embed.awk, sorted by path. */
#ifndef SHELL_LIBRARY_H
#define SHELL_LIBRARY_H

#include "lang/vm.h"

extern const struct embedded library_files[];
extern const size_t library_count;

#endif
