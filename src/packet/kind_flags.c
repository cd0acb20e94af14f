/* Flags: a number whose bits have names, lowest bit first; and FlagValue, what reading one gives. */
#include "packet/kinds.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- names of bits: a text of one-letter names, or a list of names ---- */

static size_t name_count(const struct field *f)
{
	if (is_str(f->flag_names))
		return as_str(f->flag_names)->len;
	const value *items;
	size_t count = 0;
	return value_items(f->flag_names, &items, &count) ? count : 0;
}

static const char *bit_name(const struct field *f, size_t bit, size_t *len)
{
	if (is_str(f->flag_names)) {
		*len = 1;
		return as_str(f->flag_names)->data + bit;
	}
	const value *items;
	size_t count;
	value_items(f->flag_names, &items, &count);
	if (!is_str(items[bit]))
		return *len = 0, "";
	*len = as_str(items[bit])->len;
	return as_str(items[bit])->data;
}

static int find_bit(const struct field *f, const char *name, size_t len)
{
	for (size_t i = 0; i < name_count(f); i++) {
		size_t own;
		const char *text = bit_name(f, i, &own);
		if (own == len && !memcmp(text, name, len))
			return (int)i;
	}
	return -1;
}

static bool add_bit(struct vm *vm, const struct field *f, const char *name, size_t len, uint64_t *number)
{
	int bit = find_bit(f, name, len);
	if (bit >= 0) {
		*number |= UINT64_C(1) << bit;
		return true;
	}
	struct buf label = {0}, names = {0};
	for (size_t i = 0; i < name_count(f); i++) {
		size_t own;
		const char *text = bit_name(f, i, &own);
		buf_text(&names, i ? ", " : "");
		buf_add(&names, text, own);
	}
	vm_raise(vm, vm->errors.ValueError, "%s has no flag '%.*s'; its flags are %s", field_label(f, &label), (int)len, name, buf_str(&names));
	buf_free(&label);
	buf_free(&names);
	return false;
}

/* "SA" where names are letters, "DF+MF" where they are words. */
static bool parse_text(struct vm *vm, const struct field *f, const char *text, size_t len, uint64_t *number)
{
	size_t start = 0;
	*number = 0;
	if (is_str(f->flag_names)) {
		for (size_t i = 0; i < len; i++)
			if (text[i] != '+' && !add_bit(vm, f, text + i, 1, number))
				return false;
		return true;
	}
	for (size_t i = 0; len && i <= len; i++)
		if (i == len || text[i] == '+') {
			if (!add_bit(vm, f, text + start, i - start, number))
				return false;
			start = i + 1;
		}
	return true;
}

static bool parse_items(struct vm *vm, const struct field *f, value given, uint64_t *number)
{
	const value *items;
	size_t count;
	value_items(given, &items, &count);
	*number = 0;
	for (size_t i = 0; i < count; i++)
		if (!is_str(items[i]) || !add_bit(vm, f, as_str(items[i])->data, as_str(items[i])->len, number)) {
			if (!vm_pending(vm))
				field_refuse(vm, f, items[i], "names of flags");
			return false;
		}
	return true;
}

/* ---- FlagValue ---- */

value flag_value_new(struct vm *vm, const struct field *f, uint64_t number)
{
	struct flag_value *v = object_new(world_of(vm)->flag_value, 0);
	v->number = number;
	v->field = object_keep((struct field *)f);
	return value_object(v);
}

static struct flag_value *as_flags(value v)
{
	return (struct flag_value *)v.o;
}

void flag_value_text(const struct flag_value *v, struct buf *out)
{
	bool letters = is_str(v->field->flag_names);
	size_t count = name_count(v->field), from = out->len;
	for (size_t bit = 0; bit < 64 && v->number >> bit; bit++) {
		size_t len;
		if (!(v->number >> bit & 1))
			continue;
		if (!letters && out->len > from)
			buf_char(out, '+');
		if (bit < count) {
			const char *text = bit_name(v->field, bit, &len);
			text_safe(out, text, len);
		} else {
			buf_print(out, "%sbit%zu", letters && out->len > from ? "+" : "", bit);
		}
	}
}

/* The other operand: a number, a FlagValue, or a text of names. */
static bool operand(struct vm *vm, const struct flag_value *self, value v, uint64_t *out)
{
	if (is_kind(v, KIND_FLAGS)) {
		*out = as_flags(v)->number;
		return true;
	}
	if (is_str(v))
		return parse_text(vm, self->field, as_str(v)->data, as_str(v)->len, out);
	if (is_kind(v, KIND_LIST) || is_kind(v, KIND_TUPLE))
		return parse_items(vm, self->field, v, out);
	if (is_int(v) && int_to_u64(v, out))
		return true;
	if (v.tag == TAG_INT) {
		*out = (uint64_t)v.i;
		return true;
	}
	return false;
}

