/* Functions of the language, their cells and code objects; how a call's arguments become a function's registers. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/frame.h"
#include "lang/makers.h"

value function_new(struct vm *vm, struct code *code, struct dict *globals)
{
	struct function *f = object_new(vm->types.function, code->free_count * sizeof *f->cells);
	f->code = object_keep(code);
	f->globals = object_keep(globals);
	f->name = object_keep(code->name);
	f->qualname = object_keep(code->qualname);
	f->doc = value_keep(code->doc);
	f->module = value_keep(dict_get_str(globals, vm->names.name_));
	f->cell_count = code->free_count;
	return value_object(f);
}

/* ---- binding ------------------------------------------------------------------------------------------------------- */

static size_t default_count(const struct function *f)
{
	return f->defaults ? f->defaults->count : 0;
}

static bool too_many(struct vm *vm, const struct function *f, size_t count, size_t keyword_only_given)
{
	const struct code *code = f->code;
	size_t most = code->positional, least = most - default_count(f);
	struct buf b = { 0 };
	if (least < most)
		buf_print(&b, "%s() takes from %zu to %zu positional arguments but ", f->qualname->data, least, most);
	else
		buf_print(&b, "%s() takes %zu positional argument%s but ", f->qualname->data, most, most == 1 ? "" : "s");
	if (keyword_only_given)
		buf_print(&b, "%zu positional argument%s (and %zu keyword-only argument%s) were given", count, count == 1 ? "" : "s",
			keyword_only_given, keyword_only_given == 1 ? "" : "s");
	else
		buf_print(&b, "%zu %s given", count, count == 1 ? "was" : "were");
	vm_raise(vm, vm->errors.TypeError, "%s", buf_str(&b));
	vm_blame_arg(vm, most);
	buf_free(&b);
	return false;
}

static void list_names(struct buf *b, struct str *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_text(b, count == 2 ? " and " : i + 1 == count ? ", and " : ", ");
		buf_print(b, "'%s'", names[i]->data);
	}
}

static bool missing(struct vm *vm, const struct function *f, const value *regs, size_t from, size_t to, const char *kind)
{
	struct str **names = mem_alloc((to - from) * sizeof *names);
	size_t count = 0;
	for (size_t i = from; i < to; i++)
		if (is_unset(regs[i]))
			names[count++] = f->code->local_names[i];
	struct buf b = { 0 };
	list_names(&b, names, count);
	if (count)
		vm_raise(vm, vm->errors.TypeError, "%s() missing %zu required %s argument%s: %s",
			f->qualname->data, count, kind, count == 1 ? "" : "s", buf_str(&b));
	buf_free(&b);
	mem_free(names);
	return count == 0;
}

struct names_walk { const struct code *code; size_t at, end; };

static const char *next_param(void *state)
{
	struct names_walk *w = state;
	return w->at < w->end ? w->code->local_names[w->at++]->data : NULL;
}

static bool unexpected(struct vm *vm, const struct function *f, const struct call *call, size_t i)
{
	const struct code *code = f->code;
	struct names_walk walk = { code, code->positional_only, code->positional + code->keyword_only };
	const char *name = call->names[i]->data, *near = NULL;
	for (size_t p = 0; p < code->positional_only; p++)
		if (code->local_names[p] == call->names[i]) {
			vm_raise(vm, vm->errors.TypeError, "%s() got some positional-only arguments passed as keyword arguments: '%s'",
				f->qualname->data, name);
			vm_blame_arg(vm, call->count + i);
			return false;
		}
	near = text_nearest(name, next_param, &walk);
	vm_raise(vm, vm->errors.TypeError, near ? "%s() got an unexpected keyword argument '%s'; did you mean '%s'?" :
		"%s() got an unexpected keyword argument '%s'", f->qualname->data, name, near);
	vm_blame_arg(vm, call->count + i);
	return false;
}

static int param_index(const struct code *code, const struct str *name)
{
	unsigned end = code->positional + code->keyword_only;
	for (unsigned i = code->positional_only; i < end; i++)
		if (code->local_names[i] == name)
			return (int)i;
	return -1;
}

static bool bind_named(struct vm *vm, struct function *f, const struct call *call, const value *named, value *regs, struct dict *rest)
{
	for (size_t i = 0; i < call->named; i++) {
		value v = named[i];
		int at = param_index(f->code, call->names[i]);
		if (at < 0 && !rest)
			return unexpected(vm, f, call, i);
		if (at < 0) {
			dict_set_str(vm, rest, call->names[i], value_keep(v));
		} else if (!is_unset(regs[at])) {
			vm_raise(vm, vm->errors.TypeError, "%s() got multiple values for argument '%s'", f->qualname->data, call->names[i]->data);
			vm_blame_arg(vm, call->count + i);
			return false;
		} else {
			regs[at] = value_keep(v);
		}
	}
	return true;
}

