/* Field objects: made by their kind's constructor, asked by the engine through the functions here. */
#include "packet/field.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/asn1.h"
#include "packet/checksum.h"
#include "packet/field_own.h"
#include "packet/kinds.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- messages ---- */

const char *field_label(const struct field *f, struct buf *scratch)
{
	buf_clear(scratch);
	if (f->owner)
		buf_print(scratch, "%s.", layer_class_name(f->owner));
	buf_text(scratch, f->name->len ? f->name->data : f->kind->name);
	return buf_str(scratch);
}

static void short_repr(struct vm *vm, value v, struct buf *out)
{
	size_t from = out->len;
	if (!value_repr_to(vm, v, out))
		vm_clear(vm);
	if (out->len - from > 60) {
		out->len = from + 57;
		buf_text(out, "...");
	}
}

value field_refuse(struct vm *vm, const struct field *f, value given, const char *what, ...)
{
	struct buf label = {0}, takes = {0}, got = {0};
	va_list args;
	va_start(args, what);
	buf_vprint(&takes, what, args);
	va_end(args);
	short_repr(vm, given, &got);
	vm_raise(vm, is_int(given) || is_str(given) || is_bytes(given) ? vm->errors.ValueError : vm->errors.TypeError, "%s takes %s, got %s",
	         field_label(f, &label), buf_str(&takes), buf_str(&got));
	buf_free(&label);
	buf_free(&takes);
	buf_free(&got);
	return VALUE_UNSET;
}

/* ---- the facts every kind takes ---- */

bool length_take(struct vm *vm, struct length *l, value given, const char *argument)
{
	if (is_none(given) || is_unset(given))
		return true;
	if (is_str(given))
		return (l->expr = expr_parse(vm, as_str(given))) != NULL;
	if (value_is_callable(vm, given)) {
		l->call = value_keep(given);
		return true;
	}
	return vm_raise_ok(vm, vm->errors.TypeError, "%s takes a text in the fields' names or a function of the packet, not %s", argument,
	                   value_type_name(vm, given));
}

void length_drop(struct length *l)
{
	expr_free(l->expr);
	l->expr = NULL;
	value_set(&l->call, VALUE_UNSET);
}

void length_visit(struct length *l, visit_fn visit, void *state)
{
	if (l->call.tag == TAG_OBJECT)
		visit(l->call.o, state);
}

bool facts_take(struct vm *vm, struct field *f, const value *facts)
{
	return length_take(vm, &f->condition, facts[0], "present");
}

static bool take_extent(struct vm *vm, struct computed *c, value given, enum compute what, const char *argument)
{
	static const struct { const char *text; enum extent_of of; } words[] = {
		{ "layer", OF_LAYER }, { "payload", OF_PAYLOAD }, { "layer+payload", OF_LAYER_AND_PAYLOAD },
	};
	if (is_none(given))
		return true;
	if (!is_str(given))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s takes a text, not %s", argument, value_type_name(vm, given));
	c->what = what;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((what != COMPUTE_COUNT || words[i].of == OF_PAYLOAD) && !strcmp(as_str(given)->data, words[i].text)) {
			c->of = words[i].of;
			return true;
		}
	c->of = OF_FIELD;
	c->of_name = str_intern(vm, as_str(given)->data);
	return true;
}

static bool take_number(struct vm *vm, value given, int64_t *out)
{
	return is_none(given) || value_to_int64(vm, given, out);
}

static bool take_text(struct vm *vm, struct expr **out, value given)
{
	return !is_str(given) || (*out = expr_parse(vm, as_str(given))) != NULL;
}

/* checksum, checksum_skips, checksum_length, checksum_when, pseudo_family */
static bool take_checksum(struct vm *vm, struct computed *c, const value *facts)
{
	int64_t family = 0;
	c->sum = is_str(facts[0]) ? checksum_kind(as_str(facts[0])->data) : checksum_kinds;
	if (!c->sum)
		return vm_raise_ok(vm, vm->errors.ValueError, "no checksum is called '%s'", as_str(facts[0])->data);
	if (is_str(facts[1]))
		c->skips = str_intern(vm, as_str(facts[1])->data);
	if (!take_text(vm, &c->sum_length, facts[2]) || !take_text(vm, &c->sum_when, facts[3]) || !take_number(vm, facts[4], &family))
		return false;
	c->pseudo_family = (unsigned)family;
	return true;
}

/* present, length_of, count_of, adjust, checksum_of, pseudo_header, zero_as; then the checksum's */
bool number_facts_take(struct vm *vm, struct field *f, const value *facts)
{
	struct computed *c = &f->computed;
	int64_t header = -1;
	if (!facts_take(vm, f, facts) || !take_extent(vm, c, facts[1], COMPUTE_LENGTH, "length_of") ||
	    !take_extent(vm, c, facts[2], COMPUTE_COUNT, "count_of") || !take_extent(vm, c, facts[4], COMPUTE_CHECKSUM, "checksum_of") ||
	    !take_number(vm, facts[5], &header) || !take_number(vm, facts[6], &c->zero_as) || !take_checksum(vm, c, facts + 7))
		return false;
	c->pseudo_header = (int)header;
	if (is_str(facts[3]))
		return (c->adjust = expr_parse(vm, as_str(facts[3]))) != NULL;
	if (value_is_callable(vm, facts[3]))
		c->adjust_call = value_keep(facts[3]);
	return true;
}

