#include "net/wire.h"

#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/privilege.h"

#include "lang/file.h"

#include "packet/conf.h"

#include "net/course.h"
#include "net/deadline.h"
#include "net/module.h"
#include "net/outbox.h"
#include "net/resets.h"
#include "net/resolve.h"

bool wire_open(struct wire *w, struct error *e)
{
	if (w->netlink)
		return true;
	w->netlink = netlink_new(e);
	if (!w->netlink)
		return false;
	w->ifaces = iface_table_new(w->netlink);
	w->routes = route_cache_new(w->netlink);
	w->neighbours = neigh_cache_new(w->netlink);
	w->injects = inject_pool_new(w->ifaces);
	w->captures = capture_pool_new();
	return true;
}

struct outbox *wire_outbox(struct wire *w)
{
	if (!w->outbox && !w->no_outbox)
		w->no_outbox = !(w->outbox = outbox_new());
	return w->outbox;
}

static bool raise_unsent(struct vm *vm, struct error *e, size_t lost)
{
	struct error told = {0};
	error_set(&told, e->kind, "%s (%zu frame%s sent before did not leave)", e->message, lost, lost == 1 ? "" : "s");
	told.code = e->code;
	error_clear(e);
	vm_raise_error(vm, &told);
	return false;
}

bool wire_sent(struct vm *vm)
{
	struct wire *w = wire_of(vm);
	struct error e = {0};
	if (!w || !w->outbox)
		return true;
	if (vm_pending(vm)) {
		outbox_drain(w->outbox);
		return true;
	}
	size_t lost = outbox_settle(w->outbox, &e);
	return !e.kind || raise_unsent(vm, &e, lost);
}

bool wire_settle(struct vm *vm, bool raise)
{
	struct wire *w = wire_of(vm);
	if (w)
		w->sends = 0;
	if (raise && !vm_pending(vm)) {
		vm->settle = NULL;
		return wire_sent(vm);
	}
	if (w && w->outbox)
		outbox_drain(w->outbox);
	return true;
}

struct wire *wire_ready(struct vm *vm)
{
	return vm_settle(vm) ? wire_sending(vm) : NULL;
}

struct wire *wire_sending(struct vm *vm)
{
	struct error e = {0};
	struct wire *w = wire_of(vm);
	if (!w)
		error_set(&e, "RuntimeError", "the program is ending");
	else if (wire_open(w, &e))
		return w;
	vm_raise_error(vm, &e);
	return NULL;
}

bool wire_make(struct vm *vm)
{
	struct wire *w = mem_zero(sizeof *w);
	w->vm = vm;
	world_of(vm)->wire = w;
	privilege_rest();
	resolve_install(w);
	return module_make(vm);
}

void wire_free(struct vm *vm)
{
	struct wire *w = wire_of(vm);
	if (!w)
		return;
	world_of(vm)->wire = NULL;
	world_of(vm)->resolver = NULL;
	outbox_free(w->outbox);
	vm->settle = NULL;
	courses_free(w->courses);
	resets_free(w->resets);
	inject_pool_free(w->injects);
	capture_pool_free(w->captures);
	neigh_cache_free(w->neighbours);
	route_cache_free(w->routes);
	iface_table_free(w->ifaces);
	netlink_free(w->netlink);
	object_drop(w->no_rst);
	object_drop(w->reader);
	object_drop(w->writer);
	object_drop(w->ng_writer);
	object_drop(w->link_socket);
	mem_free(w);
}

void wire_rest(struct vm *vm)
{
	struct wire *w = wire_of(vm);
	if (w && w->captures)
		capture_pool_rest(w->captures);
}

/* ---- interfaces ------------------------------------------------------------------------------------------------------- */

static const struct iface *routed_default(struct wire *w)
{
	struct error e = {0};
	struct address anywhere = { .family = AF_INET };
	const struct route *r = route_to(w->routes, &anywhere, 0, &e);
	const struct iface *i = r ? iface_by_index(w->ifaces, r->iface, &e) : NULL;
	error_clear(&e);
	return i;
}

static const struct iface *first_up(struct wire *w)
{
	struct error e = {0};
	const struct iface *ifaces, *loopback = NULL, *found = NULL;
	size_t count = 0;
	if (!iface_all(w->ifaces, &ifaces, &count, &e))
		error_clear(&e);
	for (size_t at = 0; at < count && !found; at++) {
		if (iface_is_loopback(&ifaces[at]))
			loopback = &ifaces[at];
		else if (iface_is_up(&ifaces[at]))
			found = &ifaces[at];
	}
	return found ? found : loopback;
}

