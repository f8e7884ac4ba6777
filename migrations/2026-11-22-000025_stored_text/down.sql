alter table published_records
    alter column texts type jsonb using texts::jsonb,
    alter column "values" type jsonb using "values"::jsonb,
    alter column evaluations type jsonb using evaluations::jsonb;
comment on column published_records."values" is 'The record''s figures as the API shows them; the same figures stand one by one in published_values.';
