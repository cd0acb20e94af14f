/* _spawn: starting a program, for stdlib/subprocess.pkt. The child gets three descriptors and none of our others; what keeps it
 * from starting comes back through a pipe that its start closes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/file.h"
#include "lang/modules.h"
#include "lang/types.h"

extern char **environ;

/* A list of texts as execve wants it. NULL: raised. */
static char **texts_of(struct vm *vm, value list, size_t *count)
{
	const value *items;
	if (!value_items(list, &items, count))
		return vm_raise_ok(vm, vm->errors.TypeError, "a list of str is needed"), NULL;
	char **texts = mem_zero((*count + 1) * sizeof *texts);
	for (size_t i = 0; i < *count; i++) {
		struct buf text = {0};
		bool ok = file_path(vm, items[i], &text);
		if (ok)
			texts[i] = mem_text(buf_str(&text));
		buf_free(&text);
		if (!ok) {
			while (i-- > 0)
				mem_free(texts[i]);
			mem_free(texts);
			return NULL;
		}
	}
	return texts;
}

static void texts_free(char **texts)
{
	for (char **at = texts; at && *at; at++)
		mem_free(*at);
	mem_free(texts);
}

struct child {
	const char *program;
	char **args, **env;             /* env NULL: ours */
	const char *folder;             /* NULL: ours */
	int ends[3];                    /* its stdin, stdout, stderr; -1: ours */
	const int *kept;                /* further descriptors it gets under their own numbers */
	size_t kept_count;
	bool session;
};

/* In the child, where other threads' locks may be held for ever: system calls only. Returns when something failed, with errno. */
static void become(const struct child *c, int tell)
{
	static const int usual[] = { SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP };
	sigset_t none;
	sigemptyset(&none);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		signal(usual[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int ends[3];
	for (int i = 0; i < 3; i++)             /* out of each other's way first */
		if ((ends[i] = fcntl(c->ends[i] < 0 ? i : c->ends[i], F_DUPFD_CLOEXEC, 3)) < 0 && (c->ends[i] >= 0 || errno != EBADF))
			return;
	for (int i = 0; i < 3; i++)
		if (ends[i] >= 0 && dup2(ends[i], i) < 0)
			return;
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < c->kept_count; i++)
		if (c->kept[i] > 2 && c->kept[i] != tell)
			fcntl(c->kept[i], F_SETFD, 0);
	if ((c->folder && chdir(c->folder) < 0) || (c->session && setsid() < 0))
		return;
	execvpe(c->program, c->args, c->env ? c->env : environ);
}

/* Its process id; -1 with errno. */
static pid_t run(const struct child *c)
{
	int tell[2], code = 0;
	if (pipe2(tell, O_CLOEXEC) < 0)
		return -1;
	if (tell[1] < 3) {                      /* not where the child's own will be */
		int up = fcntl(tell[1], F_DUPFD_CLOEXEC, 3);
		close(tell[1]);
		tell[1] = up;
	}
	pid_t pid = fork();
	if (pid == 0) {
		become(c, tell[1]);
		code = errno;
		_exit(write(tell[1], &code, sizeof code) == sizeof code ? 127 : 126);
	}
	int failed = errno;
	close(tell[1]);
	if (pid > 0)
		while (read(tell[0], &code, sizeof code) < 0 && errno == EINTR)
			;
	close(tell[0]);
	if (pid > 0 && code) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		failed = code;
		pid = -1;
	}
	errno = failed;
	return pid;
}

static bool numbers_of(struct vm *vm, value list, int **out, size_t *count)
{
	const value *items;
	if (!value_items(list, &items, count))
		return vm_raise_ok(vm, vm->errors.TypeError, "a sequence of descriptors is needed");
	*out = mem_alloc((*count + 1) * sizeof **out);
	for (size_t i = 0; i < *count; i++) {
		int64_t fd;
		if (!value_to_int64(vm, items[i], &fd))
			return false;
		(*out)[i] = (int)fd;
	}
	return true;
}

static void refuse(struct vm *vm, int code, const char *of)
{
	value name = str_value(vm, of);
	vm_raise_os(vm, code, name);
	value_drop(name);
}

static value spawn(struct vm *vm, value *a)
{
	struct child c = { 0 };
	struct buf folder = {0}, program = {0};
	size_t count = 0, ends = 0;
	int *standard = NULL, *kept = NULL;
	pid_t pid = -1;
	bool ok = (c.args = texts_of(vm, a[0], &count)) && (is_none(a[1]) || (c.env = texts_of(vm, a[1], &ends))) &&
		(is_none(a[2]) || file_path(vm, a[2], &folder)) && numbers_of(vm, a[3], &standard, &ends) && numbers_of(vm, a[4], &kept, &c.kept_count) &&
		value_truth(vm, a[5], &c.session) && (is_none(a[6]) || file_path(vm, a[6], &program));
	if (ok && (count < 1 || ends != 3))
		ok = vm_raise_ok(vm, vm->errors.ValueError, count < 1 ? "no program is named" : "three descriptors are needed");
	if (ok) {
		memcpy(c.ends, standard, sizeof c.ends);
		c.kept = kept;
		c.folder = is_none(a[2]) ? NULL : buf_str(&folder);
		c.program = is_none(a[6]) ? c.args[0] : buf_str(&program);
		pid = run(&c);
		if (pid < 0)
			refuse(vm, errno, c.folder && access(c.folder, X_OK) < 0 ? c.folder : c.program);
	}
	texts_free(c.args);
	texts_free(c.env);
	mem_free(standard);
	mem_free(kept);
	buf_free(&folder);
	buf_free(&program);
	return pid < 0 ? VALUE_UNSET : value_int(pid);
}

static const struct native functions[] = {
	{ "spawn", spawn, "args, env=None, cwd=None, fds=(), pass_fds=(), new_session=False, executable=None",
		"Starts a program with the three descriptors of `fds` (-1: ours) as stdin, stdout, stderr; its process number." },
	{ 0 },
};

const struct module_spec module__spawn = { "_spawn", "Starting programs.", functions, NULL, true };
