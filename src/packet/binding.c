/* Which layer follows which, and what that sets in the lower one. */
#include "packet/layer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "packet/packet.h"
#include "packet/world.h"

/* ---- matches: a field and the value that it has to have ---- */

static void match_drop(struct match *matches, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		value_drop(matches[i].is);
	mem_free(matches);
}

static bool make_match(struct vm *vm, const struct layer *lower, struct str *name, value is, struct match *out)
{
	int at = layer_field(lower, name);
	if (at < 0) {
		const char *near = layer_nearest(lower, name->data);
		return vm_raise_ok(vm, vm->errors.AttributeError, "%s has no field '%s'%s%s%s", layer_class_name(lower), name->data,
		                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	const struct field *f = lower->fields[at];
	*out = (struct match){ .field = (unsigned)at };
	if (!field_accept(vm, f, is, &out->is))
		return false;
	out->is_word = f->flags & FIELD_WORD && f->bits && !is_none(out->is) && f->kind->codec->to_word(vm, f, out->is, &out->word);
	if (vm_pending(vm))
		value_drop(out->is);
	return !vm_pending(vm);
}

static bool make_matches(struct vm *vm, const struct layer *lower, struct dict *values, struct match **out, unsigned *count)
{
	value key, item;
	struct match *made = mem_zero((values->used + 1) * sizeof *made);
	unsigned n = 0;
	for (uint32_t i = 0; dict_next(values, &i, &key, &item);)
		if (!is_str(key) || !make_match(vm, lower, str_intern(vm, as_str(key)->data), item, &made[n++])) {
			match_drop(made, n - 1);
			return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.TypeError, "a binding takes names of fields");
		}
	*out = made;
	*count = n;
	return true;
}

static bool same_match(struct vm *vm, const struct match *a, const struct match *b)
{
	bool same = false;
	if (a->field != b->field)
		return false;
	if (a->is_word && b->is_word)
		return a->word == b->word;
	return value_equal(vm, a->is, b->is, &same) && same;
}

/* In any order. */
static bool same_matches(struct vm *vm, const struct match *a, unsigned count, const struct match *b, unsigned other)
{
	if (count != other)
		return false;
	for (unsigned i = 0; i < count; i++) {
		unsigned k = 0;
		while (k < count && !same_match(vm, &a[i], &b[k]))
			k++;
		if (k == count)
			return false;
	}
	return true;
}

/* ---- bottom up ---- */

static struct binding *add_binding(struct layer *l)
{
	if (l->binding_count == l->binding_room) {
		l->binding_room = l->binding_room ? l->binding_room * 2 : 4;
		l->bindings = mem_resize(l->bindings, l->binding_room * sizeof *l->bindings);
	}
	selector_drop(l);
	world_of(l->type->vm)->binding_round++;
	struct binding *b = &l->bindings[l->binding_count++];
	*b = (struct binding){0};
	return b;
}

static bool is_upper(const struct binding *b, const struct type *upper)
{
	if (b->upper)
		return b->upper == upper;
	return ((const struct layer *)upper->extra)->library && !strcmp(b->upper_name, upper->name->data);
}

bool bind_bottom_up(struct vm *vm, struct type *lower, struct type *upper, struct dict *values)
{
	struct layer *l = layer_of(lower);
	struct match *matches;
	unsigned count;
	if (!make_matches(vm, l, values, &matches, &count))
		return false;
	for (unsigned i = 0; i < l->binding_count; i++) {
		struct binding *b = &l->bindings[i];
		if (is_upper(b, upper) && same_matches(vm, b->matches, b->count, matches, count)) {
			b->upper = upper;
			match_drop(matches, count);
			return true;
		}
	}
	struct binding *b = add_binding(l);
	b->matches = matches;
	b->count = count;
	b->upper = upper;
	return true;
}

/* Is each of the given matches among those? None given: yes. */
static bool has_matches(struct vm *vm, const struct match *among, unsigned among_count, const struct match *given, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		bool found = false;
		for (unsigned k = 0; k < among_count && !found; k++)
			found = same_matches(vm, &among[k], 1, &given[i], 1);
		if (!found)
			return false;
	}
	return true;
}

