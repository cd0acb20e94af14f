#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/bytes.h"
#include "lang/makers.h"
#include "lang/sequence.h"

value bytearray_value(struct vm *vm, const void *bytes, size_t len)
{
	struct bytearray *b = object_new(vm->types.bytearray, 0);
	b->buf = mem_zero(sizeof *b->buf);
	buf_add(b->buf, bytes, len);
	return value_object(b);
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct bytearray *b = object_new(cls, 0);
	b->buf = mem_zero(sizeof *b->buf);
	return value_object(b);
}

static bool init(struct vm *vm, value self, const struct call *call)
{
	value a[3];
	struct buf out = {0};
	if (!call_bind(vm, vm->types.bytearray->signature, call, a))
		return false;
	bool ok = bytes_gather(vm, "bytearray", a[0], a[1], a[2], &out);
	call_unbind(vm->types.bytearray->signature, a);
	if (!ok) {
		buf_free(&out);
		return false;
	}
	buf_free(bytearray_buf(self));
	*bytearray_buf(self) = out;
	return true;
}

static void release(struct object *o)
{
	struct bytearray *b = (struct bytearray *)o;
	if (b->buf)
		buf_free(b->buf);
	mem_free(b->buf);
	b->buf = NULL;
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	struct buf *b = bytearray_buf(self);
	buf_text(out, value_type_name(vm, self));
	buf_char(out, '(');
	struct buf text = {0};
	text_repr_bytes(&text, buf_str(b), b->len);
	bool double_quoted = text.data[1] == '"';
	for (size_t i = 0; i < text.len; i++) {
		if (double_quoted && text.data[i] == '\'')      /* escaped by Python's repr of a bytearray all the same */
			buf_char(out, '\\');
		buf_char(out, text.data[i]);
	}
	buf_free(&text);
	buf_char(out, ')');
	return true;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
}

/* Puts bytes in the place of [from, to). */
static void replace(struct buf *b, size_t from, size_t to, const char *bytes, size_t count)
{
	size_t tail = b->len - to, gone = to - from;
	if (count > gone)
		buf_grow(b, count - gone);
	else
		b->len -= gone - count;
	if (!b->data)
		return;
	memmove(b->data + from + count, b->data + to, tail);
	if (count)
		memcpy(b->data + from, bytes, count);
	b->data[b->len] = '\0';
}

static bool put_slice(struct vm *vm, value self, value key, const char *bytes, size_t have, bool deletes)
{
	struct buf *b = bytearray_buf(self);
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, b->len, &start, &stop, &step, &count))
		return false;
	if (step == 1) {
		replace(b, (size_t)start, (size_t)start + count, bytes, have);
		return true;
	}
	if (!deletes && have != count)
		return vm_raise_ok(vm, vm->errors.ValueError, "attempt to assign bytes of size %zu to extended slice of size %zu", have, count);
	if (!deletes) {
		for (size_t i = 0; i < count; i++, start += step)
			b->data[start] = bytes[i];
		return true;
	}
	if (step < 0 && count) {
		start += step * (int64_t)(count - 1);
		step = -step;
	}
	size_t to = (size_t)start, taken = 0;
	for (size_t i = (size_t)start; count && i < b->len; i++) {
		if (taken < count && (i - (size_t)start) % (size_t)step == 0)
			taken++;
		else
			b->data[to++] = b->data[i];
	}
	if (count)
		b->data[b->len = to] = '\0';
	return true;
}

static bool set_slice(struct vm *vm, value self, value key, value to)
{
	struct buf fresh = {0};
	if (is_unset(to))
		return put_slice(vm, self, key, "", 0, true);
	if (is_int(to) || is_str(to))
		return vm_raise_ok(vm, vm->errors.TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
	bool ok = bytes_gather(vm, "bytearray", to, VALUE_UNSET, VALUE_UNSET, &fresh) &&
	          put_slice(vm, self, key, buf_str(&fresh), fresh.len, !fresh.len);
	buf_free(&fresh);
	return ok;
}

static bool set_item(struct vm *vm, value self, value key, value to)
{
	if (is_kind(key, KIND_SLICE))
		return set_slice(vm, self, key, to);
	struct buf *b = bytearray_buf(self);
	size_t i;
	uint8_t byte;
	if (!sequence_index(vm, key, b->len, "bytearray", "bytearray index out of range", &i))
		return false;
	if (is_unset(to))
		replace(b, i, i + 1, "", 0);
	else if (byte_of(vm, to, "byte", &byte))
		b->data[i] = (char)byte;
	else
		return false;
	return true;
}

static value inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	struct view view;
	if (op == OP_MUL_) {
		value made = bytes_binary(vm, op, a, b, false, false);
		if (is_unset(made) || made.tag == TAG_NOT_IMPLEMENTED)
			return made;
		struct buf old = *bytearray_buf(a);
		*bytearray_buf(a) = *bytearray_buf(made);
		*bytearray_buf(made) = old;
		value_drop(made);
		return value_keep(a);
	}
	if (op != OP_ADD_)
		return VALUE_UNSUPPORTED;
	if (is_str(b) || b.tag != TAG_OBJECT || !value_type(vm, b)->slots.view || !value_to_view(vm, b, &view))
		return vm_pending(vm) ? VALUE_UNSET : sequence_no_concat(vm, "can't concat % to bytearray", b);
	struct buf copy = {0};
	buf_add(&copy, view.bytes, view.len);       /* it may be the same bytearray */
	buf_add(bytearray_buf(a), buf_str(&copy), copy.len);
	buf_free(&copy);
	return value_keep(a);
}

void type_make_bytearray(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "bytearray", .doc = "A sequence of bytes that can be changed.", .kind = KIND_BYTEARRAY, .size = sizeof(struct bytearray),
		.flags = TYPE_SUBCLASSABLE, .signature = "source=..., encoding=..., errors=...",
		.slots = { .make = make, .init = init, .release = release, .repr = repr, .hash = hash, .compare = bytes_compare,
		           .truth = bytes_truth, .length = bytes_length, .item = bytes_item, .set_item = set_item, .contains = bytes_contains,
		           .iterate = bytes_iterate, .binary = bytes_binary, .inplace = inplace, .view = bytes_view },
		.methods = bytearray_methods,
	};
	vm->types.bytearray = type_new(vm, &spec, NULL);
}
