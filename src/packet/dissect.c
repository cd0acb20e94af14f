/* Reading: bytes become a row of layer boundaries. One loop, at most LAYERS_MAX layers, each byte looked at once; no field
 * is decoded but those that say where a boundary is.
 *
 *      |<- start          header_end ->|<- payload ->|<- end of the layer's own | padding ->|
 *
 * What a length cuts off behind the payload becomes Padding at the end of the row, innermost first, which is its order on the wire.
 * A header that is cut short is no such layer: the bytes are Raw, marked with the reason. */
#include <string.h>

#include "base/mem.h"
#include "packet/packet.h"
#include "packet/packet_hooks.h"
#include "packet/reading.h"
#include "packet/world.h"

struct layer *reading_plain(struct vm *vm, struct type **place, const char *name)
{
	if (!*place)
		*place = layer_load(vm, name);
	if (!*place && !vm_pending(vm))
		vm_raise(vm, vm->errors.RuntimeError, "the layer %s is not there", name);
	return layer_of(*place);
}

void reading_begin(struct reading *r, struct stack *s, TAKES struct frame *frame, size_t start, size_t end)
{
	r->vm = s->vm;                  /* not zeroed: `pads` are many */
	r->stack = s;
	r->frame = frame;
	r->start = start;
	r->end = end;
	r->pad_count = 0;
	r->hooks = 0;
	r->payload = 0;
}

/* ---- one header ---- */

bool reading_become(struct reading *r, unsigned at, struct layer *layer, const char *problem)
{
	struct part *p = &r->stack->parts[at];
	measure_forget(p);
	if (!layer)
		return false;
	p->layer = layer;
	if (!measure_header(r->stack, at, r->frame, r->start, r->end))
		return false;
	p->problem = problem;
	p->problem_at = p->start;
	return true;
}

/* ---- which class these bytes are, by the class's own `dispatch` ---- */

static struct type *hooked_class(struct reading *r, struct type *cls)
{
	struct vm *vm = r->vm;
	value hook = value_attr(vm, value_object(cls), str_intern(vm, "dispatch_hook"));
	value bytes = bytes_value(vm, r->frame->bytes + r->start, r->end - r->start);
	struct str *name = str_intern(vm, "_pkt");
	value got = is_unset(hook) ? hook : value_call(vm, hook, &(struct call){ &bytes, 0, 1, &name });
	struct type *to = is_layer_class(got) ? (struct type *)got.o : NULL;
	value_drop(bytes);
	value_drop(hook);
	value_drop(got);
	return to;
}

static bool measured_by_hook(const struct reading *r, unsigned at)
{
	return r->stack->parts[at].layer->hooks >> HOOK_do_dissect & 1;
}

static bool hooked_dissect(struct reading *r, unsigned at);

/* Measures the layer, and as what it says that it is. */
static bool settle_class(struct reading *r, unsigned at)
{
	bool fits = measured_by_hook(r, at) || measure_header(r->stack, at, r->frame, r->start, r->end);
	for (int turns = 0; turns < TURNS && !vm_pending(r->vm); turns++) {
		const struct layer *l = r->stack->parts[at].layer;
		struct type *to = NULL;
		if (l->hooks >> HOOK_dispatch_hook & 1)
			to = hooked_class(r, l->type);
		else if (l->dispatch.count && (fits || !l->count || l->root))
			to = measure_variant(r->stack, at, r->frame, r->start, r->end);
		if (!to || to == l->type)
			break;
		bool fitted = fits && l->count;
		measure_forget(&r->stack->parts[at]);
		r->stack->parts[at].layer = layer_of(to);
		fits = measured_by_hook(r, at) || measure_header(r->stack, at, r->frame, r->start, r->end);
		if (fits || !fitted || vm_pending(r->vm))
			continue;
		measure_forget(&r->stack->parts[at]);           /* too short for what it says that it is: the general class holds it */
		r->stack->parts[at].layer = (struct layer *)l;
		fits = measure_header(r->stack, at, r->frame, r->start, r->end);
		break;
	}
	return fits && !vm_pending(r->vm) && (!measured_by_hook(r, at) || hooked_dissect(r, at));
}

/* ---- hooks of a user's class ---- */

