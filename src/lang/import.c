/* Modules: written in C, embedded in the program, or found on the path. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/frame.h"
#include "lang/makers.h"
#include "lang/modules.h"

struct import {
	const struct module_spec **specs;
	size_t spec_count;
	const struct embedded *files;
	size_t file_count;
};

static struct import *import_of(struct vm *vm)
{
	if (!vm->import)
		vm->import = mem_zero(sizeof *vm->import);
	return vm->import;
}

void import_free(struct vm *vm)
{
	struct import *im = vm->import;
	if (!im)
		return;
	mem_free(im->specs);
	mem_free(im);
	vm->import = NULL;
}

void vm_add_module(struct vm *vm, const struct module_spec *spec)
{
	struct import *im = import_of(vm);
	im->specs = mem_resize(im->specs, (im->spec_count + 1) * sizeof *im->specs);
	im->specs[im->spec_count++] = spec;
}

void vm_set_library(struct vm *vm, const struct embedded *files, size_t count)
{
	import_of(vm)->files = files;
	import_of(vm)->file_count = count;
}

void vm_add_path(struct vm *vm, const char *folder)
{
	list_append(as_list(vm->own->path), str_value(vm, folder));
}

/* ---- making -------------------------------------------------------------------------------------------------------- */

static struct str *parent_name(struct vm *vm, const char *name)
{
	const char *dot = strrchr(name, '.');
	char *parent = mem_copy(name, strlen(name) + 1);
	parent[dot ? dot - name : 0] = 0;
	struct str *s = str_intern(vm, parent);
	mem_free(parent);
	return s;
}

static struct module *module_begin(struct vm *vm, const char *name, const char *file, bool package)
{
	struct module *m = module_new(vm, name);
	struct dict *g = m->globals;
	struct str *parent = package ? str_intern(vm, name) : parent_name(vm, name);
	dict_set_str(vm, g, vm->names.name_, str_value(vm, name));
	dict_set_text(vm, g, "__package__", value_object(object_keep(parent)));
	if (file)
		dict_set_str(vm, g, vm->names.file_, str_value(vm, file));
	if (package) {
		value path = value_object(list_new(vm, 0));
		const char *end = file ? strrchr(file, '/') : NULL;
		list_append(as_list(path), end ? value_object(str_new(vm, file, end - file)) : str_value(vm, ""));
		dict_set_text(vm, g, "__path__", path);
	}
	dict_set_text(vm, vm->modules, name, value_object(object_keep(m)));
	return m;
}

static value module_failed(struct vm *vm, struct module *m, const char *name)
{
	dict_remove_str(vm->modules, str_intern(vm, name));
	object_drop(m);
	return VALUE_UNSET;
}

static value make_native(struct vm *vm, const struct module_spec *spec)
{
	struct module *m = module_begin(vm, spec->name, NULL, false);
	dict_set_str(vm, m->globals, vm->names.doc_, spec->doc ? str_value(vm, spec->doc) : VALUE_NONE);
	for (const struct native *n = spec->functions; n && n->name; n++) {
		value f = native_new(vm, n, NULL);
		((struct native_function *)f.o)->outside |= spec->outside;
		dict_set_text(vm, m->globals, n->name, f);
	}
	if (spec->fill && !spec->fill(vm, m->globals))
		return module_failed(vm, m, spec->name);
	return value_object(m);
}

static value make_source(struct vm *vm, const char *name, struct source *source, bool package)
{
	struct module *m = module_begin(vm, name, source->name, package);
	value done = vm_run(vm, source, m->globals, 0);
	source_drop(source);
	if (is_unset(done))
		return module_failed(vm, m, name);
	value_drop(done);
	return value_object(m);
}

/* Names of the library are looked up in its files also while these load: no other thread runs meanwhile. */
static value make_library(struct vm *vm, const char *name, struct source *source, bool package)
{
	vm->loading++;
	value made = make_source(vm, name, source, package);
	vm->loading--;
	return made;
}

/* ---- finding ------------------------------------------------------------------------------------------------------- */

