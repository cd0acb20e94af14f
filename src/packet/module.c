#include "packet/module.h"

#include <string.h>

#include "packet/packet.h"
#include "packet/packet_methods.h"
#include "packet/warn.h"
#include "packet/world.h"

/* ---- bindings ---- */

static bool two_classes(struct vm *vm, const char *function, const value *a)
{
	for (int i = 0; i < 2; i++)
		if (!is_layer_class(a[i])) {
			vm_raise(vm, vm->errors.TypeError, "%s takes two layer classes and values of the lower one's fields, not %s", function, value_type_name(vm, a[i]));
			vm_blame_arg(vm, (size_t)i);
			return false;
		}
	return true;
}

/* The values may come as a dict or as keywords; both together in `out` (owned). */
static struct dict *values_of(struct vm *vm, const value *a)
{
	struct dict *out = dict_new(vm);
	if ((is_none(a[2]) || dict_update(vm, out, a[2])) && dict_update(vm, out, a[3]))
		return out;
	object_drop(out);
	return NULL;
}

enum { UP = 1, DOWN = 2, SPLIT = 4 };

static value bind(struct vm *vm, const char *function, const value *a, int how)
{
	if (!two_classes(vm, function, a))
		return VALUE_UNSET;
	struct type *lower = (struct type *)a[0].o, *upper = (struct type *)a[1].o;
	struct dict *values = values_of(vm, a);
	if (!values)
		return VALUE_UNSET;
	bool done = (!(how & UP) || bind_bottom_up(vm, lower, upper, values)) && (!(how & DOWN) || bind_top_down(vm, lower, upper, values)) &&
	            (!(how & SPLIT) || bind_split(vm, lower, upper, values));
	object_drop(values);
	return done ? VALUE_NONE : VALUE_UNSET;
}

static value function_bind_layers(struct vm *vm, value *a)
{
	return bind(vm, "bind_layers", a, UP | DOWN);
}

static value function_carried_by(struct vm *vm, value *a)
{
	return bind(vm, "carried_by", a, UP | DOWN);
}

static value function_found_in(struct vm *vm, value *a)
{
	return bind(vm, "found_in", a, UP);
}

static value function_bind_bottom_up(struct vm *vm, value *a)
{
	return bind(vm, "bind_bottom_up", a, UP);
}

static value function_bind_top_down(struct vm *vm, value *a)
{
	return bind(vm, "bind_top_down", a, DOWN);
}

static value function_split_layers(struct vm *vm, value *a)
{
	return bind(vm, "split_layers", a, SPLIT);
}

/* ---- bytes ---- */

static value function_raw(struct vm *vm, value *a)
{
	struct view view;
	if (is_packet(a[0]))
		return build_value(as_packet(a[0])->stack, as_packet(a[0])->at);
	if (is_bytes(a[0]))
		return value_keep(a[0]);
	if (is_str(a[0]))
		return bytes_value(vm, as_str(a[0])->data, as_str(a[0])->len);
	if (a[0].tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, a[0]), vm->names.bytes_)))
		return value_call_method(vm, a[0], vm->names.bytes_, 0, NULL);
	return value_to_view(vm, a[0], &view) ? bytes_value(vm, view.bytes, view.len) : VALUE_UNSET;
}

static value function_checksum(struct vm *vm, value *a)
{
	struct view view;
	return value_to_view(vm, a[0], &view) ? value_int(checksum_of(view.bytes, view.len)) : VALUE_UNSET;
}

static value function_warning(struct vm *vm, value *a)
{
	value text = value_keep(a[0]);
	const value *args;
	size_t count;
	if (value_items(a[1], &args, &count) && count) {
		value_drop(text);
		text = value_binary(vm, OP_MOD_, a[0], a[1], false);
	}
	struct buf out = {0};
	bool done = !is_unset(text) && value_str_to(vm, text, &out);
	if (done)
		packet_warn(vm, "%s", buf_str(&out));
	buf_free(&out);
	value_drop(text);
	return done ? VALUE_NONE : VALUE_UNSET;
}

