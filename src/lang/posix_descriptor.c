/* posix: descriptors and children. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/file.h"
#include "lang/modules.h"
#include "lang/posix.h"
#include "lang/record.h"
#include "lang/stream.h"

static bool fd_arg(struct vm *vm, value v, int *fd)
{
	int64_t n;

	if (!value_to_int64(vm, v, &n))
		return false;
	*fd = n < 0 || n > INT32_MAX ? -1 : (int)n;
	return true;
}

static value number_result(struct vm *vm, int64_t n)
{
	return n < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : value_int(n);
}

static value posix_open(struct vm *vm, value *a)
{
	struct buf path = {0};
	int64_t flags, mode;
	int fd = -1;

	if (value_to_int64(vm, a[1], &flags) && value_to_int64(vm, a[2], &mode) && file_path(vm, a[0], &path)) {
		while ((fd = open(buf_str(&path), (int)flags | O_CLOEXEC, (mode_t)mode)) < 0 && errno == EINTR && vm_poll(vm))
			;
		if (fd < 0 && !vm_pending(vm))
			vm_raise_os(vm, errno, a[0]);
	}
	buf_free(&path);
	return fd < 0 ? VALUE_UNSET : value_int(fd);
}

static value posix_read(struct vm *vm, value *a)
{
	int64_t len;
	int fd;

	if (!fd_arg(vm, a[0], &fd) || !value_to_int64(vm, a[1], &len))
		return VALUE_UNSET;
	if (len < 0)
		return vm_raise_os(vm, EINVAL, VALUE_NONE);
	char *bytes = mem_try((size_t)len + 1);
	if (!bytes)
		return vm_raise(vm, vm->errors.MemoryError, "no room for %lld bytes", (long long)len);
	int64_t got = stream_wait(vm, fd, POLLIN) ? stream_read_fd(vm, fd, bytes, (size_t)len) : -1;
	value v = got < 0 ? VALUE_UNSET : bytes_value(vm, bytes, (size_t)got);
	mem_free(bytes);
	return v;
}

static value posix_write(struct vm *vm, value *a)
{
	struct view view;
	int fd;

	if (!fd_arg(vm, a[0], &fd) || !value_to_view(vm, a[1], &view))
		return VALUE_UNSET;
	for (;;) {
		if (!stream_wait(vm, fd, POLLOUT) || !value_to_view(vm, a[1], &view))
			return VALUE_UNSET;
		ssize_t put = write(fd, view.bytes, vm->threads && view.len > PIPE_BUF ? PIPE_BUF : view.len);
		if (put >= 0 || errno != EINTR)
			return number_result(vm, put);
		if (!vm_poll(vm))
			return VALUE_UNSET;
	}
}

static value posix_close(struct vm *vm, value *a)
{
	int fd;
	return fd_arg(vm, a[0], &fd) ? posix_result(vm, close(fd), VALUE_NONE) : VALUE_UNSET;
}

static value posix_lseek(struct vm *vm, value *a)
{
	int64_t to, whence;
	int fd;

	if (!fd_arg(vm, a[0], &fd) || !value_to_int64(vm, a[1], &to) || !value_to_int64(vm, a[2], &whence))
		return VALUE_UNSET;
	return number_result(vm, lseek(fd, to, (int)whence));
}

static value posix_dup(struct vm *vm, value *a)
{
	int fd;
	return fd_arg(vm, a[0], &fd) ? number_result(vm, fcntl(fd, F_DUPFD_CLOEXEC, 0)) : VALUE_UNSET;
}

static value posix_dup2(struct vm *vm, value *a)
{
	int from, to;
	return fd_arg(vm, a[0], &from) && fd_arg(vm, a[1], &to) ? number_result(vm, dup2(from, to)) : VALUE_UNSET;
}

static value posix_fsync(struct vm *vm, value *a)
{
	int fd;
	return fd_arg(vm, a[0], &fd) ? posix_result(vm, fsync(fd), VALUE_NONE) : VALUE_UNSET;
}

static value posix_isatty(struct vm *vm, value *a)
{
	int fd;
	return fd_arg(vm, a[0], &fd) ? value_bool(isatty(fd)) : VALUE_UNSET;
}

static value posix_pipe(struct vm *vm, value *a)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return tuple_of(vm, 2, (value[]){ value_int(ends[0]), value_int(ends[1]) });
}

static const struct getset size_fields[] = { { "columns", record_get_0 }, { "lines", record_get_1 }, {0} };
static const struct type_spec size_spec = { .name = "terminal_size", .doc = "Columns and lines of a terminal.", .attrs = size_fields, RECORD_SPEC };

static value posix_terminal_size(struct vm *vm, value *a)
{
	struct winsize size;
	int fd;

	if (!fd_arg(vm, a[0], &fd))
		return VALUE_UNSET;
	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return record_new(vm, vm->own->terminal_size, 2, (value[]){ value_int(size.ws_col), value_int(size.ws_row) });
}

/* ---- children -------------------------------------------------------------------------------------------------------- */

