/* Templates: what all packets of one shape have in common, laid out once. template.c's essay says what a shape is.
 *
 * build() goes through here by itself. Who sends many packets of one shape, each other than the one before in a few fields, does:
 *
 *      struct template *t = template_of(s, 0);                   NULL: not such a shape; build each
 *      uint8_t *frame = ... template_length(t) bytes
 *      template_write(t, s, 0, frame)                            the first packet, whole
 *      struct spot *p = template_spot(t, layer, field)         NULL: not set in this shape
 *      for each further one:
 *              spot_put(p, frame, word)                         the number on the wire; spot_put_value(): an accepted value
 *              template_finish(t, frame)                         sums; lengths are the shape's
 *
 * What is left to routes (Ether().src) or to the clock is asked by template_write, and once more by template_ask, which is to be
 * called before template_finish when a field on which it depends (an address) was put. The words and values of the packet `s`
 * are read by template_write and template_ask only.
 *
 * A template stays good until template_good says that it is not (a binding or a default was changed). It is BORROWED from a
 * small table; template_keep and template_drop hold it longer. */
#ifndef PACKET_TEMPLATE_H
#define PACKET_TEMPLATE_H

#include "packet/packet.h"

struct template;
struct spot;

struct template *template_of(struct stack *s, unsigned at);             /* made now when there is none. NULL: not to be had (nothing raised) */
struct template *template_find(struct stack *s, unsigned at);           /* for build: made when the shape comes a second time */
bool template_good(struct vm *vm, const struct template *t);
struct template *template_keep(struct template *t);
void template_drop(TAKES struct template *t);
struct world;
void templates_free(struct world *w);

size_t template_length(const struct template *t);
size_t template_layer(const struct template *t, unsigned layer);        /* where the layer's header begins; layers count from `at` */
bool template_write(const struct template *t, struct stack *s, unsigned at, uint8_t *out);     /* false: raised */
bool template_ask(const struct template *t, struct stack *s, unsigned at, uint8_t *frame);     /* false: raised */
void template_finish(const struct template *t, uint8_t *frame);

const struct spot *template_spot(const struct template *t, unsigned layer, unsigned field);
void spot_put(const struct spot *p, uint8_t *frame, uint64_t word);
bool spot_put_value(struct vm *vm, const struct spot *p, uint8_t *frame, value v);           /* an accepted value (field_accept); false: raised */

#endif
