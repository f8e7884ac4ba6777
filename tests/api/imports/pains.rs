//! What others of the kind do badly: thousands of rows, retries all at once.

use super::{CITY, PLAN, city, counts, errors, figure, import, row, send, stored, with};
use crate::given::{text, token_of};
use crate::harness::Server;
use futures_util::future::join_all;
use serde_json::{Value, json};

/// The same with very many, past the API, which takes them one by one.
async fn large_city(programs: usize) -> Server {
    use diesel_async::SimpleAsyncConnection;
    let server = city(1).await;
    let more = format!(
        "insert into programs select (jsonb_populate_record(p, jsonb_build_object('code', n::text, 'position', n, \
         'number_label', null, 'name', '事業' || n))).* \
         from programs p, generate_series(2, {programs}) n where p.plan = '{PLAN}' and p.code = '1'"
    );
    server.owner().await.batch_execute(&more).await.unwrap();
    server
}

/// DHIS2's users could not see which row failed; Ed-Fi floods them with errors of one cause.
#[actix_web::test]
async fn of_10_000_rows_the_37_bad_ones_are_each_named_once() {
    let server = large_city(3_334).await;
    let mut rows: Vec<Value> =
        (0..10_000).map(|n| row(n % 3_334 + 1, &(2024 + n / 3_334).to_string(), text("実施した。"))).collect();
    let bad: Vec<usize> = (0..37).map(|n| n * 270 + 3).collect();
    for (n, at) in bad.iter().enumerate() {
        rows[*at] = match n % 3 {
            // One wrong code in many rows is one cause.
            0 => row("9999", &(2024 + n / 3).to_string(), text("文")),
            1 => row(n, "2024", json!({ "texts": {} })),
            _ => with(rows[*at].clone(), "if_match", json!("\"v9\"")),
        };
    }
    let dry = import(&server, "?mode=partial&dry_run=true", &rows).await;
    assert_eq!((dry.status, counts(&dry.json)), (200, [9_963, 0, 0, 37]), "{}", dry.json["causes"]);
    let real = import(&server, "?mode=partial", &rows).await;
    let told = |report: &Value| json!([report["causes"], report["rejected"], report["created"], report["errors"]]);
    assert_eq!(told(&dry.json), told(&real.json));
    assert_eq!((real.json["errors"].as_i64(), stored(&server).await), (Some(37), 9_963));
    let found = errors(&real.json);
    assert_eq!(found["program.unknown"].0, 13, "{found:?}");
    assert_eq!((found["record.empty"].0, found["row.version_conflict"].0), (12, 12));
    assert_eq!(real.json["causes"].as_array().unwrap().len(), 3, "one wrong code in 13 rows is one cause");

    let path = format!("/imports/{}/rows?outcome=rejected", real.json["id"].as_str().unwrap());
    let listed = crate::given::walk(&server, &path, Some(&token_of(&server, CITY))).await;
    let at: Vec<usize> = listed.iter().map(|row| usize::try_from(row["row"].as_u64().unwrap()).unwrap() - 1).collect();
    assert_eq!(at, bad, "each once, in the order of what was sent");
    assert!(listed.iter().all(|row| row["errors"].as_array().unwrap().len() == 1));
}

#[actix_web::test]
async fn twenty_retries_of_ten_keys_at_once_have_ten_effects() {
    let server = city(10).await;
    let calls = (0..200).map(|n| {
        let key = n % 10;
        let rows = vec![row(key + 1, "2024", figure(key))];
        let server = server.clone();
        async move { send(&server, "", &format!("key-{key}"), &rows).send().await }
    });
    let answers = join_all(calls).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    // Whoever waited for a connection in vain is told to come back.
    assert_eq!(of(200) + of(409) + of(503), 200);
    for key in 0..10 {
        let answer = send(&server, "", &format!("key-{key}"), &[row(key + 1, "2024", figure(key))]).expect(200).await;
        assert_eq!(counts(&answer.json), [1, 0, 0, 0], "the first answer, again");
    }
    assert_eq!(stored(&server).await, 10);
    assert_eq!(server.count("select count(*) from imports").await, 10);
    assert_eq!(server.count("select count(*) from journal where resource = 'result'").await, 10);
    let other = send(&server, "", "key-1", &[row(1, "2024", figure(1))]).expect(422).await;
    assert_eq!(other.code(), "request.idempotency_key_reused");
    assert_eq!(
        send(&server, "?dry_run=true", "key-1", &[row(2, "2024", figure(1))]).expect(422).await.code(),
        "request.idempotency_key_reused"
    );
}
