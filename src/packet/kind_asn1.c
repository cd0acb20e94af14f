/* Fields of ASN.1, in the basic encoding rules: leaves with a value, and the groups around them. */
#include <string.h>

#include "base/mem.h"
#include "packet/asn1_field.h"
#include "packet/kinds.h"
#include "packet/world.h"

/* ---- what may stand there ---- */

/* The class of a choice, which may have been given by its name; NULL: it has none (or raised). */
static struct type *choice_class(struct vm *vm, struct asn1_choice *c)
{
	if (is_str(c->cls)) {
		struct type *cls = packet_class_named(vm, as_str(c->cls));
		if (!cls)
			return NULL;
		value_set(&c->cls, value_keep(value_object(cls)));
	}
	return is_layer_class(c->cls) ? (struct type *)c->cls.o : NULL;
}

static const struct asn1_choice *find_choice(struct vm *vm, const struct asn1_data *d, unsigned tag, unsigned depth);

/* A class begins with the tag of its root; one whose root is a choice with any of that. */
static bool class_begins(struct vm *vm, struct type *cls, unsigned tag, unsigned depth)
{
	const struct layer *l = layer_of(cls);
	const struct asn1_data *root = l && l->root ? asn1_data(l->root) : NULL;
	if (!root || depth > 8)
		return false;
	if (root->outer || root->tag)
		return (root->outer ? root->outer : root->tag) == tag;
	return find_choice(vm, root, tag, depth + 1) != NULL;
}

static bool choice_is(struct vm *vm, struct asn1_choice *c, unsigned tag, unsigned depth)
{
	if (c->tag)
		return c->tag == tag;
	struct type *cls = choice_class(vm, c);
	return cls && class_begins(vm, cls, tag, depth);
}

static const struct asn1_choice *find_choice(struct vm *vm, const struct asn1_data *d, unsigned tag, unsigned depth)
{
	for (size_t i = 0; i < d->choice_count && !vm_pending(vm); i++)
		if (choice_is(vm, &d->choices[i], tag, depth))
			return &d->choices[i];
	return NULL;
}

/* The element inside of an explicit tag, which fills it. */
static bool open_outer(const struct asn1_data *d, const uint8_t *bytes, size_t left, struct ber *outer, const uint8_t **inside, struct ber *inner)
{
	if (!ber_read(bytes, left, outer))
		return false;
	*inside = bytes;
	*inner = *outer;
	if (!d->outer)
		return true;
	*inside = bytes + outer->header;
	return (outer->tag == d->outer || d->flexible) && ber_read(*inside, outer->content, inner) && ber_size(inner) == outer->content;
}

static bool is_choice(const struct field *f);
static bool is_encapsulated(const struct field *f);

bool asn1_fits(struct vm *vm, const struct field *f, const uint8_t *bytes, size_t left, size_t *size)
{
	const struct asn1_data *d = asn1_data(f);
	struct ber outer, inner;
	const uint8_t *inside;
	if (!open_outer(d, bytes, left, &outer, &inside, &inner))
		return false;
	*size = ber_size(&outer);
	if (d->tag)
		return inner.tag == d->tag || d->flexible;
	return !is_choice(f) || d->flexible || find_choice(vm, d, inner.tag, 0) != NULL;
}

/* ---- reading ---- */

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	if (asn1_fits(s->vm, f, c->bytes + cursor_at(c), cursor_left(c), bytes))
		return true;
	*bytes = cursor_left(c);
	*problem = "another element than declared";
	return !vm_pending(s->vm);
}

/* Opens a leaf's element and leaves the cursor behind it. false: it is none. */
static bool open_leaf(const struct field *f, struct cursor *c, size_t bytes, const uint8_t **at, size_t *len, struct ber *element)
{
	struct ber outer;
	const uint8_t *start = c->bytes + cursor_at(c);
	*at = start;
	*len = bytes < cursor_left(c) ? bytes : cursor_left(c);
	bool whole = open_outer(asn1_data(f), start, *len, &outer, at, element);
	if (whole)
		*len = ber_size(element);
	else
		*at = start;            /* an explicit tag may be right and what is in it broken: it is kept from its start */
	cursor_skip(c, bytes < cursor_left(c) ? bytes : cursor_left(c));
	return whole;
}

