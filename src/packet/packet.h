/* Packets.
 *
 * A packet is a stack: a row of layers over, when it came from a wire or a file, one shared buffer of bytes. What the
 * language holds is a struct packet: one layer of one stack. p, p[UDP] and p.payload are three such objects on one stack,
 * each made once and the same each time it is asked for, each keeping the stack (and so its neighbours) alive.
 *
 *      struct packet (p)      struct packet (p[UDP])
 *             |                     |
 *             v                     v
 *   stack:  [ Ether | IP | UDP | NTP ]          frame: 00 0c 29 ...  (shared, counted)
 *              0..14  14..34 34..42 42..90       spans in the frame, only boundaries: fields are decoded when read
 *
 * A layer holds what differs from "as it came" (dissected) or from the class's image (made here): one value a field that was
 * set, none for the others. A dissected layer in which nothing was set goes out as the bytes that came in. */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include <endian.h>
#include <string.h>

#include "base/mem.h"
#include "packet/layer.h"

/* Bytes that several stacks and lists may look into. */
struct frame {
	uint32_t refs;
	uint32_t len;
	uint8_t *bytes;                 /* behind the struct, or in a mapping that `owner` holds */
	void *owner;
	void (*owner_drop)(void *owner);
};
struct frame *frame_new(const void *bytes, size_t len);                 /* a copy; of NULL: to be filled */
static inline struct frame *frame_keep(struct frame *f) { f->refs++; return f; }
void frame_free(struct frame *f);
static inline void frame_drop(TAKES struct frame *f)
{
	if (f && --f->refs == 0)
		frame_free(f);
}
/* Eight bytes from `at` on, in network order; what is behind the frame's end counts as zeros. */
static inline uint64_t frame_load(const struct frame *f, size_t at)
{
	uint64_t eight = 0;
	if (at + sizeof eight <= f->len)
		memcpy(&eight, f->bytes + at, sizeof eight);
	else if (at < f->len)
		memcpy(&eight, f->bytes + at, f->len - at);
	return be64toh(eight);
}

enum field_state {
	STATE_DEFAULT,                  /* overload of the payload, else the class's default */
	STATE_WIRE,                     /* as in the frame */
	STATE_SET,                      /* values[i], given by the user: shown, sent */
	STATE_READ_DEFAULT,             /* values[i] was handed out, and can have been changed since: */
	STATE_READ_WIRE,                /*      part_state compares it with what it was */
};

/* Before values[0] of a part: what was set in a layer is shared by the layer's copies until one of them is changed, unless it
 * holds something that can hold other things (a list may change beneath it, and the collector counts who holds it). */
struct settings { uint32_t refs; bool alone; struct header *header; };

/* The header that shared settings make, but for what is computed: valid below the same overload, as long as no binding and no default changes. */
struct header {
	const struct overload *over;
	uint32_t binding_round, image_round;
	uint32_t len;
	uint8_t bytes[];
};

struct part {                       /* one layer of a stack */
	struct layer *layer;            /* BORROWED: classes live as long as the machine */
	struct packet *object;          /* BORROWED back-pointer: its language object, NULL when nobody holds one */
	value *values;                  /* layer->count of them, or NULL: nothing set. values[i].spare is the order in which they were set (iteration of sets goes by it) */
	uint64_t *words;                /* ... and what they are on the wire, of those whose bit of `worded` is set (of the first 64 fields); behind values */
	uint64_t worded, given;         /* given: a bit for each of the first 64 fields that is not at STATE_DEFAULT */
	uint8_t *states;                /* enum field_state of each (behind words, one block), or NULL: all STATE_WIRE (dissected) or all STATE_DEFAULT */
	struct dict *attributes;        /* what a user's class or `p._x = 1` put beside the fields, while no object holds it; NULL */
	struct frame *frame;            /* kept; dissected parts only, else NULL */
	uint32_t start, header_end, end;/* in the frame: the layer, its own fields, its payload's end (padding excluded) */
	/* Dissected, not layer->fixed: where in the frame, in bits, each field from fixed_count on begins, and where the last ends;
	 * SPAN_ABSENT added for one whose condition was false. part_spans says which; NULL or unused otherwise. */
	union { uint32_t *many, one[2]; } spans;
	uint32_t trail;                 /* 1 + where the fields behind the payload begin; 0: they did not come */
	uint16_t have;                  /* dissected: how many leading fields there were bytes for; the others are at their defaults, as in Scapy */
	bool dissected;
	bool touched;                   /* something of it was set or deleted, or a mutable value was read */
	bool by_hook;                   /* dissected by a do_dissect of the user's: what it did not set is at its default */
	bool explicit_;                 /* Scapy's `explicit`: not a set any more */
	bool bare;                      /* as it came its last field, behind the fixed ones, took no bytes */
	bool own_spans;                 /* spans.many is a block of its own, to be freed */
	bool unsteady;                  /* a set or a random value was set in it at some time */
	const char *problem;            /* what was wrong in dissecting it, a static sentence; NULL */
	uint32_t problem_at;            /* where in the frame */
};
enum { SPAN_ABSENT = 0x80000000u };
static inline bool part_has_one_span(const struct part *p) { return !layer_scattered(p->layer) && p->layer->head_count - p->layer->fixed_count <= 1; }
static inline const uint32_t *part_spans(const struct part *p) { return part_has_one_span(p) ? p->spans.one : p->spans.many; }

