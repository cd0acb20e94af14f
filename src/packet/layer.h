/* Layer classes: what the engine knows of a `class UDP(Packet): fields_desc = [...]`, made once when the class statement
 * ends (slots.subclassed of Packet) and kept in its struct type's `extra`. The standard library's classes and a user's take the
 * same way; nothing about the built-in layers is privileged. */
#ifndef PACKET_LAYER_H
#define PACKET_LAYER_H

#include "packet/field.h"

/* Which methods a user's class defines, Scapy's way; each is called only where its bit is set. */
#define LAYER_HOOKS(X) \
	X(post_build) X(post_dissect) X(pre_dissect) X(do_dissect) X(extract_padding) X(guess_payload_class) X(dispatch_hook) \
	X(answers) X(hashret) X(mysummary) X(self_build) X(do_build) X(default_payload_class) X(post_dissection) X(build_padding)
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
	struct match { unsigned field; value is; } *matches;
	struct type *upper;             /* NULL: not loaded yet */
	const char *upper_name;         /* in the index */
	bool removed;                   /* split_layers */
};
/* What this layer sets in a layer below it that does not say otherwise (Scapy's overload_fields). */
struct overload {
	struct type *lower;             /* BORROWED: classes live as long as the machine */
	unsigned count;
	struct match *sets;
};

struct layer {
	struct type *type;              /* BORROWED: owns this */
	struct str *name;               /* `name`: "IP", "DisneyPacket " */
	unsigned count;
	struct field **fields;          /* in wire order, wrappers included; kept */
	struct dict *index;             /* field name -> int */
	/* The image: the header's bytes with every field at its default, computed ones zero. Fields whose default takes no
	 * room (options=[]) take none in it. */
	uint8_t *image;
	uint32_t image_len;
	bool fixed;                     /* every field has a fixed width and no condition: header length = image_len always */
	uint32_t fixed_count;           /* how many leading fields have an `offset` */
	unsigned hooks;                 /* bit per enum layer_hook */
	/* bindings of this layer as the lower one, and its overloads as the upper one */
	struct binding *bindings;
	unsigned binding_count, binding_room;
	struct overload *overloads;
	unsigned overload_count;
	struct type *default_payload;   /* payload = NTPHeader, "Raw" ...; NULL: Raw */
	/* declared facts (class attributes), see doc/protocols.md */
	struct summary *summary;        /* summary = "UDP {sport} > {dport}", parsed; NULL: the class's name */
	struct { struct expr *test; struct str *name; struct type *to; } *variants;   /* dispatch = [("type <= 1500", "Dot3")] */
	unsigned variant_count;
	int payload_of;                 /* index of the field whose value bounds the payload (length_of with "payload"); -1: none */
	struct expr *payload_length;    /* or said outright; NULL */
	int source, destination;        /* addresses = ("src", "dst"): field indexes; -1: none */
	int protocol;                   /* protocol = "proto": the field that names the payload's protocol; -1 */
	unsigned family;                /* 4 or 16 (bytes of an address), 0: none */
	unsigned *reverses, reverse_count;   /* reverses = ("sport", "dport"): what an answer swaps, in pairs */
	unsigned *echoes, echo_count;   /* echoes = ("id",): what an answer repeats */
	struct expr *answers;           /* answers = "...": a condition on the answer with `other.` names; NULL */
	bool quotes;                    /* an error that carries the start of what it is about (ICMP errors): matched inside */
	bool is_padding, is_raw;        /* Padding is laid out behind everything and belongs to no length or sum; Raw holds what nothing else reads */
	unsigned link_type;             /* link_type = 1: what a capture file of that DLT begins with; 0: none */
};

struct layer *layer_of(const struct type *type);                        /* NULL: no packet class */
int    layer_field(const struct layer *l, struct str *name);            /* index; -1: it has none */
const char *layer_nearest(const struct layer *l, const char *name);
bool   layer_make(struct vm *vm, struct type *cls);                     /* slots.subclassed */
void   layer_image(struct vm *vm, struct layer *l);                     /* again, after a default changed */

/* Bindings. bottom_up: how a dissected lower finds upper; top_down: what upper sets in lower. `values` is a dict field -> value. */
bool   bind_bottom_up(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
bool   bind_top_down(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
bool   bind_split(struct vm *vm, struct type *lower, struct type *upper, struct dict *values);
const struct overload *layer_overload(const struct layer *upper, const struct type *lower);   /* NULL: none */

/* The library's index, made when the program is built: one row a literal carried_by/bind_layers of stdlib/layers, in the
 * library's order. `fields` is the text of its keywords ("sport=123, dport=123"), `mode` 'b' both ways, 'u' bottom up only. */
struct library_binding { const char *lower, *upper, *fields; char mode; };
void   layers_set_index(struct vm *vm, const struct library_binding *rows, size_t count);

#endif
