/* Fields about fields: present under a condition, one of several, padded. */
#include "packet/kinds.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- ConditionalField(field, condition): the field itself, with its condition ---- */

static value conditional(struct vm *vm, value *a)
{
	if (!is_field(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "ConditionalField takes a field and its condition, not %s", value_type_name(vm, a[0]));
	struct field *f = as_field(a[0]);
	if (field_has_length(&f->condition))
		return vm_raise(vm, vm->errors.ValueError, "'%s' has a condition already", f->name->data);
	return length_take(vm, &f->condition, a[1], "the condition") ? value_keep(a[0]) : VALUE_UNSET;
}

/* Emph(field): which fields stand out is the printer's to say. */
static value emphasised(struct vm *vm, value *a)
{
	return is_field(a[0]) ? value_keep(a[0]) : vm_raise(vm, vm->errors.TypeError, "Emph takes a field, not %s", value_type_name(vm, a[0]));
}

/* TrailerField(field): behind the payload, at the very end of the layer. */
static value trailing(struct vm *vm, value *a)
{
	if (!is_field(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "TrailerField takes a field, not %s", value_type_name(vm, a[0]));
	as_field(a[0])->flags |= FIELD_TRAILS;
	return value_keep(a[0]);
}

/* ActionField(field, "method", **kargs): the packet's method is told of every value that the field is given. */
static value acting(struct vm *vm, value *a)
{
	if (!is_field(a[0]) || !is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "ActionField takes a field and the name of a method");
	struct field *f = as_field(a[0]);
	value pair[] = { value_object(str_intern(vm, as_str(a[1])->data)), a[2] };
	value_set(&f->action, tuple_of(vm, 2, pair));
	return value_keep(a[0]);
}

bool field_act(struct vm *vm, struct field *f, value packet, value given)
{
	const value *pair = as_tuple(f->action)->items;
	struct dict *named = as_dict(pair[1]);
	struct str *names[16];
	value args[18] = { given, value_object(f) }, key, item;
	uint32_t count = 0;
	for (uint32_t i = 0; count < 16 && dict_next(named, &i, &key, &item); count++) {
		names[count] = as_str(key);
		args[2 + count] = item;
	}
	value method = value_attr(vm, packet, as_str(pair[0])), got = is_unset(method) ? method : value_call(vm, method, &(struct call){ args, 2, count, names });
	value_drop(method);
	value_drop(got);
	return !is_unset(got);
}

const struct native wrap_functions[] = {
	{ .name = "Emph", .fn = emphasised, .signature = "fld", .doc = "A field that stands out when it is shown." },
	{ .name = "TrailerField", .fn = trailing, .signature = "fld", .doc = "A field behind the payload." },
	{ .name = "ActionField", .fn = acting, .signature = "fld, action_method, **kargs", .doc = "A field whose packet is told of every value that it is given." },
	{ .name = "ConditionalField", .fn = conditional, .signature = "fld, cond", .doc = "A field that is there only when a condition holds." },
	{ 0 },
};

/* ---- MultipleTypeField([(field, condition), ...], default) ---- */

struct choice { struct field *field; struct length test; };
struct choices { struct choice *items; size_t count; struct cases cases; };     /* the last one has no test */

const struct length *field_choice(const struct field *f, unsigned k)
{
	const struct choices *c = f->data;
	return f->flags & FIELD_CHOICE && k + 1 < c->count ? &c->items[k].test : NULL;
}

const struct field *field_choice_field(const struct field *f, unsigned k)
{
	return ((const struct choices *)f->data)->items[k].field;
}

void field_adopt(const struct field *f, const struct layer *owner)
{
	const struct choices *c = f->data;
	if (f->plain)
		f->plain->owner = owner;
	for (size_t i = 0; f->flags & FIELD_CHOICE && c && i < c->count; i++)
		if (!c->items[i].field->owner || !owner)
			c->items[i].field->owner = owner;
}

static bool choice_holds(const struct site *s, const struct length *test, bool *out)
{
	int64_t number = 0;
	if (test->expr)
		return expr_holds(s, test->expr, 0, 0, out);
	bool done = field_length(s, test, 0, &number);
	*out = number != 0;
	return done;
}

const struct field *field_active(const struct site *s, const struct field *f)
{
	if (!(f->flags & FIELD_CHOICE))
		return f;
	const struct choices *c = f->data;
	unsigned row;
	if (!cases_find(s, &c->cases, 0, 0, &row))
		return NULL;
	for (bool holds = row < c->cases.alike; row + 1 < c->count; row++) {
		if (!holds && !choice_holds(s, &c->items[row].test, &holds))
			return NULL;
		if (holds)
			return c->items[row].field;
	}
	return c->items[c->count - 1].field;
}

static bool choice_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	size_t bits;
	const struct field *active = field_active(s, f);
	if (!active || !field_extent(s, active, c, &bits, problem))
		return false;
	*bytes = (bits + 7) / 8;
	return true;
}

static value choice_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct field *active = field_active(s, f);
	if (!active)
		return VALUE_UNSET;
	if (active->bits > bytes * 8)
		return bytes_value(s->vm, c->bytes + cursor_at(c), bytes < cursor_left(c) ? bytes : cursor_left(c));
	return field_decode(s, active, c, bytes * 8);
}

