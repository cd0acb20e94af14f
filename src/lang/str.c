#include "lang/str.h"

#include <stdarg.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/codec.h"
#include "lang/equal.h"
#include "lang/hash.h"
#include "lang/makers.h"
#include "lang/sequence.h"

enum { SMALL = 256, LARGE = 1 << 20, GROWS_FROM = 64 };

/* == Making ========================================================================================================== */

/* Before there is a type (the names that the first types are made with) and for large texts, a block of its own. */
static struct str *str_block(struct vm *vm, size_t bytes)
{
	if (bytes <= SMALL && vm->types.str)
		return object_new(vm->types.str, bytes);
	size_t size = sizeof(struct str) + bytes;
	struct str *s = bytes < LARGE ? mem_alloc(size) : bytes < SIZE_MAX / 2 ? mem_try(size) : NULL;
	if (!s) {
		vm_raise(vm, vm->errors.MemoryError, "no memory for a string of %zu bytes", bytes - 1);
		return NULL;
	}
	s->head = (struct object){ .refs = 1, .kind = KIND_STR, .type = vm->types.str };
	s->hash = 0;
	s->dict = NULL;
	return s;
}

struct str *str_room(struct vm *vm, size_t len, size_t chars)
{
	struct str *s = str_block(vm, len + 1);
	if (s) {
		s->len = len;
		s->chars = chars;
		s->data[len] = '\0';
	}
	return s;
}

struct str *str_ascii(struct vm *vm, const char *text, size_t len)
{
	if (len <= 1)
		return len ? str_char(vm, (unsigned char)*text) : str_empty(vm);
	struct str *s = str_room(vm, len, len);
	if (s)
		memcpy(s->data, text, len);
	return s;
}

