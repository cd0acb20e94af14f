/* The syntax tree: Python's own, node for node (its `ast` module names them), so that who knows one knows the other.
 * Nodes, lists and texts live in the tree's arena and go with it; the grammar's actions are one constructor call each. What
 * LANGUAGE.md leaves out never gets here: the scanner and the grammar refuse it by name. A syntax error is filled into the
 * tree's struct error, and parsing ends. */
#ifndef LANG_AST_H
#define LANG_AST_H

#include <stdbool.h>

#include "base/error.h"

struct arena;

struct ast {
	struct arena *arena;
	struct source *source;      /* kept */
	struct node_list *body;     /* statements */
	struct error error;         /* error.kind NULL: none */
};

/* One row a node kind: what stands in which of the fixed slots of struct node. */
#define AST_NODES(X) \
	/* statements */ \
	X(EXPR,       "a: value") \
	X(ASSIGN,     "list: targets, a: value           x = y = v") \
	X(AUG_ASSIGN, "a: target, op, b: value           op is enum operator of lang/value.h") \
	X(ANN_ASSIGN, "a: target, b: annotation, c: value or NULL") \
	X(DEL,        "list: targets") \
	X(PASS,       "") X(BREAK, "") X(CONTINUE, "") \
	X(ASSERT,     "a: test, b: message or NULL") \
	X(RETURN,     "a: value or NULL") \
	X(RAISE,      "a: exception or NULL, b: cause or NULL") \
	X(GLOBAL,     "list: NAME nodes") X(NONLOCAL, "list: NAME nodes") \
	X(IF,         "a: test, list: body, list2: else (an elif is an IF alone in it)") \
	X(WHILE,      "a: test, list: body, list2: else") \
	X(FOR,        "a: target, b: iterable, list: body, list2: else") \
	X(DEF,        "text: name, params, list: body, list2: decorators, a: return annotation or NULL") \
	X(CLASS,      "text: name, list: body, list2: decorators, args: bases (and KEYWORD nodes)") \
	X(TRY,        "list: body, list2: HANDLER nodes, list3: else, list4: finally") \
	X(HANDLER,    "a: class or NULL, text: name or NULL, list: body") \
	X(WITH,       "list2: WITH_ITEM nodes, list: body") \
	X(WITH_ITEM,  "a: manager, b: target or NULL") \
	X(IMPORT,     "list: ALIAS nodes") \
	X(IMPORT_FROM,"text: module or NULL, number: leading dots, list: ALIAS nodes; ALIAS '*' for the star") \
	X(ALIAS,      "text: dotted name, text2: name after `as` or NULL") \
	/* expressions */ \
	X(NAME,       "text") \
	X(NONE, "") X(TRUE, "") X(FALSE, "") X(ELLIPSIS, "") \
	X(INT,        "text: the literal as written, underscores removed") \
	X(FLOAT,      "text: the same") \
	X(STR,        "text, size: decoded, UTF-8 (surrogates as 3 bytes)") \
	X(BYTES,      "text, size: decoded") \
	X(FSTRING,    "list: STR and FORMATTED nodes") \
	X(FORMATTED,  "a: value, number: conversion ('r','s','a' or 0; `{x=}` has 'r' where Python implies it), b: FSTRING that is the format spec or NULL, text: `x=`, the own text of `{x=}`, or NULL") \
	X(TUPLE,      "list") X(LIST, "list") X(SET, "list") \
	X(DICT,       "list: keys (NULL for **x), list2: values") \
	X(UNARY,      "number: enum unary, a") \
	X(NOT,        "a") \
	X(BINARY,     "op, a, b") \
	X(AND,        "list: two or more") X(OR, "list: two or more") \
	X(COMPARE,    "a: first, list: the others, ops: enum ast_compare each") \
	X(IF_ELSE,    "a: test, b: then, c: else") \
	X(NAMED,      "text: name, a: value              name := value") \
	X(LAMBDA,     "params, a: body") \
	X(CALL,       "a: function, args: positional, STARRED, KEYWORD and DOUBLE_STARRED nodes in the order written") \
	X(KEYWORD,    "text: name, a: value") \
	X(STARRED,    "a") X(DOUBLE_STARRED, "a") \
	X(ATTRIBUTE,  "a: of, text: name; span2: the name's own") \
	X(SUBSCRIPT,  "a: of, b: index (a TUPLE for x[1, 2], a SLICE for x[1:2])") \
	X(SLICE,      "a: start or NULL, b: stop or NULL, c: step or NULL") \
	X(LIST_COMP,  "a: item, list: FOR_IF nodes") X(SET_COMP, "a, list") X(GENERATOR, "a, list") \
	X(DICT_COMP,  "a: key, b: value, list: FOR_IF nodes") \
	X(FOR_IF,     "a: target, b: iterable, list: conditions") \
	X(YIELD,      "a: value or NULL") X(YIELD_FROM, "a") \
	X(PARAM,      "text: name, a: annotation or NULL, b: default or NULL, number: enum ast_param")

