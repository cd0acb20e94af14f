#include "net/pcapwriter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#include "net/deadline.h"
#include "net/linktype.h"
#include "net/pcapfile.h"
#include "net/pcapng.h"

enum { BUFFER = 1 << 16 };

struct pcapwriter {
	FILE *stream;
	char *path;                      /* what the file will be called; NULL: it has no name of ours to take */
	char *temporary;                 /* its name until then; NULL: written directly, or nameless */
	int nameless;                    /* a descriptor of a file that has no name at all until then; -1 */
	char *shown, *buffer, *warning;
	bool nanoseconds, swapped, ng;
	uint64_t records;
	uint32_t snap;
	struct buf block;                /* pcapng: what is written next */
	struct { int link_type; char name[64]; } *ifaces;        /* ... and the interfaces that were */
	size_t iface_count;
};

static bool failed(struct pcapwriter *w, int code, struct error *e)
{
	return error_system(e, code ? code : EIO, "cannot write %s", w->shown);
}

/* ---- the stream ------------------------------------------------------------------------------------------------------- */

static ssize_t gzip_write(void *state, const char *bytes, size_t len)
{
	int done = gzwrite(state, bytes, (unsigned)len);
	return done > 0 ? done : 0;
}

static int gzip_close(void *state)
{
	return gzclose(state) == Z_OK ? 0 : EOF;
}

static FILE *gzip_stream(int descriptor)
{
	gzFile zipped = gzdopen(descriptor, "wb");
	if (!zipped)
		return NULL;
	FILE *stream = fopencookie(zipped, "wb", (cookie_io_functions_t){ .write = gzip_write, .close = gzip_close });
	if (!stream)
		gzclose(zipped);
	return stream;
}

static bool adopt(struct pcapwriter *w, int descriptor, bool compress, struct error *e)
{
	if (descriptor < 0)
		return failed(w, errno, e);
	w->stream = compress ? gzip_stream(descriptor) : fdopen(descriptor, "wb");
	if (!w->stream) {
		close(descriptor);
		return failed(w, ENOMEM, e);
	}
	w->buffer = mem_alloc(BUFFER);
	setvbuf(w->stream, w->buffer, _IOFBF, BUFFER);
	return true;
}

static bool open_standard(struct pcapwriter *w, bool compress, struct error *e)
{
	if (isatty(STDOUT_FILENO))
		return error_set(e, "OSError", "a capture file is not written to a terminal: redirect standard output");
	return adopt(w, fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), compress, e);
}

static mode_t new_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* .NAME.SUFFIX beside the file, so that a rename can put it in its place. */
static char *temporary_name(const char *path, const char *suffix)
{
	struct buf name = {0};
	const char *slash = strrchr(path, '/');
	buf_add(&name, path, slash ? (size_t)(slash - path) + 1 : 0);
	buf_print(&name, ".%.200s.%s", slash ? slash + 1 : path, suffix);
	return name.data;
}

static bool open_temporary(struct pcapwriter *w, mode_t mode, bool compress, struct error *e)
{
	char *name = temporary_name(w->path, "XXXXXX");
	int descriptor = mkostemp(name, O_CLOEXEC);
	if (descriptor < 0) {
		int code = errno;
		mem_free(name);
		return failed(w, code, e);
	}
	w->temporary = name;
	fchmod(descriptor, mode);
	return adopt(w, descriptor, compress, e);
}

/* A file without a name beside the one that it is to be, so that whoever is killed leaves nothing. Not every file system has them. */
static int open_nameless(struct pcapwriter *w, mode_t mode)
{
	const char *slash = strrchr(w->path, '/');
	struct buf folder = {0};
	buf_print(&folder, "%.*s", slash ? (int)(slash - w->path) + 1 : 2, slash ? w->path : "./");
	int descriptor = access("/proc/self/fd", X_OK) == 0 ? open(buf_str(&folder), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode) : -1;
	buf_free(&folder);
	if (descriptor >= 0)
		fchmod(descriptor, mode);
	w->nameless = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 3) : -1;
	return descriptor;
}

