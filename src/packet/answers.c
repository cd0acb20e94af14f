/* Does this packet answer that one? Decided by the layers' declared facts (doc/protocols.md): what an answer swaps, what it
 * repeats, what else must hold; an error that quotes a packet answers the packet it quotes. A user's class may define
 * answers() and hashret() itself.
 *
 * The key is equal for a packet and whatever may answer it, and cheap: what sr sorts by before it asks stack_answers. Swapped
 * pairs go in by exclusive or. It stops at the first layer above the network layer, since a quoted packet is often cut
 * off there (RFC 792: 8 bytes). */
#include <string.h>

#include "base/mem.h"
#include "packet/conf.h"
#include "packet/packet.h"
#include "packet/world.h"

/* One comparison: layer a of the answer against layer b of the asked. */
struct match_at {
	struct stack *answer, *asked;
	unsigned a, b;
};

/* A field's value; an address without the interface that it may name ("fe80::1%eth0"), which is not on the wire. */
static value plain(struct stack *s, unsigned at, unsigned field)
{
	value v = part_effective(s, at, field);
	const char *scope = is_str(v) && s->parts[at].layer->fields[field]->flags & FIELD_ADDRESS ? memchr(as_str(v)->data, '%', as_str(v)->len) : NULL;
	if (!scope)
		return v;
	value address = value_object(str_new(s->vm, as_str(v)->data, (size_t)(scope - as_str(v)->data)));
	value_drop(v);
	return address;
}

/* The answer's field as the asked layer numbers it: related classes have their fields at different places. -1: it has none. */
static int asked_field(const struct match_at *m, unsigned field)
{
	const struct layer *answer = m->answer->parts[m->a].layer, *asked = m->asked->parts[m->b].layer;
	return answer == asked ? (int)field : layer_field(asked, answer->fields[field]->name);
}

/* An address that is a number on the wire, as that number: no text is made of it. */
static bool address_word(struct stack *s, unsigned at, unsigned field, uint64_t *word)
{
	const struct field *f = s->parts[at].layer->fields[field];
	return (f->flags & (FIELD_ADDRESS | FIELD_WORD)) == (FIELD_ADDRESS | FIELD_WORD) && part_effective_word(s, at, field, word);
}

static unsigned field_bits(const struct stack *s, unsigned at, unsigned field)
{
	return s->parts[at].layer->fields[field]->bits;
}

static bool fields_equal(struct stack *x, unsigned xat, unsigned xf, struct stack *y, unsigned yat, unsigned yf, bool *equal)
{
	int64_t i, j;
	uint64_t p, q;
	if (part_int(x, xat, xf, &i) && part_int(y, yat, yf, &j)) {
		*equal = i == j;
		return true;
	}
	if (field_bits(x, xat, xf) == field_bits(y, yat, yf) && address_word(x, xat, xf, &p) && address_word(y, yat, yf, &q)) {
		*equal = p == q;
		return true;
	}
	value u = plain(x, xat, xf), v = is_unset(u) ? VALUE_UNSET : plain(y, yat, yf);
	bool ok = !is_unset(v) && value_equal(x->vm, u, v, equal);
	value_drop(u);
	value_drop(v);
	return ok;
}

static bool is_multicast(struct stack *s, unsigned at, unsigned field)
{
	uint64_t word;
	if (s->parts[at].layer->family == 4 && field_bits(s, at, field) == 32 && address_word(s, at, field, &word))
		return word >> 28 == 14 || word == UINT32_MAX;
	value v = plain(s, at, field);
	if (is_unset(v)) {
		vm_clear(s->vm);
		return false;
	}
	const char *text = is_str(v) ? as_str(v)->data : "";
	bool multicast = strncmp(text, "ff", 2) == 0;
	if (!multicast && strchr(text, '.')) {
		int first = 0;
		for (const char *p = text; *p >= '0' && *p <= '9'; p++)
			first = first * 10 + *p - '0';
		multicast = (first >= 224 && first <= 239) || strcmp(text, "255.255.255.255") == 0;
	}
	value_drop(v);
	return multicast;
}

