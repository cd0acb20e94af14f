/* A buffered descriptor, what file objects share: sys.stdout and sys.stdout.buffer are two files on one stream.
 *
 *     read:   descriptor -> in  [taken .. in_at][to come .. in.len] -> file
 *     write:  file -> out [held back .. out.len] -> descriptor
 *
 * At most one of the two holds anything: reading flushes `out` first, writing gives back what `in` read ahead. Bytes that
 * could not be written are dropped with the error that says so, so that a full disk is told once and not again at exit. */
#ifndef LANG_STREAM_H
#define LANG_STREAM_H

#include "base/buf.h"
#include "lang/vm.h"

enum stream_flags {
	STREAM_READ = 1, STREAM_WRITE = 2,
	STREAM_KEEP_OPEN = 4,           /* the descriptor is not ours to close */
	STREAM_LINES = 8,               /* written out at every line's end: a terminal */
	STREAM_DIRECT = 16,             /* nothing is held back */
	STREAM_CLOSED = 32,
	STREAM_SEEKABLE = 64,
	STREAM_CHILD = 128,             /* close waits for `child` (os.popen) */
};

struct stream {
	unsigned refs, flags;
	int fd;
	int child;                      /* a process id */
	int status;                     /* the child's, once closed */
	struct buf in, out;
	size_t in_at;
};

struct stream *stream_new(int fd, unsigned flags);          /* finds out itself whether it can seek */
struct stream *stream_keep(struct stream *s);
void stream_drop(struct vm *vm, TAKES struct stream *s);    /* the last one flushes and closes, errors unheard */

bool stream_fill(struct vm *vm, struct stream *s, size_t want, bool *end);   /* reads once, at least a byte unless `end` */
bool stream_write(struct vm *vm, struct stream *s, const void *bytes, size_t len);
bool stream_flush(struct vm *vm, struct stream *s);
bool stream_seek(struct vm *vm, struct stream *s, int64_t to, int whence, int64_t *now);
bool stream_tell(struct vm *vm, struct stream *s, int64_t *now);
bool stream_truncate(struct vm *vm, struct stream *s, int64_t len);
bool stream_close(struct vm *vm, struct stream *s);

static inline size_t stream_left(const struct stream *s) { return s->in.len - s->in_at; }
static inline const char *stream_ahead(const struct stream *s) { return s->in.data + s->in_at; }

/* ValueError "I/O operation on closed file.", or io.UnsupportedOperation's "not readable" / "not writable". */
bool stream_can(struct vm *vm, struct stream *s, unsigned flag);

/* Once through the system, polled for Ctrl-C when interrupted. -1 / false: raised. */
int64_t stream_read_fd(struct vm *vm, int fd, void *bytes, size_t len);
bool stream_write_fd(struct vm *vm, int fd, const void *bytes, size_t len);
bool stream_write_view(struct vm *vm, int fd, const void *bytes, size_t len);    /* the same of bytes that another thread may change */
bool stream_wait(struct vm *vm, int fd, short events);      /* while there are other threads: for poll()'s events; false: raised */

#endif
