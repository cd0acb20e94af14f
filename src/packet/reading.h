/* What reading a packet's bytes is made of: dissect.c's loop, measure.c's one header, lazy.c's reading as far as somebody looks. */
#ifndef PACKET_READING_H
#define PACKET_READING_H

#include "packet/packet.h"

enum { LAYERS_MAX = 100, TURNS = 8 };           /* TURNS: so often one class may say that the bytes are another */

/* What is left behind a layer: Padding, or the class that the layer says. */
struct pad { struct frame *frame; uint32_t start, end; struct type *cls; };

struct reading {
	struct vm *vm;
	struct stack *stack;
	struct frame *frame;            /* kept: where the next layer is; a user's hook may have put another in its place */
	size_t start, end;
	struct pad pads[LAYERS_MAX];
	unsigned pad_count;
	unsigned hooks;                 /* of all layers read */
	size_t payload;                 /* where do_dissect of the user's says that the payload begins */
};
void   reading_begin(struct reading *r, struct stack *s, TAKES struct frame *frame, size_t start, size_t end);
bool   reading_header(struct reading *r, unsigned at);                  /* one layer, whose class is in its part. true: a payload follows; false: the end, or raised */
bool   reading_next(struct reading *r);                                 /* a part for what follows, with its class; false: there is none (or raised) */
void   reading_on(struct reading *r);                                   /* all that follow */
void   reading_pad(struct reading *r, size_t start, size_t end, struct type *cls);
bool   reading_become(struct reading *r, unsigned at, struct layer *layer, const char *problem);
void   reading_end(struct reading *r, bool whole);                      /* `whole`: what was left behind is read now; else it is left for later */
struct layer *reading_plain(struct vm *vm, struct type **place, const char *name);      /* Raw, Padding; NULL: raised */
struct type *reading_class(struct stack *s, unsigned at, size_t start, size_t end);     /* of a payload, without hooks; NULL: raised */

/* ---- measure.c: of a part that says its class ---- */
void   measure_begin(struct part *p, struct frame *frame, size_t start, size_t end);
void   measure_forget(struct part *p);
bool   measure_header(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t end);     /* false: the bytes are too few (or raised) */
bool   measure_payload(struct stack *s, unsigned at, size_t header, size_t payload, size_t end, int64_t *out);      /* its length as the header says; false: it does not (or raised) */
struct type *measure_variant(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t end);          /* what its dispatch says that it is; NULL: itself (or raised) */
bool   measure_fields(struct stack *s, unsigned at, size_t start, size_t end);                 /* those behind the fixed ones; the part is begun */

/* ---- quick.c ---- */
/* A layer of the usual make, from its class to the end of its payload (*end). false: it is none, or its bytes are too few, and the
 * part is as before (or raised). */
bool   quick_read(struct stack *s, unsigned at, struct frame *frame, size_t start, size_t *end);
/* What follows a layer, where that depends on few numbers in it and was found out before; NULL: it is to be found out. */
struct layer *quick_next(struct stack *s, unsigned at);
void   quick_remember(struct stack *s, unsigned at, struct layer *next);
enum more { MORE_READ, MORE_UNTOLD, MORE_USELESS };
enum more quick_more(struct stack *s, const struct layer *wanted);     /* one more layer of what is unread, or as many as come before `wanted` may, all by these. UNTOLD: the next one is to be read the general way; USELESS: `wanted` does not follow */

void   reading_hush(struct vm *vm);                                     /* lazy.c: what is raised is not for who looks */
void   stack_read_end(struct stack *s);                                 /* lazy.c: no layer follows the last one: what lengths cut off is read */

#endif
