-- Plans as they were when something was published under them: a sheet is read with the goals, programs, departments and
-- scales of its day.

create function app_plan_content(of_plan text) returns jsonb language sql stable as
$$ select jsonb_build_object(
    'title', p.title, 'document_label', p.document_label, 'council', p.council,
    'owner_name', (select o.name from municipalities o where o.code = p.owner),
    'column_labels', p.column_labels, 'text_fields', p.text_fields, 'printed', p.printed,
    'nodes', (select coalesce(jsonb_agg(jsonb_build_object(
            'code', n.code, 'kind', n.kind, 'number_label', n.number_label, 'title', n.title, 'parent', n.parent)
            order by n.position, n.code), '[]')
        from nodes n where n.plan = p.code),
    'programs', (select coalesce(jsonb_agg(jsonb_build_object(
            'code', g.code, 'number_label', g.number_label, 'name', g.name, 'description', g.description, 'node', g.node,
            'area', (select a.name from municipalities a where a.code = g.area), 'priority', g.priority,
            'target_group', g.target_group, 'legal_basis', g.legal_basis, 'statutory_program', g.statutory_program,
            'started_on', g.started_on, 'started_in', g.started_in, 'ended_after', g.ended_after, 'printed', g.printed,
            'departments', (select coalesce(jsonb_agg(jsonb_build_object(
                    'department', i.department, 'name', d.name, 'bureau', d.bureau, 'role', i.role, 'printed_text', i.printed_text)
                    order by i.position), '[]')
                from program_departments i
                left join departments d on d.municipality = i.municipality and d.code = i.department
                where i.plan = g.plan and i.program = g.code))
            order by g.position, g.code), '[]')
        from programs g where g.plan = p.code),
    'schemes', (select coalesce(jsonb_agg(jsonb_build_object(
            'scheme', s.code, 'fiscal_year', s.fiscal_year, 'title', s.title, 'legend', s.legend,
            'levels', (select coalesce(jsonb_agg(jsonb_build_object(
                    'code', l.code, 'label', l.label, 'matrix_row', l.matrix_row, 'matrix_column', l.matrix_column)
                    order by l.position), '[]')
                from evaluation_levels l
                where l.owner = s.owner and l.scheme = s.code and l.fiscal_year = s.fiscal_year))
            order by s.code, s.fiscal_year), '[]')
        from evaluation_schemes s where s.owner = p.owner))
from plans p where p.code = of_plan $$;
comment on function app_plan_content is 'A plan as its sheets are printed: headings, goals, programs with their departments, the owner''s scales. As the caller sees it.';

create table published_plans (
    plan text collate "C" not null,
    from_no bigint not null,
    content jsonb not null,
    constraint published_plans_pk primary key (plan, from_no),
    constraint published_plans_plan_fk foreign key (plan) references plans (code),
    constraint published_plans_from_fk foreign key (from_no) references publications (no)
);
comment on table published_plans is 'Plans as they were when a report of theirs was published: the row with the largest from_no up to the report''s publication. A publication adds one only where the plan has changed since the latest.';
comment on column published_plans.content is 'What app_plan_content gave.';

-- Older states of definitions are in the journal only: what is published already keeps the plan as it is today.
insert into published_plans (plan, from_no, content)
select plan, min(from_no), app_plan_content(plan) from published_records group by plan;

grant select on published_plans to hagukumi_published;
grant select, insert on published_plans to hagukumi_service;
