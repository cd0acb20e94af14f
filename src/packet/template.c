/* A shape is a row of classes made here (nothing dissected), and for each which fields were set. Where every one of these is a number
 * on the wire that moves nothing, all packets of the shape are the same bytes but for those numbers, what routes and the clock
 * say, and sums: lengths and counts are the shape's. So the first packet of a shape is built the long way and laid out by libnet,
 * and its bytes are kept with a row of places; the next one is a copy with its numbers written in.
 *
 *      shape:   Ether{src,dst} | IP{src,dst} | UDP{sport,dport} | NTP{sent,orig}
 *      bytes:   00 00 00 .. 45 00 00 4c 00 01 ..        lengths stand in them
 *      places:  layer 0 dst at byte 0, 6 bytes; layer 0 src at 6; layer 1 src at 26, 4 bytes ...
 *      asks:    what part_effective says of a field left to routes, what the codec says of one left to the clock
 *      sums:    layer 1 chksum at 24: bytes 14..34; layer 2 chksum at 40: bytes 34..90, and the addresses at 26 and 30, and 17 + 56
 *
 * What was set to None is its own shape: it is computed, or zero. Values that are no words yet (flags) are asked for their number.
 * A shape in which anything depends on a value (an adjusted length that names a field, a hook, a condition) has no template, and
 * what comes out other than it was built has none either: the first packet is made both ways and compared. Shapes are found by a
 * hash in a small table; a shape that comes only once is remembered by its hash alone, so that programs whose every packet has
 * another shape pay nothing for this. */
#include "packet/template.h"

#include <endian.h>
#include <string.h>

#include "base/mem.h"
#include "packet/checksum.h"
#include "packet/field_own.h"
#include "packet/world.h"

enum { MOST_LAYERS = 16, TABLE = 64, MOST_FIELDS = 64 };

/* One layer of a shape. `nones`: of `given`, those that are None. */
struct shape_layer { struct layer *layer; uint64_t given, nones; };

struct shape {
	uint32_t hash, count;
	struct shape_layer layers[MOST_LAYERS];
};

struct spot {
	const struct field *field;      /* BORROWED of a class */
	uint16_t layer, at;             /* which layer from the first, which field of it */
	uint16_t bytes;                 /* 1, 2, 4, 6 or 8 whole ones in network order; 0: `bit` and the field say */
	uint32_t byte;                  /* in the frame: where it begins (bytes), or where the header begins */
	uint32_t bit, len;              /* of the header */
};

struct sum_place {
	uint32_t byte;                  /* where the sum is written */
	uint32_t from, to;              /* what it covers */
	uint32_t source, destination, address;     /* where the addresses of its pseudo-header are, of so many bytes; 0: none */
	uint32_t constant;              /* the rest of the pseudo-header */
	uint16_t zero_as;
};

struct template {
	uint32_t refs;
	uint32_t binding_round, image_round;
	uint32_t len;
	uint16_t place_count, ask_count, sum_count;
	bool none;                      /* the shape has no template */
	struct spot *places, *asks;    /* one block, places first */
	struct sum_place *sums;
	uint8_t *bytes;
	uint32_t starts[MOST_LAYERS];
	size_t size;                    /* of the shape */
	struct shape shape;             /* as much of it as there are layers */
};

struct templates { struct { uint32_t once; struct template *made; } row[TABLE]; };

/* ---- shapes ---- */

/* Can the value be a number there? Also says which ones are None. */
static bool has_number(struct vm *vm, const struct field *f, value v)
{
	return v.tag == TAG_INT || v.tag == TAG_BOOL || is_kind(v, KIND_FLAGS) ||
	       (!is_unset(v) && !field_is_volatile(v) && !field_is_set(f, v) && !is_raw_val(vm, v));
}

static bool look_at_values(struct vm *vm, const struct part *p, uint64_t *nones)
{
	for (uint64_t left = p->given & ~p->worded; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		if (p->states[i] != STATE_SET)
			return false;
		if (is_none(p->values[i]))
			*nones |= left & -left;
		else if (!has_number(vm, p->layer->fields[i], p->values[i]))
			return false;
	}
	return true;
}

