//! What a request looks at, where there is much.

use super::PLAN;
use crate::given::{create, kpi_plan, text, token_of};
use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use serde_json::json;

/// A nation in small: 47 prefectures, 20 reporters each, two years, five programs, one figure each, a second edition of
/// every tenth row. Its statistics are loaded, so the planner chooses as it would at full size.
const NATION: &str = "
    insert into publications (no, at) values (1, '2026-01-01'), (2, '2026-02-01');
    update publication_head set no = 2, at = '2026-02-01';
    insert into published_records (part, prefecture, fiscal_year, municipality, plan, program, period, amendment, from_no, to_no,
        round, edition, version, published_at, municipality_name, texts, \"values\", evaluations)
    select part, m.prefecture, y, m.code, m.code || '-mihon', p::text, y::text, 0, e, case when e = 1 and p = 5 then 2 else 9223372036854775807 end,
        y || '-' || part, e, e, now(), m.name, jsonb_build_object('text', repeat('文', 200)), '[]', '[]'
    from (select *, row_number() over (partition by prefecture order by code) n from municipalities where kind <> 'prefecture') m,
        unnest(array['targets', 'results']) part, generate_series(2023, 2024) y, generate_series(1, 5) p, generate_series(1, 2) e
    where m.n <= 20 and (e = 1 or p = 5);
    insert into published_values (prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no, to_no,
        edition, municipality_name, item, role, label, unit, source, value, approximate, estimate, count_basis, breakdown, repost,
        indicator_owner, indicator)
    select prefecture, fiscal_year, municipality, plan, program, period, part, amendment, 1, from_no, to_no, edition, municipality_name,
        '利用', 'main', '利用', '人', '利用', 1, false, false, 'unstated', '{}', false, municipality, 'riyo'
    from published_records;
    insert into indicators (owner, code, name, kind, unit, count_basis, direction, aggregation, temporality, decimals, dimensions, sensitive)
    values ('000000', 'riyo', '利用', 'count', '人', 'unstated', 'neutral', 'sum', 'period_total', 0, '[]', false);
    insert into evaluation_schemes (owner, code, fiscal_year, title) values ('131016', 'a', 2024, '達成度');
    insert into evaluation_levels (owner, scheme, fiscal_year, code, position, label, definition, reason_required)
    values ('131016', 'a', 2024, '1', 1, '達成', 'given', false);
    insert into published_facts (plan, municipality, program, record_period, part, amendment, ordinal, from_no, to_no, prefecture,
        fiscal_year, period, indicator_owner, indicator, common_indicator, statutory_program, definition, breakdown, role, repost,
        estimate, value, unit, count_basis, approximate)
    select plan, municipality, program, period, part, amendment, ordinal, from_no, to_no, prefecture, fiscal_year, period,
        indicator_owner, indicator, 'riyo', 'after_school_care', 'd', '{}', role, false, false, value, unit, count_basis, false
    from published_values where program = '1'";

/// A scan of a whole index shows in their blocks as well as one of a whole table.
const PUBLISHED: [&str; 3] = ["published_records", "published_values", "published_facts"];

#[actix_web::test]
async fn a_hot_pull_looks_at_few_blocks() {
    let mut server = Server::start().await;
    let mut owner = server.owner().await;
    owner.batch_execute(NATION).await.unwrap();
    owner.batch_execute("vacuum analyze").await.unwrap();
    drop(owner);
    assert!(server.count("select count(*) from published_records").await > 20_000);

    let pulls = [
        ("/results/131016-mihon/1/131016/2024", 1),
        ("/results?prefecture=130001&period=2024&limit=1000", 100),
        ("/targets?prefecture=130001&period=2024&limit=1000", 100),
        ("/results?municipality=131016&period=2024", 5),
        ("/results?municipality=131016", 10),
        ("/results?plan=131016-mihon&period=2023..2024", 10),
        ("/results?plan=131016-mihon&program=5&within=2024", 1),
        ("/results?limit=10", 10),
        ("/values?prefecture=130001&period=2024&limit=1000", 200),
        ("/values?plan=131016-mihon&limit=1000", 20),
        ("/values?municipality=131016&limit=1000", 20),
        ("/values?indicator=131016/riyo&limit=1000", 20),
        ("/aggregates?indicator=000000/riyo&period=2024&prefecture=130001", 20),
        ("/aggregates?statutory_program=after_school_care&period=2024&prefecture=130001", 20),
        ("/aggregates?indicator=000000/riyo&period=2024&group_by=prefecture", 922),
        ("/aggregates?indicator=000000/riyo&period=2024&prefecture=130001&group_by=level&level_scheme=131016/a", 20),
        ("/results?prefecture=130001&period=2024&as_of=2026-01-15T00:00:00Z&limit=1000", 100),
    ];
    for (path, answered) in pulls {
        let before = looked_at(&server, &PUBLISHED).await;
        let answer = server.get(path).expect(200).await;
        let figures = answer.json["rows_total"].as_u64().map_or(1, |figures| usize::try_from(figures).unwrap());
        let rows = answer.json["results"].as_array().map_or(figures, Vec::len);
        assert_eq!(rows, answered, "{path}");
        // A session tells its counts when it ends at the latest.
        server = server.restart().await;
        let looked = looked_at(&server, &PUBLISHED).await - before;
        // A level stands in the record of the figure: one more row, by its key.
        let each = if path.contains("level_scheme") { 4 } else { 2 };
        let allowed = each * i64::try_from(answered).unwrap() + 40;
        assert!((1..=allowed).contains(&looked), "{path}: {looked} blocks for {answered} rows");
    }
}

/// What the sessions before have looked at: each tells it when it ends, and so does the one that made the test's data.
async fn looked_at(server: &Server, tables: &[&str]) -> i64 {
    let sessions = "select count(*) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";
    while server.count(sessions).await > 0 {
        tokio::task::yield_now().await;
    }
    let blocks = "heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit";
    let tables = tables.join("', '");
    server
        .count(&format!(
            "select sum({blocks})::bigint as count from pg_statio_user_tables where relname in ('{tables}')"
        ))
        .await
}

/// Ten years of a hundred programs behind ten reporters, and thirty small plans, for which the server takes all.
const YEARS: &str = "
    create function small(r anyelement, n int, more jsonb default '{}') returns anyelement language sql as
    $$ select jsonb_populate_record(r, jsonb_build_object('plan', '131016-small-' || n) || more) $$;
    insert into plans select (small(p, n, jsonb_build_object('code', '131016-small-' || n, 'owner', '131016'))).* from plans p, generate_series(1, 30) n;
    insert into programs select (small(p, n)).* from programs p, generate_series(1, 30) n where p.code = '1' and p.plan = '130001-kpi-2024';
    insert into plan_reporters select (small(p, n)).* from plan_reporters p, generate_series(1, 30) n where p.plan = '130001-kpi-2024' and p.municipality = '131016';
    insert into rounds select (small(p, n)).* from rounds p, generate_series(1, 30) n where p.plan = '130001-kpi-2024';
    insert into reports select (small(p, n)).* from reports p, generate_series(1, 30) n where p.plan = '130001-kpi-2024' and p.municipality = '131016';
    insert into records (plan, program, municipality, period, part, amendment, round, texts, version)
    select r.plan, p::text, r.municipality, y::text, part, 0, '2024-results', '{\"text\": \"本文\"}', 1
    from plan_reporters r, generate_series(1, 100) p, generate_series(2015, 2024) y, unnest(array['targets', 'results']) part
    where r.plan = '130001-kpi-2024' or p = 1
    on conflict do nothing;
    insert into record_values (record, ordinal, item, role, label, unit, source, value, approximate, estimate,
        count_basis, breakdown, plan)
    select id, ordinal, '利用' || ordinal, 'main', '利用', '人', '1人', 1, false, false, 'unstated', '{}', plan from records, generate_series(1, 2) ordinal";

const HANDED_IN: &str = "update reports set status = 'submitted', submitted_at = now(), submitted_by = '担当A', content_hash = repeat('a', 64)";

#[actix_web::test]
async fn a_put_and_a_working_page_look_at_few_blocks_however_many_years_are_behind_them() {
    let mut server = Server::start().await;
    let reporters =
        ["131016", "131024", "131032", "131041", "131059", "131067", "131075", "131083", "131091", "131105"];
    kpi_plan(&server, PLAN, &reporters).await;
    let owner = token_of(&server, "130001");
    for program in 2..=100 {
        let body = json!({ "name": "事業", "position": program });
        create(&server, &owner, &format!("/programs/{PLAN}/{program}"), &body).await;
    }
    for code in reporters {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    let mut database = server.owner().await;
    database.batch_execute(YEARS).await.unwrap();
    database.batch_execute("vacuum analyze").await.unwrap();
    drop(database);
    let value = |item: &str| json!({ "item": item, "label": "利用", "value": 2, "unit": "人", "source": "2人" });
    let body = json!({ "texts": { "text": "2人" }, "values": [value("利用1"), value("利用2")] });

    const TABLES: [&str; 5] = ["records", "record_values", "reports", "programs", "program_successors"];
    server = server.restart().await;
    let before = looked_at(&server, &TABLES).await;
    let path = format!("/results/{PLAN}/5/131016/2024");
    let answer = server.put(&path).token(&token_of(&server, "131016")).if_match("*").json(&body).expect(200).await;
    assert_eq!(answer.json["warnings"], json!([]));
    server = server.restart().await;
    let looked = looked_at(&server, &TABLES).await - before;
    // Of a year's hundred programs more than six hundred would be looked at.
    assert!((1..=200).contains(&looked), "{looked} blocks");

    let mut database = server.owner().await;
    database.batch_execute(HANDED_IN).await.unwrap();
    drop(database);
    for query in ["", "&within=2024", "&period=2024"] {
        let before = looked_at(&server, &TABLES).await;
        let page =
            server.get(&format!("/results?view=working&plan={PLAN}&limit=10{query}")).token(&owner).expect(200).await;
        assert_eq!(page.results().len(), 10);
        server = server.restart().await;
        let looked = looked_at(&server, &TABLES).await - before;
        assert!((1..=600).contains(&looked), "{query}: {looked} blocks");
    }
}
