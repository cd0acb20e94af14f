/* What a class's declaration comes to: facts that are arithmetic on few numbers, each of them one load. */
#include <string.h>

#include "base/mem.h"
#include "packet/kinds.h"
#include "packet/quick.h"
#include "packet/world.h"

void quick_drop(struct layer *l)
{
	if (l->plan) {
		mem_free(l->plan->remembered);
		mem_free(l->plan->named);
		for (unsigned i = 0; l->plan->shapes && i < SHAPES; i++)
			mem_free(l->plan->shapes[i].spans);
		mem_free(l->plan->shapes);
	}
	mem_free(l->plan);
	l->plan = NULL;
}

static struct spot spot_of(const struct layer *l, int field)
{
	return field < 0 ? (struct spot){ .down = 63 } : (struct spot){ l->rows[field].byte, l->rows[field].up, l->rows[field].down };
}

static struct amount amount_of(const struct layer *l, const struct fact *f)
{
	return (struct amount){ spot_of(l, f->field), f->times, f->plus };
}

static bool one_behind(const struct layer *l)
{
	return l->head_count - l->fixed_count == 1 && l->fixed_bits % 8 == 0 && !layer_scattered(l) && l->run < 0;
}

static bool one_said(const struct layer *l, struct amount *length)
{
	const struct field *f = l->fields[l->fixed_count];
	if (!one_behind(l))
		return false;
	if (!f->kind->codec->said || f->bits || f->plain || f->flags & (FIELD_CHOICE | FIELD_WORD | FIELD_NUMBER) || f->limit)
		return false;
	if (!f->length_from.expr || field_has_length(&f->count_from) || field_has_length(&f->condition) || !is_unset(f->item_class))
		return false;
	struct fact fact = expr_fact(f->length_from.expr, l);
	*length = amount_of(l, &fact);
	return fact.form == FACT_SCALED;
}

/* Raw's load. */
static bool one_rest(const struct layer *l)
{
	const struct field *f = l->fields[l->fixed_count];
	return one_behind(l) && !f->bits && !f->plain && !(f->flags & FIELD_CHOICE) && !field_has_length(&f->condition) &&
	       f->kind->codec->extent == text_to_end && text_takes_all(f);
}

struct steering { int fields[NUMBERS]; unsigned count; };

static bool steered_by(const struct length *length, const struct layer *l, struct steering *by)
{
	return !field_has_length(length) || (length->expr && expr_loads(length->expr, l, by->fields, &by->count, NUMBERS));
}

/* Do few numbers say whether it is there and how long it is? */
static bool steered(const struct field *f, const struct layer *l, struct steering *by)
{
	const struct length *test;
	if (!steered_by(&f->condition, l, by) || (f->plain && !f->bits))
		return false;
	if (f->bits)
		return true;
	if (f->flags & FIELD_CHOICE) {
		unsigned k = 0;
		for (; (test = field_choice(f, k)); k++)
			if (!steered_by(test, l, by) || !steered(field_choice_field(f, k), l, by))
				return false;
		return steered(field_choice_field(f, k), l, by);
	}
	const struct codec *codec = f->kind->codec;
	bool said = field_has_length(&f->length_from);
	return (said ? codec->said || codec->constant : codec->constant) && !field_has_length(&f->count_from) && is_unset(f->item_class) &&
	       steered_by(&f->length_from, l, by);
}

static void plan_shapes(struct quick_plan *q, const struct layer *l)
{
	struct steering by = { .count = 0 };
	for (unsigned i = l->fixed_count; i < l->head_count; i++)
		if (!steered(l->fields[i], l, &by))
			return;
	q->shaped = l->run < 0;
	q->steer_count = by.count;
	for (unsigned i = 0; i < by.count; i++)
		q->steers[i] = spot_of(l, by.fields[i]);
}

static void take_tests(struct choice *c, const struct layer *l, const struct fact *fact)
{
	c->count = fact->count;
	for (unsigned i = 0; i < fact->count; i++) {
		c->tests[i].test = fact->tests[i].test;
		c->tests[i].spot = spot_of(l, fact->tests[i].field);
		c->tests[i].number = fact->tests[i].number;
	}
}

static void plan_choice(struct choice *c, const struct layer *l, const struct expr *test)
{
	struct fact fact = expr_fact(test, l);
	c->other = fact.form == FACT_OTHER || fact.form == FACT_CHOSEN;
	if (fact.form == FACT_TESTED)
		take_tests(c, l, &fact);
	if (fact.form == FACT_SCALED) {                 /* "True", or a field alone */
		c->count = fact.field >= 0;
		c->tests[0].test = TEST_NE;
		c->tests[0].spot = spot_of(l, fact.field);
		c->tests[0].number = 0;
		c->other = fact.field < 0 ? !fact.plus : fact.times != 1 || fact.plus;
	}
}

