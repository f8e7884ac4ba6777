//! What the five documents are warned of, and nothing else: every warning was looked at, none cries wolf.

use super::{akiruno, kawasaki, nishitokyo, sapporo, string, tokyo, transcription};
use crate::given::{token_of, walk};
use crate::harness::Server;
use std::collections::BTreeMap;

/// `code: program/period …` of every warning that this body sees once all is handed in; of a collection `code: whose …`.
async fn warnings(server: &Server, body: &str, plan: &str) -> Vec<String> {
    let listed = walk(server, &format!("/warnings?plan={plan}&limit=7"), Some(&token_of(server, body))).await;
    let mut of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for warning in &listed {
        let place = match plan.starts_with(string(&warning["municipality"])) {
            true => format!("{}/{}", string(&warning["program"]), string(&warning["period"])),
            false => string(&warning["municipality"]).to_owned(),
        };
        of.entry(string(&warning["code"]).trim_start_matches("warning.")).or_default().push(place);
    }
    of.into_iter().map(|(code, places)| format!("{code}: {}", places.join(" "))).collect()
}

#[actix_web::test]
async fn of_document_000() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    tokyo::define(&server, &document).await;
    tokyo::report(&server, &document).await;
    let expected = [
        // 青梅市
        "done_in_plan: 132055",
        // 文京区 豊島区 荒川区 小平市 福生市 武蔵村山市 羽村市 あきる野市
        "same_text_as_target: 131059 131164 131181 132110 132187 132233 132276 132284",
    ];
    assert_eq!(warnings(&server, "130001", "130001-kpi-2024").await, expected);
}

#[actix_web::test]
async fn of_document_001() {
    let Some(document) = transcription("001_nishitokyo.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "132292");
    nishitokyo::define(&server, &token, &document).await;
    nishitokyo::report(&server, &token, &document).await;
    assert_eq!(warnings(&server, "132292", "132292-suishinin-2017").await, ["outside_character_set: 1/2017"]);
}

#[actix_web::test]
async fn of_document_002() {
    let Some(document) = transcription("002_kawasaki.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "141305");
    kawasaki::define(&server, &token, &document).await;
    kawasaki::report(&server, &token, &document).await;
    // The printed header agrees with the rows, and no level says that a goal was changed.
    let expected = [
        "estimate_after_period: 1/2011 1/2012 3/2012",
        // Both cells of both years were looked at: the sheet does repeat itself.
        "same_text_as_last_year: 10/2012 6/2012",
        "same_text_as_target: 10/2011",
    ];
    assert_eq!(warnings(&server, "141305", "141305-shien-2011").await, expected);
}

#[actix_web::test]
async fn of_document_003() {
    let Some(document) = transcription("003_sapporo.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "011002");
    sapporo::define(&server, &token, &document).await;
    sapporo::report(&server, &token, &document).await;
    // Eight rows of the sheet have tags, each in both of its cells.
    let expected = [
        "estimate_after_period: 1-8/2023-H1",
        "html_tags: 3.1-6/2023-H1 3.1-6/2023-H2 3.1-7/2023-H1 3.1-7/2023-H2 4-1/2023-H1 4-1/2023-H2 4-2/2023-H1 \
         4-2/2023-H2 4-3/2023-H1 4-3/2023-H2 4-4/2023-H1 4-4/2023-H2 4-5/2023-H1 4-5/2023-H2 4-6/2023-H1 4-6/2023-H2",
        "outside_character_set: 3.1-3/2023-H1",
    ];
    assert_eq!(warnings(&server, "011002", "011002-ikusei-2023").await, expected);
    let tags = "/warnings?plan=011002-ikusei-2023&code=warning.html_tags&limit=3";
    for part in ["results", "targets"] {
        assert_eq!(walk(&server, &format!("{tags}&part={part}"), Some(&token)).await.len(), 8);
    }
}

#[actix_web::test]
async fn of_document_004() {
    let Some(document) = transcription("004_akiruno.json") else { return };
    let server = Server::start().await;
    akiruno::report(&server, &document).await;
    let expected = ["level_differs: 49/2020 64/2020", "outside_character_set: 21/2020 24/2020 3/2020 30/2020 3/2024"];
    assert_eq!(warnings(&server, "132284", "132284-kodomo-2020").await, expected);
}
