/* The constructors of statements, and the check of what may be assigned to or deleted. */
#include <string.h>

#include "base/buf.h"
#include "lang/ast_make.h"
#include "lang/parse.h"

static void refuse(struct ast *ast, struct span at, const char *why)
{
	ast_error(ast, "SyntaxError", at, "%s", why);
}

/* == Targets ========================================================================================================= */

/* What an error about a misplaced expression calls it. */
const char *make_kind_name(const struct node *n)
{
	switch (n->kind) {
	case NODE_ATTRIBUTE: return "attribute";
	case NODE_SUBSCRIPT: return "subscript";
	case NODE_STARRED: return "starred";
	case NODE_NAME: return "name";
	case NODE_LIST: return "list";
	case NODE_TUPLE: return "tuple";
	case NODE_LAMBDA: return "lambda";
	case NODE_CALL: return "function call";
	case NODE_GENERATOR: return "generator expression";
	case NODE_YIELD: case NODE_YIELD_FROM: return "yield expression";
	case NODE_LIST_COMP: return "list comprehension";
	case NODE_SET_COMP: return "set comprehension";
	case NODE_DICT_COMP: return "dict comprehension";
	case NODE_DICT: return "dict literal";
	case NODE_SET: return "set display";
	case NODE_FSTRING: return "f-string expression";
	case NODE_INT: case NODE_FLOAT: case NODE_STR: case NODE_BYTES: return "literal";
	case NODE_TRUE: return "True";
	case NODE_FALSE: return "False";
	case NODE_NONE: return "None";
	case NODE_ELLIPSIS: return "ellipsis";
	case NODE_COMPARE: return "comparison";
	case NODE_IF_ELSE: return "conditional expression";
	case NODE_NAMED: return "named expression";
	default: return "expression";
	}
}

static const struct node *bad_item(const struct node_list *items);

/* The innermost part that cannot be a target, or NULL. */
static const struct node *bad_target(const struct node *n)
{
	switch (n->kind) {
	case NODE_NAME: case NODE_ATTRIBUTE: case NODE_SUBSCRIPT: return NULL;
	case NODE_STARRED: return bad_target(n->a);
	case NODE_TUPLE: case NODE_LIST: return bad_item(n->list);
	default: return n;
	}
}

static const struct node *bad_item(const struct node_list *items)
{
	for (size_t i = 0; items && i < items->count; i++) {
		const struct node *bad = bad_target(items->items[i]);
		if (bad)
			return bad;
	}
	return NULL;
}

static void check_one_star(struct ast *ast, const struct node *n)
{
	size_t stars = 0;
	for (size_t i = 0; (n->kind == NODE_TUPLE || n->kind == NODE_LIST) && n->list && i < n->list->count; i++) {
		stars += n->list->items[i]->kind == NODE_STARRED;
		check_one_star(ast, n->list->items[i]);
	}
	if (stars > 1)
		refuse(ast, n->span, "multiple starred expressions in assignment");
}

void make_check_target(struct ast *ast, struct node *target, const char *what)
{
	const struct node *bad = bad_target(target);
	if (bad)
		ast_error(ast, "SyntaxError", bad->span, "cannot %s %s", what, make_kind_name(bad));
	else if (target->kind == NODE_STARRED)
		refuse(ast, target->span, "starred assignment target must be in a list or tuple");
	check_one_star(ast, target);
}

/* Python guesses at a mistyped comparison where the whole target is an expression that could be compared. */
static bool may_be_comparison(const struct node *n)
{
	switch (n->kind) {
	case NODE_CALL: case NODE_BINARY: case NODE_UNARY: case NODE_INT: case NODE_FLOAT: case NODE_STR: case NODE_BYTES: case NODE_FSTRING:
	case NODE_DICT: case NODE_SET: case NODE_DICT_COMP: case NODE_SET_COMP: case NODE_LIST_COMP: case NODE_ELLIPSIS:
		return true;
	default:
		return false;
	}
}

static void check_assigned(struct ast *ast, struct node *target)
{
	if (target->kind == NODE_YIELD || target->kind == NODE_YIELD_FROM)
		refuse(ast, target->span, "assignment to yield expression not possible");
	else if (may_be_comparison(target))
		ast_error(ast, "SyntaxError", target->span, "cannot assign to %s here. Maybe you meant '==' instead of '='?", make_kind_name(target));
	else
		make_check_target(ast, target, "assign to");
}

