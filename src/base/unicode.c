#include "base/unicode.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

struct row { uint32_t first, last, step; };
struct case_row { uint32_t first, last; int step; int32_t away; };
struct case_special { uint32_t from, to[3]; };

#include "base/unicode_rows.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define IN(rows, c) in_rows(rows, COUNT(rows), c)

static bool in_rows(const struct row *rows, size_t count, uint32_t c)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (rows[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	/* Rows of step 2 may lie inside one another: the next one is looked at too. */
	for (size_t i = low; i < count && i < low + 2; i++)
		if (c >= rows[i].first && c <= rows[i].last && (c - rows[i].first) % rows[i].step == 0)
			return true;
	return false;
}

bool unicode_is_alpha(uint32_t c)
{
	return c < 128 ? (c | 32) >= 'a' && (c | 32) <= 'z' : IN(alpha_rows, c);
}

int unicode_decimal(uint32_t c)
{
	if (c < 128)
		return c >= '0' && c <= '9' ? (int)(c - '0') : -1;
	for (size_t i = 0; i < COUNT(zeros) && zeros[i] <= c; i++)
		if (c - zeros[i] < 10)
			return (int)(c - zeros[i]);
	return -1;
}

bool unicode_is_decimal(uint32_t c)     { return unicode_decimal(c) >= 0; }
bool unicode_is_digit(uint32_t c)       { return unicode_is_decimal(c) || IN(digit_rows, c); }
bool unicode_is_numeric(uint32_t c)     { return unicode_is_digit(c) || IN(numeric_rows, c); }

bool unicode_is_space(uint32_t c)
{
	return c < 128 ? c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f) : IN(space_rows, c);
}

bool unicode_is_printable(uint32_t c)
{
	return c < 127 ? c >= ' ' : (c < 0xd800 || c > 0xdfff) && !IN(hidden_rows, c);
}

bool unicode_is_upper(uint32_t c)
{
	return c < 128 ? c >= 'A' && c <= 'Z' : IN(upper_rows, c);
}

bool unicode_is_lower(uint32_t c)
{
	return c < 128 ? c >= 'a' && c <= 'z' : IN(lower_rows, c);
}

bool unicode_is_title(uint32_t c)       { return IN(title_rows, c); }
bool unicode_is_cased(uint32_t c)       { return unicode_is_lower(c) || unicode_is_upper(c) || unicode_is_title(c); }
bool unicode_is_case_ignorable(uint32_t c) { return IN(ignorable_rows, c); }

bool unicode_starts_name(uint32_t c)
{
	return unicode_is_alpha(c) ? !IN(no_name_rows, c) && !IN(no_start_rows, c) : IN(name_start_rows, c);
}

bool unicode_continues_name(uint32_t c)
{
	return unicode_is_alpha(c) ? !IN(no_name_rows, c) : IN(name_rows, c);
}

bool unicode_is_line_end(uint32_t c)
{
	return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* == Case ============================================================================================================ */

static unsigned special(const struct case_special *rows, size_t count, uint32_t c, uint32_t out[3])
{
	for (size_t i = 0; i < count && rows[i].from <= c; i++) {
		if (rows[i].from == c) {
			memcpy(out, rows[i].to, sizeof rows[i].to);
			return rows[i].to[2] ? 3 : 2;
		}
	}
	return 0;
}

static unsigned mapped(const struct case_row *rows, size_t count, uint32_t c, uint32_t out[3])
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (rows[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < count && i < low + 3; i++) {
		if (c >= rows[i].first && c <= rows[i].last && (c - rows[i].first) % (uint32_t)rows[i].step == 0) {
			out[0] = c + (uint32_t)rows[i].away;
			return 1;
		}
	}
	return 0;
}

#define CASE(name, c, out) mapped_or_special(name##_rows, COUNT(name##_rows), name##_special, COUNT(name##_special), c, out)

static unsigned mapped_or_special(const struct case_row *rows, size_t count, const struct case_special *more, size_t more_count,
                                  uint32_t c, uint32_t out[3])
{
	unsigned n = mapped(rows, count, c, out);
	return n ? n : special(more, more_count, c, out);
}

/* The tables of title case and folding hold only where they differ from upper and lower case; a 0 away says: itself. */
unsigned unicode_case(enum unicode_case to, uint32_t c, uint32_t out[3])
{
	unsigned n = 0;
	out[0] = c;
	if (c < 128) {
		if ((to == UNICODE_UPPER || to == UNICODE_TITLE) ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
			out[0] = c ^ 32;
		return 1;
	}
	if (to == UNICODE_TITLE)
		n = CASE(to_title, c, out);
	if (to == UNICODE_FOLD)
		n = CASE(to_fold, c, out);
	if (!n)
		n = to == UNICODE_UPPER || to == UNICODE_TITLE ? CASE(to_upper, c, out) : CASE(to_lower, c, out);
	return n ? n : 1;
}

void unicode_to_ascii_digits(struct buf *out, const char *text, size_t len)
{
	for (size_t at = 0; at < len; ) {
		uint32_t c = utf8_next(text, len, &at);
		int digit = c < 128 ? -1 : unicode_decimal(c);
		buf_char(out, c < 128 ? (char)c : digit >= 0 ? (char)('0' + digit) : unicode_is_space(c) ? ' ' : '?');
	}
}
