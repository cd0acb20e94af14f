/* Layer classes: what a class statement says, read once. */
#include "packet/layer.h"

#include <endian.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/asn1_field.h"
#include "packet/encode.h"
#include "packet/packet.h"
#include "packet/printing.h"
#include "packet/recent.h"
#include "packet/world.h"

/* ---- words: the one place that reads and writes bits ---- */

/* A bit of a little-endian group: its bytes are counted from the last one. */
static uint8_t *group_bit(const struct field *f, const uint8_t *bytes, size_t len, size_t bit, unsigned i, unsigned *mask)
{
	size_t start = (bit - f->group_at) / 8, in = f->group_at + i, byte = start + f->group - 1 - in / 8;
	*mask = 0x80u >> in % 8;
	return byte < len ? (uint8_t *)(uintptr_t)bytes + byte : NULL;
}

static uint64_t group_read(const struct field *f, const uint8_t *bytes, size_t len, size_t bit)
{
	uint64_t word = 0;
	unsigned mask;
	for (unsigned i = 0; i < f->bits; i++) {
		const uint8_t *at = group_bit(f, bytes, len, bit, i, &mask);
		word = word << 1 | (at && *at & mask);
	}
	return word;
}

static void group_write(const struct field *f, uint8_t *bytes, size_t len, size_t bit, uint64_t word)
{
	unsigned mask;
	for (unsigned i = 0; i < f->bits; i++) {
		uint8_t *at = group_bit(f, bytes, len, bit, i, &mask);
		if (at)
			*at = (uint8_t)(word >> (f->bits - 1 - i) & 1 ? *at | mask : *at & ~mask);
	}
}

/* In network order, when the eight bytes at `bit` are there and hold all of it: then it is one load and one store. */
static bool in_one_word(const struct field *f, size_t len, size_t bit)
{
	return !(f->flags & (FIELD_LITTLE | FIELD_GROUPED)) && f->bits && (bit & 7) + f->bits <= 64 && (bit >> 3) + 8 <= len;
}

uint64_t word_read(const struct field *f, const uint8_t *bytes, size_t len, size_t bit)
{
	if (in_one_word(f, len, bit)) {
		uint64_t eight;
		memcpy(&eight, bytes + (bit >> 3), sizeof eight);
		return be64toh(eight) << (bit & 7) >> (64 - f->bits);
	}
	struct cursor c = cursor_over(bytes, len);
	c.bit = bit;
	if (f->flags & FIELD_GROUPED)
		return group_read(f, bytes, len, bit);
	return f->flags & FIELD_LITTLE ? cursor_uint_le(&c, f->bits / 8) : cursor_bits(&c, f->bits);
}

void word_write(const struct field *f, uint8_t *bytes, size_t len, size_t bit, uint64_t word)
{
	if (in_one_word(f, len, bit)) {
		unsigned shift = 64 - f->bits - (unsigned)(bit & 7);
		uint64_t eight, mask = (UINT64_MAX >> (64 - f->bits)) << shift;
		memcpy(&eight, bytes + (bit >> 3), sizeof eight);
		eight = (eight & ~htobe64(mask)) | htobe64(word << shift & mask);
		memcpy(bytes + (bit >> 3), &eight, sizeof eight);
		return;
	}
	struct writer w = writer_over(bytes, len);
	w.bit = bit;
	if (f->flags & FIELD_GROUPED)
		group_write(f, bytes, len, bit, word);
	else if (f->flags & FIELD_LITTLE)
		writer_uint_le(&w, word, f->bits / 8);
	else
		writer_bits(&w, word, f->bits);
}

/* ---- finding ---- */

static bool layer_refresh(struct vm *vm, struct layer *l);

struct layer *layer_of_changed(struct type *type)
{
	struct layer *l = type->extra;
	return layer_refresh(type->vm, l) ? type->extra : l;
}

int layer_field_named(const struct layer *l, struct str *name)
{
	value at = dict_get_str(l->index, name);
	return at.tag == TAG_INT ? (int)at.i : -1;
}

struct field_walk { const struct layer *l; unsigned at; };

static const char *next_field(void *state)
{
	struct field_walk *w = state;
	return w->at < w->l->count ? w->l->fields[w->at++]->name->data : NULL;
}

const char *layer_nearest(const struct layer *l, const char *name)
{
	struct field_walk w = { l, 0 };
	return text_nearest(name, next_field, &w);
}

const char *layer_class_name(const struct layer *l)
{
	return l->type->name->data;
}

