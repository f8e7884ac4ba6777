-- A redaction read every row that imports and answers had left, and wrote again what it had emptied before: it finds them now,
-- and writes what there is to empty.
create index import_rows_by_record on import_rows
    ((row -> 'key' ->> 'plan'), (row -> 'key' ->> 'program'), (row -> 'key' ->> 'municipality'));
create index idempotency_keys_by_id on idempotency_keys ((response ->> 'id')) where response ->> 'id' is not null;
create index idempotency_keys_by_report on idempotency_keys ((response ->> 'plan'), (response ->> 'municipality'))
    where response ->> 'plan' is not null;

create or replace function app_redact(of_plan text, of_program text, of_municipality text, of_period text, of_part text,
        of_amendment smallint, of_key jsonb)
    returns table (versions bigint, editions bigint, in_force_edition integer, in_force_version bigint, fiscal_years smallint[])
    language plpgsql volatile security definer set search_path = public as $$
#variable_conflict use_column
declare
    of_round text;
    of_record bigint;
    of_imports uuid[];
    working bigint;
    of_resource text := rtrim(of_part, 's');
    mark jsonb := '{"redacted": true}';
begin
    if not app_administrator() then
        raise insufficient_privilege using message = 'permission denied: only an administrator redacts';
    end if;
    -- Its report first, as every writer does.
    of_round := coalesce(
        (select round from records where plan = of_plan and program = of_program and municipality = of_municipality
            and period = of_period and part = of_part and amendment = of_amendment),
        (select round from published_records where plan = of_plan and program = of_program and municipality = of_municipality
            and period = of_period and part = of_part and amendment = of_amendment order by from_no desc limit 1));
    perform from reports where plan = of_plan and municipality = of_municipality and round = of_round for update;

    update records set texts = '{}', no_change_from_last_year = false, cross_reference = null, repost_of = null,
        missing_reason = null, reason = case when of_amendment > 0 then '（削除）' end, amended_on = null, note = null,
        warnings = '[]', redacted = true, version = version + 1
    where plan = of_plan and program = of_program and municipality = of_municipality
        and period = of_period and part = of_part and amendment = of_amendment
    returning id, version into of_record, working;
    delete from record_values where record = of_record;
    delete from record_evaluations where record = of_record;
    update journal set before = case when before is not null then mark end, after = case when after is not null then mark end
    where resource = 'warning' and plan = of_plan and body = of_municipality
        and key ->> 'warning' in (select warning from warning_acknowledgements where record = of_record);
    delete from warning_acknowledgements where record = of_record;

    with emptied as (
        update published_records set texts = '{}', no_change_from_last_year = false, cross_reference = null,
            repost_of = null, missing_reason = null, reason = case when of_amendment > 0 then '（削除）' end,
            amended_on = null, note = null, "values" = '[]', evaluations = '[]', redacted = true, version = version + 1
        where plan = of_plan and program = of_program and municipality = of_municipality
            and period = of_period and part = of_part and amendment = of_amendment
        returning edition, version, to_no, fiscal_year)
    select greatest(working, max(version), app_last_version(of_resource, of_key)), count(*),
        max(edition) filter (where to_no = 9223372036854775807), max(version) filter (where to_no = 9223372036854775807),
        array_agg(distinct fiscal_year)
    from emptied into versions, editions, in_force_edition, in_force_version, fiscal_years;
    delete from published_values where plan = of_plan and program = of_program and municipality = of_municipality
        and period = of_period and part = of_part and amendment = of_amendment;
    delete from published_facts where plan = of_plan and program = of_program and municipality = of_municipality
        and record_period = of_period and part = of_part and amendment = of_amendment;

    update journal set before = case when before is not null then mark end, after = case when after is not null then mark end
    where resource = of_resource and key = of_key and operation <> 'redact' and (before <> mark or after <> mark);
    -- What reviewers wrote to its cells: a comment may quote them, and answers tell it again.
    update report_transitions set comments = app_redacted_comments(comments, of_program, of_period)
    where plan = of_plan and municipality = of_municipality
        and comments @> jsonb_build_array(jsonb_build_object('program', of_program, 'period', of_period));
    if found then
        update journal set after = after || jsonb_build_object('comments', app_redacted_comments(after -> 'comments', of_program, of_period))
        where resource = 'report' and operation = 'transition' and plan = of_plan and body = of_municipality
            and after -> 'comments' @> jsonb_build_array(jsonb_build_object('program', of_program, 'period', of_period));
        update idempotency_keys set response = app_redacted_report(response::jsonb, of_program, of_period)::json
        where response ->> 'plan' = of_plan and response ->> 'municipality' = of_municipality and response::jsonb ? 'open_comments'
            and response::jsonb <> app_redacted_report(response::jsonb, of_program, of_period);
    end if;
    -- Reports of imports, and the answers that are repeated to whoever sends the same again. A key as it was sent may be
    -- spelt in another way, so every period of the program is emptied there.
    with emptied as (
        update import_rows set row = app_redacted_import_row(row::jsonb)::json, source = null
        where row -> 'key' ->> 'plan' = of_plan and row -> 'key' ->> 'program' = of_program
            and row -> 'key' ->> 'municipality' = of_municipality
            and (source is not null or row::jsonb <> app_redacted_import_row(row::jsonb))
        returning import)
    select array_agg(distinct import) from emptied into of_imports;
    update imports set report = app_redacted_import(report::jsonb, of_plan, of_program, of_municipality)::json
    where id = any (of_imports);
    update idempotency_keys set response = app_redacted_import(response::jsonb, of_plan, of_program, of_municipality)::json
    where response ->> 'id' = any (of_imports::text[]);
    if of_record is not null or editions > 0 then
        return next;
    end if;
end
$$;
