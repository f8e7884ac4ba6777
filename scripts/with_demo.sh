#!/usr/bin/env bash
# Runs a command while a demo with fresh data serves at $HAGUKUMI_URL, and ends the demo after it:
#   scripts/with_demo.sh tests/clients/run
# Ends as the command does. Where HAGUKUMI_URL is set already, that service is used and left alone.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
ready_within=900
ended_within=20

[ -z "${HAGUKUMI_URL:-}" ] || exec "$@"

log='' data='' demo=''

fail() {
  if [ -s "$log" ]; then
    printf '\n-- the last lines of make demo:\n' >&2
    tail -n 40 "$log" >&2
  fi
  printf '\nFAILED: %s\n' "$*" >&2
  exit 1
}

# within <seconds> <command>...: tries until it succeeds
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

demo_has_ended() { ! kill -0 -- "-$demo" 2>/dev/null; }
database_has_ended() { ! compgen -G "$data/postgres/pg*/postmaster.pid" >/dev/null; }

# The demo is a process group of its own: make, cargo and the service, and nothing else.
stop_demo() {
  [ -n "$demo" ] || return 0
  kill -TERM -- "-$demo" 2>/dev/null || true
  within "$ended_within" demo_has_ended || kill -KILL -- "-$demo" 2>/dev/null || true
  wait "$demo" 2>/dev/null || true
  demo=''
  within "$ended_within" database_has_ended
}

clean_up() {
  stop_demo || true
  [ -z "$data" ] || rm -rf "$data"
  [ -z "$log" ] || rm -f "$log"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pid_of_service() {
  local stat pid name group
  for stat in /proc/[0-9]*/stat; do
    read -r pid name _ _ group _ 2>/dev/null <"$stat" || continue
    [ "$name $group" != "(hagukumi) $demo" ] || echo "$pid"
  done
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

is_ready() { curl --silent --fail --output /dev/null --noproxy '*' --max-time 30 "$HAGUKUMI_URL/health/ready"; }
# Nothing more to wait for when the demo is gone.
ready_or_gone() { is_ready || demo_has_ended; }

# Not below the other one: as root the database server is another user, who could not enter.
data=$(mktemp -d "${TMPDIR:-/tmp}/hagukumi-demo-data.XXXXXX")
log=$(mktemp "${TMPDIR:-/tmp}/hagukumi-demo-log.XXXXXX")
port=$((20000 + RANDOM % 10000))
until is_free "$port"; do port=$((port + 1)); done
export HAGUKUMI_URL=http://127.0.0.1:$port HAGUKUMI_DEMO_DIR=$data HAGUKUMI_DEMO_LOG=$log

set -m # a process group for the job
env -u DATABASE_URL PORT="$port" make -C "$root" demo >"$log" 2>&1 </dev/null &
demo=$!
set +m

within "$ready_within" ready_or_gone || fail "/health/ready does not answer 200 within $ready_within s"
! demo_has_ended || fail 'make demo has ended by itself'
printf 'the demo is ready after %s s at %s\n' "$SECONDS" "$HAGUKUMI_URL"

# The demo prints its clients: MUNICIPAL_EDITOR_CLIENT_ID and MUNICIPAL_EDITOR_CLIENT_SECRET, and so for each role.
while read -r id secret; do
  name=${id#demo-} name=${name//-/_}
  declare -x "${name^^}_CLIENT_ID=$id" "${name^^}_CLIENT_SECRET=$secret"
done < <(sed -n 's/^#   \(demo-[a-z-]*\)  *\([^ ]*\)$/\1 \2/p' "$log")
# Where /proc tells it.
HAGUKUMI_PID=$(pid_of_service) && export HAGUKUMI_PID
status=0
"$@" || status=$?
! demo_has_ended || fail 'the demo has ended by itself'
stop_demo || fail "the database of the demo outlives it by more than $ended_within s"
exit "$status"
