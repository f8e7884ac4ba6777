//! Two at once: of two creators one wins, nothing changes in what was submitted, no page walk shows two moments, no
//! publication number is missing.

use crate::given::{correct, create, kpi_plan, patiently, publish, text, token_of, transition, walk};
use crate::harness::Server;
use actix_web::rt;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";

#[actix_web::test]
async fn two_creators_of_one_record_leave_one() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    for period in ["2024", "2024-H1", "2024-H2", "2024-Q1", "2024-Q2", "202404", "202405", "202406", "202407", "202408"]
    {
        let path = format!("/results/130001-kpi-2024/1/131016/{period}");
        let (first, second) = join(
            server.put(&path).token(&token).create().json(&text("一方")).send(),
            server.put(&path).token(&token).create().json(&text("他方")).send(),
        )
        .await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412], "{first:#?} {second:#?}");
    }
    let doubled = "select count(*) from (select from records group by plan, program, municipality, period, part having count(*) > 1) d";
    assert_eq!(server.count(doubled).await, 0);
    assert_eq!(server.count("select count(*) from journal where resource = 'result'").await, 10);
}

/// Holds the journal, so that whoever writes stands still just before the end of its transaction.
async fn hold(server: &Server) -> AsyncPgConnection {
    let mut holder = server.owner().await;
    holder.batch_execute("begin; lock table journal in access exclusive mode").await.unwrap();
    holder
}

/// Until this many sessions wait for a lock. No sleep: each look is a round trip.
pub async fn until_waiting(server: &Server, sessions: i64) {
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while server.count(waiting).await < sessions {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn a_submission_waits_for_a_write_that_is_under_way() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    create(&server, &token, RESULT, &text("初めの文")).await;

    let mut holder = hold(&server).await;
    let put = rt::spawn(server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("書き換えた文")).send());
    until_waiting(&server, 1).await;
    let submit = {
        let (server, token) = (server.clone(), token.clone());
        rt::spawn(async move {
            transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await
        })
    };
    until_waiting(&server, 2).await;
    assert!(!put.is_finished() && !submit.is_finished());
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(put.await.unwrap().status, 200);
    let submitted = submit.await.unwrap();
    assert_eq!(submitted.status, 200, "{submitted:#?}");

    // The receipt is of what was written: the same content submitted anew has the same hash.
    let reviewer = token_of(&server, "130001");
    let returned = json!({ "to": "returned", "person": "審査B", "comment": "確認のため" });
    assert_eq!(transition(&server, &reviewer, REPORT, returned).await.status, 200);
    let again = transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await;
    assert_eq!(again.json["content_hash"], submitted.json["content_hash"]);
}

#[actix_web::test]
async fn a_write_finds_the_report_locked_by_a_submission_that_was_under_way() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    create(&server, &token, RESULT, &text("初めの文")).await;

    let mut holder = hold(&server).await;
    let submit = {
        let (server, token) = (server.clone(), token.clone());
        rt::spawn(async move {
            transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await
        })
    };
    until_waiting(&server, 1).await;
    let replace = rt::spawn(server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("遅れた文")).send());
    let insert = rt::spawn(
        server.put("/results/130001-kpi-2024/1/131016/2024").token(&token).create().json(&text("初めの文")).send(),
    );
    until_waiting(&server, 2).await;
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(submit.await.unwrap().status, 200);
    let late = replace.await.unwrap();
    assert_eq!((late.status, late.code()), (409, "report.locked"), "{late:#?}");
    assert!(late.json["detail"].as_str().unwrap().contains("11月21日に提出済み"), "{late:#?}");
    assert!(late.json["detail"].as_str().unwrap().contains("東京都（prefecture_reviewer）"), "{late:#?}");
    assert_eq!(insert.await.unwrap().status, 200, "equal content is no change, whatever the state");
    assert_eq!(
        server.get(&format!("{RESULT}?view=working")).token(&token).expect(200).await.json["texts"]["text"],
        "初めの文"
    );
}

#[actix_web::test]
async fn a_round_keeps_what_is_being_reported_in_it() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (owner, reporter) = (token_of(&server, "130001"), token_of(&server, "131016"));
    let covers = |periods: &[&str]| json!({ "covers": periods.iter().map(|period| json!({ "part": "results", "period": period })).collect::<Vec<_>>() });
    let round = "/rounds/130001-kpi-2024/nenji";
    create(&server, &owner, round, &covers(&["2023", "2024"])).await;
    let mut holder = hold(&server).await;
    let put = rt::spawn(server.put(RESULT).token(&reporter).create().json(&text("初めの文")).send());
    until_waiting(&server, 1).await;
    let narrow = rt::spawn(server.put(round).token(&owner).if_match("\"v1\"").json(&covers(&["2023"])).send());
    until_waiting(&server, 2).await;
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(put.await.unwrap().status, 201);
    let refused = narrow.await.unwrap();
    assert_eq!((refused.status, refused.code()), (409, "resource.in_use"), "{refused:#?}");
}

