/* Numbers that are no words: more than 64 bits wide, or of a width that the number itself says (so many bits a byte, the rest
 * of it telling whether another byte follows). */
#include "packet/kinds.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/int.h"

/* ---- a fixed width beyond 64 bits ---- */

static value refuse_width(struct vm *vm, const struct field *f, value given)
{
	return field_refuse(vm, f, given, "a number from 0 to less than 2**%u", (unsigned)f->bits);
}

static value wide_accept(struct vm *vm, const struct field *f, value given)
{
	struct wide w;
	if (given.tag == TAG_BOOL)
		given = value_int(given.b);
	if (!is_int(given))
		return field_refuse(vm, f, given, "a number");
	mpz_srcptr number = int_wide(given, &w);
	if (mpz_sgn(number) < 0 || mpz_sizeinbase(number, 2) > f->bits)
		return refuse_width(vm, f, given);
	return value_keep(given);
}

static bool wide_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = (f->bits + 7) / 8;
	return true;
}

static value wide_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint8_t room[64], *number = f->bits > sizeof room * 8 ? mem_alloc(f->bits / 8 + 1) : room;
	size_t len = (f->bits + 7) / 8;
	unsigned first = f->bits % 8 ? f->bits % 8 : 8;
	for (size_t i = 0; i < len; i++)
		number[i] = (uint8_t)cursor_bits(c, i ? 8 : first);
	value made = int_from_bytes(s->vm, number, len, f->flags & FIELD_LITTLE, false);
	if (number != room)
		mem_free(number);
	return made;
}

/* Right-aligned in whole bytes. */
static bool wide_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t len = (f->bits + 7) / 8, count = 0;
	if (is_none(v)) {
		buf_fill(out, 0, len);
		return true;
	}
	value number = wide_accept(s->vm, f, v);
	if (is_unset(number))
		return false;
	struct wide w;
	mpz_srcptr wide = int_wide(number, &w);
	size_t need = (mpz_sizeinbase(wide, 2) + 7) / 8;
	uint8_t *at = (uint8_t *)buf_grow(out, len);
	memset(at, 0, len);
	mpz_export(f->flags & FIELD_LITTLE ? at : at + len - need, &count, f->flags & FIELD_LITTLE ? -1 : 1, 1, 0, 0, wide);
	value_drop(number);
	return true;
}

static bool wide_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!(f->flags & FIELD_HEX) || !is_int(v))
		return value_repr_to(s->vm, v, out);
	buf_text(out, "0x");
	int_print_base(out, v, 16, false);
	return true;
}

static const struct codec wide_codec = { .extent = wide_extent, .decode = wide_decode, .encode = wide_encode, .accept = wide_accept, .show = wide_show };

static const struct field_kind wide_kinds[] = {
	{ "BitField", NULL, "a number of `size` bits", &wide_codec, NULL, 0, 0 },
	{ "XBitField", NULL, "a number of `size` bits, in hexadecimal", &wide_codec, NULL, FIELD_HEX, 0 },
	{ "NBytesField", NULL, "a number of `sz` bytes", &wide_codec, NULL, 0, 0 },
	{ "XNBytesField", NULL, "a number of `sz` bytes, in hexadecimal", &wide_codec, NULL, FIELD_HEX, 0 },
};

bool number_widen(struct vm *vm, struct field *f)
{
	for (size_t i = 0; i < sizeof wide_kinds / sizeof *wide_kinds; i++)
		if (!strcmp(f->kind->name, wide_kinds[i].name)) {
			f->kind = &wide_kinds[i];
			f->flags = (f->flags & FIELD_LITTLE) | wide_kinds[i].flags;
			return true;
		}
	return vm_raise_ok(vm, vm->errors.ValueError, "%s: %s is at most 64 bits wide, not %u", f->name->data, f->kind->name, (unsigned)f->bits);
}

/* ---- a width that the number says ---- */

/* Which bit of a byte says that another one follows, and whether the first byte is the number's lowest part. */
struct run_data { unsigned more; bool lowest_first; };
enum { RUN_MAX = 10 };

static const struct run_data *run_of(const struct field *f)
{
	return f->data;
}

static bool run_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	const uint8_t *p = c->bytes + cursor_at(c);
	size_t left = cursor_left(c), n = 0;
	while (n < left && n < RUN_MAX && p[n] >> run_of(f)->more & 1)
		n++;
	if (n == left || n == RUN_MAX)
		*problem = "a number that does not end";
	*bytes = n < left ? n + 1 : left;
	return true;
}

static uint64_t seven(const struct run_data *d, uint8_t byte)
{
	uint64_t low = byte & ((1u << d->more) - 1);
	return low | ((uint64_t)(byte >> (d->more + 1)) << d->more);
}

static value run_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	uint64_t number = 0;
	for (size_t i = 0; p && i < bytes; i++)
		if (!run_of(f)->lowest_first)
			number = number << 7 | seven(run_of(f), p[i]);
		else if (i < RUN_MAX)
			number |= seven(run_of(f), p[i]) << (7 * i);
	return int_from_u64(s->vm, number);
}

