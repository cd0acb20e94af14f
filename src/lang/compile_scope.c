/* The first pass: whose variable is each name? */
#include <string.h>

#include "base/mem.h"
#include "lang/compile.h"

static size_t slot_of(const struct scope *s, const struct str *name)
{
	size_t at = ((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u >> 20 & (s->index_size - 1);
	while (s->index[at] && s->symbols[s->index[at] - 1].name != name)
		at = (at + 1) & (s->index_size - 1);
	return at;
}

struct symbol *scope_find(const struct scope *s, const struct str *name)
{
	if (!s->count)
		return NULL;
	size_t at = slot_of(s, name);
	return s->index[at] ? &s->symbols[s->index[at] - 1] : NULL;
}

static void index_again(struct scope *s)
{
	mem_free(s->index);
	s->index_size = s->index_size ? s->index_size * 2 : 16;
	s->index = mem_zero(s->index_size * sizeof *s->index);
	for (size_t i = 0; i < s->count; i++)
		s->index[slot_of(s, s->symbols[i].name)] = i + 1;
}

static struct symbol *symbol_of(struct scope *s, struct str *name)
{
	struct symbol *found = scope_find(s, name);
	if (found)
		return found;
	if (2 * (s->count + 1) > s->index_size)
		index_again(s);
	if (s->count == s->room)
		s->symbols = mem_resize(s->symbols, (s->room = s->room ? s->room * 2 : 8) * sizeof *s->symbols);
	s->symbols[s->count] = (struct symbol){ .name = name, .global = -1 };
	s->index[slot_of(s, name)] = s->count + 1;
	return &s->symbols[s->count++];
}

/* A name that begins with two underscores and does not end so is the class's own. */
struct str *scope_name(struct compiler *c, const struct scope *s, const char *text)
{
	size_t len = strlen(text);
	if (!s->class_name || text[0] != '_' || text[1] != '_' || (text[len - 1] == '_' && text[len - 2] == '_'))
		return str_intern(c->vm, text);
	const char *class = s->class_name + strspn(s->class_name, "_");
	if (!*class)
		return str_intern(c->vm, text);
	struct buf b = { 0 };
	buf_print(&b, "_%s%s", class, text);
	struct str *name = str_intern(c->vm, buf_str(&b));
	buf_free(&b);
	return name;
}

static struct scope *scope_new(struct scope *up, enum scope_kind kind, const struct node *node)
{
	struct scope *s = mem_zero(sizeof *s);
	s->kind = kind;
	s->node = node;
	s->up = up;
	if (!up)
		return s;
	s->class_name = kind == SCOPE_CLASS ? node->text : up->class_name;
	if (up->inner_count == up->inner_room)
		up->inner = mem_resize(up->inner, (up->inner_room = up->inner_room ? up->inner_room * 2 : 4) * sizeof *up->inner);
	up->inner[up->inner_count++] = s;
	return s;
}

void scope_free(struct scope *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->inner_count; i++)
		scope_free(s->inner[i]);
	mem_free(s->inner);
	mem_free(s->symbols);
	mem_free(s->index);
	mem_free(s->frees);
	mem_free(s);
}

/* A finally body is compiled more than once, so the search starts behind the last find and goes round. */
struct scope *scope_inner(struct scope *s, const struct node *node)
{
	for (size_t i = 0; i < s->inner_count; i++) {
		size_t at = (s->inner_next + i) % s->inner_count;
		if (s->inner[at]->node == node) {
			s->inner_next = at + 1;
			return s->inner[at];
		}
	}
	return NULL;
}

/* ---- the walk ------------------------------------------------------------------------------------------------------ */

static void walk(struct compiler *c, struct scope *s, const struct node *n);

static void walk_list(struct compiler *c, struct scope *s, const struct node_list *list)
{
	for (size_t i = 0; i < list_count(list) && !compile_failed(c); i++)
		walk(c, s, list->items[i]);
}

static struct symbol *mark(struct compiler *c, struct scope *s, const char *text, unsigned flags)
{
	struct symbol *symbol = symbol_of(s, scope_name(c, s, text));
	symbol->flags |= flags;
	return symbol;
}

static void bind(struct compiler *c, struct scope *s, const struct node *n, const char *text)
{
	if (!strcmp(text, "__debug__"))
		compile_error(c, n->span, "cannot assign to __debug__");
	mark(c, s, text, SYM_BOUND);
}

static void walk_target(struct compiler *c, struct scope *s, const struct node *n)
{
	switch (n->kind) {
	case NODE_NAME:
		bind(c, s, n, n->text);
		break;
	case NODE_TUPLE:
	case NODE_LIST:
		for (size_t i = 0; i < list_count(n->list); i++)
			walk_target(c, s, n->list->items[i]);
		break;
	case NODE_STARRED:
		walk_target(c, s, n->a);
		break;
	default:
		walk(c, s, n);
	}
}

static void walk_params(struct compiler *c, struct scope *inner, struct scope *outer, const struct node_list *params)
{
	for (size_t i = 0; i < list_count(params); i++) {
		const struct node *p = params->items[i];
		if (p->b)
			walk(c, outer, p->b);
		if (p->a)
			walk(c, outer, p->a);
	}
	/* in the order of the registers: positional, keyword-only, *args, **kwargs */
	static const bool order[4][5] = {
		{ [PARAM_POSITIONAL_ONLY] = true, [PARAM_PLAIN] = true }, { [PARAM_KEYWORD_ONLY] = true },
		{ [PARAM_STAR] = true }, { [PARAM_DOUBLE_STAR] = true },
	};
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < list_count(params); i++) {
			const struct node *p = params->items[i];
			if (!order[round][p->number] || !p->text)
				continue;
			struct symbol *symbol = mark(c, inner, p->text, 0);
			if (symbol->flags & SYM_PARAM)
				compile_error(c, p->span, "duplicate argument '%s' in function definition", p->text);
			symbol->flags |= SYM_PARAM | SYM_BOUND;
		}
}

