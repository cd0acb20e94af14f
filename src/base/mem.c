#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESERVE = 1 << 20, SMALL = 1024 };

static void *reserve;
static bool exhausted;
static volatile int *watcher;

static void out_of_memory(void)
{
	fputs("pktsh: out of memory\n", stderr);
	_Exit(1);
}

/* The reserve is given back to the allocator, which then can serve what is small until the machine has unwound. */
static void *retry(void *block, size_t size)
{
	if (!reserve)
		out_of_memory();
	free(reserve);
	reserve = NULL;
	exhausted = true;
	if (watcher)
		__atomic_fetch_or(watcher, MEM_EXHAUSTED, __ATOMIC_RELAXED);
	void *again = realloc(block, size);
	if (!again)
		out_of_memory();
	return again;
}

void *mem_resize(void *block, size_t size)
{
	if (size == 0)
		size = 1;
	void *grown = realloc(block, size);
	return grown ? grown : retry(block, size);
}

void *mem_alloc(size_t size)
{
	void *block = malloc(size ? size : 1);
	return block ? block : retry(NULL, size ? size : 1);
}

/* Small blocks not by calloc, which goes past the allocator's cache of blocks lately freed. */
void *mem_zero(size_t size)
{
	if (size && size <= SMALL)
		return memset(mem_alloc(size), 0, size);
	void *block = calloc(1, size ? size : 1);
	return block ? block : memset(retry(NULL, size ? size : 1), 0, size);
}

void *mem_copy(const void *bytes, size_t size)
{
	void *copy = mem_alloc(size);
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *mem_text(const char *text)
{
	return mem_copy(text, strlen(text) + 1);
}

/* No machine has this much; sanitizers end the program when it is asked for. */
static const size_t TOO_MUCH = (size_t)1 << 40;

void *mem_try(size_t size)
{
	return size < TOO_MUCH ? malloc(size ? size : 1) : NULL;
}

void *mem_try_resize(void *block, size_t size)
{
	return size < TOO_MUCH ? realloc(block, size ? size : 1) : NULL;
}

void mem_free(void *block)
{
	free(block);
}

void mem_watch(volatile int *flags)
{
	watcher = flags;
}

bool mem_exhausted(void)
{
	return exhausted;
}

void mem_recover(void)
{
	if (!reserve)
		reserve = malloc(RESERVE);
	exhausted = false;
}
