/* fcntl: what a descriptor can be told. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "base/privilege.h"
#include "lang/modules.h"
#include "lang/types.h"

enum { ARG_MAX_LEN = 1024 };

static bool fd_of(struct vm *vm, value v, int *fd)
{
	int64_t number;
	value made = VALUE_UNSET;
	if (v.tag == TAG_OBJECT) {
		value method = value_attr(vm, v, str_intern(vm, "fileno"));
		made = is_unset(method) ? method : value_call_args(vm, method, 0, NULL);
		value_drop(method);
		if (is_unset(made))
			return false;
	}
	bool ok = value_to_int64(vm, is_unset(made) ? v : made, &number);
	value_drop(made);
	*fd = ok && number >= 0 && number <= INT32_MAX ? (int)number : -1;
	return ok;
}

/* What fcntl and ioctl are given: a number, or bytes that the kernel reads and fills. */
struct argument { bool is_bytes; int64_t number; size_t len; char bytes[ARG_MAX_LEN]; };

static bool argument_of(struct vm *vm, value v, struct argument *arg)
{
	struct view view;
	if (v.tag != TAG_OBJECT)
		return value_to_int64(vm, v, &arg->number);
	if (is_str(v))
		view = (struct view){ (const uint8_t *)as_str(v)->data, as_str(v)->len };
	else if (!value_to_view(vm, v, &view))
		return false;
	if (view.len > ARG_MAX_LEN)
		return vm_raise_ok(vm, vm->errors.ValueError, "the argument has at most %d bytes", ARG_MAX_LEN);
	arg->is_bytes = true;
	arg->len = view.len;
	memset(arg->bytes, 0, sizeof arg->bytes);
	memcpy(arg->bytes, view.bytes, view.len);
	return true;
}

static value done(struct vm *vm, int result, const struct argument *arg)
{
	if (result < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return arg->is_bytes ? bytes_value(vm, arg->bytes, arg->len) : value_int(result);
}

static value fcntl_fcntl(struct vm *vm, value *a)
{
	struct argument arg = { 0 };
	int64_t command;
	int fd;
	if (!fd_of(vm, a[0], &fd) || !value_to_int64(vm, a[1], &command) || !argument_of(vm, a[2], &arg))
		return VALUE_UNSET;
	return done(vm, arg.is_bytes ? fcntl(fd, (int)command, arg.bytes) : fcntl(fd, (int)command, (long)arg.number), &arg);
}

/* A bytearray is filled in place, as Python's mutate_flag has it. */
static value fcntl_ioctl(struct vm *vm, value *a)
{
	struct argument arg = { 0 };
	int64_t request;
	bool mutate;
	int fd;
	if (!fd_of(vm, a[0], &fd) || !value_to_int64(vm, a[1], &request) || !argument_of(vm, a[2], &arg) || !value_truth(vm, a[3], &mutate))
		return VALUE_UNSET;
	unsigned raised = privilege_raise(PRIVILEGE_ADMIN);       /* tunnels and the setting of interfaces are asked for here */
	int result = arg.is_bytes ? ioctl(fd, (unsigned long)request, arg.bytes) : ioctl(fd, (unsigned long)request, (long)arg.number);
	int code = errno;
	privilege_lower(raised);
	errno = code;
	if (result >= 0 && mutate && is_kind(a[2], KIND_BYTEARRAY)) {
		struct view view;
		if (!value_to_view(vm, a[2], &view))
			return VALUE_UNSET;
		memcpy((uint8_t *)view.bytes, arg.bytes, arg.len);
		return value_int(result);
	}
	return done(vm, result, &arg);
}

/* A lock that another holds is waited for with Ctrl-C working. */
static value retried(struct vm *vm, int fd, int64_t operation, int (*call)(int fd, int64_t operation))
{
	while (VM_WAIT(vm, call(fd, operation)) < 0) {
		if (errno != EINTR)
			return vm_raise_os(vm, errno, VALUE_NONE);
		if (!vm_poll(vm))
			return VALUE_UNSET;
	}
	return VALUE_NONE;
}

static int call_flock(int fd, int64_t operation)
{
	return flock(fd, (int)operation);
}

/* Locks of a whole file, in flock's words. */
static int call_lockf(int fd, int64_t operation)
{
	struct flock lock = { .l_type = operation & LOCK_UN ? F_UNLCK : operation & LOCK_EX ? F_WRLCK : F_RDLCK };
	return fcntl(fd, operation & LOCK_NB ? F_SETLK : F_SETLKW, &lock);
}

static value fcntl_flock(struct vm *vm, value *a)
{
	int64_t operation;
	int fd;
	return fd_of(vm, a[0], &fd) && value_to_int64(vm, a[1], &operation) ? retried(vm, fd, operation, call_flock) : VALUE_UNSET;
}

static value fcntl_lockf(struct vm *vm, value *a)
{
	int64_t operation;
	int fd;
	return fd_of(vm, a[0], &fd) && value_to_int64(vm, a[1], &operation) ? retried(vm, fd, operation, call_lockf) : VALUE_UNSET;
}

static const struct native functions[] = {
	{ "fcntl", fcntl_fcntl, "fd, cmd, arg=0", "fcntl(2); arg is a number, or bytes, and then the bytes that came back are the result." },
	{ "ioctl", fcntl_ioctl, "fd, request, arg=0, mutate_flag=True", "ioctl(2); arg as in fcntl(), a bytearray is filled in place." },
	{ "flock", fcntl_flock, "fd, operation", "flock(2): LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB." },
	{ "lockf", fcntl_lockf, "fd, cmd", "Locks a whole file by fcntl(2)'s record locks." },
	{ 0 },
};

static const struct module_number numbers[] = {
#define N(name) { #name, name }
	N(F_DUPFD), N(F_DUPFD_CLOEXEC), N(F_GETFD), N(F_SETFD), N(F_GETFL), N(F_SETFL), N(F_GETLK), N(F_SETLK), N(F_SETLKW), N(F_GETOWN),
	N(F_SETOWN), N(F_RDLCK), N(F_WRLCK), N(F_UNLCK), N(F_GETPIPE_SZ), N(F_SETPIPE_SZ), N(FD_CLOEXEC), N(LOCK_SH), N(LOCK_EX), N(LOCK_NB),
	N(LOCK_UN), N(FASYNC),
#undef N
	{ 0 },
};

static bool fill(struct vm *vm, struct dict *globals)
{
	module_add_numbers(vm, globals, numbers);
	return true;
}

const struct module_spec module_fcntl = { "fcntl", "What a descriptor can be told.", functions, fill, true };
