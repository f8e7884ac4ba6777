#!/usr/bin/env bash
# Makes sure that the packages of a folder's package-lock.json are in its node_modules:
#   scripts/node.sh tests/browser
# Ends with 77 where that is not possible.
set -euo pipefail

folder=$1
oldest=20

cannot() {
  printf 'node.sh: %s\n' "$*" >&2
  exit 77
}

command -v node >/dev/null && command -v npm >/dev/null || cannot 'there is no node, or no npm'
major=$(node --print 'process.versions.node.split(".")[0]')
((major >= oldest)) || cannot "node $major is older than $oldest"

cd "$folder"
# npm ci removes what is there first: the copy tells of what was finished.
if ! cmp --silent package-lock.json node_modules/whole; then
  printf 'node.sh: installing %s/package-lock.json\n' "$folder" >&2
  npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >&2 || cannot 'npm could not install them'
  cp package-lock.json node_modules/whole
fi