static void fill_defaults(struct function *f, value *regs)
{
	const struct code *code = f->code;
	size_t first = code->positional - default_count(f);
	for (size_t i = code->positional; i-- > first;)
		if (is_unset(regs[i]))
			regs[i] = value_keep(f->defaults->items[i - first]);
	if (!f->keyword_defaults)
		return;
	for (size_t i = code->positional; i < (size_t)code->positional + code->keyword_only; i++)
		if (is_unset(regs[i]))
			regs[i] = value_keep(dict_get_str(f->keyword_defaults, code->local_names[i]));
}

static size_t keyword_only_given(const struct code *code, const struct call *call)
{
	size_t count = 0;
	for (size_t i = 0; i < call->named; i++)
		count += param_index(code, call->names[i]) >= code->positional;
	return count;
}

static void unset_all(value *regs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		value_set(&regs[i], VALUE_UNSET);
}

/* What is more than the positional parameters becomes *args; the places of all other parameters are unset. */
static bool spread_in_place(struct vm *vm, struct function *f, const struct call *call, value *regs)
{
	const struct code *code = f->code;
	size_t count = call->count, positional = code->positional, at = positional + code->keyword_only;
	struct tuple *rest = NULL;
	if (code->flags & CODE_STAR) {
		size_t more = count > positional ? count - positional : 0;
		rest = tuple_new(vm, more);
		for (size_t i = 0; i < more; i++) {
			rest->items[i] = regs[positional + i];
			regs[positional + i].tag = TAG_UNSET;
		}
	} else if (count > positional) {
		return too_many(vm, f, count, keyword_only_given(code, call));
	}
	for (size_t i = count < positional ? count : positional; i < code->params; i++)
		regs[i].tag = TAG_UNSET;
	if (rest)
		regs[at++] = value_object(rest);
	if (code->flags & CODE_DOUBLE_STAR)
		regs[at] = value_object(dict_new(vm));
	return true;
}

static bool complete(struct vm *vm, struct function *f, value *regs)
{
	const struct code *code = f->code;
	fill_defaults(f, regs);
	for (size_t i = 0; i < code->positional; i++)
		if (is_unset(regs[i]))
			return missing(vm, f, regs, 0, code->positional, "positional");
	return !code->keyword_only || missing(vm, f, regs, code->positional, code->positional + code->keyword_only, "keyword-only");
}

bool function_fill(struct vm *vm, struct function *f, size_t count, value *regs)
{
	const struct code *code = f->code;
	if (spread_in_place(vm, f, &(struct call){ .count = count }, regs)) {
		if (complete(vm, f, regs))
			return true;
		count = code->params;
	}
	unset_all(regs, count);
	return false;
}

enum { FEW = 16 };

bool function_fill_named(struct vm *vm, struct function *f, const struct call *call, value *regs)
{
	value few[FEW];
	value *named = call->named <= FEW ? few : mem_alloc(call->named * sizeof *named);
	for (size_t i = 0; i < call->named; i++) {
		named[i] = regs[call->count + i];
		regs[call->count + i].tag = TAG_UNSET;
	}
	const struct code *code = f->code;
	bool ok = spread_in_place(vm, f, call, regs);
	size_t bound = ok ? code->params : call->count;
	if (ok) {
		struct dict *more = code->flags & CODE_DOUBLE_STAR ? as_dict(regs[code->params - 1]) : NULL;
		ok = bind_named(vm, f, call, named, regs, more) && complete(vm, f, regs);
	}
	if (!ok)
		unset_all(regs, bound);
	unset_all(named, call->named);
	if (named != few)
		mem_free(named);
	return ok;
}

/* ---- inspection ---------------------------------------------------------------------------------------------------- */

struct str *function_name(value f)
{
	return as_function(f)->name;
}

value function_doc(value f)
{
	return as_function(f)->doc;
}

struct code *function_code(value f)
{
	return as_function(f)->code;
}

static bool add_param(struct vm *vm, struct buf *b, const struct str *name, const char *stars, value initial)
{
	if (b->len > 1)
		buf_text(b, ", ");
	buf_print(b, "%s%s", stars, name->data);
	if (is_unset(initial))
		return true;
	buf_char(b, '=');
	return value_repr_to(vm, initial, b);
}

