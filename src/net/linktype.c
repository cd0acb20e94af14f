#include "net/linktype.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

enum { SNAP = 65535, NUMBER_AT = 20 };

bool linktype_header(int dlt, uint32_t snap, bool nanoseconds, uint8_t header[static PCAP_HEADER])
{
	FILE *stream = fmemopen(header, PCAP_HEADER, "wb");
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(dlt, (int)(snap ? snap : SNAP), nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
	pcap_dumper_t *dumper = stream && pcap ? pcap_dump_fopen(pcap, stream) : NULL;
	bool done = dumper && pcap_dump_flush(dumper) == 0;
	if (dumper)
		pcap_dump_close(dumper);
	else if (stream)
		fclose(stream);
	if (pcap)
		pcap_close(pcap);
	return done;
}

int linktype_in_files(int dlt)
{
	uint8_t header[PCAP_HEADER];
	uint32_t number;
	if (!linktype_header(dlt, 0, true, header))
		return dlt;
	memcpy(&number, header + NUMBER_AT, sizeof number);
	return (int)number;
}

int linktype_in_programs(int linktype)
{
	char words[PCAP_ERRBUF_SIZE];
	uint8_t header[PCAP_HEADER];
	uint32_t number = (uint32_t)linktype;
	if (!linktype_header(DLT_EN10MB, 0, true, header))
		return linktype;
	memcpy(header + NUMBER_AT, &number, sizeof number);
	FILE *stream = fmemopen(header, sizeof header, "rb");
	pcap_t *pcap = stream ? pcap_fopen_offline(stream, words) : NULL;
	int dlt = pcap ? pcap_datalink(pcap) : linktype;
	if (pcap)
		pcap_close(pcap);
	else if (stream)
		fclose(stream);
	return dlt;
}
