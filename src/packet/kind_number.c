/* Numbers: every width, order, sign, and the enum twins. */
#include "packet/kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "packet/field_own.h"

static bool limits(const struct field *f, int64_t *least, uint64_t *most)
{
	if (f->flags & FIELD_SIGNED) {
		*most = (UINT64_C(1) << (f->bits - 1)) - 1;
		*least = -(int64_t)*most - 1;
	} else {
		*most = f->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << f->bits) - 1;
		*least = 0;
	}
	return true;
}

static value refuse_range(struct vm *vm, const struct field *f, value given)
{
	int64_t least;
	uint64_t most;
	limits(f, &least, &most);
	return field_refuse(vm, f, given, "%" PRId64 " to %" PRIu64, least, most);
}

static bool int_fits(const struct field *f, int64_t number)
{
	if (f->flags & FIELD_SIGNED)
		return f->bits >= 64 || (number >= -(INT64_C(1) << (f->bits - 1)) && number < INT64_C(1) << (f->bits - 1));
	return number >= 0 && (f->bits >= 63 || number < INT64_C(1) << f->bits);
}

static value name_to_number(struct vm *vm, const struct field *f, value given)
{
	struct buf label = {0};
	int64_t number;
	if (names_number(vm, f->names, as_str(given), &number))
		return value_int(number);
	const char *near = names_nearest(vm, f->names, as_str(given)->data);
	struct buf text = {0};
	text_repr(&text, as_str(given)->data, as_str(given)->len);
	vm_raise(vm, vm->errors.ValueError, "%s has no name %s%s%s%s", field_label(f, &label), buf_str(&text), near ? "; did you mean '" : "",
	         near ? near : "", near ? "'?" : "");
	buf_free(&label);
	buf_free(&text);
	return VALUE_UNSET;
}

value number_accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t number;
	if (given.tag == TAG_BOOL)
		given = value_int(given.b);
	if (given.tag == TAG_INT)
		return f->bits == 0 || int_fits(f, given.i) ? given : refuse_range(vm, f, given);
	if (is_kind(given, KIND_BIGINT))
		return int_to_u64(given, &number) && f->bits >= 64 && !(f->flags & FIELD_SIGNED) ? value_keep(given) : refuse_range(vm, f, given);
	if (is_kind(given, KIND_FLAGS))
		return number_accept(vm, f, int_from_u64(vm, ((struct flag_value *)given.o)->number));
	if (is_str(given) && f->names)
		return name_to_number(vm, f, given);
	return field_refuse(vm, f, given, f->names ? "a number or a name" : "a number");
}

value number_of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	if (f->flags & FIELD_SIGNED)
		return value_int((int64_t)(word << (64 - f->bits)) >> (64 - f->bits));
	return word <= INT64_MAX ? value_int((int64_t)word) : int_from_u64(vm, word);
}

bool number_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	if (v.tag == TAG_INT && (f->bits == 64 || int_fits(f, v.i))) {
		*word = (uint64_t)v.i;
		return true;
	}
	value number = number_accept(vm, f, v);
	if (is_unset(number))
		return false;
	if (number.tag == TAG_INT)
		*word = (uint64_t)number.i;
	else
		int_to_u64(number, word);
	value_drop(number);
	return true;
}

bool number_accept_word(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word)
{
	if (given.tag != TAG_INT || f->bits == 0 || !int_fits(f, given.i))
		return false;
	*accepted = given;
	*word = (uint64_t)given.i;
	return true;
}

static void show_int(struct vm *vm, const struct field *f, int64_t number, struct buf *out)
{
	struct names *names = field_names(f);
	struct str *name = names ? names_text(vm, names, number) : NULL;
	if (name)
		text_safe(out, name->data, name->len);
	else if (f->flags & FIELD_HEX)
		buf_print(out, number < 0 ? "-0x%" PRIx64 : "0x%" PRIx64, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
	else
		buf_number(out, number);
}

bool number_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t number;
	if (v.tag == TAG_INT)
		show_int(s->vm, f, v.i, out);
	else if (f->flags & FIELD_HEX && int_to_u64(v, &number))
		buf_print(out, "0x%" PRIx64, number);
	else
		return value_repr_to(s->vm, v, out);
	return true;
}

