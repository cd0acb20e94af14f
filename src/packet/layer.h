/* Layer classes: what the engine knows of a `class UDP(Packet): fields_desc = [...]`, made once when the class statement
 * ends (slots.subclassed of Packet) and kept in its struct type's `extra`. The standard library's classes and a user's take the
 * same way; nothing about the built-in layers is privileged. */
#ifndef PACKET_LAYER_H
#define PACKET_LAYER_H

#include "packet/cases.h"
#include "packet/field.h"

/* Which methods a user's class defines, Scapy's way; each is called only where its bit is set. */
#define LAYER_HOOKS(X) \
	X(post_build) X(post_dissect) X(pre_dissect) X(do_dissect) X(extract_padding) X(guess_payload_class) X(dispatch_hook) \
	X(answers) X(hashret) X(mysummary) X(self_build) X(do_build) X(default_payload_class) X(post_dissection) \
	X(do_dissect_payload) X(do_build_payload)
enum layer_hook {
#define X(name) HOOK_##name,
	LAYER_HOOKS(X)
#undef X
	HOOK_COUNT
};

/* `upper` follows this layer when all of its fields have these values. From carried_by and bind_layers, in the order made;
 * the standard library's are known from its index before the upper class is loaded. */
struct binding {
	unsigned count;
	struct match { unsigned field; bool is_word; uint64_t word; value is; } *matches;   /* word: as on the wire, to compare without making a value */
	struct type *upper;             /* NULL: not loaded yet */
	const char *upper_name;         /* in the index; BORROWED */
};
/* What this layer sets in a layer below it that does not say otherwise (Scapy's overload_fields). */
struct overload {
	struct type *lower;             /* BORROWED: classes live as long as the machine */
	unsigned count;
	struct match *sets;
};

/* What a field is in this one class. */
struct row {
	int32_t offset;                 /* in bits from the header's start when all before it is fixed; -1: it varies */
	uint32_t image;                 /* in bits, in the image; SPAN_ABSENT added: not in it (its condition is false there). rows[count]: the end */
	int of, of_last;                /* COMPUTE_LENGTH, COUNT, CHECKSUM: the field it speaks of, or the first and last of a run; -1 */
	int skip, skip_last;            /* COMPUTE_CHECKSUM: what it leaves out; -1 */
	bool quick;                     /* a word that is always there and moves nothing: it can be written into the image */
	bool steers;                    /* some condition or inner choice depends on it: changing it changes the layout */
	bool placed, counted;           /* placed: its word is one load at `byte`, shifted up, then down; counted: and that word is its number */
	uint8_t up, down;
	uint32_t byte;
};

/* One row of a choice of classes, [("text", "Class"), ...]: the first whose text holds. In `dispatch`, `payload` and `choose=`. */
struct variant { struct expr *test; struct str *name; struct type *to; };
struct variants { struct variant *rows; unsigned count; struct cases cases; };
bool   variants_take(struct vm *vm, struct variants *v, value given, const struct layer *l, const char *what);   /* l NULL: its names are not checked */
struct type *variants_choose(const struct site *s, const struct variants *v, int64_t x, int64_t left);           /* NULL: none (or raised) */
void   variants_free(struct variants *v);

