drop index published_facts_by_common;
create index published_facts_by_common on published_facts
    (common_indicator, part, fiscal_year, plain, period, unit, count_basis, counted, prefecture, municipality)
    include (from_no, to_no, measured_on, value)
    where common_indicator is not null;
drop index published_facts_plain;
