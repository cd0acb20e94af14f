/* random: the type Random and the functions of its shared instance. The ways in which numbers become choices are Python's
 * own, so that a seeded program chooses the same. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "lang/builtins.h"
#include "lang/int.h"
#include "lang/digest.h"
#include "lang/modules.h"
#include "lang/random.h"
#include "lang/types.h"

static struct random *self_of(value v) { return (struct random *)v.o; }

/* ---- seeding ----------------------------------------------------------------------------------------------------------- */

static void seed_number(struct random *r, const mpz_t number)
{
	size_t count = (mpz_sizeinbase(number, 2) + 31) / 32, written;
	uint32_t *key = mem_zero(sizeof *key * (count ? count : 1));

	mpz_export(key, &written, -1, sizeof *key, 0, 0, number);
	twister_seed(&r->twister, key, count ? count : 1);
	mem_free(key);
}

/* Text and bytes: themselves with their SHA-512 behind, as one big-endian number. */
static void seed_bytes(struct random *r, const void *bytes, size_t len)
{
	struct digest d;
	uint8_t *all = mem_alloc(len + 64);
	mpz_t number;

	memcpy(all, bytes, len);
	digest_start(&d, DIGEST_SHA512);
	digest_add(&d, bytes, len);
	digest_end(d, all + len);
	mpz_init(number);
	mpz_import(number, len + 64, 1, 1, 0, 0, all);
	seed_number(r, number);
	mpz_clear(number);
	mem_free(all);
}

bool random_seed(struct vm *vm, struct random *r, value seed)
{
	struct view view;
	uint64_t hash;
	mpz_t number;

	r->has_next = false;
	if (is_none(seed)) {
		twister_seed_system(&r->twister);
		return true;
	}
	if (is_str(seed)) {
		seed_bytes(r, as_str(seed)->data, as_str(seed)->len);
		return true;
	}
	if (is_bytes(seed) || is_kind(seed, KIND_BYTEARRAY)) {
		if (!value_to_view(vm, seed, &view))
			return false;
		seed_bytes(r, view.bytes, view.len);
		return true;
	}
	if (!is_int(seed) && seed.tag != TAG_FLOAT)
		return vm_raise_ok(vm, vm->errors.TypeError, "The only supported seed types are: None,\nint, float, str, bytes, and bytearray.");
	mpz_init(number);
	if (is_int(seed))
		int_to_mpz(seed, number);
	else if (value_hash(vm, seed, &hash))
		mpz_set_ui(number, hash);
	mpz_abs(number, number);
	seed_number(r, number);
	mpz_clear(number);
	return true;
}

