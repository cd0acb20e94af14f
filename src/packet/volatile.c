#include "packet/volatile.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"
#include "packet/net.h"
#include "packet/packet.h"
#include "packet/world.h"

/* The generator is xoshiro256**'s successor in simplicity, SplitMix64: one addition and a mix a number, a period of 2^64. Packets
 * need variety, not secrecy. Seeded from the kernel when a machine starts. */
static uint64_t random_u64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t random_below(uint64_t *state, uint64_t bound)
{
	if (bound == 0)
		return random_u64(state);
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound, number;
	do
		number = random_u64(state);
	while (number >= limit);
	return number % bound;
}

struct volatile_value {
	struct container head;          /* KIND_VOLATILE */
	value low, high;                /* numbers: bounds; RandString: size and letters; RandChoice: a tuple; RandIP: a Net */
	value inner;                    /* arithmetic: the volatile it began with, or unset */
	enum operator op;               /* and what is done to what is drawn */
	bool reflected;
	value operand;
};

static struct volatile_value *as_volatile(value v)
{
	return (struct volatile_value *)v.o;
}

/* ---- what each class draws ---- */

static value draw_number(struct vm *vm, struct volatile_value *v)
{
	int64_t low, high;
	if (!value_to_int64(vm, v->low, &low) || !value_to_int64(vm, v->high, &high))
		return VALUE_UNSET;
	uint64_t width = (uint64_t)high - (uint64_t)low + 1;
	return value_int((int64_t)((uint64_t)low + random_below(&world_of(vm)->random, width)));
}

static value draw_long(struct vm *vm, struct volatile_value *v)
{
	(void)v;
	return int_from_u64(vm, random_u64(&world_of(vm)->random));
}

static value draw_address(struct vm *vm, struct volatile_value *v)
{
	struct net *net = (struct net *)v->low.o;
	unsigned __int128 count = net_count(net), nth = random_u64(&world_of(vm)->random);
	nth = nth << 64 | random_u64(&world_of(vm)->random);
	return net_address_text(vm, net, count ? nth % count : nth);
}

static value draw_mac(struct vm *vm, struct volatile_value *v)
{
	uint64_t bits = random_u64(&world_of(vm)->random);
	char text[18];
	uint8_t mac[6];
	const char *given = is_str(v->low) ? as_str(v->low)->data : "*";
	for (unsigned i = 0; i < 6; i++, bits >>= 8) {
		unsigned byte;
		int used = 0;
		if (sscanf(given, "%2x%n", &byte, &used) == 1)
			mac[i] = (uint8_t)byte;
		else
			mac[i] = (uint8_t)bits;
		given += used ? (size_t)used : *given == '*';
		given += *given == ':';
	}
	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return str_value(vm, text);
}

static bool draw_size(struct vm *vm, value size, size_t *out)
{
	if (is_none(size)) {
		*out = 1 + (size_t)random_below(&world_of(vm)->random, 64);
		return true;
	}
	value drawn = is_kind(size, KIND_VOLATILE) ? volatile_draw(vm, size) : value_keep(size);
	bool ok = !is_unset(drawn) && value_to_size(vm, drawn, out);
	value_drop(drawn);
	return ok;
}

static value draw_bytes(struct vm *vm, struct volatile_value *v)
{
	size_t size;
	if (!draw_size(vm, v->low, &size))
		return VALUE_UNSET;
	struct view letters = { 0 };
	if (!is_none(v->high) && !value_to_view(vm, v->high, &letters))
		return VALUE_UNSET;
	struct bytes *b = bytes_new(vm, NULL, size);
	for (size_t i = 0; i < size; i++) {
		uint64_t number = random_below(&world_of(vm)->random, letters.bytes ? letters.len : 256);
		b->data[i] = letters.bytes ? letters.bytes[number] : (uint8_t)number;
	}
	return value_object(b);
}

static value draw_choice(struct vm *vm, struct volatile_value *v)
{
	const value *items;
	size_t count;
	value_items(v->low, &items, &count);
	return value_keep(items[random_below(&world_of(vm)->random, count)]);
}

static value draw_time(struct vm *vm, struct volatile_value *v)
{
	(void)v;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return decimal_from_int(vm, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, -9);
}

