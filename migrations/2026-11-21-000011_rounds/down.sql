drop function app_editions;
alter table report_transitions drop column published_no;
alter table reports drop column handed_in;
