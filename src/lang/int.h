/* What the files about int share: int.c is the type, intmath.c the arithmetic, inttext.c reading and printing.
 *
 * An int is inline when it fits 64 bits. An object of KIND_BIGINT is one that does not, or an instance of a class derived
 * from int, which may hold any number. */
#ifndef LANG_INT_H
#define LANG_INT_H

#include <limits.h>

#include "lang/vm.h"
#include "lang/types.h"

enum { INT_BITS_MOST = 64 << 23 };      /* 64 MiB: larger results are refused before they are computed */

static inline bool int_fits(const struct bigint *b)
{
	return mpz_fits_slong_p(b->number);
}

/* false: no int, or one beyond 64 bits. */
static inline bool int_small(value v, int64_t *out)
{
	if (v.tag == TAG_INT)
		*out = v.i;
	else if (v.tag == TAG_BOOL)
		*out = v.b;
	else if (is_kind(v, KIND_BIGINT) && int_fits((struct bigint *)v.o))
		*out = mpz_get_si(((struct bigint *)v.o)->number);
	else
		return false;
	return true;
}

/* Any int seen as an mpz without allocating: `int_wide(v, &w)` is good as long as both stay. */
struct wide { mp_limb_t limb; mpz_t number; };
mpz_srcptr int_wide(value v, struct wide *w);

value int_arithmetic(struct vm *vm, enum operator op, value a, value b);   /* both ints */
int   int_order(value a, value b);                                          /* <0, 0, >0 */
value int_negative(struct vm *vm, value v);
value int_power_modulo(struct vm *vm, value base, value exponent, value modulus);
value int_divmod(struct vm *vm, value a, value b);                          /* (quotient, rest) */
bool  int_is_negative(value v);
bool  int_is_zero(value v);
value int_plain(struct vm *vm, value v);                                    /* without a derived class or bool: the int itself */
bool  int_to_double(struct vm *vm, value v, double *out);                   /* rounded to nearest; OverflowError */
/* number * 2^exponent, a little more when `more`, rounded once; false: beyond the largest double. */
bool  mpz_to_double(const mpz_t number, int64_t exponent, bool more, double *out);
value int_from_double(struct vm *vm, double number);                        /* truncated; ValueError, OverflowError */
bool  int_room(struct vm *vm, double bits);                                 /* MemoryError when a result is too large */

void  int_print(struct buf *out, value v);                                  /* decimal */
void  int_print_base(struct buf *out, value v, int base, bool upper);       /* with its sign, without prefix */
value int_parse_value(struct vm *vm, value text, int base);                 /* from str, bytes or bytearray */

/* __index__: an int (owned) or a raised TypeError "'str' object cannot be interpreted as an integer". */
value int_index(struct vm *vm, value v);

#endif
