/* The type int: making, methods, slots. */
#include "lang/int.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/hash.h"
#include "lang/makers.h"
#include "lang/sequence.h"

/* == Making ========================================================================================================== */

value int_index(struct vm *vm, value v)
{
	if (is_int(v))
		return int_plain(vm, v);
	if (v.tag != TAG_OBJECT || is_unset(type_find(value_type(vm, v), vm->names.index_)))
		return vm_raise(vm, vm->errors.TypeError, "'%s' object cannot be interpreted as an integer", value_type_name(vm, v));
	value i = value_call_method(vm, v, vm->names.index_, 0, NULL);
	if (is_unset(i) || is_int(i))
		return i;
	vm_raise(vm, vm->errors.TypeError, "__index__ returned non-int (type %s)", value_type_name(vm, i));
	value_drop(i);
	return VALUE_UNSET;
}

static value from_method(struct vm *vm, value v, struct str *name)
{
	value made = value_call_method(vm, v, name, 0, NULL);
	if (is_unset(made) || is_int(made)) {
		value plain = is_unset(made) ? made : int_plain(vm, made);
		value_drop(made);
		return plain;
	}
	vm_raise(vm, vm->errors.TypeError, "%s returned non-int (type %s)", name->data, value_type_name(vm, made));
	value_drop(made);
	return VALUE_UNSET;
}

static value from_other(struct vm *vm, value v)
{
	struct type *type = value_type(vm, v);
	struct str *names[] = { vm->names.int_, vm->names.index_, str_intern(vm, "__trunc__") };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!is_unset(type_find(type, names[i])))
			return from_method(vm, v, names[i]);
	return vm_raise(vm, vm->errors.TypeError, "int() argument must be a string, a bytes-like object or a real number, not '%s'",
	                value_type_name(vm, v));
}

static bool is_text(value v)
{
	return is_str(v) || is_bytes(v) || is_kind(v, KIND_BYTEARRAY);
}

static value convert(struct vm *vm, value v, value base)
{
	if (!is_unset(base)) {
		int64_t b;
		if (!value_to_int64(vm, base, &b))
			return VALUE_UNSET;
		if (is_unset(v))
			return vm_raise(vm, vm->errors.TypeError, "int() missing string argument");
		if (!is_text(v))
			return vm_raise(vm, vm->errors.TypeError, "int() can't convert non-string with explicit base");
		return int_parse_value(vm, v, b < 0 || b > 36 || b == 1 ? -1 : (int)b);
	}
	if (is_unset(v))
		return value_int(0);
	if (v.tag == TAG_FLOAT)
		return int_from_double(vm, v.f);
	if (v.tag == TAG_INT || v.tag == TAG_BOOL || (v.tag == TAG_OBJECT && v.o->type == vm->types.int_))
		return int_plain(vm, v);
	return is_text(v) ? int_parse_value(vm, v, 10) : from_other(vm, v);
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[2];
	if (!call_bind(vm, vm->types.int_->signature, call, a))
		return VALUE_UNSET;
	value made = convert(vm, a[0], a[1]);
	call_unbind(vm->types.int_->signature, a);
	if (is_unset(made) || cls == vm->types.int_)
		return made;
	struct wide w;
	struct bigint *b = object_new(cls, 0);
	mpz_init_set(b->number, int_wide(made, &w));
	value_drop(made);
	return value_object(b);
}

/* == Methods ========================================================================================================= */

static value bit_length(struct vm *vm, value *a)
{
	struct wide w;
	mpz_srcptr z = int_wide(a[0], &w);
	return value_int(mpz_sgn(z) ? (int64_t)mpz_sizeinbase(z, 2) : 0);
}

static value bit_count(struct vm *vm, value *a)
{
	struct wide w;
	mpz_srcptr z = int_wide(a[0], &w);
	mpz_t positive;
	mpz_init(positive);
	mpz_abs(positive, z);
	value count = value_int((int64_t)mpz_popcount(positive));
	mpz_clear(positive);
	return count;
}

