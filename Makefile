# itsm-bridge: everything a machine with Python 3.11+, its venv module and make needs.
#   make demo    set up, sweep a simulated company, show the result
#   make test    set up, run the whole test suite

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PLUGINS := plugins/jira_sm plugins/servicenow plugins/otrs
PROJECTS := . $(PLUGINS)

export PYTHONDONTWRITEBYTECODE := # else each of the many processes of tests and demo would compile everything anew

.PHONY: help setup demo test test-live-otrs kills lint format bench docs lock clean

help:
	@sed -n 's/^#   //p' Makefile
	@echo "make test-live-otrs   the OTRS adapter against a real Znuny, which it sets up (Debian 12, root, five to eight minutes)"
	@echo "make kills   200 processes killed at seeded moments, instead of the four of make test"
	@echo "make lint    ruff, mypy --strict, import contracts"
	@echo "make bench   speed, side by side with the alternatives, as ratios"
	@echo "make docs    regenerate what is made from code"
	@echo "make lock    resolve requirements.lock anew (needs uv)"

setup: $(READY)

$(READY): requirements.lock pyproject.toml $(addsuffix /pyproject.toml,$(PLUGINS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "itsm-bridge needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ./,$(PROJECTS))
	@touch $(READY)

demo: $(READY)
	@$(BIN)/itsm-bridge demo --folder demo

test: $(READY)
	$(BIN)/python -m pytest -n 3 --dist loadgroup # one more than two cores: tests wait for servers and children

test-live-otrs: $(READY)
	$(BIN)/python -m pytest -n 0 plugins/otrs/tests/live

kills: $(READY)
	KILLS=200 $(BIN)/python -m pytest -n 0 -s tests/sync/test_kills.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks

docs: $(READY)
	$(BIN)/python -m itsm_bridge.schema.documentation docs/schema.md
	$(BIN)/python -m itsm_bridge.checking.documentation docs/catalogue

lock:
	uv pip compile pyproject.toml --group plugins --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
