/* MultiFlagsField: the bits' names depend on another field; the value is the set of the short names. */
#include "packet/kinds.h"

#include <stdio.h>
#include <string.h>

/* The names at this place: {bit: entry}; an entry has a short and a long name. */
static struct dict *entries_now(const struct site *s, const struct field *f)
{
	int64_t which;
	if (!s->stack)
		return NULL;
	if (!field_length(s, &f->length_from, 0, &which))
		return NULL;
	value table = dict_get(s->vm, f->data, value_int(which));
	return is_kind(table, KIND_DICT) ? as_dict(table) : NULL;
}

/* `place` 0: the short name, 1: the long one. BORROWED. */
static value entry_name(struct vm *vm, struct dict *entries, size_t bit, size_t place)
{
	const value *pair;
	size_t count;
	value entry = entries ? dict_get(vm, entries, value_int((int64_t)bit)) : VALUE_UNSET;
	return value_items(entry, &pair, &count) && count == 2 ? pair[place] : VALUE_UNSET;
}

static value multi_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint64_t number = 0;
	struct dict *entries = entries_now(s, f);
	if (vm_pending(s->vm))
		return VALUE_UNSET;
	number = f->flags & FIELD_LITTLE ? cursor_uint_le(c, (unsigned)bytes) : cursor_uint(c, (unsigned)bytes);
	struct set *set = set_new(s->vm, false);
	for (size_t bit = 0; bit < f->bits; bit++) {
		value name = number >> bit & 1 ? entry_name(s->vm, entries, bit, 0) : VALUE_NONE;
		if (is_none(name))
			continue;
		name = is_unset(name) ? value_object(str_printf(s->vm, "bit %zu", bit)) : value_keep(name);
		set_add(s->vm, set, name);
		value_drop(name);
	}
	return value_object(set);
}

static int multi_bit(const struct site *s, const struct field *f, struct dict *entries, const char *name)
{
	unsigned bit;
	int end = 0;
	for (size_t i = 0; i < f->bits; i++) {
		value known = entry_name(s->vm, entries, i, 0);
		if (is_str(known) && !strcmp(as_str(known)->data, name))
			return (int)i;
	}
	return sscanf(name, "bit %u%n", &bit, &end) == 1 && !name[end] && bit < f->bits ? (int)bit : -1;
}

static bool multi_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t number = 0;
	value item;
	struct dict *entries = entries_now(s, f);
	for (size_t i = 0; is_kind(v, KIND_SET) && set_next((struct set *)v.o, &i, &item);) {
		int bit = is_str(item) ? multi_bit(s, f, entries, as_str(item)->data) : -1;
		if (bit < 0) {
			field_refuse(s->vm, f, item, "names of its flags here");
			return false;
		}
		number |= UINT64_C(1) << bit;
	}
	for (unsigned i = 0; i < f->bits; i += 8)
		buf_char(out, (char)(number >> (f->flags & FIELD_LITTLE ? i : f->bits - 8 - i)));
	return !vm_pending(s->vm);
}

static value multi_accept(struct vm *vm, const struct field *f, value given)
{
	const value *items = &given;
	size_t count = 1;
	if (is_kind(given, KIND_SET))
		return value_keep(given);
	if (!is_str(given) && !value_items(given, &items, &count))
		return field_refuse(vm, f, given, "a set of names of flags");
	struct set *set = set_new(vm, false);
	for (size_t i = 0; i < count; i++)
		if (!is_str(items[i]) || !set_add(vm, set, items[i])) {
			object_drop(set);
			return vm_pending(vm) ? VALUE_UNSET : field_refuse(vm, f, items[i], "a name of a flag");
		}
	return value_object(set);
}

static bool multi_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct dict *entries = entries_now(s, f);
	value item;
	bool first = true;
	if (!is_kind(v, KIND_SET) || vm_pending(s->vm))
		return !vm_pending(s->vm) && value_repr_to(s->vm, v, out);
	if (!((struct set *)v.o)->used)
		return value_repr_to(s->vm, v, out);
	buf_char(out, '{');
	for (size_t i = 0; set_next((struct set *)v.o, &i, &item); first = false) {
		int bit = is_str(item) ? multi_bit(s, f, entries, as_str(item)->data) : -1;
		value longer = bit >= 0 ? entry_name(s->vm, entries, (size_t)bit, 1) : VALUE_UNSET;
		struct str *text = is_str(longer) ? str_printf(s->vm, "%s (%s)", as_str(longer)->data, as_str(item)->data) : NULL;
		buf_text(out, first ? "" : ", ");
		bool done = value_repr_to(s->vm, text ? value_object(text) : item, out);
		object_drop(text);
		if (!done)
			return false;
	}
	buf_char(out, '}');
	return true;
}

static bool multi_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = f->bits / 8;
	return true;
}

/* MultiFlagsField(name, default, size, names, depends_on) */
static bool multi_make(struct vm *vm, struct field *f, const value *a)
{
	int64_t size;
	if (!value_to_int64(vm, a[2], &size))
		return false;
	f->flags |= size < 0 ? FIELD_LITTLE : 0;
	size = size < 0 ? -size : size;
	if (size < 8 || size > 64 || size % 8)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: these flags take whole bytes, 8 to 64 bits, got %lld", f->name->data, (long long)size);
	f->bits = (uint32_t)size;
	if (!is_kind(a[3], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the names are a dict of dicts", f->name->data);
	f->data = object_keep(as_dict(a[3]));
	return length_take(vm, &f->length_from, a[4], "depends_on") && facts_take(vm, f, a + 5);
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

static const struct codec multi_codec = {
	.extent = multi_extent, .decode = multi_decode, .encode = multi_encode, .accept = multi_accept, .show = multi_show,
	.release = multi_release, .visit = multi_visit,
};

const struct field_kind kinds_multiflags[] = {
	{ "MultiFlagsField", "name, default, size, names, depends_on" FACTS, "flags whose names depend on another field", &multi_codec, multi_make, FIELD_LIST, 0 },
	{ 0 },
};
