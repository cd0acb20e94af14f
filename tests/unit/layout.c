/* Layout: blocks become bytes, whether the context is new, updated in place, or another shape than before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/layout.h"

static void expect_bytes(struct layout *l, const char *text)
{
	struct error e = {0};
	const uint8_t *bytes;
	size_t len;
	assert_true(layout_pull(l, &bytes, &len, &e));
	assert_int_equal(len, strlen(text));
	if (len)
		assert_memory_equal(bytes, text, len);
}

static void put(struct layout *l, const char *a, const char *b, const char *c)
{
	struct error e = {0};
	const char *texts[] = { a, b, c };
	struct layout_block blocks[3];
	size_t count = 0;
	while (count < 3 && texts[count]) {
		blocks[count] = (struct layout_block){ texts[count], strlen(texts[count]) };
		count++;
	}
	assert_true(layout_put(l, blocks, count, &e));
}

static void shapes(void **state)
{
	struct error e = {0};
	struct layout *l = layout_new(LAYOUT_BYTES, NULL, &e);
	assert_non_null(l);
	expect_bytes(l, "");
	put(l, "ether", "ip", "udp");
	expect_bytes(l, "etheripudp");
	expect_bytes(l, "etheripudp");
	put(l, "ETHER", "a longer ip", "u");       /* in place, grown and shrunk */
	expect_bytes(l, "ETHERa longer ipu");
	put(l, "one", "", "two");                  /* an empty block, then one fewer */
	expect_bytes(l, "onetwo");
	put(l, "1", "2", "3");
	expect_bytes(l, "123");
	put(l, NULL, NULL, NULL);
	expect_bytes(l, "");
	put(l, "x", NULL, NULL);
	layout_clear(l);
	expect_bytes(l, "");
	put(l, "x", "y", NULL);
	expect_bytes(l, "xy");
	layout_free(l);
}

static void limits(void **state)
{
	struct error e = {0};
	struct layout *l = layout_new(LAYOUT_BYTES, NULL, &e);
	struct layout_block blocks[] = { { "a", 1 }, { "b", LAYOUT_MAX } };
	put(l, "a", "b", NULL);
	assert_false(layout_put(l, blocks, 2, &e));
	assert_string_equal(e.kind, "ValueError");
	expect_bytes(l, "");
	error_clear(&e);
	assert_int_equal(layout_descriptor(l), -1);
	assert_false(layout_inject(l, "x", 1, &e));
	error_clear(&e);
	layout_free(l);
}

static void refusals(void **state)
{
	struct error e = {0};
	assert_null(layout_new(LAYOUT_LINK, "no-such-if", &e));
	assert_string_equal(e.kind, "OSError");
	assert_true(e.code != 0);
	error_clear(&e);
	layout_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),
		cmocka_unit_test(limits),
		cmocka_unit_test(refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
