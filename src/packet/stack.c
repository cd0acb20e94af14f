/* Stacks: a row of layers, made, joined, copied, cut; and the language's objects of them. */
#include <string.h>

#include "base/mem.h"
#include "packet/asn1_field.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- frames ---- */

struct frame *frame_new(const void *bytes, size_t len)
{
	struct frame *f = mem_alloc(sizeof *f + len + 1);
	*f = (struct frame){ .refs = 1, .len = (uint32_t)len, .bytes = (uint8_t *)(f + 1) };
	if (bytes && len)
		memcpy(f->bytes, bytes, len);
	return f;
}

void frame_free(struct frame *f)
{
	if (f->owner_drop)
		f->owner_drop(f->owner);
	mem_free(f);
}

/* ---- parts ---- */

static struct settings *settings_of(const struct part *p)
{
	return (struct settings *)(void *)p->values - 1;
}

static void settings_drop(struct settings *own, unsigned count)
{
	value *values = (value *)(void *)(own + 1);
	if (--own->refs > 0)
		return;
	for (unsigned i = 0; i < count; i++)
		value_drop(values[i]);
	mem_free(own->header);
	mem_free(own);
}

static void point_into(struct part *p, struct settings *own)
{
	p->values = (value *)(void *)(own + 1);
	p->words = (uint64_t *)(void *)(p->values + p->layer->count);
	p->states = (uint8_t *)(p->words + p->layer->count);
}

static size_t settings_size(unsigned count)
{
	return sizeof(struct settings) + count * (sizeof(value) + sizeof(uint64_t) + 1);
}

static void settings_make(struct part *p)
{
	unsigned count = p->layer->count;
	struct settings *own = mem_zero(settings_size(count));
	own->refs = 1;
	point_into(p, own);
	p->given = 0;
	if (p->dissected) {
		memset(p->states, STATE_WIRE, count);
		p->given = UINT64_MAX;
	}
}

static void settings_part(struct part *p)
{
	unsigned count = p->layer->count;
	struct settings *shared = settings_of(p), *own = mem_copy(shared, settings_size(count));
	own->refs = 1;
	own->header = NULL;
	point_into(p, own);
	for (unsigned i = 0; i < count; i++)
		value_keep(p->values[i]);
	settings_drop(shared, count);
}

void part_drop_spans(struct part *p)
{
	if (p->own_spans)
		mem_free(p->spans.many);
	p->own_spans = false;
	p->spans.many = NULL;
}

static void part_empty(struct part *p)
{
	struct settings *own = p->values ? settings_of(p) : NULL;
	p->values = NULL;
	p->states = NULL;
	if (own)
		settings_drop(own, p->layer->count);
	part_drop_spans(p);
	object_drop(p->attributes);
	p->attributes = NULL;
}

static inline void part_release(struct part *p)
{
	if (p->values || p->own_spans || p->attributes)
		part_empty(p);
	frame_drop(p->frame);
	p->frame = NULL;
}

/* Neither may hold what can hold other things (`alone`). */
void part_share(struct part *p, const struct part *from)
{
	settings_of(from)->refs++;
	point_into(p, settings_of(from));
	p->given = from->given;
	p->worded = from->worded;
	p->touched = true;
}

void part_unshare(struct part *p)
{
	settings_drop(settings_of(p), p->layer->count);
	p->values = NULL;
}

const struct header *part_header(struct vm *vm, const struct part *p, const struct overload *over)
{
	const struct header *h = p->values ? settings_of(p)->header : NULL;
	const struct world *w = world_of(vm);
	return h && h->over == over && h->binding_round == w->binding_round && h->image_round == w->image_round ? h : NULL;
}