static bool show_word(struct vm *vm, const struct field *f, uint64_t word, bool bare, struct buf *out)
{
	value v = number_of_word(vm, f, word);
	bool usual = v.tag == TAG_INT;
	if (usual && bare)
		buf_number(out, v.i);
	else if (usual)
		show_int(vm, f, v.i, out);
	value_drop(v);
	return usual;
}

bool number_take_bits(struct vm *vm, struct field *f, value size)
{
	int64_t bits;
	if (!value_to_int64(vm, size, &bits))
		return false;
	if (bits < 0) {                 /* Scapy's notation of a little-endian bit field */
		f->flags |= FIELD_LITTLE;
		bits = -bits;
	}
	if (bits < 1 || bits > 1 << 16)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a bit field of %lld bits", f->name->data, (long long)bits);
	if (f->flags & FIELD_LITTLE && bits % 8)
		return vm_raise_ok(vm, vm->errors.NotImplementedError, "%s: a little-endian bit field of %lld bits; whole bytes are done", f->name->data, (long long)bits);
	f->bits = (uint32_t)bits;
	return bits <= 64 || number_widen(vm, f);
}

/* NBytesField(name, default, sz) */
static bool bytes_make(struct vm *vm, struct field *f, const value *a)
{
	int64_t size;
	if (!value_to_int64(vm, a[2], &size) || size < 1 || size > 1 << 13)
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.ValueError, "%s: a number of %lld bytes", f->name->data, (long long)size);
	f->bits = (uint32_t)size * 8;
	return number_facts_take(vm, f, a + 3) && (f->bits <= 64 || number_widen(vm, f));
}

static bool take_names(struct vm *vm, struct field *f, value table)
{
	if (is_none(table))
		return true;
	f->names = names_from(vm, table);
	return f->names != NULL;
}

/* tot_size, end_tot_size: the bytes of a little-endian group, where it begins and where it ends. */
static bool take_group(struct vm *vm, struct field *f, const value *a)
{
	int64_t opens, closes;
	if (!value_to_int64(vm, a[0], &opens) || !value_to_int64(vm, a[1], &closes))
		return false;
	/* a positive size says what is so anyhow */
	opens = opens < 0 ? -opens : 0;
	closes = closes < 0 ? -closes : 0;
	if (opens > 64 || closes > 64)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: a group of %lld bytes", f->name->data, (long long)(opens > closes ? opens : closes));
	f->group_opens = (int8_t)opens;
	f->group_closes = (int8_t)closes;
	return true;
}

/* Scapy's order: name, default, [size], [enum], [tot_size, end_tot_size]; then the facts. */
bool number_make(struct vm *vm, struct field *f, const value *a)
{
	const struct field_kind *kind = f->kind;        /* a width beyond a word changes it */
	unsigned at = 2;
	if (kind->bits == 0 && !number_take_bits(vm, f, a[at++]))
		return false;
	if (kind->flags & FIELD_WORDS && !take_names(vm, f, a[at++]))
		return false;
	if (kind->flags & FIELD_GROUPED) {
		f->flags &= ~(unsigned)FIELD_GROUPED;
		if (!take_group(vm, f, a + at))
			return false;
		at += 2;
	}
	return number_facts_take(vm, f, a + at);
}

/* fmt: struct's letters. Empty texts and unknown letters are refused. */
bool number_take_format(struct vm *vm, struct field *f, value format)
{
	static const struct { char letter; unsigned bits; bool is_signed; } letters[] = {
		{ 'B', 8, false }, { 'b', 8, true }, { 'H', 16, false }, { 'h', 16, true }, { 'I', 32, false }, { 'i', 32, true },
		{ 'L', 32, false }, { 'l', 32, true }, { 'Q', 64, false }, { 'q', 64, true },
	};
	const char *text = is_str(format) ? as_str(format)->data : "";
	if (*text == '<')
		f->flags |= FIELD_LITTLE;
	if (*text && strchr("<>!=@", *text))
		text++;
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (text[0] == letters[i].letter && text[1] == 0) {
			f->bits = letters[i].bits;
			f->flags |= letters[i].is_signed ? FIELD_SIGNED : 0;
			return true;
		}
	return vm_raise_ok(vm, vm->errors.ValueError, "%s: fmt is one of struct's letters B b H h I i Q q, with < for little-endian", f->name->data);
}

/* EnumField("x", 0, {...}, "H"); the signature has fmt behind the enum. */
static bool format_enum_make(struct vm *vm, struct field *f, const value *a)
{
	return take_names(vm, f, a[2]) && number_take_format(vm, f, a[3]) && number_facts_take(vm, f, a + 4);
}

