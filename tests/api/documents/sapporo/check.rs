//! What the public reads, against the sheet and against the check list.

use super::{CITY, PLAN, array, program, string, walk};
use crate::harness::Server;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the public reads.
pub struct Public {
    plan: Value,
    nodes: Vec<Value>,
    programs: Vec<Value>,
    departments: BTreeMap<String, Value>,
    results: BTreeMap<String, Value>,
    targets: BTreeMap<String, Value>,
}

pub async fn read(server: &Server) -> Public {
    let by = |field: &'static str, all: Vec<Value>| -> BTreeMap<String, Value> {
        all.into_iter().map(|one| (string(&one[field]).to_owned(), one)).collect()
    };
    let departments = walk(server, &format!("/departments?municipality={CITY}&limit=10"), None).await;
    let results = walk(server, &format!("/results?municipality={CITY}&period=2023-H1&limit=9"), None).await;
    let targets = walk(server, &format!("/targets?plan={PLAN}&within=2023&limit=9"), None).await;
    Public {
        plan: server.get(&format!("/plans/{PLAN}")).expect(200).await.json,
        nodes: walk(server, &format!("/nodes?plan={PLAN}&limit=4"), None).await,
        programs: walk(server, &format!("/programs?plan={PLAN}&limit=10"), None).await,
        departments: by("code", departments),
        results: by("program", results),
        targets: by("program", targets),
    }
}

impl Public {
    /// `1-②`, `3(1)-⑥`: as the sheet is spoken of.
    fn printed_number(&self, program: &Value) -> String {
        let node = self.nodes.iter().find(|node| node["code"] == program["node"]).unwrap();
        let above = node["parent"].as_str().unwrap_or_default();
        format!("{above}{}-{}", string(&node["number_label"]), string(&program["number_label"]))
    }

    fn without<'a>(&'a self, records: &'a BTreeMap<String, Value>) -> Vec<String> {
        let blank = self.programs.iter().filter(|program| !records.contains_key(string(&program["code"])));
        blank.map(|program| self.printed_number(program)).collect()
    }

    fn text<'a>(records: &'a BTreeMap<String, Value>, program: &Value) -> Option<&'a str> {
        records.get(string(&program["code"])).map(|record| string(&record["texts"]["text"]))
    }
}

pub fn assert_as_printed(document: &Value, public: &Public) {
    let plan = &public.plan;
    assert_eq!(plan["title"], document["document"]["title_ja"]);
    assert_eq!(plan["owner"], document["municipality"]["code6"]);
    assert_eq!(plan["fiscal_year_from"], document["document"]["fiscal_year"]);
    let labels: Vec<&Value> = array(&plan["column_labels"]).iter().map(|column| &column["label"]).collect();
    assert_eq!(labels, array(&document["columns"]).iter().collect::<Vec<_>>());
    for period in array(&document["document"]["sub_periods"]) {
        let (part, records) =
            if period["meaning"] == "done" { ("results", &public.results) } else { ("targets", &public.targets) };
        let code = format!("2023-{}", string(&period["code"]));
        let column = json!({ "column": format!("{part}/{code}"), "label": period["label_ja"] });
        assert!(array(&plan["column_labels"]).contains(&column), "{column}");
        for record in records.values() {
            assert_eq!(
                [&record["period"], &record["period_start"], &record["period_end"]],
                [&json!(code), &period["from_date"], &period["to_date"]],
            );
            assert_eq!(record["municipality_name"], document["municipality"]["name"]);
        }
    }
    let titles: Vec<(&Value, Value)> =
        public.nodes.iter().map(|node| (&node["title"], node["parent"].clone())).collect();
    let mut expected = Vec::new();
    for category in array(&document["categories"]) {
        expected.push((&category["title_ja"], Value::Null));
        let below = array(&category["subcategories"]).iter();
        expected.extend(below.map(|below| (&below["title_ja"], json!(category["no"].to_string()))));
    }
    assert_eq!(titles, expected);
    let entries = array(&document["initiatives"]);
    assert_eq!(public.programs.len(), entries.len());
    for (entry, stored) in entries.iter().zip(&public.programs) {
        assert_initiative(entry, stored, public);
    }
    assert_legends(document, public);
}

