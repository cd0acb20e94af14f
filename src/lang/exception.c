/* Exceptions as values: their types, made of the rows of VM_EXCEPTIONS, and what is particular to a few of them. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#include "lang/cache.h"
#include "lang/guard.h"
#include "lang/makers.h"
#include "lang/traceback.h"
#include "lang/types.h"

/* ---- making ---- */

static void set_args(struct vm *vm, struct exception *e, size_t count, const value *args)
{
	value_set(&e->args, tuple_of(vm, count, args));
}

/* __new__ has set them already, but where a class of the language gives __init__ others. */
static bool has_args(const struct exception *e, const struct call *call)
{
	const struct tuple *args = as_tuple(e->args);
	if (args->count != call->count)
		return false;
	for (size_t i = 0; i < args->count; i++)
		if (args->items[i].tag != call->args[i].tag || args->items[i].i != call->args[i].i)
			return false;
	return true;
}

static struct exception *begin(struct vm *vm, struct type *cls, size_t count, const value *args)
{
	struct exception *e = object_new(cls, 0);
	e->blame = -1;
	set_args(vm, e, count, args);
	return e;
}

value exception_new(struct vm *vm, struct type *cls, TAKES value message)
{
	struct exception *e = begin(vm, cls, is_unset(message) ? 0 : 1, &message);
	value_drop(message);
	return value_object(e);
}

static void put(struct vm *vm, struct exception *e, const char *name, value item)
{
	dict_set_text(vm, instance_dict(&e->head.head, true), name, value_keep(item));
}

/* The class that an errno asks for. */
static struct type *class_of_errno(struct vm *vm, int code)
{
	struct vm_exceptions *t = &vm->errors;
	const struct { int code; struct type *type; } rows[] = {
		{ EAGAIN, t->BlockingIOError }, { EALREADY, t->BlockingIOError }, { EINPROGRESS, t->BlockingIOError }, { EWOULDBLOCK, t->BlockingIOError },
		{ ECHILD, t->ChildProcessError }, { EPIPE, t->BrokenPipeError }, { ESHUTDOWN, t->BrokenPipeError }, { ECONNABORTED, t->ConnectionAbortedError },
		{ ECONNREFUSED, t->ConnectionRefusedError }, { ECONNRESET, t->ConnectionResetError }, { EEXIST, t->FileExistsError },
		{ ENOENT, t->FileNotFoundError }, { EINTR, t->InterruptedError }, { EISDIR, t->IsADirectoryError }, { ENOTDIR, t->NotADirectoryError },
		{ EACCES, t->PermissionError }, { EPERM, t->PermissionError }, { ESRCH, t->ProcessLookupError }, { ETIMEDOUT, t->TimeoutError },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == code)
			return rows[i].type;
	return t->OSError;
}

static value os_error(struct vm *vm, struct type *cls, size_t count, const value *args)
{
	if (count >= 2 && cls == vm->errors.OSError && args[0].tag == TAG_INT)
		cls = class_of_errno(vm, (int)args[0].i);
	struct exception *e = begin(vm, cls, count > 2 && count <= 5 ? 2 : count, args);
	if (count >= 2 && count <= 5) {
		put(vm, e, "errno", args[0]);
		put(vm, e, "strerror", args[1]);
		if (count > 2 && !is_none(args[2]))
			put(vm, e, "filename", args[2]);
		if (count == 5)
			put(vm, e, "filename2", args[4]);
	}
	return value_object(e);
}

value vm_raise_os(struct vm *vm, int code, value filename)
{
	bool named = !is_unset(filename) && !is_none(filename);
	value args[] = { value_int(code), str_value(vm, strerror(code)), filename };
	value e = os_error(vm, vm->errors.OSError, named ? 3 : 2, args);
	value_drop(args[1]);
	return vm_raise_value(vm, e);
}

static void keep_names(struct vm *vm, struct exception *e, size_t count, const char *const *names)
{
	const struct tuple *args = as_tuple(e->args);
	for (size_t i = 0; i < count && i < args->count; i++)
		put(vm, e, names[i], args->items[i]);
}

static value exception_make(struct vm *vm, struct type *cls, const struct call *call)
{
	static const char *const decode[] = { "encoding", "object", "start", "end", "reason" };
	if (type_is(cls, vm->errors.OSError))
		return os_error(vm, cls, call->count, call->args);
	struct exception *e = begin(vm, cls, call->count, call->args);
	if (type_is(cls, vm->errors.UnicodeDecodeError) || type_is(cls, vm->errors.UnicodeEncodeError))
		keep_names(vm, e, 5, decode);
	return value_object(e);
}