/* ---- values ---- */

bool is_raw_val(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && v.o->type == world_of(vm)->raw_val;
}

bool field_is_volatile(value v)
{
	return is_kind(v, KIND_VOLATILE);
}

static bool is_range_tuple(value v)
{
	if (!is_kind(v, KIND_TUPLE) || as_tuple(v)->count < 2 || as_tuple(v)->count > 3)
		return false;
	for (size_t i = 0; i < as_tuple(v)->count; i++)
		if (!is_int(as_tuple(v)->items[i]))
			return false;
	return true;
}

bool field_is_set(const struct field *f, value v)
{
	if (v.tag != TAG_OBJECT)
		return false;
	switch (v.o->kind) {
	case KIND_NET: case KIND_RANGE: case KIND_GENERATOR:
		return true;
	case KIND_LIST: case KIND_SET: case KIND_FROZENSET:
		return !(f->flags & FIELD_LIST);
	case KIND_TUPLE:
		return !(f->flags & FIELD_LIST) && (!(f->flags & FIELD_NUMBER) || is_range_tuple(v));
	}
	return false;
}

static bool accept_range(struct vm *vm, const struct field *f, value given, value *out)
{
	size_t count = as_tuple(given)->count < 2 ? as_tuple(given)->count : 2;
	for (size_t i = 0; i < count; i++) {
		value end = f->kind->codec->accept(vm, f, as_tuple(given)->items[i]);
		if (is_unset(end))
			return false;
		value_drop(end);
	}
	*out = value_keep(given);
	return true;
}

static bool accept_items(struct vm *vm, const struct field *f, value given, value *out)
{
	const value *items;
	size_t count;
	if (!value_items(given, &items, &count))
		return false;
	struct list *list = list_new(vm, count);
	for (size_t i = 0; i < count; i++) {
		value item;
		if (!field_accept(vm, f, items[i], &item)) {
			object_drop(list);
			return false;
		}
		list_append(list, item);
	}
	*out = value_object(list);
	return true;
}

/* The ends of a range(): a bad one is refused at the line that says it. */
static bool accept_span(struct vm *vm, const struct field *f, value given, value *out)
{
	struct range *r = (struct range *)given.o;
	value first = r->start;
	if (f->flags & FIELD_NUMBER) {
		value accepted = f->kind->codec->accept(vm, f, first);
		if (is_unset(accepted))
			return false;
		value_drop(accepted);
	}
	*out = value_keep(given);
	return true;
}

bool field_accept(struct vm *vm, const struct field *f, value given, value *out)
{
	const struct codec *codec = f->kind->codec;
	if (f->plain)
		return own_accept(&(struct site){ .vm = vm }, f, given, out);
	if (given.tag == TAG_NONE) {
		*out = given;
		return true;
	}
	if (given.tag == TAG_OBJECT && (is_kind(given, KIND_VOLATILE) || is_kind(given, KIND_GENERATOR) || is_kind(given, KIND_NET) || is_raw_val(vm, given))) {
		*out = value_keep(given);
		return true;
	}
	if (!(f->flags & FIELD_LIST) && given.tag == TAG_OBJECT) {
		if (is_kind(given, KIND_RANGE))
			return accept_span(vm, f, given, out);
		if (is_kind(given, KIND_TUPLE) && f->flags & FIELD_NUMBER && is_range_tuple(given))
			return accept_range(vm, f, given, out);
		if (is_kind(given, KIND_LIST))
			return accept_items(vm, f, given, out);
	}
	*out = codec->accept ? codec->accept(vm, f, given) : value_keep(given);
	return !is_unset(*out);
}

value field_default(const struct field *f)
{
	return value_keep(f->fallback);
}

static value copy_item(struct vm *vm, value v)
{
	if (!is_packet(v))
		return is_asn1(vm, v) ? asn1_copy(vm, v) : value_keep(v);
	struct stack *copy = stack_copy(as_packet(v)->stack, as_packet(v)->at);
	if (!copy)
		return VALUE_UNSET;
	value made = packet_object(copy, 0);
	stack_drop(copy);
	return made;
}

value field_copy_value(struct vm *vm, const struct field *f, value v)
{
	if (is_packet(v))
		return copy_item(vm, v);
	if (is_kind(v, KIND_FLAGS))
		return flag_value_new(vm, ((struct flag_value *)v.o)->field, ((struct flag_value *)v.o)->number);
	if (is_asn1(vm, v))
		return asn1_copy(vm, v);
	if (is_kind(v, KIND_DICT)) {
		struct dict *copy = dict_new(vm);
		dict_update(vm, copy, v);
		return value_object(copy);
	}
	if (!is_kind(v, KIND_LIST))
		return value_keep(v);
	struct list *from = as_list(v), *to = f->flags & FIELD_PACKETS ? object_new(v.o->type, 0) : list_new(vm, from->count);
	for (size_t i = 0; i < from->count; i++) {
		value item = copy_item(vm, from->items[i]);
		if (is_unset(item)) {
			object_drop(to);
			return VALUE_UNSET;
		}
		list_append(to, item);
	}
	return value_object(to);
}