#define BINDING "lower, upper, __fval=None, /, **fval"
static const struct native functions[] = {
	{ .name = "bind_layers", .fn = function_bind_layers, .signature = BINDING, .doc = "Upper follows lower where lower's fields have these values, both ways." },
	{ .name = "carried_by", .fn = function_carried_by, .signature = BINDING, .doc = "Upper follows lower where lower's fields have these values, both ways." },
	{ .name = "found_in", .fn = function_found_in, .signature = BINDING, .doc = "Upper follows lower where lower's fields have these values, when dissecting." },
	{ .name = "bind_bottom_up", .fn = function_bind_bottom_up, .signature = BINDING, .doc = "Upper follows lower, when dissecting." },
	{ .name = "bind_top_down", .fn = function_bind_top_down, .signature = BINDING, .doc = "What upper sets in a lower below it." },
	{ .name = "split_layers", .fn = function_split_layers, .signature = BINDING, .doc = "Take a binding back." },
	{ .name = "raw", .fn = function_raw, .signature = "x, /", .doc = "A packet as bytes." },
	{ .name = "bytes_encode", .fn = function_raw, .signature = "x, /", .doc = "A packet or text as bytes." },
	{ .name = "warning", .fn = function_warning, .signature = "x, /, *args", .doc = "Say something on standard error, as Scapy's warnings are." },
	{ .name = "checksum", .fn = function_checksum, .signature = "pkt, /", .doc = "The internet checksum of bytes, RFC 1071." },
	{ 0 },
};

void module_add(struct vm *vm)
{
	vm_add_builtins(vm, functions);
}

/* ---- RawVal ---- */

value raw_val_new(struct vm *vm, TAKES struct bytes *bytes)
{
	struct raw_val *r = object_new(world_of(vm)->raw_val, 0);
	r->bytes = bytes;
	return value_object(r);
}

static value raw_val_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct view view = {0};
	if (call->count != 1 || call->named)
		return vm_raise(vm, vm->errors.TypeError, "RawVal() takes the bytes to put in a field's place");
	if (is_str(call->args[0]))
		view = (struct view){ (const uint8_t *)as_str(call->args[0])->data, as_str(call->args[0])->len };
	else if (!value_to_view(vm, call->args[0], &view))
		return VALUE_UNSET;
	struct raw_val *r = object_new(cls, 0);
	r->bytes = bytes_new(vm, view.bytes, view.len);
	return value_object(r);
}

static void raw_val_release(struct object *o)
{
	object_drop(((struct raw_val *)o)->bytes);
	((struct raw_val *)o)->bytes = NULL;
}

static bool raw_val_repr(struct vm *vm, value self, struct buf *out)
{
	buf_text(out, "<RawVal [");
	value_repr_to(vm, value_object(((struct raw_val *)self.o)->bytes), out);
	buf_text(out, "]>");
	return true;
}

static value raw_val_bytes(struct vm *vm, value *a)
{
	return value_keep(value_object(((struct raw_val *)a[0].o)->bytes));
}

static value raw_val_get(struct vm *vm, value self)
{
	return value_keep(value_object(((struct raw_val *)self.o)->bytes));
}

static bool raw_val_length(struct vm *vm, value self, size_t *out)
{
	*out = ((struct raw_val *)self.o)->bytes->len;
	return true;
}

static value raw_val_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_raw_val(vm, b))
		return VALUE_UNSUPPORTED;
	return value_compare(vm, op, value_object(((struct raw_val *)a.o)->bytes), value_object(((struct raw_val *)b.o)->bytes));
}

const struct type_spec raw_val_spec = {
	.name = "RawVal", .doc = "Bytes that stand in a field's place, whatever the field says.", .size = sizeof(struct raw_val),
	.slots = { .make = raw_val_make, .release = raw_val_release, .repr = raw_val_repr, .length = raw_val_length, .compare = raw_val_compare },
	.methods = (const struct native[]){ { .name = "__bytes__", .fn = raw_val_bytes, .signature = "", .doc = "the bytes" }, { 0 } },
	.attrs = (const struct getset[]){ { "val", raw_val_get, NULL, "the bytes" }, { 0 } },
};
