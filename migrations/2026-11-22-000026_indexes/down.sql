drop index publication_scopes_by_prefecture;
drop index publication_scopes_by_year;
drop index published_records_in_force;
create unique index published_records_in_force on published_records (plan, program, municipality, period, part, amendment)
    where to_no = 9223372036854775807;
create index published_records_by_report on published_records (plan, municipality, round) where to_no = 9223372036854775807;
