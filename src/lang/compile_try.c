/* What protects a body and what leaves one: try, with, return, break, continue.
 *
 * A protected body is a block with ranges of instructions. Leaving it early (return out of try/finally) writes what has to be
 * undone at that place, outside of the ranges: they are closed before and opened again behind.
 *
 * A handler starts with the exception in its first temporary t; HANDLE makes it the handled one and keeps the one before in
 * t+1. Whatever is raised inside a handler goes through a cleanup first, which puts the one before back. */
#include "lang/compile.h"

#include "base/mem.h"

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

void block_push(struct compiler *c, struct block *b, enum block_kind kind)
{
	b->kind = kind;
	b->up = c->unit->block;
	b->level = ++c->unit->depth;
	b->temp = c->unit->temp;
	b->start = here(c);
	c->unit->block = b;
}

static bool has_range(const struct block *b)
{
	return b->kind != BLOCK_LOOP && b->kind != BLOCK_FOR;
}

static void range_close(struct compiler *c, struct block *b)
{
	struct unit *u = c->unit;
	struct code *code = u->code;
	if (!has_range(b) || b->start == here(c))
		return;
	if (code->handler_count == u->handlers_room) {
		u->handlers_room = u->handlers_room ? u->handlers_room * 2 : 4;
		code->handlers = mem_resize(code->handlers, u->handlers_room * sizeof *code->handlers);
	}
	jumps_add(&b->to_handler, code->handler_count);
	code->handlers[code->handler_count++] = (struct handler){ .start = b->start, .end = here(c), .temp = b->temp, .level = b->level };
}

void block_pop(struct compiler *c)
{
	struct block *b = c->unit->block;
	range_close(c, b);
	c->unit->block = b->up;
	c->unit->depth--;
}

/* The ranges of a block that is closed are handled here, by instructions that find the exception in b->temp. */
static void handler_here(struct compiler *c, struct block *b)
{
	for (uint32_t i = 0; i < b->to_handler.count; i++)
		c->unit->code->handlers[b->to_handler.at[i]].handler = here(c);
	mem_free(b->to_handler.at);
	b->to_handler = (struct jumps){ 0 };
}

/* ---- leaving ------------------------------------------------------------------------------------------------------- */

static void handler_leave(struct compiler *c, const struct block *b)
{
	emit(c, OP_UNHANDLE, 0, b->temp - 2, 0, 0);
	if (b->name)
		delete_name(c, b->name, true);
}

static void undo(struct compiler *c, struct block *b)
{
	switch (b->kind) {
	case BLOCK_FOR:     emit(c, OP_CLEAR, 0, b->temp, 0, 0); break;
	case BLOCK_FINALLY: compile_body(c, b->final); break;
	case BLOCK_WITH:    emit(c, OP_LEAVE, 0, b->temp - 1, 0, 0); break;
	case BLOCK_HANDLER: handler_leave(c, b); break;
	case BLOCK_TRY:
	case BLOCK_LOOP:    break;
	}
}

/* Undoes the blocks inside of `to`; what is raised meanwhile is no longer theirs. `leave_resume` opens them again. */
static void leave_blocks(struct compiler *c, const struct block *to)
{
	for (struct block *b = c->unit->block; b != to; b = b->up) {
		range_close(c, b);
		c->unit->block = b->up;
		undo(c, b);
	}
}

static void leave_resume(struct compiler *c, struct block *from, const struct block *to)
{
	for (struct block *b = from; b != to; b = b->up)
		b->start = here(c);
	c->unit->block = from;
}

void compile_leave_loop(struct compiler *c, const struct node *n)
{
	bool leaves = n->kind == NODE_BREAK;
	struct block *from = c->unit->block, *loop = from;
	while (loop && loop->kind != BLOCK_FOR && loop->kind != BLOCK_LOOP)
		loop = loop->up;
	if (!loop) {
		compile_error(c, n->span, leaves ? "'break' outside loop" : "'continue' not properly in loop");
		return;
	}
	leave_blocks(c, loop);
	if (leaves && loop->kind == BLOCK_FOR)
		emit(c, OP_CLEAR, 0, loop->temp, 0, 0);
	jumps_add(leaves ? &loop->breaks : &loop->continues, emit_far(c));
	leave_resume(c, from, loop);
}

/* With something to undo the value is kept in a temporary: finally may change the variable. */
void compile_return(struct compiler *c, const struct node *n)
{
	if (c->unit->scope->kind != SCOPE_FUNCTION) {
		compile_error(c, n->span, "'return' outside function");
		return;
	}
	struct block *from = c->unit->block;
	uint16_t v;
	if (n->a && !from) {
		v = operand(c, n->a);
	} else {
		v = temp_take(c);
		if (n->a)
			expr_to(c, n->a, v);
		else
			emit(c, OP_CONST, 0, v, const_add(c, VALUE_NONE), 0);
	}
	leave_blocks(c, NULL);
	emit(c, OP_RETURN, 0, v, 0, 0);
	leave_resume(c, from, NULL);
}

/* ---- handlers ------------------------------------------------------------------------------------------------------ */

/* What was raised inside a handler's region: the exception before is the handled one again. */
static void handler_cleanup(struct compiler *c, struct block *b)
{
	uint16_t t = b->temp - 2;
	handler_here(c, b);
	emit(c, OP_UNHANDLE, 0, t, 0, 0);
	if (b->name)
		delete_name(c, b->name, true);
	emit(c, OP_RERAISE, 0, b->temp, 0, 0);
}

