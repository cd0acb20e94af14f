/* Building: a row of layers becomes bytes.
 *
 * Innermost first, each layer's header is encoded as one block: a dissected layer that nobody touched is its bytes in the frame;
 * a layer made here is its class's image with what was set or overloaded patched in; only what changes its own shape is encoded
 * field by field (encode.c). Then what the layer computes is patched: lengths and counts, last its sum, since everything inside
 * it is final by then and a pseudo-header needs only values of what is outside. The blocks go to libnet in one step after
 * all hooks have run; nothing of the language runs between.
 *
 * One scratch buffer serves all blocks, and all packets: what is built inside a hook or inside a field of another packet takes
 * one of its own. */
#include <string.h>

#include "base/layout.h"
#include "base/mem.h"
#include "packet/checksum.h"
#include "packet/encode.h"
#include "packet/field_own.h"
#include "packet/packet.h"
#include "packet/template.h"
#include "packet/world.h"

enum { FEW = 16 };

struct block {
	const uint8_t *frame;           /* in a frame; NULL: at `start` in the scratch buffer */
	size_t start, len;
	size_t tail_start, tail;        /* what stands behind the payload: bytes, in `tail_frame` or in the scratch buffer; 0: nothing */
	const uint8_t *tail_frame;
	uint16_t sum;
	bool summed;
};

struct builder {
	struct vm *vm;
	struct stack *stack;
	unsigned from;                  /* blocks[i - from] is layer i's */
	bool values_only;               /* reencode: nothing is copied from a frame */
	struct buf *scratch, own;
	struct block *blocks, few[FEW];
	size_t payload;                 /* bytes encoded so far, Padding not counted */
	struct builder *before;         /* in which a hook asked for this one; NULL */
	unsigned now;                   /* the layer that is being built */
	struct watch { unsigned at, field; int64_t number; bool seen; } *watch;     /* a computed field whose number is asked for; NULL */
};

static void builder_begin(struct builder *b, struct stack *s, unsigned from)
{
	struct world *w = world_of(s->vm);
	unsigned count = s->count - from;
	b->vm = s->vm;
	b->stack = s;
	b->from = from;
	b->values_only = false;
	b->own = (struct buf){0};
	b->scratch = w->scratch ? w->scratch : &b->own;
	w->scratch = NULL;
	buf_clear(b->scratch);
	b->blocks = count <= FEW ? b->few : mem_alloc(count * sizeof *b->blocks);
	b->payload = 0;
	b->now = s->count;
	b->before = w->builder;
	b->watch = NULL;
	w->builder = b;
}

static void builder_end(struct builder *b)
{
	world_of(b->vm)->builder = b->before;
	if (b->scratch != &b->own)
		world_of(b->vm)->scratch = b->scratch;
	buf_free(&b->own);
	if (b->blocks != b->few)
		mem_free(b->blocks);
}

static const uint8_t *block_bytes(const struct builder *b, const struct block *k)
{
	return k->frame ? k->frame : (const uint8_t *)b->scratch->data + k->start;
}

static const uint8_t *tail_bytes(const struct builder *b, const struct block *k)
{
	return k->tail_frame ? k->tail_frame : (const uint8_t *)b->scratch->data + k->tail_start;
}

/* The last `tail` bytes of a block stand behind the payload. */
static void part_tail(struct block *k, size_t tail)
{
	k->len -= tail;
	k->tail = tail;
	k->tail_start = k->start + k->len;
}

static bool is_padding(const struct builder *b, unsigned at)
{
	return part_pads(b->stack, at);
}

/* The layers from `at` + 1 on that lengths and sums of layer `at` cover: up to one that says it lies behind them. */
static unsigned covered_end(const struct builder *b, unsigned at)
{
	const struct str *name = b->stack->parts[at].layer->type->name;
	for (unsigned i = at + 1; i < b->stack->count; i++)
		if (b->stack->parts[i].layer->trails == name)
			return i;
	return b->stack->count;
}

static size_t covered_payload(const struct builder *b, unsigned at)
{
	size_t len = b->payload;
	for (unsigned i = covered_end(b, at); i < b->stack->count; i++)
		if (!is_padding(b, i))
			len -= b->blocks[i - b->from].len;
	return len;
}

static void copy_payload(const struct builder *b, unsigned at, struct buf *out)
{
	for (unsigned i = at + 1; i < b->stack->count; i++)
		if (!is_padding(b, i))
			buf_add(out, block_bytes(b, &b->blocks[i - b->from]), b->blocks[i - b->from].len);
	for (unsigned i = b->stack->count; i-- > at + 1;)
		if (b->blocks[i - b->from].tail)
			buf_add(out, tail_bytes(b, &b->blocks[i - b->from]), b->blocks[i - b->from].tail);
}

/* ---- one header: the quick way ---- */

enum quick { QUICK_DONE, QUICK_NOT, QUICK_RAISED };

static enum quick patch(struct builder *b, const struct layer *l, const struct block *k, unsigned i, value v)
{
	const struct field *f = l->fields[i];
	uint64_t word = 0;
	if (is_raw_val(b->vm, v))
		return QUICK_NOT;
	if ((!is_none(v) || f->computed.what == COMPUTE_TIME) && !field_is_volatile(v) && !f->kind->codec->to_word(b->vm, f, v, &word))
		return QUICK_RAISED;
	word_write(f, (uint8_t *)b->scratch->data + k->start, k->len, l->rows[i].image, word);
	return QUICK_DONE;
}

