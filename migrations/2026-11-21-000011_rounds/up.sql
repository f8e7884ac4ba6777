-- What a round is looked at by: the content of what was handed in, counted; and which publication made which edition.

alter table reports add column handed_in jsonb;
comment on column reports.handed_in is 'Of the latest submission, by the form as it was then: {records, figures, completeness: {required, answered, percent, unanswered, missing}}.';

alter table report_transitions add column published_no bigint;
alter table report_transitions add constraint report_transitions_published_fk foreign key (published_no) references publications (no);
comment on column report_transitions.published_no is 'Of a step to published: the publication that made this edition public.';
update report_transitions t set published_no = (select min(p.no) from publications p where p.at >= t.at) where t.to_status = 'published';

-- Why an edition was corrected is public with it, though the history of a report is not: who moved it is never told.
create function app_editions(of_plan text, of_municipality text, of_round text)
    returns table (edition integer, no bigint, at timestamptz, reason text)
    language sql stable security definer set search_path = public as
$$ select t.edition, p.no, p.at,
        (select c.reason from report_transitions c
         where c.plan = t.plan and c.municipality = t.municipality and c.round = t.round
           and c.from_status = 'published' and c.to_status = 'draft' and c.seq < t.seq
         order by c.seq desc limit 1)
    from report_transitions t join publications p on p.no = t.published_no
    where t.plan = of_plan and t.municipality = of_municipality and t.round = of_round
    order by t.edition $$;
comment on function app_editions is 'The published editions of a report: number, time, and the reason of the correction that made each after the first.';
