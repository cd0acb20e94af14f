/* Statements, but for those that leave or protect a body (compile_try.c). */
#include "lang/compile.h"

#include <string.h>

#include "base/mem.h"

static void statement(struct compiler *c, const struct node *n);

void compile_body(struct compiler *c, const struct node_list *list)
{
	for (size_t i = 0; i < list_count(list) && !compile_failed(c); i++)
		statement(c, list->items[i]);
}

/* ---- assignment ---------------------------------------------------------------------------------------------------- */

static size_t starred_at(struct compiler *c, const struct node_list *list)
{
	size_t at = list_count(list);
	for (size_t i = 0; i < list_count(list); i++) {
		if (list->items[i]->kind != NODE_STARRED)
			continue;
		if (at < list->count)
			compile_error(c, list->items[i]->span, "multiple starred expressions in assignment");
		at = i;
	}
	return at;
}

static void unpack_to(struct compiler *c, const struct node *n, uint16_t from)
{
	size_t count = list_count(n->list), star = starred_at(c, n->list);
	uint16_t base = temp_take_many(c, count);
	if (star < count && star > 255)
		compile_error(c, n->span, "too many targets before a starred one");
	if (star < count)
		emit(c, OP_UNPACK_STAR, star, base, from, count - star - 1);
	else
		emit(c, OP_UNPACK, 0, base, from, count);
	for (size_t i = 0; i < count; i++) {
		const struct node *target = n->list->items[i];
		store_to(c, target->kind == NODE_STARRED ? target->a : target, base + i);
	}
}

static void store_attribute(struct compiler *c, const struct node *n, uint16_t from)
{
	uint16_t of = operand(c, n->a);
	if (n->span2.end)
		set_span(c, n->span2);
	emit(c, OP_STORE_ATTR, 0, of, from, site_add(c, n->text));
}

static void store_subscript(struct compiler *c, const struct node *n, uint16_t from)
{
	struct span span = c->unit->span;
	uint16_t of = operand(c, n->a), key = operand(c, n->b);
	set_span(c, span);
	emit(c, OP_STORE_ITEM, 0, of, key, from);
}

/* Puts a register into a target: a temporary is consumed. */
void store_to(struct compiler *c, const struct node *n, uint16_t from)
{
	if (compile_failed(c) || !compile_enter(c, n->span))
		return;
	struct span was = set_span(c, n->span);
	uint16_t mark = c->unit->temp;
	switch (n->kind) {
	case NODE_NAME:      store_name(c, n->text, from); break;
	case NODE_ATTRIBUTE: store_attribute(c, n, from); break;
	case NODE_SUBSCRIPT: store_subscript(c, n, from); break;
	case NODE_TUPLE:
	case NODE_LIST:      unpack_to(c, n, from); break;
	case NODE_STARRED:   compile_error(c, n->span, "starred assignment target must be in a list or tuple"); break;
	default:             compile_error(c, n->span, "cannot assign to this"); break;
	}
	c->unit->temp = mark;
	set_span(c, was);
	compile_leave(c);
}

/* a, b = b, a needs no tuple. */
static bool swap_like(const struct node *target, const struct node *v)
{
	if (target->kind != NODE_TUPLE || v->kind != NODE_TUPLE || list_count(target->list) != list_count(v->list))
		return false;
	if (!list_count(v->list) || v->list->count > 16)
		return false;
	for (size_t i = 0; i < v->list->count; i++)
		if (v->list->items[i]->kind == NODE_STARRED || target->list->items[i]->kind == NODE_STARRED)
			return false;
	return true;
}

static void assign_swap(struct compiler *c, const struct node *target, const struct node *v)
{
	uint16_t base = c->unit->temp;
	for (size_t i = 0; i < v->list->count; i++)
		expr_temp(c, v->list->items[i]);
	for (size_t i = 0; i < v->list->count; i++)
		store_to(c, target->list->items[i], base + i);
}