/* The word of a field that stands at a fixed place, as it came: one load. false: it is to be looked for (part_word). */
static inline bool part_placed(const struct part *p, unsigned field, uint64_t *word)
{
	const struct row *row = &p->layer->rows[field];
	if (!row->placed || !p->dissected || p->states || field >= p->have)
		return false;
	*word = frame_load(p->frame, (size_t)p->start + row->byte) << row->up >> row->down;
	return true;
}

/* What capture tells of a packet, and what sending leaves. Only packets that have some carry it. */
struct circumstances {
	int64_t time;                   /* nanoseconds since 1970; INT64_MIN: none */
	int64_t sent_time;
	uint32_t wire_len;              /* 0: as captured */
	int32_t link_type;              /* DLT of the frame; -1 */
	uint8_t direction;              /* 0 unknown, 1 in, 2 out */
	bool sum_left_to_card;          /* TP_STATUS_CSUMNOTREADY */
	value sniffed_on, comment, time_value;   /* unset: none; time_value: what was assigned to .time */
};

/* An item of a list field looks at the packet that holds it through a tie, which outlives both. */
struct tie { uint32_t refs; struct stack *stack; unsigned at; };

/* A stack is an object of the heap's, so that cycles through field values are found; the language never sees it. */
struct stack {
	struct container head;
	uint16_t count, room, made_for; /* made_for: so many parts stand behind the struct */
	struct vm *vm;
	struct circumstances *about;    /* NULL: none */
	struct tie *under;              /* kept; an item of a list field: the stack and layer that hold it; NULL */
	struct tie *tie;                /* what its own items hold; NULL: none made */
	uint32_t message;               /* an item: where in the frame the message begins into which its names point */
	uint32_t sets;                  /* counts settings: values[i].spare */
	uint32_t unread;                /* read as far as somebody looked (stack_read_on): where the frame ends; 0: whole */
	struct part *parts;             /* `own` until there are more */
	struct part own[];              /* behind the struct; behind them, for what is read from a file, its circumstances */
};

struct packet {
	struct container head;          /* KIND_PACKET */
	struct stack *stack;            /* kept */
	unsigned at;
	struct dict *dict;              /* of a user's class; moved to the part when the object goes */
};
/* Its `name`, when assigned, and the like live in dict. */
bool   stack_read_on(struct stack *s);                                  /* one more layer of what is unread; false: there was none */
void   stack_read(struct stack *s);                                     /* all of it */
static inline struct packet *packet_unread(value v) { return (struct packet *)v.o; }      /* for who looks only at the layers that are there */
static inline struct packet *as_packet(value v)
{
	struct packet *p = packet_unread(v);
	if (p->stack && p->stack->unread)
		stack_read(p->stack);
	return p;
}
static inline bool is_packet(value v) { return is_kind(v, KIND_PACKET); }
static inline struct part *packet_part(const struct packet *p) { return &p->stack->parts[p->at]; }

