#include "shell/check.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/code.h"
#include "shell/check_own.h"
#include "shell/index.h"

/* ---- findings --------------------------------------------------------------------------------------------------------- */

/* "lab.pkt:3:14: ...": where an error's text says that it is. */
static uint64_t place_said(const struct check *c, const char *text)
{
	const char *name = c->ast->source->name, *at = strstr(text, name);
	unsigned line = 0, column = 0;
	if (at)
		sscanf(at + strlen(name), ":%u:%u", &line, &column);
	return (uint64_t)line << 32 | column;
}

void check_found(struct check *c)
{
	value exception = vm_take_pending(c->vm);
	struct buf text = { 0 };
	vm_format_exception(c->vm, exception, &text);
	value_drop(exception);
	if (c->count == c->room)
		c->findings = mem_resize(c->findings, (c->room = c->room ? 2 * c->room : 16) * sizeof *c->findings);
	c->findings[c->count++] = (struct finding){ place_said(c, buf_str(&text)), mem_text(buf_str(&text)) };
	buf_free(&text);
}

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* One fault may be met from two sides (a call, and the attribute of it): it is said once. */
static size_t print_findings(struct check *c)
{
	size_t said = 0;
	if (c->count)
		qsort(c->findings, c->count, sizeof *c->findings, by_place);
	for (size_t i = 0; i < c->count; i++) {
		if (!i || strcmp(c->findings[i].text, c->findings[i - 1].text))
			fputs(c->findings[i].text, stderr), said++;
	}
	return said;
}

/* ---- pieces that are run ---------------------------------------------------------------------------------------------- */

struct node *check_node(struct check *c, enum node_kind kind, const struct node *like)
{
	struct node *n = ast_node(c->ast, kind, like->span);
	n->span2 = like->span2;
	n->depth = like->depth;
	return n;
}

