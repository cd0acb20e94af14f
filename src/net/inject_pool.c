/* Ways out that stay open, by interface or address family. */
#include "net/inject.h"

#include <string.h>

#include "base/mem.h"

struct entry {
	struct inject *inject;
	struct iface iface;              /* as it was when opened; index 0 and family set: a raw socket */
	int family;
};

/* A way out whose interface changed is kept a while: frames may wait for it in somebody's hands. */
enum { RETIRED = 8 };

struct inject_pool {
	struct iface_table *ifaces;
	struct entry *entries;
	size_t count;
	uint32_t mark;
	struct inject *retired[RETIRED];
	size_t retired_at;
};

struct inject_pool *inject_pool_new(struct iface_table *ifaces)
{
	struct inject_pool *p = mem_zero(sizeof *p);
	p->ifaces = ifaces;
	return p;
}

void inject_pool_free(struct inject_pool *p)
{
	if (!p)
		return;
	for (size_t at = 0; at < p->count; at++)
		inject_free(p->entries[at].inject);
	for (size_t at = 0; at < RETIRED; at++)
		inject_free(p->retired[at]);
	mem_free(p->entries);
	mem_free(p);
}

static struct entry *find(struct inject_pool *p, int family, int index)
{
	for (size_t at = 0; at < p->count; at++)
		if (p->entries[at].family == family && p->entries[at].iface.index == index)
			return &p->entries[at];
	return NULL;
}

static struct inject *add(struct inject_pool *p, struct inject *inject, int family, const struct iface *iface)
{
	struct entry entry = { .inject = inject, .iface = *iface, .family = family };
	entry.iface.addresses = NULL;
	entry.iface.address_count = 0;
	p->entries = mem_resize(p->entries, (p->count + 1) * sizeof entry);
	p->entries[p->count++] = entry;
	return inject;
}

static void drop(struct inject_pool *p, struct entry *entry)
{
	struct inject **place = &p->retired[p->retired_at++ % RETIRED];
	inject_free(*place);
	*place = entry->inject;
	*entry = p->entries[--p->count];
}

static bool same(const struct iface *a, const struct iface *b)
{
	return strcmp(a->name, b->name) == 0 && a->hardware == b->hardware && a->mtu == b->mtu;
}

struct inject *inject_pool_link(struct inject_pool *p, const struct iface *iface, struct error *e)
{
	struct entry *entry = find(p, 0, iface->index);
	if (entry && same(&entry->iface, iface))
		return entry->inject;
	if (entry)
		drop(p, entry);
	struct inject *inject = inject_link(iface, e);
	return inject ? add(p, inject, 0, iface) : NULL;
}

struct inject *inject_pool_raw(struct inject_pool *p, int family, int index, struct error *e)
{
	struct entry *entry = find(p, family, index);
	if (entry)
		return entry->inject;
	struct iface any = { .index = index };
	struct inject *inject = inject_raw(family, index, e);
	if (inject && p->mark && !inject_mark(inject, p->mark, e)) {
		inject_free(inject);
		return NULL;
	}
	return inject ? add(p, inject, family, &any) : NULL;
}

bool inject_pool_mark(struct inject_pool *p, uint32_t mark, struct error *e)
{
	for (size_t at = 0; at < p->count; at++)
		if (p->entries[at].family && !inject_mark(p->entries[at].inject, mark, e))
			return false;
	p->mark = mark;
	return true;
}
