//! Documents out again as they were printed: headings, rows and cells of the tables of four of them, to the letter, as
//! JSON, CSV and XLSX.

use super::{akiruno, array, kawasaki, sapporo, string, tokyo, transcription};
use crate::given::token_of;
use crate::harness::Server;
use calamine::{Reader, Xlsx};
use hagukumi::web::table::{XLSX, unguarded};
use serde_json::{Value, json};
use std::io::{Cursor, Read};

/// The table as JSON; as the lines of its CSV; and as the rows of its sheet, each without its empty cells.
struct Tables {
    json: Value,
    csv: Vec<Vec<String>>,
    sheet: Vec<Vec<String>>,
}

impl Tables {
    async fn read(server: &Server, path: &str) -> Self {
        let json = server.get(path).expect(200).await.json;
        let csv = server.get(path).header("accept", "text/csv").expect(200).await.text;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
        let lines = reader.records().map(|line| line.unwrap().iter().map(|cell| unguarded(cell).to_owned()).collect());
        let csv = lines.collect();
        let bytes = server.get(path).header("accept", XLSX).expect(200).await.bytes;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        let texts =
            |row: &[calamine::Data]| row.iter().map(ToString::to_string).filter(|text| !text.is_empty()).collect();
        let sheet = range.rows().map(texts).collect();
        Self { json, csv, sheet }
    }

    fn labels(&self) -> Vec<&str> {
        array(&self.json["columns"]).iter().map(|column| string(&column["label"])).collect()
    }

    fn rows(&self) -> &[Value] {
        array(&self.json["rows"])
    }

    /// What all three forms say is this: headings, and of each row its headings and cells.
    fn assert(&self, labels: &[&str], rows: &[(Vec<String>, Vec<Value>)]) {
        assert_eq!(self.labels(), labels);
        assert_eq!(self.rows().len(), rows.len());
        let depth = array(&self.json["heading_labels"]).len();
        assert_eq!(self.csv[0][depth..], *labels);
        assert_eq!(self.csv.len(), rows.len() + 1);
        let mut sheet = self.sheet.iter().skip_while(|row| row[..] != *labels).skip(1).filter(|row| !row.is_empty());
        let mut above: &[String] = &[];
        for ((stored, line), (headings, cells)) in self.rows().iter().zip(&self.csv[1..]).zip(rows) {
            assert_eq!(stored["headings"], json!(headings));
            assert_eq!(stored["cells"], json!(cells));
            assert_eq!(line[..headings.len()], headings[..]);
            let texts: Vec<&str> = cells.iter().map(|cell| cell.as_str().unwrap_or_default()).collect();
            assert_eq!(line[depth..], texts);
            let begins = above.iter().zip(headings).take_while(|(before, now)| before == now).count();
            for heading in &headings[begins..] {
                assert_eq!(sheet.next().unwrap(), std::slice::from_ref(heading));
            }
            above = headings;
            let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
            assert_eq!(*sheet.next().unwrap(), texts);
        }
        assert_eq!(sheet.next(), None);
    }
}

#[actix_web::test]
async fn document_000_a_row_a_municipality() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    tokyo::define(&server, &document).await;
    tokyo::report(&server, &document).await;

    let tables = Tables::read(&server, "/rounds/130001-kpi-2024/2024-results/table").await;
    let collection = &document["collection"];
    assert_eq!(tables.json["title"], collection["title_ja"]);
    let labels: Vec<&str> = array(&collection["columns"]).iter().map(string).collect();
    let heading = format!("{}\n{}", string(&collection["kpi_group_ja"]), string(&collection["indicator_ja"]));
    let rows: Vec<(Vec<String>, Vec<Value>)> = array(&document["entries"])
        .iter()
        .map(|entry| {
            let cells = ["name", "plan_text", "result_text"].map(|field| entry[field].clone());
            (vec![heading.clone()], cells.to_vec())
        })
        .collect();
    assert_eq!(rows.len(), 20);
    tables.assert(&labels, &rows);
    assert_eq!(tables.sheet[0], [string(&collection["title_ja"])]);
}

