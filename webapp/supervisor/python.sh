# Read by ./run and ./test: find a Python that is new enough, and say so in words when there is none.

environment=${GIBBON_VENV:-$PWD/.venv}
case $environment in /*) ;; *) environment=$PWD/$environment ;; esac

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The environment's own Python first: it is the quickest, and the one that was chosen before.
find_python() {
    for candidate in "$environment/bin/python" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_new_enough "$candidate"; then
            python=$candidate
            return
        fi
    done
    echo "Gibbon needs Python 3.11 or newer, and none was found on PATH." >&2
    echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: https://www.python.org/downloads/)." >&2
    exit 2
}