#[actix_web::test]
async fn a_publication_in_the_middle_of_a_walk_is_not_seen_by_it() {
    let reporters = ["131016", "131024", "131032", "131041", "131059", "131067"];
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &reporters).await;
    for code in reporters {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("初版")).await;
    }
    for code in ["131016", "131032", "131059"] {
        publish(&server, PLAN, code, "2024-results").await;
    }
    let list = "/results?prefecture=130001&period=2024&limit=2";
    let first = server.get(list).expect(200).await;
    let no = first.json["resultset"]["publication_no"].clone();
    // New rows before and behind the cursor, and another content of one behind it.
    for code in ["131024", "131041", "131067"] {
        publish(&server, PLAN, code, "2024-results").await;
    }
    correct(&server, PLAN, "131059", "2024-results").await;
    let token = token_of(&server, "131059");
    server
        .put(&format!("/results/{PLAN}/1/131059/2024"))
        .token(&token)
        .if_match("\"v1\"")
        .json(&text("第2版"))
        .expect(200)
        .await;
    publish(&server, PLAN, "131059", "2024-results").await;

    let next = first.json["resultset"]["next"].as_str().unwrap();
    let second = server.get(&format!("{list}&cursor={next}")).expect(200).await;
    assert_eq!(second.json["resultset"]["publication_no"], no);
    assert_eq!(second.json["resultset"]["next"], Value::Null);
    let seen: Vec<_> = [first, second]
        .iter()
        .flat_map(|page| page.results().clone())
        .map(|r| (r["municipality"].clone(), r["texts"]["text"].clone()))
        .collect();
    assert_eq!(seen, [("131016", "初版"), ("131032", "初版"), ("131059", "初版")].map(|(m, t)| (json!(m), json!(t))));
    let anew = walk(&server, list, None).await;
    assert_eq!(anew.len(), 6);
    assert_eq!(anew[4]["texts"]["text"], "第2版");
}

#[actix_web::test]
async fn eight_publishers_and_four_pullers_see_every_number_once() {
    const EDITIONS: usize = 4;
    let reporters = ["131016", "131024", "131032", "131041", "131059", "131067", "131075", "131083"];
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &reporters).await;
    let base = server.count("select no as count from publication_head").await;
    let publishers = reporters.iter().map(|code| {
        let server = server.clone();
        async move {
            let token = token_of(&server, code);
            let path = format!("/results/{PLAN}/1/{code}/2024");
            create(&server, &token, &path, &text("版1")).await;
            publish(&server, PLAN, code, "2024-results").await;
            for edition in 2..=EDITIONS {
                correct(&server, PLAN, code, "2024-results").await;
                let etag = format!("\"v{}\"", edition - 1);
                let body = text(&format!("版{edition}"));
                let put = patiently(|| server.put(&path).token(&token).if_match(&etag).json(&body)).await;
                assert_eq!(put.status, 200, "{put:#?}");
                publish(&server, PLAN, code, "2024-results").await;
            }
        }
    });
    let pullers = (0..4).map(|_| {
        let server = server.clone();
        async move {
            let mut last = 0;
            loop {
                // Two pages of one moment: together they hold each reporter at most once, and never go back.
                let list = "/results?prefecture=130001&period=2024&limit=4";
                let page = patiently(|| server.get(list)).await;
                assert_eq!(page.status, 200, "{page:#?}");
                let no = page.json["resultset"]["publication_no"].as_i64().unwrap();
                assert!(no >= last, "{no} after {last}");
                last = no;
                let mut rows = page.results().clone();
                if let Some(next) = page.json["resultset"]["next"].as_str() {
                    let second = patiently(|| server.get(&format!("{list}&cursor={next}"))).await;
                    assert_eq!((second.status, &second.json["resultset"]["publication_no"]), (200, &json!(no)));
                    rows.extend(second.results().clone());
                }
                let mut codes: Vec<&str> = rows.iter().map(|row| row["municipality"].as_str().unwrap()).collect();
                let all = codes.len();
                codes.dedup();
                assert_eq!(codes.len(), all);
                if all == 8 && rows.iter().all(|row| row["edition"] == EDITIONS) {
                    return;
                }
            }
        }
    });
    join(join_all(publishers), join_all(pullers)).await;

    // Each publication, each return to draft, each submission and approval took one number, and none is missing.
    let steps = 8 * (3 * EDITIONS + EDITIONS - 1);
    assert_eq!(server.count("select no as count from publication_head").await, base + i64::try_from(steps).unwrap());
    let hole = "select count(*) from publications p where no > 1 and not exists (select from publications q where q.no = p.no - 1 and q.at < p.at)";
    assert_eq!(server.count(hole).await, 0);
    let untold = "select count(*) from publications p where not exists (select from changes c where c.no = p.no)";
    assert_eq!(server.count(untold).await, 0);
    let overlapping = "select count(*) from published_records a join published_records b using (plan, program, municipality, period, part, amendment)
        where a.from_no < b.from_no and a.to_no > b.from_no";
    assert_eq!(server.count(overlapping).await, 0);
}

