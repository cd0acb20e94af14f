/* Compiled code: what the compiler makes of a module, a function's body, a class's body or a comprehension.
 *
 * Registers of a frame, in order:
 *     [positional parameters][keyword-only ones][*args][**kwargs][other locals] [cells] [temporaries]
 *     0                                                              locals   first_temp       registers
 * A local captured by an inner function lives in a cell; its own register then stays unset.
 * Where things stand in the text is kept beside the instructions: one span each, and for every call the spans of its
 * arguments as written. */
#ifndef LANG_CODE_H
#define LANG_CODE_H

#include "base/source.h"

#include "lang/opcodes.h"
#include "lang/value.h"

struct instruction {
	uint8_t op, n;
	uint16_t a, b, c;
};

/* [start, end) is protected: an exception raised there drops the temporaries from `temp` up, is put into R[temp], and
 * the machine goes on at `handler`. The first range that holds is taken: inner ones stand first. */
struct handler {
	uint32_t start, end, handler;
	uint16_t temp, level;
};

/* What an inner function captures: cell register `at` of the frame that makes it, or its closure's cell `at`. */
struct capture {
	uint16_t at;
	bool free;
};

/* A call with names: `count` positional values, then one for each name. */
struct call_shape {
	uint16_t count, named;
	struct str **names;
};

struct call_spans {
	uint32_t at;                /* the instruction */
	uint32_t first, count;      /* in arg_spans */
};

/* An attribute named in the text, and what was found there last: good while the type's version is the same. */
struct attr_site {
	struct str *name;
	uint32_t version;           /* of the type; 0: nothing found yet */
	uint32_t at;                /* entry of the instance's (or module's) dict where the name was */
	uint8_t what;               /* enum site_kind of vm.c */
	value found;                /* BORROWED from the type, good for `version` */
};

/* A global named in the text: the entry it was found at. An entry proves itself by its key; a built-in also needs the
 * module's dict to be the one that did not have the name. */
struct global_slot {
	uint32_t at;
	uint32_t version;           /* of `missed` */
	struct dict *missed;        /* BORROWED, compared only; NULL: found in the module's own dict */
};

enum code_flags {
	CODE_STAR = 1, CODE_DOUBLE_STAR = 2, CODE_GENERATOR = 4,
	CODE_NAMESPACE = 8,         /* a class's body, or exec with locals of its own: names live in a dict */
	CODE_MODULE = 16,
	CODE_SIMPLE = 32,           /* only plain positional parameters: given so many, nothing is left to bind */
	CODE_COMPREHENSION = 64,
};

struct code {
	struct object head;
	struct str *name, *qualname;        /* interned */
	struct source *source;
	struct span span;                   /* of the definition */
	unsigned flags;
	uint16_t positional, positional_only, keyword_only, params;    /* params: all, stars included */
	uint16_t locals, cells, first_temp, registers;
	value doc;                          /* a str or None */

	struct instruction *ops;
	struct span *spans;
	uint32_t count;
	value *consts;
	uint32_t const_count;
	struct str **names;                 /* interned, as are all below */
	uint32_t name_count;
	struct str **local_names, **cell_names, **free_names;
	struct capture *captures;           /* one a free name */
	uint16_t free_count;
	struct handler *handlers;
	uint32_t handler_count;
	struct call_shape *shapes;
	uint32_t shape_count;
	struct call_spans *calls;           /* ascending by `at` */
	uint32_t call_count;
	struct span *arg_spans;
	uint32_t arg_span_count;
	struct attr_site *sites;
	uint32_t site_count;
	struct global_slot *slots;
	uint32_t slot_count;
};

/* Compiles a tree; NULL with a SyntaxError pending. COMPILE_SHOW: VM_SHOW; COMPILE_EVAL: one expression, which is the result;
 * COMPILE_NAMESPACE: names live in a dict that is not the globals. */
enum { COMPILE_SHOW = 1, COMPILE_EVAL = 2, COMPILE_NAMESPACE = 4 };
struct ast;
struct code *compile(struct vm *vm, struct ast *ast, unsigned flags);

void code_dump(const struct code *code, struct buf *out);   /* the instructions as text, one a line */

static inline int32_t far_of(struct instruction i) { return (int32_t)(i.b | (uint32_t)i.c << 16); }

#endif
