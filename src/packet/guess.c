/* Which class the payload is.
 *
 * A layer has dozens of bindings, which are tried in the order they were made. Most ask for a number in a field, and on the wire
 * there is one: a selector leads from (field, number) to the bindings that ask for it, in their order. Each binding is found by one
 * of its fields, the one in which the layer's bindings differ most ("frag=0, proto=17": by proto). What asks for no number at
 * all is tried always.
 *
 *      keys   sport   dport                       slots   (sport, 123) -> 4 -> 17        chain, by the binding's index
 *                                                         (dport, 53)  -> 0
 *      always -> 9 */
#include <string.h>

#include "base/mem.h"
#include "packet/packet.h"
#include "packet/world.h"

enum { KEYS = 6, NO_MORE = UINT16_MAX };

struct slot { uint64_t word; uint16_t key, first; };                    /* first: NO_MORE: empty */

struct selector {
	unsigned keys, mask;
	uint16_t fields[KEYS];          /* by which bindings are found */
	struct slot *slots;             /* mask + 1 of them */
	uint16_t *next;                 /* of each binding: the next one of its chain */
	int16_t *found_by;              /* ... and the match that leads to it; -1: none */
	uint16_t always;
};

void selector_drop(struct layer *l)
{
	if (!l->selector)
		return;
	mem_free(l->selector->slots);
	mem_free(l->selector->next);
	mem_free(l->selector->found_by);
	mem_free(l->selector);
	l->selector = NULL;
}

/* ---- making ---- */

static bool asks(const struct binding *b, unsigned field, uint64_t *word)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->matches[i].field == field && b->matches[i].is_word) {
			*word = b->matches[i].word;
			return true;
		}
	return false;
}

/* In how many ways do the bindings ask for that field? Counted roughly: neighbours that are alike count once. */
static unsigned differences(const struct layer *l, unsigned field)
{
	unsigned count = 0;
	uint64_t word, last = 0;
	for (unsigned i = 0; i < l->binding_count; i++)
		if (asks(&l->bindings[i], field, &word)) {
			count += !count || word != last;
			last = word;
		}
	return count;
}

static int best_match(const struct layer *l, const struct binding *b)
{
	int best = -1;
	unsigned most = 0;
	for (unsigned i = 0; i < b->count; i++) {
		unsigned count = b->matches[i].is_word ? differences(l, b->matches[i].field) : 0;
		if (count > most) {
			most = count;
			best = (int)i;
		}
	}
	return best;
}

/* Its place among the keys; KEYS: there are too many. */
static unsigned key_of(struct selector *s, unsigned field)
{
	unsigned key = 0;
	while (key < s->keys && s->fields[key] != field)
		key++;
	if (key == s->keys && key < KEYS)
		s->fields[s->keys++] = (uint16_t)field;
	return key;
}

static struct slot *slot_of(const struct selector *s, unsigned key, uint64_t word)
{
	unsigned at = (unsigned)((word * 0x9e3779b97f4a7c15u >> 40) + key * 7) & s->mask;
	while (s->slots[at].first != NO_MORE && (s->slots[at].word != word || s->slots[at].key != key))
		at = (at + 1) & s->mask;
	return &s->slots[at];
}

/* Bindings come last first, so that each stands before those after it. */
static void enter(struct selector *s, const struct layer *l, unsigned i)
{
	const struct binding *b = &l->bindings[i];
	int best = best_match(l, b);
	unsigned key = best < 0 ? KEYS : key_of(s, b->matches[best].field);
	uint16_t *first = &s->always;
	if (key < KEYS) {
		struct slot *slot = slot_of(s, key, b->matches[best].word);
		slot->word = b->matches[best].word;
		slot->key = (uint16_t)key;
		first = &slot->first;
	}
	s->found_by[i] = (int16_t)(key < KEYS ? best : -1);
	s->next[i] = *first;
	*first = (uint16_t)i;
}

static struct selector *selector_of(struct layer *l)
{
	if (l->selector)
		return l->selector;
	struct selector *s = l->selector = mem_zero(sizeof *s);
	for (s->mask = 3; s->mask < l->binding_count * 2; s->mask = s->mask * 2 + 1)
		;
	s->slots = mem_alloc((s->mask + 1) * sizeof *s->slots);
	memset(s->slots, 0xff, (s->mask + 1) * sizeof *s->slots);
	s->next = mem_alloc((l->binding_count + 1) * sizeof *s->next);
	s->found_by = mem_alloc((l->binding_count + 1) * sizeof *s->found_by);
	s->always = NO_MORE;
	for (unsigned i = l->binding_count; i-- > 0;)
		enter(s, l, i);
	return s;
}

/* ---- asking ---- */

/* Whose payload it is; `of`: the layer that the bindings are of, when this one only stands for it (aliastypes): fields have other
 * numbers there. NULL: they are its own. */