static enum quick patch_overload(struct builder *b, const struct part *p, const struct block *k, const struct overload *o)
{
	const struct layer *l = p->layer;
	uint8_t *bytes = (uint8_t *)b->scratch->data + k->start;
	for (unsigned i = 0; o && i < o->count; i++) {
		unsigned field = o->sets[i].field;
		if (!o->sets[i].is_word || !l->rows[field].quick)
			return QUICK_NOT;
		if (!p->states || p->states[field] == STATE_DEFAULT)
			word_write(l->fields[field], bytes, k->len, l->rows[field].image, o->sets[i].word);
	}
	return QUICK_DONE;
}

static enum quick patch_set(struct builder *b, unsigned at, const struct part *p, const struct block *k)
{
	const struct layer *l = p->layer;
	uint8_t *bytes = (uint8_t *)b->scratch->data + k->start;
	enum quick how = QUICK_DONE;
	for (unsigned i = part_next_given(p, 0); i < l->count && how == QUICK_DONE; i = part_next_given(p, i + 1)) {
		if (p->states[i] == STATE_READ_DEFAULT && part_state(b->stack, at, i) == STATE_DEFAULT)
			continue;
		if (!l->rows[i].quick)
			return QUICK_NOT;
		if (part_worded(p, i))
			word_write(l->fields[i], bytes, k->len, l->rows[i].image, p->words[i]);
		else
			how = patch(b, l, k, i, p->values[i]);
	}
	return how;
}

/* What was set, by the payload and by the user; kept where it will be asked for again. */
static enum quick patch_all(struct builder *b, unsigned at, const struct part *p, const struct block *k, const struct overload *o)
{
	enum quick how = patch_overload(b, p, k, o);
	if (how == QUICK_DONE)
		how = patch_set(b, at, p, k);
	if (how == QUICK_DONE)
		part_keep_header(b->vm, p, o, b->scratch->data + k->start, k->len);
	return how;
}

static bool sets(const struct overload *o, unsigned field)
{
	for (unsigned i = 0; o && i < o->count; i++)
		if (o->sets[i].field == field)
			return true;
	return false;
}

bool part_is_open(const struct part *p, unsigned i, const struct overload *o)
{
	if (p->states && p->states[i] != STATE_DEFAULT)
		return is_none(p->values[i]);
	return is_none(p->layer->fields[i]->fallback) && !sets(o, i);
}

/* Routes fill IPv6 addresses too, which are no words: such a layer is quick only when they were given. */
static enum quick patch_routes(struct builder *b, unsigned at, const struct layer *l, const struct block *k, const struct overload *o)
{
	enum quick how = QUICK_DONE;
	for (unsigned c = 0; c < l->computed_count && how == QUICK_DONE; c++) {
		unsigned i = l->computed[c];
		enum compute what = l->fields[i]->computed.what;
		if ((what != COMPUTE_ROUTE && what != COMPUTE_TIME) || !part_is_open(&b->stack->parts[at], i, o))
			continue;
		if (!l->rows[i].quick) {
			how = what == COMPUTE_ROUTE ? QUICK_NOT : QUICK_DONE;
			continue;
		}
		uint64_t word;
		if (what == COMPUTE_ROUTE && part_effective_word(b->stack, at, i, &word)) {
			word_write(l->fields[i], (uint8_t *)b->scratch->data + k->start, k->len, l->rows[i].image, word);
			continue;
		}
		value v = what == COMPUTE_ROUTE ? part_effective(b->stack, at, i) : VALUE_NONE;
		how = is_unset(v) ? QUICK_RAISED : patch(b, l, k, i, v);
		value_drop(v);
	}
	return how;
}

/* The image, with words patched in, when that is this layer's header. */
static enum quick encode_quick(struct builder *b, unsigned at, struct block *k, const struct overload *o)
{
	const struct part *p = &b->stack->parts[at];
	const struct layer *l = p->layer;
	if (p->dissected || l->wanders)
		return QUICK_NOT;
	const struct header *made = part_header(b->vm, p, o);
	enum quick how = QUICK_DONE;
	k->len = l->image_len;
	buf_add(b->scratch, made ? made->bytes : l->image, k->len);
	if (!made)
		how = patch_all(b, at, p, k, o);
	if (how == QUICK_DONE)
		how = patch_routes(b, at, l, k, o);
	if (how == QUICK_NOT)
		b->scratch->len = k->start;
	return how;
}

/* ---- what a layer computes ---- */

static uint32_t place_of(const struct layer *l, const struct marks *m, unsigned i)
{
	return m ? m->at[i] : l->rows[i].image;
}

static size_t run_length(const struct layer *l, const struct marks *m, unsigned first, unsigned last)
{
	return ((place_of(l, m, last + 1) & ~SPAN_ABSENT) - (place_of(l, m, first) & ~SPAN_ABSENT)) / 8;
}

/* The first class of its line that has fields: DNSRRMX is a kind of DNSRR. */
static const struct type *kind_of(const struct type *t)
{
	while (t->base && t->base->base && t->base->extra && ((const struct layer *)t->base->extra)->count)
		t = t->base;
	return t;
}

/* Items put one behind the other, a/b, are as many (Scapy before 2.6); what else an item carries counts nothing. */
static int64_t count_joined(const struct packet *p)
{
	const struct stack *s = p->stack;
	const struct type *kind = kind_of(s->parts[p->at].layer->type);
	int64_t count = 1;
	for (unsigned i = p->at + 1u; i < s->count; i++)
		count += kind_of(s->parts[i].layer->type) == kind;
	return count;
}

