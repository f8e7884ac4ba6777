alter table round_members drop constraint round_members_reporter_fk;
alter table round_members add constraint round_members_reporter_fk
    foreign key (plan, municipality) references plan_reporters (plan, municipality) on delete cascade;
alter table reports drop column public_version;
drop function app_hold_public(text);
alter table publication_head drop column pruned_no;
drop index published_records_by_number;
drop index changes_by_prefecture;
drop index changes_by_plan;
