#include "packet/recent.h"

#include <string.h>

#include "base/mem.h"

enum { PLACES = 4, NAMES = 6 };

struct recent {
	struct made {
		uint32_t named;                 /* 0: empty */
		uint32_t misses;                /* calls in these words since then with other values */
		struct str *names[NAMES];       /* kept */
		value args[NAMES];              /* kept */
		struct part part;             /* shares its settings */
	} places[PLACES];
};

/* By the call's first name and how many there are: calls that differ otherwise take turns. */
static struct made *place_of(const struct layer *l, const struct call *call)
{
	return &l->recent->places[((uintptr_t)call->names[0] >> 5 ^ call->named) % PLACES];
}

static bool is_same(value a, value b)
{
	return a.tag == b.tag && a.i == b.i && (a.tag == TAG_INT || a.tag == TAG_OBJECT);
}

static bool same_names(const struct made *place, const struct call *call)
{
	return place->named == call->named && !memcmp(place->names, call->names, call->named * sizeof *place->names);
}

uint64_t recent_recall(struct part *p, const struct call *call)
{
	const struct layer *l = p->layer;
	uint32_t named = call->named;
	uint64_t all = named < 64 ? (UINT64_C(1) << named) - 1 : UINT64_MAX, left = 0;
	if (!l->recent || !named || p->values || p->dissected)
		return all;
	const struct made *place = place_of(l, call);
	const value *args = call->args + call->count;
	if (place->named != named)
		return all;
	for (uint32_t i = 0; i < named; i++) {
		if (place->names[i] != call->names[i])
			return all;
		left |= (uint64_t)!is_same(place->args[i], args[i]) << i;
	}
	if (left != all)
		part_share(p, &place->part);
	return left;
}

static void empty(struct made *place)
{
	for (uint32_t i = 0; i < place->named; i++) {
		object_drop(place->names[i]);
		value_drop(place->args[i]);
	}
	if (place->named)
		part_unshare(&place->part);
	place->named = 0;
}

static bool is_plain(value v)
{
	return v.tag == TAG_INT || is_kind(v, KIND_STR) || is_kind(v, KIND_BYTES);
}

static bool acts(const struct part *p)
{
	for (unsigned i = 0; i < p->layer->count; i++)
		if (!is_unset(p->layer->fields[i]->action))
			return true;
	return false;
}

static bool can_remember(const struct part *p, const struct call *call)
{
	if (!call->named || call->named > NAMES || p->layer->choices || p->unsteady || !p->values || p->given != p->worded)
		return false;
	for (uint32_t i = 0; i < call->named; i++)
		if (!is_plain(call->args[call->count + i]))
			return false;
	return !acts(p);
}

/* A loop in which some value is another one each time comes to be remembered more and more seldom. */
static bool is_due(struct made *place, const struct call *call)
{
	if (!same_names(place, call)) {
		place->misses = 0;
		return true;
	}
	place->misses++;
	return (place->misses & (place->misses - 1)) == 0;
}

void recent_remember(struct part *p, const struct call *call)
{
	if (!call->named || (p->layer->recent && !is_due(place_of(p->layer, call), call)) || !can_remember(p, call))
		return;
	if (!p->layer->recent)
		p->layer->recent = mem_zero(sizeof *p->layer->recent);
	struct made *place = place_of(p->layer, call);
	empty(place);
	place->named = call->named;
	for (uint32_t i = 0; i < call->named; i++) {
		place->names[i] = object_keep(call->names[i]);
		place->args[i] = value_keep(call->args[call->count + i]);
	}
	place->part = (struct part){ .layer = p->layer };
	part_share(&place->part, p);
}

void recent_forget(struct layer *l)
{
	for (unsigned i = 0; l->recent && i < PLACES; i++)
		empty(&l->recent->places[i]);
	mem_free(l->recent);
	l->recent = NULL;
}
