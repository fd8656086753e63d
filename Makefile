# Needs Python 3.11 or newer, make and git. Everything else goes into .venv, from the locked list of packages.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SAMPLE ?= adventureworks
OUT ?= out/$(SAMPLE)
BIN := .venv/bin
# Tests of the service wait for processes much: three files at a time on two cores, in their order, which has the longest
# first.
AT_ONCE := -n 3 --dist loadfile --no-loadscope-reorder
LOCK = $(BIN)/pip-compile --quiet --generate-hashes --all-build-deps --allow-unsafe --no-strip-extras --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(UPGRADE)

.PHONY: help install install-dev plan serve worker test coverage long lint dockerfile format types bench-smoke bench docs lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do \
		printf '  make %-12s %s\n' "$$name" "$$words"; done

install: .venv/run.stamp ## Make the environment that plans
install-dev: .venv/dev.stamp ## Make the environment that also tests

plan: install ## Plan a shipped sample: SAMPLE=adventureworks, OUT=out/adventureworks
	$(BIN)/podplanner plan $(SAMPLE) -o $(OUT)

serve: install ## Answer over HTTP and plan: OPTIONS="--port 8700"
	$(BIN)/podplanner serve $(OPTIONS)

worker: install ## Plan what waits, beside other workers: OPTIONS="--slots 2"
	$(BIN)/podplanner worker $(OPTIONS)

test: install-dev ## Run the tests
	$(BIN)/python -m pytest $(AT_ONCE)

coverage: install-dev ## Run the tests and show the branches that none enters
	$(BIN)/python -m pytest $(AT_ONCE) --cov

long: install-dev ## Run all tests, the long ones too, with many generated examples
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest $(AT_ONCE) -m ""

lint: install-dev dockerfile ## Check style, form and Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check

dockerfile: install-dev ## Check the Dockerfile
	$(BIN)/hadolint Dockerfile

format: install-dev ## Bring the code into form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: install-dev ## Check the types
	$(BIN)/mypy

bench-smoke: install-dev ## Run every benchmark once, at a small size
	$(BIN)/python -m benchmarks --smoke

bench: install-dev ## Run every benchmark at full size and add its row to the results
	$(BIN)/python -m benchmarks --record

docs: install-dev ## Write the reference page of the tables from their declaration
	$(BIN)/python -m datasets.reference

lock: install-dev ## Lock the packages again; with UPGRADE=--upgrade, at their newest
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) -o requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove the environment, the caches and the plans
	rm -rf .venv out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling the solver's loops, once ..."
	@$(BIN)/podplanner plan tiny --engine fast --work-limit 1 -o .venv/first-plan >/dev/null
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "podplanner needs Python 3.11 or newer, and '$(PYTHON)' is not: install it, or name one, as in" \
		"'make plan PYTHON=python3.11'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make environments: install its venv module (on Debian and Ubuntu:" \
		"'apt-get install python3-venv'), then run make again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
