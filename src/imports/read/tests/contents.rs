//! CSV: columns, rows and records.

use super::*;
use serde_json::json;

#[test]
fn a_record_of_several_rows_becomes_one_body() {
    let text = format!(
        "{KEY},municipality_name,if_match,texts.result,evaluations.132284/achievement/2020/self.level,note,ordinal,\
         values.item,values.label,values.unit,values.source,values.value,values.rate,values.role,values.whole,values.estimate,\
         values.breakdown.施設,values.indicator.owner,values.indicator.indicator\r\n\
         {ONE},あきる野市,\"\"\"v3\"\"\",\"二行の\n文章\",2,'=備考,1,検診,受診者,人,450人,450,,,,TRUE,既存,132284,site_views\r\n\
         {ONE},,,,,,2,検診,受診率,％,（100％）,,100,paired,1,,,,\r\n"
    );
    let rows = utf8(&text).unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.resource.as_deref(), Some("result"));
    assert_eq!(
        row.key,
        json!({ "plan": "132284-kodomo-2020", "municipality": "132284", "program": "1", "period": "2020" })
    );
    assert_eq!(row.if_match.as_deref(), Some("\"v3\""));
    let expected = json!({
        "texts": { "result": "二行の\n文章" },
        "note": "=備考",
        "values": [
            { "item": "検診", "label": "受診者", "unit": "人", "source": "450人", "value": 450, "estimate": true,
              "indicator": { "owner": "132284", "indicator": "site_views" }, "breakdown": { "施設": "既存" } },
            { "item": "検診", "label": "受診率", "unit": "％", "source": "（100％）", "rate": 100, "role": "paired", "whole": 1 },
        ],
        "evaluations": [
            { "owner": "132284", "scheme": "achievement", "fiscal_year": 2020, "evaluator": "self", "level": "2" },
        ],
    });
    assert_eq!(body(row), &expected);
    // The text before it has two lines.
    assert_eq!(row.at("/body/values/1/rate").to_string(), "4行目「values.rate」");
    assert_eq!(row.at("/body/values/1/denominator").to_string(), "4行目「values.rate」");
    assert_eq!(
        row.at("/body/evaluations/0/level").to_string(),
        "2行目「evaluations.132284/achievement/2020/self.level」"
    );
    assert_eq!(row.at("/body/texts/text").to_string(), "2行目");
    assert_eq!(row.source.len(), 2);
    assert!(row.source[1].cells.contains(&("values.rate".into(), "100".to_owned())));
}

#[test]
fn japanese_headings_in_any_order_and_cp932() {
    let text = "事業コード,単位,期間,団体コード,部,計画コード,数値の名称,項目,出典の語句,数値\n\
        1,ヶ所,令和2年度,132284,result,132284-kodomo-2020,①髙島会場,会場,髙,3\n";
    let (bytes, _, wrong) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!wrong);
    let rows = read(&bytes, Format::Csv(Charset::Cp932)).unwrap();
    assert_eq!(
        body(&rows[0])["values"][0],
        json!({ "label": "①髙島会場", "item": "会場", "source": "髙", "unit": "ヶ所", "value": 3 })
    );
    assert_eq!(rows[0].key["period"], "2020");
    assert_eq!(rows[0].at("/key/period").to_string(), "2行目「期間」");
    let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    assert_eq!(read(&with_mark, Format::Csv(Charset::Utf8)).unwrap()[0].body, rows[0].body);
    // The same bytes under another name are told apart.
    let (code, ja) = refused(read(&bytes, Format::Csv(Charset::Utf8)));
    assert_eq!(code, "import.charset");
    assert!(ja.starts_with("1行目が UTF-8 として読めません。CP932") && ja.contains("charset=cp932"), "{ja}");
    let (code, ja) = refused(read(text.as_bytes(), Format::Csv(Charset::Cp932)));
    assert!(code == "import.charset" && ja.contains("charset=utf-8"), "{ja}");
    let (_, ja) = refused(read(b"a\n\xff\xff", Format::Csv(Charset::Cp932)));
    assert!(ja.starts_with("2行目が CP932 として読めません"), "{ja}");
    let (_, ja) = refused(read(b"\xff\xfea\0", Format::Csv(Charset::Utf8)));
    assert!(ja.contains("UTF-16"), "{ja}");
    for name in ["UTF-8", "cp932", "Shift_JIS", "windows-31j"] {
        assert!(Charset::parse(name).is_some());
    }
    assert_eq!(Charset::parse("euc-jp"), None);
}

