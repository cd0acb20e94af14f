/* The constructors of expressions, with the checks that belong to them. */
#include <string.h>

#include "base/buf.h"
#include "lang/ast_make.h"
#include "lang/parse.h"

static void refuse(struct ast *ast, struct span at, const char *why)
{
	ast_error(ast, "SyntaxError", at, "%s", why);
}

static void deepen(unsigned *depth, unsigned below)
{
	if (below >= *depth)
		*depth = below + 1;
}

/* Sets the node's depth from all that hangs on it; every constructor ends here. */
static struct node *done(struct ast *ast, struct node *n)
{
	const struct node *nodes[] = {n->a, n->b, n->c};
	const struct node_list *lists[] = {n->list, n->list2, n->list3, n->list4, n->args, n->params};
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (nodes[i])
			deepen(&n->depth, nodes[i]->depth);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (lists[i])
			deepen(&n->depth, lists[i]->depth);
	if (n->depth > AST_DEPTH)
		refuse(ast, n->span, "too deeply nested");
	return n;
}

struct node *make_done(struct ast *ast, struct node *n)
{
	return done(ast, n);
}

struct node *make_node(struct ast *ast, enum node_kind kind, struct span span, struct node *a, struct node *b, struct node *c)
{
	struct node *n = ast_node(ast, kind, span);
	n->a = a;
	n->b = b;
	n->c = c;
	return done(ast, n);
}

struct node *make_list(struct ast *ast, enum node_kind kind, struct span span, struct node_list *list)
{
	struct node *n = ast_node(ast, kind, span);
	n->list = list;
	return done(ast, n);
}

struct node *make_text(struct ast *ast, enum node_kind kind, struct span span, const char *text)
{
	struct node *n = ast_node(ast, kind, span);
	n->text = text;
	return n;
}

struct node *make_named_text(struct ast *ast, enum node_kind kind, struct span span, const char *text, struct span name, struct node *a)
{
	struct node *n = ast_node(ast, kind, span);
	n->text = text;
	n->span2 = name;
	n->a = a;
	return done(ast, n);
}

struct node_list *list_join(struct ast *ast, struct node_list *list, struct node_list *more)
{
	for (size_t i = 0; i < more->count; i++)
		ast_append(ast, list, more->items[i]);
	return list;
}

/* == Operators ======================================================================================================= */

struct node *make_binary(struct ast *ast, struct span span, int op, struct node *a, struct node *b, struct span at)
{
	struct node *n = ast_node(ast, NODE_BINARY, span);
	n->op = op;
	n->span2 = at;
	n->a = a;
	n->b = b;
	return done(ast, n);
}

struct node *make_unary(struct ast *ast, struct span span, int op, struct node *a)
{
	struct node *n = make_node(ast, NODE_UNARY, span, a, NULL, NULL);
	n->number = op;
	return n;
}

/* a or b or c is one node; (a or b) or c is two, as in Python's tree. */
struct node *make_bool(struct ast *ast, enum node_kind kind, struct span span, struct node *a, struct node *b, struct span as_written)
{
	if (a->kind != kind || a->span.start != as_written.start)
		return make_list(ast, kind, span, ast_append(ast, ast_list(ast, a), b));
	ast_append(ast, a->list, b);
	a->span = span;
	return done(ast, a);
}

static void add_op(struct ast *ast, struct node *compare, int op)
{
	size_t count = compare->list->count - 1;
	if ((count & (count - 1)) == 0) {       /* 0, 1, 2, 4 ...: full */
		int *ops = ast_room(ast, (count ? count * 2 : 1) * sizeof *ops);
		if (count)
			memcpy(ops, compare->ops, count * sizeof *ops);
		compare->ops = ops;
	}
	compare->ops[count] = op;
}

struct node *make_compare(struct ast *ast, struct span span, struct node *a, int op, struct node *b)
{
	struct node *n = ast_node(ast, NODE_COMPARE, span);
	n->a = a;
	n->list = ast_list(ast, b);
	add_op(ast, n, op);
	return done(ast, n);
}

