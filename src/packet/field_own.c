#include "packet/field_own.h"

#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"
#include "packet/layer.h"
#include "packet/packet.h"
#include "packet/world.h"

static const char *const method_names[] = {
#define X(name) #name,
	OWN_METHODS(X)
#undef X
};

enum {
	WIRE_METHODS = 1 << OWN_getfield | 1 << OWN_addfield | 1 << OWN_i2m | 1 << OWN_m2i,
	WORTH = WIRE_METHODS | 1 << OWN_any2i | 1 << OWN_h2i | 1 << OWN_i2h | 1 << OWN_i2repr | 1 << OWN_i2len | 1 << OWN_i2count,
};

const struct own *own_of(const struct type *cls)
{
	return cls->spec ? NULL : cls->extra;
}

bool own_has(const struct field *f, enum own_method method)
{
	const struct own *own = own_of(f->head.head.type);
	return own && own->methods >> method & 1;
}

value own_call(struct vm *vm, const struct field *f, enum own_method method, size_t count, const value *args)
{
	return value_call_method(vm, value_object((struct field *)(uintptr_t)f), str_intern(vm, method_names[method]), count, args);
}

static value packet_at(const struct site *s)
{
	return s->stack ? packet_object(s->stack, s->at) : VALUE_NONE;
}

/* method(pkt, x) */
static value call_with(const struct site *s, const struct field *f, enum own_method method, value x)
{
	value args[] = { packet_at(s), x }, got = own_call(s->vm, f, method, 2, args);
	value_drop(args[0]);
	return got;
}

/* ---- between values and what is on the wire ---- */

bool own_is_text(const struct field *plain)
{
	return strstr(plain->kind->name, "Str") != NULL;
}

/* A part of bytes stands at the right of its own. */
static bool write_bits(const struct site *s, const struct field *plain, value v, struct buf *out)
{
	uint64_t word = 0;
	struct field whole = *plain;
	if (!is_none(v) && !plain->kind->codec->to_word(s->vm, plain, v, &word))
		return false;
	whole.bits = (plain->bits + 7) / 8 * 8;
	uint8_t *at = (uint8_t *)buf_grow(out, whole.bits / 8);
	memset(at, 0, whole.bits / 8);
	word_write(&whole, at, whole.bits / 8, 0, word);
	return true;
}

static bool write_plain(const struct site *s, const struct field *plain, value v, struct buf *out)
{
	value accepted;
	if (is_bytes(v) && !own_is_text(plain) && !(plain->flags & (FIELD_LIST | FIELD_PACKETS | FIELD_WRAPS | FIELD_CHOICE))) {
		buf_add(out, as_bytes(v)->data, as_bytes(v)->len);
		return true;
	}
	if (!field_accept(s->vm, plain, v, &accepted))
		return false;
	bool bits = plain->flags & FIELD_WORD && plain->bits % 8;
	bool done = bits ? write_bits(s, plain, accepted, out) : field_encode(s, plain, accepted, out);
	value_drop(accepted);
	return done;
}

