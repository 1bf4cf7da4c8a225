# Two commands: `make run` and `make test`. Everything else serves them.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
ADDRESS := 127.0.0.1:8000

.PHONY: run test setup check bench translations

run: setup
	@scripts/serve.sh $(BIN) $(ADDRESS)

test: $(VENV)/.dev
	@scripts/system.sh run test
	@scripts/test.sh $(BIN)

setup: $(VENV)/.run
	@scripts/system.sh run

# What make test runs before pytest.
check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/reading_time.py

# After a change of texts in code or templates: update the catalogues, translate, then compile.
translations: $(VENV)/.dev
	@scripts/translations.sh $(BIN)

$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml
	@scripts/environment.sh "$(PYTHON)" $(VENV) run
	@touch $@

$(VENV)/.dev: requirements/build.txt requirements/dev.txt pyproject.toml
	@scripts/environment.sh "$(PYTHON)" $(VENV) dev
	@touch $@ $(VENV)/.run