/* ---- stack.c: making, joining, copying ---- */
struct stack *stack_new(struct vm *vm, struct layer *first);
struct stack *stack_with_room(struct vm *vm, struct layer *first, unsigned room);       /* for so many layers and the circumstances without another allocation */
void   stack_grow(struct stack *s);
static inline struct part *stack_push(struct stack *s, struct layer *layer)       /* one more layer, at its defaults */
{
	if (s->count == s->room)
		stack_grow(s);
	struct part *p = &s->parts[s->count++];
	_Static_assert(sizeof *p == 128, "cleared as a whole");
	mem_clear_128(p);
	p->layer = layer;
	return p;
}
struct tie *stack_tie(struct stack *s, unsigned at);                    /* kept: what items of a list field of that layer hold */
struct stack *stack_keep(struct stack *s);
void   stack_drop(TAKES struct stack *s);
void   stack_drop_read(TAKES struct stack *s);                          /* the same; one that stack_with_room made may be used again */
value  packet_object(struct stack *s, unsigned at);                     /* the layer's language object, made on first use */
struct stack *stack_copy(const struct stack *s, unsigned from);         /* layers from..end, sharing the frame; NULL: raised */
/* a / b: b's layers behind a's last but Padding stays last. `reuse`: a may be changed and returned. Bytes and str become Raw. */
value  packet_join(struct vm *vm, value a, value b, bool reuse);
bool   stack_append(struct stack *s, const struct stack *other, unsigned from);   /* copies of its layers */
int    stack_find(const struct stack *s, unsigned from, const struct type *cls, unsigned nth);   /* index or -1; nth from 1; derived classes where the class says so */
struct circumstances *stack_about(struct stack *s);                     /* made on first use */
void   part_share(struct part *p, const struct part *from);             /* what was set in `from`, plain values only: until one of them changes */
void   part_unshare(struct part *p);
const struct header *part_header(struct vm *vm, const struct part *p, const struct overload *over);   /* NULL: not kept */
void   part_keep_header(struct vm *vm, const struct part *p, const struct overload *over, const void *bytes, size_t len);    /* where it can be of use again */
void   part_drop_spans(struct part *p);
void   stack_cut(struct stack *s, unsigned from);                       /* drops the layers from..end */
bool   part_pads(const struct stack *s, unsigned at);                   /* is this layer Padding, with nothing else behind it? */
bool   part_matches(const struct part *p, const struct type *cls);      /* is this layer what p[cls] looks for? */

/* ---- value of fields: values.c ---- */
value  part_get(struct stack *s, unsigned at, unsigned field);          /* what p.field shows: set, wire, overload or default (None where computed). owned */
value  part_look(struct stack *s, unsigned at, unsigned field);         /* the same, to be looked at only: a value that can change does not stay with the layer. owned */
bool   part_set(struct stack *s, unsigned at, unsigned field, value given);   /* accepts, checks the range, marks */
bool   part_set_word(struct stack *s, unsigned at, unsigned field, uint64_t word);   /* sets what this number on the wire stands for; a field of one word */
bool   part_settle(struct stack *s, unsigned at, unsigned *field);      /* after part_set of all that was given together: fields whose kind depends on others */
bool   part_delete(struct stack *s, unsigned at, unsigned field);       /* back to the default: computed if computed */
enum field_state part_state(struct stack *s, unsigned at, unsigned field);    /* DEFAULT, WIRE or SET: a value that was read counts as set once it was changed */
bool   part_as_it_came(struct stack *s, unsigned at);                   /* dissected, and nothing in it was changed since (values may have been read) */
bool   part_came_word(const struct part *p, unsigned field, uint64_t *word);   /* the word of a field that is as it came */
const uint8_t *part_came_bytes(const struct part *p, unsigned field);   /* the bytes of one of fixed width, no word, that is as it came; NULL: it is none */
bool   part_is_wire_word(const struct part *p, unsigned field);         /* a number as it came: to be read without a look at any other layer */
bool   part_is_default(struct stack *s, unsigned at, unsigned field);   /* DEFAULT, and no overload of the payload either */
bool   part_overload(struct stack *s, unsigned at, unsigned field, value *out);   /* what the next layer sets in this one; BORROWED */
bool   part_is_empty(struct stack *s, unsigned at, unsigned field);     /* a list without items, told without making it; false: perhaps not */
bool   part_present(struct stack *s, unsigned at, unsigned field, bool *out);     /* is it there: on the wire as it came, else by its condition */
bool   part_steered(struct stack *s, unsigned at);                     /* was a field set on which it depends which fields there are, or how long? */
unsigned part_given(struct stack *s, unsigned at, unsigned *order);      /* the fields that are not at their default, in Scapy's order; room for layer->head_count */
bool   part_make(struct stack *s, unsigned at, unsigned field, value given);  /* the same for a constructor: in the order declared, not as written */
value *part_values(struct stack *s, unsigned at);                       /* made on first use, with states: asked before each change */
void   part_put(struct stack *s, unsigned at, unsigned field, TAKES value v, enum field_state state);    /* as it is: the one place that changes one */
void   part_put_word(struct stack *s, unsigned at, unsigned field, TAKES value v, uint64_t word);   /* of the constructor's: SET, v a plain value, `word` on the wire; field < 64 */
static inline bool part_worded(const struct part *p, unsigned field)    /* is words[field] what values[field] is on the wire? */
{
	return field < 64 && p->worded >> field & 1;
}
/* What will be sent: None settled to lengths (when `built` sizes are known), overloads, route facts. Used by build and by the reading
 * attributes that Scapy settles when read (IP().src, Ether().dst). */
