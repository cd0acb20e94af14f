/* The kernel's side of src/net, in a network namespace of this process's own: two veth pairs, a tun device, loopback. All of
 * it is gone when the process ends. Skipped where no namespace can be made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pcap/dlt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net/capture.h"
#include "net/deadline.h"
#include "net/iface.h"
#include "net/inject.h"
#include "net/neigh.h"
#include "net/noreset.h"
#include "net/route.h"

static bool lab;
static struct netlink *netlink;
static struct iface_table *ifaces;

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void settle(void)
{
	deadline_sleep(deadline_in(0.002));      /* notifications are looked for every fifth of a millisecond */
}

static void put_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);
	if (file >= 0 && write(file, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(file);
}

static bool enter(void)
{
	char map[32];
	uid_t user = getuid();
	gid_t group = getgid();
	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	put_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", user);
	put_file("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1", group);
	put_file("/proc/self/gid_map", map);
	return true;
}

static int make_lab(void **state)
{
	struct error e = {0};
	lab = enter() && system("ip link set lo up && ip link add v0 type veth peer name v1 && ip link add w0 type veth peer name w1 "
	                        "&& for i in v0 v1 w0 w1; do ip link set $i up || exit 1; done "
	                        "&& ip addr add 10.9.0.1/24 brd + dev v0 && ip addr add fd09::1/64 dev v0 nodad") == 0;
	if (!lab)
		return 0;
	netlink = netlink_new(&e);
	ifaces = iface_table_new(netlink);
	return netlink ? 0 : -1;
}

static int end_lab(void **state)
{
	iface_table_free(ifaces);
	netlink_free(netlink);
	return 0;
}

static struct address parsed(const char *text)
{
	struct address a;
	assert_true(address_parse(text, &a));
	return a;
}

static const struct iface *named(const char *name)
{
	struct error e = {0};
	const struct iface *i = iface_by_name(ifaces, name, &e);
	if (!i)
		fail_msg("%s", e.message);
	return i;
}

#define NEEDS_LAB() do { if (!lab) skip(); } while (0)

/* ---- the kernel's tables ---------------------------------------------------------------------------------------------- */

static void interfaces(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct address first = parsed("10.9.0.1"), near = parsed("10.9.0.77"), far = parsed("10.9.1.77"), added = parsed("10.9.7.1");
	const struct iface *v0 = named("v0");
	assert_int_equal(v0->hardware, ARPHRD_ETHER);
	assert_int_equal(v0->link_type, DLT_EN10MB);
	assert_int_equal(v0->mtu, 1500);
	assert_true(iface_is_up(v0) && !iface_is_loopback(v0));
	assert_true(address_equal(&iface_address_first(v0, AF_INET)->address, &first));
	assert_int_equal(iface_address_first(v0, AF_INET)->prefix, 24);
	assert_true(address_equal(&iface_address_first(v0, AF_INET)->broadcast, &(struct address){ AF_INET, { 10, 9, 0, 255 } }));
	assert_int_equal(iface_address_first(v0, AF_INET6)->address.bytes[0], 0xfd);     /* before the link's own */
	assert_non_null(iface_address_near(v0, &near));
	assert_null(iface_address_near(v0, &far));
	assert_string_equal(iface_of_address(ifaces, &first)->name, "v0");
	assert_null(iface_of_address(ifaces, &near));
	settle();                    /* the devices' own news (carrier) are over */
	uint32_t before = iface_generation(ifaces);
	run("ip addr add 10.9.7.1/24 dev v1; ip link set w1 mtu 1400");
	settle();
	assert_true(iface_generation(ifaces) != before);
	assert_string_equal(iface_of_address(ifaces, &added)->name, "v1");
	assert_int_equal(named("w1")->mtu, 1400);
	run("ip addr del 10.9.7.1/24 dev v1; ip link set w1 mtu 1500");
	assert_null(iface_by_name(ifaces, "V0", &e));
	assert_non_null(strstr(e.message, "did you mean 'v0'"));
	error_clear(&e);
}

static void expect_route(struct route_cache *c, const char *to, enum route_kind kind, const char *iface, const char *gateway, const char *source)
{
	struct error e = {0};
	struct address a = parsed(to);
	char text[ADDRESS_TEXT];
	const struct route *r = route_to(c, &a, 0, &e);
	if (!r)
		fail_msg("%s", e.message);
	assert_int_equal(r->kind, kind);
	assert_int_equal(r->iface, named(iface)->index);
	assert_string_equal(address_text(&r->gateway, text), gateway);
	assert_string_equal(address_text(&r->source, text), source);
}

static bool count_default(const struct route_entry *entry, void *state)
{
	if (!entry)                             /* from the beginning */
		*(int *)state = 0;
	else if (entry->prefix == 0 && entry->route.gateway.family)
		++*(int *)state;
	return true;
}

static void routes(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	int defaults = 0;
	struct route_cache *c = route_cache_new(netlink);
	expect_route(c, "10.9.0.5", ROUTE_UNICAST, "v0", "none", "10.9.0.1");
	expect_route(c, "10.9.0.1", ROUTE_LOCAL, "lo", "none", "10.9.0.1");
	expect_route(c, "10.9.0.255", ROUTE_BROADCAST, "v0", "none", "10.9.0.1");
	expect_route(c, "fd09::7", ROUTE_UNICAST, "v0", "none", "fd09::1");
	expect_route(c, "::1", ROUTE_LOCAL, "lo", "none", "::1");
	struct address far = parsed("192.0.2.1"), all = parsed("ff02::1");
	assert_null(route_to(c, &far, 0, &e));
	assert_int_equal(e.code, ENETUNREACH);
	assert_non_null(strstr(e.message, "no route to 192.0.2.1"));
	error_clear(&e);
	run("ip route add default via 10.9.0.254; ip route add prohibit 198.51.100.0/24");
	settle();
	expect_route(c, "192.0.2.1", ROUTE_UNICAST, "v0", "10.9.0.254", "10.9.0.1");
	expect_route(c, "224.0.0.251", ROUTE_MULTICAST, "v0", "none", "10.9.0.1");
	struct address forbidden = parsed("198.51.100.1");
	assert_null(route_to(c, &forbidden, 0, &e));
	assert_int_equal(e.code, EACCES);
	error_clear(&e);
	const struct route *r = route_to(c, &all, named("w0")->index, &e);
	assert_non_null(r);
	assert_int_equal(r->kind, ROUTE_MULTICAST);
	assert_int_equal(r->iface, named("w0")->index);
	assert_true(route_each(c, AF_INET, count_default, &defaults, &e));
	assert_int_equal(defaults, 1);
	run("ip route del default; ip route del prohibit 198.51.100.0/24");
	settle();
	assert_null(route_to(c, &far, 0, &e));
	error_clear(&e);
	route_cache_free(c);
}

static void neighbours(void **state)
{
	NEEDS_LAB();
	struct neigh_cache *c = neigh_cache_new(netlink);
	struct address a = parsed("10.9.0.9"), six = parsed("fd09::9");
	struct neigh n;
	int v0 = named("v0")->index;
	assert_false(neigh_find(c, v0, &a, &n));
	run("ip neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev v0; ip -6 neigh add fd09::9 lladdr 02:00:00:00:00:19 dev v0");
	settle();
	assert_true(neigh_find(c, v0, &a, &n));
	assert_int_equal(n.mac_len, 6);
	assert_int_equal(n.mac[5], 9);
	assert_true(neigh_find(c, v0, &six, &n));
	assert_int_equal(n.mac[5], 0x19);
	assert_false(neigh_find(c, named("w0")->index, &a, &n));
	run("ip neigh change 10.9.0.9 lladdr 02:00:00:00:00:0a dev v0");
	settle();
	assert_true(neigh_find(c, v0, &a, &n));
	assert_int_equal(n.mac[5], 10);
	run("ip neigh del 10.9.0.9 dev v0");
	settle();
	assert_false(neigh_find(c, v0, &a, &n));
	neigh_cache_free(c);
}

/* ---- frames ----------------------------------------------------------------------------------------------------------- */

static struct capture *open_capture(const char *iface, const char *filter)
{
	struct error e = {0};
	struct capture_options options = { .iface = iface, .filter = filter };
	struct capture *c = capture_open(&options, &e);
	if (!c)
		fail_msg("%s", e.message);
	return c;
}

static bool next_frame(struct capture *c, struct capture_frame *out, double seconds)
{
	struct error e = {0};
	int64_t until = deadline_in(seconds);
	for (;;) {
		enum capture_result result = capture_next(c, out, &e);
		if (result == CAPTURE_FAILED)
			fail_msg("%s", e.message);
		if (result == CAPTURE_FRAME)
			return true;
		if (!capture_wait(&c, 1, -1, until) && errno == ETIMEDOUT)
			return false;
	}
}

static struct inject *open_link(const char *name)
{
	struct error e = {0};
	struct inject *i = inject_link(named(name), &e);
	if (!i)
		fail_msg("%s", e.message);
	return i;
}

static void on_a_wire(void **state)
{
	NEEDS_LAB();
	enum { COUNT = 150 };
	struct error e = {0};
	struct capture *in = open_capture("w1", "ether proto 0x88b5");
	struct inject *out = open_link("w0");
	struct inject_frame frames[COUNT];
	struct capture_frame got;
	struct capture_counts counts;
	static uint8_t bytes[COUNT][60];
	for (int i = 0; i < COUNT; i++) {
		bytes[i][0] = 2;
		bytes[i][12] = 0x88;
		bytes[i][13] = i == 7 ? 0xb6 : 0xb5;
		bytes[i][14] = (uint8_t)i;
		frames[i] = (struct inject_frame){ bytes[i], sizeof bytes[i] };
	}
	int flags = fcntl(capture_descriptor(in), F_GETFD);
	assert_true(flags & FD_CLOEXEC);
	assert_int_equal(capture_link_type(in), DLT_EN10MB);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	assert_int_equal(inject_send(out, frames, COUNT, &e), COUNT);
	assert_int_equal(inject_send(out, frames, 1, &e), 1);
	for (int i = 0; i <= COUNT; i++) {
		if (i == 7)
			continue;
		assert_true(next_frame(in, &got, 2));
		assert_int_equal(got.len, 60);
		assert_int_equal(got.bytes[14], i % COUNT);
		assert_true(llabs(got.time / NANOSECONDS - now.tv_sec) <= 2);
	}
	assert_false(next_frame(in, &got, 0.01));
	capture_counts(in, &counts);
	assert_int_equal(counts.seen, COUNT);
	assert_int_equal(counts.dropped, 0);
	assert_true(capture_filter(in, "", &e));
	assert_int_equal(inject_send(out, frames, 1, &e), 1);
	assert_false(next_frame(in, &got, 0.01));
	assert_true(inject_bypass(out, true));
	assert_true(capture_filter(in, NULL, &e));
	assert_int_equal(inject_send(out, frames, 1, &e), 1);
	assert_true(next_frame(in, &got, 2));
	inject_free(out);
	capture_free(in);
}

static void on_any(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct capture *in = open_capture("any", "ether proto 0x88b5");
	struct inject *out = open_link("w0");
	uint8_t bytes[60] = { 2, [12] = 0x88, [13] = 0xb5 };
	struct inject_frame frame = { bytes, sizeof bytes };
	struct capture_frame got;
	assert_int_equal(capture_link_type(in), DLT_LINUX_SLL2);
	assert_int_equal(inject_send(out, &frame, 1, &e), 1);
	assert_true(next_frame(in, &got, 2));
	assert_int_equal(got.bytes[0] << 8 | got.bytes[1], 0x88b5);
	inject_free(out);
	capture_free(in);
}

static void refusals(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct inject *out = open_link("w0");
	static uint8_t bytes[3000] = { 2, [12] = 0x88, [13] = 0xb5 };
	struct inject_frame frames[] = { { bytes, 60 }, { bytes, sizeof bytes }, { bytes, 60 } };
	assert_int_equal(inject_send(out, frames, 3, &e), 1);
	assert_int_equal(e.code, EMSGSIZE);
	assert_non_null(strstr(e.message, "3000 bytes do not fit the MTU of w0 (1500)"));
	error_clear(&e);
	run("ip link set w0 down");
	assert_int_equal(inject_send(out, frames, 1, &e), 0);
	assert_int_equal(e.code, ENETDOWN);
	assert_non_null(strstr(e.message, "ip link set w0 up"));
	error_clear(&e);
	run("ip link set w0 up");
	deadline_sleep(deadline_in(0.05));
	assert_int_equal(inject_send(out, frames, 1, &e), 1);
	inject_free(out);
}

static void interface_goes(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct capture_frame got;
	enum capture_result result = CAPTURE_NONE;
	run("ip link add x0 type veth peer name x1; ip link set x0 up; ip link set x1 up");
	settle();
	struct capture *in = open_capture("x1", NULL);
	struct inject *out = open_link("x0");
	run("ip link del x0");
	int64_t until = deadline_in(2);
	while (result != CAPTURE_FAILED && !deadline_passed(until)) {
		capture_wait(&in, 1, -1, until);
		result = capture_next(in, &got, &e);
	}
	assert_int_equal(result, CAPTURE_FAILED);
	assert_int_equal(e.code, ENODEV);
	assert_string_equal(e.message, "interface x1 is gone");
	error_clear(&e);
	uint8_t bytes[60] = { 2 };
	struct inject_frame frame = { bytes, sizeof bytes };
	assert_int_equal(inject_send(out, &frame, 1, &e), 0);
	assert_int_equal(e.code, ENODEV);
	error_clear(&e);
	inject_free(out);
	capture_free(in);
}

static void tunnel(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct ifreq request = { .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0)
		skip();
	run("ip link set t0 up");
	settle();
	assert_int_equal(named("t0")->link_type, DLT_RAW);
	struct inject *out = open_link("t0");
	assert_int_equal(inject_link_type(out), DLT_RAW);
	uint8_t bytes[28] = { 0x45, [3] = 28, [8] = 64, [9] = 17, [12] = 10, 1, 1, 1, 10, 1, 1, 2 }, got[2000] = {0};
	struct inject_frame frame = { bytes, sizeof bytes };
	assert_int_equal(inject_send(out, &frame, 1, &e), 1);
	bool found = false;
	for (ssize_t len; !found && (len = read(tun, got, sizeof got)) > 0;)     /* the kernel says things of its own there */
		found = len == sizeof bytes && memcmp(got, bytes, sizeof bytes) == 0;
	assert_true(found);
	inject_free(out);
	close(tun);
}

/* ---- to this machine -------------------------------------------------------------------------------------------------- */

static int udp_socket(int family, uint16_t *port)
{
	union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } place = { .any.sa_family = (sa_family_t)family };
	socklen_t size = sizeof place;
	struct timeval limit = { .tv_sec = 2 };
	int s = socket(family, SOCK_DGRAM, 0);
	assert_int_equal(bind(s, &place.any, size), 0);
	getsockname(s, &place.any, &size);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	*port = place.v4.sin_port;
	return s;
}