#[test]
fn files_that_are_no_csv_say_in_which_line() {
    for (text, told) in [
        ("", "ファイルが空です"),
        ("resource\tplan\tmunicipality", "「,」で区切られていません"),
        (&csv("note", &["a\"b"]), "2行目：引用符で囲まないセル"),
        (&csv("note", &["a", "\"a\"b"]), "3行目：閉じた引用符"),
        (&csv("note", &["a", "\"a\nb"]), "3行目：引用符「\"」が閉じていません"),
        (&csv("note", &["a,b"]), "2行目は7列で、見出しの6列"),
        (&csv("note", &["a", "\0"]), "3行目に使えない文字"),
        ("PK\x03\x04", "Excel ブック（.xlsx）です"),
    ] {
        let (code, ja) = refused(utf8(text));
        assert!(code == "import.malformed" && ja.contains(told), "{text}: {ja}");
    }
    let (code, ja) = refused(utf8(&csv("note", &[&"長".repeat(40_000)])));
    assert!(code == "import.too_large" && ja.contains("2行目「note」"), "{ja}");
    let (code, ja) = refused(utf8(&csv(&"a,".repeat(400), &[])));
    assert!(code == "import.too_large" && ja.contains("300"), "{ja}");
    let (code, _) = refused(read(&vec![b' '; BYTES + 1], Format::Csv(Charset::Utf8)));
    assert_eq!(code, "import.too_large");
    let rows: Vec<String> = (0..=ROWS).map(|row| ONE.replace(",1,", &format!(",{row},")) + ",a").collect();
    let (code, ja) = refused(utf8(&format!("{KEY},note\n{}", rows.join("\n"))));
    assert!(code == "import.too_large" && ja.contains("50002行目：一つのファイルは50000行まで"), "{ja}");
}

#[test]
fn headings_that_mean_nothing_are_told_with_the_nearest() {
    for (columns, code, told) in [
        (
            "values.unite",
            "import.unknown_column",
            "1行目「F」：「values.unite」という列はありません。「values.unit」ではありませんか",
        ),
        ("figure", "import.unknown_column", "values.value・values.rate"),
        ("メモ帳", "import.unknown_column", "列を消すか"),
        ("note,備考", "import.repeated_column", "同じ列「note」"),
    ] {
        let (found, ja) = refused(utf8(&csv(columns, &[])));
        assert!(found == code && ja.contains(told), "{columns}: {found} {ja}");
    }
    let (code, ja) = refused(utf8("resource,plan,program,note\r\n"));
    assert_eq!(code, "import.missing_column");
    assert!(ja.contains("municipality（団体コード）、period（期間）"), "{ja}");
    let (code, ja) = refused(utf8(&csv("note,", &["a,b"])));
    assert!(code == "import.unknown_column" && ja.starts_with("2行目「G」：見出しのない列"), "{ja}");
    assert!(utf8(&csv("note,", &["a,"])).is_ok());
}

#[test]
fn keys_are_canonical_or_told_cell_by_cell() {
    let columns = "resource,plan,municipality,municipality_name,program,program_name,period,amendment,note";
    let key = |row: &str| utf8(&format!("{columns}\n{row}\n")).unwrap().remove(0);
    let row = key("target,p,12220,札幌市,1,親子教室,R6,,a");
    assert_eq!(found(&row), ["municipality.code_length 2行目「municipality」"]);
    let row = key("target,p,11002,札幌市,1,親子教室,R6,,a");
    assert_eq!((row.key["municipality"].as_str(), found(&row)), (Some("011002"), vec![]));
    assert_eq!((row.key["period"].as_str(), row.key["amendment"].as_i64()), (Some("2024"), Some(0)));
    assert_eq!(
        row.program_name.as_ref().map(|(name, place)| format!("{name} {place}")).as_deref(),
        Some("親子教室 2行目「program_name」")
    );
    let row = key("target,p,342084,東京都府中市,,,2023-10,x,a");
    assert_eq!(
        found(&row),
        [
            "municipality.name_mismatch 2行目「municipality」",
            "row.key 2行目",
            "period.unknown 2行目「period」",
            "import.not_canonical 2行目「amendment」",
        ]
    );
    assert_eq!(found(&key("実績,p,132284,,1,,2020,,a")), ["import.not_canonical 2行目「resource」"]);
    assert_eq!(found(&key("result,p,132284,,1,,2020,2,a")), ["row.key 2行目「amendment」"]);
    let row = key("result,p,132284,,1,,2020,0,a");
    assert!(row.findings.is_empty() && row.key.get("amendment").is_none());
}

