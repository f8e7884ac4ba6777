drop index publication_scopes_by_no;
drop index publication_scopes_by_municipality;
drop index published_values_by_common_indicator;
drop index published_values_by_statutory_program;
drop index published_records_by_statutory_program;
alter table published_values drop column departments, drop column statutory_program;
alter table published_records drop column departments, drop column statutory_program;
