#include "net/filter.h"

#include <ctype.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SNAP = 262144 };

struct filter {
	struct bpf_program program;
};

/* ---- which word is to blame -------------------------------------------------------------------------------------------
 *
 * libpcap says "unknown host 'x'" with the word in quotes, and for a wrong grammar only "syntax error". There the filter is
 * compiled again up to each word: as long as some short ending makes it a whole filter, the word was possible. */

struct word {
	uint32_t start, end;
};

static struct word word_at(const char *text, uint32_t at)
{
	static const char single[] = "()[]:&|!<>=+-*/%^~";
	struct word w = { at, at };
	while (isspace((unsigned char)text[w.start]))
		w.start++;
	w.end = w.start;
	while (text[w.end] && !isspace((unsigned char)text[w.end]) && !strchr("()[]&|!<>=", text[w.end]))
		w.end++;
	if (w.end == w.start && text[w.end] && strchr(single, text[w.end]))
		w.end++;
	if (w.end == w.start + 1 && text[w.end] && strchr("&|<>=!", text[w.start]) && strchr("&|<>=", text[w.end]))
		w.end++;
	return w;
}

static bool compiles(pcap_t *pcap, const char *text)
{
	struct bpf_program program;
	if (pcap_compile(pcap, &program, text, 0, 0) < 0)
		return false;
	pcap_freecode(&program);
	return true;
}

/* Open brackets of both kinds at the end of the first `len` bytes. */
static void count_open(const char *text, uint32_t len, int *round, int *square)
{
	*round = *square = 0;
	for (uint32_t at = 0; at < len; at++) {
		*round += (text[at] == '(') - (text[at] == ')');
		*square += (text[at] == '[') - (text[at] == ']');
	}
}

static bool can_begin(pcap_t *pcap, const char *text, uint32_t len)
{
	static const char *const endings[] = {
		"", " 1", " 1.1.1.1", " ::1", " 1:1:1:1:1:1", " ip", " host 1.1.1.1", " port 1", " = 1", " < 2", " mask 255.0.0.0", " echo",
		" 1 = 1", "0] = 1", "1] = 1", "] = 1",
	};
	struct buf trial = {0};
	int round, square;
	bool found = false;
	count_open(text, len, &round, &square);
	for (size_t i = 0; i < sizeof endings / sizeof *endings && !found; i++) {
		buf_clear(&trial);
		buf_add(&trial, text, len);
		buf_text(&trial, endings[i]);
		if (round > 0)
			buf_fill(&trial, ')', (size_t)round);
		found = compiles(pcap, buf_str(&trial));
	}
	buf_free(&trial);
	return found;
}

static bool find_syntax(pcap_t *pcap, const char *text, struct word *out)
{
	enum { MOST_WORDS = 64 };
	struct word w = { 0, 0 };
	for (int n = 0; n < MOST_WORDS; n++) {
		struct word next = word_at(text, w.end);
		if (next.start == next.end) {        /* every word was possible: something is missing behind the last */
			*out = (struct word){ w.end ? w.end - 1 : 0, w.end };
			return true;
		}
		w = next;
		if (!can_begin(pcap, text, w.end)) {
			*out = w;
			return true;
		}
	}
	return false;
}

/* The word that libpcap's message quotes, where it stands in the filter. */
static bool find_quoted(const char *message, const char *text, struct word *out)
{
	const char *open = strchr(message, '\''), *close = open ? strrchr(open + 1, '\'') : NULL;
	const char *colon = strstr(message, "illegal token: ");
	struct buf word = {0};
	if (close)
		buf_add(&word, open + 1, (size_t)(close - open - 1));
	else if (colon)
		buf_text(&word, colon + strlen("illegal token: "));
	const char *at = word.len ? strstr(text, buf_str(&word)) : NULL;
	if (at)
		*out = (struct word){ (uint32_t)(at - text), (uint32_t)(at - text + (ptrdiff_t)word.len) };
	buf_free(&word);
	return at != NULL;
}

static void blame(pcap_t *pcap, const char *text, const char *message, struct error *e)
{
	struct word w;
	bool found = find_quoted(message, text, &w) || (strstr(message, "syntax error") && find_syntax(pcap, text, &w));
	if (!found)
		return;
	struct source *source = source_new("<filter>", text, strlen(text));
	error_place(e, source, (struct span){ w.start, w.end });
	source_drop(source);
}

bool filter_compile(pcap_t *pcap, const char *text, uint32_t netmask, struct bpf_program *out, struct error *e)
{
	if (pcap_compile(pcap, out, text, 1, netmask) == 0)
		return true;
	char *message = mem_text(pcap_geterr(pcap));
	const char *told = message;
	if (strncmp(told, "can't parse filter expression: ", 31) == 0)
		told += 31;
	if (!e->kind) {
		error_set(e, "Scapy_Exception", "bad filter \"%s\": %s", text, told);
		blame(pcap, text, message, e);
	}
	mem_free(message);
	return false;
}

struct filter *filter_new(const char *text, int link_type, struct error *e)
{
	pcap_t *pcap = pcap_open_dead(link_type, SNAP);
	if (!pcap) {
		error_set(e, "MemoryError", "no memory for a filter");
		return NULL;
	}
	struct filter *f = mem_zero(sizeof *f);
	if (!filter_compile(pcap, text, PCAP_NETMASK_UNKNOWN, &f->program, e)) {
		mem_free(f);
		f = NULL;
	}
	pcap_close(pcap);
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	pcap_freecode(&f->program);
	mem_free(f);
}

bool filter_match(const struct filter *f, const void *bytes, size_t len, size_t wire_len)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)wire_len };
	return pcap_offline_filter(&f->program, &header, bytes) != 0;
}