static void assign(struct compiler *c, const struct node *n)
{
	size_t count = n->list->count;
	const struct node *first = n->list->items[0];
	if (count == 1 && swap_like(first, n->a)) {
		assign_swap(c, first, n->a);
		return;
	}
	int local = count == 1 && first->kind == NODE_NAME ? name_target(c, first->text) : -1;
	if (local >= 0) {
		expr_to(c, n->a, local);
		return;
	}
	uint16_t v = count == 1 ? operand(c, n->a) : expr_temp(c, n->a);
	for (size_t i = 0; i < count; i++) {
		uint16_t mark = c->unit->temp, from = v;
		if (i + 1 < count)
			emit(c, OP_COPY, 0, from = temp_take(c), v, 0);
		store_to(c, n->list->items[i], from);
		c->unit->temp = mark;
	}
}

/* A second handle on a register: the same for a local, a copy of a temporary. */
static uint16_t again(struct compiler *c, uint16_t r)
{
	if (!is_temp(c, r))
		return r;
	uint16_t t = temp_take(c);
	emit(c, OP_COPY, 0, t, r, 0);
	return t;
}

static void augment_name(struct compiler *c, const struct node *n)
{
	int local = name_local(c, n->a->text);
	if (local >= 0) {
		emit_binary(c, n->op, 1, local, local, n->b);
		return;
	}
	uint16_t t = temp_take(c);
	struct span span = set_span(c, n->a->span);
	load_name(c, n->a->text, t);
	set_span(c, span);
	emit_binary(c, n->op, 1, t, t, n->b);
	store_name(c, n->a->text, t);
}

static void augment_attribute(struct compiler *c, const struct node *n)
{
	uint16_t of = operand(c, n->a->a), t = temp_take(c), from = again(c, of);
	struct span span = set_span(c, n->a->span2.end ? n->a->span2 : n->a->span);
	emit(c, OP_LOAD_ATTR, 0, t, from, site_add(c, n->a->text));
	set_span(c, span);
	emit_binary(c, n->op, 1, t, t, n->b);
	emit(c, OP_STORE_ATTR, 0, of, t, site_add(c, n->a->text));
}

static void augment_subscript(struct compiler *c, const struct node *n)
{
	uint16_t of = operand(c, n->a->a), key = operand(c, n->a->b), t = temp_take(c);
	uint16_t from = again(c, of), at = again(c, key);
	struct span span = set_span(c, n->a->span);
	emit(c, OP_LOAD_ITEM, 0, t, from, at);
	set_span(c, span);
	emit_binary(c, n->op, 1, t, t, n->b);
	emit(c, OP_STORE_ITEM, 0, of, key, t);
}

static void augment(struct compiler *c, const struct node *n)
{
	switch (n->a->kind) {
	case NODE_NAME:      augment_name(c, n); break;
	case NODE_ATTRIBUTE: augment_attribute(c, n); break;
	case NODE_SUBSCRIPT: augment_subscript(c, n); break;
	default:             compile_error(c, n->a->span, "illegal target for augmented assignment");
	}
}

static void assign_annotated(struct compiler *c, const struct node *n)
{
	if (n->c) {
		uint16_t v = operand(c, n->c);
		store_to(c, n->a, v);
	}
	if (n->a->kind != NODE_NAME || c->unit->scope->kind == SCOPE_FUNCTION)
		return;
	uint16_t v = operand(c, n->b);
	emit(c, OP_ANNOTATE, 0, v, name_text(c, n->a->text), 0);
}

