#!/usr/bin/env bash
# Serves on this machine alone. Arguments: folder of programs, address.
set -euo pipefail
bin=$1 address=$2
export READINESS_PUBLIC_URL="${READINESS_PUBLIC_URL:-http://$address}"
echo "AI Readiness is starting at http://$address (stop with Ctrl-C)"
echo "To become its first maintainer: READINESS_PUBLIC_URL=$READINESS_PUBLIC_URL $bin/readiness account invite YOUR@MAIL --maintainer"
exec "$bin/gunicorn" --config scripts/gunicorn.conf.py --bind "$address"