static void plan_payload(struct quick_plan *q, const struct layer *l)
{
	if (l->run >= 0) {
		q->payload_any = true;
	} else if (l->payload_length) {
		struct fact fact = expr_fact(l->payload_length, l);
		q->payload = amount_of(l, &fact);
		q->payload_said = fact.form == FACT_SCALED || fact.form == FACT_CHOSEN;
		q->payload_any = !q->payload_said;
		q->else_left = fact.else_left;
		if (fact.form == FACT_CHOSEN)
			take_tests(&q->payload_when, l, &fact);
	} else if (l->payload_of >= 0) {
		q->payload = (struct amount){ spot_of(l, l->payload_of), 1, 0 };
		q->payload_said = l->rows[l->payload_of].counted && l->fields[l->payload_of]->bits < 64;
		q->payload_any = !q->payload_said;
		q->with_header = l->fields[l->payload_of]->computed.of == OF_LAYER_AND_PAYLOAD;
	}
}

/* Its place among the numbers; -1: it is one too many, or more than a load. */
static int add_number(struct quick_plan *q, const struct layer *l, int field)
{
	struct spot spot = spot_of(l, field);
	for (unsigned i = 0; i < q->number_count; i++)
		if (q->numbers[i].byte == spot.byte && q->numbers[i].up == spot.up && q->numbers[i].down == spot.down)
			return (int)i;
	if (q->number_count == NUMBERS || field < 0 || !l->rows[field].placed)
		return -1;
	q->numbers[q->number_count] = spot;
	return (int)q->number_count++;
}

/* Any other number there leads on as every other one that no one names does (UNNAMED, quick.c). */
static void name(struct quick_plan *q, int at, uint64_t number)
{
	q->named[at][named_bit(number) / 64] |= UINT64_C(1) << named_bit(number) % 64;
}

/* Each number may lead elsewhere. */
static bool add_whole(struct quick_plan *q, const struct layer *l, int field)
{
	int at = add_number(q, l, field);
	if (at >= 0)
		memset(q->named[at], 0xff, sizeof q->named[at]);
	return at >= 0;
}

static bool add_tests(struct quick_plan *q, const struct layer *l, const struct expr *e)
{
	struct fact f = expr_fact(e, l);
	if (f.form == FACT_SCALED)
		return f.field < 0 || add_whole(q, l, f.field);
	for (unsigned i = 0; i < f.count; i++)
		if (!add_whole(q, l, f.tests[i].field))
			return false;
	return f.form == FACT_TESTED;
}

/* `of`: whose fields it names, NULL: l's. */
static bool add_binding(struct quick_plan *q, const struct layer *l, const struct layer *of, const struct binding *b)
{
	for (unsigned k = 0; k < b->count; k++) {
		int field = of ? layer_field(l, of->fields[b->matches[k].field]->name) : (int)b->matches[k].field;
		int at = b->matches[k].is_word ? add_number(q, l, field) : -1;
		if (at < 0 || b->matches[k].word == UNNAMED)
			return false;
		name(q, at, b->matches[k].word);
	}
	return true;
}

static bool add_bindings(struct quick_plan *q, const struct layer *l, const struct layer *from, bool by_name)
{
	for (unsigned i = 0; i < from->binding_count; i++)
		if (!add_binding(q, l, by_name ? from : NULL, &from->bindings[i]))
			return false;
	return true;
}

bool quick_plan_next(struct quick_plan *q, struct layer *l)
{
	const struct layer *of = l;
	for (const struct type *t = l->type; t && (of = t == l->type ? l : t->extra) && of->count == l->count; t = t->base)
		if (!add_bindings(q, l, of, false))
			return false;
	for (unsigned i = 0; i < l->alias_count; i++) {
		const struct type *alias = alias_type(l->type->vm, &l->aliases[i]);
		if (!alias || !add_bindings(q, l, alias->extra, true)) {
			vm_clear(l->type->vm);          /* who guesses by it says what is wrong */
			return false;
		}
	}
	for (unsigned i = 0; i < l->payloads.count; i++)
		if (!add_tests(q, l, l->payloads.rows[i].test))
			return false;
	return !l->opaque || add_tests(q, l, l->opaque);
}

struct quick_plan *quick_plan_make(struct layer *l)
{
	struct quick_plan *q = l->plan = mem_zero(sizeof *q + l->dispatch.count * sizeof q->choices[0]);
	bool usable = !l->hooks && !l->trail_len && !layer_scattered(l) && l->fixed_len <= LONGEST;
	q->fixed_len = l->fixed_len;
	q->needs = usable ? l->fixed_len : UINT32_MAX;
	q->round = q->foretold = world_of(l->type->vm)->binding_round - 1;
	q->tail = l->fixed_count == l->head_count ? TAIL_NONE : one_said(l, &q->length) ? TAIL_SAID : one_rest(l) ? TAIL_REST : TAIL_ANY;
	if (q->tail == TAIL_ANY)
		plan_shapes(q, l);
	q->takes_all = usable && q->tail == TAIL_REST && !l->dispatch.count && !l->trailer_at;
	plan_payload(q, l);
	q->choice_count = l->dispatch.count;
	for (unsigned i = 0; i < q->choice_count; i++)
		plan_choice(&q->choices[i], l, l->dispatch.rows[i].test);
	return q;
}