static void raw4(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct inject_pool *pool = inject_pool_new(ifaces);
	struct inject *out = inject_pool_raw(pool, AF_INET, 0, &e);
	char got[16];
	uint16_t port;
	int s = udp_socket(AF_INET, &port);
	if (!out)
		fail_msg("%s", e.message);
	assert_ptr_equal(inject_pool_raw(pool, AF_INET, 0, &e), out);
	struct { struct ip ip; struct udphdr udp; char text[4]; } packet = { .text = "ping" };
	packet.ip.ip_v = 4;
	packet.ip.ip_hl = 5;
	packet.ip.ip_ttl = 64;
	packet.ip.ip_p = IPPROTO_UDP;
	packet.ip.ip_src.s_addr = packet.ip.ip_dst.s_addr = htonl(INADDR_LOOPBACK);
	packet.udp.uh_dport = port;
	packet.udp.uh_ulen = htons(12);
	struct inject_frame frames[] = { { &packet, 32 }, { &packet, 32 }, { &packet, 8 } };
	assert_int_equal(inject_send(out, frames, 3, &e), 2);
	assert_int_equal(e.code, EMSGSIZE);
	error_clear(&e);
	assert_int_equal(recv(s, got, sizeof got, 0), 4);
	assert_int_equal(recv(s, got, sizeof got, 0), 4);
	assert_memory_equal(got, "ping", 4);
	assert_true(inject_pool_mark(pool, 7, &e));
	uint32_t mark = 0;
	assert_true(inject_mark(out, 0, &e));
	assert_int_equal(inject_send(out, frames, 1, &e), 1);
	assert_int_equal(recv(s, got, sizeof got, 0), 4);
	(void)mark;
	close(s);
	inject_pool_free(pool);
}

