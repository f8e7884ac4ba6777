-- Warnings: what looks wrong and may be right. Kept with the row they are about, because they are written with it.

alter table records add column warnings jsonb not null default '[]';
comment on column records.warnings is 'Array of {warning, code, pointer, message_ja, message_en, details}: what looked wrong when it was last written, or its report submitted.';
alter table reports add column warnings jsonb not null default '[]';
comment on column reports.warnings is 'As in records: what stands on the sheet beside the records (declared counts).';
create index records_with_warnings on records (municipality, plan, round) where warnings <> '[]'::jsonb;

create table warning_acknowledgements (
    plan text collate "C" not null,
    municipality text collate "C" not null,
    round text collate "C" not null,
    warning text collate "C" not null,
    record bigint,
    record_version bigint,
    reason text not null,
    version bigint not null,
    constraint warning_acknowledgements_pk primary key (plan, municipality, round, warning),
    constraint warning_acknowledgements_report_fk foreign key (plan, municipality, round) references reports (plan, municipality, round),
    constraint warning_acknowledgements_record_fk foreign key (record) references records (id) on delete cascade,
    constraint warning_acknowledgements_warning_form check (warning ~ '^[0-9a-f]{16}$'),
    constraint warning_acknowledgements_record_whole check ((record is null) = (record_version is null))
);
create index warning_acknowledgements_by_record on warning_acknowledgements (record);
comment on table warning_acknowledgements is 'What the reporter says to a warning: it is right as it stands, and why.';
comment on column warning_acknowledgements.warning is 'Fingerprint of the warning: of its record''s key, code, place and details.';
comment on column warning_acknowledgements.record is 'Null: a warning about the sheet.';
comment on column warning_acknowledgements.record_version is 'The version it was given for: when the record changes, the warning is open again.';

grant select, insert, update, delete on warning_acknowledgements to hagukumi_service;
alter table warning_acknowledgements enable row level security;
create policy warning_acknowledgements_reporter on warning_acknowledgements for all to hagukumi_service using (municipality = any ((select app_bodies())::text[]));
create policy warning_acknowledgements_owner on warning_acknowledgements for select to hagukumi_service using (
    left(plan, 6) = any ((select app_bodies())::text[])
    and exists (select from reports r where r.plan = warning_acknowledgements.plan and r.municipality = warning_acknowledgements.municipality
                and r.round = warning_acknowledgements.round and r.status in ('submitted', 'approved', 'published')));

-- One row a warning, for reading. As the caller: the policies of the tables below decide who sees which; a report's row
-- is seen by the plan's owner at any time, but what stands on its sheet only while it is handed in.
create view warnings with (security_invoker = true) as
select r.municipality, r.plan, r.round, r.part, r.program, r.period, r.amendment,
    (w.body ->> 'warning') collate "C" as warning, (w.body ->> 'code') collate "C" as code, w.body,
    r.id as record, r.version as record_version, a.reason, a.version as acknowledgement
from records r
cross join lateral jsonb_array_elements(r.warnings) as w (body)
left join warning_acknowledgements a on a.plan = r.plan and a.municipality = r.municipality and a.round = r.round
    and a.warning = w.body ->> 'warning' and a.record_version = r.version
where r.warnings <> '[]'::jsonb
union all
select p.municipality, p.plan, p.round, '' collate "C", '' collate "C", '' collate "C", 0::smallint,
    (w.body ->> 'warning') collate "C", (w.body ->> 'code') collate "C", w.body,
    null, null, a.reason, a.version
from reports p
cross join lateral jsonb_array_elements(p.warnings) as w (body)
left join warning_acknowledgements a on a.plan = p.plan and a.municipality = p.municipality and a.round = p.round
    and a.warning = w.body ->> 'warning' and a.record is null
where p.warnings <> '[]'::jsonb
    and (p.municipality = any ((select app_bodies())::text[]) or p.status in ('submitted', 'approved', 'published'));
comment on view warnings is 'Warnings of records and (part, program and period empty) of reports, each with its acknowledgement while that holds.';
grant select on warnings to hagukumi_service;
