/* The compiler's own: scopes, code in the making, and what its files share. Nobody else includes this.
 *
 * Two passes. The first (compile_scope.c) walks the tree and makes a scope for every body, then settles for each name of
 * each scope where it lives. The second writes instructions, one struct unit a body.
 *
 * Temporaries are taken and given back like a stack: `unit->temp` is the next free one. Each temporary that was written is
 * consumed by exactly one instruction on every path. An expression put into a register writes it with its last instruction
 * only, so a local may be the destination of `x = f(x)` and stays as it was when f raises. */
#ifndef LANG_COMPILE_H
#define LANG_COMPILE_H

#include "lang/ast.h"
#include "lang/code.h"
#include "lang/types.h"
#include "lang/vm.h"

/* ---- scopes ---- */
enum symbol_flags {
	SYM_BOUND = 1, SYM_PARAM = 2, SYM_GLOBAL = 4, SYM_NONLOCAL = 8, SYM_USED = 16,
	SYM_NAMED = 32,             /* target of := here: its register may change in mid-expression */
	SYM_CAPTURED = 64,          /* an inner function uses it: a cell */
};
enum whereabouts { PLACE_LOCAL, PLACE_CELL, PLACE_FREE, PLACE_GLOBAL, PLACE_NAME, PLACE_CLASS_FREE };

struct symbol {
	struct str *name;           /* interned, mangled */
	unsigned flags;
	enum whereabouts place;
	uint16_t at;                /* register, or index of the closure's cell */
	struct span span;           /* of its nonlocal declaration */
	int global;                 /* index of name and slot in the code; -1: not yet used */
};

enum scope_kind { SCOPE_MODULE, SCOPE_FUNCTION, SCOPE_CLASS, SCOPE_COMPREHENSION };

struct scope {
	enum scope_kind kind;
	const struct node *node;    /* DEF, LAMBDA, CLASS, a comprehension; NULL: the module */
	struct scope *up;
	struct scope **inner;
	size_t inner_count, inner_room, inner_next;
	struct symbol *symbols;
	size_t count, room;
	uint32_t *index;            /* open addressing over `symbols`, by pointer; 0: empty, else 1 + position */
	size_t index_size;
	struct str **frees;         /* names that come from an outer function */
	size_t free_count, free_room;
	const char *class_name;     /* of the class that this is in, for __private names; or NULL */
	bool generator;
	bool namespace;             /* a module whose names live in a dict of their own */
	bool class_cell;            /* a class whose methods use super() or __class__ */
};

struct compiler;
struct scope *scope_analyse(struct compiler *c, const struct ast *ast, bool namespace);     /* error: compiler->error */
void scope_free(struct scope *s);
struct symbol *scope_find(const struct scope *s, const struct str *name);
struct scope *scope_inner(struct scope *s, const struct node *node);
int scope_free_index(const struct scope *s, const struct str *name);                         /* -1: none */
struct str *scope_name(struct compiler *c, const struct scope *s, const char *text);         /* interned, mangled; BORROWED */

/* ---- code in the making ---- */
struct jumps {
	uint32_t *at;
	uint32_t count, room;
};

/* What a jump out of a body has to undo, innermost first. */
enum block_kind { BLOCK_LOOP, BLOCK_FOR, BLOCK_TRY, BLOCK_FINALLY, BLOCK_HANDLER, BLOCK_WITH };
struct block {
	enum block_kind kind;
	struct block *up;
	unsigned level;
	uint32_t start;             /* where the protected range is open from */
	struct jumps to_handler;    /* the ranges' indexes in unit->handlers, to be given their handler */
	uint16_t temp;              /* first temporary of its own; what a handler starts from */
	struct jumps breaks, continues;
	const struct node_list *final;      /* FINALLY's body */
	const char *name;           /* HANDLER: `as name` */
};

struct unit {
	struct unit *up;
	struct scope *scope;
	struct code *code;
	struct block *block;
	unsigned depth;             /* of blocks */
	uint16_t temp;
	uint32_t ops_room, consts_room, names_room, handlers_room, shapes_room, calls_room, arg_spans_room, sites_room;
	struct span span;           /* of what is being compiled: goes with each instruction */
};

struct compiler {
	struct vm *vm;
	const struct ast *ast;
	unsigned flags;
	struct unit *unit;
	struct error error;
	unsigned nesting;           /* of the tree: deep texts are refused, the C stack is not endless */
};

enum { COMPILE_NESTING = 2000, NO_REGISTER = 0xffff };