struct asked { struct stack *stack; unsigned at; const struct layer *of; };

static int field_here(const struct asked *a, unsigned field)
{
	return a->of ? layer_field(a->stack->parts[a->at].layer, a->of->fields[field]->name) : (int)field;
}

/* A field that is not there in this packet counts as its default, as in Scapy. */
static bool word_here(const struct asked *a, unsigned field, uint64_t *word)
{
	if (!a->of && part_placed(&a->stack->parts[a->at], field, word))
		return true;
	int here = field_here(a, field);
	bool present = true;
	if (here < 0)
		return false;
	if (part_word(a->stack, a->at, (unsigned)here, word))
		return true;
	struct vm *vm = a->stack->vm;
	const struct field *f = a->stack->parts[a->at].layer->fields[here];
	if (part_present(a->stack, a->at, (unsigned)here, &present) && !present && !is_none(f->fallback) && f->kind->codec->to_word(vm, f, f->fallback, word))
		return true;
	vm_clear(vm);
	return false;
}

static bool match_holds(const struct asked *a, const struct match *m)
{
	struct vm *vm = a->stack->vm;
	uint64_t word;
	bool same = false;
	if (m->is_word)
		return word_here(a, m->field, &word) && word == m->word;
	int here = field_here(a, m->field);
	value v = here < 0 ? VALUE_UNSET : part_get(a->stack, a->at, (unsigned)here);
	bool done = !is_unset(v) && value_equal(vm, v, m->is, &same);
	value_drop(v);
	return done && same;
}

/* `found_by`: the match that led to it; -1: none. */
static bool fits(const struct asked *a, const struct binding *b, int found_by)
{
	for (unsigned i = 0; i < b->count; i++)
		if ((int)i != found_by && !match_holds(a, &b->matches[i]))
			return false;
	return true;
}

static struct type *load_upper(struct vm *vm, struct binding *b)
{
	if (!b->upper)
		b->upper = layer_load(vm, b->upper_name);
	return b->upper;
}

/* One after the other, from the i-th. */
static struct type *guess_from(const struct asked *a, struct layer *l, unsigned i)
{
	struct vm *vm = a->stack->vm;
	struct type *upper = NULL;
	for (; !upper && i < l->binding_count && !vm_pending(vm); i++)
		if (fits(a, &l->bindings[i], -1))
			upper = load_upper(vm, &l->bindings[i]);
	return vm_pending(vm) ? NULL : upper;
}

static unsigned chains_of(const struct selector *by, const struct asked *a, uint16_t *heads)
{
	unsigned count = 0;
	uint64_t word;
	if (by->always != NO_MORE)
		heads[count++] = by->always;
	for (unsigned key = 0; key < by->keys; key++) {
		uint16_t first = word_here(a, by->fields[key], &word) ? slot_of(by, key, word)->first : NO_MORE;
		if (first != NO_MORE)
			heads[count++] = first;
	}
	return count;
}

/* Takes the least of the chains' heads. */
static unsigned take_least(const struct selector *s, uint16_t *heads, unsigned count)
{
	unsigned least = 0;
	for (unsigned i = 1; i < count; i++)
		if (heads[i] < heads[least])
			least = i;
	unsigned at = heads[least];
	if (at != NO_MORE)
		heads[least] = s->next[at];
	return at;
}

static struct type *guess_in(const struct asked *a, struct layer *l)
{
	struct vm *vm = a->stack->vm;
	uint16_t heads[KEYS + 1];
	if (!l->binding_count)
		return NULL;
	unsigned count = chains_of(selector_of(l), a, heads), i;
	while (count && (i = take_least(l->selector, heads, count)) != NO_MORE) {
		if (!fits(a, &l->bindings[i], l->selector->found_by[i])) {
			if (vm_pending(vm))
				return NULL;
			continue;
		}
		struct type *upper = load_upper(vm, &l->bindings[i]);
		if (upper || vm_pending(vm))
			return upper;
		return guess_from(a, l, i + 1);         /* what was run to load it may have bound more */
	}
	return NULL;
}

struct type *bind_guess(struct vm *vm, struct stack *s, unsigned at)
{
	/* A class without fields of its own is bound as its base is. */
	struct layer *own = s->parts[at].layer, *l = own;
	struct type *upper = NULL;
	for (const struct type *t = own->type; t && (l = t == own->type ? own : t->extra) && l->count == own->count; t = t->base)
		if ((upper = guess_in(&(struct asked){ s, at, NULL }, l)) || vm_pending(vm))
			return upper;
	for (unsigned i = 0; i < own->alias_count; i++) {
		struct type *alias = alias_type(vm, &own->aliases[i]);
		if (alias && ((upper = guess_in(&(struct asked){ s, at, alias->extra }, alias->extra)) || vm_pending(vm)))
			return upper;
	}
	return NULL;
}
