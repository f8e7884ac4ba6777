# Runs a private PostgreSQL server and ends it with its owner; started by cluster.rs.
#   alive <pid>: is that process there?
#   <owner> <signal> <folder or ""> <server> <arguments>...: run the server until the owner, a
#   process number or the other end of standard input, is gone; then remove the folder.

# A zombie counts as gone. `kill -0` would not do: it fails for processes of another user.
alive() {
  if [ -r /proc/self/stat ]; then
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    case $line in *') Z '*) return 1 ;; esac
  else
    case $(ps -o stat= -p "$1" 2>/dev/null) in '' | Z*) return 1 ;; esac
  fi
}
if [ "$1" = alive ]; then
  alive "$2"
  exit
fi

# The owner decides when it is done, not a terminal or a service manager that signals all of us.
trap '' HUP INT TERM
owner=$1 signal=$2 remove=$3
shift 3
exec 3<&0
# Standard output is the lock on the folder: the server keeps it as long as it lives.
"$@" </dev/null 2>log 3<&- &
server=$!
(
  exec >/dev/null
  if [ "$owner" = stdin ]; then
    read -r _ <&3
  else
    while alive "$owner"; do sleep 0.2; done
  fi
  # A server that ended by itself has left its number to others.
  [ -e stopped ] || kill -s "$signal" "$server"
) &
watcher=$!
exec 3<&-
wait "$server"
: >stopped
wait "$watcher"
if [ -n "$remove" ]; then
  # Out of the way first, all at once: a start meanwhile must not meet half a folder.
  cd / && mv "$remove" "$remove.$$" && remove=$remove.$$
  rm -rf "$remove"
fi
