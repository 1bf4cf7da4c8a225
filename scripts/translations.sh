#!/usr/bin/env bash
# Updates the catalogues from code and templates, and compiles them. Argument: folder of programs.
set -euo pipefail
bin=$1
pot=$(mktemp)
"$bin/pybabel" -q extract -F babel.cfg -k say -k count:1,2 --no-location --sort-output --omit-header -o "$pot" . 2>/dev/null
for locale in zh_Hant_HK zh_Hans_CN; do
  "$bin/pybabel" -q update -i "$pot" -o "readiness/translations/$locale/LC_MESSAGES/messages.po" \
    -l "$locale" --no-fuzzy-matching --ignore-obsolete 2>/dev/null
done
rm -f "$pot"
"$bin/pybabel" compile -d readiness/translations