void part_keep_header(struct vm *vm, const struct part *p, const struct overload *over, const void *bytes, size_t len)
{
	struct settings *own = p->values ? settings_of(p) : NULL;
	if (!own || own->refs < 2 || p->given != p->worded || p->layer->count > 64)
		return;
	mem_free(own->header);
	own->header = mem_alloc(sizeof *own->header + len);
	*own->header = (struct header){ over, world_of(vm)->binding_round, world_of(vm)->image_round, (uint32_t)len };
	memcpy(own->header->bytes, bytes, len);
}

value *part_values(struct stack *s, unsigned at)
{
	struct part *p = &s->parts[at];
	if (!p->values)
		settings_make(p);
	else if (settings_of(p)->refs > 1)
		settings_part(p);
	if (settings_of(p)->header) {
		mem_free(settings_of(p)->header);
		settings_of(p)->header = NULL;
	}
	return p->values;
}

void part_put(struct stack *s, unsigned at, unsigned field, TAKES value v, enum field_state state)
{
	value *values = part_values(s, at);
	struct part *p = &s->parts[at];
	settings_of(p)->alone |= v.tag == TAG_OBJECT && v.o->type->flags & TYPE_CONTAINER;
	uint64_t bit = field < 64 ? UINT64_C(1) << field : 0;
	p->worded &= ~bit;
	p->given = state == STATE_DEFAULT ? p->given & ~bit : p->given | bit;
	p->states[field] = (uint8_t)state;
	p->touched = true;
	value_set(&values[field], v);
}

void part_put_word(struct stack *s, unsigned at, unsigned field, TAKES value v, uint64_t word)
{
	value *values = part_values(s, at);
	struct part *p = &s->parts[at];
	uint64_t bit = UINT64_C(1) << field;
	v.spare = 0;                    /* in the order declared */
	p->words[field] = word;
	p->worded |= bit;
	p->given |= bit;
	p->states[field] = STATE_SET;
	p->touched = true;
	value_set(&values[field], v);
}

static bool part_copy(struct stack *to, unsigned at, const struct part *from)
{
	struct part *p = &to->parts[at];
	unsigned count = from->layer->count;
	*p = *from;
	p->object = NULL;
	p->values = NULL;
	p->states = NULL;
	p->attributes = NULL;
	p->frame = from->frame ? frame_keep(from->frame) : NULL;
	size_t spans = from->layer->root ? asn1_spans(from->layer) : from->layer->first_line ? 2 * count : from->layer->head_count - from->layer->fixed_count + 1;
	if (from->own_spans)
		p->spans.many = mem_copy(from->spans.many, spans * sizeof *p->spans.many);
	struct dict *dict = from->object ? from->object->dict : from->attributes;
	if (dict && dict->used) {
		p->attributes = dict_new(to->vm);
		if (!dict_update(to->vm, p->attributes, value_object(dict)))
			return false;
	}
	if (!from->values)
		return true;
	if (!settings_of(from)->alone) {
		settings_of(from)->refs++;
		point_into(p, settings_of(from));
		return true;
	}
	part_values(to, at);
	settings_of(p)->alone = true;
	p->given = from->given;
	memcpy(p->words, from->words, count * sizeof *p->words);
	for (unsigned i = 0; i < count; i++) {
		p->states[i] = from->states[i];
		if (is_unset(from->values[i]))
			continue;
		p->values[i] = field_copy_value(to->vm, from->layer->fields[i], from->values[i]);
		p->values[i].spare = from->values[i].spare;
		if (vm_pending(to->vm))
			return false;
	}
	return true;
}

/* ---- stacks ---- */

static struct stack *stack_blank(struct vm *vm, unsigned room, size_t behind)
{
	struct stack *s = object_bare(world_of(vm)->stack, room * sizeof(struct part) + behind);
	s->vm = vm;
	s->parts = s->own;
	s->room = s->made_for = (uint16_t)room;
	return s;
}

void stack_grow(struct stack *s)
{
	unsigned room = s->room < 4 ? 4 : s->room * 2u;
	if (s->parts == s->own)
		s->parts = memcpy(mem_alloc(room * sizeof(struct part)), s->own, s->count * sizeof(struct part));
	else
		s->parts = mem_resize(s->parts, room * sizeof(struct part));
	s->room = (uint16_t)room;
}

