/* File objects: TextIOWrapper and BufferedReader (which also writes: one type for the three of Python's). A text file is
 * UTF-8, or what bytes.decode and str.encode know and '\n' is one byte in. */
#include "lang/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "lang/codec.h"
#include "lang/modules.h"
#include "lang/str.h"
#include "lang/stream.h"
#include "lang/types.h"

static struct file *self_of(value *a) { return (struct file *)a[0].o; }
static bool is_text(struct vm *vm, const struct file *f) { return f->head.type == vm->own->text_file; }

static bool readable(struct vm *vm, struct file *f) { return stream_can(vm, f->stream, STREAM_READ); }
static bool writable(struct vm *vm, struct file *f) { return stream_can(vm, f->stream, STREAM_WRITE); }
static bool is_open(struct vm *vm, struct file *f) { return stream_can(vm, f->stream, ~0u); }

/* ---- decoding and encoding ----------------------------------------------------------------------------------------- */

static bool is_ascii(const char *text, size_t len)
{
	uint64_t word, high = 0;
	size_t i = 0;

	for (; i + sizeof word <= len; i += sizeof word) {
		memcpy(&word, text + i, sizeof word);
		high |= word;
	}
	for (; i < len; i++)
		high |= (unsigned char)text[i];
	return !(high & 0x8080808080808080u);
}

static value decoded(struct vm *vm, struct file *f, const char *text, size_t len)
{
	if (f->utf8 && is_ascii(text, len))
		return value_object(str_ascii(vm, text, len));
	if (f->utf8 && (!f->strict || utf8_valid(text, len)))
		return value_object(str_new(vm, text, len));
	return codec_decode(vm, (struct view){ (const uint8_t *)text, len }, value_object(f->encoding), value_object(f->errors));
}

/* "\r\n" and a lone "\r" become "\n". */
static value decoded_lines(struct vm *vm, struct file *f, const char *text, size_t len)
{
	if (f->newline != NEWLINE_ANY || !memchr(text, '\r', len))
		return decoded(vm, f, text, len);
	struct buf b = {0};
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
			continue;
		buf_char(&b, text[i] == '\r' ? '\n' : text[i]);
	}
	value v = decoded(vm, f, buf_str(&b), b.len);
	buf_free(&b);
	return v;
}

/* Takes `len` bytes of what was read ahead. */
static value take(struct vm *vm, struct file *f, size_t len)
{
	const char *text = len ? stream_ahead(f->stream) : "";
	value v = is_text(vm, f) ? decoded_lines(vm, f, text, len) : bytes_value(vm, text, len);

	f->stream->in_at += len;
	return v;
}

static bool write_lines(struct vm *vm, struct file *f, const char *text, size_t len)
{
	const char *ending = f->newline == NEWLINE_CR ? "\r" : "\r\n";
	struct buf b = {0};

	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			buf_text(&b, ending);
		else
			buf_char(&b, text[i]);
	bool ok = stream_write(vm, f->stream, buf_str(&b), b.len);
	buf_free(&b);
	return ok;
}

static bool write_encoded(struct vm *vm, struct file *f, const char *text, size_t len)
{
	if (f->newline == NEWLINE_CR || f->newline == NEWLINE_CRLF)
		return write_lines(vm, f, text, len);
	return stream_write(vm, f->stream, text, len);
}

