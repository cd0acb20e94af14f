/* The tree as text. A node's line: its slot, its kind, where it stands, and its own facts; what hangs on it follows,
 * indented. Empty slots are left out. */
#include <string.h>

#include "base/text.h"
#include "lang/ast.h"

static const char *const kind_names[] = {
#define X(name, slots) #name,
	AST_NODES(X)
#undef X
};

static void dump_node(const struct node *n, const char *slot, int level, struct buf *out);

static void dump_list(const struct node_list *list, const char *slot, int level, struct buf *out)
{
	for (size_t i = 0; list && i < list->count; i++)
		dump_node(list->items[i], slot, level, out);
}

static void dump_text(const char *name, const char *text, struct buf *out)
{
	if (!text)
		return;
	buf_print(out, " %s=", name);
	text_repr(out, text, strlen(text));
}

static void dump_literal(const struct node *n, struct buf *out)
{
	buf_text(out, " text=");
	if (n->kind == NODE_BYTES)
		text_repr_bytes(out, n->text, n->size);
	else
		text_repr(out, n->text, n->size);
}

static void dump_facts(const struct node *n, struct buf *out)
{
	if (n->kind == NODE_STR || n->kind == NODE_BYTES)
		dump_literal(n, out);
	else
		dump_text("text", n->text, out);
	dump_text("text2", n->text2, out);
	if (n->kind == NODE_BINARY || n->kind == NODE_AUG_ASSIGN)
		buf_print(out, " op=%d", n->op);
	if (n->number && n->kind != NODE_GENERATOR)
		buf_print(out, " number=%ld", n->number);
	for (size_t i = 0; n->ops && i < n->list->count; i++)
		buf_print(out, "%s%d", i ? "," : " ops=", n->ops[i]);
}

static void dump_node(const struct node *n, const char *slot, int level, struct buf *out)
{
	buf_fill(out, ' ', (size_t)level * 2);
	if (!n) {
		buf_print(out, "%s: nothing\n", slot);
		return;
	}
	buf_print(out, "%s: %s %u-%u", slot, kind_names[n->kind], n->span.start, n->span.end);
	dump_facts(n, out);
	buf_char(out, '\n');
	const struct { const char *slot; const struct node *node; } nodes[] = {{"a", n->a}, {"b", n->b}, {"c", n->c}};
	for (size_t i = 0; i < 3; i++)
		if (nodes[i].node)
			dump_node(nodes[i].node, nodes[i].slot, level + 1, out);
	dump_list(n->params, "params", level + 1, out);
	dump_list(n->args, "args", level + 1, out);
	dump_list(n->list, "list", level + 1, out);
	dump_list(n->list2, "list2", level + 1, out);
	dump_list(n->list3, "list3", level + 1, out);
	dump_list(n->list4, "list4", level + 1, out);
}

void ast_dump(const struct ast *ast, struct buf *out)
{
	dump_list(ast->body, "body", 0, out);
}