struct node *make_compare_more(struct ast *ast, struct span span, struct node *compare, int op, struct node *b)
{
	ast_append(ast, compare->list, b);
	add_op(ast, compare, op);
	compare->span = span;
	return done(ast, compare);
}

struct node *make_named(struct ast *ast, struct span span, struct node *target, struct node *value)
{
	if (target->kind != NODE_NAME)
		ast_error(ast, "SyntaxError", target->span, "cannot use assignment expressions with %s", make_kind_name(target));
	return make_named_text(ast, NODE_NAMED, span, target->text ? target->text : "", target->span, value);
}

/* == Calls =========================================================================================================== */

static void check_repeated(struct ast *ast, const struct node_list *args, size_t at)
{
	const struct node *arg = args->items[at];
	for (size_t i = 0; i < at; i++)
		if (args->items[i]->kind == NODE_KEYWORD && !strcmp(args->items[i]->text, arg->text))
			ast_error(ast, "SyntaxError", arg->span, "keyword argument repeated: %s", arg->text);
}

static void check_arguments(struct ast *ast, const struct node_list *args)
{
	bool keyword = false, unpacked = false;
	for (size_t i = 0; i < args->count; i++) {
		const struct node *arg = args->items[i];
		if (arg->kind == NODE_KEYWORD) {
			keyword = true;
			check_repeated(ast, args, i);
		} else if (arg->kind == NODE_DOUBLE_STARRED) {
			unpacked = true;
		} else if (arg->kind == NODE_STARRED && unpacked) {
			refuse(ast, arg->span, "iterable argument unpacking follows keyword argument unpacking");
		} else if (arg->kind != NODE_STARRED && (keyword || unpacked)) {
			refuse(ast, arg->span, unpacked ? "positional argument follows keyword argument unpacking"
				: "positional argument follows keyword argument");
		}
		/* "f(x for x in y)": the argument has no parentheses of its own when it starts with its item */
		if (arg->kind == NODE_GENERATOR && args->count > 1 && arg->number)
			refuse(ast, arg->span, "Generator expression must be parenthesized");
	}
}

struct node_list *make_arguments(struct ast *ast, struct node_list *args)
{
	check_arguments(ast, args);
	return args;
}

struct node *make_call(struct ast *ast, struct span span, struct node *function, struct node_list *args)
{
	struct node *n = ast_node(ast, NODE_CALL, span);
	n->a = function;
	n->args = args;
	return done(ast, n);
}

struct node *make_argument(struct ast *ast, struct span span, struct node *name, struct node *value)
{
	if (name->kind == NODE_TRUE || name->kind == NODE_FALSE || name->kind == NODE_NONE)
		ast_error(ast, "SyntaxError", span, "cannot assign to %s", make_kind_name(name));
	else if (name->kind != NODE_NAME)
		refuse(ast, span, "expression cannot contain assignment, perhaps you meant \"==\"?");
	return make_named_text(ast, NODE_KEYWORD, span, name->text ? name->text : "", name->span, value);
}

struct node *make_generator_argument(struct ast *ast, struct span span, struct node *item, struct node_list *clauses)
{
	struct node *n = make_comprehension(ast, NODE_GENERATOR, span, item, clauses);
	n->number = 1;
	return n;
}

struct node *make_index(struct ast *ast, struct span span, struct node *subscript)
{
	return subscript->kind == NODE_STARRED ? make_list(ast, NODE_TUPLE, span, ast_list(ast, subscript)) : subscript;
}

/* == Displays and comprehensions ===================================================================================== */

static bool holds(const struct node_list *items, enum node_kind kind)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i]->kind == kind)
			return true;
	return false;
}

/* (x) is x, (x, y) a tuple; with an `as` inside it is a tuple that a with statement has to take. */
struct node *make_group(struct parse *p, struct span span, struct node_list *items, bool comma)
{
	bool as = holds(items, NODE_WITH_ITEM);
	struct node *first = items->items[0];
	if (!as && items->count == 1 && !comma) {
		if (first->kind == NODE_STARRED)
			refuse(p->ast, first->span, "cannot use starred expression here");
		return first;
	}
	struct node *tuple = make_list(p->ast, NODE_TUPLE, span, items);
	if (as && p->as_group)
		refuse(p->ast, span, "invalid syntax");
	if (as)
		p->as_group = tuple;
	return tuple;
}

