//! Whatever is sent, the answer is never a 5xx and always a problem that both languages tell.

mod bodies;
mod queries;

use crate::harness::{Answer, Call};
use hagukumi::error::Code;
use serde_json::Value;

/// A refusal, told in Japanese and in English: same status, code and places, other words.
async fn refused(what: &str, call: impl Fn() -> Call) -> Answer {
    let ja = call().send().await;
    let en = call().header("accept-language", "en").send().await;
    assert!((400..500).contains(&ja.status), "{what}: {ja:#?}");
    assert_eq!((ja.status, ja.code()), (en.status, en.code()), "{what}: {en:#?}");
    assert_eq!(ja.header("content-type"), "application/problem+json", "{what}");
    let code = Code::ALL.iter().find(|code| code.id() == ja.code()).unwrap_or_else(|| panic!("{what}: {ja:#?}"));
    assert_eq!(code.status(), ja.status, "{what}: {ja:#?}");
    assert_eq!((ja.header("content-language"), en.header("content-language")), ("ja", "en"), "{what}");
    let texts = |answer: &Answer| {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{what}: {answer:#?}")).to_owned();
        let errors = answer.json["errors"].as_array().unwrap();
        let own = ["title", "detail"].map(|name| text(&answer.json[name]));
        own.into_iter().chain(errors.iter().map(|error| text(&error["message"]))).collect::<Vec<_>>()
    };
    for (ja, en) in texts(&ja).iter().zip(texts(&en)) {
        let japanese = |text: &str| text.chars().any(|c| matches!(c, 'ぁ'..='ん' | 'ァ'..='ヶ' | '一'..='龠'));
        assert!(japanese(ja) && !en.is_empty() && *ja != en, "{what}: {ja} / {en}");
        assert!(en.chars().count() <= 4000 && ja.chars().count() <= 4000, "{what}: {en}");
    }
    let places = |answer: &Answer| {
        answer.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(places(&ja), places(&en), "{what}");
    ja
}
