/* One header, field by field: the slow way of building, which also makes the image that the quick way copies. */
#ifndef PACKET_ENCODE_H
#define PACKET_ENCODE_H

#include "packet/packet.h"

/* Where each field begins, in bits from the header's start, SPAN_ABSENT added for one that is not there; at[count]: the end. */
struct marks {
	uint32_t *at;
	unsigned count;
	uint32_t few[64];
};
void marks_begin(struct marks *m, unsigned count);
void marks_end(struct marks *m);

/* Appends the header of the site's layer: fields that were set and defaults encoded, fields as they came copied bit for bit,
 * fields to be computed as zeros. */
bool was_given(struct stack *s, unsigned at, unsigned field);      /* set to something other than None */
/* "ICMP.gw is set but not sent: it is there only when type == 5" */
void not_sent_text(struct stack *s, unsigned at, unsigned field, struct buf *out);
bool encode_fields(const struct site *s, struct buf *out, struct marks *marks);
/* Names that came compressed point to places in their message. When a list of it was changed, those places moved: then every
 * name in it is written out, and lengths that speak of names are computed again. Of an item, in such a message: */
bool names_spread(struct stack *s, unsigned at);
bool speaks_of_names(const struct layer *l, unsigned field);
/* Is this field left to be computed: nothing set, nothing from the wire, no overload, no default? */
bool left_to_compute(struct stack *s, unsigned at, unsigned field);

#endif
