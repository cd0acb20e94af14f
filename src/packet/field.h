/* Fields: what one row of a layer's fields_desc is.
 *
 * A field kind (ByteField, FlagsField, DNSStrField ...) is one row of a table: how its constructor is called, and the codec
 * that reads, writes, accepts and shows its values. C knows kinds, never protocols. A field is one use of a kind in one
 * layer class: its name, default and what the declaration says of it (width, enum, what its length comes from ...).
 *
 * A value has one form in the language, the one Scapy's users see: an int for numbers and enums, a FlagValue for flags, a
 * str for addresses, bytes for strings, a list for lists, a Decimal for time stamps. `accept` turns whatever a user may
 * give (LANGUAGE.md, "Values that fields take") into that form or raises; `decode` makes it from wire bytes; `encode`
 * writes it. No codec ever sees a set (a Net, a range, a RandX): sets are expanded before building. */
#ifndef PACKET_FIELD_H
#define PACKET_FIELD_H

#include "base/cursor.h"
#include "lang/types.h"
#include "lang/vm.h"
#include "packet/expr.h"

struct layer;
struct stack;

/* Where a codec works: one layer of one stack. Length and condition expressions, lambdas and names look around from here. */
struct site {
	struct vm *vm;
	struct stack *stack;        /* BORROWED */
	unsigned at;                /* index of the layer in the stack */
	/* While decoding: the message that holds the layer (a DNS name points back into it), from the layer's own start. */
	const uint8_t *message;
	size_t message_len;
};

struct field;