struct layer {
	struct type *type;              /* BORROWED: owns this */
	uint32_t version;               /* the type's when this was made: another one means that it is made again */
	struct layer *older;            /* what it was before; packets made then still use it */
	struct str *name;               /* `name`: "IP", "DisneyPacket " */
	struct field *root;             /* ASN1_root: the fields are its leaves; kept; NULL: they stand in a row */
	unsigned first_line;            /* first_line = 3: a layer of text (text_layer.h), that many fields are its first line's; 0 */
	bool points;                    /* some field's wire form may refer to bytes elsewhere in the message */
	bool choices;                   /* some field is one of several kinds */
	bool holds_packets;             /* some field's value is a packet or a list of them */
	unsigned first_packets;         /* ... the first such field */
	bool wanders;                   /* some condition looks outside of the layer: no image of it holds everywhere */
	bool flat;                      /* show_indent = 0: show() prints what follows no deeper */
	bool library;                   /* of the standard library: unknown attributes are refused */
	bool matches_derived;           /* p[NTP] finds classes derived from it */
	unsigned count;
	struct field **fields;          /* in wire order; kept */
	struct row *rows;
	struct dict *index;             /* field name -> int */
	uint16_t *slots;                /* the same by the name's address, for interned names: index + 1, 0 empty; a power of two of them */
	unsigned slot_mask;
	/* The image: the header's bytes with every field at its default, computed ones zero. Fields whose default takes no
	 * room (options=[]) take none in it. `image_round` differs from the world's when a default was changed since. */
	uint8_t *image;
	uint32_t image_len, image_round;
	uint32_t draws_round;           /* the world's image_round + 1 when `draws` was worked out; 0: never */
	bool draws;
	bool fixed;                     /* every field has a fixed width and no condition: header length = image_len always */
	unsigned head_count;            /* how many leading fields are the header; the others stand behind the payload, the last one first */
	uint32_t trail_len;             /* ... bytes of those */
	uint32_t fixed_len;             /* bytes of the leading fields that are always there: what a header must have */
	uint32_t fixed_bits;            /* ... the same in bits */
	uint32_t fixed_count;           /* how many leading fields have an `offset` */
	unsigned hooks;                 /* bit per enum layer_hook */
	struct quick_plan *plan;          /* quick.c's: how it is read; NULL: not made since it changed */
	unsigned *computed, computed_count;  /* fields whose None is worked out */
	/* bindings of this layer as the lower one, and its overloads as the upper one */
	struct binding *bindings;
	unsigned binding_count, binding_room;
	struct recent *recent;          /* recent.c's: what it was lately made with; NULL */
	struct selector *selector;      /* guess.c's: which of them can fit; NULL: not made since they changed */
	struct overload *overloads;
	unsigned overload_count;
	struct { const struct type *lower; const struct overload *found; uint32_t round; } asked;   /* layer_overload's last answer */
	struct lent { struct overload as; uint32_t round; struct lent *next; } *lent;    /* overloads of an alias, as its stand-in numbers the fields */
	struct alias { struct str *name; struct type *type; } *aliases;    /* aliastypes = ["IPv6"]: it is bound as these classes are, too */
	unsigned alias_count;
	struct type *default_payload;   /* payload = "NTPHeader" ...; NULL: Raw */
	struct str *default_payload_name;
	/* declared facts (class attributes), see doc/protocols.md */
	struct summary *summary;        /* summary = "UDP {sport} > {dport}", parsed; NULL: the class's name */
	value summary_covers;           /* a tuple of class names or unset */
	struct variants dispatch;       /* dispatch = [("type <= 1500", "Dot3")] */
	struct variants payloads;       /* payload = [("left == 4", "Trailer"), ...]: where no binding fits */
	int run;                        /* the number that says the length of a run of fields up to the last one; -1: none */
	int payload_of;                 /* index of the field whose value bounds the payload (length_of with "payload"); -1: none */
	struct expr *payload_length;    /* or said outright; NULL */
	struct expr *opaque;            /* opaque = "offset != 0": when it holds, the payload is Raw whatever is bound; NULL */
	struct expr *trailer_at;        /* trailer = ("128 if type == 3 else -1", "Class"): where in the payload another layer begins, behind what is there; NULL */
	struct variant trailer;         /* its class; test is not used */
	struct way { int field, item; struct str *class_name, *inner; struct expr *test; }    /* field -1: none */
		final_destination,          /* ("addresses", -1, "segleft > 0"): the item that is the packet's last destination, when the test holds */
		home_address;               /* ("options", "HAO", "hoa"): the field of the item of that class that stands for the source */
	int source, destination;        /* addresses = ("src", "dst"): field indexes; -1: none */
	int protocol;                   /* protocol = "proto": the field that names the payload's protocol; -1 */
	unsigned family;                /* 4 or 16 (bytes of an address), 0: none */
	unsigned *reverses, reverse_count;   /* reverses = ("sport", "dport"): what an answer swaps, in pairs */
	unsigned *echoes, echo_count;   /* echoes = ("id",): what an answer repeats */
	unsigned *quoted, quoted_count; /* quoted = ("id",): what a quotation repeats, too, while the setting of conf's that quoted_when names is true */
	struct str *quoted_when;
	struct expr *answers;           /* answers = "...": a condition on the answer with `other.` names; NULL */
	bool answers_on;                /* answers_on = True: the payloads must answer each other too, though `answers` is declared */
	struct expr *quotes;            /* quotes = "...": when it holds, the payload is the start of what it is about (ICMP errors); NULL */
	bool transparent;               /* transparent = True: answers are looked for behind it, as if it were not there */
	bool is_padding, is_raw;        /* Padding is laid out behind everything and belongs to no length or sum; Raw holds what nothing else reads */
	int64_t link_types[4];          /* link_type = 1: what a capture file of that DLT begins with */
	unsigned link_type_count;
	int64_t align, align_at;        /* alignment = (4, 2): in an option list that is padded it begins at 4n + 2; 0, 0: anywhere */
	unsigned header_pad;            /* header_pad = 4: the header is padded with zeros to a multiple of it; 0: none */
	struct expr *header_pad_when;   /* ... while this holds; NULL: always */
	struct expr *counts_as;         /* counts_as = "templates": what it is in a count_of="payload"; NULL: 0 */
	struct str *trails;             /* trails = "OSPF_Hdr": it lies behind what that layer's lengths and sums cover; NULL */
	struct str *goes_to[2];         /* goes_to = ("224.0.0.2", "ff02::66"): where a packet of it goes when nobody says, IPv4 and IPv6; NULL */
	struct expr *goes_to_when;      /* ... while this holds; NULL: always */
	unsigned frame_min;             /* frame_min = 60: a frame with it is filled up with zeros to so many bytes; 0: none */
	struct expr *broadcast;         /* broadcast = "op == 1": when it holds, the link layer below goes to everybody; NULL */
	struct expr *message_start;     /* from which of its bytes the pointers of compressed names count; NULL: 0 */
};