static value flags_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	struct flag_value *self = as_flags(reflected ? b : a);
	value other = reflected ? a : b;
	uint64_t number, result;
	bool on = op == OP_OR_ || (op == OP_ADD_ && !reflected), off = op == OP_SUB_ && !reflected;
	if (op != OP_AND_ && op != OP_XOR_ && !on && !off) {
		value plain = int_from_u64(vm, self->number);
		return is_str(other) ? VALUE_UNSUPPORTED : reflected ? value_binary(vm, op, other, plain, false) : value_binary(vm, op, plain, other, false);
	}
	if (!operand(vm, self, other, &number))
		return vm_pending(vm) ? VALUE_UNSET : VALUE_UNSUPPORTED;
	result = on ? self->number | number : off ? self->number & ~number : op == OP_AND_ ? self->number & number : self->number ^ number;
	return flag_value_new(vm, self->field, result);
}

static value flags_unary(struct vm *vm, enum unary op, value self)
{
	const struct flag_value *v = as_flags(self);
	uint64_t mask = v->field->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << v->field->bits) - 1;
	if (op == UNARY_INVERT)
		return flag_value_new(vm, v->field, ~v->number & mask);
	value plain = int_from_u64(vm, v->number), out = value_unary(vm, op, plain);
	value_drop(plain);
	return out;
}

static value flags_compare(struct vm *vm, enum compare op, value a, value b)
{
	uint64_t number;
	if (!operand(vm, as_flags(a), b, &number)) {
		/* What is no set of these flags is simply not equal. */
		if (vm_pending(vm) && op != CMP_EQ && op != CMP_NE)
			return VALUE_UNSET;
		vm_clear(vm);
		return op == CMP_EQ ? value_bool(false) : op == CMP_NE ? value_bool(true) : VALUE_UNSUPPORTED;
	}
	value x = int_from_u64(vm, as_flags(a)->number), y = is_kind(b, KIND_FLAGS) || is_str(b) ? int_from_u64(vm, number) : value_keep(b);
	value out = value_compare(vm, op, x, y);
	value_drop(x);
	value_drop(y);
	return out;
}

static bool flags_hash(struct vm *vm, value self, uint64_t *out)
{
	value plain = int_from_u64(vm, as_flags(self)->number);
	bool done = value_hash(vm, plain, out);
	value_drop(plain);
	return done;
}

static bool flags_truth(struct vm *vm, value self, bool *out)
{
	*out = as_flags(self)->number != 0;
	return true;
}

static bool flags_length(struct vm *vm, value self, size_t *out)
{
	struct buf text = {0};
	flag_value_text(as_flags(self), &text);
	*out = text.len;
	buf_free(&text);
	return true;
}

static bool flags_str(struct vm *vm, value self, struct buf *out)
{
	flag_value_text(as_flags(self), out);
	return true;
}

static bool flags_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<Flag %" PRIu64 " (", as_flags(self)->number);
	flag_value_text(as_flags(self), out);
	buf_text(out, ")>");
	return true;
}

static bool flags_contains(struct vm *vm, value self, value needle, bool *out)
{
	uint64_t number;
	if (!operand(vm, as_flags(self), needle, &number)) {
		if (!vm_pending(vm))
			vm_raise(vm, vm->errors.TypeError, "flags contain names of flags, not %s", value_type_name(vm, needle));
		return false;
	}
	*out = (as_flags(self)->number & number) == number;
	return true;
}

static value flags_iterate(struct vm *vm, value self)
{
	struct buf text = {0};
	struct flag_value *v = as_flags(self);
	struct list *list = list_new(vm, 4);
	for (size_t bit = 0; bit < 64 && v->number >> bit; bit++) {
		if (!(v->number >> bit & 1))
			continue;
		struct flag_value one = *v;
		one.number = UINT64_C(1) << bit;
		buf_clear(&text);
		flag_value_text(&one, &text);
		list_append(list, value_object(str_new(vm, text.data, text.len)));
	}
	buf_free(&text);
	value items = value_object(list), out = value_iterate(vm, items);
	value_drop(items);
	return out;
}

/* flags.S, flags.SA: are all of these set? */
static value flags_attr(struct vm *vm, value self, struct str *name)
{
	struct flag_value *v = as_flags(self);
	uint64_t number;
	if (!strncmp(name->data, "__", 2) || !parse_text(vm, v->field, name->data, name->len, &number)) {
		vm_clear(vm);
		return VALUE_UNSET;
	}
	return value_bool((v->number & number) == number);
}

static int flags_set_attr(struct vm *vm, value self, struct str *name, value to)
{
	struct flag_value *v = as_flags(self);
	uint64_t number;
	bool on;
	if (is_unset(to))
		return 0;
	if (!parse_text(vm, v->field, name->data, name->len, &number) || !value_truth(vm, to, &on))
		return -1;
	v->number = on ? v->number | number : v->number & ~number;
	return 1;
}

static value flags_int(struct vm *vm, value *a)
{
	return int_from_u64(vm, as_flags(a[0])->number);
}

static value flags_value(struct vm *vm, value self)
{
	return int_from_u64(vm, as_flags(self)->number);
}

static void flags_release(struct object *o)
{
	struct flag_value *v = (struct flag_value *)o;
	object_drop(v->field);
	v->field = NULL;
}

static void flags_visit(struct object *o, visit_fn visit, void *state)
{
	if (((struct flag_value *)o)->field)
		visit(&((struct flag_value *)o)->field->head.head, state);
}

