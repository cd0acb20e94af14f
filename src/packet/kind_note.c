/* Fields with a note behind their value that says what it means in this packet: an address of which other fields tell whose it is. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/kinds.h"

struct note { struct expr *test; struct str *text; };
struct notes { size_t count; struct note items[]; };

/* The first whose text holds. */
static const struct str *note_now(const struct site *s, const struct field *f)
{
	const struct notes *n = f->data;
	for (size_t i = 0; s->stack && i < n->count; i++) {
		int64_t holds = 0;
		if (!expr_run(s, n->items[i].test, 0, 0, &holds))
			return NULL;
		if (holds)
			return n->items[i].text;
	}
	return NULL;
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	if (!codec_mac.show(s, f, v, out))
		return false;
	const struct str *note = note_now(s, f);
	if (note) {
		buf_text(out, " (");
		text_safe(out, note->data, note->len);
		buf_char(out, ')');
	}
	return !vm_pending(s->vm);
}

static void release(struct field *f)
{
	struct notes *n = f->data;
	for (size_t i = 0; n && i < n->count; i++) {
		expr_free(n->items[i].test);
		object_drop(n->items[i].text);
	}
	mem_free(n);
	f->data = NULL;
}

/* NotedMACField(name, default, notes): notes = [("type == 1", "RA"), ...] */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	const value *rows, *pair;
	size_t count, two;
	if (!value_items(a[2], &rows, &count))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: notes are a list of (text, note)", f->name->data);
	struct notes *n = f->data = mem_zero(sizeof *n + count * sizeof n->items[0]);
	for (size_t i = 0; i < count; i++) {
		if (!value_items(rows[i], &pair, &two) || two != 2 || !is_str(pair[0]) || !is_str(pair[1]))
			return vm_raise_ok(vm, vm->errors.TypeError, "%s: notes are a list of (text, note)", f->name->data);
		n->items[i].text = object_keep(as_str(pair[1]));
		n->count = i + 1;
		if (!(n->items[i].test = expr_parse(vm, as_str(pair[0]))))
			return false;
	}
	return facts_take(vm, f, a + 3);
}

static value of_word(struct vm *vm, const struct field *f, uint64_t word)
{
	return codec_mac.of_word(vm, f, word);
}

static bool to_word(struct vm *vm, const struct field *f, value v, uint64_t *word)
{
	return codec_mac.to_word(vm, f, v, word);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	return codec_mac.accept(vm, f, given);
}

static bool accept_word(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word)
{
	return codec_mac.accept_word(vm, f, given, accepted, word);
}

static const struct codec codec = {
	.of_word = of_word, .to_word = to_word, .accept = accept, .accept_word = accept_word, .show = show, .release = release,
};

const struct field_kind kinds_note[] = {
	{ "NotedMACField", "name, default, notes" FACTS, "a MAC address with a note that says whose it is", &codec, make, FIELD_WORD, 48 },
	{ 0 },
};
