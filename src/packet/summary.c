/* Summary lines: "IP / TCP 10.0.0.1:ftp_data > 10.0.2.5:http S".
 *
 * A class's template ("UDP {from}:{sport} > {to}:{dport}") is parsed once into pieces. As in Scapy, only the uppermost layer that has
 * one is described by it; the layers below give their class's name. A class of the user's with a mysummary method is asked
 * instead; it may return (text, [classes]): the classes below that are to describe themselves as well. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/printing.h"
#include "packet/world.h"

/* {name}, {under.name}, {from}, {to}, {name[option]}, {name[0].item}, {name[*].item} */
enum path { PATH_HERE, PATH_UNDER, PATH_FROM, PATH_TO, PATH_OPTION, PATH_ITEM, PATH_ALL };
enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_IF };

struct piece {
	enum piece_kind kind;
	char *text;                     /* TEXT: itself; FIELD: the path */
	enum path way;                  /* FIELD: where it is found, */
	struct str *name, *item;        /*      by which name; of an item: the list's and then its own. Interned; NULL: none */
	size_t nth;                     /*      of which item */
	char how;                       /* FIELD: 0 as shown, 'v' bare, 't' bytes as text without blanks around it, 'j' a list's items, 'c' capitalised */
	struct expr *test;              /* IF: when */
	struct piece *inside;           /* IF: what */
	unsigned count;
};
struct template {
	struct piece *pieces;
	unsigned count;
};
struct summary {
	unsigned count;
	struct template templates[];
};

struct parser {
	struct vm *vm;
	const char *at, *end;
	unsigned depth;
};

static bool parse_pieces(struct parser *p, struct piece **pieces, unsigned *count);

static void pieces_free(struct piece *pieces, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		mem_free(pieces[i].text);
		expr_free(pieces[i].test);
		pieces_free(pieces[i].inside, pieces[i].count);
	}
	mem_free(pieces);
}

static struct piece *piece_add(struct piece **pieces, unsigned *count, enum piece_kind kind)
{
	*pieces = mem_resize(*pieces, (*count + 1) * sizeof **pieces);
	struct piece *piece = &(*pieces)[(*count)++];
	*piece = (struct piece){ .kind = kind };
	return piece;
}

static char *text_of(const char *start, const char *end)
{
	char *text = mem_alloc((size_t)(end - start) + 1);
	memcpy(text, start, (size_t)(end - start));
	text[end - start] = 0;
	return text;
}

static bool parse_error(struct parser *p, const char *what)
{
	return vm_raise_ok(p->vm, p->vm->errors.ValueError, "summary template: %s", what);
}

/* Behind "{:": the condition to '?', then pieces to '}'. */
static bool parse_if(struct parser *p, struct piece *piece)
{
	const char *question = memchr(p->at, '?', (size_t)(p->end - p->at));
	if (!question)
		return parse_error(p, "'{:' without '?'");
	struct str *text = str_new(p->vm, p->at, (size_t)(question - p->at));
	piece->test = expr_parse(p->vm, text);
	object_drop(text);
	if (!piece->test)
		return false;
	p->at = question + 1;
	struct piece *inside = NULL;
	unsigned count = 0;
	bool ok = ++p->depth < 8 && parse_pieces(p, &inside, &count);
	p->depth--;
	piece->inside = inside;
	piece->count = count;
	if (!ok)
		return vm_pending(p->vm) ? false : parse_error(p, "nested too deep");
	if (p->at == p->end)
		return parse_error(p, "'{' without '}'");
	p->at++;
	return true;
}

static void take_item(struct vm *vm, struct piece *piece, char *open)
{
	const char *close = strchr(open, ']');
	piece->nth = (size_t)strtoul(open + 1, NULL, 10);
	piece->way = !close || close[1] != '.' ? PATH_OPTION : open[1] == '*' ? PATH_ALL : PATH_ITEM;
	if (close && close[1] == '.')
		piece->item = str_intern(vm, close + 2);
	*open = 0;
	piece->name = str_intern(vm, piece->text);
	*open = '[';
}

static void take_path(struct vm *vm, struct piece *piece)
{
	char *open = strchr(piece->text, '[');
	if (open) {
		take_item(vm, piece, open);
		return;
	}
	bool under = strncmp(piece->text, "under.", strlen("under.")) == 0;
	piece->way = !strcmp(piece->text, "from") ? PATH_FROM : !strcmp(piece->text, "to") ? PATH_TO : under ? PATH_UNDER : PATH_HERE;
	piece->name = str_intern(vm, under ? piece->text + strlen("under.") : piece->text);
}