static value flags_copy(struct vm *vm, value *a)
{
	return flag_value_new(vm, as_flags(a[0])->field, as_flags(a[0])->number);
}

static value flags_repr_of(struct vm *vm, value *a)
{
	struct buf out = {0};
	flag_value_text(as_flags(a[0]), &out);
	return str_from_buf(vm, &out);
}

const struct type_spec flag_value_spec = {
	.name = "FlagValue", .doc = "A number whose bits have names: flags == \"SA\", flags.S, \"S\" in flags, flags | \"A\".",
	.kind = KIND_FLAGS, .size = sizeof(struct flag_value), .flags = TYPE_CONTAINER,
	.slots = {
		.release = flags_release, .visit = flags_visit, .repr = flags_repr, .str = flags_str, .hash = flags_hash, .compare = flags_compare,
		.truth = flags_truth, .length = flags_length, .contains = flags_contains, .iterate = flags_iterate, .attr = flags_attr,
		.set_attr = flags_set_attr, .binary = flags_binary, .unary = flags_unary,
	},
	.methods = (const struct native[]){
		{ .name = "__int__", .fn = flags_int, .signature = "", .doc = "the number" },
		{ .name = "__index__", .fn = flags_int, .signature = "", .doc = "the number" },
		{ .name = "copy", .fn = flags_copy, .signature = "", .doc = "another value with the same number" },
		{ .name = "flagrepr", .fn = flags_repr_of, .signature = "", .doc = "the names of the bits that are set" },
		{ 0 },
	},
	.attrs = (const struct getset[]){
		{ "value", flags_value, NULL, "the number" },
		{ 0 },
	},
};

/* ---- the kind ---- */

static value accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t number = 0;
	if (is_str(given)) {
		if (!parse_text(vm, f, as_str(given)->data, as_str(given)->len, &number))
			return VALUE_UNSET;
	} else if (is_kind(given, KIND_LIST) || is_kind(given, KIND_TUPLE) || is_kind(given, KIND_SET)) {
		if (!parse_items(vm, f, given, &number))
			return VALUE_UNSET;
	} else if (is_kind(given, KIND_FLAGS)) {
		number = as_flags(given)->number;
	} else {
		value plain = number_accept(vm, f, given);
		if (is_unset(plain))
			return plain;
		int_to_u64(plain, &number);
		value_drop(plain);
	}
	if (f->bits < 64 && number >> f->bits)
		return field_refuse(vm, f, given, "flags in %u bits", f->bits);
	return flag_value_new(vm, f, number);
}

static value of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	return flag_value_new(vm, f, word);
}

static bool to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	if (!is_kind(v, KIND_FLAGS)) {
		value accepted = accept(vm, f, v);
		if (is_unset(accepted))
			return false;
		*word = as_flags(accepted)->number;
		value_drop(accepted);
		return true;
	}
	*word = as_flags(v)->number;
	if (f->bits < 64 && *word >> f->bits) {
		field_refuse(vm, f, v, "flags in %u bits", f->bits);
		return false;
	}
	return true;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t number;
	if (is_int(v) && int_to_u64(v, &number)) {
		value flags = flag_value_new(s->vm, f, number);
		flag_value_text(as_flags(flags), out);
		value_drop(flags);
		return true;
	}
	if (!is_kind(v, KIND_FLAGS))
		return number_show(s, f, v, out);
	flag_value_text(as_flags(v), out);
	return true;
}

static bool show_word(struct vm *vm, const struct field *f, uint64_t word, bool bare, struct buf *out)
{
	flag_value_text(&(struct flag_value){ .number = word, .field = (struct field *)f }, out);
	return true;
}

/* FlagsField(name, default, size, names, words=): words says what each flag means */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	int64_t size;
	if (!value_to_int64(vm, a[2], &size))
		return false;
	if (size < 0) {
		f->flags |= FIELD_LITTLE;
		size = -size;
	}
	if (size < 1 || size > 64 || (f->flags & FIELD_LITTLE && size % 8))
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: flags take 1 to 64 bits, got %lld", f->name->data, (long long)size);
	f->bits = (uint32_t)size;
	f->flag_names = is_kind(a[3], KIND_DICT) ? VALUE_NONE : value_keep(a[3]);
	if (!is_str(a[3]) && !is_kind(a[3], KIND_LIST) && !is_kind(a[3], KIND_TUPLE))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: names are a text of one letter a bit or a list of names", f->name->data);
	if (!is_none(a[4 + FACTS_COUNT]))
		f->flag_words = value_keep(a[4 + FACTS_COUNT]);
	return facts_take(vm, f, a + 4);
}

static const struct codec codec = { .of_word = of_word, .to_word = to_word, .accept = accept, .show = show, .show_word = show_word };

const struct field_kind kinds_flags[] = {
	{ "FlagsField", "name, default, size, names" FACTS ", words=None", "a number of `size` bits, each with a name, the lowest first", &codec, make,
	  FIELD_WORD | FIELD_NUMBER | FIELD_MUTABLE | FIELD_WORDS, 0 },
	{ 0 },
};
