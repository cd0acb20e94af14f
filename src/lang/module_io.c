/* io: StringIO and BytesIO, files in memory. The place is counted in bytes of the buffer; a StringIO's tell() and seek()
 * speak of characters. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lang/builtins.h"
#include "lang/modules.h"
#include "lang/types.h"

struct memory {
	struct container head;
	struct buf data;
	size_t at;                  /* may lie behind the end: what is between is filled with zeros when written */
	bool closed;
};

static struct memory *memory_of(value v) { return (struct memory *)v.o; }
static bool is_text(struct vm *vm, const struct memory *m) { return type_is(m->head.head.type, vm->own->string_io); }

static bool is_open(struct vm *vm, const struct memory *m)
{
	return !m->closed || vm_raise_ok(vm, vm->errors.ValueError, "I/O operation on closed file%s", is_text(vm, m) ? "" : ".");
}

static size_t left_of(const struct memory *m)
{
	return m->at < m->data.len ? m->data.len - m->at : 0;
}

static value part(struct vm *vm, struct memory *m, size_t from, size_t len)
{
	const char *text = len ? m->data.data + from : "";
	return is_text(vm, m) ? value_object(str_new(vm, text, len)) : bytes_value(vm, text, len);
}

static value take(struct vm *vm, struct memory *m, size_t len)
{
	value v = part(vm, m, m->at, len);
	m->at += len;
	return v;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* A count that may be None: at most what is left, in bytes. */
static bool size_arg(struct vm *vm, struct memory *m, value v, size_t from, size_t *out)
{
	int64_t n = -1;
	size_t left = left_of(m) < from ? 0 : left_of(m);

	if (!is_none(v) && !is_unset(v) && !value_to_int64(vm, v, &n))
		return false;
	*out = left;
	if (n >= 0 && left)
		*out = is_text(vm, m) ? utf8_offset(m->data.data + m->at, left, (size_t)n) : (size_t)n < left ? (size_t)n : left;
	return true;
}

static value memory_read(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	size_t len;
	return is_open(vm, m) && size_arg(vm, m, a[1], 0, &len) ? take(vm, m, len) : VALUE_UNSET;
}

static size_t line_length(const struct memory *m)
{
	size_t left = left_of(m);
	const char *from = m->data.data + m->at, *end = left ? memchr(from, '\n', left) : NULL;

	return end ? (size_t)(end - from) + 1 : left;
}

static value memory_readline(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	size_t most;

	if (!is_open(vm, m) || !size_arg(vm, m, a[1], 0, &most))
		return VALUE_UNSET;
	size_t len = line_length(m);
	return take(vm, m, len < most ? len : most);
}

static value memory_next(struct vm *vm, value self)
{
	struct memory *m = memory_of(self);
	return is_open(vm, m) && left_of(m) ? take(vm, m, line_length(m)) : VALUE_UNSET;
}

static value memory_readlines(struct vm *vm, value *a)
{
	struct list *lines = list_new(vm, 0);
	value line;

	while (!is_unset(line = memory_next(vm, a[0])))
		list_append(lines, line);
	if (!vm_pending(vm))
		return value_object(lines);
	object_drop(lines);
	return VALUE_UNSET;
}

static value memory_readinto(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);

	if (!is_open(vm, m))
		return VALUE_UNSET;
	if (!is_kind(a[1], KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "readinto() argument must be read-write bytes-like object, not %s",
			value_type_name(vm, a[1]));
	struct buf *into = ((struct bytearray *)a[1].o)->buf;
	size_t len = left_of(m) < into->len ? left_of(m) : into->len;
	if (len)
		memcpy(into->data, m->data.data + m->at, len);
	m->at += len;
	return value_int((int64_t)len);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* How many bytes the next `chars` characters take: what text written there replaces. */
static size_t replaced(struct vm *vm, struct memory *m, size_t chars, size_t len)
{
	size_t left = left_of(m);

	if (!left)
		return 0;
	return is_text(vm, m) ? utf8_offset(m->data.data + m->at, left, chars) : len < left ? len : left;
}

static void put(struct vm *vm, struct memory *m, const void *bytes, size_t len, size_t chars)
{
	if (m->at > m->data.len)
		buf_fill(&m->data, 0, m->at - m->data.len);
	size_t old = replaced(vm, m, chars, len), tail = m->data.len - m->at - old;
	if (len > old)
		buf_fill(&m->data, 0, len - old);
	char *place = m->data.data + m->at;
	memmove(place + len, place + old, tail);
	if (len)
		memcpy(place, bytes, len);
	m->data.len = m->at + len + tail;
	m->data.data[m->data.len] = 0;
	m->at += len;
}

static value memory_write(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	struct view view;

	if (!is_open(vm, m))
		return VALUE_UNSET;
	if (is_text(vm, m)) {
		if (!is_str(a[1]))
			return vm_raise(vm, vm->errors.TypeError, "string argument expected, got '%s'", value_type_name(vm, a[1]));
		if (as_str(a[1])->len)
			put(vm, m, as_str(a[1])->data, as_str(a[1])->len, as_str(a[1])->chars);
		return value_int((int64_t)as_str(a[1])->chars);
	}
	if (!value_to_view(vm, a[1], &view))
		return VALUE_UNSET;
	if (view.len)
		put(vm, m, view.bytes, view.len, view.len);
	return value_int((int64_t)view.len);
}

static value memory_writelines(struct vm *vm, value *a)
{
	value lines = value_iterate(vm, a[1]), line;

	while (!is_unset(lines) && !is_unset(line = value_next(vm, lines))) {
		memory_write(vm, (value[]){ a[0], line });
		value_drop(line);
		if (vm_pending(vm))
			break;
	}
	value_drop(lines);
	return vm_pending(vm) ? VALUE_UNSET : VALUE_NONE;
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static size_t chars_before(struct vm *vm, struct memory *m, size_t at)
{
	if (!is_text(vm, m) || !m->data.len)
		return at;
	size_t inside = at < m->data.len ? at : m->data.len;
	return utf8_count(m->data.data, inside) + (at - inside);
}

/* The byte at which the n-th character stands. */
static size_t byte_of(struct vm *vm, struct memory *m, size_t n)
{
	if (!is_text(vm, m) || !m->data.len)
		return n;
	size_t chars = utf8_count(m->data.data, m->data.len);
	return n <= chars ? utf8_offset(m->data.data, m->data.len, n) : m->data.len + (n - chars);
}

static value memory_seek(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	int64_t to, whence;

	if (!is_open(vm, m) || !value_to_int64(vm, a[1], &to) || !value_to_int64(vm, a[2], &whence))
		return VALUE_UNSET;
	if (whence < 0 || whence > 2)
		return vm_raise(vm, vm->errors.ValueError, "%s whence (%lld, should be 0, 1 or 2)", is_text(vm, m) ? "Invalid" : "invalid",
			(long long)whence);
	if (is_text(vm, m) && whence && to)
		return vm_raise(vm, vm->errors.OSError, "Can't do nonzero cur-relative seeks");
	int64_t from = whence == 1 ? (int64_t)chars_before(vm, m, m->at) : whence == 2 ? (int64_t)chars_before(vm, m, m->data.len) : 0;
	if (from + to < 0 && whence == 0)
		return vm_raise(vm, vm->errors.ValueError, is_text(vm, m) ? "Negative seek position %lld" : "negative seek value %lld", (long long)to);
	to = from + to < 0 ? 0 : from + to;
	m->at = byte_of(vm, m, (size_t)to);
	return value_int(to);
}

static value memory_tell(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	return is_open(vm, m) ? value_int((int64_t)chars_before(vm, m, m->at)) : VALUE_UNSET;
}

static value memory_truncate(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	int64_t len;

	if (!is_open(vm, m))
		return VALUE_UNSET;
	if (is_none(a[1]))
		len = (int64_t)chars_before(vm, m, m->at);
	else if (!value_to_int64(vm, a[1], &len))
		return VALUE_UNSET;
	if (len < 0)
		return vm_raise(vm, vm->errors.ValueError, "negative size value %lld", (long long)len);
	size_t bytes = byte_of(vm, m, (size_t)len);
	if (bytes < m->data.len) {
		m->data.len = bytes;
		m->data.data[bytes] = 0;
	}
	return value_int(len);
}

static value memory_getvalue(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	return is_open(vm, m) ? part(vm, m, 0, m->data.len) : VALUE_UNSET;
}

static value memory_close(struct vm *vm, value *a)
{
	struct memory *m = memory_of(a[0]);
	m->closed = true;
	buf_free(&m->data);
	return VALUE_NONE;
}

static value memory_flush(struct vm *vm, value *a) { return is_open(vm, memory_of(a[0])) ? VALUE_NONE : VALUE_UNSET; }
static value memory_yes(struct vm *vm, value *a) { return is_open(vm, memory_of(a[0])) ? value_bool(true) : VALUE_UNSET; }
static value memory_isatty(struct vm *vm, value *a) { return is_open(vm, memory_of(a[0])) ? value_bool(false) : VALUE_UNSET; }

static value memory_fileno(struct vm *vm, value *a)
{
	return vm_raise(vm, vm->own->unsupported_operation, "fileno");
}

/* ---- the types --------------------------------------------------------------------------------------------------------- */

static value memory_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static bool memory_init(struct vm *vm, value self, const struct call *call)
{
	struct memory *m = memory_of(self);
	const struct signature *signature = (is_text(vm, m) ? vm->own->string_io : vm->own->bytes_io)->signature;
	value a[2], none;

	if (!call_bind(vm, signature, call, a))
		return false;
	buf_clear(&m->data);
	m->closed = false;
	m->at = 0;
	if (is_text(vm, m) && !is_str(a[0]) && !is_none(a[0]))
		none = vm_raise(vm, vm->errors.TypeError, "initial_value must be str or None, not %s", value_type_name(vm, a[0]));
	else
		none = is_none(a[0]) ? VALUE_NONE : memory_write(vm, (value[]){ self, a[0] });
	m->at = 0;
	call_unbind(signature, a);
	return !is_unset(none);
}

static void memory_release(struct object *o)
{
	buf_free(&((struct memory *)o)->data);
}

static void memory_visit(struct object *o, visit_fn visit, void *state)
{
}

static value memory_iterate(struct vm *vm, value self) { return is_open(vm, memory_of(self)) ? value_keep(self) : VALUE_UNSET; }
static value memory_enter(struct vm *vm, value self) { return is_open(vm, memory_of(self)) ? value_keep(self) : VALUE_UNSET; }
static value memory_leave(struct vm *vm, value self, value exception) { return memory_close(vm, &self); }
static value get_closed(struct vm *vm, value self) { return value_bool(memory_of(self)->closed); }

static const struct native methods[] = {
	{ "read", memory_read, "size=-1, /", "Reads up to size characters (bytes), or all that is left." },
	{ "read1", memory_read, "size=-1, /", "The same." },
	{ "readline", memory_readline, "size=-1, /", "Reads one line with its ending; empty at the end." },
	{ "readlines", memory_readlines, "hint=-1, /", "Reads the lines that are left as a list." },
	{ "readinto", memory_readinto, "buffer, /", "Fills a bytearray and says how many bytes came." },
	{ "write", memory_write, "text, /", "Writes text (or bytes) and says how much that was." },
	{ "writelines", memory_writelines, "lines, /", "Writes every item of lines; adds no line endings." },
	{ "getvalue", memory_getvalue, "", "All that it holds." },
	{ "getbuffer", memory_getvalue, "", "All that it holds, as bytes (a copy)." },
	{ "seek", memory_seek, "pos, whence=0, /", "Moves to pos from the start (0), from here (1) or from the end (2)." },
	{ "tell", memory_tell, "", "The place from the start." },
	{ "truncate", memory_truncate, "size=None, /", "Cuts it to size, by default to here." },
	{ "flush", memory_flush, "", "Does nothing." },
	{ "close", memory_close, "", "Lets the contents go." },
	{ "readable", memory_yes, "", "True." },
	{ "writable", memory_yes, "", "True." },
	{ "seekable", memory_yes, "", "True." },
	{ "isatty", memory_isatty, "", "False." },
	{ "fileno", memory_fileno, "", "UnsupportedOperation: it has no descriptor." },
	{0}
};
static const struct getset attrs[] = { { "closed", get_closed, NULL, "Whether close() was called." }, {0} };

#define MEMORY(text, sentence, args) { \
	.name = text, .doc = sentence, .size = sizeof(struct memory), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = args, \
	.slots = { .make = memory_make, .init = memory_init, .release = memory_release, .visit = memory_visit, \
		.iterate = memory_iterate, .next = memory_next, .enter = memory_enter, .leave = memory_leave }, \
	.methods = methods, .attrs = attrs }

static const struct type_spec string_spec = MEMORY("StringIO", "A text file in memory.", "initial_value='', newline='\\n'");
static const struct type_spec bytes_spec = MEMORY("BytesIO", "A binary file in memory.", "initial_bytes=None");

static const struct native functions[] = {
	{ "open", file_open_builtin, "file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True",
		"The built-in open()." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->string_io = module_new_type(vm, g, &string_spec, "_io");
	vm->own->bytes_io = module_new_type(vm, g, &bytes_spec, "_io");
	module_add_type(vm, g, vm->own->unsupported_operation);
	module_add_type(vm, g, vm->own->text_file);
	module_add_type(vm, g, vm->own->binary_file);
	static const struct module_number numbers[] = { { "SEEK_SET", 0 }, { "SEEK_CUR", 1 }, { "SEEK_END", 2 }, { "DEFAULT_BUFFER_SIZE", 8192 }, {0} };
	module_add_numbers(vm, g, numbers);
	return true;
}

const struct module_spec module_io = { "io", "Files, also in memory.", functions, fill, true };
