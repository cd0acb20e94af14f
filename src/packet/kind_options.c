/* Runs of type-length-value options, shown as lists of (name, value): TCP's, DHCP's (doc/protocols.md, "Option lists").
 *
 * What an option holds is told by fields: none, bytes; one, its value; several, a tuple; `repeat`, as many as there is room for.
 * Bytes that do not fit its fields are kept as bytes. In a list shown as assignments (DHCP's notation) values follow the name in
 * one tuple, and options without a value are bare names. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/kinds.h"
#include "packet/packet.h"
#include "packet/world.h"

enum { CODES = 256, BODY_MAX = 255 };

struct option {
	struct container head;
	uint8_t code;
	struct str *name;               /* interned: borrowed from the vm */
	value fields;                   /* a tuple of fields */
	bool repeat, ends, bare;
};

struct options_data {
	struct option *by_code[CODES];
	struct dict *by_name;           /* name -> code */
	bool whole;                     /* the length counts code and length too */
	bool assignments;
	size_t pad;
};

static struct options_data *data_of(const struct field *f)
{
	return f->data;
}

/* ---- Option(code, name, *fields, repeat=False, ends=False, bare=False) ---- */

static value option_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[6];
	int64_t code;
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct option *o = object_new(cls, 0);
	o->fields = value_keep(a[2]);
	bool ok = value_to_int64(vm, a[0], &code) && value_truth(vm, a[3], &o->repeat) && value_truth(vm, a[4], &o->ends) && value_truth(vm, a[5], &o->bare);
	if (ok && (code < 0 || code > 255 || !is_str(a[1])))
		ok = vm_raise_ok(vm, vm->errors.ValueError, "Option takes a code of 0 to 255 and a name");
	for (size_t i = 0; ok && i < as_tuple(a[2])->count; i++) {
		if (!is_field(as_tuple(a[2])->items[i]))
			ok = vm_raise_ok(vm, vm->errors.TypeError, "Option: %s is no field", value_type_name(vm, as_tuple(a[2])->items[i]));
	}
	if (ok) {
		o->code = (uint8_t)code;
		o->name = str_intern(vm, as_str(a[1])->data);
		for (size_t i = 0; i < as_tuple(a[2])->count; i++) {
			struct field *inner = as_field(as_tuple(a[2])->items[i]);
			if (!inner->name->len)
				inner->name = o->name;          /* for messages */
		}
	}
	call_unbind(cls->signature, a);
	if (ok)
		return value_object(o);
	object_drop(o);
	return VALUE_UNSET;
}

static void option_release(struct object *o)
{
	value_set(&((struct option *)o)->fields, VALUE_UNSET);
}

static void option_visit(struct object *o, visit_fn visit, void *state)
{
	if (((struct option *)o)->fields.tag == TAG_OBJECT)
		visit(((struct option *)o)->fields.o, state);
}

static bool option_repr(struct vm *vm, value self, struct buf *out)
{
	const struct option *o = (struct option *)self.o;
	buf_print(out, "Option(%u, '%s')", o->code, o->name->data);
	return true;
}

void options_add(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "Option", .doc = "One option of an OptionsField: its code, its name, what it holds.",
		.size = sizeof(struct option), .flags = TYPE_CONTAINER,
		.signature = "code, name, *fields, repeat=False, ends=False, bare=False",
		.slots = { .make = option_make, .release = option_release, .visit = option_visit, .repr = option_repr },
	};
	dict_set_text(vm, vm->builtins, spec.name, value_object(type_new(vm, &spec, NULL)));
}

static const struct field *field_of(const struct option *o, size_t i)
{
	return as_field(as_tuple(o->fields)->items[i]);
}

static size_t field_count(const struct option *o)
{
	return as_tuple(o->fields)->count;
}

/* ---- reading ---- */

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length = (int64_t)cursor_left(c);
	struct site at = *s;
	at.cursor = c;
	if (field_has_length(&f->length_from) && !field_length(&at, &f->length_from, length, &length))
		return false;
	if (length < 0)
		*problem = "a length below zero";
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

