/* Calls of layers and library functions, and the attributes of what they give: run with what the text itself says. */
#include <string.h>

#include "base/mem.h"
#include "packet/layer.h"
#include "shell/check_own.h"

/* ---- what is known without running the program --------------------------------------------------------------------- */

static value module_part(struct check *c, const struct node *n);

/* A library value that an expression names: IP, scapy.IP, socket.AF_INET. Owned; unset: not known. */
static value known_value(struct check *c, const struct node *n)
{
	if (n->kind == NODE_NAME)
		return value_keep(check_known(c, n->text));
	return n->kind == NODE_ATTRIBUTE ? module_part(c, n) : VALUE_UNSET;
}

static value module_part(struct check *c, const struct node *n)
{
	value of = known_value(c, n->a), v = VALUE_UNSET;
	if (is_kind(of, KIND_MODULE))
		v = value_attr_or_unset(c->vm, of, str_intern(c->vm, n->text));
	if (vm_pending(c->vm))
		vm_clear(c->vm);
	value_drop(of);
	return v;
}

static struct layer *known_layer(struct check *c, const struct node *n)
{
	value v = known_value(c, n);
	struct layer *l = is_layer_class(v) ? layer_of((struct type *)v.o) : NULL;
	value_drop(v);                           /* classes live as long as the machine */
	return l;
}

static bool literal(struct check *c, const struct node *n);

static bool literals(struct check *c, const struct node_list *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (!list->items[i] || !literal(c, list->items[i]))
			return false;
	return true;
}

/* Does it have one value, whatever the program does? Powers are left out: they may take for ever. */
static bool literal(struct check *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_NONE: case NODE_TRUE: case NODE_FALSE: case NODE_INT: case NODE_FLOAT: case NODE_STR: case NODE_BYTES:
		return true;
	case NODE_TUPLE: case NODE_LIST:
		return literals(c, n->list);
	case NODE_UNARY:
		return literal(c, n->a);
	case NODE_BINARY:
		return (n->op == OP_ADD_ || n->op == OP_SUB_ || n->op == OP_OR_) && literal(c, n->a) && literal(c, n->b);
	default:
		return false;
	}
}

/* ---- calls ------------------------------------------------------------------------------------------------------------- */

static struct node *call_with(struct check *c, const struct node *call, struct node *function, struct node_list *args)
{
	struct node *n = check_node(c, NODE_CALL, call), *statement = check_node(c, NODE_EXPR, call);
	n->a = function;
	n->args = args;
	statement->a = n;
	return statement;
}

/* The argument with None in place of a value that is not known. */
static struct node *with_none(struct check *c, struct node *arg, bool keep_literals)
{
	struct node *given = arg->kind == NODE_KEYWORD ? arg->a : arg;
	if (keep_literals && literal(c, given))
		return arg;
	struct node *none = check_node(c, NODE_NONE, given);
	if (arg->kind != NODE_KEYWORD)
		return none;
	struct node *n = check_node(c, NODE_KEYWORD, arg);
	n->text = arg->text;
	n->a = none;
	return n;
}

static bool spreads(const struct node *call)
{
	for (size_t i = 0; call->args && i < call->args->count; i++)
		if (call->args->items[i]->kind == NODE_STARRED || call->args->items[i]->kind == NODE_DOUBLE_STARRED)
			return true;
	return false;
}

/* A layer is made of the named arguments; a positional one may be bytes to dissect. What one may be can depend on another, so
 * they are judged together, and when that fails each alone, so that all that is wrong is said. */
static void check_layer_call(struct check *c, const struct node *call)
{
	struct node_list *args = ast_list(c->ast, NULL);
	for (size_t i = 0; call->args && i < call->args->count; i++)
		if (call->args->items[i]->kind == NODE_KEYWORD)
			ast_append(c->ast, args, with_none(c, call->args->items[i], true));
	size_t had = c->count;
	if (!args->count || check_run(c, call_with(c, call, call->a, args), c->imported))
		return;
	for (size_t i = 0; i < args->count; i++) {
		struct node *statement = call_with(c, call, call->a, ast_list(c->ast, args->items[i]));
		statement->span = args->items[i]->span;
		check_run(c, statement, c->imported);
	}
	if (c->count > had + 1) {                /* said of the argument: the first, of all together, says no more */
		mem_free(c->findings[had].text);
		memmove(c->findings + had, c->findings + had + 1, (c->count-- - had - 1) * sizeof *c->findings);
	}
}

