/* posix: the system calls behind os. What can be made of them in the language is in stdlib/os.pkt. */
#include "lang/posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang/file.h"
#include "lang/modules.h"
#include "lang/record.h"

/* None when `code` is 0 or more, else OSError about `path` (unset: about nothing). */
value posix_result(struct vm *vm, int code, value path)
{
	return code < 0 ? vm_raise_os(vm, errno, is_unset(path) ? VALUE_NONE : path) : VALUE_NONE;
}

typedef int (*path_fn)(const char *path, int64_t number);

/* f on a path, with a number for those that take one. */
static value on_path(struct vm *vm, value path, path_fn f, int64_t number)
{
	struct buf text = {0};
	value r = file_path(vm, path, &text) ? posix_result(vm, f(buf_str(&text), number), path) : VALUE_UNSET;

	buf_free(&text);
	return r;
}

static value on_path_number(struct vm *vm, value *a, path_fn f)
{
	int64_t number;
	return value_to_int64(vm, a[1], &number) ? on_path(vm, a[0], f, number) : VALUE_UNSET;
}

static int call_unlink(const char *path, int64_t n) { return unlink(path); }
static int call_rmdir(const char *path, int64_t n) { return rmdir(path); }
static int call_chdir(const char *path, int64_t n) { return chdir(path); }
static int call_mkdir(const char *path, int64_t mode) { return mkdir(path, (mode_t)mode); }
static int call_chmod(const char *path, int64_t mode) { return chmod(path, (mode_t)mode); }
static int call_truncate(const char *path, int64_t len) { return truncate(path, len); }
static int call_mkfifo(const char *path, int64_t mode) { return mkfifo(path, (mode_t)mode); }

static value posix_remove(struct vm *vm, value *a) { return on_path(vm, a[0], call_unlink, 0); }
static value posix_rmdir(struct vm *vm, value *a) { return on_path(vm, a[0], call_rmdir, 0); }
static value posix_chdir(struct vm *vm, value *a) { return on_path(vm, a[0], call_chdir, 0); }
static value posix_mkdir(struct vm *vm, value *a) { return on_path_number(vm, a, call_mkdir); }
static value posix_chmod(struct vm *vm, value *a) { return on_path_number(vm, a, call_chmod); }
static value posix_truncate(struct vm *vm, value *a) { return on_path_number(vm, a, call_truncate); }
static value posix_mkfifo(struct vm *vm, value *a) { return on_path_number(vm, a, call_mkfifo); }

/* ---- two paths ---------------------------------------------------------------------------------------------------------- */

static value on_paths(struct vm *vm, value *a, int (*f)(const char *from, const char *to))
{
	struct buf from = {0}, to = {0};
	value r = VALUE_UNSET;

	if (file_path(vm, a[0], &from) && file_path(vm, a[1], &to))
		r = posix_result(vm, f(buf_str(&from), buf_str(&to)), a[0]);
	buf_free(&from);
	buf_free(&to);
	return r;
}

static value posix_rename(struct vm *vm, value *a) { return on_paths(vm, a, rename); }
static value posix_link(struct vm *vm, value *a) { return on_paths(vm, a, link); }
static value posix_symlink(struct vm *vm, value *a) { return on_paths(vm, a, symlink); }

/* ---- what a path says ---------------------------------------------------------------------------------------------------- */

static value posix_access(struct vm *vm, value *a)
{
	struct buf text = {0};
	int64_t mode;
	value r = VALUE_UNSET;

	if (value_to_int64(vm, a[1], &mode) && file_path(vm, a[0], &text))
		r = value_bool(access(buf_str(&text), (int)mode) == 0);
	buf_free(&text);
	return r;
}

static value posix_readlink(struct vm *vm, value *a)
{
	struct buf text = {0};
	char to[4096];
	value r = VALUE_UNSET;

	if (file_path(vm, a[0], &text)) {
		ssize_t len = readlink(buf_str(&text), to, sizeof to);
		r = len < 0 ? vm_raise_os(vm, errno, a[0]) : value_object(str_new(vm, to, (size_t)len));
	}
	buf_free(&text);
	return r;
}

static value posix_getcwd(struct vm *vm, value *a)
{
	char *path = getcwd(NULL, 0);

	if (!path)
		return vm_raise_os(vm, errno, VALUE_NONE);
	value v = str_value(vm, path);
	free(path);
	return v;
}