static bool add_params(struct vm *vm, const struct function *f, struct buf *b)
{
	const struct code *code = f->code;
	unsigned named = code->positional + code->keyword_only, first = code->positional - default_count(f);
	bool star = code->flags & CODE_STAR, ok = true;
	for (unsigned i = 0; i < code->positional && ok; i++) {
		ok = add_param(vm, b, code->local_names[i], "", i >= first ? f->defaults->items[i - first] : VALUE_UNSET);
		if (i + 1 == code->positional_only && !(code->flags & CODE_COMPREHENSION))
			buf_text(b, ", /");
	}
	if (star)
		ok = ok && add_param(vm, b, code->local_names[named], "*", VALUE_UNSET);
	else if (code->keyword_only)
		buf_text(b, b->len > 1 ? ", *" : "*");
	for (unsigned i = code->positional; i < named && ok; i++)
		ok = add_param(vm, b, code->local_names[i], "",
			f->keyword_defaults ? dict_get_str(f->keyword_defaults, code->local_names[i]) : VALUE_UNSET);
	if (code->flags & CODE_DOUBLE_STAR)
		ok = ok && add_param(vm, b, code->local_names[named + star], "**", VALUE_UNSET);
	return ok;
}

value function_signature(struct vm *vm, value f)
{
	struct buf b = { 0 };
	buf_char(&b, '(');
	bool ok = add_params(vm, as_function(f), &b);
	buf_char(&b, ')');
	if (ok)
		return str_from_buf(vm, &b);
	buf_free(&b);
	return VALUE_UNSET;
}

/* ---- the type ------------------------------------------------------------------------------------------------------ */

static void release_function(struct object *o)
{
	struct function *f = (struct function *)o;
	object_drop(f->code);
	object_drop(f->globals);
	object_drop(f->defaults);
	object_drop(f->keyword_defaults);
	object_drop(f->annotations);
	object_drop(f->name);
	object_drop(f->qualname);
	value_drop(f->doc);
	value_drop(f->module);
	for (size_t i = 0; i < f->cell_count; i++)
		object_drop(f->cells[i]);
	f->code = NULL;
	f->globals = f->keyword_defaults = f->annotations = NULL;
	f->defaults = NULL;
	f->name = f->qualname = NULL;
	f->doc = f->module = VALUE_UNSET;
	f->cell_count = 0;
}

static void visit_function(struct object *o, visit_fn visit, void *state)
{
	struct function *f = (struct function *)o;
	visit((struct object *)f->globals, state);
	visit((struct object *)f->defaults, state);
	visit((struct object *)f->keyword_defaults, state);
	visit((struct object *)f->annotations, state);
	visit_value(f->doc, visit, state);
	for (size_t i = 0; i < f->cell_count; i++)
		visit((struct object *)f->cells[i], state);
}

static bool repr_function(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<function %s at %p>", as_function(self)->qualname->data, (void *)self.o);
	return true;
}

static value call_slot(struct vm *vm, value self, const struct call *call)
{
	return machine_call(vm, as_function(self), call);
}

static value owned_or_none(void *object)
{
	return object ? value_object(object_keep(object)) : VALUE_NONE;
}

static value get_name(struct vm *vm, value self) { return owned_or_none(as_function(self)->name); }
static value get_qualname(struct vm *vm, value self) { return owned_or_none(as_function(self)->qualname); }
static value get_code(struct vm *vm, value self) { return owned_or_none(as_function(self)->code); }
static value get_globals(struct vm *vm, value self) { return owned_or_none(as_function(self)->globals); }
static value get_defaults(struct vm *vm, value self) { return owned_or_none(as_function(self)->defaults); }
static value get_keyword_defaults(struct vm *vm, value self) { return owned_or_none(as_function(self)->keyword_defaults); }
static value get_doc(struct vm *vm, value self) { return value_keep(as_function(self)->doc); }

static value get_module(struct vm *vm, value self)
{
	value module = as_function(self)->module;
	return is_unset(module) ? VALUE_NONE : value_keep(module);
}

static value get_annotations(struct vm *vm, value self)
{
	struct function *f = as_function(self);
	if (!f->annotations)
		f->annotations = dict_new(vm);
	return owned_or_none(f->annotations);
}

static value get_dict(struct vm *vm, value self)
{
	return owned_or_none(instance_dict(self.o, true));
}

static value get_closure(struct vm *vm, value self)
{
	struct function *f = as_function(self);
	if (!f->cell_count)
		return VALUE_NONE;
	struct tuple *t = tuple_new(vm, f->cell_count);
	for (size_t i = 0; i < f->cell_count; i++)
		t->items[i] = value_object(object_keep(f->cells[i]));
	return value_object(t);
}