/* Layers that answers are looked for behind. */
static unsigned beyond(const struct stack *s, unsigned at)
{
	while (at < s->count && s->parts[at].layer->transparent)
		at++;
	return at;
}

/* With conf.checkIPinIP off a tunnel's headers do not count: *at goes on to the innermost of network layers one inside the other. */
static bool into_tunnel(struct stack *s, unsigned *at)
{
	bool check = true;
	for (unsigned next; *at < s->count && s->parts[*at].layer->source >= 0; *at = next) {
		next = beyond(s, *at + 1);
		if (next >= s->count || s->parts[next].layer->source < 0)
			return true;
		if (!conf_flag(s->vm, "checkIPinIP", &check))
			return false;
		if (check)
			return true;
	}
	return true;
}

/* An address of a network layer, or the one that a header behind it says instead. */
static value end_of(struct stack *s, unsigned at, bool source)
{
	const struct layer *l = s->parts[at].layer;
	value v = way_address(s, at, beyond(s, at + 1), source);
	return is_unset(v) && !vm_pending(s->vm) ? plain(s, at, (unsigned)(source ? l->source : l->destination)) : v;
}

static bool has_ways(const struct stack *s, unsigned at)
{
	return at + 1u < s->count && s->parts[at + 1].layer->transparent;
}

/* Source and destination the same, as headers in between say: a router may have moved the destination on. */
static bool ends_equal(const struct match_at *m, bool *out)
{
	for (int source = 0; *out && source < 2; source++) {
		value here = end_of(m->answer, m->a, source), there = is_unset(here) ? VALUE_UNSET : end_of(m->asked, m->b, source);
		bool ok = !is_unset(there) && value_equal(m->asked->vm, here, there, out);
		value_drop(here);
		value_drop(there);
		if (!ok)
			return false;
	}
	return true;
}

/* Source and destination swapped where headers in between say whose addresses count. */
static bool ends_swapped(const struct match_at *m, bool to_many, bool *out)
{
	for (int source = 0; *out && source < 2; source++) {
		if (source == 0 && to_many)
			continue;
		value here = end_of(m->answer, m->a, !source), there = is_unset(here) ? VALUE_UNSET : end_of(m->asked, m->b, source);
		bool ok = !is_unset(there) && value_equal(m->asked->vm, here, there, out);
		value_drop(here);
		value_drop(there);
		if (!ok)
			return false;
	}
	return true;
}

/* The swapped pairs. With network addresses, conf.checkIPaddr turns the test off, and what was asked of many may be answered by any. */
static bool swapped(const struct match_at *m, bool *out)
{
	const struct layer *l = m->answer->parts[m->a].layer;
	bool check = true, network = l->source >= 0;
	*out = true;
	if (network && !conf_flag(m->asked->vm, "checkIPaddr", &check))
		return false;
	if (!check)
		return true;
	bool to_many = network && asked_field(m, (unsigned)l->destination) >= 0 &&
		is_multicast(m->asked, m->b, (unsigned)asked_field(m, (unsigned)l->destination));
	if (network && (has_ways(m->answer, m->a) || has_ways(m->asked, m->b)) && m->asked->parts[m->b].layer->source >= 0)
		return ends_swapped(m, to_many, out);
	for (unsigned i = 0; *out && i + 1 < l->reverse_count; i += 2) {
		unsigned first = l->reverses[i], second = l->reverses[i + 1];
		int asked_first = asked_field(m, first), asked_second = asked_field(m, second);
		*out = asked_first >= 0 && asked_second >= 0;
		if (*out && !fields_equal(m->answer, m->a, second, m->asked, m->b, (unsigned)asked_first, out))
			return false;
		if (*out && !to_many && !fields_equal(m->answer, m->a, first, m->asked, m->b, (unsigned)asked_second, out))
			return false;
	}
	return true;
}

