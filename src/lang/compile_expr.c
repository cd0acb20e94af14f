/* Expressions. */
#include <string.h>

#include "lang/compile.h"

/* A register to build in: `dest` itself when it is a temporary (nobody reads it before the end), else a new one. */
static uint16_t scratch(struct compiler *c, uint16_t dest)
{
	return is_temp(c, dest) ? dest : temp_take(c);
}

static void move_to(struct compiler *c, uint16_t dest, uint16_t from)
{
	if (dest != from)
		emit_move(c, dest, from);
}

static void const_to(struct compiler *c, TAKES value v, uint16_t dest)
{
	if (v.tag == TAG_INT && v.i >= INT32_MIN && v.i <= INT32_MAX)
		emit_int(c, dest, (int32_t)v.i);
	else
		emit(c, OP_CONST, 0, dest, const_add(c, v), 0);
}

static bool literal_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	value v = literal(c, n);
	if (is_unset(v))
		return false;
	const_to(c, v, dest);
	return true;
}

static int borrowed(struct compiler *c, const struct node *n)
{
	return n->kind == NODE_NAME ? name_local(c, n->text) : -1;
}

uint16_t expr_temp(struct compiler *c, const struct node *n)
{
	uint16_t t = temp_take(c);
	expr_to(c, n, t);
	return t;
}

uint16_t operand(struct compiler *c, const struct node *n)
{
	int local = borrowed(c, n);
	return local >= 0 ? local : expr_temp(c, n);
}

uint16_t operand_in(struct compiler *c, const struct node *n, uint16_t dest)
{
	int local = borrowed(c, n);
	if (local >= 0)
		return local;
	if (!is_temp(c, dest))
		return expr_temp(c, n);
	expr_to(c, n, dest);
	return dest;
}

/* ---- arithmetic ---------------------------------------------------------------------------------------------------- */

/* The variant of an operator with a small number on the right; -1: none. */
static int with_int(int op)
{
	switch (op) {
	case OP_ADD_:      return OP_ADD_INT;
	case OP_SUB_:      return OP_SUB_INT;
	case OP_MUL_:      return OP_MUL_INT;
	case OP_FLOORDIV_: return OP_FLOORDIV_INT;
	case OP_MOD_:      return OP_MOD_INT;
	case OP_LSHIFT_:   return OP_LSHIFT_INT;
	case OP_RSHIFT_:   return OP_RSHIFT_INT;
	case OP_AND_:      return OP_AND_INT;
	default:           return -1;
	}
}

static bool small_int(struct compiler *c, const struct node *n, int16_t *out)
{
	if (n->kind != NODE_INT && n->kind != NODE_UNARY)
		return false;
	value v = literal(c, n);
	bool small = v.tag == TAG_INT && v.i >= INT16_MIN && v.i <= INT16_MAX;
	if (small)
		*out = (int16_t)v.i;
	value_drop(v);
	return small;
}

void emit_binary(struct compiler *c, int op, unsigned n, uint16_t dest, uint16_t a, const struct node *right)
{
	int16_t number;
	struct span whole = c->unit->span;
	if (with_int(op) >= 0 && small_int(c, right, &number)) {
		emit(c, with_int(op), n, dest, a, (uint16_t)number);
		return;
	}
	uint16_t b = operand(c, right);
	set_span(c, whole);
	emit(c, OP_ADD + op, n, dest, a, b);
}

static void binary_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	emit_binary(c, n->op, 0, dest, operand_in(c, n->a, dest), n->b);
}

static void unary_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t a = operand_in(c, n->a, dest);
	emit(c, OP_UNARY, n->number, dest, a, 0);
}

static void not_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t a = operand_in(c, n->a, dest);
	emit(c, OP_NOT, 0, dest, a, 0);
}

/* ---- comparison ---------------------------------------------------------------------------------------------------- */

static void emit_compare(struct compiler *c, int op, uint16_t dest, uint16_t a, uint16_t b)
{
	switch (op) {
	case AST_IS:
	case AST_IS_NOT: emit(c, OP_IS, op == AST_IS, dest, a, b); break;
	case AST_IN:
	case AST_NOT_IN: emit(c, OP_IN, op == AST_IN, dest, a, b); break;
	case AST_LT: emit(c, OP_COMPARE, CMP_LT, dest, a, b); break;
	case AST_LE: emit(c, OP_COMPARE, CMP_LE, dest, a, b); break;
	case AST_EQ: emit(c, OP_COMPARE, CMP_EQ, dest, a, b); break;
	case AST_NE: emit(c, OP_COMPARE, CMP_NE, dest, a, b); break;
	case AST_GT: emit(c, OP_COMPARE, CMP_GT, dest, a, b); break;
	default:     emit(c, OP_COMPARE, CMP_GE, dest, a, b); break;
	}
}