static value draw_whole_time(struct vm *vm, struct volatile_value *v)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return value_int(now.tv_sec);
}

/* ---- the classes: one row each ---- */

struct volatile_row {
	const char *name, *signature, *doc;
	value (*draw)(struct vm *vm, struct volatile_value *v);
	int64_t low, high;              /* numbers: when not given */
};

#define NUMBER(name, low, high) { name, "", "A number of " #low " to " #high ", drawn anew for each packet.", draw_number, low, high }
static const struct volatile_row rows[] = {
	{ "RandNum", "min, max", "A number of min to max, drawn anew for each packet.", draw_number, 0, 0 },
	NUMBER("RandByte", 0, 255), NUMBER("RandSByte", -128, 127), NUMBER("RandShort", 0, 65535), NUMBER("RandSShort", -32768, 32767),
	NUMBER("RandInt", 0, 4294967295), NUMBER("RandSInt", -2147483648, 2147483647),
	{ "RandLong", "", "A number of 64 bits, drawn anew for each packet.", draw_long, 0, 0 },
	{ "RandIP", "iptemplate=\"0.0.0.0/0\"", "An IPv4 address of a network.", draw_address, 4, 0 },
	{ "RandIP6", "ip6template=\"::/0\"", "An IPv6 address of a network.", draw_address, 16, 0 },
	{ "RandMAC", "template=\"*\"", "A MAC address; the template fixes its first bytes.", draw_mac, 0, 0 },
	{ "RandBin", "size=None, chars=None", "Bytes of any value.", draw_bytes, 0, 0 },
	{ "RandString", "size=None, chars=b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'", "Letters and digits.", draw_bytes, 0, 0 },
	{ "RandChoice", "*args", "One of its arguments.", draw_choice, 0, 0 },
	{ "AutoTime", "", "The time of sending, in seconds since 1970.", draw_time, 0, 0 },
	{ "IntAutoTime", "", "The time of sending, in whole seconds since 1970.", draw_whole_time, 0, 0 },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const struct volatile_row *row_of(const struct type *type)
{
	for (size_t i = 0; i < type->mro_count; i++) {
		for (unsigned r = 0; r < ROWS; r++) {
			if (strcmp(rows[r].name, type->mro[i]->name->data) == 0)
				return &rows[r];
		}
	}
	return NULL;
}

static value apply(struct vm *vm, struct volatile_value *v)
{
	value drawn = volatile_draw(vm, v->inner);
	if (is_unset(drawn))
		return drawn;
	value done = v->reflected ? value_binary(vm, v->op, v->operand, drawn, false) : value_binary(vm, v->op, drawn, v->operand, false);
	value_drop(drawn);
	return done;
}

value volatile_draw(struct vm *vm, value of)
{
	struct volatile_value *v = as_volatile(of);
	if (!is_unset(v->inner))
		return apply(vm, v);
	return row_of(v->head.head.type)->draw(vm, v);
}

static bool volatile_arguments(struct vm *vm, struct volatile_value *v, const struct volatile_row *row, const struct call *call)
{
	struct type *type = v->head.head.type;
	value a[4] = { VALUE_UNSET, VALUE_UNSET, VALUE_UNSET, VALUE_UNSET };
	if (!call_bind(vm, type->signature, call, a))
		return false;
	bool ok = true;
	if (row->draw == draw_number && row->signature[0]) {
		v->low = value_keep(a[0]);
		v->high = value_keep(a[1]);
		bool empty = true;
		value less = value_compare(vm, CMP_GT, a[0], a[1]);
		ok = is_int(a[0]) && is_int(a[1]) && !is_unset(less) && value_truth(vm, less, &empty);
		value_drop(less);
		if (!vm_pending(vm) && (!ok || empty))
			ok = vm_raise_ok(vm, vm->errors.ValueError, "%s takes two whole numbers, the smaller first", row->name);
	} else if (row->draw == draw_number) {
		v->low = value_int(row->low);
		v->high = value_int(row->high);
	} else if (row->draw == draw_address) {
		if (is_kind(a[0], KIND_NET))
			v->low = value_keep(a[0]);
		else if (is_str(a[0]))
			v->low = net_parse(vm, as_str(a[0])->data, as_str(a[0])->len, (unsigned)row->low);
		else
			vm_raise(vm, vm->errors.TypeError, "%s takes a network as text, not %s", row->name, value_type_name(vm, a[0]));
		ok = !vm_pending(vm);
	} else if (row->draw == draw_choice) {
		v->low = value_keep(a[0]);
		if (as_tuple(a[0])->count == 0)
			ok = vm_raise_ok(vm, vm->errors.TypeError, "RandChoice takes at least one argument");
	} else {
		v->low = value_keep(a[0]);
		v->high = value_keep(a[1]);
	}
	call_unbind(type->signature, a);
	return ok;
}

static value volatile_make(struct vm *vm, struct type *cls, const struct call *call)
{
	const struct volatile_row *row = row_of(cls);
	if (!row)
		return vm_raise(vm, vm->errors.TypeError, "cannot make a %s: use one of its classes, RandShort() and kin", cls->name->data);
	struct volatile_value *v = object_new(cls, 0);
	v->low = v->high = VALUE_NONE;
	if (volatile_arguments(vm, v, row, call))
		return value_object(v);
	object_drop(v);
	return VALUE_UNSET;
}

static void volatile_release(struct object *o)
{
	struct volatile_value *v = (struct volatile_value *)o;
	value_drop(v->low);
	value_drop(v->high);
	value_drop(v->inner);
	value_drop(v->operand);
}

static void volatile_visit(struct object *o, visit_fn visit, void *state)
{
	struct volatile_value *v = (struct volatile_value *)o;
	value held[] = { v->low, v->high, v->inner, v->operand };
	for (unsigned i = 0; i < sizeof held / sizeof held[0]; i++) {
		if (held[i].tag == TAG_OBJECT)
			visit(held[i].o, state);
	}
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

/* RandShort() + 1 is volatile too: what is drawn, and then one added. */
static value volatile_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	(void)reusable;
	struct volatile_value *v = object_new((reflected ? b : a).o->type, 0);
	v->low = v->high = VALUE_NONE;
	v->inner = value_keep(reflected ? b : a);
	v->operand = value_keep(reflected ? a : b);
	v->op = op;
	v->reflected = reflected;
	return value_object(v);
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

static value method_fix(struct vm *vm, value *a)
{
	return volatile_draw(vm, a[0]);
}

static value method_int(struct vm *vm, value *a)
{
	value drawn = volatile_draw(vm, a[0]);
	if (is_unset(drawn) || is_int(drawn))
		return drawn;
	value_drop(drawn);
	return vm_raise(vm, vm->errors.TypeError, "%s is no number", a[0].o->type->name->data);
}

static const struct native methods[] = {
	{ "_fix", method_fix, "", "A value drawn from it." },
	{ "__int__", method_int, "", "A value drawn from it, when it is a number." },
	{ "__index__", method_int, "", "A value drawn from it, when it is a number." },
	{ 0 },
};

void volatile_add(struct vm *vm)
{
	struct world *world = world_of(vm);
	if (getrandom(&world->random, sizeof world->random, 0) != sizeof world->random)
		world->random = (uint64_t)time(NULL);
	struct type_spec spec = {
		.name = "VolatileValue", .doc = "A value that is drawn anew each time a packet that has it is built.",
		.kind = KIND_VOLATILE, .size = sizeof(struct volatile_value), .flags = TYPE_SUBCLASSABLE | TYPE_CONTAINER, .signature = "",
		.slots = {
			.make = volatile_make, .release = volatile_release, .visit = volatile_visit, .repr = volatile_repr, .str = volatile_str,
			.binary = volatile_binary, .compare = volatile_compare,
		},
		.methods = methods,
	};
	world->volatile_ = type_new(vm, &spec, NULL);
	dict_set_text(vm, vm->builtins, spec.name, value_object(object_keep(world->volatile_)));
	spec.methods = NULL;
	for (unsigned r = 0; r < ROWS; r++) {
		spec.name = rows[r].name;
		spec.doc = rows[r].doc;
		spec.signature = rows[r].signature;
		dict_set_text(vm, vm->builtins, rows[r].name, value_object(type_new(vm, &spec, world->volatile_)));
	}
}
