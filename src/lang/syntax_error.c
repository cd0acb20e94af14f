/* What the grammar could not take, worded as Python words it. The parser says only that the present token does not fit;
 * what the mistake most likely was is guessed from the tokens around it, one rule after the other. */
#include <string.h>

#include "grammar/parser.h"
#include "lang/parse.h"

static struct span from_to(struct span a, struct span b)
{
	return (struct span){a.start, b.end};
}

static bool say(struct parse *p, struct span at, const char *message)
{
	ast_error(p->ast, "SyntaxError", at, "%s", message);
	return true;
}

static bool is_word(const struct parse *p, struct span at, const char *word)
{
	size_t len = at.end - at.start;
	return strlen(word) == len && !memcmp(p->text + at.start, word, len);
}

static bool ends_expression(int kind)
{
	switch (kind) {
	case T_NAME: case T_INT: case T_FLOAT: case T_STRING: case T_F_END: case ')': case ']': case '}':
	case T_NONE: case T_TRUE: case T_FALSE: case T_ELLIPSIS:
		return true;
	default:
		return false;
	}
}

static bool starts_expression(int kind)
{
	switch (kind) {
	case T_NAME: case T_INT: case T_FLOAT: case T_STRING: case T_F_START: case T_NONE: case T_TRUE: case T_FALSE: case T_ELLIPSIS:
	case T_LAMBDA: case T_NOT: case '{': case '~':
		return true;
	default:
		return false;
	}
}

static bool begins_statement(int kind)
{
	return kind == T_NEWLINE || kind == T_INDENT || kind == T_DEDENT || kind == ';' || kind == ':' || kind == T_START_FILE;
}

/* How an error names the statement that a block is missing from. */
static const char *header_name(int kind)
{
	switch (kind) {
	case T_IF: return "'if' statement";
	case T_ELIF: return "'elif' statement";
	case T_ELSE: return "'else' statement";
	case T_WHILE: return "'while' statement";
	case T_FOR: return "'for' statement";
	case T_TRY: return "'try' statement";
	case T_EXCEPT: return "'except' statement";
	case T_FINALLY: return "'finally' statement";
	case T_WITH: return "'with' statement";
	case T_DEF: return "function definition";
	case T_CLASS: return "class definition";
	default: return NULL;
	}
}

static bool unexpected_indent(struct parse *p)
{
	if (p->now.kind != T_INDENT)
		return false;
	ast_error(p->ast, "IndentationError", p->now.span, "unexpected indent");
	return true;
}

static bool missing_block(struct parse *p)
{
	const char *name = header_name(p->header.kind);
	struct span at = p->now.span.start < p->len ? p->now.span : p->last.span;     /* the text's end shows nothing */
	if (p->last.kind != T_NEWLINE || p->before.kind != ':' || !name)
		return false;
	ast_error(p->ast, "IndentationError", at, "expected an indented block after %s on line %u", name,
		parse_line(p, p->header.span.start));
	return true;
}

static bool empty_field(struct parse *p)
{
	int kind = p->now.kind;
	if (p->last.kind != T_F_OPEN || (kind != T_F_CLOSE && kind != T_F_BANG && kind != T_F_COLON && kind != T_F_EQUAL))
		return false;
	return say(p, from_to(p->last.span, p->now.span), "f-string: empty expression not allowed");
}

/* print "x", Python 2's way */
static bool missing_parentheses(struct parse *p)
{
	if (p->last.kind != T_NAME || !begins_statement(p->before.kind) || !starts_expression(p->now.kind))
		return false;
	if (is_word(p, p->last.span, "print"))
		return say(p, from_to(p->last.span, p->now.span), "Missing parentheses in call to 'print'. Did you mean print(...)?");
	if (is_word(p, p->last.span, "exec"))
		return say(p, from_to(p->last.span, p->now.span), "Missing parentheses in call to 'exec'. Did you mean exec(...)?");
	return false;
}

static bool line_ends_with_colon(const struct parse *p, uint32_t from)
{
	char last = 0;
	for (uint32_t at = from; at < p->len && p->text[at] != '\n' && p->text[at] != '#'; at++)
		if (p->text[at] != ' ' && p->text[at] != '\t' && p->text[at] != '\r')
			last = p->text[at];
	return last == ':';
}

/* `match x:` is a name and what follows it: no statement of this language. */
static bool match_statement(struct parse *p)
{
	if (p->first.kind != T_NAME || !is_word(p, p->first.span, "match") || !line_ends_with_colon(p, p->first.span.end))
		return false;
	return say(p, p->first.span, "the 'match' statement is not in the language");
}