/* The exception arrives in the next free temporary; it and the one behind are the handler's. */
static uint16_t handle(struct compiler *c, struct block *protected)
{
	handler_here(c, protected);
	c->unit->temp = protected->temp;
	uint16_t t = temp_take_many(c, 2);
	temp_take(c);                   /* where a cleanup finds what was raised inside */
	c->unit->temp = t + 2;
	emit(c, OP_HANDLE, 0, t, 0, 0);
	return t;
}

/* Looking for the clause that fits is a region of its own: what the class's expression raises, and what fits none. */
static void except_match(struct compiler *c, const struct node *h, uint16_t t, struct block *matching, struct jumps *next)
{
	block_push(c, matching, BLOCK_HANDLER);
	uint16_t class = operand(c, h->a);
	jumps_add(next, emit(c, OP_MATCH, 0, t, class, 0));
	c->unit->temp = t + 2;
	block_pop(c);
}

static void except_clause(struct compiler *c, const struct node *h, uint16_t t, struct block *matching, struct jumps *end)
{
	struct block b = { .name = h->text };
	struct jumps next = { 0 };
	struct span was = set_span(c, h->a ? h->a->span : h->span);
	if (h->a)
		except_match(c, h, t, matching, &next);
	block_push(c, &b, BLOCK_HANDLER);
	if (h->text) {
		uint16_t copy = temp_take(c);
		emit(c, OP_COPY, 0, copy, t, 0);
		store_name(c, h->text, copy);
		c->unit->temp = t + 2;
	}
	compile_body(c, h->list);
	block_pop(c);
	handler_leave(c, &b);
	jumps_add(end, emit_far(c));
	handler_cleanup(c, &b);
	jumps_here(c, &next);
	set_span(c, was);
}

static void except_clauses(struct compiler *c, const struct node_list *clauses, struct block *protected, struct jumps *end)
{
	struct block matching = { 0 };
	uint16_t t = handle(c, protected);
	for (size_t i = 0; i < list_count(clauses); i++) {
		if (!clauses->items[i]->a && i + 1 < clauses->count)
			compile_error(c, clauses->items[i]->span, "default 'except:' must be last");
		except_clause(c, clauses->items[i], t, &matching, end);
	}
	block_push(c, &matching, BLOCK_HANDLER);
	emit(c, OP_RERAISE, 0, t, 0, 0);
	block_pop(c);
	handler_cleanup(c, &matching);
	c->unit->temp = protected->temp;
}

static void try_except(struct compiler *c, const struct node *n)
{
	struct block b = { 0 };
	struct jumps end = { 0 };
	block_push(c, &b, BLOCK_TRY);
	compile_body(c, n->list);
	block_pop(c);
	compile_body(c, n->list3);
	jumps_add(&end, emit_far(c));
	except_clauses(c, n->list2, &b, &end);
	jumps_here(c, &end);
}

static void try_finally(struct compiler *c, const struct node *n)
{
	struct block b = { .final = n->list4 }, region = { 0 };
	block_push(c, &b, BLOCK_FINALLY);
	if (list_count(n->list2))
		try_except(c, n);
	else
		compile_body(c, n->list);
	block_pop(c);
	compile_body(c, n->list4);
	uint32_t end = emit_far(c);
	uint16_t t = handle(c, &b);
	block_push(c, &region, BLOCK_HANDLER);
	compile_body(c, n->list4);
	emit(c, OP_RERAISE, 0, t, 0, 0);
	block_pop(c);
	handler_cleanup(c, &region);
	c->unit->temp = t;
	patch(c, end);
}

void compile_try(struct compiler *c, const struct node *n)
{
	if (list_count(n->list4))
		try_finally(c, n);
	else
		try_except(c, n);
}

/* ---- with ---------------------------------------------------------------------------------------------------------- */

static void with_enter(struct compiler *c, const struct node *item, struct block *b)
{
	uint16_t manager = expr_temp(c, item->a), v = temp_take(c);
	struct span was = set_span(c, item->a->span);
	emit(c, OP_ENTER, 0, v, manager, 0);
	c->unit->temp = v;
	block_push(c, b, BLOCK_WITH);
	temp_take(c);
	if (item->b)
		store_to(c, item->b, v);
	else
		emit(c, OP_CLEAR, 0, v, 0, 0);
	c->unit->temp = v;
	set_span(c, was);
}

static void with_raised(struct compiler *c, struct block *b)
{
	struct block region = { 0 };
	uint16_t t = handle(c, b);
	block_push(c, &region, BLOCK_HANDLER);
	uint32_t dealt = emit(c, OP_LEAVE_RAISED, 0, t - 1, t, 0);
	emit(c, OP_RERAISE, 0, t, 0, 0);
	block_pop(c);
	handler_cleanup(c, &region);
	patch(c, dealt);
	emit(c, OP_UNHANDLE, 0, t, 0, 0);
}

void compile_with(struct compiler *c, const struct node *n, size_t from)
{
	struct block b = { 0 };
	const struct node *item = n->list2->items[from];
	uint16_t mark = c->unit->temp;
	with_enter(c, item, &b);
	if (from + 1 < n->list2->count)
		compile_with(c, n, from + 1);
	else
		compile_body(c, n->list);
	block_pop(c);
	struct span was = set_span(c, item->a->span);
	emit(c, OP_LEAVE, 0, b.temp - 1, 0, 0);
	uint32_t end = emit_far(c);
	with_raised(c, &b);
	patch(c, end);
	set_span(c, was);
	c->unit->temp = mark;
}
