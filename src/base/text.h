/* Small facts about text that every part needs. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* UTF-8. A byte that begins no valid sequence is taken alone, as U+DC80 to U+DCFF (Python's surrogateescape). */
uint32_t utf8_next(const char *text, size_t len, size_t *at);
size_t   utf8_count(const char *text, size_t len);               /* code points */
size_t   utf8_offset(const char *text, size_t len, size_t n);    /* byte offset of the n-th code point (or len) */
bool     utf8_valid(const char *text, size_t len);
int      utf8_width(uint32_t code_point);                        /* terminal columns: 0, 1 or 2 */

/* Python's repr of a string and of bytes, quotes chosen as Python chooses them. */
void text_repr(struct buf *out, const char *text, size_t len);
void text_repr_bytes(struct buf *out, const void *bytes, size_t len);

/* Bytes from the network, made safe for a terminal: control characters, DEL and C1 become \xNN. */
void text_safe(struct buf *out, const char *text, size_t len);
bool text_is_plain(const char *text, size_t len);                /* printable ASCII: nothing of it need be made safe */

/* The candidate nearest to `name` (Damerau-Levenshtein, case folded, at most a third of its length away), or NULL.
 * `next` yields candidates until NULL. */
const char *text_nearest(const char *name, const char *(*next)(void *state), void *state);

enum { DECIMAL_ROOM = 20 };
size_t text_decimal(char room[static DECIMAL_ROOM], int64_t number);    /* its digits, without a NUL; how many characters */

/* Python's repr(float): the shortest text that reads back the same. */
void text_float(struct buf *out, double number);

#endif
