//! Out again: every cell to the letter, every figure with the snippet it was read from.

use super::super::equal::{assert_sent, same};
use super::super::{array, string, transcription};
use super::report::{Mapped, mapped, report};
use super::{CITY, PLAN};
use crate::given::walk;
use crate::harness::Server;
use serde_json::{Value, json};

/// What the public reads of the plan, and nothing else.
pub struct Answers {
    pub nodes: Vec<Value>,
    pub departments: Vec<Value>,
    /// In the plan's order.
    pub programs: Vec<Value>,
    pub targets: Vec<Value>,
    pub results: Vec<Value>,
    /// The same figures one by one.
    pub values: Vec<Value>,
    pub schemes: Vec<Value>,
}

impl Answers {
    /// `limit`s that make pages of all.
    pub async fn read(server: &Server) -> Self {
        let list = async |path: &str| walk(server, path, None).await;
        Self {
            nodes: list(&format!("/nodes?plan={PLAN}&limit=9")).await,
            departments: list(&format!("/departments?municipality={CITY}&limit=9")).await,
            programs: list(&format!("/programs?plan={PLAN}&limit=20")).await,
            targets: list(&format!("/targets?plan={PLAN}&limit=9")).await,
            results: list(&format!("/results?plan={PLAN}&limit=20")).await,
            values: list(&format!("/values?plan={PLAN}&limit=100")).await,
            schemes: list(&format!("/evaluation_schemes?owner={CITY}&limit=1")).await,
        }
    }

    pub fn target(&self, program: &Value) -> Option<&Value> {
        self.targets.iter().find(|target| target["program"] == program["code"])
    }

    pub fn result(&self, program: &Value) -> &Value {
        self.results.iter().find(|result| result["program"] == program["code"]).unwrap()
    }

    fn department(&self, code: &Value) -> &str {
        string(&self.departments.iter().find(|department| department["code"] == *code).unwrap()["name"])
    }

    pub fn departments_of<'a>(&'a self, program: &'a Value) -> Vec<&'a str> {
        array(&program["departments"]).iter().map(|link| self.department(&link["department"])).collect()
    }
}

/// The first figure of each printed item.
pub fn heads(record: &Value) -> Vec<&Value> {
    let values = array(&record["values"]);
    let first = |at: usize| values[..at].iter().all(|before| before["item"] != values[at]["item"]);
    (0..values.len()).filter(|at| first(*at)).map(|at| &values[at]).collect()
}

fn assert_items(transcribed: &Value, record: &Value, text: &str) {
    let (items, heads) = (array(transcribed), heads(record));
    assert_eq!(items.len(), heads.len(), "{record}");
    for (item, head) in items.iter().zip(heads) {
        let content = ["value", "rate", "text"].map(|field| &head[field]).into_iter().find(|field| !field.is_null());
        let wanted = if item["value"].is_null() { &item["source"] } else { &item["value"] };
        assert!(same(content.unwrap(), wanted), "{head}");
        assert_eq!((&head["label"], &head["source"]), (&item["label"], &item["source"]));
        assert_eq!(head["unit"], item["unit"]);
    }
    for value in array(&record["values"]) {
        assert!(text.contains(string(&value["source"])), "{value}");
    }
}

fn assert_program(given: &Value, answers: &Answers, program: &Value) {
    assert_eq!(program["number_label"], given["number"].to_string());
    assert_eq!(program["node"], format!("{}.{}", given["goal_no"], given["policy_no"]));
    for (field, verbatim) in [("name", "name_verbatim"), ("description", "description_verbatim")] {
        assert_eq!(program[field], given[field]);
        let printed = &program["printed"][field];
        assert_eq!(if printed.is_null() { &program[field] } else { printed }, &given[verbatim]);
    }
    let names = answers.departments_of(program);
    assert_eq!(json!(names), given["departments"]);
    let printed = program["printed"]["departments"].as_str().map_or(names, |cell| cell.split('\n').collect());
    assert_eq!(json!(printed), given["departments_verbatim"]);
    assert_eq!(program["statutory_program"], given["statutory_program_code"]);
}

fn assert_records(given: &Value, answers: &Answers, program: &Value) {
    let result = answers.result(program);
    assert_eq!((&result["program_number"], &result["period"]), (&program["number_label"], &json!("2020")));
    assert_eq!(result["texts"], json!({ "text": given["results_text_verbatim"] }));
    assert_eq!(result["cross_reference"], given["cross_reference"]);
    assert_items(&given["results_fy2020"], result, string(&given["results_text_verbatim"]));
    let levels: Vec<_> = array(&result["evaluations"]).iter().map(|e| (&e["scheme"], &e["level"])).collect();
    let achievement = json!(given["achievement"].to_string());
    assert_eq!(levels, [(&json!("rating"), &given["rating"]), (&json!("achievement"), &achievement)]);

    let target = answers.target(program);
    assert_eq!(target.is_none(), given["targets_text_verbatim"].is_null());
    if let Some(target) = target {
        assert_eq!((&target["amendment"], &target["period"]), (&json!(0), &json!("2024")));
        assert_eq!(target["texts"], json!({ "text": given["targets_text_verbatim"] }));
        assert_items(&given["targets_fy2024"], target, string(&given["targets_text_verbatim"]));
    }
}

