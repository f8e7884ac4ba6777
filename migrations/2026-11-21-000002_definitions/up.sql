-- Definitions: what is reported on, by whom, in which form. One current row each; older ones are in the journal.

create table departments (
    municipality text collate "C" not null,
    code text collate "C" not null,
    name text not null,
    bureau text,
    fiscal_year_from smallint,
    fiscal_year_to smallint,
    successor text collate "C",
    version bigint not null default 1,
    constraint departments_pk primary key (municipality, code),
    constraint departments_municipality_fk foreign key (municipality) references municipalities (code),
    constraint departments_successor_fk foreign key (municipality, successor) references departments (municipality, code),
    constraint departments_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$'),
    constraint departments_years check (fiscal_year_from <= fiscal_year_to),
    constraint departments_not_own_successor check (successor <> code)
);
comment on table departments is '担当課・所管課: a renamed department is a new row that its predecessor names, so that last year''s sheet keeps the old name.';

create table statutory_programs (
    code text collate "C" not null,
    fiscal_year_from smallint not null,
    fiscal_year_to smallint,
    name_ja text not null,
    name_en text not null,
    position smallint not null,
    constraint statutory_programs_pk primary key (code),
    constraint statutory_programs_years check (fiscal_year_from <= fiscal_year_to)
);
comment on table statutory_programs is '地域子ども・子育て支援事業 (子ども・子育て支援法 59条) by the fiscal years they were in force.';
insert into statutory_programs (code, fiscal_year_from, fiscal_year_to, name_ja, name_en, position) values
    ('user_support', 2015, null, '利用者支援事業', 'User support', 1),
    ('extended_hours_childcare', 2015, null, '時間外保育事業', 'Extended-hours childcare', 2),
    ('supplementary_benefit', 2015, null, '実費徴収に係る補足給付を行う事業', 'Supplementary benefit for actual costs', 3),
    ('diverse_providers_promotion', 2015, null, '多様な事業者の参入促進・能力活用事業', 'Promotion of diverse providers', 4),
    ('after_school_care', 2015, null, '放課後児童健全育成事業', 'After-school care', 5),
    ('short_term_support', 2015, null, '子育て短期支援事業', 'Short-term childrearing support', 6),
    ('newborn_home_visits', 2015, null, '乳児家庭全戸訪問事業', 'Home visits to all newborns', 7),
    ('childrearing_support_visits', 2015, null, '養育支援訪問事業', 'Childrearing support visits', 8),
    ('community_childcare_centers', 2015, null, '地域子育て支援拠点事業', 'Community childcare support centers', 9),
    ('temporary_childcare', 2015, null, '一時預かり事業', 'Temporary childcare', 10),
    ('sick_child_care', 2015, null, '病児保育事業', 'Care of sick children', 11),
    ('family_support_center', 2015, null, '子育て援助活動支援事業', 'Family support centers', 12),
    ('prenatal_checkups', 2015, null, '妊婦健康診査', 'Prenatal checkups', 13),
    ('household_support_visits', 2024, null, '子育て世帯訪問支援事業', 'Household support visits', 14),
    ('child_development_base', 2024, null, '児童育成支援拠点事業', 'Child development support bases', 15),
    ('parent_child_relationship', 2024, null, '親子関係形成支援事業', 'Parent-child relationship support', 16),
    ('expectant_parent_counselling', 2025, null, '妊婦等包括相談支援事業', 'Counselling of expectant parents', 17),
    ('childcare_for_all', 2025, 2025, '乳児等通園支援事業', 'Childcare for all infants', 18),
    ('postnatal_care', 2025, null, '産後ケア事業', 'Postnatal care', 19);