static value posix_listdir(struct vm *vm, value *a)
{
	struct buf text = {0};
	struct dirent *entry;
	DIR *dir = NULL;

	if (is_none(a[0]))
		buf_text(&text, ".");
	else if (!file_path(vm, a[0], &text))
		return buf_free(&text), VALUE_UNSET;
	dir = opendir(buf_str(&text));
	buf_free(&text);
	if (!dir)
		return vm_raise_os(vm, errno, is_none(a[0]) ? VALUE_NONE : a[0]);
	struct list *names = list_new(vm, 0);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			list_append(names, is_bytes(a[0]) ? bytes_value(vm, entry->d_name, strlen(entry->d_name)) : str_value(vm, entry->d_name));
	closedir(dir);
	return value_object(names);
}

/* ---- stat ------------------------------------------------------------------------------------------------------------- */

static const struct getset stat_fields[] = {
	{ "st_mode", record_get_0 }, { "st_ino", record_get_1 }, { "st_dev", record_get_2 }, { "st_nlink", record_get_3 },
	{ "st_uid", record_get_4 }, { "st_gid", record_get_5 }, { "st_size", record_get_6 }, { "st_atime", record_get_7 },
	{ "st_mtime", record_get_8 }, { "st_ctime", record_get_9 }, {0}
};
static const struct type_spec stat_spec = { .name = "stat_result", .doc = "What stat() says about a file.", .attrs = stat_fields, RECORD_SPEC };

static void add_time(struct vm *vm, struct dict *d, const char *name, struct timespec t)
{
	dict_set_text(vm, d, name, value_int(t.tv_sec * 1000000000LL + t.tv_nsec));
}

