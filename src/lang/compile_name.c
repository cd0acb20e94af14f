/* Variables and literals. */
#include <stdlib.h>
#include <string.h>

#include "lang/compile.h"

static struct symbol *symbol_for(struct compiler *c, const char *text)
{
	return scope_find(c->unit->scope, scope_name(c, c->unit->scope, text));
}

static uint16_t global_index(struct compiler *c, struct symbol *s)
{
	if (s->global < 0)
		s->global = name_add(c, s->name);
	return s->global;
}

int name_local(struct compiler *c, const char *text)
{
	const struct symbol *s = symbol_for(c, text);
	return s && s->place == PLACE_LOCAL && !(s->flags & SYM_NAMED) ? s->at : -1;
}

int name_target(struct compiler *c, const char *text)
{
	const struct symbol *s = symbol_for(c, text);
	return s && s->place == PLACE_LOCAL ? s->at : -1;
}

void load_name(struct compiler *c, const char *text, uint16_t dest)
{
	struct symbol *s = symbol_for(c, text);
	uint16_t at;
	if (!s) {
		at = name_text(c, text);
		emit(c, OP_LOAD_GLOBAL, 0, dest, at, at);
		return;
	}
	switch (s->place) {
	case PLACE_LOCAL: emit_move(c, dest, s->at); break;
	case PLACE_CELL:  emit(c, OP_LOAD_CELL, 0, dest, s->at, 0); break;
	case PLACE_FREE:  emit(c, OP_LOAD_FREE, 0, dest, s->at, 0); break;
	case PLACE_CLASS_FREE: emit(c, OP_LOAD_CLASS_FREE, 0, dest, s->at, name_add(c, s->name)); break;
	case PLACE_GLOBAL:
		at = global_index(c, s);
		emit(c, OP_LOAD_GLOBAL, 0, dest, at, at);
		break;
	case PLACE_NAME:
		at = global_index(c, s);
		emit(c, OP_LOAD_NAME, 0, dest, at, at);
		break;
	}
}

void store_name(struct compiler *c, const char *text, uint16_t from)
{
	struct symbol *s = symbol_for(c, text);
	uint16_t at;
	if (!s) {
		at = name_text(c, text);
		emit(c, OP_STORE_GLOBAL, 0, from, at, at);
		return;
	}
	switch (s->place) {
	case PLACE_LOCAL: emit_move(c, s->at, from); break;
	case PLACE_CELL:  emit(c, OP_STORE_CELL, 0, from, s->at, 0); break;
	case PLACE_FREE:
	case PLACE_CLASS_FREE: emit(c, OP_STORE_FREE, 0, from, s->at, 0); break;
	case PLACE_GLOBAL:
		at = global_index(c, s);
		emit(c, OP_STORE_GLOBAL, 0, from, at, at);
		break;
	case PLACE_NAME:  emit(c, OP_STORE_NAME, 0, from, global_index(c, s), 0); break;
	}
}

void delete_name(struct compiler *c, const char *text, bool quiet)
{
	struct symbol *s = symbol_for(c, text);
	if (!s)
		return;
	switch (s->place) {
	case PLACE_LOCAL: emit(c, quiet ? OP_UNBIND : OP_DELETE, 0, s->at, 0, 0); break;
	case PLACE_CELL:  emit(c, OP_DELETE_CELL, quiet, 0, s->at, 0); break;
	case PLACE_FREE:
	case PLACE_CLASS_FREE: emit(c, OP_DELETE_FREE, quiet, 0, s->at, 0); break;
	case PLACE_GLOBAL: emit(c, OP_DELETE_GLOBAL, quiet, 0, global_index(c, s), 0); break;
	case PLACE_NAME:  emit(c, OP_DELETE_NAME, quiet, 0, global_index(c, s), 0); break;
	}
}

/* ---- literals ------------------------------------------------------------------------------------------------------ */

static bool identifier_like(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '_' && !(text[i] >= '0' && text[i] <= '9') && !((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z'))
			return false;
	return len && len < 64;
}

static value text_literal(struct compiler *c, const struct node *n)
{
	if (!identifier_like(n->text, n->size))
		return value_object(str_new(c->vm, n->text, n->size));
	return value_keep(value_object(str_intern(c->vm, n->text)));
}

static value int_literal(struct compiler *c, const struct node *n)
{
	value v = int_parse(c->vm, n->text, strlen(n->text), 0);
	if (is_unset(v)) {
		vm_clear(c->vm);
		compile_error(c, n->span, "invalid number '%s'", n->text);
		return VALUE_NONE;
	}
	return v;
}

static value tuple_literal(struct compiler *c, const struct node *n)
{
	size_t count = list_count(n->list);
	struct tuple *t = NULL;
	for (size_t i = 0; i < count; i++) {
		value v = literal(c, n->list->items[i]);
		if (is_unset(v)) {
			object_drop(t);
			return v;
		}
		if (!t)
			t = tuple_new(c->vm, count);
		t->items[i] = v;
	}
	return value_object(t ? t : tuple_new(c->vm, 0));
}

static bool is_number(value v)
{
	return v.tag == TAG_INT || v.tag == TAG_FLOAT;
}

/* 60 * 60, 1 << 16: numbers that stay small. What raises is left for run time. */
static value fold_binary(struct compiler *c, const struct node *n)
{
	if (n->b->kind != NODE_INT && n->b->kind != NODE_FLOAT && n->b->kind != NODE_BINARY && n->b->kind != NODE_UNARY)
		return VALUE_UNSET;
	value b = literal(c, n->b), a = is_number(b) ? literal(c, n->a) : VALUE_UNSET, v = VALUE_UNSET;
	bool small = n->op != OP_POW_ && n->op != OP_LSHIFT_;
	if (is_number(a) && is_number(b) && (small || (b.tag == TAG_INT && b.i >= 0 && b.i < 128))) {
		v = value_binary(c->vm, n->op, a, b, false);
		if (is_unset(v))
			vm_clear(c->vm);
	}
	value_drop(a);
	value_drop(b);
	return v;
}

static value fold_unary(struct compiler *c, const struct node *n)
{
	if (n->a->kind != NODE_INT && n->a->kind != NODE_FLOAT)
		return VALUE_UNSET;
	value a = literal(c, n->a), v = value_unary(c->vm, n->number, a);
	value_drop(a);
	if (is_unset(v))
		vm_clear(c->vm);
	return v;
}

value literal(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_NONE:     return VALUE_NONE;
	case NODE_TRUE:     return value_bool(true);
	case NODE_FALSE:    return value_bool(false);
	case NODE_ELLIPSIS: return VALUE_ELLIPSIS;
	case NODE_INT:      return int_literal(c, n);
	case NODE_FLOAT:    return value_float(strtod(n->text, NULL));
	case NODE_STR:      return text_literal(c, n);
	case NODE_BYTES:    return bytes_value(c->vm, n->text, n->size);
	case NODE_TUPLE:    return tuple_literal(c, n);
	case NODE_UNARY:    return fold_unary(c, n);
	case NODE_BINARY:   return fold_binary(c, n);
	default:            return VALUE_UNSET;
	}
}