bool number_take_scapy_length(struct vm *vm, struct field *f, value length_of, value count_of, value adjust)
{
	struct computed *c = &f->computed;
	value of = is_none(count_of) ? length_of : count_of;
	if (is_none(of))
		return true;
	if (!is_str(of))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: length_of and count_of take the name of a field", f->name->data);
	c->what = is_none(count_of) ? COMPUTE_LENGTH : COMPUTE_COUNT;
	c->of = OF_FIELD;
	c->of_name = str_intern(vm, as_str(of)->data);
	if (value_is_callable(vm, adjust))
		c->adjust_call = value_keep(adjust);
	else if (is_str(adjust))
		return (c->adjust = expr_parse(vm, as_str(adjust))) != NULL;
	return true;
}

/* FieldLenField(name, default, length_of, fmt, count_of, adjust, fld) */
static bool field_len_make(struct vm *vm, struct field *f, const value *a)
{
	return number_take_format(vm, f, a[3]) && number_take_scapy_length(vm, f, a[2], a[4], a[5]) && facts_take(vm, f, a + 7);
}

/* ThreeBytesLenField(name, default, length_of, count_of, adjust, fld): the width is the kind's */
static bool fixed_len_make(struct vm *vm, struct field *f, const value *a)
{
	return number_take_scapy_length(vm, f, a[2], a[3], a[4]) && facts_take(vm, f, a + 6);
}

/* FCSField(name, default, fmt): behind the payload */
static bool fcs_make(struct vm *vm, struct field *f, const value *a)
{
	f->flags |= FIELD_TRAILS;
	return number_take_format(vm, f, a[2]) && number_facts_take(vm, f, a + 3);
}

/* BitFieldLenField(name, default, size, length_of, count_of, adjust, tot_size, end_tot_size) */
static bool bit_field_len_make(struct vm *vm, struct field *f, const value *a)
{
	f->flags &= ~(unsigned)FIELD_GROUPED;
	return number_take_bits(vm, f, a[2]) && number_take_scapy_length(vm, f, a[3], a[4], a[5]) && take_group(vm, f, a + 6) && facts_take(vm, f, a + 8);
}

/* LenField(name, default, fmt, adjust): the length of the payload. */
static bool len_make(struct vm *vm, struct field *f, const value *a)
{
	if (!number_take_format(vm, f, a[2]))
		return false;
	f->computed.what = COMPUTE_LENGTH;
	f->computed.of = OF_PAYLOAD;
	f->computed.adjust_alone = true;
	if (value_is_callable(vm, a[3]))
		f->computed.adjust_call = value_keep(a[3]);
	else if (is_str(a[3]) && !(f->computed.adjust = expr_parse(vm, as_str(a[3]))))
		return false;
	return facts_take(vm, f, a + 4);
}

/* YesNoByteField(name, default, config): {name: number, (first, last) or [numbers]} */
static bool yes_no_add(struct vm *vm, struct dict *names, value name, value numbers)
{
	const value *items;
	size_t count;
	if (is_kind(numbers, KIND_TUPLE) && as_tuple(numbers)->count == 2 && as_tuple(numbers)->items[0].tag == TAG_INT && as_tuple(numbers)->items[1].tag == TAG_INT) {
		int64_t first = as_tuple(numbers)->items[0].i, last = as_tuple(numbers)->items[1].i;
		for (int64_t i = first < 0 ? 0 : first; i <= last && i < 256; i++)
			if (!dict_set(vm, names, value_int(i), value_keep(name)))
				return false;
		return true;
	}
	if (!value_items(numbers, &items, &count))
		return dict_set(vm, names, numbers, value_keep(name));
	for (size_t i = 0; i < count; i++)
		if (!dict_set(vm, names, items[i], value_keep(name)))
			return false;
	return true;
}

static bool yes_no_make(struct vm *vm, struct field *f, const value *a)
{
	struct dict *names = dict_new(vm);
	value name, numbers;
	f->names = names_new(names);
	if (is_none(a[2])) {
		for (int i = 0; i < 256; i++)
			dict_set(vm, names, value_int(i), str_value(vm, i ? "yes" : "no"));
		return facts_take(vm, f, a + 3);
	}
	if (!is_kind(a[2], KIND_DICT))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: config is a dict of names and their numbers", f->name->data);
	for (uint32_t i = 0; dict_next(as_dict(a[2]), &i, &name, &numbers);)
		if (!yes_no_add(vm, names, name, numbers))
			return false;
	return facts_take(vm, f, a + 3);
}