struct stack *stack_new(struct vm *vm, struct layer *first)
{
	struct stack *s = stack_blank(vm, 1, 0);
	stack_push(s, first);
	return s;
}

struct stack *stack_keep(struct stack *s)
{
	return object_keep(s);
}

void stack_drop(TAKES struct stack *s)
{
	object_drop(s);
}

static void tie_drop(struct tie *t)
{
	if (t && --t->refs == 0)
		mem_free(t);
}

static bool stands_behind(const struct stack *s, const struct circumstances *about)
{
	return (const void *)about == (const void *)(s->own + s->made_for);
}

static void about_free(const struct stack *s, struct circumstances *about)
{
	if (!about)
		return;
	value_drop(about->sniffed_on);
	value_drop(about->comment);
	value_drop(about->time_value);
	if (!stands_behind(s, about))
		mem_free(about);
}

static void stack_release(struct object *o)
{
	struct stack *s = (struct stack *)o;
	unsigned count = s->count;
	s->count = 0;
	for (unsigned i = 0; i < count; i++)
		part_release(&s->parts[i]);
	if (s->parts != s->own)
		mem_free(s->parts);
	s->parts = s->own;
	about_free(s, s->about);
	s->about = NULL;
	if (s->tie || s->under) {
		if (s->tie)
			s->tie->stack = NULL;
		tie_drop(s->tie);
		tie_drop(s->under);
		s->tie = s->under = NULL;
	}
}

static void see(value v, visit_fn visit, void *state)
{
	if (v.tag == TAG_OBJECT)
		visit(v.o, state);
}

static void stack_visit(struct object *o, visit_fn visit, void *state)
{
	struct stack *s = (struct stack *)o;
	for (unsigned i = 0; i < s->count; i++) {
		const struct part *p = &s->parts[i];
		for (unsigned k = 0; p->values && k < p->layer->count; k++)
			see(p->values[k], visit, state);
		if (p->attributes)
			visit(&p->attributes->head.head, state);
	}
	if (s->about) {
		see(s->about->sniffed_on, visit, state);
		see(s->about->comment, visit, state);
		see(s->about->time_value, visit, state);
	}
}

const struct type_spec stack_spec = {
	.name = "layers", .doc = "The layers of a packet.", .kind = KIND_OTHER, .size = sizeof(struct stack), .flags = TYPE_CONTAINER,
	.slots = { .release = stack_release, .visit = stack_visit },
};

struct tie *stack_tie(struct stack *s, unsigned at)
{
	/* One tie for each holding layer: a stack with two of them (nested DNS, unlikely) makes a new one for the later. */
	if (!s->tie || s->tie->at != at) {
		tie_drop(s->tie);
		s->tie = mem_alloc(sizeof *s->tie);
		*s->tie = (struct tie){ .refs = 1, .stack = s, .at = at };
	}
	s->tie->refs++;
	return s->tie;
}

static struct circumstances *about_begin(struct circumstances *about)
{
	*about = (struct circumstances){0};
	about->time = about->sent_time = INT64_MIN;
	about->link_type = -1;
	return about;
}

struct circumstances *stack_about(struct stack *s)
{
	if (!s->about)
		s->about = about_begin(mem_alloc(sizeof *s->about));
	return s->about;
}

/* Packets of a file are made and dropped one after the other: the last one's stack, if nobody holds it, is the next one's. */
static struct stack *spare_taken(struct vm *vm, unsigned room)
{
	struct world *w = world_of(vm);
	struct stack *s = w->spare;
	if (!s || s->made_for != room)
		return NULL;
	w->spare = NULL;
	return s;
}

