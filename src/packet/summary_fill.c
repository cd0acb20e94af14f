/* Filling summary templates: each piece is written behind the one before it, fields as they came without values being made of them. */
#include <string.h>

#include "packet/printing.h"
#include "packet/summary_template.h"

static enum filled fill_pieces(struct piece *pieces, unsigned count, struct stack *s, unsigned at, struct buf *out);

static int name_place_field(struct name_place *place, const struct layer *layer)
{
	if (place->layer != layer) {
		place->layer = layer;
		place->field = layer_field(layer, place->name);
	}
	return place->field;
}

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

/* ---- lists ---- */

typedef enum filled (*fill_item)(struct vm *vm, struct piece *piece, value item, struct buf *out);

/* The items of a list, each as `fill` writes it, with commas between. */
static enum filled fill_items(struct vm *vm, struct piece *piece, value list, fill_item fill, struct buf *out)
{
	const value *items;
	size_t count;
	enum filled done = FILLED;
	if (!value_items(list, &items, &count))
		return MISSING;
	for (size_t i = 0; i < count && done == FILLED; i++) {
		if (i)
			buf_text(out, ", ");
		done = fill(vm, piece, items[i], out);
	}
	return done;
}

static enum filled fill_bare(struct vm *vm, struct piece *piece, value item, struct buf *out)
{
	return value_str_to(vm, item, out) ? FILLED : RAISED;
}

/* ---- a field ---- */

static enum filled fill_value(struct vm *vm, struct piece *piece, value v, struct buf *out)
{
	if (piece->how == 'j')
		return fill_items(vm, piece, v, fill_bare, out);
	if (piece->how != 't' || !is_bytes(v))
		return fill_bare(vm, piece, v, out);
	fill_text(as_bytes(v), out);
	return FILLED;
}

static enum filled fill_here(struct stack *s, unsigned at, struct name_place *place, struct piece *piece, struct buf *out)
{
	int field = name_place_field(place, s->parts[at].layer);
	bool bare = piece->how == 'v' || piece->how == 't';
	if (field < 0)
		return MISSING;
	if (!bare && piece->how != 'j')
		return show_field(s, at, (unsigned)field, out) ? FILLED : RAISED;
	if (bare && show_as_it_came(s, at, (unsigned)field, true, out))
		return FILLED;
	value v = part_look(s, at, (unsigned)field);
	if (is_unset(v))
		return RAISED;
	enum filled done = fill_value(s->vm, piece, v, out);
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

/* ---- a field of an item ---- */

static enum filled fill_in_packet(struct piece *piece, value item, struct buf *out)
{
	return is_packet(item) ? fill_here(as_packet(item)->stack, as_packet(item)->at, &piece->item, piece, out) : MISSING;
}

/* qd[0].qname: of one item. */
static enum filled fill_of_one(struct piece *piece, struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	value item = part_item(s, at, field, piece->nth);
	if (is_unset(item))
		return vm_pending(s->vm) ? RAISED : MISSING;
	enum filled done = fill_in_packet(piece, item, out);
	value_drop(item);
	return done;
}

/* tags[*].type: of every item. */
static enum filled fill_of_each(struct vm *vm, struct piece *piece, value item, struct buf *out)
{
	enum filled done = fill_in_packet(piece, item, out);
	if (done != MISSING)
		return done;
	buf_text(out, "??");
	return FILLED;
}

/* options[message-type]: the value beside that name in a list of (name, value) tuples. */
static enum filled fill_option(struct piece *piece, struct stack *s, unsigned at, unsigned field, value list, struct buf *out)
{
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	const value *items, *pair;
	size_t count, width;
	if (!value_items(list, &items, &count))
		return MISSING;
	for (size_t i = 0; i < count; i++) {
		if (!value_items(items[i], &pair, &width) || width < 2 || !is_str(pair[0]))
			continue;
		const struct str *name = as_str(pair[0]);
		if (name->len == piece->len && memcmp(name->data, piece->text, piece->len) == 0)
			return field_show_option(&site, s->parts[at].layer->fields[field], as_str(pair[0]), pair[1], out) ? FILLED : RAISED;
	}
	return MISSING;
}

static enum filled fill_of_list(struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	int field = name_place_field(&piece->at, s->parts[at].layer);
	if (field < 0)
		return MISSING;
	if (piece->way == PATH_ITEM)
		return fill_of_one(piece, s, at, (unsigned)field, out);
	value list = part_look(s, at, (unsigned)field);
	if (is_unset(list))
		return RAISED;
	enum filled done = piece->way == PATH_OPTION ? fill_option(piece, s, at, (unsigned)field, list, out)
	                                             : fill_items(s->vm, piece, list, fill_of_each, out);
	value_drop(list);
	return done;
}

/* ---- pieces ---- */

static enum filled fill_path(struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	switch (piece->way) {
	case PATH_HERE:  return fill_here(s, at, &piece->at, piece, out);
	case PATH_UNDER: return at > 0 ? fill_here(s, at - 1, &piece->at, piece, out) : MISSING;
	case PATH_FROM:
	case PATH_TO:    return fill_end(s, at, piece->way == PATH_FROM, out);
	default:         return fill_of_list(piece, s, at, out);
	}
}

static enum filled fill_field(struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	size_t start = out->len;
	enum filled done = fill_path(piece, s, at, out);
	if (done == FILLED && piece->how == 'c' && out->len > start && out->data[start] >= 'a' && out->data[start] <= 'z')
		out->data[start] -= 'a' - 'A';
	return done;
}

static enum filled fill_if(struct piece *piece, struct stack *s, unsigned at, struct buf *out)
{
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	bool holds;
	if (!expr_holds(&site, piece->test, 0, 0, &holds))
		return RAISED;
	size_t start = out->len;
	enum filled done = holds ? fill_pieces(piece->inside, piece->count, s, at, out) : FILLED;
	if (done == MISSING)
		out->len = start;               /* an optional part that can't be said is left out */
	return done == RAISED ? RAISED : FILLED;
}

static enum filled fill_pieces(struct piece *pieces, unsigned count, struct stack *s, unsigned at, struct buf *out)
{
	enum filled done = FILLED;
	for (unsigned i = 0; done == FILLED && i < count; i++) {
		switch (pieces[i].kind) {
		case PIECE_TEXT:  buf_add(out, pieces[i].text, pieces[i].len); break;
		case PIECE_FIELD: done = fill_field(&pieces[i], s, at, out); break;
		case PIECE_IF:    done = fill_if(&pieces[i], s, at, out); break;
		}
	}
	return done;
}

enum filled summary_fill(struct summary *summary, struct stack *s, unsigned at, struct buf *out)
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
