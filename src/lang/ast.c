/* The tree's memory and its plainest constructors. */
#include "lang/ast.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "lang/parse.h"

/* Blocks in a row, each twice as large as the one before up to a limit; nothing in them is freed alone. */
struct block {
	struct block *next;
	char room[] __attribute__((aligned(16)));
};

struct arena {
	struct block *blocks;
	size_t used, size;          /* of the newest block */
};

enum { BLOCK_FIRST = 16 << 10, BLOCK_MOST = 1 << 20 };

static void arena_more(struct arena *a, size_t size)
{
	size_t room = a->size ? a->size * 2 : BLOCK_FIRST;
	if (room > BLOCK_MOST)
		room = BLOCK_MOST;
	if (room < size)
		room = size;
	struct block *b = mem_zero(sizeof *b + room);
	b->next = a->blocks;
	a->blocks = b;
	a->used = 0;
	a->size = room;
}

void *ast_room(struct ast *ast, size_t size)
{
	struct arena *a = ast->arena;
	size = (size + 15) & ~(size_t)15;
	if (a->size - a->used < size)
		arena_more(a, size);
	void *room = a->blocks->room + a->used;
	a->used += size;
	return room;
}

struct ast *ast_new(struct source *source)
{
	struct ast *ast = mem_zero(sizeof *ast);
	ast->arena = mem_zero(sizeof *ast->arena);
	ast->source = source ? source_keep(source) : NULL;
	return ast;
}

void ast_free(struct ast *ast)
{
	if (!ast)
		return;
	while (ast->arena->blocks) {
		struct block *b = ast->arena->blocks;
		ast->arena->blocks = b->next;
		mem_free(b);
	}
	mem_free(ast->arena);
	if (ast->source)
		source_drop(ast->source);
	error_clear(&ast->error);
	mem_free(ast);
}

struct node *ast_node(struct ast *ast, enum node_kind kind, struct span span)
{
	struct node *n = ast_room(ast, sizeof *n);
	n->kind = kind;
	n->span = span;
	n->depth = 1;
	return n;
}

struct node_list *ast_list(struct ast *ast, struct node *first)
{
	struct node_list *list = ast_room(ast, sizeof *list);
	return first ? ast_append(ast, list, first) : list;
}

struct node_list *ast_append(struct ast *ast, struct node_list *list, struct node *n)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 2;
		struct node **items = ast_room(ast, list->room * sizeof *items);
		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = n;
	if (n && n->depth > list->depth)
		list->depth = n->depth;
	return list;
}

const char *ast_text(struct ast *ast, const char *text, size_t len)
{
	char *copy = ast_room(ast, len + 1);
	memcpy(copy, text, len);
	return copy;
}

void ast_error(struct ast *ast, const char *kind, struct span span, const char *format, ...)
{
	if (ast->error.kind)
		return;
	struct buf message = {0};
	va_list args;
	va_start(args, format);
	buf_vprint(&message, format, args);
	va_end(args);
	error_set(&ast->error, kind, "%s", buf_str(&message));
	buf_free(&message);
	ast->error.span = span;
	if (ast->source)
		error_place(&ast->error, ast->source, span);
}
