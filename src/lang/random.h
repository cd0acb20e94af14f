/* random.Random for C: what module_random.c's files share, and the shared generator for the layers above. */
#ifndef LANG_RANDOM_H
#define LANG_RANDOM_H

#include "lang/twister.h"
#include "lang/vm.h"

struct random {
	struct container head;
	struct twister twister;
	bool has_next;              /* gauss() makes two at a time */
	double next;
};

/* The generator behind random.random() and kin: random.seed(1) makes what it gives repeatable. */
struct twister *random_shared(struct vm *vm);

bool  random_seed(struct vm *vm, struct random *r, value seed);
value random_bits(struct vm *vm, struct twister *t, uint64_t bits);     /* an int of that many bits */
value random_below(struct vm *vm, struct twister *t, value n);          /* 0 .. n-1; n an int above 0 */

extern const struct native random_choosing[];       /* choice, shuffle, sample, choices */
extern const struct native random_spread[];         /* uniform, gauss and kin */
value random_randrange(struct vm *vm, value *a);
value random_randint(struct vm *vm, value *a);

#endif
