drop function app_forget_imports;
drop table import_rows;
drop table imports;
drop function app_last_versions;
