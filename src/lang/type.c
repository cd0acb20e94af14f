#include "lang/type.h"

#include <string.h>

#include "base/mem.h"

#include "lang/attr.h"
#include "lang/cache.h"
#include "lang/dunder.h"
#include "lang/gc.h"
#include "lang/native.h"
#include "lang/types.h"

/* ---- the method cache: (version of a type, interned name) -> what type_find found. Versions are never used twice. ---- */

struct type_cache *type_cache_new(void)
{
	return mem_zero(sizeof(struct type_cache));
}

static void new_version(struct type *type)
{
	type->version = ++type->vm->type_cache->version;
	for (size_t i = 0; i < type->subclass_count; i++)
		new_version(type->subclasses[i]);
}

static value find_slow(struct type *type, struct str *name)
{
	for (size_t i = 0; i < type->mro_count; i++) {
		value found = type->mro[i]->attrs ? dict_get_str(type->mro[i]->attrs, name) : VALUE_UNSET;
		if (!is_unset(found))
			return found;
	}
	return VALUE_UNSET;
}

value type_find(struct type *type, struct str *name)
{
	if (!(name->head.flags & STR_INTERNED))
		return find_slow(type, name);
	struct type_cache *cache = type->vm->type_cache;
	struct cached *c = &cache->rows[(((uintptr_t)name >> 4) ^ type->version * 31u) % CACHE_ROWS];
	if (c->version != type->version || c->name != name)
		*c = (struct cached){ type->version, name, find_slow(type, name) };
	return c->found;
}

/* ---- native types ---- */

