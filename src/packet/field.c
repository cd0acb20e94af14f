/* Field objects: made by their kind's constructor, asked by the engine through the functions here. */
#include "packet/field.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/asn1.h"
#include "packet/checksum.h"
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
	for (size_t i = 0; i < sizeof words / sizeof *words && what != COMPUTE_COUNT; i++)
		if (!strcmp(as_str(given)->data, words[i].text)) {
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

/* ---- making ---- */

static struct field *blank(struct type *type, const struct field_kind *kind, const char *name)
{
	struct field *f = object_new(type, 0);
	f->kind = kind;
	f->name = str_intern(type->vm, name);
	f->flags = kind->flags;
	f->bits = kind->bits;
	f->fallback = VALUE_NONE;
	f->computed.pseudo_header = -1;
	return f;
}

struct field *field_new(struct vm *vm, const struct field_kind *kind, const char *name)
{
	return blank(world_of(vm)->field, kind, name);
}

/* It stands in the `extra` of the kind's own type. */
const struct field_kind *field_kind_of(const struct type *cls)
{
	while (cls && !cls->spec)
		cls = cls->base;
	return cls && cls->kind == KIND_FIELD ? cls->extra : NULL;
}

static bool take_default(struct vm *vm, struct field *f, value given)
{
	value accepted;
	if (!field_accept(vm, f, given, &accepted))
		return false;
	f->fallback = accepted;
	return true;
}

/* Fields that the routes fill have no default among their arguments. */
static bool has_default(const struct field_kind *kind)
{
	const char *comma = strchr(kind->signature, ',');
	return comma && !strncmp(comma, ", default", 9);
}

struct field *field_with_default(struct vm *vm, struct field *f, value given)
{
	struct container head;
	struct field *twin = blank(f->head.head.type, f->kind, f->name->data);
	head = twin->head;
	*twin = *f;
	twin->head = head;
	twin->original = object_keep(f->original ? f->original : f);
	twin->owner = NULL;
	twin->fallback = VALUE_NONE;
	if (take_default(vm, twin, given))
		return twin;
	object_drop(twin);
	return NULL;
}

static value field_make(struct vm *vm, struct type *cls, const struct call *call)
{
	const struct field_kind *kind = field_kind_of(cls);
	size_t count = signature_count(cls->signature);
	value a[24];
	if (count > 24 || !call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	value made = VALUE_UNSET;
	if (!is_str(a[0]) && !(kind->flags & FIELD_WRAPS)) {
		vm_raise(vm, vm->errors.TypeError, "%s: the name of a field is a text, not %s", kind->name, value_type_name(vm, a[0]));
	} else {
		struct field *f = blank(cls, kind, is_str(a[0]) ? as_str(a[0])->data : "");
		made = value_object(f);
		if (!kind->make(vm, f, a) || (has_default(kind) && !take_default(vm, f, a[1]))) {
			value_drop(made);
			made = VALUE_UNSET;
		}
	}
	call_unbind(cls->signature, a);
	return made;
}

static void field_release(struct object *o)
{
	struct field *f = (struct field *)o;
	if (f->original) {              /* all but the default is the original's */
		value_set(&f->fallback, VALUE_UNSET);
		object_drop(f->original);
		f->original = NULL;
		return;
	}
	if (f->kind->codec->release)
		f->kind->codec->release(f);
	value_set(&f->fallback, VALUE_UNSET);
	names_drop(f->names);
	f->names = NULL;
	value_set(&f->flag_names, VALUE_UNSET);
	value_set(&f->flag_words, VALUE_UNSET);
	struct expr **facts[] = { &f->computed.adjust, &f->computed.sum_length, &f->computed.sum_when };
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		expr_free(*facts[i]);
		*facts[i] = NULL;
	}
	value_set(&f->computed.adjust_call, VALUE_UNSET);
	length_drop(&f->length_from);
	length_drop(&f->count_from);
	length_drop(&f->condition);
	value_set(&f->item_class, VALUE_UNSET);
	value_set(&f->action, VALUE_UNSET);
	object_drop(f->inner);
	f->inner = NULL;
}

static void see(value v, visit_fn visit, void *state)
{
	if (v.tag == TAG_OBJECT)
		visit(v.o, state);
}

static void field_visit(struct object *o, visit_fn visit, void *state)
{
	struct field *f = (struct field *)o;
	if (f->original) {
		see(f->fallback, visit, state);
		visit(&f->original->head.head, state);
		return;
	}
	see(f->fallback, visit, state);
	see(f->flag_names, visit, state);
	see(f->flag_words, visit, state);
	see(f->computed.adjust_call, visit, state);
	see(f->item_class, visit, state);
	see(f->action, visit, state);
	names_visit(f->names, visit, state);
	length_visit(&f->length_from, visit, state);
	length_visit(&f->count_from, visit, state);
	length_visit(&f->condition, visit, state);
	if (f->inner)
		visit(&f->inner->head.head, state);
	if (f->kind->codec->visit)
		f->kind->codec->visit(f, visit, state);
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

/* ---- what the language sees of a field ---- */

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
	const struct field *f = as_field(self);
	if (!is_unset(f->flag_names))
		return value_keep(f->flag_names);
	return f->names ? value_object(object_keep(f->names->by_number)) : vm_raise(vm, vm->errors.AttributeError, "%s has no names", f->kind->name);
}

static value get_words(struct vm *vm, value self)
{
	return is_unset(as_field(self)->flag_words) ? VALUE_NONE : value_keep(as_field(self)->flag_words);
}

static value get_numbers(struct vm *vm, value self)
{
	const struct field *f = as_field(self);
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
	return value_int((as_field(self)->bits + 7) / 8);
}

static value get_bits(struct vm *vm, value self)
{
	return value_int(as_field(self)->bits);
}

static value get_inner(struct vm *vm, value self)
{
	struct field *inner = as_field(self)->inner;
	return value_keep(inner ? value_object(inner) : self);
}

static value get_length_of(struct vm *vm, value self)
{
	struct str *of = as_field(self)->computed.of_name;
	return of ? value_object(object_keep(of)) : VALUE_NONE;
}

static const struct getset field_attrs[] = {
	{ "name", get_name, NULL, "the field's name" },
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
	{ 0 },
};

static struct site site_for(struct vm *vm, value packet)
{
	struct site s = { .vm = vm };
	if (is_packet(packet)) {
		s.stack = as_packet(packet)->stack;
		s.at = as_packet(packet)->at;
	}
	return s;
}

static value field_i2repr(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	struct buf out = {0};
	if (!field_show(&s, as_field(a[0]), a[2], &out)) {
		buf_free(&out);
		return VALUE_UNSET;
	}
	return str_from_buf(vm, &out);
}

static value field_any2i(struct vm *vm, value *a)
{
	value out;
	return field_accept(vm, as_field(a[0]), a[2], &out) ? out : VALUE_UNSET;
}

static value field_addfield(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	struct view so_far;
	value accepted;
	if (!value_to_view(vm, a[2], &so_far) || !field_accept(vm, as_field(a[0]), a[3], &accepted))
		return VALUE_UNSET;
	struct buf out = {0};
	buf_add(&out, so_far.bytes, so_far.len);
	value made = field_encode(&s, as_field(a[0]), accepted, &out) ? bytes_value(vm, out.data, out.len) : VALUE_UNSET;
	buf_free(&out);
	value_drop(accepted);
	return made;
}

static value field_getfield(struct vm *vm, value *a)
{
	struct site s = site_for(vm, a[1]);
	struct view view;
	size_t bits;
	const char *problem = NULL;
	if (!value_to_view(vm, a[2], &view))
		return VALUE_UNSET;
	struct cursor c = cursor_over(view.bytes, view.len);
	if (!field_extent(&s, as_field(a[0]), &c, &bits, &problem))
		return VALUE_UNSET;
	if (bits > view.len * 8)
		return vm_raise(vm, vm->errors.ValueError, "%s needs %zu bits, got %zu bytes", as_field(a[0])->name->data, bits, view.len);
	value v = field_decode(&s, as_field(a[0]), &c, bits);
	if (is_unset(v))
		return v;
	size_t used = (bits + 7) / 8;
	value pair[] = { bytes_value(vm, view.bytes + used, view.len - used), v };
	value made = tuple_of(vm, 2, pair);
	value_drop(pair[0]);
	value_drop(pair[1]);
	return made;
}

static value field_copy(struct vm *vm, value *a)
{
	return value_keep(a[0]);
}

static const struct native field_methods[] = {
	{ "i2repr", field_i2repr, "pkt, x", "the value as show() prints it" },
	{ "any2i", field_any2i, "pkt, x", "what a user may give, as the value kept" },
	{ "addfield", field_addfield, "pkt, s, val", "s and the value's bytes" },
	{ "getfield", field_getfield, "pkt, s", "the rest of the bytes and the value" },
	{ "copy", field_copy, "", "itself" },
	{ 0 },
};

static bool field_repr(struct vm *vm, value self, struct buf *out)
{
	const struct field *f = as_field(self);
	if (f->owner)
		buf_print(out, "<%s (%s).%s>", self.o->type->name->data, layer_class_name(f->owner), f->name->data);
	else
		buf_print(out, "<%s %s>", self.o->type->name->data, f->name->data);
	return true;
}

/* A user's field class may give other arguments a home; what works on bytes is not theirs yet. */
static bool field_subclassed(struct vm *vm, struct type *cls)
{
	static const char *const unsupported[] = {
		"i2h", "h2i", "i2m", "m2i", "any2i", "i2repr", "addfield", "getfield", "i2len", "i2count", "randval", "__init__",
	};
	for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
		if (!is_unset(dict_get_text(vm, cls->attrs, unsupported[i])))
			return vm_raise_ok(vm, vm->errors.NotImplementedError, "field kinds of your own are not done yet: %s.%s would not be called",
			                   cls->name->data, unsupported[i]);
	return true;
}

static const struct type_spec field_spec = {
	.name = "Field", .doc = "One row of a layer's fields_desc.", .kind = KIND_FIELD, .size = sizeof(struct field),
	.flags = TYPE_CONTAINER, .methods = field_methods, .attrs = field_attrs,
	.slots = { .release = field_release, .visit = field_visit, .repr = field_repr },
};

static const struct field_kind *const tables[] = {
#define X(noun) kinds_##noun,
	KIND_TABLES(X)
#undef X
};

static void add_kind(struct vm *vm, const struct field_kind *kind)
{
	const struct type_spec spec = {
		.name = kind->name, .doc = kind->doc, .kind = KIND_FIELD, .size = sizeof(struct field), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE,
		.signature = kind->signature, .slots = { .make = field_make, .subclassed = field_subclassed, .release = field_release, .visit = field_visit },
	};
	struct type *type = type_new(vm, &spec, world_of(vm)->field);
	type->extra = (void *)(uintptr_t)kind;
	dict_set_text(vm, vm->builtins, kind->name, value_object(type));
}

void fields_add(struct vm *vm)
{
	struct world *w = world_of(vm);
	w->field = type_new(vm, &field_spec, NULL);
	dict_set_text(vm, vm->builtins, "Field", value_keep(value_object(w->field)));
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct field_kind *k = tables[t]; k->name; k++)
			add_kind(vm, k);
	vm_add_builtins(vm, wrap_functions);
	asn1_add(vm);
	vm_add_builtins(vm, asn1_functions);
	options_add(vm);
}
