# Sourced by scripts/demo and scripts/test: makes ./.venv with everything in it, or finds that it is there already.
#
# An environment is complete only when its stamp says so. A set-up that was interrupted starts from the beginning; one
# whose list of packages changed is brought up to date; one whose folder moved or whose Python is gone is rebuilt.
# uv installs the packages (scripts/install_with_uv.py), or pip where uv cannot. pip is in the environment in any case:
# cuemark takes models out of packages with it.
# Written for bash 3.2 (macOS) and for machines without a compiler, ffmpeg or an account anywhere.
# shellcheck shell=bash

# The demo starts cuemark twice, the tests often; where compiled modules are not kept, each start compiles PyTorch again.
unset PYTHONDONTWRITEBYTECODE

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV="$ROOT/.venv"
VENV_PYTHON="$VENV/bin/python"
STAMP="$VENV/cuemark-stamp"
UNFINISHED="$VENV/cuemark-unfinished"

NEEDED_MB=11000 # the environment (6.8 GB), and what pip downloads (3.4 GB) until it is unpacked; uv needs less

# What is installed: the command alone, or with all that the tests need.
COMMAND_ONLY="$ROOT"
WITH_TESTS="$ROOT[dev]"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "cuemark: $*"
    exit 1
}

# $1 runs and is a Python that every package has a wheel for.
is_supported_python() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

# Debian and Ubuntu ship Python without the part that fills a new environment.
can_make_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Print the first Python that can be used; fail with the one line to act on where there is none.
find_python() {
    local candidate without_venv=""
    if [ -n "${CUEMARK_PYTHON:-}" ]; then
        is_supported_python "$CUEMARK_PYTHON" ||
            fail "CUEMARK_PYTHON=$CUEMARK_PYTHON is not a working Python 3.11, 3.12 or 3.13"
        set -- "$CUEMARK_PYTHON"
    else
        set -- python3.11 python3.12 python3.13 python3 python
    fi
    for candidate in "$@"; do
        is_supported_python "$candidate" || continue
        if can_make_environments "$candidate"; then
            command -v "$candidate"
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    [ -z "$without_venv" ] || fail "$(missing_venv_advice "$without_venv")"
    fail "no Python 3.11, 3.12 or 3.13 found$(other_python); install one (Debian 13: sudo apt install python3-venv; Ubuntu 24.04: the same; macOS: brew install python@3.13; else python.org), or name yours: CUEMARK_PYTHON=/path/to/python3.13 $0"
}

other_python() { python3 -c 'import platform; print(" (python3 is %s)" % platform.python_version())' 2>/dev/null || true; }

missing_venv_advice() {
    local version
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if command -v apt-get >/dev/null 2>&1; then
        echo "$1 cannot make environments yet; type this line, then run $0 again: sudo apt install python$version-venv"
    else
        echo "$1 cannot make environments: its modules venv and ensurepip are missing; install them, then run $0 again"
    fi
}

# PyTorch ended its packages for Macs with Intel processors with version 2.2.
refuse_unsupported_machine() {
    if "$1" -c 'import platform, sys; sys.exit(not (sys.platform == "darwin" and platform.machine() == "x86_64"))'; then
        fail "$1 is built for Intel Macs, for which PyTorch has no packages; on Apple silicon use an arm64 Python"
    fi
}

refuse_small_disk() {
    local free_kb
    free_kb=$(df -Pk "$ROOT" | awk 'NR == 2 { print $4 }')
    if [ "$((free_kb / 1024))" -lt "$NEEDED_MB" ]; then
        fail "$((free_kb / 1024)) MB are free in $ROOT, and setting up needs $NEEDED_MB MB; make room, then run $0 again"
    fi
}