static uint32_t sum_words(const uint8_t *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void raw6(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	struct inject *out = inject_raw(AF_INET6, 0, &e);
	char got[16];
	uint16_t port;
	int s = udp_socket(AF_INET6, &port);
	uint8_t packet[52] = { 0x60, [5] = 12, [6] = IPPROTO_UDP, [7] = 64, [23] = 1, [39] = 1, [45] = 12, [48] = 'p', 'i', 'n', 'g' };
	memcpy(packet + 42, &port, 2);
	uint16_t sum = sum_end(sum_words(packet + 8, 44, IPPROTO_UDP + 12));
	memcpy(packet + 46, &sum, 2);
	struct inject_frame frame = { packet, sizeof packet };
	if (!out)
		fail_msg("%s", e.message);
	assert_int_equal(inject_send(out, &frame, 1, &e), 1);
	assert_int_equal(recv(s, got, sizeof got, 0), 4);
	assert_memory_equal(got, "ping", 4);
	close(s);
	inject_free(out);
}

/* ---- the kernel's reset ----------------------------------------------------------------------------------------------- */

struct segment {
	struct ip ip;
	struct tcphdr tcp;
};

static struct segment segment_make(uint16_t sport, uint16_t dport, uint32_t seq, uint8_t flags)
{
	struct segment s = { .ip = { .ip_v = 4, .ip_hl = 5, .ip_ttl = 64, .ip_p = IPPROTO_TCP } };
	s.ip.ip_src.s_addr = s.ip.ip_dst.s_addr = htonl(INADDR_LOOPBACK);
	s.tcp.th_sport = htons(sport);
	s.tcp.th_dport = htons(dport);
	s.tcp.th_seq = htonl(seq);
	s.tcp.th_off = 5;
	s.tcp.th_flags = flags;
	s.tcp.th_win = htons(8192);
	s.tcp.th_sum = sum_end(sum_words((uint8_t *)&s.tcp, 20, sum_words((uint8_t *)&s.ip.ip_src, 8, IPPROTO_TCP + 20)));
	return s;
}

/* Is a segment to `port` with exactly these flags seen on lo within a short time? */
static bool seen(struct capture *in, uint16_t port, uint8_t flags)
{
	struct capture_frame got;
	while (next_frame(in, &got, 0.1)) {
		const uint8_t *tcp = got.bytes + 14 + 20;
		if (got.len >= 54 && (tcp[2] << 8 | tcp[3]) == port && tcp[13] == flags)
			return true;
	}
	return false;
}

static int listener(uint16_t *port)
{
	struct sockaddr_in place = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof place;
	int s = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s, (struct sockaddr *)&place, size), 0);
	assert_int_equal(listen(s, 5), 0);
	getsockname(s, (struct sockaddr *)&place, &size);
	*port = ntohs(place.sin_port);
	return s;
}