static value call_hook(struct reading *r, unsigned at, const char *name, size_t start)
{
	struct vm *vm = r->vm;
	value packet = packet_object(r->stack, at), bytes = bytes_value(vm, r->frame->bytes + start, r->end - start);
	value got = value_call_method(vm, packet, str_intern(vm, name), 1, &bytes);
	value_drop(bytes);
	value_drop(packet);
	return got;
}

static bool has_hook(const struct reading *r, unsigned at, enum layer_hook hook)
{
	return r->stack->parts[at].layer->hooks >> hook & 1;
}

/* The rest of the bytes is what a hook gave back: another frame, unless it is as it was. */
static bool take_rest(struct reading *r, TAKES value got, size_t *start)
{
	struct view view;
	bool done = !is_unset(got) && value_to_view(r->vm, got, &view);
	if (done && (view.len != r->end - *start || memcmp(view.bytes, r->frame->bytes + *start, view.len))) {
		if (view.len <= r->end - *start && !memcmp(view.bytes, r->frame->bytes + r->end - view.len, view.len)) {
			*start = r->end - view.len;
		} else {
			struct frame *frame = frame_new(view.bytes, view.len);
			frame_drop(r->frame);
			r->frame = frame;
			*start = r->start = 0;
			r->end = view.len;
		}
	}
	value_drop(got);
	return done;
}

/* What the hook left unset stays at its default; what it set is the layer's, as if it had come so. */
static void keep_as_read(struct reading *r, unsigned at, size_t end)
{
	measure_begin(&r->stack->parts[at], r->frame, r->start, r->end);
	part_values(r->stack, at);
	struct part *p = &r->stack->parts[at];
	p->header_end = (uint32_t)end;
	p->have = 0;
	p->by_hook = true;
	p->touched = false;
}

/* do_dissect(bytes) gives the rest of them. */
static bool hooked_dissect(struct reading *r, unsigned at)
{
	struct world *w = world_of(r->vm);
	struct reading *before = w->reading;
	struct open_fields open = w->open;
	w->reading = r;
	w->open = (struct open_fields){ .stack = r->stack, .at = at };
	value got = call_hook(r, at, "do_dissect", r->start);
	struct view rest;
	bool done = fields_take_open(r->vm) && !is_unset(got) && value_to_view(r->vm, got, &rest);
	value_drop(w->open.fields);
	w->open = open;
	w->reading = before;
	size_t room = r->end - r->start, consumed = done && rest.len <= room ? room - rest.len : room;
	bool tail = done && rest.len <= room && !memcmp(rest.bytes, r->frame->bytes + r->start + consumed, rest.len);
	if (done && !r->stack->parts[at].dissected && tail)
		keep_as_read(r, at, r->start + consumed);
	else if (done && tail && r->stack->parts[at].frame == r->frame)
		r->stack->parts[at].header_end = (uint32_t)(r->start + consumed);
	r->payload = r->start;
	return take_rest(r, got, &r->payload) && done;
}

/* What Packet.do_dissect does: these bytes are the layer's, and where its header ends is the rest. */
bool dissect_header(struct stack *s, unsigned at, struct view bytes, size_t *header)
{
	struct reading *now = world_of(s->vm)->reading, r;
	struct part *p = &s->parts[at];
	bool same = now && now->stack == s && bytes.len <= now->end - now->start && !memcmp(bytes.bytes, now->frame->bytes + now->start, bytes.len);
	if (same)
		reading_begin(&r, s, frame_keep(now->frame), now->start, now->start + bytes.len);
	else
		reading_begin(&r, s, frame_new(bytes.bytes, bytes.len), 0, bytes.len);
	measure_forget(p);
	for (unsigned i = 0; p->states && i < p->layer->count; i++)
		if (p->states[i] == STATE_DEFAULT)
			p->states[i] = STATE_WIRE;
	bool fits = measure_header(r.stack, at, r.frame, r.start, r.end);
	p = &s->parts[at];
	*header = p->header_end - r.start;
	if (!fits && !vm_pending(s->vm))
		vm_raise(s->vm, s->vm->errors.ValueError, "%s needs more than %zu bytes", layer_class_name(p->layer), bytes.len);
	reading_end(&r, false);
	return fits;
}

/* ---- where the payload ends ---- */

void reading_pad(struct reading *r, size_t start, size_t end, struct type *cls)
{
	if (start < end && r->pad_count < LAYERS_MAX)
		r->pads[r->pad_count++] = (struct pad){ frame_keep(r->frame), (uint32_t)start, (uint32_t)end, cls };
}

