#include "net/arrival.h"

#include <string.h>

#include "lang/types.h"

void arrival_tell(struct stack *s, const struct capture_frame *f, int link_type, const char *iface)
{
	struct vm *vm = s->vm;
	struct circumstances *about = stack_about(s);
	about->time = f->time;
	about->wire_len = f->wire_len;
	about->link_type = link_type;
	about->direction = f->direction;
	about->sum_left_to_card = f->sum_left_to_card;
	if (f->comment)
		value_set(&about->comment, bytes_value(vm, f->comment, strlen(f->comment)));
	if (iface)
		value_set(&about->sniffed_on, str_value(vm, iface));
}

static struct stack *arrived(struct vm *vm, TAKES struct stack *s, const struct capture_frame *f, int link_type, const char *iface)
{
	if (s)
		arrival_tell(s, f, link_type, iface);
	else if (!vm_pending(vm))
		vm_raise(vm, vm->errors.MemoryError, "no memory for a packet of %u bytes", f->len);
	return s;
}

struct stack *arrival(struct vm *vm, const struct capture_frame *f, int link_type, const char *iface)
{
	struct type *first = link_layer(vm, link_type);
	return arrived(vm, first ? dissect(vm, first, frame_new(f->bytes, f->len), 0, f->len) : NULL, f, link_type, iface);
}

value arrival_packet(struct vm *vm, const struct capture_frame *f, int link_type, const char *iface)
{
	struct type *first = link_layer(vm, link_type);
	struct frame *frame = !first ? NULL : f->block ? frame_keep(f->block) : frame_new(f->bytes, f->len);
	size_t start = f->block ? (size_t)(f->bytes - f->block->bytes) : 0;
	struct stack *s = arrived(vm, first ? dissect_lazily(vm, first, frame, start, start + f->len) : NULL, f, link_type, iface);
	value packet = s ? packet_object(s, 0) : VALUE_UNSET;
	if (s)
		stack_drop(s);
	return packet;
}

struct stack *arrival_above(struct stack *whole, unsigned at)
{
	struct stack *s = stack_copy(whole, at);
	if (!s)
		return NULL;
	struct circumstances *about = stack_about(s);
	about->time = whole->about->time;
	about->wire_len = whole->about->wire_len;
	about->link_type = -1;
	value_set(&about->sniffed_on, value_keep(whole->about->sniffed_on));
	return s;
}
