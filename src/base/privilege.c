#include "base/privilege.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"

/* By the system calls themselves: libcap would be one library more for two calls. */
struct sets {
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static const struct { unsigned bit; int number; const char *name; } privileges[] = {
	{ PRIVILEGE_RAW, CAP_NET_RAW, "CAP_NET_RAW" },
	{ PRIVILEGE_ADMIN, CAP_NET_ADMIN, "CAP_NET_ADMIN" },
};
enum { PRIVILEGES = sizeof privileges / sizeof *privileges };

static bool sets_read(struct sets *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	memset(s, 0, sizeof *s);
	return syscall(SYS_capget, &header, s->half) == 0;
}

static bool sets_write(const struct sets *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capset, &header, s->half) == 0;
}

/* The bits of enum privilege as a mask of the first half (both numbers are below 32). */
static uint32_t mask(unsigned wanted)
{
	uint32_t bits = 0;
	for (int i = 0; i < PRIVILEGES; i++)
		if (wanted & privileges[i].bit)
			bits |= CAP_TO_MASK(privileges[i].number);
	return bits;
}

static unsigned unmask(uint32_t bits)
{
	unsigned found = 0;
	for (int i = 0; i < PRIVILEGES; i++)
		if (bits & CAP_TO_MASK(privileges[i].number))
			found |= privileges[i].bit;
	return found;
}

void privilege_lower(unsigned raised)
{
	struct sets s;
	if (!raised || !sets_read(&s))
		return;
	s.half[0].effective &= ~mask(raised);
	sets_write(&s);
}

void privilege_rest(void)
{
	privilege_lower(PRIVILEGE_RAW | PRIVILEGE_ADMIN);
}

unsigned privilege_raise(unsigned wanted)
{
	struct sets s;
	if (!sets_read(&s))
		return 0;
	uint32_t add = mask(wanted) & s.half[0].permitted & ~s.half[0].effective;
	if (!add)
		return 0;
	s.half[0].effective |= add;
	return sets_write(&s) ? unmask(add) : 0;
}

void privilege_forgo(void)
{
	struct sets none;
	memset(&none, 0, sizeof none);
	sets_write(&none);
}

unsigned privilege_missing(unsigned wanted)
{
	struct sets s;
	if (!sets_read(&s))
		return wanted;
	return unmask(mask(wanted) & ~s.half[0].permitted);
}

static void add_names(struct buf *out, unsigned which)
{
	for (int i = 0; i < PRIVILEGES; i++)
		if (which & privileges[i].bit)
			buf_print(out, "%s%s", out->len ? " and " : "", privileges[i].name);
}

static const char GRANT[] = "sudo setcap cap_net_raw,cap_net_admin+ep";

bool privilege_is_refusal(const char *message)
{
	return strstr(message, GRANT) != NULL;
}

bool privilege_refused(unsigned wanted, const char *what, struct error *e)
{
	char program[4096] = "pktsh";
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
	if (len > 0)
		program[len] = 0;
	struct buf names = {0};
	unsigned missing = privilege_missing(wanted);
	add_names(&names, missing ? missing : wanted);
	error_set(e, "PermissionError", "%s needs %s: %s %s", what, buf_str(&names), GRANT, program);
	buf_free(&names);
	return false;
}

bool privilege_require(unsigned wanted, const char *what, struct error *e)
{
	return !privilege_missing(wanted) || privilege_refused(wanted, what, e);
}
