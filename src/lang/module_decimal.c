/* _decimal: the type Decimal as a name. The rest of decimal is stdlib/decimal.pkt. */
#include "lang/modules.h"
#include "lang/types.h"

static bool fill(struct vm *vm, struct dict *g)
{
	dict_set_text(vm, g, "Decimal", value_object(object_keep(vm->types.decimal)));
	return true;
}

const struct module_spec module__decimal = { "_decimal", "The type Decimal.", NULL, fill };