static bool parse_field(struct parser *p, struct piece *piece)
{
	const char *close = memchr(p->at, '}', (size_t)(p->end - p->at));
	if (!close)
		return parse_error(p, "'{' without '}'");
	const char *end = close;
	if (end - p->at > 2 && end[-2] == '!') {
		piece->how = end[-1];
		end -= 2;
	}
	piece->text = text_of(p->at, end);
	take_path(p->vm, piece);
	p->at = close + 1;
	return true;
}

static bool parse_pieces(struct parser *p, struct piece **pieces, unsigned *count)
{
	while (p->at < p->end && *p->at != '}') {
		if (*p->at != '{') {
			const char *start = p->at;
			while (p->at < p->end && *p->at != '{' && *p->at != '}')
				p->at++;
			piece_add(pieces, count, PIECE_TEXT)->text = text_of(start, p->at);
			continue;
		}
		bool conditional = ++p->at < p->end && *p->at == ':';
		p->at += conditional;
		struct piece *piece = piece_add(pieces, count, conditional ? PIECE_IF : PIECE_FIELD);
		if (!(conditional ? parse_if(p, piece) : parse_field(p, piece)))
			return false;
	}
	return true;
}

static bool template_parse(struct vm *vm, value text, struct template *t)
{
	if (!is_str(text))
		return vm_raise_ok(vm, vm->errors.TypeError, "summary is a text or a tuple of texts, not %s", value_type_name(vm, text));
	struct parser p = { .vm = vm, .at = as_str(text)->data, .end = as_str(text)->data + as_str(text)->len };
	if (!parse_pieces(&p, &t->pieces, &t->count))
		return false;
	return p.at == p.end || parse_error(&p, "'}' without '{'");
}

struct summary *summary_parse(struct vm *vm, value text)
{
	const value *items = &text;
	size_t count = 1;
	if (!is_str(text) && !value_items(text, &items, &count)) {
		vm_raise(vm, vm->errors.TypeError, "summary is a text or a tuple of texts, not %s", value_type_name(vm, text));
		return NULL;
	}
	struct summary *summary = mem_zero(sizeof *summary + count * sizeof summary->templates[0]);
	for (; summary->count < count; summary->count++) {
		if (!template_parse(vm, items[summary->count], &summary->templates[summary->count])) {
			summary->count++;
			summary_free(summary);
			return NULL;
		}
	}
	return summary;
}

void summary_free(struct summary *summary)
{
	for (unsigned i = 0; summary && i < summary->count; i++)
		pieces_free(summary->templates[i].pieces, summary->templates[i].count);
	mem_free(summary);
}

/* ---- filling a template ---- */

enum filled { FILLED, MISSING, RAISED };

static enum filled fill_pieces(const struct piece *pieces, unsigned count, struct stack *s, unsigned at, struct buf *out);

static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void fill_text(const struct bytes *b, struct buf *out)
{
	size_t from = 0, to = b->len;
	while (from < to && is_blank(b->data[from]))
		from++;
	while (to > from && is_blank(b->data[to - 1]))
		to--;
	buf_add(out, b->data + from, to - from);
}

static enum filled fill_value(struct vm *vm, value v, char how, struct buf *out)
{
	if (how == 't' && is_bytes(v)) {
		fill_text(as_bytes(v), out);
		return FILLED;
	}
	return value_str_to(vm, v, out) ? FILLED : RAISED;
}

/* The items of a list, with commas between. */
static enum filled fill_joined(struct vm *vm, value list, struct buf *out)
{
	const value *items;
	size_t count;
	enum filled done = FILLED;
	if (!value_items(list, &items, &count))
		return MISSING;
	for (size_t i = 0; i < count && done == FILLED; i++) {
		if (i)
			buf_text(out, ", ");
		done = value_str_to(vm, items[i], out) ? FILLED : RAISED;
	}
	return done;
}