static void walk_function(struct compiler *c, struct scope *s, const struct node *n)
{
	struct scope *inner = scope_new(s, SCOPE_FUNCTION, n);
	walk_params(c, inner, s, n->params);
	if (n->kind == NODE_LAMBDA)
		walk(c, inner, n->a);
	else
		walk_list(c, inner, n->list);
}

static void walk_def(struct compiler *c, struct scope *s, const struct node *n)
{
	walk_list(c, s, n->list2);
	if (n->a)
		walk(c, s, n->a);
	bind(c, s, n, n->text);
	walk_function(c, s, n);
}

static void walk_class(struct compiler *c, struct scope *s, const struct node *n)
{
	walk_list(c, s, n->list2);
	walk_list(c, s, n->args);
	bind(c, s, n, n->text);
	walk_list(c, scope_new(s, SCOPE_CLASS, n), n->list);
}

static void walk_comprehension(struct compiler *c, struct scope *s, const struct node *n)
{
	struct scope *inner = scope_new(s, SCOPE_COMPREHENSION, n);
	inner->generator = n->kind == NODE_GENERATOR;
	symbol_of(inner, str_intern(c->vm, ".0"))->flags |= SYM_PARAM | SYM_BOUND;
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *f = n->list->items[i];
		walk(c, i ? inner : s, f->b);
		walk_target(c, inner, f->a);
		walk_list(c, inner, f->list);
	}
	walk(c, inner, n->a);
	if (n->b)
		walk(c, inner, n->b);
}

/* x := v inside a comprehension belongs to the function that the comprehension stands in. */
static void walk_named(struct compiler *c, struct scope *s, const struct node *n)
{
	walk(c, s, n->a);
	struct scope *owner = s;
	while (owner->kind == SCOPE_COMPREHENSION) {
		struct symbol *symbol = mark(c, owner, n->text, 0);
		if (symbol->flags & SYM_BOUND && !(symbol->flags & (SYM_GLOBAL | SYM_NONLOCAL))) {
			compile_error(c, n->span, "assignment expression cannot rebind comprehension iteration variable '%s'", n->text);
			return;
		}
		owner = owner->up;
	}
	if (owner == s) {
		mark(c, s, n->text, SYM_BOUND | SYM_NAMED);
		return;
	}
	if (owner->kind == SCOPE_CLASS) {
		compile_error(c, n->span, "assignment expression within a comprehension cannot be used in a class body");
		return;
	}
	bool global = owner->kind == SCOPE_MODULE || (mark(c, owner, n->text, 0)->flags & SYM_GLOBAL);
	mark(c, owner, n->text, SYM_BOUND | SYM_NAMED);
	for (struct scope *in = s; in != owner; in = in->up)
		mark(c, in, n->text, SYM_BOUND | (global ? SYM_GLOBAL : SYM_NONLOCAL));
}

