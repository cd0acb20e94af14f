/* sprintf: Scapy's format strings. "%[[fmt][r],][layer[:nb].]field%", "%.time%", "{Layer:...}", "{!Layer:...}", "%%", "%(" and "%)"
 * for braces. A field that no layer has prints ??. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "packet/printing.h"

struct directive {
	char format[32];                /* what stands before the comma, without r; "s" when absent */
	bool raw;
	char layer[64], field[64];      /* layer "": the first */
	unsigned nth;
};

static bool bad_format(struct vm *vm, const char *text, size_t len)
{
	return vm_raise_ok(vm, vm->errors.Scapy_Exception, "Bad format string [%%%.*s%s]", (int)(len > 25 ? 25 : len), text, len > 25 ? "..." : "");
}

static bool copy_part(char *to, size_t room, const char *from, const char *end)
{
	size_t len = (size_t)(end - from);
	if (len >= room)
		return false;
	memcpy(to, from, len);
	to[len] = 0;
	return true;
}

static bool parse_format(struct directive *d, const char *from, const char *end)
{
	if (end > from && end[-1] == 'r') {
		d->raw = true;
		end--;
	}
	if (!copy_part(d->format, sizeof d->format - 1, from, end))
		return false;
	if (from == end)
		strcpy(d->format, "s");
	return true;
}

static bool parse_directive(struct directive *d, const char *text, size_t len)
{
	const char *end = text + len, *comma = memchr(text, ',', len);
	d->raw = false;
	strcpy(d->format, "s");
	d->layer[0] = d->field[0] = 0;
	d->nth = 1;
	if (comma && !parse_format(d, text, comma))
		return false;
	const char *name = comma ? comma + 1 : text, *dot = memchr(name, '.', (size_t)(end - name));
	if (!dot)
		return copy_part(d->field, sizeof d->field, name, end);
	const char *colon = memchr(name, ':', (size_t)(dot - name));
	if (colon)
		d->nth = (unsigned)strtoul(colon + 1, NULL, 10);
	return copy_part(d->layer, sizeof d->layer, name, colon ? colon : dot) && copy_part(d->field, sizeof d->field, dot + 1, end);
}

