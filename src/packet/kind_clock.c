/* Times of day and dates in whole units: seconds since an epoch (1970 unless said), milliseconds since midnight, durations. */
#include "packet/kinds.h"

#include <time.h>

#include "base/mem.h"
#include "base/text.h"

struct timespec clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t;
}

void clock_date(int64_t unix_seconds, const char *format, struct buf *out)
{
	time_t seconds = (time_t)unix_seconds;
	struct tm tm;
	char text[256];
	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof text, format, &tm))
		buf_text(out, text);
	else
		buf_print(out, "%lld", (long long)unix_seconds);
}

/* ---- since midnight ---- */

static bool midnight_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	if (!is_none(v))
		return number_to_word(vm, f, v, word);
	struct timespec t = clock_now();
	*word = (uint64_t)(t.tv_sec % 86400) * 1000 + (uint64_t)t.tv_nsec / 1000000;
	return true;
}

static bool midnight_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (v.tag != TAG_INT) {
		buf_text(out, is_none(v) ? "--" : "");
		return is_none(v) || value_str_to(s->vm, v, out);
	}
	int64_t ms = v.i, seconds = ms / 1000;
	buf_print(out, "%d:%d:%d.%d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60), (int)(ms % 1000));
	return true;
}

/* MidnightTimeField(name, default): milliseconds since midnight UTC, RFC 792, page 16 */
static bool midnight_make(struct vm *vm, struct field *f, const value *a)
{
	f->computed.what = COMPUTE_TIME;
	return facts_take(vm, f, a + 2);
}

/* ---- since an epoch ---- */

/* per_second: units in a second, 1 unless said. since: the epoch, in seconds since 1970. */
struct utc_data { double per_second; int64_t since; struct str *format; };

static const struct utc_data *utc_of(const struct field *f)
{
	return f->data;
}

static bool utc_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	const struct utc_data *d = utc_of(f);
	if (!is_none(v))
		return number_to_word(vm, f, v, word);
	struct timespec t = clock_now();
	double fraction = (double)t.tv_nsec / 1e9 * d->per_second;
	*word = (uint64_t)((t.tv_sec - d->since) * (int64_t)d->per_second + (int64_t)fraction);
	if (f->bits < 64)
		*word &= (UINT64_C(1) << f->bits) - 1;
	return true;
}

static bool utc_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const struct utc_data *d = utc_of(f);
	uint64_t word = 0;
	if (is_none(v)) {
		buf_text(out, "None");
		return true;
	}
	if (!is_int(v) || (v.tag != TAG_INT && !int_to_u64(v, &word)))
		return value_str_to(s->vm, v, out);
	double units = v.tag == TAG_INT ? (double)v.i : (double)word;
	int64_t seconds = (d->per_second == 1 && v.tag == TAG_INT ? v.i : (int64_t)(units / d->per_second)) + d->since;
	clock_date(seconds, d->format->data, out);
	buf_print(out, " (%lld)", (long long)seconds);
	return true;
}

static bool take_units(struct vm *vm, const value *flags, double *out)
{
	static const double units[] = { 1e3, 1e6, 1e9 };
	*out = 1;
	for (int i = 0; i < 3; i++) {
		bool on;
		if (!value_truth(vm, flags[i], &on))
			return false;
		if (on && *out == 1)
			*out = units[i];
	}
	return true;
}

/* A time tuple of which the first six are used: year, month, day, hour, minute, second. */
static bool take_epoch(struct vm *vm, struct field *f, value given, int64_t *out)
{
	const value *items;
	size_t count;
	int64_t part[6] = { 1970, 1, 1, 0, 0, 0 };
	if (is_none(given))
		return true;
	if (!value_items(given, &items, &count) || count < 3)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: epoch is (year, month, day, hour, minute, second)", f->name->data);
	for (size_t i = 0; i < 6 && i < count; i++)
		if (!value_to_int64(vm, items[i], &part[i]))
			return false;
	struct tm tm = { .tm_year = (int)part[0] - 1900, .tm_mon = (int)part[1] - 1, .tm_mday = (int)part[2], .tm_hour = (int)part[3],
	                 .tm_min = (int)part[4], .tm_sec = (int)part[5] };
	*out = timegm(&tm);
	return true;
}

