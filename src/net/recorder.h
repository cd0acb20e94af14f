/* sniff(write=): frames go into a capture file as they come, or into one after the other, the oldest of which are removed.
 *
 * A file has its name from its first frame on and is brought up to date whenever nothing waits, so that it can be read at any
 * moment and whatever ends the program. What had the name before keeps it until there is a frame to write. */
#ifndef NET_RECORDER_H
#define NET_RECORDER_H

#include "net/capture.h"

struct recorder;

struct recorder_options {
	const char *path;                /* ".pcapng" at its end: in that format. Rotating: "x.pcap" becomes x_00001.pcap, x_00002.pcap ... */
	uint64_t size;                   /* bytes after which another file begins; 0: never */
	int64_t time;                    /* nanoseconds between a file's first frame and the next file's; 0: any */
	uint64_t keep;                   /* so many files are kept; 0: all */
};

struct recorder *recorder_new(const struct recorder_options *options);
bool recorder_add(struct recorder *r, const struct capture_frame *f, struct error *e);
bool recorder_flush(struct recorder *r, struct error *e);
bool recorder_end(struct recorder *r, struct error *e);      /* frees it, on failure too */

#endif
