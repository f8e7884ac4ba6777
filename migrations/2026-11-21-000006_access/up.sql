-- Who may touch what. Two roles without login; the service's login is a member of both and owns nothing.
-- Roles belong to the whole cluster, so they are made only where they are missing and never dropped here.

do $$
begin
    if not exists (select from pg_roles where rolname = 'hagukumi_service') then
        create role hagukumi_service nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'hagukumi_published') then
        create role hagukumi_published nologin;
    end if;
exception when duplicate_object or unique_violation then
    null; -- another database of the cluster was faster
end
$$;

create function app_bodies() returns text[] language sql stable as
$$ select string_to_array(nullif(current_setting('app.bodies', true), ''), ',') $$;
comment on function app_bodies is 'The municipalities and prefectures the caller acts for; set for one transaction by db.as_caller.';
create function app_administrator() returns boolean language sql stable as
$$ select coalesce(current_setting('app.administrator', true), '') = 'true' $$;

-- The published door: published rows and public definitions, read only.
grant select on municipalities, successions, periods, publication_head, publications, changes, publication_scopes,
    departments, statutory_programs, plans, plan_reporters, nodes, indicators, programs, program_departments,
    program_indicators, evaluation_schemes, evaluation_levels, rounds, round_covers, round_members,
    published_records, published_values to hagukumi_published;
grant select (plan, municipality, round, status, edition, public_counts, public_note, submitted_at, late, content_hash, published_at, published_no, version)
    on reports to hagukumi_published;

-- The caller's door.
grant select on all tables in schema public to hagukumi_service;
grant insert, update, delete on municipalities, successions, departments, plans, plan_reporters, nodes, indicators, programs,
    program_departments, program_indicators, evaluation_schemes, evaluation_levels, rounds, round_covers, round_members,
    records, record_values, record_evaluations to hagukumi_service;
grant insert, update on reports, publication_scopes to hagukumi_service;
grant insert on report_transitions, publications, changes, journal, published_records, published_values to hagukumi_service;
grant insert, delete on idempotency_keys to hagukumi_service;
grant update on publication_head to hagukumi_service;
grant update (to_no) on published_records, published_values to hagukumi_service;

-- Definitions: a draft plan is seen by its owner and its reporters; written by the owner.
alter table plans enable row level security;
create policy plans_public on plans for select using (status <> 'draft');
create policy plans_seen on plans for select to hagukumi_service using (
    owner = any ((select app_bodies())::text[])
    or exists (select from plan_reporters r where r.plan = plans.code and r.municipality = any ((select app_bodies())::text[])));
create policy plans_written on plans for all to hagukumi_service using (owner = any ((select app_bodies())::text[]));