static bool write_text(struct vm *vm, struct file *f, const char *text, size_t len)
{
	if (!writable(vm, f))
		return false;
	if (f->utf8 && (is_ascii(text, len) || utf8_valid(text, len)))
		return write_encoded(vm, f, text, len);
	struct str *s = str_new(vm, text, len);
	value bytes = codec_encode(vm, s, value_object(f->encoding), value_object(f->errors));
	object_drop(s);
	if (is_unset(bytes))
		return false;
	bool ok = write_encoded(vm, f, (const char *)as_bytes(bytes)->data, as_bytes(bytes)->len);
	value_drop(bytes);
	return ok;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static bool read_ahead_all(struct vm *vm, struct stream *s)
{
	for (bool end = false; !end;)
		if (!stream_fill(vm, s, 0, &end))
			return false;
	return true;
}

static bool read_ahead(struct vm *vm, struct stream *s, size_t want)
{
	for (bool end = false; !end && stream_left(s) < want;)
		if (!stream_fill(vm, s, want - stream_left(s), &end))
			return false;
	return true;
}

/* How many bytes the next `chars` characters take. Reads no more than it must: the next may be on a keyboard. */
static bool bytes_of_chars(struct vm *vm, struct stream *s, size_t chars, size_t *len)
{
	for (bool end = false;;) {
		size_t left = stream_left(s), at = left ? utf8_offset(stream_ahead(s), left, chars) : 0;
		bool enough = left && utf8_count(stream_ahead(s), at) >= chars;
		if (end || (enough && (at < left || !(stream_ahead(s)[at - 1] & 0x80) || utf8_valid(stream_ahead(s), at)))) {
			*len = at;
			return true;
		}
		if (!stream_fill(vm, s, 0, &end))
			return false;
	}
}

/* An int argument that may be None or not given: -1 then. */
static bool size_arg(struct vm *vm, value v, int64_t *out)
{
	*out = -1;
	return is_none(v) || is_unset(v) || value_to_int64(vm, v, out);
}

static value file_read(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	struct stream *s = f->stream;
	int64_t want;
	size_t len;

	if (!readable(vm, f) || !size_arg(vm, a[1], &want))
		return VALUE_UNSET;
	if (want == 0)
		return take(vm, f, 0);
	if (want < 0)
		return read_ahead_all(vm, s) ? take(vm, f, stream_left(s)) : VALUE_UNSET;
	if (is_text(vm, f) && f->utf8)
		return bytes_of_chars(vm, s, (size_t)want, &len) ? take(vm, f, len) : VALUE_UNSET;
	if (!read_ahead(vm, s, (size_t)want))
		return VALUE_UNSET;
	return take(vm, f, stream_left(s) < (size_t)want ? stream_left(s) : (size_t)want);
}

static value file_read1(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	int64_t want;
	bool end;

	if (!readable(vm, f) || !size_arg(vm, a[1], &want))
		return VALUE_UNSET;
	if (!stream_left(f->stream) && !stream_fill(vm, f->stream, 0, &end))
		return VALUE_UNSET;
	size_t left = stream_left(f->stream);
	return take(vm, f, want >= 0 && (size_t)want < left ? (size_t)want : left);
}

/* Where the line that starts at text ends, behind its ending; 0: not in these bytes. */
static size_t line_end(const struct file *f, bool text_mode, const char *text, size_t len, size_t from)
{
	bool any = text_mode && f->newline <= NEWLINE_KEEP;
	char last = text_mode && f->newline == NEWLINE_CR ? '\r' : '\n';
	const char *found = memchr(text + from, last, len - from);
	const char *cr = any ? memchr(text + from, '\r', found ? (size_t)(found - text) - from : len - from) : NULL;

	if (cr && cr + 1 < text + len)
		return (size_t)(cr - text) + (cr[1] == '\n' ? 2 : 1);
	return found ? (size_t)(found - text) + 1 : 0;
}

static value take_line(struct vm *vm, struct file *f)
{
	struct stream *s = f->stream;
	bool text = is_text(vm, f), end = false;

	for (size_t seen = 0;;) {
		size_t left = stream_left(s), len = left ? line_end(f, text, stream_ahead(s), left, seen) : 0;
		if (len || end)
			return take(vm, f, len ? len : left);
		seen = left && stream_ahead(s)[left - 1] == '\r' ? left - 1 : left;
		if (!stream_fill(vm, s, 0, &end))
			return VALUE_UNSET;
	}
}

/* A line longer than asked for is cut, and what is behind stays to be read. */
static value cut_line(struct vm *vm, struct file *f, TAKES value line, size_t want)
{
	bool text = is_text(vm, f);
	size_t len = text ? as_str(line)->len : as_bytes(line)->len;
	const char *data = text ? as_str(line)->data : (const char *)as_bytes(line)->data;
	size_t keep = text ? utf8_offset(data, len, want) : want;

	if (keep >= len)
		return line;
	f->stream->in_at -= len - keep;
	value cut = text ? value_object(str_new(vm, data, keep)) : bytes_value(vm, data, keep);
	value_drop(line);
	return cut;
}

static value file_readline(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	int64_t want;

	if (!readable(vm, f) || !size_arg(vm, a[1], &want))
		return VALUE_UNSET;
	value line = take_line(vm, f);
	return is_unset(line) || want < 0 ? line : cut_line(vm, f, line, (size_t)want);
}

static size_t line_length(value line)
{
	return is_str(line) ? as_str(line)->len : as_bytes(line)->len;
}

static value file_next(struct vm *vm, value self)
{
	struct file *f = (struct file *)self.o;

	if (!readable(vm, f))
		return VALUE_UNSET;
	value line = take_line(vm, f);
	if (is_unset(line) || line_length(line))
		return line;
	value_drop(line);
	return VALUE_UNSET;
}

static value file_readlines(struct vm *vm, value *a)
{
	struct list *lines = list_new(vm, 0);
	int64_t hint, total = 0;
	value line;

	if (!size_arg(vm, a[1], &hint))
		goto fail;
	while (!is_unset(line = file_next(vm, a[0]))) {
		list_append(lines, line);
		total += (int64_t)line_length(line);
		if (hint > 0 && total >= hint)
			break;
	}
	if (!vm_pending(vm))
		return value_object(lines);
fail:
	object_drop(lines);
	return VALUE_UNSET;
}

static value file_readinto(struct vm *vm, value *a)
{
	struct file *f = self_of(a);

	if (!readable(vm, f))
		return VALUE_UNSET;
	if (!is_kind(a[1], KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "readinto() argument must be read-write bytes-like object, not %s",
			value_type_name(vm, a[1]));
	struct buf *into = ((struct bytearray *)a[1].o)->buf;
	if (!read_ahead(vm, f->stream, into->len))
		return VALUE_UNSET;
	size_t len = stream_left(f->stream) < into->len ? stream_left(f->stream) : into->len;
	if (len)
		memcpy(into->data, stream_ahead(f->stream), len);
	f->stream->in_at += len;
	return value_int((int64_t)len);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static value file_write_method(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	struct view view;

	if (is_text(vm, f)) {
		if (!is_str(a[1]))
			return vm_raise(vm, vm->errors.TypeError, "write() argument must be str, not %s", value_type_name(vm, a[1]));
		struct str *s = as_str(a[1]);
		return write_text(vm, f, s->data, s->len) ? value_int((int64_t)s->chars) : VALUE_UNSET;
	}
	if (!writable(vm, f) || !value_to_view(vm, a[1], &view) || !stream_write(vm, f->stream, view.bytes, view.len))
		return VALUE_UNSET;
	return value_int((int64_t)view.len);
}

static value file_writelines(struct vm *vm, value *a)
{
	value lines = value_iterate(vm, a[1]), line;

	if (is_unset(lines))
		return lines;
	while (!is_unset(line = value_next(vm, lines))) {
		value put = file_write_method(vm, (value[]){ a[0], line });
		value_drop(line);
		if (is_unset(put))
			break;
	}
	value_drop(lines);
	return vm_pending(vm) ? VALUE_UNSET : VALUE_NONE;
}

static value file_flush(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	return is_open(vm, f) && stream_flush(vm, f->stream) ? VALUE_NONE : VALUE_UNSET;
}

static value file_close(struct vm *vm, value *a)
{
	return stream_close(vm, self_of(a)->stream) ? VALUE_NONE : VALUE_UNSET;
}

/* os.popen's files: None, or what the command ended with. */
static value file_close_child(struct vm *vm, value *a)
{
	struct stream *s = self_of(a)->stream;

	if (!stream_close(vm, s))
		return VALUE_UNSET;
	return s->status ? value_int(s->status) : VALUE_NONE;
}

static value file_close_any(struct vm *vm, value *a)
{
	return self_of(a)->stream->flags & STREAM_CHILD ? file_close_child(vm, a) : file_close(vm, a);
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static value file_seek(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	int64_t to, whence, now;

	if (!is_open(vm, f) || !value_to_int64(vm, a[1], &to) || !value_to_int64(vm, a[2], &whence))
		return VALUE_UNSET;
	if (whence < 0 || whence > 2)
		return vm_raise(vm, vm->errors.ValueError, "invalid whence (%lld, should be 0, 1 or 2)", (long long)whence);
	if (is_text(vm, f) && whence && to)
		return vm_raise(vm, vm->own->unsupported_operation, "can't do nonzero %s-relative seeks", whence == 1 ? "cur" : "end");
	if (to < 0 && whence == 0)
		return vm_raise(vm, vm->errors.ValueError, "negative seek position %lld", (long long)to);
	return stream_seek(vm, f->stream, to, (int)whence, &now) ? value_int(now) : VALUE_UNSET;
}

static value file_tell(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	int64_t now;
	return is_open(vm, f) && stream_tell(vm, f->stream, &now) ? value_int(now) : VALUE_UNSET;
}

static value file_truncate(struct vm *vm, value *a)
{
	struct file *f = self_of(a);
	int64_t len;

	if (!writable(vm, f) || !(is_none(a[1]) ? stream_tell(vm, f->stream, &len) : value_to_int64(vm, a[1], &len)))
		return VALUE_UNSET;
	return stream_truncate(vm, f->stream, len) ? value_int(len) : VALUE_UNSET;
}

static value file_fileno(struct vm *vm, value *a)
{
	return is_open(vm, self_of(a)) ? value_int(self_of(a)->stream->fd) : VALUE_UNSET;
}

static value file_isatty(struct vm *vm, value *a)
{
	return is_open(vm, self_of(a)) ? value_bool(isatty(self_of(a)->stream->fd)) : VALUE_UNSET;
}

static value has_flag(struct vm *vm, value *a, unsigned flag)
{
	return is_open(vm, self_of(a)) ? value_bool(self_of(a)->stream->flags & flag) : VALUE_UNSET;
}
static value file_readable(struct vm *vm, value *a) { return has_flag(vm, a, STREAM_READ); }
static value file_writable(struct vm *vm, value *a) { return has_flag(vm, a, STREAM_WRITE); }
static value file_seekable(struct vm *vm, value *a) { return has_flag(vm, a, STREAM_SEEKABLE); }

/* sys.stdout.reconfigure(line_buffering=True): the one thing that scripts change. */
static value file_reconfigure(struct vm *vm, value *a)
{
	struct stream *s = self_of(a)->stream;
	bool lines;

	if (!is_none(a[1]) && (!is_str(a[1]) || strncasecmp(as_str(a[1])->data, "utf", 3)))
		return vm_raise(vm, vm->errors.ValueError, "reconfigure() can only keep the encoding utf-8");
	if (is_none(a[4]))
		return VALUE_NONE;
	if (!value_truth(vm, a[4], &lines) || !stream_flush(vm, s))
		return VALUE_UNSET;
	s->flags = lines ? s->flags | STREAM_LINES : s->flags & ~(unsigned)STREAM_LINES;
	return VALUE_NONE;
}

/* ---- the type's other sides -------------------------------------------------------------------------------------- */

static value file_iterate(struct vm *vm, value self)
{
	return readable(vm, (struct file *)self.o) ? value_keep(self) : VALUE_UNSET;
}

static value file_enter(struct vm *vm, value self)
{
	return is_open(vm, (struct file *)self.o) ? value_keep(self) : VALUE_UNSET;
}

static value file_leave(struct vm *vm, value self, value exception)
{
	return stream_close(vm, ((struct file *)self.o)->stream) ? VALUE_NONE : VALUE_UNSET;
}

static void file_release(struct object *o)
{
	struct file *f = (struct file *)o;

	stream_drop(o->type->vm, f->stream);
	value_drop(f->name);
	object_drop(f->encoding);
	object_drop(f->errors);
}

static bool file_repr(struct vm *vm, value self, struct buf *out)
{
	struct file *f = (struct file *)self.o;
	unsigned both = STREAM_READ | STREAM_WRITE;
	bool text = is_text(vm, f);

	buf_print(out, "<_io.%s name=", text ? "TextIOWrapper" : (f->stream->flags & both) == both ? "BufferedRandom" :
		f->stream->flags & STREAM_READ ? "BufferedReader" : "BufferedWriter");
	if (!value_repr_to(vm, f->name, out))
		return false;
	if (text)
		buf_print(out, " mode='%s' encoding='%s'", f->mode, f->encoding->data);
	buf_char(out, '>');
	return true;
}

static value get_closed(struct vm *vm, value self)
{
	return value_bool(((struct file *)self.o)->stream->flags & STREAM_CLOSED);
}
static value get_name(struct vm *vm, value self) { return value_keep(((struct file *)self.o)->name); }
static value get_mode(struct vm *vm, value self) { return str_value(vm, ((struct file *)self.o)->mode); }
static value get_encoding(struct vm *vm, value self) { return value_object(object_keep(((struct file *)self.o)->encoding)); }
static value get_errors(struct vm *vm, value self) { return value_object(object_keep(((struct file *)self.o)->errors)); }
static value get_lines(struct vm *vm, value self)
{
	return value_bool(((struct file *)self.o)->stream->flags & STREAM_LINES);
}

static value new_file(struct vm *vm, struct type *type, TAKES struct stream *s, const char *mode, TAKES value name)
{
	struct file *f = object_new(type, 0);

	f->stream = s;
	f->name = name;
	memcpy(f->mode, mode, strnlen(mode, sizeof f->mode - 1));
	f->utf8 = true;
	if (type == vm->own->text_file) {
		f->encoding = str_text(vm, "UTF-8");
		f->errors = str_text(vm, "surrogateescape");
	}
	return value_object(f);
}

/* The bytes under a text file: sys.stdout.buffer. */
static value get_buffer(struct vm *vm, value self)
{
	struct file *f = (struct file *)self.o;
	char mode[8];

	if (f->head.type != vm->own->text_file)
		return value_keep(self);
	snprintf(mode, sizeof mode, "%.6sb", f->mode);
	return new_file(vm, vm->own->binary_file, stream_keep(f->stream), mode, value_keep(f->name));
}

#define COMMON_METHODS \
	{ "read", file_read, "size=-1, /", "Reads up to size characters (bytes of a binary file), or all that is left." }, \
	{ "readline", file_readline, "size=-1, /", "Reads one line with its ending; empty at the end." }, \
	{ "readlines", file_readlines, "hint=-1, /", "Reads the lines that are left as a list." }, \
	{ "write", file_write_method, "text, /", "Writes text (or bytes) and says how much that was." }, \
	{ "writelines", file_writelines, "lines, /", "Writes every item of lines; adds no line endings." }, \
	{ "flush", file_flush, "", "Writes out what is held back." }, \
	{ "close", file_close_any, "", "Flushes and closes; twice is allowed." }, \
	{ "seek", file_seek, "offset, whence=0, /", "Moves to offset bytes from the start (0), from here (1) or from the end (2)." }, \
	{ "tell", file_tell, "", "The place in bytes from the start." }, \
	{ "truncate", file_truncate, "size=None, /", "Cuts (or lengthens) the file to size bytes, by default to here." }, \
	{ "fileno", file_fileno, "", "The descriptor's number." }, \
	{ "isatty", file_isatty, "", "Whether this is a terminal." }, \
	{ "readable", file_readable, "", "Whether it can be read." }, \
	{ "writable", file_writable, "", "Whether it can be written." }, \
	{ "seekable", file_seekable, "", "Whether seek() works." }

#define COMMON_ATTRS \
	{ "closed", get_closed, NULL, "Whether close() was called." }, \
	{ "name", get_name, NULL, "The path as given to open(), or the descriptor's number." }, \
	{ "mode", get_mode, NULL, "The mode as given to open()." }

static const struct native text_methods[] = {
	COMMON_METHODS,
	{ "reconfigure", file_reconfigure, "*, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None",
		"Switches line buffering on or off." },
	{0}
};
static const struct native binary_methods[] = {
	COMMON_METHODS,
	{ "read1", file_read1, "size=-1, /", "Reads what is there, waiting at most once." },
	{ "readinto", file_readinto, "buffer, /", "Fills a bytearray and says how many bytes came." },
	{0}
};
static const struct getset text_attrs[] = {
	COMMON_ATTRS,
	{ "encoding", get_encoding, NULL, "The text's encoding." },
	{ "errors", get_errors, NULL, "What is done about bytes that are no text." },
	{ "buffer", get_buffer, NULL, "The same file as bytes." },
	{ "line_buffering", get_lines, NULL, "Whether every line is written out at its end." },
	{0}
};
static const struct getset binary_attrs[] = { COMMON_ATTRS, { "raw", get_buffer, NULL, "The file itself." }, {0} };

#define FILE_SLOTS { .release = file_release, .repr = file_repr, .iterate = file_iterate, .next = file_next, \
	.enter = file_enter, .leave = file_leave }

static const struct type_spec text_spec = {
	.name = "TextIOWrapper", .doc = "A text file, as open() gives it.", .size = sizeof(struct file), .flags = TYPE_OUTSIDE,
	.slots = FILE_SLOTS, .methods = text_methods, .attrs = text_attrs,
};
static const struct type_spec binary_spec = {
	.name = "BufferedReader", .doc = "A binary file, as open() gives it.", .size = sizeof(struct file), .flags = TYPE_OUTSIDE,
	.slots = FILE_SLOTS, .methods = binary_methods, .attrs = binary_attrs,
};

/* ---- making files -------------------------------------------------------------------------------------------------- */

value file_from_stream(struct vm *vm, TAKES struct stream *s, const char *mode, TAKES value name)
{
	return new_file(vm, strchr(mode, 'b') ? vm->own->binary_file : vm->own->text_file, s, mode, name);
}

value file_from_fd(struct vm *vm, int fd, const char *mode, const char *name, bool keep_open)
{
	unsigned flags = strpbrk(mode, "r+") ? STREAM_READ : 0;

	if (strpbrk(mode, "wax+"))
		flags |= STREAM_WRITE;
	if (keep_open)
		flags |= STREAM_KEEP_OPEN;
	return file_from_stream(vm, stream_new(fd, flags), mode, name ? str_value(vm, name) : value_int(fd));
}

bool file_write(struct vm *vm, value file, const char *text, size_t len)
{
	if (is_none(file))
		return true;
	if (file.tag == TAG_OBJECT && file.o->type == vm->own->text_file)
		return write_text(vm, (struct file *)file.o, text, len);
	value s = value_object(str_new(vm, text, len));
	value put = value_call_method(vm, file, str_intern(vm, "write"), 1, &s);
	value_drop(s);
	value_drop(put);
	return !is_unset(put);
}

void file_add_types(struct vm *vm)
{
	struct type *bases[2] = { vm->errors.OSError, vm->errors.ValueError };
	struct dict *attrs = dict_new(vm);

	dict_set_str(vm, attrs, vm->names.module_, str_value(vm, "io"));
	vm->own->unsupported_operation = type_derive(vm, str_intern(vm, "UnsupportedOperation"), 2, bases, attrs);
	object_drop(attrs);
	vm->own->text_file = type_new(vm, &text_spec, NULL);
	vm->own->binary_file = type_new(vm, &binary_spec, NULL);
}