static size_t align(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static void add_subclass(struct type *base, struct type *type)
{
	base->subclasses = mem_resize(base->subclasses, (base->subclass_count + 1) * sizeof type);
	base->subclasses[base->subclass_count++] = type;
}

static void remove_subclass(struct type *base, struct type *type)
{
	for (size_t i = 0; i < base->subclass_count; i++)
		if (base->subclasses[i] == type) {
			base->subclasses[i] = base->subclasses[--base->subclass_count];
			return;
		}
}

static void set_bases(struct type *type, size_t count, struct type **bases)
{
	type->bases = mem_copy(bases, count * sizeof *bases);
	type->base_count = count;
	for (size_t i = 0; i < count; i++) {
		(void)object_keep(bases[i]);
		add_subclass(bases[i], type);
	}
}

static void lay_out_native(struct type *type, const struct type_spec *spec, struct type *base)
{
	type->size = spec->size ? spec->size : base ? base->size : sizeof(struct object);
	type->kind = spec->kind || !base ? spec->kind : base->kind;
	type->flags = spec->flags | TYPE_NATIVE | (base ? base->flags & (TYPE_CONTAINER | TYPE_HAS_DICT) : 0);
	if (!(type->flags & TYPE_HAS_DICT))
		return;
	type->dict_offset = spec->dict_offset;
	if (!type->dict_offset && base && base->dict_offset && (!spec->size || (base->spec && base->spec->dict_offset)))
		type->dict_offset = base->dict_offset;
	if (!type->dict_offset) {
		type->dict_offset = align(type->size);
		type->size = type->dict_offset + sizeof(struct dict *);
	}
}

static void native_mro(struct type *type, struct type *base)
{
	type->mro_count = base ? base->mro_count + 1 : 1;
	type->mro = mem_alloc(type->mro_count * sizeof *type->mro);
	type->mro[0] = type;
	for (size_t i = 1; i < type->mro_count; i++)
		type->mro[i] = object_keep(base->mro[i - 1]);
}

static void add_native_members(struct type *type)
{
	struct vm *vm = type->vm;
	for (const struct native *n = type->spec->methods; n && n->name; n++)
		dict_set_str(vm, type->attrs, str_intern(vm, n->name), native_new(vm, n, type));
	for (const struct getset *g = type->spec->attrs; g && g->name; g++)
		dict_set_str(vm, type->attrs, str_intern(vm, g->name), getset_new(vm, g, type));
}

void type_complete(struct type *type)
{
	struct vm *vm = type->vm;
	type->head.head.type = vm->types.type;
	type->name = object_keep(str_intern(vm, type->spec->name));
	type->attrs = dict_new(vm);
	if (type->spec->signature)
		type->signature = signature_parse(vm, type->spec->name, type->spec->signature);
	add_native_members(type);
	dunder_expose(vm, type);
	if (is_unset(dict_get_str(type->attrs, vm->names.doc_)))
		dict_set_str(vm, type->attrs, vm->names.doc_, type->doc ? str_value(vm, type->doc) : VALUE_NONE);
	dunder_fill(vm, type);
}

struct type *type_new(struct vm *vm, const struct type_spec *spec, struct type *base)
{
	if (!base)
		base = vm->types.object;
	struct type *type = heap_type_block(vm, vm->types.type);
	type->head.head.refs++;         /* lives as long as the vm: its instances do not count it */
	type->vm = vm;
	type->spec = mem_copy(spec, sizeof *spec);     /* some are filled in for the occasion */
	type->doc = spec->doc;
	type->base = base;
	type->slots = spec->slots;
	lay_out_native(type, spec, base);
	native_mro(type, base);
	if (base)
		set_bases(type, 1, &base);
	type->version = ++vm->type_cache->version;
	if (vm->types.getset)
		type_complete(type);
	return type;
}

/* ---- classes of the language ---- */

/* The nearest ancestor (or itself) whose instances have a layout of their own. */
static struct type *solid(struct type *type)
{
	while (type->base && (!(type->flags & TYPE_NATIVE) || !type->spec->size || type->spec->size == type->base->size))
		type = type->base;
	return type;
}

static bool can_be_base(struct vm *vm, const struct type *type)
{
	if (!(type->flags & TYPE_NATIVE) || type->flags & TYPE_SUBCLASSABLE)
		return true;
	if (type == vm->types.type)
		return vm_raise_ok(vm, vm->errors.TypeError, "metaclasses are not part of the language: a class cannot be derived from type");
	return vm_raise_ok(vm, vm->errors.TypeError, "type '%s' is not an acceptable base type", type->name->data);
}

static struct type *best_base(struct vm *vm, size_t count, struct type **bases)
{
	struct type *winner = NULL, *best = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!can_be_base(vm, bases[i]))
			return NULL;
		struct type *candidate = solid(bases[i]);
		if (!winner || (candidate != winner && type_is(candidate, winner))) {
			winner = candidate;
			best = bases[i];
		} else if (!type_is(winner, candidate)) {
			vm_raise(vm, vm->errors.TypeError, "multiple bases have instance lay-out conflict");
			return NULL;
		}
	}
	return best;
}

/* C3: take the first head that stands in no other list's tail. */
struct merge { struct type **list; size_t count, at; };

static bool in_a_tail(const struct merge *lists, size_t count, const struct type *type)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = lists[i].at + 1; k < lists[i].count; k++)
			if (lists[i].list[k] == type)
				return true;
	return false;
}

static struct type *next_head(const struct merge *lists, size_t count, bool *done)
{
	*done = true;
	for (size_t i = 0; i < count; i++) {
		if (lists[i].at == lists[i].count)
			continue;
		*done = false;
		if (!in_a_tail(lists, count, lists[i].list[lists[i].at]))
			return lists[i].list[lists[i].at];
	}
	return NULL;
}

static void pass_head(struct merge *lists, size_t count, const struct type *head)
{
	for (size_t i = 0; i < count; i++)
		if (lists[i].at < lists[i].count && lists[i].list[lists[i].at] == head)
			lists[i].at++;
}

