#include "net/arrival.h"

struct stack *arrival(struct vm *vm, const struct capture_frame *f, int link_type, const char *iface)
{
	struct type *first = link_layer(vm, link_type);
	struct frame *frame = first ? frame_new(f->bytes, f->len) : NULL;
	struct stack *s = frame ? dissect(vm, first, frame, 0, f->len) : NULL;
	if (!s) {
		if (!vm_pending(vm))
			vm_raise(vm, vm->errors.MemoryError, "no memory for a packet of %u bytes", f->len);
		return NULL;
	}
	struct circumstances *about = stack_about(s);
	about->time = f->time;
	about->wire_len = f->wire_len;
	about->link_type = link_type;
	if (iface)
		value_set(&about->sniffed_on, str_value(vm, iface));
	return s;
}
