use super::{CITY, OLD, given};
use crate::given::{create, findings, publish, text};
use crate::harness::{Answer, Server};
use serde_json::{Value, json};

const SAID: &str = "窓口で親子の相談を受けた。";

fn result(program: &str, period: &str) -> String {
    format!("/results/{OLD}/{program}/{CITY}/{period}")
}

/// Last year's result of program 1, with a figure.
async fn last_year() -> (Server, String) {
    let (server, token) = given().await;
    let figure = json!({ "item": "相談", "label": "相談", "value": 30, "unit": "件", "source": "相談" });
    create(&server, &token, &result("1", "2023"), &json!({ "texts": { "text": SAID }, "values": [figure] })).await;
    (server, token)
}

fn codes(answer: &Answer) -> Vec<&str> {
    answer.json["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn last_years_texts_go_on_and_are_marked() {
    let (server, token) = last_year().await;
    let unchanged = json!({ "no_change_from_last_year": true });
    let put = || server.put(&result("1", "2024")).token(&token);
    let created = put().create().json(&unchanged).expect(201).await;
    assert_eq!((&created.json["texts"], &created.json["values"]), (&json!({ "text": SAID }), &json!([])), "no figures");
    assert_eq!((&created.json["no_change_from_last_year"], codes(&created)), (&json!(true), vec![]));
    let again = put().create().json(&unchanged).expect(200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
    let mut read = text(SAID);
    read["no_change_from_last_year"] = json!(true);
    assert_eq!(put().create().json(&read).expect(200).await.header("hagukumi-outcome"), "unchanged", "as it was read");
    // A figure of this year beside last year's words.
    let figure = json!({ "item": "相談", "label": "相談", "value": 31, "unit": "件", "source": "相談" });
    let counted = json!({ "no_change_from_last_year": true, "values": [figure] });
    let updated = put().if_match("\"v1\"").json(&counted).expect(200).await;
    assert_eq!((&updated.json["texts"]["text"], &updated.json["values"][0]["value"]), (&json!(SAID), &json!(31)));
    // Other words and the mark contradict each other; without the mark it is gone, and the copy is warned of.
    let mut other = text("別のことをした。");
    other["no_change_from_last_year"] = json!(true);
    let refused = put().if_match("\"v2\"").json(&other).expect(422).await;
    assert_eq!(findings(&refused), [("/no_change_from_last_year", "record.text_changed")]);
    let cleared = put().if_match("\"v2\"").json(&text(SAID)).expect(200).await;
    assert_eq!(cleared.json["no_change_from_last_year"], false);
    assert_eq!(codes(&cleared), ["warning.same_text_as_last_year"]);
    put().if_match("\"v3\"").json(&unchanged).expect(200).await;
    publish(&server, OLD, CITY, "2024-results").await;
    let public = server.get(&result("1", "2024")).expect(200).await;
    assert_eq!((&public.json["texts"]["text"], &public.json["no_change_from_last_year"]), (&json!(SAID), &json!(true)));
    let journal =
        "select count(*) from journal where resource = 'result' and (after ->> 'no_change_from_last_year')::boolean";
    assert_eq!(server.count(journal).await, 3);
}

#[actix_web::test]
async fn where_there_is_nothing_to_go_on_it_is_told() {
    let (server, token) = last_year().await;
    let unchanged = json!({ "no_change_from_last_year": true });
    let refused = async |path: &str, body: &Value| {
        let answer = server.put(path).token(&token).create().json(body).expect(422).await;
        findings(&answer).iter().map(|(at, code)| format!("{at} {code}")).collect::<Vec<_>>()
    };
    let none = ["/no_change_from_last_year record.no_last_year"];
    assert_eq!(refused(&result("2", "2024"), &unchanged).await, none);
    assert_eq!(refused(&result("1", "2023"), &unchanged).await, none);
    assert_eq!(refused(&format!("/targets/{OLD}/1/{CITY}/2024"), &unchanged).await, none);
    let mut missing = unchanged.clone();
    missing["missing_reason"] = json!("not_measured");
    assert_eq!(refused(&result("1", "2024"), &missing).await, ["/missing_reason request.invalid"]);
    // Of two merged programs nobody knows whose words hold; where one has words, they do.
    create(&server, &token, &format!("/programs/{OLD}/9"), &json!({ "name": "新", "position": 9 })).await;
    for (program, tag) in [("1", "\"v1\""), ("2", "\"v1\"")] {
        let mut body = server.get(&format!("/programs/{OLD}/{program}")).expect(200).await.json;
        body["successors"] = json!([{ "plan": OLD, "program": "9", "kind": "merged" }]);
        for key in ["plan", "code"] {
            body.as_object_mut().unwrap().remove(key);
        }
        server.put(&format!("/programs/{OLD}/{program}")).token(&token).if_match(tag).json(&body).expect(200).await;
    }
    let dry = format!("{}?dry_run=true", result("9", "2024"));
    let copied = server.put(&dry).token(&token).create().json(&unchanged).expect(201).await;
    assert_eq!(copied.json["texts"]["text"], SAID);
    create(&server, &token, &result("2", "2023"), &text("講座を開いた。")).await;
    assert_eq!(refused(&result("9", "2024"), &unchanged).await, none);
}

#[actix_web::test]
async fn targets_go_on_too() {
    let (server, token) = given().await;
    let target = |period: &str| format!("/targets/{OLD}/1/{CITY}/{period}");
    create(&server, &token, &target("2023"), &text(SAID)).await;
    let amendment = json!({ "texts": { "text": "変えた。" }, "reason": "増員" });
    create(&server, &token, &format!("{}/amendments/1", target("2023")), &amendment).await;
    let unchanged = json!({ "no_change_from_last_year": true });
    let created = create(&server, &token, &target("2024"), &unchanged).await;
    assert_eq!(
        (&created.json["texts"]["text"], &created.json["no_change_from_last_year"]),
        (&json!(SAID), &json!(true))
    );
    let changed = json!({ "no_change_from_last_year": true, "reason": "同じく" });
    let changed = create(&server, &token, &format!("{}/amendments/1", target("2024")), &changed).await;
    assert_eq!(changed.json["texts"]["text"], "変えた。");
}