static bool echoed(const struct match_at *m, bool *out)
{
	const struct layer *l = m->answer->parts[m->a].layer;
	*out = true;
	for (unsigned i = 0; *out && i < l->echo_count; i++) {
		bool here, there = false;
		int asked = asked_field(m, l->echoes[i]);
		if (!part_present(m->answer, m->a, l->echoes[i], &here) || (asked >= 0 && !part_present(m->asked, m->b, (unsigned)asked, &there)))
			return false;
		if (here && there && !fields_equal(m->answer, m->a, l->echoes[i], m->asked, m->b, (unsigned)asked, out))
			return false;
	}
	return true;
}

static bool fact_holds(const struct match_at *m, bool *out)
{
	const struct layer *l = m->answer->parts[m->a].layer;
	struct site other = { .vm = m->asked->vm, .stack = m->asked, .at = m->b };
	struct site site = { .vm = m->asked->vm, .stack = m->answer, .at = m->a, .other = &other };
	int64_t holds = 1;
	if (l->answers && !expr_run(&site, l->answers, 0, 0, &holds))
		return false;
	*out = holds != 0;
	return true;
}

static bool quotes(struct stack *s, unsigned at, bool *out)
{
	const struct layer *l = s->parts[at].layer;
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	int64_t holds = 0;
	if (l->quotes && !expr_run(&site, l->quotes, 0, 0, &holds))
		return false;
	*out = holds != 0 && at + 1u < s->count;
	return true;
}

/* Classes derived from one that says what answers what. */
static bool siblings(const struct layer *answer, const struct layer *asked)
{
	const struct type *base = answer->type->base;
	return answer->answers && base && base->extra && base->base && type_is(asked->type, base) && ((struct layer *)base->extra)->answers;
}

static bool class_fits(const struct part *answer, const struct part *asked)
{
	if (siblings(answer->layer, asked->layer))
		return true;
	return answer->layer == asked->layer || type_is(answer->layer->type, asked->layer->type) || type_is(asked->layer->type, answer->layer->type);
}

/* A router may have changed the source on the way; conf says whether it counts. */
static bool skips_source(const struct match_at *m, const struct layer *l, unsigned field, bool *out)
{
	bool check = true;
	*out = false;
	if (l->source != (int)field)
		return true;
	bool ok = conf_flag(m->asked->vm, "checkIPsrc", &check);
	*out = !check;
	return ok;
}

/* What else a quotation repeats where conf asks for it. */
static bool quoted_too(const struct match_at *m, bool *out)
{
	const struct layer *l = m->answer->parts[m->a].layer;
	bool wanted = false;
	if (!l->quoted_when || !l->quoted_count)
		return true;
	if (!conf_flag(m->asked->vm, l->quoted_when->data, &wanted))
		return false;
	for (unsigned i = 0; wanted && *out && i < l->quoted_count; i++) {
		int asked = asked_field(m, l->quoted[i]);
		if (asked >= 0 && l->quoted[i] < m->answer->parts[m->a].have
		    && !fields_equal(m->answer, m->a, l->quoted[i], m->asked, m->b, (unsigned)asked, out))
			return false;
	}
	return true;
}

/* A quoted packet is the one asked when what tells it apart is the same, unswapped; as far as the quotation reaches. */
static bool quoted_is(struct match_at m, bool *out)
{
	*out = false;
	for (unsigned depth = 0; m.a < m.answer->count && m.b < m.asked->count;
	     m.a = beyond(m.answer, m.a + 1), m.b = beyond(m.asked, m.b + 1), depth++) {
		const struct layer *l = m.answer->parts[m.a].layer;
		if (l->is_raw)
			break;
		if (!class_fits(&m.answer->parts[m.a], &m.asked->parts[m.b])) {
			*out = false;
			return true;
		}
		*out = true;
		bool ways = l->source >= 0 && (has_ways(m.answer, m.a) || has_ways(m.asked, m.b));
		if (ways && !ends_equal(&m, out))
			return false;
		for (unsigned i = 0; *out && !ways && i < l->reverse_count; i++) {
			int asked = asked_field(&m, l->reverses[i]);
			bool skip;
			if (!skips_source(&m, l, l->reverses[i], &skip))
				return false;
			*out = asked >= 0;
			if (*out && !skip && !fields_equal(m.answer, m.a, l->reverses[i], m.asked, m.b, (unsigned)asked, out))
				return false;
		}
		if (*out && (!echoed(&m, out) || !quoted_too(&m, out)))
			return false;
		if (!*out || depth == 1)
			break;
	}
	return true;
}

