/* The program: a machine with the library, and one of the ways to run something in it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/ast.h"
#include "lang/code.h"
#include "lang/file.h"
#include "lang/stream.h"
#include "lang/modules.h"
#include "lang/types.h"
#include "net/wire.h"
#include "shell/check.h"
#include "shell/index.h"
#include "shell/interrupt.h"
#include "shell/library.h"
#include "shell/options.h"
#include "shell/prompt.h"
#include "shell/report.h"
#include "shell/scapy.h"

/* Where import looks behind the library in the program: the script's folder (here, when there is none), then PKTSH_PATH's. */
static void add_paths(struct vm *vm, const struct options *o)
{
	char *copy = o->mode == MODE_FILE ? mem_text(o->text) : mem_text("./x");
	vm_add_path(vm, dirname(copy));
	mem_free(copy);
	const char *path = getenv("PKTSH_PATH");
	char *folders = mem_text(path ? path : ""), *save = NULL;
	for (char *folder = strtok_r(folders, ":", &save); folder; folder = strtok_r(NULL, ":", &save))
		vm_add_path(vm, folder);
	mem_free(folders);
}

/* sys.argv: what is run, then its arguments; sys.executable: this program. */
static void set_argv(struct vm *vm, const struct options *o)
{
	char self[PATH_MAX] = "";
	char **argv = mem_alloc((o->argc + 1) * sizeof *argv);
	argv[0] = (char *)o->name;
	memcpy(argv + 1, o->argv, o->argc * sizeof *argv);
	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		self[0] = 0;
	sys_set_argv(vm, self, o->argc + 1, argv);
	mem_free(argv);
}

static value leave(struct vm *vm, value *a)
{
	value exception = exception_new(vm, vm->errors.SystemExit, value_keep(a[0]));
	return is_unset(exception) ? exception : vm_raise_value(vm, exception);
}

static const struct native FUNCTIONS[] = {
	{ "exit", leave, "code=None", "Ends the program; code is its status, or a text to be said with status 1." },
	{ "quit", leave, "code=None", "Ends the program, as exit() does." },
	{ 0 },
};

/* The module __main__'s names. */
static struct dict *make_main(struct vm *vm, const struct options *o)
{
	struct module *module = module_new(vm, "__main__");
	struct dict *globals = object_keep(module->globals);
	dict_set_text(vm, globals, "__name__", str_value(vm, "__main__"));
	if (o->mode == MODE_FILE)
		dict_set_text(vm, globals, "__file__", str_value(vm, o->text));
	dict_set_text(vm, vm->modules, "__main__", value_object(module));
	return globals;
}

static bool read_all(struct vm *vm, int fd, struct buf *out)
{
	for (;;) {
		buf_reserve(out, 1 << 16);
		int64_t n = stream_read_fd(vm, fd, out->data + out->len, 1 << 16);
		if (n < 0)
			return false;
		if (n == 0)
			return true;
		out->len += n;
		out->data[out->len] = 0;
	}
}

static struct source *read_descriptor(struct vm *vm, int fd, const char *name)
{
	struct buf text = { 0 };
	struct source *source = read_all(vm, fd, &text) ? source_new(name, buf_str(&text), text.len) : NULL;
	buf_free(&text);
	return source;
}

static struct source *read_script(struct vm *vm, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		fd = -1;
	}
	if (fd < 0) {
		fprintf(stderr, "pktsh: cannot open '%s': %s\n", path, strerror(errno));
		return NULL;
	}
	struct source *source = read_descriptor(vm, fd, path);
	close(fd);
	return source;
}

static struct source *read_source(struct vm *vm, const struct options *o)
{
	if (o->mode == MODE_FILE)
		return read_script(vm, o->text);
	if (o->mode == MODE_CODE)
		return source_new("<string>", o->text, strlen(o->text));
	return read_descriptor(vm, STDIN_FILENO, "<stdin>");
}

/* Runs the program that the options name; its status. *leave: it asked to end. */
static int run_program(struct vm *vm, const struct options *o, struct dict *globals, bool *leave)
{
	struct source *source = read_source(vm, o);
	if (!source)
		return vm_pending(vm) ? report_pending(vm, leave) : STATUS_USAGE;
	value_drop(vm_run(vm, source, globals, 0));
	source_drop(source);
	int status = vm_pending(vm) || !vm_settle(vm) || !file_flush_standard(vm) ? report_pending(vm, leave) : STATUS_OK;
	if (!vm_settle(vm))
		status = report_pending(vm, leave);
	/* at the prompt that follows, threads go on */
	if (!(o->stay && !*leave) && (!threads_finish(vm) || !vm_settle(vm) || !file_flush_standard(vm)))
		return report_pending(vm, leave);
	return status;
}

static bool disassemble(struct vm *vm, struct source *source)
{
	struct ast *ast = ast_parse(source, 0);
	struct code *code = NULL;
	if (ast->error.kind)
		vm_raise_error(vm, &ast->error);
	else
		code = compile(vm, ast, 0);
	ast_free(ast);
	if (!code)
		return false;
	struct buf text = { 0 };
	code_dump(code, &text);
	fwrite(text.data, 1, text.len, stdout);
	buf_free(&text);
	object_drop(code);
	return true;
}

/* --check and --disassemble: each file is read, none is run. */
static int read_only(struct vm *vm, const struct options *o)
{
	int status = STATUS_OK;
	bool leave;
	for (int i = 0; i < o->argc; i++) {
		struct source *source = read_script(vm, o->argv[i]);
		if (!source)
			return vm_pending(vm) ? report_pending(vm, &leave) : STATUS_USAGE;
		if (o->mode == MODE_DISASSEMBLE ? !disassemble(vm, source) : check_source(vm, source) > 0)
			status = vm_pending(vm) ? report_pending(vm, &leave) : STATUS_ERROR;
		source_drop(source);
	}
	return status;
}

static int run(struct vm *vm, const struct options *o)
{
	if (o->mode == MODE_CHECK || o->mode == MODE_DISASSEMBLE)
		return read_only(vm, o);
	int status = STATUS_OK;
	bool leave = false;
	struct dict *globals = make_main(vm, o);
	if (o->mode != MODE_PROMPT)
		status = run_program(vm, o, globals, &leave);
	if (o->mode == MODE_PROMPT || (o->stay && !leave))
		status = prompt_run(vm, globals, o->mode == MODE_PROMPT);
	object_drop(globals);
	return status;
}

/* Packets, and the wire under them. */
static bool packets_make(struct vm *vm)
{
	if (!world_make(vm))
		return false;
	world_of(vm)->find = index_find;
	layers_set_index(vm, index_bindings, index_binding_count, index_links, index_link_count);
	return wire_make(vm);
}

int main(int argc, char **argv)
{
	struct options options;
	int status;
	bool leave;
	if (!options_read(&options, argc, argv, &status))
		return status;
	signal(SIGPIPE, SIG_IGN);
	mem_recover();
	struct vm *vm = vm_new();
	interrupt_install(vm);
	vm_set_library(vm, library_files, library_count);
	index_install(vm);
	if (!packets_make(vm))
		return report_pending(vm, &leave);
	scapy_install(vm);
	vm_add_builtins(vm, FUNCTIONS);
	set_argv(vm, &options);
	if (options.mode != MODE_CHECK)
		add_paths(vm, &options);
	status = run(vm, &options);
	if (!threads_end(vm)) {
		fflush(NULL);
		_exit(status);
	}
	interrupt_remove();
	wire_free(vm);
	struct world *world = world_of(vm);
	vm_free(vm);
	world_free(world);
	return status;
}
