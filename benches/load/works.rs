//! The kinds of work a year of reporting consists of, W1 to W8.

use crate::drive::{Answer, Ask, Connection, Source, get};
use crate::place::{Failure, Place};
use crate::writes::{import, put, put_hot};
use hagukumi::auth::jwt::Role;
use hagukumi::db::bulk::Bulk;
use hagukumi::nation::{LAST_YEAR, PROGRAMS, common_code, plan_code, program_code};
use std::collections::HashMap;
use std::net::SocketAddr;
use tokio::task::LocalSet;

const TOKYO: &str = "130001";
/// So many municipalities are written to.
const WRITERS: usize = 40;
/// The year that nothing is reported on yet.
pub const NEXT_YEAR: i16 = LAST_YEAR + 1;
pub struct Work {
    pub name: &'static str,
    pub what: &'static str,
    pub connections: usize,
    /// Rows of an answer, where it is told by rows
    pub unit: Unit,
    source: fn(&World, usize) -> Box<dyn Source>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    Requests,
    /// Lines of the bodies are told, too
    Rows,
}

pub const ALL: [Work; 13] = [
    Work { name: "W1", what: "GET one published result", connections: 16, unit: Unit::Requests, source: one },
    Work {
        name: "W2",
        what: "100 results of a municipality and year, with targets",
        connections: 16,
        unit: Unit::Requests,
        source: page,
    },
    Work {
        name: "W2v",
        what: "100 figures of a municipality and year, with targets",
        connections: 16,
        unit: Unit::Requests,
        source: values,
    },
    Work {
        name: "W2p",
        what: "100 results of a municipality and year, alone",
        connections: 16,
        unit: Unit::Requests,
        source: plain,
    },
    Work {
        name: "W3",
        what: "a prefecture's year, with targets (NDJSON)",
        connections: 2,
        unit: Unit::Rows,
        source: prefecture,
    },
    Work {
        name: "W3p",
        what: "a prefecture's year, alone (NDJSON)",
        connections: 2,
        unit: Unit::Rows,
        source: prefecture_plain,
    },
    Work {
        name: "W4",
        what: "sum of a common indicator over the nation",
        connections: 8,
        unit: Unit::Requests,
        source: aggregate,
    },
    Work { name: "W5", what: "PUT a draft result with two values", connections: 16, unit: Unit::Requests, source: put },
    Work {
        name: "W5h",
        what: "the same, all in one municipality",
        connections: 16,
        unit: Unit::Requests,
        source: put_hot,
    },
    Work { name: "W6", what: "import of 1,000 rows", connections: 2, unit: Unit::Requests, source: import },
    Work { name: "W7", what: "W2 again: 304", connections: 16, unit: Unit::Requests, source: unchanged },
    Work { name: "W8", what: "export of all results (CSV)", connections: 1, unit: Unit::Rows, source: export },
    Work { name: "W8v", what: "export of all values (CSV)", connections: 1, unit: Unit::Rows, source: export_values },
];

impl Work {
    pub async fn sources(&self, world: &World) -> Result<Vec<Box<dyn Source>>, Failure> {
        Ok((0..self.connections).map(|place| (self.source)(world, place)).collect())
    }

    pub fn writes(&self) -> bool {
        self.name.starts_with("W5") || self.name.starts_with("W6")
    }
}

/// What there is to ask for.
pub struct World {
    municipalities: Vec<String>,
    reader: String,
    /// Of all that are written to
    editor: String,
    /// Of one municipality, as its system has it
    editors: HashMap<String, String>,
    /// ETags of the drafts that are written to, by municipality and program
    drafts: HashMap<(String, u16), String>,
}

impl World {
    pub async fn new(place: &Place) -> Result<Self, Failure> {
        let bulk = Bulk::open(&place.owner()?).await?;
        let rows = bulk.rows("select owner from plans order by owner", &[]).await?;
        let municipalities = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let mut world = Self {
            municipalities,
            reader: String::new(),
            editor: String::new(),
            editors: HashMap::new(),
            drafts: HashMap::new(),
        };
        world.renew(place)?;
        Ok(world)
    }

    /// Tokens live for a quarter of an hour.
    pub fn renew(&mut self, place: &Place) -> Result<(), Failure> {
        self.reader = place.token(vec![Role::PrefectureReader], vec![TOKYO.to_owned()])?;
        let writers: Vec<String> = self.municipalities.iter().take(WRITERS).cloned().collect();
        for writer in &writers {
            let token = place.token(vec![Role::MunicipalEditor], vec![writer.clone()])?;
            self.editors.insert(writer.clone(), token);
        }
        self.editor = place.token(vec![Role::MunicipalEditor], writers)?;
        Ok(())
    }

    pub fn municipality(&self, place: usize) -> &str {
        self.municipalities.get(place % self.municipalities.len()).map_or("", String::as_str)
    }

    pub fn editor(&self) -> &str {
        &self.editor
    }

    pub fn editor_of(&self, municipality: &str) -> &str {
        self.editors.get(municipality).unwrap_or(&self.editor)
    }

    /// ETag of the draft of a program's result.
    pub fn draft(&self, municipality: &str, program: u16) -> Option<&str> {
        self.drafts.get(&(municipality.to_owned(), program)).map(String::as_str)
    }

