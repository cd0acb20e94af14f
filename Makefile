# pktsh. `make`, `make test`, `make bench`, `make install PREFIX= DESTDIR=`, `make setcap`.
#   make B=build-asan SANITIZE=1      with address and undefined-behaviour sanitizers
#   make WERROR=1                     warnings are errors
#   make PARTS="base lang"            only these parts, as a library
CC      ?= gcc
PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= build
OPT     ?= -O3 -g
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
else
# At -O3 functions are joined, and what they set only on success is taken for unset: the sanitizers' build looks for that.
WARN += -Wno-unknown-warning-option -Wno-maybe-uninitialized      # clang knows no such warning
endif
CFLAGS_ALL  = -std=gnu17 -D_GNU_SOURCE $(OPT) $(WARN) -Isrc -I$(B) -MMD -MP $(CFLAGS)
LIBS        = -lnet -lpcap -lmnl -lnftables -lreadline -lgmp -lz -lpcre2-8 -lm -lpthread
AWK         = LC_ALL=C awk

has = $(filter $(1),$(PARTS))

SRC     := $(foreach part,$(PARTS),$(wildcard src/$(part)/*.c))
GRAMMAR := $(if $(call has,lang),$(patsubst grammar/%.l,$(B)/grammar/%.o,$(wildcard grammar/*.l)) \
                                 $(patsubst grammar/%.y,$(B)/grammar/%.o,$(wildcard grammar/*.y)))
LIBRARY := $(if $(call has,shell),$(B)/stdlib.o $(B)/index.o)
OBJ     := $(SRC:%.c=$(B)/%.o) $(GRAMMAR) $(LIBRARY)
MAIN    := $(B)/src/shell/main.o
STDLIB  := $(shell find stdlib -name '*.pkt' 2>/dev/null | LC_ALL=C sort)
UNITS   := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
TOOLS   := $(patsubst %.c,$(B)/%,$(wildcard tests/*.c tests/prompt/*.c))

all: $(if $(and $(filter $(MAIN),$(OBJ)),$(wildcard src/lang/vm.c)),$(B)/pktsh) $(B)/libpktsh.a

$(B)/pktsh: $(OBJ)
	$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(LIBS)

# Everything but main: what the unit tests link with.
$(B)/libpktsh.a: $(filter-out $(MAIN),$(OBJ))
	rm -f $@ && ar rcs $@ $^

$(filter $(B)/src/lang/%,$(OBJ)) $(UNITS): | $(if $(GRAMMAR),$(B)/grammar/parser.h $(B)/grammar/lexer.h)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# ---- generated sources: nothing of this is committed ----------------------------------------------------------------

$(B)/grammar/parser.c $(B)/grammar/parser.h &: grammar/parser.y
	@mkdir -p $(@D)
	bison -Wall -Werror --defines=$(B)/grammar/parser.h -o $(B)/grammar/parser.c $<

$(B)/grammar/lexer.c $(B)/grammar/lexer.h &: grammar/lexer.l
	@mkdir -p $(@D)
	flex --header-file=$(B)/grammar/lexer.h -o $(B)/grammar/lexer.c $<

$(B)/grammar/%.o: $(B)/grammar/%.c $(B)/grammar/parser.h $(B)/grammar/lexer.h
	$(CC) $(CFLAGS_ALL) -Wno-shadow -Wno-missing-prototypes -Wno-sign-compare -Wno-unused-function -c -o $@ $<

# The library in the language, as text in the program, and the index that says which file holds a name. The list of files
# is a file of its own, so that a removed one is noticed too.
$(B)/stdlib.list: always
	@mkdir -p $(@D)
	@printf '%s\n' $(STDLIB) | cmp -s - $@ || printf '%s\n' $(STDLIB) > $@

$(B)/stdlib.c: scripts/embed.awk $(B)/stdlib.list $(STDLIB)
	$(AWK) -f scripts/embed.awk $(STDLIB) > $@

$(B)/index.c: scripts/index.awk $(B)/stdlib.list $(STDLIB)
	$(AWK) -f scripts/index.awk $(STDLIB) > $@

$(B)/stdlib.o $(B)/index.o: %.o: %.c
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# ---- tests, benchmarks, installing ----------------------------------------------------------------------------------

$(B)/tests/unit/%: tests/unit/%.c $(B)/libpktsh.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< $(B)/libpktsh.a -lcmocka $(LIBS)

$(B)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< -lutil

tests: all $(UNITS) $(TOOLS)

test: tests
	PKTSH=$(B)/pktsh tests/run

bench: all
	@for bench in tests/bench/*.sh; do echo "== $$bench"; PKTSH=$(B)/pktsh $$bench || exit 1; done

# Captures that no one here made: CORPUS="folder ...".
corpus: all
	$(B)/pktsh tests/judges/_corpus.pkt $(CORPUS)

install: all
	install -D -m 755 $(B)/pktsh $(DESTDIR)$(PREFIX)/bin/pktsh

# What sending and sniffing need, given to this one program rather than to whoever runs it.
setcap: all
	$(if $(filter 0,$(shell id -u)),,sudo )setcap cap_net_raw,cap_net_admin+ep $(B)/pktsh

clean:
	rm -rf build build-*

.PHONY: all tests test bench corpus install setcap clean always
.DELETE_ON_ERROR:
.SECONDARY:
-include $(OBJ:.o=.d) $(UNITS:=.d) $(TOOLS:=.d)
