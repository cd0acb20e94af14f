/* sys: the program, its arguments, its standard files. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/file.h"
#include "lang/machine.h"
#include "lang/modules.h"
#include "lang/record.h"
#include "lang/types.h"

#define LANGUAGE_VERSION "3.11.2"

static value sys_exit(struct vm *vm, value *a)
{
	return vm_raise_value(vm, exception_new(vm, vm->errors.SystemExit, is_none(a[0]) ? VALUE_UNSET : value_keep(a[0])));
}

static value sys_getrecursionlimit(struct vm *vm, value *a)
{
	return value_int(machine_depth_limit(vm));
}

static value sys_setrecursionlimit(struct vm *vm, value *a)
{
	int64_t limit;

	if (!value_to_int64(vm, a[0], &limit))
		return VALUE_UNSET;
	if (limit < 1)
		return vm_raise(vm, vm->errors.ValueError, "recursion limit must be greater or equal than 1");
	return machine_set_depth_limit(vm, limit > INT_MAX ? INT_MAX : (unsigned)limit) ? VALUE_NONE : VALUE_UNSET;
}

static size_t size_of(value v)
{
	if (v.tag != TAG_OBJECT)
		return sizeof(value);
	switch (v.o->kind) {
	case KIND_STR:
		return sizeof(struct str) + as_str(v)->len + 1;
	case KIND_BYTES:
		return sizeof(struct bytes) + as_bytes(v)->len;
	case KIND_LIST:
		return sizeof(struct list) + as_list(v)->room * sizeof(value);
	case KIND_TUPLE:
		return sizeof(struct tuple) + as_tuple(v)->count * sizeof(value);
	case KIND_DICT:
		return sizeof(struct dict) + as_dict(v)->room * sizeof(struct dict_entry) + as_dict(v)->index_size * sizeof(int32_t);
	default:
		return v.o->type->size;
	}
}

static value sys_getsizeof(struct vm *vm, value *a)
{
	return value_int((int64_t)size_of(a[0]));
}

static value sys_getrefcount(struct vm *vm, value *a)
{
	return value_int(a[0].tag == TAG_OBJECT ? a[0].o->refs : 1);
}

static value sys_intern(struct vm *vm, value *a)
{
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "intern() argument must be str, not %s", value_type_name(vm, a[0]));
	return value_object(object_keep(str_intern_str(vm, object_keep(as_str(a[0])))));
}

static value sys_exc_info(struct vm *vm, value *a)
{
	value e = machine_handled(vm);

	if (is_unset(e))
		return tuple_of(vm, 3, (value[]){ VALUE_NONE, VALUE_NONE, VALUE_NONE });
	value trace = value_attr_or_unset(vm, e, vm->names.traceback_);
	value all = tuple_of(vm, 3, (value[]){ value_object(value_type(vm, e)), e, is_unset(trace) ? VALUE_NONE : trace });
	value_drop(trace);
	vm_clear(vm);
	return all;
}

/* Where the up-th frame stands, for warnings and logging: (file, line). */
static value sys_place(struct vm *vm, value *a)
{
	struct place_in at;
	int64_t up;

	if (!value_to_int64(vm, a[0], &up))
		return VALUE_UNSET;
	if (up < 0 || !frame_place(vm, (size_t)up, &at))
		return vm_raise(vm, vm->errors.ValueError, "call stack is not deep enough");
	value items[] = { str_value(vm, at.source->name), value_int(source_place(at.source, at.span.start).line) };
	value pair = tuple_of(vm, 2, items);
	value_drop(items[0]);
	return pair;
}

static value sys_format_exception(struct vm *vm, value *a)
{
	struct buf b = {0};

	if (!is_kind(a[0], KIND_EXCEPTION))
		return vm_raise(vm, vm->errors.TypeError, "an exception is needed, not %s", value_type_name(vm, a[0]));
	vm_format_exception(vm, a[0], &b);
	return str_from_buf(vm, &b);
}

static value sys_text_encoding(struct vm *vm, value *a)
{
	return str_value(vm, "utf-8");
}

