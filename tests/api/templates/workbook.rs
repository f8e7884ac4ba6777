//! The workbook, as a program reads it; what no reader tells (protection, drop-downs, print) as it stands in its XML.

use super::{CITY, city, last_year, result, template};
use crate::given::{create, token_of};
use calamine::{Data, Reader, SheetVisible, Xlsx};
use hagukumi::web::table::XLSX;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

pub type Book = Xlsx<Cursor<Vec<u8>>>;

pub struct Sheet {
    /// Under their machine names; of columns that are only to be read, under their headings
    pub rows: Vec<BTreeMap<String, String>>,
    headings: BTreeMap<String, String>,
}

pub fn open(bytes: &[u8]) -> Book {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn text(cell: Option<&Data>) -> String {
    cell.map(ToString::to_string).unwrap_or_default()
}

pub fn sheet(book: &mut Book, name: &str) -> Sheet {
    let range = book.worksheet_range(name).unwrap();
    let (last, width) = range.end().unwrap();
    let cell = |row, column| text(range.get_value((row, column)));
    let marked = (0..=last).find(|row| cell(*row, 0) == "hagukumi:1").unwrap();
    let columns: Vec<(u32, String, String)> =
        (1..=width).map(|column| (column, cell(marked, column), cell(marked + 1, column))).collect();
    let row = |row| {
        assert_eq!(cell(row, 0), "");
        let cells = columns
            .iter()
            .map(|(at, name, heading)| (if name.is_empty() { heading.clone() } else { name.clone() }, cell(row, *at)));
        cells.filter(|(_, cell)| !cell.is_empty()).collect()
    };
    Sheet {
        rows: (marked + 2..=last).map(row).collect(),
        headings: columns.iter().map(|(_, name, heading)| (name.clone(), heading.clone())).collect(),
    }
}

fn xml(bytes: &[u8], path: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[actix_web::test]
async fn a_sheet_for_each_part_and_period() {
    let server = city().await;
    let answer = template(&server, XLSX).await;
    let disposition = "attachment; filename=\"hagukumi-132284-kodomo-2020-132284-2023.xlsx\"";
    assert_eq!((answer.header("content-disposition"), answer.header("cache-control")), (disposition, "no-store"));
    let mut book = open(&answer.bytes);
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let expected = [("記入の手引", true), ("様式1", true), ("様式2", true), ("hagukumi", false)];
    assert_eq!(sheets, expected.map(|(name, visible)| (name.to_owned(), visible)));

    let targets = sheet(&mut book, "様式1");
    let told: Vec<_> = targets
        .rows
        .iter()
        .map(|row| (row["resource"].as_str(), row["program"].as_str(), row["amendment"].as_str()))
        .collect();
    assert_eq!(told, [("target", "1", "0"), ("target", "1", "1"), ("target", "3", "0")]);
    assert_eq!((targets.rows[1]["reason"].as_str(), targets.rows[1]["当初・\n変更"].as_str()), ("利用の伸び", "変更1"));
    assert!(!targets.headings.contains_key("missing_reason"), "a goal has none");

    let results = sheet(&mut book, "様式2");
    assert_eq!(results.rows.len(), 3);
    let [first, second, third] = results.rows.as_slice() else { panic!() };
    for (row, program) in [(first, "1"), (second, "1"), (third, "3")] {
        let key = ["resource", "plan", "municipality", "program", "period"].map(|name| row[name].as_str());
        assert_eq!(key, ["result", "132284-kodomo-2020", CITY, program, "2023"]);
    }
    assert_eq!((first["program_name"].as_str(), first["担当課"].as_str()), ("ひろば", "保育課"));
    assert_eq!(second.get("program_name"), None, "told once");
    assert_eq!(first["目標"], "500人を目指す", "the goal as it was changed");

    let hidden = book.worksheet_range("hagukumi").unwrap();
    let pairs: BTreeMap<String, String> = hidden.rows().map(|row| (text(row.first()), text(row.get(1)))).collect();
    let form = template(&server, "application/json").await.json["form"].clone();
    for (key, value) in [
        ("format", "1"),
        ("plan", "132284-kodomo-2020"),
        ("municipality", CITY),
        ("round", "2023"),
        ("form_version", "1.2"),
        ("form", form.as_str().unwrap()),
        ("made_at", "2026-11-21T09:00:00.000000+09:00"),
        ("様式1.resource", "target"),
        ("様式2.resource", "result"),
        ("様式2.period", "2023"),
    ] {
        assert_eq!(pairs[key], value, "{key}");
    }
}

#[actix_web::test]
async fn last_year_stands_beside_the_empty_cell() {
    let server = city().await;
    let answer = template(&server, XLSX).await;
    let results = sheet(&mut open(&answer.bytes), "様式2");
    let (first, second) = (&results.rows[0], &results.rows[1]);
    assert_eq!(first["前年度\n実績・取組状況"], "450人（100％）が利用した");
    assert_eq!((first["前年度\nの数値"].as_str(), second["前年度\nの数値"].as_str()), ("450", "100"));
    assert_eq!((first["values.label"].as_str(), first["values.unit"].as_str()), ("利用者", "人"));
    for blank in ["texts.text", "figure", "if_match", "values.value", "values.rate", "note"] {
        assert_eq!((first.get(blank), second.get(blank)), (None, None), "{blank}");
    }
    let judged = format!("evaluations.{CITY}/progress/2020/self");
    assert_eq!(results.headings[&format!("{judged}.level")], "進み具合");
    assert_eq!(first.get(&format!("{judged}.level")), None, "a judgement is nobody's to repeat");
}

#[actix_web::test]
async fn what_is_written_stands_in_one_place_only() {
    let server = city().await;
    let mut body = last_year();
    body["values"][0]["running_total"] = json!(900);
    body["values"][0]["estimate"] = json!(true);
    let written = create(&server, &token_of(&server, CITY), &result("1", 2023), &body).await;
    let answer = template(&server, XLSX).await;
    let rows = sheet(&mut open(&answer.bytes), "様式2").rows;
    let row = rows[0].clone();
    assert_eq!((row["if_match"].as_str(), row["texts.text"].as_str()), (written.etag(), "450人（100％）が利用した"));
    assert_eq!((row["figure"].as_str(), rows[1]["figure"].as_str()), ("450見込", "100"));
    for content in ["values.value", "values.rate", "values.estimate"] {
        assert_eq!((row.get(content), rows[1].get(content)), (None, None), "{content}");
    }
    assert_eq!(row["values.running_total"], "900", "nothing is lost");
    let judged = format!("evaluations.{CITY}/progress/2020/self");
    assert_eq!(
        (row[&format!("{judged}.level")].as_str(), row[&format!("{judged}.reason")].as_str()),
        ("B 一部着手", "途中")
    );
}

#[actix_web::test]
async fn what_is_not_to_be_changed_is_locked_and_what_is_chosen_has_a_list() {
    let server = city().await;
    let answer = template(&server, XLSX).await;
    let sheet = xml(&answer.bytes, "xl/worksheets/sheet3.xml");
    let protection = sheet.split("<sheetProtection").nth(1).unwrap().split("/>").next().unwrap();
    for (attribute, is_there) in [
        ("sheet=\"1\"", true),
        ("insertRows=\"0\"", true),
        ("formatRows=\"0\"", true),
        ("formatColumns=\"0\"", true),
        ("password", false),
    ] {
        assert_eq!(protection.contains(attribute), is_there, "{attribute} in {protection}");
    }
    assert!(
        sheet.contains("<row r=\"6\"")
            && sheet.split("<row r=\"6\"").nth(1).unwrap().split('>').next().unwrap().contains("hidden=\"1\"")
    );
    assert!(
        sheet.contains("fitToHeight=\"0\"")
            && sheet.contains("orientation=\"landscape\"")
            && sheet.contains("paperSize=\"9\"")
    );
    // The reasons of a blank, the levels.
    assert_eq!(sheet.matches("<dataValidation ").count(), 5, "{sheet}");
    assert!(sheet.contains("outlineLevel=\"1\"") && sheet.contains("collapsed=\"1\""));
    let names = xml(&answer.bytes, "xl/workbook.xml");
    assert!(names.contains("様式2!$7:$7") && names.contains("_xlnm.Print_Titles"), "{names}");

    let mut book = open(&answer.bytes);
    let hidden = book.worksheet_range("hagukumi").unwrap();
    let lists: Vec<String> = hidden.rows().flat_map(|row| row.iter().skip(3)).map(ToString::to_string).collect();
    for entry in ["A 達成", "B 一部着手", "C（定義なし）", "把握していない"] {
        assert!(lists.iter().any(|known| known == entry), "{entry} in {lists:?}");
    }

    // The formats of two cells: the name of the program, and the text to be written.
    let styles = xml(&answer.bytes, "xl/styles.xml");
    let formats: Vec<&str> =
        styles.split("<cellXfs").nth(1).unwrap().split("</cellXfs>").next().unwrap().split("<xf ").skip(1).collect();
    let unlocked = |cell: &str| {
        let cell = sheet.split(&format!("<c r=\"{cell}\" s=\"")).nth(1).unwrap_or_else(|| panic!("no {cell}"));
        formats[cell.split('"').next().unwrap().parse::<usize>().unwrap()].contains("locked=\"0\"")
    };
    let column = |heading: &str| {
        let range = book.worksheet_range("様式2").unwrap();
        let at = (0..60).find(|at| text(range.get_value((6, *at))) == heading).unwrap();
        char::from(b'A' + u8::try_from(at).unwrap())
    };
    let mut column = column;
    for (heading, expected) in [
        ("事業名", false),
        ("前年度\n実績・取組状況", false),
        ("目標", false),
        ("実績・取組状況", true),
        ("実績の数値", true),
        ("数値の名称", true),
        ("単位", true),
    ] {
        assert_eq!(unlocked(&format!("{}8", column(heading))), expected, "{heading}");
    }
    assert!(!unlocked(&format!("{}7", column("実績・取組状況"))), "a heading");
}

#[actix_web::test]
async fn texts_come_out_to_the_letter() {
    let server = city().await;
    let given = " 一行目\r\n二行目\t＝ =1+1 _x000D_ <b>&\u{1}  ";
    create(&server, &token_of(&server, CITY), &result("1", 2023), &json!({ "texts": { "text": given } })).await;
    let answer = template(&server, XLSX).await;
    assert_eq!(sheet(&mut open(&answer.bytes), "様式2").rows[0]["texts.text"], given);
    let csv = template(&server, "text/csv").await;
    let row = super::table(&csv.text).into_iter().find(|row| row["resource"] == "result").unwrap();
    assert_eq!(hagukumi::web::table::unguarded(&row["texts.text"]), given);
}
