#include "net/norst.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "lang/types.h"

#include "packet/packet.h"

#include "net/noreset.h"
#include "net/wire.h"

struct norst {
	struct object head;
	struct vm *vm;
	struct noreset_match match;
	struct noreset *rule;            /* while it stands */
};

static struct norst *as_norst(value v)
{
	return (struct norst *)v.o;
}

/* Our own raw sends carry the mark that rules let pass, as long as there are rules. */
static bool count_rules(struct vm *vm, int change, struct error *e)
{
	struct wire *w = wire_of(vm);
	bool before = w->noresets > 0;
	w->noresets = (unsigned)((int)w->noresets + change);
	bool now = w->noresets > 0;
	return before == now || inject_pool_mark(w->injects, now ? NORESET_MARK : 0, e);
}

static void lift(struct norst *n)
{
	struct error e = {0};
	if (!n->rule)
		return;
	wire_settle(n->vm, false);
	noreset_free(n->rule);
	n->rule = NULL;
	if (wire_of(n->vm))
		count_rules(n->vm, -1, &e);
	error_clear(&e);
}

static bool port(struct vm *vm, value v, const char *name, uint16_t *out)
{
	int64_t number = 0;
	if (is_unset(v) || is_none(v))
		return true;
	if (!is_int(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "no_rst(): %s is a port, 0 to 65535, not %s", name, value_type_name(vm, v));
	if (!value_to_int64(vm, v, &number))
		return false;
	if (number < 0 || number > 65535)
		return vm_raise_ok(vm, vm->errors.ValueError, "no_rst(): %s is 0 to 65535, not %lld", name, (long long)number);
	*out = (uint16_t)number;
	return true;
}

/* An address, a network ("10.0.0.0/8") or a host name. */
static bool destination(struct vm *vm, const char *text, struct noreset_match *m)
{
	char address[256];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint8_t bytes[16];
	if (len >= sizeof address)
		return vm_raise_ok(vm, vm->errors.ValueError, "no_rst(): dst is no address");
	memcpy(address, text, len);
	address[len] = 0;
	struct resolver *resolver = world_of(vm)->resolver;
	if (!address_parse(address, &m->destination)) {
		if (slash || !resolver->lookup(resolver->state, 4, address, bytes))
			return vm_raise_ok(vm, vm->errors.ValueError, "no_rst(): '%s' is no address", text);
		m->destination = address_of(2, bytes);
	}
	if (slash) {
		char *end;
		unsigned long prefix = strtoul(slash + 1, &end, 10);
		if (*end || end == slash + 1 || prefix == 0 || prefix > address_len(&m->destination) * 8)
			return vm_raise_ok(vm, vm->errors.ValueError, "no_rst(): '%s' is no network", text);
		m->prefix = (uint8_t)prefix;
	}
	return true;
}

enum { DST, DPORT, SPORT, ARGUMENTS };

static bool read_match(struct vm *vm, const value *a, struct noreset_match *m)
{
	value dst = a[DST];
	if (is_unset(dst) || is_none(dst))
		return port(vm, a[DPORT], "dport", &m->destination_port) && port(vm, a[SPORT], "sport", &m->source_port);
	if (is_int(dst))
		return vm_raise_ok(vm, vm->errors.TypeError, "no_rst(): dst is an address, a network or a host's name, not %s", value_type_name(vm, dst));
	value text = value_str(vm, dst);
	bool ok = !is_unset(text) && destination(vm, as_str(text)->data, m);
	value_drop(text);
	return ok && port(vm, a[DPORT], "dport", &m->destination_port) && port(vm, a[SPORT], "sport", &m->source_port);
}

static value norst_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[ARGUMENTS];
	struct noreset_match m = {0};
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	bool ok = read_match(vm, a, &m);
	call_unbind(cls->signature, a);
	if (!ok)
		return VALUE_UNSET;
	struct norst *n = object_new(cls, 0);
	n->vm = vm;
	n->match = m;
	return value_object(n);
}

static value norst_enter(struct vm *vm, value self)
{
	struct error e = {0};
	struct norst *n = as_norst(self);
	if (n->rule)
		return value_keep(self);
	if (!wire_ready(vm))
		return VALUE_UNSET;
	n->rule = noreset_new(&n->match, &e);
	if (n->rule && !count_rules(vm, 1, &e))
		lift(n);
	if (n->rule)
		return value_keep(self);
	return vm_raise_error(vm, &e);
}

static value norst_leave(struct vm *vm, value self, value exception)
{
	lift(as_norst(self));
	return value_bool(false);
}

static value method_start(struct vm *vm, value *a)
{
	return norst_enter(vm, a[0]);
}

static value method_stop(struct vm *vm, value *a)
{
	lift(as_norst(a[0]));
	return VALUE_NONE;
}

static void norst_release(struct object *o)
{
	lift((struct norst *)o);
}

static bool norst_repr(struct vm *vm, value self, struct buf *out)
{
	char text[ADDRESS_TEXT];
	const struct norst *n = as_norst(self);
	buf_text(out, "<no_rst");
	if (n->match.destination.family)
		buf_print(out, " dst=%s", address_text(&n->match.destination, text));
	if (n->match.prefix)
		buf_print(out, "/%u", n->match.prefix);
	if (n->match.destination_port)
		buf_print(out, " dport=%u", n->match.destination_port);
	if (n->match.source_port)
		buf_print(out, " sport=%u", n->match.source_port);
	buf_text(out, n->rule ? " in force>" : ">");
	return true;
}

static const struct native methods[] = {
	{ "start", method_start, "", "Put the rule in force." },
	{ "stop", method_stop, "", "Lift the rule." },
	{ 0 },
};

struct type *norst_type(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "no_rst", .doc = "While in force: no TCP resets of the kernel's to dst (address or network), dport, from sport.",
		.size = sizeof(struct norst), .flags = TYPE_OUTSIDE, .signature = "dst=None, dport=None, sport=None", .methods = methods,
		.slots = { .make = norst_make, .release = norst_release, .repr = norst_repr, .enter = norst_enter, .leave = norst_leave },
	};
	return type_new(vm, &spec, NULL);
}