unsigned part_next_given(const struct part *p, unsigned from);          /* the next field not at STATE_DEFAULT; layer->count: none */
value  part_effective(struct stack *s, unsigned at, unsigned field);
bool   part_effective_word(struct stack *s, unsigned at, unsigned field, uint64_t *word);   /* the same of a word, as part_word; also an IPv4 source or a MAC address left to the route. false: part_effective says it */
/* An integer field quickly, without making a value: dissected fixed fields straight from the frame. false: not an integer now. */
bool   part_int(struct stack *s, unsigned at, unsigned field, int64_t *out);
bool   part_word(struct stack *s, unsigned at, unsigned field, uint64_t *word);   /* a word field's number as on the wire; false: it has none now */
bool   part_is_none(struct stack *s, unsigned at, unsigned field);      /* nothing is given for it, by anyone */
bool   part_has_items(struct stack *s, unsigned at, unsigned field);    /* a list as it came that has some, told without making them; false: perhaps not */
value  part_item(struct stack *s, unsigned at, unsigned field, size_t nth);     /* of a list of packets, to be looked at only; unset: there is none (or raised) */
int64_t part_weight(struct stack *s, unsigned at, unsigned field);      /* of a field that is no number: its length or count, in facts; 0 is false */
size_t part_payload_length(struct stack *s, unsigned at);               /* bytes of payload, Padding not counted */
bool   part_span(struct stack *s, unsigned at, unsigned field, size_t *bit, size_t *bits);   /* where a dissected field lies in the frame */

/* ---- way.c ---- */
int    way_network(const struct stack *s, unsigned at);                 /* the layer whose addresses a pseudo-header has: the one below, beyond IPv6's extension headers. -1: none */
/* The address that stands for the network layer's own source or destination to what is carried at `before`. Unset: none does (or raised). */
value  way_address(struct stack *s, unsigned network, unsigned before, bool source);

/* ---- dissect.c ---- */
struct stack *dissect(struct vm *vm, struct type *first, TAKES struct frame *frame, size_t start, size_t end);   /* NULL only for a user's hook that raised */
/* The same, but no further than the first layer where nothing can tell: as_packet reads the rest. For what is handed out as a packet. */
struct stack *dissect_lazily(struct vm *vm, struct type *first, TAKES struct frame *frame, size_t start, size_t end);
/* Into a stack whose first layer stands at its defaults and says the class. false: raised. */
bool   dissect_into(struct stack *s, TAKES struct frame *frame, size_t start, size_t end);
/* What Packet's own do_dissect, do_dissect_payload and extract_padding do, for a hook that calls them. */
bool   dissect_header(struct stack *s, unsigned at, struct view bytes, size_t *header);
bool   dissect_payload(struct stack *s, unsigned at, struct view bytes);
bool   dissect_payload_length(struct stack *s, unsigned at, size_t left, size_t *out);
struct type *dissect_default(struct vm *vm, const struct layer *l);     /* the payload's class where no binding fits: NULL: raised */
struct type *link_layer(struct vm *vm, int link_type);                  /* the class a capture of that link type begins with; Raw when none */

/* ---- build.c ---- */
/* The bytes of layers at..end, laid out by libnet. Of a packet that is still a set, the first member's. */
bool   build(struct stack *s, unsigned at, struct buf *out);            /* appends */
value  build_value(struct stack *s, unsigned at);                       /* the same as a bytes; unset: raised */
bool   build_anew(struct stack *s, unsigned at, struct buf *out);       /* the same, whatever is remembered of its shape */
bool   part_is_open(const struct part *p, unsigned field, const struct overload *o);      /* nobody said it: not the user, not the payload (whose overload it is), not the default */
struct frame *build_frame(struct stack *s, unsigned at);                /* NULL: raised */
/* What Packet's own self_build, do_build and do_build_payload do: a part of the build that is going on, or one of its own. */
enum build_part { BUILD_HEADER, BUILD_LAYER, BUILD_PAYLOAD };
bool   build_part(struct stack *s, unsigned at, enum build_part part, struct buf *out);
/* A packet that came with a checksum left to the card: a copy in which that sum is open, so that building finishes it. NULL: raised, or
 * there is nothing to finish. */