# What was installed into this environment, and its path: any difference means that something has to be installed. $1 is what is installed.
place() { printf '%s %s\n' "$ROOT" "$("$VENV_PYTHON" -c 'import platform; print(platform.python_version())')"; }
contents() { place && printf 'installed: %s\n' "${1#"$ROOT"}" && cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt"; }

has() { [ -f "$STAMP" ] && contents "$1" 2>/dev/null | cmp -s - "$STAMP"; }

# All that $1 needs is there: the tests' packages include those of the command.
is_complete() { has "$1" || has "$WITH_TESTS"; }

# An environment that was made for the tests keeps their packages when the demo brings it up to date.
was_for_tests() { [ -f "$STAMP" ] && [ "$(sed -n 2p "$STAMP")" = "installed: ${WITH_TESTS#"$ROOT"}" ]; }

# An environment that this script completed, or one made by hand: new packages are installed into it.
can_be_kept() {
    [ ! -e "$UNFINISHED" ] && is_supported_python "$VENV_PYTHON" || return 1
    [ ! -f "$STAMP" ] || [ "$(place)" = "$(head -n 1 "$STAMP")" ]
}

# The old environment is first renamed and then deleted, so that an interrupt leaves no incomplete one that looks complete.
clear_place() {
    rm -rf "$VENV.old"
    if [ -e "$VENV" ] || [ -L "$VENV" ]; then
        mv "$VENV" "$VENV.old"
    fi
    mkdir "$VENV"
    : >"$UNFINISHED"
    rm -rf "$VENV.old"
}

make_environment() {
    local python
    python=$(find_python)
    refuse_unsupported_machine "$python"
    say "cuemark: making ./.venv with $("$python" --version) ($python)"
    clear_place
    refuse_small_disk
    "$python" -m venv "$VENV" || fail "$python could not make an environment in $VENV; the lines above say why"
}

announce_download() {
    say "cuemark: the packages of constraints.txt come from the package index that pip is set to"
    if [ "$(uname -s)" = Linux ]; then
        say "cuemark: about 3.4 GB to download, 6.8 GB unpacked; most of it is PyTorch and what it needs for a GPU"
    fi
    say "cuemark: this is done once; Ctrl-C stops it, and the next run starts again with what was downloaded"
}

uv_install() { "$VENV_PYTHON" "$ROOT/scripts/install_with_uv.py" "$1"; }

pip_install() {
    local progress=on
    [ -t 2 ] || progress=off
    PYTHONUNBUFFERED=1 "$VENV_PYTHON" -m pip install --disable-pip-version-check --progress-bar "$progress" \
        --constraint "$ROOT/constraints.txt" --editable "$1"
}

# A terminal shows all that an installer prints, with its bars; a log gets the stages.
with_stages() {
    if [ -t 2 ]; then
        "$@" >&2
    else
        "$@" 2>&1 | tell_stages
    fi
}

# Of an installer's hundreds of lines: our own, the large downloads, the last stage, and everything from an error on.
tell_stages() {
    local line failed=""
    while IFS= read -r line; do
        case $line in
            "cuemark: "*) failed="" && say "$line" ;;
            [Ee][Rr][Rr][Oo][Rr]:* | *" error: "*) failed=yes ;;
            *Downloading*[0-9][0-9].[0-9]" MB)"* | *Downloading*[0-9][0-9].[0-9]"MiB)"*) say "cuemark:  ${line#"${line%%[! ]*}"}" ;;
            "Installing collected packages"* | "Prepared "*) say "cuemark: unpacking the packages" ;;
        esac
        [ -z "$failed" ] || say "$line"
    done
}

install_packages() {
    : >"$UNFINISHED"
    rm -f "$STAMP"
    # Both unpack what they download in the temporary folder, which is often a small one in memory.
    local -x TMPDIR="$VENV/tmp"
    mkdir -p "$TMPDIR"
    trap 'exit 130' INT # or else pip would go on where uv was interrupted
    with_stages uv_install "$1" || with_stages pip_install "$1" || install_failed
    trap - INT
    rm -rf "$TMPDIR"
    contents "$1" >"$STAMP"
    rm -f "$UNFINISHED"
}

install_failed() {
    fail "the packages could not be installed; the lines above say why. Run $0 again to go on (what was downloaded is kept)"
}

# What scripts call: `set_up "$COMMAND_ONLY"` or `set_up "$WITH_TESTS"`.
set_up() {
    local wanted=$1
    if is_complete "$wanted"; then
        return
    fi
    if can_be_kept; then
        ! was_for_tests || wanted=$WITH_TESTS
        if has "$COMMAND_ONLY"; then
            say "cuemark: adding the packages of the tests to ./.venv"
        else
            say "cuemark: bringing ./.venv up to date"
        fi
    else
        make_environment
        announce_download
    fi
    install_packages "$wanted"
    say "cuemark: set-up is complete"
}
