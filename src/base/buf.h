/* A growable run of bytes: text being formatted, a packet being encoded. `data` always has a NUL behind `len`, so that
 * what is text can be read as a C string. Zero-initialise ({0}) to start, buf_free to end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len, room;
};

void  buf_free(struct buf *b);
void  buf_clear(struct buf *b);                                 /* length 0, memory kept */
void  buf_enlarge(struct buf *b, size_t need);
void  buf_fill(struct buf *b, char c, size_t count);
void  buf_utf8(struct buf *b, uint32_t code_point);
void  buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void  buf_vprint(struct buf *b, const char *format, va_list args);
void  buf_number(struct buf *b, int64_t number);                /* decimal */
const char *buf_str(const struct buf *b);                       /* never NULL */

/* Room for `more` bytes beyond len. */
static inline void buf_reserve(struct buf *b, size_t more)
{
	if (b->len + more >= b->room)
		buf_enlarge(b, b->len + more + 1);
}

/* Lengthens by `more` bytes (not set), returns their start. */
static inline char *buf_grow(struct buf *b, size_t more)
{
	buf_reserve(b, more);
	char *start = b->data + b->len;
	b->len += more;
	b->data[b->len] = 0;
	return start;
}

static inline void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len)
		memcpy(buf_grow(b, len), bytes, len);
}

static inline void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

static inline void buf_char(struct buf *b, char c)
{
	*buf_grow(b, 1) = c;
}

#endif
