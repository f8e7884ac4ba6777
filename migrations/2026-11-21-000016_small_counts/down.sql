alter table reports drop column keeps_back;
