// The tables as diesel sees them. Equal to the migrated database: a test compares and can rewrite this file.

diesel::table! {
    changes (no, seq) {
        no -> Int8,
        seq -> Int4,
        op -> Text,
        resource -> Text,
        key -> Jsonb,
        plan -> Nullable<Text>,
        prefecture -> Nullable<Text>,
        etag -> Nullable<Text>,
    }
}

diesel::table! {
    client_secrets (client, slot) {
        client -> Text,
        slot -> Int2,
        hash -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        roles -> Array<Nullable<Text>>,
        bodies -> Array<Nullable<Text>>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    departments (municipality, code) {
        municipality -> Text,
        code -> Text,
        name -> Text,
        bureau -> Nullable<Text>,
        fiscal_year_from -> Nullable<Int2>,
        fiscal_year_to -> Nullable<Int2>,
        successor -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    evaluation_levels (owner, scheme, fiscal_year, code) {
        owner -> Text,
        scheme -> Text,
        fiscal_year -> Int2,
        code -> Text,
        position -> Int2,
        label -> Nullable<Text>,
        definition -> Text,
        basis -> Nullable<Text>,
        rank -> Nullable<Int2>,
        lower_bound -> Nullable<Numeric>,
        lower_inclusive -> Nullable<Bool>,
        upper_bound -> Nullable<Numeric>,
        upper_inclusive -> Nullable<Bool>,
        matrix_row -> Nullable<Text>,
        matrix_column -> Nullable<Text>,
        reason_required -> Bool,
    }
}

diesel::table! {
    evaluation_schemes (owner, code, fiscal_year) {
        owner -> Text,
        code -> Text,
        fiscal_year -> Int2,
        fiscal_year_to -> Nullable<Int2>,
        title -> Text,
        legend -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    idempotency_keys (client, key) {
        client -> Text,
        key -> Text,
        request_hash -> Binary,
        status -> Int2,
        etag -> Nullable<Text>,
        response -> Json,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    import_rows (import, number) {
        import -> Uuid,
        number -> Int4,
        outcome -> Text,
        row -> Json,
        source -> Nullable<Json>,
    }
}

diesel::table! {
    imports (id) {
        id -> Uuid,
        at -> Timestamptz,
        client -> Text,
        bodies -> Array<Nullable<Text>>,
        status -> Text,
        dry_run -> Bool,
        rejected -> Int4,
        report -> Json,
    }
}

diesel::table! {
    indicators (owner, code) {
        owner -> Text,
        owner_body -> Nullable<Text>,
        code -> Text,
        name -> Text,
        kind -> Text,
        unit -> Nullable<Text>,
        count_basis -> Text,
        direction -> Text,
        aggregation -> Text,
        temporality -> Text,
        decimals -> Int2,
        dimensions -> Jsonb,
        sensitive -> Bool,
        common_indicator -> Nullable<Text>,
        common_owner -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    journal (id) {
        id -> Int8,
        at -> Timestamptz,
        subject -> Text,
        client -> Text,
        person -> Nullable<Text>,
        request_id -> Uuid,
        import_id -> Nullable<Uuid>,
        resource -> Text,
        key -> Jsonb,
        body -> Nullable<Text>,
        plan -> Nullable<Text>,
        operation -> Text,
        version -> Int8,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
    }
}

diesel::table! {
    municipalities (code) {
        code -> Text,
        prefecture -> Text,
        name -> Text,
        kana -> Text,
        kind -> Text,
        parent -> Nullable<Text>,
        northern_territories -> Bool,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        version -> Int8,
    }
}

diesel::table! {
    nodes (plan, code) {
        plan -> Text,
        code -> Text,
        kind -> Text,
        number_label -> Nullable<Text>,
        title -> Text,
        parent -> Nullable<Text>,
        position -> Int4,
        version -> Int8,
    }
}

diesel::table! {
    periods (code) {
        code -> Text,
        kind -> Text,
        fiscal_year -> Int2,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
    }
}

diesel::table! {
    plan_reporters (plan, municipality) {
        plan -> Text,
        municipality -> Text,
        member_group -> Nullable<Text>,
        fiscal_year_from -> Nullable<Int2>,
        fiscal_year_to -> Nullable<Int2>,
        version -> Int8,
    }
}

diesel::table! {
    plans (code) {
        code -> Text,
        owner -> Text,
        title -> Text,
        kind -> Text,
        council -> Nullable<Text>,
        legal_basis -> Nullable<Text>,
        fiscal_year_from -> Int2,
        fiscal_year_to -> Nullable<Int2>,
        adopted_on -> Nullable<Text>,
        document_label -> Nullable<Text>,
        column_labels -> Jsonb,
        text_fields -> Jsonb,
        printed -> Jsonb,
        status -> Text,
        numbering -> Text,
        version -> Int8,
    }
}

diesel::table! {
    program_departments (plan, program, position) {
        plan -> Text,
        program -> Text,
        position -> Int2,
        municipality -> Nullable<Text>,
        department -> Nullable<Text>,
        role -> Text,
        printed_text -> Nullable<Text>,
    }
}

diesel::table! {
    program_indicators (plan, program, indicator_owner, indicator) {
        plan -> Text,
        program -> Text,
        position -> Int2,
        indicator_owner -> Text,
        indicator -> Text,
        label -> Nullable<Text>,
        target_required -> Bool,
        result_required -> Bool,
    }
}

diesel::table! {
    program_successors (plan, program, position) {
        plan -> Text,
        program -> Text,
        position -> Int2,
        successor_plan -> Text,
        successor_program -> Text,
        kind -> Text,
    }
}

diesel::table! {
    programs (plan, code) {
        plan -> Text,
        code -> Text,
        number_label -> Nullable<Text>,
        number_scope -> Text,
        name -> Nullable<Text>,
        description -> Nullable<Text>,
        node -> Nullable<Text>,
        position -> Int4,
        area -> Nullable<Text>,
        priority -> Bool,
        target_group -> Nullable<Text>,
        legal_basis -> Nullable<Text>,
        statutory_program -> Nullable<Text>,
        started_on -> Nullable<Text>,
        started_in -> Nullable<Int2>,
        ended_after -> Nullable<Int2>,
        printed -> Jsonb,
        version -> Int8,
    }
}

diesel::table! {
    publication_head (only_row) {
        only_row -> Bool,
        epoch -> Uuid,
        no -> Int8,
        at -> Timestamptz,
        definitions_no -> Int8,
        pruned_no -> Int8,
    }
}

diesel::table! {
    publication_scopes (prefecture, fiscal_year, municipality) {
        prefecture -> Text,
        fiscal_year -> Int2,
        municipality -> Text,
        last_no -> Int8,
    }
}

diesel::table! {
    publications (no) {
        no -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    published_facts (plan, municipality, program, record_period, part, amendment, ordinal, from_no) {
        plan -> Text,
        municipality -> Text,
        program -> Text,
        record_period -> Text,
        part -> Text,
        amendment -> Int2,
        ordinal -> Int2,
        from_no -> Int8,
        to_no -> Int8,
        prefecture -> Text,
        fiscal_year -> Int2,
        period -> Text,
        indicator_owner -> Text,
        indicator -> Text,
        common_indicator -> Nullable<Text>,
        statutory_program -> Nullable<Text>,
        definition -> Text,
        area -> Nullable<Text>,
        breakdown -> Jsonb,
        role -> Text,
        whole -> Nullable<Int2>,
        whole_item -> Nullable<Text>,
        same_figure_program -> Nullable<Text>,
        same_figure_ordinal -> Nullable<Int2>,
        repost -> Bool,
        estimate -> Bool,
        missing_reason -> Nullable<Text>,
        value -> Nullable<Numeric>,
        value_to -> Nullable<Numeric>,
        rate -> Nullable<Numeric>,
        numerator -> Nullable<Numeric>,
        denominator -> Nullable<Numeric>,
        text -> Nullable<Text>,
        unit -> Nullable<Text>,
        count_basis -> Text,
        counted -> Nullable<Text>,
        per -> Nullable<Text>,
        comparator -> Nullable<Text>,
        approximate -> Bool,
        measured_on -> Nullable<Text>,
        plain -> Bool,
    }
}

diesel::table! {
    published_plans (plan, from_no) {
        plan -> Text,
        from_no -> Int8,
        content -> Jsonb,
    }
}

diesel::table! {
    published_records (part, prefecture, fiscal_year, municipality, plan, program, period, amendment, from_no) {
        part -> Text,
        prefecture -> Text,
        fiscal_year -> Int2,
        municipality -> Text,
        plan -> Text,
        program -> Text,
        period -> Text,
        amendment -> Int2,
        from_no -> Int8,
        to_no -> Int8,
        round -> Text,
        edition -> Int4,
        version -> Int8,
        published_at -> Timestamptz,
        municipality_name -> Text,
        program_name -> Nullable<Text>,
        program_number -> Nullable<Text>,
        texts -> Json,
        cross_reference -> Nullable<Text>,
        repost_of -> Nullable<Text>,
        missing_reason -> Nullable<Text>,
        reason -> Nullable<Text>,
        amended_on -> Nullable<Text>,
        note -> Nullable<Text>,
        values -> Json,
        evaluations -> Json,
        no_change_from_last_year -> Bool,
        statutory_program -> Nullable<Text>,
        departments -> Array<Nullable<Text>>,
        redacted -> Bool,
    }
}

diesel::table! {
    published_values (prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no) {
        prefecture -> Text,
        fiscal_year -> Int2,
        municipality -> Text,
        plan -> Text,
        program -> Text,
        period -> Text,
        part -> Text,
        amendment -> Int2,
        ordinal -> Int2,
        from_no -> Int8,
        to_no -> Int8,
        edition -> Int4,
        municipality_name -> Text,
        program_name -> Nullable<Text>,
        program_number -> Nullable<Text>,
        item -> Text,
        role -> Text,
        whole -> Nullable<Int2>,
        whole_item -> Nullable<Text>,
        label -> Text,
        unit -> Nullable<Text>,
        source -> Text,
        indicator_owner -> Nullable<Text>,
        indicator -> Nullable<Text>,
        missing_reason -> Nullable<Text>,
        value -> Nullable<Numeric>,
        value_to -> Nullable<Numeric>,
        rate -> Nullable<Numeric>,
        text -> Nullable<Text>,
        comparator -> Nullable<Text>,
        approximate -> Bool,
        estimate -> Bool,
        numerator -> Nullable<Numeric>,
        denominator -> Nullable<Numeric>,
        running_total -> Nullable<Numeric>,
        counted -> Nullable<Text>,
        count_basis -> Text,
        per -> Nullable<Text>,
        own_period -> Nullable<Text>,
        breakdown -> Jsonb,
        department -> Nullable<Text>,
        measured_on -> Nullable<Text>,
        measured_on_text -> Nullable<Text>,
        method -> Nullable<Text>,
        note -> Nullable<Text>,
        same_figure_program -> Nullable<Text>,
        same_figure_ordinal -> Nullable<Int2>,
        common_indicator -> Nullable<Text>,
        repost -> Bool,
        statutory_program -> Nullable<Text>,
        departments -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    record_evaluations (record, position) {
        record -> Int8,
        position -> Int2,
        scheme_owner -> Text,
        scheme -> Text,
        scheme_fiscal_year -> Int2,
        level -> Text,
        evaluator -> Text,
        reason -> Nullable<Text>,
        against -> Nullable<Text>,
    }
}

diesel::table! {
    record_values (record, ordinal) {
        record -> Int8,
        ordinal -> Int2,
        item -> Text,
        role -> Text,
        whole -> Nullable<Int2>,
        whole_item -> Nullable<Text>,
        label -> Text,
        unit -> Nullable<Text>,
        source -> Text,
        indicator_owner -> Nullable<Text>,
        indicator -> Nullable<Text>,
        missing_reason -> Nullable<Text>,
        value -> Nullable<Numeric>,
        value_to -> Nullable<Numeric>,
        rate -> Nullable<Numeric>,
        text -> Nullable<Text>,
        comparator -> Nullable<Text>,
        approximate -> Bool,
        estimate -> Bool,
        numerator -> Nullable<Numeric>,
        denominator -> Nullable<Numeric>,
        running_total -> Nullable<Numeric>,
        counted -> Nullable<Text>,
        count_basis -> Text,
        per -> Nullable<Text>,
        own_period -> Nullable<Text>,
        breakdown -> Jsonb,
        department -> Nullable<Text>,
        measured_on -> Nullable<Text>,
        measured_on_text -> Nullable<Text>,
        method -> Nullable<Text>,
        note -> Nullable<Text>,
        same_figure_program -> Nullable<Text>,
        same_figure_ordinal -> Nullable<Int2>,
        plan -> Text,
    }
}

diesel::table! {
    records (id) {
        id -> Int8,
        plan -> Text,
        program -> Text,
        municipality -> Text,
        period -> Text,
        part -> Text,
        amendment -> Int2,
        round -> Text,
        texts -> Jsonb,
        cross_reference -> Nullable<Text>,
        repost_of -> Nullable<Text>,
        missing_reason -> Nullable<Text>,
        reason -> Nullable<Text>,
        amended_on -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> Int8,
        warnings -> Jsonb,
        no_change_from_last_year -> Bool,
        redacted -> Bool,
    }
}

diesel::table! {
    report_transitions (plan, municipality, round, seq) {
        plan -> Text,
        municipality -> Text,
        round -> Text,
        seq -> Int4,
        at -> Timestamptz,
        from_status -> Text,
        to_status -> Text,
        edition -> Int4,
        client -> Text,
        person -> Text,
        reason -> Nullable<Text>,
        comments -> Jsonb,
        published_no -> Nullable<Int8>,
    }
}

diesel::table! {
    reports (plan, municipality, round) {
        plan -> Text,
        municipality -> Text,
        round -> Text,
        status -> Text,
        edition -> Int4,
        declared_counts -> Jsonb,
        note -> Nullable<Text>,
        public_counts -> Jsonb,
        public_note -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        submitted_by -> Nullable<Text>,
        late -> Bool,
        content_hash -> Nullable<Text>,
        published_at -> Nullable<Timestamptz>,
        published_no -> Nullable<Int8>,
        version -> Int8,
        warnings -> Jsonb,
        handed_in -> Nullable<Jsonb>,
        public_version -> Int8,
        keeps_back -> Bool,
    }
}

diesel::table! {
    round_covers (plan, part, period) {
        plan -> Text,
        part -> Text,
        period -> Text,
        round -> Text,
    }
}

diesel::table! {
    round_members (plan, round, municipality) {
        plan -> Text,
        round -> Text,
        municipality -> Text,
        left_out -> Bool,
        due_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rounds (plan, code) {
        plan -> Text,
        code -> Text,
        title -> Nullable<Text>,
        due_at -> Nullable<Timestamptz>,
        form_version -> Nullable<Text>,
        is_default -> Bool,
        version -> Int8,
    }
}

diesel::table! {
    statutory_programs (code) {
        code -> Text,
        fiscal_year_from -> Int2,
        fiscal_year_to -> Nullable<Int2>,
        name_ja -> Text,
        name_en -> Text,
        position -> Int2,
    }
}

diesel::table! {
    successions (predecessor, successor, effective_on) {
        predecessor -> Text,
        successor -> Text,
        effective_on -> Date,
        kind -> Text,
    }
}

diesel::table! {
    warning_acknowledgements (plan, municipality, round, warning) {
        plan -> Text,
        municipality -> Text,
        round -> Text,
        warning -> Text,
        record -> Nullable<Int8>,
        record_version -> Nullable<Int8>,
        reason -> Text,
        version -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    changes,
    client_secrets,
    clients,
    departments,
    evaluation_levels,
    evaluation_schemes,
    idempotency_keys,
    import_rows,
    imports,
    indicators,
    journal,
    municipalities,
    nodes,
    periods,
    plan_reporters,
    plans,
    program_departments,
    program_indicators,
    program_successors,
    programs,
    publication_head,
    publication_scopes,
    publications,
    published_facts,
    published_plans,
    published_records,
    published_values,
    record_evaluations,
    record_values,
    records,
    report_transitions,
    reports,
    round_covers,
    round_members,
    rounds,
    statutory_programs,
    successions,
    warning_acknowledgements,
);
