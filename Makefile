# Watari: `make help` lists what can be made; CONTRIBUTING.md says when to use what.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run build openssl test check generate bench bench-connectors race fuzz screenshots park-accuracy assets clean tools needs

# A folder that git does not trust (another owner, a mounted volume) must not stop a build.
VCS := $(if $(shell git rev-parse HEAD 2>/dev/null),auto,false)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) \
	-ldflags '-s -w -X watari/app.buildVersion=$(VERSION)'

# The page sources; node_modules holds a stamp for what was installed and what was bundled.
WEB := ui/web
WEB_SOURCES := $(shell find $(WEB) -name node_modules -prune -o -type f -print 2>/dev/null) \
	ui/stand/texts.json
INSTALLED := $(WEB)/node_modules/.installed
BUNDLED := $(WEB)/node_modules/.bundled

# Code that several goroutines share. The SQLite engine takes minutes to compile for the race
# detector and runs five to ten times slower under it, so the payment path stays out: its tests
# race on the database instead.
RACE := ./kit/access ./kit/access/recent ./kit/batch ./kit/event ./kit/fault ./kit/id ./kit/web \
	./connect/alipayplus/... ./pay/code ./pay/fx ./pay/link/guard

help: ## list the targets (this)
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

run: build ## build everything and start the sandbox on http://127.0.0.1:8080
	exec bin/watari serve --sandbox --data ./data

build: assets ## write bin/watari, one file with the web assets inside
	$(GO_BUILD) -o bin/watari ./cmd/watari

openssl: assets ## write bin/watari-openssl, which signs with libcrypto (needs cc and libssl-dev)
	CGO_ENABLED=1 go test -tags openssl -count=1 ./kit/seal
	$(subst CGO_ENABLED=0,CGO_ENABLED=1,$(GO_BUILD)) -tags openssl -o bin/watari-openssl ./cmd/watari

test: needs build ## run every test, installing PostgreSQL, Chromium and fonts when missing
	@CGO_ENABLED=0 go build -trimpath -o bin/ ./test/cluster ./test/run
	@WATARI_BIN="$(CURDIR)/bin/watari" bin/cluster bin/run

check: ## run the quick checks: format, vet, generated files, house rules
	@out=$$(gofmt -l $$(git -c safe.directory='*' ls-files -co --exclude-standard '*.go')); \
		[ -z "$$out" ] || { echo "gofmt these:"; echo "$$out"; exit 1; }
	go vet ./...
	go mod tidy -diff
	go test -count=1 ./test/tidy

generate: ## write anew what is generated: pages' Go code, state diagrams, openapi.json
	sh scripts/generate.sh

bench: build ## measure payments a second on SQLite and on PostgreSQL
	@go build -o bin/ ./test/cluster
	sh scripts/bench.sh

bench-connectors: ## measure what a payment costs with each wallet protocol, on one core
	sh scripts/bench-connectors.sh

race: ## run the race detector on the small concurrent packages (needs a C compiler)
	CGO_ENABLED=1 go test -race -count=1 -timeout 20m $(RACE)

fuzz: ## run every fuzz target for 20 seconds
	sh scripts/fuzz.sh 20s

screenshots: needs build ## draw docs/pictures/*.png anew from the running sandbox
	WATARI_BIN="$(CURDIR)/bin/watari" WATARI_SHOTS="$(CURDIR)/docs/pictures" \
		go test -count=1 ./test/browser

park-accuracy: ## judge the waits of a simulated day and draw docs/park-queues.md anew
	WATARI_DOCS="$(CURDIR)/docs" go test -count=1 ./sandbox/park/crowd \
		-run 'TestEstimateIsWithinAFifthAndBeatsGuessing/sqlite_11'

assets: tools $(BUNDLED) ## bundle the scripts, styles and fonts of the pages

clean: ## remove what was built; data/ stays
	rm -rf bin .tmp $(WEB)/node_modules
	find ui/theme/dist ui/stand/fonts -mindepth 1 ! -name .gitkeep -delete

tools:
	@sh scripts/tools.sh

needs:
	@sh scripts/needs.sh

$(INSTALLED): $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLED): $(INSTALLED) $(WEB_SOURCES)
	cd $(WEB) && npm run --silent build
	@touch $@
