# What each target does: make help
# Pass arguments to pip with PIP_ARGS, for example a CPU-only torch or a folder of wheels:
#   make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
#   make demo PIP_ARGS="--no-index --find-links wheels"

PYTHON ?= python3
PIP_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt $(PIP_ARGS)
RUN := .venv/.installed
DEV := .venv/.installed-for-development

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

demo: $(RUN) ## set up .venv and stylize a sample photograph
	$(BIN)/impasto demo

test: $(DEV) ## run the fast tests
	$(BIN)/python -m pytest -m "not slow"

test-all: $(DEV) ## run every test
	$(BIN)/python -m pytest

check: $(DEV) ## check format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

bench: $(DEV) ## measure speed and memory
	$(BIN)/python benchmarks/run.py

clean: ## remove .venv, caches and what was built
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks training samples -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv .venv

# The builders are installed first and used as they are, so that their versions are pinned as
# well: hatchling makes impasto, setuptools makes pyvips, which is published as source alone.
$(RUN): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) hatchling
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) hatchling setuptools
	$(PIP) --no-build-isolation --editable ".[test,check,browser]"
	@touch $(RUN) $@
