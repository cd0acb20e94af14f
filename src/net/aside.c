#include "net/aside.h"

#include <string.h>

#include "base/mem.h"

#include "net/resolve.h"

enum { MANY = 1024, TOLD = 3 };         /* packets that wait at most; hops that are named */

struct waiting { struct stack *member; uint32_t tag; uint32_t hop; };   /* member: kept, or NULL; hop: among those asked for */

struct asides {
	struct waiting rows[MANY];
	size_t count;
	struct hop hops[MANY];           /* asked for next, each once */
	size_t hop_count;
	struct hop *silent;              /* a hash set, at most half full; family 0: empty */
	size_t silent_count, silent_room;
	uint64_t unsent;
	struct hop told[TOLD];           /* the first silent ones */
	size_t told_count;
};

static struct asides *asides_of(struct emit *e)
{
	if (!e->asides)
		e->asides = mem_zero(sizeof *e->asides);
	return e->asides;
}

void aside_free(struct emit *e)
{
	struct asides *a = e->asides;
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		if (a->rows[i].member)
			stack_drop(a->rows[i].member);
	mem_free(a->silent);
	mem_free(a);
	e->asides = NULL;
}

/* ---- the silent ones ---- */

static bool is_same(const struct hop *a, const struct hop *b)
{
	return a->iface == b->iface && address_equal(&a->address, &b->address);
}

/* Where it stands, or would. */
static struct hop *place(const struct asides *a, const struct hop *hop)
{
	size_t at = (address_hash(&hop->address) + (uint32_t)hop->iface) & (a->silent_room - 1);
	while (a->silent[at].address.family && !is_same(&a->silent[at], hop))
		at = (at + 1) & (a->silent_room - 1);
	return &a->silent[at];
}

static bool is_silent(const struct asides *a, const struct hop *hop)
{
	return a->silent_count && place(a, hop)->address.family;
}

static void add_silent(struct asides *a, const struct hop *hop)
{
	if (a->silent_count * 2 >= a->silent_room) {
		struct hop *before = a->silent;
		size_t room = a->silent_room;
		a->silent_room = room ? room * 2 : 64;
		a->silent = mem_zero(a->silent_room * sizeof *a->silent);
		for (size_t i = 0; i < room; i++)
			if (before[i].address.family)
				*place(a, &before[i]) = before[i];
		mem_free(before);
	}
	*place(a, hop) = *hop;
	a->silent_count++;
	if (a->told_count < TOLD)
		a->told[a->told_count++] = *hop;
}

/* ---- waiting ---- */

static uint32_t hop_at(struct asides *a, const struct hop *hop)
{
	size_t i = a->hop_count;
	while (i > 0 && !is_same(&a->hops[i - 1], hop))         /* mostly the one before */
		i--;
	if (!i)
		a->hops[i = a->hop_count++] = *hop;
	else
		i--;
	return (uint32_t)i;
}

bool aside_put(struct emit *e, struct stack *member, uint32_t tag, const struct emit_way *way)
{
	struct asides *a = asides_of(e);
	struct hop hop = { .iface = way->index, .address = way->awaits };
	if (a->count == MANY && !is_silent(a, &hop) && !aside_settle(e))
		return false;
	if (is_silent(a, &hop)) {
		a->unsent++;
		return true;
	}
	a->rows[a->count++] = (struct waiting){ member ? stack_keep(member) : NULL, tag, hop_at(a, &hop) };
	return true;
}

/* One round. What is resumed may be set aside again: another address may have taken the place of what was learnt. */
static bool settle_once(struct emit *e)
{
	struct asides *a = e->asides;
	size_t count = a->count;
	struct waiting *rows = mem_alloc(count * sizeof *rows);
	struct hop *hops = mem_alloc(a->hop_count * sizeof *hops);
	memcpy(rows, a->rows, count * sizeof *rows);
	memcpy(hops, a->hops, a->hop_count * sizeof *hops);
	size_t hop_count = a->hop_count;
	a->count = a->hop_count = 0;
	bool ok = resolve_hops(e->vm, hops, hop_count);
	for (size_t i = 0; ok && i < hop_count; i++)
		if (!hops[i].known)
			add_silent(a, &hops[i]);
	for (size_t i = 0; i < count; i++) {
		bool known = ok && hops[rows[i].hop].known;
		a->unsent += ok && !known;
		if (known)
			ok = e->resume(e, rows[i].member, rows[i].tag, e->resume_state);
		if (rows[i].member)
			stack_drop(rows[i].member);
	}
	mem_free(rows);
	mem_free(hops);
	return ok;
}

bool aside_settle(struct emit *e)
{
	bool ok = true;
	while (ok && e->asides && e->asides->count)
		ok = settle_once(e);
	return ok;
}

/* ---- beginning and end ---- */

void aside_begin(struct emit *e)
{
	struct asides *a = e->asides;
	if (!a)
		return;
	a->unsent = 0;
	a->told_count = a->silent_count = 0;
	memset(a->silent, 0, a->silent_room * sizeof *a->silent);
}

bool aside_end(struct emit *e, uint64_t sent)
{
	const struct asides *a = e->asides;
	char text[ADDRESS_TEXT];
	if (!a || !a->unsent)
		return true;
	struct error error = {0};
	const struct iface *i = iface_by_index(e->wire->ifaces, a->told[0].iface, &error);
	const char *name = i ? i->name : "its interface";
	error_clear(&error);
	if (!sent) {
		resolve_silent(&error, &a->told[0].address, NULL, name);
		vm_raise_error(e->vm, &error);
		return false;
	}
	struct buf who = {0};
	for (size_t k = 0; k < a->told_count; k++)
		buf_print(&who, "%s%s", k ? ", " : "", address_text(&a->told[k].address, text));
	if (a->silent_count > a->told_count)
		buf_print(&who, " and %zu more", a->silent_count - a->told_count);
	packet_warn(e->vm, "%llu packet%s not sent: nobody on %s tells the link address of %s", (unsigned long long)a->unsent,
	            a->unsent == 1 ? " was" : "s were", name, buf_str(&who));
	buf_free(&who);
	return true;
}