static bool run_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct run_data *d = run_of(f);
	uint64_t number;
	uint8_t groups[RUN_MAX];
	unsigned count = 0;
	if (is_none(v) && f->computed.what == COMPUTE_NOTHING)
		return true;
	if (is_none(v))
		v = value_int(0);
	if (!is_int(v) || !int_to_u64(v, &number)) {
		field_refuse(s->vm, f, v, "a number from 0 to less than 2**64");
		return false;
	}
	do {
		groups[count++] = number & 127;
		number >>= 7;
	} while (number);
	for (unsigned i = 0; i < count; i++) {
		unsigned group = groups[d->lowest_first ? i : count - 1 - i], low = group & ((1u << d->more) - 1);
		buf_char(out, (char)(low | (group >> d->more) << (d->more + 1) | (i + 1 < count ? 1u << d->more : 0)));
	}
	return true;
}

static value run_accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t number;
	if (given.tag == TAG_BOOL)
		given = value_int(given.b);
	if (is_int(given) && int_to_u64(given, &number))
		return value_keep(given);
	return field_refuse(vm, f, given, "a number from 0 to less than 2**64");
}

static bool take_run(struct vm *vm, struct field *f, int64_t more, bool lowest_first)
{
	if (more < 0 || more > 7)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: the bit that tells of another byte is 0 to 7, not %lld", f->name->data, (long long)more);
	struct run_data *d = f->data = mem_zero(sizeof *d);
	*d = (struct run_data){ (unsigned)more, lowest_first };
	return true;
}

/* BitExtendedField(name, default, extension_bit) */
static bool extended_make(struct vm *vm, struct field *f, const value *a)
{
	int64_t more;
	return value_to_int64(vm, a[2], &more) && take_run(vm, f, more, false) && facts_take(vm, f, a + 3);
}

static bool highest_make(struct vm *vm, struct field *f, const value *a)
{
	return take_run(vm, f, 7, false) && facts_take(vm, f, a + 2);
}

static bool lowest_make(struct vm *vm, struct field *f, const value *a)
{
	return take_run(vm, f, 0, false) && facts_take(vm, f, a + 2);
}

/* VarIntField(name, default), length_of=...: the lowest seven bits first */
static bool varint_make(struct vm *vm, struct field *f, const value *a)
{
	return take_run(vm, f, 7, true) && number_facts_take(vm, f, a + 2);
}

/* VariableFieldLenField(name, default, length_of, fmt, count_of, adjust, fld) */
static bool varlen_make(struct vm *vm, struct field *f, const value *a)
{
	return take_run(vm, f, 7, true) && number_take_scapy_length(vm, f, a[2], a[4], a[5]) && facts_take(vm, f, a + 7);
}

static void run_release(struct field *f)
{
	mem_free(f->data);
	f->data = NULL;
}

static const struct codec run_codec = {
	.extent = run_extent, .decode = run_decode, .encode = run_encode, .accept = run_accept, .release = run_release,
};

/* ---- bits of a number said elsewhere ---- */

static bool said_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t bits;
	struct site at = *s;
	at.cursor = c;
	if (!field_length(&at, &f->length_from, (int64_t)cursor_left(c), &bits))
		return false;
	if (bits % 8)
		*problem = "a number of part of a byte";
	*bytes = bits > 0 ? (size_t)bits / 8 : 0;
	return true;
}

static value said_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	return int_from_bytes(s->vm, p ? p : (const uint8_t *)"", p ? bytes : 0, false, false);
}

static bool said_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	int64_t bits;
	if (!field_length(s, &f->length_from, 0, &bits))
		return false;
	if (bits < 0 || bits > 1 << 16 || bits % 8)
		return vm_raise_ok(s->vm, s->vm->errors.ValueError, "%s: a number of %lld bits; whole bytes are done", f->name->data, (long long)bits);
	struct field one = *f;
	one.bits = (uint32_t)bits;
	return wide_encode(s, &one, v, out);
}

static value said_accept(struct vm *vm, const struct field *f, value given)
{
	return is_int(given) ? value_keep(given) : field_refuse(vm, f, given, "a number");
}

/* BitFixedLenField(name, default, length_from) */
static bool said_make(struct vm *vm, struct field *f, const value *a)
{
	return length_take(vm, &f->length_from, a[2], "length_from") && facts_take(vm, f, a + 3);
}

static const struct codec said_codec = { .extent = said_extent, .decode = said_decode, .encode = said_encode, .accept = said_accept };

const struct field_kind kinds_wide[] = {
	{ "BitExtendedField", "name, default, extension_bit" FACTS, "a number of seven bits a byte, the eighth tells of another byte", &run_codec,
	  extended_make, FIELD_FORMS, 0 },
	{ "MSBExtendedField", "name, default" FACTS, "a number of seven bits a byte, the highest bit tells of another byte", &run_codec, highest_make, FIELD_FORMS, 0 },
	{ "LSBExtendedField", "name, default" FACTS, "a number of seven bits a byte, the lowest bit tells of another byte", &run_codec, lowest_make, FIELD_FORMS, 0 },
	{ "VarIntField", "name, default" NUMBER_FACTS, "a number of seven bits a byte, lowest first, the highest bit tells of another byte", &run_codec,
	  varint_make, FIELD_FORMS, 0 },
	{ "VariableFieldLenField", "name, default, length_of=None, fmt='H', count_of=None, adjust=None, fld=None" FACTS,
	  "a length of seven bits a byte, lowest first, the highest bit tells of another byte", &run_codec, varlen_make, FIELD_FORMS, 0 },
	{ "BitFixedLenField", "name, default, length_from" FACTS, "a number of so many bits as is said elsewhere", &said_codec, said_make, 0, 0 },
	{ 0 },
};