static bool byte_order(struct vm *vm, value v, bool *little)
{
	if (!is_str(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "byteorder must be str, not %s", value_type_name(vm, v));
	*little = !strcmp(as_str(v)->data, "little");
	if (!*little && strcmp(as_str(v)->data, "big"))
		return vm_raise_ok(vm, vm->errors.ValueError, "byteorder must be either 'little' or 'big'");
	return true;
}

static void turn_bytes(uint8_t *bytes, size_t len)
{
	for (size_t i = 0, j = len; i + 1 < j; ) {
		uint8_t b = bytes[i];
		bytes[i++] = bytes[--j];
		bytes[j] = b;
	}
}

static value write_bytes(struct vm *vm, mpz_srcptr z, size_t len, bool little, bool is_signed)
{
	mpz_t n;
	if (mpz_sgn(z) < 0 && !is_signed)
		return vm_raise(vm, vm->errors.OverflowError, "can't convert negative int to unsigned");
	mpz_init_set(n, z);
	if (mpz_sgn(z) < 0) {                   /* two's complement: 2^(8 len) - |z|; |z| - 1 has to leave the sign free */
		mpz_com(n, z);
	}
	size_t bits = mpz_sgn(n) ? mpz_sizeinbase(n, 2) : 0;
	struct bytes *out = NULL;
	if (bits + (is_signed && (len || bits)) > len * 8) {
		vm_raise(vm, vm->errors.OverflowError, "int too big to convert");
	} else if ((out = bytes_new(vm, NULL, len))) {
		size_t used = (bits + 7) / 8;
		memset(out->data, 0, len);
		if (used)
			mpz_export(out->data + len - used, NULL, 1, 1, 1, 0, n);
		for (size_t i = 0; mpz_sgn(z) < 0 && i < len; i++)
			out->data[i] = (uint8_t)~out->data[i];
		if (little)
			turn_bytes(out->data, len);
	}
	mpz_clear(n);
	return out ? value_object(out) : VALUE_UNSET;
}

static value to_bytes(struct vm *vm, value *a)
{
	int64_t len;
	bool little, is_signed;
	struct wide w;
	if (!value_to_int64(vm, a[1], &len) || !byte_order(vm, a[2], &little) || !value_truth(vm, a[3], &is_signed))
		return VALUE_UNSET;
	if (len < 0)
		return vm_raise(vm, vm->errors.ValueError, "length argument must be non-negative");
	if (len > INT_BITS_MOST / 8)
		return vm_raise(vm, vm->errors.MemoryError, "more than 64 MiB");
	return write_bytes(vm, int_wide(a[0], &w), (size_t)len, little, is_signed);
}

value int_from_bytes(struct vm *vm, const uint8_t *bytes, size_t len, bool little, bool is_signed)
{
	bool negative = is_signed && len && (bytes[little ? len - 1 : 0] & 0x80);
	if (len <= 8) {
		uint64_t n = negative ? UINT64_MAX : 0;
		for (size_t i = 0; i < len; i++)
			n = n << 8 | bytes[little ? len - 1 - i : i];
		return is_signed ? value_int((int64_t)n) : int_from_u64(vm, n);
	}
	if (!int_room(vm, (double)len * 8))
		return VALUE_UNSET;
	mpz_t n, power;
	mpz_inits(n, power, NULL);
	mpz_import(n, len, little ? -1 : 1, 1, 0, 0, bytes);
	if (negative) {
		mpz_setbit(power, len * 8);
		mpz_sub(n, n, power);
	}
	value made = int_from_mpz(vm, n);
	mpz_clears(n, power, NULL);
	return made;
}

static value from_bytes(struct vm *vm, value *a)
{
	bool little, is_signed;
	if (!byte_order(vm, a[2], &little) || !value_truth(vm, a[3], &is_signed))
		return VALUE_UNSET;
	if (is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "cannot convert 'str' object to bytes");
	value bytes = value_keep(a[1]);
	struct view view;
	if (!is_bytes(a[1]) && !is_kind(a[1], KIND_BYTEARRAY)) {
		value_set(&bytes, value_call_args(vm, value_object(vm->types.bytes), 1, &a[1]));
	}
	value made = VALUE_UNSET;
	if (!is_unset(bytes) && value_to_view(vm, bytes, &view))
		made = int_from_bytes(vm, view.bytes, view.len, little, is_signed);
	value_drop(bytes);
	if (is_unset(made) || !is_kind(a[0], KIND_TYPE) || (struct type *)a[0].o == vm->types.int_)
		return made;
	value instance = value_call_args(vm, a[0], 1, &made);
	value_drop(made);
	return instance;
}

/* round(n, -2): to the nearest hundred, halves to the even one. */
static value round_to(struct vm *vm, value *a)
{
	int64_t digits = 0;
	if (is_unset(a[1]) || is_none(a[1]))
		return int_plain(vm, a[0]);
	value places = int_index(vm, a[1]);
	if (is_unset(places))
		return VALUE_UNSET;
	bool small = int_small(places, &digits), negative = int_is_negative(places);
	value_drop(places);
	if (!negative)
		return int_plain(vm, a[0]);
	struct wide w;
	mpz_srcptr z = int_wide(a[0], &w);
	if (!small || (double)-digits > (double)mpz_sizeinbase(z, 2) / 3.0 + 2)
		return value_int(0);
	mpz_t unit, half, q, r;
	mpz_inits(unit, half, q, r, NULL);
	mpz_ui_pow_ui(unit, 10, (unsigned long)-digits);
	mpz_fdiv_qr(q, r, z, unit);
	mpz_mul_2exp(half, r, 1);
	int order = mpz_cmp(half, unit);
	if (order > 0 || (order == 0 && mpz_odd_p(q)))
		mpz_add_ui(q, q, 1);
	mpz_mul(q, q, unit);
	value made = int_from_mpz(vm, q);
	mpz_clears(unit, half, q, r, NULL);
	return made;
}

static value itself(struct vm *vm, value *a)
{
	return int_plain(vm, a[0]);
}

static value absolute(struct vm *vm, value *a)
{
	return int_is_negative(a[0]) ? int_negative(vm, a[0]) : int_plain(vm, a[0]);
}

static value to_float(struct vm *vm, value *a)
{
	double d;
	return int_to_double(vm, a[0], &d) ? value_float(d) : VALUE_UNSET;
}

static value as_integer_ratio(struct vm *vm, value *a)
{
	value plain = int_plain(vm, a[0]);
	value pair = tuple_of(vm, 2, (value[]){ plain, value_int(1) });
	value_drop(plain);
	return pair;
}

static value divide_modulo(struct vm *vm, value *a)
{
	return is_int(a[1]) ? int_divmod(vm, a[0], a[1]) : VALUE_UNSUPPORTED;
}

static const struct native methods[] = {
	{ "bit_length", bit_length, "", "How many bits the number needs, without sign and leading zeros." },
	{ "bit_count", bit_count, "", "How many bits of the absolute value are set." },
	{ "to_bytes", to_bytes, "length=1, byteorder='big', *, signed=False", "The number as that many bytes; OverflowError when it does not fit." },
	{ "from_bytes", from_bytes, "bytes, byteorder='big', *, signed=False", "The number that these bytes stand for.", .flags = NATIVE_CLASS },
	{ "as_integer_ratio", as_integer_ratio, "", "(the number, 1)." },
	{ "conjugate", itself, "", "The number itself." },
	{ "__abs__", absolute, "", "The number without its sign." },
	{ "__int__", itself, "", "The number itself." },
	{ "__index__", itself, "", "The number itself." },
	{ "__trunc__", itself, "", "The number itself." },
	{ "__floor__", itself, "", "The number itself." },
	{ "__ceil__", itself, "", "The number itself." },
	{ "__float__", to_float, "", "The nearest float; OverflowError when it is too large." },
	{ "__round__", round_to, "ndigits=..., /", "Rounded to a power of ten when ndigits is negative." },
	{ "__divmod__", divide_modulo, "value, /", "(self // value, self % value)." },
	{ 0 },
};

static value get_self(struct vm *vm, value self) { return int_plain(vm, self); }
static value get_zero(struct vm *vm, value self) { return value_int(0); }
static value get_one(struct vm *vm, value self)  { return value_int(1); }

static const struct getset attrs[] = {
	{ "real", get_self, NULL, "The number itself." },
	{ "imag", get_zero, NULL, "0." },
	{ "numerator", get_self, NULL, "The number itself." },
	{ "denominator", get_one, NULL, "1." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static void release(struct object *o)
{
	mpz_clear(((struct bigint *)o)->number);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	int_print(out, self);
	return true;
}

static value format(struct vm *vm, value self, value spec)
{
	return format_spec(vm, self, as_str(spec)->data, as_str(spec)->len);
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct wide w;
	*out = self.tag == TAG_INT ? hash_int64(self.i) : hash_mpz(int_wide(self, &w));
	return true;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	return is_int(b) ? value_bool(compare_answer(op, int_order(a, b))) : VALUE_UNSUPPORTED;
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = !int_is_zero(self);
	return true;
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	return is_int(a) && is_int(b) ? int_arithmetic(vm, op, a, b) : VALUE_UNSUPPORTED;
}

static value unary(struct vm *vm, enum unary op, value self)
{
	if (op == UNARY_POS)
		return int_plain(vm, self);
	if (op == UNARY_NEG)
		return int_negative(vm, self);
	int64_t i;
	if (int_small(self, &i))
		return value_int(~i);
	return int_arithmetic(vm, OP_XOR_, self, value_int(-1));
}

static const struct type_spec spec = {
	.name = "int",
	.doc = "A whole number of any size.",
	.kind = KIND_BIGINT,
	.size = sizeof(struct bigint),
	.flags = TYPE_SUBCLASSABLE,
	.signature = "x=..., /, base=...",
	.slots = {
		.make = make, .release = release, .repr = repr, .format = format, .hash = hash, .compare = compare, .truth = truth,
		.binary = binary, .unary = unary,
	},
	.methods = methods,
	.attrs = attrs,
};

/* GMP's memory comes from where all other comes. */
static void *gmp_resize(void *block, size_t old, size_t size)
{
	return mem_resize(block, size);
}

static void gmp_free(void *block, size_t size)
{
	mem_free(block);
}

void type_make_int_(struct vm *vm)
{
	mp_set_memory_functions(mem_alloc, gmp_resize, gmp_free);
	vm->types.int_ = type_new(vm, &spec, NULL);
}
