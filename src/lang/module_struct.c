/* struct: numbers and text as bytes, laid out as a format says. */
#include <endian.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/int.h"
#include "lang/modules.h"
#include "lang/types.h"

/* One row a format character: its sizes and what it holds. `standard` 0: only in native layout; `native` 0: no such one. */
struct code {
	uint8_t native, standard;
	char kind;                  /* 'x' padding, 'c' one byte, '?' truth, 'i' signed, 'u' unsigned, 'f' float, 's', 'p' text, 'P' pointer */
	char letter;
	const char *name;           /* in messages; NULL: the letter in quotes */
};
#define CODE(letter, native, standard, kind, ...) [letter] = { native, standard, kind, letter, __VA_ARGS__ }
static const struct code codes[128] = {
	CODE('x', 1, 1, 'x'), CODE('c', 1, 1, 'c'), CODE('b', 1, 1, 'i', "byte"), CODE('B', 1, 1, 'u', "ubyte"), CODE('?', 1, 1, '?'),
	CODE('h', 2, 2, 'i', "short"), CODE('H', 2, 2, 'u', "ushort"), CODE('i', sizeof(int), 4, 'i'), CODE('I', sizeof(int), 4, 'u'),
	CODE('l', sizeof(long), 4, 'i'), CODE('L', sizeof(long), 4, 'u'), CODE('q', 8, 8, 'i'), CODE('Q', 8, 8, 'u'),
	CODE('n', sizeof(size_t), 0, 'i'), CODE('N', sizeof(size_t), 0, 'u'), CODE('e', 2, 2, 'f'), CODE('f', 4, 4, 'f'), CODE('d', 8, 8, 'f'),
	CODE('s', 1, 1, 's'), CODE('p', 1, 1, 'p'), CODE('P', sizeof(void *), 0, 'P'),
};

/* A format being walked: `next` gives one code with its count and place. */
struct walk {
	const char *at;
	bool native, little;
	size_t offset;              /* behind what was given last */
	const struct code *code;
	size_t count, size;         /* of the current: repeats (of s and p: bytes), bytes of one */
	size_t start;               /* where the current begins, aligned */
};

static struct walk walk_over(const char *format)
{
	struct walk w = { .at = format, .native = true, .little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ };

	switch (*format) {
	case '<': case '>': case '!':
		w.little = *format == '<';
		w.native = false;
		w.at++;
		break;
	case '=': case '@':
		w.native = *format == '@';
		w.at++;
	}
	return w;
}

static bool bad(struct vm *vm, const char *message)
{
	return vm_raise_ok(vm, vm->own->struct_error, "%s", message);
}

