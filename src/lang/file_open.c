/* Making files: open(), and the standard three. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/builtins.h"
#include "lang/file.h"
#include "lang/modules.h"
#include "lang/stream.h"
#include "lang/types.h"

bool file_set_encoding(struct vm *vm, value file, value encoding, value errors)
{
	struct file *f = (struct file *)file.o;
	static const char *const single[] = { "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso8859-1", "cp1252" };

	object_drop(f->errors);
	f->errors = is_str(errors) ? object_keep(as_str(errors)) : str_text(vm, "strict");
	f->strict = strcmp(f->errors->data, "surrogateescape") != 0;
	if (!is_str(encoding))
		return true;
	object_drop(f->encoding);
	f->encoding = object_keep(as_str(encoding));
	const char *name = f->encoding->data;
	f->utf8 = !strcasecmp(name, "utf-8") || !strcasecmp(name, "utf8") || !strcasecmp(name, "utf_8");
	for (size_t i = 0; i < sizeof single / sizeof *single; i++)
		if (!strcasecmp(name, single[i]))
			return true;
	if (f->utf8)
		return true;
	if (!strncasecmp(name, "utf", 3))
		return vm_raise_ok(vm, vm->errors.NotImplementedError, "open() reads text as utf-8, ascii or latin-1; decode %s from a binary file", name);
	return vm_raise_ok(vm, vm->errors.LookupError, "unknown encoding: %s", name);
}

bool file_set_newline(struct vm *vm, value file, value newline)
{
	static const struct { const char *text; enum newline newline; } known[] = {
		{ "", NEWLINE_KEEP }, { "\n", NEWLINE_LF }, { "\r", NEWLINE_CR }, { "\r\n", NEWLINE_CRLF },
	};

	if (!is_str(newline))
		return true;
	for (size_t i = 0; i < 4; i++)
		if (!strcmp(as_str(newline)->data, known[i].text)) {
			((struct file *)file.o)->newline = known[i].newline;
			return true;
		}
	return vm_raise_ok(vm, vm->errors.ValueError, "illegal newline value: %s", as_str(newline)->data);
}

bool file_path(struct vm *vm, value path, struct buf *out)
{
	if (is_str(path))
		buf_add(out, as_str(path)->data, as_str(path)->len);
	else if (is_bytes(path))
		buf_add(out, as_bytes(path)->data, as_bytes(path)->len);
	else {
		struct str *fspath = str_intern(vm, "__fspath__");
		if (is_unset(type_find(value_type(vm, path), fspath)))
			return vm_raise_ok(vm, vm->errors.TypeError, "expected str, bytes or os.PathLike object, not %s", value_type_name(vm, path));
		value text = value_call_method(vm, path, fspath, 0, NULL);
		if (is_unset(text))
			return false;
		bool ok = is_str(text) || is_bytes(text) ? file_path(vm, text, out) :
			vm_raise_ok(vm, vm->errors.TypeError, "expected __fspath__() to return str or bytes");
		value_drop(text);
		return ok;
	}
	return strlen(buf_str(out)) == out->len || vm_raise_ok(vm, vm->errors.ValueError, "embedded null byte");
}

/* ---- the standard three -------------------------------------------------------------------------------------------- */

static value standard_file(struct vm *vm, int fd, const char *mode, const char *name, unsigned flags)
{
	if (fcntl(fd, F_GETFD) < 0)
		return VALUE_NONE;
	value v = file_from_stream(vm, stream_new(fd, flags | STREAM_KEEP_OPEN), mode, str_value(vm, name));
	((struct file *)v.o)->encoding = (object_drop(((struct file *)v.o)->encoding), str_text(vm, "utf-8"));
	return v;
}

void file_add_standard(struct vm *vm)
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	for (int i = 0; i < 3; i++)
		vm->own->standard[i] = str_intern(vm, names[i]);
	vm->own->sys = str_intern(vm, "sys");
	vm->stdin_value = standard_file(vm, 0, "r", "<stdin>", STREAM_READ);
	vm->stdout_value = standard_file(vm, 1, "w", "<stdout>", STREAM_WRITE | (isatty(1) ? STREAM_LINES : 0));
	vm->stderr_value = standard_file(vm, 2, "w", "<stderr>", STREAM_WRITE | STREAM_LINES);
}

value file_standard(struct vm *vm, int which)
{
	value own[] = { vm->stdin_value, vm->stdout_value, vm->stderr_value };
	value sys = dict_get_str(vm->modules, vm->own->sys);

	if (!is_kind(sys, KIND_MODULE))
		return own[which];
	value v = dict_get_str(((struct module *)sys.o)->globals, vm->own->standard[which]);
	return is_unset(v) ? VALUE_NONE : v;
}

static bool flush_one(struct vm *vm, value file)
{
	if (file.tag != TAG_OBJECT || file.o->type != vm->own->text_file)
		return true;
	struct stream *s = ((struct file *)file.o)->stream;
	return s->flags & STREAM_CLOSED || stream_flush(vm, s);
}

bool file_flush_standard(struct vm *vm)
{
	bool out = flush_one(vm, vm->stdout_value) && flush_one(vm, file_standard(vm, 1));
	return flush_one(vm, vm->stderr_value) && out;
}

value vm_write(struct vm *vm, const char *text, size_t len)
{
	return vm_settle(vm) && file_write(vm, file_standard(vm, 1), text, len) ? VALUE_NONE : VALUE_UNSET;
}

/* ---- open ------------------------------------------------------------------------------------------------------------ */