/* OUIField(name, default): 00:0c:29 */
static bool oui_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (v.tag != TAG_INT)
		return value_repr_to(s->vm, v, out);
	buf_print(out, "%02x:%02x:%02x", (unsigned)(v.i >> 16 & 255), (unsigned)(v.i >> 8 & 255), (unsigned)(v.i & 255));
	return true;
}

static value oui_accept(struct vm *vm, const struct field *f, value given)
{
	unsigned part[3];
	int end = 0;
	if (!is_str(given))
		return number_accept(vm, f, given);
	const char *text = as_str(given)->data;
	if (sscanf(text, "%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &end) == 3 && (size_t)end == as_str(given)->len)
		return value_int(part[0] << 16 | part[1] << 8 | part[2]);
	return field_refuse(vm, f, given, "a number or an address part like 00:0c:29");
}

static const struct codec number_codec;

/* Field(name, default, fmt): struct's letters; bytes for "4s", a real number for f and d */
static bool field_make_format(struct vm *vm, struct field *f, const value *a)
{
	const char *format = is_str(a[2]) ? as_str(a[2])->data : "";
	size_t len = strlen(format);
	char letter = len ? format[len - 1] : 0;
	if (letter != 's' && letter != 'f' && letter != 'd')
		return number_take_format(vm, f, a[2]) && facts_take(vm, f, a + 3);
	const struct field_kind *kind = letter == 's' ? kinds_text : kinds_real;
	while (strcmp(kind->name, letter == 's' ? "StrFixedLenField" : letter == 'f' ? "IEEEFloatField" : "IEEEDoubleField"))
		kind++;
	f->kind = kind;
	f->flags = kind->flags | (*format == '<' ? FIELD_LITTLE : 0);
	f->bits = kind->bits;
	format += strchr("<>!=@", *format) != NULL;
	value args[] = { a[0], a[1], value_int(letter == 's' ? strtol(format, NULL, 10) : 0), VALUE_NONE, a[3] };
	return letter == 's' ? kind->make(vm, f, args) : facts_take(vm, f, a + 3);
}

const struct field_kind kind_field = { "Field", "name, default, fmt='H'" FACTS, "one row of a layer's fields_desc", &number_codec, field_make_format,
	FIELD_WORD | FIELD_NUMBER, 0 };

static const struct codec oui_codec = { .of_word = number_of_word, .to_word = number_to_word, .accept = oui_accept, .show = oui_show };

static const struct codec number_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = number_accept, .accept_word = number_accept_word,
	.show = number_show, .show_word = show_word,
};

static bool octal_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (v.tag != TAG_INT)
		return number_show(s, f, v, out);
	buf_print(out, "%03o", (unsigned)v.i);
	return true;
}

static const struct codec octal_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = number_accept, .accept_word = number_accept_word, .show = octal_show,
};

#define WORD (FIELD_WORD | FIELD_NUMBER)
#define PLAIN(name, bits, flags, doc) { name, "name, default" NUMBER_FACTS, doc, &number_codec, number_make, WORD | (flags), bits }
#define ENUM(name, bits, flags, doc) \
	{ name, "name, default, enum" NUMBER_FACTS, doc, &number_codec, number_make, WORD | FIELD_WORDS | (flags), bits }

