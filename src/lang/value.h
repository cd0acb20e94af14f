/* Values and objects.
 *
 * A value is 16 bytes: a tag and a payload. None, bool, int (64 bits) and float stand in the value itself; all else is a
 * pointer to an object, which begins with a count of references, its kind and its type.
 *
 * Ownership, in CPython's manner: a value that a function returns is owned by the caller (value_drop it, or hand it on);
 * a value passed as an argument is borrowed (value_keep it to hold it longer). What is marked TAKES becomes the callee's,
 * on failure too. What is marked BORROWED is returned without a reference.
 *
 * A function that can raise returns VALUE_UNSET (or false, or NULL) with the exception pending in its vm. */
#ifndef LANG_VALUE_H
#define LANG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAKES
#define BORROWED

struct vm;
struct type;
struct buf;
struct str;

enum tag {
	TAG_UNSET,              /* no value: an unbound variable, an argument not given, a result of a call that raised */
	TAG_NONE,
	TAG_NOT_IMPLEMENTED,    /* Python's NotImplemented: this type does not know the operation */
	TAG_ELLIPSIS,
	TAG_BOOL,
	TAG_INT,
	TAG_FLOAT,
	TAG_OBJECT,
};

/* What an object is, whatever class it has: an instance of a user's subclass of str is still KIND_STR. */
enum kind {
	KIND_OTHER,             /* an instance of a user's class, a native type that only its own file knows */
	KIND_BIGINT, KIND_STR, KIND_BYTES, KIND_BYTEARRAY, KIND_LIST, KIND_TUPLE, KIND_DICT, KIND_SET, KIND_FROZENSET,
	KIND_RANGE, KIND_SLICE, KIND_DECIMAL,
	KIND_TYPE, KIND_FUNCTION, KIND_NATIVE, KIND_METHOD, KIND_PROPERTY, KIND_STATICMETHOD, KIND_CLASSMETHOD, KIND_MODULE,
	KIND_EXCEPTION, KIND_GENERATOR, KIND_CODE, KIND_CELL, KIND_SUPER,
	KIND_PACKET, KIND_FIELD, KIND_VOLATILE, KIND_FLAGS, KIND_NET,    /* src/packet's */
};

struct object {
	uint32_t refs;
	uint8_t kind;
	uint8_t flags;          /* the lower four bits are the type's own, the upper four gc.c's: set them with |= */
	uint16_t spare;         /* the type's own */
	struct type *type;
};

typedef struct value {
	uint32_t tag;
	uint32_t spare;
	union {
		bool b;
		int64_t i;
		double f;
		struct object *o;
	};
} value;

#define VALUE_UNSET       ((value){ .tag = TAG_UNSET })
#define VALUE_NONE        ((value){ .tag = TAG_NONE })
#define VALUE_UNSUPPORTED ((value){ .tag = TAG_NOT_IMPLEMENTED })
#define VALUE_ELLIPSIS    ((value){ .tag = TAG_ELLIPSIS })

static inline value value_bool(bool b)      { return (value){ .tag = TAG_BOOL, .b = b }; }
static inline value value_int(int64_t i)    { return (value){ .tag = TAG_INT, .i = i }; }
static inline value value_float(double f)   { return (value){ .tag = TAG_FLOAT, .f = f }; }
static inline value value_object(void *o)   { return (value){ .tag = TAG_OBJECT, .o = o }; }

static inline bool is_unset(value v)        { return v.tag == TAG_UNSET; }
static inline bool is_none(value v)         { return v.tag == TAG_NONE; }
static inline bool is_kind(value v, enum kind k) { return v.tag == TAG_OBJECT && v.o->kind == k; }
static inline bool is_int(value v)          { return v.tag == TAG_INT || v.tag == TAG_BOOL || is_kind(v, KIND_BIGINT); }

void object_release(struct object *o);      /* the count reached zero. Iterative: a list of a million lists does not recurse */

static inline value value_keep(value v)
{
	if (v.tag == TAG_OBJECT)
		v.o->refs++;
	return v;
}
static inline void value_drop(TAKES value v)
{
	if (v.tag == TAG_OBJECT && --v.o->refs == 0)
		object_release(v.o);
}
/* Puts `to` (taken) in the place of what was there; the old one is dropped last, since its release may look at the place. */
static inline void value_set(value *place, TAKES value to)
{
	value old = *place;
	*place = to;
	value_drop(old);
}
#define object_keep(o) ((void)((struct object *)(o))->refs++, (o))
static inline void object_drop(TAKES void *o)
{
	struct object *object = o;
	if (object && --object->refs == 0)
		object_release(object);
}

