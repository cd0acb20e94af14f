#include "packet/world.h"

#include "base/buf.h"
#include "base/layout.h"
#include "base/mem.h"
#include "lang/types.h"
#include "packet/module.h"
#include "packet/net.h"
#include "packet/packet.h"
#include "packet/packet_methods.h"
#include "packet/packetlist.h"
#include "packet/printing.h"
#include "packet/template.h"
#include "packet/volatile.h"

/* A type with a name of the language. */
static struct type *add_type(struct vm *vm, const struct type_spec *spec, struct type *base)
{
	struct type *type = type_new(vm, spec, base);
	dict_set_text(vm, vm->builtins, spec->name, value_keep(value_object(type)));
	return type;
}

static bool add_packet(struct vm *vm, struct world *w)
{
	w->packet = add_type(vm, &packet_spec, NULL);
	value none = value_object(list_new(vm, 0));
	bool done = type_set_attr(vm, w->packet, w->names.fields_desc, none) && layer_subclassed(vm, w->packet);
	value_drop(none);
	return done;
}

struct turn { struct reading *reading; struct open_fields open; struct builder *builder; bool spread_names; };

/* A hook of the user's may be running when another thread gets its turn: what is being read and built is that thread's own. */
static void take_turns(struct vm *vm, void **kept, bool back)
{
	struct world *w = world_of(vm);
	struct turn *t = *kept;
	if (back && t) {
		w->reading = t->reading;
		w->open = t->open;
		w->builder = t->builder;
		w->spread_names = t->spread_names;
		mem_free(t);
		*kept = NULL;
	} else if (!back && (w->reading || w->builder || w->open.stack)) {
		*kept = t = mem_alloc(sizeof *t);
		*t = (struct turn){ w->reading, w->open, w->builder, w->spread_names };
		w->reading = NULL;
		w->open = (struct open_fields){ 0 };
		w->builder = NULL;
		w->spread_names = false;
	}
}

bool world_make(struct vm *vm)
{
	struct world *w = mem_zero(sizeof *w);
	vm->host = w;
	vm->hooks.turn = take_turns;
	w->scratch = mem_zero(sizeof *w->scratch);
#define X(n) w->names.n = str_intern(vm, #n);
	WORLD_NAMES(X)
#undef X
	w->stack = type_new(vm, &stack_spec, NULL);
	w->members = type_new(vm, &members_spec, NULL);
	w->flag_value = add_type(vm, &flag_value_spec, NULL);
	w->raw_val = add_type(vm, &raw_val_spec, NULL);
	w->packet_items = type_new(vm, &packet_items_spec, vm->types.list);
	w->no_payload = add_type(vm, &no_payload_spec, NULL);
	w->nothing = value_object(object_new(w->no_payload, 0));
	type_set_attr(vm, w->no_payload, str_intern(vm, "instance"), w->nothing);
	value_drop(w->nothing);                 /* its class holds it */
	fields_add(vm);
	if (!add_packet(vm, w))
		return false;
	net_add(vm);
	volatile_add(vm);
	packetlist_add_type(vm);
	printing_add(vm);
	anatomy_add(vm);
	module_add(vm);
	return !vm_pending(vm);
}

void world_free(struct world *w)
{
	if (!w)
		return;
	templates_free(w);
	layout_free(w->layout);
	buf_free(&w->text);
	if (w->scratch)
		buf_free(w->scratch);
	mem_free(w->scratch);
	mem_free(w->asn1_types);
	mem_free(w->layers);
	mem_free(w);
}
