#!/usr/bin/env bash
# The tests, cheapest first. Usage: setup/test.sh [check|evidence]
#   check     style, types, layers, repository rules
#   (nothing) two lanes side by side: one trains, talks to Rasa and judges; one checks, asks the
#             bank, sits before a browser and kills branches
#   evidence  all of it, then the measurements at full size
set -uo pipefail
cd "$(dirname "$0")/.."
export FLORIN_DATA_DIR=${FLORIN_DATA_DIR:-../shared/data}
# A developer's own branch must not be the one that is tested.
unset FLORIN_HOME_DIR FLORIN_PORT FLORIN_RASA_PORT FLORIN_ACTIONS_PORT FLORIN_DATABASE_URL FLORIN_DELIVERY
py=.venv/bin/python
# Property tests: the same examples each time, fresh ones where there is time to look at a finding.
examples=same; [ "${1:-}" = evidence ] && examples=fresh
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
began=$SECONDS

step() { # name, command…
    local name=$1 start=$SECONDS; shift
    printf '\n\033[1m== %s\033[0m\n' "$name"
    "$@" || echo "$name" >>"$logs/failed"
    printf '   %s: %d s\n' "$name" $((SECONDS - start))
}
checks() {
    step "style" .venv/bin/ruff check .
    step "types" .venv/bin/mypy
    step "layers" .venv/bin/lint-imports
    step "repository rules" $py -m pytest tests/repository
}
lane_bot() {
    step "train" .venv/bin/florin train
    touch "$logs/trained"
    step "assistant's parts (Python 3.10)" bot/.venv/bin/python -m pytest tests/bot -p no:cacheprovider -W ignore
    step "dialogues, attacks, understanding" $py -m pytest tests/dialogue tests/attacks tests/nlu tests/actions
    step "identity, model house" $py -m pytest tests/identity tests/analytics --hypothesis-profile=$examples
}
lane_bank() {
    checks
    step "bank, contracts, doors" $py -m pytest tests --ignore tests/repository --ignore tests/bot \
        --ignore tests/dialogue --ignore tests/attacks --ignore tests/nlu --ignore tests/actions \
        --ignore tests/identity --ignore tests/analytics --ignore tests/browser --ignore tests/chaos \
        --hypothesis-profile=$examples
    # A branch needs an assistant that is trained.
    until [ -f "$logs/trained" ]; do sleep 1; done
    step "browser journeys" $py -m pytest tests/browser -m "not timed"
    step "chaos" $py -m pytest tests/chaos --hypothesis-profile=$examples
}

if [ "${1:-}" = check ]; then
    checks
else
    # Two lanes on two cores; each prints when it is done.
    lane_bot >"$logs/bot" 2>&1 &
    lane_bank >"$logs/bank" 2>&1 &
    wait %1; cat "$logs/bot"
    wait %2; cat "$logs/bank"
fi
if [ "${1:-}" = evidence ]; then
    # Alone: movements are filmed in real time, and a busy machine films them badly.
    step "onboarding before a camera" $py -m pytest tests/browser -m timed
    step "evidence" $py -m benchmarks
fi
if [ -s "$logs/failed" ]; then
    printf '\n\033[31mfailed: %s\033[0m\n' "$(paste -sd, "$logs/failed")"
    exit 1
fi
printf '\n\033[32mall green in %d s\033[0m\n' $((SECONDS - began))
