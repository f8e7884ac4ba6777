-- The code list, the calendar, the trail of changes and the publication number.

create table municipalities (
    code text collate "C" not null,
    prefecture text collate "C" not null,
    name text not null,
    kana text not null,
    kind text not null,
    parent text collate "C",
    northern_territories boolean not null default false,
    valid_from date,
    valid_to date,
    version bigint not null default 1,
    constraint municipalities_pk primary key (code),
    constraint municipalities_prefecture_fk foreign key (prefecture) references municipalities (code),
    constraint municipalities_parent_fk foreign key (parent) references municipalities (code),
    constraint municipalities_code_form check (code ~ '^[0-9]{6}$' and left(code, 2) = left(prefecture, 2)),
    constraint municipalities_kind_known check (kind in ('prefecture', 'designated_city', 'city', 'special_ward', 'town', 'village', 'ward')),
    constraint municipalities_prefecture_is_itself check ((kind = 'prefecture') = (code = prefecture)),
    constraint municipalities_ward_has_city check ((kind = 'ward') = (parent is not null)),
    constraint municipalities_name_length check (char_length(name) between 1 and 100),
    constraint municipalities_validity check (valid_from <= valid_to),
    constraint municipalities_version_positive check (version > 0)
);
create index municipalities_by_prefecture on municipalities (prefecture, code);
comment on table municipalities is 'Prefectures, municipalities and wards by their six-digit 全国地方公共団体コード.';
comment on column municipalities.parent is 'The designated city of a ward; empty for all others.';
comment on column municipalities.northern_territories is 'The six villages of the Northern Territories: on the official list, outside the 1,741 that report.';
comment on column municipalities.valid_from is 'First day; empty: before the list begins.';
comment on column municipalities.valid_to is 'Last day; empty: in force.';

create table successions (
    predecessor text collate "C" not null,
    successor text collate "C" not null,
    effective_on date not null,
    kind text not null,
    constraint successions_pk primary key (predecessor, successor, effective_on),
    constraint successions_predecessor_fk foreign key (predecessor) references municipalities (code),
    constraint successions_successor_fk foreign key (successor) references municipalities (code),
    constraint successions_kind_known check (kind in ('merger', 'absorption', 'split', 'status_change', 'renaming')),
    constraint successions_not_itself check (predecessor <> successor)
);
create index successions_by_successor on successions (successor, predecessor);
comment on table successions is '廃置分合: which municipality came after which, on which day.';

create table periods (
    code text collate "C" not null,
    kind text not null,
    fiscal_year smallint not null,
    starts_on date,
    ends_on date,
    constraint periods_pk primary key (code),
    constraint periods_kind_known check (kind in ('baseline', 'fiscal_year', 'half', 'quarter', 'month', 'open_ended')),
    constraint periods_order check (starts_on <= ends_on)
);
comment on table periods is 'Every period that may be reported on, 1990 to 2060. Filled by its migration, never written.';
comment on column periods.fiscal_year is 'The fiscal year (April to March, named by its first year) the period lies in or begins with; 0 for the baseline.';

insert into periods (code, kind, fiscal_year, starts_on, ends_on)
select 'baseline', 'baseline', 0, null::date, null::date
union all
select y::text, 'fiscal_year', y, make_date(y, 4, 1), make_date(y + 1, 3, 31) from generate_series(1990, 2060) y
union all
select y || '-', 'open_ended', y, make_date(y, 4, 1), null from generate_series(1990, 2060) y
union all
select y || '-H' || h, 'half', y, (make_date(y, 4, 1) + make_interval(months => 6 * (h - 1)))::date,
       (make_date(y, 4, 1) + make_interval(months => 6 * h))::date - 1
from generate_series(1990, 2060) y, generate_series(1, 2) h
union all
select y || '-Q' || q, 'quarter', y, (make_date(y, 4, 1) + make_interval(months => 3 * (q - 1)))::date,
       (make_date(y, 4, 1) + make_interval(months => 3 * q))::date - 1
from generate_series(1990, 2060) y, generate_series(1, 4) q
union all
select to_char(d, 'YYYYMM'), 'month', extract(year from d - interval '3 months')::smallint, d::date, (d + interval '1 month')::date - 1
from generate_series(timestamp '1990-04-01', timestamp '2061-03-01', interval '1 month') d;

create table publication_head (
    only_row boolean not null default true,
    epoch uuid not null,
    no bigint not null,
    at timestamptz not null,
    definitions_no bigint not null,
    constraint publication_head_pk primary key (only_row),
    constraint publication_head_only_row check (only_row)
);
comment on table publication_head is 'The publication number: everything public changes in steps, one after the other. Its row lock, held until commit, makes commit order, number order and time order the same.';
comment on column publication_head.epoch is 'Renewed after a restore, because numbers would be given a second time.';
comment on column publication_head.definitions_no is 'The last number that changed a definition.';
insert into publication_head (epoch, no, at, definitions_no) values (gen_random_uuid(), 0, 'epoch', 0);

create table publications (
    no bigint not null,
    at timestamptz not null,
    constraint publications_pk primary key (no),
    constraint publications_at_unique unique (at)
);
comment on table publications is 'One row a publication number: as_of finds its number here.';

create table changes (
    no bigint not null,
    seq integer not null,
    op text not null,
    resource text not null,
    key jsonb not null,
    plan text collate "C",
    prefecture text collate "C",
    etag text,
    constraint changes_pk primary key (no, seq),
    constraint changes_publication_fk foreign key (no) references publications (no),
    constraint changes_op_known check (op in ('upsert', 'delete', 'correction', 'redact'))
);
comment on table changes is 'What each publication number changed, in order and without a hole: the rows of the change feed.';

create table publication_scopes (
    prefecture text collate "C" not null,
    fiscal_year smallint not null,
    municipality text collate "C" not null,
    last_no bigint not null,
    constraint publication_scopes_pk primary key (prefecture, fiscal_year, municipality)
);
comment on table publication_scopes is 'The last publication of each reporter and fiscal year: the ETag of a list is the largest in its scope.';

create table journal (
    id bigint generated always as identity,
    at timestamptz not null,
    subject text not null,
    client text not null,
    person text,
    request_id uuid not null,
    import_id uuid,
    resource text not null,
    key jsonb not null,
    body text collate "C",
    plan text collate "C",
    operation text not null,
    version bigint not null,
    before jsonb,
    after jsonb,
    constraint journal_pk primary key (id),
    constraint journal_operation_known check (operation in ('create', 'replace', 'overwrite', 'delete', 'transition')),
    constraint journal_has_content check (before is not null or after is not null)
);
create index journal_by_resource on journal (resource, key, id);
create index journal_by_plan on journal (plan, id);
create index journal_by_body on journal (body, id);
comment on table journal is 'One row for each changed resource, written in the transaction of the change; insert and select only. Audit trail, and the history of drafts and definitions.';
comment on column journal.person is 'Who acted, as the client asserts it. Never public.';
comment on column journal.body is 'The municipality or prefecture the resource belongs to.';
comment on column journal.operation is 'overwrite: replaced with If-Match: *, without having seen what was there.';

create table idempotency_keys (
    client text collate "C" not null,
    key text collate "C" not null,
    request_hash bytea not null,
    status smallint not null,
    etag text,
    response json not null,
    created_at timestamptz not null,
    constraint idempotency_keys_pk primary key (client, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
comment on column idempotency_keys.response is 'As it was sent: json keeps the order of the fields, jsonb does not.';
comment on table idempotency_keys is 'First answers of POST requests, stored in the transaction of their effect and kept for 24 hours.';
