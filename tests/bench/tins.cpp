/* The same work with libtins: tins build N, tins each N, tins write FILE N, tins dissect FILE, tins fields FILE. Prints microseconds a packet, best of three. */
#include <tins/tins.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace Tins;
using clock_type = std::chrono::steady_clock;

static double us_since(clock_type::time_point start, long count)
{
	return std::chrono::duration<double, std::micro>(clock_type::now() - start).count() / count;
}

/* libtins has no NTP: its 48 bytes are a RawPDU. */
static std::vector<uint8_t> ntp()
{
	std::vector<uint8_t> bytes(48, 0);
	bytes[0] = 0x23;
	bytes[1] = 2;
	bytes[2] = 10;
	return bytes;
}

static size_t build_one(uint16_t port)
{
	EthernetII p = EthernetII("02:00:00:00:00:02", "02:00:00:00:00:01") / IP("10.0.2.5", "10.0.2.1") / UDP(port, 123) / RawPDU(ntp());
	return p.serialize().size();
}

static double build(long count)
{
	size_t total = 0;
	auto start = clock_type::now();
	for (long i = 0; i < count; i++)
		total += build_one(123);
	return total ? us_since(start, count) : 0;
}

static double build_each(long count)
{
	size_t total = 0;
	auto start = clock_type::now();
	for (long i = 0; i < count; i++) {
		IP ip("10.0.2.5", "10.0.2.1");
		ip.id((uint16_t)i);
		EthernetII p = EthernetII("02:00:00:00:00:02", "02:00:00:00:00:01") / ip / UDP(i % 65000, 123) / RawPDU(ntp());
		total += p.serialize().size();
	}
	return total ? us_since(start, count) : 0;
}

static double dissect(const char *name)
{
	long count = 0, total = 0;
	FileSniffer sniffer(name);
	auto start = clock_type::now();
	sniffer.sniff_loop([&](PDU &p) {
		total += p.rfind_pdu<IP>().ttl() + p.rfind_pdu<UDP>().dport();
		count++;
		return true;
	});
	return total ? us_since(start, count) : 0;
}

/* Mixed frames: not every one has both layers. */
static double fields(const char *name)
{
	long count = 0, total = 0;
	FileSniffer sniffer(name);
	auto start = clock_type::now();
	sniffer.sniff_loop([&](PDU &p) {
		if (const IP *ip = p.find_pdu<IP>())
			total += ip->ttl();
		if (const UDP *udp = p.find_pdu<UDP>())
			total += udp->dport();
		count++;
		return true;
	});
	return total ? us_since(start, count) : 0;
}

int main(int argc, char **argv)
{
	double best = 1e9;
	if (argc == 4 && !strcmp(argv[1], "write")) {
		PacketWriter writer(argv[2], DataLinkType<EthernetII>());
		for (long i = 0; i < atol(argv[3]); i++) {
			EthernetII p = EthernetII("02:00:00:00:00:02", "02:00:00:00:00:01") / IP("10.0.2.5", "10.0.2.1") / UDP(1 + i % 65000, 123) / RawPDU(ntp());
			writer.write(p);
		}
		return 0;
	}
	if (argc != 3)
		return 2;
	for (int i = 0; i < 3; i++) {
		double us = !strcmp(argv[1], "build") ? build(atol(argv[2])) : !strcmp(argv[1], "each") ? build_each(atol(argv[2])) : !strcmp(argv[1], "fields") ? fields(argv[2]) : dissect(argv[2]);
		best = us < best ? us : best;
	}
	printf("%.3f\n", best);
	return 0;
}
