/* Variables and attributes that are looked up by name, with what each place in the text remembers of its last lookup. */
#include "lang/ops.h"

#include <string.h>

#include "base/text.h"
#include "lang/attr.h"
#include "lang/dict.h"
#include "lang/hash.h"
#include "lang/native.h"

/* ---- globals ------------------------------------------------------------------------------------------------------- */

struct candidates {
	struct dict *dicts[3];
	unsigned dict;
	uint32_t at;
	const struct code *code;
	unsigned local;
};

static const char *next_candidate(void *state)
{
	struct candidates *c = state;
	value key, item;
	if (c->code && c->local < c->code->locals)
		return c->code->local_names[c->local++]->data;
	for (; c->dict < 3; c->dict++, c->at = 0)
		while (c->dicts[c->dict] && dict_next(c->dicts[c->dict], &c->at, &key, &item))
			if (is_str(key))
				return as_str(key)->data;
	return NULL;
}

static bool name_unknown(struct vm *vm, const struct frame *f, const struct str *name)
{
	struct candidates c = { { f->flags & FRAME_SPACE ? f->space : NULL, f->function->globals, vm->builtins }, 0, 0, f->code, 0 };
	const char *near = text_nearest(name->data, next_candidate, &c);
	if (!near && vm->hooks.nearest_name)
		near = vm->hooks.nearest_name(vm, name->data);
	vm_raise(vm, vm->errors.NameError, near ? "name '%s' is not defined; did you mean '%s'?" : "name '%s' is not defined",
		name->data, near);
	if (is_kind(vm->pending, KIND_EXCEPTION))
		dict_set_text(vm, instance_dict(vm->pending.o, true), "name", value_keep(value_object((void *)name)));
	return false;
}

static int64_t entry_of(struct vm *vm, struct dict *d, struct str *name)
{
	return dict_find(vm, d, value_object(name), hash_str(name));
}

/* The value of a global or built-in, borrowed; its place is remembered. Unset: not there. */
static value global_find(struct vm *vm, struct dict *globals, struct str *name, struct global_slot *slot)
{
	int64_t at = entry_of(vm, globals, name);
	slot->missed = NULL;
	if (at >= 0) {
		slot->at = at;
		return globals->entries[at].item;
	}
	at = entry_of(vm, vm->builtins, name);
	if (at < 0)
		return VALUE_UNSET;
	*slot = (struct global_slot){ .at = at, .version = globals->version, .missed = globals };
	return vm->builtins->entries[at].item;
}

/* A name that nobody has is asked of the finder; an owned value, or unset and raised. */
static value global_or_raise(struct vm *vm, struct frame *f, struct str *name, struct global_slot *slot)
{
	value v = global_find(vm, f->function->globals, name, slot);
	if (!is_unset(v))
		return value_keep(v);
	if (vm->hooks.find_name) {
		v = vm->hooks.find_name(vm, name);
		if (!is_unset(v) || vm_pending(vm))
			return v;
	}
	name_unknown(vm, f, name);
	return VALUE_UNSET;
}

bool op_load_global(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	return op_put(f, i.a, global_or_raise(vm, f, f->code->names[i.b], &f->code->slots[i.c]));
}

bool op_store_global(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct str *name = f->code->names[i.b];
	struct dict *globals = f->function->globals;
	value v = op_take(vm, f, i.a);
	if (is_unset(v))
		return false;
	dict_set_str(vm, globals, name, v);
	int64_t at = entry_of(vm, globals, name);
	f->code->slots[i.c] = (struct global_slot){ .at = at };
	return true;
}

static bool delete_from(struct vm *vm, struct frame *f, struct dict *d, struct str *name, bool quiet)
{
	return dict_remove_str(d, name) || quiet || name_unknown(vm, f, name);
}

bool op_delete_global(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	return delete_from(vm, f, f->function->globals, f->code->names[i.b], i.n);
}

/* ---- names of a class's body --------------------------------------------------------------------------------------- */

bool op_load_name(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct str *name = f->code->names[i.b];
	value v = f->flags & FRAME_SPACE ? dict_get_str(f->space, name) : VALUE_UNSET;
	return is_unset(v) ? op_load_global(vm, f) : op_put(f, i.a, value_keep(v));
}

bool op_delete_name(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	return delete_from(vm, f, f->flags & FRAME_SPACE ? f->space : f->function->globals, f->code->names[i.b], i.n);
}

bool op_cell_unbound(struct vm *vm, struct str *name, bool free)
{
	if (free)
		return vm_raise_ok(vm, vm->errors.NameError,
			"cannot access free variable '%s' where it is not associated with a value in enclosing scope", name->data);
	return vm_raise_ok(vm, vm->errors.UnboundLocalError,
		"cannot access local variable '%s' where it is not associated with a value", name->data);
}

bool op_load_class_free(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value v = f->flags & FRAME_SPACE ? dict_get_str(f->space, f->code->names[i.c]) : VALUE_UNSET;
	if (is_unset(v))
		v = f->function->cells[i.b]->held;
	return is_unset(v) ? op_cell_unbound(vm, f->code->free_names[i.b], true) : op_put(f, i.a, value_keep(v));
}

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

