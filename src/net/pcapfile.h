/* Capture files being read: pcap and pcapng, micro- and nanoseconds, both byte orders, also compressed by gzip. The usual classic
 * format is read by records.h, what is unusual in it by libpcap (which also says what is wrong), pcapng by pcapng.h. A file that ends in the middle of a record, or turns bad, gives what could be read and a warning. */
#ifndef NET_PCAPFILE_H
#define NET_PCAPFILE_H

#include "net/capture.h"

struct pcapfile;

/* `path` "-": standard input. OSError when it cannot be opened, Scapy_Exception when it is no capture file. */
struct pcapfile *pcapfile_open(const char *path, struct error *e);
void pcapfile_close(struct pcapfile *f);

/* CAPTURE_NONE: the end. Never CAPTURE_FAILED: see the warning. */
enum capture_result pcapfile_next(struct pcapfile *f, struct capture_frame *out);
int  pcapfile_link_type(const struct pcapfile *f);           /* DLT, without the frame check length that its high bits hold; of a pcapng file's first interface: frames say theirs */
const char *pcapfile_warning(const struct pcapfile *f);      /* why it ended early; NULL: it did not */
uint64_t pcapfile_good_bytes(const struct pcapfile *f);      /* up to the end of the last whole record; plain files only */
bool pcapfile_nanoseconds(const struct pcapfile *f);         /* it keeps nanoseconds (pcapng counts as such) */
bool pcapfile_classic(const struct pcapfile *f);             /* pcap, not pcapng, not compressed */
bool pcapfile_ng(const struct pcapfile *f);
bool pcapfile_compressed(const struct pcapfile *f);          /* or a pipe */
bool pcapfile_swapped(const struct pcapfile *f);             /* a classic file in the other byte order than this machine's */

#endif