/* extract_padding gives (payload, padding). */
static bool hooked_padding(struct reading *r, unsigned at, size_t start, size_t *end)
{
	value got = call_hook(r, at, "extract_padding", start);
	const value *pair;
	size_t count;
	struct view payload = {0};
	bool done = value_items(got, &pair, &count) && count == 2 && (is_none(pair[0]) || value_to_view(r->vm, pair[0], &payload));
	if (done && payload.len <= r->end - start)
		*end = start + payload.len;
	else if (!vm_pending(r->vm) && !done)
		vm_raise(r->vm, r->vm->errors.TypeError, "extract_padding of %s gives a pair of bytes", layer_class_name(r->stack->parts[at].layer));
	value_drop(got);
	return !vm_pending(r->vm);
}

static bool find_end(struct reading *r, unsigned at, size_t header, size_t start, size_t *end)
{
	int64_t length;
	*end = r->end;
	if (has_hook(r, at, HOOK_extract_padding))
		return hooked_padding(r, at, start, end);
	if (measure_payload(r->stack, at, header, start, r->end, &length) && length >= 0 && (uint64_t)length <= r->end - start)
		*end = start + (size_t)length;
	return !vm_pending(r->vm);
}

/* The layer that begins inside the payload, behind what else is there. */
static bool add_trailer(struct reading *r, unsigned at, size_t start, size_t *end)
{
	struct layer *l = r->stack->parts[at].layer;
	struct cursor c = cursor_over(r->frame->bytes, *end);
	struct site site = { .vm = r->vm, .stack = r->stack, .at = at, .cursor = &c };
	int64_t where;
	c.bit = start * 8;
	if (!expr_run(&site, l->trailer_at, 0, (int64_t)(*end - start), &where))
		return false;
	if (where < 0 || (uint64_t)where >= *end - start)
		return true;
	if (!l->trailer.to)
		l->trailer.to = layer_load(r->vm, l->trailer.name->data);
	if (l->trailer.to) {
		reading_pad(r, start + (size_t)where, *end, l->trailer.to);
		*end = start + (size_t)where;
	}
	return !vm_pending(r->vm);
}

/* ---- what comes next ---- */

static struct type *class_from(value got)
{
	return is_layer_class(got) ? (struct type *)got.o : NULL;
}

static struct type *hooked_next(struct reading *r, unsigned at, size_t start)
{
	value got = call_hook(r, at, has_hook(r, at, HOOK_guess_payload_class) ? "guess_payload_class" : "default_payload_class", start);
	struct type *cls = class_from(got);
	if (!cls && !is_unset(got) && !is_none(got))
		vm_raise(r->vm, r->vm->errors.TypeError, "guess_payload_class of %s gives a layer class", layer_class_name(r->stack->parts[at].layer));
	value_drop(got);
	return cls;
}

struct type *dissect_default(struct vm *vm, const struct layer *l)
{
	struct type *cls = l->default_payload;
	if (!cls && l->default_payload_name)
		cls = layer_load(vm, l->default_payload_name->data);
	if (!cls && !vm_pending(vm))
		reading_plain(vm, &world_of(vm)->raw, "Raw");
	return cls ? cls : world_of(vm)->raw;
}

/* The first of `payload`'s rows that holds; its `left` and byte(n) are the payload's. */
static struct type *said_next(struct stack *s, unsigned at, size_t start, size_t end)
{
	struct cursor c = cursor_over(s->parts[at].frame->bytes, end);
	c.bit = start * 8;
	struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
	return variants_choose(&site, &s->parts[at].layer->payloads, 0, (int64_t)(end - start));
}

static bool is_opaque(struct stack *s, unsigned at, size_t left)
{
	const struct layer *l = s->parts[at].layer;
	int64_t holds = 0;
	if (!l->opaque)
		return false;
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	return expr_run(&site, l->opaque, 0, (int64_t)left, &holds) && holds;
}

