/* Types: what an object can do. Native types are described by a struct type_spec, one static table each; classes of the
 * language are types whose slots call the class's special methods. A native type that is SUBCLASSABLE can be a base of
 * classes of the language: its instances then carry a dict at `dict_offset`. */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H

#include "lang/value.h"

/* The arguments of one call as written: positional ones, then named ones. Values borrowed from the caller. */
struct call {
	const value *args;          /* `count` positional values, then `named` values */
	uint32_t count, named;
	struct str *const *names;   /* `named` names, interned */
};

/* A native function. Either `fn`, with a signature in Python's notation ("iterable, /, *, key=None, reverse=False"): the
 * arguments are bound before, a[i] being the i-th parameter, unset when it was not given and has no default; defaults
 * may be None, True, False, a number, a quoted text, () or ... (= unset); "*args" gives a tuple, "**kw" a dict. Methods
 * get self as a[0] before the parameters. Or `raw`, with no binding done, for what has to be fast or takes any keyword
 * (self is then call->args[0]). The signature is also what help() prints and what errors name. */
typedef value (*native_fn)(struct vm *vm, value *a);
struct native_function;
typedef value (*native_raw)(struct vm *vm, const struct call *call);
struct native {
	const char *name;
	native_fn fn;
	const char *signature;
	const char *doc;            /* one sentence */
	native_raw raw;
	unsigned flags;
	value (*slot)(struct vm *vm, struct native_function *f, const struct call *call);    /* a slot as a method (`dict.__setitem__`): type_new makes these */
};
enum { NATIVE_STATIC = 1, NATIVE_CLASS = 2, NATIVE_OUTSIDE = 4 };      /* OUTSIDE: it asks or changes the world outside, which vm_settle goes before */

/* A computed attribute. `set` NULL: read-only; set gets an unset value for del. */
struct getset {
	const char *name;
	value (*get)(struct vm *vm, value self);
	bool (*set)(struct vm *vm, value self, value to);
	const char *doc;
};

typedef void (*visit_fn)(struct object *held, void *state);             /* held NULL: nothing */
static inline void visit_value(value v, visit_fn visit, void *state)
{
	if (v.tag == TAG_OBJECT)
		visit(v.o, state);
}

/* What a type can do natively; NULL: inherited from the base, else not supported. */
struct slots {
	value (*make)(struct vm *vm, struct type *cls, const struct call *call);   /* __new__: a valid instance of cls */
	bool  (*init)(struct vm *vm, value self, const struct call *call);         /* __init__ */
	void  (*release)(struct object *o);                                        /* drop what it holds; the block is freed after */
	void  (*visit)(struct object *o, visit_fn visit, void *state);             /* every reference it holds */
	bool  (*repr)(struct vm *vm, value self, struct buf *out);
	bool  (*str)(struct vm *vm, value self, struct buf *out);
	value (*format)(struct vm *vm, value self, value spec);
	bool  (*hash)(struct vm *vm, value self, uint64_t *out);
	value (*compare)(struct vm *vm, enum compare op, value a, value b);        /* a is of this type; may be UNSUPPORTED */
	bool  (*truth)(struct vm *vm, value self, bool *out);
	bool  (*length)(struct vm *vm, value self, size_t *out);
	value (*item)(struct vm *vm, value self, value key);
	/* self[key].name without making self[key], where `attr` of a type of that version is what decides. Unset, nothing pending: it takes two steps. */
	value (*item_attr)(struct vm *vm, value self, value key, struct str *name, uint32_t version);
	bool  (*set_item)(struct vm *vm, value self, value key, value to);         /* `to` unset: del */
	bool  (*contains)(struct vm *vm, value self, value needle, bool *out);
	value (*iterate)(struct vm *vm, value self);
	value (*next)(struct vm *vm, value self);
	value (*call)(struct vm *vm, value self, const struct call *call);
	/* Attributes: asked after data descriptors of the type, before its plain attributes; unset with nothing pending: go on. */
	value (*attr)(struct vm *vm, value self, struct str *name);
	/* For who calls it at once: the function, BORROWED, that `attr` or the type's own attributes would bind to self; unset: they are to be asked. May be NULL. */
	value (*method)(struct vm *vm, value self, struct str *name);
	int   (*set_attr)(struct vm *vm, value self, struct str *name, value to);  /* 1 done, 0 not mine, -1 raised */
	/* One of a, b is of this type; `reflected` says that it is b. May be UNSUPPORTED. */
	value (*binary)(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable);
	value (*inplace)(struct vm *vm, enum operator op, value a, value b, bool reusable);
	value (*unary)(struct vm *vm, enum unary op, value self);
	bool  (*view)(struct vm *vm, value self, struct view *out);
	value (*enter)(struct vm *vm, value self);                                 /* with */
	value (*leave)(struct vm *vm, value self, value exception);                /* true: the exception is dealt with */
	bool  (*names)(struct vm *vm, value self, value list);                     /* adds to dir(): what is not in any dict */
	/* On the type: a class statement made `cls` from this base (its namespace is filled). */
	bool  (*subclassed)(struct vm *vm, struct type *cls);
	/* On the type as a value: attributes of the class object itself that are not in its dict (a layer class's fields). */
	value (*class_attr)(struct vm *vm, struct type *cls, struct str *name);
	/* ... and what a class of this type does as an operand or subject: repr, binary (`IP()/TCP` explains itself). */
	bool  (*class_repr)(struct vm *vm, struct type *cls, struct buf *out);
};

