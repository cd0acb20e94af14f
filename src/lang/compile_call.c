/* Calls, and what makes code of its own: functions, classes, comprehensions. */
#include <string.h>

#include "base/mem.h"
#include "lang/compile.h"

/* ---- calls --------------------------------------------------------------------------------------------------------- */

struct arguments {
	size_t positional, named;
	bool spread;
	size_t certain;         /* leading ones whose place is known */
};

static bool repeated(struct compiler *c, const struct node_list *args, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (args->items[i]->kind == NODE_KEYWORD && !strcmp(args->items[i]->text, args->items[at]->text))
			return !compile_error(c, args->items[at]->span, "keyword argument repeated: %s", args->items[at]->text);
	return false;
}

static struct arguments count_arguments(struct compiler *c, const struct node_list *args)
{
	struct arguments a = { 0 };
	for (size_t i = 0; i < list_count(args); i++) {
		enum node_kind kind = args->items[i]->kind;
		if (kind == NODE_KEYWORD) {
			a.named++;
			repeated(c, args, i);
		} else if (kind == NODE_STARRED || kind == NODE_DOUBLE_STARRED) {
			a.spread = true;
		} else {
			a.positional++;
		}
		if (!a.spread && kind != NODE_KEYWORD)
			a.certain++;
	}
	return a;
}

/* *args and **kwargs: a list and a dict are built and handed over. */
static void spread_args(struct compiler *c, const struct node_list *args, uint16_t list, uint16_t callee)
{
	emit(c, OP_LIST, 0, list, 0, 0);
	for (size_t i = 0; i < args->count; i++) {
		const struct node *arg = args->items[i];
		if (arg->kind == NODE_KEYWORD || arg->kind == NODE_DOUBLE_STARRED)
			continue;
		bool star = arg->kind == NODE_STARRED;
		uint16_t mark = c->unit->temp, v = operand(c, star ? arg->a : arg);
		struct span was = set_span(c, arg->span);
		emit(c, star ? OP_EXTEND : OP_APPEND, star, list, v, callee);
		set_span(c, was);
		c->unit->temp = mark;
	}
}

static void keyword_set(struct compiler *c, const struct node *arg, uint16_t dict)
{
	uint16_t key = temp_take(c);
	emit(c, OP_CONST, 0, key, const_add(c, value_keep(value_object(scope_name(c, c->unit->scope, arg->text)))), 0);
	uint16_t v = operand(c, arg->a);
	emit(c, OP_DICT_SET, 0, dict, key, v);
}

static void spread_keywords(struct compiler *c, const struct node_list *args, uint16_t dict, uint16_t callee)
{
	bool merged = false;
	emit(c, OP_DICT, 0, dict, 0, 0);
	for (size_t i = 0; i < args->count; i++) {
		const struct node *arg = args->items[i];
		if (arg->kind != NODE_KEYWORD && arg->kind != NODE_DOUBLE_STARRED)
			continue;
		uint16_t mark = c->unit->temp;
		struct span was = set_span(c, arg->span);
		if (arg->kind == NODE_KEYWORD && !merged) {
			keyword_set(c, arg, dict);
		} else {
			uint16_t more;
			if (arg->kind == NODE_KEYWORD) {
				emit(c, OP_DICT, 0, more = temp_take(c), 0, 0);
				keyword_set(c, arg, more);
			} else {
				more = operand(c, arg->a);
				set_span(c, arg->span);
			}
			emit(c, OP_DICT_MERGE, 0, dict, more, callee);
			merged = true;
		}
		set_span(c, was);
		c->unit->temp = mark;
	}
}

static void spread_call(struct compiler *c, const struct node *n, uint16_t dest, const struct arguments *a)
{
	bool keywords = a->named;
	for (size_t i = 0; i < n->args->count; i++)
		keywords |= n->args->items[i]->kind == NODE_DOUBLE_STARRED;
	uint16_t base = expr_temp(c, n->a), list = temp_take(c);
	if (n->args->count == 1 && n->args->items[0]->kind == NODE_STARRED) {
		const struct node *arg = n->args->items[0];
		uint16_t v = operand_in(c, arg->a, list);
		struct span was = set_span(c, arg->span);
		emit(c, OP_SPREAD, 1, list, v, base);
		set_span(c, was);
	} else {
		spread_args(c, n->args, list, base);
	}
	if (keywords)
		spread_keywords(c, n->args, temp_take(c), base);
	uint32_t at = emit(c, OP_CALL_SPREAD, keywords, dest, base, 0);
	call_spans_add(c, at, n->args, a->certain);
}