static void walk_declaration(struct compiler *c, struct scope *s, const struct node *n)
{
	bool global = n->kind == NODE_GLOBAL;
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *name = n->list->items[i];
		struct symbol *symbol = mark(c, s, name->text, 0);
		const char *word = global ? "global" : "nonlocal";
		if (symbol->flags & SYM_PARAM)
			compile_error(c, name->span, "name '%s' is parameter and %s", name->text, word);
		else if (symbol->flags & (global ? SYM_NONLOCAL : SYM_GLOBAL))
			compile_error(c, name->span, "name '%s' is nonlocal and global", name->text);
		else if (symbol->flags & SYM_BOUND && !(symbol->flags & (SYM_GLOBAL | SYM_NONLOCAL)))
			compile_error(c, name->span, "name '%s' is assigned to before %s declaration", name->text, word);
		else if (symbol->flags & SYM_USED && !(symbol->flags & (SYM_GLOBAL | SYM_NONLOCAL)))
			compile_error(c, name->span, "name '%s' is used prior to %s declaration", name->text, word);
		else if (!global && s->kind == SCOPE_MODULE)
			compile_error(c, name->span, "nonlocal declaration not allowed at module level");
		symbol->flags |= global ? SYM_GLOBAL : SYM_NONLOCAL;
		symbol->span = name->span;
	}
}

static void walk_import(struct compiler *c, struct scope *s, const struct node *n)
{
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *alias = n->list->items[i];
		if (alias->text2) {
			bind(c, s, alias, alias->text2);
		} else if (strcmp(alias->text, "*")) {
			char *first = mem_text(alias->text);
			if (n->kind == NODE_IMPORT)
				first[strcspn(first, ".")] = 0;
			bind(c, s, alias, first);
			mem_free(first);
		} else if (s->kind != SCOPE_MODULE) {
			compile_error(c, n->span, "import * only allowed at module level");
		}
	}
}

static void walk_yield(struct compiler *c, struct scope *s, const struct node *n)
{
	if (s->kind == SCOPE_COMPREHENSION)
		compile_error(c, n->span, "'yield' inside a comprehension");
	else if (s->kind != SCOPE_FUNCTION)
		compile_error(c, n->span, "'yield' outside function");
	s->generator = true;
	if (n->a)
		walk(c, s, n->a);
}

static void walk_name(struct compiler *c, struct scope *s, const struct node *n)
{
	mark(c, s, n->text, SYM_USED);
	if (!strcmp(n->text, "super"))
		for (struct scope *in = s; in && in->kind != SCOPE_MODULE; in = in->up)
			if (in->kind == SCOPE_FUNCTION) {
				mark(c, in, "__class__", SYM_USED);
				break;
			}
}

/* Where what is bound and what is only used look alike, every slot of the node is walked. */
static void walk_slots(struct compiler *c, struct scope *s, const struct node *n)
{
	if (n->a)
		walk(c, s, n->a);
	walk_list(c, s, n->list2 && n->kind == NODE_DICT ? NULL : n->list);
	if (n->b)
		walk(c, s, n->b);
	if (n->c)
		walk(c, s, n->c);
	walk_list(c, s, n->kind == NODE_DICT ? NULL : n->list2);
	walk_list(c, s, n->args);
	walk_list(c, s, n->list3);
	walk_list(c, s, n->list4);
}

static void walk_dict(struct compiler *c, struct scope *s, const struct node *n)
{
	for (size_t i = 0; i < list_count(n->list); i++) {
		if (n->list->items[i])
			walk(c, s, n->list->items[i]);
		walk(c, s, n->list2->items[i]);
	}
}

static void walk_statement(struct compiler *c, struct scope *s, const struct node *n)
{
	switch (n->kind) {
	case NODE_ASSIGN:
		walk(c, s, n->a);
		for (size_t i = 0; i < n->list->count; i++)
			walk_target(c, s, n->list->items[i]);
		break;
	case NODE_AUG_ASSIGN:
		walk(c, s, n->b);
		walk_target(c, s, n->a);
		break;
	case NODE_ANN_ASSIGN:
		if (n->c)
			walk(c, s, n->c);
		walk_target(c, s, n->a);
		if (s->kind != SCOPE_FUNCTION)
			walk(c, s, n->b);
		break;
	case NODE_DEL:
		for (size_t i = 0; i < n->list->count; i++)
			walk_target(c, s, n->list->items[i]);
		break;
	case NODE_FOR:
		walk(c, s, n->b);
		walk_target(c, s, n->a);
		walk_list(c, s, n->list);
		walk_list(c, s, n->list2);
		break;
	case NODE_HANDLER:
		if (n->a)
			walk(c, s, n->a);
		if (n->text)
			bind(c, s, n, n->text);
		walk_list(c, s, n->list);
		break;
	case NODE_WITH:
		walk_list(c, s, n->list2);
		walk_list(c, s, n->list);
		break;
	case NODE_WITH_ITEM:
		walk(c, s, n->a);
		if (n->b)
			walk_target(c, s, n->b);
		break;
	default:
		walk_slots(c, s, n);
	}
}

