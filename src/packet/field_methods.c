/* What the language sees of a field: its attributes, and the methods that Scapy's users call and override. Each works on what
 * the field's own kind does; where a user's class has overridden one that it is made of (i2m, of addfield), that one is called. */
#include <inttypes.h>
#include <string.h>

#include "packet/field_own.h"
#include "packet/kinds.h"
#include "packet/layer.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- attributes ---- */

static const struct field *seen(value self)
{
	return field_plain(as_field(self));
}

static value get_name(struct vm *vm, value self)
{
	return value_object(object_keep(as_field(self)->name));
}

static value get_default(struct vm *vm, value self)
{
	return value_keep(as_field(self)->fallback);
}

static bool set_default(struct vm *vm, value self, value to)
{
	value accepted;
	if (is_unset(to))
		return vm_raise_ok(vm, vm->errors.AttributeError, "a field's default can't be deleted");
	if (!field_accept(vm, as_field(self), to, &accepted))
		return false;
	value_set(&as_field(self)->fallback, accepted);
	world_of(vm)->image_round++;
	return true;
}

static value get_names(struct vm *vm, value self)
{
	const struct field *f = seen(self);
	if (!is_unset(f->flag_names))
		return value_keep(f->flag_names);
	return f->names ? value_object(object_keep(f->names->by_number)) : vm_raise(vm, vm->errors.AttributeError, "%s has no names", f->kind->name);
}

static value get_words(struct vm *vm, value self)
{
	return is_unset(seen(self)->flag_words) ? VALUE_NONE : value_keep(seen(self)->flag_words);
}

static value get_numbers(struct vm *vm, value self)
{
	const struct field *f = seen(self);
	if (!f->names)
		return vm_raise(vm, vm->errors.AttributeError, "%s has no names", f->kind->name);
	names_nearest(vm, f->names, "");
	struct dict *out = dict_new(vm);
	value key, item;
	for (uint32_t i = 0; dict_next(f->names->by_number, &i, &key, &item);)
		if (!dict_set(vm, out, item, value_keep(key))) {
			object_drop(out);
			return VALUE_UNSET;
		}
	return value_object(out);
}

static value get_size(struct vm *vm, value self)
{
	uint32_t bits = seen(self)->bits;
	const char *kind = seen(self)->kind->name;
	return bits % 8 || strstr(kind, "Bit") || strstr(kind, "Flags") ? value_float(bits / 8.0) : value_int(bits / 8);
}

static value get_bits(struct vm *vm, value self)
{
	return value_int(seen(self)->bits);
}

static value get_inner(struct vm *vm, value self)
{
	struct field *inner = seen(self)->inner;
	return value_keep(inner ? value_object(inner) : self);
}

static value get_of(const struct field *f, enum compute what)
{
	struct str *of = f->computed.of_name;
	return of && f->computed.what == what ? value_object(object_keep(of)) : VALUE_NONE;
}

static value get_length_of(struct vm *vm, value self)
{
	return get_of(as_field(self), COMPUTE_LENGTH);
}

static value get_count_of(struct vm *vm, value self)
{
	return get_of(as_field(self), COMPUTE_COUNT);
}

static value as_it_is(struct vm *vm, value *a)
{
	return value_keep(a[1]);
}

static value get_adjust(struct vm *vm, value self)
{
	static const struct native plain = { .name = "adjust", .fn = as_it_is, .signature = "pkt, x", .doc = "the number as it is" };
	const struct computed *c = &as_field(self)->computed;
	return is_unset(c->adjust_call) ? native_new(vm, &plain, NULL) : value_keep(c->adjust_call);
}

static bool set_name(struct vm *vm, value self, value to)
{
	if (!is_str(to) || as_field(self)->owner)
		return vm_raise_ok(vm, vm->errors.AttributeError, "the name of a field is a text, given before it stands in a class");
	as_field(self)->name = str_intern(vm, as_str(to)->data);
	return true;
}

static bool set_length(struct vm *vm, value self, value to, struct length *l, const char *argument)
{
	length_drop(l);
	l->call = VALUE_UNSET;
	return length_take(vm, l, to, argument);
}

