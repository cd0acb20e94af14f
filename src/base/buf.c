#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void buf_free(struct buf *b)
{
	mem_free(b->data);
	*b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = 0;
}

void buf_enlarge(struct buf *b, size_t need)
{
	size_t room = b->room ? b->room : 64;
	while (room < need)
		room *= 2;
	b->data = mem_resize(b->data, room);
	b->room = room;
}

void buf_fill(struct buf *b, char c, size_t count)
{
	if (count)
		memset(buf_grow(b, count), c, count);
}

void buf_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(b, (char)(0xe0 | c >> 12));
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(b, (char)(0xf0 | c >> 18));
		buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

void buf_vprint(struct buf *b, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	buf_reserve(b, 32);
	size_t room = b->room - b->len;
	int len = vsnprintf(b->data + b->len, room, format, args);
	if (len > 0 && (size_t)len < room)
		b->len += (size_t)len;
	else if (len > 0)
		vsnprintf(buf_grow(b, (size_t)len), (size_t)len + 1, format, again);
	va_end(again);
}

void buf_number(struct buf *b, int64_t number)
{
	char digits[DECIMAL_ROOM];
	buf_add(b, digits, text_decimal(digits, number));
}

void buf_print(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprint(b, format, args);
	va_end(args);
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}