static int64_t count_items(struct vm *vm, value v)
{
	size_t length = 0;
	int64_t count = 0;
	if (is_packet(v))
		return count_joined(as_packet(v));
	if (!is_kind(v, KIND_LIST))
		return is_none(v) || !value_length(vm, v, &length) ? 0 : (int64_t)length;
	for (size_t i = 0; i < as_list(v)->count; i++) {
		value item = as_list(v)->items[i];
		count += is_packet(item) ? count_joined(as_packet(item)) : 1;
	}
	return count;
}

/* What fills a field up to a multiple belongs to no length. */
static bool filled_up(struct builder *b, unsigned at, unsigned i, const struct marks *m, size_t *out)
{
	const struct field *f = b->stack->parts[at].layer->fields[i];
	*out = 0;
	if (!(f->flags & FIELD_WRAPS) || !f->inner || place_of(b->stack->parts[at].layer, m, i) & SPAN_ABSENT)
		return true;
	struct site site = { .vm = b->vm, .stack = b->stack, .at = at };
	struct buf alone = {0};
	value v = part_effective(b->stack, at, i);
	bool done = !is_unset(v) && field_encode(&site, f->inner, v, &alone);
	size_t whole = run_length(b->stack->parts[at].layer, m, i, i);
	*out = done && whole > alone.len ? whole - alone.len : 0;
	value_drop(v);
	buf_free(&alone);
	return done;
}

/* A field of a user's class may count itself. */
static bool ask_field(struct builder *b, unsigned at, const struct field *f, enum own_method method, int64_t *out)
{
	value args[] = { packet_object(b->stack, at), part_get(b->stack, at, (unsigned)layer_field(b->stack->parts[at].layer, f->name)) };
	value got = is_unset(args[1]) ? args[1] : own_call(b->vm, f, method, 2, args);
	bool done = !is_unset(got) && value_to_int64(b->vm, got, out);
	value_drop(args[0]);
	value_drop(args[1]);
	value_drop(got);
	return done;
}

/* Of a kind whose length is no count of bytes. */
static bool said_length(struct builder *b, unsigned at, unsigned i, int64_t *out)
{
	const struct field *f = b->stack->parts[at].layer->fields[i];
	value v = part_effective(b->stack, at, i);
	bool done = !is_unset(v) && f->kind->codec->length(b->vm, f, v, out);
	value_drop(v);
	return done;
}

/* The sum of what the layers above say that they count. */
static bool count_payload(struct builder *b, unsigned at, int64_t *out)
{
	*out = 0;
	for (unsigned i = at + 1; i < b->stack->count; i++) {
		struct expr *as = b->stack->parts[i].layer->counts_as;
		int64_t one = 0;
		if (as && !expr_run(&(struct site){ .vm = b->vm, .stack = b->stack, .at = i }, as, 0, 0, &one))
			return false;
		*out += one;
	}
	return true;
}

static bool measure(struct builder *b, unsigned at, unsigned i, const struct marks *m, int64_t *out)
{
	const struct layer *l = b->stack->parts[at].layer;
	const struct computed *c = &l->fields[i]->computed;
	const struct field *of = l->rows[i].of >= 0 && l->rows[i].of == l->rows[i].of_last ? l->fields[l->rows[i].of] : NULL;
	enum own_method method = c->what == COMPUTE_COUNT ? OWN_i2count : OWN_i2len;
	if (of && of->plain && own_has(of, method))
		return ask_field(b, at, of, method, out);
	size_t header = b->blocks[at - b->from].len;
	if (c->what == COMPUTE_COUNT && c->of == OF_PAYLOAD)
		return count_payload(b, at, out);
	if (c->what == COMPUTE_COUNT) {
		value v = part_get(b->stack, at, (unsigned)l->rows[i].of);
		if (is_unset(v))
			return false;
		*out = count_items(b->vm, v);
		value_drop(v);
		return !vm_pending(b->vm);
	}
	switch (c->of) {
	case OF_LAYER:             *out = (int64_t)header; break;
	case OF_PAYLOAD:           *out = (int64_t)covered_payload(b, at); break;
	case OF_LAYER_AND_PAYLOAD: *out = (int64_t)(header + covered_payload(b, at)); break;
	case OF_FIELD:
		if (l->fields[l->rows[i].of]->kind->codec->length)
			return said_length(b, at, (unsigned)l->rows[i].of, out);
		if (!filled_up(b, at, (unsigned)l->rows[i].of_last, m, &header))
			return false;
		*out = (int64_t)(run_length(l, m, (unsigned)l->rows[i].of, (unsigned)l->rows[i].of_last) - header);
		break;
	}
	return true;
}

static bool adjust_by_call(struct builder *b, unsigned at, const struct computed *c, int64_t *number)
{
	value args[] = { packet_object(b->stack, at), value_int(*number) };
	value got = c->adjust_alone ? value_call_args(b->vm, c->adjust_call, 1, args + 1) : value_call_args(b->vm, c->adjust_call, 2, args);
	bool done = !is_unset(got) && value_to_int64(b->vm, got, number);
	value_drop(args[0]);
	value_drop(got);
	return done;
}

static bool adjust(struct builder *b, unsigned at, const struct computed *c, int64_t *number)
{
	int64_t payload = (int64_t)b->payload;
	struct site site = { .vm = b->vm, .stack = b->stack, .at = at, .payload = &payload };
	if (c->adjust)
		return expr_run(&site, c->adjust, *number, 0, number);
	return is_unset(c->adjust_call) || adjust_by_call(b, at, c, number);
}

