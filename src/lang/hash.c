#include "lang/hash.h"

#include <math.h>
#include <string.h>

#include "lang/str.h"

static inline uint64_t turn(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

struct sip { uint64_t a, b, c, d; };

static inline void sip_round(struct sip *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = turn(s->b, 13) ^ s->a;
	s->d = turn(s->d, 16) ^ s->c;
	s->a = turn(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = turn(s->b, 17) ^ s->c;
	s->d = turn(s->d, 21) ^ s->a;
	s->c = turn(s->c, 32);
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", with one round a word and three at the end. */
uint64_t hash_keyed(const uint64_t key[2], const void *bytes, size_t len)
{
	struct sip s = {
		key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *p = bytes;
	size_t left = len;
	for (; left >= 8; left -= 8, p += 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
	}
	uint64_t last = 0;
	if (left)
		memcpy(&last, p, left);
	last |= (uint64_t)len << 56;
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

uint64_t hash_text(struct vm *vm, const void *bytes, size_t len)
{
	uint64_t h = hash_keyed(str_hash_key(vm), bytes, len);
	return h ? h : 1;
}

uint64_t hash_str_slow(struct str *s)
{
	s->hash = hash_text(s->head.type->vm, s->data, s->len);
	return s->hash;
}

uint64_t hash_multiply(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	uint64_t sum = (uint64_t)(product & HASH_PRIME) + (uint64_t)(product >> 61);
	return sum >= HASH_PRIME ? sum - HASH_PRIME : sum;
}

uint64_t hash_power_of_ten(uint64_t exponent)
{
	uint64_t result = 1, base = 10;
	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = hash_multiply(result, base);
		base = hash_multiply(base, base);
	}
	return result;
}

uint64_t hash_mpz(const mpz_t number)
{
	int64_t rest = (int64_t)mpz_tdiv_ui(number, HASH_PRIME);
	return hash_signed(mpz_sgn(number) < 0 ? -rest : rest);
}

uint64_t hash_pointer(const void *pointer)
{
	uintptr_t p = (uintptr_t)pointer;
	return hash_signed((int64_t)(p >> 4 | p << 60));
}

/* The mantissa is taken 28 bits at a time, each step turning what is there by 28 bits modulo the prime (a rotation of 61
 * bits); then the exponent turns it once more. */
uint64_t hash_double(double number)
{
	if (!isfinite(number))
		return isnan(number) ? 0 : number > 0 ? 314159 : hash_signed(-314159);
	int exponent;
	double m = frexp(fabs(number), &exponent);
	uint64_t x = 0;
	while (m != 0) {
		x = (x << 28 & HASH_PRIME) | x >> (61 - 28);
		m *= 268435456.0;
		exponent -= 28;
		uint64_t part = (uint64_t)m;
		m -= (double)part;
		x += part;
		if (x >= HASH_PRIME)
			x -= HASH_PRIME;
	}
	exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
	x = (x << exponent & HASH_PRIME) | x >> (61 - exponent);
	return hash_signed(number < 0 ? -(int64_t)x : (int64_t)x);
}

/* Collet's xxHash64 with one lane an item, as Python hashes tuples. */
uint64_t hash_values(const uint64_t *hashes, size_t count)
{
	const uint64_t p1 = UINT64_C(11400714785074694791), p2 = UINT64_C(14029467366897019727), p5 = UINT64_C(2870177450012600261);
	uint64_t h = p5;
	for (size_t i = 0; i < count; i++)
		h = turn(h + hashes[i] * p2, 31) * p1;
	h += count ^ (p5 ^ UINT64_C(3527539));
	return h == UINT64_MAX ? UINT64_C(1546275796) : h;
}