void stack_drop_read(TAKES struct stack *s)
{
	struct world *w = world_of(s->vm);
	if (s->head.head.refs > 1 || w->spare || !s->about || !stands_behind(s, s->about) || s->parts != s->own || s->tie || s->under) {
		stack_drop(s);
		return;
	}
	for (unsigned i = 0; i < s->count; i++)
		part_release(&s->parts[i]);
	about_free(s, s->about);
	s->about = NULL;
	s->count = 0;
	s->message = s->sets = s->unread = 0;
	w->spare = s;
}

struct stack *stack_with_room(struct vm *vm, struct layer *first, unsigned room)
{
	struct stack *s = spare_taken(vm, room);
	if (!s)
		s = stack_blank(vm, room, sizeof *s->about);
	s->about = about_begin((struct circumstances *)(void *)(s->own + room));
	stack_push(s, first);
	return s;
}

static struct circumstances *about_copy(const struct circumstances *from)
{
	struct circumstances *about = mem_copy(from, sizeof *from);
	value_keep(about->sniffed_on);
	value_keep(about->comment);
	value_keep(about->time_value);
	return about;
}

/* Made here, with nothing in it that another one has to have for itself: what is set is shared. */
static bool is_plain(const struct part *p)
{
	return p->values && !settings_of(p)->alone && !p->frame && !p->own_spans && !p->attributes && !(p->object && p->object->dict);
}

bool stack_append(struct stack *s, const struct stack *other, unsigned from)
{
	for (unsigned i = from; i < other->count; i++) {
		const struct part *part = &other->parts[i];
		if (s->count < s->room && is_plain(part)) {
			settings_of(part)->refs++;
			s->parts[s->count] = *part;
			s->parts[s->count++].object = NULL;
			continue;
		}
		stack_push(s, part->layer);
		if (!part_copy(s, s->count - 1u, &other->parts[i]))
			return false;
	}
	return true;
}

struct stack *stack_copy(const struct stack *s, unsigned from)
{
	struct stack *copy = stack_blank(s->vm, s->count - from, 0);
	if (s->about)
		copy->about = about_copy(s->about);
	if (s->under) {
		copy->under = s->under;
		copy->under->refs++;
	}
	copy->message = s->message;
	copy->sets = s->sets;
	if (stack_append(copy, s, from))
		return copy;
	stack_drop(copy);
	return NULL;
}

static bool ensure_alone(struct stack *s, unsigned from)
{
	for (unsigned i = from; i < s->count; i++)
		if (s->parts[i].object)
			return false;
	return true;
}

/* Layers that somebody still holds go on living in a stack of their own. */
void stack_cut(struct stack *s, unsigned from)
{
	if (from >= s->count)
		return;
	if (ensure_alone(s, from)) {
		while (s->count > from)
			part_release(&s->parts[--s->count]);
		return;
	}
	struct stack *rest = stack_blank(s->vm, s->count - from, 0);
	unsigned held = 0;
	for (unsigned i = from; i < s->count; i++) {
		*stack_push(rest, s->parts[i].layer) = s->parts[i];
		held += s->parts[i].object != NULL;
	}
	s->count = (uint16_t)from;
	for (unsigned i = 0; i < rest->count; i++) {
		struct packet *p = rest->parts[i].object;
		if (!p)
			continue;
		p->stack = stack_keep(rest);
		p->at = i;
	}
	stack_drop(rest);
	/* Each of them held `s` before. One of the callers still does. */
	while (held--)
		stack_drop(s);
}

bool part_matches(const struct part *p, const struct type *cls)
{
	const struct type *own = p->layer->type;
	if (own == cls)
		return true;
	const struct layer *wanted = cls->extra;
	return wanted && wanted->matches_derived && type_is(own, cls);
}

int stack_find(const struct stack *s, unsigned from, const struct type *cls, unsigned nth)
{
	for (unsigned i = from; i < s->count; i++)
		if (part_matches(&s->parts[i], cls) && --nth == 0)
			return (int)i;
	return -1;
}

/* ---- the language's objects ---- */