static value as_it_is(struct vm *vm, const uint8_t *at, size_t len)
{
	return asn1_new(vm, asn1_named("force"), bytes_value(vm, at, len));
}

static value leaf_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct asn1_data *d = asn1_data(f);
	const uint8_t *at;
	size_t len;
	struct ber element;
	if (!open_leaf(f, c, bytes, &at, &len, &element))
		return as_it_is(s->vm, at, len);
	if (!d->is || (element.tag != d->tag && d->flexible))
		return asn1_get_any(s->vm, at, len, 0);
	return asn1_get(s->vm, d->is, at + element.header, element.content, 0);
}

/* A packet from the bytes [at, at + len), which lie under the cursor. */
static value read_packet(const struct site *s, struct type *cls, const struct cursor *c, const uint8_t *at, size_t len)
{
	struct stack *item = packet_item_read(s, cls, c, (size_t)(at - c->bytes), (size_t)(at - c->bytes) + len);
	if (!item)
		return VALUE_UNSET;
	value v = packet_object(item, 0);
	stack_drop(item);
	return v;
}

/* The packet behind an implicit tag: read with its own tag in that place. */
static value read_retagged(const struct site *s, struct type *cls, const uint8_t *at, size_t len)
{
	const struct layer *l = layer_of(cls);
	struct buf copy = { 0 };
	buf_add(&copy, at, len);
	if (l->root && asn1_data(l->root)->tag && asn1_data(l->root)->tag < 256 && len)
		copy.data[0] = (char)asn1_data(l->root)->tag;
	struct cursor own = cursor_over(copy.data, copy.len);
	value v = read_packet(s, cls, &own, own.bytes, len);
	buf_free(&copy);
	return v;
}

static value read_choice(const struct site *s, const struct field *f, const struct asn1_choice *choice, const struct cursor *c, const uint8_t *at, size_t len)
{
	const struct asn1_data *d = asn1_data(f);
	struct ber element;
	struct type *cls = choice ? choice_class(s->vm, (struct asn1_choice *)choice) : NULL;
	if (vm_pending(s->vm))
		return VALUE_UNSET;
	if (cls)
		return d->retags ? read_retagged(s, cls, at, len) : read_packet(s, cls, c, at, len);
	if (choice && choice->field) {
		struct cursor own = cursor_over(c->bytes, (size_t)(at - c->bytes) + len);
		own.bit = (size_t)(at - c->bytes) * 8;
		return field_decode(s, choice->field, &own, len * 8);
	}
	if (choice && choice->is && ber_read(at, len, &element))
		return asn1_get(s->vm, choice->is, at + element.header, element.content, 0);
	return asn1_get_any(s->vm, at, len, 0);
}

static value choice_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct asn1_data *d = asn1_data(f);
	const struct cursor whole = *c;
	const uint8_t *at;
	size_t len;
	struct ber element;
	if (!open_leaf(f, c, bytes, &at, &len, &element))
		return as_it_is(s->vm, at, len);
	if (is_encapsulated(f))
		return read_choice(s, f, d->choices, &whole, at + element.header, element.content);
	return read_choice(s, f, d->tag ? d->choices : find_choice(s->vm, d, element.tag, 0), &whole, at, len);
}

static value list_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const struct asn1_data *d = asn1_data(f);
	const struct cursor whole = *c;
	const uint8_t *at;
	size_t len;
	struct ber element, inner;
	if (!open_leaf(f, c, bytes, &at, &len, &element))
		return as_it_is(s->vm, at, len);
	struct list *items = f->flags & FIELD_PACKETS ? object_new(world_of(s->vm)->packet_items, 0) : list_new(s->vm, 4);
	at += element.header;
	for (size_t left = element.content, size; left; left -= size, at += size) {
		size = ber_read(at, left, &inner) ? ber_size(&inner) : left;
		value item = read_choice(s, f, d->choices, &whole, at, size);
		if (is_unset(item)) {
			object_drop(items);
			return item;
		}
		list_append(items, item);
	}
	return value_object(items);
}

