/* Fields: what one row of a layer's fields_desc is.
 *
 * A field kind (ByteField, FlagsField, DNSStrField ...) is one row of a table: how its constructor is called, and the codec
 * that reads, writes, accepts and shows its values. C knows kinds, never protocols. A field is one use of a kind in a
 * layer class: its name, default and what the declaration says of it (width, enum, what its length comes from ...). One
 * field object may stand in several classes (a class that inherits its base's fields_desc); what depends on the class,
 * its place in the header, is the layer's (struct row).
 *
 * A value has one form in the language, the one Scapy's users see: an int for numbers and enums, a FlagValue for flags, a
 * str for addresses, bytes for strings, a list for lists, a Decimal for time stamps. `accept` turns whatever a user may
 * give (LANGUAGE.md, "Values that fields take") into that form or raises; reading makes it from wire bytes; writing
 * puts it there. No codec ever sees a set (a Net, a range, a RandX): sets are expanded before building.
 *
 * Two families. A *word* field has a fixed width of at most 64 bits (numbers, enums, flags, IPv4 and MAC addresses, time
 * stamps): its codec only translates between the value and the number on the wire, and one place reads and writes the bits
 * (layer.c's word_read, word_write), whatever their order and alignment. Every other field takes whole bytes. */
#ifndef PACKET_FIELD_H
#define PACKET_FIELD_H

#include "base/cursor.h"
#include "lang/types.h"
#include "lang/vm.h"
#include "packet/expr.h"

struct layer;
struct stack;
struct field;

/* Where a codec works: one layer of one stack. Length and condition expressions, lambdas and names look around from here. */
struct site {
	struct vm *vm;
	struct stack *stack;        /* BORROWED; NULL: no packet at hand (a default, an Option's field) */
	unsigned at;                /* index of the layer in the stack */
	const struct site *other;   /* facts of `answers`: the packet asked; NULL */
	const struct cursor *cursor;/* while decoding: where, for `left` and byte(n); NULL */
	const int64_t *payload;     /* while building: bytes of payload; NULL: ask the packet */
	size_t begun;               /* while building: where in the buffer the layer begins */
	bool values_only;           /* reencode: nothing is copied as it came */
};

/* A piece of a field, for who draws it: its bytes from `start` to `end` under the cursor, what it is, its value as shown, and what is wrong with it, or NULL. false: raised. */
struct field_piece { size_t start, end; const char *label; const char *text; const char *problem; };
typedef bool (*piece_fn)(void *state, const struct field_piece *piece);

struct codec {
	/* Word fields. */
	value (*of_word)(struct vm *vm, const struct field *f, uint64_t word);
	bool  (*to_word)(struct vm *vm, const struct field *f, value v, uint64_t *word);     /* raises when it does not fit */

