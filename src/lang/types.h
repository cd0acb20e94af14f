/* The built-in types' own functions, for natives and the machine. Each type lives in a file of its name. */
#ifndef LANG_TYPES_H
#define LANG_TYPES_H

#include <gmp.h>

#include "base/source.h"

#include "lang/value.h"

/* ---- str: UTF-8 with its count of code points; ASCII exactly when chars == len ---- */
struct str {
	struct object head;         /* head.flags: STR_INTERNED; head.spare: str.c's, the room for growing in place */
	uint64_t hash;              /* 0: not worked out */
	size_t len, chars;
	struct dict *dict;          /* of an instance of a class of the language, else NULL: type_spec.dict_offset */
	char data[];                /* NUL behind */
};
enum { STR_INTERNED = 1 };
struct str *str_new(struct vm *vm, const char *text, size_t len);       /* bytes that are no UTF-8 become surrogate escapes */
struct str *str_text(struct vm *vm, const char *text);
struct str *str_intern(struct vm *vm, const char *text);                /* BORROWED: lives as long as the vm */
struct str *str_intern_str(struct vm *vm, TAKES struct str *s);         /* BORROWED */
void str_intern_end(struct vm *vm);                                     /* vm_free's: lets go of every interned str and of the table */
struct str *str_printf(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
value str_value(struct vm *vm, const char *text);                       /* a str as a value */
value str_from_buf(struct vm *vm, TAKES struct buf *b);                 /* frees b */
static inline struct str *as_str(value v) { return (struct str *)v.o; }
static inline bool is_str(value v) { return is_kind(v, KIND_STR); }
/* "abc" % (...) ; format(v, spec); "{}".format(...) live in format.c */
value format_percent(struct vm *vm, value format, value args, bool bytes);
value format_spec(struct vm *vm, value v, const char *spec, size_t len);

/* ---- bytes, bytearray ---- */
struct bytes {
	struct object head;
	uint64_t hash;
	size_t len;
	struct dict *dict;          /* as in struct str */
	uint8_t data[];
};
struct bytes *bytes_new(struct vm *vm, const void *bytes, size_t len);  /* bytes NULL: not set, to be filled */
value bytes_value(struct vm *vm, const void *bytes, size_t len);
struct bytearray {
	struct object head;
	struct buf *buf;
};
static inline struct bytes *as_bytes(value v) { return (struct bytes *)v.o; }
static inline bool is_bytes(value v) { return is_kind(v, KIND_BYTES); }

/* ---- int beyond 64 bits ---- */
struct bigint {
	struct object head;
	mpz_t number;
};
value int_from_mpz(struct vm *vm, const mpz_t number);                  /* inline when it fits */
value int_from_u64(struct vm *vm, uint64_t number);
value int_from_bytes(struct vm *vm, const uint8_t *bytes, size_t len, bool little, bool is_signed);
bool  int_to_mpz(value v, mpz_t out);                                   /* out is initialised by the caller; false: v is no int */
/* true when v is an int of 0 .. 2^64-1 */
bool  int_to_u64(value v, uint64_t *out);
value int_parse(struct vm *vm, const char *text, size_t len, int base); /* as int(text, base); ValueError */

/* ---- list, tuple ---- */
struct list {
	struct container head;
	value *items;
	size_t count, room;
};
struct tuple {
	struct container head;
	uint64_t hash;
	size_t count;
	struct dict *dict;          /* as in struct str */
	value items[];
};
struct list  *list_new(struct vm *vm, size_t room);
void  list_append(struct list *l, TAKES value item);
bool  list_insert(struct vm *vm, struct list *l, int64_t at, TAKES value item);
bool  list_extend(struct vm *vm, struct list *l, value iterable);
value list_from(struct vm *vm, value iterable);                         /* list(iterable) */
struct tuple *tuple_new(struct vm *vm, size_t count);                   /* items unset: to be filled before it is seen */
value tuple_of(struct vm *vm, size_t count, const value *items);        /* keeps them */
value tuple_from(struct vm *vm, value iterable);
static inline struct list *as_list(value v) { return (struct list *)v.o; }
static inline struct tuple *as_tuple(value v) { return (struct tuple *)v.o; }
/* The items of a list or tuple without copying; false for anything else. Good until the list changes. */
bool  value_items(value v, const value **items, size_t *count);

/* ---- dict: insertion-ordered, open addressing over an entry array (CPython's compact dict) ---- */
struct dict_entry {
	uint64_t hash;
	value key, item;            /* key unset: deleted */
};
struct dict {
	struct container head;
	int32_t *index;
	uint32_t index_size;        /* power of two */
	uint32_t used;              /* live entries */
	uint32_t filled;            /* entries in use or deleted: where the next one goes */
	uint32_t spent;             /* entries ever added since the last rebuild: index slots that are no longer free */
	uint32_t room;
	uint32_t version;           /* changed with every insertion of a new key or removal: what cached slots compare */
	struct dict_entry *entries;
};
struct dict *dict_new(struct vm *vm);
value dict_get(struct vm *vm, struct dict *d, value key);               /* BORROWED; unset: none (or a hash raised: vm_pending) */
bool  dict_set(struct vm *vm, struct dict *d, value key, TAKES value item);
bool  dict_remove(struct vm *vm, struct dict *d, value key, bool *was);
value dict_get_str(struct dict *d, struct str *key);                    /* BORROWED; never raises; fast for interned names */
value *dict_place_str(struct dict *d, struct str *key);                 /* where its value stands; NULL: none. Good until the dict changes */
void  dict_set_str(struct vm *vm, struct dict *d, struct str *key, TAKES value item);
bool  dict_remove_str(struct dict *d, struct str *key);
value dict_get_text(struct vm *vm, struct dict *d, const char *key);    /* BORROWED */
void  dict_set_text(struct vm *vm, struct dict *d, const char *key, TAKES value item);
/* for (uint32_t i = 0; dict_next(d, &i, &key, &item);) ...   key and item borrowed */
bool  dict_next(struct dict *d, uint32_t *at, value *key, value *item);
bool  dict_update(struct vm *vm, struct dict *d, value other);
static inline struct dict *as_dict(value v) { return (struct dict *)v.o; }

/* ---- set, frozenset ---- */
struct set_entry {
	uint64_t hash;
	value key;                  /* unset: free, or removed when the hash is not 0 */
};
struct set {
	struct container head;
	struct set_entry *table;    /* Python's probing, so that a set of numbers is walked in Python's order */
	size_t mask;                /* the table's size - 1; table NULL: empty */
	size_t used, filled;        /* filled: with the removed */
	size_t finger;              /* where pop goes on looking */
	uint64_t hash;              /* a frozenset's; 0: not worked out */
	uint32_t version;           /* changed with every addition and removal */
};
struct set *set_new(struct vm *vm, bool frozen);
bool  set_add(struct vm *vm, struct set *s, value item);
bool  set_has(struct vm *vm, struct set *s, value item, bool *out);
/* for (size_t i = 0; set_next(s, &i, &item);) ...   item borrowed */
bool  set_next(const struct set *s, size_t *at, value *item);

/* ---- range, slice ---- */
struct range { struct object head; value start, stop, step; };          /* ints of any size */
struct slice { struct container head; value start, stop, step; };
value slice_new(struct vm *vm, value start, value stop, value step);
/* Python's slice.indices: start, stop, step and the count of items for a sequence of `len`. */
bool  slice_indices(struct vm *vm, value slice, size_t len, int64_t *start, int64_t *stop, int64_t *step, size_t *count);
/* A subscript as an index into `len` items: negative from the end; IndexError "`what` index out of range". */
bool  index_in(struct vm *vm, value key, size_t len, const char *what, size_t *out);

/* ---- Decimal, over GMP: (-1)^negative * digits * 10^exponent; context precision 28, ROUND_HALF_EVEN ---- */
struct decimal {
	struct object head;
	mpz_t digits;               /* signed */
	int64_t exponent;
	uint8_t special;            /* 0 finite, 1 Infinity, 2 -Infinity, 3 NaN */
};
enum { DECIMAL_PLAIN = 1 };     /* head.flags: repr is the digits alone; what is computed with it has it too */
value decimal_parse(struct vm *vm, const char *text, size_t len);
value decimal_from_parts(struct vm *vm, const mpz_t digits, int64_t exponent);
value decimal_from_int(struct vm *vm, int64_t number, int64_t exponent);/* number * 10^exponent */
double decimal_to_double(const struct decimal *d);

/* ---- functions, methods, modules ---- */
struct native_function {
	struct container head;
	const struct native *spec;
	struct signature *signature;/* NULL until the first call that binds */
	value self;                 /* bound; or unset */
	struct type *owner;         /* whose method it is; NULL: a function */
	bool outside;               /* NATIVE_OUTSIDE, by its own flag, its type's or its module's */
	/* So many arguments by place (self included) can be given to it as they lie, or with borrowed defaults behind them up to
	 * `plain_all`: known with the signature. Until then, and where it is otherwise, no number lies between them. */
	bool plain_self;            /* the first is a self, which has to be of the owner's very type */
	uint8_t plain_least, plain_most, plain_all;
};
enum { NATIVE_PLAIN_MOST = 8 };
value native_new(struct vm *vm, const struct native *spec, struct type *owner);
value native_call(struct vm *vm, struct native_function *f, const struct call *call);   /* the one way to call a native */
struct method {
	struct container head;
	value function, self;
};
value method_new(struct vm *vm, value function, value self);
extern const struct native call_binder;     /* as a method of a function: binds the arguments to its parameters, TypeError where they do not fit, and calls nothing */
/* super(cls, self), for the machine's super() without arguments: `cls` is the class whose body the method stands in. */
value super_new(struct vm *vm, struct type *cls, value self);
struct module {
	struct container head;
	struct dict *globals;
	struct str *name;
};
struct module *module_new(struct vm *vm, const char *name);
struct property { struct container head; value get, set, del, doc; };

/* ---- exceptions ---- */
struct exception {
	struct container head;
	struct dict *dict;
	value args;                 /* a tuple */
	value cause, context;       /* raise ... from; the one being handled */
	bool suppress_context;
	struct trace *trace;        /* the frames it passed, innermost first: source, span, function name */
	size_t trace_count;
	int blame;                  /* index of the call's argument it is about; -1: the whole call */
	bool blame_value;           /* ... of a named one its value, not its name */
	struct source *source;      /* a place in text that is no frame of the machine: a SyntaxError's, a bad filter's; NULL: none */
	struct span span;
};
struct trace {
	struct source *source;
	struct span span;
	struct str *function;
};
value exception_new(struct vm *vm, struct type *cls, TAKES value message);
static inline struct exception *as_exception(value v) { return (struct exception *)v.o; }

/* An iterator over anything countable from C: next() is called with its state value until it returns unset. */
struct iterator {
	struct container head;
	value over;
	size_t at;
	value (*step)(struct vm *vm, struct iterator *it);
	value extra;
};
value iterator_new(struct vm *vm, value over, value (*step)(struct vm *vm, struct iterator *it));

#endif