/* ---- writing ---- */

static bool put_packet(const struct site *s, value v, struct buf *out)
{
	return (s->values_only ? stack_encode_values : stack_encode)(as_packet(v)->stack, as_packet(v)->at, out);
}

static bool leaf_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct asn1_data *d = asn1_data(f);
	size_t from = out->len;
	bool ready = is_asn1(s->vm, v);
	const struct asn1_type *is = ready ? as_asn1(v)->is : d->is ? d->is : asn1_for(v);
	if (is_none(v))
		return true;
	if (is_packet(v))
		return put_packet(s, v, out);
	if (!is)
		return asn1_put_any(s->vm, v, out, 0);
	if (!asn1_put(s->vm, is, ready ? as_asn1(v)->val : v, out, 0))
		return false;
	if (is->form == ASN1_AS_IT_IS)
		return true;
	ber_wrap(out, from, d->tag && is == d->is ? d->tag : is->tag, NULL);
	if (d->outer)
		ber_wrap(out, from, d->outer, NULL);
	return true;
}

/* The field of the choice that takes such a packet, or a plain value of such a type, with a tag of its own. */
static const struct field *field_for(struct vm *vm, const struct asn1_data *d, value v)
{
	const struct asn1_type *is = is_asn1(vm, v) ? as_asn1(v)->is : is_packet(v) ? NULL : asn1_for(v);
	for (size_t i = 0; i < d->choice_count; i++) {
		struct field *one = d->choices[i].field;
		if (!one)
			continue;
		if (is_packet(v) && asn1_data(one)->choice_count && choice_class(vm, asn1_data(one)->choices) == packet_part(as_packet(v))->layer->type)
			return one;
		if (is && asn1_data(one)->is == is)
			return one;
	}
	return NULL;
}

static bool choice_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct asn1_data *d = asn1_data(f);
	const struct field *one = field_for(s->vm, d, v);
	size_t from = out->len;
	if (is_none(v) || vm_pending(s->vm))
		return !vm_pending(s->vm);
	if (!(one ? field_encode(s, one, v, out) : is_packet(v) ? put_packet(s, v, out) : asn1_put_any(s->vm, v, out, 0)))
		return false;
	if (is_encapsulated(f) && is_packet(v))
		ber_wrap(out, from, d->tag, NULL);
	else if (d->retags && is_packet(v) && out->len > from && d->tag < 256)
		out->data[from] = (char)d->tag;
	if (d->outer)
		ber_wrap(out, from, d->outer, NULL);
	return true;
}

static bool list_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct asn1_data *d = asn1_data(f);
	const struct asn1_type *of = d->choices->is;
	const value *items;
	size_t count, from = out->len;
	if (is_asn1(s->vm, v))
		return asn1_put_any(s->vm, v, out, 0);
	if (!value_items(v, &items, &count))
		return is_none(v);
	for (size_t i = 0; i < count; i++) {
		size_t at = out->len;
		bool plain = of && !is_asn1(s->vm, items[i]) && !is_packet(items[i]);
		if (!(is_packet(items[i]) ? put_packet(s, items[i], out) : plain ? asn1_put(s->vm, of, items[i], out, 0) : asn1_put_any(s->vm, items[i], out, 0)))
			return false;
		if (plain)
			ber_wrap(out, at, of->tag, NULL);
	}
	ber_wrap(out, from, d->tag, NULL);
	if (d->outer)
		ber_wrap(out, from, d->outer, NULL);
	return true;
}

/* ---- given and shown ---- */

static value named_number(struct vm *vm, const struct field *f, value given)
{
	int64_t number;
	if (names_number(vm, f->names, as_str(given), &number))
		return value_int(number);
	const char *near = names_nearest(vm, f->names, as_str(given)->data);
	return field_refuse(vm, f, given, near ? "a number or one of its names (did you mean '%s'?)" : "a number or one of its names", near);
}

