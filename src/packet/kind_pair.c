/* Two numbers side by side that mean a range, as a text: "1:3". */
#include <stdio.h>
#include <string.h>

#include "packet/kinds.h"

static value of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	return value_object(str_printf(vm, "%u:%u", (unsigned)(word >> 16 & 0xffff), (unsigned)(word & 0xffff)));
}

static bool read_pair(value v, uint64_t *word)
{
	unsigned long long first, last;
	int used = 0;
	if (!is_str(v) || sscanf(as_str(v)->data, "%llu:%llu%n", &first, &last, &used) != 2 || (size_t)used != as_str(v)->len)
		return false;
	*word = first << 16 | last;
	return first < 0x10000 && last < 0x10000;
}

static bool to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	return read_pair(v, word) || (field_refuse(vm, f, v, "a range of numbers up to 65535, like \"1:3\""), false);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	uint64_t word;
	return to_word(vm, f, given, &word) ? of_word(vm, f, word) : VALUE_UNSET;
}

/* ShortRangeField(name, default) */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static const struct codec codec = { .of_word = of_word, .to_word = to_word, .accept = accept };

const struct field_kind kinds_pair[] = {
	{ "ShortRangeField", "name, default" FACTS, "two numbers of two bytes, as a text: \"1:3\"", &codec, make, FIELD_WORD, 32 },
	{ 0 },
};