#[actix_web::test]
async fn sixty_seven_programs_go_in_and_come_out_to_the_letter() {
    let Some(given) = transcription("004_akiruno.json") else { return };
    let server = Server::start().await;
    let document = mapped(&given);
    report(&server, &given, &document).await;
    let answers = Answers::read(&server).await;

    // The list is in printed order, and nothing more was printed.
    let programs = array(&given["programs"]);
    assert_eq!((programs.len(), answers.programs.len(), answers.results.len()), (67, 67, 67));
    for ((given, program), sent) in programs.iter().zip(&answers.programs).zip(&document.programs) {
        assert_program(given, &answers, program);
        assert_records(given, &answers, program);
        let Mapped { program: sent_program, target, result, .. } = sent;
        assert_sent(sent_program, program);
        assert_sent(result, answers.result(program));
        if let Some(target) = target {
            assert_sent(target, answers.target(program).unwrap());
        }
    }
    assert_head(&server, &given, &answers).await;

    // One by one the figures are the same, each with its place.
    let records = answers.targets.iter().map(|record| ("targets", record));
    let records: Vec<_> = records.chain(answers.results.iter().map(|record| ("results", record))).collect();
    let figures: usize = records.iter().map(|(_, record)| array(&record["values"]).len()).sum();
    assert_eq!(answers.values.len(), figures);
    for row in &answers.values {
        let of = |(part, record): &&(&str, &Value)| row["part"] == *part && record["program"] == row["program"];
        let (_, record) = records.iter().find(of).unwrap();
        assert_eq!(row["value"], record["values"][usize::try_from(row["ordinal"].as_u64().unwrap()).unwrap() - 1]);
    }
}

/// The sheet's head, its goals and policies, its two scales.
async fn assert_head(server: &Server, given: &Value, answers: &Answers) {
    let plan = server.get(&format!("/plans/{PLAN}")).expect(200).await.json;
    let labels: Vec<&Value> = array(&plan["column_labels"]).iter().map(|column| &column["label"]).collect();
    assert_eq!(json!(labels), given["columns"]);
    assert_eq!(plan["title"], given["plan"]["title_ja"]);
    assert_eq!(plan["adopted_on"], "2020-03");
    assert_eq!(plan["document_label"], given["document"]["document_no"]);
    let printed = [("document", "document", "title_ja"), ("chapter", "plan", "chapter_ja")];
    for (field, of, key) in printed.into_iter().chain([("adopted_on", "plan", "established_text")]) {
        assert_eq!(plan["printed"][field], given[of][key]);
    }
    assert_eq!((&plan["fiscal_year_from"], &plan["fiscal_year_to"]), (&json!(2020), &json!(2024)));

    let tree: Vec<_> = answers.nodes.iter().map(|node| (string(&node["code"]), string(&node["title"]))).collect();
    let mut wanted = Vec::new();
    for goal in array(&given["goals"]) {
        wanted.push((goal["no"].to_string(), string(&goal["title_ja"])));
        for program in array(&given["programs"]).iter().filter(|program| program["goal_no"] == goal["no"]) {
            let policy = (format!("{}.{}", goal["no"], program["policy_no"]), string(&program["policy"]));
            if wanted.last() != Some(&policy) {
                wanted.push(policy);
            }
        }
    }
    assert_eq!(tree, wanted.iter().map(|(code, title)| (code.as_str(), *title)).collect::<Vec<_>>());
    let number_labels: Vec<&Value> = answers.nodes.iter().map(|node| &node["number_label"]).collect();
    assert_eq!(number_labels[..4], ["基本目標１", "①", "②", "③"]);
    let goals = answers.nodes.iter().filter(|node| node["kind"] == "basic_goal" && node["parent"].is_null());
    assert_eq!(goals.count(), 3);

    let scheme = |code: &str| answers.schemes.iter().find(|scheme| scheme["code"] == code).unwrap();
    for (code, at) in [("rating", 0), ("achievement", 1)] {
        let (read, printed) = (scheme(code), &given["evaluation_schemes"][at]);
        assert_eq!((&read["title"], &read["legend"]), (&printed["title_ja"], &printed["legend_ja"]));
        for (level, printed) in array(&read["levels"]).iter().zip(array(&printed["levels"])) {
            let label =
                if printed["label_ja"].is_null() { &printed["label_ja_presumed"] } else { &printed["label_ja"] };
            assert_eq!((&level["code"], &level["label"]), (&printed["code"], label));
            assert_eq!(level["basis"], printed["basis"]);
            assert_eq!(
                (&level["lower_bound"], &level["upper_bound"]),
                (&printed["lower_percent"], &printed["upper_percent"])
            );
        }
    }
    let definitions = |code: &str| -> Vec<Value> {
        array(&scheme(code)["levels"]).iter().map(|level| level["definition"].clone()).collect()
    };
    assert_eq!(definitions("rating"), ["given", "given", "presumed", "presumed"]);
    assert_eq!(definitions("achievement"), ["given", "given", "lost", "lost"]);
}
