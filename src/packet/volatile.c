/* The random values that are drawn often, natively; the others are classes of the library (stdlib/tools/random_values.pkt) that
 * derive from VolatileValue and say in `_fix` what they draw. All draw from the generator behind the module random, as Scapy's do:
 * random.seed(1) makes packets repeatable. */
#include "packet/volatile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "lang/random.h"
#include "packet/net.h"
#include "packet/packet.h"
#include "packet/world.h"

enum { ARGUMENTS = 3, GROUPS = 8 };

struct volatile_value {
	struct container head;          /* KIND_VOLATILE */
	value arguments[ARGUMENTS];     /* by the row's signature; unset behind */
	value net;                      /* RandIP, RandIP6 of a network: a Net; unset */
	double began;                   /* AutoTime: what the clock is ahead of it */
	int64_t low, high;              /* numbers: bounds */
};

struct volatile_row {
	const char *name, *signature, *doc;
	value (*draw)(struct vm *vm, struct volatile_value *v);
	bool (*take)(struct vm *vm, struct volatile_value *v);         /* checks the arguments; NULL: nothing to check */
	int64_t low, high;
};

static struct volatile_value *as_volatile(value v)
{
	return (struct volatile_value *)v.o;
}

/* The row stands in the `extra` of the native class; NULL: VolatileValue itself. */
static const struct volatile_row *row_of(const struct type *type)
{
	while (!(type->flags & TYPE_NATIVE))
		type = type->base;
	return type->extra;
}

static uint64_t below(struct vm *vm, uint64_t bound)
{
	return twister_below(random_shared(vm), bound);
}

/* ---- numbers ---- */

static value draw_number(struct vm *vm, struct volatile_value *v)
{
	return value_int((int64_t)((uint64_t)v->low + below(vm, (uint64_t)v->high - (uint64_t)v->low + 1)));
}

static bool take_row(struct vm *vm, struct volatile_value *v)
{
	const struct volatile_row *row = row_of(v->head.head.type);
	v->low = row->low;
	v->high = row->high;
	return true;
}

static bool take_bounds(struct vm *vm, struct volatile_value *v)
{
	value *a = v->arguments;
	if (!is_int(a[0]) || !is_int(a[1]))
		return vm_raise_ok(vm, vm->errors.TypeError, "RandNum takes two whole numbers, not %s and %s", value_type_name(vm, a[0]), value_type_name(vm, a[1]));
	if (!value_to_int64(vm, a[0], &v->low) || !value_to_int64(vm, a[1], &v->high))
		return false;
	if (v->low > v->high || (uint64_t)v->high - (uint64_t)v->low == UINT64_MAX)
		return vm_raise_ok(vm, vm->errors.ValueError, "RandNum takes two whole numbers, the smaller first");
	return true;
}

/* 64 bits: the range is one more than fits. */
static value draw_long(struct vm *vm, struct volatile_value *v)
{
	value one = value_int(1), bound = value_binary(vm, OP_LSHIFT_, one, value_int(64), false);
	value drawn = random_below(vm, random_shared(vm), bound), low = value_int(v->low);
	value shifted = is_unset(drawn) ? drawn : value_binary(vm, OP_ADD_, drawn, low, false);
	value_drop(bound);
	value_drop(drawn);
	return shifted;
}

/* As random.expovariate, rounded: how long texts are. */
static size_t draw_exponential(struct vm *vm, double rate)
{
	return (size_t)nearbyint(-log(1.0 - twister_double(random_shared(vm))) / rate);
}

/* ---- addresses ---- */

static bool take_net(struct vm *vm, struct volatile_value *v, unsigned family)
{
	value given = v->arguments[0];
	if (is_kind(given, KIND_NET))
		v->net = value_keep(given);
	else if (is_str(given))
		v->net = net_parse(vm, as_str(given)->data, as_str(given)->len, family);
	else
		vm_raise(vm, vm->errors.TypeError, "%s takes a network as text, not %s", v->head.head.type->name->data, value_type_name(vm, given));
	return !vm_pending(vm);
}

