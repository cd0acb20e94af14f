/* The hooks of a layer as Packet itself has them: rows of packet_methods. */
#ifndef PACKET_PACKET_HOOKS_H
#define PACKET_PACKET_HOOKS_H

#include "lang/vm.h"
#include "lang/types.h"

#define PACKET_HOOKS(M) \
	M("self_build", hook_self_build, "", "this layer's header as bytes"), \
	M("do_build", hook_do_build, "", "this layer and its payload as bytes, without padding"), \
	M("do_build_payload", hook_do_build_payload, "", "the payload as bytes"), \
	M("post_build", hook_post_build, "p, pay", "header and payload as they will be sent"), \
	M("pre_dissect", hook_give_back, "s", "the bytes that will be dissected"), \
	M("do_dissect", hook_do_dissect, "s", "takes the header from these bytes and gives the rest"), \
	M("post_dissect", hook_give_back, "s", "the bytes behind the header"), \
	M("extract_padding", hook_extract_padding, "s", "payload and padding"), \
	M("do_dissect_payload", hook_do_dissect_payload, "s", "takes these bytes as the payload"), \
	M("post_dissection", hook_nothing, "pkt", "told when the whole packet is dissected"), \
	M("guess_payload_class", hook_guess_payload_class, "payload", "the class of the payload"), \
	M("default_payload_class", hook_default_payload_class, "payload", "the class of the payload when no binding fits"), \
	M("mysummary", hook_mysummary, "", "this layer's part of the summary"), \
	M("route", hook_route, "", "interface, source and gateway by which it leaves")

value hook_self_build(struct vm *vm, value *a);
value hook_do_build(struct vm *vm, value *a);
value hook_do_build_payload(struct vm *vm, value *a);
value hook_post_build(struct vm *vm, value *a);
value hook_give_back(struct vm *vm, value *a);
value hook_nothing(struct vm *vm, value *a);
value hook_do_dissect(struct vm *vm, value *a);
value hook_extract_padding(struct vm *vm, value *a);
value hook_do_dissect_payload(struct vm *vm, value *a);
value hook_guess_payload_class(struct vm *vm, value *a);
value hook_default_payload_class(struct vm *vm, value *a);
value hook_dispatch(struct vm *vm, value *a);       /* of the class */
value hook_mysummary(struct vm *vm, value *a);
value hook_route(struct vm *vm, value *a);

bool fields_take_open(struct vm *vm);               /* what do_dissect put into `fields` so far is the layer's; false: something is pending */

#endif
