#include "packet/asn1_field.h"

#include <string.h>

#include "base/mem.h"
#include "packet/encode.h"
#include "packet/world.h"

/* ---- a class ---- */

static void collect(struct field *f, struct list *leaves)
{
	struct asn1_data *d = asn1_data(f);
	if (!d->group) {
		list_append(leaves, value_keep(value_object(f)));
		return;
	}
	for (size_t i = 0; i < d->child_count; i++)
		collect(d->children[i], leaves);
}

bool asn1_take_root(struct vm *vm, struct type *cls)
{
	value root = dict_get_text(vm, cls->attrs, "ASN1_root");
	if (is_unset(root) || is_none(root))
		return true;
	if (!is_field(root) || !asn1_is_field(as_field(root)))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: ASN1_root is an ASN1F field, not %s", cls->name->data, value_type_name(vm, root));
	struct list *leaves = list_new(vm, 8);
	collect(as_field(root), leaves);
	bool done = type_set_attr(vm, cls, world_of(vm)->names.fields_desc, value_object(leaves));
	object_drop(leaves);
	return done;
}

/* ---- spans: begin and end of each leaf, then where each group begins, in bits; SPAN_ABSENT: it is not there ---- */

size_t asn1_spans(const struct layer *l)
{
	return 2 * l->count + asn1_data(l->root)->groups;
}

bool asn1_span(const struct part *p, unsigned field, size_t *bit, size_t *bits)
{
	const uint32_t *span = &p->spans.many[2 * field];
	*bit = span[0] & ~SPAN_ABSENT;
	*bits = (span[1] & ~SPAN_ABSENT) - *bit;
	return !(span[0] & SPAN_ABSENT);
}

struct survey {
	struct vm *vm;
	const uint8_t *bytes;
	uint32_t *leaves, *groups;      /* the next ones */
};

static void skip(struct survey *v, const struct field *f, size_t at)
{
	const struct asn1_data *d = asn1_data(f);
	for (size_t i = 0; i < 2 * d->leaves; i++)
		*v->leaves++ = (uint32_t)(at * 8) | SPAN_ABSENT;
	for (size_t i = 0; i < d->groups; i++)
		*v->groups++ = SPAN_ABSENT;
}

static bool survey(struct survey *v, const struct field *f, size_t at, size_t end, size_t *next);

/* An empty group holds nothing, whatever it declares. */
static bool survey_children(struct survey *v, const struct asn1_data *d, size_t at, size_t end)
{
	bool empty = at == end;
	for (size_t i = 0; i < d->child_count; i++) {
		const struct asn1_data *child = asn1_data(d->children[i]);
		struct survey before = *v;
		size_t next = at;
		if (!empty && (at < end || !child->optional) && survey(v, d->children[i], at, end, &next)) {
			at = next;
			continue;
		}
		if (vm_pending(v->vm) || (!empty && !child->optional))
			return false;
		*v = before;
		skip(v, d->children[i], at);
	}
	return at == end;
}

static bool survey(struct survey *v, const struct field *f, size_t at, size_t end, size_t *next)
{
	const struct asn1_data *d = asn1_data(f);
	struct ber element;
	size_t size, content = at;
	if (!asn1_fits(v->vm, f, v->bytes + at, end - at, &size))
		return false;
	*next = at + size;
	if (!d->group) {
		*v->leaves++ = (uint32_t)(at * 8);
		*v->leaves++ = (uint32_t)(*next * 8);
		return true;
	}
	*v->groups++ = (uint32_t)(at * 8);
	for (int outer = d->outer != 0; outer >= 0; outer--) {
		ber_read(v->bytes + content, end - content, &element);
		content += element.header;
	}
	return survey_children(v, d, content, content + element.content);
}

bool asn1_measure(struct stack *s, unsigned at, const uint8_t *bytes, size_t start, size_t end)
{
	struct part *p = &s->parts[at];
	const struct layer *l = p->layer;
	size_t next;
	p->spans.many = mem_zero((asn1_spans(l) + 1) * sizeof *p->spans.many);
	p->own_spans = true;
	struct survey v = { s->vm, bytes, p->spans.many, p->spans.many + 2 * l->count };
	if (!survey(&v, l->root, start, end, &next))
		return false;
	p->header_end = (uint32_t)next;
	return true;
}

/* ---- building ---- */

struct putting {
	const struct site *s;
	struct buf *out;
	struct marks *marks;
	bool (*put)(void *state, unsigned field);
	void *state;
	size_t start;
	unsigned field, group;          /* the next ones */
	unsigned count;                 /* leaves that were there */
};

static bool leaf_absent(const struct putting *p, unsigned field)
{
	struct stack *stack = p->s->stack;
	size_t bit, bits;
	if (stack->parts[p->s->at].dissected && part_state(stack, p->s->at, field) == STATE_WIRE)
		return !part_span(stack, p->s->at, field, &bit, &bits);
	return part_is_none(stack, p->s->at, field);
}

static bool put_leaf(struct putting *p)
{
	unsigned i = p->field++;
	bool absent = leaf_absent(p, i);
	p->marks->at[i] = (uint32_t)((p->out->len - p->start) * 8) | (absent ? SPAN_ABSENT : 0);
	if (absent)
		return true;
	p->count++;
	return p->put(p->state, i);
}

/* The elements that stood here when it came, outermost first. */
static unsigned group_came(const struct putting *p, unsigned group, unsigned elements, struct ber *out)
{
	const struct part *part = &p->s->stack->parts[p->s->at];
	uint32_t bit = part->dissected ? part->spans.many[2 * part->layer->count + group] : SPAN_ABSENT;
	size_t at = bit / 8;
	if (bit & SPAN_ABSENT)
		return 0;
	for (unsigned i = 0; i < elements; i++) {
		if (!ber_read(part->frame->bytes + at, part->frame->len - at, &out[i]))
			return 0;
		at += out[i].header;
	}
	return elements;
}

static bool put_group(struct putting *p, const struct field *f)
{
	const struct asn1_data *d = asn1_data(f);
	struct ber came[2];
	unsigned elements = d->outer ? 2 : 1, before = p->count, have = group_came(p, p->group++, elements, came);
	size_t from = p->out->len;
	for (size_t i = 0; i < d->child_count; i++)
		if (!(asn1_data(d->children[i])->group ? put_group(p, d->children[i]) : put_leaf(p)))
			return false;
	if (p->count == before && !have && (d->optional || p->s->stack->parts[p->s->at].dissected))
		return true;
	p->count++;
	ber_wrap(p->out, from, d->flexible && have ? came[elements - 1].tag : d->tag, have ? &came[elements - 1] : NULL);
	if (d->outer)
		ber_wrap(p->out, from, d->flexible && have ? came[0].tag : d->outer, have ? &came[0] : NULL);
	return true;
}

bool asn1_encode(const struct site *s, struct buf *out, struct marks *marks, bool (*put)(void *state, unsigned field), void *state)
{
	const struct layer *l = s->stack->parts[s->at].layer;
	struct putting p = { .s = s, .out = out, .marks = marks, .put = put, .state = state, .start = out->len };
	bool done = asn1_data(l->root)->group ? put_group(&p, l->root) : put_leaf(&p);
	marks->at[l->count] = (uint32_t)((out->len - p.start) * 8);
	return done;
}