static bool format_time(struct stack *s, struct buf *out)
{
	int64_t ns = s->about ? s->about->time : INT64_MIN;
	if (ns == INT64_MIN) {
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	localtime_r(&seconds, &tm);
	buf_print(out, "%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ns % 1000000000 / 1000));
	return true;
}

/* The layer the directive is about; -1: none. */
static int find_layer(struct stack *s, unsigned at, const struct directive *d)
{
	if (!d->layer[0])
		return (int)at;
	unsigned nth = d->nth ? d->nth : 1;
	for (unsigned i = at; i < s->count; i++) {
		if (strcmp(layer_class_name(s->parts[i].layer), d->layer) == 0 && --nth == 0)
			return (int)i;
	}
	return -1;
}

/* What stands for the directive: a field as shown, its bare value, or an attribute of the layer; unset and nothing pending: ??. */
static value directive_value(struct stack *s, int at, const struct directive *d)
{
	struct vm *vm = s->vm;
	struct str *name = str_intern(vm, d->field);
	int field = layer_field(s->parts[at].layer, name);
	if (field >= 0 && !d->raw) {
		struct buf text = { 0 };
		if (show_field(s, (unsigned)at, (unsigned)field, &text))
			return str_from_buf(vm, &text);
		buf_free(&text);
		return VALUE_UNSET;
	}
	value self = packet_object(s, (unsigned)at);
	value got = value_attr_or_unset(vm, self, name);
	value_drop(self);
	return got;
}

static bool put_formatted(struct vm *vm, const char *format, TAKES value v, struct buf *out)
{
	char text[sizeof((struct directive *)0)->format + 2];
	text[0] = '%';
	strcpy(text + 1, format);
	value spec = str_value(vm, text), args = tuple_of(vm, 1, &v);
	value done = format_percent(vm, spec, args, false);
	value_drop(spec);
	value_drop(args);
	value_drop(v);
	if (is_unset(done))
		return false;
	buf_add(out, as_str(done)->data, as_str(done)->len);
	value_drop(done);
	return true;
}

/* A field as shown, in no particular format, is written where it is to stand. *ok: false when it raised. */
static bool put_shown(struct stack *s, int at, const struct directive *d, struct buf *out, bool *ok)
{
	if (d->raw || strcmp(d->format, "s"))
		return false;
	int field = layer_field(s->parts[at].layer, str_intern(s->vm, d->field));
	if (field < 0)
		return false;
	*ok = show_field(s, (unsigned)at, (unsigned)field, out);
	return true;
}

static bool put_directive(struct stack *s, unsigned at, const char *text, size_t len, struct buf *out)
{
	struct directive d;
	bool ok;
	if (!parse_directive(&d, text, len))
		return bad_format(s->vm, text, len);
	value v = VALUE_UNSET;
	if (strcmp(d.field, "time") == 0) {
		struct buf now = { 0 };
		format_time(s, &now);
		v = str_from_buf(s->vm, &now);
	} else {
		int layer = find_layer(s, at, &d);
		if (layer >= 0 && put_shown(s, layer, &d, out, &ok))
			return ok;
		if (layer >= 0)
			v = directive_value(s, layer, &d);
		if (vm_pending(s->vm))
			return false;
	}
	if (is_unset(v)) {
		buf_text(out, "??");
		return true;
	}
	return put_formatted(s->vm, d.format, v, out);
}

static bool put_directives(struct stack *s, unsigned at, const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;
	while (text < end) {
		const char *percent = memchr(text, '%', (size_t)(end - text));
		buf_add(out, text, (size_t)((percent ? percent : end) - text));
		if (!percent)
			break;
		text = percent + 1;
		if (text < end && strchr("%()", *text)) {
			buf_char(out, *text == '%' ? '%' : *text == '(' ? '{' : '}');
			text++;
			continue;
		}
		const char *close = memchr(text, '%', (size_t)(end - text));
		if (!close)
			return bad_format(s->vm, text, (size_t)(end - text));
		if (!put_directive(s, at, text, (size_t)(close - text), out))
			return false;
		text = close + 1;
	}
	return true;
}

static bool has_layer(const struct stack *s, unsigned at, const char *name, size_t len)
{
	for (unsigned i = at; i < s->count; i++) {
		const char *have = layer_class_name(s->parts[i].layer);
		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return true;
	}
	return false;
}

/* The innermost condition first: its braces hold no others. */
static bool settle_condition(struct stack *s, unsigned at, struct buf *format)
{
	char *open = memrchr(format->data, '{', format->len);
	size_t start = (size_t)(open - format->data);
	char *close = memchr(open, '}', format->len - start), *colon = NULL;
	if (close)
		colon = memchr(open, ':', (size_t)(close - open));
	if (!colon)
		return vm_raise_ok(s->vm, s->vm->errors.Scapy_Exception, "Bad condition in format string: [%.*s] (read sprintf doc!)",
				(int)((close ? close : format->data + format->len) - open - 1), open + 1);
	bool negated = open[1] == '!';
	const char *name = open + 1 + negated;
	bool holds = has_layer(s, at, name, (size_t)(colon - name)) != negated;
	struct buf settled = { 0 };
	buf_add(&settled, format->data, start);
	if (holds)
		buf_add(&settled, colon + 1, (size_t)(close - colon - 1));
	buf_add(&settled, close + 1, format->len - (size_t)(close + 1 - format->data));
	buf_free(format);
	*format = settled;
	return true;
}

bool stack_sprintf(struct stack *s, unsigned at, const char *format, size_t len, struct buf *out)
{
	struct buf text = { 0 };
	buf_add(&text, format, len);
	bool ok = true;
	while (ok && text.len && memchr(text.data, '{', text.len))
		ok = settle_condition(s, at, &text);
	ok = ok && put_directives(s, at, buf_str(&text), text.len, out);
	buf_free(&text);
	return ok;
}
