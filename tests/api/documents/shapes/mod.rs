//! Every hard shape of the five documents once more, in the project's own words: a bare clone proves them too. One test
//! a shape: in as its owner sends it, published, and read back by the public as it was sent.

mod figures;
mod judgements;
mod periods;
mod programs;
mod texts;

use super::array;
use super::equal::assert_sent;
use crate::given::{create, plan_body, publish, token_of, walk};
use crate::harness::{Answer, Server};
use serde_json::{Value, json};

const CITY: &str = "132284";
const PLAN: &str = "132284-mihon-2020";

/// A city with a plan of its own, 2010 to 2024, and program `1`.
struct Sample {
    server: Server,
    token: String,
}

impl Sample {
    async fn new() -> Self {
        Self::with_plan(plan_body("見本の計画", 2010, 2024)).await
    }

    async fn with_plan(body: Value) -> Self {
        let server = Server::start().await;
        let token = token_of(&server, CITY);
        let sample = Self { server, token };
        sample.put(&format!("/plans/{PLAN}"), body).await;
        sample.program("1", json!({ "number_label": "1", "name": "ひろば", "position": 1 })).await;
        sample
    }

    /// Creates.
    async fn put(&self, path: &str, body: Value) -> Answer {
        create(&self.server, &self.token, path, &body).await
    }

    /// Tries to create and is refused.
    async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let answer = self.server.put(path).token(&self.token).create().json(&body).send().await;
        let first = answer.json["errors"][0]["code"].as_str().unwrap_or_else(|| answer.code());
        (answer.status, first.to_owned())
    }

    async fn program(&self, code: &str, body: Value) {
        self.put(&format!("/programs/{PLAN}/{code}"), body).await;
    }

    async fn publish(&self, round: &str) {
        publish(&self.server, PLAN, CITY, round).await;
    }

    /// As the public reads it.
    async fn read(&self, path: &str) -> Value {
        self.server.get(path).expect(200).await.json
    }

    async fn walk(&self, path: &str) -> Vec<Value> {
        walk(&self.server, path, None).await
    }

    /// A definition goes in and comes out.
    async fn holds(&self, path: &str, body: Value) -> Value {
        self.put(path, body.clone()).await;
        let read = self.read(path).await;
        assert_sent(&body, &read);
        read
    }

    /// A result of 2020 goes in, is published and comes out; its figures also one by one.
    async fn result(&self, body: Value) -> Value {
        let path = format!("/results/{PLAN}/1/{CITY}/2020");
        self.put(&path, body.clone()).await;
        self.publish("2020-results").await;
        let read = self.read(&path).await;
        assert_sent(&body, &read);
        let rows = self.walk(&format!("/values?plan={PLAN}&program=1&period=2020&limit=2")).await;
        let figures: Vec<&Value> = rows.iter().map(|row| &row["value"]).collect();
        assert_eq!(figures, array(&read["values"]).iter().collect::<Vec<_>>());
        read
    }
}

/// A figure with nothing special about it; `more` makes it special.
fn figure(item: &str, value: Value, unit: &str, source: &str, more: Value) -> Value {
    let mut figure = json!({ "item": item, "label": item, "unit": unit, "source": source });
    if !value.is_null() {
        figure["value"] = value;
    }
    for (field, value) in more.as_object().into_iter().flatten() {
        figure[field] = value.clone();
    }
    figure
}

fn with_figures(text: &str, values: Value) -> Value {
    json!({ "texts": { "text": text }, "values": values })
}