static value get_length(struct vm *vm, const struct length *l)
{
	if (l->expr)
		return str_value(vm, expr_text(l->expr));
	return is_unset(l->call) ? VALUE_NONE : value_keep(l->call);
}

static value get_length_from(struct vm *vm, value self)
{
	return get_length(vm, &seen(self)->length_from);
}

static bool set_length_from(struct vm *vm, value self, value to)
{
	return set_length(vm, self, to, (struct length *)&seen(self)->length_from, "length_from");
}

static value get_count_from(struct vm *vm, value self)
{
	return get_length(vm, &seen(self)->count_from);
}

static bool set_count_from(struct vm *vm, value self, value to)
{
	return set_length(vm, self, to, (struct length *)&seen(self)->count_from, "count_from");
}

static value get_is_list(struct vm *vm, value self)
{
	return value_int((seen(self)->flags & FIELD_LIST) != 0);
}

static value get_holds_packets(struct vm *vm, value self)
{
	return value_int((seen(self)->flags & FIELD_PACKETS) != 0);
}

static value get_is_mutable(struct vm *vm, value self)
{
	return value_bool((seen(self)->flags & FIELD_MUTABLE) != 0);
}

/* struct's letters of it, as far as there are some. */
static value get_format(struct vm *vm, value self)
{
	const struct field *f = seen(self);
	const char *letter = f->bits == 8 ? "B" : f->bits == 16 ? "H" : f->bits == 32 ? "I" : f->bits == 64 ? "Q" : NULL;
	const char *order = f->flags & FIELD_LITTLE ? "<" : "!";
	if (f->flags & FIELD_NUMBER && letter)
		return value_object(str_printf(vm, "%s%c", order, f->flags & FIELD_SIGNED ? letter[0] | 0x20 : letter[0]));
	return f->bits && f->bits % 8 == 0 ? value_object(str_printf(vm, "%s%us", order, (unsigned)f->bits / 8)) : str_value(vm, "!H");
}

static value get_owners(struct vm *vm, value self)
{
	struct list *owners = list_new(vm, 1);
	if (as_field(self)->owner)
		list_append(owners, value_keep(value_object(as_field(self)->owner->type)));
	return value_object(owners);
}

static value get_unnamed(struct vm *vm, value self)
{
	return value_bool(!field_shows_names(seen(self)));
}

static void set_unnamed_of(struct field *f, bool to)
{
	struct field *whole = f->original ? f->original : f;
	whole->flags = to ? whole->flags | FIELD_UNNAMED : whole->flags & ~(unsigned)FIELD_UNNAMED;
	if (whole->inner)
		set_unnamed_of(whole->inner, to);
	unsigned k = 0;
	for (; field_choice(whole, k); k++)
		set_unnamed_of((struct field *)field_choice_field(whole, k), to);
	if (whole->flags & FIELD_CHOICE)         /* the one when none holds */
		set_unnamed_of((struct field *)field_choice_field(whole, k), to);
}

static bool set_unnamed(struct vm *vm, value self, value to)
{
	bool yes = false;
	if (is_unset(to) || !value_truth(vm, to, &yes))
		return !is_unset(to) ? false : vm_raise_ok(vm, vm->errors.AttributeError, "unnamed is True or False");
	set_unnamed_of((struct field *)seen(self), yes);
	return true;
}