#[actix_web::test]
async fn two_creators_of_one_report_leave_one() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let covers = json!({ "covers": [{ "part": "results", "period": "2024" }] });
    create(&server, &token_of(&server, "130001"), "/rounds/130001-kpi-2024/r", &covers).await;
    let token = token_of(&server, "131016");
    let path = "/reports/130001-kpi-2024/131016/r";
    let mut holder = hold(&server).await;
    let put = |note: &str| rt::spawn(server.put(path).token(&token).create().json(&json!({ "note": note })).send());
    let (one, other) = (put("一方"), put("他方"));
    until_waiting(&server, 2).await;
    holder.batch_execute("rollback").await.unwrap();
    let mut statuses = [one.await.unwrap().status, other.await.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 412]);
    assert_eq!(server.count("select count(*) from journal where resource = 'report'").await, 1);
}

#[actix_web::test]
async fn a_change_waits_for_a_deletion_that_is_under_way() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &[]).await;
    let token = token_of(&server, "130001");
    let path = "/programs/130001-kpi-2024/1";
    let mut holder = server.owner().await;
    holder.batch_execute("begin; select from publication_head for update").await.unwrap();
    let delete = rt::spawn(server.delete(path).token(&token).if_match("\"v1\"").send());
    until_waiting(&server, 1).await;
    let body = json!({ "name": "別の名", "position": 1 });
    let put = rt::spawn(server.put(path).token(&token).if_match("\"v1\"").json(&body).send());
    until_waiting(&server, 2).await;
    holder.batch_execute("rollback").await.unwrap();
    let (deleted, put) = (delete.await.unwrap(), put.await.unwrap());
    assert_eq!((deleted.status, put.status), (204, 412), "{deleted:#?} {put:#?}");
}

#[actix_web::test]
async fn two_records_do_not_repeat_each_other() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    create(
        &server,
        &token_of(&server, "130001"),
        "/programs/130001-kpi-2024/2",
        &json!({ "name": "別", "position": 2 }),
    )
    .await;
    let put = |program: u8, other: u8| {
        let path = format!("/results/130001-kpi-2024/{program}/131016/2024");
        let body = json!({ "texts": { "text": "再掲" }, "repost_of": other.to_string() });
        rt::spawn(server.put(&path).token(&token).create().json(&body).send())
    };
    let mut holder = hold(&server).await;
    let first = put(1, 2);
    until_waiting(&server, 1).await;
    let second = put(2, 1);
    until_waiting(&server, 2).await;
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(first.await.unwrap().status, 201);
    let chained = second.await.unwrap();
    assert_eq!((chained.status, chained.code()), (422, "record.repost"), "{chained:#?}");
}

/// Of those who read the same ETag one is the first; the others are told, and nothing of theirs is left.
#[actix_web::test]
async fn eight_writers_of_one_etag_have_one_winner_thirty_times() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    create(&server, &token, RESULT, &text("初めの文")).await;
    for race in 1..=30 {
        let etag = format!("\"v{race}\"");
        let write = async |writer: i32| {
            let body = text(&format!("{race}回目の{writer}人目"));
            let answer = patiently(|| server.put(RESULT).token(&token).if_match(&etag).json(&body)).await;
            (answer.status, body)
        };
        let answers = futures_util::future::join_all((0..8).map(write)).await;
        let winners: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
        let told = answers.iter().filter(|(status, _)| *status == 412).count();
        assert_eq!((winners.len(), told), (1, 7), "race {race}");
        let stored = server.get(&format!("{RESULT}?view=working")).token(&token).expect(200).await;
        assert_eq!((stored.etag(), &stored.json["texts"]), (&*format!("\"v{}\"", race + 1), &winners[0].1["texts"]));
    }
    assert_eq!(server.count("select count(*) from journal where resource = 'result'").await, 31);
}
