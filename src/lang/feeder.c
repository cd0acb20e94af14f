/* The prompt's side of the parser: a unit is fed line by line, and each line says whether it is complete. */
#include "base/mem.h"
#include "grammar/parser.h"
#include "lang/parse.h"

struct feeder {
	char *name;
	struct buf text;            /* of the unit so far */
	struct ast *ast;            /* NULL: no unit is begun */
	struct parse parse;
};

struct feeder *feeder_new(const char *name)
{
	struct feeder *f = mem_zero(sizeof *f);
	f->name = mem_text(name);
	return f;
}

static void begin(struct feeder *f)
{
	buf_clear(&f->text);
	f->ast = ast_new(NULL);
	f->ast->body = ast_list(f->ast, NULL);
	parse_begin(&f->parse, f->ast, 0);
}

void feeder_free(struct feeder *f)
{
	if (!f)
		return;
	ast_free(feeder_take(f));
	buf_free(&f->text);
	mem_free(f->name);
	mem_free(f);
}

struct ast *feeder_take(struct feeder *f)
{
	if (!f->ast)
		begin(f);
	struct ast *ast = f->ast;
	ast->source = source_new(f->name, buf_str(&f->text), f->text.len);
	if (ast->error.kind)
		error_place(&ast->error, ast->source, ast->error.span);
	parse_close(&f->parse);
	f->ast = NULL;
	return ast;
}

static enum feed finish(struct feeder *f)
{
	return parse_end(&f->parse) ? FEED_COMPLETE : FEED_ERROR;
}

static bool is_empty(const char *line, size_t len)
{
	return len == 0 || line[0] == '\n' || (len >= 2 && line[0] == '\r' && line[1] == '\n');
}

static bool inside(const struct parse *p)
{
	return p->in_string || p->depth || p->continued;
}

static bool is_compound(int kind)
{
	switch (kind) {
	case T_IF: case T_WHILE: case T_FOR: case T_TRY: case T_WITH: case T_DEF: case T_CLASS: case '@':
		return true;
	default:
		return false;
	}
}

/* At a line's end: does Python's prompt want another line? A pasted text is done unless its last line opens a block. */
static bool wants_more(const struct parse *p, bool paste)
{
	if (inside(p))
		return true;
	if (paste)
		return (p->now.kind == T_NEWLINE && p->last.kind == ':') || p->top.kind == '@';
	return is_compound(p->top.kind);
}

static bool add_line(struct feeder *f, const char *line, size_t len)
{
	size_t start = f->text.len;
	buf_add(&f->text, line, len);
	if (!len || line[len - 1] != '\n')
		buf_char(&f->text, '\n');
	size_t added = f->text.len - start;
	return f->text.len < INT32_MAX && parse_text_ok(f->ast, f->text.data + start, added, start) &&
		parse_chunk(&f->parse, f->text.data, (uint32_t)added);
}

enum feed feeder_line(struct feeder *f, const char *line, size_t len, bool paste)
{
	if (!f->ast)
		begin(f);
	if (f->ast->error.kind)
		return FEED_ERROR;
	if (!paste && is_empty(line, len) && !inside(&f->parse))
		return finish(f);
	if (!add_line(f, line, len))
		return FEED_ERROR;
	return wants_more(&f->parse, paste) ? FEED_MORE : finish(f);
}
