#include "net/capture_pool.h"

#include <net/if.h>
#include <string.h>

#include "base/mem.h"

struct entry {
	struct capture *capture;
	unsigned index;                  /* of its interface, which may have got another since; 0: "any" */
	uint32_t snap;
	size_t ring;
	bool buffered, monitor, taken;
	enum capture_direction direction;
};

struct capture_pool {
	struct entry *entries;
	size_t count;
};

struct capture_pool *capture_pool_new(void)
{
	return mem_zero(sizeof(struct capture_pool));
}

void capture_pool_free(struct capture_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		capture_free(p->entries[i].capture);
	mem_free(p->entries);
	mem_free(p);
}

static void drop(struct capture_pool *p, struct entry *entry)
{
	capture_free(entry->capture);
	*entry = p->entries[--p->count];
}

static bool fits(const struct entry *entry, const struct capture_options *o)
{
	return !entry->taken && entry->snap == o->snap && entry->ring == o->ring && entry->buffered == o->buffered
	       && entry->monitor == o->monitor && entry->direction == o->direction && strcmp(capture_iface(entry->capture), o->iface) == 0;
}

static struct entry *find(struct capture_pool *p, const struct capture_options *o)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!fits(&p->entries[i], o))
			continue;
		if (p->entries[i].index == if_nametoindex(o->iface))
			return &p->entries[i];
		drop(p, &p->entries[i--]);
	}
	return NULL;
}

static struct entry *add(struct capture_pool *p, const struct capture_options *o, struct error *e)
{
	struct capture_options quiet = *o;
	quiet.filter = "";
	quiet.promiscuous = false;
	struct capture *c = capture_open(&quiet, e);
	if (!c)
		return NULL;
	p->entries = mem_resize(p->entries, (p->count + 1) * sizeof *p->entries);
	p->entries[p->count] = (struct entry){ c, if_nametoindex(o->iface), o->snap, o->ring, o->buffered, o->monitor, false, o->direction };
	return &p->entries[p->count++];
}

static void drain(struct capture *c)
{
	struct capture_frame frame;
	struct error e = {0};
	while (capture_next(c, &frame, &e) == CAPTURE_FRAME)
		;
	error_clear(&e);
	capture_count_anew(c);
}

static bool quieten(struct capture *c)
{
	struct error e = {0};
	bool quiet = capture_filter(c, "", &e) && capture_promiscuous(c, false, &e);
	error_clear(&e);
	return quiet;
}

struct capture *capture_pool_take(struct capture_pool *p, const struct capture_options *o, struct error *e)
{
	struct entry *entry = find(p, o);
	if (!entry)
		entry = add(p, o, e);
	if (!entry)
		return NULL;
	drain(entry->capture);
	if (!capture_filter(entry->capture, o->filter, e) || !capture_promiscuous(entry->capture, o->promiscuous, e)) {
		if (!quieten(entry->capture))
			drop(p, entry);
		return NULL;
	}
	entry->taken = true;
	return entry->capture;
}

void capture_pool_give(struct capture_pool *p, struct capture *c, bool broken)
{
	for (size_t i = 0; i < p->count; i++) {
		struct entry *entry = &p->entries[i];
		if (entry->capture != c)
			continue;
		entry->taken = false;
		if (broken || !quieten(c))
			drop(p, entry);
		return;
	}
	capture_free(c);
}
