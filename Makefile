# Needs only Node >= 20.19, npm and make. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test explain chaos chaos-faults chaos-recovery seed bench bench-quick bench-profile lint build migrate-up migrate-down migrate-new migrate-status db-ping rebuild-stats reset clean coverage node

NODE_FLOOR := 20.19.0
SCRIPTS := scripts/dist

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Start everything on this machine, with a Postgres and a Redis of its own; Ctrl-C stops it
	@exec node $(SCRIPTS)/run.js

test: ## Build, check types, lint, run every test, and report coverage
	@rm -rf coverage
	@$(MAKE) --no-print-directory build
	@echo "Checking the types of the tests" && npm run --silent typecheck
	@$(MAKE) --no-print-directory lint
	@NODE_V8_COVERAGE=coverage/tmp npm run --silent test
	@npm run --silent coverage

explain: build ## Show how every list reads a million deployments (five minutes); EXPLAIN_ROWS=… for another number
	@EXPLAIN_ROWS=$${EXPLAIN_ROWS:-1000000} npx vitest run packages/store/test/explain.test.ts && cat coverage/explain.txt

chaos: build ## Hurt a fleet in RUNS random ways from SEED on, and prove that nothing is lost or there twice
	@SEED=$(or $(SEED),1) RUNS=$(or $(RUNS),100) npx vitest run --project chaos --reporter=dot tests/chaos/chaos.test.ts

chaos-faults: build ## Break each promise on purpose, one test for each, the slow ones too
	@CHAOS_FAULTS=1 npx vitest run --project chaos tests/chaos/faults

chaos-recovery: build ## Measure how long the fleet takes to recover from each fault, ROUNDS times each
	@CHAOS_FAULTS=1 ROUNDS=$(or $(ROUNDS),3) npx vitest run --project chaos tests/chaos/recovery.slow.test.ts

coverage: ## Report coverage of the last `make test` again (coverage/index.html)
	@npm run --silent coverage

BENCH = exec node bench/dist/main.js $(if $(SECONDS),--seconds=$(SECONDS)) $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(COUNT),--count=$(COUNT)) \
  $(if $(ROWS),--rows=$(ROWS)) $(if $(DATA),--data="$(DATA)") $(if $(OUT),--out="$(OUT)") $(if $(NODE_ARGS),--node-args="$(NODE_ARGS)") $(SCENARIOS) $(ONLY)

bench: build ## Measure the product beside a naive build: make bench ONLY="create-64 get" (docs/performance.md)
	@$(BENCH)

bench-quick: build ## The same in under two minutes: a few scenarios, one short run each
	@$(BENCH) --quick

bench-profile: build ## Where the time goes in creates and reads, or in ONLY=…, into bench/PROFILE.md
	@$(BENCH) --profile

lint: build ## Check style, import rules and unused code
	@echo "Linting" && npm run --silent lint

build: node_modules/.install-stamp ## Install packages if needed and compile
	@echo "Building" && npm run --silent build

migrate-up: build ## Apply the pending migrations (to DATABASE_URL, else to make run's database)
	@exec node $(SCRIPTS)/migrate.js up

migrate-down: build ## Take one migration back (CONFIRM=1 where there are deployments)
	@exec node $(SCRIPTS)/migrate.js down

migrate-status: build ## Show which migrations are applied and which are pending
	@exec node $(SCRIPTS)/migrate.js status

migrate-new: build ## Make a migration file: make migrate-new name=add_teams
	@exec node $(SCRIPTS)/migrate.js new "$(name)"

seed: build ## Fill the database with a made-up history (SEED_DEPLOYMENT_COUNT=… and others: docs/operations.md)
	@exec node --max-semi-space-size=32 $(SCRIPTS)/seed.js

db-ping: build ## Ask the database for a sign of life
	@exec node $(SCRIPTS)/db-ping.js

rebuild-stats: build ## Count the figures anew from the events, all or from a day on: make rebuild-stats from=2026-11-01
	@exec node $(SCRIPTS)/rebuild-stats.js "$(from)"

reset: build ## Remove the data of make run
	@exec node $(SCRIPTS)/reset.js

clean: ## Remove everything that was built or installed; the data stay
	@rm -rf node_modules coverage packages/*/dist apps/*/dist scripts/dist bench/dist

node:
	@command -v node >/dev/null || { echo "Node $(NODE_FLOOR) or newer is needed, but there is no node on the PATH; get it from https://nodejs.org." >&2; exit 1; }
	@node -e 'var v = process.versions.node.split("."); process.exit(v[0] > 20 || (v[0] == 20 && v[1] >= 19) ? 0 : 1)' \
	  || { echo "Node $(NODE_FLOOR) or newer is needed, this is $$(node --version); get it from https://nodejs.org." >&2; exit 1; }

node_modules/.install-stamp: package-lock.json | node
	@echo "Installing packages (a minute or so, once)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@
