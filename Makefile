MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
PORT ?= 7071
SEEDS ?= 20
ONCE ?=
export PORT ONCE

.PHONY: help setup complete demo test start bench torture lock format lint vendor errors screens

help: ## list the commands
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

setup:
	@sh scripts/setup.sh run

complete:
	@sh scripts/setup.sh test

demo: setup ## everything at once, with simulated systems; ONCE=1 ends after the last step
	@exec $(PYTHON) -m scripts.demo

test: complete ## every check that CI runs
	@exec $(PYTHON) -m scripts.check

start: setup ## Azurite and the app on PORT (7071), settings from the environment or local.settings.json
	@exec $(PYTHON) -m scripts.start

bench: setup ## the benchmarks
	@exec $(PYTHON) -m bench

torture: setup ## the fault campaign with SEEDS (20) seeds
	@exec $(PYTHON) -m scripts.torture --seeds $(SEEDS)

lint: setup ## ruff alone
	@$(PYTHON) -m ruff check .

format: setup ## put the code into shape
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix --exit-zero --quiet .

lock: setup ## write the lock files anew from pyproject.toml and what tools/ asks for
	@$(COMPILE) pyproject.toml --output-file requirements.txt
	@$(COMPILE) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) tools/dataverse/requirements.in --override tools/dataverse/overrides.txt --output-file tools/dataverse/requirements.txt
	@npm install --prefix tools/node --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

vendor: setup ## bring the libraries of the console and of its tests from npm
	@$(PYTHON) -m scripts.vendor

errors: setup ## write the console's help on errors from docs/errors.md
	@$(PYTHON) -m scripts.errors

screens: complete ## draw docs/screens with the browser tests
	@SCREENS=1 $(PYTHON) -m pytest --quiet -p no:cacheprovider tests/browser

COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --upgrade --python-version 3.13 --python-platform linux \
	--no-annotate --no-emit-index-url --no-emit-find-links