/* a < b < c: what stands in the middle is worked out once and wanted twice. A failing comparison leaves early and drops it;
 * clearing a temporary that is dead already does nothing. */
static void chain_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	struct jumps fail = { 0 };
	struct span span = c->unit->span;
	size_t count = n->list->count;
	uint16_t out = scratch(c, dest), left = operand(c, n->a), first_middle = c->unit->temp;
	for (size_t i = 0; i < count; i++) {
		uint16_t right = operand(c, n->list->items[i]), used = right;
		set_span(c, span);
		if (i + 1 < count && is_temp(c, right))
			emit(c, OP_COPY, 0, used = temp_take(c), right, 0);
		emit_compare(c, n->ops[i], out, left, used);
		if (i + 1 < count)
			jumps_add(&fail, emit(c, OP_JUMP_OR_CLEAR, 0, out, 0, 0));
		left = right;
	}
	if (first_middle == c->unit->temp) {
		jumps_here(c, &fail);
	} else {
		uint32_t end = emit_far(c);
		jumps_here(c, &fail);
		for (uint16_t t = first_middle; t < c->unit->temp; t++)
			emit(c, OP_CLEAR, 0, t, 0, 0);
		patch(c, end);
	}
	move_to(c, dest, out);
}

static void compare_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	if (n->list->count > 1) {
		chain_to(c, n, dest);
		return;
	}
	struct span span = c->unit->span;
	uint16_t a = operand_in(c, n->a, dest), b = operand(c, n->list->items[0]);
	set_span(c, span);
	emit_compare(c, n->ops[0], dest, a, b);
}

/* ---- truth --------------------------------------------------------------------------------------------------------- */

static void jump_compare(struct compiler *c, const struct node *n, bool sense, struct jumps *out)
{
	static const uint8_t plain[] = { [AST_LT] = OP_JUMP_LT, [AST_LE] = OP_JUMP_LE, [AST_EQ] = OP_JUMP_EQ, [AST_NE] = OP_JUMP_NE,
		[AST_GT] = OP_JUMP_GT, [AST_GE] = OP_JUMP_GE };
	int op = n->ops[0];
	const struct node *right = n->list->items[0];
	struct span span = c->unit->span;
	uint16_t a = operand(c, n->a);
	int16_t number;
	if ((op == AST_IS || op == AST_IS_NOT) && right->kind == NODE_NONE) {
		jumps_add(out, emit(c, OP_JUMP_NONE, (op == AST_IS) == sense, a, 0, 0));
	} else if (op <= AST_GE && small_int(c, right, &number)) {
		jumps_add(out, emit(c, plain[op] + (OP_JUMP_LT_INT - OP_JUMP_LT), sense, a, (uint16_t)number, 0));
	} else {
		uint16_t b = operand(c, right);
		set_span(c, span);
		if (op == AST_IS || op == AST_IS_NOT)
			jumps_add(out, emit(c, OP_JUMP_IS, (op == AST_IS) == sense, a, b, 0));
		else if (op == AST_IN || op == AST_NOT_IN)
			jumps_add(out, emit(c, OP_JUMP_IN, (op == AST_IN) == sense, a, b, 0));
		else
			jumps_add(out, emit(c, plain[op], sense, a, b, 0));
	}
}

/* and jumps out as soon as one is false, or as soon as one is true: `sticky` is the outcome that settles it. */
static void condition_list(struct compiler *c, const struct node *n, bool sense, struct jumps *out)
{
	bool sticky = n->kind == NODE_OR;
	struct jumps around = { 0 };
	for (size_t i = 0; i < n->list->count; i++) {
		bool last = i + 1 == n->list->count;
		if (sticky == sense || last)
			condition(c, n->list->items[i], sense, out);
		else
			condition(c, n->list->items[i], sticky, &around);
	}
	jumps_here(c, &around);
}

