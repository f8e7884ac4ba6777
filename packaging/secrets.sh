#!/bin/sh
# Makes ./secrets for compose.yaml, and touches nothing that is there. As root it gives each file to the user that reads
# it in its container: 65532 the service, 999 PostgreSQL.
set -eu
umask 077
mkdir -p secrets/keys
chmod 711 secrets secrets/keys

random() { openssl rand -hex 32; }
write() { if [ -e "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi; }

random | write owner_password
random | write app_password
random | write cursor_secret
url() { printf 'postgres://%s:%s@%%2Fvar%%2Frun%%2Fpostgresql/hagukumi\n' "$1" "$(cat "secrets/$2")"; }
url hagukumi_owner owner_password | write database_owner_url
url hagukumi_app app_password | write database_url
# One key; the first `hagukumi keys rotate` puts the next one beside it.
[ -e secrets/keys/token.pem ] || openssl genpkey -algorithm ed25519 -out secrets/keys/token.pem
find secrets -type f -exec chmod 400 {} +
if [ "$(id -u)" = 0 ]; then
  chown 65532:65532 secrets/database_owner_url secrets/database_url secrets/cursor_secret secrets/keys/token.pem
  chown 999:999 secrets/owner_password secrets/app_password
else
  echo 'secrets.sh: the containers cannot read these files yet; as root:' >&2
  echo '  (cd secrets && chown 65532:65532 database* cursor_secret keys/token.pem && chown 999:999 *_password)' >&2
fi
