# Everything there is to do. Needs Python 3.11 to 3.13 and make; the rest comes into .venv.
# Paths are relative throughout: make cannot handle a checkout whose path has a space in it any other way.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV := 0.13.8
PY := .venv/bin/python
# The environment is made for the content of the lock and not for its time stamp: a fresh checkout or a copy keeps what it has.
READY := .venv/ready-$(shell cksum < requirements-dev.lock | cut -d ' ' -f 1)
NCHAN := .bench/nchan/usr/sbin/nginx
ARGS :=
TRANSFERS := 20000

FIND_PYTHON = for name in python3 python3.13 python3.12 python3.11; do \
  if "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
    command -v "$$name"; break; fi; done

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo '  ARGS="…" is handed on, e.g. make run ARGS="--port 0" or make test ARGS="-k claim"'

.PHONY: run
run: $(READY) ## run the board: database, sandbox bank, API, agents (Ctrl-C stops it)
	@.venv/bin/blackboard up $(ARGS)

# Tests wait a fifth of their time: three for two processors.
.PHONY: test
test: $(READY) ## all tests, on a real PostgreSQL that they start themselves
	@$(PY) -m pytest -n $$($(PY) -c 'import os; print(max(2, min(6, os.cpu_count() * 3 // 2)))') --dist worksteal $(ARGS)

.PHONY: check
check: lint types imports sql test ## everything that CI checks

.PHONY: lint
lint: $(READY) ## style
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

.PHONY: types
types: $(READY) ## types
	@$(PY) -m mypy

.PHONY: imports
imports: $(READY) ## the direction of imports
	@$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()'

.PHONY: sql
sql: $(READY) ## migrations that would stop a running board
	@.venv/bin/squawk schema/[0-9]*.sql

.PHONY: fix
fix: $(READY) ## mend style where a machine can
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

.PHONY: snapshot
snapshot: $(READY) ## rewrite tests/schema_snapshot.sql after a change of the schema
	@UPDATE_SNAPSHOT=1 $(PY) -m pytest -q tests/contract/test_schema_snapshot.py

.PHONY: pictures
pictures: $(READY) ## draw the workflows anew where docs/*.md show them
	@.venv/bin/blackboard draw docs/*.md

.PHONY: screenshots
screenshots: $(READY) ## pictures of the dashboard, wide and narrow, light and dark, into .blackboard/screenshots
	@PYTHONPATH=. $(PY) tests/browser/screenshots.py $(ARGS)

.PHONY: bench-scroll
bench-scroll: $(READY) ## frames a second while 5,000 cards are scrolled through
	@PYTHONPATH=. $(PY) tests/bench/scroll.py $(ARGS)

.PHONY: wheel
wheel: $(READY) ## build the wheel into dist/
	@$(PY) -m build --wheel --no-isolation

.PHONY: bench
bench: $(READY) ## how fast the board is here, beside other queues, and each workflow from end to end (half an hour)
	@PYTHONPATH=. $(PY) tests/bench/bench_board.py $(ARGS)
	@PYTHONPATH=. $(PY) tests/bench/workflows.py $(ARGS)

.PHONY: bench-workflows
bench-workflows: $(READY) ## the second part of it alone (a quarter of an hour; ARGS="--cases 40": three minutes)
	@PYTHONPATH=. $(PY) tests/bench/workflows.py $(ARGS)

.PHONY: bench-stream
bench-stream: $(READY) $(NCHAN) ## how fast the event stream is here, beside nchan and sse-starlette (eight minutes; needs cc)
	@PYTHONPATH=. $(PY) tests/bench/stream.py $(ARGS)

.PHONY: bench-fairness
bench-fairness: $(READY) ## what a noisy tenant does to a quiet one (five minutes)
	@PYTHONPATH=. $(PY) tests/bench/fairness.py $(ARGS)

# nginx with nchan as Debian packages it, unpacked and not installed, so that no service starts. The module needs a folder outside.
$(NCHAN):
	@mkdir -p .bench/deb && { mkdir -p /var/lib/nginx && cd .bench/deb \
	  && { apt-get download nginx libnginx-mod-nchan || { apt-get update && apt-get download nginx libnginx-mod-nchan; }; } \
	  && for package in *.deb; do dpkg -x "$$package" ../nchan; done; } >.bench/nchan.log 2>&1 \
	  || echo 'measuring without nchan, a package of Debian that needs root here: see .bench/nchan.log' >&2
.PHONY: soak
soak: $(READY) ## what the suite draws a part of, whole; the event stream under faults for long (three quarters of an hour; ARGS="--soak-s 600" for longer)
	@$(PY) -m pytest -q --thorough -m thoroughly
	@$(PY) -m pytest -q --thorough tests/integration/test_lock_order.py tests/integration/test_kill.py tests/integration/test_race.py tests/browser tests/sql/test_board_machine.py tests/http/test_writes.py
	@$(PY) -m pytest -q --thorough tests/soak --soak-s 120 --soak-streams 1000 $(ARGS)

.security/ready: requirements-security.lock $(READY)
	@.venv/bin/python -m venv .security
	@.venv/bin/python -m uv pip sync --quiet --require-hashes --python .security/bin/python requirements-security.lock
	@touch .security/ready

.PHONY: security
security: $(READY) .security/ready ## everything that is asked of the board's defences, in one table (half an hour)
	@PYTHONPATH=. $(PY) -m tests.security $(ARGS)

.PHONY: drill
drill: $(READY) ## transfers through a bank that misbehaves, agents killed, books compared (TRANSFERS=500: a minute or two; default 20000)
	@PYTHONPATH=. $(PY) -m tests.drill --transfers $(TRANSFERS) $(ARGS)

.PHONY: lock
lock: $(READY) ## resolve the dependencies anew, for all supported Pythons at once
	@.venv/bin/python -m uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --all-extras pyproject.toml -o requirements-dev.lock
	@.venv/bin/python -m uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --extra embedded --extra service --extra agents -c requirements-dev.lock pyproject.toml -o requirements.lock
	@.venv/bin/python -m uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --group security -o requirements-security.lock

.PHONY: clean
clean: ## remove the environment and what tools left; data in .blackboard stays
	@rm -rf .venv .security build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The mark is written last: an environment without it was interrupted and is made anew. Offline it is simply there.
$(READY):
	@python="$$($(FIND_PYTHON))"; \
	  if [ -z "$$python" ]; then echo 'No Python 3.11, 3.12 or 3.13 with its venv module found. Install one of them.' >&2; exit 1; fi; \
	  echo "making .venv with $$($$python --version)" >&2; \
	  rm -rf .venv && "$$python" -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check 'uv==$(UV)' 2>/dev/null \
	  && $(PY) -m uv pip sync --quiet --compile-bytecode --require-hashes --python $(PY) requirements-dev.lock \
	  || $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@printf '%s\n' '#!/bin/sh' '# Finds the checkout from where it stands, so that the folder may be moved and may have a space in its name.' \
	  'here="$$(dirname -- "$$0")"' \
	  'PYTHONPATH="$$(cd -- "$$here/../.." && pwd)$${PYTHONPATH:+:$$PYTHONPATH}" exec "$$here/python" -m blackboard "$$@"' \
	  > .venv/bin/blackboard
	@chmod +x .venv/bin/blackboard
	@touch $(READY)
