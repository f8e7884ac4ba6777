drop table report_transitions;
drop table reports;
drop table round_members;
drop table round_covers;
drop table rounds;