bool pcapwriter_possible(const char *path, struct error *e)
{
	struct stat is;
	bool exists = stat(path, &is) == 0;
	if (strcmp(path, "-") == 0)
		return true;
	if (exists && S_ISDIR(is.st_mode))
		return error_system(e, EISDIR, "cannot write %s", path);
	const char *slash = strrchr(path, '/');
	struct buf folder = {0};
	buf_add(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
	bool possible = (!exists || access(path, W_OK) == 0) && ((exists && !S_ISREG(is.st_mode)) || access(buf_str(&folder), W_OK | X_OK) == 0);
	int code = errno;
	buf_free(&folder);
	return possible || error_system(e, code, "cannot write %s", path);
}

/* A link stays a link: the file behind it is replaced. */
static bool open_named(struct pcapwriter *w, const char *path, const struct pcapwriter_options *o, struct error *e)
{
	struct stat is;
	bool exists = stat(path, &is) == 0;
	if (exists && !S_ISREG(is.st_mode))
		return adopt(w, open(path, O_WRONLY | O_CLOEXEC), o->compress, e);
	if (exists && access(path, W_OK) < 0)
		return failed(w, errno, e);
	char *real = exists ? realpath(path, NULL) : NULL;
	w->path = mem_text(real ? real : path);
	free(real);
	mode_t mode = exists ? is.st_mode & 07777 : new_mode();
	int descriptor = o->at_once ? open_nameless(w, mode) : -1;
	return descriptor >= 0 ? adopt(w, descriptor, o->compress, e) : open_temporary(w, mode, o->compress, e);
}

/* ---- the two formats -------------------------------------------------------------------------------------------------- */

static uint32_t in_order(const struct pcapwriter *w, uint32_t n)
{
	return w->swapped ? __builtin_bswap32(n) : n;
}

static void turn(uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t first = at[i];
		at[i] = at[len - 1 - i];
		at[len - 1 - i] = first;
	}
}

static void turn_header(uint8_t *header)
{
	static const uint8_t sizes[] = { 4, 2, 2, 4, 4, 4, 4 };
	for (size_t i = 0; i < sizeof sizes; header += sizes[i++])
		turn(header, sizes[i]);
}

static bool put(struct pcapwriter *w, const void *bytes, size_t len, struct error *e)
{
	return fwrite(bytes, 1, len, w->stream) == len || failed(w, errno, e);
}

static bool begin_classic(struct pcapwriter *w, const struct pcapwriter_options *o, struct error *e)
{
	uint8_t header[PCAP_HEADER];
	if (!linktype_header(o->link_type, o->snap, w->nanoseconds, header))
		return error_set(e, "Scapy_Exception", "cannot write %s: libpcap has no link type %d", w->shown, o->link_type);
	if (w->swapped)
		turn_header(header);
	return put(w, header, sizeof header, e);
}

static bool put_block(struct pcapwriter *w, struct error *e)
{
	bool done = put(w, w->block.data, w->block.len, e);
	buf_clear(&w->block);
	return done;
}

static bool begin_section(struct pcapwriter *w, uint32_t snap, struct error *e)
{
	w->ng = true;
	w->snap = snap;
	pcapng_put_section(&w->block);
	return put_block(w, e);
}

/* ---- appending -------------------------------------------------------------------------------------------------------- */

static bool misfit(struct pcapwriter *w, const char *why, struct error *e)
{
	return error_set(e, "Scapy_Exception", "cannot append to %s: %s", w->shown, why);
}

/* Reads the file to the end of its last whole record and cuts off what is behind. */
static bool mend_tail(struct pcapwriter *w, const char *path, struct pcapfile *f, struct error *e)
{
	struct capture_frame frame;
	struct buf text = {0};
	while (pcapfile_next(f, &frame) == CAPTURE_FRAME)
		;
	if (!pcapfile_warning(f))
		return true;
	if (truncate(path, (off_t)pcapfile_good_bytes(f)) < 0)
		return failed(w, errno, e);
	buf_print(&text, "%s: a broken record at its end was cut off: %s", w->shown, pcapfile_warning(f));
	w->warning = text.data;
	return true;
}