static bool take_net4(struct vm *vm, struct volatile_value *v)
{
	return take_net(vm, v, 4);
}

/* A network, or groups: "2001:db8:*:0-ff:**". */
static bool take_net6(struct vm *vm, struct volatile_value *v)
{
	value given = v->arguments[0];
	return (is_str(given) && !strchr(as_str(given)->data, '/')) || take_net(vm, v, 16);
}

static unsigned __int128 draw_nth(struct vm *vm, const struct net *net)
{
	unsigned __int128 count = net_count(net), nth;
	if (count && count <= UINT64_MAX)
		return below(vm, (uint64_t)count);
	nth = twister_bits(random_shared(vm), 64);
	nth = nth << 64 | twister_bits(random_shared(vm), 64);
	return count ? nth % count : nth;
}

static value draw_net(struct vm *vm, struct volatile_value *v)
{
	struct net *net = (struct net *)v->net.o;
	return net_address_text(vm, net, draw_nth(vm, net));
}

bool volatile_draw_address(struct vm *vm, value of, uint32_t *out)
{
	struct volatile_value *v = as_volatile(of);
	uint8_t bytes[16];
	const struct volatile_row *row = v->head.head.type->flags & TYPE_NATIVE ? row_of(v->head.head.type) : NULL;
	if (!row || row->draw != draw_net || is_unset(v->net) || ((struct net *)v->net.o)->family != 4)
		return false;
	net_address((struct net *)v->net.o, draw_nth(vm, (struct net *)v->net.o), bytes);
	*out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	return true;
}

/* One part of a template: "*" any number up to `most`, "a-b" one from a to before b, else itself. */
static unsigned draw_part(struct vm *vm, const char *part, size_t len, unsigned most)
{
	const char *dash = memchr(part, '-', len);
	if (len == 0 || part[0] == '*')
		return (unsigned)below(vm, most + 1u);
	unsigned from = (unsigned)strtoul(part, NULL, 16), to = dash ? (unsigned)strtoul(dash + 1, NULL, 16) : 0;
	if (!dash)
		return from & most;
	return to > from ? (from + (unsigned)below(vm, to - from + 1u)) & most : from;
}

static value draw_groups(struct vm *vm, struct volatile_value *v)
{
	const char *at = as_str(v->arguments[0])->data;
	unsigned given = 0, groups[GROUPS] = { 0 }, count = 0;
	for (const char *c = at; *c; c++)
		given += *c == ':';
	while (count < GROUPS && *at) {
		size_t len = strcspn(at, ":");
		unsigned times = len == 2 && !strncmp(at, "**", 2) ? GROUPS - (given > GROUPS - 1 ? GROUPS - 1 : given) : 1;
		for (unsigned i = 0; i < times && count < GROUPS; i++)
			groups[count++] = len ? draw_part(vm, at, len, 0xffff) : 0;
		at += len + (at[len] == ':');
	}
	char text[48];
	snprintf(text, sizeof text, "%x:%x:%x:%x:%x:%x:%x:%x", groups[0], groups[1], groups[2], groups[3], groups[4], groups[5], groups[6], groups[7]);
	return str_value(vm, text);
}

static value draw_address6(struct vm *vm, struct volatile_value *v)
{
	return is_unset(v->net) ? draw_groups(vm, v) : draw_net(vm, v);
}

static bool take_mac(struct vm *vm, struct volatile_value *v)
{
	return is_str(v->arguments[0]) || vm_raise_ok(vm, vm->errors.TypeError, "RandMAC takes a text such as \"00:01:*:20-30\", not %s",
		value_type_name(vm, v->arguments[0]));
}

