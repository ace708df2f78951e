# Sourced by setup.sh: finds or brings an Asterisk of version 20 or newer.
# In turn: $ASTERISK, a system asterisk, Debian's own package unpacked into the cache folder, where it touches nothing else.

ASTERISK_SUITE=forky   # the first Debian release after 11 that carries the package
ASTERISK_HOME="$CACHE/asterisk-$ASTERISK_SUITE"

asterisk_version() { "$1" -V 2>/dev/null | sed -nE 's/^Asterisk ([0-9]+)\..*/\1/p'; }
asterisk_is_new_enough() { local v; v=$(asterisk_version "$1"); [ -n "$v" ] && [ "$v" -ge 20 ]; }

# need_asterisk : sets and exports ASTERISK, ASTERISK_MODULES and ASTERISK_DOCS.
need_asterisk() {
  if [ -n "${ASTERISK:-}" ]; then
    asterisk_is_new_enough "$ASTERISK" || fail "ASTERISK=$ASTERISK is not a working Asterisk of version 20 or newer."
  elif ASTERISK=$(command -v asterisk) && asterisk_is_new_enough "$ASTERISK"; then :
  else
    private_asterisk_works || bring_private_asterisk
    ASTERISK="$ASTERISK_HOME/asterisk"
  fi
  if [ "$ASTERISK" = "$ASTERISK_HOME/asterisk" ]; then
    ASTERISK_MODULES=$(echo "$ASTERISK_HOME"/root/usr/lib/*/asterisk/modules)
    ASTERISK_DOCS="$ASTERISK_HOME/root/usr/share/asterisk/documentation"
  else
    ASTERISK_MODULES="${ASTERISK_MODULES:-$(first_folder /usr/lib/*/asterisk/modules /usr/lib/asterisk/modules)}"
    ASTERISK_DOCS="${ASTERISK_DOCS:-$(first_folder /usr/share/asterisk/documentation /var/lib/asterisk/documentation)}"
  fi
  [ -e "$ASTERISK_MODULES/chan_pjsip.so" ] || fail "no Asterisk modules beside $ASTERISK: set ASTERISK_MODULES to their folder."
  [ -d "$ASTERISK_DOCS" ] || fail "no XML documentation beside $ASTERISK (it refuses to load modules without): set ASTERISK_DOCS."
  export ASTERISK ASTERISK_MODULES ASTERISK_DOCS
}

first_folder() { local f; for f in "$@"; do [ -d "$f" ] && { echo "$f"; return; }; done; echo "${1:-}"; }

private_asterisk_works() {
  [ -e "$ASTERISK_HOME/complete" ] && asterisk_is_new_enough "$ASTERISK_HOME/asterisk" \
    && ls "$ASTERISK_HOME"/root/usr/lib/*/asterisk/modules/chan_pjsip.so >/dev/null 2>&1
}

# Needs no root: apt works on a state of its own, so nothing of the machine changes; signatures are checked as usual.
bring_private_asterisk() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null \
    || fail "found no Asterisk and cannot unpack Debian's: set ASTERISK to one of version 20 or newer."
  local work="$ASTERISK_HOME.new.$$" site
  say "Bringing Asterisk from Debian $ASTERISK_SUITE into $ASTERISK_HOME (about 85 MB)"
  rm -rf "$work" && mkdir -p "$work/apt/state/lists/partial" "$work/apt/cache/archives/partial" "$work/root"
  : >"$work/apt/status"
  for site in $(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep -v security); do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $ASTERISK_SUITE main" >"$work/apt/sources.list"
    private_apt "$work" update >"$work/apt.log" 2>&1 && [ -n "$(private_apt "$work" indextargets 2>/dev/null)" ] \
      && private_apt "$work" -y --no-install-recommends --download-only install asterisk >>"$work/apt.log" 2>&1 && break
  done
  ls "$work"/apt/cache/archives/asterisk_*.deb >/dev/null 2>&1 \
    || { tail -n 10 "$work/apt.log" >&2; fail "none of this machine's package sources carries Asterisk in $ASTERISK_SUITE: set ASTERISK to one of version 20 or newer (log: $work/apt.log)."; }
  say "Unpacking"
  for deb in "$work"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$deb" "$work/root" || fail "could not unpack $deb."
  done
  rm -rf "$work/apt"
  write_asterisk_wrapper "$work/asterisk"
  rm -rf "$ASTERISK_HOME" && mv "$work" "$ASTERISK_HOME" && touch "$ASTERISK_HOME/complete"
  private_asterisk_works || { "$ASTERISK_HOME/asterisk" -V >&2; fail "the unpacked Asterisk in $ASTERISK_HOME does not start."; }
}

private_apt() {
  local apt="$1/apt"; shift
  apt-get -q -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User= -o Debug::NoLocking=1 "$@"
}

# Runs with its own C library: the machine's is older.  exec keeps the process id, so a kill reaches Asterisk itself.
write_asterisk_wrapper() {
  cat >"$1" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
loader=$(echo "$here"/usr/lib*/ld-linux*.so.*)
libraries=$(echo "$here"/usr/lib/*-linux-gnu*)
exec "$loader" --library-path "$libraries:$here/usr/lib" "$here/usr/sbin/asterisk" "$@"
WRAPPER
  chmod +x "$1"
}