static bool takes_keyword(struct vm *vm, const struct type *type, const char *name)
{
	if (type_is(type, vm->errors.ImportError))
		return !strcmp(name, "name") || !strcmp(name, "path");
	if (type_is(type, vm->errors.AttributeError))
		return !strcmp(name, "name") || !strcmp(name, "obj");
	return type_is(type, vm->errors.NameError) && !strcmp(name, "name");
}

static bool exception_init(struct vm *vm, value self, const struct call *call)
{
	struct exception *e = as_exception(self);
	for (uint32_t i = 0; i < call->named; i++) {
		if (!takes_keyword(vm, self.o->type, call->names[i]->data))
			return vm_raise_ok(vm, vm->errors.TypeError, "%s() takes no keyword arguments", self.o->type->name->data);
		put(vm, e, call->names[i]->data, call->args[call->count + i]);
	}
	if (!has_args(e, call) && !type_is(self.o->type, vm->errors.OSError))
		set_args(vm, e, call->count, call->args);
	return true;
}

/* ---- holding ---- */

static void forget_trace(struct exception *e)
{
	for (size_t i = 0; i < e->trace_count; i++) {
		if (e->trace[i].source)
			source_drop(e->trace[i].source);
		object_drop(e->trace[i].function);
	}
	mem_free(e->trace);
	e->trace = NULL;
	e->trace_count = 0;
}

static void exception_release(struct object *o)
{
	struct exception *e = (struct exception *)o;
	value_drop(e->args);
	value_drop(e->cause);
	value_drop(e->context);
	forget_trace(e);
	if (e->source)
		source_drop(e->source);
}

static void exception_visit(struct object *o, visit_fn visit, void *state)
{
	struct exception *e = (struct exception *)o;
	visit_value(e->args, visit, state);
	visit_value(e->cause, visit, state);
	visit_value(e->context, visit, state);
}

/* ---- text ---- */

static bool exception_repr(struct vm *vm, value self, struct buf *out)
{
	const struct exception *e = as_exception(self);
	buf_text(out, self.o->type->name->data);
	const struct tuple *args = is_kind(e->args, KIND_TUPLE) ? as_tuple(e->args) : NULL;
	if (!args || args->count != 1)
		return args ? value_repr_to(vm, e->args, out) : (buf_text(out, "()"), true);
	buf_char(out, '(');
	bool ok = value_repr_to(vm, args->items[0], out);
	buf_char(out, ')');
	return ok;
}

static value own(struct vm *vm, value self, const char *name)
{
	struct dict *dict = instance_dict(self.o, false);
	return dict ? dict_get_text(vm, dict, name) : VALUE_UNSET;
}

static bool add_repr_after(struct vm *vm, const char *before, value v, struct buf *out)
{
	buf_text(out, before);
	return value_repr_to(vm, v, out);
}

/* "[Errno 2] No such file or directory: 'x'" */
static bool os_text(struct vm *vm, value self, struct buf *out)
{
	value strerror_ = own(vm, self, "strerror"), file = own(vm, self, "filename"), file2 = own(vm, self, "filename2");
	buf_text(out, "[Errno ");
	if (!value_str_to(vm, own(vm, self, "errno"), out))
		return false;
	buf_text(out, "] ");
	if (!is_unset(strerror_) && !value_str_to(vm, strerror_, out))
		return false;
	if (!is_unset(file) && !is_none(file) && !add_repr_after(vm, ": ", file, out))
		return false;
	return is_unset(file2) || add_repr_after(vm, " -> ", file2, out);
}

static bool one_unit(struct vm *vm, const struct tuple *args, int64_t at, bool decoding, struct buf *out)
{
	struct view bytes;
	if (decoding && args->items[1].tag == TAG_OBJECT && value_to_view(vm, args->items[1], &bytes) && (size_t)at < bytes.len)
		buf_print(out, " byte 0x%02x in position %lld: ", bytes.bytes[at], (long long)at);
	else if (!decoding && is_str(args->items[1])) {
		value c = value_item(vm, args->items[1], value_int(at));
		bool ok = !is_unset(c) && (buf_text(out, " character "), true);
		struct buf text = {0};
		size_t from = 0;
		uint32_t code = ok ? utf8_next(as_str(c)->data, as_str(c)->len, &from) : 0;
		value_drop(c);
		if (!ok)
			return false;
		buf_print(&text, code < 0x100 ? "'\\x%02x'" : code < 0x10000 ? "'\\u%04x'" : "'\\U%08x'", code);
		buf_print(out, "%s in position %lld: ", buf_str(&text), (long long)at);
		buf_free(&text);
	}
	return !vm_pending(vm);
}

