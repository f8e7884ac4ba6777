//! The codes of problems: each explained where its `type` points, and in `docs/errors.md`.

use crate::harness::Server;
use hagukumi::error::Code;
use hagukumi::problems::types::ProblemCode;
use serde_json::json;
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");

fn page() -> String {
    let mut page = "# 誤りのコード / Error codes\n\n\
        誤りの答え（RFC 9457、`application/problem+json`）の `code` は変わらず、`GET /problems/{code}` でも読めます。\
        表は `src/error/codes.rs` から作られます（`UPDATE_ERRORS=1 cargo nextest run errors_page`）。\n\n\
        The `code` of a problem is stable; `GET /problems/{code}` explains it too. Generated from `src/error/codes.rs`.\n\n\
        `fix_by`: `sender` 送信側 / the sending system, `administrator` 権限の管理者 / who manages roles and members, \
        `operator` 運用者 / who runs the service.\n\n\
        | code | status | 意味 / meaning | fix_by | 次にすること / what next |\n|---|---|---|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        let told = ProblemCode::from(*code);
        let by = json!(told.fix_by);
        let by = by.as_str().unwrap();
        let ProblemCode { code, status, title_ja, title_en, next_ja, next_en, .. } = told;
        writeln!(page, "| `{code}` | {status} | {title_ja}<br>{title_en} | {by} | {next_ja}<br>{next_en} |").unwrap();
    }
    page
}

#[test]
fn the_errors_page_tells_every_code() {
    let page = page();
    if std::env::var_os("UPDATE_ERRORS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "stale: run `UPDATE_ERRORS=1 cargo nextest run errors_page`");
}

#[actix_web::test]
async fn the_type_of_a_problem_leads_to_its_meaning() {
    let server = Server::start().await;
    let problem = server.get("/plans/132292-nai").expect(404).await;
    let meaning = server.get(&format!("/{}", problem.json["type"].as_str().unwrap())).expect(200).await;
    assert_eq!(meaning.json["code"], "resource.not_found");
    assert_eq!(meaning.json["title_ja"], problem.json["title"]);
    for code in Code::ALL {
        let meaning = server.get(&format!("//problems/{}", code.id())).expect(200).await;
        assert_eq!(meaning.json, json!(ProblemCode::from(*code)));
    }
    assert_eq!(server.get("//problems/report.unlocked").expect(404).await.code(), "resource.not_found");
}