static value accept_plain(struct vm *vm, const struct field *f, const struct asn1_type *is, value given)
{
	const char *takes = "an ASN.1 value, a number, bytes or text";
	if (f->names && is_str(given))
		return named_number(vm, f, given);
	value v = is ? asn1_accept(vm, is, given, &takes) : VALUE_UNSET;
	return is_unset(v) && !vm_pending(vm) ? field_refuse(vm, f, given, "%s", takes) : v;
}

static value leaf_accept(struct vm *vm, const struct field *f, value given)
{
	struct asn1_data *d = asn1_data(f);
	if (is_asn1(vm, given)) {
		if (d->is && as_asn1(given)->is != d->is && as_asn1(given)->is->form != ASN1_AS_IT_IS)
			return field_refuse(vm, f, given, "an ASN1_%s", d->is->name);
		d->wrapped = true;
		return value_keep(given);
	}
	if (is_packet(given) && !d->is)
		return value_keep(given);
	const struct asn1_type *is = d->is ? d->is : asn1_for(given);
	value v = accept_plain(vm, f, is, given);
	if (is_unset(v) || d->wrapped)
		return v;
	d->wrapped = true;
	return asn1_new(vm, is, v);
}

static value choice_accept(struct vm *vm, const struct field *f, value given)
{
	if (is_packet(given) || is_asn1(vm, given) || asn1_for(given))
		return value_keep(given);
	return field_refuse(vm, f, given, "a packet or an ASN.1 value");
}

static value list_accept(struct vm *vm, const struct field *f, value given)
{
	const struct asn1_type *of = asn1_data(f)->choices->is;
	const value *from;
	size_t count = 1;
	if (is_asn1(vm, given))
		return value_keep(given);
	if (!value_items(given, &from, &count))
		from = &given;
	struct list *items = f->flags & FIELD_PACKETS ? object_new(world_of(vm)->packet_items, 0) : list_new(vm, count);
	for (size_t i = 0; i < count; i++) {
		value item = is_packet(from[i]) || is_asn1(vm, from[i]) ? value_keep(from[i]) : accept_plain(vm, f, of ? of : asn1_for(from[i]), from[i]);
		if (is_unset(item)) {
			object_drop(items);
			return item;
		}
		list_append(items, item);
	}
	return value_object(items);
}

/* 'v2c' 0x1 <ASN1_INTEGER[1]> */
static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	int64_t number;
	struct str *name = NULL;
	if (field_names(f) && is_asn1(s->vm, v) && as_asn1(v)->val.tag == TAG_INT) {
		number = as_asn1(v)->val.i;
		name = names_text(s->vm, f->names, number);
	}
	if (name)
		buf_print(out, "'%s' ", name->data);
	return value_repr_to(s->vm, v, out);
}

/* ---- making ---- */

static bool take_tag(struct vm *vm, const struct field *f, value given, unsigned *tag)
{
	int64_t number;
	if (is_none(given) || is_unset(given))
		return true;
	if (!value_to_int64(vm, given, &number))
		return false;
	if (number < 0 || number > 0x7fffffff)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a tag of %lld", f->name->len ? f->name->data : f->kind->name, (long long)number);
	*tag = number ? (unsigned)number : 0x80;
	return true;
}

/* context, implicit_tag, explicit_tag, flexible_tag */
static bool take_tags(struct vm *vm, struct field *f, const value *a)
{
	struct asn1_data *d = asn1_data(f);
	value own = type_find(f->head.head.type, str_intern(vm, "ASN1_tag"));
	unsigned implicit = 0;
	if (!is_none(a[1]) && !is_none(a[2]))
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a tag is implicit or explicit", f->kind->name);
	if (!take_tag(vm, f, own, &d->tag) || !take_tag(vm, f, a[1], &implicit) || !take_tag(vm, f, a[2], &d->outer))
		return false;
	d->retags = implicit && d->choice_count;
	if (implicit)
		d->tag = implicit;
	return is_none(a[3]) || value_truth(vm, a[3], &d->flexible);
}

static struct asn1_data *new_data(struct field *f, const struct asn1_type *is)
{
	struct asn1_data *d = f->data = mem_zero(sizeof *d);
	d->is = is;
	d->tag = is ? is->tag : 0;
	d->leaves = 1;
	return d;
}

