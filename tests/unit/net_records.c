/* Records of capture files are libpcap's, whoever reads them: whole files, cut ones, such with a byte changed. CORPUS=folder: its files, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/pcapfile.h"

static char path[] = "/tmp/pktsh-records-XXXXXX";
static unsigned records;

static void write_file(const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void same_record(const struct capture_frame *frame, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
	assert_int_equal(frame->len, header->caplen);
	assert_int_equal(frame->wire_len, header->len);
	assert_int_equal(frame->time, (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec);
	assert_memory_equal(frame->bytes, bytes, frame->len);
}

/* The file at `path`, by both. */
static void reads_as_libpcap(void)
{
	char words[PCAP_ERRBUF_SIZE];
	struct error e = {0};
	struct pcapfile *ours = pcapfile_open(path, &e);
	pcap_t *theirs = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, words);
	error_clear(&e);
	assert_int_equal(ours != NULL, theirs != NULL);
	for (int code = 1; ours && code == 1;) {
		struct capture_frame frame;
		struct pcap_pkthdr *header;
		const uint8_t *bytes;
		bool more = pcapfile_next(ours, &frame) == CAPTURE_FRAME;
		code = pcap_next_ex(theirs, &header, &bytes);
		assert_int_equal(more, code == 1);
		assert_int_equal(pcapfile_warning(ours) != NULL, code == PCAP_ERROR);
		if (more)
			same_record(&frame, header, bytes);
		if (code == PCAP_ERROR)
			assert_non_null(strstr(pcapfile_warning(ours), pcap_geterr(theirs)));
		records++;
	}
	pcapfile_close(ours);
	if (theirs)
		pcap_close(theirs);
}

/* A file of frames of all sizes, beyond a block's. */
static void make_file(struct buf *out, unsigned count)
{
	static const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1 };
	buf_add(out, head, sizeof head);
	for (unsigned i = 0; i < count; i++) {
		uint32_t len = i % 97 == 96 ? 200000 : (uint32_t)rand() % (i % 7 ? 200 : 20000), header[] = { i, i * 7 % 1000000, len, len + i % 3 };
		buf_add(out, header, sizeof header);
		for (uint32_t k = 0; k < len; k++)
			buf_char(out, (char)(i + k));
	}
}

static void whole_cut_and_changed(void **state)
{
	struct buf file = {0};
	srand(3);
	make_file(&file, 300);
	write_file(file.data, file.len);
	reads_as_libpcap();
	for (int i = 0; i < 60; i++) {
		size_t len = (size_t)rand() % (i % 2 ? 2000 : file.len), at = (size_t)rand() % (i % 3 ? 1000 : file.len);
		write_file(file.data, len);
		reads_as_libpcap();
		char was = file.data[at];
		file.data[at] = (char)(i % 4 ? rand() : -1);
		write_file(file.data, i % 5 ? (at + 60000 < file.len ? at + 60000 : file.len) : file.len);
		reads_as_libpcap();
		file.data[at] = was;
	}
	buf_free(&file);
	assert_true(records > 3000);
}

static void read_file(const char *name, struct buf *out)
{
	FILE *f = fopen(name, "rb");
	int c;
	buf_clear(out);
	while (f && (c = getc(f)) != EOF)
		buf_char(out, (char)c);
	if (f)
		fclose(f);
}

static void files_of_others(void **state)
{
	const char *folder = getenv("CORPUS");
	DIR *d = folder ? opendir(folder) : NULL;
	struct buf file = {0};
	char name[600];
	for (struct dirent *entry; d && (entry = readdir(d));) {
		snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
		read_file(name, &file);
		if (file.len < 24 || ((uint8_t)file.data[0] != 0xd4 && (uint8_t)file.data[0] != 0x4d && (uint8_t)file.data[0] != 0xa1))
			continue;
		write_file(file.data, file.len);
		reads_as_libpcap();
		for (int i = 0; i < 4; i++) {
			write_file(file.data, (size_t)rand() % file.len);
			reads_as_libpcap();
			file.data[(size_t)rand() % (file.len < 3000 ? file.len : 3000)] = (char)rand();
			write_file(file.data, file.len);
			reads_as_libpcap();
		}
	}
	if (d)
		closedir(d);
	buf_free(&file);
}

static int make_path(void **state)
{
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole_cut_and_changed), cmocka_unit_test(files_of_others) };
	return cmocka_run_group_tests(tests, make_path, remove_path);
}
