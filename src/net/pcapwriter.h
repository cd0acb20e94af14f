/* Capture files being written: in pcap's classic format, whose header is libpcap's, or pcapng.
 *
 * A file appears whole: records go to a temporary file in the same folder, or, of what is written in one go, to a file without a name.
 * It takes the name's place when it is closed, or shown. What had the name before is untouched until then, and what was written is
 * a readable capture file at any moment. Appending
 * writes into the file itself, behind its last whole record. Devices and pipes are written directly. */
#ifndef NET_PCAPWRITER_H
#define NET_PCAPWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#include "net/capture.h"

struct pcapwriter;

struct pcapwriter_options {
	int link_type;               /* DLT */
	bool nanoseconds;            /* so that times are equal after a write and a read; else microseconds; appending keeps what the file has */
	bool append;
	bool compress;               /* gzip; not with append */
	bool ng;                     /* pcapng: packets of any link types, with their interfaces' names; appending begins another section */
	bool swapped;                /* the other byte order than this machine's, in a new classic file; appending keeps what the file has */
	bool at_once;                /* it is written in one go: where it is interrupted nothing of it stays, not even a temporary file */
	uint32_t snap;               /* said in the header; 0: 65535, as Scapy writes it */
};

/* Could a file be written there? For those who open it later, with the first packet. OSError when not. */
bool pcapwriter_possible(const char *path, struct error *e);

/* `path` "-": standard output, unless that is a terminal. OSError; Scapy_Exception when the file to append to has another link
 * type or format. */
struct pcapwriter *pcapwriter_open(const char *path, const struct pcapwriter_options *options, struct error *e);

/* `time` in nanoseconds since 1970; `wire_len` 0: as `len`. */
bool pcapwriter_add(struct pcapwriter *w, const void *bytes, size_t len, size_t wire_len, int64_t time, struct error *e);
/* The same of a frame with all that is told of it, which pcapng keeps. */
bool pcapwriter_put(struct pcapwriter *w, const struct capture_frame *f, struct error *e);
bool pcapwriter_flush(struct pcapwriter *w, struct error *e);
/* What is written so far takes the name now, and all that follows goes there. */
bool pcapwriter_show(struct pcapwriter *w, struct error *e);
const char *pcapwriter_warning(const struct pcapwriter *w);   /* appending cut a broken record off; NULL: nothing */

/* Ends it and frees it, on failure too. `even_empty`: a file without records also takes the place of what was there. */
bool pcapwriter_close(struct pcapwriter *w, bool even_empty, struct error *e);
/* Gives up: what had the name keeps it. What was appended stays. */
void pcapwriter_abandon(struct pcapwriter *w);

#endif
