/* What the files about Decimal share: decimal.c is the arithmetic, decimaltext.c reading and printing, decimalmethods.c the
 * type. The rules are those of Cowlishaw's General Decimal Arithmetic, as Python has them: results are rounded to 28 digits,
 * halves to even, and keep the exponent that the operands suggest. */
#ifndef LANG_DECIMAL_H
#define LANG_DECIMAL_H

#include "base/buf.h"

#include "lang/vm.h"
#include "lang/types.h"

enum { DECIMAL_FINITE, DECIMAL_INFINITY, DECIMAL_MINUS_INFINITY, DECIMAL_NAN };     /* struct decimal.special */
enum { DECIMAL_PRECISION = 28, DECIMAL_EXPONENT_MOST = 999999 };

#define ROUNDINGS(X) X(ROUND_HALF_EVEN) X(ROUND_HALF_UP) X(ROUND_HALF_DOWN) X(ROUND_UP) X(ROUND_DOWN) X(ROUND_CEILING) \
	X(ROUND_FLOOR) X(ROUND_05UP)
enum rounding {
#define X(name) name,
	ROUNDINGS(X)
#undef X
};

static inline struct decimal *as_decimal(value v) { return (struct decimal *)v.o; }
static inline bool is_decimal(value v) { return is_kind(v, KIND_DECIMAL); }

struct decimal *decimal_new(struct vm *vm);                         /* 0 */
struct decimal *decimal_copy(struct vm *vm, const struct decimal *d);
struct decimal *decimal_special(struct vm *vm, int special);
/* v as a Decimal (owned): of int, or of float exactly when `floats`; NULL with nothing pending: it is no number. */
struct decimal *decimal_of(struct vm *vm, value v, bool floats);
bool   decimal_is_zero(const struct decimal *d);
bool   decimal_is_negative(const struct decimal *d);                /* -0 too */
void   decimal_set_negative(struct decimal *d, bool negative);
size_t mpz_digits(const mpz_t n);                                   /* of a zero: 1 */
void   mpz_power_of_ten(mpz_t out, uint64_t exponent);
/* Takes `count` digits off the end of n, rounding. */
void   mpz_drop_digits(mpz_t n, uint64_t count, enum rounding how);
void   decimal_round(struct decimal *d, int64_t digits, enum rounding how);     /* to that many digits */
value  decimal_finish(struct vm *vm, TAKES struct decimal *d);      /* rounded to the precision; OverflowError */
/* The same number with that exponent (rounded); false: more than `most` digits. */
bool   decimal_rescale(struct decimal *d, int64_t exponent, enum rounding how, uint64_t most);
int64_t decimal_adjusted(const struct decimal *d);                  /* the exponent of the first digit */
int    decimal_order(const struct decimal *a, const struct decimal *b);         /* no NaN */
value  decimal_arithmetic(struct vm *vm, enum operator op, const struct decimal *a, const struct decimal *b);
value  decimal_divmod(struct vm *vm, const struct decimal *a, const struct decimal *b);
value  decimal_power(struct vm *vm, const struct decimal *a, const struct decimal *b);
value  decimal_sqrt(struct vm *vm, const struct decimal *d);
value  decimal_to_int(struct vm *vm, const struct decimal *d, enum rounding how);
value  decimal_invalid(struct vm *vm, const char *signal);          /* InvalidOperation: [<class 'decimal.signal'>] */
void   decimal_print(struct buf *out, const struct decimal *d, bool engineering);

#endif
