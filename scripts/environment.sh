#!/usr/bin/env bash
# Makes the virtual environment with exactly the locked packages. Arguments: python, folder, run or dev.
set -euo pipefail
python=$1 folder=$2 what=$3
if [ -z "$python" ]; then
  echo "Python 3.11, 3.12 or 3.13 is needed and was not found. On Debian: apt-get install python3 python3-venv" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt-get update -qq && { apt-get install -y -qq "python$version-venv" || apt-get install -y -qq python3-venv; }
  else
    echo "$python cannot make virtual environments. Install it: apt-get install python3-venv" >&2
    exit 1
  fi
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --require-hashes -r requirements/build.txt
"${pip[@]}" install --require-hashes -r "requirements/$what.txt"
"${pip[@]}" install --no-deps --no-build-isolation --editable .
