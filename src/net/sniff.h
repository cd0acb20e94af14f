/* sniff: packets from interfaces, files or lists, filtered, handed to functions, kept. */
#ifndef NET_SNIFF_H
#define NET_SNIFF_H

#include "lang/vm.h"

value sniff_run(struct vm *vm, value *a);

#define SNIFF_ARGUMENTS \
	"count=0, store=True, offline=None, quiet=False, prn=None, lfilter=None, L2socket=None, timeout=None, opened_socket=None, " \
	"stop_filter=None, iface=None, started_callback=None, session=None, *, filter=None, promisc=None, monitor=False, " \
	"session_kwargs=None, write=None, rotate_size=None, rotate_time=None, keep=None, _ended=None"

#endif
