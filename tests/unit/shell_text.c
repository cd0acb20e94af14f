/* What the prompt does with text before the parser sees it: pastes, and where the cursor stands in a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shell/complete.h"
#include "shell/paste.h"

static void cleans_to(const char *pasted, const char *expected)
{
	struct buf out = { 0 };
	paste_clean(pasted, strlen(pasted), &out);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void plain_text_stays(void **state)
{
	cleans_to("a = 1\nb = 2", "a = 1\nb = 2");
	cleans_to("if a:\n    b()\n\n    c()\nd()\n\n\n", "if a:\n    b()\n\n    c()\nd()");
}

static void line_ends_are_unified(void **state)
{
	cleans_to("a\r\nb\rc\n", "a\nb\nc");
}

static void common_blanks_go(void **state)
{
	cleans_to("    if a:\n        b\n    c\n", "if a:\n    b\nc");
	cleans_to("\n\n  x = '''\ny\n   z'''", "x = '''\ny\n z'''");
}

static void session_prompts_and_output_go(void **state)
{
	cleans_to(">>> a = IP()\n>>> a\n<IP  |>\n>>> for i in a:\n...     i\n... \n...\n>>> b\n", "a = IP()\na\nfor i in a:\n    i\n\n\nb");
	cleans_to("   >>> a\n   1\n   >>> b", "a\nb");
}

static void prompts_need_their_blank(void **state)
{
	cleans_to(">>>a", ">>>a");
	cleans_to("x = [\n...\n]", "x = [\n...\n]");
}

static void empty_pastes(void **state)
{
	cleans_to("", "");
	cleans_to("\n \n\r\n", "");
	cleans_to(">>> ", "");
}

static void knows_where_text_begins(void **state)
{
	size_t start = 0;
	assert_false(complete_in_text("a = b", 5, &start));
	assert_true(complete_in_text("f('ab", 5, &start));
	assert_int_equal(start, 3);
	assert_false(complete_in_text("f('ab')", 7, &start));
	assert_true(complete_in_text("f(\"it's", 7, &start));
	assert_true(complete_in_text("'a\\'b", 5, &start));
	assert_true(complete_in_text("'''a'b", 6, &start));
	assert_false(complete_in_text("'''a'b'''", 9, &start));
	assert_true(complete_in_text("a # b", 5, &start));
	assert_false(complete_in_text("a # b\nc", 7, &start));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(line_ends_are_unified),
		cmocka_unit_test(common_blanks_go),
		cmocka_unit_test(session_prompts_and_output_go),
		cmocka_unit_test(prompts_need_their_blank),
		cmocka_unit_test(empty_pastes),
		cmocka_unit_test(knows_where_text_begins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
