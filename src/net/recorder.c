#include "net/recorder.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#include "net/pcapwriter.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16 };

struct recorder {
	struct recorder_options options;
	char *path;
	struct pcapwriter *file;         /* NULL: none open */
	bool fresh;                      /* something was written that recorder_flush has not handed on */
	int link_type;
	uint64_t number, written;
	int64_t began;
};

struct recorder *recorder_new(const struct recorder_options *options)
{
	struct recorder *r = mem_zero(sizeof *r);
	r->options = *options;
	r->path = mem_text(options->path);
	return r;
}

static bool rotates(const struct recorder *r)
{
	return r->options.size || r->options.time;
}

/* The n-th file's name: the number stands before the suffix. */
static void name_of(const struct recorder *r, uint64_t n, struct buf *out)
{
	const char *slash = strrchr(r->path, '/'), *dot = strrchr(slash ? slash : r->path, '.');
	size_t stem = dot ? (size_t)(dot - r->path) : strlen(r->path);
	if (rotates(r)) {
		buf_add(out, r->path, stem);
		buf_print(out, "_%05llu%s", (unsigned long long)n, dot ? dot : "");
	} else {
		buf_text(out, r->path);
	}
}

static void remove_old(struct recorder *r)
{
	struct buf name = {0};
	if (!r->options.keep || r->number <= r->options.keep)
		return;
	name_of(r, r->number - r->options.keep, &name);
	unlink(buf_str(&name));
	buf_free(&name);
}

static bool is_ng(const struct recorder *r)
{
	size_t len = strlen(r->path);
	return len > 7 && strcmp(r->path + len - 7, ".pcapng") == 0;
}

static bool open_next(struct recorder *r, const struct capture_frame *f, struct error *e)
{
	struct buf name = {0};
	struct pcapwriter_options o = { .link_type = f->link_type, .nanoseconds = true, .snap = 262144, .ng = is_ng(r) };
	name_of(r, ++r->number, &name);
	r->file = pcapwriter_open(buf_str(&name), &o, e);
	buf_free(&name);
	r->link_type = f->link_type;
	r->written = FILE_HEADER;
	r->began = f->time;
	return r->file != NULL;
}

static bool close_file(struct recorder *r, struct error *e)
{
	struct pcapwriter *file = r->file;
	r->file = NULL;
	r->fresh = false;
	return !file || pcapwriter_close(file, false, e);
}

static bool is_full(const struct recorder *r, const struct capture_frame *f)
{
	return (r->options.size && r->written + RECORD_HEADER + f->len > r->options.size && r->written > FILE_HEADER)
	       || (r->options.time && f->time - r->began >= r->options.time);
}

bool recorder_add(struct recorder *r, const struct capture_frame *f, struct error *e)
{
	if (r->file && is_full(r, f) && !close_file(r, e))
		return false;
	bool first = !r->file;
	if (first && !open_next(r, f, e))
		return false;
	if (f->link_type != r->link_type && !is_ng(r))
		return error_set(e, "ValueError", "%s: a pcap file holds frames of one link type (%d), and here is one of %d: name it .pcapng", r->path, r->link_type, f->link_type);
	if (!pcapwriter_put(r->file, f, e) || (first && !pcapwriter_show(r->file, e)))
		return false;
	if (first)
		remove_old(r);
	r->written += RECORD_HEADER + f->len;
	r->fresh = true;
	return true;
}

bool recorder_flush(struct recorder *r, struct error *e)
{
	bool fresh = r->fresh;
	r->fresh = false;
	return !fresh || pcapwriter_flush(r->file, e);
}

bool recorder_end(struct recorder *r, struct error *e)
{
	bool good = close_file(r, e);
	mem_free(r->path);
	mem_free(r);
	return good;
}
