#!/usr/bin/env bash
# Lint, types, layers, then every test. Argument: folder of programs.
set -euo pipefail
bin=$1
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
"$bin/lint-imports"
# In the order of the folders: the slow ones, with browsers, come first and do not keep one process waiting at the end.
"$bin/pytest" --numprocesses auto --dist loadfile --no-loadscope-reorder