/* Two of a family, of which the answer says itself what it answers: their classes have a base in common. */
static bool is_kin(const struct vm *vm, const struct layer *answer, const struct layer *asked)
{
	const struct type *packet = world_of(vm)->packet;
	if (!answer->answers)
		return false;
	for (const struct type *a = answer->type->base; a && a != packet; a = a->base)
		if (type_is(asked->type, a))
			return true;
	return false;
}

static bool layer_answers(struct match_at m, bool *out);

static bool hook_answers(const struct match_at *m, bool *out)
{
	struct vm *vm = m->asked->vm;
	value self = packet_object(m->answer, m->a), other = packet_object(m->asked, m->b);
	value got = value_call_method(vm, self, str_intern(vm, "answers"), 1, &other);
	bool ok = !is_unset(got) && value_truth(vm, got, out);
	value_drop(got);
	value_drop(self);
	value_drop(other);
	return ok;
}

/* The payloads: nothing answers nothing; bytes answer anything. */
static bool payload_answers(struct match_at m, bool *out)
{
	m.a = beyond(m.answer, m.a + 1);
	m.b = beyond(m.asked, m.b + 1);
	bool none_a = m.a >= m.answer->count || part_pads(m.answer, m.a);
	bool none_b = m.b >= m.asked->count || part_pads(m.asked, m.b);
	if (none_a || none_b || m.answer->parts[m.a].layer->is_raw) {
		*out = none_a ? none_b : true;
		return true;
	}
	return layer_answers(m, out);
}

static bool layer_answers(struct match_at m, bool *out)
{
	bool error = false;
	*out = false;
	if (!into_tunnel(m.answer, &m.a) || !into_tunnel(m.asked, &m.b))
		return false;
	const struct layer *l = m.answer->parts[m.a].layer;
	if (l->hooks & (1u << HOOK_answers))
		return hook_answers(&m, out);
	unsigned next = beyond(m.answer, m.a + 1);
	if (next < m.answer->count && !quotes(m.answer, next, &error))
		return false;
	if (error && l->source >= 0) {
		m.a = next + 1;
		return quoted_is(m, out);
	}
	if (!class_fits(&m.answer->parts[m.a], &m.asked->parts[m.b]) && !is_kin(m.asked->vm, l, m.asked->parts[m.b].layer))
		return true;
	if (!swapped(&m, out) || (*out && !echoed(&m, out)) || (*out && !fact_holds(&m, out)))
		return false;
	if (!*out || (l->answers && !l->answers_on))
		return true;
	return payload_answers(m, out);
}

bool stack_answers(struct stack *answer, unsigned a, struct stack *asked, unsigned b, bool *out)
{
	if (!into_tunnel(answer, &a) || !into_tunnel(asked, &b))
		return false;
	struct match_at m = { .answer = answer, .asked = asked, .a = a, .b = b };
	/* A frame may answer a packet that was sent from the network layer up. */
	while (m.a < answer->count && b < asked->count && !class_fits(&answer->parts[m.a], &asked->parts[b]))
		m.a++;
	if (m.a == answer->count) {
		*out = false;
		return true;
	}
	return layer_answers(m, out);
}

/* ---- the key ---- */

/* Of a field's value: an address that is a number on the wire goes in as that, so that no text need be made of one that came. */
static bool shown_hash(struct vm *vm, const struct field *f, value v, uint64_t *hash)
{
	uint64_t word;
	bool address = (f->flags & (FIELD_ADDRESS | FIELD_WORD)) == (FIELD_ADDRESS | FIELD_WORD);
	if (address && f->kind->codec->to_word(vm, f, v, &word))
		return value_hash(vm, value_int((int64_t)word), hash);
	if (address)
		vm_clear(vm);
	return value_hash(vm, v, hash);
}