static void check_function_call(struct check *c, const struct node *call, value function)
{
	struct node_list *args = ast_list(c->ast, NULL);
	for (size_t i = 0; call->args && i < call->args->count; i++)
		ast_append(c->ast, args, with_none(c, call->args->items[i], false));
	struct node *callee = check_node(c, NODE_NAME, call->a);
	callee->text = "bind_only";
	struct dict *globals = dict_new(c->vm);
	value binder = native_new(c->vm, &call_binder, NULL);
	dict_set_text(c->vm, globals, "bind_only", method_new(c->vm, binder, function));
	value_drop(binder);
	check_run(c, call_with(c, call, callee, args), globals);
	object_drop(globals);
}

static void check_call(struct check *c, struct node *call)
{
	value f = known_value(c, call->a);
	if (!spreads(call)) {
		if (is_layer_class(f))
			check_layer_call(c, call);
		else if (is_kind(f, KIND_FUNCTION) || (is_kind(f, KIND_NATIVE) && ((struct native_function *)f.o)->spec->fn &&
			is_unset(((struct native_function *)f.o)->self)))
			check_function_call(c, call, f);
	}
	value_drop(f);
}

/* ---- attributes ---------------------------------------------------------------------------------------------------------- */

/* A positional argument may be bytes, with any payload in them. */
static bool only_named(const struct node *call)
{
	for (size_t i = 0; call->args && i < call->args->count; i++)
		if (call->args->items[i]->kind != NODE_KEYWORD)
			return false;
	return true;
}

/* Layers that an expression surely is, as an expression of calls without arguments; NULL: not known. */
static struct node *layers_of(struct check *c, struct node *n)
{
	if (n->kind == NODE_CALL && only_named(n) && known_layer(c, n->a))
		return call_with(c, n, n->a, ast_list(c->ast, NULL))->a;
	if (n->kind == NODE_NAME) {
		value at = dict_get_text(c->vm, c->stacks, n->text);
		return at.tag == TAG_INT ? (struct node *)(intptr_t)at.i : NULL;
	}
	struct node *a = n->kind == NODE_BINARY && n->op == OP_DIV_ ? layers_of(c, n->a) : NULL;
	struct node *b = a ? layers_of(c, n->b) : NULL;
	if (!b)
		return NULL;
	struct node *div = check_node(c, NODE_BINARY, n);
	div->op = n->op;
	div->a = a;
	div->b = b;
	return div;
}

/* p = IP()/UDP(), the only place that binds p: from here on its layers are known. */
static void remember(struct check *c, struct node *n)
{
	struct node *target = n->list->count == 1 ? n->list->items[0] : NULL;
	if (!target || target->kind != NODE_NAME)
		return;
	value stored = dict_get_text(c->vm, c->stored, target->text);
	struct node *layers = stored.tag == TAG_INT && stored.i == 1 ? layers_of(c, n->a) : NULL;
	if (layers)
		dict_set_text(c->vm, c->stacks, target->text, value_int((intptr_t)layers));
}

/* p.ttl, p[IP].ttl: the same of layers that are known. NULL: not known. */
static struct node *attribute_of_known(struct check *c, struct node *n)
{
	struct node *of = n->a, *layers;
	if (of->kind == NODE_SUBSCRIPT && known_layer(c, of->b)) {
		if (!(layers = layers_of(c, of->a)))
			return NULL;
		struct node *item = check_node(c, NODE_SUBSCRIPT, of);
		item->a = layers;
		item->b = of->b;
		layers = item;
	} else {
		layers = layers_of(c, of);
	}
	if (!layers)
		return NULL;
	struct node *attribute = check_node(c, NODE_ATTRIBUTE, n);
	attribute->a = layers;
	attribute->text = n->text;
	return attribute;
}

