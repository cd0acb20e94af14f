#include "net/pcapwriter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#include "net/deadline.h"
#include "net/pcapfile.h"
#include "net/pcapng.h"

enum { SNAP = 65535, BUFFER = 1 << 16 };

struct pcapwriter {
	pcap_t *pcap;
	pcap_dumper_t *dumper;           /* owns the stream */
	FILE *stream;
	char *path;                      /* what the file will be called; NULL: it has no name of ours to take */
	char *temporary;                 /* NULL: written directly */
	char *shown, *buffer, *warning;
	bool nanoseconds, ng;
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

/* .NAME.XXXXXX beside the file, so that a rename can put it in its place. */
static char *temporary_name(const char *path)
{
	struct buf name = {0};
	const char *slash = strrchr(path, '/');
	buf_add(&name, path, slash ? (size_t)(slash - path) + 1 : 0);
	buf_print(&name, ".%.200s.XXXXXX", slash ? slash + 1 : path);
	return name.data;
}

static bool open_temporary(struct pcapwriter *w, mode_t mode, bool compress, struct error *e)
{
	char *name = temporary_name(w->path);
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

/* A link stays a link: the file behind it is replaced. */
static bool open_named(struct pcapwriter *w, const char *path, bool compress, struct error *e)
{
	struct stat is;
	bool exists = stat(path, &is) == 0;
	if (exists && !S_ISREG(is.st_mode))
		return adopt(w, open(path, O_WRONLY | O_CLOEXEC), compress, e);
	if (exists && access(path, W_OK) < 0)
		return failed(w, errno, e);
	char *real = exists ? realpath(path, NULL) : NULL;
	w->path = mem_text(real ? real : path);
	free(real);
	return open_temporary(w, exists ? is.st_mode & 07777 : new_mode(), compress, e);
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

static bool check_file(struct pcapwriter *w, const char *path, int link_type, struct error *e)
{
	struct pcapfile *f = pcapfile_open(path, e);
	if (!f)
		return false;
	bool good = pcapfile_classic(f) ? pcapfile_link_type(f) == link_type || misfit(w, "its packets are of another link type", e)
	                                : misfit(w, "only uncompressed pcap files can be appended to", e);
	w->nanoseconds = pcapfile_nanoseconds(f);
	good = good && mend_tail(w, path, f, e);
	pcapfile_close(f);
	return good;
}

static bool make_handle(struct pcapwriter *w, int link_type, uint32_t snap, struct error *e)
{
	w->pcap = pcap_open_dead_with_tstamp_precision(link_type, (int)(snap ? snap : SNAP),
	                                               w->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
	return w->pcap ? true : error_set(e, "MemoryError", "no memory to write %s", w->shown);
}

static bool open_append(struct pcapwriter *w, const char *path, const struct pcapwriter_options *o, struct error *e)
{
	if (!check_file(w, path, o->link_type, e) || !make_handle(w, o->link_type, o->snap, e))
		return false;
	w->dumper = pcap_dump_open_append(w->pcap, path);
	if (!w->dumper)
		return misfit(w, pcap_geterr(w->pcap), e);
	w->stream = pcap_dump_file(w->dumper);
	fcntl(fileno(w->stream), F_SETFD, FD_CLOEXEC);
	return true;
}

/* ---- opening, writing, closing ---------------------------------------------------------------------------------------- */

static bool has_content(const char *path)
{
	struct stat is;
	return stat(path, &is) == 0 && S_ISREG(is.st_mode) && is.st_size > 0;
}

static bool put_block(struct pcapwriter *w, struct error *e)
{
	bool done = fwrite(w->block.data, 1, w->block.len, w->stream) == w->block.len;
	buf_clear(&w->block);
	return done || failed(w, errno, e);
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
	bool opened = strcmp(path, "-") == 0 ? open_standard(w, o->compress, e) : open_named(w, path, o->compress, e);
	w->ng = o->ng;
	w->snap = o->snap;
	if (opened && o->ng) {
		pcapng_put_section(&w->block);
		return put_block(w, e);
	}
	if (!opened || !make_handle(w, o->link_type, o->snap, e))
		return false;
	w->dumper = pcap_dump_fopen(w->pcap, w->stream);
	return w->dumper ? true : failed(w, errno, e);
}

static void release(struct pcapwriter *w)
{
	if (w->dumper)
		pcap_dump_close(w->dumper);
	else if (w->stream)
		fclose(w->stream);
	if (w->pcap)
		pcap_close(w->pcap);
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
	bool append = o->append && strcmp(path, "-") != 0 && has_content(path);
	if (append && o->ng) {
		misfit(w, "nothing is appended to pcapng files: write another", e);
		release(w);
		return NULL;
	}
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
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)(wire_len ? wire_len : len) };
	header.ts.tv_sec = (time_t)seconds;
	header.ts.tv_usec = (suseconds_t)(w->nanoseconds ? rest : rest / 1000);
	pcap_dump((u_char *)w->dumper, &header, bytes);
	w->records++;
	return ferror(w->stream) ? failed(w, errno, e) : true;
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

static bool take_name(struct pcapwriter *w, struct error *e)
{
	if (rename(w->temporary, w->path) < 0)
		return failed(w, errno, e);
	mem_free(w->temporary);
	w->temporary = NULL;
	return true;
}

bool pcapwriter_show(struct pcapwriter *w, struct error *e)
{
	return pcapwriter_flush(w, e) && (!w->temporary || take_name(w, e));
}

/* Flushing first: closing tells nobody what it could not write. */
static bool finish(struct pcapwriter *w, bool even_empty, struct error *e)
{
	if (ferror(w->stream) || fflush(w->stream) != 0)
		return failed(w, errno, e);
	if (w->dumper)
		pcap_dump_close(w->dumper);
	else
		fclose(w->stream);
	w->dumper = NULL;
	w->stream = NULL;
	if (!w->temporary || (w->records == 0 && !even_empty && access(w->path, F_OK) == 0))
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
