# Everything a person or CI does with this tree; bare `make` lists it.
# Needed before: Python >= 3.11 with pip, git and make. No venv module, no root, nothing installed outside this folder.

PY ?= python3
PORT ?= 8000
WORKERS ?= 2
ONLY ?=
SEEDS ?= 200
FIRST ?= 1
SEED ?=
STEPS ?= 200
PROCESSES ?= 1
MINUTES ?=
APPEND ?=

UV := .tools/bin/uv
BIN := .venv/bin

# A Python of the machine is used, never one fetched from elsewhere; certificates of the machine count,
# because universities often stand behind a proxy with its own.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint audit sbom check bench bench-peers simulate crash soak fuzz safeguards pm4py docs screenshots lock .venv setup-browser clean
.DELETE_ON_ERROR:

help:  ## list these targets
	@sed -n 's/^\([a-z0-9.-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name does; do printf 'make %-13s %s\n' "$$name" "$$does"; done

run: .venv  ## set up, load the demo office if the database is empty, serve on http://127.0.0.1:8000 (PORT=)
	$(BIN)/fardplan demo --serve --port $(PORT)

test: .venv  ## set up and pass every test (WORKERS=)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: .venv  ## ruff, mypy strict, who may import whom, licences, and known vulnerabilities where they can be asked for
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.security.licences
	@$(MAKE) --no-print-directory -s .audit/.stamp || true
	$(BIN)/python -m tests.security.advisories .audit/bin/pip-audit --or-say-so

audit: .venv .audit/.stamp  ## ask whether anything we use has a known vulnerability; fails where nobody can be asked
	$(BIN)/python -m tests.security.advisories .audit/bin/pip-audit

.audit/.stamp: requirements/audit.txt | $(UV)
	$(UV) venv -q --no-config --clear --python $(PY) .audit
	$(UV) pip sync -q --no-config --python .audit/bin/python --require-hashes requirements/audit.txt
	@touch $@

sbom: .venv  ## write what we are made of into build/sbom.json (CycloneDX 1.6)
	$(BIN)/python -m tests.security.bill build/sbom.json

check: lint test  ## lint and test, just as CI runs them

bench: .venv  ## measure against raw contestants in one run (ONLY=name, SIZE=cases)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE))

bench-peers: .venv  ## measure our step beside what one would take instead, each in its own environment (ONLY=name)
	$(BIN)/python -m tests.peers $(if $(ONLY),--only $(ONLY))

simulate: .venv  ## play many lives of an office while everything breaks (FIRST= SEEDS= STEPS= PROCESSES= MINUTES= APPEND=; SEED= plays one again)
	$(BIN)/python -m tests.simulation --steps $(STEPS) $(if $(SEED),--seed $(SEED),--first $(FIRST) --seeds $(SEEDS)) \
		--processes $(PROCESSES) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(APPEND),--append $(APPEND))

crash: .venv  ## kill processes and PostgreSQL, cut the network, fill the disk amid work; nothing may be lost or doubled (ONLY=modes KILLS=each SEED=)
	$(BIN)/python -m tests.crash $(foreach mode,$(ONLY),--only $(mode)) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

soak: .venv  ## press half of top speed for long while things go wrong; nothing may grow, leak or be lost (MINUTES=each ONLY=database SEED=)
	$(BIN)/python -m tests.soak $(foreach database,$(ONLY),--only $(database)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

fuzz: .venv  ## ask at random as every pair of roles, and feed every parser at random (MINUTES=in all ONLY=part SEED=)
	$(BIN)/python -m tests.fuzzing $(if $(ONLY),--only "$(ONLY)") $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

safeguards: .venv  ## take each safeguard out in a copy of this tree and see that a test notices (ONLY=beginning of a name)
	$(BIN)/python -m tests.safeguards $(if $(ONLY),--only "$(ONLY)")

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
	$(COMPILE) --group audit --output-file requirements/audit.txt
	$(COMPILE) --group pm4py --output-file requirements/pm4py.txt
	for peer in dbos temporal viewflow spiff; do \
		$(COMPILE) --group peer-$$peer --output-file requirements/peer-$$peer.txt || exit 1; done
	@! grep -nE 'https?:|file:|--(extra-)?index-url|--find-links' requirements/*.txt

clean:  ## remove what set-up, tests and tools made; the database stays
	rm -rf .venv .tools .browser .audit .pm4py .peers .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