static uint16_t named_shape(struct compiler *c, const struct node_list *args, const struct arguments *a)
{
	struct str **names = mem_alloc(a->named * sizeof *names);
	for (size_t i = 0; i < a->named; i++)
		names[i] = scope_name(c, c->unit->scope, args->items[a->positional + i]->text);
	return shape_add(c, a->positional, a->named, names);
}

/* super().name(...), in a method: found without making the super object. */
static bool is_super_call(struct compiler *c, const struct node *n)
{
	if (n->kind != NODE_CALL || n->a->kind != NODE_NAME || strcmp(n->a->text, "super") || list_count(n->args))
		return false;
	return scope_free_index(c->unit->scope, c->vm->names.class_) >= 0 && c->unit->code->params;
}

static void plain_call(struct compiler *c, const struct node *n, uint16_t dest, const struct arguments *a)
{
	bool method = n->a->kind == NODE_ATTRIBUTE;
	struct span span = c->unit->span;
	uint16_t base = is_temp(c, dest) && dest + 1 == c->unit->temp ? dest : temp_take(c);
	if (method) {
		temp_take(c);
		bool super = is_super_call(c, n->a->a);
		uint16_t of = operand_in(c, super ? n->a->a->a : n->a->a, base);
		set_span(c, n->a->span2.end ? n->a->span2 : n->a->span);
		emit(c, super ? OP_LOAD_SUPER : OP_LOAD_METHOD, 0, base, of, site_add(c, n->a->text));
		c->unit->temp = base + 2;
	} else {
		expr_to(c, n->a, base);
	}
	for (size_t i = 0; i < list_count(n->args); i++) {
		const struct node *arg = n->args->items[i];
		expr_temp(c, arg->kind == NODE_KEYWORD ? arg->a : arg);
	}
	set_span(c, span);
	uint32_t at;
	if (a->named)
		at = emit(c, OP_CALL_NAMED, method, dest, base, named_shape(c, n->args, a));
	else
		at = emit(c, method ? OP_CALL_METHOD : OP_CALL, 0, dest, base, a->positional);
	call_spans_add(c, at, n->args, list_count(n->args));
}

void call_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	struct arguments a = count_arguments(c, n->args);
	if (a.spread)
		spread_call(c, n, dest, &a);
	else
		plain_call(c, n, dest, &a);
}

/* ---- functions ----------------------------------------------------------------------------------------------------- */

static void return_none(struct compiler *c)
{
	uint16_t t = temp_take(c);
	emit(c, OP_CONST, 0, t, const_add(c, VALUE_NONE), 0);
	emit(c, OP_RETURN, 0, t, 0, 0);
}

const struct node *compile_doc(const struct node_list *body)
{
	const struct node *first = list_count(body) ? body->items[0] : NULL;
	return first && first->kind == NODE_EXPR && first->a->kind == NODE_STR ? first->a : NULL;
}

void compile_store_doc(struct compiler *c, const struct node_list *body)
{
	const struct node *doc = compile_doc(body);
	if (!doc)
		return;
	uint16_t t = temp_take(c);
	expr_to(c, doc, t);
	emit(c, OP_STORE_NAME, 0, t, name_add(c, c->vm->names.doc_), 0);
	c->unit->temp = t;
}

static uint16_t close_to_const(struct compiler *c)
{
	struct code *code = unit_close(c);
	return const_add(c, code ? value_object(code) : VALUE_NONE);
}

static uint16_t function_code(struct compiler *c, const struct node *n)
{
	bool lambda = n->kind == NODE_LAMBDA;
	struct scope *scope = scope_inner(c->unit->scope, n);
	unit_open(c, scope, lambda ? "<lambda>" : n->text, n->span, n->params);
	const struct node *doc = lambda ? NULL : compile_doc(n->list);
	if (doc)
		c->unit->code->doc = value_object(str_new(c->vm, doc->text, doc->size));
	if (lambda) {
		uint16_t r = operand(c, n->a);
		emit(c, OP_RETURN, 0, r, 0, 0);
	} else {
		compile_body(c, n->list);
		return_none(c);
	}
	return close_to_const(c);
}

static bool positional_defaults(struct compiler *c, const struct node_list *params, uint16_t dest)
{
	uint16_t base = c->unit->temp;
	for (size_t i = 0; i < list_count(params); i++) {
		const struct node *p = params->items[i];
		bool positional = p->number == PARAM_PLAIN || p->number == PARAM_POSITIONAL_ONLY;
		if (positional && p->b)
			expr_temp(c, p->b);
		else if (positional && c->unit->temp > base)
			compile_error(c, p->span, "non-default argument follows default argument");
	}
	size_t count = c->unit->temp - base;
	if (count)
		emit(c, OP_TUPLE, 0, dest, base, count);
	c->unit->temp = base;
	return count;
}

