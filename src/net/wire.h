/* What src/net keeps for one machine: the kernel's tables, ways out and captures that stay open, the resolver that packets ask.
 * Everything is opened when it is first needed: a program that only builds and reads packets opens nothing here. */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include "lang/types.h"
#include "lang/vm.h"

#include "packet/world.h"

#include "net/capture_pool.h"
#include "net/iface.h"
#include "net/inject.h"
#include "net/neigh.h"
#include "net/route.h"
#include "packet/warn.h"

struct wire {
	struct vm *vm;
	struct netlink *netlink;
	struct iface_table *ifaces;
	struct route_cache *routes;
	struct neigh_cache *neighbours;
	struct inject_pool *injects;
	struct capture_pool *captures;
	struct resets *resets;           /* resets.h; NULL: none watched for yet */
	struct courses *courses;         /* course.h; NULL: none yet */
	struct outbox *outbox;           /* outbox.h; NULL: none yet, or (`no_outbox`) none to be had */
	bool no_outbox;
	unsigned sends;                  /* calls of send functions with nothing between them that the world could notice */
	struct resolver resolver;
	struct type *no_rst, *reader, *writer, *ng_writer, *link_socket;
	int forced;                      /* index of the interface that a packet being built leaves by (iface=...); 0: as routed */
	unsigned noresets;               /* rules that stand: raw sends are marked while there are any */
	char default_name[IFNAMSIZ];     /* of the default route, as of... */
	uint32_t default_links, default_routes;      /* ...these generations */
};

bool wire_make(struct vm *vm);           /* after world_make: functions, types, the resolver. false: raised */
void wire_free(struct vm *vm);           /* before world_free */
static inline struct wire *wire_of(struct vm *vm) { return vm->host ? world_of(vm)->wire : NULL; }    /* NULL: at the end */

void wire_rest(struct vm *vm);           /* nobody will ask or listen for a while: the prompt waits */

bool wire_open(struct wire *w, struct error *e);         /* the kernel's tables */
struct wire *wire_ready(struct vm *vm);                  /* the same for natives; NULL: raised */
struct wire *wire_sending(struct vm *vm);                /* the same, with what was sent before still on its way */
struct outbox *wire_outbox(struct wire *w);              /* made on first use; NULL: none to be had */
bool wire_sent(struct vm *vm);                           /* what was sent before has left. false: raised, it has not */
bool wire_settle(struct vm *vm, bool raise);             /* vm->settle while something may be on its way: the same, and the run of sends is over */

/* The interface of the default route, else the first that is up, else loopback. NULL: none at all. */
const struct iface *wire_default_iface(struct wire *w);
/* By name, or conf.iface, or the default one. NULL: raised. */
const struct iface *wire_iface(struct vm *vm, value name);

/* The verbosity of a call: its own argument, else conf.verb. false: raised. */
bool wire_verbose(struct vm *vm, value argument, int *out);
bool wire_promiscuous(struct vm *vm, value argument, bool *out);            /* the same with conf.sniff_promisc */
bool wire_print(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));   /* to sys.stdout */
void wire_warn_lost(struct vm *vm, uint64_t count, const char *iface);       /* a capture that could not keep up */
/* Waits no longer than what Ctrl-C may take: the sooner of the deadline and 50 ms from now. */
int64_t wire_slice(int64_t deadline);
value wire_library(struct vm *vm, const char *page, const char *name);      /* a function of the library's; unset: raised */
bool wire_whole(struct vm *vm, const char *function, const char *name, value v, int64_t *out);       /* a whole number, the function's argument of that name */
double wire_seconds(struct vm *vm, const char *function, const char *name, value v, double otherwise, bool *ok);     /* a number of seconds, the function's argument of that name; None or unset: `otherwise` */

#endif
