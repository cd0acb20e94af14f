#include "packet/patch.h"

#include <string.h>

#include "base/mem.h"
#include "packet/checksum.h"
#include "packet/world.h"

/* A sum's two bytes, and the sums that cover them in turn. */
struct cover {
	size_t place, from;              /* where its bytes are, and where what it sums begins: that says which byte of a word is which */
	unsigned layer;
	bool pseudo;                     /* it covers the network layer's addresses, too */
	int network;                     /* the layer whose addresses these are; -1: none */
	uint32_t zero_as;
	size_t reach;                    /* it covers [from, reach) */
};

struct spot {                        /* a field that varies */
	unsigned layer, index;
	const struct field *field;
	size_t bit;
	uint64_t word;                   /* in the frame now */
	uint32_t covers;                 /* a bit for each sum that covers it... */
	uint32_t pseudo;                 /* ... and for each that has it in its pseudo-header */
};

enum { MOST = 16 };

struct patch {
	struct vm *vm;
	struct walk *walk;
	size_t len, starts[MOST];
	struct cover covers[MOST];
	unsigned cover_count;
	struct spot spots[MOST];
	unsigned spot_count;
	uint8_t *frame;                  /* BORROWED for the call */
	struct stack *same;              /* kept for the call; NULL */
	unsigned next;                   /* spot */
	int outermost;                   /* the layer whose destination may vary; -1: none may */
	struct spot *moving;             /* that destination; NULL: it is the same for all */
};

/* ---- what may be patched ---------------------------------------------------------------------------------------------- */

/* Nothing of the user's runs for it, and no text of its declaration looks at what is set. */
static bool is_plain_layer(const struct layer *l)
{
	return !l->hooks && !l->header_pad_when && !l->wanders && !l->points && !l->broadcast && !l->goes_to_when && !l->frame_min && !l->trail_len
	       && !l->root && !l->first_line && !l->trails && !l->is_padding;
}

/* The last layer before `at` that has network addresses; -1: none. */
static int network_below(const struct stack *s, unsigned at)
{
	int below = (int)at - 1;
	while (below >= 0 && s->parts[below].layer->destination < 0)
		below--;
	return below;
}

/* The computed fields of a layer that nobody gave: sums are noted, lengths are the same for all, the rest cannot be told. */
static bool note_sums(struct patch *p, struct stack *s, unsigned at)
{
	const struct layer *l = s->parts[at].layer;
	for (unsigned n = 0; n < l->computed_count; n++) {
		unsigned i = l->computed[n];
		const struct computed *c = &l->fields[i]->computed;
		if (c->what == COMPUTE_TIME)
			return false;
		if (c->what != COMPUTE_CHECKSUM || !part_is_none(s, at, i))
			continue;
		if (c->sum != checksum_kinds || c->sum_length || c->sum_when || c->adjust || !is_unset(c->adjust_call) || c->of == OF_FIELD || l->rows[i].skip >= 0
		    || l->rows[i].offset < 0 || l->rows[i].offset % 16 || l->fields[i]->bits != 16 || p->cover_count == MOST)
			return false;
		size_t reach = c->of == OF_LAYER && at + 1u < s->count ? p->starts[at + 1] : p->len;
		p->covers[p->cover_count++] = (struct cover){ .place = p->starts[at] + (size_t)l->rows[i].offset / 8, .from = p->starts[at], .layer = at,
		                                              .pseudo = c->pseudo_header >= 0, .network = network_below(s, at), .zero_as = (uint32_t)c->zero_as, .reach = reach };
	}
	return true;
}

static bool note_layers(struct patch *p, struct stack *s, size_t lead)
{
	if (s->count > MOST)
		return false;
	for (unsigned at = 0; at < s->count; at++) {
		struct buf rest = {0};
		bool built = is_plain_layer(s->parts[at].layer) && stack_encode(s, at, &rest);
		size_t len = rest.len;
		buf_free(&rest);
		if (!built || len + lead > p->len)
			return false;
		p->starts[at] = p->len - len;
		if (at == 0 && p->starts[0] != lead)
			return false;
	}
	for (unsigned at = 0; at < s->count; at++)
		if (!note_sums(p, s, at))
			return false;
	return true;
}

