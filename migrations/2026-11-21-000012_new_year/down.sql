alter table published_records drop column no_change_from_last_year;
alter table records drop column no_change_from_last_year;
alter table programs
    add column successor_plan text collate "C",
    add column successor_program text collate "C",
    add column successor_kind text,
    add constraint programs_successor_fk foreign key (successor_plan, successor_program) references programs (plan, code),
    add constraint programs_successor_whole check (num_nulls(successor_plan, successor_program, successor_kind) in (0, 3)),
    add constraint programs_successor_kind_known check (successor_kind in ('continued', 'merged')),
    add constraint programs_not_own_successor check ((successor_plan, successor_program) <> (plan, code));
-- Of several only the first has a place; a split goes on in it.
update programs p set successor_plan = s.successor_plan, successor_program = s.successor_program,
    successor_kind = case s.kind when 'split' then 'continued' else s.kind end
from program_successors s where s.plan = p.plan and s.program = p.code and s.position = 1;
drop table program_successors;
