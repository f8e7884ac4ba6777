drop table published_values;
drop table published_records;
