//! The works that write: drafts of the year that nothing is reported on yet.

use crate::drive::{Answer, Ask, Source};
use crate::works::{JSON, NEXT_YEAR, World, result};
use hagukumi::clock::Clock;
use hagukumi::nation::{PROGRAMS, plan_code, program_code};
use hyper::Method;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};

/// Rows of an import.
const IMPORTED: usize = 1_000;

fn body(program: u16, count: usize) -> Value {
    json!({
        "texts": { "text": format!("窓口の受付を延ばし、延べ{count}人の利用がありました。実施か所は{}か所です。", count % 90 + 1) },
        "values": [
            { "item": "利用者数", "label": "利用者数", "value": count, "unit": "人", "source": format!("延べ{count}人"),
              "counted": "利用者", "count_basis": "cumulative" },
            { "item": format!("実施か所数{program}"), "label": "実施か所数", "value": count % 90 + 1, "unit": "か所",
              "source": format!("{}か所", count % 90 + 1) },
        ],
    })
}

/// Writes the drafts of a municipality's next report over and over.
struct Put {
    municipality: String,
    token: String,
    programs: VecDeque<u16>,
    tags: HashMap<u16, String>,
    count: usize,
}

/// Goes on rising from run to run, so that no content is written twice.
fn count_from_now() -> usize {
    Clock::system().now().timestamp_millis().unsigned_abs() as usize % 1_000_000_000
}

impl Source for Put {
    fn next(&mut self) -> Ask {
        self.programs.rotate_left(1);
        self.count += 1;
        let program = self.programs.front().copied().unwrap_or(1);
        let precondition = match self.tags.get(&program) {
            Some(tag) => ("if-match", tag.clone()),
            None => ("if-none-match", "*".to_owned()),
        };
        Ask {
            method: Method::PUT,
            path: result(&self.municipality, program, NEXT_YEAR),
            headers: vec![
                ("authorization", format!("Bearer {}", self.token)),
                ("content-type", JSON.to_owned()),
                precondition,
            ],
            body: body(program, self.count).to_string().into(),
            expected: &[200, 201],
        }
    }

    fn seen(&mut self, answer: &Answer) {
        let (Some(tag), Some(program)) = (&answer.etag, self.programs.front()) else { return };
        self.tags.insert(*program, tag.clone());
    }
}

fn put_of(world: &World, municipality: &str, programs: Vec<u16>) -> Box<dyn Source> {
    let tag = |program: &u16| Some((*program, world.draft(municipality, *program)?.to_owned()));
    Box::new(Put {
        tags: programs.iter().filter_map(tag).collect(),
        municipality: municipality.to_owned(),
        token: world.editor_of(municipality).to_owned(),
        programs: programs.into(),
        count: count_from_now(),
    })
}

pub fn put(world: &World, place: usize) -> Box<dyn Source> {
    put_of(world, world.municipality(place), (1..=PROGRAMS).collect())
}

/// Each connection has programs of its own.
pub fn put_hot(world: &World, place: usize) -> Box<dyn Source> {
    put_of(world, world.municipality(0), (1..=PROGRAMS).filter(|program| *program as usize % 16 == place).collect())
}

/// 1,000 results of six municipalities: those of the year and its halves.
struct Import {
    municipalities: Vec<String>,
    token: String,
    count: usize,
}

impl Source for Import {
    fn next(&mut self) -> Ask {
        self.count += 1;
        let count = self.count;
        let rows = self.municipalities.iter().flat_map(|municipality| {
            (1..=PROGRAMS).flat_map(move |program| {
                ["", "-H1", "-H2"].map(move |part| {
                    let period = format!("{NEXT_YEAR}{part}");
                    let key = json!({ "plan": plan_code(municipality), "program": program_code(program), "municipality": municipality, "period": period });
                    json!({ "resource": "result", "key": key, "body": body(program, count) })
                })
            })
        });
        let rows: Vec<Value> = rows.take(IMPORTED).collect();
        Ask {
            method: Method::POST,
            path: "/imports?on_conflict=overwrite".to_owned(),
            headers: vec![
                ("authorization", format!("Bearer {}", self.token)),
                ("content-type", JSON.to_owned()),
                ("idempotency-key", format!("{}-{count}", self.municipalities.concat())),
            ],
            body: json!({ "rows": rows }).to_string().into(),
            expected: &[200],
        }
    }
}

pub fn import(world: &World, place: usize) -> Box<dyn Source> {
    let from = 16 + place * 6;
    let municipalities = (from..from + 6).map(|place| world.municipality(place).to_owned()).collect();
    Box::new(Import { municipalities, token: world.editor().to_owned(), count: count_from_now() })
}
