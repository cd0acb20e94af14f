/* Walking a packet that stands for many: IP(dst="10.0.0.0/24", ttl=[1, (5, 9)])/TCP(dport=[80, 443]).
 *
 * Each field whose value is a set is an axis; a walk is an odometer over the axes. The order is Scapy's: layers outermost first,
 * within a layer the field that was set last turns slowest. Random values are no axes: they are drawn for each member. */
#include <string.h>

#include "base/mem.h"
#include "packet/net.h"
#include "packet/packet.h"
#include "packet/volatile.h"
#include "packet/world.h"

enum item_kind { ITEM_ONE, ITEM_NUMBERS, ITEM_NET, ITEM_EACH };

/* A run of an axis: one value, numbers first..last by step, the addresses of a net, or what an iterator gives (kept as it comes,
 * since an inner axis is walked again for each step of an outer one). */
struct item {
	enum item_kind kind;
	value v;                        /* the value, the net, or the list that grows from `from` */
	value from;                     /* EACH: the iterator; unset once it ended */
	int64_t first, last, step;
};

struct axis {
	unsigned layer, field;
	struct item *items;
	unsigned count;
	unsigned item;                  /* where the odometer stands */
	uint64_t at;
};

struct drawn { unsigned layer, field; };

struct walk {
	struct stack *stack;            /* kept */
	unsigned from;
	struct axis *axes;              /* slowest first */
	unsigned count;
	struct drawn *draws;
	unsigned draw_count;
	bool started, ended;
};

static value set_value_of(const struct part *p, unsigned field)
{
	if (p->values && p->states && p->states[field] == STATE_SET)
		return p->values[field];
	return VALUE_UNSET;
}

static bool is_axis(const struct part *p, unsigned field)
{
	value v = set_value_of(p, field);
	return !is_unset(v) && !p->explicit_ && !field_is_volatile(v) && field_is_set(p->layer->fields[field], v);
}

static bool is_drawn(const struct part *p, unsigned field)
{
	value v = set_value_of(p, field);
	if (is_unset(v) && !p->dissected)
		v = p->layer->fields[field]->fallback;
	return field_is_volatile(v);
}

bool stack_is_set(const struct stack *s, unsigned at)
{
	for (unsigned i = at; i < s->count; i++) {
		const struct part *p = &s->parts[i];
		if (!p->unsteady && (p->dissected || !layer_draws(p->layer)))
			continue;
		for (unsigned f = 0; f < p->layer->count; f++) {
			if (is_axis(p, f) || is_drawn(p, f))
				return true;
		}
	}
	return false;
}

/* ---- making the axes ---- */

static struct item *item_add(struct axis *a, enum item_kind kind, value v)
{
	a->items = mem_resize(a->items, (a->count + 1) * sizeof *a->items);
	struct item *item = &a->items[a->count++];
	*item = (struct item){ .kind = kind, .v = value_keep(v), .step = 1 };
	return item;
}

static bool item_numbers(struct vm *vm, struct axis *a, value first, value last, value step, bool exclusive)
{
	struct item *item = item_add(a, ITEM_NUMBERS, VALUE_NONE);
	if (!value_to_int64(vm, first, &item->first) || !value_to_int64(vm, last, &item->last))
		return false;
	if (!is_unset(step) && !value_to_int64(vm, step, &item->step))
		return false;
	if (item->step == 0)
		return vm_raise_ok(vm, vm->errors.ValueError, "the step of a range of numbers is 0");
	if (exclusive)
		item->last -= item->step > 0 ? 1 : -1;
	return true;
}

static bool add_items(struct vm *vm, struct axis *a, const struct field *f, value v);

static bool add_each(struct vm *vm, struct axis *a, value v)
{
	value from = value_iterate(vm, v);
	if (is_unset(from))
		return false;
	struct item *item = item_add(a, ITEM_EACH, VALUE_NONE);
	item->v = value_object(list_new(vm, 0));
	item->from = from;
	return true;
}