static bool unicode_text(struct vm *vm, const struct tuple *args, bool decoding, struct buf *out)
{
	int64_t start = args->items[2].i, end = args->items[3].i;
	const char *verb = decoding ? "decode" : "encode";
	buf_print(out, "'%s' codec can't %s", as_str(args->items[0])->data, verb);
	if (end == start + 1) {
		if (!one_unit(vm, args, start, decoding, out))
			return false;
	} else {
		buf_print(out, " %s in position %lld-%lld: ", decoding ? "bytes" : "characters", (long long)start, (long long)end - 1);
	}
	return value_str_to(vm, args->items[4], out);
}

static bool is_unicode_row(const struct tuple *args)
{
	return args->count == 5 && is_str(args->items[0]) && args->items[2].tag == TAG_INT && args->items[3].tag == TAG_INT;
}

static bool args_text(struct vm *vm, value self, struct buf *out)
{
	const struct tuple *args = as_tuple(as_exception(self)->args);
	if (args->count == 0)
		return true;
	if (args->count > 1)
		return value_repr_to(vm, as_exception(self)->args, out);
	return type_is(self.o->type, vm->errors.KeyError) ? value_repr_to(vm, args->items[0], out) : value_str_to(vm, args->items[0], out);
}

static bool exception_str(struct vm *vm, value self, struct buf *out)
{
	const struct type *type = self.o->type;
	if (!is_kind(as_exception(self)->args, KIND_TUPLE))
		return true;
	if (type_is(type, vm->errors.OSError) && !is_unset(own(vm, self, "errno")))
		return os_text(vm, self, out);
	bool decoding = type_is(type, vm->errors.UnicodeDecodeError);
	if ((decoding || type_is(type, vm->errors.UnicodeEncodeError)) && is_unicode_row(as_tuple(as_exception(self)->args)))
		return unicode_text(vm, as_tuple(as_exception(self)->args), decoding, out);
	return args_text(vm, self, out);
}

/* ---- attributes ---- */

static value get_args(struct vm *vm, value self)
{
	return value_keep(as_exception(self)->args);
}

static bool set_args_value(struct vm *vm, value self, value to)
{
	value args = is_unset(to) ? tuple_of(vm, 0, NULL) : tuple_from(vm, to);
	if (is_unset(args))
		return false;
	value_set(&as_exception(self)->args, args);
	return true;
}

static value or_none(value v)
{
	return is_unset(v) ? VALUE_NONE : value_keep(v);
}

static value get_cause(struct vm *vm, value self) { return or_none(as_exception(self)->cause); }
static value get_context(struct vm *vm, value self) { return or_none(as_exception(self)->context); }
static value get_suppress(struct vm *vm, value self) { return value_bool(as_exception(self)->suppress_context); }

static bool set_exception(struct vm *vm, value *place, value to, const char *what)
{
	if (is_none(to) || is_unset(to)) {
		value_set(place, VALUE_UNSET);
		return true;
	}
	if (!is_kind(to, KIND_EXCEPTION))
		return vm_raise_ok(vm, vm->errors.TypeError, "exception %s must be None or derive from BaseException", what);
	value_set(place, value_keep(to));
	return true;
}

static bool set_cause(struct vm *vm, value self, value to)
{
	as_exception(self)->suppress_context = true;
	return set_exception(vm, &as_exception(self)->cause, to, "cause");
}

static bool set_context(struct vm *vm, value self, value to)
{
	return set_exception(vm, &as_exception(self)->context, to, "context");
}

static bool set_suppress(struct vm *vm, value self, value to)
{
	return is_unset(to) || value_truth(vm, to, &as_exception(self)->suppress_context);
}

static value get_traceback(struct vm *vm, value self)
{
	return traceback_new(vm, self, as_exception(self)->trace_count);
}

/* None takes the frames away; any other traceback stands in an exception already, whose frames stay its own. */
static bool set_traceback(struct vm *vm, value self, value to)
{
	if (is_none(to))
		forget_trace(as_exception(self));
	return true;
}

static value with_traceback(struct vm *vm, value *a)
{
	set_traceback(vm, a[0], a[1]);
	return value_keep(a[0]);
}

static value add_note(struct vm *vm, value *a)
{
	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "note must be a str, not '%s'", value_type_name(vm, a[1]));
	value notes = own(vm, a[0], "__notes__");
	if (is_unset(notes)) {
		put(vm, as_exception(a[0]), "__notes__", notes = value_object(list_new(vm, 1)));
		value_drop(notes);
	}
	if (is_kind(notes, KIND_LIST))
		list_append(as_list(notes), value_keep(a[1]));
	return VALUE_NONE;
}

static const struct native exception_methods[] = {
	{ "with_traceback", with_traceback, "tb, /", "The exception itself." }, { "add_note", add_note, "note, /", "Adds a line that is shown below the message." }, {0},
};
static const struct getset exception_attrs[] = {
	{ "args", get_args, set_args_value }, { "__cause__", get_cause, set_cause }, { "__context__", get_context, set_context },
	{ "__suppress_context__", get_suppress, set_suppress }, { "__traceback__", get_traceback, set_traceback }, {0},
};

