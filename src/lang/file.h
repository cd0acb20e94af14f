/* File objects: what open() gives, sys.stdout and its kin. One buffered descriptor, read and written as text or as bytes. */
#ifndef LANG_FILE_H
#define LANG_FILE_H

#include "base/buf.h"
#include "lang/vm.h"

struct stream;

enum newline { NEWLINE_ANY, NEWLINE_KEEP, NEWLINE_LF, NEWLINE_CR, NEWLINE_CRLF };

struct file {
	struct object head;
	struct stream *stream;
	value name;
	char mode[8];
	bool utf8, strict;              /* the encoding is UTF-8; its errors raise */
	enum newline newline;
	struct str *encoding, *errors;  /* NULL for bytes */
};

/* A file object on a descriptor; `mode` as open() takes it ("r", "wb" ...). The descriptor becomes the file's, unless
 * `keep_open`: then close() only flushes. */
value file_from_fd(struct vm *vm, int fd, const char *mode, const char *name, bool keep_open);
value file_from_stream(struct vm *vm, TAKES struct stream *s, const char *mode, TAKES value name);
value file_open(struct vm *vm, const char *path, const char *mode);
/* What open(), os.remove() and all that take a path accept: str, bytes, or an object with __fspath__. */
bool file_path(struct vm *vm, value path, struct buf *out);
bool file_set_encoding(struct vm *vm, value file, value encoding, value errors);
bool file_set_newline(struct vm *vm, value file, value newline);
void file_add_types(struct vm *vm);
void file_add_standard(struct vm *vm);          /* stdin_value and kin */

/* sys.stdin, sys.stdout, sys.stderr (0, 1, 2) as they stand now: what the program assigned to them. BORROWED. */
value file_standard(struct vm *vm, int which);
/* Writes out what stdout and stderr hold back: before a child starts, before an error is shown, at the end. false: raised
 * (no space, a closed pipe). */
bool file_flush_standard(struct vm *vm);
/* To a file object, or to whatever has a write method. */
bool file_write(struct vm *vm, value file, const char *text, size_t len);

#endif