static value seconds(struct timespec t)
{
	return value_float((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
}

static value stat_value(struct vm *vm, const struct stat *st)
{
	value items[] = {
		value_int(st->st_mode), int_from_u64(vm, st->st_ino), int_from_u64(vm, st->st_dev), value_int((int64_t)st->st_nlink),
		value_int(st->st_uid), value_int(st->st_gid), value_int(st->st_size), seconds(st->st_atim), seconds(st->st_mtim),
		seconds(st->st_ctim),
	};
	value v = record_new(vm, vm->own->stat_result, 10, items);
	struct dict *d = instance_dict(v.o, true);

	add_time(vm, d, "st_atime_ns", st->st_atim);
	add_time(vm, d, "st_mtime_ns", st->st_mtim);
	add_time(vm, d, "st_ctime_ns", st->st_ctim);
	dict_set_text(vm, d, "st_blocks", value_int(st->st_blocks));
	dict_set_text(vm, d, "st_blksize", value_int(st->st_blksize));
	dict_set_text(vm, d, "st_rdev", int_from_u64(vm, st->st_rdev));
	return v;
}

static value stat_of(struct vm *vm, value path, bool follow)
{
	struct buf text = {0};
	struct stat st;
	int64_t fd;

	if (is_int(path)) {
		if (!value_to_int64(vm, path, &fd))
			return VALUE_UNSET;
		return fstat((int)fd, &st) < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : stat_value(vm, &st);
	}
	bool ok = file_path(vm, path, &text);
	int code = ok ? (follow ? stat : lstat)(buf_str(&text), &st) : 0;
	buf_free(&text);
	if (!ok)
		return VALUE_UNSET;
	return code < 0 ? vm_raise_os(vm, errno, path) : stat_value(vm, &st);
}

static value posix_stat(struct vm *vm, value *a) { return stat_of(vm, a[0], true); }
static value posix_lstat(struct vm *vm, value *a) { return stat_of(vm, a[0], false); }

static value posix_utime(struct vm *vm, value *a)
{
	const value *times;
	size_t count;
	double seconds_of[2];
	struct timespec t[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct buf text = {0};

	if (!is_none(a[1])) {
		if (!value_items(a[1], &times, &count) || count != 2)
			return vm_raise(vm, vm->errors.TypeError, "utime: 'times' must be either a tuple of two ints or None");
		for (int i = 0; i < 2; i++) {
			if (!value_to_double(vm, times[i], &seconds_of[i]))
				return VALUE_UNSET;
			t[i].tv_sec = (time_t)seconds_of[i];
			t[i].tv_nsec = (long)((seconds_of[i] - (double)t[i].tv_sec) * 1e9);
		}
	}
	value r = file_path(vm, a[0], &text) ? posix_result(vm, utimensat(AT_FDCWD, buf_str(&text), t, 0), a[0]) : VALUE_UNSET;
	buf_free(&text);
	return r;
}

/* ---- the process and the machine --------------------------------------------------------------------------------------- */

static value posix_getpid(struct vm *vm, value *a) { return value_int(getpid()); }
static value posix_getppid(struct vm *vm, value *a) { return value_int(getppid()); }
static value posix_getuid(struct vm *vm, value *a) { return value_int(getuid()); }
static value posix_geteuid(struct vm *vm, value *a) { return value_int(geteuid()); }
static value posix_getgid(struct vm *vm, value *a) { return value_int(getgid()); }
static value posix_getegid(struct vm *vm, value *a) { return value_int(getegid()); }
static value posix_cpu_count(struct vm *vm, value *a) { return value_int(sysconf(_SC_NPROCESSORS_ONLN)); }

static value posix_umask(struct vm *vm, value *a)
{
	int64_t mask;
	return value_to_int64(vm, a[0], &mask) ? value_int(umask((mode_t)mask)) : VALUE_UNSET;
}

static value posix_kill(struct vm *vm, value *a)
{
	int64_t pid, number;

	if (!value_to_int64(vm, a[0], &pid) || !value_to_int64(vm, a[1], &number))
		return VALUE_UNSET;
	if (kill((pid_t)pid, (int)number) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return vm_poll(vm) ? VALUE_NONE : VALUE_UNSET;
}

static value posix_exit(struct vm *vm, value *a)
{
	int64_t status;
	return value_to_int64(vm, a[0], &status) ? (_exit((int)status), VALUE_NONE) : VALUE_UNSET;
}

static value posix_urandom(struct vm *vm, value *a)
{
	int64_t len;

	if (!value_to_int64(vm, a[0], &len))
		return VALUE_UNSET;
	if (len < 0)
		return vm_raise(vm, vm->errors.ValueError, "negative argument not allowed");
	if (len > 1 << 30)
		return vm_raise(vm, vm->errors.MemoryError, "too many random bytes");
	struct bytes *b = bytes_new(vm, NULL, (size_t)len);
	for (size_t at = 0; b && at < b->len;) {
		ssize_t got = getrandom(b->data + at, b->len - at, 0);
		if (got < 0 && errno != EINTR) {
			object_drop(b);
			return vm_raise_os(vm, errno, VALUE_NONE);
		}
		at += got > 0 ? (size_t)got : 0;
	}
	return b ? value_object(b) : VALUE_UNSET;
}

static const struct getset uname_fields[] = {
	{ "sysname", record_get_0 }, { "nodename", record_get_1 }, { "release", record_get_2 }, { "version", record_get_3 },
	{ "machine", record_get_4 }, {0}
};
static const struct type_spec uname_spec = { .name = "uname_result", .doc = "What uname() says.", .attrs = uname_fields, RECORD_SPEC };

static value posix_uname(struct vm *vm, value *a)
{
	struct utsname u;

	uname(&u);
	value items[] = { str_value(vm, u.sysname), str_value(vm, u.nodename), str_value(vm, u.release), str_value(vm, u.version),
		str_value(vm, u.machine) };
	return record_new(vm, vm->own->uname_result, 5, items);
}

static value posix_strerror(struct vm *vm, value *a)
{
	int64_t code;
	return value_to_int64(vm, a[0], &code) ? str_value(vm, strerror((int)code)) : VALUE_UNSET;
}

/* ---- the environment ---------------------------------------------------------------------------------------------------- */

static value environment(struct vm *vm)
{
	struct dict *d = dict_new(vm);

	for (char **e = environ; e && *e; e++) {
		const char *equals = strchr(*e, '=');
		if (!equals)
			continue;
		value key = value_object(str_new(vm, *e, (size_t)(equals - *e)));
		dict_set(vm, d, key, str_value(vm, equals + 1));
		value_drop(key);
	}
	return value_object(d);
}

static bool environment_name(struct vm *vm, value name, struct buf *out)
{
	if (!file_path(vm, name, out))
		return false;
	return (out->len && !strchr(out->data, '=')) || vm_raise_ok(vm, vm->errors.ValueError, "illegal environment variable name");
}

static value posix_putenv(struct vm *vm, value *a)
{
	struct buf name = {0}, to = {0};
	value r = VALUE_UNSET;

	if (environment_name(vm, a[0], &name) && file_path(vm, a[1], &to))
		r = posix_result(vm, setenv(buf_str(&name), buf_str(&to), 1), VALUE_NONE);
	buf_free(&name);
	buf_free(&to);
	return r;
}

static value posix_unsetenv(struct vm *vm, value *a)
{
	struct buf name = {0};
	value r = environment_name(vm, a[0], &name) ? posix_result(vm, unsetenv(buf_str(&name)), VALUE_NONE) : VALUE_UNSET;

	buf_free(&name);
	return r;
}

static const struct native functions[] = {
	{ "remove", posix_remove, "path", "Removes a file." },
	{ "unlink", posix_remove, "path", "Removes a file." },
	{ "rmdir", posix_rmdir, "path", "Removes an empty folder." },
	{ "mkdir", posix_mkdir, "path, mode=511", "Makes a folder." },
	{ "mkfifo", posix_mkfifo, "path, mode=438", "Makes a named pipe." },
	{ "chdir", posix_chdir, "path", "Makes a folder the current one." },
	{ "chmod", posix_chmod, "path, mode", "Sets who may read, write and run a file." },
	{ "truncate", posix_truncate, "path, length", "Cuts (or lengthens) a file." },
	{ "rename", posix_rename, "src, dst", "Renames a file or folder." },
	{ "replace", posix_rename, "src, dst", "Renames a file or folder, over what is there." },
	{ "link", posix_link, "src, dst", "Gives a file another name." },
	{ "symlink", posix_symlink, "src, dst", "Makes a symbolic link at dst." },
	{ "access", posix_access, "path, mode", "Whether the file is there (F_OK) and may be read, written, run." },
	{ "readlink", posix_readlink, "path", "Where a symbolic link points." },
	{ "getcwd", posix_getcwd, "", "The current folder." },
	{ "listdir", posix_listdir, "path=None", "The names in a folder, in no order." },
	{ "stat", posix_stat, "path", "Size, times and kind of a file (a path or a descriptor)." },
	{ "lstat", posix_lstat, "path", "The same, of a symbolic link itself." },
	{ "fstat", posix_stat, "fd", "The same, of a descriptor." },
	{ "utime", posix_utime, "path, times=None", "Sets when the file was read and written." },
	{ "getpid", posix_getpid, "", "This process's number." },
	{ "getppid", posix_getppid, "", "The parent process's number." },
	{ "getuid", posix_getuid, "", "The user's number." },
	{ "geteuid", posix_geteuid, "", "The effective user's number: 0 is root." },
	{ "getgid", posix_getgid, "", "The group's number." },
	{ "getegid", posix_getegid, "", "The effective group's number." },
	{ "cpu_count", posix_cpu_count, "", "How many processors there are." },
	{ "umask", posix_umask, "mask, /", "Sets the mask of new files' modes; gives the old one." },
	{ "kill", posix_kill, "pid, signal, /", "Sends a signal to a process." },
	{ "_exit", posix_exit, "status", "Ends the process at once, with nothing flushed." },
	{ "urandom", posix_urandom, "size, /", "Random bytes from the system." },
	{ "uname", posix_uname, "", "The system's name, version and machine." },
	{ "strerror", posix_strerror, "code, /", "The system's words for an errno." },
	{ "putenv", posix_putenv, "name, value, /", "Sets an environment variable." },
	{ "unsetenv", posix_unsetenv, "name, /", "Removes an environment variable." },
	{0}
};

static const struct module_number numbers[] = {
#define N(name) { #name, name }
	N(F_OK), N(R_OK), N(W_OK), N(X_OK), N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_CREAT), N(O_EXCL), N(O_TRUNC), N(O_APPEND),
	N(O_NONBLOCK), N(O_CLOEXEC), N(O_SYNC), N(O_DIRECTORY), N(O_NOFOLLOW), N(O_NOCTTY), N(SEEK_SET), N(SEEK_CUR), N(SEEK_END),
	N(WNOHANG), N(WUNTRACED), N(WCONTINUED),
#undef N
	{ "EX_OK", 0 }, { "EX_USAGE", 64 }, {0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->stat_result = module_new_type(vm, g, &stat_spec, "os");
	vm->own->uname_result = module_new_type(vm, g, &uname_spec, "os");
	dict_set_text(vm, g, "_environ", environment(vm));
	module_add_numbers(vm, g, numbers);
	posix_add_descriptors(vm, g);
	return true;
}

const struct module_spec module_posix = { "posix", "The system calls behind os.", functions, fill, true };