static bool no_order(struct vm *vm, size_t count, struct type **bases)
{
	struct buf names = {0};
	for (size_t i = 0; i < count; i++)
		buf_print(&names, "%s%s", i ? ", " : "", bases[i]->name->data);
	vm_raise(vm, vm->errors.TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases %s", buf_str(&names));
	buf_free(&names);
	return false;
}

static bool linearize(struct vm *vm, struct type *type, size_t count, struct type **bases)
{
	struct merge *lists = mem_zero((count + 1) * sizeof *lists);
	size_t total = 1;
	for (size_t i = 0; i < count; i++) {
		lists[i] = (struct merge){ bases[i]->mro, bases[i]->mro_count, 0 };
		total += bases[i]->mro_count;
	}
	lists[count] = (struct merge){ bases, count, 0 };
	type->mro = mem_alloc(total * sizeof *type->mro);
	type->mro[type->mro_count++] = type;
	bool done;
	for (struct type *head; (head = next_head(lists, count + 1, &done));) {
		type->mro[type->mro_count++] = object_keep(head);
		pass_head(lists, count + 1, head);
	}
	mem_free(lists);
	return done || no_order(vm, count, bases);
}

static bool check_bases(struct vm *vm, size_t count, struct type **bases)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (bases[i] == bases[k])
				return vm_raise_ok(vm, vm->errors.TypeError, "duplicate base class %s", bases[i]->name->data);
	return true;
}

static void lay_out_class(struct type *type)
{
	const struct type *base = type->base;
	type->kind = base->kind;
	type->size = base->size;
	type->dict_offset = base->dict_offset ? base->dict_offset : base->spec ? base->spec->dict_offset : 0;
	type->flags = TYPE_SUBCLASSABLE | TYPE_HAS_DICT | (base->flags & TYPE_CONTAINER);
	if (base->kind == KIND_OTHER && base->size == sizeof(struct object)) {
		type->size = sizeof(struct container);
		type->flags |= TYPE_CONTAINER;
	}
	if (!type->dict_offset) {
		type->dict_offset = align(type->size);
		type->size = type->dict_offset + sizeof(struct dict *);
	}
}

/* As Python has it: these need no decorator. */
static void wrap_implicit(struct vm *vm, struct dict *attrs)
{
	struct { struct str *name; value (*wrap)(struct vm *vm, value function); } rows[] = {
		{ vm->names.new_, staticmethod_new }, { vm->names.init_subclass_, classmethod_new },
		{ vm->names.class_getitem_, classmethod_new },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		value found = dict_get_str(attrs, rows[i].name);
		if (is_kind(found, KIND_FUNCTION))
			dict_set_str(vm, attrs, rows[i].name, rows[i].wrap(vm, found));
	}
	if (!is_unset(dict_get_str(attrs, vm->names.eq_)) && is_unset(dict_get_str(attrs, vm->names.hash_)))
		dict_set_str(vm, attrs, vm->names.hash_, VALUE_NONE);
	if (is_unset(dict_get_str(attrs, vm->names.doc_)))
		dict_set_str(vm, attrs, vm->names.doc_, VALUE_NONE);
}

static bool set_name(struct vm *vm, struct type *type, value key, value item)
{
	if (item.tag != TAG_OBJECT || item.o->type->flags & TYPE_NATIVE || !is_str(key))
		return true;
	value args[] = { value_object(type), key };
	value done = dunder_call(vm, item, vm->names.set_name_, 2, args);
	value_drop(done);
	return !vm_pending(vm);
}

static bool set_names(struct vm *vm, struct type *type)
{
	value copy = list_from(vm, value_object(type->attrs));
	if (is_unset(copy))
		return false;
	bool ok = true;
	for (size_t i = 0; ok && i < as_list(copy)->count; i++) {
		value key = as_list(copy)->items[i];
		value item = value_keep(dict_get(vm, type->attrs, key));
		ok = is_unset(item) || set_name(vm, type, key, item);
		value_drop(item);
	}
	value_drop(copy);
	return ok;
}

static value find_after(struct type *type, struct str *name)
{
	for (size_t i = 1; i < type->mro_count; i++) {
		value found = dict_get_str(type->mro[i]->attrs, name);
		if (!is_unset(found))
			return found;
	}
	return VALUE_UNSET;
}

