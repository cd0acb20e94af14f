/* The methods and functions that print packets. */
#include "packet/printing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/str.h"
#include "packet/world.h"

static value write_out(struct vm *vm, TAKES struct buf *text, bool dump)
{
	if (dump)
		return str_from_buf(vm, text);
	buf_char(text, '\n');
	value done = vm_write(vm, buf_str(text), text->len);
	buf_free(text);
	return done;
}

static bool truth(struct vm *vm, value v)
{
	bool yes = false;
	return !is_unset(v) && value_truth(vm, v, &yes) && yes;
}

/* Marks are for people: only where output goes to a terminal. */
static enum show_notes notes_for(struct vm *vm, bool dumped)
{
	if (dumped)
		return SHOW_PLAIN;
	value asked = value_call_method(vm, vm->stdout_value, str_intern(vm, "isatty"), 0, NULL);
	bool terminal = truth(vm, asked);
	value_drop(asked);
	vm_clear(vm);
	return terminal ? SHOW_STALE : SHOW_NOT_SENT;
}

static value show(struct vm *vm, struct stack *s, unsigned at, value *a)
{
	size_t width;
	if (!value_to_size(vm, a[2], &width))
		return VALUE_UNSET;
	if (width > 64)
		return vm_raise(vm, vm->errors.ValueError, "indent is 0 to 64, not %zu", width);
	char indent[65] = "";
	memset(indent, ' ', width);
	struct buf text = { 0 };
	if (stack_show(s, at, notes_for(vm, truth(vm, a[1])), indent, &text))
		return write_out(vm, &text, truth(vm, a[1]));
	buf_free(&text);
	return VALUE_UNSET;
}

static value method_show(struct vm *vm, value *a)
{
	return show(vm, as_packet(a[0])->stack, as_packet(a[0])->at, a);
}

/* Built and dissected again: what will be on the wire. */
static value method_show2(struct vm *vm, value *a)
{
	struct packet *p = as_packet(a[0]);
	struct frame *frame = build_frame(p->stack, p->at);
	if (!frame)
		return VALUE_UNSET;
	struct stack *again = dissect(vm, packet_part(p)->layer->type, frame, 0, frame->len);
	if (!again)
		return VALUE_UNSET;
	value done = show(vm, again, 0, a);
	stack_drop(again);
	return done;
}

typedef bool (*text_of_stack)(struct stack *s, unsigned at, struct buf *out);

static struct buf take_room(struct world *w)
{
	struct buf text = w->text;
	w->text = (struct buf){ 0 };
	text.len = 0;
	return text;
}

static void give_room(struct world *w, TAKES struct buf *text)
{
	enum { MOST = 1 << 16 };
	if (w->text.data || text->room > MOST)
		buf_free(text);
	else
		w->text = *text;
}

static value as_text(struct vm *vm, value self, text_of_stack form)
{
	struct world *w = world_of(vm);
	struct buf text = take_room(w);
	value made = VALUE_UNSET;
	if (form(as_packet(self)->stack, as_packet(self)->at, &text))
		made = str_owned(str_new(vm, buf_str(&text), text.len));
	give_room(w, &text);
	return made;
}

static value method_summary(struct vm *vm, value *a)
{
	return as_text(vm, a[0], stack_summary);
}

static value method_sprintf(struct vm *vm, value *a)
{
	if (!is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "sprintf takes a text, not %s", value_type_name(vm, a[1]));
	struct world *w = world_of(vm);
	struct buf text = take_room(w);
	value made = VALUE_UNSET;
	if (stack_sprintf(as_packet(a[0])->stack, as_packet(a[0])->at, as_str(a[1])->data, as_str(a[1])->len, &text))
		made = str_owned(str_new(vm, buf_str(&text), text.len));
	give_room(w, &text);
	return made;
}

/* What the library's function of that name gives for a packet or a layer class. */
static value call_library(struct vm *vm, const char *name, size_t count, const value *args)
{
	value f = world_of(vm)->find(vm, str_intern(vm, name));
	if (is_unset(f))
		return vm_pending(vm) ? f : vm_raise(vm, vm->errors.RuntimeError, "the library has no %s", name);
	value got = value_call_args(vm, f, count, args);
	value_drop(f);
	return got;
}

/* help(TCP). */
static value method_help(struct vm *vm, value *a)
{
	value cls = is_kind(a[0], KIND_TYPE) ? a[0] : value_object(value_type(vm, a[0]));
	if (!layer_of((struct type *)cls.o))
		return value_keep(value_object(((struct type *)cls.o)->name));
	return call_library(vm, "layer_help", 1, &cls);
}

static value method_command(struct vm *vm, value *a)
{
	return truth(vm, a[1]) ? call_library(vm, "packet_dict", 1, a) : as_text(vm, a[0], stack_command);
}

static value method_json(struct vm *vm, value *a)
{
	return call_library(vm, "packet_json", 1, a);
}

/* As pictures: the library draws them. */
static value method_svgdump(struct vm *vm, value *a)
{
	return call_library(vm, "packets_svg", 2, a);
}

static value method_pdfdump(struct vm *vm, value *a)
{
	return call_library(vm, "packets_pdf", 2, a);
}

static value method_psdump(struct vm *vm, value *a)
{
	return call_library(vm, "packets_ps", 2, a);
}

