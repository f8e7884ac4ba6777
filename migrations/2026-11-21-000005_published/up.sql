-- Published rows: copies made by a publication. Only to_no is ever updated, once. All in them is public.

create table published_records (
    part text collate "C" not null,
    prefecture text collate "C" not null,
    fiscal_year smallint not null,
    municipality text collate "C" not null,
    plan text collate "C" not null,
    program text collate "C" not null,
    period text collate "C" not null,
    amendment smallint not null,
    from_no bigint not null,
    to_no bigint not null default 9223372036854775807,
    round text collate "C" not null,
    edition integer not null,
    version bigint not null,
    published_at timestamptz not null,
    municipality_name text not null,
    program_name text,
    program_number text,
    texts jsonb not null,
    cross_reference text,
    repost_of text collate "C",
    missing_reason text,
    reason text,
    amended_on text,
    note text,
    "values" jsonb not null,
    evaluations jsonb not null,
    constraint published_records_pk primary key (part, prefecture, fiscal_year, municipality, plan, program, period, amendment, from_no),
    constraint published_records_from_fk foreign key (from_no) references publications (no),
    constraint published_records_interval check (from_no < to_no)
);
create unique index published_records_in_force on published_records (plan, program, municipality, period, part, amendment)
    where to_no = 9223372036854775807;
create index published_records_by_plan on published_records (plan, part, prefecture, fiscal_year, municipality, program, period, amendment, from_no);
create index published_records_by_municipality on published_records (municipality, part, fiscal_year, plan, program, period, amendment, from_no);
create index published_records_by_report on published_records (plan, municipality, round) where to_no = 9223372036854775807;
comment on table published_records is 'Published targets and results: one row is one whole record, so that one statement reads it whole.';
comment on column published_records.from_no is 'Publication that made this content public.';
comment on column published_records.to_no is 'Publication that replaced or withdrew it; the largest bigint while in force.';
comment on column published_records.edition is 'Edition of the report that first carried this content.';
comment on column published_records.municipality_name is 'As at publication, like the two that follow.';
comment on column published_records."values" is 'The record''s figures as the API shows them; the same figures stand one by one in published_values.';

create table published_values (
    prefecture text collate "C" not null,
    fiscal_year smallint not null,
    municipality text collate "C" not null,
    plan text collate "C" not null,
    program text collate "C" not null,
    period text collate "C" not null,
    part text collate "C" not null,
    amendment smallint not null,
    ordinal smallint not null,
    from_no bigint not null,
    to_no bigint not null default 9223372036854775807,
    edition integer not null,
    municipality_name text not null,
    program_name text,
    program_number text,
    item text not null,
    role text not null,
    whole smallint,
    whole_item text,
    label text not null,
    unit text,
    source text not null,
    indicator_owner text collate "C",
    indicator text collate "C",
    missing_reason text,
    value numeric(18, 6),
    value_to numeric(18, 6),
    rate numeric(18, 6),
    text text,
    comparator text,
    approximate boolean not null,
    estimate boolean not null,
    numerator numeric(18, 6),
    denominator numeric(18, 6),
    running_total numeric(18, 6),
    counted text,
    count_basis text not null,
    per text,
    own_period text collate "C",
    breakdown jsonb not null,
    department text collate "C",
    measured_on text,
    measured_on_text text,
    method text,
    note text,
    same_figure_program text collate "C",
    same_figure_ordinal smallint,
    common_indicator text collate "C",
    repost boolean not null,
    constraint published_values_pk primary key (prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no),
    constraint published_values_from_fk foreign key (from_no) references publications (no),
    constraint published_values_interval check (from_no < to_no),
    constraint published_values_finite check ('NaN' not in (value, value_to, rate, numerator, denominator, running_total))
);
create index published_values_by_indicator on published_values (indicator_owner, indicator, prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no)
    where indicator is not null;
create index published_values_by_plan on published_values (plan, prefecture, fiscal_year, municipality, program, period, part, amendment, ordinal, from_no);
create index published_values_by_municipality on published_values (municipality, fiscal_year, plan, program, period, part, amendment, ordinal, from_no);
comment on table published_values is 'Published figures one by one, for pulls by figure and for adding up. Columns as in record_values.';
comment on column published_values.common_indicator is 'The common indicator its indicator fed at publication.';
comment on column published_values.repost is 'Belongs to a repost (再掲): left out when adding up.';
