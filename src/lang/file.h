/* Files: what open() gives, sys.stdout and its kin. One buffered descriptor, read and written as text or as bytes. */
#ifndef LANG_FILE_H
#define LANG_FILE_H

#include "lang/vm.h"

/* A file object on a descriptor; `mode` as open() takes it ("r", "wb" ...). The descriptor becomes the file's, unless
 * `keep_open`: then close() only flushes. */
value file_from_fd(struct vm *vm, int fd, const char *mode, const char *name, bool keep_open);
value file_open(struct vm *vm, const char *path, const char *mode);

/* sys.stdin, sys.stdout, sys.stderr (0, 1, 2) as they stand now: what the program assigned to them. BORROWED. */
value file_standard(struct vm *vm, int which);
/* Writes out what stdout and stderr hold back: before a child starts, before an error is shown, at the end. false: raised
 * (no space, a closed pipe). */
bool file_flush_standard(struct vm *vm);
/* To a file object, or to whatever has a write method. */
bool file_write(struct vm *vm, value file, const char *text, size_t len);

/* Whole read or written, polling for Ctrl-C when interrupted; -1 and raised on failure. */
int64_t file_read_fd(struct vm *vm, int fd, void *bytes, size_t len);
bool file_write_fd(struct vm *vm, int fd, const void *bytes, size_t len);

#endif
