#!/usr/bin/env bash
# Sees that the system packages are there: installs what is missing if permitted, else says what to install.
# Arguments: run, and test for what only the tests need.
set -euo pipefail
missing=()

need() { # package, test that succeeds when it is there
  if ! eval "$2" >/dev/null 2>&1; then missing+=("$1"); fi
}

library() { echo "{ ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep $1"; }
font() { echo "fc-list | grep -i '$1'"; }

need libpango-1.0-0 "$(library libpango-1.0.so.0)"
need libpangoft2-1.0-0 "$(library libpangoft2-1.0.so.0)"
need libharfbuzz-subset0 "$(library libharfbuzz-subset.so.0)"
need fontconfig "command -v fc-list"
need fonts-noto-cjk "$(font 'Noto Sans CJK HK')"
need fonts-open-sans "$(font 'Open Sans')"
if [ "${2:-}" = test ]; then
  need chromium "command -v chromium"
  need postgresql "ls /usr/lib/postgresql/*/bin/initdb"
fi
[ ${#missing[@]} = 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then exit 0; fi
  echo "The installation failed." >&2
fi
echo "These system packages are needed: ${missing[*]}" >&2
echo "Install them, for example: sudo apt-get install ${missing[*]}" >&2
if [ "${2:-}" = test ] && [ "${CI:-}" != true ]; then
  # The tests that need them are skipped and say so.
  for package in "${missing[@]}"; do case $package in chromium | postgresql) ;; *) exit 1 ;; esac; done
  exit 0
fi
exit 1