/* The values of an option's body by its fields; NULL: they do not fit it exactly (or a field raised). */
static struct list *body_values(const struct site *s, const struct option *o, const uint8_t *body, size_t len)
{
	struct cursor c = cursor_over(body, len);
	struct list *values = list_new(s->vm, 2);
	size_t count = field_count(o);
	for (size_t i = 0; i < count || (o->repeat && cursor_left(&c)); i++) {
		const struct field *f = field_of(o, i % count);
		const char *problem = NULL;
		size_t bits = 0, before = c.bit;
		struct site at = *s;
		at.cursor = &c;
		bool fits = field_extent(&at, f, &c, &bits, &problem) && !problem && bits <= (c.end << 3) - c.bit;
		value v = fits ? field_decode(&at, f, &c, bits) : VALUE_UNSET;
		if (is_unset(v) || (c.bit == before && o->repeat)) {
			value_drop(v);
			vm_clear(s->vm);
			object_drop(values);
			return NULL;
		}
		list_append(values, v);
	}
	if (cursor_left(&c) == 0)
		return values;
	object_drop(values);
	return NULL;
}

static value pair_of(struct vm *vm, TAKES value name, TAKES value v)
{
	value both[2] = { name, v };
	value pair = tuple_of(vm, 2, both);
	value_drop(name);
	value_drop(v);
	return pair;
}

/* (name, v1, v2, ...) */
static value assignment_of(struct vm *vm, struct str *name, const struct list *values)
{
	struct tuple *t = tuple_new(vm, values->count + 1);
	t->items[0] = value_keep(value_object(name));
	for (size_t i = 0; i < values->count; i++)
		t->items[i + 1] = value_keep(values->items[i]);
	return value_object(t);
}

static value option_value(const struct site *s, const struct field *f, const struct option *o, unsigned code, const uint8_t *body, size_t len)
{
	struct vm *vm = s->vm;
	value name = o ? value_keep(value_object(o->name)) : value_int(code);
	struct list *values = o && field_count(o) ? body_values(s, o, body, len) : NULL;
	if (!values)
		return pair_of(vm, name, bytes_value(vm, body, len));
	value made;
	if (data_of(f)->assignments) {
		made = assignment_of(vm, o->name, values);
		value_drop(name);
	} else if (values->count == 1) {
		made = pair_of(vm, name, value_keep(values->items[0]));
	} else {
		made = pair_of(vm, name, tuple_of(vm, values->count, values->items));
	}
	object_drop(values);
	return made;
}

static value bare_value(struct vm *vm, const struct options_data *d, const struct option *o)
{
	value name = value_keep(value_object(o->name));
	return d->assignments ? name : pair_of(vm, name, VALUE_NONE);
}

/* One option; false: the list ends here. */
static bool read_option(const struct site *s, const struct field *f, struct cursor *c, struct list *items)
{
	const struct options_data *d = data_of(f);
	const uint8_t *start = c->bytes + cursor_at(c);
	size_t left = cursor_left(c);
	unsigned code = (unsigned)cursor_uint(c, 1);
	const struct option *o = d->by_code[code];
	if (o && (o->ends || o->bare)) {
		list_append(items, bare_value(s->vm, d, o));
		return !o->ends;
	}
	size_t length = cursor_left(c) ? (size_t)cursor_uint(c, 1) : 0;
	if (d->whole)
		length = length < 2 ? 0 : length - 2;
	if (d->assignments && (left < 2 || length > cursor_left(c))) {
		list_append(items, bytes_value(s->vm, start, left));            /* what is no option any more is kept as it is */
		return false;
	}
	if (length > cursor_left(c))
		length = cursor_left(c);
	const uint8_t *body = cursor_take(c, length);
	list_append(items, option_value(s, f, o, code, body ? body : start, length));
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	struct cursor in = cursor_over(p ? p : (const uint8_t *)"", p ? bytes : 0);
	struct list *items = list_new(s->vm, 4);
	while (cursor_left(&in) && read_option(s, f, &in, items))
		;
	return value_object(items);
}

