#include "net/emit.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/socket.h>

#include "packet/conf.h"
#include "packet/patch.h"

#include "net/aside.h"
#include "net/course.h"
#include "net/deadline.h"
#include "net/resets.h"
#include "net/resolve.h"

/* ---- what is given ---------------------------------------------------------------------------------------------------- */

static const struct iface *hinted(struct emit *e, value hint)
{
	struct address to;
	struct error error = {0};
	if (!is_str(hint) || !address_parse(as_str(hint)->data, &to)) {
		vm_raise(e->vm, e->vm->errors.ValueError, "%s(): iface_hint is an address, as text", e->function);
		return NULL;
	}
	const struct route *r = route_to(e->wire->routes, &to, 0, &error);
	const struct iface *i = r ? iface_by_index(e->wire->ifaces, r->iface, &error) : NULL;
	if (!i)
		vm_raise_error(e->vm, &error);
	return i;
}

static bool given(value v)
{
	return !is_unset(v) && !is_none(v);
}

bool emit_begin(struct emit *e, struct vm *vm, const char *function, bool link, value iface, value hint)
{
	*e = (struct emit){ .vm = vm, .wire = wire_sending(vm), .function = function, .link = link };
	if (!e->wire)
		return false;
	if (!link && !given(iface) && !given(hint))
		return true;
	const struct iface *i = !given(iface) && given(hint) ? hinted(e, hint) : wire_iface(vm, iface);
	if (!i)
		return false;
	memcpy(e->iface, i->name, sizeof e->iface);
	e->index = i->index;
	return true;
}

void emit_end(struct emit *e)
{
	aside_free(e);
	buf_free(&e->dots);
}

/* Link layers are those that captures of a link with headers begin with; raw IP is a link type too, without one. */
static bool begins_link(const struct layer *l)
{
	for (unsigned i = 0; i < l->link_type_count; i++)
		if (l->link_types[i] == DLT_EN10MB || l->link_types[i] == DLT_IEEE802_11 || l->link_types[i] == DLT_IEEE802_11_RADIO)
			return true;
	return false;
}

static bool begins_network(const struct layer *l)
{
	return l->family != 0;
}

static bool check_layer(struct emit *e, const struct layer *l)
{
	const char *name = layer_class_name(l), *other = e->link ? "" : "p";
	bool reply = e->function[1] == 'r';
	if (!e->link && begins_link(l))
		return vm_raise_ok(e->vm, e->vm->errors.ValueError, "%s() starts at layer 3 and got %s; use %s()", e->function, name,
		                   strcmp(e->function, "sr1") == 0 ? "srp1" : reply ? "srp" : "sendp");
	if (e->link && begins_network(l))
		return vm_raise_ok(e->vm, e->vm->errors.ValueError, "%s() starts at layer 2 and got %s; use %s()%s", e->function, name,
		                   strcmp(e->function, "srp1") == 0 ? "sr1" : reply ? "sr" : "send", other);
	return true;
}

static bool is_bytes_like(value v)
{
	return is_str(v) || is_bytes(v) || is_kind(v, KIND_BYTEARRAY);
}

/* Lists can be looked into twice, an iterator or a generator only once: there each packet is checked when it comes. */
static bool is_list(struct vm *vm, value v)
{
	const value *items;
	size_t count;
	return value_items(v, &items, &count) || value_is_a(vm, v, world_of(vm)->packetlist);
}

static bool refuse_class(struct emit *e, const char *name)
{
	return vm_raise_ok(e->vm, e->vm->errors.TypeError, "%s() sends packets; %s is a class: write %s()", e->function, name, name);
}

