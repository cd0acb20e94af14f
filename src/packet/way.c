/* Whose address counts: a header between the network layer and what it carries may say that another destination is the last one
 * (a routing header, RFC 8200, 8.1), or that another source is meant (a home address, RFC 6275). Sums and answers go by that. */
#include "packet/packet.h"

/* final_destination: the first or last item of a list of addresses, while its text holds. */
static value item_address(struct stack *s, unsigned at, const struct way *way)
{
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	const value *items;
	size_t count;
	int64_t holds;
	value found = VALUE_UNSET;
	if (!expr_run(&site, way->test, 0, 0, &holds) || !holds)
		return found;
	value list = part_effective(s, at, (unsigned)way->field);
	if (!is_unset(list) && value_items(list, &items, &count) && count)
		found = value_keep(items[way->item < 0 ? count - 1 : 0]);
	value_drop(list);
	return found;
}

/* home_address: a field of the item of that class. */
static value home_address(struct stack *s, unsigned at, const struct way *way)
{
	const value *items;
	size_t count = 0;
	value found = VALUE_UNSET, list = part_effective(s, at, (unsigned)way->field);
	if (is_unset(list) || !value_items(list, &items, &count))
		count = 0;
	for (size_t i = 0; i < count && is_unset(found) && !vm_pending(s->vm); i++) {
		struct packet *p = is_packet(items[i]) ? as_packet(items[i]) : NULL;
		int field = p ? layer_field(packet_part(p)->layer, way->inner) : -1;
		if (field >= 0 && packet_part(p)->layer->type->name == way->class_name)
			found = part_effective(p->stack, p->at, (unsigned)field);
	}
	value_drop(list);
	return found;
}

int way_network(const struct stack *s, unsigned at)
{
	for (int i = (int)at - 1; i >= 0; i--) {
		const struct layer *l = s->parts[i].layer;
		if (l->family)
			return i;
		if (l->protocol < 0)
			break;
	}
	return -1;
}

value way_address(struct stack *s, unsigned network, unsigned before, bool source)
{
	for (unsigned i = before; i-- > network + 1 && !vm_pending(s->vm);) {
		const struct layer *l = s->parts[i].layer;
		const struct way *way = source ? &l->home_address : &l->final_destination;
		value found = way->field < 0 ? VALUE_UNSET : source ? home_address(s, i, way) : item_address(s, i, way);
		if (!is_unset(found))
			return found;
	}
	return VALUE_UNSET;
}