static bool missing_colon(struct parse *p)
{
	int last = p->last.kind, now = p->now.kind;
	bool forced = last == T_ELSE || last == T_TRY || last == T_FINALLY;
	if (forced && !p->depth && now != ':')
		return say(p, p->now.span, "expected ':'");
	if (now != T_NEWLINE || !header_name(p->first.kind) || !(ends_expression(last) || last == T_EXCEPT))
		return false;
	return !p->colon && say(p, p->now.span, "expected ':'");
}

/* What follows the header's closing parenthesis, or its `->` expression, can only be the colon. */
static bool colon_after_parameters(struct parse *p)
{
	if ((p->first.kind != T_DEF && p->first.kind != T_CLASS) || p->depth || p->colon || p->last.kind != ')')
		return false;
	return say(p, p->now.span, "expected ':'");
}

static bool parenthesized_parameter(struct parse *p)
{
	if (p->first.kind != T_DEF || p->colon || p->depth != 2 || p->now.kind != '(' || (p->last.kind != '(' && p->last.kind != ','))
		return false;
	return say(p, p->now.span, "Function parameters cannot be parenthesized");
}

static bool missing_value(struct parse *p)
{
	bool closes = p->now.kind == '}' || (p->now.kind == ',' && p->depth && p->brackets[p->depth - 1].kind == '{');
	return p->last.kind == ':' && closes && say(p, p->last.span, "expression expected after dictionary key and ':'");
}

/* Inside a field, a quote or an `=` that does not fit: the field's brace was forgotten before it. */
static bool missing_brace(struct parse *p)
{
	int now = p->now.kind;
	if (!p->depth || p->brackets[p->depth - 1].kind != 'f' || !ends_expression(p->last.kind))
		return false;
	if (now != T_STRING && now != T_F_START && now != '=')
		return false;
	return say(p, p->now.span, "f-string: expecting '}'");
}

static bool missing_conversion(struct parse *p)
{
	return p->last.kind == T_F_BANG && say(p, p->now.span, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
}

static bool missing_parameters(struct parse *p)
{
	return p->last.kind == T_NAME && p->before.kind == T_DEF && say(p, p->now.span, "expected '('");
}

static bool assignment_for_comparison(struct parse *p)
{
	int last = p->last.kind;
	if (p->now.kind != '=')
		return false;
	p->unexplained = true;
	if (last == T_NAME && p->before.kind != '.')
		return say(p, from_to(p->last.span, p->now.span), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
	const char *what = last == T_NAME ? "attribute" : last == ')' ? "function call" : last == ']' ? "subscript" :
		last == T_INT || last == T_FLOAT || last == T_STRING ? "literal" : NULL;
	if (!what)
		return false;
	ast_error(p->ast, "SyntaxError", from_to(p->last.span, p->now.span), "cannot assign to %s here. Maybe you meant '==' instead of '='?", what);
	return true;
}

static bool missing_comma(struct parse *p)
{
	if (!p->depth || !ends_expression(p->last.kind) || !starts_expression(p->now.kind))
		return false;
	if (p->last.kind == T_NAME && (p->now.kind == T_STRING || p->now.kind == T_F_START))
		return false;       /* more likely a wrong prefix */
	p->unexplained = true;
	return say(p, from_to(p->last.span, p->now.span), p->quote_count ? "f-string: invalid syntax. Perhaps you forgot a comma?"
		: "invalid syntax. Perhaps you forgot a comma?");
}

static bool trailing_comma(struct parse *p)
{
	return p->now.kind == T_NEWLINE && p->last.kind == ',' && p->first.kind == T_FROM &&
		say(p, p->last.span, "trailing comma not allowed without surrounding parentheses");
}

void syntax_error(struct parse *p)
{
	static bool (*const rules[])(struct parse *p) = {
		unexpected_indent, missing_block, empty_field, missing_brace, missing_conversion, missing_parentheses, match_statement,
		missing_parameters, missing_colon, colon_after_parameters, parenthesized_parameter, missing_value,
		assignment_for_comparison, missing_comma, trailing_comma,
	};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i](p))
			return;
	p->unexplained = true;
	say(p, p->now.span, p->quote_count ? "f-string: invalid syntax" : "invalid syntax");
}

void syntax_unclosed(struct parse *p)
{
	const struct bracket *open = &p->brackets[p->depth - 1];
	struct span at = {open->offset, open->offset + 1};
	if (open->kind == 'f')
		say(p, at, "f-string: expecting '}'");
	else
		ast_error(p->ast, "SyntaxError", at, "'%c' was never closed", open->kind);
}

void syntax_unterminated(struct parse *p)
{
	const struct quote *q = &p->quotes[p->quote_count - 1];
	struct span at = {q->start, q->body};
	ast_error(p->ast, "SyntaxError", at, "unterminated %s%sstring literal (detected at line %u)", q->triple ? "triple-quoted " : "",
		q->format ? "f-" : "", parse_line(p, p->len ? p->len - 1 : 0));
}