/* The type is in the kind's name: ASN1F_INTEGER. */
static const struct asn1_type *type_of_kind(const struct field_kind *kind)
{
	if (!strcmp(kind->name, "ASN1F_enum_INTEGER"))
		return asn1_named("INTEGER");
	return asn1_named(kind->name + strlen("ASN1F_"));
}

static bool leaf_make(struct vm *vm, struct field *f, const value *a)
{
	new_data(f, type_of_kind(f->kind))->wrapped = is_none(a[1]);
	return take_tags(vm, f, a + 2);
}

static bool enum_make(struct vm *vm, struct field *f, const value *a)
{
	new_data(f, type_of_kind(f->kind))->wrapped = is_none(a[1]);
	return (f->names = names_from(vm, a[2])) && take_tags(vm, f, a + 3);
}

/* ASN1F_BIT_STRING(name, default, default_readable): a readable default is given as the bytes of its bits. */
static bool bits_make(struct vm *vm, struct field *f, const value *a)
{
	new_data(f, type_of_kind(f->kind))->wrapped = is_none(a[1]);
	return take_tags(vm, f, a + 3);
}

static bool refuse_choice(struct vm *vm, const struct field *f, value given)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "%s: an ASN1_Packet class, an ASN1F field or its class is expected, not %s", f->name->data,
	                   value_type_name(vm, given));
}

static bool add_choice(struct vm *vm, struct field *f, value given)
{
	struct asn1_data *d = asn1_data(f);
	struct asn1_choice one = { .cls = VALUE_UNSET };
	const struct field_kind *kind = is_kind(given, KIND_TYPE) ? field_kind_of((struct type *)given.o) : NULL;
	if (is_layer_class(given) || is_str(given)) {
		one.cls = value_keep(given);
	} else if (is_field(given) && asn1_is_field(as_field(given))) {
		const struct asn1_data *inner = asn1_data(as_field(given));
		one.field = object_keep(as_field(given));
		one.tag = inner->outer ? inner->outer : inner->tag;
	} else if (kind && !strncmp(kind->name, "ASN1F_", 6) && (one.is = type_of_kind(kind))) {
		one.tag = one.is->tag;
	} else {
		return refuse_choice(vm, f, given);
	}
	d->choices = mem_resize(d->choices, (d->choice_count + 1) * sizeof *d->choices);
	d->choices[d->choice_count++] = one;
	return true;
}

/* ASN1F_CHOICE(name, default, *args, **kwargs) */
static bool choice_make(struct vm *vm, struct field *f, const value *a)
{
	const value *items;
	size_t count;
	new_data(f, NULL)->wrapped = true;
	value_items(a[2], &items, &count);
	for (size_t i = 0; i < count; i++)
		if (!add_choice(vm, f, items[i]))
			return false;
	value tags[] = { VALUE_NONE, VALUE_NONE, a[4], a[5] };
	return take_tags(vm, f, tags);
}

/* ASN1F_PACKET(name, default, cls, context, implicit_tag, explicit_tag, next_cls_cb) */
static bool packet_make(struct vm *vm, struct field *f, const value *a)
{
	value tags[] = { VALUE_NONE, a[4], a[5], VALUE_NONE };
	new_data(f, NULL)->wrapped = true;
	return add_choice(vm, f, a[2]) && take_tags(vm, f, tags);
}

/* ASN1F_STRING_ENCAPS(name, default, cls, context, implicit_tag, explicit_tag): a packet inside of a string */
static bool encaps_make(struct vm *vm, struct field *f, const value *a)
{
	value tags[] = { VALUE_NONE, a[4], a[5], VALUE_NONE };
	new_data(f, NULL)->tag = asn1_named("STRING")->tag;
	if (!add_choice(vm, f, a[2]) || !take_tags(vm, f, tags))
		return false;
	asn1_data(f)->retags = false;
	return true;
}