const struct iface *wire_default_iface(struct wire *w)
{
	struct error e = {0};
	uint32_t links = iface_generation(w->ifaces), routes = netlink_generation(w->netlink, NETLINK_ROUTES);
	if (w->default_name[0] && links == w->default_links && routes == w->default_routes) {
		const struct iface *kept = iface_by_name(w->ifaces, w->default_name, &e);
		error_clear(&e);
		if (kept)
			return kept;
	}
	const struct iface *i = routed_default(w);
	if (!i)
		i = first_up(w);
	w->default_links = links;
	w->default_routes = routes;
	if (i)
		memcpy(w->default_name, i->name, sizeof w->default_name);
	return i;
}

/* An interface may be given as its name, or as an object that has one. */
static const struct iface *named(struct vm *vm, struct wire *w, value name)
{
	struct error e = {0};
	if (!is_str(name)) {
		value inner = value_attr_or_unset(vm, name, str_intern(vm, "name"));
		const struct iface *found = NULL;
		if (!is_unset(inner) && is_str(inner))
			found = named(vm, w, inner);
		else if (!vm_pending(vm))
			vm_raise(vm, vm->errors.TypeError, "an interface is named by a str, not %s", value_type_name(vm, name));
		value_drop(inner);
		return found;
	}
	const struct iface *i = iface_by_name(w->ifaces, as_str(name)->data, &e);
	if (!i)
		vm_raise_error(vm, &e);
	return i;
}

const struct iface *wire_iface(struct vm *vm, value name)
{
	struct wire *w = wire_ready(vm);
	if (!w)
		return NULL;
	if (!is_unset(name) && !is_none(name))
		return named(vm, w, name);
	value set = conf_get(vm, "iface");
	if (is_unset(set))
		return NULL;
	const struct iface *i = is_none(set) ? wire_default_iface(w) : named(vm, w, set);
	value_drop(set);
	if (!i && !vm_pending(vm))
		vm_raise(vm, vm->errors.OSError, "this machine has no network interface");
	return i;
}

/* ---- small things that every function of the module needs ------------------------------------------------------------- */

bool wire_verbose(struct vm *vm, value argument, int *out)
{
	int64_t number;
	value v = is_unset(argument) || is_none(argument) ? conf_get(vm, "verb") : value_keep(argument);
	bool ok = !is_unset(v) && value_to_int64(vm, v, &number);
	value_drop(v);
	*out = !ok ? 0 : number > 9 ? 9 : number < 0 ? 0 : (int)number;
	return ok;
}

bool wire_promiscuous(struct vm *vm, value argument, bool *out)
{
	return is_unset(argument) || is_none(argument) ? conf_flag(vm, "sniff_promisc", out) : value_truth(vm, argument, out);
}

bool wire_print(struct vm *vm, const char *format, ...)
{
	struct buf text = {0};
	va_list args;
	va_start(args, format);
	buf_vprint(&text, format, args);
	va_end(args);
	value done = vm_write(vm, buf_str(&text), text.len);
	buf_free(&text);
	value_drop(done);
	return !is_unset(done);
}

void wire_warn_lost(struct vm *vm, uint64_t count, const char *iface)
{
	packet_warn(vm, "%llu packets were lost on %s: they came faster than they were read", (unsigned long long)count, iface);
}

int64_t wire_slice(int64_t deadline)
{
	return deadline_sooner(deadline, deadline_now() + NANOSECONDS / 20);
}

bool wire_whole(struct vm *vm, const char *function, const char *name, value v, int64_t *out)
{
	if (value_to_int64(vm, v, out))
		return true;
	if (vm_pending_is(vm, vm->errors.TypeError)) {
		vm_clear(vm);
		vm_raise(vm, vm->errors.TypeError, "%s(): %s is a whole number, not %s", function, name, value_type_name(vm, v));
	}
	return false;
}

double wire_seconds(struct vm *vm, const char *function, const char *name, value v, double otherwise, bool *ok)
{
	double seconds = otherwise;
	*ok = is_unset(v) || is_none(v) || value_to_double(vm, v, &seconds);
	if (!*ok && vm_pending_is(vm, vm->errors.TypeError)) {
		vm_clear(vm);
		vm_raise(vm, vm->errors.TypeError, "%s(): %s is a number of seconds, not %s", function, name, value_type_name(vm, v));
	}
	return seconds;
}

value wire_library(struct vm *vm, const char *page, const char *name)
{
	value module = vm_import(vm, page);
	value f = is_unset(module) ? VALUE_UNSET : value_attr(vm, module, str_intern(vm, name));
	value_drop(module);
	return f;
}