value packet_object(struct stack *s, unsigned at)
{
	struct part *p = &s->parts[at];
	if (p->object)
		return value_keep(value_object(p->object));
	struct packet *packet = object_new(p->layer->type, 0);
	packet->stack = stack_keep(s);
	packet->at = at;
	packet->dict = p->attributes;
	p->attributes = NULL;
	p->object = packet;
	return value_object(packet);
}

/* Moves a's dict and the like: nothing but the place of the object changes. */
static bool bytes_layer(struct vm *vm, value v, struct stack **out)
{
	struct view view;
	struct world *w = world_of(vm);
	if (!w->raw && !(w->raw = layer_load(vm, "Raw")))
		return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.RuntimeError, "the layer Raw is not there");
	struct stack *s = stack_new(vm, layer_of(w->raw));
	value load = VALUE_UNSET;
	if (is_str(v))
		load = bytes_value(vm, as_str(v)->data, as_str(v)->len);
	else if (value_to_view(vm, v, &view))
		load = bytes_value(vm, view.bytes, view.len);
	if (is_unset(load) || !part_set(s, 0, 0, load)) {
		value_drop(load);
		stack_drop(s);
		return false;
	}
	value_drop(load);
	*out = s;
	return true;
}

bool part_pads(const struct stack *s, unsigned at)
{
	while (at < s->count && s->parts[at].layer->is_padding)
		at++;
	return at == s->count;
}

static unsigned before_padding(const struct stack *s)
{
	unsigned at = s->count;
	while (at > 0 && s->parts[at - 1].layer->is_padding)
		at--;
	return at;
}

/* b's layers go in front of a's Padding. Moving parts moves their objects' places. */
static bool append_before_padding(struct stack *s, const struct stack *other, unsigned from)
{
	unsigned place = before_padding(s), padding = s->count - place, added = other->count - from;
	if (place == 0 || !padding || !added)
		return stack_append(s, other, from);
	if (!stack_append(s, other, from))
		return false;
	struct part *aside = mem_copy(&s->parts[place], padding * sizeof *aside);
	memmove(&s->parts[place], &s->parts[place + padding], added * sizeof *aside);
	memcpy(&s->parts[place + added], aside, padding * sizeof *aside);
	mem_free(aside);
	for (unsigned i = place; i < s->count; i++)
		if (s->parts[i].object)
			s->parts[i].object->at = i;
	return true;
}

static bool joinable(value v)
{
	return is_str(v) || is_bytes(v) || is_kind(v, KIND_BYTEARRAY);
}

value packet_join(struct vm *vm, value a, value b, bool reuse)
{
	struct stack *left = NULL, *right = NULL;
	unsigned from = 0;
	value joined = VALUE_UNSET;
	if ((!is_packet(a) && !joinable(a)) || (!is_packet(b) && !joinable(b)))
		return VALUE_UNSUPPORTED;
	if (is_packet(b)) {
		right = stack_keep(as_packet(b)->stack);
		from = as_packet(b)->at;
	} else if (!bytes_layer(vm, b, &right)) {
		return VALUE_UNSET;
	}
	/* a is changed when nobody else looks at it or at its stack. */
	bool own = reuse && is_packet(a) && a.o->refs == 1 && as_packet(a)->at == 0 && as_packet(a)->stack->head.head.refs == 1 &&
	           as_packet(a)->stack != right;
	if (own)
		left = stack_keep(as_packet(a)->stack);
	else if (is_packet(a))
		left = stack_copy(as_packet(a)->stack, as_packet(a)->at);
	else
		bytes_layer(vm, a, &left);
	if (left && left->count + right->count - from > 1000)
		vm_raise(vm, vm->errors.ValueError, "a packet of more than 1000 layers");
	else if (left && append_before_padding(left, right, from))
		joined = own ? value_keep(a) : packet_object(left, 0);
	if (left)
		stack_drop(left);
	stack_drop(right);
	return joined;
}