struct codec {
	/* Widths. A field with fixed `bits` needs no extent. Otherwise: how many BYTES the field takes, from the cursor's place
	 * to at most its end; what cannot be right (a length beyond the end, an option of length 0) is cut to what is there and
	 * marked in *problem (a static sentence, NULL: none). Never raises but for the user's own lambdas. */
	bool  (*extent)(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
	/* The value of the bytes [start, start+len) (or of the bits, for numbers) under the cursor. Total: bad bytes give the best value there is. */
	value (*decode)(const struct site *s, const struct field *f, struct cursor *c, size_t bytes);
	/* Appends the value's bytes. Fixed fields: exactly `bits`. Raises when the value does not fit. */
	bool  (*encode)(const struct site *s, const struct field *f, value v, struct buf *out);
	/* A user's value in its canonical form, or an exception that names the field, the range, the nearest name. `s` may be NULL. */
	value (*accept)(struct vm *vm, const struct field *f, value given);
	/* As show() and repr print it (Scapy's i2repr): "udp", "0x1c", "'10.0.2.5'" without quotes, b'...'. */
	bool  (*show)(const struct site *s, const struct field *f, value v, struct buf *out);
	value (*random)(struct vm *vm, const struct field *f);              /* Scapy's randval, for fuzz() */
	void  (*release)(struct field *f);
	void  (*visit)(struct field *f, visit_fn visit, void *state);
};

struct field_kind {
	const char *name;               /* Scapy's name */
	const char *signature;          /* Scapy's arguments first; ours are keyword-only */
	const char *doc;                /* one sentence */
	const struct codec *codec;
	/* Fills the field from its bound arguments; a[] in the signature's order, borrowed. */
	bool (*make)(struct vm *vm, struct field *f, const value *a);
	unsigned flags;                 /* enum field_flags every field of the kind has */
	unsigned bits;                  /* fixed width, when the kind fixes it */
};

enum field_flags {
	FIELD_LITTLE    = 1,            /* little-endian */
	FIELD_SIGNED    = 2,
	FIELD_HEX       = 4,            /* shown as 0x.. */
	FIELD_LIST      = 8,            /* its value is a list: a list given to it is no set */
	FIELD_PACKETS   = 16,           /* its value holds packets: show() indents them */
	FIELD_MUTABLE   = 32,           /* its value can change after it was read: kept and compared when building */
	FIELD_ADDRESS   = 64,           /* text address; names and networks are looked up */
	FIELD_COMPUTED  = 128,          /* None is worked out when building: length, count, checksum, address from the route */
};

/* What None stands for. */
enum compute { COMPUTE_NOTHING, COMPUTE_LENGTH, COMPUTE_COUNT, COMPUTE_CHECKSUM, COMPUTE_ROUTE };
enum extent_of { OF_FIELD, OF_LAYER, OF_PAYLOAD, OF_LAYER_AND_PAYLOAD };
enum route_fact { ROUTE_SRC4, ROUTE_SRC6, ROUTE_SRC_MAC, ROUTE_DST_MAC, ROUTE_IFACE };

struct computed {
	enum compute what;
	enum extent_of of;              /* LENGTH, COUNT, CHECKSUM: of what */
	struct str *of_name;            /* OF_FIELD: its name */
	unsigned of_index;              /* resolved when the class is made */
	struct expr *adjust;            /* x -> the number on the wire, e.g. "x // 4"; NULL: as it is */
	value adjust_call;              /* Scapy's adjust=lambda pkt, x: ...; unset: none */
	int pseudo_header;              /* CHECKSUM: the protocol number of its pseudo-header; -1: none */
	int64_t zero_as;                /* CHECKSUM: what 0 is sent as; 0: as it is */
	enum route_fact route;
};

/* Names of numbers: a dict given in the declaration, or an embedded table (IANA's services). Both ways. */
struct names {
	uint32_t refs;
	struct dict *by_number;         /* int -> str */
	struct dict *by_name;           /* str -> int */
};
struct names *names_from(struct vm *vm, value table);                   /* dict, list (index = number) or another field's names */
void names_drop(TAKES struct names *n);
struct str *names_text(struct names *n, int64_t number);                /* BORROWED or NULL */
bool names_number(struct names *n, struct str *name, int64_t *out);

struct field {
	struct container head;          /* KIND_FIELD */
	const struct field_kind *kind;
	struct str *name;               /* interned */
	value fallback;                 /* the default, accepted form (attribute .default) */
	unsigned flags;
	uint32_t bits;                  /* fixed width on the wire in bits; 0: it varies */
	struct names *names;            /* enum: number -> name; NULL: none */
	value flag_names;               /* flags: a str of one-letter names or a tuple of names (attribute .names) */
	struct computed computed;
	struct length { struct expr *expr; value call; } length_from, count_from, condition;   /* text facts or the user's lambdas */
	struct type *packets;           /* PacketField and kin: the class of its items; NULL: call item_class */
	value item_class;               /* Scapy's pkt_cls / next_cls_cb callables; unset: none */
	struct field *inner;            /* ConditionalField, PadField, FieldListField: what it wraps */
	int64_t limit;                  /* max_length, max_count, pad to ...; 0: none */
	value extra;                    /* whatever else its kind keeps: option table, fixed-point widths, choices */
	unsigned index;                 /* in its layer */
	int32_t offset;                 /* in bits from the layer's start when all before it is fixed; -1: it varies */
};

extern const struct field_kind field_kinds[];                           /* the one table; ended by a row without a name */
/* The table is assembled from the kind_*.c files' own rows, one noun each. */

void  fields_add(struct vm *vm);                                        /* the kinds as names of the language */
value field_default(const struct field *f);                             /* owned */
bool  field_accept(struct vm *vm, const struct field *f, value given, value *out);   /* sets pass item by item, as sets */
bool  field_is_set(const struct field *f, value v);                     /* a Net, range, (a, b), list of alternatives, generator: to be expanded */
bool  field_present(const struct site *s, const struct field *f, bool *out);          /* its condition; without one, true */
bool  field_length(const struct site *s, const struct length *l, int64_t *out);       /* a length_from or count_from, evaluated at the site */
static inline struct field *as_field(value v) { return (struct field *)v.o; }

#endif
