/* Injection and capture over memory, filters and the words they blame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <unistd.h>

#include "base/privilege.h"

#include "net/capture.h"
#include "net/deadline.h"
#include "net/filter.h"
#include "net/inject.h"

static void echo(void *state, const struct inject_frame *frame)
{
	capture_fake_push(state, frame->bytes, frame->len, 42);
}

static void fakes(void **state)
{
	struct error e = {0};
	struct inject *out = inject_fake();
	struct capture *in = capture_fake(DLT_EN10MB), *other = capture_fake(DLT_EN10MB);
	struct capture *both[] = { other, in };
	struct inject_frame frames[] = { { "one", 3 }, { "three", 5 } }, kept, empty = { "", 0 };
	struct capture_frame got;
	inject_fake_hook(out, echo, in);
	assert_int_equal(capture_next(in, &got, &e), CAPTURE_NONE);
	assert_false(capture_wait(both, 2, -1, deadline_in(0.01)));
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(inject_send(out, frames, 2, &e), 2);
	assert_true(inject_fake_frame(out, 1, &kept));
	assert_memory_equal(kept.bytes, "three", 5);
	assert_false(inject_fake_frame(out, 2, &kept));
	assert_true(capture_wait(both, 2, -1, DEADLINE_NEVER));
	assert_int_equal(capture_next(in, &got, &e), CAPTURE_FRAME);
	assert_int_equal(got.len, 3);
	assert_int_equal(got.time, 42);
	assert_int_equal(capture_next(in, &got, &e), CAPTURE_FRAME);
	assert_memory_equal(got.bytes, "three", 5);
	assert_int_equal(capture_next(in, &got, &e), CAPTURE_NONE);
	assert_int_equal(inject_send(out, &empty, 1, &e), 0);
	assert_int_equal(e.code, EMSGSIZE);
	error_clear(&e);
	capture_fake_fail(in, ENETDOWN);
	assert_true(capture_wait(both, 2, -1, DEADLINE_NEVER));
	assert_int_equal(capture_next(in, &got, &e), CAPTURE_FAILED);
	assert_string_equal(e.message, "interface fake went down");
	assert_int_equal(e.code, ENETDOWN);
	error_clear(&e);
	int wake[2];
	assert_int_equal(pipe(wake), 0);
	assert_int_equal(write(wake[1], "x", 1), 1);
	assert_false(capture_wait(&other, 1, wake[0], DEADLINE_NEVER));
	assert_int_equal(errno, ECANCELED);
	close(wake[0]);
	close(wake[1]);
	inject_free(out);
	capture_free(in);
	capture_free(other);
}

static void blamed(const char *filter, const char *word, const char *says)
{
	struct error e = {0};
	assert_null(filter_new(filter, DLT_EN10MB, &e));
	assert_string_equal(e.kind, "Scapy_Exception");
	if (!strstr(e.message, says))
		fail_msg("%s: %s", filter, e.message);
	if (!e.source)
		fail_msg("%s: nothing blamed", filter);
	assert_string_equal(e.source->text, filter);
	if (e.span.end - e.span.start != strlen(word) || strncmp(filter + e.span.start, word, strlen(word)) != 0)
		fail_msg("%s: blames '%.*s', not '%s'", filter, (int)(e.span.end - e.span.start), filter + e.span.start, word);
	error_clear(&e);
}

static void filters(void **state)
{
	struct error e = {0};
	struct filter *f = filter_new("udp port 123", DLT_RAW, &e);
	uint8_t packet[28] = { 0x45, [3] = 28, [9] = 17, [23] = 123 };
	assert_non_null(f);
	assert_true(filter_match(f, packet, sizeof packet, sizeof packet));
	packet[23] = 124;
	assert_false(filter_match(f, packet, sizeof packet, sizeof packet));
	assert_false(filter_match(f, packet, 10, 28));
	filter_free(f);
	blamed("udp prot 123", "prot", "syntax error");
	blamed("tcp and and udp", "and", "syntax error");
	blamed("tcp or (udp port 53", "3", "syntax error");
	blamed("tcp[13] & 2 !== 0", "=", "syntax error");
	blamed("udp port nosuchport", "nosuchport", "nosuchport");
	blamed("ip proto nosuchproto", "nosuchproto", "nosuchproto");
	blamed("host 10.0.0.1 tcp", "tcp", "syntax error");
}

static void privileges(void **state)
{
	struct error e = {0};
	unsigned both = PRIVILEGE_RAW | PRIVILEGE_ADMIN, had = both & ~privilege_missing(both);
	privilege_rest();
	assert_int_equal(both & ~privilege_missing(both), had);
	assert_int_equal(privilege_raise(both), had);
	assert_int_equal(privilege_raise(both), 0);
	privilege_lower(had);
	assert_int_equal(privilege_raise(PRIVILEGE_RAW), had & PRIVILEGE_RAW);
	privilege_lower(PRIVILEGE_RAW);
	privilege_forgo();
	assert_int_equal(privilege_missing(both), both);
	assert_false(privilege_require(PRIVILEGE_RAW, "sending on eth0", &e));
	assert_string_equal(e.kind, "PermissionError");
	assert_non_null(strstr(e.message, "sending on eth0 needs CAP_NET_RAW: sudo setcap cap_net_raw,cap_net_admin+ep /"));
	assert_null(strchr(e.message, '\n'));
	error_clear(&e);
	assert_null(inject_raw(AF_INET, 0, &e));
	assert_string_equal(e.kind, "PermissionError");
	error_clear(&e);
	struct capture_options options = { .iface = "lo" };
	assert_null(capture_open(&options, &e));
	assert_string_equal(e.kind, "PermissionError");
	error_clear(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fakes),
		cmocka_unit_test(filters),
		cmocka_unit_test(privileges),       /* last: it gives them up */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
