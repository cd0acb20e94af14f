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
	bool awake;                      /* `filter` and `promiscuous` are as they were last asked for */
	char *filter;                    /* NULL: none */
	bool promiscuous;
	enum capture_direction direction;
};

enum { MANY = 256 };

struct capture_pool {
	uint64_t sent;                   /* frames, since one was last taken */
	struct entry *entries;
	size_t count;
};

struct capture_pool *capture_pool_new(void)
{
	return mem_zero(sizeof(struct capture_pool));
}

static void entry_end(struct entry *entry)
{
	capture_free(entry->capture);
	mem_free(entry->filter);
}

void capture_pool_free(struct capture_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		entry_end(&p->entries[i]);
	mem_free(p->entries);
	mem_free(p);
}

static void drop(struct capture_pool *p, struct entry *entry)
{
	entry_end(entry);
	*entry = p->entries[--p->count];
}

static bool fits(const struct entry *entry, const struct capture_options *o)
{
	return !entry->taken && entry->snap == o->snap && entry->ring == o->ring && entry->buffered == o->buffered
	       && entry->monitor == o->monitor && entry->direction == o->direction && strcmp(capture_iface(entry->capture), o->iface) == 0;
}

static unsigned index_of(const struct capture_options *o)
{
	return o->index ? o->index : if_nametoindex(o->iface);
}

static struct entry *find(struct capture_pool *p, const struct capture_options *o)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!fits(&p->entries[i], o))
			continue;
		if (p->entries[i].index == index_of(o))
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
	p->entries[p->count] = (struct entry){ .capture = c, .index = index_of(o), .snap = o->snap, .ring = o->ring, .buffered = o->buffered,
	                                       .monitor = o->monitor, .direction = o->direction };
	return &p->entries[p->count++];
}

/* What came while nobody listened; false: it does not end. */
static bool drain(struct capture *c)
{
	enum { AWHILE = 4096 };
	struct capture_frame frame;
	struct error e = {0};
	int count = 0;
	while (count < AWHILE && capture_next(c, &frame, &e) == CAPTURE_FRAME)
		count++;
	error_clear(&e);
	if (count)                               /* a ring that is empty had room for all */
		capture_count_anew(c);
	return count < AWHILE;
}

static bool quieten(struct entry *entry)
{
	struct error e = {0};
	entry->awake = false;
	bool quiet = capture_filter(entry->capture, "", &e) && capture_promiscuous(entry->capture, false, &e);
	error_clear(&e);
	return quiet;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool wake(struct entry *entry, const struct capture_options *o, struct error *e)
{
	if (entry->awake && entry->promiscuous == o->promiscuous && same_text(entry->filter, o->filter)
	    && (o->as_it_is || drain(entry->capture)))
		return true;
	if (entry->awake)
		quieten(entry);
	while (!drain(entry->capture))
		;
	if (!capture_filter(entry->capture, o->filter, e) || !capture_promiscuous(entry->capture, o->promiscuous, e))
		return false;
	mem_free(entry->filter);
	entry->filter = o->filter ? mem_text(o->filter) : NULL;
	entry->promiscuous = o->promiscuous;
	entry->awake = true;
	return true;
}

struct capture *capture_pool_take(struct capture_pool *p, const struct capture_options *o, struct error *e)
{
	struct entry *entry = find(p, o);
	p->sent = 0;
	if (!entry)
		entry = add(p, o, e);
	if (!entry)
		return NULL;
	if (!wake(entry, o, e)) {
		if (!quieten(entry))
			drop(p, entry);
		return NULL;
	}
	entry->taken = true;
	return entry->capture;
}

static struct entry *entry_of(struct capture_pool *p, const struct capture *c)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->entries[i].capture == c)
			return &p->entries[i];
	return NULL;
}

void capture_pool_lend(struct capture_pool *p, struct capture *c, bool broken)
{
	struct entry *entry = entry_of(p, c);
	if (!entry) {
		capture_free(c);
		return;
	}
	entry->taken = false;
	if (broken)
		drop(p, entry);
}

void capture_pool_give(struct capture_pool *p, struct capture *c, bool broken)
{
	struct entry *entry = entry_of(p, c);
	capture_pool_lend(p, c, broken);
	if (entry && !broken && !quieten(entry))
		drop(p, entry);
}

void capture_pool_rest(struct capture_pool *p)
{
	for (size_t i = p->count; i-- > 0;)
		if (p->entries[i].awake && !p->entries[i].taken && !quieten(&p->entries[i]))
			drop(p, &p->entries[i]);
}

void capture_pool_sent(struct capture_pool *p, uint64_t count)
{
	bool many = p->sent >= MANY;
	p->sent += count;
	if (!many && p->sent >= MANY)
		capture_pool_rest(p);
}

bool capture_pool_taken(const struct capture_pool *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->entries[i].taken)
			return true;
	return false;
}
