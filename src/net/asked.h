/* What an exchange asked, found again by what answers it. Packets are kept by their key (stack_key: equal for a packet and
 * whatever may answer it), in a hash table with chains in the order asked; packets to a group, whose answers come from
 * addresses that the key does not know, are tried one by one. */
#ifndef NET_ASKED_H
#define NET_ASKED_H

#include "packet/packet.h"

struct asked {
	struct asked *next;              /* of the same hash */
	struct stack *stack;             /* kept; one member, as the user gave it */
	uint64_t hash;
	size_t key, key_len;             /* in the table's keys */
	uint64_t sent;                   /* asked_hash of its bytes, where they come back to us (loopback); 0: they do not */
	bool answered;
};

struct asked_table {
	struct asked *rows;              /* in the order asked; they move when one is added */
	size_t count, room, unanswered;
	struct asked **heads;
	size_t size;                     /* of heads: a power of two */
	size_t *to_many, to_many_count;  /* rows that went to a group */
	struct buf keys, key;
};

/* Zero-initialise to start. */
void asked_free(struct asked_table *t);
struct asked *asked_add(struct asked_table *t, struct stack *member, bool to_many);       /* BORROWED until the next; NULL: raised */
/* What `answer` answers from its layer `at` on, whose bytes from there hash to `came`; one that is answered already only where
 * `again`, and then second to one that is not. NULL: nothing, or raised (vm_pending). */
struct asked *asked_match(struct asked_table *t, struct stack *answer, unsigned at, uint64_t came, bool again);
void asked_mark(struct asked_table *t, struct asked *a);         /* it is answered */
uint64_t asked_hash(const void *bytes, size_t len);

#endif