/* UTCTimeField(name, default, use_msec, use_micro, use_nano, epoch, strf, custom_scaling, fmt) */
static bool utc_make(struct vm *vm, struct field *f, const value *a)
{
	struct utc_data *d = f->data = mem_zero(sizeof *d);
	d->format = str_intern(vm, is_str(a[6]) ? as_str(a[6])->data : CLOCK_FORMAT);
	if (!take_units(vm, a + 2, &d->per_second) || !take_epoch(vm, f, a[5], &d->since) ||
	    (!is_none(a[7]) && !value_to_double(vm, a[7], &d->per_second)) || !number_take_format(vm, f, a[8]))
		return false;
	if (!(d->per_second >= 1))
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: custom_scaling is how many units a second has", f->name->data);
	f->computed.what = COMPUTE_TIME;
	return facts_take(vm, f, a + 9);
}

/* SecondsIntField(name, default, use_msec, use_micro, use_nano) */
static bool seconds_make(struct vm *vm, struct field *f, const value *a)
{
	struct utc_data *d = f->data = mem_zero(sizeof *d);
	return take_units(vm, a + 2, &d->per_second) && number_facts_take(vm, f, a + 5);
}

static bool seconds_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	double per_second = utc_of(f)->per_second;
	if (is_none(v))
		v = value_int(0);
	if (per_second != 1 && v.tag == TAG_INT)
		text_float(out, (double)v.i / per_second);
	else if (!value_str_to(s->vm, v, out))
		return false;
	buf_text(out, " sec");
	return true;
}

/* Hundredths of a second: 1.50 sec */
static bool elapsed_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (v.tag != TAG_INT)
		return value_str_to(s->vm, v, out);
	if (v.i == 0xffff)
		buf_text(out, "infinity (0xffff)");
	else
		buf_print(out, "%lld.%02d sec", (long long)(v.i / 100), (int)(v.i % 100));
	return true;
}

/* TimeSignedField(name, default): seconds since 1970 in 48 bits */
static bool signed_make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static bool signed_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (v.tag != TAG_INT)
		return value_str_to(s->vm, v, out);
	clock_date(v.i, "%a %b %d %H:%M:%S %Y", out);
	return true;
}

static void release(struct field *f)
{
	mem_free(f->data);
	f->data = NULL;
}

static const struct codec midnight_codec = {
	.of_word = number_of_word, .to_word = midnight_to_word, .accept = number_accept, .accept_word = number_accept_word,
	.show = midnight_show,
};
static const struct codec utc_codec = {
	.of_word = number_of_word, .to_word = utc_to_word, .accept = number_accept, .accept_word = number_accept_word, .show = utc_show,
	.release = release,
};
static const struct codec elapsed_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = number_accept, .accept_word = number_accept_word, .show = elapsed_show,
};
static const struct codec signed_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = number_accept, .accept_word = number_accept_word, .show = signed_show,
};
static const struct codec seconds_codec = {
	.of_word = number_of_word, .to_word = number_to_word, .accept = number_accept, .accept_word = number_accept_word, .show = seconds_show,
	.release = release,
};

#define NUMBER (FIELD_WORD | FIELD_NUMBER)

const struct field_kind kinds_clock[] = {
	{ "MidnightTimeField", "name, default" FACTS, "milliseconds since midnight, UTC", &midnight_codec, midnight_make, NUMBER, 32 },
	{ "ICMPTimeStampField", "name, default" FACTS, "milliseconds since midnight, UTC", &midnight_codec, midnight_make, NUMBER, 32 },
	{ "UTCTimeField", "name, default, use_msec=False, use_micro=False, use_nano=False, epoch=None, strf='%a, %d %b %Y %H:%M:%S %z', "
	  "custom_scaling=None, fmt='I'" FACTS, "seconds since 1970, or other units since another epoch", &utc_codec, utc_make, NUMBER, 0 },
	{ "ElapsedTimeField", "name, default" FACTS, "hundredths of a second; 0xffff: no end", &elapsed_codec, signed_make, NUMBER, 16 },
	{ "TimeSignedField", "name, default" FACTS, "seconds since 1970, 48 bits", &signed_codec, signed_make, NUMBER, 48 },
	{ "SecondsIntField", "name, default, use_msec=False, use_micro=False, use_nano=False" NUMBER_FACTS, "a duration in seconds", &seconds_codec,
	  seconds_make, NUMBER, 32 },
	{ 0 },
};
