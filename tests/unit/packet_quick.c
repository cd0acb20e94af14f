/* A packet is the same however it was read: the general way, the quick way, or layer by layer as somebody looks. For every class of
 * the library: its default bytes, alone and carried, changed at random, cut, followed by anything. CORPUS=folder: captures, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lang/types.h"
#include "net/wire.h"
#include "packet/packet.h"
#include "packet/world.h"
#include "shell/index.h"
#include "shell/library.h"

static const char program[] =
	"import random, os\n"
	"random.seed(7)\n"
	"def changed(data, times):\n"
	"    data = bytearray(data)\n"
	"    for i in range(times):\n"
	"        if data: data[random.randrange(min(len(data), 60))] = random.choice((0, 1, 255, random.randrange(256)))\n"
	"    return bytes(data)\n"
	"def any_bytes(most):\n"
	"    return bytes([random.randrange(256) for i in range(random.randrange(most))])\n"
	"def default(cls):\n"
	"    try: return bytes(cls())\n"
	"    except Exception: return b''\n"
	"for cls in layers:\n"
	"    base = default(cls)\n"
	"    alike(cls, base)\n"
	"    for i in range(12):\n"
	"        alike(cls, changed(base, i // 2) + any_bytes(40))\n"
	"        alike(cls, changed(base + any_bytes(30), i)[:random.randrange(len(base) + 12)])\n"
	"        alike(cls, any_bytes(80))\n"
	"    for below in (Ether()/IP()/UDP(), Ether()/IP()/TCP(), Ether()/IPv6(), Ether()/IP(), Ether(), Dot11(), PPP()):\n"
	"        try: frame = bytes(below/cls()/any_bytes(30))\n"
	"        except Exception: continue\n"
	"        for i in range(3):\n"
	"            alike(type(below), changed(frame, i) + bytes(i * 7))\n"
	"            alike(type(below), frame[:random.randrange(len(frame) + 1)])\n"
	"if os.getenv('CORPUS'):\n"
	"    for name in sorted(os.listdir(os.getenv('CORPUS'))):\n"
	"        try: packets = rdpcap(os.path.join(os.getenv('CORPUS'), name))\n"
	"        except Exception: continue\n"
	"        for p in packets:\n"
	"            alike(type(p), bytes(p))\n"
	"            alike(type(p), changed(bytes(p), 3))\n";

enum reader { GENERAL, QUICK, LAYER_BY_LAYER };

static struct stack *read_by(struct vm *vm, enum reader how, struct type *cls, struct view bytes)
{
	struct world *w = world_of(vm);
	struct stack *s;
	w->reads_generally = how == GENERAL;
	struct frame *frame = frame_new(bytes.bytes, bytes.len);
	if (how != LAYER_BY_LAYER) {
		s = dissect(vm, cls, frame, 0, bytes.len);
	} else {
		s = dissect_lazily(vm, cls, frame, 0, bytes.len);
		while (s && stack_read_on(s))
			;
	}
	w->reads_generally = false;
	assert_non_null(s);
	return s;
}

static void same_spans(const struct part *a, const struct part *b, unsigned field)
{
	size_t bit[2] = {0}, bits[2] = {0};
	bool there[2];
	struct stack x = { .parts = (struct part *)(uintptr_t)a, .count = 1 }, y = { .parts = (struct part *)(uintptr_t)b, .count = 1 };
	there[0] = part_span(&x, 0, field, &bit[0], &bits[0]);
	there[1] = part_span(&y, 0, field, &bit[1], &bits[1]);
	assert_int_equal(there[0], there[1]);
	if (!there[0])
		return;
	assert_int_equal(bit[0], bit[1]);
	assert_int_equal(bits[0], bits[1]);
}

static void same_parts(const struct part *a, const struct part *b)
{
	assert_string_equal(layer_class_name(a->layer), layer_class_name(b->layer));
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->header_end, b->header_end);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->trail, b->trail);
	assert_int_equal(a->have, b->have);
	assert_int_equal(a->dissected, b->dissected);
	assert_int_equal(a->problem != NULL, b->problem != NULL);
	if (a->problem) {
		assert_string_equal(a->problem, b->problem);
		assert_int_equal(a->problem_at, b->problem_at);
	}
	for (unsigned i = 0; i < a->layer->count; i++)
		same_spans(a, b, i);
}

static const char *layers_of(const struct stack *s)
{
	static char rooms[2][1000];
	static unsigned turn;
	char *room = rooms[turn++ % 2];
	size_t len = 0;
	room[0] = 0;
	for (unsigned i = 0; i < s->count && len < sizeof rooms[0] - 100; i++)
		len += (size_t)snprintf(room + len, 100, "%s/", layer_class_name(s->parts[i].layer));
	return room;
}

static const char *hex(struct view bytes)
{
	static char room[1000];
	for (size_t i = 0; i < bytes.len && i < 400; i++)
		snprintf(room + 2 * i, 3, "%02x", ((const uint8_t *)bytes.bytes)[i]);
	return room;
}

static unsigned compared;

static value alike(struct vm *vm, value *a)
{
	struct view bytes;
	assert_true(is_layer_class(a[0]) && value_to_view(vm, a[1], &bytes));
	struct stack *general = read_by(vm, GENERAL, (struct type *)a[0].o, bytes);
	for (enum reader how = QUICK; how <= LAYER_BY_LAYER; how++) {
		struct stack *s = read_by(vm, how, (struct type *)a[0].o, bytes);
		assert_int_equal(s->unread, 0);
		if (s->count != general->count)
			fail_msg("%s: %s reads %s, %s reads %s", hex(bytes), "generally", layers_of(general), how == QUICK ? "quickly" : "layer by layer", layers_of(s));
		for (unsigned i = 0; i < s->count; i++)
			same_parts(&general->parts[i], &s->parts[i]);
		stack_drop(s);
	}
	stack_drop(general);
	compared++;
	return VALUE_NONE;
}

static const struct native functions[] = { { "alike", alike, "cls, data", "" }, { 0 } };

static value every_layer(struct vm *vm)
{
	struct list *list = list_new(vm, 256);
	for (size_t i = 0; i < index_count; i++) {
		value found = index_find(vm, str_intern(vm, index_names[i].name));
		if (is_layer_class(found) && ((struct type *)found.o) != world_of(vm)->packet)
			list_append(list, found);
		else
			value_drop(found);
		vm_clear(vm);
	}
	return value_object(list);
}

static void every_class_reads_alike(void **state)
{
	mem_recover();
	struct vm *vm = vm_new();
	vm_set_library(vm, library_files, library_count);
	index_install(vm);
	assert_true(world_make(vm));
	world_of(vm)->find = index_find;
	layers_set_index(vm, index_bindings, index_binding_count, index_links, index_link_count);
	assert_true(wire_make(vm));
	vm_add_builtins(vm, functions);
	dict_set_text(vm, vm->builtins, "layers", every_layer(vm));
	struct dict *globals = dict_new(vm);
	struct source *source = source_new("<alike>", program, sizeof program - 1);
	value_drop(vm_run(vm, source, globals, 0));
	source_drop(source);
	if (vm_pending(vm)) {
		struct buf words = {0};
		value raised = vm_take_pending(vm);
		value_repr_to(vm, raised, &words);
		fail_msg("%s", buf_str(&words));
	}
	object_drop(globals);
	assert_true(compared > 10000);
	wire_free(vm);
	struct world *world = world_of(vm);
	vm_free(vm);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_class_reads_alike) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
