/* The kernel's sockets, as it tells them itself (netlink sock_diag): what `ss` and netstat show. */
#ifndef NET_SOCKDIAG_H
#define NET_SOCKDIAG_H

#include "lang/vm.h"

extern const struct native sockdiag_functions[];

#endif
