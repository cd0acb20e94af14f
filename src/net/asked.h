/* What an exchange asked, found again by what answers it, and the answers.
 *
 * A probe is remembered as the packet that the user gave, or, where it is one of a set that was laid out once, as the set's series
 * (packet/series.h) and its numbers there; an answer as the bytes that came. Both become packets when somebody looks: the lists
 * that sr returns take their items from here (later_new), so this lives as long as they do.
 *
 * Probes are found by their key (stack_key: equal for a packet and whatever may answer it) in a hash table with chains in the
 * order asked, which those leave that may not be answered again; packets to a group, whose answers come from addresses that the
 * key does not know, are tried one by one, and so is one that was asked alone. */
#ifndef NET_ASKED_H
#define NET_ASKED_H

#include "packet/packet.h"
#include "packet/series.h"

#include "net/capture.h"
#include "net/chunk.h"

struct asked {
	uint64_t hash;
	union { struct stack *stack; size_t words; } of;      /* kept; one member, as the user gave it. Or where its words are */
	int64_t sent_time;               /* nanoseconds since 1970 */
	uint64_t sent;                   /* asked_hash of its bytes, where they come back to us (loopback); 0: they do not */
	uint32_t next;                   /* of the same hash, counted from 1; 0: none */
	uint32_t series;                 /* counted from 1; 0: a stack */
	bool answered;
};

struct answer {
	struct frame *frame;             /* kept: its bytes are at `start` */
	struct stack *stack;             /* kept: made of them; NULL: not yet */
	struct str *iface;               /* kept; where it came */
	int64_t time;
	uint32_t start, len, wire_len, row;
	int link_type;
	uint8_t direction, at;           /* at: the layer that the user sees first */
	bool sum_left_to_card;
};

struct chain { uint32_t first, last; };                   /* rows, counted from 1; 0: none */

struct asked_table {
	struct vm *vm;
	struct asked *rows;              /* in the order asked; they move when one is added */
	size_t count, room, unanswered;
	bool keyless;                    /* there is one row, and it is in no chain: it is tried for each answer */
	struct chain *chains;
	size_t size;                     /* of chains: a power of two */
	uint32_t *to_many;               /* rows that went to a group */
	size_t to_many_count;
	struct series **series;
	size_t series_count;
	uint64_t *words;                 /* of the rows that are of a series */
	size_t word_count, word_room;
	struct answer *answers;          /* in the order they came */
	size_t answer_count, answer_room;
	struct chunk chunk;              /* their bytes */
	struct buf key;
};

enum { ASKED_MOST = 0x7fffffff };        /* rows of one exchange */

struct asked_table *asked_new(struct vm *vm);
void asked_drop(TAKES struct asked_table *t);            /* lists that take items from it keep it */

/* The row of what is asked now. ASKED_MOST: raised. */
uint32_t asked_add(struct asked_table *t, struct stack *member, bool to_many);
uint32_t asked_add_patched(struct asked_table *t, uint32_t series, const struct patch *p);
/* A series to add to, counted from 1; `s` is the table's from now on. */
uint32_t asked_begin_series(struct asked_table *t, TAKES struct series *s);

/* What `answer` answers from its layer `at` on, whose bytes from there hash to `came`; one that is answered already only where
 * `again`, and then second to one that is not. ASKED_MOST: nothing, or raised (vm_pending). */
uint32_t asked_match(struct asked_table *t, struct stack *answer, unsigned at, uint64_t came, bool again);
/* That frame answers the row. Its number among the answers, ASKED_MOST: raised. */
uint32_t asked_answer(struct asked_table *t, uint32_t row, const struct capture_frame *f, struct str *iface, int link_type, unsigned at, bool again);
uint64_t asked_hash(const void *bytes, size_t len);

struct stack *asked_packet(struct asked_table *t, uint32_t row);         /* BORROWED; the same each time. NULL: raised */
/* The answer's frame was dissected as this just now: no need to do it again. false: raised */
bool asked_came_as(struct asked_table *t, uint32_t number, struct stack *whole);
struct stack *asked_reply(struct asked_table *t, uint32_t number);       /* the same of an answer */
bool asked_list_pair(struct asked_table *t, value list, uint32_t number);        /* into a SndRcvList; false: raised */
bool asked_list_unanswered(struct asked_table *t, value list);

#endif
