#include "packet/asn1.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/int.h"
#include "packet/field.h"
#include "packet/world.h"

static const struct asn1_type TYPES[] = {
#define X(type, its_tag, its_form) { .name = #type, .tag = its_tag, .form = ASN1_##its_form },
	ASN1_TYPES(X)
#undef X
};
enum { TYPE_COUNT = sizeof TYPES / sizeof *TYPES };

const struct asn1_type *asn1_named(const char *name)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (!strcmp(TYPES[i].name, name))
			return &TYPES[i];
	return NULL;
}

static const struct asn1_type *tagged(unsigned tag)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (TYPES[i].tag == tag && tag)
			return &TYPES[i];
	return NULL;
}

/* ---- values ---- */

bool is_asn1(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && v.o->kind == KIND_OTHER && v.o->type->base == world_of(vm)->asn1_object;
}

value asn1_new(struct vm *vm, const struct asn1_type *is, TAKES value val)
{
	struct asn1_value *v = object_new(world_of(vm)->asn1_types[is - TYPES], 0);
	v->is = is;
	v->val = val;
	return value_object(v);
}

/* A copy shares no list. */
value asn1_copy(struct vm *vm, value v)
{
	struct asn1_value *from = as_asn1(v);
	const value *items;
	size_t count;
	if (!is_kind(from->val, KIND_LIST) || !value_items(from->val, &items, &count))
		return asn1_new(vm, from->is, value_keep(from->val));
	struct list *list = list_new(vm, count);
	for (size_t i = 0; i < count; i++)
		list_append(list, is_asn1(vm, items[i]) ? asn1_copy(vm, items[i]) : value_keep(items[i]));
	return asn1_new(vm, from->is, value_object(list));
}

static bool is_text(value v)
{
	return is_str(v) || is_bytes(v);
}

static bool fits_bits(value v)
{
	if (!is_str(v))
		return false;
	for (size_t i = 0; i < as_str(v)->len; i++)
		if (as_str(v)->data[i] != '0' && as_str(v)->data[i] != '1')
			return false;
	return true;
}

static bool fits_address(value v)
{
	struct in_addr address;
	return (is_str(v) && inet_pton(AF_INET, as_str(v)->data, &address) == 1) || (is_bytes(v) && as_bytes(v)->len == 4);
}

static bool fits_identifier(value v)
{
	struct buf bytes = { 0 };
	bool fits = is_str(v) && ber_put_oid(as_str(v)->data, &bytes);
	buf_free(&bytes);
	return fits;
}

value asn1_accept(struct vm *vm, const struct asn1_type *is, value given, const char **takes)
{
	static const struct { const char *takes; } words[] = {
		[ASN1_WHOLE] = { "a number" }, [ASN1_TRUTH] = { "True or False" }, [ASN1_BITS] = { "a text of 0 and 1" }, [ASN1_TEXT] = { "bytes or text" },
		[ASN1_NOTHING] = { "0" }, [ASN1_IDENTIFIER] = { "numbers with dots, like \"1.3.6.1\"" }, [ASN1_ITEMS] = { "a list, or its bytes" },
		[ASN1_ADDRESS] = { "an address, like \"10.0.0.1\"" }, [ASN1_TIME] = { "a text" }, [ASN1_AS_IT_IS] = { "bytes" },
	};
	bool fits = false;
	switch (is->form) {
	case ASN1_WHOLE: case ASN1_TRUTH: case ASN1_NOTHING: fits = is_int(given) || field_is_volatile(given); break;
	case ASN1_BITS:       fits = fits_bits(given); break;
	case ASN1_TEXT:       fits = is_text(given) || field_is_volatile(given); break;
	case ASN1_TIME:       fits = is_text(given); break;
	case ASN1_IDENTIFIER: fits = fits_identifier(given) || field_is_volatile(given); break;
	case ASN1_ITEMS:      fits = is_kind(given, KIND_LIST) || is_bytes(given); break;
	case ASN1_ADDRESS:    fits = fits_address(given) || field_is_volatile(given); break;
	case ASN1_AS_IT_IS:   fits = is_bytes(given); break;
	}
	*takes = words[is->form].takes;
	return fits ? value_keep(given) : VALUE_UNSET;
}