static void check_no_as(struct ast *ast, const struct node_list *items)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i]->kind == NODE_WITH_ITEM)
			refuse(ast, items->items[i]->span, "invalid syntax");
}

struct node *make_elements(struct ast *ast, enum node_kind kind, struct span span, struct node_list *items)
{
	check_no_as(ast, items);
	return make_list(ast, kind, span, items);
}

struct node *make_comprehension(struct ast *ast, enum node_kind kind, struct span span, struct node *item, struct node_list *clauses)
{
	if (item->kind == NODE_STARRED)
		refuse(ast, item->span, "iterable unpacking cannot be used in comprehension");
	if (item->kind == NODE_WITH_ITEM)
		refuse(ast, item->span, "invalid syntax");
	struct node *n = ast_node(ast, kind, span);
	n->a = item;
	n->list = clauses;
	return done(ast, n);
}

struct node *make_dict_comprehension(struct ast *ast, struct span span, struct node *pair, struct node_list *clauses)
{
	if (!pair->a)
		refuse(ast, pair->span, "dict unpacking cannot be used in dict comprehension");
	struct node *n = make_comprehension(ast, NODE_DICT_COMP, span, pair->b, clauses);
	n->a = pair->a;
	n->b = pair->b;
	return done(ast, n);
}

struct node *make_for_if(struct ast *ast, struct span span, struct node *target, struct node *iterable, struct node_list *conditions)
{
	make_check_target(ast, target, "assign to");
	struct node *n = ast_node(ast, NODE_FOR_IF, span);
	n->a = target;
	n->b = iterable;
	n->list = conditions;
	return done(ast, n);
}

struct node *make_dict(struct ast *ast, struct span span, struct node_list *keys_and_values)
{
	struct node *n = ast_node(ast, NODE_DICT, span);
	n->list = ast_list(ast, NULL);
	n->list2 = ast_list(ast, NULL);
	for (size_t i = 0; keys_and_values && i < keys_and_values->count; i += 2) {
		ast_append(ast, n->list, keys_and_values->items[i]);
		ast_append(ast, n->list2, keys_and_values->items[i + 1]);
	}
	return done(ast, n);
}

/* == String literals ================================================================================================= */

static struct node *join_plain(struct ast *ast, enum node_kind kind, struct span span, struct node *const *parts, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += parts[i]->size;
	struct node *n = ast_node(ast, kind, span);
	char *text = ast_room(ast, size + 1);
	n->text = text;
	n->size = size;
	for (size_t i = 0; i < count; i++) {
		memcpy(text, parts[i]->text, parts[i]->size);
		text += parts[i]->size;
	}
	return n;
}

/* The pieces of all literals in one row. */
static struct node_list *all_pieces(struct ast *ast, const struct node_list *parts)
{
	struct node_list *pieces = ast_list(ast, NULL);
	for (size_t i = 0; i < parts->count; i++) {
		if (parts->items[i]->kind == NODE_FSTRING)
			list_join(ast, pieces, parts->items[i]->list);
		else if (parts->items[i]->size)
			ast_append(ast, pieces, parts->items[i]);
	}
	return pieces;
}

/* Neighbouring texts become one, as in Python's tree. */
static struct node *join_format(struct ast *ast, struct span span, const struct node_list *parts)
{
	struct node_list *pieces = all_pieces(ast, parts), *joined = ast_list(ast, NULL);
	for (size_t i = 0, run; i < pieces->count; i += run) {
		struct node **from = pieces->items + i;
		for (run = 0; i + run < pieces->count && from[run]->kind == NODE_STR; run++)
			;
		if (run > 1)
			ast_append(ast, joined, join_plain(ast, NODE_STR, (struct span){from[0]->span.start, from[run - 1]->span.end}, from, run));
		else
			ast_append(ast, joined, from[0]);
		run += !run;
	}
	return make_list(ast, NODE_FSTRING, span, joined);
}

