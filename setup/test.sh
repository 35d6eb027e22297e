#!/usr/bin/env bash
# The tests, cheapest first. Usage: setup/test.sh [check|evidence]
set -uo pipefail
cd "$(dirname "$0")/.."
export FLORIN_DATA_DIR=${FLORIN_DATA_DIR:-../shared/data}
py=.venv/bin/python
failed=()
step() { # name, command…
    local name=$1 began=$SECONDS; shift
    printf '\n\033[1m== %s\033[0m\n' "$name"
    "$@" || failed+=("$name")
    printf '   %s: %d s\n' "$name" $((SECONDS - began))
}
step "style" .venv/bin/ruff check .
step "types" .venv/bin/mypy
step "layers" .venv/bin/lint-imports
step "repository rules" $py -m pytest tests/repository
if [ "${1:-}" != check ]; then
    step "assistant's parts (Python 3.10)" bot/.venv/bin/python -m pytest tests/bot -q -p no:cacheprovider -W ignore
    step "train" .venv/bin/florin train
    step "everything else" $py -m pytest tests --ignore tests/repository --ignore tests/bot
fi
if [ "${1:-}" = evidence ]; then
    step "evidence" $py -m benchmarks
fi
if [ ${#failed[@]} -gt 0 ]; then
    printf '\n\033[31mfailed: %s\033[0m\n' "${failed[*]}"
    exit 1
fi
printf '\n\033[32mall green in %d s\033[0m\n' $SECONDS