#[actix_web::test]
async fn document_002_a_block_a_program() {
    let Some(document) = transcription("002_kawasaki.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "141305");
    kawasaki::define(&server, &token, &document).await;
    kawasaki::report(&server, &token, &document).await;

    let tables = Tables::read(&server, "/reports/141305-shien-2011/141305/2012/table").await;
    assert_eq!(tables.rows().len(), 11);
    let place = |name: &str| array(&tables.json["columns"]).iter().position(|column| column["column"] == name).unwrap();
    let rows = tables.rows().iter().zip(&tables.csv[1..]);
    for (program, (row, line)) in array(&document["programs"]).iter().zip(rows) {
        let cell = |name: &str| row["cells"][place(name)].clone();
        for (name, field) in [
            ("name", "name"),
            ("departments", "department_verbatim"),
            ("description", "overview"),
            ("evaluations/check_result", "check_result"),
            ("priority", "priority_verbatim"),
        ] {
            assert_eq!(cell(name), program[field], "{name}");
        }
        assert_eq!(cell("evaluations/achievement"), program["achievement"].to_string());
        for of in array(&document["period_columns"]) {
            let (key, label) = (string(&of["key"]), string(&of["label"]));
            let period = key.replace('+', "-");
            assert_eq!(cell(&format!("targets/{period}")), program["goals"][key]);
            assert_eq!(cell(&format!("amendments/{period}")), program["changed_goals"][key]);
            if ["2011", "2012"].contains(&key) {
                assert_eq!(cell(&format!("results/{period}")), program["results"][key]);
            }
            assert_eq!(tables.labels()[place(&format!("targets/{period}"))], format!("事業目標 {label}"));
        }
        let texts: Vec<&str> = array(&row["cells"]).iter().map(|cell| cell.as_str().unwrap_or_default()).collect();
        assert_eq!(*line, texts);
    }

    // On paper: a page for the counts, and each program's rows under the printed headings on pages of their own.
    let bytes =
        server.get("/reports/141305-shien-2011/141305/2012/table").header("accept", XLSX).expect(200).await.bytes;
    let mut sheet = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert_eq!(sheet.matches("<brk ").count(), 11);
    let starts: Vec<usize> = (0..tables.sheet.len())
        .filter(|at| tables.sheet[*at].first().is_some_and(|cell| cell == "事務事業名"))
        .collect();
    assert_eq!(starts.len(), 11);
    for (program, start) in array(&document["programs"]).iter().zip(starts) {
        let mut block = tables.sheet[start..].iter().filter(|row| !row.is_empty());
        let mut next = || block.next().unwrap().iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(next(), ["事務事業名", string(&program["name"])]);
        let words = next();
        assert_eq!(words[..4], ["所管課", string(&program["department_verbatim"]), "達成状況", "3　目標をほぼ達成"]);
        assert_eq!(words[4], "点検結果");
        assert!(words[5].starts_with(string(&program["check_result"])), "{words:?}");
        assert_eq!(words[6..], ["重点", string(&program["priority_verbatim"])]);
        assert_eq!(next(), ["事務事業の概要", string(&program["overview"])]);
        let labels: Vec<&str> = array(&document["period_columns"]).iter().map(|of| string(&of["label"])).collect();
        assert_eq!(next(), labels);
        let of = |part: &str| {
            array(&document["period_columns"])
                .iter()
                .filter_map(|of| program[part][string(&of["key"])].as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(next(), [&["事業目標"], &of("goals")[..]].concat());
        assert_eq!(next(), ["実行計画と差異のある事業目標"]);
        assert_eq!(next(), [&["実績"], &of("results")[..]].concat());
    }

    // The header's counts come from the rows.
    let counts = array(&tables.json["counts"]);
    let of = |scheme: &str| counts.iter().filter(|count| count["scheme"] == scheme).collect::<Vec<_>>();
    for (count, level) in of("achievement").iter().zip(array(&document["header"]["achievement"])) {
        assert_eq!((&count["level"], &count["label"]), (&json!(level["code"].to_string()), &level["label"]));
        assert_eq!(
            (&count["programs"], &count["of_which_priority"]),
            (&level["programs"], &level["priority_programs"])
        );
    }
    for (count, level) in of("check_result").iter().zip(array(&document["header"]["check_result"])) {
        assert_eq!((&count["level"], &count["programs"]), (&level["code"], &level["programs"]));
        assert_eq!((&count["matrix_row"], &count["matrix_column"]), (&level["row"], &level["column"]));
    }
    assert_eq!(counts.len(), 5 + 8);
}

#[actix_web::test]
async fn document_003_done_and_planned_under_categories() {
    let Some(document) = transcription("003_sapporo.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "011002");
    sapporo::define(&server, &token, &document).await;
    sapporo::report(&server, &token, &document).await;

    let tables = Tables::read(&server, "/reports/011002-ikusei-2023/011002/2023/table").await;
    let labels: Vec<&str> = array(&document["columns"]).iter().map(string).collect();
    let rows: Vec<(Vec<String>, Vec<Value>)> = array(&document["initiatives"])
        .iter()
        .map(|entry| {
            let category = array(&document["categories"]).iter().find(|of| of["no"] == entry["category_no"]).unwrap();
            let mut headings = vec![format!("{}　{}", category["no"], string(&category["title_ja"]))];
            if let Some(below) = entry["subcategory"].as_str() {
                headings.push(format!("({})　{below}", entry["subcategory_no"]));
            }
            let group = if entry["occupation_cell_blank"] == true { Value::Null } else { entry["occupation"].clone() };
            let rest =
                ["number_label", "first_half_done_verbatim", "second_half_planned_verbatim", "departments_verbatim"];
            (headings, [group].into_iter().chain(rest.map(|field| entry[field].clone())).collect())
        })
        .collect();
    assert_eq!(rows.len(), 44);
    assert_eq!(
        rows.iter().filter(|(_, cells)| cells[2].as_str().is_some_and(|text| text.contains("【再掲】"))).count(),
        3
    );
    tables.assert(&labels, &rows);
}

#[actix_web::test]
async fn document_004_programs_under_goals_and_policies() {
    let Some(document) = transcription("004_akiruno.json") else { return };
    let server = Server::start().await;
    akiruno::report(&server, &document).await;

    let tables = Tables::read(&server, "/reports/132284-kodomo-2020/132284/2020-results/table").await;
    assert_eq!(tables.json["title"], document["document"]["title_ja"]);
    let labels: Vec<&str> = array(&document["columns"]).iter().map(string).collect();
    let rows: Vec<(Vec<String>, Vec<Value>)> = array(&document["programs"])
        .iter()
        .map(|program| {
            let goal = ["１", "２", "３"][usize::try_from(program["goal_no"].as_u64().unwrap()).unwrap() - 1];
            let policy =
                ["①", "②", "③", "④", "⑤"][usize::try_from(program["policy_no"].as_u64().unwrap()).unwrap() - 1];
            let headings = vec![
                format!("基本目標{goal}　{}", string(&program["goal"])),
                format!("{policy}　{}", string(&program["policy"])),
            ];
            let name = format!("{}\n{}", string(&program["name_verbatim"]), string(&program["description_verbatim"]));
            let departments: Vec<&str> = array(&program["departments_verbatim"]).iter().map(string).collect();
            let cells = vec![
                json!(program["number"].to_string()),
                json!(name),
                program["targets_text_verbatim"].clone(),
                json!(departments.join("\n")),
                program["rating"].clone(),
                json!(program["achievement"].to_string()),
                program["results_text_verbatim"].clone(),
            ];
            (headings, cells)
        })
        .collect();
    assert_eq!(rows.len(), 67);
    tables.assert(&labels, &rows);
}
