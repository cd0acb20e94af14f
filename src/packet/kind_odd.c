/* Numbers that lie on the wire in a way of their own: up to the first odd byte, in whichever order makes them small. */
#include "packet/kinds.h"

/* ---- OddEndedEnumField: one byte or two ----
 * An odd first byte ends it (ISO/IEC 3309, 4.5.4: the low bit of an extensible address; PPP's protocol, RFC 1661, section 2). Every
 * two-byte number of these ends in an odd byte too, so the form is known from the number; one written longer than needed keeps
 * its form. */

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = cursor_left(c) && c->bytes[cursor_at(c)] & 1 ? 1 : 2;
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint64_t number = 0;
	const uint8_t *p = cursor_take(c, bytes);
	for (size_t i = 0; p && i < bytes; i++)
		number = number << 8 | p[i];
	return number_of_word(s->vm, f, number);
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t word = 0;
	if (!is_none(v) && !number_to_word(s->vm, f, v, &word))
		return false;
	if (word > 0xff || !(word & 1))
		buf_char(out, (char)(word >> 8));
	buf_char(out, (char)word);
	return true;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	value v = number_accept(vm, f, given);
	if (v.tag != TAG_INT || (v.i >= 0 && v.i <= 0xffff))
		return v;
	return field_refuse(vm, f, given, "0 to 65535");
}

static bool make(struct vm *vm, struct field *f, const value *a)
{
	f->names = names_from(vm, a[2]);
	return f->names && facts_take(vm, f, a + 3);
}

/* ---- EitherOrderIntEnumField: four bytes, of a small number in the order of the machine that wrote it ---- */

static bool four(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = 4;
	return true;
}

static value decode_either(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	uint32_t little = 0, big = 0;
	const uint8_t *p = cursor_take(c, bytes);
	for (size_t i = 0; p && i < bytes && i < 4; i++) {
		little |= (uint32_t)p[i] << 8 * i;
		big = big << 8 | p[i];
	}
	return value_int(little <= big ? little : big);
}

static bool encode_either(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t word = 0;
	if (!is_none(v) && !number_to_word(s->vm, f, v, &word))
		return false;
	for (int i = 0; i < 4; i++)
		buf_char(out, (char)(word >> 8 * i));
	return true;
}

static value accept_either(struct vm *vm, const struct field *f, value given)
{
	value v = number_accept(vm, f, given);
	if (v.tag != TAG_INT || (v.i >= 0 && v.i <= UINT32_MAX))
		return v;
	return field_refuse(vm, f, given, "0 to 4294967295");
}

static const struct codec odd_codec = { .extent = extent, .decode = decode, .encode = encode, .accept = accept, .show = number_show };
static const struct codec either_codec = {
	.extent = four, .decode = decode_either, .encode = encode_either, .accept = accept_either, .show = number_show,
};

#define FORMS (FIELD_NUMBER | FIELD_WORDS | FIELD_FORMS)

const struct field_kind kinds_odd[] = {
	{ "OddEndedEnumField", "name, default, enum" FACTS, "a number with names, of one byte when that is odd, else of two", &odd_codec, make, FORMS, 0 },
	{ "EitherOrderIntEnumField", "name, default, enum" FACTS, "a small number with names, in four bytes of either order", &either_codec, make,
	  FORMS, 0 },
	{ 0 },
};
