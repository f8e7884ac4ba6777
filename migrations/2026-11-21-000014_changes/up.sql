-- The change feed: what it is read by, how far back it goes, and what was missing for it to be complete.

create index changes_by_plan on changes (plan, no, seq) where plan is not null;
create index changes_by_prefecture on changes (prefecture, no, seq) where prefecture is not null;
create index published_records_by_number on published_records (from_no);

alter table publication_head add column pruned_no bigint not null default 0;
comment on column publication_head.pruned_no is 'The feed is kept from the number after this one on: who is not so far yet begins anew.';

-- Whether a plan is public decides what becomes public with a change below it, and its adoption tells all that is below it
-- then. Of two at once one must see the other: who changes something holds the plan as it is until the end, past its
-- row's policies, because a reporter changes what the owner adopts.
create function app_hold_public(of_plan text) returns boolean
    language sql volatile security definer set search_path = public as
$$ select status <> 'draft' from plans where code = of_plan for share $$;
comment on function app_hold_public is 'Is the plan adopted? Nobody changes that before the transaction ends.';

-- What the public sees of a report changes with its steps only; its version also with what is not public yet.
alter table reports add column public_version bigint not null default 1;
comment on column reports.public_version is 'The version its latest step made: behind the ETag that the public sees.';
update reports set public_version = version;
grant select (public_version) on reports to hagukumi_published;

-- A round that names a reporter would change without a version of its own.
alter table round_members drop constraint round_members_reporter_fk;
alter table round_members add constraint round_members_reporter_fk
    foreign key (plan, municipality) references plan_reporters (plan, municipality);
