/* Methods and computed attributes of packets that stand in the tables of packet_methods.c: packet_find.c's, packet_fields.c's and
 * packet_about.c's. */
#ifndef PACKET_PACKET_ROWS_H
#define PACKET_PACKET_ROWS_H

#include "lang/vm.h"

value packet_method_getlayer(struct vm *vm, value *a);
value packet_method_haslayer(struct vm *vm, value *a);
value packet_method_layers(struct vm *vm, value *a);
value packet_method_fragment(struct vm *vm, value *a);
value packet_method_firstlayer(struct vm *vm, value *a);
value packet_method_lastlayer(struct vm *vm, value *a);
value packet_method_iterpayloads(struct vm *vm, value *a);
value packet_method_getfieldval(struct vm *vm, value *a);
value packet_method_setfieldval(struct vm *vm, value *a);
value packet_method_delfieldval(struct vm *vm, value *a);
value packet_method_get_field(struct vm *vm, value *a);
value packet_method_getfield_and_val(struct vm *vm, value *a);
value packet_get_fields(struct vm *vm, value self);
value packet_get_overloaded(struct vm *vm, value self);
value packet_get_default_fields(struct vm *vm, value self);
value packet_get_packetfields(struct vm *vm, value self);
value packet_method_hide_defaults(struct vm *vm, value *a);
value packet_get_time(struct vm *vm, value self);
bool  packet_set_time(struct vm *vm, value self, value to);
value packet_get_sent_time(struct vm *vm, value self);
bool  packet_set_sent_time(struct vm *vm, value self, value to);
value packet_get_wirelen(struct vm *vm, value self);
bool  packet_set_wirelen(struct vm *vm, value self, value to);
value packet_get_direction(struct vm *vm, value self);
bool  packet_set_direction(struct vm *vm, value self, value to);
value packet_get_sniffed_on(struct vm *vm, value self);
bool  packet_set_sniffed_on(struct vm *vm, value self, value to);
value packet_get_comment(struct vm *vm, value self);
bool  packet_set_comment(struct vm *vm, value self, value to);
value packet_get_explicit(struct vm *vm, value self);
bool  packet_set_explicit(struct vm *vm, value self, value to);
value packet_get_problem(struct vm *vm, value self);

#endif
