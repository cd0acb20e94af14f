/* list.sort: a stable merge of the runs that the list already has (after Peters's timsort, without its gallop). Only < is
 * asked. The list is empty to everyone else while it is being sorted, since key and < may run the program's code. */
#include "lang/list.h"

#include <endian.h>
#include <string.h>

#include "base/mem.h"

enum { RUN_LEAST = 24, PENDING_MOST = 96 };

/* rank: where all keys are ints, or all strs, they are in the order of these numbers: of a str its first bytes, of which equal ones say nothing. */
struct pair { value key, item; uint64_t rank; };

struct sorter {
	struct vm *vm;
	struct pair *pairs, *spare;
	size_t count;
	struct run { size_t start, len; } pending[PENDING_MOST];
	size_t runs;
	bool failed, ranked, texts;      /* ranked: ranks are set; texts: of strs */
};

static bool less_slow(struct sorter *s, value a, value b)
{
	value answer = value_compare(s->vm, CMP_LT, a, b);
	bool less = false;
	if (is_unset(answer) || !value_truth(s->vm, answer, &less))
		s->failed = true;
	value_drop(answer);
	return less && !s->failed;
}

static bool less_text(value a, value b)
{
	const struct str *p = as_str(a), *q = as_str(b);
	int order = memcmp(p->data, q->data, p->len < q->len ? p->len : q->len);
	return order ? order < 0 : p->len < q->len;
}

static inline bool less(struct sorter *s, const struct pair *x, const struct pair *y)
{
	value a = x->key, b = y->key;
	if (s->ranked)
		return x->rank != y->rank ? x->rank < y->rank : s->texts && less_text(a, b);
	if (a.tag == TAG_INT && b.tag == TAG_INT)
		return a.i < b.i;
	if (a.tag == TAG_FLOAT && b.tag == TAG_FLOAT)
		return a.f < b.f;
	if (a.tag == TAG_OBJECT && b.tag == TAG_OBJECT && a.o->type == s->vm->types.str && b.o->type == s->vm->types.str)
		return less_text(a, b);
	return less_slow(s, a, b);
}

static void turn_round(struct pair *p, size_t count)
{
	for (size_t i = 0, j = count; i + 1 < j; ) {
		struct pair x = p[i];
		p[i++] = p[--j];
		p[j] = x;
	}
}

/* The run at `start`: rising, or strictly falling and then turned round. */
static size_t run_at(struct sorter *s, size_t start)
{
	struct pair *p = s->pairs + start;
	size_t left = s->count - start, len = 1;
	if (left == 1)
		return 1;
	bool falling = less(s, &p[1], &p[0]);
	for (len = 2; len < left && !s->failed && less(s, &p[len], &p[len - 1]) == falling; len++)
		;
	if (falling)
		turn_round(p, len);
	return len;
}

/* Lengthens the sorted run of `have` pairs to `want` by binary insertion. */
static void insert_up_to(struct sorter *s, struct pair *p, size_t have, size_t want)
{
	for (; have < want && !s->failed; have++) {
		struct pair x = p[have];
		size_t low = 0, high = have;
		while (low < high && !s->failed) {
			size_t middle = low + (high - low) / 2;
			if (less(s, &x, &p[middle]))
				high = middle;
			else
				low = middle + 1;
		}
		memmove(p + low + 1, p + low, (have - low) * sizeof *p);
		p[low] = x;
	}
}

/* Whatever fails, every pair is in its array once: what is left of either side is moved as it stands. */
static void merge(struct sorter *s, size_t start, size_t a_len, size_t b_len)
{
	struct pair *a = s->spare, *b = s->pairs + start + a_len, *out = s->pairs + start;
	struct pair *a_end = a + a_len, *b_end = b + b_len;
	memcpy(a, out, a_len * sizeof *a);
	while (s->ranked && !s->texts && a < a_end && b < b_end) {       /* without a branch that nobody could foretell */
		bool second = b->rank < a->rank;
		*out++ = *(second ? b : a);
		b += second;
		a += !second;
	}
	while (a < a_end && b < b_end && !s->failed)
		*out++ = less(s, b, a) ? *b++ : *a++;
	memmove(out, a, (size_t)(a_end - a) * sizeof *a);
}

