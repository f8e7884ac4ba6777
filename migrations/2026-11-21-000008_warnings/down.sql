drop view warnings;
drop table warning_acknowledgements;
alter table reports drop column warnings;
alter table records drop column warnings;
