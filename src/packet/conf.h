/* conf: the settings, an object of the library's (stdlib/tools/conf.pkt), read from C by name. */
#ifndef PACKET_CONF_H
#define PACKET_CONF_H

#include "lang/vm.h"

value conf_object(struct vm *vm);                               /* BORROWED; unset: raised */
value conf_get(struct vm *vm, const char *name);                /* owned; unset: raised */
bool  conf_flag(struct vm *vm, const char *name, bool *out);

#endif
