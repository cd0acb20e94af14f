/* Frames, functions and generators: what the files of the machine share. Nobody else includes this.
 *
 * A call of a function of the language by another makes a struct frame (from a list of spare ones) and a window of
 * registers; the C stack does not grow. Windows lie in segments, one behind the other, and a callee's window begins at its
 * first argument, in the caller's temporaries: arguments are passed by being there. What lies above the running frame's live
 * registers holds no object, so a new window needs only its locals cleared, and dead temporaries may hold stale numbers.
 * A generator has its frame and its registers in its own object and is linked into the row of frames while it runs. */
#ifndef LANG_FRAME_H
#define LANG_FRAME_H

#include "lang/code.h"
#include "lang/machine.h"
#include "lang/types.h"
#include "lang/vm.h"

struct function {
	struct container head;
	struct code *code;
	struct dict *globals;
	struct dict *dict;              /* attributes that were set; NULL: none */
	struct tuple *defaults;         /* of the last positional parameters; NULL: none */
	struct dict *keyword_defaults, *annotations;
	struct str *name, *qualname;
	value doc, module;
	size_t cell_count;
	struct cell *cells[];           /* the closure */
};

/* A row of exceptions being handled: the machine's own and one for each running generator. */
struct handled {
	value exception;                /* unset: none here, ask below */
	struct handled *below;
};

enum frame_flags {
	FRAME_ENTRY = 1,                /* leaving it leaves machine_loop */
	FRAME_GENERATOR = 2,
	FRAME_SPACE = 4,                /* has a namespace */
	FRAME_INIT = 8,                 /* an __init__: its instance is the result */
	FRAME_SEGMENT = 16,             /* its window opened a segment */
};

struct frame {
	struct frame *up;               /* the caller; of a spare one the next spare */
	value *regs;
	const struct instruction *ip;   /* where it stands while another runs, or something can raise */
	/* BORROWED from the function; a generator keeps it, since the collector may empty the function first */
	struct code *code;
	struct function *function;      /* owned; a generator's is the generator's */
	unsigned flags;
	/* good only with their flag */
	struct dict *space;             /* SPACE: owned */
	value instance;                 /* INIT: owned */
	struct generator *generator;    /* GENERATOR */
	value *top;                     /* GENERATOR: where windows of calls begin */
};

enum generator_state { GENERATOR_FRESH, GENERATOR_WAITING, GENERATOR_RUNNING, GENERATOR_DONE };

struct generator {
	struct container head;
	struct frame frame;
	struct handled handled;
	enum generator_state state;
	struct str *name, *qualname;
	value result;                   /* what `return` gave, until it is asked for */
	value regs[];
};

struct segment {
	struct segment *below;
	value *end;
	value regs[];
};

struct machine {
	struct frame *frame;            /* the running one */
	struct frame *spare;
	struct segment *segment;
	struct segment *spare_segment;
	unsigned depth, limit;          /* frames */
	unsigned nested;                /* machine_loop within machine_loop */
	struct handled *handled, base;
	struct frame_block *frame_blocks;
	bool again;                     /* what is pending was raised before, in this frame: it stands in the trace already */
};

enum { DEPTH_LIMIT = 1000, NESTED_LIMIT = 200, DEPTH_LIMIT_MOST = 100000 };

static inline struct function *as_function(value v) { return (struct function *)v.o; }
static inline struct generator *as_generator(value v) { return (struct generator *)v.o; }

/* ---- frame.c ---- */
static inline value *frame_top(const struct frame *f)
{
	return f->flags & FRAME_GENERATOR ? f->top : f->regs + f->code->registers;
}
struct frame *frame_spare(struct vm *vm);                       /* makes spare frames when there are none */
bool frame_deep(struct vm *vm);                                 /* raises RecursionError; false */
/* A window of `code` behind the running frame, in another segment if need be; its frame is made the running one. NULL: raised. */
struct frame *frame_push(struct vm *vm, struct function *f, size_t room);   /* keeps f; locals unset; `room` for so many arguments */
void frame_pop(struct vm *vm);                                  /* drops all that the running frame holds */
void frame_drop_temps(struct frame *f, unsigned from);

/* ---- function.c ---- */
value function_new(struct vm *vm, struct code *code, struct dict *globals);
/* Binds arguments that stand in the registers already and belong to the callee: `count` positional ones, then the named
 * ones. false: raised, and they are dropped. */
bool function_fill(struct vm *vm, struct function *f, size_t count, value *regs);
bool function_fill_named(struct vm *vm, struct function *f, const struct call *call, value *regs);

/* ---- vm.c ---- */
value machine_loop(struct vm *vm, struct frame *entry);         /* runs the running frame, until `entry` is left */
value machine_call(struct vm *vm, struct function *f, const struct call *call);
struct handled *machine_current(struct machine *m);             /* the innermost that is set; NULL: none */

/* ---- ops.c, make.c, raise.c: what an instruction does when it is not simple ----
 * f->ip stands at it; operands are consumed; false: raised. */