static value draw_mac(struct vm *vm, struct volatile_value *v)
{
	const char *at = as_str(v->arguments[0])->data;
	unsigned mac[6];
	for (unsigned i = 0; i < 6; i++) {
		size_t len = strcspn(at, ":");
		mac[i] = draw_part(vm, at, len, 0xff);
		at += len + (at[len] == ':');
	}
	char text[18];
	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0] & 255, mac[1] & 255, mac[2] & 255, mac[3] & 255, mac[4] & 255, mac[5] & 255);
	return str_value(vm, text);
}

/* ---- bytes ---- */

static bool draw_size(struct vm *vm, value size, size_t *out)
{
	if (is_none(size)) {
		*out = draw_exponential(vm, 0.01);
		return true;
	}
	value drawn = is_kind(size, KIND_VOLATILE) ? volatile_draw(vm, size) : value_keep(size);
	bool ok = !is_unset(drawn) && value_to_size(vm, drawn, out);
	value_drop(drawn);
	return ok;
}

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool take_letters(struct vm *vm, struct volatile_value *v)
{
	value chars = v->arguments[1];
	struct view view;
	if (is_none(chars))
		return true;
	if (is_str(chars) ? as_str(chars)->len == 0 : !value_to_view(vm, chars, &view) || view.len == 0)
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.ValueError, "RandString has no letters to choose from");
	return true;
}

static value draw_bytes(struct vm *vm, struct volatile_value *v)
{
	size_t size;
	value chars = v->arguments[1];
	struct view letters = { 0 };
	if (!draw_size(vm, v->arguments[0], &size))
		return VALUE_UNSET;
	if (is_none(chars))
		letters = (struct view){ (const uint8_t *)LETTERS, sizeof LETTERS - 1 };
	else if (is_str(chars))
		letters = (struct view){ (const uint8_t *)as_str(chars)->data, as_str(chars)->len };
	else if (!is_unset(chars) && !value_to_view(vm, chars, &letters))
		return VALUE_UNSET;
	struct bytes *b = bytes_new(vm, NULL, size);
	for (size_t i = 0; i < size; i++) {
		uint64_t number = below(vm, letters.bytes ? letters.len : 256);
		b->data[i] = letters.bytes ? letters.bytes[number] : (uint8_t)number;
	}
	return value_object(b);
}

/* ---- others ---- */

static bool take_choice(struct vm *vm, struct volatile_value *v)
{
	return as_tuple(v->arguments[0])->count || vm_raise_ok(vm, vm->errors.TypeError, "RandChoice takes at least one argument");
}

static value draw_choice(struct vm *vm, struct volatile_value *v)
{
	const value *items;
	size_t count;
	value_items(v->arguments[0], &items, &count);
	return value_keep(items[below(vm, count)]);
}

static double clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* base: it is that time now, and goes on; diff: so many seconds ago. */
static bool take_time(struct vm *vm, struct volatile_value *v)
{
	double number;
	value base = v->arguments[0], diff = v->arguments[1];
	if (is_none(base) && is_none(diff))
		return true;
	if (!value_to_double(vm, is_none(diff) ? base : diff, &number))
		return false;
	v->began = is_none(diff) ? clock_now() - number : number;
	return true;
}

static value draw_time(struct vm *vm, struct volatile_value *v)
{
	struct timespec now;
	if (v->began != 0)
		return (value){ .tag = TAG_FLOAT, .f = clock_now() - v->began };
	clock_gettime(CLOCK_REALTIME, &now);
	return decimal_from_int(vm, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, -9);
}

static value draw_whole_time(struct vm *vm, struct volatile_value *v)
{
	return value_int((int64_t)(clock_now() - v->began));
}

/* ---- the classes: one row each ---- */

