#include "net/asked.h"

#include <string.h>

#include "base/mem.h"

uint64_t asked_hash(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t hash = 0xcbf29ce484222325u;     /* FNV-1a, folded */
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

void asked_free(struct asked_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		stack_drop(t->rows[i].stack);
	mem_free(t->rows);
	mem_free(t->heads);
	mem_free(t->to_many);
	buf_free(&t->keys);
	buf_free(&t->key);
}

static void link_row(struct asked_table *t, struct asked *a)
{
	struct asked **place = &t->heads[a->hash & (t->size - 1)];
	while (*place)
		place = &(*place)->next;
	a->next = NULL;
	*place = a;
}

/* Rows move when the array grows, so the chains are made again. */
static void grow(struct asked_table *t)
{
	t->room = t->room ? t->room * 2 : 16;
	t->rows = mem_resize(t->rows, t->room * sizeof *t->rows);
	t->size = t->room;
	mem_free(t->heads);
	t->heads = mem_zero(t->size * sizeof(struct asked *));
	for (size_t i = 0; i < t->count; i++)
		link_row(t, &t->rows[i]);
}

static bool make_key(struct asked_table *t, struct stack *s, unsigned at)
{
	buf_clear(&t->key);
	return stack_key(s, at, &t->key);
}

struct asked *asked_add(struct asked_table *t, struct stack *member, bool to_many)
{
	if (!make_key(t, member, 0))
		return NULL;
	if (t->count == t->room)
		grow(t);
	if (to_many) {
		t->to_many = mem_resize(t->to_many, (t->to_many_count + 1) * sizeof *t->to_many);
		t->to_many[t->to_many_count++] = t->count;
	}
	struct asked *a = &t->rows[t->count++];
	*a = (struct asked){ .stack = stack_keep(member), .key = t->keys.len, .key_len = t->key.len };
	a->hash = asked_hash(buf_str(&t->key), t->key.len);
	buf_add(&t->keys, buf_str(&t->key), t->key.len);
	link_row(t, a);
	t->unanswered++;
	return a;
}

static bool same_key(const struct asked_table *t, const struct asked *a, uint64_t hash)
{
	return a->hash == hash && a->key_len == t->key.len && memcmp(buf_str(&t->keys) + a->key, buf_str(&t->key), a->key_len) == 0;
}

struct search {
	struct stack *answer;
	unsigned at;
	uint64_t came;
	bool again;
	struct asked *best;
};

static bool settled(const struct search *s)
{
	return s->best && !s->best->answered;
}

/* What comes back from loopback as it was sent is no answer. */
static bool is_candidate(const struct search *s, const struct asked *a)
{
	return (!a->sent || a->sent != s->came) && (a->answered ? s->again && !s->best : !settled(s));
}

static bool try_row(struct search *s, struct asked *a)
{
	bool answers;
	if (!is_candidate(s, a))
		return true;
	if (!stack_answers(s->answer, s->at, a->stack, 0, &answers))
		return false;
	if (answers)
		s->best = a;
	return true;
}

struct asked *asked_match(struct asked_table *t, struct stack *answer, unsigned at, uint64_t came, bool again)
{
	struct search s = { answer, at, came, again, NULL };
	if (!t->count || !make_key(t, answer, at))
		return NULL;
	uint64_t hash = asked_hash(buf_str(&t->key), t->key.len);
	for (struct asked *a = t->heads[hash & (t->size - 1)]; a && !settled(&s); a = a->next)
		if (same_key(t, a, hash) && !try_row(&s, a))
			return NULL;
	for (size_t i = 0; i < t->to_many_count && !settled(&s); i++)
		if (!try_row(&s, &t->rows[t->to_many[i]]))
			return NULL;
	return s.best;
}

void asked_mark(struct asked_table *t, struct asked *a)
{
	if (!a->answered)
		t->unanswered--;
	a->answered = true;
}
