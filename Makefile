# Two commands: `make run` and `make test`. Everything else serves them.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
ADDRESS := 127.0.0.1:8000

.PHONY: run test setup check coverage bench soak translations

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

# The budgets of the design, about ten minutes on two cores. Nothing else should run meanwhile.
bench: $(VENV)/.dev
	@scripts/system.sh run test
	$(BIN)/python -m benchmarks --output benchmarks/README.md

# The long ones: 1,000 plans on one worker, a million stored assessments.
soak: $(VENV)/.dev
	@scripts/system.sh run test
	$(BIN)/python -m benchmarks --only pdf million --plans 1000 --assessments 1000000 --postgres-options "-c max_wal_size=8GB" --output benchmarks/soak.md

# A fifth slower than make test.
coverage: $(VENV)/.dev
	$(BIN)/pytest --numprocesses auto --dist loadfile --cov --cov-report=term

# After a change of texts in code or templates: update the catalogues, translate, then compile.
translations: $(VENV)/.dev
	@scripts/translations.sh $(BIN)

$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml
	@scripts/environment.sh "$(PYTHON)" $(VENV) run
	@touch $@

$(VENV)/.dev: requirements/build.txt requirements/dev.txt pyproject.toml
	@scripts/environment.sh "$(PYTHON)" $(VENV) dev
	@touch $@ $(VENV)/.run