/* ASN1F_SEQUENCE_OF(name, default, cls, context, implicit_tag, explicit_tag) */
static bool list_make(struct vm *vm, struct field *f, const value *a)
{
	value tags[] = { VALUE_NONE, a[4], a[5], VALUE_NONE };
	new_data(f, NULL)->tag = strstr(f->kind->name, "SET") ? asn1_named("SET")->tag : asn1_named("SEQUENCE")->tag;
	if (!add_choice(vm, f, a[2]) || !take_tags(vm, f, tags))
		return false;
	asn1_data(f)->retags = false;
	if (!asn1_data(f)->choices->is)
		f->flags |= FIELD_PACKETS;
	return true;
}

/* ASN1F_SEQUENCE(*seq, context, implicit_tag, explicit_tag, flexible_tag) */
static bool group_make(struct vm *vm, struct field *f, const value *a)
{
	const value *items;
	size_t count;
	struct asn1_data *d = new_data(f, NULL);
	d->group = true;
	d->groups = 1;
	d->leaves = 0;
	d->tag = type_of_kind(f->kind)->tag;
	value_items(a[0], &items, &count);
	d->children = mem_zero((count + 1) * sizeof *d->children);
	for (size_t i = 0; i < count; i++) {
		if (!is_field(items[i]) || !asn1_is_field(as_field(items[i])))
			return vm_raise_ok(vm, vm->errors.TypeError, "%s takes ASN1F fields, not %s", f->kind->name, value_type_name(vm, items[i]));
		d->children[d->child_count++] = object_keep(as_field(items[i]));
		d->leaves += asn1_data(as_field(items[i]))->leaves;
		d->groups += asn1_data(as_field(items[i]))->groups;
	}
	return take_tags(vm, f, a + 1);
}

static void release(struct field *f)
{
	struct asn1_data *d = f->data;
	for (size_t i = 0; d && i < d->child_count; i++)
		object_drop(d->children[i]);
	for (size_t i = 0; d && i < d->choice_count; i++) {
		value_drop(d->choices[i].cls);
		object_drop(d->choices[i].field);
	}
	if (d) {
		mem_free(d->children);
		mem_free(d->choices);
	}
	mem_free(d);
	f->data = NULL;
}

static void visit(struct field *f, visit_fn see, void *state)
{
	struct asn1_data *d = f->data;
	for (size_t i = 0; d && i < d->child_count; i++)
		see(&d->children[i]->head.head, state);
	for (size_t i = 0; d && i < d->choice_count; i++) {
		visit_value(d->choices[i].cls, see, state);
		if (d->choices[i].field)
			see(&d->choices[i].field->head.head, state);
	}
}

#define OWN .extent = extent, .show = show, .release = release, .visit = visit
static const struct codec leaf_codec = { .decode = leaf_decode, .encode = leaf_encode, .accept = leaf_accept, OWN };
static const struct codec choice_codec = { .decode = choice_decode, .encode = choice_encode, .accept = choice_accept, OWN };
static const struct codec encaps_codec = { .decode = choice_decode, .encode = choice_encode, .accept = choice_accept, OWN };
static const struct codec list_codec = { .decode = list_decode, .encode = list_encode, .accept = list_accept, OWN };
static const struct codec group_codec = { .decode = leaf_decode, .encode = leaf_encode, .accept = choice_accept, OWN };

static bool is_choice(const struct field *f)
{
	return f->kind->codec == &choice_codec;
}

static bool is_encapsulated(const struct field *f)
{
	return f->kind->codec == &encaps_codec;
}

bool asn1_is_field(const struct field *f)
{
	return f->kind->codec->extent == extent;
}

/* ASN1F_optional(field): the field itself, which need not be there. */
static value optional(struct vm *vm, value *a)
{
	if (!is_field(a[0]) || !asn1_is_field(as_field(a[0])))
		return vm_raise(vm, vm->errors.TypeError, "ASN1F_optional takes an ASN1F field, not %s", value_type_name(vm, a[0]));
	asn1_data(as_field(a[0]))->optional = true;
	asn1_data(as_field(a[0]))->flexible = false;
	return value_keep(a[0]);
}

