//! What the demo says when it runs: where it is, and for each role one line to copy and paste.

use super::sample::Request;
use super::token;
use crate::auth::jwt::Issuer;
use crate::clock::Clock;
use crate::config;
use crate::db::cluster;
use crate::server::Failure;
use serde::Deserialize;
use std::fmt::Write;

const EXAMPLES: &str = include_str!("examples.json");

/// A request to try, and what it shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    ja: String,
    en: String,
    request: Request,
}

fn examples() -> Result<Vec<Example>, Failure> {
    Ok(serde_json::from_str(EXAMPLES).map_err(|cause| format!("examples.json: {cause}"))?)
}

/// What the lines send, for the test that sends it.
pub fn requests() -> Result<Vec<Request>, Failure> {
    Ok(examples()?.into_iter().map(|example| example.request).collect())
}

/// `clients`: what is said of those. What one wants first comes last: it is what a terminal still shows.
pub(super) fn welcome(config: &config::Demo, issuer: &Issuer, clients: &str) -> Result<String, Failure> {
    let clock = Clock::system();
    let base = format!("http://{}", config.listen.local());
    let mut text = format!(
        "\n# だれでも読める：公表された実績と、訂正される前の内容\n\
         # for everybody: a published result, and what it was before its correction\n\
         curl '{base}/api/v1/results/132292-mihon-2020/4/132292/2022'\n\
         curl '{base}/api/v1/results/132292-mihon-2020/4/132292/2022?as_of=2023-11-01T00:00:00%2B09:00'\n\
         \n# 正誤表 / what the correction has changed, as a table:\n\
         curl -H 'Accept: text/csv' '{base}/api/v1/reports/132292-mihon-2020/132292/2022-results/corrections'\n"
    );
    for (index, Example { ja, en, request }) in examples()?.iter().enumerate() {
        let token = token(issuer, &clock, request.role, request.body.as_deref())?;
        let body = request.body.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        write!(text, "\n# {}{body}：{ja}\n# {}{body}: {en}\n", request.role.label_ja(), request.role)?;
        writeln!(text, "{}", curl(&base, request, index + 1, &token)?)?;
    }
    let folder = if config.dir == cluster::default_dir() {
        String::new()
    } else {
        format!("HAGUKUMI_DEMO_DIR={} ", quoted(&config.dir.display().to_string()))
    };
    write!(
        text,
        "\n# トークンは10分有効。新しいトークン / tokens are good for 10 minutes; a new one:\n\
         {folder}cargo run -q -- token --role municipal_approver --body 132292\n\n\
         {clients}\n\
         Hagukumi 育み\n  Swagger UI    {base}/swagger-ui/\n  API           {base}/api/v1\n  Data          {}\n\
         \x20 はじめの一歩  docs/first-steps.ja.md\n  First steps   docs/first-steps.md\n\n",
        config.dir.display()
    )?;
    Ok(text)
}

fn curl(base: &str, request: &Request, number: usize, token: &str) -> Result<String, Failure> {
    let mut line = "curl".to_owned();
    if request.method != "GET" {
        write!(line, " -X {}", request.method)?;
    }
    write!(line, " {} -H 'Authorization: Bearer {token}'", quoted(&format!("{base}/api/v1{}", request.path)))?;
    if let Some((name, value)) = request.condition(number) {
        write!(line, " -H '{name}: {value}'")?;
    }
    if let Some(json) = &request.json {
        write!(line, " -H 'Content-Type: application/json' -d {}", quoted(&json.to_string()))?;
    }
    Ok(line)
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_the_shell() {
        let json = serde_json::json!({ "title": "it's" });
        let request = Request {
            at: None,
            role: crate::auth::jwt::Role::Administrator,
            body: None,
            method: "PUT".into(),
            path: "/plans/x?a=b&c=d".into(),
            if_match: None,
            json: Some(json),
        };
        assert_eq!(
            curl("http://127.0.0.1:8080", &request, 1, "t").unwrap(),
            r#"curl -X PUT 'http://127.0.0.1:8080/api/v1/plans/x?a=b&c=d' -H 'Authorization: Bearer t' -H 'if-none-match: *' -H 'Content-Type: application/json' -d '{"title":"it'\''s"}'"#
        );
    }
}