static bool set_text(struct vm *vm, struct str **place, value to, const char *what)
{
	if (!is_str(to))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s must be set to a string object", what);
	struct str *old = *place;
	*place = object_keep(as_str(to));
	object_drop(old);
	return true;
}

static bool set_name(struct vm *vm, value self, value to) { return set_text(vm, &as_function(self)->name, to, "__name__"); }
static bool set_qualname(struct vm *vm, value self, value to) { return set_text(vm, &as_function(self)->qualname, to, "__qualname__"); }

static bool set_doc(struct vm *vm, value self, value to)
{
	value_set(&as_function(self)->doc, is_unset(to) ? VALUE_NONE : value_keep(to));
	return true;
}

static bool set_module(struct vm *vm, value self, value to)
{
	value_set(&as_function(self)->module, is_unset(to) ? VALUE_NONE : value_keep(to));
	return true;
}

static bool set_defaults(struct vm *vm, value self, value to)
{
	struct function *f = as_function(self);
	if (!is_unset(to) && !is_none(to) && !is_kind(to, KIND_TUPLE))
		return vm_raise_ok(vm, vm->errors.TypeError, "__defaults__ must be set to a tuple object");
	struct tuple *fresh = is_kind(to, KIND_TUPLE) ? as_tuple(to) : NULL, *old = f->defaults;
	if (fresh && fresh->count > f->code->positional)
		return vm_raise_ok(vm, vm->errors.ValueError, "more defaults than parameters");
	f->defaults = fresh ? object_keep(fresh) : NULL;
	object_drop(old);
	return true;
}

static bool set_annotations(struct vm *vm, value self, value to)
{
	struct function *f = as_function(self);
	if (!is_unset(to) && !is_none(to) && !is_kind(to, KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "__annotations__ must be set to a dict object");
	struct dict *old = f->annotations;
	f->annotations = is_kind(to, KIND_DICT) ? object_keep(as_dict(to)) : NULL;
	object_drop(old);
	return true;
}

static const struct getset function_attrs[] = {
	{ "__name__", get_name, set_name, "The function's name." },
	{ "__qualname__", get_qualname, set_qualname, "The name with those of the classes and functions around it." },
	{ "__doc__", get_doc, set_doc, "The text that the body begins with." },
	{ "__module__", get_module, set_module, "The name of the module that defines it." },
	{ "__code__", get_code, NULL, "What the compiler made of the body." },
	{ "__globals__", get_globals, NULL, "The names of its module." },
	{ "__defaults__", get_defaults, set_defaults, "Defaults of the last positional parameters, or None." },
	{ "__kwdefaults__", get_keyword_defaults, NULL, "Defaults of the keyword-only parameters, or None." },
	{ "__annotations__", get_annotations, set_annotations, "Annotations by parameter name." },
	{ "__closure__", get_closure, NULL, "The cells of captured variables, or None." },
	{ "__dict__", get_dict, NULL, "Attributes that were set." },
	{ NULL },
};

static const struct type_spec function_spec = {
	.name = "function", .doc = "A function of the language.", .kind = KIND_FUNCTION, .size = sizeof(struct function),
	.flags = TYPE_CONTAINER | TYPE_HAS_DICT, .dict_offset = offsetof(struct function, dict),
	.slots = { .release = release_function, .visit = visit_function, .repr = repr_function, .call = call_slot },
	.attrs = function_attrs,
};

void type_make_function(struct vm *vm)
{
	vm->types.function = type_new(vm, &function_spec, NULL);
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

struct cell *cell_new(struct vm *vm, TAKES value held)
{
	struct cell *c = object_new(vm->types.cell, 0);
	c->held = held;
	return c;
}

static void release_cell(struct object *o)
{
	value_set(&((struct cell *)o)->held, VALUE_UNSET);
}

static void visit_cell(struct object *o, visit_fn visit, void *state)
{
	visit_value(((struct cell *)o)->held, visit, state);
}

static value get_contents(struct vm *vm, value self)
{
	value held = ((struct cell *)self.o)->held;
	return is_unset(held) ? vm_raise(vm, vm->errors.ValueError, "Cell is empty") : value_keep(held);
}

static const struct getset cell_attrs[] = {
	{ "cell_contents", get_contents, NULL, "What the variable holds." },
	{ NULL },
};

static const struct type_spec cell_spec = {
	.name = "cell", .doc = "A variable shared by functions.", .kind = KIND_CELL, .size = sizeof(struct cell), .flags = TYPE_CONTAINER,
	.slots = { .release = release_cell, .visit = visit_cell }, .attrs = cell_attrs,
};

void type_make_cell(struct vm *vm)
{
	vm->types.cell = type_new(vm, &cell_spec, NULL);
}
