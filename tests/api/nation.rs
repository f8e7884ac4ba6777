//! The nation that `hagukumi nation` makes: the same from the same seed, and what a publication would have written.

use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use hagukumi::nation;
use serde_json::json;

/// Nine municipalities of Tokyo in one year.
const SCALE: f64 = 0.0005;

/// Everything in the tables that are filled, but what the schema's steps and the clock write.
const CONTENT: &str = "select ('x' || left(md5(string_agg(line, '|' order by line)), 15))::bit(60)::bigint as count from (
    select p::text from published_records p union all select v::text from published_values v
    union all select f::text from published_facts f union all select i::text from indicators i
    union all select g::text from programs g union all select r::text from reports r
    union all select n::text from publications n union all select s::text from publication_scopes s) as all_of_it (line)";

async fn filled(seed: u64) -> Server {
    let server = Server::start().await;
    nation::fill(&server.owner_address(), seed, SCALE).await.unwrap();
    server
}

#[actix_web::test]
async fn the_same_seed_makes_the_same_nation() {
    let (one, same, other) = (filled(7).await, filled(7).await, filled(8).await);
    let content = one.count(CONTENT).await;
    assert_eq!(content, same.count(CONTENT).await);
    assert_ne!(content, other.count(CONTENT).await);
}

#[actix_web::test]
async fn figures_and_facts_are_those_a_publication_would_have_written() {
    let server = filled(1).await;
    assert_eq!(server.count("select count(*) from published_records").await, 9 * 260);
    assert_eq!(server.count("select count(*) from published_values").await, 9 * 260);
    let not_the_records = "select count(*) from published_values v left join lateral (
            select r.\"values\" -> (v.ordinal - 1) as said from published_records r
            where (r.part, r.prefecture, r.fiscal_year, r.municipality, r.plan, r.program, r.period, r.amendment, r.from_no)
                = (v.part, v.prefecture, v.fiscal_year, v.municipality, v.plan, v.program, v.period, v.amendment, v.from_no)) r on true
        where (v.item, v.role, v.label, v.unit, v.source, v.indicator_owner, v.indicator, v.missing_reason, v.value, v.rate,
               v.numerator, v.denominator, v.counted, v.count_basis)
            is distinct from (said ->> 'item', said ->> 'role', said ->> 'label', said ->> 'unit', said ->> 'source',
               said -> 'indicator' ->> 'owner', said -> 'indicator' ->> 'indicator', said ->> 'missing_reason',
               (said ->> 'value')::numeric, (said ->> 'rate')::numeric, (said ->> 'numerator')::numeric,
               (said ->> 'denominator')::numeric, said ->> 'counted', said ->> 'count_basis')";
    assert_eq!(server.count(not_the_records).await, 0);
    // As the step of the schema that made the table filled it.
    let of_figures = "select v.plan, v.municipality, v.program, v.period, v.part, v.amendment, v.ordinal, v.from_no, v.to_no,
            v.prefecture, v.fiscal_year, coalesce(v.own_period, v.period), v.indicator_owner, v.indicator, v.common_indicator,
            p.statutory_program, app_definition(v.indicator_owner, v.indicator, v.common_indicator), p.area, v.breakdown,
            v.role, v.whole, v.whole_item, v.same_figure_program, v.same_figure_ordinal, v.repost, v.estimate,
            v.missing_reason, v.value, v.value_to, v.rate, v.numerator, v.denominator, v.text, v.unit, v.count_basis,
            v.counted, v.per, v.comparator, v.approximate, v.measured_on
        from published_values v join programs p on p.plan = v.plan and p.code = v.program where v.indicator is not null";
    // The database makes this column of the others.
    server.owner().await.batch_execute("alter table published_facts drop column plain").await.unwrap();
    for differs in [
        format!("select count(*) from ({of_figures} except all select * from published_facts) as missing"),
        format!("select count(*) from (select * from published_facts except all {of_figures}) as more"),
    ] {
        assert_eq!(server.count(&differs).await, 0, "{differs}");
    }
}

#[actix_web::test]
async fn it_is_served_and_written_to_like_any_other() {
    let server = filled(1).await;
    let (year, plan) = (nation::LAST_YEAR, nation::plan_code("131016"));
    let path = format!("/results?municipality=131016&within={year}&include=targets&limit=1000&count=true");
    let list = server.get(&path).expect(200).await;
    assert_eq!((list.results().len(), &list.json["resultset"]["count"]), (130, &json!(130)));
    assert!(list.results().iter().all(|result| result["targets"].as_array().unwrap().len() == 1));
    let all =
        server.get(&format!("/values?common_indicator=c02&period={year}&part=results&limit=1000")).expect(200).await;
    let total: i64 = all.results().iter().filter_map(|row| row["value"]["value"].as_i64()).sum();
    let sum = server.get(&format!("/aggregates?indicator=000000/c02&period={year}")).expect(200).await;
    assert_eq!(sum.json["series"][0]["groups"][0]["value"], json!(total), "{sum:#?}");
    let put = format!("/results/{plan}/01/131016/{}", year + 1);
    let token = server.token(&[Role::MunicipalEditor], &["131016"]);
    server.put(&put).create().token(&token).json(&json!({ "texts": { "text": "実施した。" } })).expect(201).await;
    let again = nation::fill(&server.owner_address(), 1, SCALE).await.unwrap_err();
    assert!(again.to_string().contains("there are plans already"), "{again}");
}

#[actix_web::test]
async fn a_larger_one_holds_the_smaller() {
    let (small, large) = (filled(3).await, Server::start().await);
    nation::fill(&large.owner_address(), 3, SCALE * 3.0).await.unwrap();
    let first =
        "select ('x' || left(md5(string_agg(texts::text || \"values\"::text, '|' order by part, program, period)), 15))
            ::bit(60)::bigint as count
        from published_records where municipality = '131016' and fiscal_year = 2024";
    assert_eq!(small.count(first).await, large.count(first).await);
    assert_eq!(large.count("select count(distinct municipality) from published_records").await, 27);
}
