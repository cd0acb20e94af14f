/* value_equal with the frequent cases decided on the spot: containers ask it for every item they look at. */
#ifndef LANG_EQUAL_H
#define LANG_EQUAL_H

#include <string.h>

#include "lang/vm.h"
#include "lang/types.h"

static inline bool equal_texts(const struct str *a, const struct str *b)
{
	return a == b || (a->len == b->len && !memcmp(a->data, b->data, a->len));
}

static inline bool equal_items(struct vm *vm, value a, value b, bool *out)
{
	if (a.tag == TAG_INT && b.tag == TAG_INT) {
		*out = a.i == b.i;
		return true;
	}
	if (a.tag == TAG_OBJECT && b.tag == TAG_OBJECT) {
		if (a.o == b.o) {
			*out = true;
			return true;
		}
		if (a.o->type == vm->types.str && b.o->type == vm->types.str) {
			*out = equal_texts((struct str *)a.o, (struct str *)b.o);
			return true;
		}
	}
	return value_equal(vm, a, b, out);
}

#endif
