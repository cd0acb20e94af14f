/* Capture filters in tcpdump's language, compiled by libpcap. */
#ifndef NET_FILTER_H
#define NET_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct pcap;
struct bpf_program;
struct filter;

/* For frames of a link type (DLT), away from any interface. Scapy_Exception with libpcap's words; where the word to blame can
 * be told, the error carries the filter as its source with that word as span. May look up host names that stand in it. */
struct filter *filter_new(const char *text, int link_type, struct error *e);
void filter_free(struct filter *f);
bool filter_match(const struct filter *f, const void *bytes, size_t len, size_t wire_len);

/* For an open capture: as that handle's interface wants it. `netmask` in network order, UINT32_MAX: not known. */
bool filter_compile(struct pcap *pcap, const char *text, uint32_t netmask, struct bpf_program *out, struct error *e);

#endif