void condition(struct compiler *c, const struct node *n, bool sense, struct jumps *out)
{
	if (compile_failed(c) || !compile_enter(c, n->span))
		return;
	struct span was = set_span(c, n->span);
	uint16_t mark = c->unit->temp;
	switch (n->kind) {
	case NODE_NOT:
		condition(c, n->a, !sense, out);
		break;
	case NODE_AND:
	case NODE_OR:
		condition_list(c, n, sense, out);
		break;
	case NODE_TRUE:
	case NODE_FALSE:
		if ((n->kind == NODE_TRUE) == sense)
			jumps_add(out, emit_far(c));
		break;
	case NODE_COMPARE:
		if (n->list->count == 1) {
			jump_compare(c, n, sense, out);
			break;
		}
		/* fall through */
	default: {
		uint16_t a = operand(c, n);
		jumps_add(out, emit(c, OP_JUMP_IF, sense, a, 0, 0));
	}
	}
	c->unit->temp = mark;
	set_span(c, was);
	compile_leave(c);
}

static void and_or_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	struct jumps end = { 0 };
	uint16_t t = scratch(c, dest);
	for (size_t i = 0; i < n->list->count; i++) {
		expr_to(c, n->list->items[i], t);
		if (i + 1 < n->list->count)
			jumps_add(&end, emit(c, OP_JUMP_OR_CLEAR, n->kind == NODE_OR, t, 0, 0));
	}
	jumps_here(c, &end);
	move_to(c, dest, t);
}

static void if_else_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	struct jumps otherwise = { 0 };
	condition(c, n->a, false, &otherwise);
	expr_to(c, n->b, dest);
	uint32_t end = emit_far(c);
	jumps_here(c, &otherwise);
	expr_to(c, n->c, dest);
	patch(c, end);
}

/* ---- displays ------------------------------------------------------------------------------------------------------ */

enum { CHUNK = 32 };

static bool has_starred(const struct node_list *list)
{
	for (size_t i = 0; i < list_count(list); i++)
		if (list->items[i] && list->items[i]->kind == NODE_STARRED)
			return true;
	return false;
}

/* Short and without stars: all items in a row of temporaries, then one instruction. */
static void row_to(struct compiler *c, const struct node_list *list, enum opcode op, uint16_t dest)
{
	size_t count = list_count(list);
	struct span span = c->unit->span;
	uint16_t base = c->unit->temp;
	for (size_t i = 0; i < count; i++)
		expr_temp(c, list->items[i]);
	set_span(c, span);
	emit(c, op, 0, dest, base, count);
}

/* Long ones grow item by item, so that the frame stays small. */
static void grow_to(struct compiler *c, const struct node_list *list, bool set, uint16_t t)
{
	emit(c, set ? OP_SET : OP_LIST, 0, t, 0, 0);
	for (size_t i = 0; i < list_count(list); i++) {
		const struct node *item = list->items[i];
		uint16_t mark = c->unit->temp;
		bool star = item->kind == NODE_STARRED;
		uint16_t v = operand(c, star ? item->a : item);
		struct span was = set_span(c, item->span);
		if (star)
			emit(c, set ? OP_SET_UPDATE : OP_EXTEND, 0, t, v, 0);
		else
			emit(c, set ? OP_SET_ADD : OP_APPEND, 0, t, v, 0);
		set_span(c, was);
		c->unit->temp = mark;
	}
}

static bool all_literals(const struct node_list *list)
{
	for (size_t i = 0; i < list_count(list); i++)
		if (list->items[i]->kind != NODE_INT && list->items[i]->kind != NODE_STR && list->items[i]->kind != NODE_BYTES)
			return false;
	return true;
}

/* Python keeps a set of more than two constants as a frozenset and copies that; the order of its items shows it. */
static void literal_set_to(struct compiler *c, const struct node_list *list, uint16_t dest)
{
	uint16_t t = scratch(c, dest), kept = temp_take(c);
	row_to(c, list, OP_SET, kept);
	emit(c, OP_SET, 0, t, 0, 0);
	emit(c, OP_SET_UPDATE, 0, t, kept, 0);
	move_to(c, dest, t);
}