/* ---- accepting: each option checked, its values in their canonical form ---- */

struct names_walk { struct dict *names; uint32_t at; };

static const char *next_name(void *state)
{
	struct names_walk *w = state;
	value key, item;
	return dict_next(w->names, &w->at, &key, &item) ? as_str(key)->data : NULL;
}

static bool refuse_name(struct vm *vm, const struct field *f, value name)
{
	struct names_walk walk = { data_of(f)->by_name, 0 };
	struct buf label = { 0 }, text = { 0 };
	const char *near = text_nearest(as_str(name)->data, next_name, &walk);
	text_repr(&text, as_str(name)->data, as_str(name)->len);
	vm_raise(vm, vm->errors.ValueError, "%s has no option %s%s%s%s", field_label(f, &label), buf_str(&text), near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
	buf_free(&label);
	buf_free(&text);
	return false;
}

/* The option a name or a code means; *code is -1 after an error. *o is NULL for a code that has no name. */
static bool find_option(struct vm *vm, const struct field *f, value name, int *code, struct option **o)
{
	const struct options_data *d = data_of(f);
	*o = NULL;
	*code = -1;
	if (is_str(name)) {
		value found = dict_get_str(d->by_name, as_str(name));
		if (is_unset(found))
			return refuse_name(vm, f, name);
		*code = (int)found.i;
	} else if (name.tag == TAG_INT && name.i >= 0 && name.i < CODES) {
		*code = (int)name.i;
	} else {
		field_refuse(vm, f, name, "options by name or by a code of 0 to 255");
		return false;
	}
	*o = d->by_code[*code];
	return true;
}

static bool is_empty(value v)
{
	return is_none(v) || (is_bytes(v) && as_bytes(v)->len == 0) || (is_str(v) && as_str(v)->len == 0) || (is_kind(v, KIND_TUPLE) && as_tuple(v)->count == 0);
}

/* What an option's own field refused is told with the layer's: "TCP.options MSS takes a number, got '1460'". */
static void tell_where(struct vm *vm, const struct field *f, const struct option *o)
{
	value raised = vm_take_pending(vm), words = is_kind(raised, KIND_EXCEPTION) ? as_exception(raised)->args : VALUE_NONE;
	if (is_kind(words, KIND_TUPLE) && as_tuple(words)->count == 1 && is_str(as_tuple(words)->items[0])) {
		const char *said = as_str(as_tuple(words)->items[0])->data;
		struct buf label = { 0 };
		bool named = !strncmp(said, o->name->data, o->name->len);
		struct str *longer = str_printf(vm, "%s %s%s%s", field_label(f, &label), named ? "" : o->name->data, named ? "" : ": ", said);
		value_set(&as_tuple(words)->items[0], value_object(longer));
		buf_free(&label);
	}
	if (!is_unset(raised))
		vm_raise_value(vm, raised);
}

/* Encodes the values of an option behind each other. */
static bool encode_values(const struct site *s, const struct field *f, const struct option *o, const value *values, size_t count, struct buf *out)
{
	size_t fields = field_count(o);
	if (o->repeat ? count % fields != 0 : count != fields) {
		struct buf label = { 0 };
		vm_raise(s->vm, s->vm->errors.ValueError, "%s: option '%s' takes %zu value%s, got %zu", field_label(f, &label), o->name->data, fields,
			fields == 1 ? "" : "s", count);
		buf_free(&label);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct field *inner = field_of(o, i % fields);
		value v = inner->kind->codec->accept ? inner->kind->codec->accept(s->vm, inner, values[i]) : value_keep(values[i]);
		bool ok = !is_unset(v) && field_encode(s, inner, v, out);
		value_drop(v);
		if (!ok) {
			tell_where(s->vm, f, o);
			return false;
		}
	}
	return true;
}

static bool encode_body(const struct site *s, const struct field *f, const struct option *o, const value *values, size_t count, struct buf *out)
{
	struct view view;
	bool one_bytes = count == 1 && (is_bytes(values[0]) || (is_str(values[0]) && (!o || field_count(o) == 0)));
	if (one_bytes && is_str(values[0])) {
		buf_add(out, as_str(values[0])->data, as_str(values[0])->len);
		return true;
	}
	if (one_bytes) {                        /* bytes are the body as it is: what did not fit the fields came so, too */
		if (!value_to_view(s->vm, values[0], &view))
			return false;
		buf_add(out, view.bytes, view.len);
		return true;
	}
	if (!o || field_count(o) == 0) {
		if (count == 0 || (count == 1 && is_empty(values[0])))
			return true;
		field_refuse(s->vm, f, values[0], "bytes as the value of option %s", o ? o->name->data : "without a name");
		return false;
	}
	return encode_values(s, f, o, values, count, out);
}

/* The parts of an item: its name or code, and its values. */
static bool split_item(struct vm *vm, const struct field *f, value item, value *name, const value **values, size_t *count)
{
	const value *parts;
	size_t width;
	*values = NULL;
	*count = 0;
	*name = item;
	if (is_str(item) || item.tag == TAG_INT)
		return true;
	if (!value_items(item, &parts, &width) || width == 0 || (width != 2 && !data_of(f)->assignments)) {
		field_refuse(vm, f, item, data_of(f)->assignments ? "options as (name, value, ...) or names" : "options as (name, value)");
		return false;
	}
	*name = parts[0];
	*values = parts + 1;
	*count = width - 1;
	if (!data_of(f)->assignments && *count == 1 && is_kind(parts[1], KIND_TUPLE)) {
		*values = as_tuple(parts[1])->items;
		*count = as_tuple(parts[1])->count;
	}
	return true;
}

static bool encode_item(const struct site *s, const struct field *f, value item, struct buf *out)
{
	const struct options_data *d = data_of(f);
	struct view view;
	value name;
	const value *values;
	size_t count;
	int code;
	struct option *o;
	if (is_bytes(item)) {                   /* as decode keeps what is no option */
		if (!value_to_view(s->vm, item, &view))
			return false;
		buf_add(out, view.bytes, view.len);
		return true;
	}
	if (!split_item(s->vm, f, item, &name, &values, &count) || !find_option(s->vm, f, name, &code, &o))
		return false;
	buf_char(out, (char)code);
	if (o && (o->ends || o->bare)) {
		if (count == 0 || is_empty(values[0]))
			return true;
		field_refuse(s->vm, f, values[0], "no value for option '%s'", o->name->data);
		return false;
	}
	size_t start = out->len;
	buf_char(out, 0);
	if (!encode_body(s, f, o, values, count, out))
		return false;
	size_t length = out->len - start - 1 + (d->whole ? 2 : 0);
	if (length > BODY_MAX) {
		field_refuse(s->vm, f, item, "options of at most %d bytes", BODY_MAX - (d->whole ? 2 : 0));
		return false;
	}
	out->data[start] = (char)length;
	return true;
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len, count, pad = data_of(f)->pad;
	const value *items;
	if (!value_items(v, &items, &count))
		return is_empty(v) || (field_refuse(s->vm, f, v, "a list of options"), false);
	for (size_t i = 0; i < count; i++) {
		if (!encode_item(s, f, items[i], out))
			return false;
	}
	if (pad && (out->len - from) % pad)
		buf_fill(out, 0, pad - (out->len - from) % pad);
	return true;
}

/* An item as reading it back gives it, so that names, numbers and texts have one form. */
static bool accept_item(struct vm *vm, const struct field *f, value item, struct list *to)
{
	struct site site = { .vm = vm };
	struct buf wire = { 0 };
	bool ok = encode_item(&site, f, item, &wire);
	if (ok && is_bytes(item)) {
		list_append(to, value_keep(item));
	} else if (ok) {
		struct cursor c = cursor_over(wire.data, wire.len);
		read_option(&site, f, &c, to);
	}
	buf_free(&wire);
	return ok;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	const value *items;
	size_t count;
	if (is_empty(given) && !is_kind(given, KIND_TUPLE))
		return value_object(list_new(vm, 0));
	if (!is_kind(given, KIND_LIST) && !(is_kind(given, KIND_TUPLE) && as_tuple(given)->count && is_kind(as_tuple(given)->items[0], KIND_TUPLE)))
		return field_refuse(vm, f, given, "a list of options");
	value_items(given, &items, &count);
	struct list *to = list_new(vm, count);
	for (size_t i = 0; i < count; i++) {
		if (!accept_item(vm, f, items[i], to)) {
			object_drop(to);
			return VALUE_UNSET;
		}
	}
	return value_object(to);
}

/* ---- shown ---- */

static bool show_assignment(const struct site *s, const struct field *f, value item, struct buf *out)
{
	value name;
	const value *values;
	size_t count;
	int code;
	struct option *o = NULL;
	if (is_bytes(item))
		return value_repr_to(s->vm, item, out);
	if (!split_item(s->vm, f, item, &name, &values, &count))
		return false;
	if (is_str(name) && !find_option(s->vm, f, name, &code, &o))
		return false;
	if (!value_str_to(s->vm, name, out))
		return false;
	for (size_t i = 0; i < count; i++) {
		buf_char(out, i ? ',' : '=');
		const struct field *inner = o && field_count(o) ? field_of(o, i % field_count(o)) : NULL;
		bool shown = inner && !(is_bytes(values[i]) && !field_count(o));
		if (!(shown ? field_show(s, inner, values[i], out) : value_repr_to(s->vm, values[i], out)))
			return false;
	}
	return true;
}

bool field_show_option(const struct site *s, const struct field *f, struct str *option, value v, struct buf *out)
{
	int code;
	struct option *o = NULL;
	bool options = f->kind == kinds_options;
	if (options && !find_option(s->vm, f, value_object(option), &code, &o))
		return false;
	return o && field_count(o) == 1 ? field_show(s, field_of(o, 0), v, out) : value_str_to(s->vm, v, out);
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count;
	if (!data_of(f)->assignments || !value_items(v, &items, &count))
		return value_repr_to(s->vm, v, out);
	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(out, ' ');
		if (!show_assignment(s, f, items[i], out))
			return false;
	}
	buf_char(out, ']');
	return true;
}

