/* bytes, and the slots that it shares with bytearray. */
#include "lang/bytes.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/codec.h"
#include "lang/hash.h"
#include "lang/int.h"
#include "lang/makers.h"
#include "lang/sequence.h"
#include "lang/str.h"

enum { LARGE = 1 << 20 };

/* == Making ========================================================================================================== */

struct bytes *bytes_new(struct vm *vm, const void *bytes, size_t len)
{
	struct bytes *b;
	if (len < LARGE) {
		b = object_new(vm->types.bytes, len + 1);
	} else {
		b = len < SIZE_MAX / 2 ? mem_try(sizeof *b + len + 1) : NULL;
		if (!b) {
			vm_raise(vm, vm->errors.MemoryError, "no memory for %zu bytes", len);
			return NULL;
		}
		b->head = (struct object){ .refs = 1, .kind = KIND_BYTES, .type = vm->types.bytes };
		b->hash = 0;
		b->dict = NULL;
	}
	b->len = len;
	b->data[len] = 0;
	if (bytes && len)
		memcpy(b->data, bytes, len);
	return b;
}

value bytes_value(struct vm *vm, const void *bytes, size_t len)
{
	struct bytes *b = bytes_new(vm, bytes ? bytes : "", len);
	return b ? value_object(b) : VALUE_UNSET;
}

bool byte_of(struct vm *vm, value v, const char *what, uint8_t *out)
{
	int64_t i;
	if (!is_int(v) && !value_is_index(vm, v))
		return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object cannot be interpreted as an integer", value_type_name(vm, v));
	if (!value_to_int64(vm, v, &i) || i < 0 || i > 255) {
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.ValueError, "%s must be in range(0, 256)", what);
	}
	*out = (uint8_t)i;
	return true;
}

static bool gather_numbers(struct vm *vm, const char *what, value source, struct buf *out)
{
	value iterator = value_iterate(vm, source);
	if (is_unset(iterator))
		return false;
	bool ok = true;
	uint8_t byte;
	for (value v; ok && !is_unset(v = value_next(vm, iterator)); value_drop(v))
		if ((ok = byte_of(vm, v, what, &byte) && (out->len % 1024 || vm_poll(vm))))
			buf_char(out, (char)byte);
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

static bool gather_zeros(struct vm *vm, value source, struct buf *out)
{
	int64_t count;
	if (!value_to_int64(vm, source, &count)) {
		if (!vm_pending_is(vm, vm->errors.OverflowError))
			return false;
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.OverflowError, "cannot fit 'int' into an index-sized integer");
	}
	if (count < 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "negative count");
	if (count > (int64_t)1 << 34)
		return vm_raise_ok(vm, vm->errors.MemoryError, "no memory for %lld bytes", (long long)count);
	buf_fill(out, '\0', (size_t)count);
	return true;
}

static bool gather_encoded(struct vm *vm, value source, value encoding, value errors, struct buf *out)
{
	value made = codec_encode(vm, as_str(source), encoding, errors);
	if (is_unset(made))
		return false;
	buf_add(out, as_bytes(made)->data, as_bytes(made)->len);
	value_drop(made);
	return true;
}

bool bytes_gather(struct vm *vm, const char *name, value source, value encoding, value errors, struct buf *out)
{
	struct view view;
	bool coded = !is_unset(encoding) || !is_unset(errors);
	if (is_unset(source))
		return !coded || vm_raise_ok(vm, vm->errors.TypeError, "%s without a string argument", is_unset(encoding) ? "errors" : "encoding");
	if (is_str(source))
		return !is_unset(encoding) ? gather_encoded(vm, source, encoding, errors, out)
		       : vm_raise_ok(vm, vm->errors.TypeError, "string argument without an encoding");
	if (coded)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s without a string argument", is_unset(encoding) ? "errors" : "encoding");
	if (source.tag == TAG_OBJECT && value_type(vm, source)->slots.view && value_to_view(vm, source, &view)) {
		buf_add(out, view.bytes, view.len);
		return true;
	}
	vm_clear(vm);
	if (value_is_index(vm, source))
		return gather_zeros(vm, source, out);
	if (!value_type(vm, source)->slots.iterate)
		return vm_raise_ok(vm, vm->errors.TypeError, "cannot convert '%s' object to %s", value_type_name(vm, source), name);
	return gather_numbers(vm, *name == 'b' && name[4] == 'a' ? "byte" : "bytes", source, out);
}