/* A star stands for several values: alone, it has nowhere to put them. */
static void check_no_star(struct ast *ast, const struct node *value)
{
	if (value && value->kind == NODE_STARRED)
		refuse(ast, value->span, "can't use starred expression here");
}

/* == Simple statements =============================================================================================== */

struct node *make_expr(struct ast *ast, struct span span, struct node *value)
{
	check_no_star(ast, value);
	return make_node(ast, NODE_EXPR, span, value, NULL, NULL);
}

struct node *make_value(struct ast *ast, enum node_kind kind, struct span span, struct node *value)
{
	check_no_star(ast, value);
	return make_node(ast, kind, span, value, NULL, NULL);
}

struct node *make_assign(struct ast *ast, struct span span, struct node_list *targets_and_value)
{
	struct node *n = ast_node(ast, NODE_ASSIGN, span);
	n->list = targets_and_value;
	n->a = n->list->items[--n->list->count];
	for (size_t i = 0; i < n->list->count; i++)
		check_assigned(ast, n->list->items[i]);
	check_no_star(ast, n->a);
	return make_done(ast, n);
}

struct node *make_aug_assign(struct ast *ast, struct span span, struct node *target, int op, struct node *value, struct span at)
{
	if (target->kind != NODE_NAME && target->kind != NODE_ATTRIBUTE && target->kind != NODE_SUBSCRIPT)
		ast_error(ast, "SyntaxError", target->span, "'%s' is an illegal expression for augmented assignment", make_kind_name(target));
	check_no_star(ast, value);
	struct node *n = make_binary(ast, span, op, target, value, at);
	n->kind = NODE_AUG_ASSIGN;
	return n;
}

struct node *make_ann_assign(struct ast *ast, struct span span, struct node *target, struct node *annotation, struct node *value)
{
	if (target->kind == NODE_TUPLE || target->kind == NODE_LIST)
		ast_error(ast, "SyntaxError", target->span, "only single target (not %s) can be annotated", make_kind_name(target));
	else if (target->kind != NODE_NAME && target->kind != NODE_ATTRIBUTE && target->kind != NODE_SUBSCRIPT)
		refuse(ast, target->span, "illegal target for annotation");
	check_no_star(ast, value);
	return make_node(ast, NODE_ANN_ASSIGN, span, target, annotation, value);
}

static void check_deleted(struct ast *ast, const struct node *n)
{
	if (n->kind == NODE_STARRED) {
		refuse(ast, n->span, "cannot delete starred");
	} else if (n->kind == NODE_TUPLE || n->kind == NODE_LIST) {
		for (size_t i = 0; n->list && i < n->list->count; i++)
			check_deleted(ast, n->list->items[i]);
	} else if (bad_target(n)) {
		ast_error(ast, "SyntaxError", n->span, "cannot delete %s", make_kind_name(n));
	}
}

struct node *make_del(struct ast *ast, struct span span, struct node_list *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		check_deleted(ast, targets->items[i]);
	return make_list(ast, NODE_DEL, span, targets);
}

struct node *make_import_from(struct ast *ast, struct span span, long dots, const char *module, struct node_list *names)
{
	struct node *n = make_list(ast, NODE_IMPORT_FROM, span, names);
	n->text = module;
	n->number = dots;
	return n;
}

struct node *make_alias(struct ast *ast, struct span span, const char *name, const char *as)
{
	struct node *n = make_text(ast, NODE_ALIAS, span, name);
	n->text2 = as;
	return n;
}

const char *make_dotted(struct ast *ast, const char *left, const char *right)
{
	size_t left_len = strlen(left), right_len = strlen(right);
	char *text = ast_room(ast, left_len + right_len + 2);
	memcpy(text, left, left_len);
	text[left_len] = '.';
	memcpy(text + left_len + 1, right, right_len);
	return text;
}

struct node_list *make_line(struct parse *p, struct node_list *statements)
{
	if (p->as_group)
		refuse(p->ast, p->as_group->span, "invalid syntax");
	return statements;
}

/* == Compound statements ============================================================================================= */

struct node *make_if(struct ast *ast, struct span span, struct node *test, struct node_list *body, struct node_list *other)
{
	struct node *n = ast_node(ast, NODE_IF, span);
	n->a = test;
	n->list = body;
	n->list2 = other;
	return make_done(ast, n);
}

struct node *make_while(struct ast *ast, struct span span, struct node *test, struct node_list *body, struct node_list *other)
{
	struct node *n = make_if(ast, span, test, body, other);
	n->kind = NODE_WHILE;
	return n;
}

