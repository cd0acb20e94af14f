#include "net/own_routes.h"

#include "base/mem.h"

void own_routes_clear(struct own_routes *o)
{
	mem_free(o->added);
	mem_free(o->hidden);
	*o = (struct own_routes){0};
}

void own_routes_add(struct route_entry **list, size_t *count, const struct route_entry *entry)
{
	*list = mem_resize(*list, (*count + 1) * sizeof **list);
	(*list)[(*count)++] = *entry;
}

const struct route_entry *own_routes_find(const struct own_routes *o, const struct address *to, int iface)
{
	const struct route_entry *best = NULL;
	for (size_t i = 0; i < o->added_count; i++) {
		const struct route_entry *r = &o->added[i];
		if (!address_in(to, &r->destination, r->prefix) || (iface && r->route.iface != iface))
			continue;
		if (!best || r->prefix > best->prefix || (r->prefix == best->prefix && r->metric <= best->metric))
			best = r;
	}
	return best;
}

bool own_routes_hides(const struct own_routes *o, const struct route_entry *entry)
{
	for (size_t i = 0; i < o->hidden_count; i++) {
		const struct route_entry *h = &o->hidden[i];
		if (address_equal(&h->destination, &entry->destination) && h->prefix == entry->prefix && h->route.iface == entry->route.iface
		    && address_equal(&h->route.gateway, &entry->route.gateway))
			return true;
	}
	return false;
}
