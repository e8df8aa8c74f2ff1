# Everything a person or CI does with this tree; bare `make` lists it.
# Needed before: Python >= 3.11 with pip, git and make. No venv module, no root, nothing installed outside this folder.

PY ?= python3
PORT ?= 8000
WORKERS ?= 2
ONLY ?=
SEEDS ?= 200
SEED ?=
STEPS ?= 60

UV := .tools/bin/uv
BIN := .venv/bin

# A Python of the machine is used, never one fetched from elsewhere; certificates of the machine count,
# because universities often stand behind a proxy with its own.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint check bench bench-peers simulate crash pm4py docs screenshots lock .venv setup-browser clean
.DELETE_ON_ERROR:

help:  ## list these targets
	@sed -n 's/^\([a-z0-9.-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name does; do printf 'make %-13s %s\n' "$$name" "$$does"; done

run: .venv  ## set up, load the demo office if the database is empty, serve on http://127.0.0.1:8000 (PORT=)
	$(BIN)/fardplan demo --serve --port $(PORT)

test: .venv  ## set up and pass every test (WORKERS=)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: .venv  ## ruff, mypy strict, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint test  ## lint and test, just as CI runs them

bench: .venv  ## measure against raw contestants in one run (ONLY=name, SIZE=cases)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE))

bench-peers: .venv  ## measure our step beside what one would take instead, each in its own environment (ONLY=name)
	$(BIN)/python -m tests.peers $(if $(ONLY),--only $(ONLY))

simulate: .venv  ## play many lives of an office while everything breaks (SEEDS= STEPS=; SEED= plays one again)
	$(BIN)/python -m tests.simulation --steps $(STEPS) $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

crash: .venv  ## kill real processes amid work and check that nothing is lost or doubled
	$(BIN)/python -m tests.crash

pm4py: .venv .pm4py/.stamp  ## let pm4py (another reader, in an environment of its own) read our event logs, and compare numbers
	$(BIN)/python -m tests.pm4py.export build/pm4py
	PM4PY_SHOW_PROGRESS_BAR=False .pm4py/bin/python -W ignore tests/pm4py/compare.py build/pm4py

.pm4py/.stamp: requirements/pm4py.txt | $(UV)
	$(UV) venv -q --no-config --clear --python $(PY) .pm4py
	$(UV) pip sync -q --no-config --python .pm4py/bin/python --require-hashes requirements/pm4py.txt
	@touch $@

docs: .venv  ## write docs/workflows and the diagrams anew from the declarations
	$(BIN)/python -m service.docs

.venv: .venv/.stamp  ## the shared set-up; the command is then .venv/bin/fardplan (PY= chooses the Python)

setup-browser: .venv  ## a Chromium for the tests of the pages, where there is none (root: by apt; else by npm)
	$(BIN)/python -m tests.setup_browser

# The stamp is older than a changed lock or pyproject.toml, so an unchanged tree is not set up again.
.venv/.stamp: requirements/dev.txt pyproject.toml | $(UV)
	$(UV) venv -q --no-config --clear --python $(PY) .venv
	$(UV) pip sync -q --no-config --python $(BIN)/python --require-hashes requirements/dev.txt
	$(UV) pip install -q --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# `pip install --target` works where the venv module is absent and where the system's Python is locked against pip.
$(UV): requirements/setup.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PY=/path/to/python3.11 ..." >&2; exit 1; }
	rm -rf .tools
	$(PY) -m pip install -q --disable-pip-version-check --no-warn-script-location --root-user-action=ignore --target .tools --require-hashes -r requirements/setup.txt
	@touch $@

# Settings of the machine (indexes, mirrors) are set aside, so that the locks hold names, versions and hashes only.
COMPILE = env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	$(UV) pip compile -q --no-config --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE)

screenshots: .venv  ## take the pictures of docs/screenshots anew, from the demo office
	$(BIN)/python -m tests.screenshots

lock: | $(UV)  ## renew requirements/*.txt from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(COMPILE) --group setup --output-file requirements/setup.txt
	$(COMPILE) --group npm --output-file requirements/npm.txt
	$(COMPILE) --group pm4py --output-file requirements/pm4py.txt
	for peer in dbos temporal viewflow spiff; do \
		$(COMPILE) --group peer-$$peer --output-file requirements/peer-$$peer.txt || exit 1; done
	@! grep -nE 'https?:|file:|--(extra-)?index-url|--find-links' requirements/*.txt

clean:  ## remove what set-up, tests and tools made; the database stays
	rm -rf .venv .tools .browser .pm4py .peers .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
