/* Built-in functions of code and its names: exec eval compile globals locals vars dir __import__. */
#include <string.h>

#include "base/source.h"
#include "lang/builtins.h"
#include "lang/machine.h"
#include "lang/types.h"

static value do_globals(struct vm *vm, value *a)
{
	struct dict *globals = frame_globals(vm);
	return globals ? value_object(object_keep(globals)) : vm_raise(vm, vm->errors.RuntimeError, "globals(): no code is running");
}

static value do_locals(struct vm *vm, value *a)
{
	struct dict *locals = frame_locals(vm);
	return locals ? value_object(locals) : vm_raise(vm, vm->errors.RuntimeError, "locals(): no code is running");
}

static value do_vars(struct vm *vm, value *a)
{
	if (is_unset(a[0]))
		return do_locals(vm, a);
	value d = value_attr_or_unset(vm, a[0], vm->names.dict_);
	if (is_unset(d) && !vm_pending(vm))
		return vm_raise(vm, vm->errors.TypeError, "vars() argument must have __dict__ attribute");
	return d;
}

static value do_dir(struct vm *vm, value *a)
{
	if (!is_unset(a[0]))
		return builtins_dir(vm, a[0]);
	value locals = do_locals(vm, a), keys = is_unset(locals) ? locals : list_from(vm, locals);
	value_drop(locals);
	if (is_unset(keys))
		return keys;
	value done = value_call_method(vm, keys, str_intern(vm, "sort"), 0, NULL);
	if (is_unset(done))
		value_set(&keys, VALUE_UNSET);
	return keys;
}

/* ---- exec and eval --------------------------------------------------------------------------------------------------- */

struct scope {
	struct dict *globals;       /* BORROWED */
	struct dict *locals;        /* owned, or NULL */
};

static bool scope_of(struct vm *vm, value globals, value locals, const char *function, struct scope *s)
{
	*s = (struct scope){0};
	if (!is_none(globals) && !is_kind(globals, KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() globals must be a dict, not %s", function, value_type_name(vm, globals));
	if (!is_none(locals) && !is_kind(locals, KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() locals must be a dict, not %s", function, value_type_name(vm, locals));
	s->globals = is_none(globals) ? frame_globals(vm) : as_dict(globals);
	if (!s->globals)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "%s(): no code is running", function);
	if (!is_none(locals))
		s->locals = object_keep(as_dict(locals));
	else if (is_none(globals))
		s->locals = frame_locals(vm);
	if (s->locals == s->globals) {
		object_drop(s->locals);
		s->locals = NULL;
	}
	return true;
}

/* Text to run; NULL and raised. eval allows blanks in front. */
static struct source *source_of(struct vm *vm, value text, const char *name, const char *function, bool eval)
{
	struct view view;

	if (is_str(text))
		view = (struct view){ (const uint8_t *)as_str(text)->data, as_str(text)->len };
	else if (!is_bytes(text) && !is_kind(text, KIND_BYTEARRAY)) {
		vm_raise(vm, vm->errors.TypeError, "%s() arg 1 must be a string, bytes or code object", function);
		return NULL;
	} else if (!value_to_view(vm, text, &view))
		return NULL;
	if (view.len && memchr(view.bytes, 0, view.len)) {
		vm_raise(vm, vm->errors.ValueError, "source code string cannot contain null bytes");
		return NULL;
	}
	while (eval && view.len && (*view.bytes == ' ' || *view.bytes == '\t')) {
		view.bytes++;
		view.len--;
	}
	return source_new(name, view.len ? (const char *)view.bytes : "", view.len);
}

static value run(struct vm *vm, value *a, const char *function, bool eval)
{
	struct scope scope;
	value r = VALUE_UNSET;

	if (!scope_of(vm, a[1], a[2], function, &scope))
		return r;
	if (is_kind(a[0], KIND_CODE)) {
		r = machine_run_code(vm, (struct code *)a[0].o, scope.globals, scope.locals);
	} else {
		struct source *source = source_of(vm, a[0], "<string>", function, eval);
		if (source) {
			r = (eval ? machine_eval : machine_exec)(vm, source, scope.globals, scope.locals);
			source_drop(source);
		}
	}
	object_drop(scope.locals);
	return r;
}

static value do_eval(struct vm *vm, value *a)
{
	return run(vm, a, "eval", true);
}

static value do_exec(struct vm *vm, value *a)
{
	value r = run(vm, a, "exec", false);

	if (is_unset(r))
		return r;
	value_drop(r);
	return VALUE_NONE;
}

/* ---- import ------------------------------------------------------------------------------------------------------------ */

static bool has_items(value v)
{
	const value *items;
	size_t count;
	return value_items(v, &items, &count) && count;
}

/* __import__("os.path") is os; with a fromlist it is os.path. */
static value do_import(struct vm *vm, value *a)
{
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "__import__() argument 1 must be str, not %s", value_type_name(vm, a[0]));
	const char *name = as_str(a[0])->data, *dot = strchr(name, '.');
	value module = vm_import(vm, name);
	if (is_unset(module) || !dot || has_items(a[3]))
		return module;
	value_drop(module);
	struct str *first = str_new(vm, name, (size_t)(dot - name));
	module = vm_import(vm, first->data);
	object_drop(first);
	return module;
}

const struct native builtins_code[] = {
	{ "globals", do_globals, "", "The names of the module that runs, as a dict." },
	{ "locals", do_locals, "", "The names of the function that runs, as a new dict; at module level globals()." },
	{ "vars", do_vars, "object=..., /", "The object's __dict__; without an argument locals()." },
	{ "dir", do_dir, "object=..., /", "The names of the object's attributes; without an argument those of locals()." },
	{ "eval", do_eval, "source, globals=None, locals=None, /", "The value of an expression given as text." },
	{ "exec", do_exec, "source, globals=None, locals=None, /", "Runs statements given as text." },
	{ "__import__", do_import, "name, globals=None, locals=None, fromlist=(), level=0", "Imports a module by its name." },
	{0}
};
