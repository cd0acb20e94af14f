#include "base/text.h"
#include "packet/printing.h"

enum { PER_LINE = 16 };

static void hexdump_text(const uint8_t *bytes, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_char(out, bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.');
}

static void add_hex(struct buf *out, uint8_t byte)
{
	static const char digits[] = "0123456789ABCDEF";
	char *two = buf_grow(out, 2);
	two[0] = digits[byte >> 4];
	two[1] = digits[byte & 15];
}

static void hexdump_line(size_t at, const uint8_t *bytes, size_t len, struct buf *out)
{
	buf_print(out, "%04zx  ", at);
	for (size_t i = 0; i < PER_LINE; i++) {
		if (i < len)
			add_hex(out, bytes[i]);
		else
			buf_text(out, "  ");
		buf_char(out, ' ');
	}
	buf_char(out, ' ');
	hexdump_text(bytes, len, out);
}

/* Lines are separated, not ended, by newlines. */
void hexdump(const void *bytes, size_t len, struct buf *out)
{
	for (size_t at = 0; at < len; at += PER_LINE) {
		if (at)
			buf_char(out, '\n');
		hexdump_line(at, (const uint8_t *)bytes + at, len - at < PER_LINE ? len - at : PER_LINE, out);
	}
}

void hexdump_one_line(const void *bytes, size_t len, bool hex, bool text, struct buf *out)
{
	for (size_t i = 0; hex && i < len; i++) {
		buf_text(out, i ? " " : "");
		add_hex(out, ((const uint8_t *)bytes)[i]);
	}
	if (hex && text)
		buf_text(out, "  ");
	if (text)
		hexdump_text(bytes, len, out);
}