/* A number stays one; everything else is its bytes. */
value own_machine(const struct site *s, const struct field *plain, value v)
{
	struct buf out = {0};
	if (plain->flags & FIELD_NUMBER && is_none(v))
		return value_int(0);
	if (is_int(v) || v.tag == TAG_FLOAT || is_bytes(v) || (plain->flags & FIELD_LIST && !(plain->flags & FIELD_PACKETS)))
		return value_keep(v);
	if (is_kind(v, KIND_FLAGS))
		return int_from_u64(s->vm, ((struct flag_value *)v.o)->number);
	value made = write_plain(s, plain, v, &out) ? bytes_value(s->vm, out.data ? out.data : "", out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

value own_internal(const struct site *s, const struct field *plain, value machine)
{
	value out;
	if (!is_bytes(machine) || own_is_text(plain))
		return field_accept(s->vm, plain, machine, &out) ? out : VALUE_UNSET;
	struct cursor c = cursor_over(as_bytes(machine)->data, as_bytes(machine)->len);
	return own_read(s, plain, &c);
}

/* ---- reading and writing as Field does ---- */

/* A field that stands alone: no group of bits around it. */
static struct field alone(const struct field *plain)
{
	struct field one = *plain;
	one.flags &= ~(unsigned)FIELD_GROUPED;
	return one;
}

value own_read(const struct site *s, const struct field *f, struct cursor *c)
{
	struct field plain = alone(field_plain(f));
	struct site here = *s;
	const char *problem = NULL;
	size_t bits, start = c->bit, left = c->end * 8 - c->bit;
	here.cursor = c;
	if (!field_extent(&here, &plain, c, &bits, &problem))
		return VALUE_UNSET;
	if (bits > left && plain.flags & FIELD_WORD)
		return vm_raise(s->vm, s->vm->errors.ValueError, "%s needs %zu bits, got %zu", f->name->data, bits, left);
	bits = bits < left ? bits : left;
	value v = field_decode(&here, &plain, c, bits);
	c->bit = start + bits;
	if (is_unset(v) || !own_has(f, OWN_m2i))
		return v;
	value machine = v;
	if (is_str(v) || is_packet(v) || is_kind(v, KIND_LIST))
		machine = bytes_value(s->vm, c->bytes + start / 8, bits / 8);
	else if (is_kind(v, KIND_FLAGS))
		machine = own_machine(s, &plain, v);
	value got = call_with(s, f, OWN_m2i, machine);
	if (machine.tag == TAG_OBJECT && (v.tag != TAG_OBJECT || machine.o != v.o))
		value_drop(machine);
	value_drop(v);
	return got;
}

bool own_write(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct field plain = alone(field_plain(f));
	if (!own_has(f, OWN_i2m))
		return is_raw_val(s->vm, v) ? field_encode(s, &plain, v, out) : write_plain(s, &plain, v, out);
	value machine = call_with(s, f, OWN_i2m, v);
	bool done = !is_unset(machine) && write_plain(s, &plain, machine, out);
	value_drop(machine);
	return done;
}

bool own_print(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!own_has(f, OWN_i2h) || own_is_text(f->plain))
		return field_show(s, field_plain(f), v, out);
	value shown = call_with(s, f, OWN_i2h, v);
	bool done = !is_unset(shown) && value_repr_to(s->vm, shown, out);
	value_drop(shown);
	return done;
}

/* ---- the codec ---- */

/* (rest, value) of getfield, and how far it went. */
static bool call_getfield(const struct site *s, const struct field *f, const struct cursor *c, value *out, size_t *bits)
{
	struct vm *vm = s->vm;
	size_t at = cursor_at(c), open = c->bit % 8;
	value rest = bytes_value(vm, c->bytes + at, c->end - at), given = rest;
	if (open) {
		value pair[] = { rest, value_int((int64_t)open) };
		given = tuple_of(vm, 2, pair);
		value_drop(rest);
	}
	value args[] = { packet_at(s), given }, got = own_call(vm, f, OWN_getfield, 2, args);
	value_drop(args[0]);
	value_drop(given);
	const value *pair, *part;
	size_t count, two;
	int64_t begun = 0;
	struct view left;
	if (is_unset(got))
		return false;
	bool done = value_items(got, &pair, &count) && count == 2;
	if (done && is_kind(pair[0], KIND_TUPLE) && value_items(pair[0], &part, &two) && two == 2)
		done = value_to_view(vm, part[0], &left) && value_to_int64(vm, part[1], &begun);
	else
		done = done && value_to_view(vm, pair[0], &left);
	if (!done && !vm_pending(vm))
		vm_raise(vm, vm->errors.TypeError, "getfield of %s gives the rest of the bytes and a value", f->name->data);
	size_t all = (c->end - at) * 8, behind = done ? left.len * 8 : 0;
	if (done) {
		*bits = (behind <= all ? all - behind : 0) + (size_t)(begun > 0 ? begun : 0);
		*bits = *bits > open ? *bits - open : 0;
		*out = value_keep(pair[1]);
	}
	value_drop(got);
	return done;
}

bool own_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bits, const char **problem)
{
	value unused;
	if (!own_has(f, OWN_getfield))
		return field_extent(s, f->plain, c, bits, problem);
	if (!call_getfield(s, f, c, &unused, bits))
		return false;
	value_drop(unused);
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	value v;
	size_t bits;
	if (!own_has(f, OWN_getfield)) {
		struct cursor in = *c;
		if (!f->bits && cursor_at(c) + bytes < c->end)
			in.end = cursor_at(c) + bytes;
		v = own_read(s, f, &in);
		c->bit = in.bit;
		return v;
	}
	if (!call_getfield(s, f, c, &v, &bits))
		return VALUE_UNSET;
	c->bit += bits;
	return v;
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct view made;
	size_t begun = s->begun <= out->len ? s->begun : 0;
	if (!own_has(f, OWN_addfield))
		return own_write(s, f, v, out);
	value args[] = { packet_at(s), bytes_value(s->vm, out->data ? out->data + begun : "", out->len - begun), v };
	value got = own_call(s->vm, f, OWN_addfield, 3, args);
	value_drop(args[0]);
	value_drop(args[1]);
	bool done = !is_unset(got) && value_to_view(s->vm, got, &made);
	if (done) {
		out->len = begun;
		buf_add(out, made.bytes, made.len);
	}
	value_drop(got);
	return done;
}