/* A number that says its own width takes the place of the zero that stood for it; what is behind moves. */
static bool store_run(struct builder *b, unsigned at, unsigned i, const struct marks *m, int64_t number)
{
	const struct layer *l = b->stack->parts[at].layer;
	struct block *k = &b->blocks[at - b->from];
	struct buf bytes = {0};
	if (m->at[i] & SPAN_ABSENT || k->frame)
		return true;
	if (!field_encode(&(struct site){ .vm = b->vm, .stack = b->stack, .at = at }, l->fields[i], value_int(number), &bytes))
		return false;
	size_t from = m->at[i] / 8, old = (m->at[i + 1] & ~SPAN_ABSENT) / 8 - from, rest = k->len + k->tail - from - old;
	if (bytes.len > old)
		buf_grow(b->scratch, bytes.len - old);
	uint8_t *place = (uint8_t *)b->scratch->data + k->start + from;
	memmove(place + bytes.len, place + old, rest);
	memcpy(place, bytes.data, bytes.len);
	k->len = from + bytes.len + rest - k->tail;
	k->tail_start = k->start + k->len;
	b->scratch->len = k->start + k->len + k->tail;
	for (unsigned n = i + 1; n <= l->count; n++)
		m->at[n] += (uint32_t)((bytes.len - old) * 8);
	buf_free(&bytes);
	return true;
}

static bool store(struct builder *b, unsigned at, unsigned i, const struct marks *m, int64_t number)
{
	const struct layer *l = b->stack->parts[at].layer;
	const struct field *f = l->fields[i];
	struct block *k = &b->blocks[at - b->from];
	uint64_t word;
	if (b->watch && b->watch->at == at && b->watch->field == i) {
		b->watch->number = number;
		b->watch->seen = true;
	}
	if (!(f->flags & FIELD_WORD) && m)
		return store_run(b, at, i, m, number);
	if (!f->kind->codec->to_word(b->vm, f, value_int(number), &word))
		return false;
	uint32_t bit = place_of(l, m, i);
	if (!(bit & SPAN_ABSENT))
		word_write(f, (uint8_t *)b->scratch->data + k->start, k->len + k->tail, bit, word);
	return true;
}

/* ---- sums ---- */

static bool add_address(struct builder *b, unsigned at, int field, unsigned family, struct sum *sum)
{
	struct site site = { .vm = b->vm, .stack = b->stack, .at = at };
	const struct field *f = b->stack->parts[at].layer->fields[field];
	uint64_t word;
	if (family == 4 && part_word(b->stack, at, (unsigned)field, &word)) {
		sum_add(sum, (uint16_t)(word >> 16), 2);
		sum_add(sum, (uint16_t)word, 2);
		return true;
	}
	value v = part_effective(b->stack, at, (unsigned)field);
	struct buf bytes = {0};
	bool done = !is_unset(v) && field_encode(&site, f, v, &bytes);
	if (done)
		sum_add(sum, sum_run(bytes.data, bytes.len), bytes.len);
	value_drop(v);
	buf_free(&bytes);
	return done;
}

static size_t header_length(struct stack *s, unsigned at)
{
	const struct part *p = &s->parts[at];
	if (part_as_it_came(s, at))
		return p->header_end - p->start;
	struct buf out = {0};
	struct marks marks;
	marks_begin(&marks, p->layer->count);
	bool done = encode_fields(&(struct site){ .vm = s->vm, .stack = s, .at = at }, &out, &marks);
	size_t len = done ? out.len : 0;
	marks_end(&marks);
	buf_free(&out);
	return len;
}

/* As Scapy: when the network layer's own length was given, that without its header; else what there is. */
static size_t pseudo_length(struct builder *b, unsigned below, size_t len)
{
	const struct layer *l = b->stack->parts[below].layer;
	int64_t given;
	if (l->payload_of < 0 || l->fields[l->payload_of]->computed.of != OF_LAYER_AND_PAYLOAD || !part_int(b->stack, below, (unsigned)l->payload_of, &given))
		return len;
	int64_t header = (int64_t)header_length(b->stack, below);
	return given > header ? (size_t)(given - header) : 0;
}

/* The address of the network layer `below`, unless a layer between says that another one is meant. */
static bool add_end(struct builder *b, unsigned at, unsigned below, bool source, struct sum *sum)
{
	const struct layer *l = b->stack->parts[below].layer;
	int field = source ? l->source : l->destination;
	value v = way_address(b->stack, below, at, source);
	if (is_unset(v))
		return !vm_pending(b->vm) && add_address(b, below, field, l->family, sum);
	struct site site = { .vm = b->vm, .stack = b->stack, .at = below };
	struct buf bytes = {0};
	bool done = field_encode(&site, l->fields[field], v, &bytes);
	if (done)
		sum_add(sum, sum_run(bytes.data, bytes.len), bytes.len);
	buf_free(&bytes);
	value_drop(v);
	return done;
}

static bool add_pseudo_header(struct builder *b, unsigned at, const struct computed *c, size_t len, struct sum *sum, bool *has)
{
	int below = way_network(b->stack, at);
	const struct layer *l = below < 0 ? NULL : b->stack->parts[below].layer;
	bool wanted = !c->pseudo_family || (l && l->family == c->pseudo_family);
	*has = l || c->pseudo_family;
	if (!l || !wanted)
		return true;
	len = pseudo_length(b, (unsigned)below, len);
	sum->total += (uint16_t)c->pseudo_header + (len >> 16) + (len & 0xffff);
	return add_end(b, at, (unsigned)below, true, sum) && add_end(b, at, (unsigned)below, false, sum);
}