static void delete_target(struct compiler *c, const struct node *n)
{
	struct span was = set_span(c, n->span);
	uint16_t mark = c->unit->temp, of, key;
	switch (n->kind) {
	case NODE_NAME:
		delete_name(c, n->text, false);
		break;
	case NODE_ATTRIBUTE:
		of = operand(c, n->a);
		emit(c, OP_DELETE_ATTR, 0, of, 0, site_add(c, n->text));
		break;
	case NODE_SUBSCRIPT:
		of = operand(c, n->a);
		key = operand(c, n->b);
		emit(c, OP_DELETE_ITEM, 0, of, key, 0);
		break;
	case NODE_TUPLE:
	case NODE_LIST:
		for (size_t i = 0; i < list_count(n->list); i++)
			delete_target(c, n->list->items[i]);
		break;
	default:
		compile_error(c, n->span, "cannot delete this");
	}
	c->unit->temp = mark;
	set_span(c, was);
}

/* ---- branches and loops -------------------------------------------------------------------------------------------- */

/* An elif is an IF alone in the else: a long row of them is walked, not nested. */
static void compile_if(struct compiler *c, const struct node *n)
{
	struct jumps end = { 0 };
	for (;;) {
		struct jumps otherwise = { 0 };
		condition(c, n->a, false, &otherwise);
		compile_body(c, n->list);
		bool more = list_count(n->list2);
		if (more)
			jumps_add(&end, emit_far(c));
		jumps_here(c, &otherwise);
		if (!more)
			break;
		if (n->list2->count > 1 || n->list2->items[0]->kind != NODE_IF) {
			compile_body(c, n->list2);
			break;
		}
		n = n->list2->items[0];
		set_span(c, n->span);
	}
	jumps_here(c, &end);
}

static void loop_end(struct compiler *c, struct block *b, const struct node_list *otherwise)
{
	block_pop(c);
	compile_body(c, otherwise);
	jumps_here(c, &b->breaks);
}

static void compile_while(struct compiler *c, const struct node *n)
{
	struct block b = { 0 };
	struct jumps again_ = { 0 };
	block_push(c, &b, BLOCK_LOOP);
	uint32_t enter = emit_far(c), body = here(c);
	compile_body(c, n->list);
	jumps_here(c, &b.continues);
	patch(c, enter);
	condition(c, n->a, true, &again_);
	jumps_to(c, &again_, body);
	loop_end(c, &b, n->list2);
}

void for_begin(struct compiler *c, struct for_loop *loop, uint16_t iterable)
{
	struct span was = set_span(c, loop->span);
	emit(c, OP_ITER, 0, iterable, loop->state, 0);
	loop->enter = emit_far(c);
	loop->body = here(c);
	int local = loop->target->kind == NODE_NAME ? name_target(c, loop->target->text) : -1;
	loop->item = local;
	if (local < 0) {
		loop->item = temp_take(c);
		store_to(c, loop->target, loop->item);
	}
	set_span(c, was);
}

void for_end(struct compiler *c, struct for_loop *loop, struct jumps *continues)
{
	struct span was = set_span(c, loop->span);
	jumps_here(c, continues);
	patch(c, loop->enter);
	patch_to(c, emit(c, OP_FOR, 0, loop->item, loop->state, 0), loop->body);
	set_span(c, was);
}

static void compile_for(struct compiler *c, const struct node *n)
{
	struct block b = { 0 };
	struct for_loop loop = { .target = n->a, .span = n->b->span };
	uint16_t mark = c->unit->temp;
	loop.state = temp_take_many(c, 3);
	uint16_t iterable = operand(c, n->b);
	block_push(c, &b, BLOCK_FOR);
	b.temp = loop.state;
	for_begin(c, &loop, iterable);
	compile_body(c, n->list);
	for_end(c, &loop, &b.continues);
	c->unit->temp = mark;
	loop_end(c, &b, n->list2);
}

/* ---- the rest ------------------------------------------------------------------------------------------------------ */

static void expression(struct compiler *c, const struct node *n)
{
	if (c->flags & COMPILE_SHOW && c->unit->scope->kind == SCOPE_MODULE) {
		uint16_t v = operand(c, n->a);
		emit(c, OP_SHOW, 0, v, 0, 0);
	} else {
		expr_effect(c, n->a);
	}
}