/* The newest class of that name; a file of the library sees the library's own first. */
static struct type *known(struct world *w, const char *name)
{
	for (size_t i = w->layer_count; i-- > 0;)
		if (!strcmp(w->layers[i]->type->name->data, name) && w->layers[i]->library)
			return w->layers[i]->type;
	return NULL;
}

static struct type *known_user(struct world *w, const char *name)
{
	for (size_t i = w->layer_count; i-- > 0;)
		if (!strcmp(w->layers[i]->type->name->data, name))
			return w->layers[i]->type;
	return NULL;
}

struct type *layer_load(struct vm *vm, const char *name)
{
	struct world *w = world_of(vm);
	struct type *type = known(w, name);
	if (!type && w->find) {
		value found = w->find(vm, str_intern(vm, name));
		if (is_layer_class(found))
			type = (struct type *)found.o;          /* its module holds it */
		value_drop(found);
	}
	return type || vm_pending(vm) ? type : known_user(w, name);
}

/* ---- fields ---- */

static value attribute(struct layer *l, struct str *name)
{
	return type_find(l->type, name);
}

static bool own_attribute(const struct layer *l, struct str *name, value *out)
{
	*out = dict_get_str(l->type->attrs, name);
	return !is_unset(*out);
}

static bool complain(struct vm *vm, const struct layer *l, const char *what)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "%s: %s", layer_class_name(l), what);
}

static void add_field(struct layer *l, struct field *f)
{
	l->fields = mem_resize(l->fields, (l->count + 1) * sizeof *l->fields);
	l->fields[l->count++] = object_keep(f);
}

/* What a derived class says of a field that it inherits is that field's default: `class B(A): type = 5`. Unset: nothing. */
static value default_of(struct vm *vm, const struct layer *l, const struct field *f)
{
	struct world *w = world_of(vm);
	if (f->name == w->names.name || f->name == w->names.payload || f->name == w->names.summary || f->name == w->names.protocol)
		return VALUE_UNSET;             /* facts of the class */
	for (const struct type *t = l->type; t && is_unset(dict_get_str(t->attrs, w->names.fields_desc)); t = t->base) {
		value said = dict_get_str(t->attrs, f->name);
		if (!is_unset(said) && !value_is_callable(vm, said) && !is_kind(said, KIND_CLASSMETHOD) && !is_kind(said, KIND_STATICMETHOD) && !is_kind(said, KIND_PROPERTY))
			return said;
	}
	return VALUE_UNSET;
}

static bool add_own(struct vm *vm, struct layer *l, struct field *f)
{
	value said = default_of(vm, l, f);
	if (is_unset(said)) {
		add_field(l, f);
		return true;
	}
	struct field *own = field_with_default(vm, f, said);
	if (!own)
		return false;
	add_field(l, own);
	object_drop(own);
	return true;
}

/* A packet class among the fields stands for its own fields, as in Scapy. */
static bool take_fields(struct vm *vm, struct layer *l, value desc)
{
	const value *items;
	size_t count;
	if (is_unset(desc))
		return true;
	if (!value_items(desc, &items, &count))
		return complain(vm, l, "fields_desc is a list of fields");
	for (size_t i = 0; i < count; i++) {
		if (is_field(items[i])) {
			if (!add_own(vm, l, as_field(items[i])))
				return false;
		} else if (is_layer_class(items[i])) {
			struct layer *other = layer_of((struct type *)items[i].o);
			for (unsigned k = 0; k < other->count; k++)
				add_field(l, other->fields[k]);
		} else {
			return vm_raise_ok(vm, vm->errors.TypeError, "%s: fields_desc holds a %s; it takes fields, like ShortField(\"x\", 0)",
			                   layer_class_name(l), value_type_name(vm, items[i]));
		}
	}
	return true;
}

static bool index_fields(struct vm *vm, struct layer *l)
{
	l->index = dict_new(vm);
	l->rows = mem_zero((l->count + 1) * sizeof *l->rows);
	for (l->slot_mask = 1; l->slot_mask < l->count * 2; l->slot_mask = l->slot_mask * 2 + 1)
		;
	l->slots = mem_zero((l->slot_mask + 1) * sizeof *l->slots);
	for (unsigned i = 0; i < l->count; i++) {
		struct field *f = l->fields[i];
		if (!f->owner) {
			f->owner = l;
			field_adopt(f, l);
		}
		if (layer_field(l, f->name) >= 0)
			return vm_raise_ok(vm, vm->errors.ValueError, "%s has two fields named '%s'", layer_class_name(l), f->name->data);
		dict_set_str(vm, l->index, f->name, value_int(i));
		l->slots[layer_slot(l, f->name)] = (uint16_t)(i + 1);
		l->rows[i] = (struct row){ .offset = -1, .of = -1, .of_last = -1, .skip = -1, .skip_last = -1 };
	}
	return true;
}

