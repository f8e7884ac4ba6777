drop index published_facts_by_common;
create index published_facts_by_common on published_facts (common_indicator, part, fiscal_year, prefecture, municipality)
    where common_indicator is not null;
alter table published_facts drop column plain;