#define NUMBER(name, low, high) { name, "", "A number of " #low " to " #high ", drawn anew for each packet.", draw_number, take_row, low, high }
static const struct volatile_row rows[] = {
	{ "RandNum", "min, max", "A number of min to max, drawn anew for each packet.", draw_number, take_bounds, 0, 0 },
	NUMBER("RandByte", 0, 255), NUMBER("RandSByte", -128, 127), NUMBER("RandShort", 0, 65535), NUMBER("RandSShort", -32768, 32767),
	NUMBER("RandInt", 0, 4294967295), NUMBER("RandSInt", -2147483648, 2147483647),
	{ "RandLong", "", "A number of 64 bits, drawn anew for each packet.", draw_long, take_row, 0, 0 },
	{ "RandSLong", "", "A signed number of 64 bits, drawn anew for each packet.", draw_long, take_row, INT64_MIN, 0 },
	{ "RandIP", "iptemplate='0.0.0.0/0'", "An IPv4 address of a network.", draw_net, take_net4, 4, 0 },
	{ "RandIP6", "ip6template='**'", "An IPv6 address: of a network, or by groups such as \"2001:db8:*:0-ff:**\".", draw_address6, take_net6, 16, 0 },
	{ "RandMAC", "template='*'", "A MAC address; the template fixes bytes of it: \"00:01:*:20-30\".", draw_mac, take_mac, 0, 0 },
	{ "RandString", "size=None, chars=None", "Letters and digits, or those of chars.", draw_bytes, take_letters, 0, 0 },
	{ "RandBin", "size=None", "Bytes of any value.", draw_bytes, NULL, 0, 0 },
	{ "RandChoice", "*args", "One of its arguments.", draw_choice, take_choice, 0, 0 },
	{ "AutoTime", "base=None, diff=None", "The time of sending, in seconds since 1970.", draw_time, take_time, 0, 0 },
	{ "IntAutoTime", "base=None, diff=None", "The time of sending, in whole seconds since 1970.", draw_whole_time, take_time, 0, 0 },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static value draw_natively(struct vm *vm, struct volatile_value *v)
{
	const struct volatile_row *row = row_of(v->head.head.type);
	if (!row)
		return VALUE_NONE;
	if (row->take && row->take != take_time && row->draw != draw_number && row->draw != draw_long && is_unset(v->arguments[0]))
		return vm_raise(vm, vm->errors.TypeError, "%s: its __init__ was not called", v->head.head.type->name->data);
	return row->draw(vm, v);
}

value volatile_draw(struct vm *vm, value of)
{
	struct volatile_value *v = as_volatile(of);
	if (v->head.head.type->flags & TYPE_NATIVE)
		return draw_natively(vm, v);
	return value_call_method(vm, of, str_intern(vm, "_fix"), 0, NULL);
}

/* ---- making ---- */

static bool take_arguments(struct vm *vm, value self, const struct call *call)
{
	struct volatile_value *v = as_volatile(self);
	struct type *type = v->head.head.type;
	const struct volatile_row *row = row_of(type);
	while (!(type->flags & TYPE_NATIVE))
		type = type->base;
	for (unsigned i = 0; i < ARGUMENTS; i++)
		value_set(&v->arguments[i], VALUE_UNSET);
	value_set(&v->net, VALUE_UNSET);
	return !row || (call_bind(vm, type->signature, call, v->arguments) && (!row->take || row->take(vm, v)));
}

static value volatile_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static void volatile_release(struct object *o)
{
	struct volatile_value *v = (struct volatile_value *)o;
	for (unsigned i = 0; i < ARGUMENTS; i++)
		value_set(&v->arguments[i], VALUE_UNSET);
	value_set(&v->net, VALUE_UNSET);
}

static void volatile_visit(struct object *o, visit_fn visit, void *state)
{
	struct volatile_value *v = (struct volatile_value *)o;
	for (unsigned i = 0; i < ARGUMENTS; i++)
		visit_value(v->arguments[i], visit, state);
	visit_value(v->net, visit, state);
}

static bool volatile_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<%s>", self.o->type->name->data);
	return true;
}

static bool volatile_str(struct vm *vm, value self, struct buf *out)
{
	value drawn = volatile_draw(vm, self);
	bool ok = !is_unset(drawn) && value_str_to(vm, drawn, out);
	value_drop(drawn);
	return ok;
}