static inline uint64_t mix(uint64_t h, uint64_t with)
{
	return (h ^ with) * UINT64_C(0x9e3779b97f4a7c15);
}

static bool shape_of(const struct stack *s, unsigned at, struct shape *out)
{
	uint64_t hash = 0;
	out->count = s->count - at;
	if (out->count > MOST_LAYERS || s->under)
		return false;
	for (unsigned i = 0; i < out->count; i++) {
		const struct part *p = &s->parts[at + i];
		struct shape_layer *l = &out->layers[i];
		*l = (struct shape_layer){ p->layer, p->given, 0 };
		if (p->dissected || (p->given != p->worded && !look_at_values(s->vm, p, &l->nones)))
			return false;
		hash = mix(hash, (uintptr_t)l->layer ^ l->given ^ l->nones << 1);
	}
	out->hash = (uint32_t)(hash >> 32);
	return true;
}

static inline bool same_shape(const struct shape *a, const struct shape *b)
{
	if (a->hash != b->hash || a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (a->layers[i].layer != b->layers[i].layer || a->layers[i].given != b->layers[i].given || a->layers[i].nones != b->layers[i].nones)
			return false;
	return true;
}

/* ---- making one ---- */

struct making {
	struct vm *vm;
	struct stack *s;
	unsigned at;
	struct template *t;
	const struct shape *shape;
	bool clock;                     /* what it says can change between two looks */
};

static bool is_quick(const struct layer *l, unsigned field)
{
	return l->rows[field].quick && !(l->rows[field].image & SPAN_ABSENT);
}

static struct spot place_of(const struct making *m, unsigned i, unsigned field)
{
	const struct layer *l = m->shape->layers[i].layer;
	const struct field *f = l->fields[field];
	uint32_t bit = l->rows[field].image, bytes = f->bits / 8;
	struct spot p = { .field = f, .layer = (uint16_t)i, .at = (uint16_t)field, .byte = m->t->starts[i], .bit = bit, .len = l->image_len };
	if (bit % 8 == 0 && f->bits % 8 == 0 && !(f->flags & (FIELD_LITTLE | FIELD_GROUPED)) && (bytes <= 2 || bytes == 4 || bytes == 6 || bytes == 8)) {
		p.bytes = (uint16_t)bytes;
		p.byte += bit / 8;
	}
	return p;
}

static bool add_places(struct making *m, unsigned i)
{
	const struct shape_layer *l = &m->shape->layers[i];
	for (uint64_t left = l->given; left; left &= left - 1) {
		unsigned field = (unsigned)__builtin_ctzll(left);
		if (!is_quick(l->layer, field))
			return false;
		if (!(l->nones & left & -left))
			m->t->places[m->t->place_count++] = place_of(m, i, field);
	}
	return true;
}

static const struct overload *overload_of(const struct making *m, unsigned i)
{
	return i + 1 < m->shape->count ? layer_overload(m->shape->layers[i + 1].layer, m->shape->layers[i].layer->type) : NULL;
}

static bool overload_is_quick(const struct layer *l, const struct overload *o)
{
	for (unsigned n = 0; o && n < o->count; n++)
		if (!o->sets[n].is_word || !is_quick(l, o->sets[n].field))
			return false;
	return true;
}

/* Every packet of the shape has the same one. */
static bool is_steady_length(const struct layer *l, const struct computed *c, unsigned i)
{
	int of = l->rows[i].of;
	if (!is_unset(c->adjust_call) || (c->adjust && !expr_is_of_x(c->adjust)))
		return false;
	return of < 0 || (!l->fields[of]->kind->codec->length && !(l->fields[of]->flags & FIELD_WRAPS));
}

static bool counts_what_is_given(const struct shape_layer *l, unsigned i)
{
	int of = l->layer->rows[i].of;
	return l->layer->fields[i]->computed.what == COMPUTE_COUNT && of >= 0 && l->given >> of & 1;
}

/* The addresses of the pseudo-header, at whole bytes of the frame. */
static bool add_addresses(const struct making *m, unsigned i, const struct computed *c, struct sum_place *p, bool *has)
{
	int below = way_network(m->s, m->at + i), first = below - (int)m->at;
	const struct layer *l = below < 0 ? NULL : m->s->parts[below].layer;
	int64_t said;
	*has = l || c->pseudo_family;
	if (!l || (c->pseudo_family && l->family != c->pseudo_family))
		return true;
	if (first < 0 || l->source < 0 || l->destination < 0 || (l->payload_of >= 0 && part_int(m->s, (unsigned)below, (unsigned)l->payload_of, &said)))
		return false;
	for (unsigned n = (unsigned)first + 1; n < i; n++)
		if (m->shape->layers[n].layer->home_address.field >= 0 || m->shape->layers[n].layer->final_destination.field >= 0)
			return false;
	uint32_t source = l->rows[l->source].image, destination = l->rows[l->destination].image;
	if ((source | destination) & (SPAN_ABSENT | 15) || l->fields[l->source]->bits != l->family * 8 || l->fields[l->destination]->bits != l->family * 8)
		return false;
	p->address = l->family;
	p->source = m->t->starts[first] + source / 8;
	p->destination = m->t->starts[first] + destination / 8;
	uint32_t len = p->to - p->from;
	p->constant = (uint16_t)c->pseudo_header + (len >> 16) + (len & 0xffff);
	return true;
}

static bool add_sum(struct making *m, unsigned i, unsigned field, uint32_t end)
{
	const struct layer *l = m->shape->layers[i].layer;
	const struct field *f = l->fields[field];
	const struct computed *c = &f->computed;
	if (c->sum != checksum_kinds || l->rows[field].skip >= 0 || c->sum_length || c->of == OF_FIELD || c->sum_when || c->adjust || !is_unset(c->adjust_call))
		return false;
	if (!is_quick(l, field) || l->rows[field].image % 16 || f->bits != 16 || f->flags & (FIELD_LITTLE | FIELD_GROUPED | FIELD_SIGNED))
		return false;
	struct sum_place p = { .byte = m->t->starts[i] + l->rows[field].image / 8, .from = m->t->starts[i], .zero_as = (uint16_t)c->zero_as };
	p.to = c->of == OF_LAYER ? p.from + l->image_len : end;
	bool has = true;
	if (c->pseudo_header >= 0 && !add_addresses(m, i, c, &p, &has))
		return false;
	if (has)
		m->t->sums[m->t->sum_count++] = p;
	return true;
}

static bool add_computed(struct making *m, unsigned i, const struct overload *o, uint32_t end)
{
	const struct shape_layer *l = &m->shape->layers[i];
	const struct part *p = &m->s->parts[m->at + i];
	for (unsigned n = 0; n < l->layer->computed_count; n++) {
		unsigned field = l->layer->computed[n];
		const struct computed *c = &l->layer->fields[field]->computed;
		if (l->layer->rows[field].image & SPAN_ABSENT || !part_is_open(p, field, o))
			continue;
		switch (c->what) {
		case COMPUTE_ROUTE:
		case COMPUTE_TIME:
			if (!is_quick(l->layer, field))
				return false;
			m->t->asks[m->t->ask_count++] = place_of(m, i, field);
			m->clock |= c->what == COMPUTE_TIME;
			break;
		case COMPUTE_CHECKSUM:
			if (!add_sum(m, i, field, end))
				return false;
			break;
		default:
			if (!is_steady_length(l->layer, c, field) || counts_what_is_given(l, field))
				return false;
		}
	}
	return true;
}

/* Nothing of the class stands in the way, whatever its values. */
static bool class_fits(struct vm *vm, struct layer *l)
{
	if (l->hooks || l->wanders || l->trail_len || l->trails || l->is_padding || l->choices || l->count > MOST_FIELDS || layer_scattered(l) || layer_draws(l))
		return false;
	for (unsigned i = 0; i < l->count; i++)
		if (l->fields[i]->plain || !is_unset(l->fields[i]->condition.call))
			return false;
	return layer_image(vm, l);
}

static bool classes_fit(struct making *m)
{
	m->t->len = 0;
	for (unsigned i = 0; i < m->shape->count; i++) {
		if (!class_fits(m->vm, m->shape->layers[i].layer))
			return false;
		m->t->starts[i] = m->t->len;
		m->t->len += m->shape->layers[i].layer->image_len;
	}
	return true;
}

static void make_room(struct making *m)
{
	size_t places = 0, computed = 0;
	for (unsigned i = 0; i < m->shape->count; i++) {
		places += (unsigned)__builtin_popcountll(m->shape->layers[i].given);
		computed += m->shape->layers[i].layer->computed_count;
	}
	m->t->places = mem_zero((places + computed + 1) * sizeof *m->t->places);
	m->t->asks = m->t->places + places;
	m->t->sums = mem_zero((computed + 1) * sizeof *m->t->sums);
}

/* Sums innermost first: an outer one may cover an inner one. */
static bool add_all(struct making *m)
{
	uint32_t end = m->t->len;
	make_room(m);
	for (unsigned i = m->shape->count; i-- > 0;) {
		const struct overload *o = overload_of(m, i);
		if (!overload_is_quick(m->shape->layers[i].layer, o) || !add_places(m, i) || !add_computed(m, i, o, end))
			return false;
	}
	return true;
}

/* The first one, built the long way; what the template makes of it must be the same. */
static bool lay_out_first(struct making *m)
{
	struct buf whole = {0};
	bool done = build_anew(m->s, m->at, &whole) && whole.len >= m->t->len && whole.len <= UINT16_MAX * 4;
	if (done) {
		m->t->len = (uint32_t)whole.len;
		m->t->bytes = mem_copy(whole.data ? whole.data : "", whole.len);
		uint8_t *again = mem_alloc(whole.len);
		done = template_write(m->t, m->s, m->at, again) && (m->clock || !whole.len || !memcmp(again, whole.data, whole.len));
		mem_free(again);
	}
	buf_free(&whole);
	return done;
}

static struct template *template_make(struct stack *s, unsigned at, const struct shape *shape)
{
	const struct world *w = world_of(s->vm);
	size_t size = sizeof *shape - (MOST_LAYERS - shape->count) * sizeof *shape->layers;
	struct template *t = mem_zero(sizeof *t);
	*t = (struct template){ .refs = 1, .binding_round = w->binding_round, .image_round = w->image_round, .size = size };
	memcpy(&t->shape, shape, size);
	struct making m = { .vm = s->vm, .s = s, .at = at, .t = t, .shape = &t->shape };
	t->none = !classes_fit(&m) || !add_all(&m) || !lay_out_first(&m);
	vm_clear(s->vm);                /* what fails is told by who builds it */
	return t;
}

/* ---- finding ---- */

struct template *template_keep(struct template *t)
{
	t->refs++;
	return t;
}

void template_drop(TAKES struct template *t)
{
	if (!t || --t->refs > 0)
		return;
	mem_free(t->places);
	mem_free(t->sums);
	mem_free(t->bytes);
	mem_free(t);
}

void templates_free(struct world *w)
{
	for (unsigned i = 0; w->templates && i < TABLE; i++)
		template_drop(w->templates->row[i].made);
	mem_free(w->templates);
}

static inline bool is_good(const struct world *w, const struct template *t)
{
	return t->binding_round == w->binding_round && t->image_round == w->image_round;
}

bool template_good(struct vm *vm, const struct template *t)
{
	return is_good(world_of(vm), t);
}

static struct template *find(struct stack *s, unsigned at, bool at_once)
{
	struct world *w = world_of(s->vm);
	struct shape shape;
	if (!shape_of(s, at, &shape))
		return NULL;
	if (!w->templates)
		w->templates = mem_zero(sizeof *w->templates);
	unsigned row = shape.hash % TABLE;
	struct template *t = w->templates->row[row].made;
	if (t && same_shape(&t->shape, &shape) && is_good(w, t))
		return t->none ? NULL : t;
	if (!at_once && w->templates->row[row].once != shape.hash) {
		w->templates->row[row].once = shape.hash;
		return NULL;
	}
	t = template_make(s, at, &shape);
	template_drop(w->templates->row[row].made);
	w->templates->row[row].made = t;
	return t->none ? NULL : t;
}

struct template *template_find(struct stack *s, unsigned at)
{
	return find(s, at, false);
}

struct template *template_of(struct stack *s, unsigned at)
{
	return find(s, at, true);
}

/* ---- writing ---- */

size_t template_length(const struct template *t)
{
	return t->len;
}

size_t template_layer(const struct template *t, unsigned layer)
{
	return t->starts[layer];
}

static inline void put(const struct spot *p, uint8_t *frame, uint64_t word)
{
	uint8_t *at = frame + p->byte;
	switch (p->bytes) {
	case 1: at[0] = (uint8_t)word; return;
	case 2: memcpy(at, &(uint16_t){ htobe16((uint16_t)word) }, 2); return;
	case 4: memcpy(at, &(uint32_t){ htobe32((uint32_t)word) }, 4); return;
	case 8: memcpy(at, &(uint64_t){ htobe64(word) }, 8); return;
	case 6:
		memcpy(at, &(uint16_t){ htobe16((uint16_t)(word >> 32)) }, 2);
		memcpy(at + 2, &(uint32_t){ htobe32((uint32_t)word) }, 4);
		return;
	}
	word_write(p->field, at, p->len, p->bit, word);
}

void spot_put(const struct spot *p, uint8_t *frame, uint64_t word)
{
	put(p, frame, word);
}

bool spot_put_value(struct vm *vm, const struct spot *p, uint8_t *frame, value v)
{
	uint64_t word = 0;
	if (!p->field->kind->codec->to_word(vm, p->field, v, &word))
		return false;
	put(p, frame, word);
	return true;
}

const struct spot *template_spot(const struct template *t, unsigned layer, unsigned field)
{
	for (unsigned i = 0; i < t->place_count; i++)
		if (t->places[i].layer == layer && t->places[i].at == field)
			return &t->places[i];
	return NULL;
}

static void finish(const struct template *t, uint8_t *frame)
{
	for (unsigned i = 0; i < t->sum_count; i++) {
		const struct sum_place *p = &t->sums[i];
		memset(frame + p->byte, 0, 2);
		uint64_t total = sum_words(0, frame + p->from, p->to - p->from);
		if (p->address) {
			total = sum_words(total, frame + p->source, p->address);
			total = sum_words(total, frame + p->destination, p->address);
		}
		struct sum sum = { .total = (uint64_t)sum_fold(total) + p->constant };
		uint16_t number = sum_end(&sum);
		memcpy(frame + p->byte, &(uint16_t){ htobe16(number ? number : p->zero_as) }, 2);
	}
}

void template_finish(const struct template *t, uint8_t *frame)
{
	finish(t, frame);
}

bool template_ask(const struct template *t, struct stack *s, unsigned at, uint8_t *frame)
{
	for (unsigned i = 0; i < t->ask_count; i++) {
		const struct spot *p = &t->asks[i];
		uint64_t word;
		if (p->field->computed.what == COMPUTE_ROUTE && part_effective_word(s, at + p->layer, p->at, &word)) {
			put(p, frame, word);
			continue;
		}
		value v = p->field->computed.what == COMPUTE_ROUTE ? part_effective(s, at + p->layer, p->at) : VALUE_NONE;
		bool done = !is_unset(v) && (is_none(v) && p->field->computed.what == COMPUTE_ROUTE ? (put(p, frame, 0), true) : spot_put_value(s->vm, p, frame, v));
		value_drop(v);
		if (!done)
			return false;
	}
	return true;
}

bool template_write(const struct template *t, struct stack *s, unsigned at, uint8_t *out)
{
	memcpy(out, t->bytes, t->len);
	const struct part *parts = s->parts + at;
	for (unsigned i = 0; i < t->place_count; i++) {
		const struct spot *p = &t->places[i];
		const struct part *part = &parts[p->layer];
		if (part_worded(part, p->at))
			put(p, out, part->words[p->at]);
		else if (!spot_put_value(s->vm, p, out, part->values[p->at]))
			return false;
	}
	if (t->ask_count && !template_ask(t, s, at, out))
		return false;
	finish(t, out);
	return true;
}