bool own_accept(const struct site *s, const struct field *f, value given, value *out)
{
	if (field_is_volatile(given) || is_raw_val(s->vm, given))
		*out = value_keep(given);
	else if (own_has(f, OWN_any2i))
		*out = call_with(s, f, OWN_any2i, given);
	else if (own_has(f, OWN_h2i))
		*out = call_with(s, f, OWN_h2i, given);
	else if (is_int(given) && own_of(f->head.head.type)->methods & WIRE_METHODS)
		*out = value_keep(given);               /* its range is what those methods make of it */
	else
		return field_accept(s->vm, f->plain, given, out);
	return !is_unset(*out);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	value out;
	return own_accept(&(struct site){ .vm = vm }, f, given, &out) ? out : VALUE_UNSET;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!own_has(f, OWN_i2repr))
		return own_print(s, f, v, out);
	value text = call_with(s, f, OWN_i2repr, v);
	bool done = !is_unset(text) && value_str_to(s->vm, text, out);
	value_drop(text);
	return done;
}

value own_shown(const struct site *s, const struct field *f, TAKES value v)
{
	if (is_unset(v) || !own_has(f, OWN_i2h))
		return v;
	value shown = call_with(s, f, OWN_i2h, v);
	value_drop(v);
	return shown;
}

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	size_t bits = 0;
	bool done = own_extent(s, f, c, &bits, problem);
	*bytes = (bits + 7) / 8;
	return done;
}

static const struct codec own_codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = show };

/* ---- making ---- */

static bool overrides(struct type *cls, struct str *name)
{
	value found = type_find(cls, name);
	return !is_unset(found) && !is_kind(found, KIND_NATIVE);
}

bool own_subclassed(struct vm *vm, struct type *cls)
{
	unsigned methods = 0;
	for (unsigned i = 0; i < OWN_COUNT; i++)
		if (overrides(cls, str_intern(vm, method_names[i])))
			methods |= 1u << i;
	cls->extra = NULL;
	cls->extra_free = NULL;
	if (!(methods & WORTH))
		return true;
	struct own *own = mem_zero(sizeof *own);
	own->methods = methods;
	own->kind = (struct field_kind){ .name = cls->name->data, .signature = "", .doc = cls->doc, .codec = &own_codec };
	cls->extra = own;
	cls->extra_free = mem_free;
	return true;
}

static bool class_says(struct vm *vm, const struct field *f, const char *name)
{
	value said = type_find(f->head.head.type, str_intern(vm, name));
	return (said.tag == TAG_INT && said.i) || (said.tag == TAG_BOOL && said.b);
}

bool own_take(struct vm *vm, struct field *f, const struct own *own)
{
	struct field *plain = f->plain;
	value accepted;
	f->kind = &own->kind;
	f->name = plain->name;
	f->flags = plain->flags & ~(unsigned)(FIELD_WORD | FIELD_NUMBER | FIELD_GROUPED | FIELD_WRAPS | FIELD_CHOICE);
	f->flags |= (class_says(vm, f, "islist") ? FIELD_LIST : 0) | (class_says(vm, f, "holds_packets") ? FIELD_PACKETS : 0) | FIELD_FORMS;
	f->bits = own_has(f, OWN_getfield) || own_has(f, OWN_addfield) ? 0 : plain->bits;
	/* what the engine asks of the field, not of its kind */
	f->computed = plain->computed;
	plain->computed = (struct computed){ .pseudo_header = -1 };
	f->condition = plain->condition;
	plain->condition = (struct length){0};
	if (!own_accept(&(struct site){ .vm = vm }, f, plain->fallback, &accepted))
		return false;
	value_set(&f->fallback, accepted);
	return true;
}