bool op_unbound(struct vm *vm, struct frame *f, unsigned r);            /* raises UnboundLocalError; false */
bool op_binary(struct vm *vm, struct frame *f, int op);
bool op_binary_int(struct vm *vm, struct frame *f, int op);
bool op_unary(struct vm *vm, struct frame *f);
bool op_compare(struct vm *vm, struct frame *f);
bool op_contains(struct vm *vm, struct frame *f);
int  op_truth(struct vm *vm, struct frame *f, unsigned r, bool keep);   /* -1: raised */
int  op_jump_compare(struct vm *vm, struct frame *f, int compare, bool with_int);
int  op_jump_in(struct vm *vm, struct frame *f);
bool op_iterate(struct vm *vm, struct frame *f);
bool op_unpack(struct vm *vm, struct frame *f);
bool op_unpack_star(struct vm *vm, struct frame *f);
bool op_item(struct vm *vm, struct frame *f, bool with_int);
bool op_slice(struct vm *vm, struct frame *f);
bool op_set_item(struct vm *vm, struct frame *f);
bool op_delete_item(struct vm *vm, struct frame *f);
bool op_build(struct vm *vm, struct frame *f);                          /* SLICE LIST TUPLE SET DICT JOIN */
bool op_extend(struct vm *vm, struct frame *f);                         /* APPEND EXTEND SET_ADD ... LIST_TUPLE */
bool op_spread(struct vm *vm, struct frame *f);
bool op_format(struct vm *vm, struct frame *f);
bool op_function(struct vm *vm, struct frame *f);
bool op_class(struct vm *vm, struct frame *f);
bool op_raise(struct vm *vm, struct frame *f);
int  op_match(struct vm *vm, struct frame *f);
bool op_assert(struct vm *vm, struct frame *f);
bool op_enter(struct vm *vm, struct frame *f);
bool op_leave(struct vm *vm, struct frame *f);
int  op_leave_raised(struct vm *vm, struct frame *f);
bool op_show(struct vm *vm, struct frame *f);
bool op_annotate(struct vm *vm, struct frame *f);

/* ---- names.c: variables and attributes that are looked up by name, with their caches ---- */
bool op_load_global(struct vm *vm, struct frame *f);
bool op_store_global(struct vm *vm, struct frame *f);
bool op_delete_global(struct vm *vm, struct frame *f);
bool op_load_name(struct vm *vm, struct frame *f);
bool op_delete_name(struct vm *vm, struct frame *f);
bool op_cell_unbound(struct vm *vm, struct str *name, bool free);
bool op_load_class_free(struct vm *vm, struct frame *f);
void site_learn(struct vm *vm, struct attr_site *site, value v);     /* what the site's name means on v's type */
bool op_load_attr(struct vm *vm, struct frame *f);
bool op_store_attr(struct vm *vm, struct frame *f);
bool op_delete_attr(struct vm *vm, struct frame *f);
bool op_load_method(struct vm *vm, struct frame *f);
bool op_load_super(struct vm *vm, struct frame *f);
/* What a name means on the instances of a type (or on a class, SITE_OF_TYPE): a value of the instance's dict; of the class; a
 * function that gets the instance; one that gets nothing; one that gets the class; a property with a function; what the type's own
 * slot says, which comes before all else but data descriptors, when it says something. */
enum site_kind { SITE_NOTHING, SITE_INSTANCE, SITE_CLASS, SITE_METHOD, SITE_STATIC, SITE_CLASSMETHOD, SITE_PROPERTY, SITE_SLOT, SITE_OF_TYPE = 16 };

/* ---- call.c: calls that are not of a function of the language with plain arguments ---- */
enum entered { ENTER_RAISED, ENTER_FRAME, ENTER_RESULT };               /* a new running frame, or a result already */
/* `args` and the callee before them are consumed. A result goes to *out. */
enum entered call_any(struct vm *vm, struct frame *f, value *callee, value *args, struct call call, value *out);
enum entered call_function(struct vm *vm, TAKES struct function *fn, value *args, struct call call, value *out);
enum entered call_function_above(struct vm *vm, TAKES struct function *fn, value *args, size_t count, value *out);
value call_native_short(struct vm *vm, struct native_function *n, const value *args, size_t count);
/* The arguments are the frame's own temporaries: a native that takes them by place has them as they are. false: it does not. */
static inline bool call_native_plain(struct vm *vm, struct native_function *n, value *args, unsigned count, value *out)
{
	if (count < n->plain_least || count > n->plain_most || (n->plain_self && (args->tag != TAG_OBJECT || args->o->type != n->owner)))
		return false;
	*out = count == n->plain_all ? n->spec->fn(vm, args) : call_native_short(vm, n, args, count);
	return true;
}
enum entered call_spread(struct vm *vm, struct frame *f, value *out);

/* An argument that is to blame was counted with self in front, which is not written. */
void call_blame_without_self(struct vm *vm);

/* ---- import.c ---- */
void  import_free(struct vm *vm);
value import_dotted(struct vm *vm, struct str *name, unsigned level, bool first);
value import_name(struct vm *vm, value module, struct str *name);
bool  import_star(struct vm *vm, value module, struct dict *into);

/* ---- generator.c ---- */
value generator_new(struct vm *vm, struct function *f, value *regs);        /* takes the registers' contents */
/* makes its frame the running one; false: raised (or done: nothing pending) */
bool  generator_enter(struct vm *vm, struct generator *g, TAKES value sent);
void  generator_leave(struct vm *vm, struct generator *g);                  /* its frame is the running one: unlinks it */
void  generator_finish(struct vm *vm, struct generator *g);                 /* drops its registers; it stays done */

/* ---- trace.c ---- */
void trace_add(struct vm *vm, struct frame *f);                 /* the pending exception passes f */
void trace_raise(struct vm *vm);                                /* the pending exception is new: sets its context */
/* The range that protects where f stands; NULL: none. */
const struct handler *trace_handler(const struct frame *f);

#endif
