/* help(): what a function is called with and does, what a class or module has. A class method __help__ that gives a str
 * says it better: that is how layer classes show their fields. */
#include <string.h>

#include "lang/builtins.h"
#include "lang/machine.h"
#include "lang/native.h"
#include "lang/types.h"

/* Adds text with `indent` blanks before each line; ends the line. */
static void add_indented(struct buf *out, int indent, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		if (len)
			buf_print(out, "%*s%.*s", indent, "", (int)len, text);
		buf_char(out, '\n');
		text += len + (text[len] == '\n');
		if (text[0] == ' ' && indent)
			text += strspn(text, " \t");
	}
}

static void add_doc(struct vm *vm, struct buf *out, int indent, TAKES value doc)
{
	if (is_str(doc) && as_str(doc)->len)
		add_indented(out, indent, as_str(doc)->data);
	value_drop(doc);
}

static void help_function(struct vm *vm, value f, struct buf *out, int indent)
{
	value signature = function_signature(vm, f);

	if (is_unset(signature))
		vm_clear(vm);
	buf_print(out, "%*s%s%s\n", indent, "", function_name(f)->data, is_str(signature) ? as_str(signature)->data : "(...)");
	value_drop(signature);
	add_doc(vm, out, indent + 4, value_keep(function_doc(f)));
}

static void help_native(const struct native *n, struct buf *out, int indent)
{
	if (n->signature)
		buf_print(out, "%*s%s(%s)\n", indent, "", n->name, n->signature);
	else
		buf_print(out, "%*s%s(...)\n", indent, "", n->name);
	if (n->doc)
		add_indented(out, indent + 4, n->doc);
}

/* A callable or property in a class or module; false: it is something else. */
static bool help_member(struct vm *vm, const char *name, value v, struct buf *out)
{
	if (is_kind(v, KIND_METHOD))
		v = ((struct method *)v.o)->function;
	if (is_kind(v, KIND_STATICMETHOD) || is_kind(v, KIND_CLASSMETHOD))
		v = ((struct wrapped_method *)v.o)->function;
	if (is_kind(v, KIND_FUNCTION))
		help_function(vm, v, out, 4);
	else if (is_kind(v, KIND_NATIVE))
		help_native(((struct native_function *)v.o)->spec, out, 4);
	else if (is_kind(v, KIND_PROPERTY)) {
		buf_print(out, "    %s\n", name);
		add_doc(vm, out, 8, value_keep(((struct property *)v.o)->doc));
	} else
		return false;
	return true;
}

static void help_members(struct vm *vm, struct dict *names, struct buf *out)
{
	value key, item;

	for (uint32_t i = 0; dict_next(names, &i, &key, &item);)
		if (is_str(key) && (as_str(key)->data[0] != '_' || !strcmp(as_str(key)->data, "__init__")))
			help_member(vm, as_str(key)->data, item, out);
}

static void add_bases(const struct type *type, struct buf *out)
{
	if (type->base)
		buf_print(out, "(%s)", type->base->name->data);
	buf_char(out, '\n');
}

static bool help_class(struct vm *vm, struct type *type, struct buf *out)
{
	buf_print(out, "class %s", type->name->data);
	add_bases(type, out);
	value doc = value_attr_or_unset(vm, value_object(type), vm->names.doc_);
	if (is_unset(doc) && vm_pending(vm))
		return false;
	add_doc(vm, out, 4, doc);
	if (type->spec && type->spec->signature)
		buf_print(out, "    %s(%s)\n", type->name->data, type->spec->signature);
	size_t before = out->len;
	buf_text(out, "\n");
	help_members(vm, type->attrs, out);
	if (out->len == before + 1)
		out->len = before;
	return true;
}

static void help_module(struct vm *vm, struct module *m, struct buf *out)
{
	buf_print(out, "module %s\n", m->name->data);
	add_doc(vm, out, 4, value_keep(dict_get_str(m->globals, vm->names.doc_)));
	buf_char(out, '\n');
	help_members(vm, m->globals, out);
}

/* The type's own words: 1 written, 0 none, -1 raised. */
static int help_own(struct vm *vm, value v, struct buf *out)
{
	value of = is_kind(v, KIND_TYPE) ? v : value_object(value_type(vm, v));
	value hook = value_attr_or_unset(vm, of, str_intern(vm, "__help__"));

	if (is_unset(hook))
		return vm_pending(vm) ? -1 : 0;
	value text = value_call_args(vm, hook, 0, NULL);
	value_drop(hook);
	if (is_unset(text))
		return -1;
	bool is = is_str(text);
	add_doc(vm, out, 0, text);
	return is;
}

static bool help_to(struct vm *vm, value v, struct buf *out)
{
	int own = help_own(vm, v, out);

	if (own)
		return own > 0;
	if (is_kind(v, KIND_METHOD))
		v = ((struct method *)v.o)->function;
	if (is_kind(v, KIND_FUNCTION))
		help_function(vm, v, out, 0);
	else if (is_kind(v, KIND_NATIVE))
		help_native(((struct native_function *)v.o)->spec, out, 0);
	else if (is_kind(v, KIND_MODULE))
		help_module(vm, (struct module *)v.o, out);
	else
		return help_class(vm, is_kind(v, KIND_TYPE) ? (struct type *)v.o : value_type(vm, v), out);
	return true;
}

static const char introduction[] =
	"This is pktsh, a packet shell: Python's syntax, Scapy's names.\n"
	"\n"
	"  IP(dst=\"10.0.2.5\")/UDP()   a packet          ls()       the layers        ls(IP)    the fields of one\n"
	"  p.show()                   its fields        lsc()      the commands      help(x)   what x is and does\n"
	"  sr1(p), sniff(), rdpcap()  on the wire       dir(x)     the names in x    x?        the same as help(x)\n";

static value do_help(struct vm *vm, value *a)
{
	struct buf out = {0};
	bool ok = true;

	if (is_unset(a[0]))
		buf_text(&out, introduction);
	else
		ok = help_to(vm, a[0], &out);
	value r = ok ? vm_write(vm, buf_str(&out), out.len) : VALUE_UNSET;
	buf_free(&out);
	return r;
}

const struct native builtins_help[] = {
	{ "help", do_help, "object=..., /", "Shows what the object is, how it is called and what it does." },
	{0}
};