static bool check_any(struct emit *e, value packets)
{
	struct vm *vm = e->vm;
	if (packets.tag != TAG_OBJECT || is_int(packets))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() sends packets, not %s", e->function, value_type_name(vm, packets));
	if (is_packet(packets))
		return check_layer(e, packet_part(as_packet(packets))->layer);
	if (is_kind(packets, KIND_TYPE))
		return refuse_class(e, ((struct type *)packets.o)->name->data);
	if (is_bytes_like(packets) || !is_list(vm, packets))
		return true;
	value it = value_iterate(vm, packets), item;
	bool ok = !is_unset(it);
	while (ok && (item = value_next(vm, it), !is_unset(item))) {
		ok = check_any(e, item);
		value_drop(item);
	}
	value_drop(it);
	return ok && !vm_pending(vm);
}

bool emit_check(struct emit *e, value packets)
{
	e->many = !is_packet(packets) ? !is_bytes_like(packets) : stack_is_set(as_packet(packets)->stack, as_packet(packets)->at);
	return check_any(e, packets);
}

/* Bytes, and text as its UTF-8, are the load of a Raw. */
static value raw_of(struct vm *vm, value given)
{
	struct type *raw = layer_load(vm, "Raw");
	if (!raw)
		return vm_pending(vm) ? VALUE_UNSET : vm_raise(vm, vm->errors.RuntimeError, "the library has no Raw");
	value bytes = is_str(given) ? bytes_value(vm, as_str(given)->data, as_str(given)->len) : value_keep(given);
	value made = value_call_args(vm, value_object(raw), 1, &bytes);
	value_drop(bytes);
	return made;
}

struct visit {
	bool (*each)(struct emit *e, struct stack *member, void *state);
	bool (*laid_out)(struct emit *e, const struct emit_way *way, struct frame *frame, void *state);
	void *state;
	unsigned depth;
};

/* Built as it would be without: what is patched is compared with that at first and now and then, since a wrong packet must not leave. */
static bool is_same_built(struct emit *e, struct stack *same, const struct emit_way *way, const struct frame *patched, bool *out)
{
	struct frame *built = emit_frame(e, same, way);
	*out = built && built->len == patched->len && memcmp(built->bytes, patched->bytes, built->len) == 0;
	if (built)
		frame_drop(built);
	return built != NULL;
}

/* One that goes another way than those that were laid out. */
static bool visit_stray(struct emit *e, const struct patch *patch, struct stack *same, const struct visit *v)
{
	struct stack *member = same ? same : patch_packet(patch);
	bool ok = member && wire_sent(e->vm) && v->each(e, member, v->state);
	if (member && !same)
		stack_drop(member);
	return ok;
}

/* The further members of a set whose first has left. *again: the walk goes on member by member, from `member` where that is set; *later:
 * it is only this first one that cannot be gone by, the next may. */
static bool visit_laid_out(struct emit *e, struct walk *walk, struct stack *first, const struct visit *v, struct stack **member, bool *again, bool *later)
{
	enum { CHECKED = 8, EVERY = 4096 };
	struct emit_way way;
	struct emit_lead lead;
	bool known = emit_way_known(e, first, &way);
	*again = known;
	*later = known && (!way.inject || way.local || way.link_type != DLT_EN10MB);
	if (!known || *later)
		return known;
	struct frame *frame = emit_frame(e, first, &way);
	bool moves = frame && emit_lead(e, first, &way, &lead);
	struct patch *patch = frame && !emit_cut_size(e, &way, frame) ? patch_new(walk, first, frame->len, e->link ? 0 : 14, moves) : NULL;
	enum patch_result result = PATCH_DONE;
	bool ok = frame && !vm_pending(e->vm);
	uint64_t laid = 0;
	*again = ok && !patch;
	for (uint64_t n = 0; ok && patch && !*again; n++) {
		struct stack *same = NULL;
		bool right = true;
		uint32_t to;
		result = patch_next(patch, frame->bytes, laid < CHECKED || n % EVERY == 0 ? &same : NULL);
		if (result != PATCH_DONE)
			break;
		bool strays = patch_destination(patch, &to) && !emit_leads(e, &lead, to, frame);
		ok = strays ? visit_stray(e, patch, same, v) : !same || is_same_built(e, same, &way, frame, &right);
		e->whose = first;
		e->whose_at = 0;
		e->patch = patch;
		e->first = laid == 0;
		laid += !strays;
		if (ok && right && !strays)
			ok = v->laid_out(e, &way, frame, v->state);
		right = right && !e->refused;
		e->refused = false;
		if (frame->refs > 1) {
			struct frame *next = frame_new(frame->bytes, frame->len);
			frame_drop(frame);
			frame = next;
		}
		*again = ok && !right;
		if (*again)
			*member = same;
		else if (same)
			stack_drop(same);
	}
	patch_free(patch);
	if (frame)
		frame_drop(frame);
	return ok && result != PATCH_RAISED;
}

