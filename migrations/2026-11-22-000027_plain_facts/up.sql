-- Most figures stand for themselves: the only one of their reporter and period, a number and nothing beside it. These are
-- added up here, from the index alone; the service is given those that need its rules.
alter table published_facts add column plain boolean not null generated always as (
    role = 'main' and value is not null and value_to is null and rate is null and text is null and missing_reason is null
    and coalesce(comparator, 'eq') = 'eq' and coalesce(per, 'year') = 'year' and area is null and breakdown = '{}'
    and same_figure_program is null and not repost and not estimate and not approximate) stored;
comment on column published_facts.plain is 'By itself a number that counts; whether it stands alone, the others of its reporter tell.';

drop index published_facts_by_common;
create index published_facts_by_common on published_facts
    (common_indicator, part, fiscal_year, plain, period, unit, count_basis, counted, prefecture, municipality)
    include (from_no, to_no, measured_on, value)
    where common_indicator is not null;