const struct getset field_attrs[] = {
	{ "unnamed", get_unnamed, set_unnamed, "is it shown as a number, not by its name? conf.noenum sets it" },
	{ "fmt", get_format, NULL, "struct's letters of its bytes" },
	{ "owners", get_owners, NULL, "the class that it stands in" },
	{ "islist", get_is_list, NULL, "1: its value is a list" },
	{ "ismutable", get_is_mutable, NULL, "can its value change after it was read?" },
	{ "holds_packets", get_holds_packets, NULL, "1: its value is a packet, or packets" },
	{ "length_from", get_length_from, set_length_from, "what says its length" },
	{ "count_from", get_count_from, set_count_from, "what says its count" },
	{ "name", get_name, set_name, "the field's name" },
	{ "default", get_default, set_default, "its value where none is given" },
	{ "names", get_names, NULL, "the names of its numbers or bits" },
	{ "words", get_words, NULL, "what its flags mean, lowest bit first, or None" },
	{ "i2s", get_names, NULL, "number to name" },
	{ "s2i", get_numbers, NULL, "name to number" },
	{ "sz", get_size, NULL, "its bytes, when fixed" },
	{ "size", get_bits, NULL, "its bits, when fixed" },
	{ "fld", get_inner, NULL, "the field that it wraps" },
	{ "field", get_inner, NULL, "the field that it repeats" },
	{ "length_of", get_length_of, NULL, "the field whose length it gives" },
	{ "count_of", get_count_of, NULL, "the field whose items it counts" },
	{ "adjust", get_adjust, NULL, "what is made of that length or count" },
	{ 0 },
};


/* ---- methods ---- */

static struct site site_for(struct vm *vm, value packet)
{
	struct site s = { .vm = vm };
	if (is_packet(packet)) {
		s.stack = as_packet(packet)->stack;
		s.at = as_packet(packet)->at;
	}
	return s;
}

/* Bits before a byte is full go on as Scapy hands them on: (bytes, count of bits, their number), or (bytes, bits read). */
struct run { struct view bytes; int64_t bits, number; };

static bool take_run(struct vm *vm, value given, struct run *r)
{
	*r = (struct run){0};
	if (!is_kind(given, KIND_TUPLE))
		return value_to_view(vm, given, &r->bytes);
	const struct tuple *t = as_tuple(given);
	return (t->count == 2 || t->count == 3 || vm_raise_ok(vm, vm->errors.TypeError, "bytes, or bytes and the bits of a byte that was begun")) &&
	       value_to_view(vm, t->items[0], &r->bytes) && value_to_int64(vm, t->items[1], &r->bits) &&
	       (t->count == 2 || value_to_int64(vm, t->items[2], &r->number)) &&
	       ((r->bits >= 0 && r->bits < 8) || vm_raise_ok(vm, vm->errors.ValueError, "%" PRId64 " bits of a byte", r->bits));
}

static value give_rest(struct vm *vm, const struct run *r, size_t bit)
{
	size_t byte = bit / 8 < r->bytes.len ? bit / 8 : r->bytes.len;
	value rest = bytes_value(vm, r->bytes.bytes + byte, r->bytes.len - byte);
	if (bit % 8 == 0)
		return rest;
	value pair[] = { rest, value_int((int64_t)(bit % 8)) }, made = tuple_of(vm, 2, pair);
	value_drop(rest);
	return made;
}

static value field_getfield(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	struct run r;
	if (!take_run(vm, a[2], &r))
		return VALUE_UNSET;
	struct cursor c = cursor_over(r.bytes.bytes, r.bytes.len);
	c.bit = (size_t)r.bits;
	value v = own_read(&s, as_field(a[0]), &c);
	if (is_unset(v))
		return v;
	value pair[] = { give_rest(vm, &r, c.bit), v }, made = tuple_of(vm, 2, pair);
	value_drop(pair[0]);
	value_drop(v);
	return made;
}

/* Bits of a number behind those of a byte that was begun. */
static value add_bits(struct vm *vm, const struct run *r, const struct field *f, const struct buf *number)
{
	struct buf out = {0};
	uint64_t open = (uint64_t)r->number;
	unsigned count = (unsigned)r->bits;
	buf_add(&out, r->bytes.bytes, r->bytes.len);
	for (size_t i = 0; i < number->len; i++) {
		unsigned bits = i == 0 && f->bits % 8 ? f->bits % 8 : 8;
		open = open << bits | ((uint8_t)number->data[i] & ((1u << bits) - 1));
		for (count += bits; count >= 8; count -= 8)
			buf_char(&out, (char)(open >> (count - 8)));
		open &= (1u << count) - 1;
	}
	value bytes = bytes_value(vm, out.data ? out.data : "", out.len);
	buf_free(&out);
	if (!count)
		return bytes;
	value three[] = { bytes, value_int(count), value_int((int64_t)open) }, made = tuple_of(vm, 3, three);
	value_drop(bytes);
	return made;
}

