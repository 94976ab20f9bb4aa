# Each target first does what is out of date before it, and nothing more. Everything needed comes with npm;
# tests of other programs need packages of Debian, which scripts/debian.sh installs where it may.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# Written last by npm, by buf and by the build: they stand for all that those make.
INSTALLED := node_modules/.package-lock.json
GENERATED := proto/gen/descriptors.binpb
BUILT     := dist/.built

PROTOS  := $(shell find proto -name '*.proto') $(wildcard proto/plugin/*) buf.yaml buf.gen.yaml
# The kernel of the shared memory, which is generated as WebAssembly.
KERNEL  := $(wildcard engine/shared/kernel/*) scripts/kernel.mjs
# Folders too: they change when a file in them comes or goes.
SOURCES := $(shell find proto/ engine/ server/ client/ cli/ test/ bench/ examples/ -path proto/gen -prune -o \( -name '*.ts' -o -type d \) -print) $(shell find console/) tsconfig.json package.json scripts/bundle.mjs

.PHONY: help run serve test stress simulate crash overload fuzz mutations bench lint generate build check breaking package api

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: $(BUILT) ## start a manager, have all cores count, hash and compress files on it, look at it, stop (ARGS=DIRECTORY)
	node scripts/run.mjs $(ARGS)

serve: $(BUILT) ## run a manager in the foreground, on 127.0.0.1:7420 and the user's socket (ARGS=OPTIONS)
	@exec node lib/cli/main.js serve $(ARGS)

test: $(BUILT) ## run all tests (ARGS=PATTERN for some)
	@scripts/debian.sh
	@npm run --silent test -- $(ARGS)

stress: $(BUILT) ## run the tests that have a long form in full: storms, kills, races, large data (ARGS=PATTERN for some)
	@COMMONHOLD_STRESS=1 npm run --silent test -- $(if $(ARGS),$(ARGS),$$(grep -rlF --include='*.test.js' 'support/stress.js' dist/test) dist/test/conformance)

simulate: $(BUILT) ## run seeded worlds of clients, a manager and a network that fails (SEED=…, RUNS=…, PLAN=FILE for a failed one)
	@SEED=$(SEED) RUNS=$(RUNS) PLAN=$(PLAN) node dist/test/simulation/main.js

crash: $(BUILT) ## kill a daemon with a data directory under load, again and again, and check what its clients saw (SEED=…, KILLS=…)
	@SEED=$(SEED) KILLS=$(KILLS) node dist/test/crash/main.js

fuzz: $(BUILT) ## give mutated inputs to everything that reads bytes of others (SEED=…, INPUTS=…, TARGET=… for one part)
	@SEED=$(SEED) INPUTS=$(INPUTS) TARGET=$(TARGET) node dist/test/fuzz/main.js
overload: $(BUILT) ## attack a daemon in many ways, and measure what an innocent client notices (SECONDS_EACH=…, ARGS=WORD for some)
	@SECONDS_EACH=$(SECONDS_EACH) node dist/test/overload/main.js $(ARGS)

mutations: $(GENERATED) ## plant the bugs of test/mutations one by one, and see that the simulation catches each (ARGS=WORD for some)
	node scripts/mutations.mjs $(ARGS)

bench: $(BUILT) ## measure, beside the peers that are there (ARGS=--quick, ARGS='ROW …')
	node dist/bench/main.js $(ARGS)

lint: $(BUILT) ## check the contract, the code, the layers, the pages and the format
	buf lint
	buf format --diff --exit-code --path proto/commonhold
	node scripts/layers.mjs
	node scripts/type-names.mjs
	node scripts/exports.mjs
	node scripts/sentences.mjs
	node scripts/pages.mjs
	for patch in test/mutations/*.patch; do git apply --check $$patch; done
	tsc -p scripts/tsconfig.json
	eslint .
	prettier --check .

generate: $(GENERATED) ## make code and descriptors of the contract

build: $(BUILT) ## compile

check: lint breaking package test stress ## all that has to hold before a change goes in

# The contract may grow, but what was in it at the last commit on main has to stay as it was.
breaking: $(INSTALLED)
	@if git rev-parse --quiet --verify main:buf.yaml >/dev/null; then buf breaking --against '.git#branch=main'; else echo 'no main to compare the contract with'; fi

package: api ## check the packed package, and use it in a project of each kind
	node scripts/check-package.mjs

api: $(BUILT) ## write the API reference into api/; a missing comment or a broken link is an error
	typedoc --options scripts/api/typedoc.config.mjs

$(INSTALLED): package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

$(GENERATED): $(INSTALLED) $(PROTOS) $(KERNEL)
	npm run --silent generate
	@touch $@

$(BUILT): $(GENERATED) $(SOURCES)
	npm run --silent build
	@touch $@