struct type *reading_class(struct stack *s, unsigned at, size_t start, size_t end)
{
	struct vm *vm = s->vm;
	struct type *cls = NULL;
	if (s->count >= LAYERS_MAX || is_opaque(s, at, end - start))
		return vm_pending(vm) ? NULL : reading_plain(vm, &world_of(vm)->raw, "Raw") ? world_of(vm)->raw : NULL;
	cls = bind_guess(vm, s, at);
	if (!cls && !vm_pending(vm) && s->parts[at].layer->payloads.count)
		cls = said_next(s, at, start, end);
	return cls || vm_pending(vm) ? cls : dissect_default(vm, s->parts[at].layer);
}

static struct type *next_class(struct reading *r, unsigned at, size_t start)
{
	if (!has_hook(r, at, HOOK_guess_payload_class) && !has_hook(r, at, HOOK_default_payload_class))
		return reading_class(r->stack, at, start, r->end);
	if (r->stack->count >= LAYERS_MAX || is_opaque(r->stack, at, r->end - start))
		return reading_class(r->stack, at, start, r->end);
	struct type *cls = has_hook(r, at, HOOK_guess_payload_class) ? NULL : bind_guess(r->vm, r->stack, at);
	return cls || vm_pending(r->vm) ? cls : hooked_next(r, at, start);
}

/* ---- the loop ---- */

static bool hooked_header(struct reading *r, unsigned at, size_t *payload)
{
	if (has_hook(r, at, HOOK_post_dissect))
		return take_rest(r, call_hook(r, at, "post_dissect", *payload), payload);
	return true;
}

static bool before_header(struct reading *r, unsigned at)
{
	size_t start = r->start;
	if (!has_hook(r, at, HOOK_pre_dissect))
		return true;
	bool done = take_rest(r, call_hook(r, at, "pre_dissect", start), &start);
	r->start = start;
	return done;
}

/* true: a payload follows; false: the end, or raised. */
static bool any_header(struct reading *r, unsigned at)
{
	if (!before_header(r, at))
		return false;
	if (!settle_class(r, at)) {
		if (vm_pending(r->vm))
			return false;
		if (!reading_become(r, at, reading_plain(r->vm, &world_of(r->vm)->raw, "Raw"), "the header is cut short"))
			return false;
	}
	const struct layer *l = r->stack->parts[at].layer;
	size_t header = r->stack->parts[at].header_end - r->start, payload = r->start + header, end;
	if (measured_by_hook(r, at)) {
		header = r->stack->parts[at].header_end - r->stack->parts[at].start;
		payload = r->payload;
	}
	r->hooks |= l->hooks;
	if (r->stack->parts[at].trail && r->stack->parts[at].frame == r->frame)
		r->end = r->stack->parts[at].trail - 1;
	if (!hooked_header(r, at, &payload) || !find_end(r, at, header, payload, &end))
		return false;
	reading_pad(r, end, r->end, NULL);
	if (l->trailer_at && !add_trailer(r, at, payload, &end))
		return false;
	if (r->stack->parts[at].frame == r->frame)
		r->stack->parts[at].end = (uint32_t)end;
	r->start = payload;
	r->end = end;
	return payload < end;
}

bool reading_header(struct reading *r, unsigned at)
{
	size_t end = r->end;
	if (!quick_read(r->stack, at, r->frame, r->start, &end))
		return !vm_pending(r->vm) && any_header(r, at);
	reading_pad(r, end, r->end, NULL);
	r->start = r->stack->parts[at].header_end;
	r->end = end;
	return r->start < end;
}

static bool push_next(struct reading *r)
{
	unsigned at = r->stack->count - 1u;
	struct layer *next = quick_next(r->stack, at);
	if (!next && !(next = layer_of(next_class(r, at, r->start))))
		return false;
	quick_remember(r->stack, at, next);
	stack_push(r->stack, next);
	return true;
}

bool reading_next(struct reading *r)
{
	unsigned at = r->stack->count - 1u;
	if (has_hook(r, at, HOOK_do_dissect_payload)) {
		value_drop(call_hook(r, at, "do_dissect_payload", r->start));
		return false;
	}
	return push_next(r);
}

void reading_on(struct reading *r)
{
	while (reading_header(r, r->stack->count - 1u) && reading_next(r))
		;
}

