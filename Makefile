# One entry point. Every target makes what it needs in .venv and uses it again.
# Python 3.11 or newer, git and make are all that a fresh machine needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTS ?= tests
SEED ?=
NAME ?= throughput
DATA ?=
SEEDS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench clean

help: ## show this
	@awk -F':.*## ' '/^[a-z.]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make run SEED=7                    another cast, another broken service"
	@echo "  make test TESTS=tests/workflows    a part of the tests"
	@echo "  make bench NAME=latency SEEDS=3    another bench"

run: $(STAMP) ## five sample tickets, from report to resolved, on an embedded Temporal
	@SEED="$(SEED)" $(BIN)/python examples/lanternpost/run.py

test: $(STAMP) ## every test, on real Temporal servers
	@$(BIN)/python -m pytest $(TESTS)

check: $(STAMP) ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(STAMP) ## measure: NAME=throughput|latency
	@DATA="$(DATA)" SEEDS="$(SEEDS)" $(BIN)/python -m bench $(NAME)

clean: ## remove .venv and what the demonstration left
	rm -rf $(VENV) .mendwheel

.venv: $(STAMP) ## the virtual environment with everything in it

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mendwheel needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about a minute the first time) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)