/// Every occupation of the sheet, in its order, and every bureau of its prefixes.
fn assert_legends(document: &Value, public: &Public) {
    let mut occupations: Vec<&Value> = public.programs.iter().map(|program| &program["target_group"]).collect();
    let mut seen = BTreeSet::new();
    occupations.retain(|name| seen.insert(name.to_string()));
    assert_eq!(occupations, array(&document["occupations"]).iter().collect::<Vec<_>>());
    let bureaus: BTreeSet<&str> = public.departments.values().filter_map(|one| one["bureau"].as_str()).collect();
    let prefixes = document["department_prefixes"].as_object().unwrap();
    assert_eq!(bureaus, prefixes.values().map(string).collect());
}

fn assert_initiative(entry: &Value, stored: &Value, public: &Public) {
    assert_eq!(stored["code"], program(entry));
    assert_eq!((&stored["number_label"], &stored["name"]), (&entry["number_label"], &Value::Null));
    let node = public.nodes.iter().find(|node| node["code"] == stored["node"]).unwrap();
    let below = if node["parent"].is_null() { &Value::Null } else { &node["title"] };
    assert_eq!(below, &entry["subcategory"]);
    assert_eq!(stored["target_group"], entry["occupation"]);
    assert_eq!(stored["printed"]["target_group"] == "", entry["occupation_cell_blank"] == true);
    assert_eq!(stored["printed"]["departments"], entry["departments_verbatim"]);
    let departments: Vec<Value> = array(&stored["departments"])
        .iter()
        .map(|link| &public.departments[string(&link["department"])])
        .map(|department| json!({ "name": department["name"], "bureau": department["bureau"] }))
        .collect();
    let printed: Vec<Value> = array(&entry["departments"])
        .iter()
        .map(|department| json!({ "name": department["name"], "bureau": department["bureau"] }))
        .collect();
    assert_eq!(departments, printed);
    let done = Public::text(&public.results, stored);
    let planned = Public::text(&public.targets, stored);
    assert_eq!(done, entry["first_half_done_verbatim"].as_str());
    assert_eq!(planned, entry["second_half_planned_verbatim"].as_str());
    assert_eq!(done.into_iter().chain(planned).any(has_tags), entry["html_markup"] == true);
    let repost_of = public.results.get(string(&stored["code"])).and_then(|result| result["repost_of"].as_str());
    assert_eq!(repost_of, entry["repost_of"].is_object().then(|| program(&entry["repost_of"])).as_deref());
    // The transcriber folded runs of blanks inside a bullet.
    let items = |field: &str| array(&entry[field]).iter().map(|item| folded(string(item))).collect::<Vec<_>>();
    assert_eq!(done.map(bullets).unwrap_or_default(), items("first_half_items"));
    assert_eq!(planned.map(bullets).unwrap_or_default(), items("second_half_items"));
}

fn has_tags(text: &str) -> bool {
    text.split('<').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_lowercase() || c == '/'))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The bullets of a cell: paragraphs and list entries where it is HTML, else what a blank and a dot begin.
fn bullets(text: &str) -> Vec<String> {
    if !has_tags(text) {
        let mut parts = text.split(" ・");
        let first = parts.next().into_iter().map(folded);
        return first.chain(parts.map(|part| format!("・{}", folded(part)))).collect();
    }
    let starts = text.split('<').filter_map(|part| {
        part.strip_prefix("p>").map(|cell| (cell, "")).or_else(|| part.strip_prefix("li>").map(|cell| (cell, "・")))
    });
    starts.map(|(cell, dot)| format!("{}{}", if cell.starts_with('・') { "" } else { dot }, folded(cell))).collect()
}

