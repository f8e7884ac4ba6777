-- What pulls select by, as at publication; and the scope of a list's ETag.

alter table published_records
    add column statutory_program text collate "C",
    add column departments text[] collate "C" not null default '{}';
alter table published_values
    add column statutory_program text collate "C",
    add column departments text[] collate "C" not null default '{}';
comment on column published_records.statutory_program is 'Of its program, as at publication, like the departments.';
comment on column published_records.departments is 'Codes, in printed order; those known by their printed text only are not among them.';
comment on column published_values.statutory_program is 'As in published_records, like departments: a pull by figure is one range of this table.';

-- What is public already was published under the programs as they stand: the service has not been in use.
update published_records t set
    statutory_program = p.statutory_program,
    departments = array(select d.department from program_departments d
        where d.plan = t.plan and d.program = t.program and d.department is not null order by d.position)
from programs p where p.plan = t.plan and p.code = t.program;
update published_values v set statutory_program = r.statutory_program, departments = r.departments
from published_records r
where (r.part, r.prefecture, r.fiscal_year, r.municipality, r.plan, r.program, r.period, r.amendment, r.from_no)
    = (v.part, v.prefecture, v.fiscal_year, v.municipality, v.plan, v.program, v.period, v.amendment, v.from_no);

create index published_records_by_statutory_program on published_records
    (statutory_program, part, prefecture, fiscal_year, municipality, plan, program, period, amendment, from_no)
    where statutory_program is not null;
create index published_values_by_statutory_program on published_values
    (statutory_program, prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no)
    where statutory_program is not null;
create index published_values_by_common_indicator on published_values
    (common_indicator, prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no)
    where common_indicator is not null;

create index publication_scopes_by_municipality on publication_scopes (municipality, fiscal_year, last_no);
create index publication_scopes_by_no on publication_scopes (last_no);
comment on index publication_scopes_by_no is 'The nation''s last publication without a look at each reporter.';