static bool choice_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct field *active = field_active(s, f);
	return active && field_encode(s, active, v, out);
}

static value choice_accept(struct vm *vm, const struct field *f, value given)
{
	return value_keep(given);
}

static bool choice_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct field *active = field_active(s, f);
	return active && field_show(s, active, v, out);
}

static void choice_release(struct field *f)
{
	struct choices *c = f->data;
	for (size_t i = 0; c && i < c->count; i++) {
		object_drop(c->items[i].field);
		length_drop(&c->items[i].test);
	}
	if (c) {
		cases_free(&c->cases);
		mem_free(c->items);
	}
	mem_free(c);
	f->data = NULL;
}

static void choice_visit(struct field *f, visit_fn visit, void *state)
{
	struct choices *c = f->data;
	for (size_t i = 0; c && i < c->count; i++) {
		if (c->items[i].field)
			visit(&c->items[i].field->head.head, state);
		length_visit(&c->items[i].test, visit, state);
	}
}

/* Scapy's condition may be a pair, of which the second looks at a value being set: the first decides. */
static bool take_choice(struct vm *vm, struct field *f, value given)
{
	struct choices *c = f->data;
	const value *pair, *tests;
	size_t count, two;
	if (!value_items(given, &pair, &count) || count != 2 || !is_field(pair[0]))
		return vm_raise_ok(vm, vm->errors.TypeError, "MultipleTypeField takes a list of (field, condition) and the field for the rest");
	struct choice *item = &c->items[c->count++];
	item->field = object_keep(as_field(pair[0]));
	value test = value_items(pair[1], &tests, &two) && two ? tests[0] : pair[1];
	if (!length_take(vm, &item->test, test, "a condition"))
		return false;
	cases_add(&c->cases, item->test.expr);
	return true;
}

static bool choice_make(struct vm *vm, struct field *f, const value *a)
{
	const value *rows;
	size_t count;
	if (!value_items(a[0], &rows, &count) || !is_field(a[1]))
		return vm_raise_ok(vm, vm->errors.TypeError, "MultipleTypeField takes a list of (field, condition) and the field for the rest");
	struct choices *c = f->data = mem_zero(sizeof *c);
	c->items = mem_zero((count + 1) * sizeof *c->items);
	for (size_t i = 0; i < count; i++)
		if (!take_choice(vm, f, rows[i]))
			return false;
	struct field *rest = as_field(a[1]);
	c->items[c->count++].field = object_keep(rest);
	f->name = rest->name;
	for (size_t i = 0; i < c->count; i++) {
		struct field *one = c->items[i].field;
		f->flags |= one->flags & (FIELD_LIST | FIELD_PACKETS | FIELD_MUTABLE | FIELD_POINTS);
		if (one->computed.what == COMPUTE_ROUTE)
			f->computed.what = COMPUTE_ROUTE;
	}
	value_set(&f->fallback, value_keep(is_none(rest->fallback) && count ? c->items[0].field->fallback : rest->fallback));
	return facts_take(vm, f, a + 2);
}

