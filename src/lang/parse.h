/* Parsing, between the scanner (grammar/lexer.l), the grammar (grammar/parser.y) and those who drive them (parse.c for
 * whole texts, feeder.c for the prompt). The driver hands text to the scanner in chunks that end with a line; each token
 * is pushed into the parser as it comes. Everything that must survive from one chunk to the next is in struct parse.
 *
 * Tokens are flex's work; what flex cannot count is in lex.c: indentation, open brackets, and the fields of f-strings.
 * An f-string is a run of tokens: F_START, then F_TEXT for its literal pieces and F_OPEN expression [F_EQUAL]
 * [F_BANG NAME] [F_COLON pieces] F_CLOSE for its fields, then F_END; its expressions are scanned and parsed like any
 * other, so that their spans are right without further work. */
#ifndef LANG_PARSE_H
#define LANG_PARSE_H

#include "lang/ast.h"

enum { PARSE_BRACKETS = 200, PARSE_INDENTS = 100 };

/* A string literal: where it is, and what its prefix and quotes say. */
struct quote {
	uint32_t start, body;       /* offsets of the prefix and of what is behind the opening quotes */
	char mark;                  /* ' or " */
	bool triple, raw, bytes, format;
};

struct bracket {
	char kind;                  /* ( [ {, or 'f': a field of an f-string */
	bool in_spec;               /* 'f': behind its colon */
	uint32_t offset;
};

struct indent {
	unsigned column, column1;   /* with tabs at 8 and at 1: an order that depends on this is a TabError */
};

struct token {
	int kind;
	struct span span;
};

struct parse {
	struct ast *ast;
	const char *text;           /* all that was handed over so far, NUL-terminated */
	uint32_t len;
	uint32_t at;                /* where the scanner stands */
	void *scanner;
	void *state;                /* of the parser */

	struct indent indents[PARSE_INDENTS + 1];
	unsigned indent_count;      /* open blocks */
	unsigned dedents;           /* still to be handed out */
	struct bracket brackets[PARSE_BRACKETS];
	unsigned depth;
	struct quote quotes[PARSE_BRACKETS + 1];   /* open string literals: f-strings, and at the top perhaps a plain one */
	unsigned quote_count;
	uint32_t piece;             /* where the f-string's present literal piece starts */
	bool in_string;             /* the scanner is inside the topmost literal's own text */
	bool continued;             /* the line ended with a backslash */

	struct token now, last, before;      /* what errors are worded from: the token just pushed and the two before it */
	struct token first, header;          /* the logical line's first token; that of the line before */
	struct token top;                    /* the first token of the last statement that is in no block */
	bool colon;                          /* the logical line had its colon, outside of brackets */
	bool unexplained;                    /* the syntax error's cause may be elsewhere */
	struct node *as_group;      /* "(a as b)", which only a with statement may take; NULL: none is open */
};

/* Driving. */
bool parse_begin(struct parse *p, struct ast *ast, unsigned flags);
bool parse_chunk(struct parse *p, const char *text, uint32_t len);   /* text: all so far, of which len bytes are new */
bool parse_end(struct parse *p);
void parse_close(struct parse *p);
bool parse_text_ok(struct ast *ast, const char *text, size_t len, size_t from);  /* no NUL, valid UTF-8; from: its offset in the source */
unsigned parse_line(const struct parse *p, uint32_t offset);         /* the number of the line that holds it, from 1 */

/* For the scanner: each gives the token to return, T_BAD with the error filled on failure. */
struct ast *ast_new(struct source *source);
int  lex_indent(struct parse *p, const char *blank, size_t len);     /* 0: the same block goes on */
int  lex_dedent(struct parse *p);
int  lex_newline(struct parse *p, struct span at);                   /* 0: inside brackets, no token */
int  lex_open(struct parse *p, char kind, struct span at);
int  lex_close(struct parse *p, char kind, struct span at);
bool lex_in_field(const struct parse *p);                            /* directly inside a field of an f-string, before its colon */
bool lex_in_spec(const struct parse *p);
int  lex_equal(struct parse *p);
int  lex_quote_open(struct parse *p, const char *text, size_t len, struct span at);
bool lex_quote_closes(const struct parse *p, const char *text, size_t len);
int  lex_quote_newline(struct parse *p);                             /* 0: the literal may go on */
struct node *lex_string(struct parse *p, struct span *at);           /* the plain literal that ends here */
struct node *lex_piece(struct parse *p, struct span at);             /* the literal piece that ends before `at`; NULL: there is none */
int  lex_quote_close(struct parse *p, struct span *at);
int  lex_number(struct parse *p, struct span at, bool well_formed);
int  lex_name(struct parse *p, const char *text, size_t len, struct span at);
int  lex_backslash(struct parse *p, struct span at);
int  lex_stray(struct parse *p, struct span at);
int  lex_comment(struct parse *p, struct span at);
const char *lex_own_text(struct parse *p, uint32_t start, uint32_t end);   /* the text of {x=}, for the tree */
int  lex_refuse(struct parse *p, struct span at, const char *what);

/* What the grammar could not take: p->now, worded as Python words it. */
void syntax_error(struct parse *p);
void syntax_unclosed(struct parse *p);                               /* the text ended inside a bracket */
void syntax_unterminated(struct parse *p);                           /* ... or inside a string literal */

/* The text of string literals, without prefix and quotes. */
enum { LITERAL_RAW = 1, LITERAL_BYTES = 2, LITERAL_BRACES = 4 };     /* BRACES: {{ and }} stand for one each */
struct node *literal_string(struct ast *ast, const char *text, struct span body, struct span whole, unsigned flags);
const char *literal_number(struct ast *ast, const char *text, size_t len);

#endif