static const struct native functions[] = {
	{ "exit", sys_exit, "status=None, /", "Ends the program: an int is the exit status, a text is printed and the status is 1." },
	{ "getrecursionlimit", sys_getrecursionlimit, "", "How deep calls may nest." },
	{ "setrecursionlimit", sys_setrecursionlimit, "limit, /", "Sets how deep calls may nest." },
	{ "getsizeof", sys_getsizeof, "object, default=..., /", "The bytes that an object itself takes." },
	{ "getrefcount", sys_getrefcount, "object, /", "How many references to an object there are." },
	{ "intern", sys_intern, "string, /", "The one interned text that equals this one." },
	{ "exc_info", sys_exc_info, "", "The exception being handled: (class, exception, traceback)." },
	{ "_place", sys_place, "up, /", "Where a calling frame stands: (file, line)." },
	{ "_format_exception", sys_format_exception, "exception, /", "An exception as it is shown." },
	{ "getdefaultencoding", sys_text_encoding, "", "'utf-8'." },
	{ "getfilesystemencoding", sys_text_encoding, "", "'utf-8'." },
	{0}
};

static value texts(struct vm *vm, size_t count, const char *const *text)
{
	struct list *l = list_new(vm, count);

	for (size_t i = 0; i < count; i++)
		list_append(l, str_value(vm, text[i]));
	return value_object(l);
}

static const struct getset version_fields[] = {
	{ "major", record_get_0 }, { "minor", record_get_1 }, { "micro", record_get_2 }, { "releaselevel", record_get_3 },
	{ "serial", record_get_4 }, {0}
};
static const struct type_spec version_spec = { .name = "version_info", .doc = "A version.", .attrs = version_fields, RECORD_SPEC };

static value version_info(struct vm *vm)
{
	value items[] = { value_int(3), value_int(11), value_int(2), str_value(vm, "final"), value_int(0) };

	vm->own->version_info = module_new_type(vm, NULL, &version_spec, "sys");
	return record_new(vm, vm->own->version_info, 5, items);
}

static value executable(struct vm *vm)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

	return value_object(str_new(vm, path, len < 0 ? 0 : (size_t)len));
}

static bool fill(struct vm *vm, struct dict *g)
{
	static const char *const empty[] = { "" };

	dict_set_text(vm, g, "argv", texts(vm, 1, empty));
	dict_set_text(vm, g, "executable", executable(vm));
	dict_set_text(vm, g, "path", value_keep(vm->own->path));
	dict_set_text(vm, g, "modules", value_object(object_keep(vm->modules)));
	dict_set_text(vm, g, "stdin", value_keep(vm->stdin_value));
	dict_set_text(vm, g, "stdout", value_keep(vm->stdout_value));
	dict_set_text(vm, g, "stderr", value_keep(vm->stderr_value));
	dict_set_text(vm, g, "__stdin__", value_keep(vm->stdin_value));
	dict_set_text(vm, g, "__stdout__", value_keep(vm->stdout_value));
	dict_set_text(vm, g, "__stderr__", value_keep(vm->stderr_value));
	dict_set_text(vm, g, "version", str_value(vm, LANGUAGE_VERSION " (pktsh)"));
	dict_set_text(vm, g, "version_info", version_info(vm));
	dict_set_text(vm, g, "hexversion", value_int(0x030b02f0));
	dict_set_text(vm, g, "platform", str_value(vm, "linux"));
	dict_set_text(vm, g, "byteorder", str_value(vm, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big"));
	dict_set_text(vm, g, "maxsize", value_int(INT64_MAX));
	dict_set_text(vm, g, "maxunicode", value_int(0x10ffff));
	dict_set_text(vm, g, "prefix", str_value(vm, "/usr"));
	dict_set_text(vm, g, "dont_write_bytecode", value_bool(true));
	return true;
}

const struct module_spec module_sys = { "sys", "The program, its arguments and its standard files.", functions, fill };

void sys_set_argv(struct vm *vm, const char *program, int argc, char *const *argv)
{
	value sys = vm_import(vm, "sys");

	if (is_unset(sys))
		return;
	struct dict *g = ((struct module *)sys.o)->globals;
	dict_set_text(vm, g, "argv", texts(vm, (size_t)argc, (const char *const *)argv));
	if (program)
		dict_set_text(vm, g, "executable", str_value(vm, program));
	value_drop(sys);
}