static const struct code *code_of(char letter, bool native)
{
	const struct code *code = &codes[letter & 127];
	return letter & 128 || !(native ? code->native : code->standard) ? NULL : code;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* 1: *w stands on the next code; 0: the end; -1: raised. */
static int walk_next(struct vm *vm, struct walk *w)
{
	const size_t most = (size_t)1 << 40;
	bool counted = false;

	while (*w->at == ' ' || (*w->at >= '\t' && *w->at <= '\r'))
		w->at++;
	w->count = 1;
	if (!*w->at)
		return 0;
	for (w->count = !is_digit(*w->at); is_digit(*w->at); w->at++, counted = true)
		if ((w->count = w->count * 10 + (size_t)(*w->at - '0')) > most)
			return bad(vm, "total struct size too long") - 1;
	if (counted && !*w->at)
		return bad(vm, "repeat count given without format specifier") - 1;
	w->code = code_of(*w->at++, w->native);
	if (!w->code)
		return bad(vm, "bad char in struct format") - 1;
	w->size = w->native ? w->code->native : w->code->standard;
	w->start = w->native ? (w->offset + w->size - 1) & ~(w->size - 1) : w->offset;      /* sizes are powers of two */
	w->offset = w->start + w->count * w->size;
	return w->offset > most ? bad(vm, "total struct size too long") - 1 : 1;
}

/* A format, and where it was measured already (Struct's) how many bytes it takes, and how many values. */
struct format { const char *text; bool measured; size_t size, values; };

static bool measure_text(struct vm *vm, const char *format, size_t *size, size_t *values)
{
	struct walk w = walk_over(format);
	int got;

	*values = 0;
	while ((got = walk_next(vm, &w)) > 0)
		*values += w.code->kind == 'x' ? 0 : w.code->kind == 's' || w.code->kind == 'p' ? 1 : w.count;
	*size = w.offset;
	return got == 0;
}

static bool measure(struct vm *vm, struct format *f)
{
	return f->measured || measure_text(vm, f->text, &f->size, &f->values);
}

/* ---- packing ----------------------------------------------------------------------------------------------------------- */

static void put(uint8_t *to, uint64_t number, size_t size, bool little)
{
	uint64_t bytes = little ? htole64(number) : htobe64(number << (64 - 8 * size));
	switch (size) {
	case 1:  *to = (uint8_t)number; break;
	case 2:  memcpy(to, &bytes, 2); break;
	case 4:  memcpy(to, &bytes, 4); break;
	default: memcpy(to, &bytes, 8);
	}
}

static uint64_t number_at(const uint8_t *from, size_t size, bool little)
{
	uint64_t bytes = 0;
	switch (size) {
	case 1:  return *from;
	case 2:  memcpy(&bytes, from, 2); break;
	case 4:  memcpy(&bytes, from, 4); break;
	default: memcpy(&bytes, from, 8);
	}
	return little ? le64toh(bytes) : be64toh(bytes) >> (64 - 8 * size);
}

static bool out_of_range(struct vm *vm, const struct walk *w)
{
	unsigned bits = (unsigned)w->size * 8;
	uint64_t most = UINT64_MAX >> (64 - bits) >> (w->code->kind == 'i');
	char quoted[] = { '\'', w->code->letter, '\'', 0 };
	const char *name = w->code->name ? w->code->name : quoted;

	if (w->code->kind == 'i')
		return vm_raise_ok(vm, vm->own->struct_error, "%s format requires %lld <= number <= %llu", name, (long long)(-1 - (int64_t)most),
			(unsigned long long)most);
	return vm_raise_ok(vm, vm->own->struct_error, "%s format requires 0 <= number <= %llu", name, (unsigned long long)most);
}

static bool fits(value n, const struct walk *w, uint64_t *out)
{
	unsigned shift = 64 - (unsigned)w->size * 8;
	int64_t small;

	if (n.tag == TAG_INT && n.i >= 0 && w->code->kind == 'u') {
		*out = (uint64_t)n.i;
		return *out <= UINT64_MAX >> shift;
	}
	if (w->code->kind == 'u')
		return int_to_u64(n, out) && *out <= UINT64_MAX >> shift;
	if (!int_small(n, &small))
		return w->code->kind == 'P' && int_to_u64(n, out);
	*out = (uint64_t)small;
	return w->code->kind == 'P' || (small >= INT64_MIN >> shift && small <= INT64_MAX >> shift);
}

static bool pack_int(struct vm *vm, const struct walk *w, value v, uint8_t *to)
{
	value n = is_int(v) ? value_keep(v) : int_index(vm, v);
	uint64_t number;

	if (is_unset(n)) {
		if (!vm_pending_is(vm, vm->errors.TypeError))
			return false;
		vm_clear(vm);
		return bad(vm, "required argument is not an integer");
	}
	bool ok = fits(n, w, &number) || out_of_range(vm, w);
	value_drop(n);
	if (ok)
		put(to, number, w->size, w->little);
	return ok;
}

/* A double as 16 bits (IEEE 754 binary16), halves to the even neighbour. false: too large. */
static bool half_bits(double x, uint16_t *out)
{
	uint16_t sign = signbit(x) ? 0x8000 : 0;
	int exponent;

	if (isnan(x) || isinf(x) || x == 0) {
		*out = sign | (isnan(x) ? 0x7e00 : isinf(x) ? 0x7c00 : 0);
		return true;
	}
	double m = frexp(fabs(x), &exponent);           /* in [0.5, 1) */
	int e = exponent + 14;                          /* of the wire */
	double scaled = e < 1 ? ldexp(m, 10 + e) : ldexp(m, 11) - 1024;
	uint32_t bits = (uint32_t)(e < 1 ? 0 : e) << 10;
	if (e > 30)
		return false;
	bits += (uint32_t)nearbyint(scaled);            /* a carry moves on into the exponent, as it should */
	if (bits >= 0x7c00)
		return false;
	*out = sign | (uint16_t)bits;
	return true;
}

static double half_value(uint16_t bits)
{
	int e = bits >> 10 & 31, m = bits & 1023;
	double x = e == 31 ? (m ? NAN : INFINITY) : e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);

	return bits & 0x8000 ? -x : x;
}

