/* Fixed-point numbers and times. Their value is an exact Decimal: of a fraction of n bits as many decimal digits are kept as tell
 * its neighbours apart, so that what was read is written again to the last bit. */
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "packet/kinds.h"

#define NTP_EPOCH INT64_C(2208988800)           /* 1 January 1970 in seconds since 1900, RFC 5905, figure 4 */

struct fixed_data { unsigned fraction, digits; int64_t scale; };   /* bits behind the point; decimal digits; 10^digits */

static const struct fixed_data *data_of(const struct field *f)
{
	return f->data;
}

/* n bits need ceil(n log10 2) digits: 10 for 32, 5 for 16. */
static struct fixed_data *fixed_new(unsigned fraction)
{
	struct fixed_data *d = mem_zero(sizeof *d);
	d->fraction = fraction;
	d->scale = 1;
	for (; d->digits < fraction * 30103 / 100000 + (fraction > 0); d->digits++)
		d->scale *= 10;
	return d;
}

/* ---- Decimal to word and back ---- */

static value of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	const struct fixed_data *d = data_of(f);
	unsigned __int128 scaled = (unsigned __int128)word * (uint64_t)d->scale;
	if (d->fraction)
		scaled = (scaled + ((unsigned __int128)1 << (d->fraction - 1))) >> d->fraction;
	int64_t exponent = -(int64_t)d->digits;
	while (exponent < 0 && scaled % 10 == 0) {
		scaled /= 10;
		exponent++;
	}
	mpz_t digits;
	uint64_t halves[2] = { (uint64_t)scaled, (uint64_t)(scaled >> 64) };
	mpz_init(digits);
	mpz_import(digits, 2, -1, sizeof halves[0], 0, 0, halves);
	value v = decimal_from_parts(vm, digits, exponent);
	mpz_clear(digits);
	return v;
}

/* The same for what 128 bits hold on the way, which is nearly everything. */
static bool scale_small(const struct decimal *n, unsigned fraction, unsigned bits, uint64_t *word)
{
	unsigned __int128 number = (unsigned __int128)mpz_getlimbn(n->digits, 0) << fraction;
	uint64_t ten = 1;
	for (int64_t i = n->exponent; i < 0; i++)
		ten *= 10;
	if (ten > 1)
		number = (number + ten / 2) / ten;
	*word = (uint64_t)number;
	return bits < 64 ? number >> bits == 0 : number >> 64 == 0;
}

/* number * 2^fraction, rounded to the nearest; false: it is out of range. */
static bool scale_decimal(const struct decimal *n, unsigned fraction, unsigned bits, uint64_t *word)
{
	if (n->special || mpz_sgn(n->digits) < 0 || n->exponent > 20 || n->exponent < -400)
		return false;
	if (mpz_size(n->digits) <= 1 && n->exponent <= 0 && n->exponent >= -19)
		return scale_small(n, fraction, bits, word);
	mpz_t number, ten, rest;
	mpz_inits(number, ten, rest, NULL);
	mpz_ui_pow_ui(ten, 10, (unsigned long)(n->exponent < 0 ? -n->exponent : n->exponent));
	mpz_mul_2exp(number, n->digits, fraction);
	if (n->exponent >= 0) {
		mpz_mul(number, number, ten);
	} else {
		mpz_fdiv_q_2exp(rest, ten, 1);
		mpz_add(number, number, rest);
		mpz_fdiv_q(number, number, ten);
	}
	bool fits = mpz_sizeinbase(number, 2) <= bits;
	if (fits) {
		*word = 0;
		mpz_export(word, NULL, -1, sizeof *word, 0, 0, number);
	}
	mpz_clears(number, ten, rest, NULL);
	return fits;
}

static value refuse(struct vm *vm, const struct field *f, value given)
{
	unsigned whole = f->bits - data_of(f)->fraction;
	return field_refuse(vm, f, given, "a number from 0 to less than 2**%u", whole);
}

static value to_decimal(struct vm *vm, value given)
{
	return given.tag == TAG_INT ? decimal_from_int(vm, given.i, 0) : value_call_args(vm, value_object(vm->types.decimal), 1, &given);
}