/* ---- in pieces ---- */

static const char *option_problem(const struct options_data *d, const uint8_t *p, size_t left, struct buf *out)
{
	const struct option *o = d->by_code[p[0]];
	if (o && (o->ends || o->bare))
		return NULL;
	if (left < 2)
		return "its length is missing";
	if (d->whole && p[1] < 2) {
		buf_print(out, "its length says %u: code and length alone are 2", p[1]);
		return buf_str(out);
	}
	size_t need = p[1] + (d->whole ? 0 : 2u);
	if (need <= left)
		return NULL;
	buf_print(out, "cut short: its length says %u, %zu of its %zu bytes are there", p[1], left, need);
	return buf_str(out);
}

/* "MSS" and "1460" of an item. */
static bool put_piece(const struct site *s, const struct field *f, value item, struct buf *label, struct buf *text)
{
	value name;
	const value *values;
	size_t count;
	if (is_bytes(item))
		return value_repr_to(s->vm, item, text);
	if (!split_item(s->vm, f, item, &name, &values, &count))
		return false;
	if (!value_str_to(s->vm, name, label))
		return false;
	if (data_of(f)->assignments) {
		struct buf all = { 0 };
		bool ok = show_assignment(s, f, item, &all);
		size_t skip = label->len + 1;
		if (ok && all.len > skip)
			buf_add(text, all.data + skip, all.len - skip);
		buf_free(&all);
		return ok;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_empty(values[i]))
			continue;
		buf_text(text, i ? ", " : "");
		if (!value_repr_to(s->vm, values[i], text))
			return false;
	}
	return true;
}

