/* What the scanner has to count: blocks, brackets, string literals and the fields of f-strings. */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "grammar/parser.h"
#include "lang/parse.h"

static int refuse(struct parse *p, const char *kind, struct span at, const char *message)
{
	ast_error(p->ast, kind, at, "%s", message);
	return T_BAD;
}

unsigned parse_line(const struct parse *p, uint32_t offset)
{
	unsigned line = 1;
	for (const char *at = p->text, *stop = p->text + offset; (at = memchr(at, '\n', (size_t)(stop - at))); at++)
		line++;
	return line;
}

/* == Blocks ========================================================================================================== */

static struct indent measure(const char *blank, size_t len)
{
	struct indent i = {0};
	for (size_t at = 0; at < len; at++) {
		if (blank[at] == '\f') {
			i = (struct indent){0};
		} else if (blank[at] == '\t') {
			i.column = (i.column / 8 + 1) * 8;
			i.column1++;
		} else {
			i.column++;
			i.column1++;
		}
	}
	return i;
}

static int tab_error(struct parse *p, struct span at)
{
	return refuse(p, "TabError", at, "inconsistent use of tabs and spaces in indentation");
}

static int indent_more(struct parse *p, struct indent to, struct span at)
{
	if (to.column1 <= p->indents[p->indent_count].column1)
		return tab_error(p, at);
	if (p->indent_count == PARSE_INDENTS)
		return refuse(p, "IndentationError", at, "too many levels of indentation");
	p->indents[++p->indent_count] = to;
	return T_INDENT;
}

static int indent_less(struct parse *p, struct indent to, struct span at)
{
	while (p->indent_count && p->indents[p->indent_count].column > to.column) {
		p->indent_count--;
		p->dedents++;
	}
	if (p->indents[p->indent_count].column != to.column)
		return refuse(p, "IndentationError", at, "unindent does not match any outer indentation level");
	if (p->indents[p->indent_count].column1 != to.column1)
		return tab_error(p, at);
	return lex_dedent(p);
}

int lex_indent(struct parse *p, const char *blank, size_t len)
{
	struct indent to = measure(blank, len), *now = &p->indents[p->indent_count];
	struct span at = {p->at - (uint32_t)len, p->at};
	if (p->at == p->len)        /* blanks before the end of the text */
		return 0;
	if (to.column > now->column)
		return indent_more(p, to, at);
	if (to.column < now->column)
		return indent_less(p, to, at);
	return to.column1 == now->column1 ? 0 : tab_error(p, at);
}

int lex_dedent(struct parse *p)
{
	p->dedents--;
	return T_DEDENT;
}

static const struct quote *innermost_quote(const struct parse *p)
{
	return p->quote_count ? &p->quotes[p->quote_count - 1] : NULL;
}

int lex_newline(struct parse *p, struct span at)
{
	const struct quote *q = innermost_quote(p);
	if (q && !q->triple)
		return refuse(p, "SyntaxError", (struct span){p->brackets[p->depth - 1].offset, at.start}, "f-string: expecting '}'");
	return p->depth ? 0 : T_NEWLINE;
}

/* == Brackets ======================================================================================================== */

int lex_open(struct parse *p, char kind, struct span at)
{
	if (p->depth == PARSE_BRACKETS)
		return refuse(p, "SyntaxError", at, "too many nested parentheses");
	p->brackets[p->depth++] = (struct bracket){.kind = kind, .offset = at.start};
	p->in_string = false;
	return kind == 'f' ? T_F_OPEN : kind;
}

static int mismatch(struct parse *p, char kind, struct span at, const struct bracket *open)
{
	unsigned line = parse_line(p, open->offset), here = parse_line(p, at.start);
	if (open->kind == 'f')
		ast_error(p->ast, "SyntaxError", at, "f-string: unmatched '%c'", kind);
	else if (line == here)
		ast_error(p->ast, "SyntaxError", at, "closing parenthesis '%c' does not match opening parenthesis '%c'", kind, open->kind);
	else
		ast_error(p->ast, "SyntaxError", at, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %u",
			kind, open->kind, line);
	return T_BAD;
}

