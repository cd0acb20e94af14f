/* re: match objects. */
#include <string.h>

#include "base/text.h"
#include "lang/modules.h"
#include "lang/re.h"
#include "lang/str.h"

static struct match *match_of(value v) { return (struct match *)v.o; }

size_t re_index(value subject, size_t offset)
{
	return is_str(subject) ? str_index(as_str(subject), offset) : offset;
}

size_t re_offset(value subject, int64_t index)
{
	struct view view = {0};

	if (index < 0)
		index = 0;
	if (is_str(subject))
		return str_offset(as_str(subject), (size_t)index);
	view.len = is_bytes(subject) ? as_bytes(subject)->len : ((struct bytearray *)subject.o)->buf->len;
	return (size_t)index < view.len ? (size_t)index : view.len;
}

value re_slice(struct vm *vm, value subject, size_t from, size_t to)
{
	if (is_str(subject))
		return value_object(str_part(vm, as_str(subject), from, to));
	if (is_bytes(subject))
		return bytes_value(vm, as_bytes(subject)->data + from, to - from);
	return bytes_value(vm, to > from ? ((struct bytearray *)subject.o)->buf->data + from : "", to - from);
}

value re_match_new(struct vm *vm, struct pattern *p, value subject, size_t pos, size_t end)
{
	size_t count = 2 * ((size_t)p->groups + 1);
	struct match *m = object_new(vm->own->match, count * sizeof *m->at);

	m->pattern = object_keep(p);
	m->subject = value_keep(subject);
	m->pos = pos;
	m->end = end;
	memcpy(m->at, pcre2_get_ovector_pointer(p->data), count * sizeof *m->at);
	for (uint32_t g = 1; g <= p->groups; g++)
		if (m->at[2 * g] != PCRE2_UNSET && (!m->last || m->at[2 * g + 1] > m->at[2 * m->last + 1]))
			m->last = g;
	return value_object(m);
}

static void match_release(struct object *o)
{
	struct match *m = (struct match *)o;
	object_drop(m->pattern);
	value_drop(m->subject);
}

static void match_visit(struct object *o, visit_fn visit, void *state)
{
	struct match *m = (struct match *)o;
	visit((struct object *)m->pattern, state);
	visit_value(m->subject, visit, state);
}

bool re_group(struct vm *vm, struct pattern *p, value key, uint32_t *out)
{
	value number = is_str(key) ? dict_get(vm, as_dict(p->names), key) : key;
	int64_t n;

	if (is_unset(number) || (!is_int(number) && !is_str(key)))
		return vm_raise_ok(vm, vm->errors.IndexError, "no such group");
	if (!value_to_int64(vm, number, &n))
		return false;
	*out = (uint32_t)n;
	return (n >= 0 && n <= p->groups) || vm_raise_ok(vm, vm->errors.IndexError, "no such group");
}

static value group_text(struct vm *vm, struct match *m, uint32_t group, value otherwise)
{
	if (m->at[2 * group] == PCRE2_UNSET)
		return value_keep(otherwise);
	return re_slice(vm, m->subject, m->at[2 * group], m->at[2 * group + 1]);
}

static value group_of(struct vm *vm, struct match *m, value key)
{
	uint32_t group;
	return re_group(vm, m->pattern, key, &group) ? group_text(vm, m, group, VALUE_NONE) : VALUE_UNSET;
}

static value match_group(struct vm *vm, value *a)
{
	struct match *m = match_of(a[0]);
	struct tuple *keys = as_tuple(a[1]);

	if (keys->count < 2)
		return group_of(vm, m, keys->count ? keys->items[0] : value_int(0));
	struct tuple *t = tuple_new(vm, keys->count);
	for (size_t i = 0; i < keys->count; i++) {
		t->items[i] = group_of(vm, m, keys->items[i]);
		if (is_unset(t->items[i])) {
			object_drop(t);
			return VALUE_UNSET;
		}
	}
	return value_object(t);
}

static value match_item(struct vm *vm, value self, value key)
{
	return group_of(vm, match_of(self), key);
}

static value match_groups(struct vm *vm, value *a)
{
	struct match *m = match_of(a[0]);
	struct tuple *t = tuple_new(vm, m->pattern->groups);

	for (uint32_t g = 1; g <= m->pattern->groups; g++)
		t->items[g - 1] = group_text(vm, m, g, a[1]);
	return value_object(t);
}

static value match_groupdict(struct vm *vm, value *a)
{
	struct match *m = match_of(a[0]);
	struct dict *d = dict_new(vm);
	value name, number;

	for (uint32_t i = 0; dict_next(as_dict(m->pattern->names), &i, &name, &number);)
		dict_set(vm, d, name, group_text(vm, m, (uint32_t)number.i, a[1]));
	return value_object(d);
}