struct node *make_strings(struct ast *ast, struct span span, struct node_list *parts)
{
	bool bytes = holds(parts, NODE_BYTES), text = holds(parts, NODE_STR), format = holds(parts, NODE_FSTRING);
	if (parts->count == 1)
		return parts->items[0];
	if (bytes && (text || format))
		refuse(ast, span, "cannot mix bytes and nonbytes literals");
	if (format)
		return join_format(ast, span, parts);
	return join_plain(ast, bytes ? NODE_BYTES : NODE_STR, span, parts->items, parts->count);
}

struct node *make_field(struct ast *ast, struct span span, struct node *value, const char *own_text, const char *conversion, struct span at,
	struct node *spec)
{
	if (conversion && (strlen(conversion) != 1 || !strchr("rsa", conversion[0])))
		refuse(ast, at, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
	struct node *n = make_node(ast, NODE_FORMATTED, span, value, spec, NULL);
	n->text = own_text;
	n->number = conversion ? conversion[0] : own_text && !spec ? 'r' : 0;
	return n;
}

/* == Parameters ====================================================================================================== */

struct node *make_lambda(struct ast *ast, struct span span, struct node_list *params, struct node *body)
{
	struct node *n = ast_node(ast, NODE_LAMBDA, span);
	n->params = params;
	n->a = body;
	return done(ast, n);
}

struct node *make_param(struct ast *ast, struct span span, int kind, const char *name, struct span name_at, struct node *annotation,
	struct node *value)
{
	struct node *n = make_node(ast, NODE_PARAM, span, annotation, value, NULL);
	n->number = kind;
	n->text = name;
	n->span2 = name_at;
	return n;
}

/* What has been seen so far, from left to right. */
struct param_state {
	struct node_list *out;
	bool slash, star, double_star, bare, defaults;
};

static void param_slash(struct ast *ast, struct param_state *s, struct node *n)
{
	if (s->slash)
		refuse(ast, n->span, "/ may appear only once");
	else if (s->star)
		refuse(ast, n->span, "/ must be ahead of *");
	else if (!s->out->count)
		refuse(ast, n->span, "at least one argument must precede /");
	s->slash = true;
	for (size_t i = 0; i < s->out->count; i++)
		s->out->items[i]->number = PARAM_POSITIONAL_ONLY;
}

static void param_star(struct ast *ast, struct param_state *s, struct node *n)
{
	if (s->star)
		refuse(ast, n->span, "* argument may appear only once");
	s->star = true;
	s->bare = n->number == MARK_STAR;
}

static void param_plain(struct ast *ast, struct param_state *s, struct node *n)
{
	if (s->star) {
		n->number = PARAM_KEYWORD_ONLY;
		s->bare = false;
	} else if (!n->b && s->defaults) {
		refuse(ast, n->span, "non-default argument follows default argument");
	}
	s->defaults |= n->b != NULL;
}

static void param_add(struct ast *ast, struct param_state *s, struct node *n)
{
	for (size_t i = 0; i < s->out->count; i++)
		if (!strcmp(s->out->items[i]->text, n->text))
			ast_error(ast, "SyntaxError", n->span2, "duplicate argument '%s' in function definition", n->text);
	ast_append(ast, s->out, n);
}

struct node_list *make_params(struct ast *ast, struct node_list *written)
{
	struct param_state s = {.out = ast_list(ast, NULL)};
	for (size_t i = 0; i < written->count; i++) {
		struct node *n = written->items[i];
		if (s.double_star)
			refuse(ast, n->span, "arguments cannot follow var-keyword argument");
		if (n->number == MARK_SLASH)
			param_slash(ast, &s, n);
		else if (n->number == MARK_STAR || n->number == PARAM_STAR)
			param_star(ast, &s, n);
		else if (n->number == PARAM_PLAIN)
			param_plain(ast, &s, n);
		s.double_star |= n->number == PARAM_DOUBLE_STAR;
		if (n->text)
			param_add(ast, &s, n);
	}
	if (s.bare)
		refuse(ast, written->items[written->count - 1]->span, "named arguments must follow bare *");
	return s.out;
}