static bool show_list(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct list *list = as_list(v);
	buf_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_text(out, ", ");
		if (!field_show(s, f, list->items[i], out))
			return false;
	}
	buf_char(out, ']');
	return true;
}

bool field_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct codec *codec = f->kind->codec;
	if (f->plain)
		return codec->show(s, f, v, out);
	if (v.tag == TAG_OBJECT && is_kind(v, KIND_LIST) && !(f->flags & FIELD_LIST))
		return show_list(s, f, v, out);
	if (is_kind(v, KIND_VOLATILE) || is_raw_val(s->vm, v) || field_is_set(f, v))
		return value_repr_to(s->vm, v, out);
	if (is_none(v) && f->computed.what == COMPUTE_ROUTE && s->stack && layer_field(s->stack->parts[s->at].layer, f->name) >= 0) {
		value now = part_effective(s->stack, s->at, (unsigned)layer_field(s->stack->parts[s->at].layer, f->name));
		bool done = !is_unset(now) && (is_none(now) ? value_repr_to(s->vm, now, out) : codec->show ? codec->show(s, f, now, out) : value_str_to(s->vm, now, out));
		value_drop(now);
		return done;
	}
	if (!codec->show || (is_none(v) && f->computed.what != COMPUTE_TIME))
		return value_repr_to(s->vm, v, out);
	return codec->show(s, f, v, out);
}

/* ---- asked at a site ---- */

bool field_runs_code(const struct field *f)
{
	return f->flags & (FIELD_PACKETS | FIELD_CHOICE | FIELD_WRAPS) || !f->head.head.type->spec || !is_unset(f->length_from.call) ||
	       !is_unset(f->count_from.call) || !is_unset(f->condition.call) || !is_unset(f->item_class);
}

bool field_has_length(const struct length *l)
{
	return l->expr || !is_unset(l->call);
}

bool field_length(const struct site *s, const struct length *l, int64_t left, int64_t *out)
{
	if (l->expr)
		return expr_run(s, l->expr, 0, left, out);
	value packet = s->stack ? packet_object(s->stack, s->at) : VALUE_NONE;
	value got = value_call_args(s->vm, l->call, 1, &packet);
	value_drop(packet);
	if (is_unset(got))
		return false;
	bool done = true;
	if (got.tag == TAG_INT)
		*out = got.i;
	else if (is_none(got))
		*out = 0;
	else
		done = value_to_int64(s->vm, got, out);
	value_drop(got);
	return done;
}

bool field_present(const struct site *s, const struct field *f, bool *out)
{
	*out = true;
	if (f->condition.expr) {
		int64_t number;
		if (!expr_run(s, f->condition.expr, 0, 0, &number))
			return false;
		*out = number != 0;
	} else if (!is_unset(f->condition.call)) {
		value packet = s->stack ? packet_object(s->stack, s->at) : VALUE_NONE;
		value got = value_call_args(s->vm, f->condition.call, 1, &packet);
		value_drop(packet);
		bool done = !is_unset(got) && value_truth(s->vm, got, out);
		value_drop(got);
		return done;
	}
	return true;
}

bool field_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bits, const char **problem)
{
	size_t bytes = 0, left = cursor_left(c);
	if (f->bits) {
		*bits = f->bits;
		return true;
	}
	if (f->plain)
		return own_extent(s, f, c, bits, problem);
	if (f->flags & FIELD_CHOICE)
		return (f = field_active(s, f)) && field_extent(s, f, c, bits, problem);
	if (!f->kind->codec->extent(s, f, c, &bytes, problem))
		return false;
	if (bytes > left) {
		*problem = "cut short";
		bytes = left;
	}
	*bits = bytes * 8;
	return true;
}

value field_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bits)
{
	if (f->flags & FIELD_WORD && f->bits) {
		uint64_t word = word_read(f, c->bytes, c->end, c->bit);
		c->bit += f->bits;
		return f->kind->codec->of_word(s->vm, f, word);
	}
	return f->kind->codec->decode(s, f, c, bits / 8);
}

bool field_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (is_raw_val(s->vm, v)) {
		struct bytes *raw = ((struct raw_val *)v.o)->bytes;
		buf_add(out, raw->data, raw->len);
		return true;
	}
	if (!(f->flags & FIELD_WORD) || !f->bits)
		return f->kind->codec->encode(s, f, v, out);
	uint64_t word = 0;
	if ((!is_none(v) || f->computed.what == COMPUTE_TIME) && !f->kind->codec->to_word(s->vm, f, v, &word))
		return false;
	size_t bytes = (f->bits + 7) / 8;
	uint8_t *at = (uint8_t *)buf_grow(out, bytes);
	memset(at, 0, bytes);
	word_write(f, at, bytes, 0, word);
	return true;
}