static value place(struct match *m, size_t offset)
{
	return offset == PCRE2_UNSET ? value_int(-1) : value_int((int64_t)re_index(m->subject, offset));
}

static value match_start(struct vm *vm, value *a)
{
	uint32_t g;
	return re_group(vm, match_of(a[0])->pattern, a[1], &g) ? place(match_of(a[0]), match_of(a[0])->at[2 * g]) : VALUE_UNSET;
}

static value match_end(struct vm *vm, value *a)
{
	uint32_t g;
	return re_group(vm, match_of(a[0])->pattern, a[1], &g) ? place(match_of(a[0]), match_of(a[0])->at[2 * g + 1]) : VALUE_UNSET;
}

static value span_of(struct vm *vm, struct match *m, uint32_t g)
{
	return tuple_of(vm, 2, (value[]){ place(m, m->at[2 * g]), place(m, m->at[2 * g + 1]) });
}

static value match_span(struct vm *vm, value *a)
{
	uint32_t g;
	return re_group(vm, match_of(a[0])->pattern, a[1], &g) ? span_of(vm, match_of(a[0]), g) : VALUE_UNSET;
}

static value match_expand(struct vm *vm, value *a)
{
	struct match *m = match_of(a[0]);
	struct view subject, text;
	struct template t;
	struct buf out = {0};

	if (!re_subject(vm, m->pattern, a[1], &text) || !re_subject(vm, m->pattern, m->subject, &subject)
		|| !re_template(vm, m->pattern, (const char *)text.bytes, text.len, !is_str(a[1]), &t))
		return VALUE_UNSET;
	re_template_write(&t, &subject, m->at, &out);
	re_template_free(&t);
	if (is_str(a[1]))
		return str_from_buf(vm, &out);
	value v = bytes_value(vm, buf_str(&out), out.len);
	buf_free(&out);
	return v;
}

static bool match_repr(struct vm *vm, value self, struct buf *out)
{
	struct match *m = match_of(self);
	value text = group_text(vm, m, 0, VALUE_NONE);

	buf_print(out, "<re.Match object; span=(%zu, %zu), match=", re_index(m->subject, m->at[0]), re_index(m->subject, m->at[1]));
	bool ok = value_repr_to(vm, text, out);
	buf_char(out, '>');
	value_drop(text);
	return ok;
}

static value get_string(struct vm *vm, value self) { return value_keep(match_of(self)->subject); }
static value get_re(struct vm *vm, value self) { return value_object(object_keep(match_of(self)->pattern)); }
static value get_pos(struct vm *vm, value self) { return place(match_of(self), match_of(self)->pos); }
static value get_endpos(struct vm *vm, value self) { return place(match_of(self), match_of(self)->end); }
static value get_lastindex(struct vm *vm, value self) { return match_of(self)->last ? value_int(match_of(self)->last) : VALUE_NONE; }

static value get_lastgroup(struct vm *vm, value self)
{
	struct match *m = match_of(self);
	value name, number;

	for (uint32_t i = 0; dict_next(as_dict(m->pattern->names), &i, &name, &number);)
		if (m->last && number.i == m->last)
			return value_keep(name);
	return VALUE_NONE;
}

static value get_regs(struct vm *vm, value self)
{
	struct match *m = match_of(self);
	struct tuple *t = tuple_new(vm, (size_t)m->pattern->groups + 1);

	for (uint32_t g = 0; g <= m->pattern->groups; g++)
		t->items[g] = span_of(vm, m, g);
	return value_object(t);
}

static const struct native methods[] = {
	{ "group", match_group, "*groups", "What the groups with these numbers or names matched; 0 is all." },
	{ "groups", match_groups, "default=None", "What every group matched, as a tuple." },
	{ "groupdict", match_groupdict, "default=None", "What the named groups matched." },
	{ "start", match_start, "group=0, /", "Where the group begins." },
	{ "end", match_end, "group=0, /", "Where the group ends." },
	{ "span", match_span, "group=0, /", "Where the group begins and ends." },
	{ "expand", match_expand, "template", "A text with \\1 and \\g<name> filled in." },
	{0}
};
static const struct getset attrs[] = {
	{ "string", get_string, NULL, "What was searched." }, { "re", get_re, NULL, "The pattern." },
	{ "pos", get_pos, NULL, "Where the search began." }, { "endpos", get_endpos, NULL, "Where it ended at the latest." },
	{ "lastindex", get_lastindex, NULL, "The last group that matched." }, { "lastgroup", get_lastgroup, NULL, "Its name." },
	{ "regs", get_regs, NULL, "The spans of all groups." }, {0}
};
const struct type_spec re_match_spec = {
	.name = "Match", .doc = "What a pattern found.", .size = sizeof(struct match), .flags = TYPE_CONTAINER,
	.slots = { .release = match_release, .visit = match_visit, .repr = match_repr, .item = match_item }, .methods = methods, .attrs = attrs,
};