static value field_addfield(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	const struct field *f = field_plain(as_field(a[0]));
	struct run r;
	struct buf out = {0};
	value made = VALUE_UNSET;
	if (!take_run(vm, a[2], &r))
		return VALUE_UNSET;
	bool bits = r.bits || f->bits % 8;
	if (!bits)
		buf_add(&out, r.bytes.bytes, r.bytes.len);
	if (own_write(&s, as_field(a[0]), a[3], &out))
		made = bits ? add_bits(vm, &r, f, &out) : bytes_value(vm, out.data ? out.data : "", out.len);
	buf_free(&out);
	return made;
}

static value field_i2repr(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	struct buf out = {0};
	if (!own_print(&s, as_field(a[0]), a[2], &out)) {
		buf_free(&out);
		return VALUE_UNSET;
	}
	return str_from_buf(vm, &out);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	value out;
	if (f->plain && is_int(given))
		return value_keep(given);
	return field_accept(vm, field_plain(f), given, &out) ? out : VALUE_UNSET;
}

static value field_any2i(struct vm *vm, value *a)
{
	const struct field *f = as_field(a[0]);
	return own_has(f, OWN_h2i) ? own_call(vm, f, OWN_h2i, 2, a + 1) : accept(vm, f, a[2]);
}

static value field_h2i(struct vm *vm, value *a)
{
	return accept(vm, as_field(a[0]), a[2]);
}

static value field_i2h(struct vm *vm, value *a)
{
	return value_keep(a[2]);
}

static value field_i2m(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	return own_machine(&s, field_plain(as_field(a[0])), a[2]);
}

static value field_m2i(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	return own_internal(&s, field_plain(as_field(a[0])), a[2]);
}

static value field_i2len(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	const struct field *f = field_plain(as_field(a[0]));
	struct buf out = {0};
	struct view view;
	if (own_is_text(f) && !strstr(f->kind->name, "Null") && is_bytes(a[2]) && !own_has(as_field(a[0]), OWN_i2m) && value_to_view(vm, a[2], &view))
		return value_int((int64_t)view.len);
	if (f->bits)
		return get_size(vm, a[0]);
	value made = own_write(&s, as_field(a[0]), a[2], &out) ? value_int((int64_t)out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

static value field_i2count(struct vm *vm, value *a)
{
	const value *items;
	size_t count = 1;
	if (seen(a[0])->flags & FIELD_LIST && !value_items(a[2], &items, &count))
		count = is_none(a[2]) ? 0 : 1;
	return value_int((int64_t)count);
}

static value field_copy(struct vm *vm, value *a)
{
	return value_keep(a[0]);
}

const struct native field_methods[] = {
	{ "i2repr", field_i2repr, "pkt, x", "the value as show() prints it" },
	{ "any2i", field_any2i, "pkt, x", "what a user may give, as the value kept" },
	{ "h2i", field_h2i, "pkt, x", "what a user reads, as the value kept" },
	{ "i2h", field_i2h, "pkt, x", "the value kept, as a user reads it" },
	{ "i2m", field_i2m, "pkt, x", "the value kept, as a number or bytes for the wire" },
	{ "m2i", field_m2i, "pkt, x", "a number or bytes of the wire, as the value kept" },
	{ "i2len", field_i2len, "pkt, x", "how many bytes the value takes" },
	{ "i2count", field_i2count, "pkt, x", "how many items the value has" },
	{ "addfield", field_addfield, "pkt, s, val", "s and the value's bytes" },
	{ "getfield", field_getfield, "pkt, s", "the rest of the bytes and the value" },
	{ "randval", field_randval, "", "a random value that fits" },
	{ "copy", field_copy, "", "itself" },
	{ 0 },
};
