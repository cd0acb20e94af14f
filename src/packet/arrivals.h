/* Frames that a list keeps, in as little room as will do: of each the list has 24 bytes, which say when it came and where its bytes
 * are; what many frames have in common stands here once.
 *
 *      record: time, start, len, block ----> blocks: the bytes of many frames, and how many records look into them
 *                                facts ----> facts: link type, direction, interface ..., and how much of a frame was cut off */
#ifndef PACKET_ARRIVALS_H
#define PACKET_ARRIVALS_H

#include "packet/packet.h"

struct arrivals {
	struct block { struct frame *frame; uint32_t records; } *blocks;      /* frame: kept; NULL: nobody looks into it any more */
	struct facts { uint32_t cut; int16_t link_type; uint16_t flags; } *facts;
	struct str **places;            /* kept: names of interfaces */
	uint32_t block_count, block_room, facts_count, facts_room, place_count;
};
struct arrival { int64_t time; uint32_t start, len, block, facts; };

struct arrival arrivals_add(struct vm *vm, struct arrivals *a, TAKES struct frame *frame, uint32_t start, uint32_t len, const struct arrived *about);
struct frame *arrivals_frame(const struct arrivals *a, const struct arrival *one);              /* BORROWED */
struct arrived arrivals_about(const struct arrivals *a, const struct arrival *one);
value  arrivals_place(const struct arrivals *a, const struct arrival *one);                     /* unset: not known. owned */
void   arrivals_drop(struct arrivals *a, const struct arrival *one);
void   arrivals_free(struct arrivals *a);

#endif