create table plans (
    code text collate "C" not null,
    owner text collate "C" not null,
    title text not null,
    kind text not null,
    council text,
    legal_basis text,
    fiscal_year_from smallint not null,
    fiscal_year_to smallint,
    adopted_on text,
    document_label text,
    column_labels jsonb not null,
    text_fields jsonb not null,
    printed jsonb not null,
    status text not null,
    numbering text not null,
    version bigint not null default 1,
    constraint plans_pk primary key (code),
    constraint plans_owner_fk foreign key (owner) references municipalities (code),
    constraint plans_code_form check (code ~ '^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$' and left(code, 6) = owner),
    constraint plans_kind_known check (kind in ('child_support', 'next_generation', 'kpi', 'other')),
    constraint plans_years check (fiscal_year_from between 1990 and 2060 and fiscal_year_from <= fiscal_year_to),
    constraint plans_adopted_on_form check (adopted_on ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
    constraint plans_status_known check (status in ('draft', 'adopted', 'closed')),
    constraint plans_numbering_known check (numbering in ('plan', 'node'))
);
create index plans_by_owner on plans (owner, code);
comment on table plans is '計画: a city''s own plan and a prefecture''s KPI collection are the same thing. A draft plan is invisible to the public.';
comment on column plans.adopted_on is 'As exactly as it is known: year, month or day.';
comment on column plans.column_labels is 'Array of {column, label}: the headings as printed, in order.';
comment on column plans.text_fields is 'Array of {code, label}: the text columns a record of this plan may have.';
comment on column plans.printed is 'Cells as printed where they differ from the cleaned field.';
comment on column plans.numbering is 'Where a program''s printed number is unique: in the plan, or in its node.';

create table plan_reporters (
    plan text collate "C" not null,
    municipality text collate "C" not null,
    member_group text,
    fiscal_year_from smallint,
    fiscal_year_to smallint,
    version bigint not null default 1,
    constraint plan_reporters_pk primary key (plan, municipality),
    constraint plan_reporters_plan_fk foreign key (plan) references plans (code),
    constraint plan_reporters_municipality_fk foreign key (municipality) references municipalities (code),
    constraint plan_reporters_years check (fiscal_year_from <= fiscal_year_to)
);
create index plan_reporters_by_municipality on plan_reporters (municipality, plan);
comment on table plan_reporters is 'Who may report on a plan: membership is a foreign key, not a claim.';

create table nodes (
    plan text collate "C" not null,
    code text collate "C" not null,
    kind text not null,
    number_label text,
    title text not null,
    parent text collate "C",
    position integer not null,
    version bigint not null default 1,
    constraint nodes_pk primary key (plan, code),
    constraint nodes_plan_fk foreign key (plan) references plans (code),
    constraint nodes_parent_fk foreign key (plan, parent) references nodes (plan, code),
    constraint nodes_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$'),
    constraint nodes_kind_known check (kind in ('basic_goal', 'policy', 'category', 'section', 'chapter')),
    constraint nodes_not_own_parent check (parent <> code)
);
create index nodes_in_order on nodes (plan, position, code);
comment on table nodes is '基本目標・施策・分類: the tree of a plan, of any depth.';

create table indicators (
    owner text collate "C" not null,
    owner_body text collate "C" generated always as (nullif(owner, '000000')) stored,
    code text collate "C" not null,
    name text not null,
    kind text not null,
    unit text,
    count_basis text not null,
    direction text not null,
    aggregation text not null,
    temporality text not null,
    decimals smallint not null,
    dimensions jsonb not null,
    sensitive boolean not null,
    common_indicator text collate "C",
    common_owner text collate "C" generated always as (case when common_indicator is not null then '000000' end) stored,
    version bigint not null default 1,
    constraint indicators_pk primary key (owner, code),
    constraint indicators_owner_fk foreign key (owner_body) references municipalities (code),
    constraint indicators_common_fk foreign key (common_owner, common_indicator) references indicators (owner, code),
    constraint indicators_common_feeds_nothing check (owner <> '000000' or common_indicator is null),
    constraint indicators_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$'),
    constraint indicators_kind_known check (kind in ('count', 'amount', 'rate', 'frequency', 'text', 'boolean')),
    constraint indicators_count_basis_known check (count_basis in ('cumulative', 'actual', 'unstated')),
    constraint indicators_direction_known check (direction in ('more_is_better', 'less_is_better', 'neutral')),
    constraint indicators_aggregation_known check (aggregation in ('sum', 'weighted_mean', 'min', 'max', 'none')),
    constraint indicators_temporality_known check (temporality in ('point_in_time', 'period_total')),
    constraint indicators_decimals_range check (decimals between 0 and 6)
);
comment on table indicators is '指標; owner 000000: a common indicator of the nation.';
comment on column indicators.common_indicator is 'The common indicator this one feeds.';

create table programs (
    plan text collate "C" not null,
    code text collate "C" not null,
    number_label text,
    number_scope text collate "C" not null,
    name text,
    description text,
    node text collate "C",
    position integer not null,
    area text collate "C",
    priority boolean not null,
    target_group text,
    legal_basis text,
    statutory_program text collate "C",
    started_on text,
    started_in smallint,
    ended_after smallint,
    successor_plan text collate "C",
    successor_program text collate "C",
    successor_kind text,
    printed jsonb not null,
    version bigint not null default 1,
    constraint programs_pk primary key (plan, code),
    constraint programs_plan_fk foreign key (plan) references plans (code),
    constraint programs_node_fk foreign key (plan, node) references nodes (plan, code),
    constraint programs_area_fk foreign key (area) references municipalities (code),
    constraint programs_statutory_fk foreign key (statutory_program) references statutory_programs (code),
    constraint programs_successor_fk foreign key (successor_plan, successor_program) references programs (plan, code),
    constraint programs_number_unique unique (plan, number_scope, number_label),
    constraint programs_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$'),
    constraint programs_started_on_form check (started_on ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
    constraint programs_started_once check (num_nonnulls(started_on, started_in) < 2),
    constraint programs_successor_whole check (num_nulls(successor_plan, successor_program, successor_kind) in (0, 3)),
    constraint programs_successor_kind_known check (successor_kind in ('continued', 'merged')),
    constraint programs_not_own_successor check ((successor_plan, successor_program) <> (plan, code))
);
create index programs_in_order on programs (plan, position, code);
create index programs_by_statutory on programs (statutory_program, plan, code);
comment on table programs is '事業・事務事業・取組: what targets are set for and results are reported on.';
comment on column programs.number_scope is 'Where number_label is unique: empty for the whole plan, else the node. Set from plans.numbering by the writer.';
comment on column programs.started_in is 'First fiscal year, where no date is known: 平成27年度 is neither 2015 nor April 2015.';
comment on column programs.printed is 'Cells as printed where they differ from the cleaned field: hard line breaks, blank meaning "as above".';

create table program_departments (
    plan text collate "C" not null,
    program text collate "C" not null,
    position smallint not null,
    municipality text collate "C" generated always as (left(plan, 6)) stored,
    department text collate "C",
    role text not null,
    printed_text text,
    constraint program_departments_pk primary key (plan, program, position),
    constraint program_departments_program_fk foreign key (plan, program) references programs (plan, code) on delete cascade,
    constraint program_departments_department_fk foreign key (municipality, department) references departments (municipality, code),
    constraint program_departments_role_known check (role in ('lead', 'joint')),
    constraint program_departments_named check (department is not null or printed_text is not null)
);
create index program_departments_by_department on program_departments (municipality, department, plan, program);
comment on table program_departments is 'The departments of a program in printed order; without a code where only the printed text is known.';

create table program_indicators (
    plan text collate "C" not null,
    program text collate "C" not null,
    position smallint not null,
    indicator_owner text collate "C" not null,
    indicator text collate "C" not null,
    label text,
    target_required boolean not null,
    result_required boolean not null,
    constraint program_indicators_pk primary key (plan, program, indicator_owner, indicator),
    constraint program_indicators_position_unique unique (plan, program, position),
    constraint program_indicators_program_fk foreign key (plan, program) references programs (plan, code) on delete cascade,
    constraint program_indicators_indicator_fk foreign key (indicator_owner, indicator) references indicators (owner, code)
);
create index program_indicators_by_indicator on program_indicators (indicator_owner, indicator, plan, program);
comment on table program_indicators is 'The form: which indicators a program is asked for. Completeness reads it.';

create table evaluation_schemes (
    owner text collate "C" not null,
    code text collate "C" not null,
    fiscal_year smallint not null,
    fiscal_year_to smallint,
    title text not null,
    legend text,
    version bigint not null default 1,
    constraint evaluation_schemes_pk primary key (owner, code, fiscal_year),
    constraint evaluation_schemes_owner_fk foreign key (owner) references municipalities (code),
    constraint evaluation_schemes_code_form check (code ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$'),
    constraint evaluation_schemes_years check (fiscal_year between 1990 and 2060 and fiscal_year <= fiscal_year_to)
);
comment on table evaluation_schemes is '評価基準: scales are data of their owner and of the years they were valid in; never merged, never averaged.';
comment on column evaluation_schemes.fiscal_year is 'Valid from.';

create table evaluation_levels (
    owner text collate "C" not null,
    scheme text collate "C" not null,
    fiscal_year smallint not null,
    code text collate "C" not null,
    position smallint not null,
    label text,
    definition text not null,
    basis text,
    rank smallint,
    lower_bound numeric(18, 6),
    lower_inclusive boolean,
    upper_bound numeric(18, 6),
    upper_inclusive boolean,
    matrix_row text,
    matrix_column text,
    reason_required boolean not null,
    constraint evaluation_levels_pk primary key (owner, scheme, fiscal_year, code),
    constraint evaluation_levels_position_unique unique (owner, scheme, fiscal_year, position) deferrable initially deferred,
    constraint evaluation_levels_scheme_fk foreign key (owner, scheme, fiscal_year) references evaluation_schemes (owner, code, fiscal_year) on delete cascade,
    constraint evaluation_levels_definition_known check (definition in ('given', 'lost', 'presumed')),
    constraint evaluation_levels_label_given check (label is not null or definition = 'lost' or matrix_row is not null),
    constraint evaluation_levels_lower_whole check ((lower_bound is null) = (lower_inclusive is null)),
    constraint evaluation_levels_upper_whole check ((upper_bound is null) = (upper_inclusive is null)),
    constraint evaluation_levels_bounds_order check (lower_bound <= upper_bound)
);
comment on table evaluation_levels is '区分: the levels of a scheme. A lost definition stays lost; a presumed one says on what basis.';
comment on column evaluation_levels.lower_bound is 'Percent of the target.';
comment on column evaluation_levels.rank is '1 is best; empty where levels have no order (a matrix).';
