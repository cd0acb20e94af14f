/* UTF-8, the part of text.h that is about code points. Strings of the language may hold surrogates ("\ud800", and bytes
 * that came through surrogateescape): these are three bytes each and count as one code point here; utf8_valid alone
 * refuses them. */
#include <string.h>

#include "base/text.h"

static bool follows(const char *text, size_t len, size_t at, unsigned count)
{
	if (len - at <= count)
		return false;
	for (unsigned i = 1; i <= count; i++)
		if (((unsigned char)text[at + i] & 0xc0) != 0x80)
			return false;
	return true;
}

static uint32_t joined(const char *text, size_t at, uint32_t lead, unsigned count)
{
	for (unsigned i = 1; i <= count; i++)
		lead = lead << 6 | ((unsigned char)text[at + i] & 0x3f);
	return lead;
}

uint32_t utf8_next(const char *text, size_t len, size_t *at)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	size_t here = *at;
	unsigned char c = (unsigned char)text[here];
	unsigned more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 4;
	*at = here + 1;
	if (more == 0)
		return c;
	if (more == 4 || !follows(text, len, here, more))
		return 0xdc00 + c;
	uint32_t point = joined(text, here, c & (0x3fu >> more), more);
	if (point < least[more] || point > 0x10ffff)
		return 0xdc00 + c;
	*at = here + 1 + more;
	return point;
}

/* How many bytes from `at` on are ASCII, in whole words of eight. */
static size_t ascii_run(const char *text, size_t len, size_t at)
{
	size_t start = at;
	uint64_t word;
	for (; len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, text + at, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	return at - start;
}

size_t utf8_count(const char *text, size_t len)
{
	size_t at = 0, count = 0;
	while (at < len) {
		size_t run = ascii_run(text, len, at);
		at += run;
		count += run;
		if (at < len) {
			utf8_next(text, len, &at);
			count++;
		}
	}
	return count;
}

size_t utf8_offset(const char *text, size_t len, size_t n)
{
	size_t at = 0;
	while (n && at < len) {
		if (n >= 8 && ascii_run(text, at + 8 <= len ? at + 8 : len, at) == 8) {
			at += 8;
			n -= 8;
		} else {
			utf8_next(text, len, &at);
			n--;
		}
	}
	return at;
}

bool utf8_valid(const char *text, size_t len)
{
	size_t at = 0;
	while (at < len) {
		at += ascii_run(text, len, at);
		if (at >= len)
			break;
		uint32_t c = utf8_next(text, len, &at);
		if (c >= 0xd800 && c <= 0xdfff)
			return false;
	}
	return true;
}

struct range { uint32_t first, last; };

static bool in_ranges(uint32_t c, const struct range *r, size_t count)
{
	for (size_t i = 0; i < count && r[i].first <= c; i++)
		if (c <= r[i].last)
			return true;
	return false;
}

#define IN(c, table) in_ranges(c, table, sizeof table / sizeof *(table))

/* Marks that sit on the character before them, and characters that are not drawn. */
static const struct range zero_wide[] = {
	{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f}, {0x6d6, 0x6dc}, {0x6df, 0x6e4},
	{0x93c, 0x93c}, {0x941, 0x948}, {0x94d, 0x94d}, {0xe31, 0xe31}, {0xe34, 0xe3a}, {0xe47, 0xe4e}, {0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0x302a, 0x302d},
	{0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};
/* East Asian wide and full-width blocks, and emoji. */
static const struct range two_wide[] = {
	{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec}, {0x2705, 0x2705}, {0x274c, 0x274c},
	{0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xa960, 0xa97c},
	{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
	{0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

int utf8_width(uint32_t c)
{
	if (c < 0x300)
		return c >= 0x20 && (c < 0x7f || c >= 0xa0);
	return IN(c, zero_wide) ? 0 : IN(c, two_wide) ? 2 : 1;
}