static bool add_items(struct vm *vm, struct axis *a, const struct field *f, value v)
{
	const value *items;
	size_t count;
	if (is_kind(v, KIND_NET)) {
		item_add(a, ITEM_NET, v);
		return true;
	}
	if (is_kind(v, KIND_RANGE)) {
		struct range *r = (struct range *)v.o;
		return item_numbers(vm, a, r->start, r->stop, r->step, true);
	}
	if (is_kind(v, KIND_TUPLE) && value_items(v, &items, &count) && (count == 2 || count == 3) && is_int(items[0]) && is_int(items[1]))
		return item_numbers(vm, a, items[0], items[1], count == 3 ? items[2] : VALUE_UNSET, false);
	if (is_kind(v, KIND_LIST) && !(f->flags & FIELD_LIST)) {
		for (size_t i = 0; value_items(v, &items, &count) && i < count; i++) {
			if (!add_items(vm, a, f, items[i]))
				return false;
		}
		return true;
	}
	if (is_kind(v, KIND_GENERATOR))
		return add_each(vm, a, v);
	item_add(a, ITEM_ONE, v);
	return true;
}

static struct axis *axis_add(struct walk *w, unsigned layer, unsigned field)
{
	w->axes = mem_resize(w->axes, (w->count + 1) * sizeof *w->axes);
	struct axis *a = &w->axes[w->count++];
	*a = (struct axis){ .layer = layer, .field = field };
	return a;
}

/* The axes of one layer, those set last first. */
static bool add_layer(struct walk *w, unsigned layer)
{
	struct part *p = &w->stack->parts[layer];
	uint32_t below = UINT32_MAX;
	for (;;) {
		int next = -1;
		for (unsigned f = 0; f < p->layer->count; f++) {
			if (is_axis(p, f) && p->values[f].spare < below && (next < 0 || p->values[f].spare > p->values[next].spare))
				next = (int)f;
		}
		if (next < 0)
			return true;
		below = p->values[next].spare;
		if (!add_items(w->stack->vm, axis_add(w, layer, (unsigned)next), p->layer->fields[next], p->values[next]))
			return false;
	}
}

static void add_draws(struct walk *w, unsigned layer)
{
	struct part *p = &w->stack->parts[layer];
	for (unsigned f = 0; f < p->layer->count; f++) {
		if (!is_drawn(p, f))
			continue;
		w->draws = mem_resize(w->draws, (w->draw_count + 1) * sizeof *w->draws);
		w->draws[w->draw_count++] = (struct drawn){ layer, f };
	}
}

struct walk *walk_new(struct stack *s, unsigned at)
{
	struct walk *w = mem_zero(sizeof *w);
	w->stack = stack_keep(s);
	w->from = at;
	for (unsigned i = at; i < s->count; i++) {
		if (s->parts[i].dissected && !s->parts[i].touched)
			continue;
		if (!add_layer(w, i)) {
			walk_free(w);
			return NULL;
		}
		add_draws(w, i);
	}
	return w;
}

void walk_free(struct walk *w)
{
	for (unsigned i = 0; w && i < w->count; i++) {
		for (unsigned k = 0; k < w->axes[i].count; k++) {
			value_drop(w->axes[i].items[k].v);
			value_drop(w->axes[i].items[k].from);
		}
		mem_free(w->axes[i].items);
	}
	if (!w)
		return;
	stack_drop(w->stack);
	mem_free(w->axes);
	mem_free(w->draws);
	mem_free(w);
}

/* ---- turning ---- */

static uint64_t numbers_count(const struct item *item)
{
	if (item->step > 0)
		return item->last < item->first ? 0 : ((uint64_t)item->last - (uint64_t)item->first) / (uint64_t)item->step + 1;
	return item->last > item->first ? 0 : ((uint64_t)item->first - (uint64_t)item->last) / (0 - (uint64_t)item->step) + 1;
}

/* The iterator's at-th value is in the list; false: it ended before, or raised. */
static bool each_reaches(struct vm *vm, struct item *item, uint64_t at)
{
	struct list *seen = as_list(item->v);
	while (seen->count <= at && !is_unset(item->from)) {
		value next = value_next(vm, item->from);
		if (is_unset(next)) {
			value_set(&item->from, VALUE_UNSET);
			break;
		}
		list_append(seen, next);
	}
	return seen->count > at;
}

static bool item_has(struct vm *vm, struct item *item, uint64_t at)
{
	switch (item->kind) {
	case ITEM_ONE:     return at == 0;
	case ITEM_NUMBERS: return at < numbers_count(item);
	case ITEM_NET:     return net_count((struct net *)item->v.o) == 0 || at < net_count((struct net *)item->v.o);
	case ITEM_EACH:    return each_reaches(vm, item, at);
	}
	return false;
}

