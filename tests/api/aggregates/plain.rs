//! Sums that the database makes are those that the rules make of all rows, which `explain=true` asks for.

use super::{common, indicator};
use crate::given::create;
use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

/// What 60 municipalities of three prefectures have published of three indicators for two periods: nearly always one plain
/// figure, now and then one of every kind that is not, twice, in parts, or of a basis of its own. One is a ward, which nobody
/// expects; one has published nothing; one has ended before.
const PUBLISHED: &str = "
    select setseed(0.5);
    insert into publications (no, at) values (101, '2027-01-01'), (102, '2027-02-01');
    update publication_head set no = 102, at = '2027-02-01', definitions_no = 102;
    update municipalities set valid_to = '2020-03-31' where code = '131032';
    create temp table given as
    select m.code, m.prefecture, c.indicator, p.period, n.ordinal, random() as die, random() as other, random() as third
    from (select *, row_number() over (partition by prefecture order by code) n from municipalities
          where prefecture in ('130001', '140007', '010006') and kind <> 'prefecture' and code <> '131016') m,
        (values ('mixed'), ('same'), ('alone')) c (indicator), (values ('2024'), ('2024-H1')) p (period),
        generate_series(1, 2) n (ordinal)
    where m.n <= 20 or m.code = '141011';
    delete from given where indicator = 'alone' and ordinal = 2 or ordinal = 2 and die < 0.9;
    insert into published_facts (plan, municipality, program, record_period, part, amendment, ordinal, from_no, to_no, prefecture,
        fiscal_year, period, indicator_owner, indicator, common_indicator, definition, breakdown, role, whole, area, repost,
        estimate, missing_reason, value, value_to, rate, unit, count_basis, counted, per, comparator, approximate,
        same_figure_program, same_figure_ordinal, measured_on)
    select code || '-mihon', code, indicator || case when other < 0.5 then 'p' else 'q' end, period, 'results', 0, ordinal, 101,
        case when die > 0.97 then 102 else 9223372036854775807 end, prefecture, 2024, period, '130001', indicator, indicator, 'd',
        case when special = 1 then '{\"性別\": \"女\"}' else '{}' end::jsonb,
        case special when 2 then 'of_which' when 3 then 'part_of' when 4 then 'baseline' else 'main' end,
        case special when 3 then 2 end, case special when 5 then '141011' end, special = 6, special = 7,
        case special when 8 then 'not_measured' when 9 then 'suppressed' end,
        case when special in (8, 9, 10) then null else round((third * 1000)::numeric, 1) end,
        case special when 11 then 2000 end, case special when 10 then 12.5 end,
        case when other > 0.9 then '名' else '人' end,
        case when indicator = 'mixed' and special = 12 then 'actual' else 'cumulative' end,
        case when special = 13 and indicator = 'mixed' then '受講者' end,
        case special when 14 then 'month' when 15 then 'year' end, case special when 16 then 'ge' when 17 then 'eq' end,
        special = 18, case special when 19 then indicator || 'p' end, case special when 19 then 1 end,
        case when die < 0.3 then '2025-03-' || 10 + (third * 20)::int when die < 0.4 then '2025-03' end
    from (select *, case when indicator <> 'alone' and die < 0.5 then (other * 1000)::int % 20 else 0 end special from given) g";

async fn published() -> Server {
    let server = Server::start().await;
    for code in ["mixed", "same", "alone"] {
        common(&server, code).await;
        let owner = crate::given::token_of(&server, "130001");
        create(&server, &owner, &format!("/indicators/130001/{code}"), &indicator("利用者数", Some(code))).await;
    }
    server.owner().await.batch_execute(PUBLISHED).await.unwrap();
    server
}

#[actix_web::test]
async fn they_are_what_the_rules_make_of_all_rows() {
    let server = published().await;
    let (mut answered, mut refused) = (0, 0);
    for indicator in ["000000/mixed", "000000/same", "000000/alone", "130001/same", "130001/mixed"] {
        for over in ["", "&prefecture=130001", "&prefecture=010006", "&prefecture=470007"] {
            for period in ["2024", "2024-H1", "2024-H2", "2019"] {
                for how in [
                    "",
                    "&group_by=prefecture",
                    "&split=basis",
                    "&include=reposts,estimates",
                    "&function=latest",
                    "&function=sum&group_by=prefecture&split=basis",
                    "&function=max",
                    "&as_of=2027-01-15T00:00:00Z",
                ] {
                    let asked = format!("/aggregates?indicator={indicator}&period={period}{over}{how}");
                    let (short, long) =
                        (server.get(&asked).send().await, server.get(&format!("{asked}&explain=true")).send().await);
                    let without_rows = |mut answer: Value| {
                        answer.as_object_mut().unwrap().remove("rows");
                        answer.as_object_mut().unwrap().remove("instance");
                        answer.as_object_mut().unwrap().remove("request_id");
                        answer
                    };
                    assert_eq!(short.status, long.status, "{asked}");
                    assert_eq!(without_rows(short.json), without_rows(long.json), "{asked}");
                    *if short.status == 200 { &mut answered } else { &mut refused } += 1;
                }
            }
        }
    }
    assert!(answered > 500 && refused > 20, "{answered} answered, {refused} refused");
}

/// A municipality that is renamed, or is none any more, is told so at once.
#[actix_web::test]
async fn who_is_expected_is_as_the_definitions_are() {
    let server = published().await;
    let administrator = server.token(&[Role::Administrator], &[]);
    let expected = async || {
        let answer = server.get("/aggregates?indicator=000000/alone&period=2024&prefecture=140007").expect(200).await;
        answer.json["series"][0]["groups"][0]["expected"].as_u64().unwrap()
    };
    let before = expected().await;
    let path = "/municipalities/143014";
    let known = server.get(path).expect(200).await.json;
    let body = json!({ "name": known["name"], "kana": known["kana"], "kind": known["kind"], "prefecture": "140007", "valid_to": "2024-12-31" });
    server.put(path).token(&administrator).if_match("*").json(&body).expect(200).await;
    assert_eq!(expected().await, before - 1);
}
