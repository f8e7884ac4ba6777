-- A new year: what a program became, be it several; texts that go on unchanged.

create table program_successors (
    plan text collate "C" not null,
    program text collate "C" not null,
    position smallint not null,
    successor_plan text collate "C" not null,
    successor_program text collate "C" not null,
    kind text not null,
    constraint program_successors_pk primary key (plan, program, position),
    constraint program_successors_once unique (plan, program, successor_plan, successor_program),
    constraint program_successors_program_fk foreign key (plan, program) references programs (plan, code) on delete cascade,
    constraint program_successors_successor_fk foreign key (successor_plan, successor_program) references programs (plan, code),
    constraint program_successors_kind_known check (kind in ('continued', 'merged', 'split')),
    constraint program_successors_not_itself check ((successor_plan, successor_program) <> (plan, program))
);
create index program_successors_by_successor on program_successors (successor_plan, successor_program, plan, program);
comment on table program_successors is '後継: what became of a program, in its plan or a later one. A split program has several; a merged one shares its successor.';

insert into program_successors (plan, program, position, successor_plan, successor_program, kind)
select plan, code, 1, successor_plan, successor_program, successor_kind from programs where successor_plan is not null;
alter table programs drop column successor_plan, drop column successor_program, drop column successor_kind;

grant select on program_successors to hagukumi_published;
grant select, insert, update, delete on program_successors to hagukumi_service;
alter table program_successors enable row level security;
create policy program_successors_seen on program_successors for select using (exists (select from plans p where p.code = plan));
create policy program_successors_written on program_successors for all to hagukumi_service using (left(plan, 6) = any ((select app_bodies())::text[]));

alter table records add column no_change_from_last_year boolean not null default false;
comment on column records.no_change_from_last_year is 'The reporter says that the texts are last year''s, to the letter, and meant so.';
alter table published_records add column no_change_from_last_year boolean not null default false;
comment on column published_records.no_change_from_last_year is 'As in records.';