static value random_seed_method(struct vm *vm, value *a)
{
	return random_seed(vm, self_of(a[0]), a[1]) ? VALUE_NONE : VALUE_UNSET;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------------- */

value random_bits(struct vm *vm, struct twister *t, uint64_t bits)
{
	if (bits <= 64)
		return int_from_u64(vm, bits ? twister_bits(t, (unsigned)bits) : 0);
	size_t words = (bits + 31) / 32;
	uint32_t *w = mem_try(words * sizeof *w);
	if (!w)
		return vm_raise(vm, vm->errors.MemoryError, "no room for %llu random bits", (unsigned long long)bits);
	for (size_t i = 0; i < words; i++)
		w[i] = twister_word(t) >> (i + 1 == words && bits % 32 ? 32 - bits % 32 : 0);
	mpz_t n;
	mpz_init(n);
	mpz_import(n, words, -1, sizeof *w, 0, 0, w);
	mem_free(w);
	value v = int_from_mpz(vm, n);
	mpz_clear(n);
	return v;
}

value random_below(struct vm *vm, struct twister *t, value n)
{
	uint64_t small;
	bool less = false;

	if (int_to_u64(n, &small))
		return int_from_u64(vm, twister_below(t, small));
	size_t bits = mpz_sizeinbase(((struct bigint *)n.o)->number, 2);
	for (;;) {
		value r = random_bits(vm, t, bits), is = is_unset(r) ? r : value_compare(vm, CMP_LT, r, n);
		if (is_unset(is) || !value_truth(vm, is, &less) || less)
			return r;
		value_drop(r);
	}
}

static value random_random(struct vm *vm, value *a)
{
	return value_float(twister_double(&self_of(a[0])->twister));
}

static value random_getrandbits(struct vm *vm, value *a)
{
	int64_t bits;

	if (!value_to_int64(vm, a[1], &bits))
		return VALUE_UNSET;
	if (bits < 0)
		return vm_raise(vm, vm->errors.ValueError, "number of bits must be non-negative");
	if (bits > 1LL << 29)
		return vm_raise(vm, vm->errors.MemoryError, "too many random bits");
	return random_bits(vm, &self_of(a[0])->twister, (uint64_t)bits);
}

static value random_randbytes(struct vm *vm, value *a)
{
	struct twister *t = &self_of(a[0])->twister;
	int64_t len;

	if (!value_to_int64(vm, a[1], &len))
		return VALUE_UNSET;
	if (len < 0)
		return vm_raise(vm, vm->errors.ValueError, "number of bits must be non-negative");
	if (len > 1LL << 26)
		return vm_raise(vm, vm->errors.MemoryError, "too many random bytes");
	struct bytes *b = bytes_new(vm, NULL, (size_t)len);
	for (int64_t i = 0; i < len; i += 4) {
		uint32_t w = twister_word(t) >> (len - i < 4 ? 32 - 8 * (len - i) : 0);
		for (int64_t j = 0; j < 4 && i + j < len; j++)
			b->data[i + j] = (uint8_t)(w >> 8 * j);
	}
	return value_object(b);
}

/* start + step * below(ceil((stop - start) / step)) in ints of any size. */
static value drawn_from(struct vm *vm, struct twister *t, value start, value stop, value step)
{
	mpz_t from, width, by;
	value r = VALUE_UNSET;

	mpz_inits(from, width, by, NULL);
	int_to_mpz(start, from);
	int_to_mpz(stop, width);
	int_to_mpz(step, by);
	mpz_sub(width, width, from);
	if (mpz_sgn(by) == 0)
		vm_raise(vm, vm->errors.ValueError, "zero step for randrange()");
	else {
		mpz_cdiv_q(width, width, by);
		if (mpz_sgn(width) <= 0)
			vm_raise(vm, vm->errors.ValueError, "empty range for randrange()");
		else {
			value n = int_from_mpz(vm, width), drawn = random_below(vm, t, n);
			value_drop(n);
			if (!is_unset(drawn) && int_to_mpz(drawn, width)) {
				mpz_addmul(from, width, by);
				r = int_from_mpz(vm, from);
			}
			value_drop(drawn);
		}
	}
	mpz_clears(from, width, by, NULL);
	return r;
}

static value empty_range(struct vm *vm, const char *function, int64_t start, int64_t stop, int64_t width)
{
	return vm_raise(vm, vm->errors.ValueError, "empty range for %s (%lld, %lld, %lld)", function, (long long)start, (long long)stop,
		(long long)width);
}

static value between(struct vm *vm, struct twister *t, value start, value stop)
{
	int64_t width;

	if (start.tag != TAG_INT || stop.tag != TAG_INT || __builtin_sub_overflow(stop.i, start.i, &width))
		return drawn_from(vm, t, start, stop, value_int(1));
	if (width <= 0)
		return empty_range(vm, "randrange()", start.i, stop.i, width);
	return value_int(start.i + (int64_t)twister_below(t, (uint64_t)width));
}

/* randrange(stop), randrange(start, stop), randrange(start, stop, step) */
value random_randrange(struct vm *vm, value *a)
{
	struct twister *t = &self_of(a[0])->twister;
	value start = int_index(vm, a[1]), stop = VALUE_UNSET, step = VALUE_UNSET, r = VALUE_UNSET;

	if (is_unset(start))
		goto out;
	if (is_none(a[2])) {
		if (start.tag == TAG_INT && start.i <= 0)
			vm_raise(vm, vm->errors.ValueError, "empty range for randrange()");
		else
			r = between(vm, t, value_int(0), start);
		goto out;
	}
	stop = int_index(vm, a[2]);
	step = is_unset(stop) ? stop : int_index(vm, a[3]);
	if (is_unset(step))
		goto out;
	r = step.tag == TAG_INT && step.i == 1 ? between(vm, t, start, stop) : drawn_from(vm, t, start, stop, step);
out:
	value_drop(start);
	value_drop(stop);
	value_drop(step);
	return r;
}

value random_randint(struct vm *vm, value *a)
{
	value last = int_index(vm, a[2]);

	if (is_unset(last))
		return last;
	value stop = value_binary(vm, OP_ADD_, last, value_int(1), false);
	value_drop(last);
	if (is_unset(stop))
		return stop;
	value r = random_randrange(vm, (value[]){ a[0], a[1], stop, value_int(1) });
	value_drop(stop);
	return r;
}

/* ---- state ------------------------------------------------------------------------------------------------------------- */

static value random_getstate(struct vm *vm, value *a)
{
	struct random *r = self_of(a[0]);
	struct tuple *words = tuple_new(vm, TWISTER_WORDS + 1);

	for (size_t i = 0; i < TWISTER_WORDS; i++)
		words->items[i] = value_int(r->twister.words[i]);
	words->items[TWISTER_WORDS] = value_int(r->twister.at);
	value items[] = { value_int(3), value_object(words), r->has_next ? value_float(r->next) : VALUE_NONE };
	value state = tuple_of(vm, 3, items);
	object_drop(words);
	return state;
}

static bool state_words(value v, struct twister *t)
{
	const value *items;
	size_t count;
	uint64_t w;

	if (!value_items(v, &items, &count) || count != TWISTER_WORDS + 1)
		return false;
	for (size_t i = 0; i <= TWISTER_WORDS; i++) {
		if (!int_to_u64(items[i], &w) || w > (i < TWISTER_WORDS ? UINT32_MAX : TWISTER_WORDS))
			return false;
		if (i < TWISTER_WORDS)
			t->words[i] = (uint32_t)w;
		else
			t->at = (uint32_t)w;
	}
	return true;
}

static value random_setstate(struct vm *vm, value *a)
{
	struct random *r = self_of(a[0]);
	struct twister t = r->twister;
	const value *items;
	size_t count;

	if (!value_items(a[1], &items, &count) || count != 3 || !state_words(items[1], &t))
		return vm_raise(vm, vm->errors.ValueError, "setstate() wants what getstate() gave");
	r->twister = t;
	r->has_next = items[2].tag == TAG_FLOAT;
	r->next = r->has_next ? items[2].f : 0;
	return VALUE_NONE;
}

/* ---- the type and the module ------------------------------------------------------------------------------------------- */

static void holds_nothing(struct object *o, visit_fn visit, void *state)
{
}

static value random_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct random *r = object_new(cls, 0);

	if (random_seed(vm, r, call->count ? call->args[0] : VALUE_NONE))
		return value_object(r);
	object_drop(r);
	return VALUE_UNSET;
}