static enum filled fill_here(struct stack *s, unsigned at, struct str *name, char how, struct buf *out)
{
	int field = layer_field(s->parts[at].layer, name);
	if (field < 0)
		return MISSING;
	if (how != 'v' && how != 'j' && how != 't')
		return show_field(s, at, (unsigned)field, out) ? FILLED : RAISED;
	value v = part_look(s, at, (unsigned)field);
	if (is_unset(v))
		return RAISED;
	enum filled done = how == 'j' ? fill_joined(s->vm, v, out) : fill_value(s->vm, v, how, out);
	value_drop(v);
	return done;
}

/* {from}, {to}: the addresses of the layer directly below, where it has some. */
static enum filled fill_end(struct stack *s, unsigned at, bool from, struct buf *out)
{
	if (at == 0)
		return MISSING;
	const struct layer *below = s->parts[at - 1].layer;
	int field = from ? below->source : below->destination;
	if (field < 0)
		return MISSING;
	return show_field(s, at - 1, (unsigned)field, out) ? FILLED : RAISED;
}

/* options[message-type]: the value beside that name in a list of (name, value) tuples. */
static enum filled fill_option(struct stack *s, unsigned at, unsigned field, value list, const char *name, size_t len, struct buf *out)
{
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	const value *items, *pair;
	size_t count, width;
	if (!value_items(list, &items, &count))
		return MISSING;
	for (size_t i = 0; i < count; i++) {
		if (!value_items(items[i], &pair, &width) || width < 2 || !is_str(pair[0]))
			continue;
		if (as_str(pair[0])->len == len && memcmp(as_str(pair[0])->data, name, len) == 0)
			return field_show_option(&site, s->parts[at].layer->fields[field], as_str(pair[0]), pair[1], out) ? FILLED : RAISED;
	}
	return MISSING;
}

/* tags[*].type: of every item. */
static enum filled fill_all(value list, struct str *name, char how, struct buf *out)
{
	const value *items;
	size_t count;
	enum filled done = FILLED;
	if (!value_items(list, &items, &count))
		return MISSING;
	for (size_t i = 0; i < count && done == FILLED; i++) {
		if (i)
			buf_text(out, ", ");
		done = is_packet(items[i]) ? fill_here(as_packet(items[i])->stack, as_packet(items[i])->at, name, how, out) : MISSING;
		if (done == MISSING) {
			buf_text(out, "??");
			done = FILLED;
		}
	}
	return done;
}

/* qd[0].qname: a field of an item of a list field. */
static enum filled fill_item(const struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	const char *open = strchr(piece->text, '['), *close = strchr(open, ']');
	int field = layer_field(s->parts[at].layer, piece->name);
	if (!close || field < 0)
		return MISSING;
	value list = part_look(s, at, (unsigned)field);
	if (is_unset(list))
		return RAISED;
	enum filled done = MISSING;
	const value *items;
	size_t count;
	if (piece->way == PATH_OPTION)
		done = fill_option(s, at, (unsigned)field, list, open + 1, (size_t)(close - open - 1), out);
	else if (piece->way == PATH_ALL)
		done = fill_all(list, piece->item, piece->how, out);
	else if (value_items(list, &items, &count) && piece->nth < count && is_packet(items[piece->nth]))
		done = fill_here(as_packet(items[piece->nth])->stack, as_packet(items[piece->nth])->at, piece->item, piece->how, out);
	value_drop(list);
	return done;
}

static enum filled fill_path(const struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	switch (piece->way) {
	case PATH_HERE:  return fill_here(s, at, piece->name, piece->how, out);
	case PATH_UNDER: return at > 0 ? fill_here(s, at - 1, piece->name, piece->how, out) : MISSING;
	case PATH_FROM:
	case PATH_TO:    return fill_end(s, at, piece->way == PATH_FROM, out);
	default:        return fill_item(piece, s, at, out);
	}
}

static enum filled fill_field(const struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	size_t start = out->len;
	enum filled done = fill_path(piece, s, at, out);
	if (done == FILLED && piece->how == 'c' && out->len > start && out->data[start] >= 'a' && out->data[start] <= 'z')
		out->data[start] -= 'a' - 'A';
	return done;
}

static enum filled fill_if(const struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	int64_t holds;
	if (!expr_run(&site, piece->test, 0, 0, &holds))
		return RAISED;
	size_t start = out->len;
	enum filled done = holds ? fill_pieces(piece->inside, piece->count, s, at, out) : FILLED;
	if (done == MISSING)
		out->len = start;               /* an optional part that can't be said is left out */
	return done == RAISED ? RAISED : FILLED;
}