/* What a field adds to the key: the same whether it came, was set, or is as a route says. */
static bool field_hash(struct stack *s, unsigned at, unsigned field, uint64_t *hash)
{
	int64_t number;
	uint64_t word;
	if (part_int(s, at, field, &number))
		return value_hash(s->vm, value_int(number), hash);
	if (address_word(s, at, field, &word))
		return value_hash(s->vm, value_int((int64_t)word), hash);
	value v = plain(s, at, field);
	bool ok = !is_unset(v) && shown_hash(s->vm, s->parts[at].layer->fields[field], v, hash);
	value_drop(v);
	return ok;
}

static bool key_field(struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	uint64_t hash = 0;
	bool ok = field_hash(s, at, field, &hash);
	buf_add(out, &hash, sizeof hash);
	return ok;
}

static bool key_swapped(struct stack *s, unsigned at, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	for (unsigned i = 0; i + 1 < l->reverse_count; i += 2) {
		uint64_t first, second;
		if (!field_hash(s, at, l->reverses[i], &first) || !field_hash(s, at, l->reverses[i + 1], &second))
			return false;
		first ^= second;
		buf_add(out, &first, sizeof first);
	}
	return true;
}

static bool key_echoes(struct stack *s, unsigned at, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	for (unsigned i = 0; i < l->echo_count; i++) {
		bool present;
		if (!part_present(s, at, l->echoes[i], &present) || (present && !key_field(s, at, l->echoes[i], out)))
			return false;
	}
	return true;
}

static bool key_hook(struct stack *s, unsigned at, struct buf *out)
{
	value self = packet_object(s, at);
	value got = value_call_method(s->vm, self, str_intern(s->vm, "hashret"), 0, NULL);
	struct view view;
	bool ok = !is_unset(got) && value_to_view(s->vm, got, &view);
	if (ok)
		buf_add(out, view.bytes, view.len);
	value_drop(got);
	value_drop(self);
	return ok;
}

static bool key_ends(struct stack *s, unsigned at, struct buf *out)
{
	uint64_t both = 0;
	for (int source = 0; source < 2; source++) {
		uint64_t hash = 0;
		value v = end_of(s, at, source);
		bool ok = !is_unset(v) && shown_hash(s->vm, s->parts[at].layer->fields[s->parts[at].layer->source], v, &hash);
		value_drop(v);
		if (!ok)
			return false;
		both ^= hash;
	}
	buf_add(out, &both, sizeof both);
	return true;
}

static bool key_network(struct stack *s, unsigned at, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	bool check;
	if (!conf_flag(s->vm, "checkIPaddr", &check) || (check && !conf_flag(s->vm, "checkIPsrc", &check)))
		return false;
	if (!check || is_multicast(s, at, (unsigned)l->destination) || is_multicast(s, at, (unsigned)l->source))
		return true;
	return has_ways(s, at) ? key_ends(s, at, out) : key_swapped(s, at, out);
}

bool stack_key(struct stack *s, unsigned at, struct buf *out)
{
	bool network = false;
	for (; at < s->count; at++) {
		bool error = false;
		if (!into_tunnel(s, &at))
			return false;
		const struct layer *l = s->parts[at].layer;
		if (l->hooks & (1u << HOOK_hashret))
			return key_hook(s, at, out);
		if (l->transparent)
			continue;
		unsigned next = beyond(s, at + 1);
		if (next < s->count && !quotes(s, next, &error))
			return false;
		if (error) {
			at = next;
			continue;
		}
		if (l->source >= 0) {
			if (!key_network(s, at, out))
				return false;
			network = true;
			continue;
		}
		if (!key_swapped(s, at, out) || !key_echoes(s, at, out))
			return false;
		if (network)
			break;
	}
	return true;
}