const struct native asn1_functions[] = {
	{ .name = "ASN1F_optional", .fn = optional, .signature = "field", .doc = "A field that need not be there: None." },
	{ 0 },
};

#define TAGS ", context=None, implicit_tag=None, explicit_tag=None"
#define KEPT (FIELD_MUTABLE | FIELD_FORMS)
#define LEAF(type, doc) { "ASN1F_" type, "name, default" TAGS ", flexible_tag=False", doc, &leaf_codec, leaf_make, KEPT, 0 }
#define NAMED(type, doc) { "ASN1F_" type, "name, default, enum" TAGS ", flexible_tag=False", doc, &leaf_codec, enum_make, KEPT, 0 }

const struct field_kind kinds_asn1[] = {
	LEAF("field", "ASN.1: a value of any type"),
	LEAF("BOOLEAN", "ASN.1: true or false"),
	LEAF("INTEGER", "ASN.1: a whole number of any size"),
	NAMED("enum_INTEGER", "ASN.1: a whole number with names"),
	NAMED("ENUMERATED", "ASN.1: a number with names"),
	{ "ASN1F_BIT_STRING", "name, default, default_readable=True" TAGS ", flexible_tag=False", "ASN.1: bits, as a text of 0 and 1", &leaf_codec, bits_make, KEPT, 0 },
	LEAF("STRING", "ASN.1: bytes"),
	LEAF("NULL", "ASN.1: nothing"),
	LEAF("OID", "ASN.1: an object identifier"),
	LEAF("UTF8_STRING", "ASN.1: text"),
	LEAF("NUMERIC_STRING", "ASN.1: digits"),
	LEAF("PRINTABLE_STRING", "ASN.1: text"),
	LEAF("T61_STRING", "ASN.1: text"),
	LEAF("VIDEOTEX_STRING", "ASN.1: text"),
	LEAF("IA5_STRING", "ASN.1: text"),
	LEAF("GENERAL_STRING", "ASN.1: text"),
	LEAF("UTC_TIME", "ASN.1: a time, its year of two digits"),
	LEAF("GENERALIZED_TIME", "ASN.1: a time"),
	LEAF("ISO646_STRING", "ASN.1: text"),
	LEAF("UNIVERSAL_STRING", "ASN.1: text of four bytes a character"),
	LEAF("BMP_STRING", "ASN.1: text of two bytes a character"),
	LEAF("IPADDRESS", "ASN.1: an IPv4 address"),
	LEAF("COUNTER32", "ASN.1: a counter"),
	LEAF("GAUGE32", "ASN.1: a gauge"),
	LEAF("TIME_TICKS", "ASN.1: hundredths of a second"),
	LEAF("COUNTER64", "ASN.1: a counter of 64 bits"),
	{ "ASN1F_SEQUENCE", "*seq" TAGS ", flexible_tag=False", "ASN.1: fields in a row", &group_codec, group_make, FIELD_WRAPS, 0 },
	{ "ASN1F_SET", "*seq" TAGS ", flexible_tag=False", "ASN.1: fields in a row", &group_codec, group_make, FIELD_WRAPS, 0 },
	{ "ASN1F_SEQUENCE_OF", "name, default, cls" TAGS, "ASN.1: values of one type", &list_codec, list_make, KEPT | FIELD_LIST, 0 },
	{ "ASN1F_SET_OF", "name, default, cls" TAGS, "ASN.1: values of one type", &list_codec, list_make, KEPT | FIELD_LIST, 0 },
	{ "ASN1F_CHOICE", "name, default, *args, context=None, explicit_tag=None, flexible_tag=False", "ASN.1: one of several", &choice_codec, choice_make,
	  KEPT | FIELD_PACKETS, 0 },
	{ "ASN1F_PACKET", "name, default, cls" TAGS ", next_cls_cb=None", "ASN.1: a packet", &choice_codec, packet_make, KEPT | FIELD_PACKETS, 0 },
	{ "ASN1F_STRING_ENCAPS", "name, default, cls" TAGS, "ASN.1: a packet inside of a string", &encaps_codec, encaps_make, KEPT | FIELD_PACKETS, 0 },
	{ 0 },
};
