/* The built-in functions and the modules written in C. What can be written in the language itself is in stdlib/. */
#ifndef LANG_MODULES_H
#define LANG_MODULES_H

#include "lang/vm.h"

/* Called once by vm_new, when the types and exceptions of struct vm stand. */
void builtins_add(struct vm *vm);       /* fills vm->builtins: functions, types, exceptions */
void modules_add(struct vm *vm);        /* every native module, and the standard files (stdout_value ...) */
/* Called by vm_free first of all, while everything still works: flushes and closes what is open. */
void modules_free(struct vm *vm);

/* sys.argv, sys.executable; `program` and the texts are copied. */
void sys_set_argv(struct vm *vm, const char *program, int argc, char *const *argv);

/* Types that natives make instances of, found again without a global: vm->own->struct_time ... One row each. */
#define OWN_TYPES(X) \
	X(unsupported_operation) X(text_file) X(binary_file) X(string_io) X(bytes_io) \
	X(enumerate) X(map) X(filter) X(zip) X(reversed) X(call_iterator) \
	X(version_info) X(struct_time) X(stat_result) X(uname_result) X(terminal_size) X(structure) X(struct_error) X(binascii_error) X(zlib_error) X(compressor) X(decompressor) X(re_error) X(random) X(pattern) X(match) X(hash) X(lock) X(deque) X(grouper)

struct own_types {
#define X(name) struct type *name;
	OWN_TYPES(X)
#undef X
	value shared_random;        /* random's generator behind random.random() */
	value path;                 /* sys.path: a list, where import looks for files */
	value re_cache;             /* re's compiled patterns: a dict */
	value signals;              /* signal's handlers: a dict by number */
	struct str *sys, *standard[3];      /* "sys"; "stdin", "stdout", "stderr": interned */
};

/* One row a native module; each is a `const struct module_spec module_NAME` in module_NAME.c. */
#define NATIVE_MODULES(X) \
	X(sys) X(time) X(math) X(random) X(struct) X(_socket) X(errno) X(io) X(binascii) X(posix) X(re) X(_collections) X(hashlib) X(itertools) \
	X(_json) X(_decimal) X(zlib) X(_select) X(fcntl) X(_signal) X(_thread) X(_spawn)

/* Runs the handlers of the signals that came; false: one raised. */
bool signals_run(struct vm *vm);
void signals_free(struct vm *vm);

void random_add_type(struct vm *vm);

/* What crc32 and its kin are given: bytes, and the sum of those before. false: raised. */
bool module_sum_args(struct vm *vm, value *a, struct view *view, uint32_t *start);
value module_crc32(struct vm *vm, value *a);

#define X(name) extern const struct module_spec module_##name;
NATIVE_MODULES(X)
#undef X

/* Adds `type` to a module's names under its own name; takes nothing. */
void module_add_type(struct vm *vm, struct dict *globals, struct type *type);
/* A native type of a module: made, told its __module__, added to `globals` (NULL: not). Owned: put it into vm->own. */
struct type *module_new_type(struct vm *vm, struct dict *globals, const struct type_spec *spec, const char *module);
/* An exception class of a module (struct.error), added to `globals`. Owned. */
struct type *module_new_error(struct vm *vm, struct dict *globals, const char *module, const char *name, struct type *base);
/* Adds numbers by name: `rows` ends with a row without a name. */
struct module_number { const char *name; int64_t number; };
void module_add_numbers(struct vm *vm, struct dict *globals, const struct module_number *rows);

#endif
