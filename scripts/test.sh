#!/usr/bin/env bash
# Lint, types, layers, then every test. Argument: folder of programs.
set -euo pipefail
bin=$1
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
"$bin/lint-imports"
"$bin/pytest" --numprocesses auto --dist loadfile