static void compile_assert(struct compiler *c, const struct node *n)
{
	struct jumps ok = { 0 };
	condition(c, n->a, true, &ok);
	set_span(c, n->a->span);
	uint16_t message = n->b ? operand(c, n->b) : 0;
	emit(c, OP_ASSERT, n->b != NULL, message, 0, 0);
	jumps_here(c, &ok);
}

static void compile_raise(struct compiler *c, const struct node *n)
{
	uint16_t a = n->a ? operand(c, n->a) : 0, b = n->b ? operand(c, n->b) : 0;
	emit(c, OP_RAISE, n->b ? 2 : n->a ? 1 : 0, a, b, 0);
}

static void compile_import(struct compiler *c, const struct node *n)
{
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *alias = n->list->items[i];
		struct span was = set_span(c, alias->span);
		uint16_t t = temp_take(c);
		emit(c, OP_IMPORT, !alias->text2, t, name_add(c, str_intern(c->vm, alias->text)), 0);
		if (alias->text2) {
			store_name(c, alias->text2, t);
		} else {
			char *first = mem_text(alias->text);
			first[strcspn(first, ".")] = 0;
			store_name(c, first, t);
			mem_free(first);
		}
		set_span(c, was);
		c->unit->temp = t;
	}
}

static void compile_import_from(struct compiler *c, const struct node *n)
{
	uint16_t module = temp_take(c);
	emit(c, OP_IMPORT, 0, module, name_add(c, str_intern(c->vm, n->text ? n->text : "")), n->number);
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *alias = n->list->items[i];
		struct span was = set_span(c, alias->span);
		if (!strcmp(alias->text, "*")) {
			emit(c, OP_IMPORT_STAR, 0, module, 0, 0);
			set_span(c, was);
			return;
		}
		uint16_t t = temp_take(c);
		emit(c, OP_IMPORT_FROM, 0, t, module, name_add(c, str_intern(c->vm, alias->text)));
		store_name(c, alias->text2 ? alias->text2 : alias->text, t);
		set_span(c, was);
		c->unit->temp = t;
	}
	emit(c, OP_CLEAR, 0, module, 0, 0);
}

static void statement_plain(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_EXPR:        expression(c, n); break;
	case NODE_ASSIGN:      assign(c, n); break;
	case NODE_AUG_ASSIGN:  augment(c, n); break;
	case NODE_ANN_ASSIGN:  assign_annotated(c, n); break;
	case NODE_DEL:
		for (size_t i = 0; i < n->list->count; i++)
			delete_target(c, n->list->items[i]);
		break;
	case NODE_ASSERT:      compile_assert(c, n); break;
	case NODE_RAISE:       compile_raise(c, n); break;
	case NODE_IMPORT:      compile_import(c, n); break;
	case NODE_IMPORT_FROM: compile_import_from(c, n); break;
	default:               compile_error(c, n->span, "this statement is not part of the language"); break;
	}
}

static void statement(struct compiler *c, const struct node *n)
{
	if (!compile_enter(c, n->span))
		return;
	struct span was = set_span(c, n->span);
	uint16_t mark = c->unit->temp;
	switch (n->kind) {
	case NODE_PASS:
	case NODE_GLOBAL:
	case NODE_NONLOCAL:    break;
	case NODE_BREAK:
	case NODE_CONTINUE:    compile_leave_loop(c, n); break;
	case NODE_RETURN:      compile_return(c, n); break;
	case NODE_IF:          compile_if(c, n); break;
	case NODE_WHILE:       compile_while(c, n); break;
	case NODE_FOR:         compile_for(c, n); break;
	case NODE_DEF:         compile_def(c, n); break;
	case NODE_CLASS:       compile_class(c, n); break;
	case NODE_TRY:         compile_try(c, n); break;
	case NODE_WITH:        compile_with(c, n, 0); break;
	default:               statement_plain(c, n);
	}
	c->unit->temp = mark;
	set_span(c, was);
	compile_leave(c);
}