static bool check_file(struct pcapwriter *w, const char *path, const struct pcapwriter_options *o, struct error *e)
{
	struct pcapfile *f = pcapfile_open(path, e);
	if (!f)
		return false;
	bool good = pcapfile_compressed(f) ? misfit(w, "it is compressed", e)
	          : pcapfile_ng(f) != o->ng ? misfit(w, o->ng ? "it is no pcapng file" : "it is a pcapng file: wrpcapng and PcapNgWriter write those", e)
	          : !pcapfile_classic(f) && !o->ng ? misfit(w, "its format is an odd one", e)
	          : o->ng || pcapfile_link_type(f) == o->link_type || misfit(w, "its packets are of another link type", e);
	w->nanoseconds = pcapfile_nanoseconds(f);
	w->swapped = pcapfile_swapped(f);
	good = good && mend_tail(w, path, f, e);
	pcapfile_close(f);
	return good;
}

/* Behind pcapng's last block begins another section, with interfaces of its own. */
static bool open_append(struct pcapwriter *w, const char *path, const struct pcapwriter_options *o, struct error *e)
{
	return check_file(w, path, o, e) && adopt(w, open(path, O_WRONLY | O_APPEND | O_CLOEXEC), false, e) && (!o->ng || begin_section(w, o->snap, e));
}

/* ---- opening, writing, closing ---------------------------------------------------------------------------------------- */

static bool has_content(const char *path)
{
	struct stat is;
	return stat(path, &is) == 0 && S_ISREG(is.st_mode) && is.st_size > 0;
}

/* The number of an interface in the file; a new one is written there first. */
static uint32_t iface_number(struct pcapwriter *w, const struct capture_frame *f)
{
	char name[sizeof w->ifaces->name] = "";
	if (f->iface)
		strncpy(name, f->iface, sizeof name - 1);
	for (size_t i = 0; i < w->iface_count; i++)
		if (w->ifaces[i].link_type == f->link_type && strcmp(w->ifaces[i].name, name) == 0)
			return (uint32_t)i;
	w->ifaces = mem_resize(w->ifaces, (w->iface_count + 1) * sizeof *w->ifaces);
	w->ifaces[w->iface_count].link_type = f->link_type;
	memcpy(w->ifaces[w->iface_count].name, name, sizeof name);
	pcapng_put_interface(&w->block, f->link_type, w->snap, name[0] ? name : NULL);
	return (uint32_t)w->iface_count++;
}

static bool open_new(struct pcapwriter *w, const char *path, const struct pcapwriter_options *o, struct error *e)
{
	bool opened = strcmp(path, "-") == 0 ? open_standard(w, o->compress, e) : open_named(w, path, o, e);
	return opened && (o->ng ? begin_section(w, o->snap, e) : begin_classic(w, o, e));
}

static void release(struct pcapwriter *w)
{
	if (w->stream)
		fclose(w->stream);
	if (w->nameless >= 0)
		close(w->nameless);
	buf_free(&w->block);
	mem_free(w->ifaces);
	if (w->temporary)
		unlink(w->temporary);
	mem_free(w->path);
	mem_free(w->temporary);
	mem_free(w->shown);
	mem_free(w->buffer);
	mem_free(w->warning);
	mem_free(w);
}

struct pcapwriter *pcapwriter_open(const char *path, const struct pcapwriter_options *o, struct error *e)
{
	struct pcapwriter *w = mem_zero(sizeof *w);
	w->shown = mem_text(strcmp(path, "-") == 0 ? "standard output" : path);
	w->nanoseconds = o->nanoseconds;
	w->swapped = o->swapped;
	w->nameless = -1;
	bool append = o->append && strcmp(path, "-") != 0 && has_content(path);
	if (append ? open_append(w, path, o, e) : open_new(w, path, o, e))
		return w;
	release(w);
	return NULL;
}

