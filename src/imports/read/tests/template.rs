//! Our own template, as people fill it in.

use super::*;
use rust_xlsxwriter::Format as Look;
use serde_json::json;

const COLUMNS: [&str; 20] = [
    MARKER,
    "program_number",
    "program_name",
    "",
    "texts.result",
    "values.label",
    "figure",
    "values.unit",
    "evaluations.132284/achievement/2020/self.level",
    "missing_reason",
    "note",
    "values.role",
    "values.whole",
    "values.count_basis",
    "values.value",
    "resource",
    "plan",
    "municipality",
    "program",
    "period",
];
const HEADINGS: [&str; 4] = ["", "番号", "事業名", "前年度の文章"];

/// `lines`: the cells from program_number on; the keys are filled in for those with a program.
fn template(lines: &[&[&str]]) -> Vec<u8> {
    let mut rows: Vec<Vec<&str>> = vec![vec!["", "様式1　令和2年度"], vec![], COLUMNS.to_vec(), HEADINGS.to_vec()];
    for line in lines {
        let mut row = vec![""];
        row.extend(*line);
        row.resize(COLUMNS.len(), "");
        if !row[1].is_empty() {
            row.splice(15.., ["result", "132284-kodomo-2020", "132284", row[1], "2020"]);
        }
        rows.push(row);
    }
    let mut book = Workbook::new();
    let guide = book.add_worksheet().set_name("記入の手引").unwrap();
    guide.write_string(0, 0, "数値の書き方").unwrap();
    let sheet = book.add_worksheet().set_name("様式1").unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    sheet.set_row_hidden(2).unwrap();
    let about = book.add_worksheet().set_name(ABOUT).unwrap();
    for (row, (key, text)) in (0..).zip([("format", "1"), ("form", "abc"), ("round", "2020")]) {
        about.write_string(row, 0, key).unwrap().write_string(row, 1, text).unwrap();
    }
    about.set_hidden(true);
    book.save_to_buffer().unwrap()
}

fn filled(lines: &[&[&str]]) -> Vec<ReadRow> {
    read(&template(lines), Format::Xlsx).unwrap()
}

#[test]
fn what_people_write_is_understood() {
    let rows = filled(&[
        &["1", "検診", "去年の文章", "受診した", "受診者", "450人（100％）", "人", "B 一部着手", "", "備考　です"],
        &["", "", "", "", "延べ日数", "１，２３４", "日", "", "", "", "対になる数値", "", "延べ"],
        &["2", "講座", "", "", "", "", "人", "C（定義なし）", "把握していない"],
        &["3", "相談", "", "まだ", "件数", "", "件"],
        &["4", "未記入", "去年", "", "件数", "", "件"],
        &["5", "会議", "", "", "回数", "月4回", "回"],
        &["", "", "", "", "委員", "…", "人"],
        &["", "", "", "", "内容", "全園実施"],
    ]);
    let keys: Vec<_> = rows.iter().map(|row| row.key["program"].as_str().unwrap()).collect();
    assert_eq!(keys, ["1", "2", "3", "5"]);
    // The second row of a pair is not numbered here: its whole is not known.
    assert_eq!(found(&rows[0]), Vec::<String>::new());
    let first = &rows[0].body;
    assert_eq!(first["texts"]["result"], "受診した");
    assert_eq!(first["note"], "備考　です");
    assert_eq!(first["evaluations"][0]["level"], "B");
    let source = "450人（100％）";
    assert_eq!(
        first["values"],
        json!([
            { "item": "受診者", "label": "受診者", "unit": "人", "source": source, "value": 450 },
            { "item": "受診者", "label": "受診者", "unit": "％", "source": source, "rate": 100, "role": "paired", "whole": 1 },
            { "item": "延べ日数", "label": "延べ日数", "unit": "日", "source": "１，２３４", "value": 1234, "role": "paired",
              "count_basis": "cumulative" },
        ])
    );
    assert_eq!(body(&rows[1]), &json!({ "missing_reason": "not_measured", "evaluations": first_evaluation("C") }));
    assert_eq!(body(&rows[2]), &json!({ "texts": { "result": "まだ" } }));
    let values = &body(&rows[3])["values"];
    assert_eq!((&values[0]["value"], &values[0]["per"]), (&json!(4), &json!("month")));
    assert_eq!(values[1]["missing_reason"], "not_measured");
    assert_eq!(values[2]["text"], "全園実施");
    assert_eq!(rows[3].at("/body/values/1/missing_reason").to_string(), "様式1 G11");
    assert_eq!(rows[3].at("/key/program").to_string(), "様式1 S10");
    assert_eq!(rows[0].at("/body/values/1/rate").to_string(), "様式1 G5");
}

fn first_evaluation(level: &str) -> Value {
    json!([{ "owner": "132284", "scheme": "achievement", "fiscal_year": 2020, "evaluator": "self", "level": level }])
}

#[test]
fn what_a_template_says_of_itself() {
    let bytes = template(&[&["1", "検診"]]);
    let rows = open(&bytes, Format::Xlsx, &super::NAMES).unwrap();
    let about = rows.about().unwrap();
    assert_eq!((about["format"].as_str(), about["form"].as_str(), about.len()), ("1", "abc", 3));
    assert_eq!(rows.count, 1);
}

