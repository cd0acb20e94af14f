#include "net/stamps.h"

#include "base/mem.h"

struct stamped {
	struct inject *inject;
	uint32_t first;                  /* the number of rows[0]'s frame */
	size_t *rows, count, room;
};

enum { NO_ROW = -1 };

void stamps_free(struct stamps *s)
{
	for (size_t i = 0; i < s->count; i++) {
		inject_stamps_wanted(s->ways[i].inject, -1);
		mem_free(s->ways[i].rows);
	}
	mem_free(s->ways);
	*s = (struct stamps){0};
}

static struct stamped *way_of(const struct stamps *s, const struct inject *i)
{
	for (size_t at = 0; at < s->count; at++)
		if (s->ways[at].inject == i)
			return &s->ways[at];
	return NULL;
}

void stamps_begin(struct stamps *s, struct inject *i)
{
	if (way_of(s, i) || !inject_stamp(i, true))
		return;
	inject_stamps_wanted(i, 1);
	s->ways = mem_resize(s->ways, (s->count + 1) * sizeof *s->ways);
	s->ways[s->count++] = (struct stamped){ .inject = i, .first = inject_stamped(i) };
}

/* Frames of others' between ours, and those that had to be tried again, leave rows of nobody's. */
void stamps_add(struct stamps *s, struct inject *i, uint32_t number, size_t row)
{
	enum { MOST_GAP = 1 << 20 };
	struct stamped *w = way_of(s, i);
	uint32_t at = w ? number - w->first : 0;
	if (!w || at < w->count || at - w->count > MOST_GAP)
		return;
	if (at >= w->room) {
		w->room = ((size_t)at + 1) * 2;
		w->rows = mem_resize(w->rows, w->room * sizeof *w->rows);
	}
	while (w->count < at)
		w->rows[w->count++] = (size_t)NO_ROW;
	w->rows[w->count++] = row;
}

struct reading {
	const struct stamped *way;
	void (*found)(void *state, size_t row, int64_t time);
	void *state;
};

static void take(void *state, uint32_t number, int64_t time)
{
	const struct reading *r = state;
	uint32_t at = number - r->way->first;
	if (at < r->way->count && r->way->rows[at] != (size_t)NO_ROW)
		r->found(r->state, r->way->rows[at], time);
}

void stamps_read(struct stamps *s, void (*found)(void *state, size_t row, int64_t time), void *state)
{
	for (size_t i = 0; i < s->count; i++) {
		struct reading r = { &s->ways[i], found, state };
		inject_stamps(s->ways[i].inject, take, &r);
	}
}