static bool is_data(struct vm *vm, value found)
{
	return found.tag == TAG_OBJECT && (found.o->kind == KIND_PROPERTY || found.o->type == vm->types.getset ||
		found.o->type->flags & (TYPE_SETTER | TYPE_GETTER));
}

/* How a value that stands in a class is seen through an instance. */
static enum site_kind kind_of(struct vm *vm, value *found)
{
	if (found->tag != TAG_OBJECT)
		return SITE_CLASS;
	const struct native_function *n = (const struct native_function *)found->o;
	const struct property *p = (const struct property *)found->o;
	switch (found->o->kind) {
	case KIND_FUNCTION:
		return SITE_METHOD;
	case KIND_NATIVE:
		if (n->spec->flags & NATIVE_CLASS)
			return SITE_NOTHING;
		return native_is_method(*found) ? SITE_METHOD : SITE_STATIC;
	case KIND_STATICMETHOD:
		*found = ((struct wrapped_method *)found->o)->function;
		return SITE_STATIC;
	case KIND_CLASSMETHOD:
		*found = ((struct wrapped_method *)found->o)->function;
		return is_kind(*found, KIND_FUNCTION) ? SITE_CLASSMETHOD : SITE_NOTHING;
	case KIND_PROPERTY:
		return is_kind(p->get, KIND_FUNCTION) ? SITE_PROPERTY : SITE_NOTHING;
	}
	return is_data(vm, *found) ? SITE_NOTHING : SITE_CLASS;
}

/* The same through the class itself. */
static void learn_class(struct vm *vm, struct attr_site *site, struct type *type)
{
	value found = type_find(type, site->name);
	if (is_unset(found) || type->slots.class_attr || !is_unset(type_find(vm->types.type, site->name)))
		return;
	enum site_kind kind = kind_of(vm, &found);
	if (kind == SITE_NOTHING || kind == SITE_PROPERTY)
		return;
	site->what = SITE_OF_TYPE | (kind == SITE_CLASSMETHOD ? SITE_CLASSMETHOD : SITE_CLASS);
	site->found = found;
	site->version = type->version;
}

static void learn_module(struct vm *vm, struct attr_site *site, const struct module *m)
{
	int64_t at = entry_of(vm, m->globals, site->name);
	site->at = at >= 0 ? at : 0;
}

/* What can be said of the name once for all instances of v's type, while the type stays the same. */
void site_learn(struct vm *vm, struct attr_site *site, value v)
{
	struct type *type = value_type(vm, v);
	site->version = 0;
	if (is_kind(v, KIND_TYPE)) {
		learn_class(vm, site, (struct type *)v.o);
		return;
	}
	if (is_kind(v, KIND_MODULE)) {
		learn_module(vm, site, (struct module *)v.o);
		return;
	}
	if (type->flags & (TYPE_GETATTR | TYPE_GETATTRIBUTE) || v.tag != TAG_OBJECT)
		return;
	value found = type_find(type, site->name);
	if (!(type->flags & TYPE_PLAIN_GET)) {
		site->what = SITE_SLOT;
		site->version = type->slots.attr && !is_data(vm, found) ? type->version : 0;
		return;
	}
	struct dict *d = instance_dict(v.o, false);
	int64_t at = d && !is_data(vm, found) ? entry_of(vm, d, site->name) : -1;
	enum site_kind kind = SITE_INSTANCE;
	if (at >= 0)
		site->at = at;
	else if (is_unset(found) || (kind = kind_of(vm, &found)) == SITE_NOTHING || kind == SITE_CLASSMETHOD)
		return;
	site->what = kind;
	site->found = found;
	site->version = type->version;
}

bool op_load_attr(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct attr_site *site = &f->code->sites[i.c];
	value of = op_see(vm, f, i.b);
	if (is_unset(of))
		return false;
	value got = of.tag == TAG_OBJECT && site->what == SITE_SLOT && site->version == of.o->type->version ? of.o->type->slots.attr(vm, of, site->name) : VALUE_UNSET;
	if (is_unset(got) && !vm_pending(vm)) {
		got = value_attr(vm, of, site->name);
		if (!is_unset(got) && of.tag == TAG_OBJECT && site->version != of.o->type->version)
			site_learn(vm, site, of);
	}
	op_done(f, i.b);
	return op_put(f, i.a, got);
}

/* The type's own slot was asked and says nothing, nor does the instance's dict: a function of the class, borrowed, that gets the
 * instance. Unset: something else. */
static value method_behind_slot(struct vm *vm, value of, const struct attr_site *site)
{
	struct dict *d = instance_dict(of.o, false);
	value found = d && !is_unset(dict_get_str(d, site->name)) ? VALUE_UNSET : type_find(of.o->type, site->name);
	return !is_unset(found) && kind_of(vm, &found) == SITE_METHOD ? found : VALUE_UNSET;
}