#[test]
fn what_is_not_understood_is_named_with_its_cell() {
    let rows = filled(&[
        &["1", "検診", "", "文", "回数", "各校1回", "回"],
        &["", "", "", "", "人数", "450件", "人"],
        &["", "", "", "別の文", "", "1,000,000,000,000", "人"],
        &["", "", "", "", "日数", "延べ3", "日", "", "", "", "", "", "実"],
        &["", "", "", "", "割合", "5", "％", "", "", "", "", "", "", "6"],
    ]);
    assert_eq!(
        found(&rows[0]),
        [
            "row.disagrees 様式1 E7",
            "figure.unreadable 様式1 G5",
            "figure.unit 様式1 G6",
            "number.digits 様式1 G7",
            "request.invalid 様式1 G7",
            "request.invalid 様式1 G7",
            "figure.twice 様式1 G8",
        ]
    );
    assert!(rows[0].findings[1].finding.ja.contains("「各校1回」"));
    // Beside the rate of the cell a value of the column: exactly one of them, says the rule of every figure.
    assert_eq!((&rows[0].body["values"][4]["rate"], &rows[0].body["values"][4]["value"]), (&json!(5), &json!(6)));
}

#[test]
fn a_second_figure_goes_where_it_is_awaited() {
    let with_numbers = |cell: &str| {
        let mut names = COLUMNS;
        (names[3], names[10]) = ("ordinal", "values.item");
        let mut main = vec!["", "1", "検診", "1", "", "受診者", "450人（100％）", "人", "", "", "検診"];
        let mut rate = vec!["", "1", "検診", "2", "", "受診率", cell, "%", "", "", "検診", "paired", "1"];
        for row in [&mut main, &mut rate] {
            row.resize(15, "");
            row.extend(["result", "132284-kodomo-2020", "132284", "1", "2020"]);
        }
        read(&book(&[&names, &HEADINGS, &main, &rate]), Format::Xlsx).unwrap().remove(0)
    };
    let row = with_numbers("");
    assert_eq!(
        body(&row)["values"],
        json!([
            { "item": "検診", "label": "受診者", "unit": "人", "source": "450人（100％）", "value": 450 },
            { "item": "検診", "label": "受診率", "unit": "%", "source": "450人（100％）", "rate": 100, "role": "paired", "whole": 1 },
        ])
    );
    let row = with_numbers("99");
    assert_eq!(found(&row), ["figure.twice Sheet1 G3"]);
}

#[test]
fn a_row_that_names_another_program_belongs_to_nobody() {
    let rows = filled(&[&["1", "検診", "", "文"], &["", "相談", "", "", "件数", "3", "件"]]);
    assert_eq!(found(&rows[0]), ["row.key 様式1 C6"]);
    // The same name once more is a row inserted below.
    let rows = filled(&[&["1", "検診", "", "文"], &["", "検診", "", "", "件数", "3", "件"]]);
    assert_eq!(body(&rows[0])["values"][0]["value"], 3);
}

#[test]
fn a_changed_goal_below_the_original_one_has_no_etag_of_its_own_yet() {
    let names = [
        MARKER,
        "texts.text",
        "amendment",
        "reason",
        "resource",
        "plan",
        "municipality",
        "program",
        "period",
        "if_match",
    ];
    let key = ["target", "p", "132284", "1", "令和6年度", "\"v2\""];
    let first: Vec<&str> = ["", "目標", "0", ""].into_iter().chain(key).collect();
    let bytes = book(&[&names, &HEADINGS, &first, &["", "変えた目標", "1", "需要の増"]]);
    let rows = read(&bytes, Format::Xlsx).unwrap();
    let shown: Vec<_> = rows.iter().map(|row| (row.key["amendment"].as_i64(), row.if_match.as_deref())).collect();
    assert_eq!(shown, [(Some(0), Some("\"v2\"")), (Some(1), None)]);
    assert_eq!(rows[1].key["period"], "2024");
    assert_eq!(body(&rows[1])["reason"], "需要の増");
}

#[test]
fn text_cells_that_are_merged_over_the_rows_of_a_record() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let names = [
        MARKER,
        "texts.result",
        "values.label",
        "figure",
        "values.unit",
        "resource",
        "plan",
        "municipality",
        "program",
        "period",
    ];
    for (column, name) in (0..).zip(names) {
        sheet.write_string(0, column, name).unwrap();
    }
    sheet.merge_range(2, 1, 3, 1, "一つの文章", &Look::new()).unwrap();
    for (row, figure) in [(2, 450.0), (3, 0.957)] {
        sheet.write_string(row, 2, "人数").unwrap();
        let look = if row == 3 { Look::new().set_num_format("0.0%") } else { Look::new().set_num_format("0\"名\"") };
        sheet.write_number_with_format(row, 3, figure, &look).unwrap();
    }
    for (column, text) in (5..).zip(["実績", "p", "132284", "1", "R2"]) {
        sheet.merge_range(2, column, 3, column, text, &Look::new()).unwrap();
    }
    sheet.write_string(2, 4, "人").unwrap();
    sheet.set_row_hidden(3).unwrap();
    let rows = read(&book.save_to_buffer().unwrap(), Format::Xlsx).unwrap();
    assert_eq!(rows.len(), 1);
    let body = body(&rows[0]);
    assert_eq!(body["texts"]["result"], "一つの文章");
    assert_eq!((&body["values"][0]["value"], &body["values"][1]["rate"]), (&json!(450), &json!(95.7)));
    assert_eq!(body["values"][1]["unit"], "%");
}