static bool accept_word(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word)
{
	if (given.tag == TAG_INT) {
		unsigned whole = f->bits - data_of(f)->fraction;
		if (given.i < 0 || (whole < 63 && given.i >> whole))
			return false;
		*accepted = decimal_from_int(vm, given.i, 0);
		*word = (uint64_t)given.i << data_of(f)->fraction;
		return true;
	}
	if (!is_kind(given, KIND_DECIMAL) || !scale_decimal((struct decimal *)given.o, data_of(f)->fraction, f->bits, word))
		return false;
	*accepted = value_keep(given);
	return true;
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t word;
	if (!is_int(given) && given.tag != TAG_FLOAT && !is_kind(given, KIND_DECIMAL))
		return field_refuse(vm, f, given, "a number");
	value v = is_kind(given, KIND_DECIMAL) ? value_keep(given) : to_decimal(vm, given);
	if (is_unset(v))
		return v;
	if (!scale_decimal((struct decimal *)v.o, data_of(f)->fraction, f->bits, &word)) {
		value_drop(v);
		return refuse(vm, f, given);
	}
	return v;
}

static bool to_word(struct vm *vm, const struct field *f, value given, uint64_t *word)
{
	value v = accept(vm, f, given);
	bool ok = !is_unset(v) && scale_decimal((struct decimal *)v.o, data_of(f)->fraction, f->bits, word);
	value_drop(v);
	return ok;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_str_to(s->vm, v, out);
}

static void release(struct field *f)
{
	mem_free(f->data);
	f->data = NULL;
}

static bool take_widths(struct vm *vm, struct field *f, value size, value fraction)
{
	int64_t bits, part;
	if (!value_to_int64(vm, size, &bits) || !value_to_int64(vm, fraction, &part))
		return false;
	if (bits < 8 || bits > 64 || bits % 8 || part < 0 || part > bits || part > 56)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: %lld bits with %lld behind the point", f->name->data, (long long)bits, (long long)part);
	f->bits = (uint32_t)bits;
	f->data = fixed_new((unsigned)part);
	return true;
}

/* FixedPointField(name, default, size, frac_bits) */
static bool fixed_make(struct vm *vm, struct field *f, const value *a)
{
	return take_widths(vm, f, a[2], a[3]) && facts_take(vm, f, a + 4);
}

/* ---- times ---- */

/* None is the time of sending. */
static bool ntp_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	if (!is_none(v))
		return to_word(vm, f, v, word);
	struct timespec t = clock_now();
	uint64_t fraction = ((uint64_t)t.tv_nsec << 32) / 1000000000;
	*word = (uint64_t)(t.tv_sec + NTP_EPOCH) << 32 | fraction;
	return true;
}

/* A date from 1970 on; the bare number before. */
static bool ntp_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint64_t word;
	if (is_none(v)) {
		buf_text(out, "--");
		return true;
	}
	if (!to_word(s->vm, f, v, &word))
		return false;
	int64_t seconds = (int64_t)(word >> 32);
	if (seconds < NTP_EPOCH)
		return value_str_to(s->vm, v, out);
	clock_date(seconds - NTP_EPOCH, CLOCK_FORMAT, out);
	return true;
}

/* TimeStampField(name, default): seconds since 1900 in 32.32 bits, RFC 5905, section 6 */
static bool ntp_make(struct vm *vm, struct field *f, const value *a)
{
	f->data = fixed_new(32);
	f->computed.what = COMPUTE_TIME;
	return facts_take(vm, f, a + 2);
}

static const struct codec fixed_codec = {
	.of_word = of_word, .to_word = to_word, .accept = accept, .accept_word = accept_word, .show = show, .release = release,
};
static const struct codec ntp_codec = {
	.of_word = of_word, .to_word = ntp_to_word, .accept = accept, .accept_word = accept_word, .show = ntp_show, .release = release,
};

const struct field_kind kinds_time[] = {
	{ "FixedPointField", "name, default, size, frac_bits=16" FACTS, "a fixed-point number", &fixed_codec, fixed_make, FIELD_WORD, 0 },
	{ "TimeStampField", "name, default" FACTS, "NTP's time: seconds since 1900, 32.32 bits", &ntp_codec, ntp_make, FIELD_WORD, 64 },
	{ 0 },
};
