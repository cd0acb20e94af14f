/* Emission: instructions, constants and side tables of one unit at a time; and the way in. */
#include "lang/compile.h"

#include <string.h>

#include "base/mem.h"
#include "lang/makers.h"

bool compile_error(struct compiler *c, struct span span, const char *format, ...)
{
	if (compile_failed(c))
		return false;
	struct buf text = { 0 };
	va_list args;
	va_start(args, format);
	buf_vprint(&text, format, args);
	va_end(args);
	error_set(&c->error, "SyntaxError", "%s", buf_str(&text));
	error_place(&c->error, c->ast->source, span);
	buf_free(&text);
	return false;
}

bool compile_enter(struct compiler *c, struct span span)
{
	if (++c->nesting <= COMPILE_NESTING)
		return true;
	c->nesting--;
	return compile_error(c, span, "nested too deeply: over %d levels", COMPILE_NESTING);
}

void compile_leave(struct compiler *c)
{
	c->nesting--;
}

struct span set_span(struct compiler *c, struct span span)
{
	struct span was = c->unit->span;
	c->unit->span = span;
	return was;
}

#define GROW(array, count, room) do { \
		if ((count) == (room)) \
			(array) = mem_resize((array), ((room) = (room) ? (room) * 2 : 8) * sizeof *(array)); \
	} while (0)

uint32_t emit(struct compiler *c, enum opcode op, unsigned n, unsigned a, unsigned b, unsigned d)
{
	struct unit *u = c->unit;
	struct code *code = u->code;
	if (code->count == u->ops_room) {
		u->ops_room = u->ops_room ? u->ops_room * 2 : 32;
		code->ops = mem_resize(code->ops, u->ops_room * sizeof *code->ops);
		code->spans = mem_resize(code->spans, u->ops_room * sizeof *code->spans);
	}
	if ((a | b | d) > 0xffff)
		compile_error(c, u->span, "too much in one function: the machine counts to 65535");
	code->ops[code->count] = (struct instruction){ op, n, a, b, d };
	code->spans[code->count] = u->span;
	return code->count++;
}

uint32_t emit_int(struct compiler *c, unsigned a, int32_t number)
{
	return emit(c, OP_INT, 0, a, (uint32_t)number & 0xffff, (uint32_t)number >> 16);
}

void emit_move(struct compiler *c, unsigned dest, unsigned from)
{
	emit(c, is_temp(c, from) ? OP_MOVE : OP_COPY, 0, dest, from, 0);
}

uint32_t emit_far(struct compiler *c)
{
	return emit(c, OP_JUMP, 0, 0, 0, 0);
}

uint32_t here(const struct compiler *c)
{
	return c->unit->code->count;
}

void patch_to(struct compiler *c, uint32_t at, uint32_t target)
{
	struct instruction *i = &c->unit->code->ops[at];
	int64_t by = (int64_t)target - at - 1;
	if (i->op == OP_JUMP) {
		i->b = (uint32_t)by & 0xffff;
		i->c = (uint32_t)by >> 16;
	} else if (by < INT16_MIN || by > INT16_MAX) {
		compile_error(c, c->unit->code->spans[at], "this block is too long: over 32767 instructions");
	} else {
		i->c = (uint16_t)by;
	}
}

void patch(struct compiler *c, uint32_t at)
{
	patch_to(c, at, here(c));
}

void jumps_add(struct jumps *j, uint32_t at)
{
	GROW(j->at, j->count, j->room);
	j->at[j->count++] = at;
}

void jumps_to(struct compiler *c, struct jumps *j, uint32_t target)
{
	for (uint32_t i = 0; i < j->count; i++)
		patch_to(c, j->at[i], target);
	mem_free(j->at);
	*j = (struct jumps){ 0 };
}

void jumps_here(struct compiler *c, struct jumps *j)
{
	jumps_to(c, j, here(c));
}

uint16_t temp_take_many(struct compiler *c, unsigned count)
{
	struct unit *u = c->unit;
	uint16_t first = u->temp;
	if (u->temp + count > 60000) {
		compile_error(c, u->span, "too many values at once in one expression");
		return first;
	}
	u->temp += count;
	if (u->temp > u->code->registers)
		u->code->registers = u->temp;
	return first;
}

uint16_t temp_take(struct compiler *c)
{
	return temp_take_many(c, 1);
}

static bool same_const(value a, value b)
{
	if (a.tag != b.tag)
		return false;
	if (a.tag != TAG_OBJECT)
		return a.i == b.i || (a.tag < TAG_BOOL);
	return a.o == b.o;
}

uint16_t const_add(struct compiler *c, TAKES value v)
{
	struct code *code = c->unit->code;
	for (uint32_t i = code->const_count; i-- > 0 && i + 32 > code->const_count;)
		if (same_const(code->consts[i], v)) {
			value_drop(v);
			return i;
		}
	GROW(code->consts, code->const_count, c->unit->consts_room);
	code->consts[code->const_count] = v;
	if (code->const_count > 0xfffe)
		compile_error(c, c->unit->span, "too many constants in one function");
	return code->const_count++;
}

