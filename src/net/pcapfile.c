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

enum { BUFFER = 1 << 18 };

struct pcapfile {
	pcap_t *pcap;                    /* closes the stream */
	FILE *stream;
	int link_type;
	bool nanoseconds, classic, plain;
	char *buffer, *warning;
	uint64_t good, records;
};

/* ---- gzip: zlib behind a stream. It reads what is not compressed as it is, so every file goes this way that cannot be
 * looked at beforehand. ---- */

static ssize_t gzip_read(void *state, char *room, size_t len)
{
	return gzread(state, room, (unsigned)len);
}

static int gzip_close(void *state)
{
	return gzclose(state) == Z_OK ? 0 : EOF;
}

static FILE *gzip_stream(int descriptor)
{
	gzFile zipped = gzdopen(descriptor, "rb");
	if (!zipped)
		return NULL;
	FILE *stream = fopencookie(zipped, "rb", (cookie_io_functions_t){ .read = gzip_read, .close = gzip_close });
	if (!stream)
		gzclose(zipped);
	return stream;
}

enum { MAGIC = 4 };

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

/* Pipes cannot be looked at and put back: they are read through zlib, and their kind is not known. */
static FILE *stream_of(struct pcapfile *f, int descriptor)
{
	uint8_t magic[MAGIC] = {0};
	ssize_t got = pread(descriptor, magic, sizeof magic, 0);
	if (got < 0 && errno != ESPIPE)
		return NULL;
	if (got < 0 || is_gzip(magic))
		return gzip_stream(descriptor);
	note_magic(f, magic);
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
	f->pcap = pcap_fopen_offline_with_tstamp_precision(f->stream, PCAP_TSTAMP_PRECISION_NANO, words);
	if (!f->pcap) {
		error_set(e, "Scapy_Exception", "%s: not a capture file: %s", path, words);
		pcapfile_close(f);
		return NULL;
	}
	f->link_type = pcap_datalink(f->pcap) & 0xffff;
	f->good = f->plain ? (uint64_t)ftell(f->stream) : 0;
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
	mem_free(f->buffer);
	mem_free(f->warning);
	mem_free(f);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static enum capture_result ended(struct pcapfile *f, int code)
{
	struct buf text = {0};
	if (code == PCAP_ERROR && !f->warning) {
		buf_print(&text, "%s (after %llu packets)", pcap_geterr(f->pcap), (unsigned long long)f->records);
		f->warning = text.data;
	}
	return CAPTURE_NONE;
}

enum capture_result pcapfile_next(struct pcapfile *f, struct capture_frame *out)
{
	struct pcap_pkthdr *header;
	if (f->warning)
		return CAPTURE_NONE;
	int code = pcap_next_ex(f->pcap, &header, &out->bytes);
	if (code != 1)
		return ended(f, code);
	*out = (struct capture_frame){
		.bytes = out->bytes, .len = header->caplen, .wire_len = header->len, .link_type = f->link_type,
		.time = (int64_t)header->ts.tv_sec * NANOSECONDS + header->ts.tv_usec,
	};
	f->records++;
	f->good += 16 + header->caplen;  /* a classic file's record */
	return CAPTURE_FRAME;
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
