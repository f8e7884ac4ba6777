#!/usr/bin/env bash
# Packs what an installation without internet needs: dist/hagukumi-<version>-<machine>.tar.gz and its checksum. The same
# commit gives the same bytes on the same toolchain: no times, no user, no path of this machine goes in.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=hagukumi-$version-$(uname -m)-linux
cargo_home=${CARGO_HOME:-$HOME/.cargo}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
prefixes="$cargo_home=/cargo $PWD=/src"
RUSTFLAGS=''
CFLAGS=''
for prefix in $prefixes; do
  RUSTFLAGS+=" --remap-path-prefix=$prefix"
  CFLAGS+=" -ffile-prefix-map=$prefix"
done
export RUSTFLAGS CFLAGS

# A folder of its own: other flags would build the everyday one anew.
cargo build --release --locked --target-dir target/dist

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
to=$work/$name
install -D target/dist/release/hagukumi "$to/bin/hagukumi"
install -D -m 644 -t "$to/openapi" openapi/v1.json
install -D -m 644 -t "$to/systemd" packaging/hagukumi.service packaging/hagukumi.env
install -D -m 644 -t "$to/docs" docs/*.md
install -D -m 644 -t "$to" README.md README.ja.md CHANGELOG.md SECURITY.md LICENSE-MIT LICENSE-APACHE

# The licences of all that is linked in, each text once, with the crates it came with.
notices=$to/THIRD-PARTY-LICENCES
cargo tree --locked --edges normal --prefix none --format '{p} {l}' | sed 's/ (\*)$//' | sort -u |
  grep -v '^hagukumi ' >"$work/tree"
{
  printf 'Hagukumi is linked with these crates.\n\n'
  cat "$work/tree"
  while read -r crate number _; do
    for source in "$cargo_home"/registry/src/*/"$crate-${number#v}"; do
      find "$source" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) |
        LC_ALL=C sort | while read -r file; do
        printf '%s %s %s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" "$crate-${number#v}/$(basename "$file")" "$file"
      done
      break
    done
  done <"$work/tree" | LC_ALL=C sort -k1,1 -k2,2 | while read -r sum label file; do
    if [ "$sum" != "${last:-}" ]; then
      [ -z "${last:-}" ] || { printf '\n'; cat "$text"; }
      printf '\n\n==== '
    else
      printf ', '
    fi
    printf '%s' "$label"
    last=$sum text=$file
    printf '%s' "$file" >"$work/last"
  done
  printf '\n'
  cat "$(cat "$work/last")"
} >"$notices"

mkdir -p dist
tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
  --directory "$work" "$name" | gzip -9 --no-name >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