/* Takes back every binding that has these values among its own, as Scapy does: all of them when none are given. */
bool bind_split(struct vm *vm, struct type *lower, struct type *upper, struct dict *values)
{
	struct layer *l = layer_of(lower), *u = layer_of(upper);
	struct match *matches;
	unsigned count, kept = 0;
	world_of(vm)->binding_round++;
	selector_drop(l);
	if (!make_matches(vm, l, values, &matches, &count))
		return false;
	for (unsigned i = 0; i < l->binding_count; i++) {
		struct binding *b = &l->bindings[i];
		if (is_upper(b, upper) && has_matches(vm, b->matches, b->count, matches, count))
			match_drop(b->matches, b->count);
		else
			l->bindings[kept++] = *b;
	}
	l->binding_count = kept;
	for (unsigned i = 0; i < u->overload_count; i++)
		if (u->overloads[i].lower == lower && has_matches(vm, u->overloads[i].sets, u->overloads[i].count, matches, count)) {
			match_drop(u->overloads[i].sets, u->overloads[i].count);
			u->overloads[i] = u->overloads[--u->overload_count];
			break;
		}
	match_drop(matches, count);
	return true;
}

/* ---- top down ---- */

bool bind_top_down(struct vm *vm, struct type *lower, struct type *upper, struct dict *values)
{
	struct layer *l = layer_of(lower), *u = layer_of(upper);
	struct match *sets;
	unsigned count, at = 0;
	world_of(vm)->binding_round++;
	if (!make_matches(vm, l, values, &sets, &count))
		return false;
	while (at < u->overload_count && u->overloads[at].lower != lower)
		at++;
	if (at == u->overload_count) {
		u->overloads = mem_resize(u->overloads, (at + 1) * sizeof *u->overloads);
		u->overload_count++;
	} else {
		match_drop(u->overloads[at].sets, u->overloads[at].count);
	}
	u->overloads[at] = (struct overload){ .lower = lower, .count = count, .sets = sets };
	return true;
}

static const struct overload *own_overload(const struct layer *u, const struct type *lower)
{
	for (unsigned i = 0; i < u->overload_count; i++)
		if (u->overloads[i].lower == lower)
			return &u->overloads[i];
	return NULL;
}

/* What a class derived from `upper`'s base inherits, and what a class derived from `lower` is given. A derived lower class has
 * its base's fields or others of its own; only the same ones can be set by index. */
static const struct overload *find_overload(const struct layer *upper, const struct type *lower)
{
	for (const struct type *low = lower; low && low->extra; low = low->base) {
		const struct layer *base = low->extra;
		if (low != lower && base->fields && ((const struct layer *)lower->extra)->count != base->count)
			break;
		for (const struct type *up = upper->type; up && up->extra; up = up->base) {
			const struct overload *o = own_overload(up->extra, low);
			if (o)
				return o;
		}
	}
	return NULL;
}

struct type *alias_type(struct vm *vm, struct alias *a)
{
	if (!a->type)
		a->type = layer_load(vm, a->name->data);
	return a->type;
}

/* The same values, in the fields of `lower` that have the names of those of `alias`. Never changed once made: it may be in use. */
static const struct overload *lend(struct layer *upper, const struct type *lower, const struct layer *alias, const struct overload *o, uint32_t round)
{
	const struct layer *to = lower->extra;
	for (struct lent *l = upper->lent; l; l = l->next)
		if (l->as.lower == lower && l->round == round)
			return &l->as;
	struct lent *made = mem_zero(sizeof *made);
	made->as.lower = (struct type *)lower;
	made->as.sets = mem_zero((o->count + 1) * sizeof *made->as.sets);
	for (unsigned i = 0; i < o->count; i++) {
		int at = layer_field(to, alias->fields[o->sets[i].field]->name);
		if (at < 0)
			continue;
		struct match *m = &made->as.sets[made->as.count++];
		*m = o->sets[i];
		m->field = (unsigned)at;
		value_keep(m->is);
	}
	made->round = round;
	made->next = upper->lent;
	upper->lent = made;
	return &made->as;
}

