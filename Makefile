# One entry point. Every target makes what it needs in .venv and uses it again.
# Python 3.11 or newer, git and make are all that a fresh machine needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COUNTERPARTS := $(VENV)/counterparts/.installed
TESTS ?= tests
# More than two cores have: much of a test's time is waiting for a server.
JOBS ?= 4
SEED ?=
NAME ?= throughput
DATA ?=
SEEDS ?=
SECONDS ?=
LIMIT ?=
SOURCES ?=
MODEL_URL ?=
PARKED ?=

.DEFAULT_GOAL := help
.PHONY: help run demo-chat test check bench counterparts lock clean

help: ## show this
	@awk -F':.*## ' '/^[a-z.-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make run SEED=7                    another cast, another broken service"
	@echo "  make test TESTS=tests/workflows    a part of the tests"
	@echo "  make test JOBS=0                   one test after another, in this process"
	@echo "  make bench NAME=latency SEEDS=3    another bench"
	@echo "  make bench NAME=acks SECONDS=60    how fast people get their answer"
	@echo "  make bench NAME=parked PARKED=2000    a kill while so many tickets wait for a decision"
	@echo "  make bench NAME=injection LIMIT=40    a sample of the attacks by way of untrusted text"
	@echo "  make bench NAME=faults SEEDS=40    kills at every boundary; goes on where it was stopped"
	@echo "  make bench NAME=resolution DATA=../labelled LIMIT=20    how many tickets are resolved"

run: $(STAMP) ## five sample tickets, from report to resolved, on an embedded Temporal
	@SEED="$(SEED)" $(BIN)/python examples/lanternpost/run.py

demo-chat: $(COUNTERPARTS) ## the same tickets through a local Slack and Jira, ending in one HTML page
	@SEED="$(SEED)" $(BIN)/python examples/lanternpost/chat/run.py

test: $(COUNTERPARTS) ## every test, on real Temporal servers and local counterparts
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(STAMP) ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Only what plays Slack needs npm's registry: no other bench waits for it.
NEEDS_COUNTERPARTS := acks faults
bench: $(if $(filter $(NEEDS_COUNTERPARTS),$(NAME)),$(COUNTERPARTS),$(STAMP)) ## measure: NAME=throughput|latency|acks|parked|retrieval|search|resolution|consulting|leave_out|feigned|faults|injection
	@DATA="$(DATA)" SEEDS="$(SEEDS)" SECONDS="$(SECONDS)" LIMIT="$(LIMIT)" \
		SOURCES="$(SOURCES)" MODEL_URL="$(MODEL_URL)" PARKED="$(PARKED)" \
		$(BIN)/python -m bench $(NAME)

clean: ## remove .venv and what the demonstration left
	rm -rf $(VENV) .mendwheel

counterparts: $(COUNTERPARTS) ## install what plays Slack in tests (needs npm's registry once)

.venv: $(STAMP) ## the virtual environment with everything in it

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mendwheel needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about a minute the first time) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

# Not remade with the environment: what is there works without a network.
$(COUNTERPARTS): tests/counterparts/package-lock.json | $(STAMP)
	@$(BIN)/python tests/counterparts/install.py
	@touch $(COUNTERPARTS)

# Apart from the environment: it is used once in a while, by whoever raises a dependency.
LOCKER := $(VENV)/lock/bin/uv
lock: $(LOCKER) ## resolve the dependencies of a deployment anew, with hashes, into deploy/
	@UV="$(LOCKER)" $(BIN)/python deploy/lock.py

$(LOCKER): | $(STAMP)
	@$(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'
