#include "lang/twister.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { MIDDLE = 397 };

static void start(struct twister *t, uint32_t seed)
{
	t->words[0] = seed;
	for (uint32_t i = 1; i < TWISTER_WORDS; i++)
		t->words[i] = 1812433253u * (t->words[i - 1] ^ t->words[i - 1] >> 30) + i;
	t->at = TWISTER_WORDS;
}

/* The authors' init_by_array. */
void twister_seed(struct twister *t, const uint32_t *key, size_t count)
{
	uint32_t *w = t->words, i = 1;
	size_t j = 0;

	start(t, 19650218u);
	for (size_t k = count > TWISTER_WORDS ? count : TWISTER_WORDS; k; k--) {
		w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
		if (++i == TWISTER_WORDS)
			w[0] = w[TWISTER_WORDS - 1], i = 1;
		if (++j == count)
			j = 0;
	}
	for (size_t k = TWISTER_WORDS - 1; k; k--) {
		w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1566083941u) - i;
		if (++i == TWISTER_WORDS)
			w[0] = w[TWISTER_WORDS - 1], i = 1;
	}
	w[0] = 0x80000000u;
}

static bool system_random(void *bytes, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t got = getrandom((char *)bytes + done, len - done, 0);
		if (got < 0 && errno != EINTR)
			return false;
		done += got > 0 ? (size_t)got : 0;
	}
	return true;
}

void twister_seed_system(struct twister *t)
{
	uint32_t key[8];
	struct timespec now;

	if (!system_random(key, sizeof key)) {
		clock_gettime(CLOCK_REALTIME, &now);
		for (int i = 0; i < 8; i++)
			key[i] = (uint32_t)(now.tv_nsec * (i + 1)) ^ (uint32_t)now.tv_sec;
	}
	twister_seed(t, key, 8);
}

static void refill(struct twister *t)
{
	uint32_t *w = t->words;

	for (uint32_t i = 0; i < TWISTER_WORDS; i++) {
		uint32_t y = (w[i] & 0x80000000u) | (w[(i + 1) % TWISTER_WORDS] & 0x7fffffffu);
		w[i] = w[(i + MIDDLE) % TWISTER_WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
	}
	t->at = 0;
}

uint32_t twister_word(struct twister *t)
{
	uint32_t y;

	if (t->system && system_random(&y, sizeof y))
		return y;
	if (t->at >= TWISTER_WORDS)
		refill(t);
	y = t->words[t->at++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680u;
	y ^= y << 15 & 0xefc60000u;
	return y ^ y >> 18;
}

uint64_t twister_bits(struct twister *t, unsigned bits)
{
	if (bits <= 32)
		return twister_word(t) >> (32 - bits);
	uint64_t low = twister_word(t);
	return low | (uint64_t)(twister_word(t) >> (64 - bits)) << 32;
}

uint64_t twister_below(struct twister *t, uint64_t n)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(n);
	uint64_t r;

	do
		r = twister_bits(t, bits);
	while (r >= n);
	return r;
}

double twister_double(struct twister *t)
{
	uint32_t high = twister_word(t) >> 5, low = twister_word(t) >> 6;

	return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}