struct stack *stack_finished(struct stack *s);
/* What building would put there, all else as it is. false: not to be known. */
bool   build_expected(struct stack *s, unsigned at, unsigned field, int64_t *out);
bool   stack_encode(struct stack *s, unsigned at, struct buf *out);     /* the same bytes without libnet: what is inside a field of another packet */
bool   stack_encode_values(struct stack *s, unsigned at, struct buf *out);  /* without libnet, and from values only */
bool   stack_reencode(struct stack *s, unsigned at, struct buf *out);   /* from values only */
bool   stack_recompute(struct stack *s, unsigned at);                   /* every length, count and checksum is None from here on */
uint16_t checksum_of(const void *bytes, size_t len);                    /* RFC 1071, in host order, complemented */

/* ---- sets.c: walking what a packet with sets stands for ---- */
bool   stack_is_set(const struct stack *s, unsigned at);                /* iteration would give other than itself */
struct walk;
struct walk *walk_new(struct stack *s, unsigned at);
struct stack *walk_next(struct walk *w);                                /* owned; NULL: end, or raised (vm_pending) */
void   walk_free(struct walk *w);
/* The same without making the member: to the next (false: end, or raised), which fields vary, and what they are in it. Layers count
 * from the walk's first. */
struct stack *walk_stack(const struct walk *w);                         /* BORROWED: what is walked... */
unsigned walk_from(const struct walk *w);                               /* ... from which layer on */
bool   walk_turn(struct walk *w);
bool   walk_fields(const struct walk *w, bool (*each)(void *state, unsigned layer, unsigned field), void *state);
/* `address`, unless NULL, is told the number of a drawn IPv4 address instead of its text. */
bool   walk_values(struct walk *w, bool (*each)(void *state, unsigned layer, unsigned field, TAKES value v),
                   bool (*address)(void *state, unsigned layer, unsigned field, uint32_t number), void *state);
value  net_parse(struct vm *vm, const char *text, size_t len, unsigned family);   /* "10.0.0.0/24", "10.0.1-5.*", a host name: a Net of `family` bytes an address (4, 16); ValueError */
bool   walk_count(const struct walk *w, uint64_t *out);                 /* false: not known beforehand (a generator) */

/* ---- answers.c ---- */
bool   stack_answers(struct stack *answer, unsigned a, struct stack *asked, unsigned b, bool *out);   /* from layer a on, and from layer b on */
/* A key that is equal for a packet and what may answer it (Scapy's hashret): appended bytes. */
bool   stack_key(struct stack *s, unsigned at, struct buf *out);

/* ---- show.c, summary.c, sprintf.c, hexdump.c, command.c ---- */
bool   stack_summary(struct stack *s, unsigned at, struct buf *out);
bool   stack_repr(struct stack *s, unsigned at, struct buf *out);
enum show_notes { SHOW_PLAIN, SHOW_NOT_SENT, SHOW_STALE };              /* nothing but the fields; and what is set but not sent; and which numbers no longer fit, which fields have no bytes */
bool   stack_show(struct stack *s, unsigned at, enum show_notes notes, const char *indent, struct buf *out);
bool   stack_sprintf(struct stack *s, unsigned at, const char *format, size_t len, struct buf *out);
bool   stack_command(struct stack *s, unsigned at, struct buf *out);
void   hexdump(const void *bytes, size_t len, struct buf *out);

/* ---- packetlist.c: PacketList and SndRcvList ---- */
value  packetlist_new(struct vm *vm, const char *name);                 /* "Sniffed", "Received", "Unanswered", a file's name */
bool   packetlist_add(struct vm *vm, value list, TAKES value packet);
/* A frame that becomes a packet only when looked at. */
struct arrived {                    /* what a capture tells of a frame; iface BORROWED, NULL: not known */
	int64_t time;
	uint32_t wire_len;
	int link_type;
	uint8_t direction;
	bool sum_left_to_card;
	const char *iface;
};
bool   packetlist_add_frame(struct vm *vm, value list, TAKES struct frame *frame, uint32_t start, uint32_t len, const struct arrived *about);
/* Where items come from that are made when somebody looks: an object of the heap's. `room` bytes of whose it is stand behind, zeroed. */
struct later;
struct later_kind {
	value (*make)(struct vm *vm, void *room, uint32_t number);           /* item `number`, the same each time. Unset: raised */
	void  (*release)(void *room);
	void  (*visit)(void *room, visit_fn visit, void *state);
};
void  *later_new(struct vm *vm, const struct later_kind *kind, size_t room);     /* the room; kept, dropped and added by it */
void   later_drop(TAKES void *room);
bool   packetlist_add_later(struct vm *vm, value list, void *room, uint32_t number);
value  answered_new(struct vm *vm);                                     /* SndRcvList "Results" */
value  answered_pair(struct vm *vm, TAKES value sent, TAKES value received);    /* an item of such a list; unset: raised */

#endif
