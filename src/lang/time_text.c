#include "lang/time_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "lang/types.h"

static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
};

value time_format(struct vm *vm, const char *format, const struct tm *tm)
{
	size_t room = 64 + 4 * strlen(format);
	struct buf b = {0};

	/* A length of 0 may mean that there was no room or that the text is empty: a letter in front tells them apart. */
	struct buf marked = {0};
	buf_print(&marked, "x%s", format);
	for (; room < 1 << 20; room *= 4) {
		buf_reserve(&b, room);
		size_t len = strftime(b.data, room, buf_str(&marked), tm);
		if (len) {
			value text = value_object(str_new(vm, b.data + 1, len - 1));
			buf_free(&b);
			buf_free(&marked);
			return text;
		}
	}
	buf_free(&b);
	buf_free(&marked);
	return vm_raise(vm, vm->errors.ValueError, "the formatted time is too long");
}

/* ---- parsing ------------------------------------------------------------------------------------------------------- */

struct parse {
	const char *at;             /* what is left of the text */
	struct moment *out;
	int hour12, pm;             /* %I, %p: -1 not given */
	int week, week_start;       /* %U (0, Sunday), %W (1, Monday); week -1: not given */
	bool year_day, month_day, week_day;
};

/* Reads 1 to `most` digits into *out; false unless they lie in [low, high]. */
static bool number(struct parse *p, int most, int low, int high, int *out)
{
	int n = 0, digits = 0;

	while (digits < most && isdigit((unsigned char)*p->at)) {
		int next = n * 10 + (*p->at - '0');
		if (digits && next > high)
			break;          /* "%d" of "45": 4, and the rest is the next directive's */
		n = next;
		p->at++;
		digits++;
	}
	*out = n;
	return digits && n >= low && n <= high;
}

static bool name(struct parse *p, const char *const *names, int count, size_t len, int *out)
{
	for (int i = 0; i < count; i++) {
		size_t full = len ? len : strlen(names[i]);
		if (!strncasecmp(p->at, names[i], full)) {
			p->at += full;
			*out = i;
			return true;
		}
	}
	return false;
}

static bool fraction(struct parse *p)
{
	int64_t n = 0;
	int digits = 0;

	while (digits < 6 && isdigit((unsigned char)*p->at)) {
		n = n * 10 + (*p->at++ - '0');
		digits++;
	}
	if (!digits)
		return false;
	for (; digits < 9; digits++)
		n *= 10;
	p->out->nanoseconds = n;
	return true;
}

static bool offset(struct parse *p)
{
	int hours, minutes, seconds = 0, sign = *p->at == '-' ? -1 : 1;

	p->out->zone = true;
	if (*p->at == 'Z') {
		p->at++;
		return true;
	}
	if (*p->at != '+' && *p->at != '-')
		return false;
	p->at++;
	if (!number(p, 2, 0, 99, &hours))
		return false;
	p->at += *p->at == ':';
	if (!number(p, 2, 0, 59, &minutes))
		return false;
	if (*p->at == ':' && (p->at++, !number(p, 2, 0, 59, &seconds)))
		return false;
	p->out->tm.tm_gmtoff = sign * (hours * 3600L + minutes * 60L + seconds);
	return true;
}

static bool zone_name(struct parse *p)
{
	static const char *const zones[] = { "UTC", "GMT" };
	const char *local[2] = { tzname[0], tzname[1] };
	int which;

	if (name(p, zones, 2, 0, &which)) {
		p->out->zone_name = zones[which];
		p->out->tm.tm_isdst = 0;
		return true;
	}
	if (!*local[0] || !name(p, local, 2, 0, &which))
		return false;
	p->out->tm.tm_isdst = which;
	return true;
}

static bool all_of(struct parse *p, const char *format);

static bool blanks(struct parse *p)
{
	if (!isspace((unsigned char)*p->at))
		return false;
	while (isspace((unsigned char)*p->at))
		p->at++;
	return true;
}

