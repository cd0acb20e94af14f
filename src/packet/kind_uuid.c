/* UUIDs, RFC 4122. The value is a uuid.UUID. */
#include "packet/kinds.h"

#include <string.h>

#include "base/text.h"

enum { UUID_BE, UUID_LE, UUID_REVERSED };

static value uuid_class(struct vm *vm)
{
	value module = vm_import(vm, "uuid"), cls = is_unset(module) ? module : value_attr(vm, module, str_intern(vm, "UUID"));
	value_drop(module);
	return cls;
}

static value uuid_named(struct vm *vm, const char *argument, value given)
{
	value cls = uuid_class(vm);
	struct str *name = str_intern(vm, argument);
	value made = is_unset(cls) ? cls : value_call(vm, cls, &(struct call){ &given, 0, 1, &name });
	value_drop(cls);
	return made;
}

/* Between the order of the wire and that of the text. */
static void reorder(const struct field *f, const uint8_t *from, uint8_t *to)
{
	static const uint8_t order[3][16] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		{ 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 },
		{ 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 },
	};
	for (int i = 0; i < 16; i++)
		to[i] = from[order[f->limit][i]];
}

static value uuid_accept(struct vm *vm, const struct field *f, value given)
{
	value key, name, made;
	for (uint32_t i = 0; f->names && is_str(given) && dict_next(f->names->by_number, &i, &key, &name);)
		if (is_str(name) && !strcmp(as_str(name)->data, as_str(given)->data))
			return value_keep(key);
	if (is_str(given))
		made = uuid_named(vm, "hex", given);
	else if (is_bytes(given) && as_bytes(given)->len == 16)
		made = uuid_named(vm, "bytes", given);
	else if (is_int(given))
		made = uuid_named(vm, "int", given);
	else if (given.tag == TAG_OBJECT && !strcmp(value_type_name(vm, given), "UUID"))
		return value_keep(given);
	else
		return field_refuse(vm, f, given, "a UUID, its text or its 16 bytes");
	if (!is_unset(made))
		return made;
	vm_clear(vm);
	return field_refuse(vm, f, given, "a UUID like 01234567-89ab-cdef-0123-456789abcdef");
}

static bool sixteen(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = 16;
	return true;
}

static value uuid_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint8_t wire[16] = {0}, plain[16];
	const uint8_t *p = cursor_take(c, bytes < 16 ? bytes : 16);
	if (p)
		memcpy(wire, p, bytes < 16 ? bytes : 16);
	reorder(f, wire, plain);
	value given = bytes_value(s->vm, plain, sizeof plain), made = uuid_named(s->vm, "bytes", given);
	value_drop(given);
	return made;
}

static bool uuid_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint8_t wire[16] = {0};
	struct view view;
	if (is_none(v)) {
		buf_add(out, wire, sizeof wire);
		return true;
	}
	value uuid = uuid_accept(s->vm, f, v), bytes = is_unset(uuid) ? uuid : value_attr(s->vm, uuid, str_intern(s->vm, "bytes"));
	bool done = !is_unset(bytes) && value_to_view(s->vm, bytes, &view) && view.len == 16;
	if (done) {
		reorder(f, view.bytes, wire);
		buf_add(out, wire, sizeof wire);
	}
	value_drop(bytes);
	value_drop(uuid);
	return done;
}

static bool uuid_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	value name = field_names(f) ? dict_get(s->vm, f->names->by_number, v) : VALUE_UNSET;
	if (is_str(name)) {
		text_safe(out, as_str(name)->data, as_str(name)->len);
		return true;
	}
	return !vm_pending(s->vm) && (f->names && !is_none(v) ? value_str_to(s->vm, v, out) : value_repr_to(s->vm, v, out));
}

static bool take_order(struct vm *vm, struct field *f, value given)
{
	if (!value_to_int64(vm, given, &f->limit))
		return false;
	if (f->limit < UUID_BE || f->limit > UUID_REVERSED)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: uuid_fmt is 0 (as written), 1 (little-endian) or 2 (reversed), not %lld", f->name->data,
		                   (long long)f->limit);
	return true;
}

/* UUIDField(name, default, uuid_fmt) */
static bool uuid_make(struct vm *vm, struct field *f, const value *a)
{
	return take_order(vm, f, a[2]) && facts_take(vm, f, a + 3);
}

/* UUIDEnumField(name, default, enum, uuid_fmt) */
static bool uuid_enum_make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_kind(a[2], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the names are a dict", f->name->data);
	f->names = names_new(object_keep(as_dict(a[2])));
	return take_order(vm, f, a[3]) && facts_take(vm, f, a + 4);
}

static const struct codec uuid_codec = { .extent = sixteen, .constant = true, .decode = uuid_decode, .encode = uuid_encode, .accept = uuid_accept, .show = uuid_show };

const struct field_kind kinds_uuid[] = {
	{ "UUIDField", "name, default, uuid_fmt=0" FACTS, "a UUID", &uuid_codec, uuid_make, 0, 128 },
	{ "UUIDEnumField", "name, default, enum, uuid_fmt=0" FACTS, "a UUID with names", &uuid_codec, uuid_enum_make, 0, 128 },
	{ 0 },
};
