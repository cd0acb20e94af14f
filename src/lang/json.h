/* What the files of the module _json share. */
#ifndef LANG_JSON_H
#define LANG_JSON_H

#include "base/buf.h"
#include "lang/types.h"
#include "lang/vm.h"

value json_parse(struct vm *vm, value *a);      /* (text, error, object_hook, object_pairs_hook, parse_float, parse_int) */

#endif
