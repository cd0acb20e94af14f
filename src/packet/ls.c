/* ls(): a class's fields, or a packet's with its values. The columns are Scapy's. */
#include <string.h>

#include "base/text.h"
#include "packet/printing.h"
#include "packet/world.h"

/* "BitField  (4 bits)", "ShortField (Cond)" */
static void kind_text(const struct field *f, struct buf *out)
{
	buf_text(out, f->kind->name);
	if (strncmp(f->kind->name, "Bit", 3) == 0 || strncmp(f->kind->name, "XBit", 4) == 0) {
		if (strstr(f->kind->name, "Enum") == NULL)
			buf_print(out, f->bits == 1 ? "  (%u bit)" : "  (%u bits)", (unsigned)f->bits);
	}
	if (field_has_length(&f->condition))
		buf_text(out, " (Cond)");
}

/* The default as its repr's repr, as Scapy gives it: ('64'), ("b''"). */
static bool put_default(struct vm *vm, const struct field *f, struct buf *out)
{
	struct buf text = { 0 };
	bool ok = value_repr_to(vm, f->fallback, &text);
	buf_char(out, '(');
	text_repr(out, buf_str(&text), text.len);
	buf_text(out, ")\n");
	buf_free(&text);
	return ok;
}

static bool put_value(struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	struct buf text = { 0 };
	value self = packet_object(s, at), v = value_attr(s->vm, self, s->parts[at].layer->fields[field]->name);
	bool ok = !is_unset(v) && value_repr_to(s->vm, v, &text);
	value_drop(self);
	buf_print(out, "%-15s ", buf_str(&text));
	value_drop(v);
	buf_free(&text);
	return ok;
}

enum { NAMES_MAX = 50 };        /* longer tables (ports, protocols) are not listed */

/* verbose: what the names of a field's numbers or bits are. */
static void put_names(const struct field *f, struct buf *out)
{
	value key, item;
	const value *items;
	size_t count;
	if (is_str(f->flag_names)) {
		buf_fill(out, ' ', 15);
		for (size_t i = 0; i < as_str(f->flag_names)->len; i++)
			buf_print(out, i ? ", %c" : "%c", as_str(f->flag_names)->data[i]);
		buf_char(out, '\n');
	} else if (value_items(f->flag_names, &items, &count)) {
		buf_fill(out, ' ', 15);
		for (size_t i = 0; i < count; i++)
			buf_print(out, i ? ", %s" : "%s", is_str(items[i]) ? as_str(items[i])->data : "?");
		buf_char(out, '\n');
	} else if (f->names && f->names->by_number->used < NAMES_MAX) {
		for (uint32_t i = 0; dict_next(f->names->by_number, &i, &key, &item);) {
			if (is_str(item) && key.tag == TAG_INT)
				buf_print(out, "%15s%s: %lld\n", "", as_str(item)->data, (long long)key.i);
		}
	}
}

static bool ls_layer(struct vm *vm, const struct layer *l, struct stack *s, unsigned at, bool verbose, struct buf *out)
{
	for (unsigned f = 0; f < l->count; f++) {
		struct buf kind = { 0 };
		kind_text(l->fields[f], &kind);
		buf_print(out, "%-10s : %-35s = ", l->fields[f]->name->data, buf_str(&kind));
		buf_free(&kind);
		if (s && !put_value(s, at, f, out))
			return false;
		if (!put_default(vm, l->fields[f], out))
			return false;
		if (verbose)
			put_names(l->fields[f], out);
	}
	return true;
}

bool ls_class(struct vm *vm, struct type *cls, bool verbose, struct buf *out)
{
	struct layer *l = layer_of(cls);
	/* A class that only dispatches stands for what it makes: ls(NTP) lists the header. */
	while (l && l->count == 0 && l->dispatch.count) {
		struct type *to = layer_load(vm, l->dispatch.rows[l->dispatch.count - 1].name->data);
		if (!to)
			return false;
		l = layer_of(to);
	}
	return l && ls_layer(vm, l, NULL, 0, verbose, out);
}

bool ls_packet(struct stack *s, unsigned at, bool verbose, struct buf *out)
{
	for (unsigned i = at; i < s->count; i++) {
		if (i > at)
			buf_text(out, "--\n");
		if (!ls_layer(s->vm, s->parts[i].layer, s, i, verbose, out))
			return false;
	}
	return true;
}
