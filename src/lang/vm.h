/* The machine: one struct vm is one world of values. Nothing is global; what readline and signals make global stays in the
 * shell. This header is what natives and embedding code need; the dispatch loop and frames are vm's own. */
#ifndef LANG_VM_H
#define LANG_VM_H

#include "base/error.h"
#include "lang/type.h"

/* The native types, by name: vm->types.list ... One row each, so that the table and the struct can't differ. */
#define VM_TYPES(X) \
	X(object) X(type) X(none) X(not_implemented) X(ellipsis) X(bool_) X(int_) X(float_) X(str) X(bytes) X(bytearray) X(list) \
	X(tuple) X(dict) X(set) X(frozenset) X(range) X(slice) X(decimal) X(function) X(native) X(method) X(property) \
	X(staticmethod) X(classmethod) X(module) X(generator) X(code) X(cell) X(super) X(iterator) X(getset) X(traceback) X(frame) X(union_) \
	X(dict_keys) X(dict_values) X(dict_items)

/* Exceptions: name, base. In an order where bases come first. */
#define VM_EXCEPTIONS(X) \
	X(BaseException, object) X(Exception, BaseException) X(KeyboardInterrupt, BaseException) X(SystemExit, BaseException) \
	X(GeneratorExit, BaseException) X(StopIteration, Exception) X(StopAsyncIteration, Exception) \
	X(ArithmeticError, Exception) X(OverflowError, ArithmeticError) X(ZeroDivisionError, ArithmeticError) \
	X(FloatingPointError, ArithmeticError) X(AssertionError, Exception) X(AttributeError, Exception) \
	X(BufferError, Exception) X(EOFError, Exception) X(ImportError, Exception) X(ModuleNotFoundError, ImportError) \
	X(LookupError, Exception) X(IndexError, LookupError) X(KeyError, LookupError) X(MemoryError, Exception) \
	X(NameError, Exception) X(UnboundLocalError, NameError) X(OSError, Exception) X(BlockingIOError, OSError) \
	X(ChildProcessError, OSError) X(ConnectionError, OSError) X(BrokenPipeError, ConnectionError) \
	X(ConnectionAbortedError, ConnectionError) X(ConnectionRefusedError, ConnectionError) \
	X(ConnectionResetError, ConnectionError) X(FileExistsError, OSError) X(FileNotFoundError, OSError) \
	X(InterruptedError, OSError) X(IsADirectoryError, OSError) X(NotADirectoryError, OSError) X(PermissionError, OSError) \
	X(ProcessLookupError, OSError) X(TimeoutError, OSError) X(ReferenceError, Exception) X(RuntimeError, Exception) \
	X(NotImplementedError, RuntimeError) X(RecursionError, RuntimeError) X(SyntaxError, Exception) \
	X(IndentationError, SyntaxError) X(TabError, IndentationError) X(SystemError, Exception) X(TypeError, Exception) \
	X(ValueError, Exception) X(UnicodeError, ValueError) X(UnicodeDecodeError, UnicodeError) \
	X(UnicodeEncodeError, UnicodeError) X(Warning, Exception) X(UserWarning, Warning) X(DeprecationWarning, Warning) \
	X(RuntimeWarning, Warning) X(SyntaxWarning, Warning) X(FutureWarning, Warning) X(ImportWarning, Warning) \
	X(UnicodeWarning, Warning) X(BytesWarning, Warning) X(ResourceWarning, Warning) X(PendingDeprecationWarning, Warning) \
	X(Scapy_Exception, Exception) X(DecimalException, ArithmeticError) X(InvalidOperation, DecimalException) \
	X(DivisionByZero, ZeroDivisionError) X(Overflow, DecimalException)