struct mode {
	int system;                     /* open(2)'s */
	unsigned stream;
	bool binary;
};

static bool mode_parse(struct vm *vm, const char *text, struct mode *mode)
{
	static const struct { char letter; int system; unsigned stream; } rows[] = {
		{ 'r', 0, STREAM_READ }, { 'w', O_CREAT | O_TRUNC, STREAM_WRITE }, { 'a', O_CREAT | O_APPEND, STREAM_WRITE },
		{ 'x', O_CREAT | O_EXCL, STREAM_WRITE },
	};
	unsigned seen = 0, ways = 0;

	*mode = (struct mode){ .system = O_CLOEXEC };
	for (const char *p = text; *p; p++) {
		const char *at = strchr("rwaxbt+", *p);
		if (!at || seen & 1u << (at - "rwaxbt+"))
			return vm_raise_ok(vm, vm->errors.ValueError, "invalid mode: '%s'", text);
		seen |= 1u << (at - "rwaxbt+");
	}
	for (unsigned i = 0; i < 4; i++)
		if (strchr(text, rows[i].letter)) {
			mode->system |= rows[i].system;
			mode->stream |= rows[i].stream;
			ways++;
		}
	mode->binary = strchr(text, 'b');
	if (mode->binary && strchr(text, 't'))
		return vm_raise_ok(vm, vm->errors.ValueError, "can't have text and binary mode at once");
	if (ways != 1)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s have exactly one of create/read/write/append mode%s",
			ways ? "must" : "Must", ways ? "" : " and at most one plus");
	if (strchr(text, '+'))
		mode->stream = STREAM_READ | STREAM_WRITE;
	mode->system |= mode->stream == (STREAM_READ | STREAM_WRITE) ? O_RDWR : mode->stream == STREAM_READ ? O_RDONLY : O_WRONLY;
	return true;
}

static int refuse_folder(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

static int open_path(struct vm *vm, value path, int flags)
{
	struct buf text = {0};
	int fd = -1;

	if (file_path(vm, path, &text)) {
		while ((fd = refuse_folder(open(buf_str(&text), flags, 0666))) < 0 && errno == EINTR && vm_poll(vm))
			;
		if (fd < 0 && !vm_pending(vm))
			vm_raise_os(vm, errno, path);
	}
	buf_free(&text);
	return fd;
}

static value file_of(struct vm *vm, int fd, const struct mode *mode, value *a)
{
	unsigned flags = mode->stream;
	int64_t buffering;
	bool close_it;

	if (!value_to_int64(vm, a[2], &buffering) || !value_truth(vm, a[6], &close_it))
		return VALUE_UNSET;
	if (buffering == 1 || (buffering < 0 && isatty(fd)))
		flags |= STREAM_LINES;
	if (buffering == 0)
		flags |= STREAM_DIRECT;
	if (!close_it)
		flags |= STREAM_KEEP_OPEN;
	struct stream *s = stream_new(fd, flags);
	if (strchr(as_str(a[1])->data, 'a') && s->flags & STREAM_SEEKABLE)
		lseek(fd, 0, SEEK_END);
	value f = file_from_stream(vm, s, as_str(a[1])->data, value_keep(a[0]));
	if (mode->binary || (file_set_encoding(vm, f, a[3], a[4]) && file_set_newline(vm, f, a[5])))
		return f;
	value_drop(f);
	return VALUE_UNSET;
}

static bool arguments_fit(struct vm *vm, const struct mode *mode, value *a)
{
	static const char *const names[] = { "encoding", "errors", "newline" };

	for (int i = 0; i < 3; i++) {
		if (mode->binary && !is_none(a[3 + i]))
			return vm_raise_ok(vm, vm->errors.ValueError, "binary mode doesn't take %s %s argument", i == 2 ? "a" : "an", names[i]);
		if (!is_none(a[3 + i]) && !is_str(a[3 + i]))
			return vm_raise_ok(vm, vm->errors.TypeError, "open() argument '%s' must be str or None, not %s", names[i],
				value_type_name(vm, a[3 + i]));
	}
	if (!mode->binary && a[2].tag == TAG_INT && a[2].i == 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "can't have unbuffered text I/O");
	return true;
}

/* open(file, mode, buffering, encoding, errors, newline, closefd) */
value file_open_builtin(struct vm *vm, value *a)
{
	struct mode mode;
	int64_t fd;

	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "open() argument 'mode' must be str, not %s", value_type_name(vm, a[1]));
	if (!mode_parse(vm, as_str(a[1])->data, &mode) || !arguments_fit(vm, &mode, a))
		return VALUE_UNSET;
	if (!is_int(a[0]))
		fd = open_path(vm, a[0], mode.system);
	else if (!value_to_int64(vm, a[0], &fd))
		return VALUE_UNSET;
	else if (fd < 0)
		return vm_raise(vm, vm->errors.ValueError, "negative file descriptor");
	else if (fcntl((int)fd, F_GETFD) < 0)
		return vm_raise_os(vm, EBADF, VALUE_NONE);
	return fd < 0 ? VALUE_UNSET : file_of(vm, (int)fd, &mode, a);
}

value file_open(struct vm *vm, const char *path, const char *mode)
{
	value a[] = { str_value(vm, path), str_value(vm, mode), value_int(-1), VALUE_NONE, VALUE_NONE, VALUE_NONE, value_bool(true) };
	value f = file_open_builtin(vm, a);

	value_drop(a[0]);
	value_drop(a[1]);
	return f;
}