static bool pieces(const struct site *s, const struct field *f, struct cursor *c, size_t bytes, piece_fn found, void *state)
{
	size_t base = cursor_at(c), at = 0;
	const uint8_t *p = cursor_take(c, bytes);
	struct cursor in = cursor_over(p ? p : (const uint8_t *)"", p ? bytes : 0);
	bool ok = true, more = true;
	while (ok && more && cursor_left(&in)) {
		struct buf label = { 0 }, text = { 0 }, problem = { 0 };
		struct list *one = list_new(s->vm, 1);
		at = cursor_at(&in);
		more = read_option(s, f, &in, one);
		ok = !vm_pending(s->vm) && one->count == 1 && put_piece(s, f, one->items[0], &label, &text);
		if (ok)
			ok = found(state, &(struct field_piece){ base + at, base + (more || cursor_left(&in) ? cursor_at(&in) : bytes), buf_str(&label), buf_str(&text),
				option_problem(data_of(f), in.bytes + at, in.end - at, &problem) });
		object_drop(one);
		buf_free(&label);
		buf_free(&text);
		buf_free(&problem);
	}
	if (ok && cursor_left(&in))
		ok = found(state, &(struct field_piece){ base + cursor_at(&in), base + bytes, "padding", "", NULL });
	return ok;
}

