# make help lists the targets. Everything here works on a machine with Go, Node.js and make;
# "make test" installs what the tests need besides.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export CI ?=
# With it every target shares what was compiled; the Graph SDK alone takes two minutes.
export GOFLAGS := -trimpath

PAGES   := tab/web infra/sandbox/web
NODE    := $(PAGES) infra/e2e
GOFILES := $(shell git ls-files '*.go' 2>/dev/null)

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## build what is missing and start Herald with its sandbox: http://127.0.0.1:3979/
	./herald

build: web ## the one binary, with both pages inside
	go build -ldflags "-s -w" -o herald .

web: $(PAGES:%=%/dist/index.html) ## build the tab and the sandbox's page

# A page is built again when one of its sources is newer.
define page
$(1)/dist/index.html: $(1)/node_modules/.package-lock.json $$(shell git ls-files $(1) 2>/dev/null | grep -Ev '(_test\.go|\.go|\.test\.tsx?)$$$$')
	cd $(1) && npm run --silent build
	@touch $$@
endef
$(foreach p,$(PAGES),$(eval $(call page,$(p))))

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

test: deps ## every check there is; .ci/run calls this
	@$(MAKE) --no-print-directory -j2 --output-sync=target sdk pages
	@$(MAKE) --no-print-directory lint test-pages test-go test-e2e
	@echo "all checks passed"

# What takes longest on a machine that has compiled nothing yet, each on one core.
sdk:
	go build ./graph

pages: $(NODE:%=%/node_modules/.package-lock.json) web

test-quick: web ## the checks that take seconds: format, vet, Go tests without the Graph SDK and browsers
	@$(MAKE) --no-print-directory format-check
	go vet $$(go list ./... | grep -v -e /graph$$ -e herald$$ -e /infra/app -e /infra/e2e)
	go test $$(go list ./... | grep -v -e /graph$$ -e herald$$ -e /infra/app -e /infra/e2e)

deps: ## install what the tests need (Debian packages), or name it
	@infra/tools/deps.sh

format-check:
	@files=$$(gofmt -l $(GOFILES)); if [ -n "$$files" ]; then echo "not formatted (run gofmt -w):"; echo "$$files"; exit 1; fi

lint: format-check web ## formatting, vet, staticcheck, import directions, deployment files, licences
	go vet ./...
	go tool -modfile=infra/tools/go.mod staticcheck ./...
	cd infra/bench && go vet ./... && go tool -modfile=../tools/go.mod staticcheck ./... && go test ./...
	cd infra/deploy/check && go vet ./... && go tool -modfile=../../tools/go.mod staticcheck ./... && go test -count=1 ./...
	go test ./infra/arch
	node infra/tools/licences.mjs --check

# Not instrumented, since it would take most of the time: the embedded SQLite (C translated to Go; its memory is no Go memory, and the race
# detector never looks at it), the Lua of the embedded Redis, the coders of pictures and the generated SDK, which share nothing. lint has vetted.
PLAIN := modernc.org/sqlite/lib github.com/microsoftgraph/msgraph-sdk-go/... github.com/yuin/gopher-lua/... image/... golang.org/x/image/... compress/... hash/...
RACE  := -race -vet=off -gcflags=modernc.org/libc=-d=checkptr=0 $(PLAIN:%='-gcflags=%=-race=false -d=checkptr=0')

test-go: build ## Go tests with the race detector, on real Redis, PostgreSQL and SQLite
	go test $(RACE) -timeout 15m ./...

test-pages: pages ## type check, lint and unit tests of the pages
	@$(MAKE) --no-print-directory -j2 --output-sync=target $(NODE:%=check/%)
	cd tab/web && npm test --silent && npm run --silent size
	cd infra/sandbox/web && npm test --silent

check/%:
	cd $* && npm run --silent check

test-e2e: build infra/e2e/node_modules/.package-lock.json ## the real program in headless Chromium
	cd infra/e2e && npm test --silent

# BENCH=-short takes a minute, BENCH="-only a -runs 5" measures one thing; neither writes the file.
BENCH ?= -o ../../BENCHMARKS.md

bench: build ## measure the program beside its ceiling and asynq (ten minutes); writes BENCHMARKS.md
	cd infra/bench && go run . $(BENCH)

bench-pages: build infra/e2e/node_modules/.package-lock.json ## measure how long a list and a report of 100 000 people take to open, beside ones of 100
	cd infra/e2e && npm run --silent bench

bench-micro: ## Go benchmarks of rendering and of the queue
	go test -run '^$$' -bench . -benchmem ./campaigns/message ./infra/queue

icons: ## draw the icons again from their SVG sources
	manifest/icons/render.sh

screenshots: build infra/e2e/node_modules/.package-lock.json ## take the pictures of docs/screenshots again
	cd infra/e2e && npm run --silent screenshots

licences: ## write docs/licences.md again from the Go modules and the lock files
	node infra/tools/licences.mjs

clean: ## remove what was built; keeps data/
	rm -rf herald tab/web/dist infra/sandbox/web/dist

.PHONY: help run build web test sdk pages test-quick deps format-check lint test-go test-pages test-e2e bench bench-micro bench-pages icons screenshots licences clean