static value system_random_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct random *r = object_new(cls, 0);

	r->twister.system = true;
	twister_seed_system(&r->twister);
	return value_object(r);
}

static const struct native methods[] = {
	{ "seed", random_seed_method, "a=None, version=2", "Starts over from a number or text; None: from the system's random numbers." },
	{ "random", random_random, "", "A float in [0, 1)." },
	{ "getrandbits", random_getrandbits, "k, /", "An int of k random bits." },
	{ "randbytes", random_randbytes, "n, /", "n random bytes." },
	{ "randrange", random_randrange, "start, stop=None, step=1", "An item of range(start, stop, step)." },
	{ "randint", random_randint, "a, b", "An int from a to b, both included." },
	{ "getstate", random_getstate, "", "What setstate() takes to go on from here again." },
	{ "setstate", random_setstate, "state, /", "Goes back to where getstate() was called." },
	{0}
};

static const struct type_spec random_spec = {
	.name = "Random", .doc = "A generator of random numbers: the Mersenne Twister.", .size = sizeof(struct random),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "x=None", .slots = { .make = random_make, .visit = holds_nothing }, .methods = methods,
};
static const struct type_spec system_spec = {
	.name = "SystemRandom", .doc = "Random numbers from the system; they can't be repeated.", .size = sizeof(struct random),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .slots = { .make = system_random_make, .visit = holds_nothing },
};

static void add_methods(struct vm *vm, struct type *type, const struct native *n)
{
	for (; n->name; n++)
		dict_set_text(vm, type->attrs, n->name, native_new(vm, n, type));
}

/* The module's functions are the shared instance's methods. */
static bool add_functions(struct vm *vm, struct dict *g, value shared, const struct native *n)
{
	for (; n->name; n++) {
		value f = value_attr(vm, shared, str_intern(vm, n->name));
		if (is_unset(f))
			return false;
		dict_set_text(vm, g, n->name, f);
	}
	return true;
}

static value shared_of(struct vm *vm)
{
	if (is_unset(vm->own->shared_random)) {
		struct random *r = object_new(vm->own->random, 0);
		twister_seed_system(&r->twister);
		vm->own->shared_random = value_object(r);
	}
	return vm->own->shared_random;
}

struct twister *random_shared(struct vm *vm)
{
	return &self_of(shared_of(vm))->twister;
}

void random_add_type(struct vm *vm)
{
	vm->own->random = module_new_type(vm, NULL, &random_spec, "random");
	add_methods(vm, vm->own->random, random_choosing);
	add_methods(vm, vm->own->random, random_spread);
}

static bool fill(struct vm *vm, struct dict *g)
{
	value shared = shared_of(vm);
	struct type *system = type_new(vm, &system_spec, vm->own->random);

	module_add_type(vm, g, vm->own->random);
	module_add_type(vm, g, system);
	object_drop(system);
	return add_functions(vm, g, shared, methods) && add_functions(vm, g, shared, random_choosing)
		&& add_functions(vm, g, shared, random_spread);
}

const struct module_spec module_random = { "random", "Random numbers and choices.", NULL, fill };
