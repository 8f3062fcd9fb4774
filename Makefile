# Each target sets up what it needs by itself; nothing is wanted beforehand but Python 3.11+, Node 20+ and git.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
OURS := .venv/bin/python
PORT ?= 8000
export PORT

.PHONY: help run test bench build package prove simulate lint setup

help:  ## show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: setup  ## the whole product at http://localhost:8000 (PORT=… for another)
	@exec $(OURS) -m infra.local --port $(PORT)

test: setup  ## every test, stage by stage, with its minutes
	@exec $(OURS) -m infra.stages $(STAGES)

bench: setup  ## the figures, as ratios to something measured in the same run
	@exec $(OURS) -m infra.bench

build: setup  ## what runs in the browser, from web/ into build/static
	@exec $(OURS) -m infra.web

package: setup  ## the zip and the template for AWS, checked, in build/package
	@exec $(OURS) -m infra.package

# The sizes of the long proofs; `make test` runs the same tests small.
LONG := MONTHS=10000 LIFE_ORDERS=500 APPLAUSES=50000 API_EXAMPLES=200 HOSTILE=5000 HISTORIES=10000 EVERY_FAULT=1 STORE_CALLS=50000

prove: setup build  ## the long proofs, for hours rather than minutes
	@$(OURS) -m pytest tests -m long --timeout=0
	@$(LONG) $(OURS) -m pytest tests/earnings/properties tests/engagement/test_applause_counted.py \
		tests/test_api.py tests/journeys/test_hostile_text.py tests/members/test_lives.py \
		tests/simulator --timeout=0

simulate: setup  ## a million random histories in memory, each checked (HISTORIES=…, SEED=… to live some again)
	@exec $(OURS) -m infra.simulate --histories $(or $(HISTORIES),1000000) $(if $(SEED),--seed $(SEED))

lint: setup  ## ruff and mypy
	@$(OURS) -m ruff check . && $(OURS) -m ruff format --check . && $(OURS) -m mypy

setup:
	@test -n "$(PYTHON)" || { echo "Longhand needs Python 3.11 or newer: see python.org." >&2; exit 1; }
	@$(PYTHON) -m infra.environments development > /dev/null