static bool float_bits(struct vm *vm, const struct walk *w, double x, uint64_t *out)
{
	uint16_t half;
	uint32_t single;
	float f = (float)x;

	if (w->size == 8)
		memcpy(out, &x, 8);
	else if (w->size == 4) {
		if (isinf(f) && !isinf(x) && !w->native)
			return vm_raise_ok(vm, vm->errors.OverflowError, "float too large to pack with f format");
		memcpy(&single, &f, 4);
		*out = single;
	} else {
		if (!half_bits(x, &half))
			return vm_raise_ok(vm, vm->errors.OverflowError, "float too large to pack with e format");
		*out = half;
	}
	return true;
}

static bool pack_float(struct vm *vm, const struct walk *w, value v, uint8_t *to)
{
	uint64_t bits = 0;
	double x;

	if (!value_to_double(vm, v, &x)) {
		if (!vm_pending_is(vm, vm->errors.TypeError))
			return false;
		vm_clear(vm);
		return bad(vm, "required argument is not a float");
	}
	if (!float_bits(vm, w, x, &bits))
		return false;
	put(to, bits, w->size, w->little);
	return true;
}

/* s: cut or filled with zeros; p: the same behind a byte that says the length. */
static bool pack_text(struct vm *vm, const struct walk *w, value v, uint8_t *to)
{
	bool pascal = w->code->kind == 'p';
	struct view view;

	if (!is_bytes(v) && !is_kind(v, KIND_BYTEARRAY))
		return vm_raise_ok(vm, vm->own->struct_error, "argument for '%c' must be a bytes object", w->code->letter);
	if (!value_to_view(vm, v, &view))
		return false;
	if (!w->count)
		return true;
	size_t room = w->count - pascal, len = view.len < room ? view.len : room;
	if (pascal)
		*to++ = (uint8_t)(len > 255 ? 255 : len);
	if (len)
		memcpy(to, view.bytes, len);
	return true;
}

static bool pack_one(struct vm *vm, const struct walk *w, value v, uint8_t *to)
{
	bool truth;

	switch (w->code->kind) {
	case 'c':
		if (!is_bytes(v) || as_bytes(v)->len != 1)
			return bad(vm, "char format requires a bytes object of length 1");
		*to = as_bytes(v)->data[0];
		return true;
	case '?':
		if (!value_truth(vm, v, &truth))
			return false;
		*to = truth;
		return true;
	case 'f':
		return pack_float(vm, w, v, to);
	case 's': case 'p':
		return pack_text(vm, w, v, to);
	default:
		return pack_int(vm, w, v, to);
	}
}

/* `to` is zeroed and as long as measure() says; there are as many values. */
static bool pack(struct vm *vm, const char *format, const value *values, uint8_t *to)
{
	struct walk w = walk_over(format);

	while (walk_next(vm, &w) > 0) {
		bool text = w.code->kind == 's' || w.code->kind == 'p';
		size_t times = w.code->kind == 'x' ? 0 : text ? 1 : w.count;
		for (size_t i = 0; i < times; i++)
			if (!pack_one(vm, &w, *values++, to + w.start + i * w.size))
				return false;
	}
	return true;
}

static bool right_count(struct vm *vm, const char *function, size_t expected, size_t got)
{
	return expected == got || vm_raise_ok(vm, vm->own->struct_error, "%s expected %zu items for packing (got %zu)", function, expected, got);
}