static void sequence_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	static const uint8_t ops[] = { [NODE_TUPLE] = OP_TUPLE, [NODE_LIST] = OP_LIST, [NODE_SET] = OP_SET };
	if (n->kind == NODE_SET && list_count(n->list) > 2 && list_count(n->list) <= CHUNK && all_literals(n->list)) {
		literal_set_to(c, n->list, dest);
		return;
	}
	if (list_count(n->list) <= CHUNK && !has_starred(n->list)) {
		row_to(c, n->list, ops[n->kind], dest);
		return;
	}
	uint16_t t = scratch(c, dest);
	grow_to(c, n->list, n->kind == NODE_SET, t);
	if (n->kind == NODE_TUPLE)
		emit(c, OP_LIST_TUPLE, 0, dest, t, 0);
	else
		move_to(c, dest, t);
}

static bool has_double_star(const struct node *n)
{
	for (size_t i = 0; i < list_count(n->list); i++)
		if (!n->list->items[i])
			return true;
	return false;
}

static void dict_item(struct compiler *c, const struct node *key, const struct node *item, uint16_t t)
{
	uint16_t mark = c->unit->temp;
	struct span was = set_span(c, item->span);
	if (key) {
		uint16_t k = operand(c, key), v = operand(c, item);
		set_span(c, key->span);
		emit(c, OP_DICT_SET, 0, t, k, v);
	} else {
		uint16_t v = operand(c, item);
		set_span(c, item->span);
		emit(c, OP_DICT_UPDATE, 0, t, v, 0);
	}
	set_span(c, was);
	c->unit->temp = mark;
}

static void dict_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	size_t count = list_count(n->list);
	if (count <= CHUNK / 2 && !has_double_star(n)) {
		uint16_t base = c->unit->temp;
		struct span span = c->unit->span;
		for (size_t i = 0; i < count; i++) {
			expr_temp(c, n->list->items[i]);
			expr_temp(c, n->list2->items[i]);
		}
		set_span(c, span);
		emit(c, OP_DICT, 0, dest, base, count);
		return;
	}
	uint16_t t = scratch(c, dest);
	emit(c, OP_DICT, 0, t, 0, 0);
	for (size_t i = 0; i < count; i++)
		dict_item(c, n->list->items[i], n->list2->items[i], t);
	move_to(c, dest, t);
}

/* ---- f-strings ----------------------------------------------------------------------------------------------------- */

static void formatted_to(struct compiler *c, const struct node *n, uint16_t t)
{
	expr_to(c, n->a, t);
	uint16_t mark = c->unit->temp;
	if (n->b)
		expr_to(c, n->b, temp_take(c));         /* right behind t */
	bool bare = n->text && !n->number && !n->b;     /* {x=} shows repr */
	emit(c, OP_FORMAT, (bare ? 'r' : n->number) | (n->b ? 128 : 0), t, t, 0);
	c->unit->temp = mark;
}

static void fstring_text(struct compiler *c, const char *text, size_t size)
{
	uint16_t t = temp_take(c);
	emit(c, OP_CONST, 0, t, const_add(c, value_object(str_new(c->vm, text, size))), 0);
}

static void fstring_part(struct compiler *c, const struct node *part)
{
	if (part->kind == NODE_STR) {
		fstring_text(c, part->text, part->size);
		return;
	}
	if (part->kind == NODE_FSTRING) {
		expr_temp(c, part);
		return;
	}
	if (part->text)
		fstring_text(c, part->text, strlen(part->text));
	struct span was = set_span(c, part->span);
	formatted_to(c, part, temp_take(c));
	set_span(c, was);
}

/* Parts are joined in handfuls, so that a long text needs few registers. */
static void fstring_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t base = c->unit->temp;
	for (size_t i = 0; i < list_count(n->list); i++) {
		fstring_part(c, n->list->items[i]);
		if (c->unit->temp - base >= CHUNK) {
			emit(c, OP_JOIN, 0, base, base, c->unit->temp - base);
			c->unit->temp = base + 1;
		}
	}
	emit(c, OP_JOIN, 0, dest, base, c->unit->temp - base);
}

/* ---- attributes, items --------------------------------------------------------------------------------------------- */

static void attribute_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t of = operand_in(c, n->a, dest);
	if (n->span2.end)
		set_span(c, n->span2);
	emit(c, OP_LOAD_ATTR, 0, dest, of, site_add(c, n->text));
}

