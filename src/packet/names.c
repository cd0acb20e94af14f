#include "packet/field.h"

#include "base/mem.h"
#include "base/text.h"

struct names *names_new(TAKES struct dict *by_number)
{
	struct names *n = mem_zero(sizeof *n);
	n->refs = 1;
	n->by_number = by_number;
	return n;
}

struct names *names_keep(struct names *n)
{
	if (n)
		n->refs++;
	return n;
}

void names_drop(TAKES struct names *n)
{
	if (!n || --n->refs > 0)
		return;
	object_drop(n->by_number);
	object_drop(n->by_name);
	mem_free(n);
}

void names_visit(struct names *n, visit_fn visit, void *state)
{
	/* A table that several fields share is counted once a field, so only its sole holder may offer it to the collector. */
	if (!n || n->refs > 1)
		return;
	visit(&n->by_number->head.head, state);
	if (n->by_name)
		visit(&n->by_name->head.head, state);
}

/* Scapy takes {number: name} and {name: number}. */
static struct dict *turned(struct vm *vm, struct dict *d)
{
	struct dict *out = dict_new(vm);
	value key, item;
	for (uint32_t i = 0; dict_next(d, &i, &key, &item);)
		if (!dict_set(vm, out, item, value_keep(key))) {
			object_drop(out);
			return NULL;
		}
	return out;
}

static struct names *from_dict(struct vm *vm, struct dict *d)
{
	value key, item;
	uint32_t i = 0;
	if (dict_next(d, &i, &key, &item) && is_str(key) && !is_str(item)) {
		struct dict *by_number = turned(vm, d);
		return by_number ? names_new(by_number) : NULL;
	}
	return names_new(object_keep(d));
}

static struct names *from_items(struct vm *vm, const value *items, size_t count)
{
	struct dict *by_number = dict_new(vm);
	for (size_t i = 0; i < count; i++)
		if (!dict_set(vm, by_number, value_int((int64_t)i), value_keep(items[i]))) {
			object_drop(by_number);
			return NULL;
		}
	return names_new(by_number);
}

struct names *names_from(struct vm *vm, value table)
{
	const value *items;
	size_t count;
	if (is_kind(table, KIND_DICT))
		return from_dict(vm, as_dict(table));
	if (value_items(table, &items, &count))
		return from_items(vm, items, count);
	if (is_field(table) && as_field(table)->names)
		return names_keep(as_field(table)->names);
	vm_raise(vm, vm->errors.TypeError, "the names of an enum field are a dict or a list, not %s", value_type_name(vm, table));
	return NULL;
}

struct str *names_text(struct vm *vm, struct names *n, int64_t number)
{
	value name = dict_get(vm, n->by_number, value_int(number));
	return is_str(name) ? as_str(name) : NULL;
}

/* When two numbers have one name, the later one is meant by it, as in Scapy. */
static void turn(struct vm *vm, struct names *n)
{
	if (n->by_name && n->by_version == n->by_number->version)
		return;
	object_drop(n->by_name);
	n->by_name = dict_new(vm);
	n->by_version = n->by_number->version;
	value key, item;
	for (uint32_t i = 0; dict_next(n->by_number, &i, &key, &item);)
		if (is_str(item))
			dict_set_str(vm, n->by_name, as_str(item), value_keep(key));
}

bool names_number(struct vm *vm, struct names *n, struct str *name, int64_t *out)
{
	turn(vm, n);
	value number = dict_get_str(n->by_name, name);
	if (number.tag != TAG_INT)
		return false;
	*out = number.i;
	return true;
}

struct names_walk { struct dict *d; uint32_t at; };

static const char *next_name(void *state)
{
	struct names_walk *w = state;
	value key, item;
	while (dict_next(w->d, &w->at, &key, &item))
		if (is_str(item))
			return as_str(item)->data;
	return NULL;
}

const char *names_nearest(struct vm *vm, struct names *n, const char *name)
{
	struct names_walk w = { n->by_number, 0 };
	return text_nearest(name, next_name, &w);
}