static void check_attribute(struct check *c, struct node *n)
{
	value of = known_value(c, n->a);
	struct node *attribute = is_kind(of, KIND_MODULE) ? n : c->grows ? NULL : attribute_of_known(c, n);
	value_drop(of);
	if (!attribute)
		return;
	struct node *statement = check_node(c, NODE_EXPR, n);
	statement->a = attribute;
	check_run(c, statement, c->imported);
}

/* p[IP].ttl = 300 */
static void check_assigned(struct check *c, struct node *n, struct node *target)
{
	struct node *attribute = target->kind == NODE_ATTRIBUTE && !c->grows ? attribute_of_known(c, target) : NULL;
	if (!attribute)
		return;
	struct node *statement = check_node(c, NODE_ASSIGN, n);
	statement->list = ast_list(c->ast, attribute);
	statement->a = literal(c, n->a) ? n->a : check_node(c, NODE_NONE, n->a);
	check_run(c, statement, c->imported);
}

/* ---- the walk ---------------------------------------------------------------------------------------------------------- */

static void walk(struct check *c, struct node *n, void (*visit)(struct check *c, struct node *n));

static void walk_list(struct check *c, const struct node_list *list, void (*visit)(struct check *c, struct node *n))
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i])
			walk(c, list->items[i], visit);
}

/* What is assigned to is no value that is read; what stands in it is. */
static void walk_targets(struct check *c, const struct node *n, void (*visit)(struct check *c, struct node *n))
{
	for (size_t i = 0; i < n->list->count; i++) {
		struct node *target = n->list->items[i];
		walk(c, target->kind == NODE_ATTRIBUTE ? target->a : target, visit);
	}
}

static void walk(struct check *c, struct node *n, void (*visit)(struct check *c, struct node *n))
{
	struct node *const parts[] = { n->a, n->b, n->c };
	for (size_t i = 0; i < 3; i++)
		if (parts[i])
			walk(c, parts[i], visit);
	struct node_list *const lists[] = { n->list2, n->args, n->params, n->kind == NODE_ASSIGN ? NULL : n->list, n->list3, n->list4 };
	for (size_t i = 0; i < 6; i++) {
		bool tried = n->kind == NODE_TRY && lists[i] == n->list;
		c->trying += tried;
		walk_list(c, lists[i], visit);
		c->trying -= tried;
	}
	if (n->kind == NODE_ASSIGN)
		walk_targets(c, n, visit);
	visit(c, n);
}

static void visit_expression(struct check *c, struct node *n)
{
	if (c->trying && n->kind != NODE_ASSIGN) {
		return;                         /* what is tried may be refused */
	} else if (n->kind == NODE_CALL) {
		check_call(c, n);
	} else if (n->kind == NODE_ATTRIBUTE) {
		check_attribute(c, n);
	} else if (n->kind == NODE_ASSIGN) {
		for (size_t i = 0; i < n->list->count; i++)
			check_assigned(c, n, n->list->items[i]);
		remember(c, n);
	}
}

static bool among(const char *text, const char *const *list)
{
	while (*list && strcmp(text, *list))
		list++;
	return *list != NULL;
}

static void note_habit(struct check *c, struct node *n)
{
	static const char *const PAYLOADS[] = { "payload", "add_payload", "remove_payload", "underlayer", NULL };
	static const char *const OPENS[] = { "exec", "globals", "setattr", "NameError", NULL };
	c->grows = c->grows || (n->kind == NODE_ATTRIBUTE && among(n->text, PAYLOADS));
	c->open = c->open || (n->kind == NODE_NAME && among(n->text, OPENS));
	c->moves = c->moves || (n->kind == NODE_ATTRIBUTE && !strcmp(n->text, "path") && n->a->kind == NODE_NAME && !strcmp(n->a->text, "sys"));
}

void check_habits(struct check *c, struct node *root)
{
	walk(c, root, note_habit);
}

void check_expressions(struct check *c, struct node *root)
{
	walk(c, root, visit_expression);
}
