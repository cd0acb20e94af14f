/* Syntax errors: a row a mistake, with the place, class and words that its error must have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/ast.h"

static const char *const rows[][2] = {
	/* blocks */
	{"if x\n", "1:5: SyntaxError: expected ':'"},
	{"else if x: pass\n", "1:1: SyntaxError: invalid syntax"},
	{"if 1: pass\nelse if 2: pass\n", "2:6: SyntaxError: expected ':'"},
	{"if x:\npass\n", "2:1: IndentationError: expected an indented block after 'if' statement on line 1"},
	{"def f():\n\n# c\nx = 1\n", "4:1: IndentationError: expected an indented block after function definition on line 1"},
	{"class A:\n", "1:9: IndentationError: expected an indented block after class definition on line 1"},
	{"x = 1\n  y = 2\n", "2:1: IndentationError: unexpected indent"},
	{"if x:\n    y\n  z\n", "3:1: IndentationError: unindent does not match any outer indentation level"},
	{"if x:\n\ty\n        z\n", "3:1: TabError: inconsistent use of tabs and spaces in indentation"},
	{"try: pass\nx = 1\n", "1:1: SyntaxError: expected 'except' or 'finally' block"},
	{"try: pass\nexcept A, B: pass\n", "2:8: SyntaxError: multiple exception types must be parenthesized"},
	{"try: pass\nexcept: pass\nexcept A: pass\n", "2:1: SyntaxError: default 'except:' must be last"},
	/* brackets */
	{"f(a,\n  b\nx = 1\n", "1:2: SyntaxError: '(' was never closed"},
	{"send(IP()/TCP(dport=80)\nsendp(Ether())\n", "1:5: SyntaxError: '(' was never closed"},
	{"f(1))\n", "1:5: SyntaxError: unmatched ')'"},
	{"x = (1]\n", "1:7: SyntaxError: closing parenthesis ']' does not match opening parenthesis '('"},
	{"x = (\n1]\n", "2:2: SyntaxError: closing parenthesis ']' does not match opening parenthesis '(' on line 1"},
	{"f(a b)\n", "1:3: SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
	/* literals */
	{"'abc\n", "1:1: SyntaxError: unterminated string literal (detected at line 1)"},
	{"x = 'it's'\n", "1:10: SyntaxError: unterminated string literal (detected at line 1)"},
	{"'''abc\nd\n", "1:1: SyntaxError: unterminated triple-quoted string literal (detected at line 2)"},
	{"f'{}'\n", "1:3: SyntaxError: f-string: empty expression not allowed"},
	{"f'}'\n", "1:3: SyntaxError: f-string: single '}' is not allowed"},
	{"f'{a'\n", "1:1: SyntaxError: f-string: expecting '}'"},
	{"f'{a!x}'\n", "1:5: SyntaxError: f-string: invalid conversion character: expected 's', 'r', or 'a'"},
	{"f'{a b}'\n", "1:4: SyntaxError: f-string: invalid syntax. Perhaps you forgot a comma?"},
	{"b'\xc3\xa9'\n", "1:3: SyntaxError: bytes can only contain ASCII literal characters"},
	{"b'a' 'b'\n", "1:1: SyntaxError: cannot mix bytes and nonbytes literals"},
	{"'\\x1'\n", "1:2: SyntaxError: (unicode error) truncated \\xXX escape"},
	{"'\\N{DEGREE SIGN}'\n", "1:2: SyntaxError: an escape by character name (\\N{...}) is not in the language"},
	{"0777\n", "1:1: SyntaxError: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"},
	{"0b12\n", "1:4: SyntaxError: invalid digit '2' in binary literal"},
	{"1__0\n", "1:1: SyntaxError: invalid decimal literal"},
	{"\xe2\x80\x9chello\xe2\x80\x9d\n", "1:1: SyntaxError: invalid character '\xe2\x80\x9c' (U+201C)"},
	{"x = 1\xc2\xa0\n", "1:5: SyntaxError: invalid decimal literal"},
	{"x =\xc2\xa0""1\n", "1:4: SyntaxError: invalid non-printable character U+00A0"},
	{"a = 1 \\ \nb\n", "1:7: SyntaxError: unexpected character after line continuation character"},
	/* targets */
	{"1 = x\n", "1:1: SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?"},
	{"f() = 1\n", "1:1: SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
	{"None = 1\n", "1:1: SyntaxError: cannot assign to None"},
	{"(a, 1) = 3\n", "1:5: SyntaxError: cannot assign to literal"},
	{"*a = 1\n", "1:1: SyntaxError: starred assignment target must be in a list or tuple"},
	{"*a, *b = 1\n", "1:1: SyntaxError: multiple starred expressions in assignment"},
	{"f() += 1\n", "1:1: SyntaxError: 'function call' is an illegal expression for augmented assignment"},
	{"del f()\n", "1:5: SyntaxError: cannot delete function call"},
	{"for f() in x: pass\n", "1:5: SyntaxError: cannot assign to function call"},
	{"if x = 3: pass\n", "1:4: SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
	{"(x.a := 1)\n", "1:2: SyntaxError: cannot use assignment expressions with attribute"},
	{"a, b: int\n", "1:1: SyntaxError: only single target (not tuple) can be annotated"},
	/* arguments and parameters */
	{"f(a=1, 2)\n", "1:8: SyntaxError: positional argument follows keyword argument"},
	{"f(**a, *b)\n", "1:8: SyntaxError: iterable argument unpacking follows keyword argument unpacking"},
	{"f(a=1, a=2)\n", "1:8: SyntaxError: keyword argument repeated: a"},
	{"f(a.b=1)\n", "1:3: SyntaxError: expression cannot contain assignment, perhaps you meant \"==\"?"},
	{"f(x for x in y, 1)\n", "1:3: SyntaxError: Generator expression must be parenthesized"},
	{"def f(a, a): pass\n", "1:10: SyntaxError: duplicate argument 'a' in function definition"},
	{"def f(a=1, b): pass\n", "1:12: SyntaxError: non-default argument follows default argument"},
	{"def f(*): pass\n", "1:7: SyntaxError: named arguments must follow bare *"},
	{"def f(**k, a): pass\n", "1:12: SyntaxError: arguments cannot follow var-keyword argument"},
	{"def f((a, b)): pass\n", "1:7: SyntaxError: Function parameters cannot be parenthesized"},
	/* what other Pythons have */
	{"print 'x'\n", "1:1: SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"},
	{"async def f(): pass\n", "1:1: SyntaxError: 'async' is not in the language"},
	{"match x:\n  case 1: pass\n", "1:1: SyntaxError: the 'match' statement is not in the language"},
	{"x = 1j\n", "1:5: SyntaxError: a complex number is not in the language"},
	{"try: pass\nexcept* A: pass\n", "2:7: SyntaxError: an exception group (except*) is not in the language"},
	/* where "as" may not stand */
	{"x = (a as b)\n", "1:5: SyntaxError: invalid syntax"},
	{"with (a as b), c: pass\n", "1:6: SyntaxError: invalid syntax"},
	{"if (a as b): pass\n", "1:4: SyntaxError: invalid syntax"},
	/* bytes that are no text */
	{"x = '\xff'\n", "1:6: SyntaxError: invalid UTF-8: byte 0xff begins no character"},
};

static char *error_of(const char *text, size_t len)
{
	static char shown[300];
	struct source *source = source_new("t", text, len);
	struct ast *ast = ast_parse(source, 0);
	snprintf(shown, sizeof shown, "accepted");
	if (ast->error.kind) {
		struct place at = source_place(source, ast->error.span.start);
		snprintf(shown, sizeof shown, "%u:%u: %s: %s", at.line, at.column, ast->error.kind, ast->error.message);
	}
	ast_free(ast);
	source_drop(source);
	return shown;
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(error_of(rows[i][0], strlen(rows[i][0])), rows[i][1]);
}

static void test_nul(void **state)
{
	assert_string_equal(error_of("x = '\0'\n", 8), "1:6: SyntaxError: source code cannot contain null bytes");
}

/* `count` times `part`, with `before` and `after` around it */
static char *error_of_many(const char *before, const char *part, size_t count, const char *after)
{
	struct buf b = {0};
	buf_text(&b, before);
	for (size_t i = 0; i < count; i++)
		buf_text(&b, part);
	buf_text(&b, after);
	char *shown = error_of(buf_str(&b), b.len);
	buf_free(&b);
	return shown;
}

static void test_depth(void **state)
{
	assert_string_equal(error_of_many("x = ", "(", 201, ""), "1:205: SyntaxError: too many nested parentheses");
	assert_non_null(strstr(error_of_many("x = ", "-", 50000, "1\n"), "SyntaxError: too deeply nested"));
	assert_non_null(strstr(error_of_many("x = ", "not ", 50000, "1\n"), "SyntaxError: too deeply nested"));
	assert_string_equal(error_of_many("x = 1", "+1", 50000, "\n"), "1:5: SyntaxError: too deeply nested");
	assert_string_equal(error_of_many("x = 1", "+1", 900, "\n"), "accepted");
	assert_string_equal(error_of_many("x = [", "1, ", 50000, "]\n"), "accepted");
	assert_string_equal(error_of_many("x = a", " and a", 50000, "\n"), "accepted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