/* Fields from one that opens a little-endian group to the one that closes it share its bytes. */
static bool group_fields(struct vm *vm, struct layer *l)
{
	unsigned open = 0, at = 0;
	for (unsigned i = 0; i < l->count; i++) {
		struct field *f = l->fields[i];
		if (f->group_opens) {
			open = (unsigned)f->group_opens;
			at = 0;
		}
		if (!open)
			continue;
		if (!(f->flags & FIELD_WORD) || at + f->bits > open * 8)
			return vm_raise_ok(vm, vm->errors.ValueError, "%s.%s does not fit a group of %u bytes", layer_class_name(l), f->name->data, open);
		f->flags = (f->flags | FIELD_GROUPED) & ~(unsigned)FIELD_LITTLE;
		f->group = (uint16_t)open;
		f->group_at = (uint16_t)at;
		at += f->bits;
		if (f->group_closes)
			open = 0;
	}
	return true;
}

/* Fields behind the payload are declared last, and have a fixed width. */
static bool part_trailers(struct vm *vm, struct layer *l)
{
	l->head_count = l->count;
	l->trail_len = 0;
	while (l->head_count && l->fields[l->head_count - 1]->flags & FIELD_TRAILS) {
		const struct field *f = l->fields[--l->head_count];
		if (!f->bits || f->bits % 8 || field_has_length(&f->condition))
			return vm_raise_ok(vm, vm->errors.ValueError, "%s.%s stands behind the payload: it has a fixed count of bytes and no condition",
			                   layer_class_name(l), f->name->data);
		l->trail_len += f->bits / 8;
	}
	for (unsigned i = 0; i < l->head_count; i++)
		if (l->fields[i]->flags & FIELD_TRAILS)
			return vm_raise_ok(vm, vm->errors.ValueError, "%s.%s stands behind the payload: it is declared behind the fields of the header",
			                   layer_class_name(l), l->fields[i]->name->data);
	return true;
}

static bool conditional(const struct field *f)
{
	return field_has_length(&f->condition);
}

static void place_word(struct row *row, const struct field *f, size_t bit)
{
	row->placed = f->flags & FIELD_WORD && !(f->flags & (FIELD_LITTLE | FIELD_GROUPED)) && (bit & 7) + f->bits <= 64;
	row->counted = row->placed && (f->flags & (FIELD_NUMBER | FIELD_SIGNED)) == FIELD_NUMBER;
	row->byte = (uint32_t)(bit >> 3);
	row->up = (uint8_t)(bit & 7);
	row->down = (uint8_t)(64 - f->bits);
}

static void place_fields(struct layer *l)
{
	if (l->first_line >= l->count)
		l->first_line = 0;
	size_t bit = 0;
	unsigned i = 0;
	for (; i < l->head_count && l->fields[i]->bits && !conditional(l->fields[i]); i++) {
		l->rows[i].offset = (int32_t)bit;
		place_word(&l->rows[i], l->fields[i], bit);
		bit += l->fields[i]->bits;
	}
	if (i < l->count)
		l->rows[i].offset = conditional(l->fields[i]) ? -1 : (int32_t)bit;
	l->fixed_count = i;
	l->fixed_bits = (uint32_t)bit;
	l->fixed_len = (uint32_t)((bit + 7) / 8);
	l->fixed = i == l->head_count && !l->header_pad;
}

/* Which fields a condition or choice depends on. A function may look at any. */
static void note_steering(struct layer *l, const struct length *condition)
{
	l->wanders |= !is_unset(condition->call) || (condition->expr && expr_wanders(condition->expr));
	for (unsigned i = 0; i < l->count; i++)
		if (!is_unset(condition->call) || (condition->expr && expr_names(condition->expr, l->fields[i]->name)))
			l->rows[i].steers = true;
}

static bool check_condition(struct vm *vm, struct layer *l, const struct length *condition)
{
	note_steering(l, condition);
	return !condition->expr || expr_check(vm, condition->expr, l);
}

