#!/bin/sh
# Finds Python 3.13 and lets it do the set-up: setup.sh run|test
set -eu
cd "$(dirname "$0")/.."
for python in "${HOME:-}"/.pyenv/versions/3.13*/bin/python python3.13 python3 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
        exec "$python" scripts/setup.py "$1"
    fi
done
echo "Python 3.13 is missing: install python3.13 with its venv module (python3.13-venv), or run 'pyenv install 3.13'." >&2
exit 1
