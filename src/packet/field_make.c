/* Field objects: the types of the kinds, what their constructors do, and classes of fields that a user derives from them. */
#include <string.h>

#include "base/mem.h"
#include "packet/asn1.h"
#include "packet/field_own.h"
#include "packet/kinds.h"
#include "packet/layer.h"
#include "packet/world.h"

/* ---- before __init__ was called ---- */

static bool no_init(struct vm *vm, const struct field *f)
{
	return vm_raise_ok(vm, vm->errors.RuntimeError, "a field of %s is used whose __init__ did not call its base's", f->head.head.type->name->data);
}

static bool unmade_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	return no_init(s->vm, f);
}

static value unmade_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	no_init(s->vm, f);
	return VALUE_UNSET;
}

static bool unmade_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return no_init(s->vm, f);
}

static value unmade_accept(struct vm *vm, const struct field *f, value given)
{
	no_init(vm, f);
	return VALUE_UNSET;
}

static const struct codec unmade_codec = { .extent = unmade_extent, .decode = unmade_decode, .encode = unmade_encode, .accept = unmade_accept };
static const struct field_kind unmade = { "Field", NULL, "a field that is not made yet", &unmade_codec, NULL, 0, 0 };

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

/* The kind's own type. */
static struct type *native_type(struct type *cls)
{
	while (cls && !cls->spec)
		cls = cls->base;
	return cls && cls->kind == KIND_FIELD ? cls : NULL;
}

const struct field_kind *field_kind_of(const struct type *cls)
{
	const struct type *type = native_type((struct type *)(uintptr_t)cls);
	return type ? type->extra : NULL;
}

/* ---- what holds what ---- */

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
	object_drop(f->plain);
	f->plain = NULL;
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
	if (f->plain)
		visit(&f->plain->head.head, state);
	if (f->kind->codec->visit)
		f->kind->codec->visit(f, visit, state);
}


/* ---- making ---- */

static bool take_default(struct vm *vm, struct field *f, value given)
{
	value accepted;
	if (!field_accept(vm, f, given, &accepted))
		return false;
	value_set(&f->fallback, accepted);
	return true;
}

/* What a user's class keeps in the field goes with it. */
static bool copy_attributes(struct vm *vm, struct field *to, struct field *from)
{
	struct dict *given = instance_dict(&from->head.head, false);
	return !given || dict_update(vm, instance_dict(&to->head.head, true), value_object(given));
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
	if (copy_attributes(vm, twin, f) && take_default(vm, twin, given))
		return twin;
	object_drop(twin);
	return NULL;
}

/* Fields that the routes fill have no default among their arguments. */
static bool has_default(const struct field_kind *kind)
{
	const char *comma = strchr(kind->signature, ',');
	return comma && !strncmp(comma, ", default", 9);
}

/* What the constructor of the type's kind makes of a blank field. The default of one with methods of its own is theirs to accept. */
static bool fill(struct vm *vm, struct field *f, struct type *type, const struct call *call, bool own)
{
	const struct field_kind *kind = type->extra;
	size_t count = signature_count(type->signature);
	value a[24];
	if (count > 24 || !call_bind(vm, type->signature, call, a))
		return false;
	bool done = false;
	if (!is_str(a[0]) && !(kind->flags & FIELD_WRAPS)) {
		vm_raise(vm, vm->errors.TypeError, "%s: the name of a field is a text, not %s", kind->name, value_type_name(vm, a[0]));
	} else {
		if (is_str(a[0]))
			f->name = str_intern(vm, as_str(a[0])->data);
		f->kind = kind;
		f->flags = kind->flags;
		f->bits = kind->bits;
		done = kind->make(vm, f, a);
		if (done && has_default(kind) && own)
			value_set(&f->fallback, value_keep(a[1]));
		else if (done && has_default(kind))
			done = take_default(vm, f, a[1]);
	}
	call_unbind(type->signature, a);
	return done;
}

