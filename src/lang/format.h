/* Formatting. formatspec.c: the mini-language behind the colon ("*>+10,.2f"); formatfield.c: the fields of str.format;
 * formatpercent.c: the % operator. */
#ifndef LANG_FORMAT_H
#define LANG_FORMAT_H

#include "base/buf.h"

#include "lang/vm.h"
#include "lang/types.h"

/* A spec taken apart. What was not given: fill ' ', align and sign and grouping and type 0, precision -1. */
struct spec {
	uint32_t fill, type;
	char align;                 /* '<' '>' '=' '^' */
	char sign;                  /* '+' '-' ' ' */
	char grouping;              /* ',' '_' */
	bool align_given, alternate, positive_zero;
	size_t width;
	int precision;
};
bool spec_parse(struct vm *vm, const char *text, size_t len, char default_align, value subject, struct spec *out);
value spec_unknown_type(struct vm *vm, const struct spec *spec, value subject);

/* A number as text in parts: sign ('\0' none), prefix ("0x"), digits before the point, all that follows them. */
struct number_parts {
	char sign;
	const char *prefix;
	const char *digits;
	size_t digit_count;
	const char *rest;
};
/* Adds it with sign, grouping (of `group` digits), zeros, fill and width as the spec says. */
void number_format(struct buf *out, const struct spec *spec, const struct number_parts *n, unsigned group);
/* A double as `type` (e f g %, r: repr) says, upper case for upper-case types; without sign. */
void double_digits(struct buf *out, double number, uint32_t type, int precision, bool alternate, bool dot_zero);
/* Splits text such as "12.5e+10" into parts before and after the leading digits. */
void number_split(struct number_parts *n, const char *text);
char number_sign(const struct spec *spec, bool negative);
bool decimal_format(struct vm *vm, value v, const struct spec *spec, struct buf *out);      /* decimaltext.c */

/* str.format and str.format_map: mapping unset: args and named. */
value format_fields(struct vm *vm, struct str *format, const value *args, size_t count, value mapping, const struct call *named);

#endif