static bool named_values(struct compiler *c, const struct node_list *params, uint16_t dest, bool annotations)
{
	bool any = false;
	for (size_t i = 0; i < list_count(params); i++) {
		const struct node *p = params->items[i];
		const struct node *v = annotations ? p->a : p->number == PARAM_KEYWORD_ONLY ? p->b : NULL;
		if (!v || !p->text)
			continue;
		if (!any)
			emit(c, OP_DICT, 0, dest, 0, 0);
		any = true;
		uint16_t mark = c->unit->temp, key = temp_take(c);
		emit(c, OP_CONST, 0, key, const_add(c, value_keep(value_object(scope_name(c, c->unit->scope, p->text)))), 0);
		uint16_t r = operand(c, v);
		emit(c, OP_DICT_SET, 0, dest, key, r);
		c->unit->temp = mark;
	}
	return any;
}

static bool return_annotation(struct compiler *c, const struct node *n, uint16_t dict, bool any)
{
	if (n->kind != NODE_DEF || !n->a)
		return any;
	if (!any)
		emit(c, OP_DICT, 0, dict, 0, 0);
	uint16_t key = temp_take(c);
	emit(c, OP_CONST, 0, key, const_add(c, value_keep(value_object(str_intern(c->vm, "return")))), 0);
	uint16_t r = operand(c, n->a);
	emit(c, OP_DICT_SET, 0, dict, key, r);
	return true;
}

static void function_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t mark = c->unit->temp, base = temp_take_many(c, 3);
	unsigned has = positional_defaults(c, n->params, base) ? 1 : 0;
	has |= named_values(c, n->params, base + 1, false) ? 2 : 0;
	has |= return_annotation(c, n, base + 2, named_values(c, n->params, base + 2, true)) ? 4 : 0;
	uint16_t code = function_code(c, n);
	emit(c, OP_FUNCTION, has, dest, base, code);
	c->unit->temp = mark;
}

void lambda_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	function_to(c, n, dest);
}

/* Decorators are worked out first, in order, and called last to first. */
static void decorators(struct compiler *c, const struct node_list *list)
{
	for (size_t i = 0; i < list_count(list); i++)
		expr_temp(c, list->items[i]);
}

static void decorate(struct compiler *c, const struct node_list *list, uint16_t made)
{
	for (size_t i = list_count(list); i-- > 0;) {
		struct span was = set_span(c, list->items[i]->span);
		made--;
		emit(c, OP_CALL, 0, made, made, 1);
		set_span(c, was);
	}
}

static struct span name_span(const struct node *n)
{
	return n->span2.end ? n->span2 : n->span;
}

void compile_def(struct compiler *c, const struct node *n)
{
	uint16_t first = c->unit->temp;
	struct span was = set_span(c, name_span(n));
	decorators(c, n->list2);
	uint16_t made = temp_take(c);
	int local = list_count(n->list2) ? -1 : name_target(c, n->text);
	function_to(c, n, local >= 0 ? local : made);
	decorate(c, n->list2, made);
	if (local < 0)
		store_name(c, n->text, list_count(n->list2) ? first : made);
	c->unit->temp = first;
	set_span(c, was);
}

/* ---- classes ------------------------------------------------------------------------------------------------------- */

static uint16_t class_code(struct compiler *c, const struct node *n)
{
	struct scope *scope = scope_inner(c->unit->scope, n);
	unit_open(c, scope, n->text, n->span, NULL);
	compile_store_doc(c, n->list);
	compile_body(c, n->list);
	if (scope->class_cell) {
		const struct code *code = c->unit->code;
		uint16_t t = temp_take(c);
		emit(c, OP_COPY, 0, t, code->locals + code->cells - 1, 0);
		emit(c, OP_STORE_NAME, 0, t, name_add(c, str_intern(c->vm, "__classcell__")), 0);
	}
	return_none(c);
	return close_to_const(c);
}

static size_t class_bases(struct compiler *c, const struct node_list *args)
{
	size_t count = 0;
	for (size_t i = 0; i < list_count(args); i++) {
		const struct node *arg = args->items[i];
		if (arg->kind == NODE_STARRED || arg->kind == NODE_DOUBLE_STARRED)
			compile_error(c, arg->span, "starred bases are not part of this language");
		if (arg->kind == NODE_KEYWORD)
			continue;
		expr_temp(c, arg);
		count++;
	}
	return count;
}

