/* The driver: text in chunks through the scanner, tokens one by one into the parser. */
#include "lang/parse.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "grammar/parser.h"
#define YYSTYPE PKT_STYPE
#define YYLTYPE struct span
#include "grammar/lexer.h"

void lex_start(yyscan_t scanner, bool at_line_start);    /* grammar/lexer.l */

static bool begins_line(int kind)
{
	return kind == T_NEWLINE || kind == T_INDENT || kind == T_DEDENT || kind == T_START_FILE || kind == T_START_EVAL;
}

static void remember(struct parse *p, int kind, struct span at)
{
	p->before = p->last;
	p->last = p->now;
	p->now = (struct token){kind, at};
	p->continued = false;
	if (kind == T_NEWLINE)
		p->header = p->first;
	p->colon |= kind == ':' && !p->depth;
	if (begins_line(kind) || !begins_line(p->last.kind))
		return;
	p->first = p->now;
	p->colon = false;
	if (!p->indent_count && kind != T_ELIF && kind != T_ELSE && kind != T_EXCEPT && kind != T_FINALLY)
		p->top = p->now;
}

static bool push(struct parse *p, int kind, PKT_STYPE *value, struct span at)
{
	remember(p, kind, at);
	pkt_push_parse(p->state, kind, value, &at, p);
	return !p->ast->error.kind;
}

static bool push_plain(struct parse *p, int kind)
{
	PKT_STYPE value = {0};
	return push(p, kind, &value, (struct span){p->at, p->at});
}

bool parse_begin(struct parse *p, struct ast *ast, unsigned flags)
{
	*p = (struct parse){.ast = ast, .text = ""};
	pkt_lex_init_extra(p, &p->scanner);
	lex_start(p->scanner, !(flags & AST_EVAL));
	p->state = pkt_pstate_new();
	return push_plain(p, flags & AST_EVAL ? T_START_EVAL : T_START_FILE);
}

static unsigned error_line(const struct parse *p)
{
	return parse_line(p, p->ast->error.span.start);
}

/* Behind a syntax error that nothing explains: a literal or bracket that is wrong on the same line explains it better, and
 * brackets that are still open at the end of the text do, too (parse_all asks). */
static void look_further(struct parse *p)
{
	struct error first = p->ast->error;
	unsigned line = error_line(p);
	p->ast->error = (struct error){0};
	PKT_STYPE value;
	struct span at;
	int kind;
	while ((kind = pkt_lex(&value, &at, p->scanner)) != 0 && kind != T_BAD)
		;
	bool better = kind == T_BAD && error_line(p) == line;
	struct error worse = better ? first : p->ast->error;
	if (!better)
		p->ast->error = first;
	error_clear(&worse);
	p->unexplained &= kind == 0;
}

bool parse_chunk(struct parse *p, const char *text, uint32_t len)
{
	p->text = text;
	p->len = p->at + len;
	YY_BUFFER_STATE buffer = pkt__scan_bytes(text + p->at, (int)len, p->scanner);
	PKT_STYPE value;
	struct span at;
	int kind;
	while (!p->ast->error.kind && (kind = pkt_lex(&value, &at, p->scanner)) != 0)
		if (!p->ast->error.kind)
			push(p, kind, &value, at);
	if (p->unexplained)
		look_further(p);
	pkt__delete_buffer(buffer, p->scanner);
	return !p->ast->error.kind;
}

static bool ends_inside(struct parse *p)
{
	if (p->in_string)
		syntax_unterminated(p);
	else if (p->depth)
		syntax_unclosed(p);
	else if (p->continued)
		ast_error(p->ast, "SyntaxError", (struct span){p->len - 1, p->len}, "unexpected EOF while parsing");
	return p->ast->error.kind != NULL;
}

bool parse_end(struct parse *p)
{
	if (ends_inside(p))
		return false;
	if (!begins_line(p->now.kind) && !push_plain(p, T_NEWLINE))
		return false;
	for (; p->indent_count; p->indent_count--)
		if (!push_plain(p, T_DEDENT))
			return false;
	return push_plain(p, T_END);
}

void parse_close(struct parse *p)
{
	if (p->scanner)
		pkt_lex_destroy(p->scanner);
	if (p->state)
		pkt_pstate_delete(p->state);
	p->scanner = p->state = NULL;
}

bool parse_text_ok(struct ast *ast, const char *text, size_t len, size_t from)
{
	if (len >= INT32_MAX)
		ast_error(ast, "SyntaxError", (struct span){0}, "the source text is too long");
	const char *nul = memchr(text, 0, len);
	if (nul && !ast->error.kind)
		ast_error(ast, "SyntaxError", (struct span){(uint32_t)(from + (size_t)(nul - text)), (uint32_t)(from + (size_t)(nul - text)) + 1},
			"source code cannot contain null bytes");
	if (ast->error.kind || utf8_valid(text, len))
		return !ast->error.kind;
	for (size_t at = 0; at < len; ) {
		size_t start = at;
		uint32_t c = utf8_next(text, len, &at);
		if (c >= 0xd800 && c <= 0xdfff)
			ast_error(ast, "SyntaxError", (struct span){(uint32_t)(from + start), (uint32_t)(from + at)},
				"invalid UTF-8: byte 0x%02x begins no character", (unsigned char)text[start]);
	}
	return false;
}

/* A syntax error inside a bracket that nothing closes further on is most likely that bracket's fault. */
static void blame_bracket(struct parse *p)
{
	if (parse_line(p, p->now.span.start) <= parse_line(p, p->brackets[p->depth - 1].offset))
		return;
	error_clear(&p->ast->error);
	syntax_unclosed(p);
}

static void parse_all(struct parse *p, const char *text, size_t len)
{
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		p->at = 3;
	if (parse_chunk(p, text, (uint32_t)(len - p->at)))
		parse_end(p);
	else if (p->unexplained && p->depth)
		blame_bracket(p);
}

struct ast *ast_parse(struct source *source, unsigned flags)
{
	struct ast *ast = ast_new(source);
	ast->body = ast_list(ast, NULL);
	if (!parse_text_ok(ast, source->text, source->len, 0))
		return ast;
	struct parse *p = mem_alloc(sizeof *p);
	if (parse_begin(p, ast, flags))
		parse_all(p, source->text, source->len);
	parse_close(p);
	mem_free(p);
	return ast;
}