static bool volatile_length(struct vm *vm, value self, size_t *out)
{
	value drawn = volatile_draw(vm, self);
	bool ok = !is_unset(drawn) && value_length(vm, drawn, out);
	value_drop(drawn);
	return ok;
}

static bool volatile_truth(struct vm *vm, value self, bool *out)
{
	value drawn = volatile_draw(vm, self);
	bool ok = !is_unset(drawn) && value_truth(vm, drawn, out);
	value_drop(drawn);
	return ok;
}

/* RandShort() + 1 is a number: what is drawn now, and one more, as in Scapy. */
static value volatile_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	(void)reusable;
	value drawn = volatile_draw(vm, reflected ? b : a);
	value done = is_unset(drawn) ? drawn : reflected ? value_binary(vm, op, a, drawn, false) : value_binary(vm, op, drawn, b, false);
	value_drop(drawn);
	return done;
}

static value volatile_unary(struct vm *vm, enum unary op, value self)
{
	value drawn = volatile_draw(vm, self);
	value done = is_unset(drawn) ? drawn : value_unary(vm, op, drawn);
	value_drop(drawn);
	return done;
}

static value volatile_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (a.o == b.o && (op == CMP_EQ || op == CMP_NE))
		return value_bool(op == CMP_EQ);
	value drawn = volatile_draw(vm, a);
	value result = is_unset(drawn) ? drawn : value_compare(vm, op, drawn, b);
	value_drop(drawn);
	return result;
}

static bool volatile_hash(struct vm *vm, value self, uint64_t *out)
{
	*out = (uint64_t)(uintptr_t)self.o >> 4;
	return true;
}

/* ---- methods ---- */

static value method_fix(struct vm *vm, value *a)
{
	return draw_natively(vm, as_volatile(a[0]));
}

static value method_int(struct vm *vm, value *a)
{
	value drawn = volatile_draw(vm, a[0]);
	int64_t number;
	if (is_unset(drawn) || is_int(drawn))
		return drawn;
	bool ok = drawn.tag == TAG_FLOAT && value_to_int64(vm, value_int((int64_t)drawn.f), &number);
	value_drop(drawn);
	return ok ? value_int(number) : vm_raise(vm, vm->errors.TypeError, "%s is no number", a[0].o->type->name->data);
}

static value method_bytes(struct vm *vm, value *a)
{
	value drawn = volatile_draw(vm, a[0]);
	struct view view;
	value made = VALUE_UNSET;
	if (is_str(drawn))
		made = bytes_value(vm, as_str(drawn)->data, as_str(drawn)->len);
	else if (!is_unset(drawn) && value_to_view(vm, drawn, &view))
		made = bytes_value(vm, view.bytes, view.len);
	value_drop(drawn);
	return made;
}

/* What it has not itself is asked of a value drawn: RandChoice("a", "b").upper(). */
static value method_getattr(struct vm *vm, value *a)
{
	if (!is_str(a[1]) || as_str(a[1])->data[0] == '_')
		return vm_raise(vm, vm->errors.AttributeError, "'%s' object has no attribute '%s'", a[0].o->type->name->data, is_str(a[1]) ? as_str(a[1])->data : "?");
	value drawn = volatile_draw(vm, a[0]);
	value got = is_unset(drawn) ? drawn : value_attr(vm, drawn, as_str(a[1]));
	value_drop(drawn);
	return got;
}

/* The next parameter of a signature: its name, and its default as the language writes it. */
static const char *next_parameter(const char *at, size_t *name, size_t *len)
{
	*name = strcspn(at, "=,");
	*len = strcspn(at, ",");
	return at + *len + (at[*len] ? 2 : 0);
}

static bool put_arguments(struct vm *vm, const struct volatile_row *row, const struct volatile_value *v, struct buf *out)
{
	const char *at = row->signature;
	size_t name, len, from = out->len;
	for (unsigned i = 0; *at; i++) {
		const char *next = next_parameter(at, &name, &len);
		struct buf text = { 0 };
		bool ok = is_unset(v->arguments[i]) || value_repr_to(vm, v->arguments[i], &text);
		bool same = name < len && text.len == len - name - 1 && !memcmp(text.data, at + name + 1, text.len);
		if (ok && !same && !is_unset(v->arguments[i]))
			buf_print(out, "%s%.*s=%s", out->len > from ? ", " : "", (int)name, at, buf_str(&text));
		buf_free(&text);
		if (!ok)
			return false;
		at = next;
	}
	return true;
}