static bool init_subclass(struct vm *vm, struct type *type, const struct call *keywords)
{
	static const struct call nothing;
	value found = find_after(type, vm->names.init_subclass_);
	if (is_unset(found))
		return true;
	value bound = attr_bind(vm, found, VALUE_UNSET, type);
	value done = is_unset(bound) ? bound : value_call(vm, bound, keywords ? keywords : &nothing);
	value_drop(bound);
	value_drop(done);
	return !vm_pending(vm);
}

static bool announce(struct vm *vm, struct type *type, const struct call *keywords)
{
	if (!set_names(vm, type))
		return false;
	if (type->slots.subclassed && !type->slots.subclassed(vm, type))
		return false;
	return init_subclass(vm, type, keywords);
}

struct type *type_derive_with(struct vm *vm, struct str *name, size_t count, struct type **bases, struct dict *attrs, const struct call *keywords)
{
	if (!count) {
		count = 1;
		bases = &vm->types.object;
	}
	struct type *base = check_bases(vm, count, bases) ? best_base(vm, count, bases) : NULL;
	if (!base)
		return NULL;
	struct type *type = heap_type_block(vm, vm->types.type);
	type->vm = vm;
	type->name = object_keep(name);
	type->base = base;
	type->attrs = object_keep(attrs);
	set_bases(type, count, bases);
	lay_out_class(type);
	type->version = ++vm->type_cache->version;
	if (!linearize(vm, type, count, bases)) {
		object_drop(type);
		return NULL;
	}
	wrap_implicit(vm, attrs);
	dunder_fill(vm, type);
	if (!announce(vm, type, keywords)) {
		object_drop(type);
		return NULL;
	}
	return type;
}

struct type *type_derive(struct vm *vm, struct str *name, size_t count, struct type **bases, struct dict *attrs)
{
	return type_derive_with(vm, name, count, bases, attrs, NULL);
}

/* ---- both ---- */

bool type_is(const struct type *type, const struct type *ancestor)
{
	if (type == ancestor)
		return true;
	for (size_t i = 1; i < type->mro_count; i++)
		if (type->mro[i] == ancestor)
			return true;
	return false;
}

static void fill_down(struct vm *vm, struct type *type)
{
	dunder_fill(vm, type);
	for (size_t i = 0; i < type->subclass_count; i++)
		fill_down(vm, type->subclasses[i]);
}

bool type_set_attr(struct vm *vm, struct type *type, struct str *name, value to)
{
	if (is_unset(to)) {
		if (!dict_remove_str(type->attrs, name))
			return vm_raise_ok(vm, vm->errors.AttributeError, "type object '%s' has no attribute '%s'", type->name->data, name->data);
	} else {
		dict_set_str(vm, type->attrs, name, value_keep(to));
	}
	new_version(type);
	if (dunder_is_special(name))
		fill_down(vm, type);
	return true;
}

/* What the type object itself holds, dropped; called by the slots of `type` (object.c). */
void type_release(struct object *o)
{
	struct type *type = (struct type *)o;
	if (type->extra_free)
		type->extra_free(type->extra);
	for (size_t i = 0; i < type->base_count; i++) {
		remove_subclass(type->bases[i], type);
		object_drop(type->bases[i]);
	}
	for (size_t i = 1; i < type->mro_count; i++)
		object_drop(type->mro[i]);
	object_drop(type->attrs);
	object_drop(type->name);
	signature_free(type->signature);
	mem_free((void *)type->spec);
	mem_free(type->mro);
	mem_free(type->bases);
	mem_free(type->subclasses);
	type->attrs = NULL;
	type->name = NULL;
	type->spec = NULL;
	type->mro = type->bases = type->subclasses = NULL;
	type->mro_count = type->base_count = type->subclass_count = 0;
	type->extra = NULL;
}

void type_visit(struct object *o, visit_fn visit, void *state)
{
	struct type *type = (struct type *)o;
	visit((struct object *)type->attrs, state);
	for (size_t i = 0; i < type->base_count; i++)
		visit((struct object *)type->bases[i], state);
	for (size_t i = 1; i < type->mro_count; i++)
		visit((struct object *)type->mro[i], state);
	if (type->extra_visit)
		type->extra_visit(type->extra, visit, state);
}
