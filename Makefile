# Careline. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
BOT := bot/.venv/bin

.PHONY: help setup run test test-faults bench eval lint fmt types imports check revision

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Make both Python environments (service and dialogue engine)
	@.ci/setup

run: setup ## Run Careline with demo data; Ctrl-C stops it
	@./careline up

test: setup ## Run the whole suite
	@.ci/timed browser .ci/browser
	@.ci/timed check $(MAKE) check
	@.ci/timed model ./careline train
	@.ci/timed tests .ci/tests

test-faults: setup ## Kill processes at random, for long (ROUNDS=50)
	@$(BIN)/pytest -m faults tests/faults --rounds $${ROUNDS:-50}

bench: setup ## Measure speed and memory; writes var/bench.json
	@$(BIN)/python -m tests.bench

eval: setup ## Measure what is understood, on the held-out texts
	@./careline train
	@env -C bot .venv/bin/python evaluate.py

lint: setup ## Check style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/yamllint --strict -c .ci/yamllint.yml docker-compose.yml deploy

fmt: setup ## Put the code into its one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup ## Check types
	@$(BIN)/mypy

imports: setup ## Check who imports whom
	@$(BIN)/lint-imports

check: lint types imports ## Style, types and imports

revision: setup ## Write the next database version: make revision MESSAGE="what changes"
	@./careline revision "$(MESSAGE)"