/* In the child: signals as usual, none of our descriptors, `use` (or -1) as descriptor `as`. */
static void become_shell(const char *command, int use, int as)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);          /* a thread that is not the main one blocks them all */
	if (use >= 0)
		dup2(use, as);
	close_range(3, ~0U, 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* As system(3): Ctrl-C and Ctrl-\ are the child's while it runs. */
static int run_shell(const char *command)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	int status;

	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid_t pid = fork();
	if (pid == 0)
		become_shell(command, -1, 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return pid < 0 ? -1 : status;
}

static value posix_system(struct vm *vm, value *a)
{
	struct buf command = {0};
	value r = VALUE_UNSET;

	if (file_path(vm, a[0], &command) && file_flush_standard(vm))
		r = number_result(vm, VM_WAIT(vm, run_shell(buf_str(&command))));
	buf_free(&command);
	return r;
}

static value popen_file(struct vm *vm, const char *command, const char *mode, bool reads)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	pid_t pid = fork();
	if (pid == 0)
		become_shell(command, ends[reads], reads);
	close(ends[reads]);
	if (pid < 0) {
		close(ends[!reads]);
		return vm_raise_os(vm, errno, VALUE_NONE);
	}
	struct stream *s = stream_new(ends[!reads], (reads ? STREAM_READ : STREAM_WRITE) | STREAM_CHILD);
	s->child = pid;
	return file_from_stream(vm, s, mode, value_int(ends[!reads]));
}

static value posix_popen(struct vm *vm, value *a)
{
	struct buf command = {0};
	const char *mode = is_str(a[1]) ? as_str(a[1])->data : "";
	value r = VALUE_UNSET;

	if (strcmp(mode, "r") && strcmp(mode, "w"))
		return vm_raise(vm, vm->errors.ValueError, "invalid mode '%s'", mode);
	if (file_path(vm, a[0], &command) && file_flush_standard(vm))
		r = popen_file(vm, buf_str(&command), mode, *mode == 'r');
	buf_free(&command);
	return r;
}

static value posix_waitpid(struct vm *vm, value *a)
{
	int64_t pid, options;
	int status = 0;

	if (!value_to_int64(vm, a[0], &pid) || !value_to_int64(vm, a[1], &options))
		return VALUE_UNSET;
	for (;;) {
		pid_t got = VM_WAIT(vm, waitpid((pid_t)pid, &status, (int)options));
		if (got >= 0)
			return tuple_of(vm, 2, (value[]){ value_int(got), value_int(status) });
		if (errno != EINTR)
			return vm_raise_os(vm, errno, VALUE_NONE);
		if (!vm_poll(vm))
			return VALUE_UNSET;
	}
}

static value posix_exit_code(struct vm *vm, value *a)
{
	int64_t status;

	if (!value_to_int64(vm, a[0], &status))
		return VALUE_UNSET;
	if (WIFEXITED((int)status))
		return value_int(WEXITSTATUS((int)status));
	if (WIFSIGNALED((int)status))
		return value_int(-WTERMSIG((int)status));
	return vm_raise(vm, vm->errors.ValueError, "invalid wait status: %lld", (long long)status);
}

static const struct native functions[] = {
	{ "open", posix_open, "path, flags, mode=511", "Opens a file and gives its descriptor." },
	{ "read", posix_read, "fd, n, /", "Reads up to n bytes from a descriptor." },
	{ "write", posix_write, "fd, data, /", "Writes bytes to a descriptor and says how many went." },
	{ "close", posix_close, "fd", "Closes a descriptor." },
	{ "lseek", posix_lseek, "fd, position, how, /", "Moves a descriptor's place." },
	{ "dup", posix_dup, "fd, /", "Another descriptor for the same file." },
	{ "dup2", posix_dup2, "fd, fd2", "Makes fd2 a descriptor for the same file as fd." },
	{ "fsync", posix_fsync, "fd", "Waits until what was written is on the disk." },
	{ "isatty", posix_isatty, "fd, /", "Whether the descriptor is a terminal." },
	{ "pipe", posix_pipe, "", "A pipe's descriptors: (read end, write end)." },
	{ "get_terminal_size", posix_terminal_size, "fd=1, /", "Columns and lines of the terminal." },
	{ "system", posix_system, "command", "Runs a command in the shell and gives its wait status." },
	{ "popen", posix_popen, "cmd, mode='r', buffering=-1", "Runs a command; the file reads its output or writes its input." },
	{ "waitpid", posix_waitpid, "pid, options, /", "Waits for a child: (process, wait status)." },
	{ "waitstatus_to_exitcode", posix_exit_code, "status", "The exit status in a wait status; negative: the signal." },
	{0}
};

void posix_add_descriptors(struct vm *vm, struct dict *globals)
{
	vm->own->terminal_size = module_new_type(vm, globals, &size_spec, "os");
	for (const struct native *n = functions; n->name; n++) {
		value f = native_new(vm, n, NULL);
		((struct native_function *)f.o)->outside = true;
		dict_set_text(vm, globals, n->name, f);
	}
}
