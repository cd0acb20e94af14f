/* errno: the system's error numbers by name. */
#include <errno.h>

#include "lang/modules.h"
#include "lang/types.h"

static const struct module_number numbers[] = {
#define N(name) { #name, name }
	N(EPERM), N(ENOENT), N(ESRCH), N(EINTR), N(EIO), N(ENXIO), N(E2BIG), N(ENOEXEC), N(EBADF), N(ECHILD), N(EAGAIN),
	N(EWOULDBLOCK), N(ENOMEM), N(EACCES), N(EFAULT), N(ENOTBLK), N(EBUSY), N(EEXIST), N(EXDEV), N(ENODEV), N(ENOTDIR), N(EISDIR),
	N(EINVAL), N(ENFILE), N(EMFILE), N(ENOTTY), N(ETXTBSY), N(EFBIG), N(ENOSPC), N(ESPIPE), N(EROFS), N(EMLINK), N(EPIPE),
	N(EDOM), N(ERANGE), N(EDEADLK), N(ENAMETOOLONG), N(ENOLCK), N(ENOSYS), N(ENOTEMPTY), N(ELOOP), N(ENOMSG), N(EIDRM),
	N(ENODATA), N(ETIME), N(EPROTO), N(EBADMSG), N(EOVERFLOW), N(EILSEQ), N(EUSERS), N(ENOTSOCK), N(EDESTADDRREQ), N(EMSGSIZE),
	N(EPROTOTYPE), N(ENOPROTOOPT), N(EPROTONOSUPPORT), N(ESOCKTNOSUPPORT), N(EOPNOTSUPP), N(ENOTSUP), N(EPFNOSUPPORT),
	N(EAFNOSUPPORT), N(EADDRINUSE), N(EADDRNOTAVAIL), N(ENETDOWN), N(ENETUNREACH), N(ENETRESET), N(ECONNABORTED), N(ECONNRESET),
	N(ENOBUFS), N(EISCONN), N(ENOTCONN), N(ESHUTDOWN), N(ETOOMANYREFS), N(ETIMEDOUT), N(ECONNREFUSED), N(EHOSTDOWN),
	N(EHOSTUNREACH), N(EALREADY), N(EINPROGRESS), N(ESTALE), N(EDQUOT), N(ECANCELED),
#undef N
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	struct dict *names = dict_new(vm);

	module_add_numbers(vm, g, numbers);
	for (const struct module_number *n = numbers; n->name; n++)
		if (is_unset(dict_get(vm, names, value_int(n->number))))
			dict_set(vm, names, value_int(n->number), str_value(vm, n->name));
	dict_set_text(vm, g, "errorcode", value_object(names));
	return true;
}

const struct module_spec module_errno = { "errno", "The system's error numbers.", NULL, fill };
