# The few commands one needs; `make` alone lists them.

# The demo and the tests run a private PostgreSQL of their own: they are told where its programs are.
with_postgres = PG_BIN_DIR="$$(scripts/postgres.sh)" && export PG_BIN_DIR &&

.PHONY: help setup postgres nextest crates demo demo-reset test clients browser fuzz bench bench-check dist

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: postgres nextest crates ## install what the demo and the tests need, where it is missing

postgres:
	@scripts/postgres.sh >/dev/null

nextest:
	@command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest

# Those of other platforms, too: a test reads the licences of all, without the network.
crates:
	@cargo fetch --locked --quiet

# Without nextest, which takes minutes to build; in the dev profile, which takes one.
demo: postgres ## run the service with demonstration data (PORT=... chooses the port)
	@$(with_postgres) exec cargo run -- serve --demo

demo-reset: postgres ## the same, and begin with fresh data
	@$(with_postgres) exec cargo run -- serve --demo --reset

test: setup ## check the format, lint, and run all tests
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	$(with_postgres) cargo nextest run
	cargo test --doc
	@[ -d "$${HAGUKUMI_DOCUMENTS:-../shared/transcriptions}" ] || printf '\n*** SKIPPED: the five real documents are not here; their tests did nothing. HAGUKUMI_DOCUMENTS names their folder. ***\n\n'

# From outside, each with a demo of its own, or against the service that HAGUKUMI_URL names.
clients: ## generate clients in TypeScript and Python, and let them do the yearly report
	tests/clients/run

browser: ## try the Swagger UI in headless Chromium, with screenshots
	tests/browser/run

fuzz: ## let Schemathesis make up requests (FUZZ_SECONDS=90 SEED=random)
	tests/fuzz/run

# Keeps its database in /var/tmp/hagukumi-bench. ARGS='--scale 1 --rounds 5', ARGS='--only W2,W3' …
bench: postgres ## measure the service under load, on a nation of its own (ARGS=...)
	$(with_postgres) cargo bench --bench load -- $(ARGS)
	cargo bench --bench pure

bench-check: postgres ## see that the measurement still runs, in a minute; its figures say nothing
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && chmod 755 "$$dir" && $(with_postgres) \
	cargo bench --profile dev --bench load -- --scale 0.001 --rounds 1 --seconds 0.3 --dir "$$dir" --json "$$dir/bench.json"
	cargo bench --profile dev --bench pure -- --test

dist: ## pack what an installation without internet needs, into dist/
	scripts/dist.sh