static void add_computed(struct layer *l, unsigned i)
{
	l->computed = mem_resize(l->computed, (l->computed_count + 1) * sizeof *l->computed);
	l->computed[l->computed_count++] = i;
}

static int find_named(struct vm *vm, const struct layer *l, const char *name, size_t len)
{
	struct str *s = str_new(vm, name, len);
	int at = layer_field(l, s);
	object_drop(s);
	return at;
}

/* "rdata", or a run of fields "mname..minimum". */
static bool resolve_run(struct vm *vm, struct layer *l, unsigned i, const char *name, int *first, int *last)
{
	const char *dots = strstr(name, "..");
	size_t len = dots ? (size_t)(dots - name) : strlen(name);
	*first = find_named(vm, l, name, len);
	*last = dots ? find_named(vm, l, dots + 2, strlen(dots + 2)) : *first;
	if (*first >= 0 && *last >= *first)
		return true;
	const char *near = layer_nearest(l, name);
	return vm_raise_ok(vm, vm->errors.AttributeError, "%s has no field '%s', of which '%s' is the length, count or sum%s%s%s", layer_class_name(l),
	                   name, l->fields[i]->name->data, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool resolve_of(struct vm *vm, struct layer *l, unsigned i)
{
	const struct computed *c = &l->fields[i]->computed;
	struct row *row = &l->rows[i];
	if (c->skips && !resolve_run(vm, l, i, c->skips->data, &row->skip, &row->skip_last))
		return false;
	if ((c->sum_length && !expr_check(vm, c->sum_length, l)) || (c->sum_when && !expr_check(vm, c->sum_when, l)))
		return false;
	return c->of != OF_FIELD || !c->of_name || c->what == COMPUTE_ROUTE || resolve_run(vm, l, i, c->of_name->data, &row->of, &row->of_last);
}

/* Sums come last: they cover the lengths. */
static bool resolve_computed(struct vm *vm, struct layer *l)
{
	l->payload_of = l->run = -1;
	for (int sums = 0; sums < 2; sums++)
		for (unsigned i = 0; i < l->count; i++) {
			const struct computed *c = &l->fields[i]->computed;
			if (c->what == COMPUTE_NOTHING || (c->what == COMPUTE_CHECKSUM) != sums)
				continue;
			add_computed(l, i);
			l->wanders |= !(l->fields[i]->flags & (FIELD_WORD | FIELD_CHOICE)) && c->what < COMPUTE_ROUTE;
			if (!resolve_of(vm, l, i))
				return false;
			bool plain = c->what == COMPUTE_LENGTH && !c->adjust && is_unset(c->adjust_call);
			if (plain && c->of == OF_FIELD && strstr(c->of_name->data, "..") && l->rows[i].of_last == (int)l->count - 1)
				l->run = (int)i;
			if (plain && (c->of == OF_PAYLOAD || c->of == OF_LAYER_AND_PAYLOAD))
				l->payload_of = (int)i;
		}
	return true;
}

static bool check_fields(struct vm *vm, struct layer *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		struct field *f = l->fields[i];
		if (!check_condition(vm, l, &f->condition))
			return false;
		if (f->length_from.expr && !expr_check(vm, f->length_from.expr, l))
			return false;
		if (f->count_from.expr && !expr_check(vm, f->count_from.expr, l))
			return false;
		if (f->flags & FIELD_SIZED)
			note_steering(l, &f->length_from);
		l->choices |= (f->flags & FIELD_CHOICE) != 0;
		l->points |= (f->flags & FIELD_POINTS) != 0;
		if (f->flags & FIELD_PACKETS && !l->holds_packets) {
			l->holds_packets = true;
			l->first_packets = i;
		}
		for (unsigned k = 0; field_choice(f, k); k++)
			note_steering(l, field_choice(f, k));
	}
	return true;
}

/* ---- declared facts ---- */

static bool take_fact(struct vm *vm, struct layer *l, const char *name, struct expr **out)
{
	value text = type_find(l->type, str_intern(vm, name));
	expr_free(*out);
	*out = NULL;
	if (!is_str(text))
		return true;
	*out = expr_parse(vm, as_str(text));
	return *out && expr_check(vm, *out, l);
}

static bool field_named(struct vm *vm, const struct layer *l, value name, const char *fact, unsigned *out)
{
	int at = is_str(name) ? layer_field(l, as_str(name)) : -1;
	if (at < 0)
		return vm_raise_ok(vm, vm->errors.AttributeError, "%s: %s names '%s', which is no field of it", layer_class_name(l), fact,
		                   is_str(name) ? as_str(name)->data : value_type_name(vm, name));
	*out = (unsigned)at;
	return true;
}

/* A tuple of field names. A derived class with other fields may not have those of its base's fact: then it has none. */
static bool take_fields_named(struct vm *vm, struct layer *l, struct str *fact, unsigned **out, unsigned *count)
{
	const value *items;
	size_t n = 0;
	value names = attribute(l, fact), own;
	mem_free(*out);
	*out = NULL;
	*count = 0;
	if (!value_items(names, &items, &n))
		return true;
	unsigned *made = mem_alloc((n + 1) * sizeof *made);
	for (size_t i = 0; i < n; i++)
		if (!field_named(vm, l, items[i], fact->data, &made[i])) {
			mem_free(made);
			if (own_attribute(l, fact, &own))
				return false;
			vm_clear(vm);
			return true;
		}
	*out = made;
	*count = (unsigned)n;
	return true;
}

static bool take_addresses(struct vm *vm, struct layer *l)
{
	unsigned *pair = NULL, count;
	l->source = l->destination = l->protocol = -1;
	l->family = 0;
	if (!take_fields_named(vm, l, world_of(vm)->names.addresses, &pair, &count))
		return false;
	if (count == 2) {
		l->source = (int)pair[0];
		l->destination = (int)pair[1];
		l->family = l->fields[pair[1]]->bits / 8;
	}
	mem_free(pair);
	value protocol = attribute(l, world_of(vm)->names.protocol);
	if (is_str(protocol))
		l->protocol = layer_field(l, as_str(protocol));
	return true;
}

/* ---- choices of classes ---- */

/* dispatch = [("text", "Class"), ...]: a derived class does not inherit it. */
static bool take_dispatch(struct vm *vm, struct layer *l)
{
	value rows;
	return !own_attribute(l, world_of(vm)->names.dispatch, &rows) || variants_take(vm, &l->dispatch, rows, l, "dispatch");
}

/* aliastypes: names of classes, or classes. What is no layer class is no alias. */
static void take_aliases(struct vm *vm, struct layer *l)
{
	const value *items;
	size_t count;
	l->alias_count = 0;
	if (!value_items(attribute(l, world_of(vm)->names.aliastypes), &items, &count) || !count)
		return;
	l->aliases = mem_resize(l->aliases, count * sizeof *l->aliases);
	for (size_t i = 0; i < count; i++) {
		if (is_str(items[i]))
			l->aliases[l->alias_count++] = (struct alias){ .name = str_intern(vm, as_str(items[i])->data) };
		else if (is_layer_class(items[i]) && (struct type *)items[i].o != l->type)
			l->aliases[l->alias_count++] = (struct alias){ .type = (struct type *)items[i].o };
	}
}

/* trailer = ("where", "Class") */
static bool take_trailer(struct vm *vm, struct layer *l)
{
	const value *items;
	size_t count;
	expr_free(l->trailer_at);
	l->trailer_at = NULL;
	if (!value_items(type_find(l->type, str_intern(vm, "trailer")), &items, &count))
		return true;
	if (count != 2 || !is_str(items[0]) || !is_str(items[1]))
		return complain(vm, l, "trailer is (\"where in the payload\", \"Class\")");
	l->trailer = (struct variant){ .name = str_intern(vm, as_str(items[1])->data) };
	l->trailer_at = expr_parse(vm, as_str(items[0]));
	return l->trailer_at && expr_check(vm, l->trailer_at, l);
}

/* ("addresses", -1, "segleft > 0") or ("options", "HAO", "hoa") */
static bool take_way(struct vm *vm, struct layer *l, const char *fact, struct way *way)
{
	const value *items;
	size_t count;
	unsigned field;
	expr_free(way->test);
	*way = (struct way){ .field = -1 };
	if (!value_items(type_find(l->type, str_intern(vm, fact)), &items, &count))
		return true;
	if (count != 3 || !is_str(items[2]) || !field_named(vm, l, items[0], fact, &field))
		return vm_pending(vm) ? false :
			complain(vm, l, "final_destination is (\"list\", index, \"when\"), home_address (\"list\", \"Class\", \"field\")");
	if (is_str(items[1])) {
		way->class_name = str_intern(vm, as_str(items[1])->data);
		way->inner = str_intern(vm, as_str(items[2])->data);
	} else {
		way->item = items[1].tag == TAG_INT ? (int)items[1].i : 0;
		way->test = expr_parse(vm, as_str(items[2]));
		if (!way->test || !expr_check(vm, way->test, l))
			return false;
	}
	way->field = (int)field;
	return true;
}

static void take_alignment(struct vm *vm, struct layer *l)
{
	const value *items;
	size_t count;
	bool two = value_items(type_find(l->type, str_intern(vm, "alignment")), &items, &count) && count == 2 && items[0].tag == TAG_INT &&
		items[1].tag == TAG_INT;
	l->align = two ? items[0].i : 0;
	l->align_at = two ? items[1].i : 0;
}

static void take_links(struct layer *l, value given)
{
	const value *items;
	size_t count;
	l->link_type_count = 0;
	if (given.tag == TAG_INT)
		l->link_types[l->link_type_count++] = given.i;
	else if (value_items(given, &items, &count))
		for (size_t i = 0; i < count && i < 4; i++)
			if (items[i].tag == TAG_INT)
				l->link_types[l->link_type_count++] = items[i].i;
}

static bool take_payload(struct vm *vm, struct layer *l)
{
	value payload = attribute(l, world_of(vm)->names.payload);
	l->default_payload = NULL;
	l->default_payload_name = NULL;
	if (is_str(payload))
		l->default_payload_name = str_intern(vm, as_str(payload)->data);
	else if (is_layer_class(payload))
		l->default_payload = (struct type *)payload.o;
	else if (is_kind(payload, KIND_LIST))
		return variants_take(vm, &l->payloads, payload, l, "payload");
	return true;
}

/* What a class of the language defines itself, or inherits from one that does; the natives of Packet do not count. */
static void take_hooks(struct vm *vm, struct layer *l)
{
	static const char *const names[] = {
#define X(name) #name,
		LAYER_HOOKS(X)
#undef X
	};
	l->hooks = 0;
	for (unsigned i = 0; i < HOOK_COUNT; i++) {
		value found = type_find(l->type, str_intern(vm, names[i]));
		bool method = is_kind(found, KIND_FUNCTION) || is_kind(found, KIND_CLASSMETHOD) || is_kind(found, KIND_STATICMETHOD);
		if (method && !(i == HOOK_answers && is_str(found)))
			l->hooks |= 1u << i;
	}
}

static bool take_overloads(struct vm *vm, struct layer *l)
{
	value table, key, item;
	if (!own_attribute(l, world_of(vm)->names.overload_fields, &table) || !is_kind(table, KIND_DICT))
		return true;
	for (uint32_t i = 0; dict_next(as_dict(table), &i, &key, &item);)
		if (is_layer_class(key) && is_kind(item, KIND_DICT) && !bind_top_down(vm, (struct type *)key.o, l->type, as_dict(item)))
			return false;
	return true;
}

/* goes_to = "224.0.0.5", or a pair of which the second is IPv6 */
static void take_goes_to(struct vm *vm, struct layer *l)
{
	value given = type_find(l->type, str_intern(vm, "goes_to"));
	const value *items = &given;
	size_t count = 1;
	if (is_kind(given, KIND_TUPLE))
		value_items(given, &items, &count);
	value setting = type_find(l->type, str_intern(vm, "quoted_when"));
	l->quoted_when = is_str(setting) ? str_intern(vm, as_str(setting)->data) : NULL;
	value trails = type_find(l->type, str_intern(vm, "trails"));
	l->trails = is_str(trails) ? str_intern(vm, as_str(trails)->data) : NULL;
	l->goes_to[0] = l->goes_to[1] = NULL;
	for (size_t i = 0; i < count; i++)
		if (is_str(items[i]))
			l->goes_to[strchr(as_str(items[i])->data, ':') != NULL] = str_intern(vm, as_str(items[i])->data);
}

static bool take_summary(struct vm *vm, struct layer *l)
{
	value text = attribute(l, world_of(vm)->names.summary);
	summary_free(l->summary);
	l->summary = NULL;
	if (!is_str(text) && !is_kind(text, KIND_TUPLE))
		return true;
	l->summary = summary_parse(vm, text);
	return l->summary != NULL;
}

/* May reading such a layer run a function of the language? */
static bool runs_code(const struct layer *l)
{
	bool any = l->hooks != 0;
	for (unsigned i = 0; !any && i < l->count; i++)
		any = field_runs_code(l->fields[i]);
	return any;
}

static bool take_facts(struct vm *vm, struct layer *l)
{
	struct world *w = world_of(vm);
	quick_drop(l);
	value name = attribute(l, w->names.name), pad = type_find(l->type, str_intern(vm, "header_pad"));
	l->name = is_str(name) ? str_intern(vm, as_str(name)->data) : l->type->name;
	l->header_pad = pad.tag == TAG_INT && pad.i > 0 && pad.i < 4096 ? (unsigned)pad.i : 0;
	value least = type_find(l->type, str_intern(vm, "frame_min"));
	l->frame_min = least.tag == TAG_INT && least.i > 0 && least.i < 65536 ? (unsigned)least.i : 0;
	value derived = attribute(l, w->names.match_subclass);
	l->matches_derived = l->count == 0 || (derived.tag == TAG_BOOL && derived.b);
	value on = type_find(l->type, str_intern(vm, "answers_on"));
	value indent = type_find(l->type, str_intern(vm, "show_indent"));
	l->flat = (indent.tag == TAG_INT && indent.i == 0) || (indent.tag == TAG_BOOL && !indent.b);
	l->answers_on = on.tag == TAG_BOOL && on.b;
	on = type_find(l->type, str_intern(vm, "transparent"));
	l->transparent = on.tag == TAG_BOOL && on.b;
	l->is_raw = !strcmp(l->type->name->data, "Raw");
	l->is_padding = !strcmp(l->type->name->data, "Padding");
	value_set(&l->summary_covers, value_keep(attribute(l, w->names.summary_covers)));
	take_links(l, attribute(l, w->names.link_type));
	take_hooks(vm, l);
	take_aliases(vm, l);
	world_of(vm)->reading_runs_code |= !l->library && runs_code(l);
	take_alignment(vm, l);
	take_goes_to(vm, l);
	return take_payload(vm, l) && take_addresses(vm, l) && take_fields_named(vm, l, w->names.reverses, &l->reverses, &l->reverse_count) &&
	       take_fields_named(vm, l, w->names.echoes, &l->echoes, &l->echo_count) &&
	       take_fields_named(vm, l, w->names.quoted, &l->quoted, &l->quoted_count) && take_fact(vm, l, "payload_length", &l->payload_length) &&
	       take_fact(vm, l, "quotes", &l->quotes) && take_fact(vm, l, "opaque", &l->opaque) &&
	       take_trailer(vm, l) && take_way(vm, l, "final_destination", &l->final_destination) && take_way(vm, l, "home_address", &l->home_address) &&
	       take_fact(vm, l, "message_start", &l->message_start) && take_fact(vm, l, "goes_to_when", &l->goes_to_when) &&
	       take_fact(vm, l, "header_pad_when", &l->header_pad_when) && take_fact(vm, l, "counts_as", &l->counts_as) &&
	       take_fact(vm, l, "broadcast", &l->broadcast) && (l->hooks >> HOOK_answers & 1 || take_fact(vm, l, "answers", &l->answers)) &&
	       take_summary(vm, l);
}

/* ---- making ---- */

static void layer_free(void *extra)
{
	struct layer *l = extra;
	if (!l)
		return;
	layer_free(l->older);
	for (unsigned i = 0; i < l->count; i++) {
		if (l->fields[i]->owner == l) {
			l->fields[i]->owner = NULL;
			field_adopt(l->fields[i], NULL);
		}
		object_drop(l->fields[i]);
	}
	variants_free(&l->dispatch);
	variants_free(&l->payloads);
	object_drop(l->root);
	bindings_free(l);
	recent_forget(l);
	quick_drop(l);
	summary_free(l->summary);
	value_drop(l->summary_covers);
	struct expr *facts[] = { l->opaque, l->trailer_at, l->final_destination.test, l->home_address.test, l->payload_length, l->answers,
		l->quotes, l->message_start, l->broadcast, l->goes_to_when, l->header_pad_when, l->counts_as };
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		expr_free(facts[i]);
	object_drop(l->index);
	void *blocks[] = { l->aliases, l->fields, l->rows, l->slots, l->image, l->computed, l->reverses, l->echoes, l->quoted };
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		mem_free(blocks[i]);
	mem_free(l);
}

static bool is_library(struct vm *vm)
{
	struct place_in here = vm_here(vm);
	return here.source && source_of_library(here.source);
}

static bool layer_fill(struct vm *vm, struct layer *l)
{
	value root = type_find(l->type, str_intern(vm, "ASN1_root"));
	if (is_field(root) && asn1_is_field(as_field(root)))
		l->root = object_keep(as_field(root));
	value words = type_find(l->type, str_intern(vm, "first_line"));
	l->first_line = words.tag == TAG_INT && words.i > 0 && words.i < 16 ? (unsigned)words.i : 0;
	return take_fields(vm, l, attribute(l, world_of(vm)->names.fields_desc)) && index_fields(vm, l) && group_fields(vm, l) && part_trailers(vm, l) && take_facts(vm, l) &&
	       resolve_computed(vm, l) && check_fields(vm, l) && take_dispatch(vm, l) && (place_fields(l), true);
}

static struct layer *layer_blank(struct type *type)
{
	struct layer *l = mem_zero(sizeof *l);
	l->type = type;
	l->version = type->version;
	return l;
}

static void enlist(struct world *w, struct layer *l)
{
	if (w->layer_count == w->layer_room) {
		w->layer_room = w->layer_room ? w->layer_room * 2 : 64;
		w->layers = mem_resize(w->layers, w->layer_room * sizeof(struct layer *));
	}
	w->layers[w->layer_count++] = l;
	(void)object_keep(l->type);     /* stacks, bindings and this row look at it to the end of the machine */
}

bool layer_subclassed(struct vm *vm, struct type *cls)
{
	if (!asn1_take_root(vm, cls))
		return false;
	struct layer *l = layer_blank(cls);
	l->library = is_library(vm);
	cls->extra = l;
	cls->extra_free = layer_free;
	world_of(vm)->binding_round++;
	if (!layer_fill(vm, l))
		return false;
	enlist(world_of(vm), l);
	bind_from_index(vm, l);
	return take_overloads(vm, l) && !vm_pending(vm);
}

/* ---- a class that changed ---- */

static bool same_fields(struct layer *l, value desc)
{
	const value *items;
	size_t count = 0;
	if (is_unset(desc))
		return l->count == 0;
	if (!value_items(desc, &items, &count) || count != l->count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (items[i].tag != TAG_OBJECT || (void *)items[i].o != (void *)l->fields[i])
			return false;
	return true;
}

/* Other fields: a new struct layer; packets made before keep the old one. */
static bool replace(struct vm *vm, struct layer *old)
{
	struct layer *l = layer_blank(old->type);
	struct world *w = world_of(vm);
	l->library = old->library;
	if (!layer_fill(vm, l)) {
		layer_free(l);
		return false;
	}
	l->older = old;
	old->type->extra = l;
	bindings_move(l, old);
	for (size_t i = 0; i < w->layer_count; i++)
		if (w->layers[i] == old)
			w->layers[i] = l;
	return true;
}

static bool layer_refresh(struct vm *vm, struct layer *l)
{
	uint32_t version = l->type->version;
	if (!same_fields(l, attribute(l, world_of(vm)->names.fields_desc)))
		return replace(vm, l);
	l->version = version;
	world_of(vm)->binding_round++;
	return take_facts(vm, l);
}

/* ---- the image ---- */

bool layer_draws(struct layer *l)
{
	uint32_t round = world_of(l->type->vm)->image_round + 1;
	if (l->draws_round == round)
		return l->draws;
	l->draws = false;
	for (unsigned i = 0; i < l->count; i++)
		l->draws |= field_is_volatile(l->fields[i]->fallback);
	l->draws_round = round;
	return l->draws;
}

bool layer_image(struct vm *vm, struct layer *l)
{
	struct world *w = world_of(vm);
	if (l->image && l->image_round == w->image_round)
		return true;
	struct stack *s = stack_new(vm, l);
	struct buf out = {0};
	struct marks marks;
	marks_begin(&marks, l->count);
	bool done = encode_fields(&(struct site){ .vm = vm, .stack = s }, &out, &marks);
	if (done) {
		for (unsigned i = 0; i <= l->count; i++)
			l->rows[i].image = marks.at[i];
		for (unsigned i = 0; i < l->count; i++)
			l->rows[i].quick = l->fields[i]->bits && l->fields[i]->flags & FIELD_WORD && !(marks.at[i] & SPAN_ABSENT) && !l->rows[i].steers;
		mem_free(l->image);
		l->image = mem_copy(out.len ? out.data : "", out.len);
		l->image_len = (uint32_t)out.len;
		l->image_round = w->image_round;
	}
	marks_end(&marks);
	buf_free(&out);
	stack_drop(s);
	return done;
}
