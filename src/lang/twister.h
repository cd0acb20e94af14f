/* The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded and drawn from as Python does, so that a seeded
 * program gives the same numbers. */
#ifndef LANG_TWISTER_H
#define LANG_TWISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TWISTER_WORDS = 624 };

struct twister {
	uint32_t words[TWISTER_WORDS];
	uint32_t at;
	bool system;                /* every word comes from the kernel: SystemRandom */
};

void twister_seed(struct twister *t, const uint32_t *key, size_t count);
void twister_seed_system(struct twister *t);        /* from the kernel's random numbers */
uint32_t twister_word(struct twister *t);
uint64_t twister_bits(struct twister *t, unsigned bits);        /* 1 to 64 */
uint64_t twister_below(struct twister *t, uint64_t n);          /* 0 .. n-1; n not 0 */
double twister_double(struct twister *t);                       /* [0, 1), 53 bits */

#endif