static bool all_ascii(const char *text, size_t len)
{
	size_t i = 0;
	for (uint64_t word; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, text + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			return false;
	}
	for (; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* Text with bytes that are no UTF-8: they become surrogates, three bytes each. */
static struct str *str_escaped(struct vm *vm, const char *text, size_t len)
{
	struct buf out = {0};
	size_t chars = 0;
	for (size_t at = 0; at < len; chars++)
		buf_utf8(&out, utf8_next(text, len, &at));
	struct str *s = str_room(vm, out.len, chars);
	if (s)
		memcpy(s->data, out.data, out.len);
	buf_free(&out);
	return s;
}

struct str *str_new(struct vm *vm, const char *text, size_t len)
{
	if (all_ascii(text, len))
		return str_ascii(vm, text, len);
	size_t chars = 0;
	for (size_t at = 0; at < len; chars++) {
		size_t start = at;
		utf8_next(text, len, &at);
		if (at - start == 1 && (unsigned char)text[start] >= 0x80)
			return str_escaped(vm, text, len);
	}
	struct str *s = str_room(vm, len, chars);
	if (s)
		memcpy(s->data, text, len);
	return s;
}

struct str *str_text(struct vm *vm, const char *text)
{
	return str_new(vm, text, strlen(text));
}

value str_value(struct vm *vm, const char *text)
{
	return str_owned(str_text(vm, text));
}

value str_from_buf(struct vm *vm, TAKES struct buf *b)
{
	struct str *s = str_new(vm, buf_str(b), b->len);
	buf_free(b);
	return str_owned(s);
}

struct str *str_printf(struct vm *vm, const char *format, ...)
{
	struct buf b = {0};
	va_list args;
	va_start(args, format);
	buf_vprint(&b, format, args);
	va_end(args);
	struct str *s = str_new(vm, buf_str(&b), b.len);
	buf_free(&b);
	return s;
}

struct str *str_as_class(struct vm *vm, struct type *cls, TAKES struct str *s)
{
	if (!s || cls == vm->types.str)
		return s;
	struct str *copy = object_new(cls, s->len + 1);
	copy->len = s->len;
	copy->chars = s->chars;
	memcpy(copy->data, s->data, s->len + 1);
	object_drop(s);
	return copy;
}

/* == Interning ======================================================================================================= */

static struct intern *intern_of(struct vm *vm)
{
	if (vm->interned)
		return vm->interned;
	struct intern *n = mem_zero(sizeof *n);
	n->size = 1024;
	n->slots = mem_zero(n->size * sizeof *n->slots);
	if (getrandom(n->key, sizeof n->key, 0) != sizeof n->key)
		n->key[0] = (uintptr_t)n;
	return vm->interned = n;
}

const uint64_t *str_hash_key(struct vm *vm)
{
	return intern_of(vm)->key;
}

static struct str **slot_for(struct intern *n, uint64_t hash, const char *text, size_t len)
{
	for (size_t i = hash & (n->size - 1); ; i = (i + 1) & (n->size - 1)) {
		struct str *s = n->slots[i];
		if (!s || (s->hash == hash && s->len == len && !memcmp(s->data, text, len)))
			return &n->slots[i];
	}
}

static void intern_grow(struct intern *n)
{
	struct str **old = n->slots;
	size_t old_size = n->size;
	n->size *= 2;
	n->slots = mem_zero(n->size * sizeof *n->slots);
	for (size_t i = 0; i < old_size; i++)
		if (old[i])
			*slot_for(n, old[i]->hash, old[i]->data, old[i]->len) = old[i];
	mem_free(old);
}

static struct str *intern_add(struct intern *n, struct str **slot, TAKES struct str *s)
{
	s->head.flags |= STR_INTERNED;
	s->head.spare = 0;
	*slot = s;
	if (++n->used * 2 > n->size)
		intern_grow(n);
	return s;
}

struct str *str_intern(struct vm *vm, const char *text)
{
	struct intern *n = intern_of(vm);
	size_t len = strlen(text);
	uint64_t hash = hash_text(vm, text, len);
	struct str **slot = slot_for(n, hash, text, len);
	if (*slot)
		return *slot;
	struct str *s = str_block(vm, len + 1);
	memcpy(s->data, text, len + 1);
	s->len = len;
	s->chars = all_ascii(text, len) ? len : utf8_count(text, len);
	s->hash = hash;
	return intern_add(n, slot, s);
}

struct str *str_intern_str(struct vm *vm, TAKES struct str *s)
{
	struct intern *n = intern_of(vm);
	if (s->head.flags & STR_INTERNED) {
		object_drop(s);
		return s;
	}
	if (s->head.type != vm->types.str) {
		struct str *plain = str_new(vm, s->data, s->len);
		object_drop(s);
		return str_intern_str(vm, plain);
	}
	struct str **slot = slot_for(n, hash_str(s), s->data, s->len);
	if (!*slot)
		return intern_add(n, slot, s);
	object_drop(s);
	return *slot;
}

void str_intern_end(struct vm *vm)
{
	struct intern *n = vm->interned;
	if (!n)
		return;
	vm->interned = NULL;
	for (size_t i = 0; i < 128; i++)
		object_drop(n->ascii[i]);
	object_drop(n->empty);
	for (size_t i = 0; i < n->size; i++)
		object_drop(n->slots[i]);
	mem_free(n->slots);
	mem_free(n);
}

struct str *str_empty(struct vm *vm)
{
	struct intern *n = intern_of(vm);
	if (!n->empty)
		n->empty = str_room(vm, 0, 0);
	return object_keep(n->empty);
}

struct str *str_char(struct vm *vm, uint32_t c)
{
	struct intern *n = intern_of(vm);
	if (c < 128 && n->ascii[c])
		return object_keep(n->ascii[c]);
	struct str *s = str_block(vm, 5);
	struct buf b = {0};
	buf_utf8(&b, c);
	memcpy(s->data, b.data, b.len + 1);
	s->len = b.len;
	s->chars = 1;
	buf_free(&b);
	return c < 128 ? object_keep(n->ascii[c] = s) : s;
}

/* == Parts =========================================================================================================== */

size_t str_offset(const struct str *s, size_t index)
{
	if (index >= s->chars)
		return s->len;
	if (str_is_ascii(s))
		return index;
	size_t at = 0;
	while (index--)
		char_next(s->data, &at);
	return at;
}

size_t str_index(const struct str *s, size_t offset)
{
	if (str_is_ascii(s))
		return offset;
	size_t count = 0;
	for (size_t i = 0; i < offset; i++)
		count += ((unsigned char)s->data[i] & 0xc0) != 0x80;
	return count;
}

struct str *str_part(struct vm *vm, const struct str *s, size_t from, size_t to)
{
	if (str_is_ascii(s))
		return str_ascii(vm, s->data + from, to - from);
	return str_new(vm, s->data + from, to - from);
}

bool str_slice_bounds(struct vm *vm, value start, value stop, size_t len, size_t *from, size_t *to)
{
	return sequence_bounds(vm, start, stop, len, from, to);
}

static value slice_stepping(struct vm *vm, struct str *s, int64_t start, int64_t step, size_t count)
{
	struct buf out = {0};
	if (str_is_ascii(s)) {
		char *to = buf_grow(&out, count);
		for (size_t i = 0; i < count; i++, start += step)
			to[i] = s->data[start];
		return str_from_buf(vm, &out);
	}
	size_t *offsets = mem_alloc(s->chars * sizeof *offsets), at = 0;
	for (size_t i = 0; i < s->chars; i++) {
		offsets[i] = at;
		char_next(s->data, &at);
	}
	for (size_t i = 0; i < count; i++, start += step) {
		at = offsets[start];
		buf_utf8(&out, char_next(s->data, &at));
	}
	mem_free(offsets);
	return str_from_buf(vm, &out);
}

static value str_slice(struct vm *vm, struct str *s, value key)
{
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, s->chars, &start, &stop, &step, &count))
		return VALUE_UNSET;
	if (step != 1 && count)
		return slice_stepping(vm, s, start, step, count);
	if (count == s->chars && s->head.type == vm->types.str)
		return value_keep(value_object(s));
	if (!count)
		return str_owned(str_empty(vm));
	return str_owned(str_part(vm, s, str_offset(s, (size_t)start), str_offset(s, (size_t)start + count)));
}

