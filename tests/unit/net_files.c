/* Capture files: written, read back, appended to, cut short, compressed, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/pcapfile.h"
#include "net/pcapwriter.h"

static char folder[] = "/tmp/pktsh-files-XXXXXX";
static char path[64];

static const struct pcapwriter_options micro = { .link_type = DLT_EN10MB };
static const struct pcapwriter_options nano = { .link_type = DLT_RAW, .nanoseconds = true };

static void write_two(const struct pcapwriter_options *options)
{
	struct error e = {0};
	struct pcapwriter *w = pcapwriter_open(path, options, &e);
	if (!w)
		fail_msg("%s", e.message);
	assert_true(pcapwriter_add(w, "first", 5, 0, 1234567890123456789, &e));
	assert_true(pcapwriter_add(w, "second", 6, 1500, 1, &e));
	assert_true(pcapwriter_close(w, true, &e));
}

static struct pcapfile *open_file(void)
{
	struct error e = {0};
	struct pcapfile *f = pcapfile_open(path, &e);
	if (!f)
		fail_msg("%s", e.message);
	return f;
}

static int count_files(void)
{
	DIR *d = opendir(folder);
	int n = 0;
	for (struct dirent *entry; (entry = readdir(d));)
		n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(d);
	return n;
}

static unsigned count_records(void)
{
	struct pcapfile *f = open_file();
	struct capture_frame frame;
	unsigned n = 0;
	while (pcapfile_next(f, &frame) == CAPTURE_FRAME)
		n++;
	pcapfile_close(f);
	return n;
}

static void round_trip(void **state)
{
	const struct { const struct pcapwriter_options *options; int64_t time; } cases[] = { { &micro, 1234567890123456000 }, { &nano, 1234567890123456789 } };
	for (int i = 0; i < 2; i++) {
		struct capture_frame frame;
		write_two(cases[i].options);
		struct pcapfile *f = open_file();
		assert_int_equal(pcapfile_link_type(f), cases[i].options->link_type);
		assert_int_equal(pcapfile_nanoseconds(f), cases[i].options->nanoseconds);
		assert_int_equal(pcapfile_next(f, &frame), CAPTURE_FRAME);
		assert_int_equal(frame.len, 5);
		assert_int_equal(frame.wire_len, 5);
		assert_memory_equal(frame.bytes, "first", 5);
		assert_true(frame.time == cases[i].time);
		assert_int_equal(pcapfile_next(f, &frame), CAPTURE_FRAME);
		assert_int_equal(frame.wire_len, 1500);
		assert_int_equal(pcapfile_next(f, &frame), CAPTURE_NONE);
		assert_null(pcapfile_warning(f));
		pcapfile_close(f);
	}
	assert_int_equal(count_files(), 1);
}

static void old_file_stays(void **state)
{
	struct error e = {0};
	write_two(&micro);
	chmod(path, 0640);
	struct pcapwriter *w = pcapwriter_open(path, &micro, &e);
	assert_non_null(w);
	assert_int_equal(count_records(), 2);
	assert_true(pcapwriter_close(w, false, &e));     /* nothing was written */
	assert_int_equal(count_records(), 2);
	w = pcapwriter_open(path, &micro, &e);
	assert_true(pcapwriter_add(w, "x", 1, 0, 0, &e));
	assert_int_equal(count_records(), 2);
	assert_true(pcapwriter_close(w, false, &e));
	assert_int_equal(count_records(), 1);
	struct stat is;
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0640);
	w = pcapwriter_open(path, &micro, &e);
	assert_true(pcapwriter_close(w, true, &e));
	assert_int_equal(count_records(), 0);
	assert_int_equal(count_files(), 1);
}