/* What was left behind, innermost first. */
static void read_rest(struct reading *r)
{
	while (r->pad_count > 0) {
		struct pad *pad = &r->pads[--r->pad_count];
		struct frame *frame = pad->frame;
		struct layer *l = vm_pending(r->vm) ? NULL : pad->cls ? layer_of(pad->cls) : reading_plain(r->vm, &world_of(r->vm)->padding, "Padding");
		if (l) {
			frame_drop(r->frame);
			r->frame = frame_keep(frame);
			r->start = pad->start;
			r->end = pad->end;
			stack_push(r->stack, l);
			if (pad->cls)
				reading_on(r);
			else
				measure_header(r->stack, r->stack->count - 1u, r->frame, r->start, r->end);
		}
		frame_drop(frame);
	}
}


/* `whole`: what was left behind is read now; else it is left for later. */
void reading_end(struct reading *r, bool whole)
{
	if (whole)
		read_rest(r);
	while (r->pad_count > 0)
		frame_drop(r->pads[--r->pad_count].frame);
	frame_drop(r->frame);
}

/* post_dissection(pkt), of each layer that has one, when all are there. */
static void tell_all(struct stack *s)
{
	for (unsigned i = 0; i < s->count && !vm_pending(s->vm); i++) {
		if (!(s->parts[i].layer->hooks >> HOOK_post_dissection & 1))
			continue;
		value self = packet_object(s, i), first = packet_object(s, 0);
		value_drop(value_call_method(s->vm, self, str_intern(s->vm, "post_dissection"), 1, &first));
		value_drop(self);
		value_drop(first);
	}
}

bool dissect_into(struct stack *s, TAKES struct frame *frame, size_t start, size_t end)
{
	struct reading r;
	reading_begin(&r, s, frame, start, end);
	reading_on(&r);
	reading_end(&r, true);
	if (r.hooks >> HOOK_post_dissection & 1)
		tell_all(s);
	return !vm_pending(s->vm);
}

/* What Packet.do_dissect_payload does: these bytes are the payload of the last layer. */
bool dissect_payload(struct stack *s, unsigned at, struct view bytes)
{
	struct reading r;
	struct part *p = &s->parts[at];
	stack_cut(s, at + 1u);
	if (!bytes.len)
		return true;
	p = &s->parts[at];
	bool same = p->dissected && p->header_end + bytes.len <= p->frame->len && !memcmp(p->frame->bytes + p->header_end, bytes.bytes, bytes.len);
	if (same)
		reading_begin(&r, s, frame_keep(p->frame), p->header_end, p->header_end + bytes.len);
	else
		reading_begin(&r, s, frame_new(bytes.bytes, bytes.len), 0, bytes.len);
	if (push_next(&r))
		reading_on(&r);
	reading_end(&r, true);
	return !vm_pending(s->vm);
}

/* What Packet.extract_padding does: how many of `left` bytes behind the header are payload. */
bool dissect_payload_length(struct stack *s, unsigned at, size_t left, size_t *out)
{
	struct part *p = &s->parts[at];
	struct reading r;
	int64_t length;
	*out = left;
	if (!p->dissected)
		return true;
	reading_begin(&r, s, p->frame, p->start, p->header_end + left);
	if (measure_payload(s, at, p->header_end - p->start, p->header_end, p->header_end + left, &length) && length >= 0 && (uint64_t)length <= left)
		*out = (size_t)length;
	return !vm_pending(s->vm);
}

struct stack *dissect(struct vm *vm, struct type *first, TAKES struct frame *frame, size_t start, size_t end)
{
	struct stack *s = stack_new(vm, layer_of(first));
	if (end > frame->len)
		end = frame->len;
	if (start > end)
		start = end;
	if (dissect_into(s, frame, start, end))
		return s;
	stack_drop(s);
	return NULL;
}

struct type *link_layer(struct vm *vm, int link_type)
{
	struct world *w = world_of(vm);
	struct type *found = NULL;
	if (w->link.found && w->link.type == link_type && w->link.round == w->binding_round)
		return w->link.found;
	for (size_t i = w->layer_count; i-- > 0;)
		for (unsigned k = 0; k < w->layers[i]->link_type_count; k++)
			if (w->layers[i]->link_types[k] == link_type)
				found = w->layers[i]->type;
	for (size_t i = 0; !found && i < w->link_count; i++)
		if (w->links[i].link_type == link_type)
			found = layer_load(vm, w->links[i].name);
	if (!found && !vm_pending(vm) && reading_plain(vm, &w->raw, "Raw"))
		found = w->raw;
	w->link.type = link_type;
	w->link.round = w->binding_round;
	w->link.found = found;
	return found;
}