bool compile_error(struct compiler *c, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define compile_failed(c) ((c)->error.kind != NULL)
bool compile_enter(struct compiler *c, struct span span);       /* one level deeper in the tree; false: too deep */
void compile_leave(struct compiler *c);

/* compile.c: emission */
uint32_t emit(struct compiler *c, enum opcode op, unsigned n, unsigned a, unsigned b, unsigned d);
uint32_t emit_int(struct compiler *c, unsigned a, int32_t number);
void emit_move(struct compiler *c, unsigned dest, unsigned from);        /* MOVE of a temporary, COPY of a local */
uint32_t emit_far(struct compiler *c);                          /* a JUMP to be patched */
uint32_t here(const struct compiler *c);
void patch(struct compiler *c, uint32_t at);                    /* the jump at `at` comes here */
void patch_to(struct compiler *c, uint32_t at, uint32_t target);
void jumps_add(struct jumps *j, uint32_t at);
void jumps_here(struct compiler *c, struct jumps *j);           /* all come here; the list is freed */
void jumps_to(struct compiler *c, struct jumps *j, uint32_t target);
uint16_t temp_take(struct compiler *c);
uint16_t temp_take_many(struct compiler *c, unsigned count);
static inline bool is_temp(const struct compiler *c, unsigned r) { return r >= c->unit->code->first_temp; }
uint16_t const_add(struct compiler *c, TAKES value v);
uint16_t name_add(struct compiler *c, struct str *name);
uint16_t name_text(struct compiler *c, const char *text);       /* mangled */
uint16_t site_add(struct compiler *c, const char *name);
uint16_t shape_add(struct compiler *c, unsigned count, unsigned named, struct str **names);  /* takes names */
void call_spans_add(struct compiler *c, uint32_t at, const struct node_list *args, size_t count);
struct unit *unit_open(struct compiler *c, struct scope *scope, const char *name, struct span span, const struct node_list *params);
struct code *unit_close(struct compiler *c);                    /* owned; NULL after an error */
struct span set_span(struct compiler *c, struct span span);     /* returns the one before */

/* compile_name.c: variables */
void load_name(struct compiler *c, const char *text, uint16_t dest);
void store_name(struct compiler *c, const char *text, uint16_t from);
void delete_name(struct compiler *c, const char *text, bool quiet);
int  name_local(struct compiler *c, const char *text);          /* the register of a local that may be borrowed; -1: none */
int  name_target(struct compiler *c, const char *text);         /* the register of a local to write to; -1: none */
value literal(struct compiler *c, const struct node *n);        /* the value of a constant expression, owned; unset: it is none */

/* compile_expr.c */
void expr_to(struct compiler *c, const struct node *n, uint16_t dest);
uint16_t operand(struct compiler *c, const struct node *n);     /* a local, or a new temporary */
/* a local, else `dest` if that is a temporary, else a new one */
uint16_t operand_in(struct compiler *c, const struct node *n, uint16_t dest);
uint16_t expr_temp(struct compiler *c, const struct node *n);   /* always a new temporary */
void condition(struct compiler *c, const struct node *n, bool sense, struct jumps *out);
void expr_effect(struct compiler *c, const struct node *n);     /* its value is not wanted */
void emit_binary(struct compiler *c, int op, unsigned n, uint16_t dest, uint16_t a, const struct node *right);

/* compile_call.c */
void call_to(struct compiler *c, const struct node *n, uint16_t dest);
void compile_class(struct compiler *c, const struct node *n);
void compile_def(struct compiler *c, const struct node *n);
const struct node *compile_doc(const struct node_list *body);       /* the STR that a body begins with; NULL: none */
void compile_store_doc(struct compiler *c, const struct node_list *body);   /* __doc__ of a class or module */
void lambda_to(struct compiler *c, const struct node *n, uint16_t dest);
void comprehension_to(struct compiler *c, const struct node *n, uint16_t dest);

/* compile_stmt.c */
void compile_body(struct compiler *c, const struct node_list *list);
void store_to(struct compiler *c, const struct node *target, uint16_t from);
/* A loop over the items of a register: for_begin, the body, for_end. The test stands at the end. */
struct for_loop {
	const struct node *target;
	struct span span;           /* of the iterable */
	uint16_t state, item;
	uint32_t enter, body;
};
void for_begin(struct compiler *c, struct for_loop *loop, uint16_t iterable);
void for_end(struct compiler *c, struct for_loop *loop, struct jumps *continues);

/* compile_try.c */
void block_push(struct compiler *c, struct block *b, enum block_kind kind);
void block_pop(struct compiler *c);
void compile_try(struct compiler *c, const struct node *n);
void compile_with(struct compiler *c, const struct node *n, size_t from);
void compile_leave_loop(struct compiler *c, const struct node *n);      /* BREAK, CONTINUE */
void compile_return(struct compiler *c, const struct node *n);

static inline size_t list_count(const struct node_list *l) { return l ? l->count : 0; }

#endif
