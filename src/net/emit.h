/* Packets on their way out: what a send function was given becomes single packets, each finds its way out, becomes a frame, and
 * leaves. Layer 3 (send, sr): the kernel's route decides; on a wire the link layer of that interface goes in front, packets to
 * this machine itself go by raw injection. Layer 2 (sendp, srp): frames as they are, on one interface. */
#ifndef NET_EMIT_H
#define NET_EMIT_H

#include "packet/packet.h"

#include "net/wire.h"

struct patch;
struct asides;

struct emit {
	struct vm *vm;
	struct wire *wire;
	const char *function;            /* "send": for messages */
	bool link;                       /* layer 2 */
	char iface[IFNAMSIZ];            /* iface=...; empty: as routed (layer 3). Layer 2: always set */
	int index;                       /* its index; 0: none */
	struct buf dots;                 /* progress not printed yet */
	/* What `laid_out` (emit_frames) is being called for, BORROWED: */
	struct stack *whose;             /* the packet, from layer `whose_at` on; where `patch`, the member of the set that was laid out first */
	unsigned whose_at;
	struct patch *patch;             /* what has this member's numbers; NULL: it is no set */
	bool first;                      /* of those that the patch gives */
	bool refused;                    /* to be set instead of doing anything, of the first: the members are wanted as packets */
	/* Packets that wait for the link address of their next hop (aside.h): */
	bool many;                       /* one whose hop is silent is no reason not to send the others */
	struct asides *asides;           /* NULL: none yet */
	bool (*resume)(struct emit *e, struct stack *member, uint32_t tag, void *state);     /* its hop is known now. false: raised, or stopped */
	void *resume_state;
};

/* `iface`: the argument of that name; `hint`: an address, whose route gives the interface where iface is None. false: raised. */
bool emit_begin(struct emit *e, struct vm *vm, const char *function, bool link, value iface, value hint);
void emit_end(struct emit *e);

/* Refuses what starts at the wrong layer, before anything leaves; looks into lists, not into generators. false: raised. */
bool emit_check(struct emit *e, value packets);

/* Calls `each` with every single packet that `packets` stands for: a packet, a set, bytes (Raw), or anything to iterate of such.
 * The stack is borrowed for the call. `each` false: stops. false: raised, or stopped. */
/* `laid_out`, unless NULL, is called instead for members of a set that differ from the first in numbers alone, with the bytes that
 * leave (who wants them longer keeps them), and for a packet that goes the way that one like it went a moment ago (course.h). */
struct emit_way;
bool emit_frames(struct emit *e, value packets, bool (*each)(struct emit *e, struct stack *member, void *state),
                 bool (*laid_out)(struct emit *e, const struct emit_way *way, struct frame *frame, void *state), void *state);
bool emit_members(struct emit *e, value packets, bool (*each)(struct emit *e, struct stack *member, void *state), void *state);

struct emit_way {
	struct inject *inject;           /* BORROWED from the pool */
	int index;                       /* interface it leaves by */
	bool local;                      /* raw injection: the member is sent as it is */
	int link_type;                   /* DLT of the frames that come back there; -1 unknown */
	struct address awaits;           /* emit_way_known: the next hop, whose link address is yet to be asked for (family 0: none), and no way */
};

/* The way out of one member; asks for the next hop's link address. false: raised. */
bool emit_way(struct emit *e, struct stack *member, struct emit_way *out);
/* The same without asking, where many packets are sent: out->awaits says that one is to be set aside. */
bool emit_way_known(struct emit *e, struct stack *member, struct emit_way *out);
/* A set whose destination varies: does the frame that was laid out for one member lead to another destination as well? */
struct emit_lead {
	int wanted;                      /* interface asked for; 0: none */
	bool fixed;                      /* nothing depends on it: the user gave what else would */
	struct route route;
	struct address hop;              /* whose link address stands in the frame */
};
bool emit_lead(struct emit *e, struct stack *member, const struct emit_way *way, struct emit_lead *out);     /* false: it may not vary */
/* `destination`: an IPv4 address in host order, which the frame has; the link address in front becomes its next hop's. false: it goes
 * another way, has another source, or its hop is yet to be asked for. */
bool emit_leads(struct emit *e, struct emit_lead *lead, uint32_t destination, struct frame *frame);
/* The member's bytes as they leave that way. NULL: raised. */
struct frame *emit_frame(struct emit *e, struct stack *member, const struct emit_way *way);
/* cut.c: bytes of payload that fit behind the network header of what may be fragmented, in units of 8; 0: it fits as it is, or must not be. */
size_t emit_cut_size(struct emit *e, const struct emit_way *way, const struct frame *whole);
/* A frame over the interface's MTU whose packet may be cut (conf.auto_fragment, no DF; TCP that was captured larger): `each` is called with
 * its fragments or segments instead, and *cut is set. false: raised, or stopped. */
bool emit_cut(struct emit *e, struct stack *member, const struct emit_way *way, const struct frame *whole,
              bool (*each)(struct emit *e, struct stack *member, void *state), void *state, bool *cut);
/* Does it go to a group, so that anyone may answer? */
bool emit_to_many(struct stack *member);
/* Sends frames, polling for Ctrl-C in between. false: raised. */
bool emit_send(struct emit *e, struct inject *inject, const struct inject_frame *frames, size_t count);

#endif