static void send_segment(struct inject *out, struct segment s)
{
	struct error e = {0};
	struct inject_frame frame = { &s, sizeof s };
	if (inject_send(out, &frame, 1, &e) != 1)
		fail_msg("%s", e.message);
}

static void no_reset(void **state)
{
	NEEDS_LAB();
	struct error e = {0};
	uint16_t port;
	int server = listener(&port);
	struct capture *in = open_capture("lo", "tcp");
	struct inject_pool *pool = inject_pool_new(ifaces);
	struct inject *out = inject_pool_raw(pool, AF_INET, 0, &e);
	send_segment(out, segment_make(40001, port, 1000, TH_SYN));
	assert_true(seen(in, 40001, TH_SYN | TH_ACK));
	assert_true(seen(in, port, TH_RST));                     /* the kernel's */
	struct noreset_match match = { .destination = parsed("127.0.0.1"), .destination_port = port };
	struct noreset_match other = { .destination = parsed("10.0.0.0"), .prefix = 8, .source_port = 9 }, six = { .destination = parsed("::1") };
	struct noreset *rule = noreset_new(&match, &e), *second = noreset_new(&other, &e), *third = noreset_new(&six, &e);
	if (!rule || !second || !third)
		fail_msg("%s", e.message);
	assert_true(inject_pool_mark(pool, NORESET_MARK, &e));
	send_segment(out, segment_make(40002, port, 1000, TH_SYN));
	assert_true(seen(in, 40002, TH_SYN | TH_ACK));
	assert_false(seen(in, port, TH_RST));
	send_segment(out, segment_make(40002, port, 1001, TH_RST));   /* ours passes */
	assert_true(seen(in, port, TH_RST));
	noreset_free(rule);
	noreset_free(second);
	noreset_free(third);
	send_segment(out, segment_make(40003, port, 1000, TH_SYN));
	assert_true(seen(in, port, TH_RST));
	inject_pool_free(pool);
	capture_free(in);
	close(server);
}

