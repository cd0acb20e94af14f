/* What the files about str share. A str's text is well-formed UTF-8 in which surrogates may stand as three bytes each, so
 * its code points are read without looking for the end. */
#ifndef LANG_STR_H
#define LANG_STR_H

#include "base/buf.h"

#include "lang/vm.h"
#include "lang/types.h"

/* Every str that C or a name in a program spells stands here once. The table holds a reference to each. */
struct intern {
	struct str **slots;
	size_t size, used;          /* size: a power of two */
	uint64_t key[2];            /* the hash's */
	struct str *ascii[128];     /* one-character strs, made when first needed */
	struct str *empty;
};

const uint64_t *str_hash_key(struct vm *vm);
struct str *str_room(struct vm *vm, size_t len, size_t chars);      /* text not set; NULL: MemoryError is pending */
struct str *str_ascii(struct vm *vm, const char *text, size_t len); /* known to be ASCII */
struct str *str_char(struct vm *vm, uint32_t code_point);
struct str *str_part(struct vm *vm, const struct str *s, size_t from, size_t to);  /* bytes [from, to), cut between characters */
struct str *str_empty(struct vm *vm);
struct str *str_as_class(struct vm *vm, struct type *cls, TAKES struct str *s);     /* s itself, or its copy of that class */
size_t str_offset(const struct str *s, size_t index);               /* byte offset of the index-th character, or len */
size_t str_index(const struct str *s, size_t offset);               /* characters before that byte */
bool str_slice_bounds(struct vm *vm, value start, value stop, size_t len, size_t *from, size_t *to);   /* find(x, start, stop)'s */

static inline bool str_is_ascii(const struct str *s)
{
	return s->chars == s->len;
}

static inline value str_owned(struct str *s)
{
	return s ? value_object(s) : VALUE_UNSET;
}

static inline uint32_t char_next(const char *text, size_t *at)
{
	const unsigned char *p = (const unsigned char *)text + *at;
	if (p[0] < 0x80) {
		*at += 1;
		return p[0];
	}
	if (p[0] < 0xe0) {
		*at += 2;
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	}
	if (p[0] < 0xf0) {
		*at += 3;
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	}
	*at += 4;
	return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

/* The start of the character that ends before `at` (> 0). */
static inline size_t char_before(const char *text, size_t at)
{
	do
		at--;
	while (((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

static inline size_t char_size(uint32_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

extern const struct native str_methods[];

#endif
