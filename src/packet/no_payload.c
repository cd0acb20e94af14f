/* NoPayload: what stands behind the last layer. */
#include "packet/packet_methods.h"

#include "packet/world.h"

#define M(n, f, s, d) { .name = n, .fn = f, .signature = s, .doc = d }

static bool nothing_truth(struct vm *vm, value self, bool *out)
{
	*out = false;
	return true;
}

static bool nothing_repr(struct vm *vm, value self, struct buf *out)
{
	return true;
}

static bool nothing_length(struct vm *vm, value self, size_t *out)
{
	*out = 0;
	return true;
}

static bool nothing_contains(struct vm *vm, value self, value needle, bool *out)
{
	*out = false;
	return true;
}

static value nothing_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_keep(world_of(vm)->nothing);
}

static value nothing_itself(struct vm *vm, value self)
{
	return value_keep(self);
}

static value nothing_none(struct vm *vm, value self)
{
	return VALUE_NONE;
}

static value nothing_bytes(struct vm *vm, value *a)
{
	return bytes_value(vm, "", 0);
}

static value nothing_text(struct vm *vm, value *a)
{
	return str_value(vm, "");
}

static value nothing_zero(struct vm *vm, value *a)
{
	return value_int(0);
}

static value nothing_no_layer(struct vm *vm, value *a)
{
	return VALUE_NONE;
}

static value nothing_copy(struct vm *vm, value *a)
{
	return value_keep(a[0]);
}

static value nothing_list(struct vm *vm, value *a)
{
	return value_object(list_new(vm, 0));
}

const struct type_spec no_payload_spec = {
	.name = "NoPayload", .doc = "What stands behind the last layer.", .size = sizeof(struct container), .flags = TYPE_CONTAINER,
	.slots = { .make = nothing_make, .truth = nothing_truth, .repr = nothing_repr, .str = nothing_repr, .length = nothing_length, .contains = nothing_contains },
	.methods = (const struct native[]){
		M("__bytes__", nothing_bytes, "", "no bytes"), M("build", nothing_bytes, "", "no bytes"),
		M("summary", nothing_text, "intern=0", "nothing"), M("mysummary", nothing_text, "", "nothing"),
		M("haslayer", nothing_zero, "cls, _subclass=None", "0"), M("getlayer", nothing_no_layer, "cls, nb=1, /, **flt", "None"),
		M("copy", nothing_copy, "", "itself"), M("layers", nothing_list, "", "no layers"), M("hashret", nothing_bytes, "", "no bytes"),
		M("answers", nothing_zero, "other", "0"),
		{ 0 },
	},
	.attrs = (const struct getset[]){
		{ "payload", nothing_itself, NULL, "itself" }, { "underlayer", nothing_none, NULL, "None" }, { 0 },
	},
};
