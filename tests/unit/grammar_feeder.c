/* The prompt's feeder: what each line answers, and what the unit holds at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/ast.h"

/* Feeds the text line by line: an m, c or e for what each line answered, and after c the count of statements. */
static const char *answers(const char *text)
{
	static char out[100];
	size_t len = 0;
	struct feeder *f = feeder_new("<stdin>");
	while (*text) {
		const char *end = strchr(text, '\n') + 1;
		enum feed got = feeder_line(f, text, (size_t)(end - text), false);
		out[len++] = "cme"[got];
		if (got != FEED_MORE) {
			struct ast *ast = feeder_take(f);
			if (got == FEED_COMPLETE)
				out[len++] = (char)('0' + ast->body->count);
			assert_int_equal(got == FEED_ERROR, ast->error.kind != NULL);
			ast_free(ast);
		}
		text = end;
	}
	out[len] = 0;
	feeder_free(f);
	return out;
}

static void test_lines(void **state)
{
	assert_string_equal(answers("x = 1\n"), "c1");
	assert_string_equal(answers("\n# only a comment\n"), "c0c0");
	assert_string_equal(answers("x = 1; y = 2\n"), "c2");
	assert_string_equal(answers("f(a,\n\nb)\n"), "mmc1");
	assert_string_equal(answers("x = 1 + \\\n2\n"), "mc1");
	assert_string_equal(answers("'''a\n\nb'''\n"), "mmc1");
	assert_string_equal(answers("'a\\\nb'\n"), "mc1");
	assert_string_equal(answers("f'''{\na\n}\n'''\n"), "mmmc1");
}

static void test_blocks(void **state)
{
	assert_string_equal(answers("if x: pass\n\n"), "mc1");
	assert_string_equal(answers("def f():\n  a\n\n"), "mmc1");
	assert_string_equal(answers("if x:\n  a\nelse:\n  b\n\n"), "mmmmc1");
	assert_string_equal(answers("try:\n  a\nexcept B:\n  c\n\n"), "mmmmc1");
	assert_string_equal(answers("@a\ndef f(): pass\n\n"), "mmc1");
	assert_string_equal(answers("def f():\n  x = '''\n\n'''\n\n"), "mmmmc1");
	assert_string_equal(answers("if x:\n  a\ny\n"), "mmc2");
}

static void test_errors(void **state)
{
	assert_string_equal(answers("x = = 1\ny\n"), "ec1");
	assert_string_equal(answers("if x:\n\ny\n"), "mec1");
	assert_string_equal(answers("if x:\ny\n"), "me");
	assert_string_equal(answers("  x\n"), "e");
	assert_string_equal(answers("'abc\n"), "e");
	assert_string_equal(answers("f(a]\n"), "e");
}

static enum feed pasted(const char *text, size_t *statements)
{
	struct feeder *f = feeder_new("<stdin>");
	enum feed got = feeder_line(f, text, strlen(text), true);
	struct ast *ast = feeder_take(f);
	*statements = ast->body->count;
	ast_free(ast);
	feeder_free(f);
	return got;
}

static void test_paste(void **state)
{
	size_t count;
	assert_int_equal(pasted("def f():\n  a\n\n  b\n\nf()\nx = 1", &count), FEED_COMPLETE);
	assert_int_equal(count, 3);
	assert_int_equal(pasted("def f():\n  a\n\n  b", &count), FEED_COMPLETE);
	assert_int_equal(count, 1);
	assert_int_equal(pasted("f(a,", &count), FEED_MORE);
	assert_int_equal(pasted("def f():", &count), FEED_MORE);
	assert_int_equal(pasted("@a\n", &count), FEED_MORE);
}

/* Places are those of the unit, whatever was fed before it. */
static void test_places(void **state)
{
	struct feeder *f = feeder_new("<stdin>");
	assert_int_equal(feeder_line(f, "x = 1\n", 6, false), FEED_COMPLETE);
	ast_free(feeder_take(f));
	assert_int_equal(feeder_line(f, "f(a,\n", 5, false), FEED_MORE);
	assert_int_equal(feeder_line(f, "b c)\n", 5, false), FEED_ERROR);
	struct ast *ast = feeder_take(f);
	assert_string_equal(ast->source->text, "f(a,\nb c)\n");
	assert_int_equal(ast->error.span.start, 5);
	assert_int_equal(ast->error.span.end, 8);
	assert_ptr_equal(ast->error.source, ast->source);
	ast_free(ast);
	feeder_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