bool check_run(struct check *c, struct node *statement, struct dict *globals)
{
	struct node_list *body = c->ast->body;
	c->ast->body = ast_list(c->ast, statement);
	value result = vm_run_ast(c->vm, c->ast, globals, 0);
	c->ast->body = body;
	if (is_unset(result)) {
		check_found(c);
		return false;
	}
	value_drop(result);
	return true;
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static int64_t times(struct check *c, struct dict *d, const char *name)
{
	value v = dict_get_text(c->vm, d, name);
	return v.tag == TAG_INT ? v.i : 0;
}

static void once_more(struct check *c, struct dict *d, const char *name)
{
	dict_set_text(c->vm, d, name, value_int(times(c, d, name) + 1));
}

value check_known(struct check *c, const char *name)
{
	if (times(c, c->stored, name) > times(c, c->by_import, name))
		return VALUE_UNSET;
	value v = dict_get_text(c->vm, c->imported, name);
	if (is_unset(v))
		v = dict_get_text(c->vm, c->vm->builtins, name);
	if (!is_unset(v) || !index_file(name))
		return v;
	v = index_find(c->vm, str_intern(c->vm, name));
	if (is_unset(v))
		vm_clear(c->vm);
	else
		dict_set_text(c->vm, c->imported, name, v);      /* kept there */
	return dict_get_text(c->vm, c->imported, name);
}

/* Every name that the code binds, wherever: as a global, in a class's body, as somebody's local. */
static void collect(struct check *c, const struct code *code)
{
	for (uint32_t i = 0; i < code->count; i++)
		if (code->ops[i].op == OP_STORE_GLOBAL || code->ops[i].op == OP_STORE_NAME)
			once_more(c, c->stored, code->names[code->ops[i].b]->data);
	for (unsigned i = 0; i < code->locals; i++)
		if (code->local_names[i])
			once_more(c, c->stored, code->local_names[i]->data);
	for (unsigned i = 0; i < code->cells; i++)
		once_more(c, c->stored, code->cell_names[i]->data);
	for (uint32_t i = 0; i < code->const_count; i++)
		if (is_kind(code->consts[i], KIND_CODE))
			collect(c, (const struct code *)code->consts[i].o);
}

static const struct str *looked_up(const struct code *code, const struct instruction *in)
{
	switch (in->op) {
	case OP_LOAD_GLOBAL:
	case OP_LOAD_NAME:       return code->names[in->b];
	case OP_LOAD_CLASS_FREE: return code->names[in->b];
	default:                 return NULL;
	}
}

static void check_name(struct check *c, const struct str *name, struct span span)
{
	if (times(c, c->stored, name->data) || index_file(name->data) ||
		!is_unset(dict_get_text(c->vm, c->imported, name->data)) || !is_unset(dict_get_text(c->vm, c->vm->builtins, name->data)))
		return;
	struct node *n = ast_node(c->ast, NODE_NAME, span), *statement = ast_node(c->ast, NODE_EXPR, span);
	n->text = name->data;
	statement->a = n;
	statement->depth = 1;
	check_run(c, statement, c->stored);      /* its names are there, to be near to */
}

static void check_names(struct check *c, const struct code *code)
{
	for (uint32_t i = 0; i < code->count; i++) {
		const struct str *name = looked_up(code, &code->ops[i]);
		if (name)
			check_name(c, name, code->spans[i]);
	}
	for (uint32_t i = 0; i < code->const_count; i++)
		if (is_kind(code->consts[i], KIND_CODE))
			check_names(c, (const struct code *)code->consts[i].o);
}

/* ---- imports ----------------------------------------------------------------------------------------------------------- */

static bool readable(const char *folder, size_t len, const char *module, const char *end, struct buf *path)
{
	buf_clear(path);
	buf_add(path, folder, len);
	buf_char(path, '/');
	for (const char *at = module; *at; at++)
		buf_char(path, *at == '.' ? '/' : *at);
	buf_text(path, end);
	return access(buf_str(path), R_OK) == 0;
}

/* The file of a user's module: beside the program, or in a folder of PKTSH_PATH. */
static bool own_module(const struct check *c, const char *module, struct buf *path)
{
	static const char *const ENDS[] = { ".pkt", "/__init__.pkt" };
	char *copy = mem_text(c->ast->source->name);
	struct buf folders = { 0 };
	const char *more = getenv("PKTSH_PATH");
	buf_print(&folders, "%s:%s", dirname(copy), more ? more : "");
	mem_free(copy);
	bool found = false;
	for (const char *at = buf_str(&folders); *at && !found; at += *at == ':') {
		size_t len = strcspn(at, ":");
		for (size_t i = 0; len && !found && i < sizeof ENDS / sizeof *ENDS; i++)
			found = readable(at, len, module, ENDS[i], path);
		at += len;
	}
	buf_free(&folders);
	return found;
}

/* The names at the top level of a file that is read and not run. */
static bool names_of_file(struct check *c, const char *path)
{
	FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char part[4096];
	for (size_t n; f && (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&text, part, n);
	if (f)
		fclose(f);
	struct source *source = source_new(path, buf_str(&text), text.len);
	buf_free(&text);
	struct ast *ast = ast_parse(source, 0);
	struct code *code = ast->error.kind ? NULL : compile(c->vm, ast, 0);
	source_drop(source);
	ast_free(ast);
	if (!code)
		return vm_clear(c->vm), false;
	collect(c, code);
	object_drop(code);
	return true;
}

static bool has_star(const struct node *n)
{
	return n->kind == NODE_IMPORT_FROM && n->list && n->list->count && !strcmp(n->list->items[0]->text, "*");
}

/* A statement that imports a module of the user's: what it binds stays unknown. */
static bool imports_own(struct check *c, const struct node *n)
{
	struct buf path = { 0 };
	bool own = n->kind == NODE_IMPORT_FROM && (n->number || own_module(c, n->text, &path));
	if (n->kind == NODE_IMPORT)
		for (size_t i = 0; i < n->list->count && !own; i++)
			own = own_module(c, n->list->items[i]->text, &path);
	if (own && has_star(n) && (n->number || !names_of_file(c, buf_str(&path))))
		c->open = true;
	buf_free(&path);
	return own;
}

static void count_bound(struct check *c, const struct node *n)
{
	for (size_t i = 0; i < n->list->count; i++) {
		const struct node *alias = n->list->items[i];
		char *name = mem_text(alias->text2 ? alias->text2 : alias->text);
		if (n->kind == NODE_IMPORT && !alias->text2)
			name[strcspn(name, ".")] = 0;
		once_more(c, c->by_import, name);
		mem_free(name);
	}
}

/* An import of one module. The library's come first, as when the program runs. */
static void check_import(struct check *c, struct node *n)
{
	size_t had = c->count;
	if (check_run(c, n, c->imported)) {
		count_bound(c, n);
		return;
	}
	bool own = imports_own(c, n);
	c->open = c->open || (!own && has_star(n));
	if (own || c->trying || c->moves)
		while (c->count > had)
			mem_free(c->findings[--c->count].text);
}

static void each_import(struct check *c, struct node *n);

static void imports_in(struct check *c, const struct node_list *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i])
			each_import(c, list->items[i]);
}

