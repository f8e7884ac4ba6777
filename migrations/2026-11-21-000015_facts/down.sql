drop function app_definition;
drop table published_facts;