/* Names that C looks up often, interned once: vm->names.repr is "__repr__" ... */
#define VM_DUNDERS(X) \
	X(init) X(new) X(repr) X(str) X(len) X(bool) X(hash) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(getitem) X(setitem) X(delitem) \
	X(contains) X(iter) X(next) X(call) X(getattr) X(setattr) X(delattr) X(getattribute) X(enter) X(exit) X(format) X(index) \
	X(int) X(float) X(bytes) X(add) X(sub) X(mul) X(truediv) X(floordiv) X(mod) X(pow) X(lshift) X(rshift) X(and) X(or) X(xor) \
	X(matmul) X(radd) X(rsub) X(rmul) X(rtruediv) X(rfloordiv) X(rmod) X(rpow) X(rlshift) X(rrshift) X(rand) X(ror) X(rxor) \
	X(rmatmul) X(iadd) X(isub) X(imul) X(itruediv) X(ifloordiv) X(imod) X(ipow) X(ilshift) X(irshift) X(iand) X(ior) X(ixor) \
	X(imatmul) X(neg) X(pos) X(invert) X(abs) X(round) X(reversed) X(name) X(doc) X(dict) X(class) X(bases) X(module) \
	X(qualname) X(file) X(all) X(get) X(set) X(delete) X(missing) X(main) X(import) X(annotations) X(slots) X(init_subclass) \
	X(set_name) X(cause) X(context) X(traceback) X(del) X(mro) X(class_getitem) X(self) X(func) X(instancecheck) \
	X(class_call) X(class_iter) X(class_len) X(class_contains) X(class_repr) X(class_setattr)

struct vm_types {
#define X(name) struct type *name;
	VM_TYPES(X)
#undef X
};
struct vm_exceptions {
#define X(name, base) struct type *name;
	VM_EXCEPTIONS(X)
#undef X
};
struct vm_names {
#define X(name) struct str *name##_;
	VM_DUNDERS(X)
#undef X
};

/* What the layers above say to the machine; each may be NULL. */
struct vm_hooks {
	bool (*display)(struct vm *vm, value shown);
	value (*find_name)(struct vm *vm, struct str *name);
	const char *(*nearest_name)(struct vm *vm, const char *name);
	value (*find_module)(struct vm *vm, const char *name);
	/* Another thread gets its turn: what is going on in the host moves to *kept, or (`back`) from there. */
	void (*turn)(struct vm *vm, void **kept, bool back);
};

struct vm {
	struct vm_types types;
	struct vm_exceptions errors;
	struct vm_names names;
	struct dict *builtins;              /* name -> value */
	struct dict *modules;               /* sys.modules */
	value pending;                      /* the exception being raised; unset: none */
	volatile int interrupt;             /* enum interrupt, set atomically: vm_poll when not 0 */
	struct heap *heap;                  /* gc.c's */
	struct machine *machine;            /* vm.c's: frames, call depth, handled exceptions; the running thread's */
	unsigned loading;                   /* files of the library that are being run: a poll hands no turn over, nobody sees half of one */
	struct intern *interned;            /* str.c's */
	struct import *import;              /* import.c's: native modules by name, search path, the embedded library */
	value stdout_value, stdin_value, stderr_value;   /* sys.stdout and kin */
	struct own_types *own;               /* modules.h: types of the native modules */
	struct type_cache *type_cache;      /* type.c's: what names mean on types */
	struct guard *guard;                /* guard.c's: what is being printed, compared or hashed just now; the running thread's */
	struct threads *threads;            /* thread.c's; NULL: there was one thread only */
	struct vm_hooks hooks;
	/* What the host did a moment ago may still be on its way out (frames that were sent). Called before anything that the world
	 * outside may notice or tell: natives that reach outside (NATIVE_OUTSIDE), what is printed, the program's end. false: raised, for
	 * what was done went wrong (`raise` false: that stays until somebody can). NULL: nothing is. */
	bool (*settle)(struct vm *vm, bool raise);
	void *host;                         /* the layer above's own (struct world of src/packet); lang never looks */
};

enum interrupt {
	INTERRUPT_KEY = 1,              /* Ctrl-C */
	INTERRUPT_CYCLES = 2,           /* the heap grew: cycles should be looked for */
	INTERRUPT_MEMORY = 4,           /* mem.c's MEM_EXHAUSTED */
	INTERRUPT_SIGNAL = 8,           /* a signal came whose handler is the user's */
	INTERRUPT_TURN = 16,            /* another thread waits for its turn */
};

struct vm *vm_new(void);
void vm_free(struct vm *vm);            /* frees every object, cycles included */

