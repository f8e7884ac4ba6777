#!/usr/bin/env bash
# Makes sure that the Python programs of tests/requirements.txt are on this machine, in a folder of
# their own below target/, and prints the folder of their commands:
#   export PATH="$(scripts/python.sh):$PATH"
# Ends with 77 where that is not possible.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
requirements=$root/tests/requirements.txt
oldest='3, 10'

cannot() {
  printf 'python.sh: %s\n' "$*" >&2
  exit 77
}

command -v python3 >/dev/null || cannot 'there is no python3'
python3 -c "import sys; sys.exit(sys.version_info < ($oldest))" || cannot "python3 is older than (${oldest})"

# Another list or another Python: another folder.
what=$({ python3 -c 'import sys; print(sys.version)' && cat "$requirements"; } | cksum | tr ' ' -)
folder=${CARGO_TARGET_DIR:-$root/target}/python/$what
if [ ! -e "$folder/whole" ]; then
  printf 'python.sh: installing tests/requirements.txt into %s\n' "$folder" >&2
  rm -rf "$folder"
  python3 -m venv "$folder" >&2 || cannot 'no virtual environment (Debian: apt-get install python3-venv)'
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
    cannot 'pip could not install them'
  touch "$folder/whole"
fi
printf '%s\n' "$folder/bin"
