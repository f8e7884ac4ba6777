-- Indexes that a database of ten years showed to be wrong. The planner takes plan and municipality for independent, so it
-- preferred the smaller index by report and read all a reporter has ever published for one result: one index serves both.

drop index published_records_by_report;
drop index published_records_in_force;
create unique index published_records_in_force on published_records (plan, municipality, program, period, part, amendment)
    where to_no = 9223372036854775807;

-- The last publication of a year, or of a prefecture's year, was looked for from the newest backwards, past all of later years.
create index publication_scopes_by_year on publication_scopes (fiscal_year, last_no);
create index publication_scopes_by_prefecture on publication_scopes (prefecture, fiscal_year, last_no);