/* Its three parts in a row of temporaries, which is given. */
static uint16_t slice_parts(struct compiler *c, const struct node *n)
{
	const struct node *parts[] = { n->a, n->b, n->c };
	uint16_t base = c->unit->temp;
	for (int i = 0; i < 3; i++) {
		uint16_t t = temp_take(c);
		if (parts[i])
			expr_to(c, parts[i], t);
		else
			emit(c, OP_CONST, 0, t, const_add(c, VALUE_NONE), 0);
	}
	return base;
}

static void slice_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t base = slice_parts(c, n);
	emit(c, OP_SLICE, 0, dest, base, 0);
}

static void subscript_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	struct span span = c->unit->span;
	uint16_t of = operand_in(c, n->a, dest);
	int16_t number;
	if (small_int(c, n->b, &number)) {
		emit(c, OP_LOAD_ITEM_INT, 0, dest, of, (uint16_t)number);
		return;
	}
	bool slice = n->b->kind == NODE_SLICE;
	uint16_t key = slice ? slice_parts(c, n->b) : operand(c, n->b);
	set_span(c, span);
	emit(c, slice ? OP_LOAD_SLICE : OP_LOAD_ITEM, 0, dest, of, key);
}

/* ---- the rest ------------------------------------------------------------------------------------------------------ */

static void named_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t t = scratch(c, dest);
	expr_to(c, n->a, t);
	uint16_t copy = temp_take(c);
	emit(c, OP_COPY, 0, copy, t, 0);
	store_name(c, n->text, copy);
	move_to(c, dest, t);
}

static void yield_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t v;
	if (n->a) {
		v = operand(c, n->a);
	} else {
		v = temp_take(c);
		emit(c, OP_CONST, 0, v, const_add(c, VALUE_NONE), 0);
	}
	emit(c, OP_YIELD, 0, dest, v, 0);
}

static void yield_from_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t it = temp_take(c), sent = temp_take(c), from = operand(c, n->a);
	emit(c, OP_YIELD_ITER, 0, it, from, 0);
	emit(c, OP_CONST, 0, sent, const_add(c, VALUE_NONE), 0);
	emit(c, OP_YIELD_FROM, 0, dest, it, sent);
}

static void refuse(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_STARRED: compile_error(c, n->span, "can't use starred expression here"); break;
	default:           compile_error(c, n->span, "this is not an expression"); break;
	}
}

static void dispatch(struct compiler *c, const struct node *n, uint16_t dest)
{
	switch (n->kind) {
	case NODE_NAME:       load_name(c, n->text, dest); break;
	case NODE_FSTRING:    fstring_to(c, n, dest); break;
	case NODE_TUPLE:
	case NODE_LIST:
	case NODE_SET:        sequence_to(c, n, dest); break;
	case NODE_DICT:       dict_to(c, n, dest); break;
	case NODE_UNARY:      unary_to(c, n, dest); break;
	case NODE_NOT:        not_to(c, n, dest); break;
	case NODE_BINARY:     binary_to(c, n, dest); break;
	case NODE_AND:
	case NODE_OR:         and_or_to(c, n, dest); break;
	case NODE_COMPARE:    compare_to(c, n, dest); break;
	case NODE_IF_ELSE:    if_else_to(c, n, dest); break;
	case NODE_NAMED:      named_to(c, n, dest); break;
	case NODE_LAMBDA:     lambda_to(c, n, dest); break;
	case NODE_CALL:       call_to(c, n, dest); break;
	case NODE_ATTRIBUTE:  attribute_to(c, n, dest); break;
	case NODE_SUBSCRIPT:  subscript_to(c, n, dest); break;
	case NODE_SLICE:      slice_to(c, n, dest); break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
	case NODE_GENERATOR:  comprehension_to(c, n, dest); break;
	case NODE_YIELD:      yield_to(c, n, dest); break;
	case NODE_YIELD_FROM: yield_from_to(c, n, dest); break;
	default:              refuse(c, n);
	}
}

void expr_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	if (compile_failed(c) || !compile_enter(c, n->span))
		return;
	struct span was = set_span(c, n->span);
	uint16_t mark = c->unit->temp;
	if (!literal_to(c, n, dest))
		dispatch(c, n, dest);
	c->unit->temp = mark;
	set_span(c, was);
	compile_leave(c);
}

void expr_effect(struct compiler *c, const struct node *n)
{
	uint16_t mark = c->unit->temp;
	uint16_t t = temp_take(c);
	expr_to(c, n, t);
	emit(c, OP_CLEAR, 0, t, 0, 0);
	c->unit->temp = mark;
}
