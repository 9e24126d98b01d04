# The one definition of every job: people, hooks and CI call these targets.
# Needs python >= 3.11 (with venv), make and pip; `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
OUT ?= demo-out
# The resolver that `make lock` uses; it lives in a folder of its own, outside the locks.
UV_VERSION := 0.13.9

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest
# What mypy reads; sample_data only where it holds a script.
SOURCES = $(wildcard debtplan tests benchmarks sample_data/*.py)

##@ Use

.PHONY: demo
demo: $(VENV)/.runtime ## Plan the sample product: no token, no network; files in OUT=demo-out
	$(BIN)/debtplan demo --out $(OUT)

##@ Work on it

.PHONY: dev
dev: $(VENV)/.check ## Set up .venv with everything that lint, test and check need

.PHONY: fmt
fmt: $(VENV)/.dev ## Rewrite the code in the house format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: lint
lint: $(VENV)/.check ## Ruff, format, types (strict), arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

.PHONY: test
test: $(VENV)/.dev ## The fast suite: all but slow, browser, heavy and soak; T="..." adds arguments
	$(PYTEST) -m "not slow and not browser and not heavy and not soak" -n auto $(T)

.PHONY: check
check: lint ## Lint, then every test but soak, in parallel, with the coverage gate
	$(PYTEST) -m "not soak" -n auto --cov $(T)

.PHONY: soak
soak: $(VENV)/.check ## The long runs: soak tests, and every property with many more examples
	$(PYTEST) -m "soak or not (browser or heavy)" --hypothesis-profile=soak $(T)

.PHONY: bench
bench: $(VENV)/.dev ## Measured figures as JSON lines; B="engine plan" picks some
	$(BIN)/python -m benchmarks $(B)

SYSTEM = chromium default-jre-headless postgresql prometheus victoria-metrics

.PHONY: system
system: ## Debian's programs for the tests that use the real thing, where missing
	@if type -P chromium java prometheus promtool victoria-metrics >/dev/null && \
	  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "make system: no apt-get here; install $(SYSTEM) as Debian's packages do." >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=""; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "make system: run 'sudo apt-get install $(SYSTEM)'." >&2; exit 1; fi; \
	echo "make system: installing $(SYSTEM)" >&2; \
	apt="$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"; \
	{ $$apt update && $$apt install -y --no-install-recommends $(SYSTEM); } </dev/null >/dev/null || \
	{ echo "make system: apt-get could not install $(SYSTEM); its message stands above." >&2; exit 1; }

.PHONY: lock
lock: $(VENV)-lock/bin/uv ## Bring the locks up to pyproject.toml; L=--upgrade renews every version
	@echo "Resolving requirements*.lock" >&2
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	uv="$< pip compile pyproject.toml --quiet --universal --python-version 3.11 $(L)"; \
	uv="$$uv --generate-hashes --no-emit-index-url --strip-extras --group build"; \
	uv="$$uv --extra calendar --extra evidence"; \
	$$uv --output-file requirements.lock; \
	$$uv --group dev --constraint requirements.lock --output-file requirements-dev.lock; \
	$$uv --group dev --group browser --group contract --group dask --group engines \
	  --group exactness --group postgres --constraint requirements-dev.lock \
	  --output-file requirements-check.lock

.PHONY: clean
clean: ## Remove what the targets made, .venv included
	rm -rf $(VENV) $(VENV)-lock $(OUT) dist .coverage .coverage.* htmlcov \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# .venv, in three layers: each lock holds the one before it. A stamp is older than its lock when
# the lock has changed; then pip runs again, and finds most of it in place.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "debtplan needs Python 3.11 or newer; $(PYTHON) is not: set PYTHON=python3.12, say." >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) (runtime)" >&2
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Setting up $(VENV) (lint and tests)" >&2
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/.check: requirements-check.lock $(VENV)/.dev
	@echo "Setting up $(VENV) (browser tests)" >&2
	@$(PIP) install --require-hashes --requirement requirements-check.lock
	@touch $@

$(VENV)-lock/bin/uv:
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip -qq --disable-pip-version-check install uv==$(UV_VERSION)
