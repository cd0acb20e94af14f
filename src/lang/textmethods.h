/* The methods that str, bytes and bytearray have in common: searching, splitting, joining, stripping, padding. Each works on
 * runs of bytes and gives what it was called on: str is UTF-8, so a byte search finds characters too. */
#ifndef LANG_TEXTMETHODS_H
#define LANG_TEXTMETHODS_H

#include "lang/vm.h"
#include "lang/types.h"

struct run {
	const char *p;
	size_t len;
	value self;             /* BORROWED */
	bool is_str, is_ascii;  /* is_ascii: bytes and characters are the same */
};
bool run_of(value v, struct run *out);                              /* false: neither str, bytes nor bytearray */
value run_part(struct vm *vm, const struct run *r, size_t from, size_t to);     /* a str, bytes or bytearray of [from, to) */
value run_make(struct vm *vm, const struct run *like, struct buf *b);           /* takes the text; of the same type */
bool run_space(const struct run *r, size_t at, size_t *size);       /* white space at `at`? and its size in bytes */

/* What its three files share. */
struct run run_self(value v);                                       /* of a method's self */
bool run_arg(struct vm *vm, const struct run *self, value v, struct run *out, const char *shape);  /* an argument of the same sort */
size_t run_chars(const struct run *r);
size_t run_char_before(const struct run *r, size_t at);             /* where the character that ends at `at` starts */
const char *run_search(const char *p, size_t len, const struct run *needle);
const char *run_search_back(const char *p, size_t len, const struct run *needle);
size_t run_count(const char *p, size_t len, const struct run *needle, size_t most);

#define TEXT_METHODS(X) \
	X(find,         "sub, start=None, end=None, /", "The first index at which sub stands; -1 when it does not.") \
	X(rfind,        "sub, start=None, end=None, /", "The last index at which sub stands; -1 when it does not.") \
	X(index,        "sub, start=None, end=None, /", "The first index at which sub stands; ValueError when it does not.") \
	X(rindex,       "sub, start=None, end=None, /", "The last index at which sub stands; ValueError when it does not.") \
	X(count,        "sub, start=None, end=None, /", "How often sub stands in it, without overlaps.") \
	X(startswith,   "prefix, start=None, end=None, /", "True when it begins with prefix, or with one of a tuple.") \
	X(endswith,     "suffix, start=None, end=None, /", "True when it ends with suffix, or with one of a tuple.") \
	X(removeprefix, "prefix, /", "Without that beginning, if it has it.") \
	X(removesuffix, "suffix, /", "Without that end, if it has it.") \
	X(split,        "sep=None, maxsplit=-1", "The parts between sep, or between runs of white space.") \
	X(rsplit,       "sep=None, maxsplit=-1", "As split, counting maxsplit from the end.") \
	X(splitlines,   "keepends=False", "The lines.") \
	X(partition,    "sep, /", "(before, sep, after) of the first sep.") \
	X(rpartition,   "sep, /", "(before, sep, after) of the last sep.") \
	X(replace,      "old, new, count=-1, /", "With old replaced by new, at most count times.") \
	X(strip,        "chars=None, /", "Without the white space, or chars, at both ends.") \
	X(lstrip,       "chars=None, /", "Without the white space, or chars, at the start.") \
	X(rstrip,       "chars=None, /", "Without the white space, or chars, at the end.") \
	X(join,         "iterable, /", "The items of iterable with this between them.") \
	X(center,       "width, fillchar=..., /", "Centred in width columns.") \
	X(ljust,        "width, fillchar=..., /", "At the left of width columns.") \
	X(rjust,        "width, fillchar=..., /", "At the right of width columns.") \
	X(zfill,        "width, /", "Filled with zeros at the left, behind a sign.") \
	X(expandtabs,   "tabsize=8", "With tabs made spaces.")

#define X(name, signature, doc) value text_##name(struct vm *vm, value *a);
TEXT_METHODS(X)
#undef X
#define TEXT_METHOD_ROW(name, signature, doc) { #name, text_##name, signature, doc },

#endif
