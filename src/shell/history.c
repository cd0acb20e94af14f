#include "shell/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* Makes every folder on the way to `path`'s last part. */
static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return true;
}

char *history_path(void)
{
	struct buf path = { 0 };
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && state[0] == '/')           /* a relative one is to be ignored, says the XDG specification */
		buf_text(&path, state);
	else if (home && home[0] == '/')
		buf_print(&path, "%s/.local/state", home);
	else
		return NULL;
	buf_text(&path, "/pktsh/history");
	if (!make_folders(path.data)) {
		buf_free(&path);
		return NULL;
	}
	return path.data;
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	struct stat st;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && fchmod(fd, 0600) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static void unescape(char *entry)
{
	char *to = entry;
	for (; *entry; entry++) {
		if (*entry == '\\' && entry[1])
			*to++ = *++entry == 'n' ? '\n' : *entry;
		else
			*to++ = *entry;
	}
	*to = 0;
}

static bool write_entry(int fd, const char *entry)
{
	struct buf line = { 0 };
	for (; *entry; entry++) {
		if (*entry == '\n' || *entry == '\\')
			buf_char(&line, '\\');
		buf_char(&line, *entry == '\n' ? 'n' : *entry);
	}
	buf_char(&line, '\n');
	ssize_t n = write(fd, line.data, line.len);     /* in one call: two shells don't mix their lines */
	bool ok = n == (ssize_t)line.len;
	buf_free(&line);
	return ok;
}

/* The file has grown to twice what is kept: the newer half replaces it, by renaming, so that it is whole at any moment. */
static void shorten(const char *path, char *const *entries, size_t count)
{
	struct buf fresh = { 0 };
	buf_print(&fresh, "%s.%ld", path, (long)getpid());
	int fd = open(fresh.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		bool ok = true;
		for (size_t i = 0; ok && i < count; i++)
			ok = write_entry(fd, entries[i]);
		if (close(fd) < 0 || !ok || rename(fresh.data, path) < 0)
			unlink(fresh.data);
	}
	buf_free(&fresh);
}

void history_read(const char *path, void (*add)(const char *entry))
{
	int fd = open_file(path, O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return;
	char **entries = mem_zero(HISTORY_KEEP * sizeof *entries), *line = NULL;
	size_t count = 0, room = 0;
	for (ssize_t len; (len = getline(&line, &room, file)) > 0; count++) {
		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		unescape(line);
		char **place = &entries[count % HISTORY_KEEP];
		mem_free(*place);
		*place = mem_text(line);
	}
	free(line);
	fclose(file);
	size_t first = count > HISTORY_KEEP ? count - HISTORY_KEEP : 0;
	char **kept = mem_zero(HISTORY_KEEP * sizeof *kept);
	for (size_t i = first; i < count; i++) {
		kept[i - first] = entries[i % HISTORY_KEEP];
		add(kept[i - first]);
	}
	if (count > 2 * HISTORY_KEEP)
		shorten(path, kept, count - first);
	for (size_t i = 0; i < HISTORY_KEEP; i++)
		mem_free(entries[i]);
	mem_free(entries);
	mem_free(kept);
}

bool history_append(const char *path, const char *entry)
{
	int fd = open_file(path, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return false;
	bool ok = write_entry(fd, entry);
	int code = errno;
	close(fd);
	errno = code;
	return ok;
}