/* Is a field's number what some other layer or field goes by? A destination decides the way; what steers decides the layout. */
static bool stands_alone(const struct layer *l, unsigned field)
{
	const struct field *f = l->fields[field];
	return l->rows[field].quick && !l->rows[field].steers && l->rows[field].offset >= 0 && f->flags & FIELD_WORD && !(f->flags & FIELD_GROUPED)
	       && !f->plain && f->computed.what == COMPUTE_NOTHING && (int)field != l->destination && (int)field != l->protocol && (int)field != l->payload_of;
}

/* A source is a word of its own, or left to the route: that is a computed field, and no less a place. */
static bool is_source(const struct layer *l, unsigned field)
{
	const struct field *f = l->fields[field];
	return (int)field == l->source && l->rows[field].quick && l->rows[field].offset >= 0 && f->flags & FIELD_WORD && !f->plain;
}

/* An IPv4 destination: where it goes is seen to by who sends it. */
static bool is_moving(const struct patch *p, unsigned layer, const struct layer *l, unsigned field)
{
	const struct field *f = l->fields[field];
	return (int)layer == p->outermost && (int)field == l->destination && l->family == 4 && l->rows[field].quick && !l->rows[field].steers
	       && l->rows[field].offset >= 0 && f->flags & FIELD_WORD && !f->plain && f->bits == 32 && !(f->flags & FIELD_LITTLE);
}

static bool note_spot(void *state, unsigned layer, unsigned field)
{
	struct patch *p = state;
	const struct stack *s = walk_stack(p->walk);
	const struct layer *l = s->parts[layer + walk_from(p->walk)].layer;
	bool moving = is_moving(p, layer, l, field);
	if (p->spot_count == MOST || (!moving && !stands_alone(l, field) && !is_source(l, field)))
		return false;
	struct spot *spot = &p->spots[p->spot_count++];
	*spot = (struct spot){ .layer = layer, .index = field, .field = l->fields[field], .bit = p->starts[layer] * 8 + (size_t)l->rows[field].offset };
	size_t first = spot->bit / 8, end = (spot->bit + spot->field->bits + 7) / 8;
	for (unsigned i = 0; i < p->cover_count; i++) {
		const struct cover *c = &p->covers[i];
		if (first >= c->from && end <= c->reach)
			spot->covers |= 1u << i;
		else if (c->pseudo && (moving || (int)field == l->source) && (int)layer == c->network)
			spot->pseudo |= 1u << i;
	}
	if (moving)
		p->moving = spot;
	return true;
}

static int outermost(const struct stack *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->parts[i].layer->destination >= 0)
			return (int)i;
	return -1;
}

struct patch *patch_new(struct walk *w, struct stack *member, size_t len, size_t lead, bool moves)
{
	struct patch *p = mem_zero(sizeof *p);
	p->vm = member->vm;
	p->walk = w;
	p->len = len;
	p->outermost = moves ? outermost(member) : -1;
	if (note_layers(p, member, lead) && walk_fields(w, note_spot, p) && p->spot_count)
		return p;
	patch_free(p);
	return NULL;
}

void patch_free(struct patch *p)
{
	mem_free(p);
}

unsigned patch_count(const struct patch *p)
{
	return p->spot_count;
}

struct patched patch_place(const struct patch *p, unsigned i)
{
	return (struct patched){ p->spots[i].layer, p->spots[i].index, p->spots[i].bit };
}

uint64_t patch_word(const struct patch *p, unsigned i)
{
	return p->spots[i].word;
}

size_t patch_start(const struct patch *p, unsigned layer)
{
	return p->starts[layer];
}

bool patch_destination(const struct patch *p, uint32_t *out)
{
	if (p->moving)
		*out = (uint32_t)p->moving->word;
	return p->moving != NULL;
}

struct stack *patch_packet(const struct patch *p)
{
	struct stack *made = stack_copy(walk_stack(p->walk), walk_from(p->walk));
	bool ok = made != NULL;
	for (unsigned i = 0; ok && i < p->spot_count; i++)
		ok = part_set_word(made, p->spots[i].layer, p->spots[i].index, p->spots[i].word);
	for (unsigned i = 0; ok && i < made->count; i++)
		made->parts[i].explicit_ = true;
	if (ok || !made)
		return made;
	stack_drop(made);
	return NULL;
}

/* ---- patching --------------------------------------------------------------------------------------------------------- */

/* The sum of the bytes [from, to), seen from an even or odd place. */
static uint32_t words(const uint8_t *frame, size_t from, size_t to, bool odd)
{
	uint32_t total = 0;
	for (size_t i = from; i < to; i++, odd = !odd)
		total += odd ? frame[i] : (uint32_t)frame[i] << 8;
	return total;
}

