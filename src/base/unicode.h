/* What Unicode says about characters, as Python's str asks it (Unicode 14.0). */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

bool unicode_is_alpha(uint32_t c);
bool unicode_is_decimal(uint32_t c);        /* 0 to 9 of any script */
bool unicode_is_digit(uint32_t c);          /* and superscripts and their like */
bool unicode_is_numeric(uint32_t c);        /* and fractions, Roman numerals ... */
bool unicode_is_space(uint32_t c);
bool unicode_is_printable(uint32_t c);
bool unicode_is_upper(uint32_t c);
bool unicode_is_lower(uint32_t c);
bool unicode_is_title(uint32_t c);
bool unicode_is_cased(uint32_t c);
bool unicode_is_case_ignorable(uint32_t c);
bool unicode_starts_name(uint32_t c);
bool unicode_continues_name(uint32_t c);
bool unicode_is_line_end(uint32_t c);       /* what str.splitlines splits at */
int  unicode_decimal(uint32_t c);           /* 0 to 9; -1: none */

/* The case of one character: up to three characters, their count returned. */
enum unicode_case { UNICODE_UPPER, UNICODE_LOWER, UNICODE_TITLE, UNICODE_FOLD };
unsigned unicode_case(enum unicode_case to, uint32_t c, uint32_t out[3]);

/* Text with every decimal digit made an ASCII one, every space a ' ' and every other character outside ASCII a '?'. */
void unicode_to_ascii_digits(struct buf *out, const char *text, size_t len);

#endif