bool pcapwriter_add(struct pcapwriter *w, const void *bytes, size_t len, size_t wire_len, int64_t time, struct error *e)
{
	int64_t seconds = time / NANOSECONDS, rest = time % NANOSECONDS;
	if (rest < 0) {
		rest += NANOSECONDS;
		seconds--;
	}
	if (len > UINT32_MAX || wire_len > UINT32_MAX)
		return error_set(e, "ValueError", "a packet of %zu bytes does not fit a capture file", len);
	uint32_t head[] = { in_order(w, (uint32_t)seconds), in_order(w, (uint32_t)(w->nanoseconds ? rest : rest / 1000)),
	                    in_order(w, (uint32_t)len), in_order(w, (uint32_t)(wire_len ? wire_len : len)) };
	w->records++;
	return put(w, head, sizeof head, e) && put(w, bytes, len, e);
}

bool pcapwriter_put(struct pcapwriter *w, const struct capture_frame *f, struct error *e)
{
	if (!w->ng)
		return pcapwriter_add(w, f->bytes, f->len, f->wire_len, f->time, e);
	uint32_t number = iface_number(w, f);
	pcapng_put_packet(&w->block, number, f);
	w->records++;
	return put_block(w, e);
}

bool pcapwriter_flush(struct pcapwriter *w, struct error *e)
{
	return fflush(w->stream) == 0 ? true : failed(w, errno, e);
}

const char *pcapwriter_warning(const struct pcapwriter *w)
{
	return w->warning;
}

/* The nameless gets a name: that one, or, where something has it, another one that then takes its place. That other name is always
 * the same, so that one whose writer was killed between the two steps is gone with the next writer; where two write the same file at
 * once and take it from each other, they try again, and one whole file or the other is there. */
static bool give_name(struct pcapwriter *w, const char *name)
{
	char self[32];
	snprintf(self, sizeof self, "/proc/self/fd/%d", w->nameless);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool name_nameless(struct pcapwriter *w, struct error *e)
{
	if (give_name(w, w->path))
		return true;
	if (errno != EEXIST)
		return failed(w, errno, e);
	char *name = temporary_name(w->path, "pktsh");
	bool done = false, again = true;
	for (int i = 0; i < 100 && again && !done; i++) {
		done = give_name(w, name) && rename(name, w->path) == 0;
		again = !done && (errno == ENOENT || (errno == EEXIST && (unlink(name) == 0 || errno == ENOENT)));
	}
	int code = errno;
	mem_free(name);
	return done || failed(w, code, e);
}

static void forget_nameless(struct pcapwriter *w)
{
	if (w->nameless >= 0)
		close(w->nameless);
	w->nameless = -1;
}

static bool take_name(struct pcapwriter *w, struct error *e)
{
	if (w->nameless >= 0 && !name_nameless(w, e))
		return false;
	forget_nameless(w);
	if (!w->temporary)
		return true;
	if (rename(w->temporary, w->path) < 0)
		return failed(w, errno, e);
	mem_free(w->temporary);
	w->temporary = NULL;
	return true;
}

bool pcapwriter_show(struct pcapwriter *w, struct error *e)
{
	return pcapwriter_flush(w, e) && take_name(w, e);
}

/* Flushing first: closing tells nobody what it could not write. */
static bool finish(struct pcapwriter *w, bool even_empty, struct error *e)
{
	if (ferror(w->stream) || fflush(w->stream) != 0)
		return failed(w, errno, e);
	int closed = fclose(w->stream);
	w->stream = NULL;
	if (closed != 0)
		return failed(w, errno, e);
	if (w->path && (w->records == 0 && !even_empty && access(w->path, F_OK) == 0))
		return true;
	return take_name(w, e);
}

bool pcapwriter_close(struct pcapwriter *w, bool even_empty, struct error *e)
{
	bool good = finish(w, even_empty, e);
	release(w);
	return good;
}

void pcapwriter_abandon(struct pcapwriter *w)
{
	release(w);
}