    /// Looks up what an earlier run has written.
    pub async fn look_up_drafts(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let writers: Vec<String> = (0..16).map(|place| self.municipality(place).to_owned()).collect();
        let editor = self.editor.clone();
        let look = async move {
            let mut connection = Connection::open(address).await?;
            let mut found = HashMap::new();
            for municipality in writers {
                for program in 1..=PROGRAMS {
                    let mut ask = get(format!("{}?view=working", result(&municipality, program, NEXT_YEAR)));
                    ask.headers.push(("authorization", format!("Bearer {editor}")));
                    ask.expected = &[200, 404];
                    let answer = connection.ask(ask).await?;
                    if let (200, Some(tag)) = (answer.status, answer.etag) {
                        found.insert((municipality.clone(), program), tag);
                    }
                }
            }
            Ok::<_, Failure>(found)
        };
        self.drafts = LocalSet::new().run_until(look).await?;
        Ok(())
    }
}

pub fn result(municipality: &str, program: u16, year: i16) -> String {
    format!("/results/{}/{}/{municipality}/{year}", plan_code(municipality), program_code(program))
}

/// Numbers that jump about, the same in each run.
struct Dice(u64);

impl Dice {
    fn new(place: usize) -> Self {
        Self(place as u64 + 1)
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// Reads with the token of a prefecture.
struct Read<F> {
    path: F,
    token: String,
    accept: &'static str,
    dice: Dice,
}

impl<F: FnMut(&mut Dice) -> String> Source for Read<F> {
    fn next(&mut self) -> Ask {
        let mut ask = get((self.path)(&mut self.dice));
        ask.headers.push(("authorization", format!("Bearer {}", self.token)));
        ask.headers.push(("accept", self.accept.to_owned()));
        ask
    }
}

fn read(
    world: &World,
    place: usize,
    accept: &'static str,
    path: impl FnMut(&mut Dice) -> String + 'static,
) -> Box<dyn Source> {
    Box::new(Read { path, token: world.reader.clone(), accept, dice: Dice::new(place) })
}

fn any(municipalities: &[String], dice: &mut Dice) -> String {
    municipalities.get(dice.below(municipalities.len())).cloned().unwrap_or_default()
}

pub const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const CSV: &str = "text/csv";

fn one(world: &World, place: usize) -> Box<dyn Source> {
    let municipalities = world.municipalities.clone();
    read(world, place, JSON, move |dice| {
        let program = dice.below(PROGRAMS.into()) as u16 + 1;
        result(&any(&municipalities, dice), program, LAST_YEAR)
    })
}

fn of_municipality(world: &World, place: usize, path: &'static str) -> Box<dyn Source> {
    let municipalities = world.municipalities.clone();
    read(world, place, JSON, move |dice| {
        format!("{path}&municipality={}&within={LAST_YEAR}&limit=100", any(&municipalities, dice))
    })
}

fn page(world: &World, place: usize) -> Box<dyn Source> {
    of_municipality(world, place, "/results?include=targets")
}

fn plain(world: &World, place: usize) -> Box<dyn Source> {
    of_municipality(world, place, "/results?sort=key")
}

fn values(world: &World, place: usize) -> Box<dyn Source> {
    of_municipality(world, place, "/values?part=results")
}

fn prefecture(world: &World, place: usize) -> Box<dyn Source> {
    read(world, place, NDJSON, |_| format!("/results?include=targets&prefecture={TOKYO}&within={LAST_YEAR}"))
}

fn prefecture_plain(world: &World, place: usize) -> Box<dyn Source> {
    read(world, place, NDJSON, |_| format!("/results?prefecture={TOKYO}&within={LAST_YEAR}"))
}

fn aggregate(world: &World, place: usize) -> Box<dyn Source> {
    read(world, place, JSON, |dice| {
        // Those that are counted: 1 to 40 but the rates and places.
        let program = 8 * dice.below(5) as u16 + 2 + dice.below(6) as u16;
        format!("/aggregates?indicator=000000/{}&period={LAST_YEAR}", common_code(program))
    })
}

fn export(world: &World, place: usize) -> Box<dyn Source> {
    read(world, place, CSV, |_| "/exports/results".to_owned())
}

fn export_values(world: &World, place: usize) -> Box<dyn Source> {
    read(world, place, CSV, |_| "/exports/values".to_owned())
}

/// Asks again with the ETag it was given.
struct Unchanged {
    read: Box<dyn Source>,
    /// Path and its tag
    tags: HashMap<String, String>,
    last: String,
}

impl Source for Unchanged {
    fn next(&mut self) -> Ask {
        let mut ask = self.read.next();
        if let Some(tag) = self.tags.get(&ask.path) {
            ask.headers.push(("if-none-match", tag.clone()));
            ask.expected = &[304];
        }
        self.last.clone_from(&ask.path);
        ask
    }

    fn seen(&mut self, answer: &Answer) {
        if let (200, Some(tag)) = (answer.status, &answer.etag) {
            self.tags.insert(self.last.clone(), tag.clone());
        }
    }
}

fn unchanged(world: &World, place: usize) -> Box<dyn Source> {
    // Few, so that the first answers do not count.
    let municipalities: Vec<String> = world.municipalities.iter().take(10).cloned().collect();
    let few = read(world, place, JSON, move |dice| {
        format!("/results?include=targets&municipality={}&within={LAST_YEAR}&limit=100", any(&municipalities, dice))
    });
    Box::new(Unchanged { read: few, tags: HashMap::new(), last: String::new() })
}
