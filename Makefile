# pktsh. `make`, `make test`, `make bench`, `make install PREFIX= DESTDIR=`.
#   make B=build-asan SANITIZE=1      with address and undefined-behaviour sanitizers
#   make WERROR=1                     warnings are errors
CC      ?= gcc
PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= build
OPT     ?= -O2 -g
PARTS   ?= base lang packet net shell
# == end of settings ==================================================================================================

WARN = -Wall \
       -Wextra \
       -Wshadow \
       -Wstrict-prototypes \
       -Wmissing-prototypes \
       -Wpointer-arith \
       -Wwrite-strings \
       -Wno-unused-parameter \
       -Wno-missing-field-initializers
ifdef WERROR
WARN += -Werror
endif
ifdef SANITIZE
OPT  = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
CFLAGS_ALL  = -std=gnu17 $(OPT) $(WARN) -Isrc -I$(B) -MMD -MP $(CFLAGS)
LIBS        = -lnet -lpcap -lmnl -lnftables -lreadline -lgmp -lpcre2-8 -lm -lpthread

SRC    := $(foreach part,$(PARTS),$(wildcard src/$(part)/*.c))
OBJ    := $(SRC:%.c=$(B)/%.o) $(B)/grammar/lexer.o $(B)/grammar/parser.o
STDLIB := $(shell find stdlib -name '*.pkt' | LC_ALL=C sort)
MAIN   := $(B)/src/shell/main.o

all: $(B)/pktsh

$(B)/pktsh: $(OBJ) $(B)/stdlib.o
	$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(LIBS)

# Everything but main: what the unit tests link with.
$(B)/libpktsh.a: $(filter-out $(MAIN),$(OBJ)) $(B)/stdlib.o
	rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c $(B)/grammar/parser.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/grammar/parser.c $(B)/grammar/parser.h &: grammar/parser.y
	@mkdir -p $(@D)
	bison -Wall -Werror --defines=$(B)/grammar/parser.h -o $(B)/grammar/parser.c $<

$(B)/grammar/lexer.c $(B)/grammar/lexer.h &: grammar/lexer.l
	@mkdir -p $(@D)
	flex --header-file=$(B)/grammar/lexer.h -o $(B)/grammar/lexer.c $<

$(B)/grammar/%.o: $(B)/grammar/%.c $(B)/grammar/parser.h $(B)/grammar/lexer.h
	$(CC) $(CFLAGS_ALL) -Wno-shadow -Wno-missing-prototypes -Wno-sign-compare -Wno-unused-function -c -o $@ $<

clean:
	rm -rf build build-*

.PHONY: all clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(OBJ:.o=.d)