static void appending(void **state)
{
	struct error e = {0};
	struct pcapwriter_options append = { .link_type = DLT_RAW, .append = true };
	unlink(path);
	write_two(&append);
	write_two(&append);
	assert_int_equal(count_records(), 4);
	struct stat is;
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(truncate(path, is.st_size - 3), 0);
	struct pcapwriter *w = pcapwriter_open(path, &append, &e);
	assert_non_null(w);
	assert_non_null(strstr(pcapwriter_warning(w), "cut off"));
	assert_true(pcapwriter_add(w, "new", 3, 0, 0, &e));
	assert_true(pcapwriter_close(w, false, &e));
	assert_int_equal(count_records(), 4);
	append.link_type = DLT_EN10MB;
	assert_null(pcapwriter_open(path, &append, &e));
	assert_string_equal(e.kind, "Scapy_Exception");
	error_clear(&e);
	write_two(&nano);
	append.link_type = DLT_RAW;
	write_two(&append);                              /* keeps the file's nanoseconds */
	assert_int_equal(count_records(), 4);
}

static void cut_short(void **state)
{
	struct capture_frame frame;
	struct stat is;
	write_two(&micro);
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(truncate(path, is.st_size - 1), 0);
	struct pcapfile *f = open_file();
	assert_int_equal(pcapfile_next(f, &frame), CAPTURE_FRAME);
	assert_int_equal(pcapfile_next(f, &frame), CAPTURE_NONE);
	assert_non_null(strstr(pcapfile_warning(f), "truncated"));
	assert_non_null(strstr(pcapfile_warning(f), "after 1 packet"));
	assert_int_equal(pcapfile_next(f, &frame), CAPTURE_NONE);
	assert_int_equal(pcapfile_good_bytes(f), 24 + 16 + 5);
	pcapfile_close(f);
}

static void compressed(void **state)
{
	struct pcapwriter_options zip = { .link_type = DLT_RAW, .compress = true };
	struct error e = {0};
	write_two(&zip);
	assert_int_equal(count_records(), 2);
	zip.compress = false;
	zip.append = true;
	assert_null(pcapwriter_open(path, &zip, &e));
	assert_non_null(strstr(e.message, "compressed"));
	error_clear(&e);
}

static void link_type_bits(void **state)
{
	/* FCS length 4, present: f = 1 and 0100 in the high bits */
	static const uint8_t header[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 0xff, 0xff, 0, 0, 1, 0, 0, 0x44 };
	FILE *out = fopen(path, "wb");
	fwrite(header, 1, sizeof header, out);
	fclose(out);
	struct pcapfile *f = open_file();
	assert_int_equal(pcapfile_link_type(f), DLT_EN10MB);
	pcapfile_close(f);
}

static void refused(void **state)
{
	struct error e = {0};
	assert_null(pcapfile_open("/nowhere/x.pcap", &e));
	assert_int_equal(e.code, ENOENT);
	error_clear(&e);
	assert_null(pcapfile_open(folder, &e));
	assert_int_equal(e.code, EISDIR);
	error_clear(&e);
	FILE *out = fopen(path, "wb");
	fclose(out);
	assert_null(pcapfile_open(path, &e));
	assert_string_equal(e.kind, "Scapy_Exception");
	error_clear(&e);
	out = fopen(path, "wb");
	fputs("this is no capture file at all", out);
	fclose(out);
	assert_null(pcapfile_open(path, &e));
	assert_string_equal(e.kind, "Scapy_Exception");
	error_clear(&e);
	assert_null(pcapwriter_open("/nowhere/x.pcap", &micro, &e));
	assert_int_equal(e.code, ENOENT);
	error_clear(&e);
	assert_null(pcapwriter_open(folder, &micro, &e));
	error_clear(&e);
	struct pcapwriter *w = pcapwriter_open("/dev/full", &micro, &e);
	assert_non_null(w);
	assert_true(pcapwriter_add(w, "x", 1, 0, 0, &e));
	assert_false(pcapwriter_close(w, false, &e));
	assert_int_equal(e.code, ENOSPC);
	error_clear(&e);
}

static int make_folder(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/a.pcap", folder);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(old_file_stays),
		cmocka_unit_test(appending),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(compressed),
		cmocka_unit_test(link_type_bits),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
