# build: the optimised program. run: a demonstration. check: everything a tool can judge. test: check and every test.
# nightly: every test a year back, today and five years on. soak: breaks what can break under load, ROUNDS times each.
# bite: what scenarios of packs claim is taken out, and they must see it; notes what has bitten.
# fuzz: damaged inputs for every reader, SECONDS each.
# Each installs what it needs when it is not there, and does again only what changed.
.DEFAULT_GOAL := build
.PHONY: build run check test nightly soak fuzz bite setup
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

TARGET := $(or $(CARGO_TARGET_DIR),target)
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tongban/tools/bin
PROGRAM := $(TARGET)/release/tongban
RARE_FACES := /usr/share/fonts/truetype/hanazono

# Every folder with a lock file of npm gets its packages; e2e only for tests.
LOCKS := $(shell git ls-files '*package-lock.json')
PACKAGES := $(patsubst %/package-lock.json,%/node_modules/.installed,$(filter-out e2e/%,$(LOCKS)))
E2E := $(patsubst %/package-lock.json,%/node_modules/.installed,$(filter e2e/%,$(LOCKS)))
PAGES := $(shell git ls-files assets '*.html' 'kernel/*/src/*.rs' 'engine/*/src/*.rs' 'domain/*/src/*.rs' 'solution/*/src/*.rs')
# A folder that someone took away is built again.
$(shell [ -f assets/dist/manifest.json ] || rm -f assets/node_modules/.built)
ASSETS := $(if $(wildcard assets/package.json),assets/node_modules/.built)

build: setup
	@echo "building the program (the first time takes several minutes)"
	@cargo build --release --package tongban
	@echo "built $(PROGRAM)"

run: build
	@echo "serving the demonstration at http://127.0.0.1:8080"
	@exec $(PROGRAM) serve --demo --listen 127.0.0.1:8080 --data ./data/demo

check: setup
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	cargo xtask setup tools
	cargo xtask tidy
	$(TOOLS)/cargo-deny --log-level error check bans licenses sources
	$(TOOLS)/typos --format brief

test: check $(E2E)
	cargo xtask test

nightly: check $(E2E)
	cargo xtask nightly

soak: setup
	cargo xtask soak $(or $(ROUNDS),30)

bite: setup
	cargo xtask bite

fuzz: setup
	cargo xtask fuzz $(or $(SECONDS),300)

setup: $(PACKAGES) $(ASSETS)
	@command -v cc >/dev/null || { echo "installing a C compiler"; apt-get -qq update && apt-get -qq -y install gcc libc6-dev; }
	@[ -d $(RARE_FACES) ] || { echo "installing typefaces for rare characters of names"; { apt-get -qq update && apt-get -qq -y install fonts-hanazono; } || echo "not installed: such names cannot be printed"; }

%/node_modules/.installed: %/package-lock.json
	@echo "installing the npm packages of $*"
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

# What came out the same keeps its times, so that cargo does not compile it in again.
assets/node_modules/.built: $(PACKAGES) $(wildcard $(PAGES))
	@echo "building styles, scripts and icons"
	@old=$$(mktemp -d); trap 'rm -rf "$$old"' EXIT; \
	if [ -d assets/dist ]; then cp -a assets/dist/. "$$old"; fi; \
	(cd assets && npm run --silent build); \
	if cmp -s "$$old/manifest.json" assets/dist/manifest.json; then cp -a "$$old/." assets/dist/; fi
	@touch $@
