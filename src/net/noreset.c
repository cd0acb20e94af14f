/* libnftables 1.0.6 keeps one netlink socket a context, open until the context is freed: the table that a context made lives
 * exactly as long (seen: gone at nft_ctx_free, and after kill -9; another context may not delete it). It does not set
 * close-on-exec, and a child that inherited the socket would keep the rule alive, so that is done here. */
#include "net/noreset.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"

#if __has_include(<nftables/libnftables.h>)
#include <nftables/libnftables.h>

struct noreset {
	struct nft_ctx *nft;
};

/* libnftables tells nobody its descriptor: every netfilter socket of this process is set. */
static void close_on_exec(void)
{
	DIR *folder = opendir("/proc/self/fd");
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		int descriptor = atoi(entry->d_name), domain = 0, protocol = 0;
		socklen_t size = sizeof domain;
		if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_NETLINK
		    && getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == NETLINK_NETFILTER)
			fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	}
	if (folder)
		closedir(folder);
}

static void add_match(struct buf *command, const struct noreset_match *m)
{
	char text[ADDRESS_TEXT];
	if (m->destination.family)
		buf_print(command, " %s daddr %s/%u", m->destination.family == AF_INET ? "ip" : "ip6", address_text(&m->destination, text),
		          m->prefix ? m->prefix : (unsigned)address_len(&m->destination) * 8);
	if (m->source_port)
		buf_print(command, " tcp sport %u", m->source_port);
	if (m->destination_port)
		buf_print(command, " tcp dport %u", m->destination_port);
}

/* The name is no promise, only not taken: the process, and a number that other PID namespaces do not repeat. ("create table" with
 * a block makes an empty table in libnftables 1.0.6.) */
static void write_command(struct buf *command, const struct noreset_match *m)
{
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, 0) < 0)
		random = (uint32_t)getpid();
	buf_print(command, "add table inet pktsh_%d_%08x { flags owner; chain output { type filter hook output priority filter; policy accept; "
	          "meta mark != 0x%08x", (int)getpid(), random, NORESET_MARK);
	add_match(command, m);
	buf_text(command, " tcp flags & rst == rst drop; }; }");
}

/* nftables' first line: "Error: Could not process rule: Operation not permitted". */
static bool refused(const char *words, struct error *e)
{
	int len = (int)strcspn(words ? words : "", "\n");
	if (!words || strstr(words, strerror(EPERM)))
		return privilege_refused(PRIVILEGE_ADMIN, "no_rst (a firewall rule)", e);
	if (strstr(words, strerror(EOPNOTSUPP)) || strstr(words, strerror(ENOENT)) || strstr(words, strerror(EPROTONOSUPPORT)))
		error_set(e, "OSError", "no_rst: this kernel has no nftables, or none with owned tables (5.12): %.*s", len, words);
	return error_set(e, "OSError", "no_rst: %.*s", len, words);
}

static bool run(struct nft_ctx *nft, const struct noreset_match *m, struct error *e)
{
	struct buf command = {0};
	write_command(&command, m);
	unsigned raised = privilege_raise(PRIVILEGE_ADMIN);
	bool done = nft_run_cmd_from_buffer(nft, buf_str(&command)) == 0;
	privilege_lower(raised);
	buf_free(&command);
	return done || refused(nft_ctx_get_error_buffer(nft), e);
}

static struct nft_ctx *context(void)
{
	unsigned raised = privilege_raise(PRIVILEGE_ADMIN);
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	privilege_lower(raised);
	if (!nft)
		return NULL;
	close_on_exec();
	nft_ctx_buffer_error(nft);
	nft_ctx_buffer_output(nft);
	return nft;
}

struct noreset *noreset_new(const struct noreset_match *m, struct error *e)
{
	if (!privilege_require(PRIVILEGE_ADMIN, "no_rst (a firewall rule)", e))
		return NULL;
	struct nft_ctx *nft = context();
	if (!nft) {
		error_set(e, "MemoryError", "no memory for a firewall rule");
		return NULL;
	}
	if (!run(nft, m, e)) {
		nft_ctx_free(nft);
		return NULL;
	}
	struct noreset *n = mem_zero(sizeof *n);
	n->nft = nft;
	return n;
}

void noreset_free(struct noreset *n)
{
	if (!n)
		return;
	nft_ctx_free(n->nft);
	mem_free(n);
}

#else

struct noreset *noreset_new(const struct noreset_match *m, struct error *e)
{
	error_set(e, "NotImplementedError", "no_rst: pktsh was built without libnftables");
	return NULL;
}

void noreset_free(struct noreset *n)
{
	mem_free(n);
}
#endif