static void each_import(struct check *c, struct node *n)
{
	if (n->kind == NODE_IMPORT_FROM) {
		check_import(c, n);
		return;
	}
	for (size_t i = 0; n->kind == NODE_IMPORT && i < n->list->count; i++) {
		struct node *one = check_node(c, NODE_IMPORT, n);
		one->list = ast_list(c->ast, n->list->items[i]);
		check_import(c, one);
	}
	if (n->kind == NODE_IMPORT)
		return;
	c->trying += n->kind == NODE_TRY;
	imports_in(c, n->list);
	c->trying -= n->kind == NODE_TRY;
	imports_in(c, n->list2);
	imports_in(c, n->list3);
	imports_in(c, n->list4);
}

/* ---- the whole --------------------------------------------------------------------------------------------------------- */

static void begin(struct check *c)
{
	static const char *const GIVEN[] = { "__name__", "__file__", "__doc__", "__builtins__", "__annotations__", "__package__", "__path__", "_" };
	c->stored = dict_new(c->vm);
	c->by_import = dict_new(c->vm);
	c->imported = dict_new(c->vm);
	c->stacks = dict_new(c->vm);
	dict_set_text(c->vm, c->imported, "__name__", str_value(c->vm, "__main__"));
	for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++)
		once_more(c, c->stored, GIVEN[i]);
}

static void check_all(struct check *c, struct code *code)
{
	begin(c);
	collect(c, code);
	for (size_t i = 0; i < c->ast->body->count; i++)
		check_habits(c, c->ast->body->items[i]);
	imports_in(c, c->ast->body);
	c->open = c->open || !is_unset(dict_get_text(c->vm, c->stored, "__getattr__"));
	for (size_t i = 0; i < c->ast->body->count; i++)
		check_expressions(c, c->ast->body->items[i]);
	if (!c->open)
		check_names(c, code);
	object_drop(c->stored);
	object_drop(c->by_import);
	object_drop(c->imported);
	object_drop(c->stacks);
}

size_t check_source(struct vm *vm, struct source *source)
{
	struct check c = { .vm = vm, .ast = ast_parse(source, 0) };
	struct code *code = NULL;
	if (c.ast->error.kind)
		vm_raise_error(vm, &c.ast->error);
	else
		code = compile(vm, c.ast, 0);
	if (code)
		check_all(&c, code);
	else
		check_found(&c);
	size_t said = print_findings(&c);
	for (size_t i = 0; i < c.count; i++)
		mem_free(c.findings[i].text);
	mem_free(c.findings);
	if (code)
		object_drop(code);
	ast_free(c.ast);
	return said;
}
