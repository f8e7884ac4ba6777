-- What is handed in together, and in which state it is.

create table rounds (
    plan text collate "C" not null,
    code text collate "C" not null,
    title text,
    due_at timestamptz,
    form_version text,
    is_default boolean not null,
    version bigint not null default 1,
    constraint rounds_pk primary key (plan, code),
    constraint rounds_plan_fk foreign key (plan) references plans (code),
    constraint rounds_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$')
);
comment on table rounds is '照会: what the reporters of a plan hand in together.';
comment on column rounds.due_at is 'The first instant that is late: the last day ends at 24:00 JST.';
comment on column rounds.is_default is 'Made by the first write to a period that no round covered.';

create table round_covers (
    plan text collate "C" not null,
    part text collate "C" not null,
    period text collate "C" not null,
    round text collate "C" not null,
    constraint round_covers_pk primary key (plan, part, period),
    constraint round_covers_round_fk foreign key (plan, round) references rounds (plan, code) on delete cascade,
    constraint round_covers_period_fk foreign key (period) references periods (code),
    constraint round_covers_part_known check (part in ('targets', 'results'))
);
create index round_covers_by_round on round_covers (plan, round);
comment on table round_covers is 'Which part and period belong to which round: the key lets a pair belong to at most one round of its plan.';

create table round_members (
    plan text collate "C" not null,
    round text collate "C" not null,
    municipality text collate "C" not null,
    left_out boolean not null,
    due_at timestamptz,
    constraint round_members_pk primary key (plan, round, municipality),
    constraint round_members_round_fk foreign key (plan, round) references rounds (plan, code) on delete cascade,
    constraint round_members_reporter_fk foreign key (plan, municipality) references plan_reporters (plan, municipality) on delete cascade,
    constraint round_members_says_something check (left_out <> (due_at is not null))
);
comment on table round_members is 'Reporters of the plan who are left out of a round, or have another due instant.';

create table reports (
    plan text collate "C" not null,
    municipality text collate "C" not null,
    round text collate "C" not null,
    status text not null,
    edition integer not null default 0,
    declared_counts jsonb not null default '[]',
    note text,
    public_counts jsonb not null default '[]',
    public_note text,
    submitted_at timestamptz,
    submitted_by text,
    late boolean not null default false,
    content_hash text,
    published_at timestamptz,
    published_no bigint,
    version bigint not null default 1,
    constraint reports_pk primary key (plan, municipality, round),
    constraint reports_reporter_fk foreign key (plan, municipality) references plan_reporters (plan, municipality),
    constraint reports_round_fk foreign key (plan, round) references rounds (plan, code),
    constraint reports_published_fk foreign key (published_no) references publications (no),
    constraint reports_status_known check (status in ('draft', 'submitted', 'returned', 'approved', 'published')),
    constraint reports_edition_published check (edition >= 0 and (edition = 0) = (published_no is null) and (edition = 0) = (published_at is null)),
    constraint reports_submitted_has_receipt check (status in ('draft', 'returned') or (submitted_at is not null and content_hash is not null and submitted_by is not null))
);
create index reports_by_municipality on reports (municipality, plan, round);
create index reports_by_round on reports (plan, round, municipality);
comment on table reports is '回答・報告: one reporter''s answer to one round.';
comment on column reports.edition is 'Published states so far; 0: never published.';
comment on column reports.declared_counts is 'Array of {scheme, fiscal_year, level, count, of_which_priority}: the counts printed on the sheet.';
comment on column reports.public_counts is 'declared_counts as last published, like public_note: what the public sees while the sheet is being changed.';
comment on column reports.submitted_by is 'The person who submitted, as the client asserts it: who submits does not publish.';
comment on column reports.content_hash is 'SHA-256 over what was submitted: the receipt.';

create table report_transitions (
    plan text collate "C" not null,
    municipality text collate "C" not null,
    round text collate "C" not null,
    seq integer not null,
    at timestamptz not null,
    from_status text not null,
    to_status text not null,
    edition integer not null,
    client text not null,
    person text not null,
    reason text,
    comments jsonb not null,
    constraint report_transitions_pk primary key (plan, municipality, round, seq),
    constraint report_transitions_report_fk foreign key (plan, municipality, round) references reports (plan, municipality, round)
);
comment on table report_transitions is 'History of a report''s status.';
comment on column report_transitions.comments is 'Array of {program, period, part, text}: what a reviewer says about single cells.';
