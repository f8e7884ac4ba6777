-- Small counts: what a publication keeps back.

alter table reports add column keeps_back boolean not null default false;
comment on column reports.keeps_back is 'As last submitted, figures of it are too small to be published: whoever knew the hash of the content could try the nine there are.';
grant select (keeps_back) on reports to hagukumi_published;