static void add_block(struct builder *b, struct block *k, struct sum *sum)
{
	if (!k->summed) {
		k->sum = sum_run(block_bytes(b, k), k->len);
		k->summed = true;
	}
	sum_add(sum, k->sum, k->len);
}

/* What a sum covers, in one piece, where that is more than header and payload as they are. */
static bool gather(struct builder *b, unsigned at, unsigned i, const struct marks *m, struct buf *out, size_t *place)
{
	const struct layer *l = b->stack->parts[at].layer;
	const struct computed *c = &l->fields[i]->computed;
	const struct row *row = &l->rows[i];
	const struct block *k = &b->blocks[at - b->from];
	struct site site = { .vm = b->vm, .stack = b->stack, .at = at, .payload = &(int64_t){ (int64_t)b->payload } };
	size_t from = 0, to = k->len, start = (place_of(l, m, i) & ~SPAN_ABSENT) / 8;
	if (c->of == OF_FIELD) {
		from = (place_of(l, m, (unsigned)row->of) & ~SPAN_ABSENT) / 8;
		to = from + run_length(l, m, (unsigned)row->of, (unsigned)row->of_last);
	}
	size_t skip = row->skip < 0 ? to : (place_of(l, m, (unsigned)row->skip) & ~SPAN_ABSENT) / 8;
	size_t skipped = row->skip < 0 ? 0 : run_length(l, m, (unsigned)row->skip, (unsigned)row->skip_last);
	if (skip < from || skip + skipped > to) {
		skip = to;
		skipped = 0;
	}
	buf_add(out, block_bytes(b, k) + from, skip - from);
	buf_add(out, block_bytes(b, k) + skip + skipped, to - skip - skipped);
	if (c->of == OF_LAYER_AND_PAYLOAD)
		copy_payload(b, at, out);
	size_t behind = c->of == OF_LAYER_AND_PAYLOAD ? b->payload - covered_payload(b, at) : 0;
	out->len -= behind < out->len ? behind : 0;
	*place = start - from - (start > skip ? skipped : 0);
	int64_t length = (int64_t)out->len;
	if (c->sum_length && !expr_run(&site, c->sum_length, length, length, &length))
		return false;
	if (length >= 0 && (uint64_t)length < out->len)
		out->len = (size_t)length;
	return true;
}

static bool is_plain_sum(const struct layer *l, unsigned i)
{
	const struct computed *c = &l->fields[i]->computed;
	return c->sum == checksum_kinds && l->rows[i].skip < 0 && !c->sum_length && c->of != OF_FIELD;
}

static bool put_gathered(struct builder *b, unsigned at, unsigned i, const struct marks *m, struct sum *sum)
{
	const struct computed *c = &b->stack->parts[at].layer->fields[i]->computed;
	struct buf bytes = {0};
	size_t place;
	bool done = gather(b, at, i, m, &bytes, &place);
	int64_t number = 0;
	if (done && c->sum == checksum_kinds) {
		sum_add(sum, sum_run(bytes.data, bytes.len), bytes.len);
		number = sum_end(sum);
	} else if (done) {
		number = c->sum->over((const uint8_t *)bytes.data, bytes.len, place);
	}
	buf_free(&bytes);
	return done && store(b, at, i, m, number ? number : c->zero_as);
}

static bool put_sum(struct builder *b, unsigned at, unsigned i, const struct marks *m)
{
	const struct computed *c = &b->stack->parts[at].layer->fields[i]->computed;
	struct block *k = &b->blocks[at - b->from];
	size_t len = k->len + (c->of == OF_LAYER ? 0 : covered_payload(b, at));
	struct sum sum = {0};
	int64_t wanted = 1;
	bool has = true;
	if (c->sum_when && !expr_run(&(struct site){ .vm = b->vm, .stack = b->stack, .at = at }, c->sum_when, 0, 0, &wanted))
		return false;
	if (!wanted)
		return true;
	if (c->pseudo_header >= 0 && !add_pseudo_header(b, at, c, len, &sum, &has))
		return false;
	if (!has)
		return true;                    /* no pseudo-header to be had: the sum stays 0, as in Scapy */
	if (!is_plain_sum(b->stack->parts[at].layer, i))
		return put_gathered(b, at, i, m, &sum);
	k->summed = false;
	add_block(b, k, &sum);
	k->summed = false;
	for (unsigned n = at + 1; c->of != OF_LAYER && n < b->stack->count; n++)
		if (!is_padding(b, n))
			add_block(b, &b->blocks[n - b->from], &sum);
	for (unsigned n = b->stack->count; c->of != OF_LAYER && n-- > at + 1;)
		if (b->blocks[n - b->from].tail)
			sum_add(&sum, sum_run(tail_bytes(b, &b->blocks[n - b->from]), b->blocks[n - b->from].tail), b->blocks[n - b->from].tail);
	int64_t number = sum_end(&sum);
	return adjust(b, at, c, &number) && store(b, at, i, m, number ? number : c->zero_as);
}

static bool compute(struct builder *b, unsigned at, const struct marks *m, const struct overload *o)
{
	const struct part *p = &b->stack->parts[at];
	const struct layer *l = p->layer;
	for (unsigned n = 0; n < l->computed_count; n++) {
		unsigned i = l->computed[n];
		const struct computed *c = &l->fields[i]->computed;
		int64_t number;
		if (c->what == COMPUTE_ROUTE || c->what == COMPUTE_TIME || place_of(l, m, i) & SPAN_ABSENT)
			continue;
		if (m ? !left_to_compute(b->stack, at, i) && !(names_spread(b->stack, at) && speaks_of_names(l, i)) : !part_is_open(p, i, o))
			continue;
		if (c->what == COMPUTE_CHECKSUM) {
			if (!put_sum(b, at, i, m))
				return false;
		} else if (!measure(b, at, i, m, &number) || !adjust(b, at, c, &number) || !store(b, at, i, m, number)) {
			return false;
		}
	}
	return true;
}

