-- The trail of changes as those may read it who answer for it: the body's own approver, the reviewer of the plan's
-- owner, the administrator. The service's login reads it here only; the journal itself it can but add to.

drop index journal_by_plan;
drop index journal_by_body;
create index journal_by_plan on journal (plan, at, id);
create index journal_by_body on journal (body, at, id);
create index journal_by_time on journal (at, id);

create function app_audited() returns text[] language sql stable as
$$ select string_to_array(nullif(current_setting('app.audited', true), ''), ',') $$;
comment on function app_audited is 'The bodies whose trail the caller answers for, as approver or reviewer; set for one transaction by db.as_caller.';

-- A number says nothing of its content, so it is told past the row's policies: who makes a resource anew may not see who
-- made it before.
create function app_last_version(of_resource text, of_key jsonb) returns bigint
    language sql stable security definer set search_path = public as
$$ select version from journal where resource = of_resource and key = of_key order by id desc limit 1 $$;
comment on function app_last_version is 'The last version a key ever had: what is made anew goes on from there.';

drop policy journal_read on journal;
revoke select on journal from hagukumi_service;

create view audit as
select j.id, j.at, j.client, j.subject, j.person, j.request_id, j.resource, j.key, j.body, j.plan, j.operation, j.version,
    case when seen.content then left(j.before::text, 10001) end as before,
    case when seen.content then left(j.after::text, 10001) end as after,
    seen.content is not true as withheld
from journal j,
    lateral (select j.body = any ((select app_audited())::text[]) as own, left(j.plan, 6) = any ((select app_audited())::text[]) as owned) whose,
    -- Content of others: definitions, and what was said at a transition; never figures and drafts.
    lateral (select whose.own or (whose.owned and j.operation = 'transition')
        or ((whose.owned or (select app_administrator())) and j.resource in ('municipality', 'department', 'plan',
            'plan_reporter', 'node', 'program', 'indicator', 'evaluation_scheme', 'round', 'client')) as content) seen
where whose.own
    or (select app_administrator())
    or (whose.owned and (j.resource not in ('target', 'result') or exists (
        select from round_covers c join reports r on r.plan = c.plan and r.round = c.round
        where c.plan = j.plan and c.part = j.resource || 's' and c.period = j.key ->> 'period'
            and r.municipality = j.body and r.status in ('submitted', 'approved', 'published'))));
comment on view audit is 'The journal''s rows that the caller may see: about a body it answers for; of a plan of such a body, but a reporter''s records only while they are handed in; all of them for the administrator.';
comment on column audit.withheld is 'The caller sees that there was a change, not its content: figures and drafts of others.';
grant select on audit to hagukumi_service;