static uint32_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static void change(struct patch *p, unsigned cover, uint32_t before, uint32_t after);

/* The bytes [from, to) were `old` and are what stands in the frame now: for every sum that covers them. */
static void spread(struct patch *p, uint32_t covers, uint32_t pseudo, size_t from, size_t to, const uint8_t *old)
{
	for (unsigned i = p->cover_count; i-- > 0;) {
		if (!((covers | pseudo) >> i & 1))
			continue;
		bool odd = covers >> i & 1 && (from - p->covers[i].from) & 1;
		change(p, i, words(old, 0, to - from, odd), words(p->frame, from, to, odd));
	}
}

static uint32_t covering(const struct patch *p, unsigned cover)
{
	uint32_t covers = 0;
	for (unsigned i = 0; i < cover; i++)
		if (p->covers[cover].place >= p->covers[i].from && p->covers[cover].place + 2 <= p->covers[i].reach)
			covers |= 1u << i;
	return covers;
}

static void change(struct patch *p, unsigned cover, uint32_t before, uint32_t after)
{
	const struct cover *c = &p->covers[cover];
	uint8_t *at = p->frame + c->place, old[2] = { at[0], at[1] };
	uint32_t sum = (~((uint32_t)old[0] << 8 | old[1]) & 0xffff) + (~fold(before) & 0xffff) + fold(after);
	sum = fold(sum);
	uint32_t number = ~(sum ? sum : 0xffff) & 0xffff;
	if (number == 0)
		number = c->zero_as;
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
	uint32_t outer = covering(p, cover);
	if (outer)
		spread(p, outer, 0, c->place, c->place + 2, old);
}

static bool put_word(struct patch *p, struct spot *spot, uint64_t word)
{
	uint8_t old[16];
	spot->word = word;
	size_t from = spot->bit / 8, to = (spot->bit + spot->field->bits + 7) / 8;
	memcpy(old, p->frame + from, to - from);
	word_write(spot->field, p->frame, p->len, spot->bit, word);
	if (memcmp(old, p->frame + from, to - from) != 0)
		spread(p, spot->covers, spot->pseudo, from, to, old);
	return true;
}

static bool put_value(void *state, unsigned layer, unsigned field, TAKES value v)
{
	struct patch *p = state;
	struct spot *spot = &p->spots[p->next++];
	const struct codec *codec = spot->field->kind->codec;
	value accepted = VALUE_UNSET;
	uint64_t word;
	bool ok = !is_unset(v) && (!p->same || part_set(p->same, layer, field, v));
	if (ok && (!codec->accept_word || !codec->accept_word(p->vm, spot->field, v, &accepted, &word)))
		ok = field_accept(p->vm, spot->field, v, &accepted) && codec->to_word(p->vm, spot->field, accepted, &word);
	value_drop(accepted);
	value_drop(v);
	return ok && put_word(p, spot, word);
}

static bool put_address(void *state, unsigned layer, unsigned field, uint32_t number)
{
	struct patch *p = state;
	return put_word(p, &p->spots[p->next++], number);
}

/* Are all drawn fields that could be, addresses whose number is what is on the wire? */
static bool takes_numbers(const struct patch *p)
{
	for (unsigned i = 0; i < p->spot_count; i++) {
		const struct field *f = p->spots[i].field;
		if (f->flags & FIELD_ADDRESS && (f->bits != 32 || f->flags & FIELD_LITTLE))
			return false;
		if (!(f->flags & FIELD_ADDRESS) && f->bits == 32)
			return false;
	}
	return true;
}

enum patch_result patch_next(struct patch *p, uint8_t *frame, struct stack **same)
{
	p->frame = frame;
	p->next = 0;
	if (!walk_turn(p->walk))
		return vm_pending(p->vm) ? PATCH_RAISED : PATCH_END;
	p->same = same ? stack_copy(walk_stack(p->walk), walk_from(p->walk)) : NULL;
	bool ok = (!same || p->same) && walk_values(p->walk, put_value, p->same || !takes_numbers(p) ? NULL : put_address, p);
	for (unsigned i = 0; p->same && i < p->same->count; i++)
		p->same->parts[i].explicit_ = true;
	if (!ok && p->same)
		stack_drop(p->same);
	else if (same)
		*same = p->same;
	return ok ? PATCH_DONE : PATCH_RAISED;
}