static void merge_at(struct sorter *s, size_t i)
{
	struct run *r = s->pending;
	merge(s, r[i].start, r[i].len, r[i + 1].len);
	r[i].len += r[i + 1].len;
	memmove(r + i + 1, r + i + 2, (s->runs - i - 2) * sizeof *r);
	s->runs--;
	if (!vm_poll(s->vm))
		s->failed = true;
}

/* Keeps the lengths of the pending runs falling fast enough that few of them wait. */
static void merge_pending(struct sorter *s, bool all)
{
	struct run *r = s->pending;
	while (s->runs > 1 && !s->failed) {
		size_t n = s->runs - 2;
		bool three = n > 0 && r[n - 1].len <= r[n].len + r[n + 1].len;
		bool four = n > 1 && r[n - 2].len <= r[n - 1].len + r[n].len;
		if (!all && !three && !four && r[n].len > r[n + 1].len)
			return;
		merge_at(s, n > 0 && r[n - 1].len < r[n + 1].len && (all || three || four) ? n - 1 : n);
	}
}

static size_t least_run(size_t count)
{
	size_t odd = 0;
	for (; count >= RUN_LEAST * 2; count >>= 1)
		odd |= count & 1;
	return count + odd;
}

static void sort_pairs(struct sorter *s)
{
	size_t least = least_run(s->count);
	for (size_t at = 0; at < s->count && !s->failed; ) {
		size_t len = run_at(s, at), want = s->count - at < least ? s->count - at : least;
		if (len < want) {
			insert_up_to(s, s->pairs + at, len, want);
			len = want;
		}
		s->pending[s->runs++] = (struct run){ at, len };
		at += len;
		merge_pending(s, false);
	}
	merge_pending(s, true);
}

static bool make_keys(struct sorter *s, value *items, value key)
{
	for (size_t i = 0; i < s->count; i++) {
		s->pairs[i].item = items[i];
		s->pairs[i].key = is_none(key) ? value_keep(items[i]) : VALUE_UNSET;
	}
	for (size_t i = 0; i < s->count && !is_none(key); i++) {
		s->pairs[i].key = value_call_args(s->vm, key, 1, &items[i]);
		if (is_unset(s->pairs[i].key))
			return false;
	}
	return true;
}

static uint64_t rank_of(value key, bool text)
{
	uint64_t rank = 0;
	if (!text)
		return (uint64_t)key.i ^ (uint64_t)1 << 63;
	memcpy(&rank, as_str(key)->data, as_str(key)->len < sizeof rank ? as_str(key)->len : sizeof rank);
	return be64toh(rank);
}

static void rank(struct sorter *s)
{
	const struct type *str = s->vm->types.str;
	s->texts = s->count && s->pairs[0].key.tag == TAG_OBJECT && s->pairs[0].key.o->type == str;
	for (size_t i = 0; i < s->count; i++) {
		value key = s->pairs[i].key;
		if (s->texts ? key.tag != TAG_OBJECT || key.o->type != str : key.tag != TAG_INT)
			return;
		s->pairs[i].rank = rank_of(key, s->texts);
	}
	s->ranked = true;
}

bool list_sort(struct vm *vm, struct list *l, value key, bool reverse)
{
	if (l->count < 2 && is_none(key))
		return true;
	struct list taken = *l;
	struct sorter s = { .vm = vm, .count = l->count };
	s.pairs = mem_try(2 * s.count * sizeof *s.pairs + 1);
	if (!s.pairs)
		return vm_raise_ok(vm, vm->errors.MemoryError, "no memory to sort %zu items", s.count);
	s.spare = s.pairs + s.count;
	l->items = NULL;
	l->count = l->room = 0;
	s.failed = !make_keys(&s, taken.items, key);
	if (reverse)
		turn_round(s.pairs, s.count);
	if (!s.failed) {
		rank(&s);
		sort_pairs(&s);
	}
	if (reverse)
		turn_round(s.pairs, s.count);
	for (size_t i = 0; i < s.count; i++) {
		taken.items[i] = s.pairs[i].item;
		value_drop(s.pairs[i].key);
	}
	mem_free(s.pairs);
	bool changed = l->items != NULL;
	list_clear(l);
	l->items = taken.items;
	l->count = taken.count;
	l->room = taken.room;
	if (changed && !s.failed)
		return vm_raise_ok(vm, vm->errors.ValueError, "list modified during sort");
	return !s.failed;
}
