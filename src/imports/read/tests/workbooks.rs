//! XLSX that is not our template: numbers, dates, formulas, sheets.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula};
use serde_json::json;

const HEADINGS: [&str; 12] = [
    "resource",
    "plan",
    "municipality",
    "program",
    "period",
    "values.item",
    "values.label",
    "values.source",
    "values.unit",
    "values.value",
    "values.rate",
    "values.measured_on",
];

/// A workbook with one row, finished by `write`.
fn one(write: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Result<Vec<ReadRow>, Error> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("報告").unwrap();
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for (column, text) in (0..).zip(["result", "132284-kodomo-2020", "132284", "1", "2020", "a", "b", "c", "人"]) {
        sheet.write_string(1, column, text).unwrap();
    }
    write(sheet);
    read(&book.save_to_buffer().unwrap(), Format::Xlsx)
}

fn value(write: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Value {
    let rows = one(write).unwrap();
    body(&rows[0])["values"][0].clone()
}

#[test]
fn numbers_are_what_the_sheet_shows() {
    for (number, expected) in
        [(450.0, json!(450)), (0.1 + 0.2, json!(0.3)), (95.7 / 100.0 * 100.0, json!(95.7)), (-3.0, json!(-3))]
    {
        assert_eq!(
            value(|sheet| {
                sheet.write_number(1, 9, number).unwrap();
            })["value"],
            expected
        );
    }
    let percent = |column, format: &str| {
        one(|sheet| {
            let look = Look::new().set_num_format(format);
            sheet.write_number_with_format(1, column, 0.957, &look).unwrap();
        })
    };
    assert_eq!(percent(10, "0.0%").unwrap()[0].body["values"][0]["rate"], json!(95.7));
    assert_eq!(percent(10, "0.0\"%\"").unwrap()[0].body["values"][0]["rate"], json!(0.957));
    assert_eq!(found(&percent(9, "0%").unwrap()[0]), ["import.not_canonical 報告 J2"]);
    // Codes and periods that a spreadsheet keeps as numbers.
    let rows = one(|sheet| {
        for (column, number) in [(2, 132284.0), (3, 1.0), (4, 2020.0), (9, 1.0)] {
            sheet.write_number(1, column, number).unwrap();
        }
    });
    assert_eq!(
        rows.unwrap()[0].key,
        json!({ "plan": "132284-kodomo-2020", "municipality": "132284", "program": "1", "period": "2020" })
    );
    let rows = one(|sheet| {
        sheet.write_number(1, 2, 11002.0).unwrap().write_number(1, 9, 1.0).unwrap();
    });
    assert_eq!(found(&rows.unwrap()[0]), ["municipality.code_length 報告 C2"]);
}

#[test]
fn dates_are_dates_where_there_should_be_one() {
    let day = ExcelDateTime::parse_from_str("2021-03-31").unwrap();
    let date = |column| {
        let day = day.clone();
        one(move |sheet| {
            let look = Look::new().set_num_format("yyyy/m/d");
            sheet.write_number(1, 9, 1.0).unwrap().write_datetime_with_format(1, column, &day, &look).unwrap();
        })
        .unwrap()
    };
    assert_eq!(body(&date(11)[0])["values"][0]["measured_on"], "2021-03-31");
    assert_eq!(found(&date(4)[0]), ["import.date_cell 報告 E2"]);
    assert_eq!(found(&date(8)[0]), ["import.date_cell 報告 I2"]);
    let wrong = &date(9)[0].findings[0].finding;
    assert!(wrong.ja.contains("2021-03-31") && wrong.code == error::Code::ImportDateCell);
}

#[test]
fn formulas_count_by_their_results() {
    let formula = |result: &str| {
        let formula = Formula::new("=1+1").set_result(result);
        one(|sheet| {
            sheet.write_formula(1, 9, formula).unwrap();
        })
        .unwrap()
    };
    assert_eq!(body(&formula("450")[0])["values"][0]["value"], 450);
    assert_eq!(found(&formula("#REF!")[0])[0], "import.broken_cell 報告 J2");
    // As programs write them that calculate nothing.
    let rows = one(|sheet| {
        sheet.write_formula(1, 9, Formula::new("=1+1").set_result(" ")).unwrap();
    });
    assert_eq!(rows.map(|rows| rows.len()).ok(), Some(0));
}

#[test]
fn every_sheet_that_is_seen_is_read_or_refused() {
    let mut book = Workbook::new();
    for (name, program) in [("一月", "1"), ("二月", "2")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        let rows = [[KEY, "note"].join(","), format!("{},text", ONE.replace(",1,", &format!(",{program},")))];
        for (row, line) in (0..).zip(rows) {
            for (column, text) in (0..).zip(line.split(',')) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
    }
    book.add_worksheet();
    book.add_worksheet().set_name("隠し").unwrap().set_hidden(true).write_string(0, 0, "メモ").unwrap();
    let rows = read(&book.save_to_buffer().unwrap(), Format::Xlsx).unwrap();
    assert_eq!(rows.iter().map(|row| row.place.to_string()).collect::<Vec<_>>(), ["一月 2行目", "二月 2行目"]);
    book.add_worksheet().set_name("メモ").unwrap().write_string(2, 1, "忘れずに").unwrap();
    let (code, ja) = refused(read(&book.save_to_buffer().unwrap(), Format::Xlsx));
    assert!(code == "import.unknown_column" && ja.starts_with("メモ B3：「忘れずに」"), "{ja}");
    let (code, ja) = refused(read(&Workbook::new().save_to_buffer().unwrap(), Format::Xlsx));
    assert!(code == "import.malformed" && ja.contains("読む表がありません"), "{ja}");
}

#[test]
fn cells_without_a_heading_and_cells_that_are_too_long() {
    let (code, ja) = refused(one(|sheet| {
        sheet.write_string(1, 20, "余り").unwrap();
    }));
    assert!(code == "import.unknown_column" && ja.starts_with("報告 U2：見出しのない列"), "{ja}");
    let columns: Vec<String> = (0..400).map(|column| format!("texts.{column}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let (code, ja) = refused(read(&book(&[&columns]), Format::Xlsx));
    assert!(code == "import.too_large" && ja.starts_with("Sheet1 KO1"), "{ja}");
}
