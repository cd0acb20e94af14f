/* Text to bytes and back. Encodings: utf-8, ascii, latin-1, utf-16 and utf-32 (with -le, -be), and their other names; error
 * handlers: strict, ignore, replace, backslashreplace, surrogateescape, surrogatepass, xmlcharrefreplace, namereplace not. */
#ifndef LANG_CODEC_H
#define LANG_CODEC_H

#include "lang/vm.h"
#include "lang/types.h"

value codec_decode(struct vm *vm, struct view bytes, value encoding, value errors);     /* a str; arguments unset or None: utf-8, strict */
value codec_encode(struct vm *vm, struct str *text, value encoding, value errors);      /* bytes */
value codec_str(struct vm *vm, value object, value encoding, value errors);             /* str(object, encoding, errors) */

#endif