/* Raising. Each returns VALUE_UNSET so that a native can end in `return vm_raise(...)`; the _ok form returns false. */
value vm_raise(struct vm *vm, struct type *cls, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool  vm_raise_ok(struct vm *vm, struct type *cls, const char *format, ...) __attribute__((format(printf, 3, 4)));
value vm_raise_error(struct vm *vm, struct error *e);              /* takes the error's contents; kind names the class */
value vm_raise_os(struct vm *vm, int code, value filename);         /* OSError's own subclass by errno */
value vm_raise_value(struct vm *vm, TAKES value exception);
void  vm_blame_arg(struct vm *vm, size_t index);                    /* the pending exception is about the call's index-th argument (as in struct call): its carets go there */
void  vm_blame_value(struct vm *vm, size_t index);                  /* the same, and not about its name */
static inline bool vm_pending(const struct vm *vm) { return vm->pending.tag != TAG_UNSET; }
value vm_take_pending(struct vm *vm);                               /* clears and returns it */
bool  vm_pending_is(struct vm *vm, struct type *cls);
void  vm_clear(struct vm *vm);

/* Called by the machine at back edges and by every native that can run longer than 10 ms. false: KeyboardInterrupt (or
 * MemoryError) is pending. */
bool  vm_poll(struct vm *vm);

static inline bool vm_settle(struct vm *vm) { return !vm->settle || vm->settle(vm, true); }

/* Around what may block (poll, read, a name asked for): other threads run meanwhile, so nothing of the machine's is touched
 * between the two. errno is kept. */
struct thread;
void threads_leave(struct vm *vm, struct thread **self);
void threads_return(struct vm *vm, struct thread *self);
static inline struct thread *vm_wait_begin(struct vm *vm)
{
	struct thread *self = NULL;
	if (vm->settle)
		vm->settle(vm, false);
	if (vm->threads)
		threads_leave(vm, &self);
	return self;
}
static inline void vm_wait_end(struct vm *vm, struct thread *self)
{
	if (self)
		threads_return(vm, self);
}
/* An expression that may block, its value that of the call: got = VM_WAIT(vm, read(fd, bytes, len)). */
#define VM_WAIT(vm, call) ({ struct thread *self_ = vm_wait_begin(vm); __auto_type result_ = (call); vm_wait_end(vm, self_); result_; })
bool threads_poll(struct vm *vm, int *bits);        /* vm_poll's part: hands the turn over; false: raised */
bool threads_finish(struct vm *vm);                 /* waits for all threads but daemons; false: raised (Ctrl-C) */
/* Ends the others at their next poll, before vm_free. false: one did not end in a second, and the process has to be left at once. */
bool threads_end(struct vm *vm);

/* Running source. `name` is shown in errors; a module dict holds the globals. VM_SHOW: values of expression statements are
 * shown through `vm_display` and bound to _. */
enum { VM_SHOW = 1 };
value vm_run(struct vm *vm, struct source *source, struct dict *globals, unsigned flags);
value vm_eval(struct vm *vm, struct source *source, struct dict *globals);      /* one expression */
struct ast;
value vm_run_ast(struct vm *vm, struct ast *ast, struct dict *globals, unsigned flags);   /* what the prompt's push parser made */
void  vm_set_display(struct vm *vm, bool (*display)(struct vm *vm, value shown));
void  vm_format_exception(struct vm *vm, value exception, struct buf *out);     /* the block of LANGUAGE.md, frames above it */

/* Modules. A native module is a table; a module in the language is found in the embedded library or on the path. */
struct module_spec {
	const char *name, *doc;
	const struct native *functions;
	bool (*fill)(struct vm *vm, struct dict *globals);              /* constants, types; may be NULL */
	bool outside;                                                   /* its functions reach outside of the program: NATIVE_OUTSIDE */
};
void  vm_add_module(struct vm *vm, const struct module_spec *spec);
void  vm_add_builtins(struct vm *vm, const struct native *functions);
/* The embedded library: files by path ("layers/udp.pkt"). Sorted by path. */
struct embedded { const char *path; const char *text; size_t len; };
void  vm_set_library(struct vm *vm, const struct embedded *files, size_t count);
void  vm_add_path(struct vm *vm, const char *folder);
value vm_import(struct vm *vm, const char *name);                   /* the module object (BORROWED by sys.modules, owned here) */
/* Asked for a global name that neither the module nor the built-ins have, before NameError: the shell's index of the
 * standard library answers here, loading the file that defines it. Unset with nothing pending: unknown. */
void  vm_set_name_finder(struct vm *vm, value (*find)(struct vm *vm, struct str *name), const char *(*nearest)(struct vm *vm, const char *name));

/* Where the machine is: for warnings and for errors found later than made (blaming the line that set a field). */
struct place_in { struct source *source; struct span span; };       /* source BORROWED */
struct place_in vm_here(struct vm *vm);

size_t vm_collect(struct vm *vm);                                   /* reclaim cycles now; how many objects */
value vm_write(struct vm *vm, const char *text, size_t len);        /* to sys.stdout, as print does; None or unset */

#endif