enum node_kind {
#define X(name, slots) NODE_##name,
	AST_NODES(X)
#undef X
	NODE_COUNT
};

enum ast_compare { AST_LT, AST_LE, AST_EQ, AST_NE, AST_GT, AST_GE, AST_IS, AST_IS_NOT, AST_IN, AST_NOT_IN };
enum ast_param { PARAM_POSITIONAL_ONLY, PARAM_PLAIN, PARAM_STAR, PARAM_KEYWORD_ONLY, PARAM_DOUBLE_STAR };

enum { AST_DEPTH = 1000 };

struct node_list {
	struct node **items;
	size_t count, room;
	unsigned depth;             /* of the deepest item */
};

struct node {
	enum node_kind kind;
	int op;                     /* enum operator */
	unsigned depth;             /* levels of nodes from here down; never over AST_DEPTH, so that a walk may recurse */
	struct span span;           /* the whole construct */
	struct span span2;          /* the part that names it: ATTRIBUTE's name, DEF's and CLASS's name, KEYWORD's name, BINARY's operator */
	struct node *a, *b, *c;
	struct node_list *list, *list2, *list3, *list4;   /* NULL: empty */
	struct node_list *args, *params;
	int *ops;                   /* COMPARE: list->count of them */
	const char *text, *text2;
	size_t size;
	long number;
};

/* Whole texts: the tree, or a tree whose error is set. AST_EVAL: one expression (its EXPR is the body). */
enum { AST_EVAL = 1 };
struct ast *ast_parse(struct source *source, unsigned flags);
void ast_free(struct ast *ast);

/* The prompt's push parser: fed a line at a time (with its newline), it says whether the unit is complete. A block ends
 * with an empty line; with `paste` set (a bracketed paste fed whole) blank lines do not end it and the text may hold many statements. */
enum feed { FEED_COMPLETE, FEED_MORE, FEED_ERROR };
struct feeder;
struct feeder *feeder_new(const char *name);
void  feeder_free(struct feeder *f);
enum feed feeder_line(struct feeder *f, const char *line, size_t len, bool paste);
struct ast *feeder_take(struct feeder *f);        /* after COMPLETE or ERROR: the tree (owned); the feeder starts afresh */

/* Constructors for the grammar. */
struct node *ast_node(struct ast *ast, enum node_kind kind, struct span span);
struct node_list *ast_list(struct ast *ast, struct node *first);                 /* first NULL: an empty list */
struct node_list *ast_append(struct ast *ast, struct node_list *list, struct node *n);
const char *ast_text(struct ast *ast, const char *text, size_t len);             /* in the arena, NUL-terminated */
void *ast_room(struct ast *ast, size_t size);                                    /* zeroed, in the arena */
void ast_error(struct ast *ast, const char *kind, struct span span, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The tree as text, one node a line, indented: for tests and for people who work on it. */
void ast_dump(const struct ast *ast, struct buf *out);

#endif
