/* Link types have two numbers: the one that programs use (DLT_*) and the one that files hold (LINKTYPE_*), which is the same on
 * every system. libpcap keeps the table, and shows it only by writing and reading a classic file's header. */
#ifndef NET_LINKTYPE_H
#define NET_LINKTYPE_H

#include <stdbool.h>
#include <stdint.h>

enum { PCAP_HEADER = 24 };

/* The header of a classic file, in this machine's byte order. `snap` 0: 65535, as Scapy writes it. false: libpcap has no such link type, or no memory. */
bool linktype_header(int dlt, uint32_t snap, bool nanoseconds, uint8_t header[static PCAP_HEADER]);

int linktype_in_files(int dlt);              /* itself where libpcap does not know it */
int linktype_in_programs(int linktype);

#endif
