/* Capabilities: which are missing for what, and for how long they are in force.
 *
 * pktsh needs CAP_NET_RAW to send and sniff, and CAP_NET_ADMIN for rules, marks and interfaces of its own. Whoever starts it
 * gave them to the process as permitted (root, or a file capability); privilege_rest takes them out of force at start, and
 * privilege_raise puts them in force only round the system call that opens a socket, a rule or an interface. Linux keeps
 * these sets per thread, and a new thread starts with its maker's. Nothing here is inherited by a child that is executed. */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

#include <stdbool.h>

#include "base/error.h"

enum privilege {
	PRIVILEGE_RAW = 1,       /* CAP_NET_RAW */
	PRIVILEGE_ADMIN = 2,     /* CAP_NET_ADMIN */
};

void privilege_rest(void);                           /* permitted, not in force */
unsigned privilege_raise(unsigned wanted);           /* puts in force what is permitted; returns what privilege_lower undoes */
void privilege_lower(unsigned raised);
void privilege_forgo(void);                          /* gives all capabilities up for good */

unsigned privilege_missing(unsigned wanted);         /* those of `wanted` that are not even permitted */

/* Refuses with a PermissionError of one line when something is missing: what needs it (`what`: "sending on eth0"), its name,
 * and the command that grants it to this program. true: all there. */
bool privilege_require(unsigned wanted, const char *what, struct error *e);
/* The same words for a system call that said EPERM or EACCES although nothing is missing, or because something is. Always false. */
bool privilege_refused(unsigned wanted, const char *what, struct error *e);
/* Is this the message of such a refusal? Then it says all, and a traceback would only hide it. */
bool privilege_is_refusal(const char *message);

#endif