static value pack_bytes(struct vm *vm, struct format f, size_t count, const value *values)
{
	if (!measure(vm, &f) || !right_count(vm, "pack", f.values, count))
		return VALUE_UNSET;
	struct bytes *b = bytes_new(vm, NULL, f.size);
	if (!b)
		return VALUE_UNSET;
	memset(b->data, 0, f.size);
	if (pack(vm, f.text, values, b->data))
		return value_object(b);
	object_drop(b);
	return VALUE_UNSET;
}

/* A place in a buffer: negative counts from the end. */
static bool offset_in(struct vm *vm, int64_t *offset, size_t len, size_t size, bool packing)
{
	const char *verb = packing ? "pack" : "unpack";
	int64_t given = *offset;

	if (given < 0) {
		if (given + (int64_t)size > 0)
			return packing ? vm_raise_ok(vm, vm->own->struct_error, "no space to pack %zu bytes at offset %lld", size, (long long)given)
				: vm_raise_ok(vm, vm->own->struct_error, "not enough data to unpack %zu bytes at offset %lld", size, (long long)given);
		if (given + (int64_t)len < 0)
			return vm_raise_ok(vm, vm->own->struct_error, "offset %lld out of range for %zu-byte buffer", (long long)given, len);
		*offset += (int64_t)len;
	}
	if ((size_t)*offset <= len && len - (size_t)*offset >= size)
		return true;
	return vm_raise_ok(vm, vm->own->struct_error, "%s requires a buffer of at least %llu bytes for %sing %zu bytes at offset %lld "
		"(actual buffer size is %zu)", packing ? "pack_into" : "unpack_from", (unsigned long long)*offset + size, verb, size,
		(long long)*offset, len);
}

