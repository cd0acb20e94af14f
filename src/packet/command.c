/* command(): the text that makes the packet again. Fields that were set, in the order they were set; a dissected layer's all. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/asn1.h"
#include "packet/printing.h"

static bool command_value(struct stack *s, value v, struct buf *out);

static bool command_items(struct stack *s, value v, struct buf *out)
{
	const value *items;
	size_t count;
	value_items(v, &items, &count);
	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_text(out, ", ");
		if (!command_value(s, items[i], out))
			return false;
	}
	buf_char(out, ']');
	return true;
}

static bool command_value(struct stack *s, value v, struct buf *out)
{
	if (is_packet(v))
		return stack_command(as_packet(v)->stack, as_packet(v)->at, out);
	if (is_kind(v, KIND_FLAGS)) {
		buf_print(out, "%llu", (unsigned long long)((struct flag_value *)v.o)->number);
		return true;
	}
	if (is_asn1(s->vm, v))
		return asn1_command(s->vm, v, out);
	if (is_kind(v, KIND_VOLATILE)) {
		value text = value_call_method(s->vm, v, str_intern(s->vm, "command"), 0, NULL);
		bool ok = !is_unset(text) && value_str_to(s->vm, text, out);
		value_drop(text);
		return ok;
	}
	if (is_kind(v, KIND_LIST))
		return command_items(s, v, out);
	if (!is_raw_val(s->vm, v))
		return value_repr_to(s->vm, v, out);
	buf_text(out, "RawVal(");
	bool done = value_repr_to(s->vm, value_object(((struct raw_val *)v.o)->bytes), out);
	buf_char(out, ')');
	return done;
}

static bool command_field(struct stack *s, unsigned at, unsigned field, bool *first, struct buf *out)
{
	bool present;
	if (part_state(s, at, field) == STATE_DEFAULT)
		return true;
	if (!part_present(s, at, field, &present))
		return false;
	if (!present)
		return true;
	value v = part_get(s, at, field);
	if (is_unset(v))
		return false;
	buf_print(out, *first ? "%s=" : ", %s=", s->parts[at].layer->fields[field]->name->data);
	*first = false;
	bool ok = command_value(s, v, out);
	value_drop(v);
	return ok;
}

bool stack_command(struct stack *s, unsigned at, struct buf *out)
{
	for (unsigned i = at; i < s->count; i++) {
		bool first = true;
		buf_print(out, i > at ? "/%s(" : "%s(", layer_class_name(s->parts[i].layer));
		unsigned *order = mem_alloc((s->parts[i].layer->count + 1) * sizeof *order), count = part_given(s, i, order);
		bool ok = true;
		for (unsigned f = 0; ok && f < count; f++)
			ok = command_field(s, i, order[f], &first, out);
		mem_free(order);
		if (!ok)
			return false;
		buf_char(out, ')');
	}
	return true;
}