do $$
declare t text;
begin
    foreach t in array array['nodes', 'programs', 'program_departments', 'program_indicators', 'round_members'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy %I on %I for select using (exists (select from plans p where p.code = plan))', t || '_seen', t);
        execute format('create policy %I on %I for all to hagukumi_service using (left(plan, 6) = any ((select app_bodies())::text[]))', t || '_written', t);
    end loop;
    foreach t in array array['municipalities', 'successions'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy %I on %I for select using (true)', t || '_seen', t);
        execute format('create policy %I on %I for all to hagukumi_service using ((select app_administrator()))', t || '_written', t);
    end loop;
    foreach t in array array['evaluation_schemes', 'evaluation_levels', 'indicators'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy %I on %I for select using (true)', t || '_seen', t);
        execute format('create policy %I on %I for all to hagukumi_service using (owner = any ((select app_bodies())::text[]) or (owner = ''000000'' and (select app_administrator())))', t || '_written', t);
    end loop;
end
$$;

alter table departments enable row level security;
create policy departments_seen on departments for select using (true);
create policy departments_written on departments for all to hagukumi_service using (municipality = any ((select app_bodies())::text[]));

-- Membership decides who sees a draft plan, so it cannot itself ask the plan as the caller (the policies would call each
-- other): a function of the tables' owner tells whether the plan is public.
create function app_is_public(plan text) returns boolean language sql stable security definer set search_path = public as
$$ select exists (select from plans p where p.code = $1 and p.status <> 'draft') $$;
comment on function app_is_public is 'Is the plan adopted? For the policy of its reporters, which plans itself asks.';
alter table plan_reporters enable row level security;
create policy plan_reporters_seen on plan_reporters for select to hagukumi_service using (
    municipality = any ((select app_bodies())::text[]) or left(plan, 6) = any ((select app_bodies())::text[]) or app_is_public(plan));
create policy plan_reporters_public on plan_reporters for select to hagukumi_published using (exists (select from plans p where p.code = plan));
create policy plan_reporters_written on plan_reporters for all to hagukumi_service using (left(plan, 6) = any ((select app_bodies())::text[]));

-- Rounds: the owner's, but for the default round that a reporter's first write makes; that one is public with its first report.
do $$
declare t text;
begin
    foreach t in array array['rounds', 'round_covers'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy %I on %I for select to hagukumi_service using (exists (select from plans p where p.code = plan))', t || '_seen', t);
        execute format('create policy %I on %I for all to hagukumi_service using (left(plan, 6) = any ((select app_bodies())::text[]))', t || '_written', t);
    end loop;
end
$$;
create policy rounds_public on rounds for select to hagukumi_published using (
    exists (select from plans p where p.code = plan)
    and (not is_default or exists (select from reports r where r.plan = rounds.plan and r.round = rounds.code)));
create policy round_covers_public on round_covers for select to hagukumi_published using (
    exists (select from rounds d where d.plan = round_covers.plan and d.code = round_covers.round));
create policy rounds_default on rounds for insert to hagukumi_service with check (
    is_default and exists (select from plan_reporters r where r.plan = rounds.plan and r.municipality = any ((select app_bodies())::text[])));
create policy round_covers_default on round_covers for insert to hagukumi_service with check (
    exists (select from rounds d where d.plan = round_covers.plan and d.code = round_covers.round and d.is_default)
    and exists (select from plan_reporters r where r.plan = round_covers.plan and r.municipality = any ((select app_bodies())::text[])));

-- Reports: the public sees those that were ever handed in; the reporter its own; the plan's owner all.
alter table reports enable row level security;
create policy reports_public on reports for select to hagukumi_published using (
    (status <> 'draft' or edition > 0) and exists (select from plans p where p.code = plan));
create policy reports_caller on reports for all to hagukumi_service using (
    municipality = any ((select app_bodies())::text[]) or left(plan, 6) = any ((select app_bodies())::text[]));
-- Whether a round stays public is no secret, though whose reports keep it so is: one answer, past the row's policies.
create function app_others_handed_in(of_plan text, of_round text, but_not text) returns boolean
    language sql stable security definer set search_path = public as
$$ select exists (select from reports where plan = of_plan and round = of_round and municipality <> but_not
                  and (status <> 'draft' or edition > 0)) $$;
comment on function app_others_handed_in is 'Has another reporter handed in a report of this round?';
alter table report_transitions enable row level security;
create policy report_transitions_caller on report_transitions for all to hagukumi_service using (
    municipality = any ((select app_bodies())::text[]) or left(plan, 6) = any ((select app_bodies())::text[]));

-- Records: the reporter's own; the plan's owner reads them while they are handed in.
alter table records enable row level security;
create policy records_reporter on records for all to hagukumi_service using (municipality = any ((select app_bodies())::text[]));
create policy records_owner on records for select to hagukumi_service using (
    left(plan, 6) = any ((select app_bodies())::text[])
    and exists (select from reports r where r.plan = records.plan and r.municipality = records.municipality and r.round = records.round
                and r.status in ('submitted', 'approved', 'published')));
alter table record_values enable row level security;
create policy record_values_by_record on record_values for all to hagukumi_service using (exists (select from records r where r.id = record));
alter table record_evaluations enable row level security;
create policy record_evaluations_by_record on record_evaluations for all to hagukumi_service using (exists (select from records r where r.id = record));

-- Journal: anybody's change is recorded; read by the body concerned, the administrator, and the plan's owner but for
-- its reporters' records, which it sees when they are handed in.
alter table journal enable row level security;
create policy journal_written on journal for insert to hagukumi_service with check (true);
create policy journal_read on journal for select to hagukumi_service using (
    body = any ((select app_bodies())::text[])
    or (left(plan, 6) = any ((select app_bodies())::text[]) and resource not in ('target', 'result'))
    or (select app_administrator()));
