/* Memory: every allocation of the program goes through here.
 *
 * Two promises, so that running out of memory is an exception and not a crash:
 * - mem_alloc, mem_resize and mem_copy never return NULL. They are for sizes that the program chooses (nodes, values,
 *   tables). When the system refuses, they draw on a reserve set aside at start and raise a flag that the machine polls
 *   and turns into MemoryError; only when the reserve is gone too does the program end, with a message.
 * - mem_try and mem_try_resize return NULL. They are for sizes that data chooses (a string times a number, a capture's
 *   record): the caller raises MemoryError at once. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size);                     /* not zeroed; size 0 gives a pointer that can be freed */
void *mem_zero(size_t size);                      /* zeroed */
void *mem_resize(void *block, size_t size);
void *mem_copy(const void *bytes, size_t size);
char *mem_text(const char *text);                 /* a copy of a C string */
void *mem_try(size_t size);                       /* NULL when refused */
void *mem_try_resize(void *block, size_t size);   /* NULL when refused; the old block stays */
void  mem_free(void *block);

bool  mem_exhausted(void);                        /* was the reserve touched since the last mem_recover? */
/* Where MEM_EXHAUSTED is to be set when the reserve is touched, for who polls flags; NULL: nowhere. */
enum { MEM_EXHAUSTED = 4 };
void  mem_watch(volatile int *flags);
void  mem_recover(void);                          /* set the reserve aside again */

enum { MEM_UNIT = 16 };
/* Zeros in a small block of whole units, at least one. Written out: compilers make the call or the `rep stos` of a memset of it,
 * which costs more than the few stores. The empty asm keeps them from seeing that. */
static inline void mem_clear(void *block, size_t size)
{
	typedef uint64_t unit __attribute__((vector_size(MEM_UNIT), aligned(8), may_alias));
	unit *at = block, *end = (unit *)(void *)((char *)block + size);
	do {
		*at++ = (unit){ 0, 0 };
		__asm__("" : "+r"(at));
	} while (at < end);
}

/* The same for a block of that size, without a loop. */
static inline void mem_clear_128(void *block)
{
	typedef uint64_t unit __attribute__((vector_size(MEM_UNIT), aligned(8), may_alias));
	unit *at = block, none = { 0, 0 };
	__asm__("" : "+x"(none));
	at[0] = at[1] = at[2] = at[3] = at[4] = at[5] = at[6] = at[7] = none;
}

#endif