const struct asn1_type *asn1_for(value plain)
{
	return is_int(plain) ? asn1_named("INTEGER") : is_text(plain) ? asn1_named("STRING") : NULL;
}

/* ---- contents from bytes ---- */

static value get_bits(struct vm *vm, const uint8_t *bytes, size_t len)
{
	struct buf text = { 0 };
	size_t bits = len > 1 && bytes[0] < 8 ? (len - 1) * 8 - bytes[0] : 0;
	for (size_t i = 0; i < bits; i++)
		buf_char(&text, bytes[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
	return str_from_buf(vm, &text);
}

static value get_address(struct vm *vm, const uint8_t *bytes, size_t len)
{
	char text[INET_ADDRSTRLEN];
	if (len != 4)
		return bytes_value(vm, bytes, len);
	inet_ntop(AF_INET, bytes, text, sizeof text);
	return str_value(vm, text);
}

static value get_items(struct vm *vm, const uint8_t *bytes, size_t len, unsigned depth)
{
	struct list *items = list_new(vm, 4);
	for (size_t at = 0; at < len;) {
		struct ber element;
		size_t size = ber_read(bytes + at, len - at, &element) ? ber_size(&element) : len - at;
		list_append(items, asn1_get_any(vm, bytes + at, size, depth + 1));
		at += size;
	}
	return value_object(items);
}

static value get_content(struct vm *vm, const struct asn1_type *is, const uint8_t *bytes, size_t len, unsigned depth)
{
	switch (is->form) {
	case ASN1_WHOLE: case ASN1_TRUTH: return ber_get_int(vm, bytes, len);
	case ASN1_NOTHING:    return len ? ber_get_int(vm, bytes, len) : value_int(0);
	case ASN1_BITS:       return get_bits(vm, bytes, len);
	case ASN1_IDENTIFIER: return ber_get_oid(vm, bytes, len);
	case ASN1_ADDRESS:    return get_address(vm, bytes, len);
	case ASN1_TIME:       return value_object(str_new(vm, (const char *)bytes, len));
	case ASN1_ITEMS:      return depth < BER_DEPTH ? get_items(vm, bytes, len, depth) : bytes_value(vm, bytes, len);
	default:              return bytes_value(vm, bytes, len);
	}
}

value asn1_get(struct vm *vm, const struct asn1_type *is, const uint8_t *bytes, size_t len, unsigned depth)
{
	return asn1_new(vm, is, get_content(vm, is, bytes, len, depth));
}

value asn1_get_any(struct vm *vm, const uint8_t *bytes, size_t len, unsigned depth)
{
	struct ber element;
	const struct asn1_type *is = ber_read(bytes, len, &element) && ber_size(&element) == len ? tagged(element.tag) : NULL;
	if (!is)
		return asn1_new(vm, asn1_named("force"), bytes_value(vm, bytes, len));
	return asn1_get(vm, is, bytes + element.header, element.content, depth);
}

/* ---- contents to bytes ---- */

static bool put_text(struct vm *vm, value val, struct buf *out)
{
	struct view view;
	if (is_str(val)) {
		buf_add(out, as_str(val)->data, as_str(val)->len);
		return true;
	}
	if (!value_to_view(vm, val, &view))
		return false;
	buf_add(out, view.bytes, view.len);
	return true;
}

static void put_bits(value val, struct buf *out)
{
	const struct str *bits = as_str(val);
	size_t bytes = (bits->len + 7) / 8;
	buf_char(out, (char)(bytes * 8 - bits->len));
	char *at = buf_grow(out, bytes);
	memset(at, 0, bytes);
	for (size_t i = 0; i < bits->len; i++)
		if (bits->data[i] == '1')
			at[i / 8] = (char)(at[i / 8] | 0x80 >> i % 8);
}

static bool put_items(struct vm *vm, value val, struct buf *out, unsigned depth)
{
	const value *items;
	size_t count;
	if (!value_items(val, &items, &count))
		return put_text(vm, val, out);
	for (size_t i = 0; i < count; i++)
		if (!asn1_put_any(vm, items[i], out, depth + 1))
			return false;
	return true;
}

bool asn1_put(struct vm *vm, const struct asn1_type *is, value val, struct buf *out, unsigned depth)
{
	struct in_addr address = { 0 };
	if (field_is_volatile(val))             /* the image of a random default: drawn when it is sent */
		return true;
	switch (is->form) {
	case ASN1_WHOLE: case ASN1_TRUTH:
		return ber_put_int(vm, val, out);
	case ASN1_NOTHING:
		return val.tag == TAG_INT && val.i == 0 ? true : ber_put_int(vm, val, out);
	case ASN1_BITS:
		if (fits_bits(val))
			put_bits(val, out);
		else
			return vm_raise_ok(vm, vm->errors.ValueError, "a bit string is a text of 0 and 1");
		return true;
	case ASN1_IDENTIFIER:
		if (is_str(val) && as_str(val)->len && !ber_put_oid(as_str(val)->data, out))
			return vm_raise_ok(vm, vm->errors.ValueError, "'%s' is no object identifier", as_str(val)->data);
		return true;
	case ASN1_ADDRESS:
		if (!is_str(val) || inet_pton(AF_INET, as_str(val)->data, &address) != 1)
			return put_text(vm, val, out);
		buf_add(out, &address, 4);
		return true;
	case ASN1_ITEMS:
		if (depth > BER_DEPTH)
			return vm_raise_ok(vm, vm->errors.ValueError, "ASN.1 values nested more than %d deep", BER_DEPTH);
		return put_items(vm, val, out, depth);
	default:
		return put_text(vm, val, out);
	}
}

bool asn1_put_any(struct vm *vm, value v, struct buf *out, unsigned depth)
{
	const struct asn1_type *is = is_asn1(vm, v) ? as_asn1(v)->is : asn1_for(v);
	value val = is_asn1(vm, v) ? as_asn1(v)->val : v;
	size_t from = out->len;
	if (!is)
		return vm_raise_ok(vm, vm->errors.TypeError, "an ASN.1 value is expected, not %s", value_type_name(vm, v));
	if (!asn1_put(vm, is, val, out, depth))
		return false;
	if (is->form != ASN1_AS_IT_IS)
		ber_wrap(out, from, is->tag, NULL);
	return true;
}

/* ---- printed ---- */

static void put_short(struct buf *out, const struct buf *text, size_t most, size_t head)
{
	if (text->len <= most) {
		buf_add(out, text->data, text->len);
		return;
	}
	buf_add(out, text->data, head);
	buf_text(out, "...");
	buf_add(out, text->data + text->len - 10, 10);
}

static void put_hex(value number, struct buf *out)
{
	struct buf digits = { 0 }, hex = { 0 };
	int_print_base(&digits, number, 16, false);
	bool negative = digits.len && digits.data[0] == '-';
	buf_print(&hex, negative ? "-0x%s" : "0x%s", buf_str(&digits) + negative);
	put_short(out, &hex, 22, 12);
	buf_free(&digits);
	buf_free(&hex);
}

static bool repr_whole(struct vm *vm, const struct asn1_value *v, struct buf *out)
{
	struct buf text = { 0 };
	bool done = value_repr_to(vm, v->val, &text);
	if (v->is->form == ASN1_TRUTH) {
		bool truth = false;
		done = done && value_truth(vm, v->val, &truth);
		buf_text(out, truth ? "True" : "False");
	} else if (is_int(v->val)) {
		put_hex(v->val, out);
	}
	buf_print(out, " <ASN1_%s[", v->is->name);
	put_short(out, &text, 20, 10);
	buf_text(out, "]>");
	buf_free(&text);
	return done;
}

static bool repr_bits(const struct asn1_value *v, struct buf *out)
{
	struct buf bits = { 0 }, bytes = { 0 };
	buf_add(&bits, as_str(v->val)->data, as_str(v->val)->len);
	put_bits(v->val, &bytes);
	buf_print(out, "<ASN1_%s[", v->is->name);
	put_short(out, &bits, 20, 10);
	buf_text(out, "]=");
	text_repr_bytes(out, (const uint8_t *)bytes.data + 1, bytes.len - 1);
	buf_print(out, " (%d unused bit%s)>", bytes.data[0], bytes.data[0] ? "s" : "");
	buf_free(&bits);
	buf_free(&bytes);
	return true;
}

/* 230101000000Z: the year with two digits or four, seconds or none, UTC when nothing else is said. */
static bool put_time(const struct asn1_value *v, struct buf *out)
{
	const char *text = as_str(v->val)->data;
	unsigned part[6] = { 0 }, year = strcmp(v->is->name, "UTC_TIME") ? 4 : 2, digits = (unsigned)strspn(text, "0123456789");
	if ((digits != year + 10 && digits != year + 8) || (strcmp(text + digits, "Z") && text[digits]))
		return false;
	for (unsigned i = 0, at = 0; at < digits; i++) {
		for (unsigned end = at + (i ? 2 : year); at < end; at++)
			part[i] = part[i] * 10 + (unsigned)(text[at] - '0');
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 60)
		return false;
	if (year == 2)
		part[0] += part[0] < 69 ? 2000 : 1900;
	buf_print(out, "%04u-%02u-%02u %02u:%02u:%02u%s", part[0], part[1], part[2], part[3], part[4], part[5], text[digits] ? " UTC" : "");
	return true;
}

static bool repr_time(const struct asn1_value *v, struct buf *out)
{
	if (!put_time(v, out)) {
		text_safe(out, as_str(v->val)->data, as_str(v->val)->len);
		buf_print(out, " [invalid %s time]", strcmp(v->is->name, "UTC_TIME") ? "generalized" : "utc");
	}
	return true;
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	struct asn1_value *v = as_asn1(self);
	switch (v->is->form) {
	case ASN1_WHOLE: case ASN1_TRUTH:
		return repr_whole(vm, v, out);
	case ASN1_BITS:
		if (fits_bits(v->val))
			return repr_bits(v, out);
		break;
	case ASN1_TIME:
		if (is_str(v->val)) {
			repr_time(v, out);
			buf_char(out, ' ');
		}
		break;
	case ASN1_IDENTIFIER:
		if (is_str(v->val)) {
			buf_print(out, "<ASN1_%s['%s%s']>", v->is->name, as_str(v->val)->data[0] == '.' ? "" : ".", as_str(v->val)->data);
			return true;
		}
		break;
	default:
		break;
	}
	buf_print(out, "<ASN1_%s[", v->is->name);
	bool done = value_repr_to(vm, v->val, out);
	buf_text(out, "]>");
	return done;
}

/* ---- what the language sees ---- */

static const struct asn1_type *row_of(struct vm *vm, const struct type *cls)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (world_of(vm)->asn1_types[i] == cls)
			return &TYPES[i];
	return NULL;
}

static value bits_of_bytes(struct vm *vm, value given)
{
	struct buf bytes = { 0 };
	buf_char(&bytes, 0);
	put_text(vm, given, &bytes);
	value bits = get_bits(vm, (const uint8_t *)bytes.data, bytes.len);
	buf_free(&bytes);
	return bits;
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	const struct asn1_type *is = row_of(vm, cls);
	value a[2], val, made = VALUE_UNSET;
	bool readable;
	const char *takes;
	if (!is)
		return vm_raise(vm, vm->errors.TypeError, "%s() is made by the classes derived from it", cls->name->data);
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	if (!value_truth(vm, a[1], &readable))
		goto out;
	val = is->form == ASN1_BITS && (readable || is_bytes(a[0])) && is_text(a[0]) ? bits_of_bytes(vm, a[0]) : asn1_accept(vm, is, a[0], &takes);
	if (is_unset(val))
		vm_raise(vm, vm->errors.TypeError, "ASN1_%s() takes %s, not %s", is->name, takes, value_type_name(vm, a[0]));
	else
		made = asn1_new(vm, is, val);
out:
	call_unbind(cls->signature, a);
	return made;
}

static void release(struct object *o)
{
	value_set(&((struct asn1_value *)o)->val, VALUE_UNSET);
}

static void visit(struct object *o, visit_fn see, void *state)
{
	visit_value(((struct asn1_value *)o)->val, see, state);
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	return value_compare(vm, op, as_asn1(a)->val, is_asn1(vm, b) ? as_asn1(b)->val : b);
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	return value_hash(vm, as_asn1(self)->val, out);
}

static value get_val(struct vm *vm, value self)
{
	return value_keep(as_asn1(self)->val);
}

static bool set_val(struct vm *vm, value self, value to)
{
	const char *takes;
	struct asn1_value *v = as_asn1(self);
	if (is_unset(to))
		return vm_raise_ok(vm, vm->errors.AttributeError, "val can't be deleted");
	value accepted = asn1_accept(vm, v->is, to, &takes);
	if (is_unset(accepted))
		return vm_raise_ok(vm, vm->errors.TypeError, "ASN1_%s.val takes %s, not %s", v->is->name, takes, value_type_name(vm, to));
	value_set(&v->val, accepted);
	return true;
}

static value get_tag(struct vm *vm, value self)
{
	return value_int(as_asn1(self)->is->tag);
}

static value method_enc(struct vm *vm, value *a)
{
	struct buf out = { 0 };
	value made = asn1_put_any(vm, a[0], &out, 0) ? bytes_value(vm, buf_str(&out), out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

/* Items of a sequence stand below it, each a level further in. */
static bool put_lines(struct vm *vm, value v, unsigned level, struct buf *out)
{
	const value *items;
	size_t count;
	buf_fill(out, ' ', 2 * level);
	if (level > BER_DEPTH || !is_asn1(vm, v) || as_asn1(v)->is->form != ASN1_ITEMS || !value_items(as_asn1(v)->val, &items, &count)) {
		bool done = value_repr_to(vm, v, out);
		buf_char(out, '\n');
		return done;
	}
	buf_print(out, "# ASN1_%s:\n", as_asn1(v)->is->name);
	for (size_t i = 0; i < count; i++)
		if (!put_lines(vm, items[i], level + 1, out))
			return false;
	return true;
}

static value method_show(struct vm *vm, value *a)
{
	struct buf out = { 0 };
	value done = put_lines(vm, a[0], 0, &out) ? vm_write(vm, buf_str(&out), out.len) : VALUE_UNSET;
	buf_free(&out);
	return done;
}

bool asn1_command(struct vm *vm, value v, struct buf *out)
{
	buf_print(out, "ASN1_%s(", as_asn1(v)->is->name);
	bool done = value_repr_to(vm, as_asn1(v)->val, out);
	buf_char(out, ')');
	return done;
}

static value method_command(struct vm *vm, value *a)
{
	struct buf out = { 0 };
	if (asn1_command(vm, a[0], &out))
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}

static const struct native methods[] = {
	{ "enc", method_enc, "codec=None", "The value's bytes, with tag and length." },
	{ "__bytes__", method_enc, "", "The value's bytes, with tag and length." },
	{ "show", method_show, "lvl=0", "Print it, the items of a sequence below it." },
	{ "command", method_command, "", "The text that makes it." },
	{ 0 },
};

static const struct getset attrs[] = {
	{ "val", get_val, set_val, "the plain value" },
	{ "tag", get_tag, NULL, "its tag" },
	{ 0 },
};

void asn1_add(struct vm *vm)
{
	struct world *w = world_of(vm);
	static const struct type_spec base = {
		.name = "ASN1_Object", .doc = "A value of ASN.1.", .size = sizeof(struct asn1_value), .flags = TYPE_CONTAINER, .signature = "val, readable=False",
		.methods = methods, .attrs = attrs,
		.slots = { .make = make, .release = release, .visit = visit, .repr = repr, .compare = compare, .hash = hash },
	};
	w->asn1_object = type_new(vm, &base, NULL);
	w->asn1_types = mem_zero(TYPE_COUNT * sizeof *w->asn1_types);
	dict_set_text(vm, vm->builtins, "ASN1_Object", value_keep(value_object(w->asn1_object)));
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		struct buf name = { 0 };
		buf_print(&name, "ASN1_%s", TYPES[i].name);
		struct type_spec spec = base;
		spec.name = str_intern(vm, buf_str(&name))->data;
		spec.methods = NULL;
		spec.attrs = NULL;
		w->asn1_types[i] = type_new(vm, &spec, w->asn1_object);
		dict_set_text(vm, vm->builtins, spec.name, value_keep(value_object(w->asn1_types[i])));
		buf_free(&name);
	}
}