/* ---- one layer ---- */

static bool encode_slowly(struct builder *b, unsigned at, struct block *k)
{
	int64_t payload = (int64_t)b->payload;
	struct site site = { .vm = b->vm, .stack = b->stack, .at = at, .payload = &payload, .values_only = b->values_only };
	struct marks marks;
	marks_begin(&marks, b->stack->parts[at].layer->count);
	bool done = encode_fields(&site, b->scratch, &marks);
	k->len = b->scratch->len - k->start;
	const struct layer *l = b->stack->parts[at].layer;
	if (done && l->trail_len)               /* the last declared stands first of them */
		part_tail(k, k->len - (marks.at[l->count - 1] & ~SPAN_ABSENT) / 8);
	done = done && compute(b, at, &marks, NULL);
	marks_end(&marks);
	return done;
}

static bool encode_header(struct builder *b, unsigned at)
{
	struct part *p = &b->stack->parts[at];
	struct block *k = &b->blocks[at - b->from];
	*k = (struct block){ .start = b->scratch->len };
	if (p->dissected && !b->values_only && !names_spread(b->stack, at) && part_as_it_came(b->stack, at)) {
		k->frame = p->frame->bytes + p->start;
		k->len = p->header_end - p->start;
		if (p->trail) {
			k->tail = p->layer->trail_len;
			k->tail_frame = p->frame->bytes + p->trail - 1;
		}
		return true;
	}
	const struct overload *o = at + 1u < b->stack->count ? layer_overload(b->stack->parts[at + 1].layer, p->layer->type) : NULL;
	if (!p->dissected && !layer_image(b->vm, p->layer))
		return false;
	enum quick how = encode_quick(b, at, k, o);
	if (how == QUICK_DONE && p->layer->trail_len)
		part_tail(k, p->layer->trail_len);
	return how == QUICK_NOT ? encode_slowly(b, at, k) : how == QUICK_DONE && compute(b, at, NULL, o);
}

/* What a hook made of header and payload: when it ends with the payload as it was, only the header is new. */
static bool take_built(struct builder *b, unsigned at, TAKES value got, const struct buf *payload)
{
	struct block *k = &b->blocks[at - b->from];
	struct view view;
	bool done = !is_unset(got) && value_to_view(b->vm, got, &view);
	if (done) {
		size_t tail = payload->len;
		bool kept = view.len >= tail && (!tail || !memcmp(view.bytes + view.len - tail, payload->data, tail));
		struct block behind = *k;
		*k = (struct block){ .start = b->scratch->len, .len = kept ? view.len - tail : view.len };
		k->tail = behind.tail;
		k->tail_start = behind.tail_start;
		k->tail_frame = behind.tail_frame;
		buf_add(b->scratch, view.bytes, k->len);
		for (unsigned i = at + 1; !kept && i < b->stack->count; i++)
			if (!is_padding(b, i))
				b->blocks[i - b->from] = (struct block){0};
		if (!kept)
			b->payload = 0;
	}
	value_drop(got);
	return done;
}

static bool run_post_build(struct builder *b, unsigned at)
{
	struct block *k = &b->blocks[at - b->from];
	struct buf payload = {0};
	copy_payload(b, at, &payload);
	value packet = packet_object(b->stack, at);
	value args[] = { bytes_value(b->vm, block_bytes(b, k), k->len), bytes_value(b->vm, payload.data ? payload.data : "", payload.len) };
	value got = value_call_method(b->vm, packet, str_intern(b->vm, "post_build"), 2, args);
	bool done = take_built(b, at, got, &payload);
	value_drop(args[0]);
	value_drop(args[1]);
	value_drop(packet);
	buf_free(&payload);
	return done;
}

static bool run_self_build(struct builder *b, unsigned at)
{
	struct buf none = {0};
	b->blocks[at - b->from] = (struct block){ .start = b->scratch->len };
	value packet = packet_object(b->stack, at);
	value got = value_call_method(b->vm, packet, str_intern(b->vm, "self_build"), 0, NULL);
	value_drop(packet);
	return take_built(b, at, got, &none);
}

/* do_build_payload of the user's: its bytes instead of the layers'. */
static bool run_build_payload(struct builder *b, unsigned at)
{
	struct buf payload = {0};
	struct view view;
	copy_payload(b, at, &payload);
	value packet = packet_object(b->stack, at), got = value_call_method(b->vm, packet, str_intern(b->vm, "do_build_payload"), 0, NULL);
	bool done = !is_unset(got) && value_to_view(b->vm, got, &view);
	if (done && (view.len != payload.len || (view.len && memcmp(view.bytes, payload.data, view.len)))) {
		struct block all = { .start = b->scratch->len, .len = view.len };
		buf_add(b->scratch, view.bytes, view.len);
		for (unsigned i = at + 1; i < b->stack->count; i++)
			if (!is_padding(b, i)) {
				b->blocks[i - b->from] = all;
				all = (struct block){0};
				b->payload = view.len;
			}
	}
	value_drop(got);
	value_drop(packet);
	buf_free(&payload);
	return done;
}

