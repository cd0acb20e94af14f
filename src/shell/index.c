#include "shell/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lang/types.h"
#include "shell/scapy.h"

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct index_name *)row)->name);
}

const char *index_file(const char *name)
{
	const struct index_name *row = bsearch(name, index_names, index_count, sizeof *index_names, compare);
	return row ? row->path : NULL;
}

/* "layers/udp.pkt" -> "layers.udp" */
static void module_name(const char *path, struct buf *out)
{
	size_t len = strlen(path) - strlen(".pkt");
	for (size_t i = 0; i < len; i++)
		buf_char(out, path[i] == '/' ? '.' : path[i]);
}

/* The name as the file's module has it; unset with nothing pending when the file is being loaded and has not come to it. */
static value name_in(struct vm *vm, const char *path, struct str *name)
{
	struct buf module = { 0 };
	module_name(path, &module);
	value loaded = vm_import(vm, buf_str(&module)), found = VALUE_UNSET;
	if (!is_unset(loaded)) {
		value_drop(loaded);
		value itself = dict_get_text(vm, vm->modules, buf_str(&module));
		if (is_kind(itself, KIND_MODULE))
			found = value_keep(dict_get_str(((struct module *)itself.o)->globals, name));
	}
	buf_free(&module);
	return found;
}

value index_find(struct vm *vm, struct str *name)
{
	const char *path = index_file(name->data);
	if (!path)
		return scapy_star(vm, name);
	value found = name_in(vm, path, name);
	if (!is_unset(found))
		dict_set_str(vm, vm->builtins, name, value_keep(found));
	return found;
}

static const char *next_name(void *state)
{
	size_t *at = state;
	return *at < index_count ? index_names[(*at)++].name : NULL;
}

const char *index_nearest(struct vm *vm, const char *name)
{
	size_t at = 0;
	return text_nearest(name, next_name, &at);
}

/* Every name and the file that defines it, for what lists the library. */
static value names(struct vm *vm, value *a)
{
	struct list *rows = list_new(vm, index_count);
	for (size_t i = 0; i < index_count; i++) {
		value row[] = { str_value(vm, index_names[i].name), str_value(vm, index_names[i].path) };
		list_append(rows, tuple_of(vm, 2, row));
		value_drop(row[0]);
		value_drop(row[1]);
	}
	return value_object(rows);
}

static const struct native functions[] = {
	{ "_library_names", names, "", "The names that the library defines, each with its file." },
	{ 0 },
};

void index_install(struct vm *vm)
{
	vm_add_builtins(vm, functions);
	vm_set_name_finder(vm, index_find, index_nearest);
}
