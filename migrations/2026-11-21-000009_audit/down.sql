drop view audit;
grant select on journal to hagukumi_service;
create policy journal_read on journal for select to hagukumi_service using (
    body = any ((select app_bodies())::text[])
    or (left(plan, 6) = any ((select app_bodies())::text[]) and resource not in ('target', 'result'))
    or (select app_administrator()));
drop function app_last_version(text, jsonb);
drop function app_audited();
drop index journal_by_time;
drop index journal_by_body;
drop index journal_by_plan;
create index journal_by_plan on journal (plan, id);
create index journal_by_body on journal (body, id);