static bool run_do_build(struct builder *b, unsigned at)
{
	struct buf payload = {0};
	copy_payload(b, at, &payload);
	b->blocks[at - b->from] = (struct block){ .start = b->scratch->len };
	value packet = packet_object(b->stack, at);
	bool done = take_built(b, at, value_call_method(b->vm, packet, str_intern(b->vm, "do_build"), 0, NULL), &payload);
	value_drop(packet);
	buf_free(&payload);
	return done;
}

static bool encode_hooked(struct builder *b, unsigned at)
{
	unsigned hooks = b->stack->parts[at].layer->hooks;
	if (hooks >> HOOK_do_build_payload & 1 && at + 1u < b->stack->count && !run_build_payload(b, at))
		return false;
	if (hooks >> HOOK_self_build & 1 ? !run_self_build(b, at) : !encode_header(b, at))
		return false;
	return !(hooks >> HOOK_post_build & 1) || run_post_build(b, at);
}

static bool encode_layer(struct builder *b, unsigned at)
{
	unsigned hooks = b->stack->parts[at].layer->hooks;
	b->now = at;
	if (hooks && !part_as_it_came(b->stack, at)) {
		if (hooks >> HOOK_do_build & 1 ? !run_do_build(b, at) : !encode_hooked(b, at))
			return false;
	} else if (!encode_header(b, at)) {
		return false;
	}
	if (!is_padding(b, at))
		b->payload += b->blocks[at - b->from].len + b->blocks[at - b->from].tail;
	return true;
}

static bool encode_all(struct builder *b)
{
	for (unsigned i = b->stack->count; i-- > b->from;)
		if (!encode_layer(b, i))
			return false;
	return true;
}

/* ---- laying out ---- */

/* Was there padding before the layer's fields behind its payload? They stay behind it. */
static bool tail_behind_padding(const struct builder *b, unsigned at)
{
	const struct part *p = &b->stack->parts[at];
	for (unsigned i = at + 1; p->dissected && p->trail && i < b->stack->count; i++) {
		const struct part *padding = &b->stack->parts[i];
		if (is_padding(b, i) && padding->frame == p->frame && padding->start < p->trail)
			return true;
	}
	return false;
}

static size_t list_tails(const struct builder *b, bool behind_padding, struct layout_block *out)
{
	size_t count = 0;
	for (unsigned i = b->stack->count; i-- > b->from;) {
		const struct block *k = &b->blocks[i - b->from];
		if (k->tail && tail_behind_padding(b, i) == behind_padding)
			out[count++] = (struct layout_block){ tail_bytes(b, k), k->tail };
	}
	return count;
}

/* At most two for each layer. */
static size_t list_blocks(const struct builder *b, struct layout_block *out)
{
	size_t count = 0;
	for (int padding = 0; padding < 2; padding++) {
		for (unsigned i = b->from; i < b->stack->count; i++)
			if (is_padding(b, i) == (bool)padding)
				out[count++] = (struct layout_block){ block_bytes(b, &b->blocks[i - b->from]), b->blocks[i - b->from].len };
		count += list_tails(b, padding, out + count);
	}
	return count;
}

static bool lay_out(struct builder *b, struct buf *out)
{
	struct world *w = world_of(b->vm);
	unsigned count = b->stack->count - b->from;
	struct layout_block few[FEW * 2], *blocks = count <= FEW ? few : mem_alloc(count * 2 * sizeof *blocks);
	struct error e = {0};
	const uint8_t *bytes;
	size_t len;
	if (!w->layout)
		w->layout = layout_new(LAYOUT_BYTES, NULL, &e);
	bool done = w->layout && layout_put(w->layout, blocks, list_blocks(b, blocks), &e) && layout_pull(w->layout, &bytes, &len, &e);
	if (done)
		buf_add(out, bytes, len);
	else
		vm_raise_error(b->vm, &e);
	if (blocks != few)
		mem_free(blocks);
	return done;
}

static bool chain(struct builder *b, struct buf *out)
{
	unsigned count = b->stack->count - b->from;
	struct layout_block few[FEW * 2], *blocks = count <= FEW ? few : mem_alloc(count * 2 * sizeof *blocks);
	size_t n = list_blocks(b, blocks);
	for (size_t i = 0; i < n; i++)
		buf_add(out, blocks[i].bytes, blocks[i].len);
	if (blocks != few)
		mem_free(blocks);
	return true;
}

/* A packet that stands for many builds as its first member. */
static struct stack *first_member(struct stack *s, unsigned at)
{
	struct walk *walk = walk_new(s, at);
	struct stack *first = walk ? walk_next(walk) : NULL;
	if (walk)
		walk_free(walk);
	if (!first && !vm_pending(s->vm))
		vm_raise(s->vm, s->vm->errors.ValueError, "nothing to build: a set in it is empty");
	return first;
}

/* What a frame is filled up to by a layer that was made here; what came shorter stays so. */
static size_t least_frame(const struct builder *b)
{
	const struct stack *s = b->stack;
	size_t least = 0;
	for (unsigned i = b->from; i < s->count; i++)
		if (s->parts[i].layer->frame_min > least && !s->parts[i].dissected)
			least = s->parts[i].layer->frame_min;
	return least && s->parts[b->from].layer->link_type_count ? least : 0;
}

static bool build_as(struct stack *s, unsigned at, struct buf *out, bool (*finish)(struct builder *b, struct buf *out), bool values_only)
{
	struct builder b;
	struct stack *member = stack_is_set(s, at) ? first_member(s, at) : NULL;
	if (vm_pending(s->vm))
		return false;
	if (member)
		at = 0;
	builder_begin(&b, member ? member : s, at);
	b.values_only = values_only;
	size_t begun = out->len, least;
	bool done = encode_all(&b) && finish(&b, out);
	if (done && (least = least_frame(&b)) > out->len - begun)
		buf_fill(out, 0, least - (out->len - begun));
	builder_end(&b);
	if (member)
		stack_drop(member);
	return done;
}

