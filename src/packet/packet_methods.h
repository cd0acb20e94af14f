/* What packet.c, the type, and packet_methods.c, its methods and computed attributes, have of each other. */
#ifndef PACKET_PACKET_METHODS_H
#define PACKET_PACKET_METHODS_H

#include "packet/packet.h"

extern const struct native packet_methods[];
extern const struct getset packet_attrs[];
extern const struct type_spec packet_spec, members_spec, no_payload_spec, stack_spec, flag_value_spec, packet_items_spec, raw_val_spec;

value packet_field_value(struct stack *s, unsigned at, unsigned field); /* what p.field reads: route facts settled */
bool  packets_equal(struct stack *x, unsigned i, struct stack *y, unsigned j, bool *out);
/* The nth layer (from 1) that the class, name, "Layer.field" or index (from 0) stands for, those inside of fields included. Unset: none, or raised. */
bool packet_contains(struct vm *vm, value self, value needle, bool *out);
value packet_item_attr(struct vm *vm, value self, value key, struct str *name, uint32_t version);
value packet_getlayer(struct vm *vm, struct packet *p, value cls, int64_t nth);
bool packet_haslayer(struct vm *vm, struct packet *p, value cls);       /* false: not, or raised */
value packet_answers(struct vm *vm, value answer, value asked);
/* What follows layer `at` is `to` from here on: a packet, bytes or text, None or unset for nothing. */
bool  packet_replace_payload(struct vm *vm, struct stack *s, unsigned at, value to);
bool  packet_set_computed(struct vm *vm, value self, const char *name, value to);       /* by getset, whatever hides it */

#endif
