/* time: the clocks, sleeping, and times as tuples and text. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "lang/modules.h"
#include "lang/record.h"
#include "lang/time_text.h"

#define SECOND 1000000000LL

/* ---- clocks ---------------------------------------------------------------------------------------------------------- */

static value clock_seconds(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return value_float((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
}

static value clock_nanoseconds(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return value_int(t.tv_sec * SECOND + t.tv_nsec);
}

static value time_time(struct vm *vm, value *a) { return clock_seconds(CLOCK_REALTIME); }
static value time_time_ns(struct vm *vm, value *a) { return clock_nanoseconds(CLOCK_REALTIME); }
static value time_monotonic(struct vm *vm, value *a) { return clock_seconds(CLOCK_MONOTONIC); }
static value time_monotonic_ns(struct vm *vm, value *a) { return clock_nanoseconds(CLOCK_MONOTONIC); }
static value time_process(struct vm *vm, value *a) { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }
static value time_process_ns(struct vm *vm, value *a) { return clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }
static value time_thread(struct vm *vm, value *a) { return clock_seconds(CLOCK_THREAD_CPUTIME_ID); }

static value time_clock_gettime(struct vm *vm, value *a)
{
	struct timespec t;
	int64_t which;

	if (!value_to_int64(vm, a[0], &which))
		return VALUE_UNSET;
	if (clock_gettime((clockid_t)which, &t) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return value_float((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
}

/* ---- sleeping -------------------------------------------------------------------------------------------------------- */

/* Until a moment of the steady clock, so that being woken for a signal does not lengthen it. */
static value sleep_until(struct vm *vm, const struct timespec *end)
{
	for (;;) {
		int code = VM_WAIT(vm, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, end, NULL));
		if (!vm_poll(vm))
			return VALUE_UNSET;
		if (code == 0)
			return VALUE_NONE;
		if (code != EINTR)
			return vm_raise_os(vm, code, VALUE_NONE);
	}
}

static value time_sleep(struct vm *vm, value *a)
{
	struct timespec end;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!value_to_double(vm, a[0], &seconds))
		return VALUE_UNSET;
	if (isnan(seconds))
		return vm_raise(vm, vm->errors.ValueError, "Invalid value NaN (not a number)");
	if (seconds < 0)
		return vm_raise(vm, vm->errors.ValueError, "sleep length must be non-negative");
	if (seconds > 9e9)
		return vm_raise(vm, vm->errors.OverflowError, "timestamp too large to convert to C _PyTime_t");
	int64_t ns = (int64_t)ceil((seconds - floor(seconds)) * 1e9) + end.tv_nsec;
	end.tv_sec += (time_t)floor(seconds) + ns / SECOND;
	end.tv_nsec = ns % SECOND;
	return sleep_until(vm, &end);
}

/* ---- tuples -------------------------------------------------------------------------------------------------------- */

static const struct getset struct_time_fields[] = {
	{ "tm_year", record_get_0 }, { "tm_mon", record_get_1 }, { "tm_mday", record_get_2 }, { "tm_hour", record_get_3 },
	{ "tm_min", record_get_4 }, { "tm_sec", record_get_5 }, { "tm_wday", record_get_6 }, { "tm_yday", record_get_7 },
	{ "tm_isdst", record_get_8 }, {0}
};
static const struct type_spec struct_time_spec = {
	.name = "struct_time", .doc = "A time as gmtime() and localtime() give it.", .attrs = struct_time_fields, RECORD_SPEC
};

static value time_tuple(struct vm *vm, const struct tm *tm, bool zone)
{
	value items[] = {
		value_int(tm->tm_year + 1900L), value_int(tm->tm_mon + 1), value_int(tm->tm_mday), value_int(tm->tm_hour),
		value_int(tm->tm_min), value_int(tm->tm_sec), value_int((tm->tm_wday + 6) % 7), value_int(tm->tm_yday + 1),
		value_int(tm->tm_isdst),
	};
	value t = record_new(vm, vm->own->struct_time, 9, items);
	struct dict *d = instance_dict(t.o, true);

	dict_set_text(vm, d, "tm_gmtoff", zone ? value_int(tm->tm_gmtoff) : VALUE_NONE);
	dict_set_text(vm, d, "tm_zone", zone && tm->tm_zone ? str_value(vm, tm->tm_zone) : VALUE_NONE);
	return t;
}

/* Seconds since 1970 of an argument, now for None. */
static bool seconds_arg(struct vm *vm, value v, time_t *out)
{
	double seconds;

	*out = time(NULL);
	if (is_none(v))
		return true;
	if (v.tag == TAG_INT) {
		*out = v.i;
		return true;
	}
	if (!value_to_double(vm, v, &seconds))
		return false;
	if (isnan(seconds))
		return vm_raise_ok(vm, vm->errors.ValueError, "Invalid value NaN (not a number)");
	if (fabs(seconds) > 9e18)
		return vm_raise_ok(vm, vm->errors.OverflowError, "timestamp out of range for platform time_t");
	*out = (time_t)floor(seconds);
	return true;
}

static bool broken_down(struct vm *vm, value v, bool local, struct tm *tm)
{
	time_t t;

	if (!seconds_arg(vm, v, &t))
		return false;
	if (local ? localtime_r(&t, tm) : gmtime_r(&t, tm))
		return true;
	return vm_raise_ok(vm, vm->errors.OverflowError, "timestamp out of range for platform time_t");
}

static value time_gmtime(struct vm *vm, value *a)
{
	struct tm tm;
	return broken_down(vm, a[0], false, &tm) ? time_tuple(vm, &tm, true) : VALUE_UNSET;
}

static value time_localtime(struct vm *vm, value *a)
{
	struct tm tm;
	return broken_down(vm, a[0], true, &tm) ? time_tuple(vm, &tm, true) : VALUE_UNSET;
}

static bool in_range(struct vm *vm, int64_t number, int64_t low, int64_t high, const char *what)
{
	return (number >= low && number <= high) || vm_raise_ok(vm, vm->errors.ValueError, "%s out of range", what);
}

static bool nine_numbers(struct vm *vm, value v, int64_t n[9])
{
	const value *items;
	size_t count;

	if (!is_kind(v, KIND_TUPLE) || !value_items(v, &items, &count))
		return vm_raise_ok(vm, vm->errors.TypeError, "Tuple or struct_time argument required");
	if (count != 9)
		return vm_raise_ok(vm, vm->errors.TypeError, "illegal time tuple argument: 9 items are needed, not %zu", count);
	for (size_t i = 0; i < 9; i++)
		if (!value_to_int64(vm, items[i], &n[i]) || !in_range(vm, n[i], INT32_MIN + 1900LL, INT32_MAX - 1LL, "number"))
			return false;
	return true;
}

static bool tm_of(struct vm *vm, value v, struct tm *tm)
{
	int64_t n[9];

	if (!nine_numbers(vm, v, n))
		return false;
	*tm = (struct tm){
		.tm_year = (int)(n[0] - 1900), .tm_mon = (int)n[1] - 1, .tm_mday = (int)n[2], .tm_hour = (int)n[3], .tm_min = (int)n[4],
		.tm_sec = (int)n[5], .tm_wday = (int)((n[6] + 1) % 7), .tm_yday = (int)n[7] - 1, .tm_isdst = (int)n[8],
	};
	struct dict *d = instance_dict(v.o, false);
	value offset = d ? dict_get_text(vm, d, "tm_gmtoff") : VALUE_NONE, zone = d ? dict_get_text(vm, d, "tm_zone") : VALUE_NONE;
	if (offset.tag == TAG_INT)
		tm->tm_gmtoff = offset.i;
	tm->tm_zone = is_str(zone) ? as_str(zone)->data : tm->tm_isdst >= 0 ? tzname[tm->tm_isdst > 0] : "";
	return true;
}

/* What is to become text: a 0 for month, day and day of the year counts as 1. */
static bool tm_for_text(struct vm *vm, value v, struct tm *tm)
{
	if (is_none(v))
		return broken_down(vm, v, true, tm);
	if (!tm_of(vm, v, tm))
		return false;
	tm->tm_mon += tm->tm_mon == -1;
	tm->tm_mday += tm->tm_mday == 0;
	tm->tm_yday += tm->tm_yday == -1;
	return in_range(vm, tm->tm_mon, 0, 11, "month") && in_range(vm, tm->tm_mday, 1, 31, "day of month")
		&& in_range(vm, tm->tm_hour, 0, 23, "hour") && in_range(vm, tm->tm_min, 0, 59, "minute")
		&& in_range(vm, tm->tm_sec, 0, 61, "seconds") && in_range(vm, tm->tm_wday, 0, 6, "day of week")
		&& in_range(vm, tm->tm_yday, 0, 365, "day of year");
}

static value time_mktime(struct vm *vm, value *a)
{
	struct tm tm;

	if (!tm_of(vm, a[0], &tm))
		return VALUE_UNSET;
	tm.tm_wday = -1;        /* stays so when mktime fails: -1 itself is also the last second of 1969 */
	time_t t = mktime(&tm);
	if (t == -1 && tm.tm_wday == -1)
		return vm_raise(vm, vm->errors.OverflowError, "mktime argument out of range");
	return value_float((double)t);
}

static value time_timegm(struct vm *vm, value *a)
{
	const value *items;
	size_t count;
	int64_t n[6];

	if (!value_items(a[0], &items, &count) || count < 6)
		return vm_raise(vm, vm->errors.TypeError, "Tuple or struct_time argument required");
	for (size_t i = 0; i < 6; i++)
		if (!value_to_int64(vm, items[i], &n[i]) || !in_range(vm, n[i], INT32_MIN + 1900LL, INT32_MAX - 1LL, "number"))
			return VALUE_UNSET;
	struct tm tm = { .tm_year = (int)(n[0] - 1900), .tm_mon = (int)n[1] - 1, .tm_mday = (int)n[2], .tm_hour = (int)n[3],
		.tm_min = (int)n[4], .tm_sec = (int)n[5] };
	return value_int(timegm(&tm));
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static value as_ctime(struct vm *vm, const struct tm *tm)
{
	char text[64];

	strftime(text, sizeof text, "%a %b %e %H:%M:%S", tm);
	return value_object(str_printf(vm, "%s %ld", text, tm->tm_year + 1900L));
}

static value time_ctime(struct vm *vm, value *a)
{
	struct tm tm;
	return broken_down(vm, a[0], true, &tm) ? as_ctime(vm, &tm) : VALUE_UNSET;
}

static value time_asctime(struct vm *vm, value *a)
{
	struct tm tm;
	return tm_for_text(vm, a[0], &tm) ? as_ctime(vm, &tm) : VALUE_UNSET;
}

static value time_strftime(struct vm *vm, value *a)
{
	struct tm tm;

	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "strftime() argument 1 must be str, not %s", value_type_name(vm, a[0]));
	return tm_for_text(vm, a[1], &tm) ? time_format(vm, as_str(a[0])->data, &tm) : VALUE_UNSET;
}

static bool parse_arguments(struct vm *vm, value *a, struct moment *m)
{
	for (int i = 0; i < 2; i++)
		if (!is_str(a[i]))
			return vm_raise_ok(vm, vm->errors.TypeError, "strptime() argument %d must be str, not %s", i, value_type_name(vm, a[i]));
	return time_parse(vm, as_str(a[0])->data, as_str(a[1])->data, m);
}

static value time_strptime(struct vm *vm, value *a)
{
	struct moment m;

	if (!parse_arguments(vm, a, &m))
		return VALUE_UNSET;
	m.tm.tm_zone = m.zone_name;
	return time_tuple(vm, &m.tm, m.zone || m.zone_name);
}

/* For datetime: (struct_time, microseconds, offset in seconds or None). */
static value time_parse_exactly(struct vm *vm, value *a)
{
	struct moment m;

	if (!parse_arguments(vm, a, &m))
		return VALUE_UNSET;
	bool zone = m.zone || m.zone_name;
	value items[] = { time_tuple(vm, &m.tm, zone), value_int(m.nanoseconds / 1000), m.zone ? value_int(m.tm.tm_gmtoff) : VALUE_NONE };
	value all = tuple_of(vm, 3, items);
	value_drop(items[0]);
	return all;
}

static void add_zone(struct vm *vm, struct dict *g)
{
	tzset();
	value names[] = { str_value(vm, tzname[0]), str_value(vm, tzname[1]) };
	dict_set_text(vm, g, "timezone", value_int(timezone));
	dict_set_text(vm, g, "altzone", value_int(daylight ? timezone - 3600 : timezone));
	dict_set_text(vm, g, "daylight", value_int(daylight));
	dict_set_text(vm, g, "tzname", tuple_of(vm, 2, names));
	value_drop(names[0]);
	value_drop(names[1]);
}

static value time_tzset(struct vm *vm, value *a)
{
	value module = vm_import(vm, "time");

	if (is_unset(module))
		return module;
	add_zone(vm, ((struct module *)module.o)->globals);
	value_drop(module);
	return VALUE_NONE;
}

static const struct native functions[] = {
	{ "time", time_time, "", "Seconds since 1970 as a float." },
	{ "time_ns", time_time_ns, "", "Nanoseconds since 1970 as an int." },
	{ "monotonic", time_monotonic, "", "Seconds of a clock that never goes back." },
	{ "monotonic_ns", time_monotonic_ns, "", "Nanoseconds of a clock that never goes back." },
	{ "perf_counter", time_monotonic, "", "Seconds of the finest clock." },
	{ "perf_counter_ns", time_monotonic_ns, "", "Nanoseconds of the finest clock." },
	{ "process_time", time_process, "", "Seconds of processor time that this process used." },
	{ "process_time_ns", time_process_ns, "", "Nanoseconds of processor time that this process used." },
	{ "thread_time", time_thread, "", "Seconds of processor time that this thread used." },
	{ "clock_gettime", time_clock_gettime, "clk_id, /", "Seconds of the clock with that number." },
	{ "sleep", time_sleep, "seconds, /", "Waits; Ctrl-C ends it." },
	{ "gmtime", time_gmtime, "seconds=None, /", "A time (now) as UTC, broken down." },
	{ "localtime", time_localtime, "seconds=None, /", "A time (now) as local time, broken down." },
	{ "mktime", time_mktime, "t, /", "Seconds since 1970 of a local time." },
	{ "_timegm", time_timegm, "t, /", "Seconds since 1970 of a UTC time." },
	{ "ctime", time_ctime, "seconds=None, /", "A time (now) as local text, such as 'Sun Jun 20 23:21:05 1993'." },
	{ "asctime", time_asctime, "t=None, /", "A broken-down time as such a text." },
	{ "strftime", time_strftime, "format, t=None, /", "A broken-down time (now) as text, as format says." },
	{ "strptime", time_strptime, "string, format='%a %b %d %H:%M:%S %Y', /", "The broken-down time that a text says." },
	{ "_strptime", time_parse_exactly, "string, format, /", "The same with microseconds and offset." },
	{ "tzset", time_tzset, "", "Looks at the environment's TZ again." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->struct_time = module_new_type(vm, g, &struct_time_spec, "time");
	add_zone(vm, g);
	dict_set_text(vm, g, "CLOCK_REALTIME", value_int(CLOCK_REALTIME));
	dict_set_text(vm, g, "CLOCK_MONOTONIC", value_int(CLOCK_MONOTONIC));
	dict_set_text(vm, g, "CLOCK_MONOTONIC_RAW", value_int(CLOCK_MONOTONIC_RAW));
	dict_set_text(vm, g, "CLOCK_PROCESS_CPUTIME_ID", value_int(CLOCK_PROCESS_CPUTIME_ID));
	return true;
}

const struct module_spec module_time = { "time", "Clocks, sleeping, times as tuples and as text.", functions, fill, true };
