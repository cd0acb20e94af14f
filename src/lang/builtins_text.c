/* Built-in functions of text: print input open chr ord ascii. */
#include <string.h>

#include "base/text.h"
#include "lang/builtins.h"
#include "lang/file.h"
#include "lang/modules.h"
#include "lang/types.h"

/* ---- print ----------------------------------------------------------------------------------------------------------- */

struct print {
	value sep, end, file, flush;
};

static bool text_or_none(struct vm *vm, value v, const char *name)
{
	if (is_str(v) || is_none(v) || is_unset(v))
		return true;
	return vm_raise_ok(vm, vm->errors.TypeError, "%s must be None or a string, not %s", name, value_type_name(vm, v));
}

static bool print_options(struct vm *vm, const struct call *call, struct print *p)
{
	static const char *const names[] = { "sep", "end", "file", "flush" };
	value *places[] = { &p->sep, &p->end, &p->file, &p->flush };

	*p = (struct print){0};
	for (uint32_t i = 0; i < call->named; i++) {
		int at = 0;
		while (at < 4 && strcmp(call->names[i]->data, names[at]))
			at++;
		if (at == 4) {
			vm_raise(vm, vm->errors.TypeError, "'%s' is an invalid keyword argument for print()", call->names[i]->data);
			vm_blame_arg(vm, call->count + i);
			return false;
		}
		*places[at] = call->args[call->count + i];
	}
	return text_or_none(vm, p->sep, "sep") && text_or_none(vm, p->end, "end");
}

static void add_text(struct buf *b, value text, const char *otherwise)
{
	if (is_str(text))
		buf_add(b, as_str(text)->data, as_str(text)->len);
	else
		buf_text(b, otherwise);
}

/* print(text): most lines are one text, and short. false: it is none of these, nothing was written (or raised). */
static bool print_text(struct vm *vm, const struct call *call, value file, bool *ok)
{
	char line[512];
	if (call->count != 1 || call->named || !is_str(call->args[0]) || as_str(call->args[0])->head.type != vm->types.str)
		return false;
	const struct str *text = as_str(call->args[0]);
	if (text->len >= sizeof line)
		return false;
	memcpy(line, text->data, text->len);
	line[text->len] = '\n';
	*ok = file_write(vm, file, line, text->len + 1);
	return true;
}

/* The whole line at once: for files of ours. */
static bool print_line(struct vm *vm, const struct call *call, const struct print *p, value file)
{
	struct buf b = {0};
	bool ok = true;

	if (print_text(vm, call, file, &ok))
		return ok;
	for (uint32_t i = 0; i < call->count && ok; i++) {
		if (i)
			add_text(&b, p->sep, " ");
		ok = value_str_to(vm, call->args[i], &b);
	}
	add_text(&b, p->end, "\n");
	ok = ok && file_write(vm, file, buf_str(&b), b.len);
	buf_free(&b);
	return ok;
}

static bool print_piece(struct vm *vm, value file, TAKES value text)
{
	bool ok = !is_unset(text) && (!as_str(text)->len || file_write(vm, file, as_str(text)->data, as_str(text)->len));

	value_drop(text);
	return ok;
}

static value text_or(struct vm *vm, value text, const char *otherwise)
{
	return is_str(text) ? value_keep(text) : str_value(vm, otherwise);
}

/* A write a piece, as whoever redirects sys.stdout to an object of his own expects. */
static bool print_pieces(struct vm *vm, const struct call *call, const struct print *p, value file)
{
	for (uint32_t i = 0; i < call->count; i++) {
		if (i && !print_piece(vm, file, text_or(vm, p->sep, " ")))
			return false;
		if (!print_piece(vm, file, value_str(vm, call->args[i])))
			return false;
	}
	return print_piece(vm, file, text_or(vm, p->end, "\n"));
}

static bool print_flush(struct vm *vm, value file)
{
	value r = value_call_method(vm, file, str_intern(vm, "flush"), 0, NULL);
	value_drop(r);
	return !is_unset(r);
}

static value do_print(struct vm *vm, const struct call *call)
{
	struct print p;
	bool flush = false, ok;

	if (!print_options(vm, call, &p) || (!is_unset(p.flush) && !value_truth(vm, p.flush, &flush)))
		return VALUE_UNSET;
	value file = is_unset(p.file) || is_none(p.file) ? file_standard(vm, 1) : p.file;
	if (is_none(file))
		return VALUE_NONE;
	value_keep(file);           /* what is printed may assign sys.stdout */
	ok = file.tag == TAG_OBJECT && file.o->type == vm->own->text_file ? print_line(vm, call, &p, file)
		: print_pieces(vm, call, &p, file);
	ok = ok && (!flush || print_flush(vm, file));
	value_drop(file);
	return ok ? VALUE_NONE : VALUE_UNSET;
}

