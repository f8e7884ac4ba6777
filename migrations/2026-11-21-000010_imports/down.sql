drop function app_last_versions;
