#include "packet/recent.h"

#include <string.h>

#include "base/mem.h"

enum { PLACES = 4, NAMES = 6 };

struct recent {
	struct made {
		uint32_t named;                 /* 0: empty */
		struct str *names[NAMES];       /* kept */
		value args[NAMES];              /* kept */
		struct part part;             /* shares its settings */
	} places[PLACES];
};

/* By the call's first name and how many there are: calls that differ otherwise take turns. */
static struct made *place_of(struct layer *l, const struct call *call)
{
	return &l->recent->places[((uintptr_t)call->names[0] >> 5 ^ call->named) % PLACES];
}

static bool is_same(value a, value b)
{
	return a.tag == b.tag && a.i == b.i && (a.tag == TAG_INT || a.tag == TAG_OBJECT);
}

bool recent_recall(struct part *p, const struct call *call)
{
	struct layer *l = p->layer;
	if (!l->recent || !call->named || p->values || p->dissected)
		return false;
	const struct made *place = place_of(l, call);
	if (place->named != call->named)
		return false;
	for (uint32_t i = 0; i < call->named; i++)
		if (place->names[i] != call->names[i] || !is_same(place->args[i], call->args[call->count + i]))
			return false;
	part_share(p, &place->part);
	return true;
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

static bool can_remember(const struct part *p, const struct call *call)
{
	if (!call->named || call->named > NAMES || p->layer->choices || p->unsteady || !p->values || p->given != p->worded)
		return false;
	for (uint32_t i = 0; i < call->named; i++)
		if (!is_plain(call->args[call->count + i]))
			return false;
	return true;
}

void recent_remember(struct part *p, const struct call *call)
{
	if (!can_remember(p, call))
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