static void walk(struct compiler *c, struct scope *s, const struct node *n)
{
	if (compile_failed(c) || !compile_enter(c, n->span))
		return;
	switch (n->kind) {
	case NODE_NAME:       walk_name(c, s, n); break;
	case NODE_DEF:        walk_def(c, s, n); break;
	case NODE_LAMBDA:     walk_function(c, s, n); break;
	case NODE_CLASS:      walk_class(c, s, n); break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
	case NODE_GENERATOR:  walk_comprehension(c, s, n); break;
	case NODE_NAMED:      walk_named(c, s, n); break;
	case NODE_GLOBAL:
	case NODE_NONLOCAL:   walk_declaration(c, s, n); break;
	case NODE_IMPORT:
	case NODE_IMPORT_FROM: walk_import(c, s, n); break;
	case NODE_YIELD:
	case NODE_YIELD_FROM: walk_yield(c, s, n); break;
	case NODE_DICT:       walk_dict(c, s, n); break;
	default:              walk_statement(c, s, n);
	}
	compile_leave(c);
}

/* ---- settling ------------------------------------------------------------------------------------------------------ */

int scope_free_index(const struct scope *s, const struct str *name)
{
	for (size_t i = 0; i < s->free_count; i++)
		if (s->frees[i] == name)
			return (int)i;
	return -1;
}

static void free_add(struct scope *s, struct str *name)
{
	if (scope_free_index(s, name) >= 0)
		return;
	if (s->free_count == s->free_room)
		s->frees = mem_resize(s->frees, (s->free_room = s->free_room ? s->free_room * 2 : 4) * sizeof *s->frees);
	s->frees[s->free_count++] = name;
}

/* Makes a variable of an outer function reach the inside of `s`: as its own cell, or handed through its closure. */
static bool capture(struct compiler *c, struct scope *s, struct str *name)
{
	if (s->kind == SCOPE_MODULE)
		return false;
	if (s->kind == SCOPE_CLASS) {
		if (name == c->vm->names.class_)
			return s->class_cell = true;
	} else {
		struct symbol *symbol = scope_find(s, name);
		if (symbol && symbol->flags & SYM_GLOBAL)
			return false;
		if (symbol && symbol->flags & SYM_BOUND && !(symbol->flags & SYM_NONLOCAL)) {
			symbol->flags |= SYM_CAPTURED;
			return true;
		}
	}
	if (!capture(c, s->up, name))
		return false;
	free_add(s, name);
	return true;
}

static void settle_nonlocal(struct compiler *c, struct scope *s, struct symbol *symbol)
{
	symbol->place = PLACE_FREE;
	if (capture(c, s->up, symbol->name))
		free_add(s, symbol->name);
	else
		compile_error(c, symbol->span, "no binding for nonlocal '%s' found", symbol->name->data);
}

static void settle_symbol(struct compiler *c, struct scope *s, struct symbol *symbol)
{
	if (symbol->flags & SYM_GLOBAL) {
		symbol->place = PLACE_GLOBAL;
	} else if (symbol->flags & SYM_NONLOCAL) {
		settle_nonlocal(c, s, symbol);
	} else if (s->kind == SCOPE_MODULE) {
		symbol->place = s->namespace ? PLACE_NAME : PLACE_GLOBAL;
	} else if (s->kind == SCOPE_CLASS && symbol->flags & SYM_BOUND) {
		symbol->place = PLACE_NAME;
	} else if (symbol->flags & SYM_BOUND) {
		symbol->place = PLACE_LOCAL;            /* or a cell, when all inner scopes have been asked */
	} else if (capture(c, s->up, symbol->name)) {
		free_add(s, symbol->name);
		symbol->place = s->kind == SCOPE_CLASS ? PLACE_CLASS_FREE : PLACE_FREE;
	} else {
		symbol->place = s->kind == SCOPE_CLASS ? PLACE_NAME : PLACE_GLOBAL;
	}
}

static void settle(struct compiler *c, struct scope *s)
{
	for (size_t i = 0; i < s->count; i++)
		settle_symbol(c, s, &s->symbols[i]);
	for (size_t i = 0; i < s->inner_count; i++)
		settle(c, s->inner[i]);
}

struct scope *scope_analyse(struct compiler *c, const struct ast *ast, bool namespace)
{
	struct scope *s = scope_new(NULL, SCOPE_MODULE, NULL);
	s->namespace = namespace;
	walk_list(c, s, ast->body);
	if (!compile_failed(c))
		settle(c, s);
	return s;
}