const struct field_kind kinds_number[] = {
	{ "BitField", "name, default, size, tot_size=0, end_tot_size=0" NUMBER_FACTS, "a number of `size` bits", &number_codec, number_make, WORD | FIELD_GROUPED, 0 },
	{ "XBitField", "name, default, size, tot_size=0, end_tot_size=0" NUMBER_FACTS, "a number of `size` bits, in hexadecimal", &number_codec, number_make,
	  WORD | FIELD_HEX | FIELD_GROUPED, 0 },
	{ "NBytesField", "name, default, sz" NUMBER_FACTS, "a number of `sz` bytes", &number_codec, bytes_make, WORD, 0 },
	{ "XNBytesField", "name, default, sz" NUMBER_FACTS, "a number of `sz` bytes, in hexadecimal", &number_codec, bytes_make, WORD | FIELD_HEX, 0 },
	{ "YesNoByteField", "name, default, config=None" FACTS, "one byte, shown as yes or no", &number_codec, yes_no_make, WORD | FIELD_WORDS, 8 },
	{ "OUIField", "name, default" NUMBER_FACTS, "the three bytes of an organisation in an address", &oui_codec, number_make, WORD | FIELD_HEX, 24 },
	{ "BitEnumField", "name, default, size, enum, tot_size=0, end_tot_size=0" NUMBER_FACTS, "a number of `size` bits with names", &number_codec, number_make,
	  WORD | FIELD_WORDS | FIELD_GROUPED, 0 },
	{ "BitFieldLenField", "name, default, size, length_of=None, count_of=None, adjust=None, tot_size=0, end_tot_size=0" FACTS,
	  "the length or count of another field, in `size` bits", &number_codec, bit_field_len_make, WORD | FIELD_GROUPED, 0 },
	{ "EnumField", "name, default, enum, fmt='H'" NUMBER_FACTS, "a number with names", &number_codec, format_enum_make, WORD | FIELD_WORDS, 0 },
	{ "FieldLenField", "name, default, length_of=None, fmt='H', count_of=None, adjust=None, fld=None" FACTS,
	  "the length or count of another field", &number_codec, field_len_make, WORD, 0 },
	{ "LEFieldLenField", "name, default, length_of=None, fmt='<H', count_of=None, adjust=None, fld=None" FACTS,
	  "the length or count of another field, little-endian", &number_codec, field_len_make, WORD, 0 },
	{ "ThreeBytesLenField", "name, default, length_of=None, count_of=None, adjust=None, fld=None" FACTS,
	  "the length or count of another field, in three bytes", &number_codec, fixed_len_make, WORD, 24 },
	{ "FCSField", "name, default, fmt='H'" NUMBER_FACTS, "a check sequence behind the payload, in hexadecimal", &number_codec, fcs_make, WORD | FIELD_HEX, 0 },
	{ "LenField", "name, default, fmt='H', adjust=None" FACTS, "the length of the payload", &number_codec, len_make, WORD, 0 },
	PLAIN("ByteField", 8, 0, "one byte"),
	PLAIN("XByteField", 8, FIELD_HEX, "one byte, in hexadecimal"),
	PLAIN("SignedByteField", 8, FIELD_SIGNED, "one signed byte"),
	{ "OByteField", "name, default" NUMBER_FACTS, "one byte, in octal", &octal_codec, number_make, WORD, 8 },
	PLAIN("ShortField", 16, 0, "two bytes"),
	PLAIN("XShortField", 16, FIELD_HEX, "two bytes, in hexadecimal"),
	PLAIN("SignedShortField", 16, FIELD_SIGNED, "two bytes, signed"),
	PLAIN("LEShortField", 16, FIELD_LITTLE, "two bytes, little-endian"),
	PLAIN("XLEShortField", 16, FIELD_LITTLE | FIELD_HEX, "two bytes, little-endian, in hexadecimal"),
	PLAIN("LESignedShortField", 16, FIELD_LITTLE | FIELD_SIGNED, "two bytes, little-endian, signed"),
	PLAIN("ThreeBytesField", 24, 0, "three bytes"),
	PLAIN("X3BytesField", 24, FIELD_HEX, "three bytes, in hexadecimal"),
	PLAIN("LEThreeBytesField", 24, FIELD_LITTLE, "three bytes, little-endian"),
	PLAIN("XLE3BytesField", 24, FIELD_LITTLE | FIELD_HEX, "three bytes, little-endian, in hexadecimal"),
	PLAIN("IntField", 32, 0, "four bytes"),
	PLAIN("XIntField", 32, FIELD_HEX, "four bytes, in hexadecimal"),
	PLAIN("SignedIntField", 32, FIELD_SIGNED, "four bytes, signed"),
	PLAIN("LEIntField", 32, FIELD_LITTLE, "four bytes, little-endian"),
	PLAIN("XLEIntField", 32, FIELD_LITTLE | FIELD_HEX, "four bytes, little-endian, in hexadecimal"),
	PLAIN("LESignedIntField", 32, FIELD_LITTLE | FIELD_SIGNED, "four bytes, little-endian, signed"),
	PLAIN("LongField", 64, 0, "eight bytes"),
	PLAIN("XLongField", 64, FIELD_HEX, "eight bytes, in hexadecimal"),
	PLAIN("SignedLongField", 64, FIELD_SIGNED, "eight bytes, signed"),
	PLAIN("LELongField", 64, FIELD_LITTLE, "eight bytes, little-endian"),
	PLAIN("XLELongField", 64, FIELD_LITTLE | FIELD_HEX, "eight bytes, little-endian, in hexadecimal"),
	PLAIN("LESignedLongField", 64, FIELD_LITTLE | FIELD_SIGNED, "eight bytes, little-endian, signed"),
	PLAIN("LEX3BytesField", 24, FIELD_LITTLE | FIELD_HEX, "three bytes, little-endian, in hexadecimal"),
	PLAIN("SignedThreeBytesField", 24, FIELD_SIGNED, "three bytes, signed"),
	PLAIN("LESignedThreeBytesField", 24, FIELD_LITTLE | FIELD_SIGNED, "three bytes, little-endian, signed"),
	PLAIN("OIntField", 32, 0, "four bytes"),
	ENUM("ByteEnumField", 8, 0, "one byte with names"),
	ENUM("XByteEnumField", 8, FIELD_HEX, "one byte with names, else in hexadecimal"),
	ENUM("SignedByteEnumField", 8, FIELD_SIGNED, "one signed byte with names"),
	ENUM("ShortEnumField", 16, 0, "two bytes with names"),
	ENUM("XShortEnumField", 16, FIELD_HEX, "two bytes with names, else in hexadecimal"),
	ENUM("LEShortEnumField", 16, FIELD_LITTLE, "two bytes, little-endian, with names"),
	ENUM("X3BytesEnumField", 24, FIELD_HEX, "three bytes with names, else in hexadecimal"),
	ENUM("IntEnumField", 32, 0, "four bytes with names"),
	ENUM("XIntEnumField", 32, FIELD_HEX, "four bytes with names, else in hexadecimal"),
	ENUM("SignedIntEnumField", 32, FIELD_SIGNED, "four bytes, signed, with names"),
	ENUM("LEIntEnumField", 32, FIELD_LITTLE, "four bytes, little-endian, with names"),
	ENUM("XLEIntEnumField", 32, FIELD_LITTLE | FIELD_HEX, "four bytes, little-endian, with names, else in hexadecimal"),
	ENUM("LongEnumField", 64, 0, "eight bytes with names"),
	ENUM("LELongEnumField", 64, FIELD_LITTLE, "eight bytes, little-endian, with names"),
	ENUM("SignedShortEnumField", 16, FIELD_SIGNED, "two bytes, signed, with names"),
	ENUM("XLEShortEnumField", 16, FIELD_LITTLE | FIELD_HEX, "two bytes, little-endian, with names, else in hexadecimal"),
	ENUM("LESignedShortEnumField", 16, FIELD_LITTLE | FIELD_SIGNED, "two bytes, little-endian, signed, with names"),
	ENUM("LESignedIntEnumField", 32, FIELD_LITTLE | FIELD_SIGNED, "four bytes, little-endian, signed, with names"),
	ENUM("XLongEnumField", 64, FIELD_HEX, "eight bytes, with names, else in hexadecimal"),
	ENUM("SignedLongEnumField", 64, FIELD_SIGNED, "eight bytes, signed, with names"),
	ENUM("XLELongEnumField", 64, FIELD_LITTLE | FIELD_HEX, "eight bytes, little-endian, with names, else in hexadecimal"),
	ENUM("LESignedLongEnumField", 64, FIELD_LITTLE | FIELD_SIGNED, "eight bytes, little-endian, signed, with names"),
	ENUM("ThreeBytesEnumField", 24, 0, "three bytes, with names"),
	ENUM("SignedThreeBytesEnumField", 24, FIELD_SIGNED, "three bytes, signed, with names"),
	ENUM("LEThreeBytesEnumField", 24, FIELD_LITTLE, "three bytes, little-endian, with names"),
	ENUM("XLE3BytesEnumField", 24, FIELD_LITTLE | FIELD_HEX, "three bytes, little-endian, with names, else in hexadecimal"),
	ENUM("LESignedThreeBytesEnumField", 24, FIELD_LITTLE | FIELD_SIGNED, "three bytes, little-endian, signed, with names"),
	ENUM("ByteEnumKeysField", 8, 0, "one byte, whose random values are those with names"),
	ENUM("ShortEnumKeysField", 16, 0, "two bytes, whose random values are those with names"),
	ENUM("IntEnumKeysField", 32, 0, "four bytes, whose random values are those with names"),
	{ 0 },
};
