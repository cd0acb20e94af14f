/* Times as text: strftime's and strptime's notation. */
#ifndef LANG_TIME_TEXT_H
#define LANG_TIME_TEXT_H

#include <time.h>

#include "lang/vm.h"

struct moment {
	struct tm tm;
	int64_t nanoseconds;        /* %f */
	bool zone;                  /* %z or %Z was there: tm.tm_gmtoff counts (seconds east of Greenwich) */
	const char *zone_name;      /* "UTC", "GMT" or NULL */
};

value time_format(struct vm *vm, const char *format, const struct tm *tm);
/* As time.strptime; ValueError when the text does not fit the format. */
bool time_parse(struct vm *vm, const char *text, const char *format, struct moment *out);

#endif