static int count_tables(void)
{
	char text[8] = "";
	FILE *nft = popen("nft list tables 2>/dev/null | grep -c pktsh_", "r");
	char *line = fgets(text, sizeof text, nft);
	pclose(nft);
	return line ? atoi(line) : -1;
}

/* The rule goes with a killed process, also while a program that it executed runs on. */
static void rule_dies(void **state)
{
	NEEDS_LAB();
	int ready[2];
	char byte;
	if (system("command -v nft >/dev/null") != 0)
		skip();
	assert_int_equal(pipe(ready), 0);
	pid_t maker = fork();
	if (maker == 0) {
		struct error e = {0};
		struct noreset_match match = { .destination_port = 1 };
		bool made = noreset_new(&match, &e) != NULL;
		if (fork() == 0)
			execlp("sleep", "sleep", "3", (char *)NULL);
		_exit(!made || write(ready[1], "x", 1) != 1 || pause());
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(count_tables(), 1);
	kill(maker, SIGKILL);
	waitpid(maker, NULL, 0);
	int left = 1;
	for (int64_t until = deadline_in(1); left && !deadline_passed(until); deadline_sleep(deadline_in(0.02)))
		left = count_tables();
	assert_int_equal(left, 0);
	close(ready[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces),
		cmocka_unit_test(routes),
		cmocka_unit_test(neighbours),
		cmocka_unit_test(on_a_wire),
		cmocka_unit_test(on_any),
		cmocka_unit_test(refusals),
		cmocka_unit_test(interface_goes),
		cmocka_unit_test(tunnel),
		cmocka_unit_test(raw4),
		cmocka_unit_test(raw6),
		cmocka_unit_test(no_reset),
		cmocka_unit_test(rule_dies),
	};
	return cmocka_run_group_tests(tests, make_lab, end_lab);
}
