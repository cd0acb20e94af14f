/* Frames larger than the MTU: what may be fragmented is, and what a kernel left for its card to cut is cut into segments. How, the library
 * says (tools/fragment.pkt, tools/segment.pkt). */
#include <errno.h>
#include <pcap/dlt.h>

#include "packet/conf.h"

#include "net/emit.h"

size_t emit_cut_size(struct emit *e, const struct emit_way *way, const struct frame *whole)
{
	enum { LINK = 14, DONT = 0x40 };
	struct error error = {0};
	if (e->link || way->local || way->link_type != DLT_EN10MB || whole->len < LINK + 20 || whole->bytes[LINK] >> 4 != 4)
		return 0;
	const struct iface *i = iface_by_index(e->wire->ifaces, way->index, &error);
	size_t header = (size_t)(whole->bytes[LINK] & 15) * 4, mtu = i ? i->mtu : 0;
	error_clear(&error);
	if (mtu < header + 8 || whole->len <= mtu + LINK || whole->bytes[LINK + 6] & DONT)
		return 0;
	return (mtu - header) / 8 * 8;
}

static value cut_by(struct emit *e, const char *module_name, const char *function, struct stack *member, size_t size)
{
	value module = vm_import(e->vm, module_name);
	value f = is_unset(module) ? module : value_attr(e->vm, module, str_intern(e->vm, function));
	value args[] = { packet_object(member, 0), value_int((int64_t)size) };
	value list = is_unset(f) ? f : value_call_args(e->vm, f, 2, args);
	value_drop(args[0]);
	value_drop(f);
	value_drop(module);
	return list;
}

/* The MTU that a frame is over; 0: it fits. A VLAN tag is the link's. */
static size_t over_mtu(struct emit *e, const struct emit_way *way, const struct frame *whole)
{
	enum { LINK = 14, TAG = 4 };
	struct error error = {0};
	const struct iface *i = way->local || way->link_type != DLT_EN10MB ? NULL : iface_by_index(e->wire->ifaces, way->index, &error);
	error_clear(&error);
	return i && whole->len > i->mtu + LINK + TAG ? i->mtu : 0;
}

static bool is_captured(const struct stack *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->parts[i].dissected)
			return true;
	return false;
}

/* What a kernel left for its card to cut, or put together while receiving. None: it has another size than any that could be told. */
static value segments(struct emit *e, struct stack *member, size_t mtu, size_t len)
{
	value list = cut_by(e, "tools.segment", "segments", member, mtu);
	if (!is_none(list) || !member->about || !member->about->sum_left_to_card)
		return list;
	struct error error = {0};
	error_set(&error, "OSError", "%zu bytes do not fit the MTU (%zu), and how the card was to cut them cannot be told: only TCP is cut here (before capturing: "
	          "ethtool -K IFACE tso off gso off)", len, mtu);
	error.code = EMSGSIZE;
	vm_raise_error(e->vm, &error);
	return VALUE_UNSET;
}

bool emit_cut(struct emit *e, struct stack *member, const struct emit_way *way, const struct frame *whole,
              bool (*each)(struct emit *e, struct stack *member, void *state), void *state, bool *cut)
{
	size_t size = emit_cut_size(e, way, whole), mtu = size || !is_captured(member) ? 0 : over_mtu(e, way, whole), count = 0;
	*cut = false;
	if (!mtu && (!size || !conf_flag(e->vm, "auto_fragment", cut) || !*cut))
		return !vm_pending(e->vm);
	value list = mtu ? segments(e, member, mtu, whole->len) : cut_by(e, "tools.fragment", "fragment", member, size);
	bool ok = !is_unset(list) && (is_none(list) || value_length(e->vm, list, &count));
	*cut = count > 1;                       /* what cannot be cut is refused by the interface, with its reason */
	ok = ok && (!*cut || emit_members(e, list, each, state));
	value_drop(list);
	return ok;
}
