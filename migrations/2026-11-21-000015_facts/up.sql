-- Facts: published figures that have an indicator, narrow, in the order in which they are added up.

create table published_facts (
    plan text collate "C" not null,
    municipality text collate "C" not null,
    program text collate "C" not null,
    record_period text collate "C" not null,
    part text collate "C" not null,
    amendment smallint not null,
    ordinal smallint not null,
    from_no bigint not null,
    to_no bigint not null default 9223372036854775807,
    prefecture text collate "C" not null,
    fiscal_year smallint not null,
    period text collate "C" not null,
    indicator_owner text collate "C" not null,
    indicator text collate "C" not null,
    common_indicator text collate "C",
    statutory_program text collate "C",
    definition text collate "C" not null,
    area text collate "C",
    breakdown jsonb not null,
    role text not null,
    whole smallint,
    whole_item text,
    same_figure_program text collate "C",
    same_figure_ordinal smallint,
    repost boolean not null,
    estimate boolean not null,
    missing_reason text,
    value numeric(18, 6),
    value_to numeric(18, 6),
    rate numeric(18, 6),
    numerator numeric(18, 6),
    denominator numeric(18, 6),
    text text,
    unit text,
    count_basis text not null,
    counted text,
    per text,
    comparator text,
    approximate boolean not null,
    measured_on text,
    constraint published_facts_pk primary key (plan, municipality, program, record_period, part, amendment, ordinal, from_no),
    constraint published_facts_from_fk foreign key (from_no) references publications (no),
    constraint published_facts_interval check (from_no < to_no)
);
create index published_facts_by_common on published_facts (common_indicator, part, fiscal_year, prefecture, municipality)
    where common_indicator is not null;
create index published_facts_by_indicator on published_facts (indicator_owner, indicator, part, fiscal_year, prefecture, municipality);
create index published_facts_by_statutory on published_facts (statutory_program, part, fiscal_year, prefecture, municipality)
    where statutory_program is not null;
comment on table published_facts is 'Published figures with an indicator, for adding up: written by the publication beside published_values, ended with them. Columns as there, but for those that follow.';
comment on column published_facts.record_period is 'Period of the record the figure stands in.';
comment on column published_facts.period is 'Period of the figure: its own inside the record''s, else the record''s.';
comment on column published_facts.common_indicator is 'The common indicator it feeds, or is.';
comment on column published_facts.statutory_program is 'Of its program, as at publication, like area.';
comment on column published_facts.area is 'The ward its program is for: a part of the city''s figure.';
comment on column published_facts.definition is 'Hash of what its indicator, and the common one it feeds, meant at publication: a series breaks where it changes.';
comment on column published_facts.unit is 'As printed: spellings that mean the same are known to the service.';

grant select on published_facts to hagukumi_published;
grant select, insert on published_facts to hagukumi_service;
grant update (to_no) on published_facts to hagukumi_service;

-- The meaning of an indicator: everything but what does not change what is counted.
create function app_definition(owner text, code text, common text) returns text language sql stable as
$$ select md5(jsonb_agg(jsonb_build_array(i.name, i.kind, i.unit, i.count_basis, i.aggregation, i.temporality, i.dimensions)
       order by i.owner <> '000000')::text)
   from indicators i
   where (i.owner, i.code) = ($1, $2) or $3 is not null and (i.owner, i.code) = ('000000', $3) $$;
comment on function app_definition is 'Hash of what an indicator and the common one it feeds mean now.';

-- What is public already: as it would have been written, by the definitions of today.
insert into published_facts
select v.plan, v.municipality, v.program, v.period, v.part, v.amendment, v.ordinal, v.from_no, v.to_no, v.prefecture,
    v.fiscal_year, coalesce(v.own_period, v.period), v.indicator_owner, v.indicator,
    case v.indicator_owner when '000000' then v.indicator else v.common_indicator end, p.statutory_program,
    app_definition(v.indicator_owner, v.indicator, v.common_indicator), p.area, v.breakdown, v.role, v.whole, v.whole_item,
    v.same_figure_program, v.same_figure_ordinal, v.repost, v.estimate, v.missing_reason, v.value, v.value_to, v.rate,
    v.numerator, v.denominator, v.text, v.unit, v.count_basis, v.counted, v.per, v.comparator, v.approximate, v.measured_on
from published_values v join programs p on p.plan = v.plan and p.code = v.program
where v.indicator is not null;