static const struct native methods[] = {
	{ "__help__", method_help, "", "What help() prints of a layer class.", NULL, NATIVE_CLASS },
	{ "show", method_show, "dump=False, indent=3", "Print every field of every layer; dump=True returns the text." },
	{ "display", method_show, "dump=False, indent=3", "The same as show." },
	{ "show2", method_show2, "dump=False, indent=3", "show() of the packet as it will be sent: lengths and sums computed." },
	{ "svgdump", method_svgdump, "filename=None, **kargs", "The packet as a picture, fields beside their bytes: an SVG file, or its text." },
	{ "pdfdump", method_pdfdump, "filename=None, **kargs", "The packet as a picture: a PDF file, or its bytes." },
	{ "psdump", method_psdump, "filename=None, **kargs", "The packet as a picture: a PostScript file, or its text." },
	{ "summary", method_summary, "intern=0", "The packet in one line." },
	{ "command", method_command, "json=False", "The text that makes the packet; json=True: a dict of its fields instead." },
	{ "json", method_json, "", "Every field by name and the payload inside, as JSON." },
	{ "sprintf", method_sprintf, "fmt, relax=1", "Text with fields put in: \"%IP.src% > %IP.dst% {TCP:%TCP.flags%}\"." },
	{ 0 },
};

/* ---- functions ---- */

/* The bytes to print: of a packet its built form, of text its UTF-8. Held in *keep (dropped by the caller). */
static bool bytes_of(struct vm *vm, value v, value *keep, struct view *out)
{
	*keep = VALUE_UNSET;
	if (is_packet(v)) {
		struct buf built = { 0 };
		bool ok = build(as_packet(v)->stack, as_packet(v)->at, &built);
		if (ok)
			*keep = bytes_value(vm, built.data, built.len);
		buf_free(&built);
		return ok && value_to_view(vm, *keep, out);
	}
	if (is_str(v)) {
		*out = (struct view){ (const uint8_t *)as_str(v)->data, as_str(v)->len };
		return true;
	}
	return value_to_view(vm, v, out);
}

static value function_hexdump(struct vm *vm, value *a)
{
	struct view view;
	value keep;
	struct buf text = { 0 };
	bool ok = bytes_of(vm, a[0], &keep, &view);
	if (ok)
		hexdump(view.bytes, view.len, &text);
	value_drop(keep);
	return ok ? write_out(vm, &text, truth(vm, a[1])) : VALUE_UNSET;
}

static value one_line(struct vm *vm, value of, bool hex, bool text, struct buf *line)
{
	struct view view;
	value keep;
	bool ok = bytes_of(vm, of, &keep, &view);
	if (ok)
		hexdump_one_line(view.bytes, view.len, hex, text, line);
	value_drop(keep);
	return ok ? VALUE_NONE : VALUE_UNSET;
}

static value function_linehexdump(struct vm *vm, value *a)
{
	struct buf line = { 0 };
	bool only_hex = truth(vm, a[1]), only_text = truth(vm, a[2]);
	if (is_unset(one_line(vm, a[0], !only_text, !only_hex, &line)))
		return VALUE_UNSET;
	return write_out(vm, &line, truth(vm, a[3]));
}

static value function_hexstr(struct vm *vm, value *a)
{
	struct buf line = { 0 };
	bool only_hex = truth(vm, a[1]), only_text = truth(vm, a[2]);
	if (is_unset(one_line(vm, a[0], !only_text, !only_hex, &line)))
		return VALUE_UNSET;
	return str_from_buf(vm, &line);
}

static value function_chexdump(struct vm *vm, value *a)
{
	struct view view;
	value keep;
	struct buf text = { 0 };
	if (!bytes_of(vm, a[0], &keep, &view))
		return VALUE_UNSET;
	for (size_t i = 0; i < view.len; i++)
		buf_print(&text, i ? ", 0x%02x" : "0x%02x", view.bytes[i]);
	value_drop(keep);
	return write_out(vm, &text, truth(vm, a[1]));
}

static value function_ls(struct vm *vm, value *a)
{
	struct buf text = { 0 };
	bool ok = false;
	if (is_packet(a[0]))
		ok = ls_packet(as_packet(a[0])->stack, as_packet(a[0])->at, truth(vm, a[1]), &text);
	else if (is_layer_class(a[0]))
		ok = ls_class(vm, (struct type *)a[0].o, truth(vm, a[1]), &text);
	else
		vm_raise(vm, vm->errors.TypeError, "ls() takes a packet or a layer class, not %s", value_type_name(vm, a[0]));
	value done = ok ? vm_write(vm, buf_str(&text), text.len) : VALUE_UNSET;
	buf_free(&text);
	return done;
}

static const struct native functions[] = {
	{ "hexdump", function_hexdump, "p, dump=False", "Print bytes as offsets, hexadecimal and text." },
	{ "linehexdump", function_linehexdump, "p, onlyhex=0, onlyasc=0, dump=False", "Print bytes in one line." },
	{ "hexstr", function_hexstr, "p, onlyhex=0, onlyasc=0", "Bytes in one line, as a text." },
	{ "chexdump", function_chexdump, "p, dump=False", "Print bytes as C writes them." },
	{ "_ls", function_ls, "obj, verbose", "Print a layer's fields, or a packet's with their values." },
	{ 0 },
};

void printing_add(struct vm *vm)
{
	struct type *packet = world_of(vm)->packet;
	for (const struct native *m = methods; m->name; m++)
		type_set_attr(vm, packet, str_intern(vm, m->name), native_new(vm, m, packet));
	vm_add_builtins(vm, functions);
}