bool build_anew(struct stack *s, unsigned at, struct buf *out)
{
	return build_as(s, at, out, lay_out, false);
}

bool build(struct stack *s, unsigned at, struct buf *out)
{
	const struct template *t = template_find(s, at);
	if (!t)
		return build_anew(s, at, out);
	bool done = template_write(t, s, at, (uint8_t *)buf_grow(out, template_length(t)));
	if (!done)
		out->len -= template_length(t);
	return done;
}

value build_value(struct stack *s, unsigned at)
{
	const struct template *t = template_find(s, at);
	if (t) {
		struct bytes *made = bytes_new(s->vm, NULL, template_length(t));
		if (made && template_write(t, s, at, made->data))
			return value_object(made);
		object_drop(made);
		return VALUE_UNSET;
	}
	struct buf out = {0};
	value made = build_anew(s, at, &out) ? bytes_value(s->vm, out.data ? out.data : "", out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

bool stack_encode(struct stack *s, unsigned at, struct buf *out)
{
	return build_as(s, at, out, chain, false);
}

bool stack_encode_values(struct stack *s, unsigned at, struct buf *out)
{
	return build_as(s, at, out, chain, true);
}

bool stack_reencode(struct stack *s, unsigned at, struct buf *out)
{
	return build_as(s, at, out, lay_out, true);
}

static bool build_in(struct builder *b, unsigned at, enum build_part part, struct buf *out)
{
	const struct block *k = &b->blocks[at - b->from];
	bool done = part == BUILD_PAYLOAD || (part == BUILD_LAYER ? encode_hooked(b, at) : encode_header(b, at));
	if (done && part != BUILD_PAYLOAD)
		buf_add(out, block_bytes(b, k), k->len);
	if (done && part != BUILD_HEADER)
		copy_payload(b, at, out);
	return done;
}

bool build_part(struct stack *s, unsigned at, enum build_part part, struct buf *out)
{
	struct builder b, *now = world_of(s->vm)->builder;
	if (now && now->stack == s && now->now == at)
		return build_in(now, at, part, out);
	builder_begin(&b, s, at);
	bool done = true;
	for (unsigned i = s->count; done && --i > at;)
		done = encode_layer(&b, i);
	b.now = at;
	done = done && build_in(&b, at, part, out);
	builder_end(&b);
	return done;
}

bool build_expected(struct stack *s, unsigned at, unsigned field, int64_t *out)
{
	struct watch watch = { .at = at, .field = field };
	struct stack *copy = stack_copy(s, 0);
	struct builder b;
	bool done = copy && !stack_is_set(copy, 0) && part_set(copy, at, field, VALUE_NONE);
	if (done) {
		builder_begin(&b, copy, 0);
		b.watch = &watch;
		done = encode_all(&b);
		builder_end(&b);
	}
	vm_clear(s->vm);                /* what can't be worked out is not told */
	if (copy)
		stack_drop(copy);
	*out = watch.number;
	return done && watch.seen;
}

/* Which sum it is, nothing says: the innermost one as it came that is not right. A network layer's own the kernel always fills in. */
static bool find_left(struct stack *s, unsigned *at, unsigned *field)
{
	for (*at = s->count; (*at)-- > 0;) {
		const struct layer *l = s->parts[*at].layer;
		for (unsigned i = 0; !l->family && i < l->computed_count; i++) {
			int64_t is, should;
			*field = l->computed[i];
			if (l->fields[*field]->computed.what == COMPUTE_CHECKSUM && part_state(s, *at, *field) == STATE_WIRE && part_int(s, *at, *field, &is)
			    && build_expected(s, *at, *field, &should) && is != should)
				return true;
		}
	}
	return false;
}

struct stack *stack_finished(struct stack *s)
{
	unsigned at, field;
	if (!s->about || !s->about->sum_left_to_card || !find_left(s, &at, &field))
		return NULL;
	struct stack *copy = stack_copy(s, 0);
	if (copy && part_set(copy, at, field, VALUE_NONE))
		return copy;
	if (copy)
		stack_drop(copy);
	return NULL;
}

struct frame *build_frame(struct stack *s, unsigned at)
{
	const struct template *t = template_find(s, at);
	if (t) {
		struct frame *made = frame_new(NULL, template_length(t));
		if (template_write(t, s, at, made->bytes))
			return made;
		frame_drop(made);
		return NULL;
	}
	struct buf out = {0};
	struct frame *frame = build_anew(s, at, &out) ? frame_new(out.data, out.len) : NULL;
	buf_free(&out);
	return frame;
}

bool stack_recompute(struct stack *s, unsigned at)
{
	for (unsigned i = at; i < s->count; i++) {
		const struct layer *l = s->parts[i].layer;
		for (unsigned c = 0; c < l->computed_count; c++)
			if (l->fields[l->computed[c]]->computed.what < COMPUTE_ROUTE && !part_set(s, i, l->computed[c], VALUE_NONE))
				return false;
		/* what an error quotes is cut off, and no packet of its own: it stays */
		struct site site = { .vm = s->vm, .stack = s, .at = i };
		int64_t quotes = 0;
		if (l->quotes && !expr_run(&site, l->quotes, 0, 0, &quotes))
			return false;
		if (quotes)
			break;
	}
	return true;
}
