#include "net/pcapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#include "net/deadline.h"
#include "net/pcapng.h"
#include "net/records.h"

enum { BUFFER = 1 << 18 };

struct pcapfile {
	pcap_t *pcap;                    /* closes the stream; NULL: a pcapng file */
	struct records *usual;           /* reads what is as usual; NULL: all is libpcap's from here on */
	struct pcapng *ng;               /* NULL: a classic one */
	bool is_ng;
	FILE *stream;
	int link_type;
	bool nanoseconds, classic, plain;
	char *buffer, *warning;
	uint64_t good, records;
};

/* ---- gzip: zlib behind a stream. It reads what is not compressed as it is, so every file goes this way that cannot be
 * looked at beforehand. ---- */

enum { MAGIC = 4 };

struct zipped {
	gzFile file;
	uint8_t magic[MAGIC];            /* the first bytes, looked at beforehand */
	int have, given;
};

static ssize_t gzip_read(void *state, char *room, size_t len)
{
	struct zipped *z = state;
	size_t left = z->have > z->given ? (size_t)(z->have - z->given) : 0;
	if (!left)
		return gzread(z->file, room, (unsigned)len);
	if (left > len)
		left = len;
	memcpy(room, z->magic + z->given, left);
	z->given += (int)left;
	return (ssize_t)left;
}

static int gzip_close(void *state)
{
	struct zipped *z = state;
	int code = gzclose(z->file);
	mem_free(z);
	return code == Z_OK ? 0 : EOF;
}

/* `magic` gets the first bytes of what is inside. */
static FILE *gzip_stream(int descriptor, uint8_t *magic)
{
	gzFile file = gzdopen(descriptor, "rb");
	if (!file)
		return NULL;
	struct zipped *z = mem_zero(sizeof *z);
	z->file = file;
	z->have = gzread(file, z->magic, MAGIC);
	memcpy(magic, z->magic, MAGIC);
	FILE *stream = fopencookie(z, "rb", (cookie_io_functions_t){ .read = gzip_read, .close = gzip_close });
	if (!stream)
		gzip_close(z);
	return stream;
}

static bool is_gzip(const uint8_t *magic)
{
	return magic[0] == 0x1f && magic[1] == 0x8b;
}

static uint32_t number(const uint8_t *magic)
{
	return (uint32_t)magic[0] << 24 | (uint32_t)magic[1] << 16 | (uint32_t)magic[2] << 8 | magic[3];
}

static void note_magic(struct pcapfile *f, const uint8_t *magic)
{
	uint32_t m = number(magic);
	bool nano = m == 0xa1b23c4d || m == 0x4d3cb2a1, micro = m == 0xa1b2c3d4 || m == 0xd4c3b2a1;
	f->classic = nano || micro;
	f->nanoseconds = !micro;
}

/* Pipes cannot be looked at and put back: they are read through zlib. */
static FILE *stream_of(struct pcapfile *f, int descriptor)
{
	uint8_t magic[MAGIC] = {0};
	ssize_t got = pread(descriptor, magic, sizeof magic, 0);
	if (got < 0 && errno != ESPIPE)
		return NULL;
	if (got < 0 || is_gzip(magic)) {
		FILE *stream = gzip_stream(descriptor, magic);
		f->is_ng = number(magic) == PCAPNG_MAGIC;
		return stream;
	}
	note_magic(f, magic);
	f->is_ng = number(magic) == PCAPNG_MAGIC;
	f->plain = true;
	return fdopen(descriptor, "rb");
}

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

static bool open_stream(struct pcapfile *f, const char *path, struct error *e)
{
	bool standard = strcmp(path, "-") == 0;
	int descriptor = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return error_system(e, errno, "%s", path);
	errno = 0;
	f->stream = stream_of(f, descriptor);
	if (!f->stream) {
		int code = errno ? errno : ENOMEM;
		close(descriptor);
		return error_system(e, code, "%s", path);
	}
	f->buffer = mem_alloc(BUFFER);
	setvbuf(f->stream, f->buffer, _IOFBF, BUFFER);
	return true;
}