/* ---- PadField(field, align, padwith): filled up to a multiple of `align` ---- */

static size_t pad_length(const struct field *f, size_t len)
{
	size_t align = (size_t)f->limit;
	return (align - len % align) % align;
}

static bool pad_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	size_t bits;
	if (!field_extent(s, f->inner, c, &bits, problem))
		return false;
	*bytes = bits / 8;
	if (pad_length(f, *bytes) <= cursor_left(c) - (*bytes < cursor_left(c) ? *bytes : cursor_left(c)))
		*bytes += pad_length(f, *bytes);
	return true;
}

static value pad_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	size_t bits, start = c->bit;
	const char *problem = NULL;
	if (!field_extent(s, f->inner, c, &bits, &problem))
		return VALUE_UNSET;
	value v = field_decode(s, f->inner, c, bits < bytes * 8 ? bits : bytes * 8);
	c->bit = start + bytes * 8;
	return v;
}

/* ReversePadField: zeros before it, so that it begins at a multiple of `align` in its layer. */
static size_t lead_at(const struct site *s, const struct field *f, const struct cursor *c)
{
	const struct part *p = s->stack ? &s->stack->parts[s->at] : NULL;
	size_t start = p && p->dissected && p->frame && p->frame->bytes == c->bytes ? p->start : 0;
	return pad_length(f, cursor_at(c) - start);
}

static bool lead_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	size_t bits, lead = lead_at(s, f, c);
	struct cursor in = *c;
	if (!cursor_skip(&in, lead)) {
		*bytes = lead;
		return true;
	}
	if (!field_extent(s, f->inner, &in, &bits, problem))
		return false;
	*bytes = lead + bits / 8;
	return true;
}

static value lead_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	size_t lead = lead_at(s, f, c);
	if (lead > bytes || !cursor_skip(c, lead))
		return VALUE_NONE;
	return field_decode(s, f->inner, c, (bytes - lead) * 8);
}

static bool lead_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct bytes *with = f->data;
	for (size_t n = pad_length(f, out->len - s->begun), i = 0; i < n; i++)
		buf_char(out, with->len ? (char)with->data[i % with->len] : 0);
	return field_encode(s, f->inner, v, out);
}

static bool pad_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	if (!field_encode(s, f->inner, v, out))
		return false;
	const struct bytes *with = f->data;
	for (size_t n = pad_length(f, out->len - from), i = 0; i < n; i++)
		buf_char(out, with->len ? (char)with->data[i % with->len] : 0);
	return true;
}

static value pad_accept(struct vm *vm, const struct field *f, value given)
{
	value out;
	return field_accept(vm, f->inner, given, &out) ? out : VALUE_UNSET;
}

static bool pad_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return field_show(s, f->inner, v, out);
}

static void pad_release(struct field *f)
{
	object_drop(f->data);
	f->data = NULL;
}

static bool pad_make(struct vm *vm, struct field *f, const value *a)
{
	struct view with = { (const uint8_t *)"", 1 };
	if (!is_field(a[0]) || !value_to_int64(vm, a[1], &f->limit) || (!is_none(a[2]) && !value_to_view(vm, a[2], &with)))
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.TypeError, "PadField takes a field and a multiple");
	if (f->limit < 1 || f->limit > 4096)
		return vm_raise_ok(vm, vm->errors.ValueError, "PadField: align is 1 to 4096, got %lld", (long long)f->limit);
	struct field *inner = as_field(a[0]);
	f->inner = object_keep(inner);
	f->name = inner->name;
	f->data = bytes_new(vm, with.bytes, with.len);
	f->flags |= inner->flags & (FIELD_LIST | FIELD_PACKETS | FIELD_MUTABLE | FIELD_POINTS);
	value_set(&f->fallback, value_keep(inner->fallback));
	return facts_take(vm, f, a + 3);
}

/* ---- MultiEnumField(name, default, enum, depends_on, fmt): whose names depend on another field ---- */