static value pack_into(struct vm *vm, struct format f, value buffer, value at, size_t count, const value *values)
{
	int64_t offset;

	if (!is_kind(buffer, KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "argument must be read-write bytes-like object, not %s", value_type_name(vm, buffer));
	if (!measure(vm, &f) || !right_count(vm, "pack_into", f.values, count) || !value_to_int64(vm, at, &offset))
		return VALUE_UNSET;
	f.measured = true;
	value packed = pack_bytes(vm, f, count, values);
	struct buf *into = ((struct bytearray *)buffer.o)->buf;
	if (is_unset(packed) || !offset_in(vm, &offset, into->len, f.size, true)) {
		value_drop(packed);
		return VALUE_UNSET;
	}
	if (f.size)
		memcpy(into->data + offset, as_bytes(packed)->data, f.size);
	value_drop(packed);
	return VALUE_NONE;
}

/* ---- unpacking --------------------------------------------------------------------------------------------------------- */

static value unpack_number(struct vm *vm, const struct walk *w, const uint8_t *from)
{
	uint64_t n = number_at(from, w->size, w->little);
	float f;
	double d;

	switch (w->code->kind) {
	case 'i':
		return value_int((int64_t)(n << (64 - w->size * 8)) >> (64 - w->size * 8));
	case 'f':
		if (w->size == 2)
			return value_float(half_value((uint16_t)n));
		if (w->size == 4) {
			uint32_t single = (uint32_t)n;
			memcpy(&f, &single, 4);
			return value_float(f);
		}
		memcpy(&d, &n, 8);
		return value_float(d);
	default:
		return int_from_u64(vm, n);
	}
}

static value unpack_one(struct vm *vm, const struct walk *w, const uint8_t *from)
{
	size_t len;

	switch (w->code->kind) {
	case 'c':
		return bytes_value(vm, from, 1);
	case '?':
		return value_bool(*from);
	case 's':
		return bytes_value(vm, from, w->count);
	case 'p':
		len = !w->count ? 0 : *from < w->count - 1 ? *from : w->count - 1;
		return bytes_value(vm, from + (w->count > 0), len);
	default:
		return unpack_number(vm, w, from);
	}
}

static value unpack(struct vm *vm, const char *format, const uint8_t *from, size_t values)
{
	struct tuple *t = tuple_new(vm, values);
	struct walk w = walk_over(format);
	size_t at = 0;

	while (walk_next(vm, &w) > 0) {
		bool text = w.code->kind == 's' || w.code->kind == 'p';
		size_t times = w.code->kind == 'x' ? 0 : text ? 1 : w.count;
		for (size_t i = 0; i < times; i++)
			t->items[at++] = unpack_one(vm, &w, from + w.start + i * w.size);
	}
	return value_object(t);
}

static value unpack_whole(struct vm *vm, struct format f, value buffer)
{
	struct view view;

	if (!value_to_view(vm, buffer, &view) || !measure(vm, &f))
		return VALUE_UNSET;
	if (view.len != f.size)
		return vm_raise(vm, vm->own->struct_error, "unpack requires a buffer of %zu bytes", f.size);
	return unpack(vm, f.text, view.bytes, f.values);
}

static value unpack_from(struct vm *vm, struct format f, value buffer, value at)
{
	struct view view;
	int64_t offset;

	if (!value_to_view(vm, buffer, &view) || !measure(vm, &f) || !value_to_int64(vm, at, &offset) || !offset_in(vm, &offset, view.len, f.size, false))
		return VALUE_UNSET;
	return unpack(vm, f.text, view.bytes + offset, f.values);
}

static value unpack_step(struct vm *vm, struct iterator *it)
{
	struct format f = { .text = as_str(it->extra)->data };
	struct view view;

	if (!value_to_view(vm, it->over, &view) || !measure(vm, &f) || it->at + f.size > view.len)
		return VALUE_UNSET;
	it->at += f.size;
	return unpack(vm, f.text, view.bytes + it->at - f.size, f.values);
}

static value iter_unpack(struct vm *vm, struct format f, value buffer)
{
	struct view view;

	if (!value_to_view(vm, buffer, &view) || !measure(vm, &f))
		return VALUE_UNSET;
	if (!f.size)
		return bad(vm, "cannot iteratively unpack with a struct of length 0"), VALUE_UNSET;
	if (view.len % f.size)
		return vm_raise(vm, vm->own->struct_error, "iterative unpacking requires a buffer of a multiple of %zu bytes", f.size);
	value it = iterator_new(vm, buffer, unpack_step);
	((struct iterator *)it.o)->extra = str_value(vm, f.text);
	return it;
}

/* ---- the functions ------------------------------------------------------------------------------------------------------ */

/* A format argument (str or bytes); good while the argument is. Its text NULL: raised. */
static struct format format_of(struct vm *vm, value v)
{
	if (is_str(v))
		return (struct format){ .text = as_str(v)->data };
	if (is_bytes(v) && strlen((const char *)as_bytes(v)->data) == as_bytes(v)->len)
		return (struct format){ .text = (const char *)as_bytes(v)->data };
	vm_raise(vm, vm->errors.TypeError, "Struct() argument 1 must be a str or bytes object, not %s", value_type_name(vm, v));
	return (struct format){0};
}

static value do_pack(struct vm *vm, const struct call *call)
{
	if (call->named)
		return vm_raise(vm, vm->errors.TypeError, "pack() takes no keyword arguments");
	if (!call->count)
		return vm_raise(vm, vm->errors.TypeError, "missing format argument");
	struct format format = format_of(vm, call->args[0]);
	return format.text ? pack_bytes(vm, format, call->count - 1, call->args + 1) : VALUE_UNSET;
}

static value do_pack_into(struct vm *vm, value *a)
{
	struct format format = format_of(vm, a[0]);
	return format.text ? pack_into(vm, format, a[1], a[2], as_tuple(a[3])->count, as_tuple(a[3])->items) : VALUE_UNSET;
}

static value do_unpack(struct vm *vm, value *a)
{
	struct format format = format_of(vm, a[0]);
	return format.text ? unpack_whole(vm, format, a[1]) : VALUE_UNSET;
}

static value do_unpack_from(struct vm *vm, value *a)
{
	struct format format = format_of(vm, a[0]);
	return format.text ? unpack_from(vm, format, a[1], a[2]) : VALUE_UNSET;
}

static value do_iter_unpack(struct vm *vm, value *a)
{
	struct format format = format_of(vm, a[0]);
	return format.text ? iter_unpack(vm, format, a[1]) : VALUE_UNSET;
}

static value do_calcsize(struct vm *vm, value *a)
{
	struct format format = format_of(vm, a[0]);
	return format.text && measure(vm, &format) ? value_int((int64_t)format.size) : VALUE_UNSET;
}

static const struct native functions[] = {
	{ .name = "pack", .raw = do_pack, .signature = "format, /, *values", .doc = "The values as bytes, laid out as format says." },
	{ "pack_into", do_pack_into, "format, buffer, offset, /, *values", "Packs into a bytearray from offset on." },
	{ "unpack", do_unpack, "format, buffer, /", "The values in bytes, as a tuple." },
	{ "unpack_from", do_unpack_from, "format, /, buffer, offset=0", "The values in bytes from offset on, as a tuple." },
	{ "iter_unpack", do_iter_unpack, "format, buffer, /", "The tuples in bytes that hold several." },
	{ "calcsize", do_calcsize, "format, /", "How many bytes the format takes." },
	{0}
};

/* ---- the type Struct --------------------------------------------------------------------------------------------------- */

struct structure {
	struct object head;
	struct str *format;
	size_t size, values;
};

static struct format own_format(value self)
{
	const struct structure *s = (const struct structure *)self.o;
	return (struct format){ s->format->data, true, s->size, s->values };
}

static value structure_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];

	if (!call_bind(vm, vm->own->structure->signature, call, a))
		return VALUE_UNSET;
	struct format format = format_of(vm, a[0]);
	value self = VALUE_UNSET;
	if (format.text && measure(vm, &format)) {
		struct structure *s = object_new(cls, 0);
		s->format = str_text(vm, format.text);
		s->size = format.size;
		s->values = format.values;
		self = value_object(s);
	}
	call_unbind(vm->own->structure->signature, a);
	return self;
}