static bool is_plain_class(const struct stack *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->parts[i].dissected)
			return false;
	return true;
}

/* One packet that goes as the one before it did. */
static bool visit_again(struct emit *e, struct stack *s, unsigned at, const struct visit *v, bool *done)
{
	struct emit_way way;
	struct frame *frame;
	*done = false;
	if (!v->laid_out)
		return true;
	if (!course_frame(e, s, at, &way, &frame))
		return false;
	*done = frame != NULL;
	e->whose = s;
	e->whose_at = at;
	e->patch = NULL;
	bool ok = !frame || v->laid_out(e, &way, frame, v->state);
	frame_drop(frame);
	return ok;
}

static bool visit_member(struct emit *e, struct stack *member, const struct visit *v)
{
	bool done;
	if (!visit_again(e, member, 0, v, &done))
		return false;
	return done || (wire_sent(e->vm) && v->each(e, member, v->state));
}

static bool visit_packet(struct emit *e, struct packet *p, const struct visit *v)
{
	struct stack *member;
	bool done = false, set = stack_is_set(p->stack, p->at);
	if (!check_layer(e, packet_part(p)->layer) || (!set && !visit_again(e, p->stack, p->at, v, &done)))
		return false;
	if (done)                       /* and no copy was made */
		return true;
	struct walk *walk = walk_new(p->stack, p->at);
	if (!walk)
		return false;
	uint64_t count = 0;
	bool ok = true, alone = walk_count(walk, &count) && count == 1, laid_out = v->laid_out && set && !alone && is_plain_class(p->stack);
	while (ok && (member = walk_next(walk))) {
		ok = set ? visit_member(e, member, v) : wire_sent(e->vm) && v->each(e, member, v->state);
		bool again = true, later = false;
		struct stack *odd = NULL;
		if (ok && laid_out)
			ok = visit_laid_out(e, walk, member, v, &odd, &again, &later);
		laid_out = later;
		stack_drop(member);
		if (odd) {
			ok = ok && wire_sent(e->vm) && v->each(e, odd, v->state);
			stack_drop(odd);
		}
		if (!again)
			break;
	}
	walk_free(walk);
	return ok && !vm_pending(e->vm);
}

static bool visit(struct emit *e, value packets, struct visit *v);

static bool visit_items(struct emit *e, value packets, struct visit *v)
{
	struct vm *vm = e->vm;
	value it = value_iterate(vm, packets), item;
	bool ok = !is_unset(it);
	while (ok && (item = value_next(vm, it), !is_unset(item))) {
		ok = visit(e, item, v);
		value_drop(item);
	}
	value_drop(it);
	return ok && !vm_pending(vm);
}

static bool visit(struct emit *e, value packets, struct visit *v)
{
	enum { MOST_DEPTH = 16 };
	if (is_packet(packets))
		return visit_packet(e, as_packet(packets), v);
	if (is_bytes_like(packets)) {
		value raw = raw_of(e->vm, packets);
		bool ok = !is_unset(raw) && visit_packet(e, as_packet(raw), v);
		value_drop(raw);
		return ok;
	}
	if (packets.tag != TAG_OBJECT || is_int(packets) || is_kind(packets, KIND_TYPE) || v->depth >= MOST_DEPTH)
		return vm_raise_ok(e->vm, e->vm->errors.TypeError, "%s() sends packets, not %s", e->function, value_type_name(e->vm, packets));
	v->depth++;
	bool ok = visit_items(e, packets, v);
	v->depth--;
	return ok;
}

