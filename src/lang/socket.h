/* The kernel's sockets, as Python's socket module has them: shared by its files. */
#ifndef LANG_SOCKET_H
#define LANG_SOCKET_H

#include <sys/socket.h>

#include "lang/types.h"
#include "lang/vm.h"

struct socket {
	struct object head;
	int fd;                         /* -1: closed */
	int family, type, protocol;
	double timeout;                 /* seconds; negative: wait for ever; 0: never */
};
static inline struct socket *as_socket(value v) { return (struct socket *)v.o; }

/* Addresses of the language, ("10.0.2.5", 123) and kin, by family; names are looked up. */
struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};
bool  address_from(struct vm *vm, int family, value v, struct address *out);
value address_value(struct vm *vm, const struct address *a);        /* owned */
value raise_lookup(struct vm *vm, int code);                        /* gaierror */
extern const struct native socket_functions[];                     /* socket_names.c: getaddrinfo, inet_aton, htons ... */

#endif