struct node *make_for(struct ast *ast, struct span span, struct node *target, struct node *iterable, struct node_list *body, struct node_list *other)
{
	make_check_target(ast, target, "assign to");
	check_no_star(ast, iterable);
	struct node *n = make_while(ast, span, target, body, other);
	n->kind = NODE_FOR;
	n->b = iterable;
	return make_done(ast, n);
}

struct node *make_def(struct ast *ast, struct span span, const char *name, struct span name_at, struct node_list *params, struct node *returns,
	struct node_list *body)
{
	struct node *n = make_named_text(ast, NODE_DEF, span, name, name_at, returns);
	n->params = params;
	n->list = body;
	return make_done(ast, n);
}

struct node *make_class(struct ast *ast, struct span span, const char *name, struct span name_at, struct node_list *args, struct node_list *body)
{
	for (size_t i = 0; args && i < args->count; i++)
		if (args->items[i]->kind == NODE_GENERATOR && args->items[i]->number)
			refuse(ast, args->items[i]->span, "invalid syntax");
	struct node *n = make_named_text(ast, NODE_CLASS, span, name, name_at, NULL);
	n->args = args;
	n->list = body;
	return make_done(ast, n);
}

struct node *make_decorated(struct ast *ast, struct node_list *decorators, struct node *definition)
{
	definition->list2 = decorators;
	return make_done(ast, definition);
}

struct node *make_handler(struct ast *ast, struct span span, struct node *class, const char *name, struct node_list *body)
{
	struct node *n = make_named_text(ast, NODE_HANDLER, span, name, (struct span){0}, class);
	n->list = body;
	return make_done(ast, n);
}

struct node *make_refused(struct ast *ast, struct span at, const char *why)
{
	refuse(ast, at, why);
	return ast_node(ast, NODE_NONE, at);
}

static void check_handlers(struct ast *ast, const struct node_list *handlers)
{
	for (size_t i = 0; i + 1 < handlers->count; i++)
		if (!handlers->items[i]->a)
			refuse(ast, handlers->items[i]->span, "default 'except:' must be last");
}

struct node *make_try(struct ast *ast, struct span span, struct node_list *body, struct node_list *handlers, struct node_list *other,
	struct node_list *last)
{
	struct node *n = ast_node(ast, NODE_TRY, span);
	n->list = body;
	n->list2 = handlers;
	n->list3 = other;
	n->list4 = last;
	if (handlers)
		check_handlers(ast, handlers);
	if (!handlers && (other || !last))
		refuse(ast, (struct span){span.start, span.start + 3}, "expected 'except' or 'finally' block");
	return make_done(ast, n);
}

struct node *make_with_item(struct ast *ast, struct span span, struct node *manager, struct node *target)
{
	if (target)
		make_check_target(ast, target, "assign to");
	return make_node(ast, NODE_WITH_ITEM, span, manager, target, NULL);
}

/* "with (a as b, c):" and "with (a, c):" hold several managers, not one tuple. A star inside leaves it a tuple. */
static bool is_group(const struct node *item)
{
	const struct node *tuple = item->a;
	if (item->b || tuple->kind != NODE_TUPLE || !tuple->list || tuple->span.start != item->span.start)
		return false;
	for (size_t i = 0; i < tuple->list->count; i++)
		if (tuple->list->items[i]->kind == NODE_STARRED)
			return false;
	return true;
}

static struct node_list *ungroup(struct ast *ast, const struct node_list *group)
{
	struct node_list *items = ast_list(ast, NULL);
	for (size_t i = 0; i < group->count; i++) {
		struct node *n = group->items[i];
		ast_append(ast, items, n->kind == NODE_WITH_ITEM ? n : make_with_item(ast, n->span, n, NULL));
	}
	return items;
}

struct node *make_with_head(struct parse *p, struct span span, struct node_list *items)
{
	if (items->count == 1 && is_group(items->items[0])) {
		if (items->items[0]->a == p->as_group)
			p->as_group = NULL;
		items = ungroup(p->ast, items->items[0]->a->list);
	}
	struct node *n = ast_node(p->ast, NODE_WITH, span);
	n->list2 = make_line(p, items);
	return n;
}

struct node *make_with(struct ast *ast, struct span span, struct node *head, struct node_list *body)
{
	head->span = span;
	head->list = body;
	return make_done(ast, head);
}
