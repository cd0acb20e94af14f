/* When and where a packet was captured or sent, and what else is told of it. */
#include "packet/packet_methods.h"
#include "packet/packet_rows.h"

#include <time.h>

#include "packet/world.h"

static struct stack *stack_of(value v)
{
	return as_packet(v)->stack;
}

static value time_value(struct vm *vm, int64_t nanoseconds)
{
	return nanoseconds == INT64_MIN ? VALUE_NONE : decimal_from_int(vm, nanoseconds, -9);
}

value packet_get_time(struct vm *vm, value self)
{
	struct circumstances *about = stack_about(stack_of(self));
	if (!is_unset(about->time_value))
		return value_keep(about->time_value);
	if (about->time == INT64_MIN) {
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		about->time = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
	return time_value(vm, about->time);
}

bool packet_set_time(struct vm *vm, value self, value to)
{
	struct circumstances *about = stack_about(stack_of(self));
	double seconds;
	if (is_unset(to) || is_none(to)) {
		value_set(&about->time_value, VALUE_UNSET);
		about->time = INT64_MIN;
		return true;
	}
	if (!value_to_double(vm, to, &seconds))
		return false;
	about->time = seconds > -9e9 && seconds < 9e9 ? (int64_t)(seconds * 1e9) : INT64_MIN;
	value_set(&about->time_value, value_keep(to));
	return true;
}

value packet_get_sent_time(struct vm *vm, value self)
{
	return stack_of(self)->about ? time_value(vm, stack_of(self)->about->sent_time) : VALUE_NONE;
}

bool packet_set_sent_time(struct vm *vm, value self, value to)
{
	struct circumstances *about = stack_about(stack_of(self));
	double seconds;
	about->sent_time = INT64_MIN;
	if (is_unset(to) || is_none(to))
		return true;
	if (!value_to_double(vm, to, &seconds))
		return false;
	about->sent_time = (int64_t)(seconds * 1e9);
	return true;
}

value packet_get_wirelen(struct vm *vm, value self)
{
	const struct circumstances *about = stack_of(self)->about;
	if (about && about->wire_len)
		return value_int(about->wire_len);
	return VALUE_NONE;
}

bool packet_set_wirelen(struct vm *vm, value self, value to)
{
	int64_t number = 0;
	if (!is_unset(to) && !is_none(to) && !value_to_int64(vm, to, &number))
		return false;
	if (number < 0 || number > UINT32_MAX)
		return vm_raise_ok(vm, vm->errors.ValueError, "wirelen takes 0 to 4294967295, got %lld", (long long)number);
	stack_about(stack_of(self))->wire_len = (uint32_t)number;
	return true;
}

value packet_get_direction(struct vm *vm, value self)
{
	const struct circumstances *about = stack_of(self)->about;
	return about && about->direction ? value_int(about->direction) : VALUE_NONE;
}

bool packet_set_direction(struct vm *vm, value self, value to)
{
	int64_t number = 0;
	if (!is_unset(to) && !is_none(to) && !value_to_int64(vm, to, &number))
		return false;
	stack_about(stack_of(self))->direction = (uint8_t)number;
	return true;
}

static value none_if_unset(value v)
{
	return is_unset(v) ? VALUE_NONE : value_keep(v);
}

value packet_get_sniffed_on(struct vm *vm, value self)
{
	return stack_of(self)->about ? none_if_unset(stack_of(self)->about->sniffed_on) : VALUE_NONE;
}

bool packet_set_sniffed_on(struct vm *vm, value self, value to)
{
	value_set(&stack_about(stack_of(self))->sniffed_on, value_keep(to));
	return true;
}

value packet_get_comment(struct vm *vm, value self)
{
	return stack_of(self)->about ? none_if_unset(stack_of(self)->about->comment) : VALUE_NONE;
}

bool packet_set_comment(struct vm *vm, value self, value to)
{
	value_set(&stack_about(stack_of(self))->comment, value_keep(to));
	return true;
}

value packet_get_explicit(struct vm *vm, value self)
{
	return value_int(packet_part(as_packet(self))->explicit_);
}

bool packet_set_explicit(struct vm *vm, value self, value to)
{
	bool yes = false;
	if (!is_unset(to) && !value_truth(vm, to, &yes))
		return false;
	packet_part(as_packet(self))->explicit_ = yes;
	return true;
}

value packet_get_problem(struct vm *vm, value self)
{
	const char *problem = packet_part(as_packet(self))->problem;
	return problem ? str_value(vm, problem) : VALUE_NONE;
}