static value str_item(struct vm *vm, value self, value key)
{
	struct str *s = as_str(self);
	if (is_kind(key, KIND_SLICE))
		return str_slice(vm, s, key);
	size_t i;
	if (!sequence_index(vm, key, s->chars, "string", "string index out of range", &i))
		return VALUE_UNSET;
	size_t at = str_offset(s, i);
	return str_owned(str_char(vm, char_next(s->data, &at)));
}

static value str_step(struct vm *vm, struct iterator *it)
{
	struct str *s = as_str(it->over);
	if (it->at >= s->len)
		return VALUE_UNSET;
	return str_owned(str_char(vm, char_next(s->data, &it->at)));
}

static value str_iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, str_step);
}

/* == Operators ======================================================================================================= */

static value str_grown(struct vm *vm, struct str *a, struct str *b)
{
	unsigned power = 7;
	while ((size_t)1 << power < (a->len + b->len + 1) * 2)
		power++;
	struct str *s = str_block(vm, (size_t)1 << power);
	if (!s)
		return VALUE_UNSET;
	s->head.spare = (uint16_t)power;
	s->len = a->len + b->len;
	s->chars = a->chars + b->chars;
	memcpy(s->data, a->data, a->len);
	memcpy(s->data + a->len, b->data, b->len + 1);
	return value_object(s);
}

/* What is built up by += ends in a block of twice its size, and grows there while nobody else has seen it. */
static value str_concat(struct vm *vm, struct str *a, struct str *b, bool reusable)
{
	if (!b->len && a->head.type == vm->types.str)
		return value_keep(value_object(a));
	if (!a->len && b->head.type == vm->types.str)
		return value_keep(value_object(b));
	bool ours = reusable && a->head.refs == 1 && a->head.type == vm->types.str && !(a->head.flags & STR_INTERNED);
	size_t total = a->len + b->len;
	if (ours && a->head.spare && total < (size_t)1 << a->head.spare) {
		memcpy(a->data + a->len, b->data, b->len + 1);
		a->len = total;
		a->chars += b->chars;
		a->hash = 0;
		return value_keep(value_object(a));
	}
	if (ours && total >= GROWS_FROM)
		return str_grown(vm, a, b);
	struct str *s = str_room(vm, total, a->chars + b->chars);
	if (!s)
		return VALUE_UNSET;
	memcpy(s->data, a->data, a->len);
	memcpy(s->data + a->len, b->data, b->len);
	return value_object(s);
}

static value str_repeat(struct vm *vm, value self, value n)
{
	struct str *s = as_str(self);
	size_t count;
	switch (sequence_times(vm, n, s->len, 1, &count)) {
	case TIMES_RAISED: return VALUE_UNSET;
	case TIMES_UNSUPPORTED: return VALUE_UNSUPPORTED;
	case TIMES_OK: break;
	}
	if (count == 1 && s->head.type == vm->types.str)
		return value_keep(self);
	struct str *out = str_room(vm, s->len * count, s->chars * count);
	if (!out)
		return VALUE_UNSET;
	if (s->len == 1)
		memset(out->data, s->data[0], count);
	else
		for (size_t i = 0; i < count && s->len; i++)
			memcpy(out->data + i * s->len, s->data, s->len);
	return value_object(out);
}

