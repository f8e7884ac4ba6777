drop table record_evaluations;
drop table record_values;
drop table records;
