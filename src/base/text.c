#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

static char quote_for(const char *text, size_t len)
{
	return memchr(text, '\'', len) && !memchr(text, '"', len) ? '"' : '\'';
}

/* The escapes that repr of a string and of bytes share; false: c needs none of them. */
static bool short_escape(struct buf *out, uint32_t c, char quote)
{
	char letter = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c == '\\' ? '\\' : c == (uint32_t)quote ? quote : 0;
	if (!letter)
		return false;
	buf_char(out, '\\');
	buf_char(out, letter);
	return true;
}

static void number_escape(struct buf *out, uint32_t c)
{
	buf_print(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
}

void text_repr(struct buf *out, const char *text, size_t len)
{
	char quote = quote_for(text, len);
	buf_reserve(out, len + 2);
	buf_char(out, quote);
	for (size_t at = 0; at < len; ) {
		size_t start = at;
		uint32_t c = utf8_next(text, len, &at);
		if (short_escape(out, c, quote))
			continue;
		if (unicode_is_printable(c))
			buf_add(out, text + start, at - start);
		else
			number_escape(out, c);
	}
	buf_char(out, quote);
}

void text_repr_bytes(struct buf *out, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;
	char quote = len ? quote_for(bytes, len) : '\'';
	buf_reserve(out, len + 3);
	buf_char(out, 'b');
	buf_char(out, quote);
	for (size_t i = 0; i < len; i++) {
		if (short_escape(out, b[i], quote))
			continue;
		if (b[i] >= 0x20 && b[i] < 0x7f)
			buf_char(out, (char)b[i]);
		else
			number_escape(out, b[i]);
	}
	buf_char(out, quote);
}

/* Direction overrides would let a packet rearrange what the terminal shows around it. */
static bool turns_direction(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Eight at a time: a byte below 0x20 borrows into its highest bit, 0x7f carries into it. */
static size_t plain_run(const char *text, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t at = 0;
	for (uint64_t word; len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, text + at, sizeof word);
		if ((word | (word + ones) | (word - 0x20 * ones)) & 0x80 * ones)
			break;
	}
	while (at < len && text[at] >= 0x20 && text[at] < 0x7f)
		at++;
	return at;
}

bool text_is_plain(const char *text, size_t len)
{
	return plain_run(text, len) == len;
}

void text_safe(struct buf *out, const char *text, size_t len)
{
	for (size_t at = 0; at < len; ) {
		size_t start = at, run = plain_run(text + at, len - at);
		if (run) {
			buf_add(out, text + at, run);
			at += run;
			continue;
		}
		uint32_t c = utf8_next(text, len, &at);
		if (at - start == 1 && c >= 0x80)
			number_escape(out, (unsigned char)text[start]);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c <= 0xdfff) || turns_direction(c))
			number_escape(out, c);
		else
			buf_add(out, text + start, at - start);
	}
}

/* == The nearest name ================================================================================================ */

enum { NEAREST_MAX = 64 };   /* longer names are not compared: nobody mistypes those by hand */

static int folded(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein (optimal string alignment): insertions, deletions, replacements, swaps of neighbours. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NEAREST_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_len; j++)
		last[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			int x = folded(a[i - 1]), y = folded(b[j - 1]);
			row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unsigned *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

const char *text_nearest(const char *name, const char *(*next)(void *state), void *state)
{
	size_t len = strlen(name);
	if (len > NEAREST_MAX)
		return NULL;
	const char *candidate, *nearest = NULL;
	unsigned limit = (unsigned)len / 3 + 1;
	while ((candidate = next(state))) {
		size_t candidate_len = strlen(candidate);
		if (candidate_len > NEAREST_MAX || !strcmp(candidate, name))
			continue;
		unsigned away = distance(name, len, candidate, candidate_len);
		if (away < limit) {
			limit = away;
			nearest = candidate;
		}
	}
	return nearest;
}

/* == Floats ========================================================================================================== */

static bool reads_back(const char *text, double number)
{
	return strtod(text, NULL) == number;
}

/* One more in the last digit of d.ddde-xx. Needed at powers of two only, where the numbers above lie twice as far apart
 * as those below, so that the decimal nearest to the number may be outside of what reads back while its neighbour is not. */
static void step_up(char *text)
{
	char *digit = strchr(text, 'e') - 1;
	while (digit > text && (*digit == '9' || *digit == '.')) {
		if (*digit == '9')
			*digit = '0';
		digit--;
	}
	++*digit;
}

/* As d.ddde[+-]xx with the fewest digits that read back. Up to 15 digits are always kept by a normal double, so that
 * trailing zeros can go; below the normal range every count has to be tried. */
static void shortest(double number, char *text, size_t size)
{
	int first = number < 2.2250738585072014e-308 ? 0 : 14;
	int exponent;
	bool power_of_two = frexp(number, &exponent) == 0.5;
	for (int digits = first; digits < 17; digits++) {
		snprintf(text, size, "%.*e", digits, number);
		if (reads_back(text, number))
			return;
		if (power_of_two) {
			step_up(text);
			if (reads_back(text, number))
				return;
		}
	}
}

static size_t strip_point_and_zeros(const char *text, char *digits)
{
	size_t count = 0;
	for (; *text && *text != 'e'; text++)
		if (*text != '.')
			digits[count++] = *text;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	return count;
}

static void with_exponent(struct buf *out, const char *digits, size_t count, int exponent)
{
	buf_char(out, digits[0]);
	if (count > 1) {
		buf_char(out, '.');
		buf_add(out, digits + 1, count - 1);
	}
	buf_print(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void positional(struct buf *out, const char *digits, size_t count, int exponent)
{
	if (exponent < 0) {
		buf_text(out, "0.");
		buf_fill(out, '0', (size_t)(-exponent - 1));
		buf_add(out, digits, count);
		return;
	}
	size_t whole = (size_t)exponent + 1;
	if (count <= whole) {
		buf_add(out, digits, count);
		buf_fill(out, '0', whole - count);
		buf_text(out, ".0");
		return;
	}
	buf_add(out, digits, whole);
	buf_char(out, '.');
	buf_add(out, digits + whole, count - whole);
}

void text_float(struct buf *out, double number)
{
	if (isnan(number)) {
		buf_text(out, "nan");
		return;
	}
	if (signbit(number))
		buf_char(out, '-');
	if (isinf(number) || number == 0) {
		buf_text(out, number == 0 ? "0.0" : "inf");
		return;
	}
	char text[40], digits[32];
	shortest(fabs(number), text, sizeof text);
	size_t count = strip_point_and_zeros(text, digits);
	int exponent = atoi(strchr(text, 'e') + 1);
	if (exponent < -4 || exponent >= 16)
		with_exponent(out, digits, count, exponent);
	else
		positional(out, digits, count, exponent);
}

size_t text_decimal(char room[static DECIMAL_ROOM], int64_t number)
{
	static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
	                            "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
	char digits[DECIMAL_ROOM], *at = digits + sizeof digits;
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	for (; left >= 100; left /= 100)
		memcpy(at -= 2, pairs + left % 100 * 2, 2);
	if (left >= 10)
		memcpy(at -= 2, pairs + left * 2, 2);
	else
		*--at = (char)('0' + left);
	if (number < 0)
		*--at = '-';
	size_t len = (size_t)(digits + sizeof digits - at);
	memcpy(room, at, len);
	return len;
}
