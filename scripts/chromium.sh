#!/usr/bin/env bash
# Makes sure that Chromium and a Japanese font are on this machine, and prints the browser's path:
#   CHROMIUM="$(scripts/chromium.sh)"
# Ends with 77 where that is not possible.
set -euo pipefail

may_be_root() { [ "$EUID" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$EUID" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

find_browser() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" && return
  done
  return 1
}

has_japanese() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ja)" ]; }

apt_install() {
  command -v apt-get >/dev/null && may_be_root || return 1
  printf 'chromium.sh: installing %s with apt-get\n' "$*" >&2
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@")
  as_root "${install[@]}" >&2 || { as_root apt-get update -qq >&2 && as_root "${install[@]}" >&2; }
}

find_browser >/dev/null || apt_install chromium || true
# Without one the screenshots show boxes; the test does not need it.
has_japanese || apt_install fontconfig fonts-ipafont-gothic ||
  printf 'chromium.sh: no Japanese font: screenshots will show boxes\n' >&2
find_browser || {
  printf 'chromium.sh: no Chromium, and no way to install it here (Debian: sudo apt-get install -y chromium)\n' >&2
  exit 77
}