static bool put_choices(struct vm *vm, const struct volatile_value *v, struct buf *out)
{
	const value *items;
	size_t count;
	value_items(v->arguments[0], &items, &count);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? ", " : "");
		if (!value_repr_to(vm, items[i], out))
			return false;
	}
	return true;
}

/* The text that makes it again. */
static value method_command(struct vm *vm, value *a)
{
	struct volatile_value *v = as_volatile(a[0]);
	const struct volatile_row *row = row_of(v->head.head.type);
	struct buf out = { 0 };
	buf_print(&out, "%s(", v->head.head.type->name->data);
	bool ok = !row || (row->draw == draw_choice ? put_choices(vm, v, &out) : put_arguments(vm, row, v, &out));
	buf_char(&out, ')');
	if (ok)
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}

static value get_low(struct vm *vm, value self)
{
	return value_int(as_volatile(self)->low);
}

static value get_high(struct vm *vm, value self)
{
	return value_int(as_volatile(self)->high);
}

static bool set_low(struct vm *vm, value self, value to)
{
	return value_to_int64(vm, to, &as_volatile(self)->low);
}

static bool set_high(struct vm *vm, value self, value to)
{
	return value_to_int64(vm, to, &as_volatile(self)->high);
}

static const struct getset number_attrs[] = {
	{ "min", get_low, set_low, "the smallest number it draws" },
	{ "max", get_high, set_high, "the largest number it draws" },
	{ 0 },
};

static const struct native methods[] = {
	{ "_fix", method_fix, "", "A value drawn from it." },
	{ "command", method_command, "", "The text that makes it again." },
	{ "__int__", method_int, "", "A value drawn from it, when it is a number." },
	{ "__index__", method_int, "", "A value drawn from it, when it is a number." },
	{ "__getattr__", method_getattr, "name", "The attribute of a value drawn from it." },
	{ "__bytes__", method_bytes, "", "A value drawn from it, as bytes." },
	{ 0 },
};

void volatile_add(struct vm *vm)
{
	struct world *world = world_of(vm);
	struct type_spec spec = {
		.name = "VolatileValue", .doc = "A value that is drawn anew each time a packet that has it is built.",
		.kind = KIND_VOLATILE, .size = sizeof(struct volatile_value), .flags = TYPE_SUBCLASSABLE | TYPE_CONTAINER, .signature = "",
		.slots = {
			.make = volatile_make, .init = take_arguments, .release = volatile_release, .visit = volatile_visit, .repr = volatile_repr,
			.str = volatile_str, .truth = volatile_truth, .length = volatile_length, .binary = volatile_binary, .unary = volatile_unary,
			.compare = volatile_compare, .hash = volatile_hash,
		},
		.methods = methods,
	};
	world->volatile_ = type_new(vm, &spec, NULL);
	dict_set_text(vm, vm->builtins, spec.name, value_object(object_keep(world->volatile_)));
	spec.methods = NULL;
	struct type *number = NULL;
	for (unsigned r = 0; r < ROWS; r++) {
		spec.name = rows[r].name;
		spec.doc = rows[r].doc;
		spec.signature = rows[r].signature;
		spec.attrs = r == 0 ? number_attrs : NULL;
		bool is_number = rows[r].draw == draw_number || rows[r].draw == draw_long;
		struct type *type = type_new(vm, &spec, is_number && number ? number : world->volatile_);
		type->extra = (void *)(uintptr_t)&rows[r];
		number = r == 0 ? type : number;
		dict_set_text(vm, vm->builtins, rows[r].name, value_object(type));
	}
}