/* ---- OptionsField(name, default, options, length_from, length_of, pad, shown_as) ---- */

static bool take_option(struct vm *vm, struct field *f, value given)
{
	struct options_data *d = data_of(f);
	value type = dict_get_text(vm, vm->builtins, "Option");
	if (given.tag != TAG_OBJECT || type.tag != TAG_OBJECT || given.o->type != (struct type *)type.o)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: options are Option(...), not %s", f->name->data, value_type_name(vm, given));
	struct option *o = (struct option *)given.o;
	if (d->by_code[o->code])
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: two options with code %u", f->name->data, o->code);
	d->by_code[o->code] = object_keep(o);
	dict_set_str(vm, d->by_name, o->name, value_int(o->code));
	return true;
}

static bool text_is(value v, const char *text)
{
	return is_str(v) && strcmp(as_str(v)->data, text) == 0;
}

static bool options_make(struct vm *vm, struct field *f, const value *a)
{
	const value *items;
	size_t count;
	struct options_data *d = f->data = mem_zero(sizeof *d);
	d->by_name = dict_new(vm);
	d->whole = text_is(a[4], "option");
	d->assignments = text_is(a[6], "assignments");
	if (!d->whole && !text_is(a[4], "value"))
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: length_of is \"option\" or \"value\"", f->name->data);
	if (!value_items(a[2], &items, &count))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: options is a list", f->name->data);
	for (size_t i = 0; i < count; i++) {
		if (!take_option(vm, f, items[i]))
			return false;
	}
	return length_take(vm, &f->length_from, a[3], "length_from") && value_to_size(vm, a[5], &d->pad) && facts_take(vm, f, a + 7);
}

static void release(struct field *f)
{
	struct options_data *d = f->data;
	for (unsigned i = 0; d && i < CODES; i++)
		object_drop(d->by_code[i]);
	if (d)
		object_drop(d->by_name);
	mem_free(d);
	f->data = NULL;
}

static void visit_data(struct field *f, visit_fn visit, void *state)
{
	struct options_data *d = f->data;
	for (unsigned i = 0; d && i < CODES; i++) {
		if (d->by_code[i])
			visit((struct object *)d->by_code[i], state);
	}
	if (d && d->by_name)
		visit((struct object *)d->by_name, state);
}

static const struct codec options_codec = {
	.extent = extent, .said = true, .decode = decode, .encode = encode, .accept = accept, .show = show, .pieces = pieces, .release = release,
	.visit = visit_data,
};

const struct field_kind kinds_options[] = {
	{ "OptionsField", "name, default, options, length_from=None, length_of='option', pad=0, shown_as=None" FACTS,
	  "a list of type-length-value options", &options_codec, options_make, FIELD_LIST | FIELD_MUTABLE | FIELD_FORMS, 0 },
	{ 0 },
};