/* What is called right after. A function that gets the subject is not bound to it: both stand side by side. */
bool op_load_method(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct attr_site *site = &f->code->sites[i.c];
	value of = op_take(vm, f, i.b);
	if (is_unset(of))
		return false;
	struct type *type = value_type(vm, of);
	if (!site->version || site->version != type->version)
		site_learn(vm, site, of);
	if (site->version && site->version == type->version && (site->what == SITE_METHOD || site->what == SITE_STATIC)) {
		struct dict *d = of.tag == TAG_OBJECT ? instance_dict(of.o, false) : NULL;     /* small and big ints are of one type */
		if (!d || is_unset(dict_get_str(d, site->name))) {
			f->regs[i.a] = value_keep(site->found);
			f->regs[i.a + 1] = site->what == SITE_METHOD ? of : VALUE_UNSET;
			if (site->what == SITE_STATIC)
				value_drop(of);
			return true;
		}
	}
	value got = VALUE_UNSET;
	if (site->version && site->version == type->version && site->what == SITE_SLOT) {
		value method = type->slots.method ? type->slots.method(vm, of, site->name) : VALUE_UNSET;
		if (is_unset(method))
			got = type->slots.attr(vm, of, site->name);
		if (is_unset(method) && is_unset(got) && !vm_pending(vm))
			method = method_behind_slot(vm, of, site);
		if (!is_unset(method)) {
			f->regs[i.a] = value_keep(method);
			f->regs[i.a + 1] = of;
			return true;
		}
	}
	if (is_unset(got) && !vm_pending(vm))
		got = value_attr(vm, of, site->name);
	value_drop(of);
	f->regs[i.a + 1].tag = TAG_UNSET;
	return op_put(f, i.a, got);
}

/* What stands behind `cls` in the order of self's classes. BORROWED. */
static value find_behind(const struct type *of, const struct type *cls, struct str *name)
{
	size_t i = 0;
	while (i < of->mro_count && of->mro[i] != cls)
		i++;
	for (i++; i < of->mro_count; i++) {
		value found = dict_get_str(of->mro[i]->attrs, name);
		if (!is_unset(found))
			return found;
	}
	return VALUE_UNSET;
}

/* The long way: super() and its attribute. */
static bool load_super_slowly(struct vm *vm, struct frame *f, struct str *name)
{
	struct instruction i = op_of(f);
	value callee = op_take(vm, f, i.b), made = is_unset(callee) ? callee : value_call_args(vm, callee, 0, NULL);
	value got = is_unset(made) ? made : value_attr(vm, made, name);
	value_drop(callee);
	value_drop(made);
	f->regs[i.a + 1].tag = TAG_UNSET;
	return op_put(f, i.a, got);
}

bool op_load_super(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct attr_site *site = &f->code->sites[i.c];
	struct type *cls;
	value callee = f->regs[i.b], self;
	if (callee.tag != TAG_OBJECT || callee.o != (void *)vm->types.super)
		return load_super_slowly(vm, f, site->name);
	if (!frame_super(vm, &cls, &self))
		return false;
	const struct type *of = value_type(vm, self);
	if (site->version != of->version || site->at != cls->version) {
		value found = type_is(of, cls) && !is_kind(self, KIND_TYPE) ? find_behind(of, cls, site->name) : VALUE_UNSET;
		if (!is_kind(found, KIND_FUNCTION))
			return load_super_slowly(vm, f, site->name);
		site->found = found;
		site->version = of->version;
		site->at = cls->version;
	}
	op_done(f, i.b);
	f->regs[i.a] = value_keep(site->found);
	f->regs[i.a + 1] = value_keep(self);
	return true;
}

/* Setting goes straight to the instance's dict: its type says so, and nothing in the type takes the name over. */
static bool sets_plainly(struct vm *vm, value of, const struct attr_site *site)
{
	const struct type *type = value_type(vm, of);
	return of.tag == TAG_OBJECT && type->flags & TYPE_PLAIN_SET && type->dict_offset &&
		of.o->kind != KIND_TYPE && of.o->kind != KIND_MODULE &&
		!is_data(vm, type_find((struct type *)type, site->name));
}

static void set_in_dict(struct vm *vm, struct object *o, struct attr_site *site, TAKES value to)
{
	struct dict *d = instance_dict(o, true);
	dict_set_str(vm, d, site->name, to);
	if (site->at >= d->filled || d->entries[site->at].key.o != &site->name->head)
		site->at = entry_of(vm, d, site->name);
}

bool op_store_attr(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct attr_site *site = &f->code->sites[i.c];
	value of = op_see(vm, f, i.a);
	bool ok = !is_unset(of) && !is_unset(op_see(vm, f, i.b));
	if (!ok)
		return false;
	if (site->version != value_type(vm, of)->version || of.tag != TAG_OBJECT)
		site->version = sets_plainly(vm, of, site) ? of.o->type->version : 0;
	if (site->version) {
		set_in_dict(vm, of.o, site, op_take(vm, f, i.b));
	} else {
		ok = value_set_attr(vm, of, site->name, f->regs[i.b]);
		op_done(f, i.b);
	}
	op_done(f, i.a);
	return ok;
}

bool op_delete_attr(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.a);
	bool ok = !is_unset(of) && value_set_attr(vm, of, f->code->sites[i.c].name, VALUE_UNSET);
	op_done(f, i.a);
	return ok;
}