uint16_t name_add(struct compiler *c, struct str *name)
{
	struct code *code = c->unit->code;
	for (uint32_t i = code->name_count; i-- > 0 && i + 32 > code->name_count;)
		if (code->names[i] == name)
			return i;
	GROW(code->names, code->name_count, c->unit->names_room);
	code->names[code->name_count] = name;
	if (code->name_count > 0xfffe)
		compile_error(c, c->unit->span, "too many names in one function");
	return code->name_count++;
}

uint16_t name_text(struct compiler *c, const char *text)
{
	return name_add(c, scope_name(c, c->unit->scope, text));
}

uint16_t site_add(struct compiler *c, const char *name)
{
	struct code *code = c->unit->code;
	GROW(code->sites, code->site_count, c->unit->sites_room);
	code->sites[code->site_count] = (struct attr_site){ .name = scope_name(c, c->unit->scope, name) };
	if (code->site_count > 0xfffe)
		compile_error(c, c->unit->span, "too many attributes in one function");
	return code->site_count++;
}

uint16_t shape_add(struct compiler *c, unsigned count, unsigned named, TAKES struct str **names)
{
	struct code *code = c->unit->code;
	GROW(code->shapes, code->shape_count, c->unit->shapes_room);
	code->shapes[code->shape_count] = (struct call_shape){ count, named, names };
	if (code->shape_count > 0xfffe)
		compile_error(c, c->unit->span, "too many calls in one function");
	return code->shape_count++;
}

void call_spans_add(struct compiler *c, uint32_t at, const struct node_list *args, size_t count)
{
	if (!count)
		return;
	struct code *code = c->unit->code;
	GROW(code->calls, code->call_count, c->unit->calls_room);
	code->calls[code->call_count++] = (struct call_spans){ at, code->arg_span_count, count };
	for (size_t i = 0; i < count; i++) {
		GROW(code->arg_spans, code->arg_span_count, c->unit->arg_spans_room);
		code->arg_spans[code->arg_span_count++] = args->items[i]->span;
	}
}

/* ---- units --------------------------------------------------------------------------------------------------------- */

static void count_params(struct code *code, const struct node_list *params)
{
	for (size_t i = 0; i < list_count(params); i++) {
		const struct node *p = params->items[i];
		if (!p->text)
			continue;
		code->params++;
		switch (p->number) {
		case PARAM_POSITIONAL_ONLY: code->positional_only++; code->positional++; break;
		case PARAM_PLAIN:           code->positional++; break;
		case PARAM_KEYWORD_ONLY:    code->keyword_only++; break;
		case PARAM_STAR:            code->flags |= CODE_STAR; break;
		case PARAM_DOUBLE_STAR:     code->flags |= CODE_DOUBLE_STAR; break;
		}
	}
}

static bool in_function(const struct scope *s)
{
	return s->kind == SCOPE_FUNCTION || s->kind == SCOPE_COMPREHENSION;
}

/* Registers for the scope's own variables; where they live was settled by the first pass. */
static void place_symbols(struct compiler *c, struct scope *s, struct code *code)
{
	code->local_names = mem_zero((s->count + 1) * sizeof *code->local_names);
	code->cell_names = mem_zero((s->count + 1) * sizeof *code->cell_names);
	for (size_t i = 0; i < s->count; i++) {
		struct symbol *symbol = &s->symbols[i];
		symbol->global = -1;            /* a function in a finally clause is compiled once for each way into it */
		if (symbol->place == PLACE_CELL)
			symbol->place = PLACE_LOCAL;
		if (symbol->place == PLACE_FREE || symbol->place == PLACE_CLASS_FREE)
			symbol->at = scope_free_index(s, symbol->name);
		if (!in_function(s) || !(symbol->flags & SYM_BOUND) || symbol->place != PLACE_LOCAL)
			continue;
		if (symbol->flags & SYM_CAPTURED) {
			symbol->place = PLACE_CELL;
			code->cell_names[code->cells++] = symbol->name;
		}
		if (symbol->place == PLACE_LOCAL || symbol->flags & SYM_PARAM) {
			symbol->at = code->locals;
			code->local_names[code->locals++] = symbol->name;
		}
	}
	if (s->class_cell)
		code->cell_names[code->cells++] = c->vm->names.class_;
	if (code->locals + code->cells > 30000)
		compile_error(c, code->span, "too many variables in one function");
	code->first_temp = code->registers = code->locals + code->cells;
}

static void make_cells(struct compiler *c, struct scope *s, struct code *code)
{
	for (unsigned i = 0; i < code->cells; i++) {
		struct symbol *symbol = scope_find(s, code->cell_names[i]);
		bool param = symbol && symbol->flags & SYM_PARAM && in_function(s);
		emit(c, OP_MAKE_CELL, param, code->locals + i, param ? symbol->at : 0, 0);
		if (symbol && in_function(s))
			symbol->at = code->locals + i;
	}
}