static value as_class(struct vm *vm, struct type *cls, TAKES value made)
{
	if (is_unset(made) || cls == vm->types.bytes)
		return made;
	struct bytes *from = as_bytes(made), *b = object_new(cls, from->len + 1);
	b->len = from->len;
	memcpy(b->data, from->data, from->len + 1);
	value_drop(made);
	return value_object(b);
}

static value from_method(struct vm *vm, value v)
{
	value made = value_call_method(vm, v, vm->names.bytes_, 0, NULL);
	if (is_unset(made) || is_bytes(made))
		return made;
	vm_raise(vm, vm->errors.TypeError, "__bytes__ returned non-bytes (type %s)", value_type_name(vm, made));
	value_drop(made);
	return VALUE_UNSET;
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[3], made = VALUE_UNSET;
	struct buf out = {0};
	if (!call_bind(vm, vm->types.bytes->signature, call, a))
		return VALUE_UNSET;
	bool plain = is_unset(a[1]) && is_unset(a[2]);
	if (plain && a[0].tag == TAG_OBJECT && a[0].o->type == vm->types.bytes)
		made = value_keep(a[0]);
	else if (plain && a[0].tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, a[0]), vm->names.bytes_)))
		made = from_method(vm, a[0]);
	else if (bytes_gather(vm, "bytes", a[0], a[1], a[2], &out))
		made = bytes_value(vm, buf_str(&out), out.len);
	buf_free(&out);
	call_unbind(vm->types.bytes->signature, a);
	return as_class(vm, cls, made);
}

/* == Slots of both =================================================================================================== */

bool bytes_view(struct vm *vm, value self, struct view *out)
{
	if (is_bytes(self))
		*out = (struct view){ as_bytes(self)->data, as_bytes(self)->len };
	else
		*out = (struct view){ (const uint8_t *)buf_str(bytearray_buf(self)), bytearray_buf(self)->len };
	return true;
}

static struct view view_of(value self)
{
	struct view v = {0};
	bytes_view(NULL, self, &v);
	return v;
}

static value same_kind(struct vm *vm, value like, const void *bytes, size_t len)
{
	return is_bytes(like) ? bytes_value(vm, bytes, len) : bytearray_value(vm, bytes, len);
}

static value slice_of(struct vm *vm, value self, value key)
{
	struct view v = view_of(self);
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, v.len, &start, &stop, &step, &count))
		return VALUE_UNSET;
	if (step == 1 || !count) {
		if (is_bytes(self) && count == v.len && self.o->type == vm->types.bytes)
			return value_keep(self);
		return same_kind(vm, self, v.bytes + (count ? start : 0), count);
	}
	struct buf out = {0};
	char *to = buf_grow(&out, count);
	for (size_t i = 0; i < count; i++, start += step)
		to[i] = (char)v.bytes[start];
	value made = same_kind(vm, self, out.data, out.len);
	buf_free(&out);
	return made;
}

value bytes_item(struct vm *vm, value self, value key)
{
	if (is_kind(key, KIND_SLICE))
		return slice_of(vm, self, key);
	struct view v = view_of(self);
	size_t i;
	bool plain = is_bytes(self);
	if (!sequence_index(vm, key, v.len, plain ? "byte" : "bytearray", plain ? "index out of range" : "bytearray index out of range", &i))
		return VALUE_UNSET;
	return value_int(v.bytes[i]);
}

bool bytes_contains(struct vm *vm, value self, value needle, bool *out)
{
	struct view v = view_of(self), n;
	uint8_t byte;
	if (value_is_index(vm, needle)) {
		if (!byte_of(vm, needle, "byte", &byte))
			return false;
		*out = memchr(v.bytes, byte, v.len) != NULL;
		return true;
	}
	if (is_str(needle) || !value_to_view(vm, needle, &n)) {
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.TypeError, "a bytes-like object is required, not '%s'", value_type_name(vm, needle));
	}
	*out = memmem(v.bytes, v.len, n.bytes, n.len) != NULL;
	return true;
}

value bytes_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_bytes(b) && !is_kind(b, KIND_BYTEARRAY))
		return VALUE_UNSUPPORTED;
	struct view x = view_of(a), y = view_of(b);
	if ((op == CMP_EQ || op == CMP_NE) && x.len != y.len)
		return value_bool(op == CMP_NE);
	int order = memcmp(x.bytes, y.bytes, x.len < y.len ? x.len : y.len);
	if (!order)
		order = x.len < y.len ? -1 : x.len > y.len;
	return value_bool(compare_answer(op, order));
}

