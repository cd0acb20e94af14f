/* Floats as Python prints them, repr, the nearest name, UTF-8, and the excerpt under an error. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/source.h"
#include "base/text.h"

static void assert_float(double number, const char *text)
{
	struct buf b = {0};
	text_float(&b, number);
	assert_string_equal(buf_str(&b), text);
	buf_free(&b);
}

static void test_float(void **state)
{
	assert_float(1, "1.0");
	assert_float(-0.0, "-0.0");
	assert_float(0.1, "0.1");
	assert_float(0.1 + 0.2, "0.30000000000000004");
	assert_float(1e16, "1e+16");
	assert_float(9999999999999998.0, "9999999999999998.0");
	assert_float(123456789012345680.0, "1.2345678901234568e+17");
	assert_float(0.0001, "0.0001");
	assert_float(0.00001, "1e-05");
	assert_float(1.5e300, "1.5e+300");
	assert_float(5e-324, "5e-324");
	assert_float(0x1p-44, "5.684341886080802e-14");     /* the nearest 16 digits do not read back, their neighbour does */
	assert_float(INFINITY, "inf");
	assert_float(-INFINITY, "-inf");
	assert_float(NAN, "nan");
}

static void assert_repr(const char *text, size_t len, const char *expected)
{
	struct buf b = {0};
	text_repr(&b, text, len);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void test_repr(void **state)
{
	assert_repr("a", 1, "'a'");
	assert_repr("it's", 4, "\"it's\"");
	assert_repr("'\"", 2, "'\\'\"'");
	assert_repr("\n\t\\\x01\x7f", 5, "'\\n\\t\\\\\\x01\\x7f'");
	assert_repr("\xc3\xa9\xc2\xa0", 4, "'\xc3\xa9\\xa0'");
	assert_repr("\xed\xa0\x80", 3, "'\\ud800'");
	struct buf b = {0};
	text_repr_bytes(&b, "\0a'\xff", 4);
	assert_string_equal(buf_str(&b), "b\"\\x00a'\\xff\"");
	buf_free(&b);
}

static void test_safe(void **state)
{
	struct buf b = {0};
	text_safe(&b, "a\x1b[31m\xc2\x9b\xff\xc3\xa9", 11);
	assert_string_equal(buf_str(&b), "a\\x1b[31m\\x9b\\xff\xc3\xa9");
	buf_free(&b);
}

static const char *next(void *state)
{
	const char ***at = state;
	return *(*at)++;
}

static const char *nearest(const char *name)
{
	static const char *names[] = {"ttl", "tos", "proto", "chksum", "IP", NULL};
	const char **at = names;
	return text_nearest(name, next, &at);
}

static void test_nearest(void **state)
{
	assert_string_equal(nearest("tll"), "ttl");
	assert_string_equal(nearest("checksum"), "chksum");
	assert_string_equal(nearest("ip"), "IP");
	assert_null(nearest("flags"));
	assert_null(nearest("xx"));
}

static void test_utf8(void **state)
{
	const char *text = "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\xff" "b";
	size_t len = strlen(text);
	assert_int_equal(utf8_count(text, len), 6);
	assert_int_equal(utf8_offset(text, len, 4), 10);
	assert_int_equal(utf8_offset(text, len, 9), len);
	assert_false(utf8_valid(text, len));
	assert_true(utf8_valid(text, 10));
	assert_false(utf8_valid("\xc0\x80", 2));
	assert_false(utf8_valid("\xed\xa0\x80", 3));
	assert_int_equal(utf8_width(0x6f22), 2);
	assert_int_equal(utf8_width(0x301), 0);
}

static void assert_excerpt(const char *text, uint32_t start, uint32_t end, const char *expected)
{
	struct source *s = source_new("t", text, strlen(text));
	struct buf b = {0};
	source_excerpt(s, (struct span){start, end}, &b);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
	source_drop(s);
}

static void test_excerpt(void **state)
{
	assert_excerpt("a\nx = IP(tll=5)\n", 9, 12, "  2 | x = IP(tll=5)\n    |        ^^^\n");
	assert_excerpt("\tx\xe6\xbc\xa2y\n", 5, 6, "  1 | \tx\xe6\xbc\xa2y\n    | \t   ^\n");
	assert_excerpt("\x1b" "b", 1, 2, "  1 | \\x1bb\n    |     ^\n");
	assert_excerpt("ab", 2, 2, "  1 | ab\n    |   ^\n");
	assert_excerpt("f(a,\n  b)\n", 0, 9, "  1 | f(a,\n    | ^^^^\n");
}

static void test_excerpt_window(void **state)
{
	char text[1001];
	memset(text, 'a', 1000);
	text[1000] = 0;
	struct source *s = source_new("t", text, 1000);
	struct buf b = {0};
	source_excerpt(s, (struct span){500, 503}, &b);
	assert_true(b.len < 360);
	assert_non_null(strstr(buf_str(&b), "...aaa"));
	assert_non_null(strstr(buf_str(&b), " ^^^\n"));
	buf_free(&b);
	source_drop(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_float), cmocka_unit_test(test_repr), cmocka_unit_test(test_safe), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_utf8), cmocka_unit_test(test_excerpt), cmocka_unit_test(test_excerpt_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
