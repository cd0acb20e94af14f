#include "net/asked.h"

#include <string.h>

#include "base/mem.h"
#include "lang/types.h"
#include "packet/world.h"

#include "net/arrival.h"

enum { UNANSWERED = 0x80000000u };       /* the other rows of what is made later */

uint64_t asked_hash(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t hash = 0xcbf29ce484222325u;     /* FNV-1a, folded */
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static void release(void *room)
{
	struct asked_table *t = room;
	for (size_t i = 0; i < t->count; i++)
		if (!t->rows[i].series)
			stack_drop(t->rows[i].of.stack);
	for (size_t i = 0; i < t->series_count; i++)
		series_free(t->series[i]);
	for (size_t i = 0; i < t->answer_count; i++) {
		frame_drop(t->answers[i].frame);
		object_drop(t->answers[i].iface);
		if (t->answers[i].stack)
			stack_drop(t->answers[i].stack);
	}
	chunk_end(&t->chunk);
	mem_free(t->rows);
	mem_free(t->chains);
	mem_free(t->to_many);
	mem_free(t->series);
	mem_free(t->words);
	mem_free(t->answers);
	buf_free(&t->key);
}

static void visit_all(void *room, visit_fn visit, void *state)
{
	const struct asked_table *t = room;
	for (size_t i = 0; i < t->count; i++)
		if (!t->rows[i].series)
			visit(&t->rows[i].of.stack->head.head, state);
	for (size_t i = 0; i < t->series_count; i++)
		series_visit(t->series[i], visit, state);
	for (size_t i = 0; i < t->answer_count; i++)
		if (t->answers[i].stack)
			visit(&t->answers[i].stack->head.head, state);
}

static value made_later(struct vm *vm, void *room, uint32_t number);

/* Items: pairs of a probe and its answer, by the answer's number; behind UNANSWERED probes, by their rows. */
struct asked_table *asked_new(struct vm *vm)
{
	static const struct later_kind kind = { made_later, release, visit_all };
	struct asked_table *t = later_new(vm, &kind, sizeof *t);
	t->vm = vm;
	return t;
}

void asked_drop(TAKES struct asked_table *t)
{
	later_drop(t);
}

static bool refuse_more(struct vm *vm)
{
	return vm_raise_ok(vm, vm->errors.OverflowError, "more than %d packets are too many to ask at once", ASKED_MOST);
}

/* ---- what is asked ---------------------------------------------------------------------------------------------------- */

static struct chain *chain_of(const struct asked_table *t, const struct asked *a)
{
	return &t->chains[a->hash & (t->size - 1)];
}

static void link_row(struct asked_table *t, uint32_t row)
{
	struct asked *a = &t->rows[row];
	struct chain *c = chain_of(t, a);
	a->next = 0;
	if (c->last)
		t->rows[c->last - 1].next = row + 1;
	else
		c->first = row + 1;
	c->last = row + 1;
}

/* Rows that are in no chain any more stay out of the new ones. */
static void grow(struct asked_table *t)
{
	struct chain *before = t->chains;
	size_t count = t->size;
	t->room = t->room ? t->room * 2 : 16;
	t->rows = mem_resize(t->rows, t->room * sizeof *t->rows);
	t->size = t->room;
	t->chains = mem_zero(t->size * sizeof *t->chains);
	for (size_t i = 0; i < count; i++)
		for (uint32_t at = before[i].first, next; at; at = next) {
			next = t->rows[at - 1].next;
			link_row(t, at - 1);
		}
	mem_free(before);
}

static bool make_key(struct asked_table *t, struct stack *s, unsigned at, uint64_t *hash)
{
	buf_clear(&t->key);
	bool ok = stack_key(s, at, &t->key);
	*hash = asked_hash(buf_str(&t->key), t->key.len);
	return ok;
}

static struct stack *to_read(const struct asked_table *t, const struct asked *a)
{
	return a->series ? series_recall(t->series[a->series - 1], t->words + a->of.words) : a->of.stack;
}

/* No key is made for what is asked alone. Code of the user's may make keys that tell more than answers() does. */
static bool begin_keys(struct asked_table *t)
{
	if (t->count == 0)
		t->keyless = !world_of(t->vm)->reading_runs_code;
	if (t->count != 1 || !t->keyless)
		return true;
	t->keyless = false;
	if (!make_key(t, to_read(t, t->rows), 0, &t->rows[0].hash))
		return false;
	link_row(t, 0);
	return true;
}

static uint32_t add_row(struct asked_table *t, struct asked row)
{
	if (t->count == t->room)
		grow(t);
	t->rows[t->count++] = row;
	if (!t->keyless)
		link_row(t, (uint32_t)t->count - 1);
	t->unanswered++;
	return (uint32_t)t->count - 1;
}

uint32_t asked_add(struct asked_table *t, struct stack *member, bool to_many)
{
	struct asked row = { .of.stack = member };
	if (t->count == ASKED_MOST)
		refuse_more(t->vm);
	if (t->count == ASKED_MOST || !begin_keys(t) || (!t->keyless && !make_key(t, member, 0, &row.hash)))
		return ASKED_MOST;
	if (to_many) {
		t->to_many = mem_resize(t->to_many, (t->to_many_count + 1) * sizeof *t->to_many);
		t->to_many[t->to_many_count++] = (uint32_t)t->count;
	}
	stack_keep(member);
	return add_row(t, row);
}

uint32_t asked_begin_series(struct asked_table *t, TAKES struct series *s)
{
	t->series = mem_resize(t->series, (t->series_count + 1) * sizeof(struct series *));
	t->series[t->series_count++] = s;
	return (uint32_t)t->series_count;
}

uint32_t asked_add_patched(struct asked_table *t, uint32_t series, const struct patch *p)
{
	const struct series *s = t->series[series - 1];
	unsigned width = series_width(s);
	struct asked row = { .of.words = t->word_count, .series = series };
	if (t->word_count + width > t->word_room) {
		t->word_room = t->word_room * 2 + width + 64;
		t->words = mem_resize(t->words, t->word_room * sizeof *t->words);
	}
	for (unsigned i = 0; i < width; i++)
		t->words[t->word_count + i] = patch_word(p, i);
	if (t->count == ASKED_MOST)
		refuse_more(t->vm);
	if (t->count == ASKED_MOST || !begin_keys(t) || (!t->keyless && !make_key(t, series_recall(s, t->words + t->word_count), 0, &row.hash)))
		return ASKED_MOST;
	t->word_count += width;
	return add_row(t, row);
}

struct stack *asked_packet(struct asked_table *t, uint32_t row)
{
	struct asked *a = &t->rows[row];
	if (a->series) {
		struct stack *made = series_packet(t->series[a->series - 1], t->words + a->of.words);
		if (!made)
			return NULL;
		a->of.stack = made;
		a->series = 0;
	}
	stack_about(a->of.stack)->sent_time = a->sent_time;
	return a->of.stack;
}

/* ---- what answers it -------------------------------------------------------------------------------------------------- */

struct search {
	struct asked_table *table;
	struct stack *answer;
	unsigned at;
	uint64_t came;
	bool again;
	uint32_t best;
};

static bool settled(const struct search *s)
{
	return s->best != ASKED_MOST && !s->table->rows[s->best].answered;
}

/* What comes back from loopback as it was sent is no answer. */
static bool is_candidate(const struct search *s, const struct asked *a)
{
	return (!a->sent || a->sent != s->came) && (a->answered ? s->again && s->best == ASKED_MOST : !settled(s));
}

static bool try_row(struct search *s, uint32_t row)
{
	struct asked_table *t = s->table;
	const struct asked *a = &t->rows[row];
	bool answers;
	if (!is_candidate(s, a))
		return true;
	if (!stack_answers(s->answer, s->at, to_read(t, a), 0, &answers))
		return false;
	if (answers)
		s->best = row;
	return true;
}

uint32_t asked_match(struct asked_table *t, struct stack *answer, unsigned at, uint64_t came, bool again)
{
	struct search s = { t, answer, at, came, again, ASKED_MOST };
	uint64_t hash;
	if (t->keyless && t->count)
		return try_row(&s, 0) ? s.best : ASKED_MOST;
	if (!t->count || !make_key(t, answer, at, &hash))
		return ASKED_MOST;
	for (uint32_t next = t->chains[hash & (t->size - 1)].first; next && !settled(&s); next = t->rows[next - 1].next)
		if (t->rows[next - 1].hash == hash && !try_row(&s, next - 1))
			return ASKED_MOST;
	for (size_t i = 0; i < t->to_many_count && !settled(&s); i++)
		if (!try_row(&s, t->to_many[i]))
			return ASKED_MOST;
	return s.best;
}

static void unlink_row(struct asked_table *t, uint32_t row)
{
	struct chain *c = chain_of(t, &t->rows[row]);
	uint32_t *place = &c->first, before = 0;
	while (*place && *place != row + 1) {
		before = *place;
		place = &t->rows[*place - 1].next;
	}
	if (!*place)
		return;
	*place = t->rows[row].next;
	if (c->last == row + 1)
		c->last = before;
}

uint32_t asked_answer(struct asked_table *t, uint32_t row, const struct capture_frame *f, struct str *iface, int link_type, unsigned at, bool again)
{
	uint32_t start;
	struct frame *frame = t->answer_count < ASKED_MOST ? chunk_add(&t->chunk, f->bytes, f->len, &start) : NULL;
	if (!frame) {
		vm_raise(t->vm, t->vm->errors.MemoryError, "no memory for an answer");
		return ASKED_MOST;
	}
	if (t->answer_count == t->answer_room) {
		t->answer_room = t->answer_room ? t->answer_room * 2 : 4;
		t->answers = mem_resize(t->answers, t->answer_room * sizeof *t->answers);
	}
	t->answers[t->answer_count] = (struct answer){ .frame = frame, .iface = object_keep(iface), .time = f->time, .start = start, .len = f->len,
	                                               .wire_len = f->wire_len, .row = row, .link_type = link_type, .direction = f->direction,
	                                               .at = (uint8_t)at, .sum_left_to_card = f->sum_left_to_card };
	if (!t->rows[row].answered) {
		t->unanswered--;
		if (!again)
			unlink_row(t, row);
	}
	t->rows[row].answered = true;
	return (uint32_t)t->answer_count++;
}

static struct capture_frame frame_of(const struct answer *a)
{
	return (struct capture_frame){ .bytes = a->frame->bytes + a->start, .len = a->len, .wire_len = a->wire_len, .time = a->time,
	                               .direction = a->direction, .sum_left_to_card = a->sum_left_to_card };
}

/* As the user of the exchange sees it: whole at layer 2, without its link header at layer 3. */
static struct stack *keep_reply(struct asked_table *t, uint32_t number, TAKES struct stack *whole)
{
	unsigned at = t->answers[number].at;
	struct stack *made = whole;
	if (whole && at) {
		made = arrival_above(whole, at);
		stack_drop(whole);
	}
	t->answers[number].stack = made;
	return made;
}

bool asked_came_as(struct asked_table *t, uint32_t number, struct stack *whole)
{
	const struct answer *a = &t->answers[number];
	struct capture_frame f = frame_of(a);
	arrival_tell(whole, &f, a->link_type, a->iface->data);
	return keep_reply(t, number, stack_keep(whole)) != NULL;
}

struct stack *asked_reply(struct asked_table *t, uint32_t number)
{
	const struct answer *a = &t->answers[number];
	if (a->stack)
		return a->stack;
	struct capture_frame f = frame_of(a);
	struct stack *whole = arrival(t->vm, &f, a->link_type, a->iface->data);
	return keep_reply(t, number, whole);             /* the rows may have moved */
}

/* ---- the lists -------------------------------------------------------------------------------------------------------- */

static value pair_of(struct asked_table *t, uint32_t number)
{
	struct stack *reply = asked_reply(t, number), *sent = reply ? asked_packet(t, t->answers[number].row) : NULL;
	return sent ? answered_pair(t->vm, packet_object(sent, 0), packet_object(reply, 0)) : VALUE_UNSET;
}

static value made_later(struct vm *vm, void *room, uint32_t number)
{
	struct asked_table *t = room;
	(void)vm;
	if (!(number & UNANSWERED))
		return pair_of(t, number);
	struct stack *sent = asked_packet(t, number & ~UNANSWERED);
	return sent ? packet_object(sent, 0) : VALUE_UNSET;
}

/* Code of the user's that takes part in reading runs when the answer comes, once. */
bool asked_list_pair(struct asked_table *t, value list, uint32_t number)
{
	if (!world_of(t->vm)->reading_runs_code)
		return packetlist_add_later(t->vm, list, t, number);
	value pair = pair_of(t, number);
	return !is_unset(pair) && packetlist_add(t->vm, list, pair);
}

bool asked_list_unanswered(struct asked_table *t, value list)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (!t->rows[i].answered && !packetlist_add_later(t->vm, list, t, i | UNANSWERED))
			return false;
	return true;
}
