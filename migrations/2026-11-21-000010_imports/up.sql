-- Imports: many records in one call, and what became of each row.

create function app_last_versions(of_resource text, of_keys jsonb[]) returns bigint[]
    language sql stable security definer set search_path = public as
$$ select array(select (select version from journal where resource = of_resource and key = k order by id desc limit 1)
                from unnest(of_keys) with ordinality as t (k, n) order by n) $$;
comment on function app_last_versions is 'As app_last_version, of many keys, in their order.';

create table imports (
    id uuid not null,
    at timestamptz not null,
    client text collate "C" not null,
    bodies text[] collate "C" not null,
    status text not null,
    dry_run boolean not null,
    rejected integer not null,
    report json not null,
    constraint imports_pk primary key (id),
    constraint imports_bodies_named check (cardinality(bodies) > 0),
    constraint imports_status_known check (status in ('completed', 'partial', 'refused'))
);
create index imports_by_age on imports (at);
comment on table imports is 'What became of an import, kept 90 days. Written in the transaction of its effect; of a dry run or a refused import, which has none, in one of its own.';
comment on column imports.id is 'UUID v7: ids lie in the order of time. The same stands as import_id in the journal.';
comment on column imports.bodies is 'The municipalities it wrote for, or would have: who acts for all of them sees it.';
comment on column imports.report is 'As it was sent: json keeps the order of the fields, jsonb does not.';

create table import_rows (
    import uuid not null,
    number integer not null,
    outcome text not null,
    row json not null,
    source json,
    constraint import_rows_pk primary key (import, number),
    constraint import_rows_import_fk foreign key (import) references imports (id) on delete cascade,
    constraint import_rows_number_positive check (number > 0),
    constraint import_rows_outcome_known check (outcome in ('created', 'updated', 'unchanged', 'rejected'))
);
create index import_rows_by_outcome on import_rows (import, outcome, number);
comment on table import_rows is 'One row a record of an import, in the order of the file.';
comment on column import_rows.row is 'As it is shown: place, key, outcome, ETag, errors, warnings, changes.';
comment on column import_rows.source is 'Of a rejected record what was sent, column by column, to be given back with the errors beside it.';

alter table imports enable row level security;
create policy imports_of_its_bodies on imports for all to hagukumi_service using (bodies <@ (select app_bodies())::text[]);
alter table import_rows enable row level security;
create policy import_rows_by_import on import_rows for all to hagukumi_service using (exists (select from imports i where i.id = import));
grant select, insert on imports, import_rows to hagukumi_service;

-- Age is nobody's secret, and what is too old may belong to a client that never comes back.
create function app_forget_imports(older_than timestamptz) returns bigint
    language sql volatile security definer set search_path = public as
$$ with gone as (delete from imports where at < older_than returning 1) select count(*) from gone $$;
comment on function app_forget_imports is 'Deletes reports of imports that are older, whosever they are.';
