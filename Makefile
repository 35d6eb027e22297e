# Every command a person needs, each with a sentence. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
export FLORIN_DATA_DIR ?= ../shared/data

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: setup ## install what is missing, seed, train, start the branch, print its address (Ctrl-C stops it)
	@exec .venv/bin/florin up

setup: ## install uv, both Python environments, system packages and page assets
	@bash setup/install.sh run

setup-test: ## the same, and what the tests need (a browser, the development tools)
	@bash setup/install.sh test

test: setup-test ## everything CI runs: checks, unit, contract, dialogue, attack, chaos and browser tests
	@bash setup/test.sh

check: ## only the quick checks: style, types, layers, repository rules
	@bash setup/test.sh check

train: ## train the assistant (models/florin.tar.gz)
	@.venv/bin/florin train

bench: setup-test ## measure and print every table of docs/benchmarks.md
	@$(PY) -m benchmarks

evening: setup-test ## an evening in the town, live: scam, take-over, stuffing, port scan, honest customers
	@$(PY) -m benchmarks.evening

pictures: setup-test ## take the README's screenshots again
	@$(PY) -m tests.browser.screenshots
	@$(PY) -m tests.browser.onboarding_screenshots
	@$(PY) -m tests.browser.model_screenshots
	@$(PY) -m tests.browser.advice_screenshots
	@$(PY) -m tests.browser.engagement_screenshots
	@$(PY) -m tests.browser.library_screenshots

evidence: ## the longer evidence: attacks, chaos at full size, dialogue and hold-out tables
	@bash setup/test.sh evidence

clean: ## stop the branch and forget its data (var/) and model (models/)
	@.venv/bin/florin down >/dev/null 2>&1 || true
	@rm -rf var models

.PHONY: help run setup setup-test test check train bench evening pictures evidence clean