#[test]
fn one_record_stands_in_one_piece() {
    let other = ONE.replace(",1,", ",2,");
    let text = format!("{KEY},note,reason\n{ONE},a,\n{other},b,\n{ONE},a,c\n");
    let rows = utf8(&text).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(found(&rows[0]), ["row.repeated 2行目"]);
    assert!(rows[0].findings[0].finding.ja.contains("（4行目）"));
    assert_eq!((found(&rows[1]), found(&rows[2])), (vec![], vec!["row.repeated 4行目".to_owned()]));
    // What is only prepared elsewhere is no second piece.
    let text = format!("{KEY},note,values.label\n{ONE},a,b\n{other},b,\n{ONE},,c\n");
    let rows = utf8(&text).unwrap();
    assert_eq!(rows.iter().map(found).collect::<Vec<_>>(), [Vec::<String>::new(), vec![]]);
    // What is said of the record is said once, or alike.
    let rows = utf8(&csv("note,reason", &["a,", "a,b", "c,b"])).unwrap();
    assert_eq!(found(&rows[0]), ["row.disagrees 4行目「note」"]);
    assert!(rows[0].findings[0].finding.ja.starts_with("4行目「note」 の内容が、同じ記録の 2行目「note」 と"));
    let rows = utf8(&csv("if_match,note", &["v1,a", ",", "v2,"])).unwrap();
    assert_eq!(found(&rows[0]), ["row.disagrees 4行目「if_match」"]);
    let (code, ja) = refused(utf8(&csv("note", &["a"; 1_001])));
    assert!(code == "import.too_large" && ja.contains("1002行目：一つの記録は1000行"), "{ja}");
}

#[test]
fn blank_is_not_answered_and_emptied_is_told() {
    let columns = "if_match,note,ordinal,values.item,values.unit,values.value,evaluations.132284/a/2020/self.against";
    assert!(utf8(&csv(columns, &[",,1,検診,人,,2024", ",,2,検診,％,,"])).unwrap().is_empty());
    let rows = utf8(&csv(columns, &["\"\"\"v2\"\"\",,1,検診,人,,"])).unwrap();
    assert_eq!((found(&rows[0]), &rows[0].body), (vec!["row.emptied 2行目".to_owned()], &json!({})));
    let rows = utf8(&csv("evaluations.132284/a/2020/self.reason", &["なぜなら"])).unwrap();
    assert_eq!(found(&rows[0]), ["request.invalid 2行目「evaluations.132284/a/2020/self.reason」"]);
}

#[test]
fn numbers_of_rows_are_those_of_the_figures_that_are_there() {
    let columns = "ordinal,values.item,values.label,values.source,values.unit,values.value,values.role,values.whole,\
        values.same_figure_as.program,values.same_figure_as.ordinal";
    let rows = utf8(&csv(
        columns,
        &[
            "3,a,a,a,人,3,of_which,2,,",
            "1,a,a,a,人,,,,,",
            "2,a,a,a,人,2,,,,",
            "4,a,a,a,人,4,,,1,3",
            "5,a,a,a,人,5,,,9,3",
        ],
    ))
    .unwrap();
    let values = &body(&rows[0])["values"];
    let shown: Vec<_> = values.as_array().unwrap().iter().map(|value| (&value["value"], &value["whole"])).collect();
    assert_eq!(
        shown,
        [(&json!(2), &Value::Null), (&json!(3), &json!(1)), (&json!(4), &Value::Null), (&json!(5), &Value::Null)]
    );
    // Of this record, and of another.
    assert_eq!(
        (&values[2]["same_figure_as"]["ordinal"], &values[3]["same_figure_as"]["ordinal"]),
        (&json!(2), &json!(3))
    );
    let rows = utf8(&csv(
        columns,
        &["1,a,a,a,人,,,,,", "2,a,a,a,人,2,paired,1,,", "3,a,a,a,人,3,,,,", "3,a,a,a,人,4,part_of,3,,"],
    ))
    .unwrap();
    assert_eq!(found(&rows[0]), ["value.content 3行目「values.whole」", "value.content 5行目「values.whole」"]);
    // Without the column the rows are counted.
    let rows = utf8(&csv(
        "values.item,values.label,values.source,values.value,values.whole",
        &["a,a,a,1,", "a,a,a,,", "a,a,a,3,1"],
    ))
    .unwrap();
    assert_eq!(body(&rows[0])["values"][1]["whole"], 1);
}

#[test]
fn a_figure_without_what_it_needs_is_told() {
    let rows =
        utf8(&csv("values.value,values.unit,values.estimate", &["450人（100％）,人,", "１２,人,○", ",人,FALSE"]))
            .unwrap();
    assert_eq!(
        found(&rows[0]),
        [
            "import.not_canonical 2行目「values.value」",
            "request.invalid 2行目「values.value」",
            "request.invalid 2行目「values.value」",
            "request.invalid 2行目「values.value」",
            "import.not_canonical 3行目「values.value」",
            "import.not_canonical 3行目「values.estimate」",
            "request.invalid 3行目「values.value」",
            "request.invalid 3行目「values.value」",
            "request.invalid 3行目「values.value」",
        ]
    );
    assert!(codes(&rows[0].findings).contains(&error::Code::ImportNotCanonical));
    assert!(rows[0].findings[1].finding.ja.contains("項目（values.item）"));
}
