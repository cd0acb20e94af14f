/* A growable run of bytes: text being formatted, a packet being encoded. `data` always has a NUL behind `len`, so that
 * what is text can be read as a C string. Zero-initialise ({0}) to start, buf_free to end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t len, room;
};

void  buf_free(struct buf *b);
void  buf_clear(struct buf *b);                                 /* length 0, memory kept */
char *buf_grow(struct buf *b, size_t more);                     /* lengthens by `more` bytes (not set), returns their start */
void  buf_reserve(struct buf *b, size_t more);                  /* room for `more` bytes beyond len */
void  buf_add(struct buf *b, const void *bytes, size_t len);
void  buf_text(struct buf *b, const char *text);
void  buf_char(struct buf *b, char c);
void  buf_fill(struct buf *b, char c, size_t count);
void  buf_utf8(struct buf *b, uint32_t code_point);
void  buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void  buf_vprint(struct buf *b, const char *format, va_list args);
void  buf_number(struct buf *b, int64_t number);                /* decimal */
const char *buf_str(const struct buf *b);                       /* never NULL */

#endif