int lex_close(struct parse *p, char kind, struct span at)
{
	if (!p->depth) {
		ast_error(p->ast, "SyntaxError", at, "unmatched '%c'", kind);
		return T_BAD;
	}
	const struct bracket *open = &p->brackets[p->depth - 1];
	if (open->kind == 'f' && kind == '}') {
		p->depth--;
		p->piece = p->at;
		p->in_string = true;
		return T_F_CLOSE;
	}
	if (open->kind != (kind == ')' ? '(' : kind == ']' ? '[' : '{'))
		return mismatch(p, kind, at, open);
	p->depth--;
	return kind;
}

bool lex_in_field(const struct parse *p)
{
	return p->depth && p->brackets[p->depth - 1].kind == 'f' && !p->brackets[p->depth - 1].in_spec;
}

/* Asked inside an f-string's own text, where the innermost bracket, if it is the literal's own, is a field's. */
bool lex_in_spec(const struct parse *p)
{
	const struct quote *q = innermost_quote(p);
	const struct bracket *b = p->depth ? &p->brackets[p->depth - 1] : NULL;
	return q && b && b->kind == 'f' && b->offset > q->start && b->in_spec;
}

/* Is the rest of the field, after `=`, what may follow the `=` of {x=}? */
int lex_equal(struct parse *p)
{
	if (!lex_in_field(p))
		return '=';
	const char *rest = p->text + p->at;
	while (*rest == ' ' || *rest == '\t')
		rest++;
	return *rest == '}' || *rest == ':' || (*rest == '!' && rest[1] != '=') ? T_F_EQUAL : '=';
}

/* == String literals ================================================================================================= */

static struct quote quote_of(const char *text, size_t len, struct span at)
{
	struct quote q = {.start = at.start, .body = at.end, .mark = text[len - 1]};
	for (size_t i = 0; i < len && text[i] != q.mark; i++) {
		char c = text[i] | 0x20;
		q.raw |= c == 'r';
		q.bytes |= c == 'b';
		q.format |= c == 'f';
	}
	q.triple = len >= 3 && text[len - 2] == q.mark && text[len - 3] == q.mark;
	return q;
}

int lex_quote_open(struct parse *p, const char *text, size_t len, struct span at)
{
	struct quote q = quote_of(text, len, at);
	if (p->quote_count == PARSE_BRACKETS)
		return refuse(p, "SyntaxError", at, "too many nested f-strings");
	p->quotes[p->quote_count++] = q;
	p->piece = q.body;
	p->in_string = true;
	return q.format ? T_F_START : T_STRING;
}

bool lex_quote_closes(const struct parse *p, const char *text, size_t len)
{
	const struct quote *q = innermost_quote(p);
	return text[0] == q->mark && (len == 3 || !q->triple);
}

static struct span rest_of_line(const struct parse *p, uint32_t start)
{
	uint32_t end = start;
	while (end < p->len && p->text[end] != '\n' && p->text[end] != '\r')
		end++;
	return (struct span){start, end};
}

int lex_quote_newline(struct parse *p)
{
	const struct quote *q = innermost_quote(p);
	if (q->triple)
		return 0;
	/* Inside a field of another f-string, the quote was most likely meant to end that one. */
	if (p->quote_count > 1 && !q->format)
		return refuse(p, "SyntaxError", rest_of_line(p, p->quotes[p->quote_count - 2].start), "f-string: expecting '}'");
	ast_error(p->ast, "SyntaxError", rest_of_line(p, q->start), "unterminated %sstring literal (detected at line %u)",
		q->format ? "f-" : "", parse_line(p, q->start));
	return T_BAD;
}

struct node *lex_string(struct parse *p, struct span *at)
{
	const struct quote q = p->quotes[--p->quote_count];
	struct span body = {q.body, p->at - (q.triple ? 3 : 1)};
	at->start = q.start;
	p->in_string = false;
	return literal_string(p->ast, p->text, body, *at, (q.raw ? LITERAL_RAW : 0) | (q.bytes ? LITERAL_BYTES : 0));
}

struct node *lex_piece(struct parse *p, struct span at)
{
	struct span body = {p->piece, at.start};
	if (body.start == body.end)
		return NULL;
	bool raw = innermost_quote(p)->raw, spec = lex_in_spec(p);
	p->piece = body.end;
	return literal_string(p->ast, p->text, body, body, (raw ? LITERAL_RAW : 0) | (spec ? 0 : LITERAL_BRACES));
}

