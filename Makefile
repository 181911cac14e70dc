# Roster’s house rules, as commands. A fresh clone needs Go and make.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PACKAGES ?= ./...
DIST ?= dist
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# golangci-lint is built once by version, into a folder that outlives the clone.
GOLANGCI_VERSION := v2.15.0
TOOLS ?= $(dir $(shell go env GOCACHE))roster-tools
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)

TOOL := go tool -modfile=.ci/tools.mod
BUILD := CGO_ENABLED=0 go build -trimpath -ldflags='-s -w'

# The race detector watches our code, the libraries and Go’s own. It does not watch
# SQLite, which is C turned into Go with locks of its own and takes six times as long
# when it is watched, nor argon2, which shares nothing with anybody.
UNWATCHED := modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b
RACE := -race $(foreach package,$(UNWATCHED),-gcflags=$(package)=-race=false)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build and serve on http://127.0.0.1:8080 (database: roster.db here)
	go run ./cmd/roster serve

.PHONY: demo
demo: ## Have a look: a made-up database, sign-in by one click, a mail catcher
	go run ./cmd/roster demo

.PHONY: dev
dev: ## Serve with live reload on http://127.0.0.1:7331
	go tool templ generate --watch --proxy=http://localhost:8080 --cmd="go run ./cmd/roster serve"

.PHONY: generate
generate: ## Make Go out of the templ files
	go tool templ generate

.PHONY: fmt
fmt: ## Format Go and templ files
	go tool templ fmt .
	$(TOOL) gofumpt -w .

.PHONY: lint
lint: $(GOLANGCI) ## Check: vet, another system, format, generated code, linters
	go vet ./...
	GOOS=windows CGO_ENABLED=0 go build -o /dev/null ./cmd/roster
	.ci/unchanged $(MAKE) --no-print-directory fmt generate
	$(TOOL) staticcheck ./...
	$(GOLANGCI) run ./...

$(GOLANGCI):
	mkdir -p "$(TOOLS)"
	GOBIN="$(TOOLS)" CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv "$(TOOLS)/golangci-lint" "$@"

.PHONY: check
check: lint test ## lint, then test

.PHONY: test
test: ## All tests, with the race detector and a real browser; lint has vetted them
	.ci/need
	GOGC=400 go test $(RACE) -vet=off -shuffle=on -timeout=30m $(PACKAGES)

.PHONY: soak
soak: ## Long versions: many rounds of every race, a minute for every fuzz target
	.ci/need
	ROSTER_SOAK=1 go test $(RACE) -shuffle=on -count=1 -timeout=4h $(PACKAGES)
	.ci/fuzz 60s

.PHONY: bench
bench: ## Benchmarks
	go test -run='^$$' -bench=. -benchmem -timeout=1h $(PACKAGES)

.PHONY: cover
cover: ## Test coverage; the details are in coverage.html
	.ci/need
	go test -shuffle=on -timeout=30m -coverpkg=./... -coverprofile=coverage.out $(PACKAGES)
	go tool cover -html=coverage.out -o coverage.html
	go tool cover -func=coverage.out | tail -n 1

.PHONY: screenshots
screenshots: ## Take the pictures of the documents anew: docs/*.png
	.ci/need
	ROSTER_SCREENSHOT="$(CURDIR)/docs/team.png" go test -count=1 -run='TestBrowser/screenshot' ./cmd/roster

.PHONY: build
build: ## One static binary: ./roster
	$(BUILD) -o roster ./cmd/roster

.PHONY: release
release: ## Static binaries for all platforms, with checksums, in dist/
	rm -rf "$(DIST)" && mkdir -p "$(DIST)"
	for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/} suffix=; \
		if [ "$$os" = windows ]; then suffix=.exe; fi; \
		echo "$$platform"; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -buildvcs=true -o "$(DIST)/roster-$$os-$$arch$$suffix" ./cmd/roster || exit 1; \
	done
	cd "$(DIST)" && { sha256sum roster-* 2>/dev/null || shasum -a 256 roster-*; } > SHA256SUMS && cat SHA256SUMS