struct pcapfile *pcapfile_open(const char *path, struct error *e)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	struct pcapfile *f = mem_zero(sizeof *f);
	if (!open_stream(f, path, e)) {
		pcapfile_close(f);
		return NULL;
	}
	if (f->is_ng) {
		f->ng = pcapng_new(f->stream);
		if (f->ng) {
			f->link_type = pcapng_link_type(f->ng);
			f->good = pcapng_good_bytes(f->ng);
			f->nanoseconds = true;
			return f;
		}
		error_set(e, "Scapy_Exception", "%s: not a capture file: its first block is broken", path);
		pcapfile_close(f);
		return NULL;
	}
	f->pcap = pcap_fopen_offline_with_tstamp_precision(f->stream, PCAP_TSTAMP_PRECISION_NANO, words);
	if (!f->pcap) {
		error_set(e, "Scapy_Exception", "%s: not a capture file: %s", path, words);
		pcapfile_close(f);
		return NULL;
	}
	f->link_type = pcap_datalink(f->pcap) & 0xffff;
	f->good = f->plain ? (uint64_t)ftell(f->stream) : 0;
	bool usual = f->link_type != DLT_USB_LINUX_MMAPPED;      /* libpcap mends the lengths of these */
	if (usual && f->plain && f->classic && !pcap_is_swapped(f->pcap) && pcap_major_version(f->pcap) == 2 && pcap_minor_version(f->pcap) == 4)
		f->usual = records_new(fileno(f->stream), f->good, (uint32_t)pcap_snapshot(f->pcap), f->link_type, f->nanoseconds);
	return f;
}

void pcapfile_close(struct pcapfile *f)
{
	if (!f)
		return;
	if (f->pcap)
		pcap_close(f->pcap);
	else if (f->stream)
		fclose(f->stream);
	pcapng_free(f->ng);
	records_free(f->usual);
	mem_free(f->buffer);
	mem_free(f->warning);
	mem_free(f);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static enum capture_result ended(struct pcapfile *f, const char *problem)
{
	struct buf text = {0};
	if (problem && !f->warning) {
		buf_print(&text, "%s (after %llu packets)", problem, (unsigned long long)f->records);
		f->warning = text.data;
	}
	return CAPTURE_NONE;
}

/* What comes next is read by libpcap, which also says what is wrong. */
static bool hand_over(struct pcapfile *f)
{
	bool there = fseeko(f->stream, (off_t)records_at(f->usual), SEEK_SET) == 0;
	records_free(f->usual);
	f->usual = NULL;
	return there;
}

static enum capture_result counted(struct pcapfile *f, const struct capture_frame *out)
{
	f->records++;
	f->good += 16 + out->len;        /* a classic file's record */
	return CAPTURE_FRAME;
}

enum capture_result pcapfile_next(struct pcapfile *f, struct capture_frame *out)
{
	struct pcap_pkthdr *header;
	if (f->usual && records_next(f->usual, out))
		return counted(f, out);
	if (f->usual && !hand_over(f))
		return ended(f, strerror(errno));
	if (f->warning)
		return CAPTURE_NONE;
	if (f->ng && pcapng_next(f->ng, out) == CAPTURE_FRAME) {
		f->records++;
		f->good = pcapng_good_bytes(f->ng);
		return CAPTURE_FRAME;
	}
	if (f->ng)
		return ended(f, pcapng_problem(f->ng));
	int code = pcap_next_ex(f->pcap, &header, &out->bytes);
	if (code != 1)
		return ended(f, code == PCAP_ERROR ? pcap_geterr(f->pcap) : NULL);
	*out = (struct capture_frame){
		.bytes = out->bytes, .len = header->caplen, .wire_len = header->len, .link_type = f->link_type,
		.time = (int64_t)header->ts.tv_sec * NANOSECONDS + header->ts.tv_usec,
	};
	return counted(f, out);
}

int pcapfile_link_type(const struct pcapfile *f)
{
	return f->link_type;
}

const char *pcapfile_warning(const struct pcapfile *f)
{
	return f->warning;
}

uint64_t pcapfile_good_bytes(const struct pcapfile *f)
{
	return f->good;
}

bool pcapfile_nanoseconds(const struct pcapfile *f)
{
	return f->nanoseconds;
}

bool pcapfile_classic(const struct pcapfile *f)
{
	return f->classic;
}

bool pcapfile_ng(const struct pcapfile *f)
{
	return f->is_ng;
}

bool pcapfile_compressed(const struct pcapfile *f)
{
	return !f->plain;
}

bool pcapfile_swapped(const struct pcapfile *f)
{
	return f->pcap && pcap_is_swapped(f->pcap);
}
