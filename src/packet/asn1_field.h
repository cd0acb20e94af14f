/* What a field of ASN.1 declares, and a layer made of them. An ASN1_Packet's ASN1_root is a tree: sequences and sets hold
 * others, the leaves are the layer's fields, in their order. Elements around the leaves have no value of their own: their
 * tags are declared and their lengths worked out; of a dissected layer the spans say where each leaf and each group stood,
 * so that a length that took more bytes than it needs does so again. */
#ifndef PACKET_ASN1_FIELD_H
#define PACKET_ASN1_FIELD_H

#include "packet/asn1.h"
#include "packet/packet.h"

/* One thing that may stand there: a class of packets, a plain type, or a field. */
struct asn1_choice { unsigned tag; const struct asn1_type *is; value cls; struct field *field; };

struct marks;

struct asn1_data {
	const struct asn1_type *is;     /* a leaf's type; NULL: any */
	unsigned tag;                   /* on the wire; 0: any */
	unsigned outer;                 /* explicit tag around it; 0: none */
	bool retags;                    /* an implicit tag stands in the place of a packet's own */
	bool optional, flexible;
	bool wrapped;                   /* its default is made: what is given from here on stays as given */
	bool group;                     /* a SEQUENCE or SET of `children` */
	struct field **children;
	size_t child_count, leaves, groups;
	struct asn1_choice *choices;    /* CHOICE; SEQUENCE_OF and PACKET: the one */
	size_t choice_count;
};
static inline struct asn1_data *asn1_data(const struct field *f) { return f->data; }

bool asn1_is_field(const struct field *f);
/* Does its element stand here? `size` bytes of it. false: no (or raised). */
bool asn1_fits(struct vm *vm, const struct field *f, const uint8_t *bytes, size_t left, size_t *size);

/* ---- asn1_layer.c ---- */
bool  asn1_take_root(struct vm *vm, struct type *cls);                  /* a class with an ASN1_root of its own: makes its fields_desc; false: raised */
bool  asn1_measure(struct stack *s, unsigned at, const uint8_t *bytes, size_t start, size_t end);     /* false: these are no such bytes (or raised) */
/* The layer's header; `put` appends one leaf. */
bool  asn1_encode(const struct site *s, struct buf *out, struct marks *marks, bool (*put)(void *state, unsigned field), void *state);
size_t asn1_spans(const struct layer *l);                               /* how many numbers its spans are */
bool  asn1_span(const struct part *p, unsigned field, size_t *bit, size_t *bits);

#endif
