/* Addresses, deadlines, and the kernel's tables as every namespace has them: the loopback interface and routes to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <pcap/dlt.h>
#include <sys/socket.h>

#include "net/deadline.h"
#include "net/iface.h"
#include "net/neigh.h"
#include "net/route.h"

static struct address parsed(const char *text)
{
	struct address a;
	assert_true(address_parse(text, &a));
	return a;
}

static void addresses(void **state)
{
	char text[ADDRESS_TEXT];
	struct address a = parsed("10.0.2.5"), b = parsed("2001:db8::1"), none = {0};
	assert_string_equal(address_text(&a, text), "10.0.2.5");
	assert_string_equal(address_text(&b, text), "2001:db8::1");
	assert_string_equal(address_text(&none, text), "none");
	assert_false(address_parse("10.0.2", &a));
	assert_false(address_parse("0x7f.1", &a));
	assert_false(address_parse("host", &a));
	struct address net = parsed("10.0.2.0"), out = parsed("10.0.3.1");
	a = parsed("10.0.2.127");
	assert_true(address_in(&a, &net, 24));
	assert_true(address_in(&a, &net, 25));
	assert_false(address_in(&a, &net, 26));
	assert_false(address_in(&out, &net, 24));
	assert_true(address_in(&out, &net, 23));
	assert_true(address_in(&out, &none, 0) == false);
	a = parsed("224.0.0.251"), b = parsed("ff02::1");
	assert_true(address_is_multicast(&a) && address_is_multicast(&b) && !address_is_multicast(&net));
	a = parsed("127.5.5.5"), b = parsed("::1");
	assert_true(address_is_loopback(&a) && address_is_loopback(&b) && !address_is_loopback(&net));
	a = parsed("169.254.1.1"), b = parsed("fe80::1");
	assert_true(address_is_link_local(&a) && address_is_link_local(&b) && !address_is_link_local(&net));
}

static void deadlines(void **state)
{
	assert_true(deadline_passed(deadline_in(0)));
	assert_true(deadline_passed(deadline_in(-5)));
	assert_true(deadline_passed(deadline_in(NAN)));
	assert_false(deadline_passed(deadline_in(60)));
	assert_true(deadline_in(INFINITY) == DEADLINE_NEVER);
	assert_true(deadline_in(1e300) == DEADLINE_NEVER);
	assert_false(deadline_passed(DEADLINE_NEVER));
	int64_t until = deadline_in(0.02);
	assert_true(deadline_sleep(until));
	assert_true(deadline_passed(until));
	assert_true(deadline_now() < until + NANOSECONDS);
}

static void loopback(void **state)
{
	struct error e = {0};
	struct netlink *n = netlink_new(&e);
	assert_non_null(n);
	struct iface_table *t = iface_table_new(n);
	const struct iface *lo = iface_by_name(t, "lo", &e);
	assert_non_null(lo);
	assert_true(iface_is_loopback(lo));
	assert_int_equal(lo->link_type, DLT_EN10MB);
	assert_int_equal(lo->mac_len, 6);
	assert_true(lo->mtu >= 1500);
	assert_ptr_equal(iface_by_index(t, lo->index, &e), lo);
	assert_null(iface_by_name(t, "loo", &e));
	assert_string_equal(e.message, "no interface 'loo'; did you mean 'lo'?");
	assert_int_equal(e.code, ENODEV);
	error_clear(&e);
	assert_null(iface_by_name(t, "zzzzzzzz", &e));
	assert_non_null(strstr(e.message, "there are lo"));
	error_clear(&e);
	assert_null(iface_by_index(t, 1 << 30, &e));
	error_clear(&e);
	iface_table_free(t);
	netlink_free(n);
}

static void routes(void **state)
{
	struct error e = {0};
	struct netlink *n = netlink_new(&e);
	struct route_cache *c = route_cache_new(n);
	struct neigh_cache *neighbours = neigh_cache_new(n);
	struct address here = parsed("127.0.0.1"), bad = parsed("240.0.0.1");
	const struct route *r = route_to(c, &here, 0, &e);
	if (r) {                     /* lo may be down where the test runs */
		assert_int_equal(r->kind, ROUTE_LOCAL);
		assert_true(address_equal(&r->source, &here));
		assert_int_equal(r->iface, 1);
		assert_int_equal(r->gateway.family, 0);
		assert_ptr_equal(route_to(c, &here, 0, &e), r);
	}
	error_clear(&e);
	struct neigh got, put = { .mac = { 2, 0, 0, 0, 0, 1 }, .mac_len = 6 };
	assert_false(neigh_find(neighbours, 1, &bad, &got));
	neigh_learn(neighbours, 1, &bad, &put, 60);
	assert_true(neigh_find(neighbours, 1, &bad, &got));
	assert_memory_equal(&got, &put, sizeof put);
	assert_false(neigh_find(neighbours, 2, &bad, &got));
	neigh_learn(neighbours, 1, &bad, &put, 0);
	assert_false(neigh_find(neighbours, 1, &bad, &got));
	neigh_cache_free(neighbours);
	route_cache_free(c);
	netlink_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(deadlines),
		cmocka_unit_test(loopback),
		cmocka_unit_test(routes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