static void structure_release(struct object *o)
{
	object_drop(((struct structure *)o)->format);
}

static value structure_pack(struct vm *vm, value *a)
{
	return pack_bytes(vm, own_format(a[0]), as_tuple(a[1])->count, as_tuple(a[1])->items);
}
static value structure_pack_into(struct vm *vm, value *a)
{
	return pack_into(vm, own_format(a[0]), a[1], a[2], as_tuple(a[3])->count, as_tuple(a[3])->items);
}
static value structure_unpack(struct vm *vm, value *a) { return unpack_whole(vm, own_format(a[0]), a[1]); }
static value structure_unpack_from(struct vm *vm, value *a) { return unpack_from(vm, own_format(a[0]), a[1], a[2]); }
static value structure_iter_unpack(struct vm *vm, value *a) { return iter_unpack(vm, own_format(a[0]), a[1]); }
static value get_format(struct vm *vm, value self) { return value_object(object_keep(((struct structure *)self.o)->format)); }
static value get_size(struct vm *vm, value self) { return value_int((int64_t)((struct structure *)self.o)->size); }

static const struct native structure_methods[] = {
	{ "pack", structure_pack, "*values", "The values as bytes." },
	{ "pack_into", structure_pack_into, "buffer, offset, /, *values", "Packs into a bytearray from offset on." },
	{ "unpack", structure_unpack, "buffer, /", "The values in bytes, as a tuple." },
	{ "unpack_from", structure_unpack_from, "buffer, offset=0", "The values in bytes from offset on, as a tuple." },
	{ "iter_unpack", structure_iter_unpack, "buffer, /", "The tuples in bytes that hold several." },
	{0}
};
static const struct getset structure_attrs[] = {
	{ "format", get_format, NULL, "The format as given." }, { "size", get_size, NULL, "How many bytes it takes." }, {0}
};
static const struct type_spec structure_spec = {
	.name = "Struct", .doc = "A format to pack and unpack with.", .size = sizeof(struct structure), .signature = "format",
	.slots = { .make = structure_make, .release = structure_release }, .methods = structure_methods, .attrs = structure_attrs,
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->structure = module_new_type(vm, g, &structure_spec, "struct");
	vm->own->struct_error = module_new_error(vm, g, "struct", "error", vm->errors.Exception);
	return true;
}

const struct module_spec module_struct = { "struct", "Numbers and text as bytes.", functions, fill };