/* Its fields do not stand in a row: spans hold the begin and the end of each (asn1_span), and one that is not there is None. */
static inline bool layer_scattered(const struct layer *l) { return l->root || l->first_line; }

struct layer *layer_of_changed(struct type *type);
static inline struct layer *layer_of(struct type *type)                 /* NULL: no packet class */
{
	struct layer *l = type && type->kind == KIND_PACKET ? type->extra : NULL;
	return !l || l->version == type->version ? l : layer_of_changed(type);
}
static inline bool is_layer_class(value v)                              /* a type derived from Packet */
{
	return is_kind(v, KIND_TYPE) && ((struct type *)v.o)->kind == KIND_PACKET && ((struct type *)v.o)->extra;
}
/* Where an interned name stands in `slots`, or would. */
static inline unsigned layer_slot(const struct layer *l, const struct str *name)
{
	uintptr_t place = (uintptr_t)name;
	unsigned slot = (unsigned)(place >> 4 ^ place >> 11) & l->slot_mask;
	while (l->slots[slot] && l->fields[l->slots[slot] - 1]->name != name)
		slot = (slot + 1) & l->slot_mask;
	return slot;
}
int    layer_field_named(const struct layer *l, struct str *name);      /* the same of any text */
static inline int layer_field(const struct layer *l, struct str *name)  /* index; -1: it has none */
{
	return name->head.flags & STR_INTERNED ? (int)l->slots[layer_slot(l, name)] - 1 : layer_field_named(l, name);
}
const char *layer_nearest(const struct layer *l, const char *name);     /* the field of the nearest name, or NULL */
bool   layer_subclassed(struct vm *vm, struct type *cls);               /* slots.subclassed of Packet: makes the struct layer */
bool   layer_draws(struct layer *l);                                    /* is the default of some field a random value? */
bool   layer_image(struct vm *vm, struct layer *l);                     /* the image as the defaults are now; false: raised */
struct type *layer_load(struct vm *vm, const char *name);               /* the packet class of that name, loaded from the library when need be; NULL: none (or raised) */
const char *layer_class_name(const struct layer *l);                    /* "IP": the class's, for messages */

/* A word field's number in a run of bytes, at a bit place that the caller knows to be inside. */
uint64_t word_read(const struct field *f, const uint8_t *bytes, size_t len, size_t bit);
void     word_write(const struct field *f, uint8_t *bytes, size_t len, size_t bit, uint64_t word);

/* Bindings. bottom_up: how a dissected lower finds upper; top_down: what upper sets in lower. `values` is a dict field -> value. */
bool   bind_bottom_up(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
bool   bind_top_down(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
bool   bind_split(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
const struct overload *layer_overload(struct layer *upper, const struct type *lower);   /* NULL: none */

void   bindings_free(struct layer *l);
void   bindings_move(struct layer *to, struct layer *from);             /* a class was given other fields */

/* The type Packet finds for a payload by the bindings alone; NULL: none fits (or raised). */
struct type *bind_guess(struct vm *vm, struct stack *s, unsigned at);
struct type *alias_type(struct vm *vm, struct alias *a);                /* loaded when need be; NULL: there is none */
void   quick_drop(struct layer *l);                                      /* its facts change */
void   selector_drop(struct layer *l);                                  /* its bindings change */
void   bind_from_index(struct vm *vm, struct layer *l);                 /* the rows of the library's index in which it is the lower one */

/* The library's index, made by scripts/index.awk when the program is built: one row a literal call of stdlib/layers that begins in
 * the first column, in the library's order (files sorted by path, lines in theirs):
 *      carried_by(IP, UDP, frag=0, proto=17)   ->   { "IP", "UDP", "frag=0,proto=17", 'b' }     also bind_layers(...)
 *      found_in(UDP, NTP, sport=123)           ->   { "UDP", "NTP", "sport=123", 'u' }          also bind_bottom_up(...)
 *      bind_top_down(...)                      ->   no row: it matters only when the upper class is there
 * `fields` has no blanks; a value is a number as the language writes it (decimal or 0x); the whole call stands on one line.
 * A call with anything else in it (a text, an expression) is refused by the script: such a binding would be found too late.
 * A lower class takes its rows when it is made, before any call adds to them; the same call, executed when the upper's file is
 * loaded, finds its row (same classes, same fields and values) and adds none.
 *
 * And one row a class with a literal `link_type = 1` or `link_type = (12, 101)` in its body: { 1, "Ether" }. */
struct library_binding { const char *lower, *upper, *fields; char mode; };
struct library_link { int link_type; const char *name; };
void   layers_set_index(struct vm *vm, const struct library_binding *rows, size_t count, const struct library_link *links, size_t link_count);

#endif