/* Containers (whatever can take part in a cycle) are on the heap's list from their first day. */
struct container {
	struct object head;
	struct container *prev, *next;
	uint32_t trial;         /* the collector's */
};

/* Zeroed, with one reference, `type->size` bytes (and `extra`), on the heap's list when the type says CONTAINER. */
void *object_new(struct type *type, size_t extra);
/* The same, but `extra` is not zeroed. */
void *object_bare(struct type *type, size_t extra);
/* The same for an `extra` that data chooses (it is not zeroed): NULL with MemoryError pending when it can't be had. */
void *object_try(struct type *type, size_t extra);

/* ---- what every value can be asked; each honours the dunder methods of user classes -------------------------------- */

struct type *value_type(struct vm *vm, value v);                    /* BORROWED */
const char *value_type_name(struct vm *vm, value v);                /* for messages */
bool  value_truth(struct vm *vm, value v, bool *out);
bool  value_hash(struct vm *vm, value v, uint64_t *out);
bool  value_equal(struct vm *vm, value a, value b, bool *out);      /* `is` or ==, as containers compare */
enum compare { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE };
value value_compare(struct vm *vm, enum compare op, value a, value b);
value value_repr(struct vm *vm, value v);                           /* a str */
value value_str(struct vm *vm, value v);                            /* a str */
bool  value_repr_to(struct vm *vm, value v, struct buf *out);
bool  value_str_to(struct vm *vm, value v, struct buf *out);
value value_format(struct vm *vm, value v, value spec);             /* format(v, spec) */

enum operator {                                                     /* order is the bytecode's */
	OP_ADD_, OP_SUB_, OP_MUL_, OP_DIV_, OP_FLOORDIV_, OP_MOD_, OP_POW_, OP_LSHIFT_, OP_RSHIFT_, OP_AND_, OP_OR_, OP_XOR_,
	OP_MATMUL_,
};
enum unary { UNARY_NEG, UNARY_POS, UNARY_INVERT };
/* `reusable`: the caller holds the only reference to a and gives it up, so an object counted once may be changed in place
 * and returned (kept once more). This is what makes s += "x" and a/b/c linear. */
value value_binary(struct vm *vm, enum operator op, value a, value b, bool reusable);
value value_inplace(struct vm *vm, enum operator op, value a, value b, bool reusable);
value value_unary(struct vm *vm, enum unary op, value v);

bool  value_length(struct vm *vm, value v, size_t *out);
value value_item(struct vm *vm, value v, value key);                /* v[key]; key may be a slice */
bool  value_set_item(struct vm *vm, value v, value key, value to);  /* `to` unset: del v[key] */
bool  value_contains(struct vm *vm, value v, value needle, bool *out);
value value_attr(struct vm *vm, value v, struct str *name);         /* AttributeError names the nearest */
value value_attr_or_unset(struct vm *vm, value v, struct str *name);/* unset with nothing pending when there is none */
bool  value_set_attr(struct vm *vm, value v, struct str *name, value to);   /* `to` unset: del */
value value_iterate(struct vm *vm, value v);                        /* an iterator */
/* The next item; unset with nothing pending at the end, unset with an exception pending on failure (vm_pending). */
value value_next(struct vm *vm, value iterator);

struct call;
value value_call(struct vm *vm, value f, const struct call *call);
value value_call_args(struct vm *vm, value f, size_t count, const value *args);         /* positional only */
value value_call_method(struct vm *vm, value v, struct str *name, size_t count, const value *args);

/* Conversions for natives: false with an exception that names what was expected. */
bool  value_to_int64(struct vm *vm, value v, int64_t *out);         /* also __index__; OverflowError */
bool  value_to_size(struct vm *vm, value v, size_t *out);           /* not negative */
bool  value_to_double(struct vm *vm, value v, double *out);         /* int, float, Decimal, __float__ */
/* The bytes of bytes, bytearray or (as UTF-8) nothing else; anything else with a buffer slot. The view is good until the
 * object changes. */
struct view { const uint8_t *bytes; size_t len; };
bool  value_to_view(struct vm *vm, value v, struct view *out);
bool  value_is_callable(struct vm *vm, value v);

#endif
