/* What the files about dict share: dict.c is the table, dictmethods.c the type, dictview.c keys(), values() and items(). */
#ifndef LANG_DICT_H
#define LANG_DICT_H

#include "lang/vm.h"
#include "lang/types.h"

enum { DICT_NOT_FOUND = -1 };

/* The entry of a key whose hash is known, DICT_NOT_FOUND, or -2 when a comparison raised. */
int64_t dict_find(struct vm *vm, struct dict *d, value key, uint64_t hash);
bool  dict_put(struct vm *vm, struct dict *d, value key, uint64_t hash, TAKES value item);
void  dict_clear(struct dict *d);
struct dict *dict_copy(struct vm *vm, struct dict *d);
void  dict_delete_entry(struct dict *d, uint32_t at);               /* drops key and item */
bool  dict_last(struct dict *d, uint32_t *at);                      /* the newest entry; false: empty */
value dict_missing_key(struct vm *vm, value key);                   /* raises KeyError(key) */
bool  dict_update_pairs(struct vm *vm, struct dict *d, value pairs);
bool  dict_equal(struct vm *vm, struct dict *a, struct dict *b, bool *out);

/* Iterators over a live dict (or its view): backwards when `reversed`. */
enum dict_part { DICT_KEYS, DICT_VALUES, DICT_ITEMS };
value dict_iterator(struct vm *vm, value dict, enum dict_part part, bool reversed);
value dict_view(struct vm *vm, value dict, enum dict_part part);

extern const struct native dict_methods[];

#endif
