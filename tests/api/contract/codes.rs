//! The codes of problems: each explained where its `type` points, and in `docs/errors.md`; there the warnings too.

use crate::harness::Server;
use hagukumi::domain::warnings;
use hagukumi::error::Code;
use hagukumi::problems::types::ProblemCode;
use serde_json::json;
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");

fn page() -> String {
    let mut page = "# 誤りのコード / Error codes\n\n\
        <!-- Written by `UPDATE_ERRORS=1 cargo nextest run errors_page`. -->\n\n\
        誤りの答え（RFC 9457、`application/problem+json`）の `code` は変わらず、`GET /problems/{code}` でも読めます。\
        [確認事項](#確認事項--warnings)の `code` も変わりません。\n\n\
        The `code` of a problem is stable; `GET /problems/{code}` explains it too. So is that of a [warning](#確認事項--warnings).\n\n\
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
    page.push_str(
        "\n## 確認事項 / Warnings\n\n\
        書き込みや提出を妨げません。`PUT` の答えの `warnings` と `/warnings` にあり、記録を直せば消え、そのままで正しければ理由を付けて確認済みにできます。\n\n\
        They block nothing. The answer to a `PUT` and `/warnings` tell them; a mended record has them no longer, and what is right as \
        it stands is acknowledged with a reason.\n\n\
        | code | 意味 / meaning |\n|---|---|\n",
    );
    for code in warnings::Code::ALL {
        writeln!(page, "| `{}` | {}<br>{} |", code.id(), code.title_ja(), code.title_en()).unwrap();
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
