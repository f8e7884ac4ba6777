drop table published_plans;
drop function app_plan_content(text);
