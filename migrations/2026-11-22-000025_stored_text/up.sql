-- Texts, figures and evaluations of a published record are passed on as they are stored: text of JSON, without fields that
-- are empty. As jsonb each reading made text of them again, and cost ten times what finding the row did.

alter table published_records
    alter column texts type json using texts::json,
    alter column "values" type json using jsonb_strip_nulls("values")::json,
    alter column evaluations type json using jsonb_strip_nulls(evaluations)::json;
comment on column published_records."values" is 'The record''s figures as the API answers them; the same figures stand one by one in published_values.';