enum type_flags {
	TYPE_CONTAINER = 1,         /* can hold references: on the heap's list, `visit` required */
	TYPE_SUBCLASSABLE = 2,
	TYPE_NATIVE = 4,
	TYPE_HAS_DICT = 8,          /* instances carry attributes */
	/* Worked out, and kept right when a class changes: */
	TYPE_PLAIN_GET = 16,        /* reading an attribute is data descriptor, instance dict, class: no slots.attr, no __getattribute__ */
	TYPE_PLAIN_SET = 32,        /* setting one is data descriptor, instance dict: no slots.set_attr, no __setattr__ or __delattr__ */
	TYPE_PLAIN_NEW = 64,        /* making an instance of this class of the language is instance_new and its __init__ */
	TYPE_OPEN = 128,            /* a native type whose attributes the language may set (Packet) */
	TYPE_GETATTRIBUTE = 256, TYPE_GETATTR = 512, TYPE_SETATTR = 1024,   /* has such methods of its own */
	TYPE_OUTSIDE = 32768,       /* its methods are NATIVE_OUTSIDE */
	TYPE_CLASS_CALL = 16384,    /* __class_call__ says what calling the class does */
	TYPE_DUNDERS = 8192,        /* a native type whose attributes hold special methods beside its slots */
	TYPE_GETTER = 2048, TYPE_SETTER = 4096,     /* instances are descriptors: __get__; __set__ or __delete__ */
};

struct type_spec {
	const char *name, *doc;
	enum kind kind;
	size_t size;                /* of an instance, its header included */
	unsigned flags;
	const char *signature;      /* of the constructor; call_bind(vm, type->signature, ...) binds it */
	struct slots slots;
	const struct native *methods;   /* ended by a row without a name */
	const struct getset *attrs;     /* ended by a row without a name */
	size_t dict_offset;         /* where instances of derived classes keep their dict, for a type whose instances end in a flexible
	                             * array (str, bytes, tuple); 0: behind `size`. TYPE_HAS_DICT says whether there is one */
};

struct type {
	struct container head;
	struct str *name;
	struct vm *vm;
	const char *doc;
	enum kind kind;             /* of its instances */
	size_t size;
	size_t dict_offset;         /* of `struct dict *` in an instance; 0: none */
	unsigned flags;
	uint32_t version;           /* changed with every change of an attribute here or in a base: what caches compare */
	struct type *base;          /* the one whose layout it has */
	struct type **mro;          /* itself first; C3 */
	size_t mro_count;
	struct dict *attrs;         /* its namespace */
	struct signature *signature;
	struct slots slots;         /* inherited ones filled in */
	void *extra;                /* a native base's own data about a class (struct layer of a packet class) */
	void (*extra_free)(void *extra);
	void (*extra_visit)(void *extra, visit_fn visit, void *state);      /* NULL: extra holds no containers */
	struct type **bases;        /* as written */
	size_t base_count;
	const struct type_spec *spec;       /* its own copy; NULL: a class of the language */
	struct type **subclasses;           /* direct ones, not kept */
	size_t subclass_count;
};

struct type *type_new(struct vm *vm, const struct type_spec *spec, struct type *base);             /* native; base NULL: object */
struct type *type_derive(struct vm *vm, struct str *name, size_t bases, struct type **base, struct dict *attrs); /* a class statement */
/* The same with the class statement's keywords (`call` without positional arguments, or NULL), for __init_subclass__. */
struct type *type_derive_with(struct vm *vm, struct str *name, size_t bases, struct type **base, struct dict *attrs, const struct call *keywords);
bool  type_is(const struct type *type, const struct type *ancestor);
bool  value_is_a(struct vm *vm, value v, const struct type *type);
value type_find(struct type *type, struct str *name);               /* BORROWED, along the mro; unset: none */
bool  type_set_attr(struct vm *vm, struct type *type, struct str *name, value to);
struct dict *instance_dict(struct object *o, bool make);            /* BORROWED; NULL: none */
void *instance_new(struct type *cls);                               /* an instance as object.__new__ makes it */

/* Signatures. call_bind puts one owned value a parameter into `out` (call_unbind drops them); on failure raises TypeError,
 * naming the function, the argument and the nearest parameter, and blames the argument. */
struct signature *signature_parse(struct vm *vm, const char *function, const char *text);
void   signature_free(struct signature *s);
size_t signature_count(const struct signature *s);
bool   signature_fits(const struct signature *s, size_t count);     /* `count` positional values fill every parameter as they are */
/* Can arguments by place alone be handed on as they are, with defaults behind them? How few and how many there may be. */
bool   signature_is_plain(const struct signature *s, size_t *least, size_t *most);
void   signature_defaults(const struct signature *s, size_t from, value *out);     /* BORROWED defaults of the parameters from there on */
bool   call_bind(struct vm *vm, const struct signature *s, const struct call *call, value *out);
void   call_unbind(const struct signature *s, value *out);

#endif
