/* What the machine offers to the rest of src/lang: its making, the running frame, functions of the language. */
#ifndef LANG_MACHINE_H
#define LANG_MACHINE_H

#include "lang/types.h"
#include "lang/vm.h"

struct code;
struct function;

/* machine_new sets vm->machine and vm->import; vm_new calls it when the types, the exceptions, vm->names, vm->builtins and
 * vm->modules are there. machine_free comes when every object is gone. */
void machine_new(struct vm *vm);
void machine_free(struct vm *vm);
/* A thread's own: `like` lends its depth limit. Dropped when nothing runs in it any more. */
struct machine *machine_make(const struct machine *like);
void machine_drop(struct machine *m);

/* The running frame of the language (the one that called the native); NULL when there is none. */
struct dict *frame_globals(struct vm *vm);                          /* BORROWED */
struct dict *frame_locals(struct vm *vm);                           /* owned: a new dict, at module level the globals themselves */
bool  frame_super(struct vm *vm, struct type **cls, value *self);   /* for super() without arguments: BORROWED; RuntimeError */
struct str *frame_function_name(struct vm *vm, size_t up);          /* BORROWED; NULL: fewer frames */
size_t frame_depth(struct vm *vm);
bool  frame_place(struct vm *vm, size_t up, struct place_in *out);  /* where the up-th frame stands */
struct dict *frame_globals_up(struct vm *vm, size_t up);            /* BORROWED; NULL: fewer frames */
value machine_handled(struct vm *vm);                               /* BORROWED: the exception being handled (sys.exc_info); unset: none */
unsigned machine_depth_limit(struct vm *vm);                        /* sys.getrecursionlimit */
bool  machine_set_depth_limit(struct vm *vm, unsigned limit);

/* exec, eval, compile. locals NULL: the globals. The result of exec is None. */
value machine_exec(struct vm *vm, struct source *source, struct dict *globals, struct dict *locals);
value machine_eval(struct vm *vm, struct source *source, struct dict *globals, struct dict *locals);
value machine_run_code(struct vm *vm, struct code *code, struct dict *globals, struct dict *locals);

/* A function of the language, for inspection. */
struct str *function_name(value f);                                 /* BORROWED */
value function_doc(value f);                                        /* BORROWED: str or None */
value function_signature(struct vm *vm, value f);                   /* "(a, b=1, *args)" as a str */
struct code *function_code(value f);                                /* BORROWED */

/* A cell: a variable shared by functions. */
struct cell {
	struct container head;
	value held;                 /* unset: not bound */
};
struct cell *cell_new(struct vm *vm, TAKES value held);

/* The next item of a generator without a nested machine is FOR's; natives use value_next. These are its methods' home. */
value generator_send(struct vm *vm, value generator, value sent);
value generator_throw(struct vm *vm, value generator, TAKES value exception);
value generator_close(struct vm *vm, value generator);

/* Names that nobody has: asked before ModuleNotFoundError with a dotted name, to give the module (owned), or unset with
 * nothing pending. */
void vm_set_module_finder(struct vm *vm, value (*find)(struct vm *vm, const char *name));

#endif
