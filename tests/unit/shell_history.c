/* The history file: whole again after newlines and backslashes, shortened, the user's alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "shell/history.h"

static char folder[] = "/tmp/pktsh-history-XXXXXX";
static char *entries[4 * HISTORY_KEEP];
static size_t count;

static void note(const char *entry)
{
	entries[count++] = mem_text(entry);
}

static void forget(void)
{
	while (count)
		mem_free(entries[--count]);
}

static char *fresh(void)
{
	char *path = history_path();
	assert_non_null(path);
	unlink(path);
	return path;
}

static void entries_come_back(void **state)
{
	char *path = fresh();
	static const char *const typed[] = { "a = 1", "for i in x:\n    print('\\n')\n", "\\", "", "ünï" };
	for (size_t i = 0; i < 5; i++)
		assert_true(history_append(path, typed[i]));
	history_read(path, note);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(entries[i], typed[i]);
	forget();
	mem_free(path);
}

static void it_is_for_the_user_alone(void **state)
{
	char *path = fresh();
	struct stat st;
	assert_true(history_append(path, "secret"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	chmod(path, 0644);
	assert_true(history_append(path, "more"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	mem_free(path);
}

static void what_is_no_plain_file_is_left_alone(void **state)
{
	char *path = fresh();
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_false(history_append(path, "x"));
	history_read(path, note);
	assert_int_equal(count, 0);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(history_append(path, "x"));
	history_read(path, note);
	assert_int_equal(count, 0);
	mem_free(path);
}

static void a_long_one_is_shortened(void **state)
{
	char *path = fresh(), entry[32];
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 2 * HISTORY_KEEP + 5; i++)
		fprintf(file, "entry %d\n", i);
	fclose(file);
	for (int round = 0; round < 2; round++) {
		history_read(path, note);
		assert_int_equal(count, HISTORY_KEEP);
		snprintf(entry, sizeof entry, "entry %d", HISTORY_KEEP + 5);
		assert_string_equal(entries[0], entry);
		snprintf(entry, sizeof entry, "entry %d", 2 * HISTORY_KEEP + 4);
		assert_string_equal(entries[count - 1], entry);
		forget();
	}
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 16 * HISTORY_KEEP);
	assert_int_equal(st.st_mode & 0777, 0600);
	mem_free(path);
}

static void no_place_no_history(void **state)
{
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_null(history_path());
	setenv("HOME", "/dev/null", 1);
	assert_null(history_path());
}

static int make_folder(void **state)
{
	return !mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1);
}

static int remove_folder(void **state)
{
	char path[128];
	snprintf(path, sizeof path, "%s/pktsh/history", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/pktsh", folder);
	rmdir(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back),
		cmocka_unit_test(it_is_for_the_user_alone),
		cmocka_unit_test(what_is_no_plain_file_is_left_alone),
		cmocka_unit_test(a_long_one_is_shortened),
		cmocka_unit_test(no_place_no_history),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