static struct dict *names_now(const struct site *s, const struct field *f)
{
	int64_t which = 0;
	if (!s->stack || !field_length(s, &f->length_from, 0, &which)) {
		vm_clear(s->vm);
		return NULL;
	}
	value table = dict_get(s->vm, f->data, value_int(which));
	return is_kind(table, KIND_DICT) ? as_dict(table) : NULL;
}

static bool multi_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct dict *names = field_shows_names(f) ? names_now(s, f) : NULL;
	value name = names && is_int(v) ? dict_get(s->vm, names, v) : VALUE_UNSET;
	if (is_str(name)) {
		text_safe(out, as_str(name)->data, as_str(name)->len);
		return true;
	}
	return number_show(s, f, v, out);
}

/* A name that stands in any of the tables. */
static value multi_accept(struct vm *vm, const struct field *f, value given)
{
	value which, table, number, name;
	if (!is_str(given))
		return number_accept(vm, f, given);
	for (uint32_t i = 0; dict_next(f->data, &i, &which, &table);)
		for (uint32_t k = 0; is_kind(table, KIND_DICT) && dict_next(as_dict(table), &k, &number, &name);)
			if (is_str(name) && !strcmp(as_str(name)->data, as_str(given)->data))
				return value_keep(number);
	return field_refuse(vm, f, given, "a number or one of its names");
}

static void multi_release(struct field *f)
{
	object_drop(f->data);
	f->data = NULL;
}

static void multi_visit(struct field *f, visit_fn visit, void *state)
{
	if (f->data)
		visit(&((struct dict *)f->data)->head.head, state);
}

static bool multi_make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_kind(a[2], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the names are a dict of dicts", f->name->data);
	f->data = object_keep(as_dict(a[2]));
	return length_take(vm, &f->length_from, a[3], "depends_on") && number_take_format(vm, f, a[4]) && facts_take(vm, f, a + 5);
}

/* BitMultiEnumField(name, default, size, enum, depends_on) */
static bool bit_multi_make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_kind(a[3], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the names are a dict of dicts", f->name->data);
	f->data = object_keep(as_dict(a[3]));
	return number_take_bits(vm, f, a[2]) && length_take(vm, &f->length_from, a[4], "depends_on") && facts_take(vm, f, a + 5);
}

static const struct codec choice_codec = {
	.extent = choice_extent, .decode = choice_decode, .encode = choice_encode, .accept = choice_accept, .show = choice_show,
	.release = choice_release, .visit = choice_visit,
};
static const struct codec pad_codec = {
	.extent = pad_extent, .decode = pad_decode, .encode = pad_encode, .accept = pad_accept, .show = pad_show, .release = pad_release,
};
static const struct codec lead_codec = {
	.extent = lead_extent, .decode = lead_decode, .encode = lead_encode, .accept = pad_accept, .show = pad_show, .release = pad_release,
};
static const struct codec multi_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = multi_accept, .show = multi_show, .release = multi_release, .visit = multi_visit,
};

const struct field_kind kinds_wrap[] = {
	{ "MultipleTypeField", "flds, dflt" FACTS, "one of several fields, decided by conditions", &choice_codec, choice_make, FIELD_CHOICE | FIELD_WRAPS, 0 },
	{ "PadField", "fld, align, padwith=None" FACTS, "a field filled up to a multiple of bytes", &pad_codec, pad_make, FIELD_WRAPS | FIELD_FORMS, 0 },
	{ "ReversePadField", "fld, align, padwith=None" FACTS, "a field with zeros before it, up to a multiple of bytes", &lead_codec, pad_make,
	  FIELD_WRAPS | FIELD_FORMS, 0 },
	{ "BitMultiEnumField", "name, default, size, enum, depends_on" FACTS, "a number of `size` bits whose names depend on another field", &multi_codec,
	  bit_multi_make, FIELD_WORD | FIELD_NUMBER, 0 },
	{ "MultiEnumField", "name, default, enum, depends_on, fmt='H'" FACTS, "a number whose names depend on another field", &multi_codec, multi_make,
	  FIELD_WORD | FIELD_NUMBER, 0 },
	{ 0 },
};
