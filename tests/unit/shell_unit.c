/* Lines of the prompt, grouped into units by the push parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shell/unit.h"

static enum feed feed(struct unit *u, const char *const *lines)
{
	enum feed state = FEED_COMPLETE;
	for (; *lines; lines++) {
		state = unit_line(u, *lines);
		if (lines[1])
			assert_int_equal(state, FEED_MORE);
	}
	return state;
}

/* The lines make one complete unit of that text with so many statements. */
static void makes(const char *text, size_t statements, const char *const *lines)
{
	struct unit u;
	unit_init(&u);
	assert_int_equal(feed(&u, lines), FEED_COMPLETE);
	assert_string_equal(buf_str(&u.text), text);
	struct ast *ast = feeder_take(u.feeder);
	assert_null(ast->error.kind);
	assert_int_equal(ast->body->count, statements);
	ast_free(ast);
	unit_free(&u);
}
#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void one_line(void **state)
{
	makes("a = 1", 1, LINES("a = 1"));
	makes("a; b", 2, LINES("a; b"));
}

static void blocks_end_with_an_empty_line(void **state)
{
	makes("if a:\n    b\n", 1, LINES("if a:", "    b", ""));
	makes("f(1,\n2)", 1, LINES("f(1,", "2)"));
	makes("'''a\n\nb'''", 1, LINES("'''a", "", "b'''"));
}

static void a_paste_is_one_unit(void **state)
{
	makes("def f():\n    a\n\n    b\nf()", 2, LINES("def f():\n    a\n\n    b\nf()"));
	makes("a = 1\n\n\nb = 2", 2, LINES("a = 1\n\n\nb = 2"));
}

static void question_marks_ask_for_help(void **state)
{
	makes("help(IP)", 1, LINES("IP?"));
	makes("help(IP.fields[0])", 1, LINES("  IP.fields[0] ?"));
}

static void question_marks_elsewhere_do_not(void **state)
{
	makes("a # why?", 1, LINES("a # why?"));
	makes("'?'", 1, LINES("'?'"));
}

static void copied_prompts_and_blanks_go(void **state)
{
	makes("a = 1", 1, LINES(">>> a = 1"));
	makes("for i in x:\n    y\n", 1, LINES(">>> for i in x:", "...     y", "..."));
	makes("if a:\n    b\n", 1, LINES("    if a:", "        b", "    "));
	makes("[\n...\n]", 1, LINES("[", "...", "]"));
}

static void an_error_ends_the_unit(void **state)
{
	struct unit u;
	unit_init(&u);
	assert_int_equal(unit_line(&u, "1 +"), FEED_ERROR);
	struct ast *ast = feeder_take(u.feeder);
	assert_string_equal(ast->error.kind, "SyntaxError");
	ast_free(ast);
	assert_int_equal(unit_line(&u, "if a:"), FEED_MORE);
	unit_drop(&u);
	assert_int_equal(unit_line(&u, "b"), FEED_COMPLETE);
	assert_string_equal(buf_str(&u.text), "b");
	unit_free(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(blocks_end_with_an_empty_line),
		cmocka_unit_test(a_paste_is_one_unit),
		cmocka_unit_test(question_marks_ask_for_help),
		cmocka_unit_test(question_marks_elsewhere_do_not),
		cmocka_unit_test(copied_prompts_and_blanks_go),
		cmocka_unit_test(an_error_ends_the_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