int lex_quote_close(struct parse *p, struct span *at)
{
	if (lex_in_spec(p))
		return refuse(p, "SyntaxError", (struct span){p->brackets[p->depth - 1].offset, at->end}, "f-string: expecting '}'");
	p->quote_count--;
	p->in_string = false;
	return T_F_END;
}

const char *lex_own_text(struct parse *p, uint32_t start, uint32_t end)
{
	return ast_text(p->ast, p->text + start, end - start);
}

/* == Numbers, names and what is neither ============================================================================== */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static const char *base_of(const char *text)
{
	char letter = text[0] == '0' ? text[1] | 0x20 : 0;
	return letter == 'x' ? "hexadecimal" : letter == 'o' ? "octal" : letter == 'b' ? "binary" : "decimal";
}

/* Python lets these follow a number at once: 1if x else y. */
static bool keyword_follows(const char *text)
{
	static const char *const words[] = {"and", "else", "for", "if", "in", "is", "not", "or"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i]);
		if (!strncmp(text, words[i], len) && !is_word(text[len]))
			return true;
	}
	return false;
}

int lex_number(struct parse *p, struct span at, bool well_formed)
{
	const char *text = p->text + at.start, *behind = p->text + at.end, *base = base_of(text);
	if (!well_formed && base[0] == 'd')
		return refuse(p, "SyntaxError", at,
			"leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers");
	if (well_formed && (!is_word(*behind) || keyword_follows(behind)))
		return T_INT;
	if (*behind >= '0' && *behind <= '9' && base[0] != 'd')
		ast_error(p->ast, "SyntaxError", (struct span){at.end, at.end + 1}, "invalid digit '%c' in %s literal", *behind, base);
	else
		ast_error(p->ast, "SyntaxError", (struct span){at.start, at.end + (*behind == '_' || is_word(*behind))},
			"invalid %s literal", base);
	return T_BAD;
}

static int bad_character(struct parse *p, struct span at, uint32_t c)
{
	struct buf shown = {0};
	text_safe(&shown, p->text + at.start, at.end - at.start);
	if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200f) || c == 0xfeff || buf_str(&shown)[0] == '\\')
		ast_error(p->ast, "SyntaxError", at, "invalid non-printable character U+%04X", (unsigned)c);
	else
		ast_error(p->ast, "SyntaxError", at, "invalid character '%s' (U+%04X)", buf_str(&shown), (unsigned)c);
	buf_free(&shown);
	return T_BAD;
}

/* Names are compared as written: Python's NFKC folding of compatibility letters is not done. */
int lex_name(struct parse *p, const char *text, size_t len, struct span at)
{
	for (size_t i = 0; i < len; ) {
		size_t start = i;
		uint32_t c = utf8_next(text, len, &i);
		if (c >= 0x80 && !(start ? unicode_continues_name(c) : unicode_starts_name(c)))
			return bad_character(p, (struct span){at.start + (uint32_t)start, at.start + (uint32_t)i}, c);
	}
	return T_NAME;
}

int lex_backslash(struct parse *p, struct span at)
{
	if (p->quote_count)
		return refuse(p, "SyntaxError", at, "f-string expression part cannot include a backslash");
	if (at.end >= p->len)
		return refuse(p, "SyntaxError", at, "unexpected EOF while parsing");
	return refuse(p, "SyntaxError", at, "unexpected character after line continuation character");
}

int lex_stray(struct parse *p, struct span at)
{
	unsigned char c = (unsigned char)p->text[at.start];
	if (c >= 0x20 && c < 0x7f)
		return refuse(p, "SyntaxError", at, "invalid syntax");
	return bad_character(p, at, c);
}

int lex_comment(struct parse *p, struct span at)
{
	if (p->quote_count && !innermost_quote(p)->triple)
		return refuse(p, "SyntaxError", at, "f-string expression part cannot include '#'");
	return 0;
}

int lex_refuse(struct parse *p, struct span at, const char *what)
{
	ast_error(p->ast, "SyntaxError", at, "%s is not in the language", what);
	return T_BAD;
}