static const struct embedded *find_embedded(const struct import *im, const char *path)
{
	size_t low = 0, high = im->file_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(path, im->files[middle].path);
		if (order == 0)
			return &im->files[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void file_name(struct buf *out, const char *folder, const char *dotted, const char *end)
{
	buf_clear(out);
	if (*folder)
		buf_print(out, "%s/", folder);
	for (const char *c = dotted; *c; c++)
		buf_char(out, *c == '.' ? '/' : *c);
	buf_text(out, end);
}

static const char *const endings[] = { ".pkt", "/__init__.pkt" };

static struct source *embedded_source(const struct import *im, const char *name, bool *package)
{
	struct source *found = NULL;
	struct buf path = { 0 };
	for (int i = 0; i < 2 && !found; i++) {
		file_name(&path, "", name, endings[i]);
		const struct embedded *file = find_embedded(im, buf_str(&path));
		if (!file)
			continue;
		struct buf shown = { 0 };
		buf_print(&shown, "<stdlib>/%s", file->path);
		found = source_new(buf_str(&shown), file->text, file->len);
		*package = i;
		buf_free(&shown);
	}
	buf_free(&path);
	return found;
}

/* NULL: not there, or raised when it is there and can't be read. */
static struct source *file_source(struct vm *vm, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	FILE *in = fopen(path, "rb");
	struct buf text = { 0 };
	char part[65536];
	size_t n;
	if (!in) {
		value name = str_value(vm, path);
		vm_raise_os(vm, errno, name);
		value_drop(name);
		return NULL;
	}
	while ((n = fread(part, 1, sizeof part, in)) > 0)
		buf_add(&text, part, n);
	bool bad = ferror(in);
	fclose(in);
	struct source *source = bad ? NULL : source_new(path, buf_str(&text), text.len);
	if (bad)
		vm_raise(vm, vm->errors.ImportError, "cannot read '%s'", path);
	buf_free(&text);
	return source;
}

/* The i-th folder of sys.path; NULL: there are fewer. What is no text there is passed over as "". */
static const char *folder_at(struct vm *vm, size_t i)
{
	const struct list *path = as_list(vm->own->path);
	if (i >= path->count)
		return NULL;
	return is_str(path->items[i]) ? as_str(path->items[i])->data : "";
}

static struct source *path_source(struct vm *vm, const char *name, bool *package)
{
	struct source *found = NULL;
	struct buf path = { 0 };
	const char *folder;
	for (size_t i = 0; !found && !vm_pending(vm) && (folder = folder_at(vm, i)); i++)
		for (int e = 0; e < 2 && !found && !vm_pending(vm); e++) {
			file_name(&path, folder, name, endings[e]);
			found = file_source(vm, buf_str(&path));
			*package = e;
		}
	buf_free(&path);
	return found;
}

/* `names`: room for every file's, one behind the other, since the nearest is pointed to until the end. */
struct walk { const struct import *im; size_t at; char *names, *end; };

static const char *next_module(void *state)
{
	struct walk *w = state;
	if (w->at < w->im->spec_count)
		return w->im->specs[w->at++]->name;
	size_t at = w->at++ - w->im->spec_count;
	if (at >= w->im->file_count)
		return NULL;
	const char *path = w->im->files[at].path;
	size_t len = strlen(path);
	if (len > 4)
		len -= 4;
	char *name = w->end;
	for (size_t i = 0; i < len; i++)
		*w->end++ = path[i] == '/' ? '.' : path[i];
	*w->end++ = 0;
	return name;
}

static value not_found(struct vm *vm, const char *name)
{
	struct walk walk = { .im = import_of(vm) };
	size_t room = 1;
	for (size_t i = 0; i < walk.im->file_count; i++)
		room += strlen(walk.im->files[i].path) + 1;
	walk.names = walk.end = mem_alloc(room);
	const char *near = text_nearest(name, next_module, &walk);
	vm_raise(vm, vm->errors.ModuleNotFoundError, near ? "No module named '%s'; did you mean '%s'?" : "No module named '%s'", name, near);
	mem_free(walk.names);
	if (is_kind(vm->pending, KIND_EXCEPTION))
		dict_set_text(vm, instance_dict(vm->pending.o, true), "name", str_value(vm, name));
	return VALUE_UNSET;
}

/* One module by its full name, with nothing done about its parents. */
static value load(struct vm *vm, const char *name)
{
	struct import *im = import_of(vm);
	bool package = false;
	value there = dict_get_text(vm, vm->modules, name);
	if (!is_unset(there) && !is_none(there))
		return value_keep(there);
	for (size_t i = 0; i < im->spec_count; i++)
		if (!strcmp(im->specs[i]->name, name))
			return make_native(vm, im->specs[i]);
	struct source *source = embedded_source(im, name, &package);
	if (source)
		return make_library(vm, name, source, package);
	source = path_source(vm, name, &package);
	if (source)
		return make_source(vm, name, source, package);
	if (vm_pending(vm))
		return VALUE_UNSET;
	if (!vm->hooks.find_module)
		return not_found(vm, name);
	value found = vm->hooks.find_module(vm, name);
	if (is_unset(found))
		return vm_pending(vm) ? found : not_found(vm, name);
	dict_set_text(vm, vm->modules, name, value_keep(found));
	return found;
}

static bool in_library(const struct import *im, const char *name)
{
	struct buf path = { 0 };
	bool found = false;
	for (int i = 0; i < 2 && !found; i++) {
		file_name(&path, "", name, endings[i]);
		found = find_embedded(im, buf_str(&path));
	}
	buf_free(&path);
	for (size_t i = 0; i < im->spec_count && !found; i++)
		found = !strcmp(im->specs[i]->name, name);
	return found;
}

/* A folder without __init__.pkt, or a native like os.path, has parents that are only names: a module for each. */
static value load_parent(struct vm *vm, const char *name, bool ours)
{
	/* what is called as the library's folder on the user's path is no part of the library */
	value there = dict_get_text(vm, vm->modules, name);
	if (ours && is_unset(there) && !in_library(import_of(vm), name))
		return value_object(module_begin(vm, name, NULL, true));
	value v = load(vm, name);
	if (!is_unset(v) || !vm_pending_is(vm, vm->errors.ModuleNotFoundError))
		return v;
	struct import *im = import_of(vm);
	size_t len = strlen(name);
	struct buf folder = { 0 };
	file_name(&folder, "", name, "/");
	bool any = false;
	for (size_t i = 0; i < im->file_count && !any; i++)
		any = !strncmp(im->files[i].path, buf_str(&folder), folder.len);
	for (size_t i = 0; i < im->spec_count && !any; i++)
		any = !strncmp(im->specs[i]->name, name, len) && im->specs[i]->name[len] == '.';
	const char *on_path;
	for (size_t i = 0; !any && (on_path = folder_at(vm, i)); i++) {
		struct stat st;
		file_name(&folder, on_path, name, "");
		any = stat(buf_str(&folder), &st) == 0 && S_ISDIR(st.st_mode);
	}
	buf_free(&folder);
	if (!any)
		return v;
	vm_clear(vm);
	return value_object(module_begin(vm, name, NULL, true));
}

static value import_full(struct vm *vm, const char *name, bool first)
{
	value parent = VALUE_UNSET, result = VALUE_UNSET;
	char *part = mem_text(name);
	bool ours = in_library(import_of(vm), name);
	for (size_t end = 0; end <= strlen(name); end++) {
		if (name[end] && name[end] != '.')
			continue;
		memcpy(part, name, end);
		part[end] = 0;
		value m = name[end] ? load_parent(vm, part, ours) : load(vm, part);
		const char *last = strrchr(part, '.');
		if (!is_unset(m) && last && is_kind(parent, KIND_MODULE))
			dict_set_text(vm, ((struct module *)parent.o)->globals, last + 1, value_keep(m));
		value_set(&parent, m);
		if (is_unset(m))
			break;
		if (is_unset(result) || !first)
			value_set(&result, value_keep(m));
	}
	if (is_unset(parent))
		value_set(&result, VALUE_UNSET);
	value_drop(parent);
	mem_free(part);
	return result;
}

/* ---- the statements ------------------------------------------------------------------------------------------------ */

static value import_relative(struct vm *vm, const char *name, unsigned level)
{
	struct dict *globals = frame_globals(vm);
	value package = globals ? dict_get_text(vm, globals, "__package__") : VALUE_UNSET;
	if (!is_str(package) || !as_str(package)->len)
		return vm_raise(vm, vm->errors.ImportError, "attempted relative import with no known parent package");
	struct buf full = { 0 };
	buf_text(&full, as_str(package)->data);
	for (unsigned i = 1; i < level; i++) {
		const char *dot = strrchr(buf_str(&full), '.');
		if (!dot) {
			buf_free(&full);
			return vm_raise(vm, vm->errors.ImportError, "attempted relative import beyond top-level package");
		}
		full.len = dot - full.data;
		full.data[full.len] = 0;
	}
	if (*name)
		buf_print(&full, ".%s", name);
	value m = import_full(vm, buf_str(&full), false);
	buf_free(&full);
	return m;
}

value import_dotted(struct vm *vm, struct str *name, unsigned level, bool first)
{
	return level ? import_relative(vm, name->data, level) : import_full(vm, name->data, first);
}

value vm_import(struct vm *vm, const char *name)
{
	return import_full(vm, name, false);
}

/* The name as a submodule, when the module can have some. */
static value submodule(struct vm *vm, value module, struct str *name)
{
	struct module *m = (struct module *)module.o;
	struct buf full = { 0 };
	buf_print(&full, "%s.%s", m->name->data, name->data);
	value found = import_full(vm, buf_str(&full), false);
	buf_free(&full);
	return found;
}

value import_name(struct vm *vm, value module, struct str *name)
{
	value v = value_attr_or_unset(vm, module, name);
	if (!is_unset(v) || vm_pending(vm))
		return v;
	if (is_kind(module, KIND_MODULE)) {
		v = submodule(vm, module, name);
		if (!is_unset(v) || !vm_pending_is(vm, vm->errors.ModuleNotFoundError))
			return v;
		vm_clear(vm);
	}
	value_attr(vm, module, name);
	struct buf text = { 0 };
	const char *near = NULL;
	if (is_kind(vm->pending, KIND_EXCEPTION) && value_str_to(vm, vm->pending, &text))
		near = strstr(buf_str(&text), "; did you mean");
	vm_clear(vm);
	const char *from = is_kind(module, KIND_MODULE) ? ((struct module *)module.o)->name->data : value_type_name(vm, module);
	vm_raise(vm, vm->errors.ImportError, "cannot import name '%s' from '%s'%s", name->data, from, near ? near : "");
	buf_free(&text);
	return VALUE_UNSET;
}

static bool star_listed(struct vm *vm, value module, value all, struct dict *into)
{
	value list = list_from(vm, all);
	bool ok = !is_unset(list);
	for (size_t i = 0; ok && i < as_list(list)->count; i++) {
		value name = as_list(list)->items[i];
		if (!is_str(name)) {
			ok = vm_raise_ok(vm, vm->errors.TypeError, "Item in __all__ must be str, not %s", value_type_name(vm, name));
			break;
		}
		struct str *key = str_intern_str(vm, object_keep(as_str(name)));
		value v = value_attr(vm, module, key);
		ok = !is_unset(v);
		if (ok)
			dict_set_str(vm, into, key, v);
	}
	value_drop(list);
	return ok;
}

bool import_star(struct vm *vm, value module, struct dict *into)
{
	value all = value_attr_or_unset(vm, module, vm->names.all_), key, item;
	if (!is_unset(all)) {
		bool ok = star_listed(vm, module, all, into);
		value_drop(all);
		return ok;
	}
	if (vm_pending(vm))
		return false;
	if (!is_kind(module, KIND_MODULE))
		return true;
	struct dict *globals = ((struct module *)module.o)->globals;
	for (uint32_t at = 0; globals != into && dict_next(globals, &at, &key, &item);)
		if (is_str(key) && as_str(key)->data[0] != '_')
			dict_set_str(vm, into, str_intern_str(vm, object_keep(as_str(key))), value_keep(item));
	return true;
}
