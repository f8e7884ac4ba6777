//! Whose record a row is of.

use super::columns::Field;
use super::contents::{Kind, Refused, kind, read};
use super::municipality::Names;
use super::place::{Found, Place};
use super::table::{Cell, Row, Table};
use crate::error::Code;
use crate::records::flat::KEY;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Equal for the rows of one record. What could not be read stands in it as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key([String; 6]);

/// The fields that tell records apart.
const PARTS: [&str; 6] = ["resource", "plan", "municipality", "program", "period", "amendment"];
/// Blank in a template: as in the row above.
const OF_A_FILE: [&str; 3] = ["resource", "plan", "municipality"];

type Cells = BTreeMap<&'static str, (Cell, Place)>;

/// The key of a row, as a row of an import has it.
#[derive(Clone, Debug)]
pub struct Keyed {
    pub key: Key,
    pub resource: Option<String>,
    pub fields: Map<String, Value>,
    pub if_match: Option<String>,
    pub program_number: Option<(String, Place)>,
    pub program_name: Option<(String, Place)>,
    pub cells: Vec<(String, Place)>,
    pub findings: Vec<Found>,
}

/// Reads the keys of rows that follow one another.
pub struct Keys<'a> {
    names: &'a Names,
    above: Option<(Arc<Table>, Cells)>,
}

impl<'a> Keys<'a> {
    pub fn new(names: &'a Names) -> Self {
        Self { names, above: None }
    }

    pub fn of(&mut self, row: &Row) -> Keyed {
        let own: Cells = row
            .fields()
            .filter_map(|(at, column, cell)| match column.field {
                Field::Key(name) => Some((name, (cell.clone(), row.at(at)))),
                _ => None,
            })
            .collect();
        let mut findings = Vec::new();
        let given = match &self.above {
            Some((table, above)) if table.own && Arc::ptr_eq(table, &row.table) => {
                completed(row, own, above, &mut findings)
            }
            _ => own,
        };
        let keyed = self.keyed(row, &given, findings);
        self.above = Some((row.table.clone(), given));
        keyed
    }

    fn keyed(&self, row: &Row, given: &Cells, findings: Vec<Found>) -> Keyed {
        let people = row.table.own;
        let text = |name: &str| given.get(name).map(|(cell, place)| (cell.text(), place.clone()));
        let mut keyed = Keyed {
            key: Key::default(),
            resource: None,
            fields: Map::new(),
            if_match: None,
            program_number: text("program_number"),
            program_name: text("program_name"),
            cells: Vec::new(),
            findings,
        };
        for (part, name) in keyed.key.0.iter_mut().zip(PARTS) {
            let pointer = if name == "resource" { "/resource".to_owned() } else { format!("/key/{name}") };
            let Some((cell, place)) = given.get(name) else {
                if name != "amendment" {
                    keyed.findings.push(missing(&pointer, name, row.place()));
                }
                continue;
            };
            keyed.cells.push((pointer.clone(), place.clone()));
            let value = match name {
                "municipality" => self.municipality(cell, given, people),
                _ => read(kind(name), name, cell, people),
            };
            *part = match value {
                Ok(Value::String(text)) if name == "resource" => keyed.resource.insert(text).clone(),
                Ok(value) => {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    keyed.fields.insert(name.to_owned(), value);
                    text
                }
                Err(Refused { code, ja, en }) => {
                    keyed.findings.push(Found::new(pointer, place.clone(), code, ja, en));
                    cell.text()
                }
            };
        }
        keyed.settle_amendment(given);
        if let Some((cell, place)) = given.get("if_match") {
            keyed.cells.push(("/if_match".to_owned(), place.clone()));
            match read(Kind::Code, "if_match", cell, people) {
                Ok(etag) => keyed.if_match = etag.as_str().map(str::to_owned),
                Err(Refused { code, ja, en }) => {
                    keyed.findings.push(Found::new("/if_match", place.clone(), code, ja, en))
                }
            }
        }
        keyed
    }

    fn municipality(&self, cell: &Cell, given: &Cells, people: bool) -> Result<Value, Refused> {
        let code = read(Kind::Code, "municipality", cell, people)?;
        let name = given.get("municipality_name").map(|(name, _)| name.text());
        match self.names.code(code.as_str().unwrap_or_default(), name.as_deref()) {
            Ok(code) => Ok(code.to_string().into()),
            Err(wrong) => Err(Refused::new(wrong.code, wrong.ja, wrong.en)),
        }
    }
}

impl Keyed {
    /// Every target has the number of its goal, the original one is 0; a result has none.
    fn settle_amendment(&mut self, given: &Cells) {
        let number = self.fields.get("amendment").and_then(Value::as_u64);
        match self.resource.as_deref() {
            Some("target") if !given.contains_key("amendment") => {
                self.fields.insert("amendment".to_owned(), 0.into());
            }
            Some("result") => {
                self.fields.remove("amendment");
                if let (Some(1..), Some((_, place))) = (number, given.get("amendment")) {
                    let (ja, en) = ("実績に変更目標の番号は付きません。空にしてください", "a result has no amendment");
                    let found = Found::new("/key/amendment", place.clone(), Code::RowKey, ja, en);
                    self.findings.push(found);
                }
            }
            _ => {}
        }
        if let Some(part) = self.key.0.last_mut() {
            *part = self.fields.get("amendment").map_or_else(String::new, ToString::to_string);
        }
    }
}

fn missing(pointer: &str, name: &str, place: Place) -> Found {
    let ja = KEY.iter().find(|(column, _)| *column == name).map_or(name, |(_, ja)| *ja);
    Found::new(
        pointer,
        place,
        Code::RowKey,
        format!("{ja}（{name}）がありません。どの行にも書いてください"),
        format!("`{name}` is missing: write it in every row"),
    )
}

/// In a template a blank cell of the key is that of the row above.
fn completed(row: &Row, mut own: Cells, above: &Cells, findings: &mut Vec<Found>) -> Cells {
    let same_record = !own.contains_key("program") && !own.contains_key("period");
    for name in ["program_name", "program_number"] {
        let (Some((cell, place)), true) = (own.get(name), !own.contains_key("program")) else { continue };
        // Another program's name, but the code of the one above: nobody can say which is meant.
        if above.get(name).is_some_and(|(other, _)| other.text().trim() != cell.text().trim()) {
            let (ja, en) = (
                format!(
                    "「{}」の行に事業コードがありません。様式の行を使って書いてください",
                    crate::error::short(cell.text(), 40)
                ),
                "the row names another program than the one above, and has no code: write in the row of the template",
            );
            findings.push(Found::new("/key/program", place.clone(), Code::RowKey, ja, en));
        }
    }
    // A changed goal below the original one is a record of its own, with an ETag of its own.
    let other_goal = own.get("amendment").is_some_and(|(own, _)| {
        above.get("amendment").is_none_or(|(above, _)| above.text().trim() != own.text().trim())
    });
    for (name, (cell, _)) in above {
        let inherited = match *name {
            "if_match" => same_record && !other_goal,
            name => same_record || OF_A_FILE.contains(&name) || ["program", "period"].contains(&name),
        };
        if inherited {
            own.entry(*name).or_insert_with(|| (cell.clone(), row.place()));
        }
    }
    own
}