bool emit_members(struct emit *e, value packets, bool (*each)(struct emit *e, struct stack *member, void *state), void *state)
{
	return emit_frames(e, packets, each, NULL, state);
}

bool emit_frames(struct emit *e, value packets, bool (*each)(struct emit *e, struct stack *member, void *state),
                 bool (*laid_out)(struct emit *e, const struct emit_way *way, struct frame *frame, void *state), void *state)
{
	struct visit v = { each, laid_out, state, 0 };
	return visit(e, packets, &v);
}

/* ---- its bytes -------------------------------------------------------------------------------------------------------- */

/* Raw sockets let the kernel fill some of an IPv4 header. What we computed ourselves is what it would fill in; where it
 * differs, the user gave it. */
static void warn_replaced(struct emit *e, const struct frame *f)
{
	const uint8_t *p = f->bytes;
	if (f->len < 20 || p[0] >> 4 != 4)
		return;
	size_t header = (size_t)(p[0] & 15) * 4;
	struct buf what = {0};
	if ((size_t)(p[2] << 8 | p[3]) != f->len)
		buf_text(&what, ", len");
	if (header >= 20 && header <= f->len && checksum_of(p, header) != 0)
		buf_text(&what, ", chksum");
	if (p[4] == 0 && p[5] == 0)
		buf_text(&what, ", id 0");
	if (memcmp(p + 12, "\0\0\0\0", 4) == 0)
		buf_text(&what, ", src 0.0.0.0");
	if (what.len)
		packet_warn(e->vm, "to this machine itself the kernel fills in the header: your %s is not sent", buf_str(&what) + 2);
	buf_free(&what);
}

/* The member behind a link header of this interface. */
static struct frame *frame_on_link(struct emit *e, struct stack *member, int link_type)
{
	struct type *link = link_layer(e->vm, link_type);
	struct layer *layer = link ? layer_of(link) : NULL;
	struct stack *whole = layer ? stack_new(e->vm, layer) : NULL;
	struct frame *frame = whole && stack_append(whole, member, 0) ? build_frame(whole, 0) : NULL;
	if (whole)
		stack_drop(whole);
	return frame;
}

struct frame *emit_frame(struct emit *e, struct stack *member, const struct emit_way *way)
{
	struct frame *frame;
	struct stack *finished = stack_finished(member);
	if (finished)
		member = finished;
	e->wire->forced = way->local ? 0 : way->index;
	if (e->link || way->local || way->link_type == DLT_RAW)
		frame = build_frame(member, 0);
	else
		frame = frame_on_link(e, member, way->link_type);
	e->wire->forced = 0;
	if (frame && !e->link)
		course_note(e, member, way, frame);
	if (frame && way->local)
		warn_replaced(e, frame);
	if (finished)
		stack_drop(finished);
	return frame;
}

bool emit_send(struct emit *e, struct inject *inject, const struct inject_frame *frames, size_t count)
{
	enum { AT_ONCE = 1024 };
	resets_leaving(e->wire, inject_link_type(inject), frames, count);
	for (size_t done = 0; done < count;) {
		struct error error = {0};
		if (!wire_sent(e->vm))
			return false;
		size_t now = count - done < AT_ONCE ? count - done : AT_ONCE;
		done += inject_send(inject, frames + done, now, &error);
		if (error.kind && error.code != EINTR) {
			vm_raise_error(e->vm, &error);
			return false;
		}
		error_clear(&error);
		if (!vm_poll(e->vm))
			return false;
	}
	return true;
}
