/* Hashes. Numbers that are equal hash alike whatever their type (1 == 1.0 == True == Decimal(1)): the value modulo the prime
 * 2^61 - 1, as Python has it, so that sets of numbers are walked in Python's order too. Text and bytes are hashed with a key
 * drawn at random for each machine, since they come from the network. */
#ifndef LANG_HASH_H
#define LANG_HASH_H

#include <gmp.h>

#include "lang/vm.h"
#include "lang/types.h"

#define HASH_PRIME ((UINT64_C(1) << 61) - 1)

uint64_t hash_keyed(const uint64_t key[2], const void *bytes, size_t len);  /* SipHash-1-3 */
uint64_t hash_mpz(const mpz_t number);
uint64_t hash_double(double number);
uint64_t hash_text(struct vm *vm, const void *bytes, size_t len);           /* never 0 */
uint64_t hash_str_slow(struct str *s);                                      /* works it out and remembers it */
uint64_t hash_pointer(const void *pointer);
uint64_t hash_values(const uint64_t *hashes, size_t count);                 /* a tuple's */
uint64_t hash_power_of_ten(uint64_t exponent);                              /* 10^exponent mod the prime */
uint64_t hash_multiply(uint64_t a, uint64_t b);                             /* a * b mod the prime */

/* -1 is no hash in Python: it becomes -2. */
static inline uint64_t hash_signed(int64_t h)
{
	return (uint64_t)(h == -1 ? -2 : h);
}

static inline uint64_t hash_int64(int64_t i)
{
	if (i > -(int64_t)HASH_PRIME && i < (int64_t)HASH_PRIME)
		return hash_signed(i);
	return hash_signed(i % (int64_t)HASH_PRIME);
}

static inline uint64_t hash_str(struct str *s)
{
	return s->hash ? s->hash : hash_str_slow(s);
}

/* value_hash, with what is most frequent taken first. */
static inline bool hash_of(struct vm *vm, value v, uint64_t *out)
{
	if (v.tag == TAG_OBJECT && v.o->type == vm->types.str) {
		*out = hash_str((struct str *)v.o);
		return true;
	}
	if (v.tag == TAG_INT) {
		*out = hash_int64(v.i);
		return true;
	}
	return value_hash(vm, v, out);
}

#endif