static value item_value(struct vm *vm, struct item *item, uint64_t at)
{
	switch (item->kind) {
	case ITEM_ONE:     return field_is_volatile(item->v) ? volatile_draw(vm, item->v) : value_keep(item->v);
	case ITEM_NUMBERS: return value_int(item->first + (int64_t)at * item->step);
	case ITEM_NET:     return net_address_text(vm, (struct net *)item->v.o, at);
	case ITEM_EACH:    return value_keep(as_list(item->v)->items[at]);
	}
	return VALUE_UNSET;
}

/* Moves to the first place, from where it stands, that has a value. */
static bool axis_settle(struct vm *vm, struct axis *a)
{
	while (a->item < a->count && !item_has(vm, &a->items[a->item], a->at)) {
		a->item++;
		a->at = 0;
	}
	return a->item < a->count;
}

static bool axis_rewind(struct vm *vm, struct axis *a)
{
	a->item = 0;
	a->at = 0;
	return axis_settle(vm, a);
}

/* To the next member; false: there is none (or an iterator raised). */
static bool turn(struct walk *w)
{
	struct vm *vm = w->stack->vm;
	if (!w->started) {
		w->started = true;
		for (unsigned i = 0; i < w->count; i++) {
			if (!axis_rewind(vm, &w->axes[i]))
				return false;
		}
		return true;
	}
	for (unsigned i = w->count; i-- > 0;) {
		w->axes[i].at++;
		if (axis_settle(vm, &w->axes[i]))
			return true;
		if (vm_pending(vm) || !axis_rewind(vm, &w->axes[i]))
			return false;
	}
	return false;
}

struct stack *walk_stack(const struct walk *w)
{
	return w->stack;
}

unsigned walk_from(const struct walk *w)
{
	return w->from;
}

bool walk_turn(struct walk *w)
{
	w->ended = w->ended || !turn(w);
	return !w->ended && !vm_pending(w->stack->vm);
}

bool walk_fields(const struct walk *w, bool (*each)(void *state, unsigned layer, unsigned field), void *state)
{
	for (unsigned i = 0; i < w->count; i++)
		if (!each(state, w->axes[i].layer - w->from, w->axes[i].field))
			return false;
	for (unsigned i = 0; i < w->draw_count; i++)
		if (!each(state, w->draws[i].layer - w->from, w->draws[i].field))
			return false;
	return true;
}

bool walk_values(struct walk *w, bool (*each)(void *state, unsigned layer, unsigned field, TAKES value v),
                 bool (*address)(void *state, unsigned layer, unsigned field, uint32_t number), void *state)
{
	uint32_t number;
	struct vm *vm = w->stack->vm;
	for (unsigned i = 0; i < w->count; i++) {
		struct axis *a = &w->axes[i];
		if (!each(state, a->layer - w->from, a->field, item_value(vm, &a->items[a->item], a->at)))
			return false;
	}
	for (unsigned i = 0; i < w->draw_count; i++) {
		struct part *p = &w->stack->parts[w->draws[i].layer];
		value v = set_value_of(p, w->draws[i].field);
		if (is_unset(v))
			v = p->layer->fields[w->draws[i].field]->fallback;
		unsigned layer = w->draws[i].layer - w->from, field = w->draws[i].field;
		bool drawn = address && volatile_draw_address(vm, v, &number);
		if (drawn ? !address(state, layer, field, number) : !each(state, layer, field, volatile_draw(vm, v)))
			return false;
	}
	return true;
}

static bool put(void *member, unsigned layer, unsigned field, TAKES value v)
{
	bool ok = !is_unset(v) && part_set(member, layer, field, v);
	value_drop(v);
	return ok;
}

struct stack *walk_next(struct walk *w)
{
	struct stack *member = walk_turn(w) ? stack_copy(w->stack, w->from) : NULL;
	if (!member)
		return NULL;
	bool ok = walk_values(w, put, NULL, member);
	for (unsigned i = 0; ok && i < member->count; i++)
		member->parts[i].explicit_ = true;
	if (ok)
		return member;
	stack_drop(member);
	return NULL;
}

bool walk_count(const struct walk *w, uint64_t *out)
{
	*out = 1;
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t count = 0;
		for (unsigned k = 0; k < w->axes[i].count; k++) {
			const struct item *item = &w->axes[i].items[k];
			if (item->kind == ITEM_EACH)
				return false;
			if (item->kind == ITEM_ONE)
				count++;
			else if (item->kind == ITEM_NUMBERS)
				count += numbers_count(item);
			else
				count += (uint64_t)net_count((struct net *)item->v.o);
		}
		if (__builtin_mul_overflow(*out, count, out))
			return false;
	}
	return true;
}