/* What upper sets in one of the classes for which `lower` stands. */
static const struct overload *alias_overload(struct layer *upper, const struct type *lower, uint32_t round)
{
	const struct layer *low = lower->extra;
	for (unsigned i = 0; i < low->alias_count; i++) {
		const struct type *alias = alias_type(lower->vm, &low->aliases[i]);
		const struct overload *o = alias ? find_overload(upper, alias) : NULL;
		if (o)
			return lend(upper, lower, alias->extra, o, round);
	}
	vm_clear(lower->vm);
	return NULL;
}

const struct overload *layer_overload(struct layer *upper, const struct type *lower)
{
	uint32_t round = world_of(lower->vm)->binding_round;
	if (upper->asked.lower != lower || upper->asked.round != round) {
		upper->asked.found = find_overload(upper, lower);
		if (!upper->asked.found && ((const struct layer *)lower->extra)->alias_count)
			upper->asked.found = alias_overload(upper, lower, round);
		upper->asked.lower = lower;
		upper->asked.round = round;
	}
	return upper->asked.found;
}

/* ---- the library's index ---- */

void layers_set_index(struct vm *vm, const struct library_binding *rows, size_t count, const struct library_link *links, size_t link_count)
{
	struct world *w = world_of(vm);
	w->index = rows;
	w->index_count = count;
	w->links = links;
	w->link_count = link_count;
}

/* "frag=0,proto=17" */
static bool parse_fields(struct vm *vm, const char *text, struct dict *values)
{
	while (*text) {
		const char *equals = strchr(text, '=');
		if (!equals)
			return vm_raise_ok(vm, vm->errors.SystemError, "the library's index has \"%s\"", text);
		struct str *name = str_new(vm, text, (size_t)(equals - text));
		char *end;
		long long number = strtoll(equals + 1, &end, 0);
		dict_set_str(vm, values, str_intern_str(vm, name), value_int(number));
		if (end == equals + 1 || (*end && *end != ','))
			return vm_raise_ok(vm, vm->errors.SystemError, "the library's index has \"%s\"", text);
		text = *end ? end + 1 : end;
	}
	return true;
}

void bind_from_index(struct vm *vm, struct layer *l)
{
	struct world *w = world_of(vm);
	const char *name = layer_class_name(l);
	for (size_t i = 0; l->library && i < w->index_count && !vm_pending(vm); i++) {
		if (strcmp(w->index[i].lower, name))
			continue;
		struct dict *values = dict_new(vm);
		struct match *matches;
		unsigned count;
		if (parse_fields(vm, w->index[i].fields, values) && make_matches(vm, l, values, &matches, &count)) {
			struct binding *b = add_binding(l);
			b->matches = matches;
			b->count = count;
			b->upper_name = w->index[i].upper;
		}
		object_drop(values);
	}
}

void bindings_free(struct layer *l)
{
	selector_drop(l);
	for (unsigned i = 0; i < l->binding_count; i++)
		match_drop(l->bindings[i].matches, l->bindings[i].count);
	for (unsigned i = 0; i < l->overload_count; i++)
		match_drop(l->overloads[i].sets, l->overloads[i].count);
	mem_free(l->bindings);
	mem_free(l->overloads);
	for (struct lent *next; l->lent; l->lent = next) {
		next = l->lent->next;
		match_drop(l->lent->as.sets, l->lent->as.count);
		mem_free(l->lent);
	}
}

/* The fields may stand elsewhere now; a binding on one that is gone goes too. */
void bindings_move(struct layer *to, struct layer *from)
{
	unsigned kept = 0;
	selector_drop(from);
	world_of(to->type->vm)->binding_round++;
	for (unsigned i = 0; i < from->binding_count; i++) {
		struct binding b = from->bindings[i];
		bool all = true;
		for (unsigned k = 0; k < b.count; k++) {
			int at = layer_field(to, from->fields[b.matches[k].field]->name);
			all &= at >= 0;
			b.matches[k].field = at >= 0 ? (unsigned)at : 0;
		}
		if (all)
			from->bindings[kept++] = b;
		else
			match_drop(b.matches, b.count);
	}
	to->bindings = from->bindings;
	to->binding_count = kept;
	to->binding_room = from->binding_room;
	to->overloads = from->overloads;
	to->overload_count = from->overload_count;
	from->bindings = NULL;
	from->overloads = NULL;
	from->binding_count = from->binding_room = from->overload_count = 0;
}
