-- Working rows: editable while their report is draft or returned.

create table records (
    id bigint generated always as identity,
    plan text collate "C" not null,
    program text collate "C" not null,
    municipality text collate "C" not null,
    period text collate "C" not null,
    part text collate "C" not null,
    amendment smallint not null,
    round text collate "C" not null,
    texts jsonb not null,
    cross_reference text,
    repost_of text collate "C",
    missing_reason text,
    reason text,
    amended_on text,
    note text,
    version bigint not null,
    constraint records_pk primary key (id),
    constraint records_key_unique unique (plan, municipality, program, period, part, amendment),
    constraint records_program_fk foreign key (plan, program) references programs (plan, code),
    constraint records_report_fk foreign key (plan, municipality, round) references reports (plan, municipality, round),
    constraint records_period_fk foreign key (period) references periods (code),
    constraint records_repost_fk foreign key (plan, repost_of) references programs (plan, code),
    constraint records_part_known check (part in ('targets', 'results')),
    constraint records_amendment_of_target check (amendment between 0 and 99 and (amendment = 0 or part = 'targets')),
    constraint records_amendment_has_reason check (amendment = 0 or reason is not null),
    constraint records_not_repost_of_itself check (repost_of <> program),
    constraint records_missing_reason_known check (missing_reason in ('not_measured', 'not_applicable', 'not_implemented', 'not_reported', 'suppressed')),
    constraint records_missing_is_blank check (missing_reason is null or texts = '{}'::jsonb),
    constraint records_version_positive check (version > 0)
);
create index records_by_report on records (plan, municipality, round);
create index records_by_municipality on records (municipality, plan, program, period, part, amendment);
comment on table records is 'Targets and results: the same shape, told apart by part. One record per plan, program, reporter and period with the text as sent.';
comment on column records.amendment is '0: the original goal; 1…: changed goals beside it (実行計画と差異のある事業目標).';
comment on column records.texts is 'Object of text field code to text, letter for letter as sent.';
comment on column records.repost_of is '再掲: the program of the same plan whose record this one repeats. No chains.';
comment on column records.amended_on is 'When the goal was changed: year, month or day.';

create table record_values (
    record bigint not null,
    ordinal smallint not null,
    item text not null,
    role text not null,
    whole smallint,
    whole_item text,
    label text not null,
    unit text,
    source text not null,
    indicator_owner text collate "C",
    indicator text collate "C",
    missing_reason text,
    value numeric(18, 6),
    value_to numeric(18, 6),
    rate numeric(18, 6),
    text text,
    comparator text,
    approximate boolean not null,
    estimate boolean not null,
    numerator numeric(18, 6),
    denominator numeric(18, 6),
    running_total numeric(18, 6),
    counted text,
    count_basis text not null,
    per text,
    own_period text collate "C",
    breakdown jsonb not null,
    department text collate "C",
    measured_on text,
    measured_on_text text,
    method text,
    note text,
    same_figure_program text collate "C",
    same_figure_ordinal smallint,
    plan text collate "C" not null,
    constraint record_values_pk primary key (record, ordinal),
    constraint record_values_record_fk foreign key (record) references records (id) on delete cascade,
    constraint record_values_whole_fk foreign key (record, whole) references record_values (record, ordinal) deferrable initially deferred,
    constraint record_values_indicator_fk foreign key (indicator_owner, indicator) references indicators (owner, code),
    constraint record_values_period_fk foreign key (own_period) references periods (code),
    constraint record_values_same_figure_fk foreign key (plan, same_figure_program) references programs (plan, code),
    constraint record_values_indicator_whole check ((indicator_owner is null) = (indicator is null)),
    constraint record_values_same_figure_whole check ((same_figure_program is null) = (same_figure_ordinal is null)),
    constraint record_values_role_known check (role in ('main', 'paired', 'part_of', 'of_which', 'baseline')),
    constraint record_values_role_has_whole check ((role = 'main') = (num_nonnulls(whole, whole_item) = 0) and whole <> ordinal),
    constraint record_values_whole_item_of_part check (whole_item is null or (whole is null and role in ('part_of', 'of_which'))),
    constraint record_values_one_content check (num_nonnulls(missing_reason, value, rate, text) = 1),
    constraint record_values_range check (value_to is null or value is not null and value_to > value),
    constraint record_values_finite check ('NaN' not in (value, value_to, rate, numerator, denominator, running_total)),
    constraint record_values_number_has_unit check (unit is not null or (value is null and rate is null)),
    constraint record_values_missing_reason_known check (missing_reason in ('not_measured', 'not_applicable', 'not_implemented', 'not_reported', 'suppressed')),
    constraint record_values_comparator_known check (comparator in ('eq', 'ge', 'gt', 'le', 'lt')),
    constraint record_values_count_basis_known check (count_basis in ('cumulative', 'actual', 'unstated')),
    constraint record_values_per_known check (per in ('day', 'week', 'month', 'year', 'event'))
);
comment on table record_values is 'The figures inside a record, each with the snippet of the text it was read from.';
comment on column record_values.item is 'The printed item of the cell the figure belongs to; figures of one item (a count with its rate) share it.';
comment on column record_values.whole is 'Ordinal of the figure this one is part of, paired with or baseline of.';
comment on column record_values.whole_item is 'The item that is the whole of a part, where no figure of the record is: parts of a target''s item without a printed total.';
comment on column record_values.counted is 'Whom or what was counted, as printed (受講者, 修了者, 定員).';
comment on column record_values.own_period is 'The figure''s own period inside the record''s.';
comment on column record_values.same_figure_program is 'Another program that reports the same figure: it counts once.';
comment on column record_values.plan is 'The record''s plan, for the foreign key of same_figure_program.';

create table record_evaluations (
    record bigint not null,
    position smallint not null,
    scheme_owner text collate "C" not null,
    scheme text collate "C" not null,
    scheme_fiscal_year smallint not null,
    level text collate "C" not null,
    evaluator text not null,
    reason text,
    against text collate "C",
    constraint record_evaluations_pk primary key (record, position),
    constraint record_evaluations_once unique (record, scheme_owner, scheme, evaluator) deferrable initially deferred,
    constraint record_evaluations_record_fk foreign key (record) references records (id) on delete cascade,
    constraint record_evaluations_level_fk foreign key (scheme_owner, scheme, scheme_fiscal_year, level) references evaluation_levels (owner, scheme, fiscal_year, code),
    constraint record_evaluations_against_fk foreign key (against) references periods (code),
    constraint record_evaluations_evaluator_known check (evaluator in ('self', 'committee', 'external'))
);
create index record_evaluations_by_level on record_evaluations (scheme_owner, scheme, scheme_fiscal_year, level);
comment on table record_evaluations is '評価・達成度: reported levels. Judgements, never computed.';
comment on column record_evaluations.against is 'Period of the target the result was judged against.';