static bool directive(struct parse *p, char letter)
{
	struct tm *tm = &p->out->tm;
	int n;

	switch (letter) {
	case 'a': p->week_day = true; return name(p, days, 7, 3, &n) && (tm->tm_wday = (n + 1) % 7, true);
	case 'A': p->week_day = true; return name(p, days, 7, 0, &n) && (tm->tm_wday = (n + 1) % 7, true);
	case 'w': p->week_day = true; return number(p, 1, 0, 6, &tm->tm_wday);
	case 'u': p->week_day = true; return number(p, 1, 1, 7, &n) && (tm->tm_wday = n % 7, true);
	case 'b': case 'h': p->month_day = true; return name(p, months, 12, 3, &tm->tm_mon);
	case 'B': p->month_day = true; return name(p, months, 12, 0, &tm->tm_mon);
	case 'm': p->month_day = true; return number(p, 2, 1, 12, &n) && (tm->tm_mon = n - 1, true);
	case 'd': p->month_day = true; return number(p, 2, 1, 31, &tm->tm_mday);
	case 'e': p->month_day = true; blanks(p); return number(p, 2, 1, 31, &tm->tm_mday);
	case 'j': p->year_day = true; return number(p, 3, 1, 366, &n) && (tm->tm_yday = n - 1, true);
	case 'Y': return number(p, 4, 0, 9999, &n) && (tm->tm_year = n - 1900, true);
	case 'y': return number(p, 2, 0, 99, &n) && (tm->tm_year = n < 69 ? n + 100 : n, true);
	case 'H': return number(p, 2, 0, 23, &tm->tm_hour);
	case 'I': return number(p, 2, 1, 12, &p->hour12);
	case 'p': return name(p, (const char *const[]){ "AM", "PM" }, 2, 0, &p->pm);
	case 'M': return number(p, 2, 0, 59, &tm->tm_min);
	case 'S': return number(p, 2, 0, 61, &tm->tm_sec);
	case 'U': p->week_start = 0; return number(p, 2, 0, 53, &p->week);
	case 'W': p->week_start = 1; return number(p, 2, 0, 53, &p->week);
	case 'f': return fraction(p);
	case 'z': return offset(p);
	case 'Z': return zone_name(p);
	case 'c': return all_of(p, "%a %b %d %H:%M:%S %Y");
	case 'x': case 'D': return all_of(p, "%m/%d/%y");
	case 'X': case 'T': return all_of(p, "%H:%M:%S");
	case 'R': return all_of(p, "%H:%M");
	case 'F': return all_of(p, "%Y-%m-%d");
	case 'n': case 't': return blanks(p);
	case '%': return *p->at++ == '%';
	}
	return false;
}

static bool all_of(struct parse *p, const char *format)
{
	for (; *format; format++) {
		if (isspace((unsigned char)*format)) {
			if (!blanks(p))
				return false;
			while (isspace((unsigned char)format[1]))
				format++;
		} else if (*format == '%' && format[1]) {
			if (!directive(p, *++format))
				return false;
		} else if (tolower((unsigned char)*p->at++) != tolower((unsigned char)*format))
			return false;
	}
	return true;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return lengths[month] + (month == 1 && leap(year));
}

static int year_day(int year, int month, int day)
{
	int n = day - 1;

	for (int m = 0; m < month; m++)
		n += days_in(year, m);
	return n;
}

/* 0 is Sunday. */
static int week_day(int year, int yday)
{
	int y = year - 1;
	return (int)(((long)y * 365 + y / 4 - y / 100 + y / 400 + yday + 1) % 7);
}

static void month_from_year_day(struct tm *tm, int year)
{
	int left = tm->tm_yday;

	for (tm->tm_mon = 0; tm->tm_mon < 11 && left >= days_in(year, tm->tm_mon); tm->tm_mon++)
		left -= days_in(year, tm->tm_mon);
	tm->tm_mday = left + 1;
}

/* The year and week, as %U or %W count them, and the day of the week give the day. */
static void day_from_week(struct parse *p, int year)
{
	struct tm *tm = &p->out->tm;
	int first = (week_day(year, 0) - p->week_start + 7) % 7;        /* of January 1st, in this week's counting */
	int day = (tm->tm_wday - p->week_start + 7) % 7;
	int into = (7 - first) % 7;                                      /* days before week 1 */

	tm->tm_yday = p->week == 0 ? day - first : into + 7 * (p->week - 1) + day;
}

/* Fills in the day of the week and of the year; false: there is no such day. */
static bool settle(struct parse *p)
{
	struct tm *tm = &p->out->tm;
	int year = tm->tm_year + 1900;

	if (p->hour12 >= 0)
		tm->tm_hour = p->hour12 % 12 + (p->pm == 1 ? 12 : 0);
	if (p->week >= 0 && p->week_day && !p->month_day && !p->year_day) {
		day_from_week(p, year);
		p->year_day = true;
	}
	if (p->year_day && !p->month_day)
		month_from_year_day(tm, year);
	if (tm->tm_mday > days_in(year, tm->tm_mon) && !(tm->tm_mon == 1 && tm->tm_mday == 29 && year == 1900))
		return false;
	tm->tm_yday = year_day(year, tm->tm_mon, tm->tm_mday);
	if (!p->week_day || p->month_day)
		tm->tm_wday = week_day(year, tm->tm_yday);
	return true;
}

bool time_parse(struct vm *vm, const char *text, const char *format, struct moment *out)
{
	struct parse p = { .at = text, .out = out, .hour12 = -1, .pm = -1, .week = -1 };

	*out = (struct moment){ .tm = { .tm_mday = 1, .tm_isdst = -1, .tm_wday = 1 } };
	if (!all_of(&p, format)) {
		struct buf b = {0};
		buf_text(&b, "time data ");
		value t = str_value(vm, text), f = str_value(vm, format);
		value_repr_to(vm, t, &b);
		buf_text(&b, " does not match format ");
		value_repr_to(vm, f, &b);
		value_drop(t);
		value_drop(f);
		vm_raise(vm, vm->errors.ValueError, "%s", buf_str(&b));
		buf_free(&b);
		return false;
	}
	if (*p.at)
		return vm_raise_ok(vm, vm->errors.ValueError, "unconverted data remains: %s", p.at);
	return settle(&p) || vm_raise_ok(vm, vm->errors.ValueError, "day is out of range for month");
}