static bool class_keywords(struct compiler *c, const struct node_list *args)
{
	uint16_t dict = NO_REGISTER;
	for (size_t i = 0; i < list_count(args); i++) {
		const struct node *arg = args->items[i];
		if (arg->kind != NODE_KEYWORD)
			continue;
		if (!strcmp(arg->text, "metaclass"))
			compile_error(c, arg->span, "metaclasses are not part of this language");
		if (dict == NO_REGISTER)
			emit(c, OP_DICT, 0, dict = temp_take(c), 0, 0);
		uint16_t mark = c->unit->temp;
		keyword_set(c, arg, dict);
		c->unit->temp = mark;
	}
	return dict != NO_REGISTER;
}

void compile_class(struct compiler *c, const struct node *n)
{
	uint16_t first = c->unit->temp;
	struct span was = set_span(c, name_span(n));
	decorators(c, n->list2);
	uint16_t made = temp_take(c);
	emit(c, OP_FUNCTION, 0, made, 0, class_code(c, n));
	size_t bases = class_bases(c, n->args);
	bool keywords = class_keywords(c, n->args);
	uint32_t at = emit(c, OP_CLASS, keywords, made, made, bases);
	call_spans_add(c, at, n->args, bases);
	decorate(c, n->list2, made);
	store_name(c, n->text, first);
	c->unit->temp = first;
	set_span(c, was);
}

/* ---- comprehensions: a function of one parameter, called at once ---------------------------------------------------- */

static void comprehension_item(struct compiler *c, const struct node *n, uint16_t made)
{
	uint16_t mark = c->unit->temp, a = operand(c, n->a), t;
	switch (n->kind) {
	case NODE_LIST_COMP: emit(c, OP_APPEND, 0, made, a, 0); break;
	case NODE_SET_COMP:  emit(c, OP_SET_ADD, 0, made, a, 0); break;
	case NODE_DICT_COMP: emit(c, OP_DICT_SET, 0, made, a, operand(c, n->b)); break;
	default:
		t = temp_take(c);
		emit(c, OP_YIELD, 0, t, a, 0);
		emit(c, OP_CLEAR, 0, t, 0, 0);
	}
	c->unit->temp = mark;
}

static void comprehension_level(struct compiler *c, const struct node *n, size_t level, uint16_t made)
{
	if (level == n->list->count) {
		comprehension_item(c, n, made);
		return;
	}
	const struct node *f = n->list->items[level];
	uint16_t mark = c->unit->temp;
	struct for_loop loop = { .target = f->a, .span = f->b->span };
	struct jumps skip = { 0 };
	loop.state = temp_take_many(c, 3);
	for_begin(c, &loop, level ? operand(c, f->b) : 0);
	for (size_t i = 0; i < list_count(f->list); i++)
		condition(c, f->list->items[i], false, &skip);
	comprehension_level(c, n, level + 1, made);
	for_end(c, &loop, &skip);
	c->unit->temp = mark;
}

static uint16_t comprehension_code(struct compiler *c, const struct node *n)
{
	static const char *const names[] = { [NODE_LIST_COMP] = "<listcomp>", [NODE_SET_COMP] = "<setcomp>",
		[NODE_DICT_COMP] = "<dictcomp>", [NODE_GENERATOR] = "<genexpr>" };
	unit_open(c, scope_inner(c->unit->scope, n), names[n->kind], n->span, NULL);
	if (n->kind == NODE_GENERATOR) {
		comprehension_level(c, n, 0, 0);
		return_none(c);
		return close_to_const(c);
	}
	uint16_t made = temp_take(c);
	enum opcode make = n->kind == NODE_LIST_COMP ? OP_LIST : n->kind == NODE_SET_COMP ? OP_SET : OP_DICT;
	emit(c, make, 0, made, 0, 0);
	comprehension_level(c, n, 0, made);
	emit(c, OP_RETURN, 0, made, 0, 0);
	return close_to_const(c);
}

void comprehension_to(struct compiler *c, const struct node *n, uint16_t dest)
{
	uint16_t base = temp_take(c);
	uint16_t code = comprehension_code(c, n);
	emit(c, OP_FUNCTION, 0, base, 0, code);
	uint16_t over = expr_temp(c, n->list->items[0]->b);
	if (n->kind == NODE_GENERATOR)
		emit(c, OP_YIELD_ITER, 1, over, over, 0);
	emit(c, OP_CALL, 0, dest, base, 1);
}