/// The figures of the check list, from the answers alone.
pub fn assert_check_figures(public: &Public) {
    let count = |of: &dyn Fn(&Value) -> String| {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for program in &public.programs {
            let key = of(program);
            match counts.iter_mut().find(|(known, _)| *known == key) {
                Some((_, count)) => *count += 1,
                None => counts.push((key, 1)),
            }
        }
        counts
    };
    let per_node = count(&|program| string(&program["node"]).to_owned());
    let expected = [("1", 9), ("2", 5), ("3.1", 7), ("3.2", 5), ("3.3", 3), ("3.4", 3), ("4", 6), ("5", 6)];
    assert_eq!(per_node, expected.map(|(node, count)| (node.to_owned(), count)));
    for (node, count) in &per_node {
        let numbers = public.programs.iter().filter(|program| program["node"] == **node);
        let numbers: String = numbers.map(|program| string(&program["number_label"])).collect();
        assert_eq!(numbers, "①②③④⑤⑥⑦⑧⑨".chars().take(*count).collect::<String>());
    }
    let per_occupation = count(&|program| string(&program["target_group"]).to_owned());
    let expected = [
        ("共通", 8),
        ("ケースワーカー", 4),
        ("精神保健福祉相談員", 5),
        ("保健師", 7),
        ("保育士", 6),
        ("児童相談所・福祉コース職員", 7),
        ("教員", 7),
    ];
    assert_eq!(per_occupation, expected.map(|(name, count)| (name.to_owned(), count)));
    // A blank cell means what stands above it.
    for pair in public.programs.windows(2) {
        if pair[1]["printed"]["target_group"] == "" {
            assert_eq!((&pair[0]["target_group"], &pair[0]["node"]), (&pair[1]["target_group"], &pair[1]["node"]));
        }
    }
    assert_eq!((public.results.len(), public.targets.len()), (42, 41));
    assert_eq!(public.without(&public.results), ["1-②", "1-⑤"]);
    assert_eq!(public.without(&public.targets), ["1-①", "2-①", "3(2)-②"]);
    let number =
        |code: &str| public.printed_number(public.programs.iter().find(|program| program["code"] == code).unwrap());
    let reposts: BTreeSet<(String, String)> = public
        .results
        .values()
        .filter_map(|result| Some((number(string(&result["program"])), number(result["repost_of"].as_str()?))))
        .collect();
    let expected = [("2-①", "1-③"), ("2-③", "1-⑥"), ("3(1)-⑥", "1-⑨")];
    assert_eq!(reposts, expected.map(|(repost, first)| (repost.to_owned(), first.to_owned())).into());
    let texts = |program: &&Value| {
        [Public::text(&public.results, program), Public::text(&public.targets, program)]
            .into_iter()
            .flatten()
            .any(has_tags)
    };
    assert_eq!(public.programs.iter().filter(texts).count(), 8);
    let all = |records: &BTreeMap<String, Value>| {
        records.values().flat_map(|record| bullets(string(&record["texts"]["text"]))).count()
    };
    assert_eq!((all(&public.results), all(&public.targets)), (91, 68));
    assert_departments(public);
}

fn assert_departments(public: &Public) {
    let mut mentions: BTreeMap<String, usize> = BTreeMap::new();
    for link in public.programs.iter().flat_map(|program| array(&program["departments"])) {
        let department = &public.departments[string(&link["department"])];
        let bureau = department["bureau"].as_str().map_or(String::new(), |bureau| {
            // The sheet shortens a bureau to its first sign.
            format!("{})", bureau.chars().next().unwrap())
        });
        *mentions.entry(format!("{bureau}{}", string(&department["name"]))).or_default() += 1;
    }
    let expected = [
        ("子)地域連携課", 9),
        ("区)健康・子ども課", 9),
        ("保)健康企画課", 8),
        ("子)子育て支援課", 7),
        ("保)障がい福祉課", 6),
        ("保)保護課", 5),
        ("子ども未来局", 4),
        ("保健福祉局", 4),
        ("教)児童生徒担当課", 4),
        ("総務局", 3),
        ("教)教職員育成担当課", 3),
        ("区)保健福祉部", 1),
        ("総)職員育成担当課", 1),
        ("保)総務課", 1),
        ("総)人事課", 1),
        ("市)男女共同参画課", 1),
    ];
    assert_eq!(mentions, expected.map(|(name, count)| (name.to_owned(), count)).into());
}