static value step(struct vm *vm, struct iterator *it)
{
	if (is_unset(it->over))
		return VALUE_UNSET;
	struct view v = view_of(it->over);
	if (it->at < v.len)
		return value_int(v.bytes[it->at++]);
	value_set(&it->over, VALUE_UNSET);
	return VALUE_UNSET;
}

value bytes_iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, step);
}

bool bytes_length(struct vm *vm, value self, size_t *out)
{
	*out = view_of(self).len;
	return true;
}

bool bytes_truth(struct vm *vm, value self, bool *out)
{
	*out = view_of(self).len != 0;
	return true;
}

static value concat(struct vm *vm, value a, value b)
{
	struct view x = view_of(a), y;
	if (is_str(b) || b.tag != TAG_OBJECT || !value_type(vm, b)->slots.view || !value_to_view(vm, b, &y)) {
		if (vm_pending(vm))
			return VALUE_UNSET;
		return sequence_no_concat(vm, is_bytes(a) ? "can't concat % to bytes" : "can't concat % to bytearray", b);
	}
	if (is_bytes(a)) {
		struct bytes *out = bytes_new(vm, NULL, x.len + y.len);
		if (!out)
			return VALUE_UNSET;
		memcpy(out->data, x.bytes, x.len);
		memcpy(out->data + x.len, y.bytes, y.len);
		return value_object(out);
	}
	struct buf both = {0};
	buf_add(&both, x.bytes, x.len);
	buf_add(&both, y.bytes, y.len);
	value made = same_kind(vm, a, buf_str(&both), both.len);
	buf_free(&both);
	return made;
}

static value repeat(struct vm *vm, value self, value n)
{
	struct view v = view_of(self);
	size_t count;
	switch (sequence_times(vm, n, v.len, 1, &count)) {
	case TIMES_RAISED: return VALUE_UNSET;
	case TIMES_UNSUPPORTED: return VALUE_UNSUPPORTED;
	case TIMES_OK: break;
	}
	struct bytes *out = bytes_new(vm, NULL, v.len * count);
	if (!out)
		return VALUE_UNSET;
	if (v.len == 1)
		memset(out->data, v.bytes[0], count);
	else
		for (size_t i = 0; i < count && v.len; i++)
			memcpy(out->data + i * v.len, v.bytes, v.len);
	if (is_bytes(self))
		return value_object(out);
	value made = bytearray_value(vm, out->data, out->len);
	object_drop(out);
	return made;
}

value bytes_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op == OP_ADD_ && !reflected)
		return concat(vm, a, b);
	if (op == OP_MUL_)
		return repeat(vm, reflected ? b : a, reflected ? a : b);
	if (op != OP_MOD_ || reflected)
		return VALUE_UNSUPPORTED;
	value made = format_percent(vm, a, b, true);
	if (is_unset(made) || is_bytes(a))
		return made;
	value array = bytearray_value(vm, as_bytes(made)->data, as_bytes(made)->len);
	value_drop(made);
	return array;
}

/* == Slots of bytes ================================================================================================== */

static bool repr(struct vm *vm, value self, struct buf *out)
{
	text_repr_bytes(out, as_bytes(self)->data, as_bytes(self)->len);
	return true;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct bytes *b = as_bytes(self);
	if (!b->hash)
		b->hash = hash_text(vm, b->data, b->len);
	*out = b->hash;
	return true;
}

void type_make_bytes(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "bytes", .doc = "A sequence of bytes that does not change.", .kind = KIND_BYTES, .size = sizeof(struct bytes),
		.dict_offset = offsetof(struct bytes, dict), .flags = TYPE_SUBCLASSABLE, .signature = "source=..., encoding=..., errors=...",
		.slots = { .make = make, .repr = repr, .hash = hash, .compare = bytes_compare, .truth = bytes_truth, .length = bytes_length,
		           .item = bytes_item, .contains = bytes_contains, .iterate = bytes_iterate, .binary = bytes_binary, .view = bytes_view },
		.methods = bytes_methods,
	};
	vm->types.bytes = type_new(vm, &spec, NULL);
}
