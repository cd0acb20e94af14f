#include "packet/warn.h"

#include <stdarg.h>

#include "base/buf.h"
#include "lang/file.h"
#include "packet/world.h"

/* A warning that cannot be written is no reason to stop. */
void packet_warn(struct vm *vm, const char *format, ...)
{
	struct buf text = {0};
	va_list args;
	if (world_of(vm)->quiet)
		return;
	va_start(args, format);
	buf_text(&text, "WARNING: ");
	buf_vprint(&text, format, args);
	va_end(args);
	buf_char(&text, '\n');
	if (!vm_pending(vm) && !file_write(vm, file_standard(vm, 2), buf_str(&text), text.len))
		vm_clear(vm);
	buf_free(&text);
}