static struct str *qualified(struct compiler *c, const char *name)
{
	const struct unit *up = c->unit;
	if (!up || up->scope->kind == SCOPE_MODULE)
		return str_intern(c->vm, name);
	struct buf b = { 0 };
	buf_print(&b, "%s.%s%s", up->code->qualname->data, in_function(up->scope) ? "<locals>." : "", name);
	struct str *s = str_intern(c->vm, buf_str(&b));
	buf_free(&b);
	return s;
}

static void set_captures(struct compiler *c, struct scope *s, struct code *code)
{
	code->free_count = s->free_count;
	code->free_names = mem_copy(s->frees, s->free_count * sizeof *s->frees);
	code->captures = mem_zero((s->free_count + 1) * sizeof *code->captures);
	const struct unit *up = c->unit;
	for (size_t i = 0; i < s->free_count; i++) {
		int free = scope_free_index(up->scope, s->frees[i]);
		struct symbol *symbol = scope_find(up->scope, s->frees[i]);
		if (up->scope->class_cell && s->frees[i] == c->vm->names.class_)
			code->captures[i] = (struct capture){ up->code->locals + up->code->cells - 1, false };
		else if (free >= 0)
			code->captures[i] = (struct capture){ free, true };
		else
			code->captures[i] = (struct capture){ symbol->at, false };
	}
}

struct unit *unit_open(struct compiler *c, struct scope *scope, const char *name, struct span span, const struct node_list *params)
{
	struct code *code = object_new(c->vm->types.code, 0);
	code->name = str_intern(c->vm, name);
	code->qualname = qualified(c, name);
	code->source = source_keep(c->ast->source);
	code->span = span;
	code->doc = VALUE_NONE;
	count_params(code, params);
	if (scope->kind == SCOPE_COMPREHENSION)
		code->flags |= CODE_COMPREHENSION, code->params = code->positional = code->positional_only = 1;
	if (scope->generator)
		code->flags |= CODE_GENERATOR;
	if (scope->kind == SCOPE_MODULE)
		code->flags |= CODE_MODULE;
	if (scope->kind == SCOPE_CLASS || scope->namespace)
		code->flags |= CODE_NAMESPACE;
	if (!code->keyword_only && !(code->flags & (CODE_STAR | CODE_DOUBLE_STAR)))
		code->flags |= CODE_SIMPLE;
	place_symbols(c, scope, code);
	if (c->unit)
		set_captures(c, scope, code);
	struct unit *u = mem_zero(sizeof *u);
	*u = (struct unit){ .up = c->unit, .scope = scope, .code = code, .temp = code->first_temp, .span = span };
	c->unit = u;
	make_cells(c, scope, code);
	return u;
}

/* Inner ranges first: the machine takes the first that holds. */
static void sort_handlers(struct code *code)
{
	for (uint32_t i = 1; i < code->handler_count; i++) {
		struct handler h = code->handlers[i];
		uint32_t at = i;
		for (; at > 0 && code->handlers[at - 1].level < h.level; at--)
			code->handlers[at] = code->handlers[at - 1];
		code->handlers[at] = h;
	}
}

struct code *unit_close(struct compiler *c)
{
	struct unit *u = c->unit;
	struct code *code = u->code;
	c->unit = u->up;
	mem_free(u);
	code->slot_count = code->name_count;
	code->slots = mem_zero((code->slot_count + 1) * sizeof *code->slots);
	sort_handlers(code);
	if (!compile_failed(c))
		return code;
	object_drop(code);
	return NULL;
}

/* ---- the way in ---------------------------------------------------------------------------------------------------- */

static void compile_module(struct compiler *c)
{
	const struct node_list *body = c->ast->body;
	if (c->flags & COMPILE_EVAL) {
		uint16_t t = temp_take(c);
		expr_to(c, body->items[0]->a, t);
		emit(c, OP_RETURN, 0, t, 0, 0);
		return;
	}
	if (!(c->flags & COMPILE_SHOW))
		compile_store_doc(c, body);
	compile_body(c, body);
	uint16_t t = temp_take(c);
	emit(c, OP_CONST, 0, t, const_add(c, VALUE_NONE), 0);
	emit(c, OP_RETURN, 0, t, 0, 0);
}

struct code *compile(struct vm *vm, struct ast *ast, unsigned flags)
{
	struct compiler c = { .vm = vm, .ast = ast, .flags = flags };
	struct scope *scope = scope_analyse(&c, ast, flags & COMPILE_NAMESPACE);
	struct code *code = NULL;
	if (!compile_failed(&c)) {
		unit_open(&c, scope, "<module>", (struct span){ 0, 0 }, NULL);
		compile_module(&c);
		code = unit_close(&c);
	}
	scope_free(scope);
	if (compile_failed(&c))
		vm_raise_error(vm, &c.error);
	return code;
}
