#!/bin/sh
# Run once by the postgres image, when its data folder is new: the service's login, which owns nothing. The roles are
# those of the schema; `hagukumi migrate` finds them and says what they may do.
set -eu
password=$(cat /run/secrets/app_password)
psql -v ON_ERROR_STOP=1 -v password="$password" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
create role hagukumi_service nologin;
create role hagukumi_published nologin;
create role hagukumi_app login password :'password';
grant hagukumi_service, hagukumi_published to hagukumi_app;
SQL
