# Sourced by bin/run, bin/test, bin/bench and bin/drill: brings what they need onto a bare Debian 12 machine.
# Everything is quick the second time: each step first looks whether its work is done.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/callcentre"
VENV="$ROOT/.venv"
export ROOT CACHE VENV

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
fail() { printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else return 1; fi
}

# need_packages NAME... : Debian packages, installed only where missing.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null || fail "needs the Debian packages ${missing[*]}, and this machine has no apt-get: install their programs by hand."
  say "Installing Debian packages: ${missing[*]}"
  as_root true || fail "needs the Debian packages ${missing[*]}. Run as root, or install sudo, or install them by hand."
  as_root env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' sh "${missing[@]}" >"$CACHE/apt.log" 2>&1 \
    || { tail -n 15 "$CACHE/apt.log" >&2; fail "could not install ${missing[*]} (whole log: $CACHE/apt.log)."; }
}

# Debian's own interpreter where it is new enough: another one on the path may be built without the optimisations
# that make Debian's a third faster.
python_at() {
  local name
  for name in /usr/bin/python3 python3; do
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$name"; return 0; }
  done
  return 1
}

# need_python EXTRA : the virtual environment with the project and, where EXTRA is dev, its tools.
need_python() {
  local extra="${1:-}" python want stamp anew=()
  python=$(python_at) || { need_packages python3; python=$(python_at) || fail "needs Python 3.11 or newer; this is $(python3 --version 2>&1)."; }
  want=$({ cat "$ROOT/pyproject.toml"; "$python" -c 'import sys; print(sys.executable, sys.version)'; } | sha256sum | cut -c1-16)
  for stamp in "$VENV/.ready-dev-$want" "$VENV/.ready-$extra-$want"; do [ -e "$stamp" ] && return 0; done
  "$python" -c 'import venv, ensurepip' 2>/dev/null || need_packages python3-venv
  say "Making the virtual environment in $VENV"
  # Only one of another interpreter is emptied: a service may be running from it.
  [ "$(readlink -f "$VENV/bin/python")" = "$(readlink -f "$(command -v "$python")")" ] || anew=(--clear)
  "$python" -m venv ${anew[@]+"${anew[@]}"} "$VENV" || fail "$python -m venv $VENV failed."
  say "Installing Python packages (a minute or two the first time)"
  "$VENV/bin/pip" install -q --disable-pip-version-check -e "$ROOT${extra:+[$extra]}" >"$CACHE/pip.log" 2>&1 \
    || { tail -n 15 "$CACHE/pip.log" >&2; fail "pip could not install the project (whole log: $CACHE/pip.log)."; }
  rm -f "$VENV"/.ready-* && touch "$VENV/.ready-$extra-$want"
}

mkdir -p "$CACHE" || fail "cannot write to $CACHE: set XDG_CACHE_HOME to a folder that can be written."
# shellcheck source=bin/lib/asterisk.sh
. "$ROOT/bin/lib/asterisk.sh"