	/* Fields of bytes. `extent`: how many BYTES the field takes, from the cursor's place to at most its end, unless `bits` are
	 * fixed; what cannot be right (a length beyond the end, an option of length 0) is cut to what is there and marked in
	 * *problem (a static sentence). Raises only for the user's own lambdas. */
	bool  (*extent)(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
	bool said, constant;            /* extent: where there is a length_from, it alone says it; ... and without one, it is always the same */
	/* The value of the next `bytes` bytes under the cursor (fewer only where the frame ends). Bad bytes give the best value there is. */
	value (*decode)(const struct site *s, const struct field *f, struct cursor *c, size_t bytes);
	/* Appends the value's bytes. Raises when the value does not fit. */
	bool  (*encode)(const struct site *s, const struct field *f, value v, struct buf *out);

	/* What a length_of counts, where that is not the bytes (a prefix's bits). NULL: the bytes. */
	bool  (*length)(struct vm *vm, const struct field *f, value v, int64_t *out);

	/* Lists of packets. `full`: bytes of it, however many, are items. `item`: the n-th alone of what is in so many bytes; unset: there is none (or raised). */
	bool  (*full)(const struct field *f);
	value (*item)(const struct site *s, const struct field *f, struct cursor *c, size_t bytes, size_t nth);

	/* A user's value in its canonical form, or an exception that names the field, the range, the nearest name. */
	value (*accept)(struct vm *vm, const struct field *f, value given);
	/* The same for the plain values of a word field, with what they are on the wire, worked out once. false: nothing done, nothing
	 * raised, `accept` decides. NULL: it always does. */
	bool  (*accept_word)(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word);
	/* The pieces of a value that has several (options, items of a list), told one after the other with their places. NULL: none. */
	bool  (*pieces)(const struct site *s, const struct field *f, struct cursor *c, size_t bytes, piece_fn found, void *state);
	/* As show() and repr print it (Scapy's i2repr): udp, 0x1c, 10.0.2.5, b'...'. NULL: its repr. */
	bool  (*show)(const struct site *s, const struct field *f, value v, struct buf *out);
	/* The same of a word field, and of one of a fixed number of bytes, as they came: without a value being made. `bare`: what str() of the
	 * value gives. false: nothing was written, the value's own way is to be taken. NULL: it always is. */
	bool  (*show_word)(struct vm *vm, const struct field *f, uint64_t word, bool bare, struct buf *out);
	bool  (*show_bytes)(struct vm *vm, const struct field *f, const uint8_t *bytes, bool bare, struct buf *out);
	/* What the kind itself keeps in `data`. */
	void  (*release)(struct field *f);
	void  (*visit)(struct field *f, visit_fn visit, void *state);
};

struct field_kind {
	const char *name;               /* Scapy's name */
	const char *signature;          /* Scapy's arguments first; ours are keyword-only */
	const char *doc;                /* one sentence */
	const struct codec *codec;
	/* Fills the field from its bound arguments, borrowed, in the signature's order: a[0] is the name, a[1] the default.
	 * NULL: number_make (kind_number.c). */
	bool (*make)(struct vm *vm, struct field *f, const value *a);
	unsigned flags;                 /* enum field_flags every field of the kind has */
	unsigned bits;                  /* fixed width, when the kind fixes it */
};

enum field_flags {
	FIELD_WORD      = 1,            /* at most 64 bits, read and written as a number */
	FIELD_LITTLE    = 2,            /* little-endian */
	FIELD_SIGNED    = 4,
	FIELD_HEX       = 8,            /* shown as 0x.. */
	FIELD_LIST      = 16,           /* its value is a list: a list given to it is no set */
	FIELD_PACKETS   = 32,           /* its value is a packet or a list of packets: show() indents them */
	FIELD_MUTABLE   = 64,           /* its value can change after it was read: kept and compared when building */
	FIELD_NUMBER    = 128,          /* its value is an int: fact texts may name it, (a, b) is a range */
	FIELD_POINTS    = 256,          /* its wire form may refer to bytes elsewhere in the message (DNS names) */
	FIELD_FORMS     = 16384,        /* one value has several wire forms (compression, option padding): the one that came is kept until it is set */
	FIELD_WORDS     = 512,          /* enum, flags: text is looked up */
	FIELD_ADDRESS   = 1024,         /* text address; names and networks are looked up */
	FIELD_CHOICE    = 4096,         /* which field it is depends on others: what is given is accepted when all are set */
	FIELD_GROUPED   = 32768,        /* a run of bits in a little-endian group of bytes: `group` */
	FIELD_TRAILS    = 65536,        /* it stands behind the payload */
	FIELD_SIZED     = 131072,       /* how many bytes are written of it depends on what its length_from names */
	FIELD_UNNAMED   = 262144,       /* conf.noenum: shown as what it is, not by name */
	FIELD_WRAPS     = 8192,         /* its first argument is a field, or fields, not its name */
};

/* What None stands for. */
/* TIME: the moment of building; the codec's to_word of None says it. */
enum compute { COMPUTE_NOTHING, COMPUTE_LENGTH, COMPUTE_COUNT, COMPUTE_CHECKSUM, COMPUTE_ROUTE, COMPUTE_TIME };
enum extent_of { OF_FIELD, OF_LAYER, OF_PAYLOAD, OF_LAYER_AND_PAYLOAD };
enum route_fact { ROUTE_SRC4, ROUTE_SRC6, ROUTE_SRC_MAC, ROUTE_DST_MAC, ROUTE_GIVEN };

struct computed {
	enum compute what;
	enum extent_of of;              /* LENGTH, COUNT, CHECKSUM: of what */
	struct str *of_name;            /* OF_FIELD: its name */
	struct expr *adjust;            /* x -> the number on the wire, e.g. "x // 4"; NULL: as it is */
	value adjust_call;              /* Scapy's adjust=lambda pkt, x: ...; unset: none */
	bool adjust_alone;              /* ... which takes x only (LenField's) */
	int pseudo_header;              /* CHECKSUM: the protocol number of its pseudo-header; -1: none */
	int64_t zero_as;                /* CHECKSUM: what 0 is sent as */
	const struct checksum_kind *sum;/* CHECKSUM: how */
	struct str *skips;              /* CHECKSUM: a field, or a run of them, that it does not cover; NULL */
	struct expr *sum_length;        /* CHECKSUM: how many bytes of what it covers; NULL: all */
	struct expr *sum_when;          /* CHECKSUM: it stays 0 unless this holds; NULL */
	unsigned pseudo_family;         /* CHECKSUM: the pseudo-header only where its addresses have so many bytes; 0: any */
	enum route_fact route;
	struct str *given;              /* ROUTE_GIVEN: where it goes when nobody says */
};

/* Names of numbers, from a dict of the declaration, which stays the one home of them: what is added to it later counts. The way
 * back, name to number, is made when it is first asked for. */
struct names {
	uint32_t refs;
	struct dict *by_number;         /* int (or whatever the wire has: a str, bytes) -> str; kept */
	struct dict *by_name;           /* str -> int; NULL: not made yet */
	uint32_t by_version;            /* of by_number when by_name was made */
};
struct names *names_from(struct vm *vm, value table);                   /* dict, list or tuple (index = number), another field; NULL: raised */
struct names *names_new(TAKES struct dict *by_number);                  /* of a dict as it is */
struct names *names_keep(struct names *n);
void names_drop(TAKES struct names *n);
struct str *names_text(struct vm *vm, struct names *n, int64_t number); /* BORROWED or NULL */
bool names_number(struct vm *vm, struct names *n, struct str *name, int64_t *out);
const char *names_nearest(struct vm *vm, struct names *n, const char *name);           /* BORROWED or NULL */
void names_visit(struct names *n, visit_fn visit, void *state);

struct length {                     /* a text fact, or the user's lambda */
	struct expr *expr;
	value call;                     /* unset: none */
};

struct field {
	struct container head;          /* KIND_FIELD */
	const struct field_kind *kind;
	struct str *name;               /* interned */
	struct field *original;         /* kept: whose declaration this one shares, with another default (a derived class's); NULL: its own */
	value fallback;                 /* the default, accepted form (attribute .default) */
	const struct layer *owner;      /* BORROWED: the first class that it stands in, for messages; NULL */
	unsigned flags;
	uint32_t bits;                  /* fixed width on the wire in bits; 0: it varies */
	uint16_t group, group_at;       /* FIELD_GROUPED: how many bytes the group has, and where in it the field begins, in bits from its highest */
	int8_t group_opens, group_closes;   /* Scapy's tot_size and end_tot_size: the bytes of the group that begins, or ends, with this field */
	struct names *names;            /* enum: number -> name; NULL: none */
	value flag_names;               /* flags: a str of one-letter names or a tuple of names (attribute .names) */
	value flag_words;               /* ... and what each means, for people: a tuple of texts; unset */
	struct computed computed;
	struct length length_from, count_from, condition;
	struct type *packets;           /* PacketField and kin: the class of its items; NULL: call item_class */
	value item_class;               /* Scapy's pkt_cls / next_cls_cb callables; unset: none */
	value action;                   /* ActionField: (method, keywords) of the packet, told of what is given; unset: none */
	struct field *inner;            /* PadField, FieldListField: what it wraps or repeats */
	struct field *plain;            /* of a user's class with methods of its own: the field of its kind (field_own.h); NULL */
	int64_t limit;                  /* max_length, max_count, the length of StrFixedLen, pad to ...; 0: none */
	void *data;                     /* whatever else its kind keeps: options, choices, fixed-point widths */
};

void  fields_add(struct vm *vm);                                        /* the kinds as names of the language */
struct field *field_new(struct vm *vm, const struct field_kind *kind, const char *name);   /* for C: default None */
const char *field_label(const struct field *f, struct buf *scratch);    /* "IP.ttl", for messages */
struct field *field_with_default(struct vm *vm, struct field *f, value given);       /* the same field with another default; NULL: raised */
value field_default(const struct field *f);                             /* owned */
bool  field_accept(struct vm *vm, const struct field *f, value given, value *out);   /* sets pass item by item, as sets */
bool  field_is_set(const struct field *f, value v);                     /* a Net, range, (a, b), list of alternatives, generator: to be expanded */
bool  field_is_volatile(value v);                                       /* RandX, AutoTime: drawn when sent */
bool  field_show(const struct site *s, const struct field *f, value v, struct buf *out);    /* sets too */
bool  field_show_option(const struct site *s, const struct field *f, struct str *option, value v, struct buf *out);    /* OptionsField: a value of that option */
bool  field_present(const struct site *s, const struct field *f, bool *out);         /* its condition; without one, true */
bool  field_runs_code(const struct field *f);                           /* may reading it run a function of the language? true: perhaps */
bool  field_has_length(const struct length *l);
bool  field_length(const struct site *s, const struct length *l, int64_t left, int64_t *out);   /* a length_from or count_from, evaluated at the site */
bool  field_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bits, const char **problem);
value field_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bits);
bool  field_encode(const struct site *s, const struct field *f, value v, struct buf *out);  /* whole bytes only; RawVal too */
void  field_adopt(const struct field *f, const struct layer *owner);    /* MultipleTypeField: its fields are that class's too */
const struct length *field_choice(const struct field *f, unsigned k);   /* MultipleTypeField: the k-th condition; NULL: no more */
const struct field *field_choice_field(const struct field *f, unsigned k);             /* ... and the field that it chooses */
const struct field *field_active(const struct site *s, const struct field *f);      /* ... and which field it is now (itself for any other kind); NULL: raised */
bool  field_act(struct vm *vm, struct field *f, value packet, value given);           /* ActionField's method; false: raised */
value field_copy_value(struct vm *vm, const struct field *f, value v);  /* so that a copy of a packet shares no list or packet */
/* Its names, where they are shown: conf.noenum names the declaration, for every class that shares it. BORROWED or NULL. */
static inline bool field_shows_names(const struct field *f) { return !((f->original ? f->original : f)->flags & FIELD_UNNAMED); }
static inline struct names *field_names(const struct field *f) { return field_shows_names(f) ? f->names : NULL; }
static inline struct field *as_field(value v) { return (struct field *)v.o; }
static inline bool is_field(value v) { return is_kind(v, KIND_FIELD); }

/* RawVal: these bytes instead of the field's own. */
struct raw_val { struct object head; struct bytes *bytes; };
bool  is_raw_val(struct vm *vm, value v);
value raw_val_new(struct vm *vm, TAKES struct bytes *bytes);

/* FlagValue: a number whose bits have names. */
struct flag_value {
	struct container head;          /* KIND_FLAGS */
	uint64_t number;
	struct field *field;            /* kept */
};
value flag_value_new(struct vm *vm, const struct field *f, uint64_t number);
void  flag_value_text(const struct flag_value *v, struct buf *out);     /* "SA", "DF+MF" */

#endif
