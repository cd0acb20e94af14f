/* Message digests: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). */
#ifndef LANG_DIGEST_H
#define LANG_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_COUNT };

/* Plain data: a copy goes on separately. */
struct digest {
	enum digest_kind kind;
	union {
		uint32_t h32[8];
		uint64_t h64[8];
	};
	uint8_t block[128];
	size_t held;                /* bytes in block */
	uint64_t total;             /* bytes so far */
};

struct digest_facts { const char *name; uint8_t size, block; };
extern const struct digest_facts digest_facts[DIGEST_COUNT];

void digest_start(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_end(struct digest d, uint8_t *out);         /* digest_facts[kind].size bytes; d itself can go on */

#endif