/* __init__(name, default, fmt) of Field itself, for a class of another kind: what that kind calls its first two arguments. */
static bool suits(const struct type *type, const struct type *owner, const struct call *call)
{
	const struct field_kind *kind = type->extra;
	return owner == type->vm->types.object || (owner != type && !strcmp(((const struct field_kind *)owner->extra)->name, "Field") &&
	       call->count >= 2 && has_default(kind) && signature_fits(type->signature, 2));
}

static bool init_as(struct vm *vm, value self, struct type *owner, const struct call *call)
{
	struct field *f = as_field(self);
	struct type *type = native_type(self.o->type);
	if (f->owner)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "'%s' is a field of a class already", f->name->data);
	struct call two = { call->args, 2, 0, NULL };
	if (suits(type, owner, call))
		call = &two;
	else
		type = owner;
	if (f->kind != &unmade)
		field_release(self.o);
	f->kind = &unmade;
	const struct own *own = own_of(self.o->type);
	if (!own && fill(vm, f, type, call, false))
		return true;
	if (!own) {
		field_release(self.o);
		f->kind = &unmade;
		return false;
	}
	f->plain = blank(type, &unmade, "");
	if (!fill(vm, f->plain, type, call, true)) {
		field_release(self.o);
		f->kind = &unmade;
		return false;
	}
	return own_take(vm, f, own);
}

static bool field_init(struct vm *vm, value self, const struct call *call)
{
	return init_as(vm, self, native_type(self.o->type), call);
}

/* super().__init__(...), Field.__init__(self, ...): the class that it is called on says how its arguments are read. */
static value init_slot(struct vm *vm, struct native_function *f, const struct call *call)
{
	if (!call->count || !is_field(call->args[0]))
		return vm_raise(vm, vm->errors.TypeError, "%s.__init__ takes a field of it first", f->owner->name->data);
	struct call rest = { call->args + 1, call->count - 1, call->named, call->names };
	return init_as(vm, call->args[0], f->owner, &rest) ? VALUE_NONE : VALUE_UNSET;
}

static value field_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(blank(cls, &unmade, ""));
}

static bool field_repr(struct vm *vm, value self, struct buf *out)
{
	const struct field *f = as_field(self);
	if (f->owner)
		buf_print(out, "<%s (%s).%s>", self.o->type->name->data, layer_class_name(f->owner), f->name->data);
	else
		buf_print(out, "<%s %s>", self.o->type->name->data, f->name->data);
	return true;
}

/* ---- the types ---- */

static const struct native init_method[] = { { .name = "__init__", .slot = init_slot, .doc = "makes the field" }, { 0 } };

static const struct field_kind *const tables[] = {
#define X(noun) kinds_##noun,
	KIND_TABLES(X)
#undef X
};

static struct type *add_kind(struct vm *vm, const struct field_kind *kind, struct type *base)
{
	const struct type_spec spec = {
		.name = kind->name, .doc = kind->doc, .kind = KIND_FIELD, .size = sizeof(struct field), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE,
		.signature = kind->signature, .attrs = base ? NULL : field_attrs, .methods = base ? init_method : field_methods,
		.slots = { .make = field_make, .init = field_init, .subclassed = own_subclassed, .release = field_release, .visit = field_visit,
		           .repr = field_repr },
	};
	struct type *type = type_new(vm, &spec, base);
	type->extra = (void *)(uintptr_t)kind;
	if (!base)
		dict_set_text(vm, type->attrs, "__init__", native_new(vm, init_method, type));
	dict_set_text(vm, vm->builtins, kind->name, value_object(type));
	return type;
}

void fields_add(struct vm *vm)
{
	struct world *w = world_of(vm);
	w->field = object_keep(add_kind(vm, &kind_field, NULL));
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct field_kind *k = tables[t]; k->name; k++)
			add_kind(vm, k, w->field);
	vm_add_builtins(vm, wrap_functions);
	asn1_add(vm);
	vm_add_builtins(vm, asn1_functions);
	options_add(vm);
}
