/* Warnings: what is done all the same but is probably not meant. */
#ifndef PACKET_WARN_H
#define PACKET_WARN_H

#include "lang/vm.h"

void packet_warn(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));    /* "WARNING: ..." to sys.stderr */

#endif