static enum filled fill_pieces(const struct piece *pieces, unsigned count, struct stack *s, unsigned at, struct buf *out)
{
	enum filled done = FILLED;
	for (unsigned i = 0; done == FILLED && i < count; i++) {
		switch (pieces[i].kind) {
		case PIECE_TEXT:  buf_text(out, pieces[i].text); break;
		case PIECE_FIELD: done = fill_field(&pieces[i], s, at, out); break;
		case PIECE_IF:    done = fill_if(&pieces[i], s, at, out); break;
		}
	}
	return done;
}

static enum filled describe_template(const struct summary *summary, struct stack *s, unsigned at, struct buf *out)
{
	for (unsigned i = 0; i < summary->count; i++) {
		size_t start = out->len;
		enum filled done = fill_pieces(summary->templates[i].pieces, summary->templates[i].count, s, at, out);
		if (done != MISSING)
			return done;
		out->len = start;
	}
	return MISSING;
}

/* A user's mysummary: a text, or (text, [classes]); the classes are kept in *needed (owned, or unset). */
static enum filled describe_method(struct stack *s, unsigned at, value *needed, struct buf *out)
{
	struct vm *vm = s->vm;
	value self = packet_object(s, at);
	value got = value_call_method(vm, self, str_intern(vm, "mysummary"), 0, NULL);
	value_drop(self);
	if (is_unset(got))
		return RAISED;
	const value *items;
	size_t count;
	enum filled done = MISSING;
	if (is_str(got)) {
		buf_add(out, as_str(got)->data, as_str(got)->len);
		done = as_str(got)->len ? FILLED : MISSING;
	} else if (value_items(got, &items, &count) && count == 2 && is_str(items[0])) {
		buf_add(out, as_str(items[0])->data, as_str(items[0])->len);
		done = as_str(items[0])->len ? FILLED : MISSING;
		value_set(needed, value_keep(items[1]));
	}
	value_drop(got);
	return done;
}

static bool is_needed(struct stack *s, unsigned at, value needed)
{
	const value *items;
	size_t count;
	if (is_unset(needed) || !value_items(needed, &items, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (is_str(items[i]) && !strcmp(as_str(items[i])->data, layer_class_name(s->parts[at].layer)))
			return true;
		if (is_kind(items[i], KIND_TYPE) && part_matches(&s->parts[at], (struct type *)items[i].o))
			return true;
	}
	return false;
}

static enum filled describe(struct stack *s, unsigned at, value *needed, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	if (l->hooks & (1u << HOOK_mysummary))
		return describe_method(s, at, needed, out);
	size_t start = out->len;
	enum filled done = l->summary ? describe_template(l->summary, s, at, out) : MISSING;
	if (done == FILLED && out->len == start)
		done = MISSING;                 /* none of its parts holds */
	if (done == FILLED && !is_unset(l->summary_covers))
		value_set(needed, value_keep(l->summary_covers));
	return done;
}

/* Uppermost layer first, since it decides whether the ones below describe themselves: what they say stands in `said` one behind the
 * other, in that order, each with where it ends. */
static bool say_all(struct stack *s, unsigned at, size_t *ends, struct buf *said)
{
	value needed = VALUE_UNSET;
	bool found = false, ok = true;
	for (unsigned i = s->count; ok && i-- > at;) {
		enum filled done = MISSING;
		size_t start = said->len;
		if (!found || is_needed(s, i, needed))
			done = describe(s, i, &needed, said);
		ok = done != RAISED;
		found |= done == FILLED;
		if (done == MISSING) {
			said->len = start;
			buf_text(said, layer_class_name(s->parts[i].layer));
		}
		ends[i - at] = said->len;
	}
	value_drop(needed);
	return ok;
}

enum { USUAL = 160 };                   /* bytes of a line */

bool stack_summary(struct stack *s, unsigned at, struct buf *out)
{
	size_t few[16], count = s->count - at, *ends = count < 16 ? few : mem_alloc((count + 1) * sizeof *ends);
	struct buf said = {0};
	buf_reserve(&said, USUAL);
	bool ok = say_all(s, at, ends, &said);
	ends[count] = 0;
	for (size_t i = 0; ok && i < count; i++) {
		buf_text(out, i ? " / " : "");
		text_safe(out, said.data + ends[i + 1], ends[i] - ends[i + 1]);
	}
	buf_free(&said);
	if (ends != few)
		mem_free(ends);
	return ok;
}