static value str_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op == OP_ADD_) {
		if (is_str(a) && is_str(b))
			return str_concat(vm, as_str(a), as_str(b), reusable);
		return reflected ? VALUE_UNSUPPORTED : sequence_no_concat(vm, "can only concatenate str (not \"%\") to str", b);
	}
	if (op == OP_MUL_)
		return str_repeat(vm, reflected ? b : a, reflected ? a : b);
	if (op == OP_MOD_ && !reflected)
		return format_percent(vm, a, b, false);
	return VALUE_UNSUPPORTED;
}

static value str_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_str(b))
		return VALUE_UNSUPPORTED;
	struct str *x = as_str(a), *y = as_str(b);
	if (op == CMP_EQ || op == CMP_NE)
		return value_bool(equal_texts(x, y) == (op == CMP_EQ));
	int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);
	if (!order)
		order = x->len < y->len ? -1 : x->len > y->len;
	return value_bool(compare_answer(op, order));
}

static bool str_contains(struct vm *vm, value self, value needle, bool *out)
{
	if (!is_str(needle))
		return vm_raise_ok(vm, vm->errors.TypeError, "'in <string>' requires string as left operand, not %s", value_type_name(vm, needle));
	struct str *s = as_str(self), *n = as_str(needle);
	*out = memmem(s->data, s->len, n->data, n->len) != NULL;
	return true;
}

/* == Slots =========================================================================================================== */

static bool str_hash(struct vm *vm, value self, uint64_t *out)
{
	*out = hash_str(as_str(self));
	return true;
}

static bool str_truth(struct vm *vm, value self, bool *out)
{
	*out = as_str(self)->len != 0;
	return true;
}

static bool str_length(struct vm *vm, value self, size_t *out)
{
	*out = as_str(self)->chars;
	return true;
}

static bool str_repr(struct vm *vm, value self, struct buf *out)
{
	text_repr(out, as_str(self)->data, as_str(self)->len);
	return true;
}

static bool str_str(struct vm *vm, value self, struct buf *out)
{
	buf_add(out, as_str(self)->data, as_str(self)->len);
	return true;
}

static value str_format_slot(struct vm *vm, value self, value spec)
{
	return format_spec(vm, self, as_str(spec)->data, as_str(spec)->len);
}

static value str_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[3], made = VALUE_UNSET;
	if (cls == vm->types.str && call->count == 1 && !call->named)
		return value_str(vm, call->args[0]);
	if (!call_bind(vm, vm->types.str->signature, call, a))
		return VALUE_UNSET;
	if (is_unset(a[1]) && is_unset(a[2]))
		made = is_unset(a[0]) ? str_owned(str_empty(vm)) : value_str(vm, a[0]);
	else
		made = codec_str(vm, a[0], a[1], a[2]);
	call_unbind(vm->types.str->signature, a);
	return is_unset(made) ? made : str_owned(str_as_class(vm, cls, as_str(made)));
}

static const struct type_spec str_spec = {
	.name = "str",
	.doc = "Text: a sequence of Unicode characters.",
	.kind = KIND_STR,
	.size = sizeof(struct str),
	.dict_offset = offsetof(struct str, dict),
	.flags = TYPE_SUBCLASSABLE,
	.signature = "object=..., encoding=..., errors=...",
	.slots = {
		.make = str_make, .repr = str_repr, .str = str_str, .format = str_format_slot, .hash = str_hash,
		.compare = str_compare, .truth = str_truth, .length = str_length, .item = str_item,
		.contains = str_contains, .iterate = str_iterate, .binary = str_binary,
	},
	.methods = str_methods,
};

/* Names are interned before there is a type for them: they get it now. */
void type_make_str(struct vm *vm)
{
	vm->types.str = type_new(vm, &str_spec, NULL);
	struct intern *n = intern_of(vm);
	for (size_t i = 0; i < n->size; i++)
		if (n->slots[i])
			n->slots[i]->head.type = vm->types.str;
	for (size_t i = 0; i < 128; i++)
		if (n->ascii[i])
			n->ascii[i]->head.type = vm->types.str;
	if (n->empty)
		n->empty->head.type = vm->types.str;
}