/* ---- what a few of them have besides: worked out from args ---- */

static value first_arg(struct vm *vm, value self)
{
	const struct tuple *args = as_tuple(as_exception(self)->args);
	return args->count ? value_keep(args->items[0]) : VALUE_NONE;
}

static value exit_code(struct vm *vm, value self)
{
	value given = own(vm, self, "code");
	if (!is_unset(given))
		return value_keep(given);
	return as_tuple(as_exception(self)->args)->count > 1 ? get_args(vm, self) : first_arg(vm, self);
}

static bool set_exit_code(struct vm *vm, value self, value to)
{
	put(vm, as_exception(self), "code", is_unset(to) ? VALUE_NONE : to);
	return true;
}

static value syntax_number(struct vm *vm, value self, bool column)
{
	const struct exception *e = as_exception(self);
	if (!e->source)
		return VALUE_NONE;
	struct place place = source_place(e->source, e->span.start);
	return value_int(column ? place.column : place.line);
}

static value syntax_line(struct vm *vm, value self) { return syntax_number(vm, self, false); }
static value syntax_offset(struct vm *vm, value self) { return syntax_number(vm, self, true); }

static value syntax_file(struct vm *vm, value self)
{
	const struct source *source = as_exception(self)->source;
	return source ? str_value(vm, source->name) : VALUE_NONE;
}

static value syntax_text(struct vm *vm, value self)
{
	const struct source *source = as_exception(self)->source;
	if (!source)
		return VALUE_NONE;
	size_t start = as_exception(self)->span.start < source->len ? as_exception(self)->span.start : source->len, end = start;
	while (start && source->text[start - 1] != '\n')
		start--;
	while (end < source->len && source->text[end] != '\n')
		end++;
	return value_object(str_new(vm, source->text + start, end - start));
}

static const struct getset stop_attrs[] = { { "value", first_arg }, {0} };
static const struct getset exit_attrs[] = { { "code", exit_code, set_exit_code }, {0} };
static const struct getset syntax_attrs[] = {
	{ "msg", first_arg }, { "lineno", syntax_line }, { "offset", syntax_offset }, { "filename", syntax_file }, { "text", syntax_text }, {0},
};

/* ---- the types ---- */

#define EXCEPTION_SLOTS { .make = exception_make, .init = exception_init, .release = exception_release, .visit = exception_visit, .repr = exception_repr, .str = exception_str }

static const struct type_spec root_spec = {
	.name = "BaseException", .kind = KIND_EXCEPTION, .size = sizeof(struct exception), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT,
	.dict_offset = offsetof(struct exception, dict), .slots = EXCEPTION_SLOTS, .methods = exception_methods, .attrs = exception_attrs,
};

#define X(class, base) { .name = #class, .kind = KIND_EXCEPTION, .size = sizeof(struct exception), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT, .dict_offset = offsetof(struct exception, dict) },
static const struct type_spec specs[] = { VM_EXCEPTIONS(X) };
#undef X

#define X(class, base) ROW_##class,
enum { VM_EXCEPTIONS(X) };
#undef X

#define SAME(class, with) { .name = class, .kind = KIND_EXCEPTION, .size = sizeof(struct exception), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT, .dict_offset = offsetof(struct exception, dict), .attrs = with }
static const struct type_spec particular[] = { SAME("StopIteration", stop_attrs), SAME("SystemExit", exit_attrs), SAME("SyntaxError", syntax_attrs) };

static const struct type_spec *spec_of(size_t row)
{
	if (row == 0)
		return &root_spec;
	for (size_t i = 0; i < sizeof particular / sizeof *particular; i++)
		if (strcmp(particular[i].name, specs[row].name) == 0)
			return &particular[i];
	return &specs[row];
}

static void none_unless_given(struct vm *vm, struct type *type, size_t count, const char *const *names)
{
	for (size_t i = 0; i < count; i++)
		type_set_attr(vm, type, str_intern(vm, names[i]), VALUE_NONE);
}

void exceptions_make(struct vm *vm)
{
#define object BaseException    /* none yet when the first row is made: its base is the type object */
#define X(class, base) vm->errors.class = type_new(vm, spec_of(ROW_##class), vm->errors.base);
	VM_EXCEPTIONS(X)
#undef object
#undef X
	none_unless_given(vm, vm->errors.OSError, 3, (const char *const[]){ "errno", "strerror", "filename" });
	none_unless_given(vm, vm->errors.ImportError, 2, (const char *const[]){ "name", "path" });
	none_unless_given(vm, vm->errors.NameError, 1, (const char *const[]){ "name" });
	none_unless_given(vm, vm->errors.AttributeError, 2, (const char *const[]){ "name", "obj" });
}
