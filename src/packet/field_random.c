/* Random values that fit a field: what randval() gives and fuzz() puts in the place of defaults. */
#include <string.h>

#include "packet/field_own.h"
#include "packet/kinds.h"

static value random_of(struct vm *vm, const char *name, size_t count, const value *args)
{
	value cls = dict_get_text(vm, vm->builtins, name);
	return is_unset(cls) ? vm_raise(vm, vm->errors.NameError, "%s is not there", name) : value_call_args(vm, cls, count, args);
}

static value random_number(struct vm *vm, const struct field *f)
{
	if (f->bits >= 64 && !(f->flags & FIELD_SIGNED))
		return random_of(vm, "RandLong", 0, NULL);
	unsigned bits = f->bits ? f->bits : 16;
	int64_t most = bits >= 64 ? INT64_MAX : (INT64_C(1) << (bits - (f->flags & FIELD_SIGNED ? 1 : 0))) - 1;
	value ends[] = { value_int(f->flags & FIELD_SIGNED ? -most - 1 : 0), value_int(most) };
	return random_of(vm, "RandNum", 2, ends);
}

static value random_name(struct vm *vm, const struct field *f)
{
	struct dict *names = f->names->by_number;
	struct list *keys = list_new(vm, names->used);
	value key, name;
	for (uint32_t i = 0; dict_next(names, &i, &key, &name);)
		list_append(keys, value_keep(key));
	value made = keys->count ? random_of(vm, "RandChoice", keys->count, keys->items) : random_number(vm, f);
	object_drop(keys);
	return made;
}

static value random_bytes(struct vm *vm, const struct field *f)
{
	value size = f->bits ? value_int(f->bits / 8) : f->limit ? value_int(f->limit) : VALUE_UNSET;
	if (is_unset(size)) {
		value ends[] = { value_int(0), value_int(1200) };
		size = random_of(vm, "RandNum", 2, ends);
	}
	value made = is_unset(size) ? size : random_of(vm, "RandBin", 1, &size);
	value_drop(size);
	return made;
}

static value of_kind(struct vm *vm, const struct field *f)
{
	static const struct { const char *part, *random; } addresses[] = {
		{ "IP6Field", "RandIP6" }, { "IPField", "RandIP" }, { "MACField", "RandMAC" }, { "UUID", "RandUUID" },
	};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		if (strstr(f->kind->name, addresses[i].part) && !is_unset(dict_get_text(vm, vm->builtins, addresses[i].random)))
			return random_of(vm, addresses[i].random, 0, NULL);
	if (f->names && strstr(f->kind->name, "Keys"))
		return random_name(vm, f);
	if (f->flags & FIELD_NUMBER)
		return random_number(vm, f);
	if (f->flags & (FIELD_LIST | FIELD_PACKETS))
		return value_keep(f->fallback);
	return strstr(f->kind->name, "Str") ? random_bytes(vm, f) : value_keep(f->fallback);
}

value field_randval(struct vm *vm, value *a)
{
	return of_kind(vm, field_plain(as_field(a[0])));
}
