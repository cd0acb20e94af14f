/* Code objects: their type, and their instructions as text. */
#include "lang/code.h"

#include <stdio.h>

#include "base/mem.h"
#include "lang/makers.h"
#include "lang/types.h"

static struct code *as_code(value v)
{
	return (struct code *)v.o;
}

static void release_code(struct object *o)
{
	struct code *code = (struct code *)o;
	for (uint32_t i = 0; i < code->const_count; i++)
		value_drop(code->consts[i]);
	for (uint32_t i = 0; i < code->shape_count; i++)
		mem_free(code->shapes[i].names);
	value_drop(code->doc);
	if (code->source)
		source_drop(code->source);
	void *blocks[] = { code->ops, code->spans, code->consts, code->names, code->local_names, code->cell_names, code->free_names,
		code->captures, code->handlers, code->shapes, code->calls, code->arg_spans, code->sites, code->slots };
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		mem_free(blocks[i]);
}

static bool repr_code(struct vm *vm, value self, struct buf *out)
{
	const struct code *code = as_code(self);
	unsigned line = source_place(code->source, code->span.start).line;
	buf_print(out, "<code object %s at %p, file \"%s\", line %u>", code->name->data, (void *)self.o, code->source->name, line);
	return true;
}

static value text_of(struct str *s)
{
	return value_object(object_keep(s));
}

static value get_name(struct vm *vm, value self) { return text_of(as_code(self)->name); }
static value get_qualname(struct vm *vm, value self) { return text_of(as_code(self)->qualname); }
static value get_filename(struct vm *vm, value self) { return str_value(vm, as_code(self)->source->name); }
static value get_argcount(struct vm *vm, value self) { return value_int(as_code(self)->positional); }
static value get_keyword_only(struct vm *vm, value self) { return value_int(as_code(self)->keyword_only); }
static value get_positional_only(struct vm *vm, value self) { return value_int(as_code(self)->positional_only); }
static value get_locals_count(struct vm *vm, value self) { return value_int(as_code(self)->locals); }

static value get_first_line(struct vm *vm, value self)
{
	const struct code *code = as_code(self);
	return value_int(source_place(code->source, code->span.start).line);
}

static value get_flags(struct vm *vm, value self)
{
	unsigned flags = as_code(self)->flags;
	return value_int((flags & CODE_STAR ? 4 : 0) | (flags & CODE_DOUBLE_STAR ? 8 : 0) | (flags & CODE_GENERATOR ? 32 : 0));
}

static value get_names(struct vm *vm, value self)
{
	const struct code *code = as_code(self);
	struct tuple *t = tuple_new(vm, code->locals);
	for (unsigned i = 0; i < code->locals; i++)
		t->items[i] = text_of(code->local_names[i]);
	return value_object(t);
}

static const struct getset code_attrs[] = {
	{ "co_name", get_name, NULL, "The name of the function." },
	{ "co_qualname", get_qualname, NULL, "The name with those around it." },
	{ "co_filename", get_filename, NULL, "Where it was written." },
	{ "co_firstlineno", get_first_line, NULL, "The line where it begins." },
	{ "co_argcount", get_argcount, NULL, "How many positional parameters there are." },
	{ "co_kwonlyargcount", get_keyword_only, NULL, "How many keyword-only parameters there are." },
	{ "co_posonlyargcount", get_positional_only, NULL, "How many positional-only parameters there are." },
	{ "co_nlocals", get_locals_count, NULL, "How many locals there are." },
	{ "co_flags", get_flags, NULL, "4: *args, 8: **kwargs, 32: a generator." },
	{ "co_varnames", get_names, NULL, "Parameters and locals, by name." },
	{ NULL },
};

static const struct type_spec code_spec = {
	.name = "code", .doc = "What the compiler made of a text.", .kind = KIND_CODE, .size = sizeof(struct code),
	.slots = { .release = release_code, .repr = repr_code }, .attrs = code_attrs,
};

void type_make_code(struct vm *vm)
{
	vm->types.code = type_new(vm, &code_spec, NULL);
}

static const struct { const char *name, *operands; } rows[] = {
#define X(name, operands, effect) { #name, operands },
	OPCODES(X)
#undef X
};

void code_dump(const struct code *code, struct buf *out)
{
	buf_print(out, "%s: %u params, %u locals, %u cells, %u registers\n", code->qualname->data, code->params, code->locals,
		code->cells, code->registers);
	for (uint32_t i = 0; i < code->count; i++) {
		const struct instruction *in = &code->ops[i];
		buf_print(out, "%5u  %-14s %3u %5u %5u %5u   %s\n", i, rows[in->op].name, in->n, in->a, in->b, in->c, rows[in->op].operands);
	}
	for (uint32_t i = 0; i < code->handler_count; i++) {
		const struct handler *h = &code->handlers[i];
		buf_print(out, "       %u..%u -> %u, temp %u\n", h->start, h->end, h->handler, h->temp);
	}
	for (uint32_t i = 0; i < code->const_count; i++)
		if (is_kind(code->consts[i], KIND_CODE))
			code_dump(as_code(code->consts[i]), out);
}