/* ---- input ----------------------------------------------------------------------------------------------------------- */

static value without_newline(struct vm *vm, TAKES value line)
{
	if (is_unset(line))
		return line;
	if (!is_str(line)) {
		value_drop(line);
		return vm_raise(vm, vm->errors.TypeError, "object.readline() returned non-string");
	}
	struct str *s = as_str(line);
	if (!s->len) {
		value_drop(line);
		return vm_raise(vm, vm->errors.EOFError, "EOF when reading a line");
	}
	if (s->data[s->len - 1] != '\n')
		return line;
	value cut = value_object(str_new(vm, s->data, s->len - 1));
	value_drop(line);
	return cut;
}

static value do_input(struct vm *vm, value *a)
{
	struct buf prompt = {0};
	value in = file_standard(vm, 0);
	bool ok = is_unset(a[0]) || value_str_to(vm, a[0], &prompt);

	ok = ok && file_write(vm, file_standard(vm, 1), buf_str(&prompt), prompt.len) && file_flush_standard(vm);
	buf_free(&prompt);
	if (!ok)
		return VALUE_UNSET;
	if (is_none(in))
		return vm_raise(vm, vm->errors.RuntimeError, "input(): lost sys.stdin");
	return without_newline(vm, value_call_method(vm, in, str_intern(vm, "readline"), 0, NULL));
}

/* ---- characters ---------------------------------------------------------------------------------------------------------- */

static value do_chr(struct vm *vm, value *a)
{
	struct buf b = {0};
	int64_t code;

	if (!value_to_int64(vm, a[0], &code))
		return VALUE_UNSET;
	if (code != (int32_t)code)
		return vm_raise(vm, vm->errors.OverflowError, "Python int too large to convert to C int");
	if (code < 0 || code > 0x10ffff)
		return vm_raise(vm, vm->errors.ValueError, "chr() arg not in range(0x110000)");
	buf_utf8(&b, (uint32_t)code);
	return str_from_buf(vm, &b);
}

static value not_one(struct vm *vm, size_t len)
{
	return vm_raise(vm, vm->errors.TypeError, "ord() expected a character, but string of length %zu found", len);
}

static value do_ord(struct vm *vm, value *a)
{
	struct view view;
	size_t at = 0;

	if (is_str(a[0])) {
		struct str *s = as_str(a[0]);
		return s->chars == 1 ? value_int(utf8_next(s->data, s->len, &at)) : not_one(vm, s->chars);
	}
	if (!is_bytes(a[0]) && !is_kind(a[0], KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "ord() expected string of length 1, but %s found", value_type_name(vm, a[0]));
	if (!value_to_view(vm, a[0], &view))
		return VALUE_UNSET;
	return view.len == 1 ? value_int(view.bytes[0]) : not_one(vm, view.len);
}

static value do_ascii(struct vm *vm, value *a)
{
	struct buf shown = {0}, b = {0};

	if (!value_repr_to(vm, a[0], &shown)) {
		buf_free(&shown);
		return VALUE_UNSET;
	}
	for (size_t at = 0; at < shown.len;) {
		uint32_t c = utf8_next(shown.data, shown.len, &at);
		if (c < 0x80)
			buf_char(&b, (char)c);
		else
			buf_print(&b, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
	buf_free(&shown);
	return str_from_buf(vm, &b);
}

const struct native builtins_text[] = {
	{ .name = "print", .signature = "*args, sep=' ', end='\\n', file=None, flush=False",
		.doc = "Writes the values as text to file, by default sys.stdout, sep between them and end behind.", .raw = do_print, .flags = NATIVE_OUTSIDE },
	{ "input", do_input, "prompt=..., /", "Writes the prompt and reads a line from sys.stdin, without its ending.", .flags = NATIVE_OUTSIDE },
	{ "open", file_open_builtin, "file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True",
		"Opens a file for reading ('r'), writing ('w', 'x'), appending ('a'); 'b' for bytes, '+' for both ways.", .flags = NATIVE_OUTSIDE },
	{ "chr", do_chr, "i, /", "The character with that code point." },
	{ "ord", do_ord, "c, /", "The code point of a character." },
	{ "ascii", do_ascii, "obj, /", "repr(obj) with every character beyond ASCII escaped." },
	{0}
};
