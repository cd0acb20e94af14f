#include "lang/stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/modules.h"

enum { CHUNK = 64 << 10, HELD_BACK = 32 << 10 };

struct stream *stream_new(int fd, unsigned flags)
{
	struct stream *s = mem_zero(sizeof *s);

	s->refs = 1;
	s->fd = fd;
	s->flags = flags | (lseek(fd, 0, SEEK_CUR) >= 0 ? STREAM_SEEKABLE : 0);
	return s;
}

struct stream *stream_keep(struct stream *s)
{
	s->refs++;
	return s;
}

void stream_drop(struct vm *vm, TAKES struct stream *s)
{
	if (!s || --s->refs)
		return;
	value before = vm_take_pending(vm);
	if (!stream_close(vm, s))
		vm_clear(vm);
	if (!is_unset(before))
		vm_raise_value(vm, before);
	buf_free(&s->in);
	buf_free(&s->out);
	mem_free(s);
}

bool stream_can(struct vm *vm, struct stream *s, unsigned flag)
{
	if (s->flags & STREAM_CLOSED)
		return vm_raise_ok(vm, vm->errors.ValueError, "I/O operation on closed file.");
	if (!(s->flags & flag))
		return vm_raise_ok(vm, vm->own->unsupported_operation, flag == STREAM_READ ? "not readable" : "not writable");
	return true;
}

/* Other threads run until the descriptor can be read or written; what they change meanwhile nobody here has looked at yet. */
bool stream_wait(struct vm *vm, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	if (!vm_settle(vm))
		return false;
	while (vm->threads && VM_WAIT(vm, poll(&p, 1, -1)) < 0 && errno == EINTR)
		if (!vm_poll(vm))
			return false;
	return true;
}

int64_t stream_read_fd(struct vm *vm, int fd, void *bytes, size_t len)
{
	for (;;) {
		ssize_t got = read(fd, bytes, len);
		if (got >= 0)
			return got;
		if (errno != EINTR) {
			vm_raise_os(vm, errno, VALUE_UNSET);
			return -1;
		}
		if (!vm_poll(vm))
			return -1;
	}
}

bool stream_write_fd(struct vm *vm, int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		if (!stream_wait(vm, fd, POLLOUT))
			return false;
		ssize_t put = write(fd, at, vm->threads && len > PIPE_BUF ? PIPE_BUF : len);        /* so much a pipe takes without blocking */
		if (put < 0 && errno != EINTR) {
			vm_raise_os(vm, errno, VALUE_UNSET);
			return false;
		}
		if (put < 0 && !vm_poll(vm))
			return false;
		if (put > 0) {
			at += put;
			len -= (size_t)put;
		}
	}
	return true;
}

bool stream_write_view(struct vm *vm, int fd, const void *bytes, size_t len)
{
	if (!vm->threads)
		return stream_write_fd(vm, fd, bytes, len);
	void *copy = mem_copy(bytes, len);
	bool ok = stream_write_fd(vm, fd, copy, len);
	mem_free(copy);
	return ok;
}

bool stream_flush(struct vm *vm, struct stream *s)
{
	if (!s->out.len)
		return true;
	struct buf out = s->out;
	s->out = (struct buf){0};               /* another thread may write into the stream while this one waits */
	bool ok = stream_write_fd(vm, s->fd, out.data, out.len);
	if (s->out.data) {
		buf_free(&out);
	} else {
		buf_clear(&out);
		s->out = out;
	}
	return ok;
}

/* What was read ahead is forgotten; on a file that can seek the descriptor goes back to where the reader is. */
static void give_back(struct stream *s)
{
	size_t left = stream_left(s);

	if (left && (s->flags & STREAM_SEEKABLE))
		lseek(s->fd, -(off_t)left, SEEK_CUR);
	if (!left || (s->flags & STREAM_SEEKABLE)) {
		buf_clear(&s->in);
		s->in_at = 0;
	}
}

static void drop_taken(struct stream *s)
{
	if (!s->in_at)
		return;
	size_t left = stream_left(s);
	memmove(s->in.data, s->in.data + s->in_at, left);
	s->in.len = left;
	s->in_at = 0;
}

bool stream_fill(struct vm *vm, struct stream *s, size_t want, bool *end)
{
	if (!stream_flush(vm, s) || !stream_wait(vm, s->fd, POLLIN))
		return false;
	drop_taken(s);
	size_t room = want > CHUNK ? want : CHUNK, before = s->in.len;
	buf_reserve(&s->in, room);
	int64_t got = stream_read_fd(vm, s->fd, s->in.data + before, room);
	if (got < 0)
		return false;
	s->in.len = before + (size_t)got;
	s->in.data[s->in.len] = 0;
	*end = got == 0;
	return true;
}

bool stream_write(struct vm *vm, struct stream *s, const void *bytes, size_t len)
{
	give_back(s);
	if (s->out.len + len > HELD_BACK && !stream_flush(vm, s))
		return false;
	if (len > HELD_BACK || (s->flags & STREAM_DIRECT))
		return stream_write_view(vm, s->fd, bytes, len);
	buf_add(&s->out, bytes, len);
	if ((s->flags & STREAM_LINES) && len && memchr(bytes, '\n', len))
		return stream_flush(vm, s);
	return true;
}

bool stream_seek(struct vm *vm, struct stream *s, int64_t to, int whence, int64_t *now)
{
	if (!stream_flush(vm, s))
		return false;
	give_back(s);
	off_t at = lseek(s->fd, to, whence);
	if (at < 0) {
		vm_raise_os(vm, errno, VALUE_UNSET);
		return false;
	}
	*now = at;
	return true;
}

bool stream_tell(struct vm *vm, struct stream *s, int64_t *now)
{
	off_t at = lseek(s->fd, 0, SEEK_CUR);

	if (at < 0) {
		vm_raise_os(vm, errno, VALUE_UNSET);
		return false;
	}
	*now = at + (int64_t)s->out.len - (int64_t)stream_left(s);
	return true;
}

bool stream_truncate(struct vm *vm, struct stream *s, int64_t len)
{
	if (!stream_flush(vm, s))
		return false;
	if (ftruncate(s->fd, len) == 0)
		return true;
	vm_raise_os(vm, errno, VALUE_UNSET);
	return false;
}

static void wait_for_child(struct vm *vm, struct stream *s)
{
	while (VM_WAIT(vm, waitpid(s->child, &s->status, 0)) < 0 && errno == EINTR)
		;
}

bool stream_close(struct vm *vm, struct stream *s)
{
	if (s->flags & STREAM_CLOSED)
		return true;
	bool ok = stream_flush(vm, s);
	give_back(s);
	s->flags |= STREAM_CLOSED;
	if (!(s->flags & STREAM_KEEP_OPEN) && close(s->fd) < 0 && ok && errno != EINTR) {
		vm_raise_os(vm, errno, VALUE_UNSET);
		ok = false;
	}
	if (s->flags & STREAM_CHILD)
		wait_for_child(vm, s);
	return ok;
}
