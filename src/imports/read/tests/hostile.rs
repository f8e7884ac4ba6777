//! Files that are made to harm, and files that are damaged.

use super::*;
use proptest::prelude::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A good workbook with some parts exchanged or added.
fn with(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let good = book(&[
        &["resource", "plan", "municipality", "program", "period", "note"],
        &["result", "p", "132284", "1", "2020", "a"],
    ]);
    let mut archive = ZipArchive::new(Cursor::new(good)).unwrap();
    let mut made = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        if !parts.iter().any(|(name, _)| *name == part.name().unwrap()) {
            made.start_file(part.name().unwrap().into_owned(), options).unwrap();
            std::io::copy(&mut part, &mut made).unwrap();
        }
    }
    for (name, bytes) in parts {
        made.start_file(*name, options).unwrap();
        made.write_all(bytes).unwrap();
    }
    made.finish().unwrap().into_inner()
}

fn xlsx(bytes: &[u8]) -> Result<Vec<ReadRow>, Error> {
    read(bytes, Format::Xlsx)
}

const STRINGS: &str = "xl/sharedStrings.xml";

#[test]
fn what_would_inflate_without_end_is_refused_before_it_does() {
    assert_eq!(xlsx(&with(&[])).unwrap().len(), 1);
    let text = |bytes: usize| format!("<sst><si><t>{}</t></si></sst>", "a".repeat(bytes)).into_bytes();
    let many = |one: &str, count: usize| format!("<sst>{}</sst>", one.repeat(count)).into_bytes();
    for (what, name, bytes) in [
        ("too dense", "xl/media/a.bin", vec![0; 4 << 20]),
        ("one long text", STRINGS, text(3 << 20)),
        ("many tags", "xl/styles.xml", many("<xf/>x", 100_001)),
        ("many tags in a part nobody knows", "xl/other.xml", many("<a/>x", 1_000_001)),
        ("room for too many", STRINGS, b"<sst uniqueCount=\"99999999999\"></sst>".to_vec()),
        (
            "room for more than there are numbers",
            STRINGS,
            b"<sst uniqueCount='99999999999999999999999'></sst>".to_vec(),
        ),
    ] {
        let file = with(&[(name, &bytes)]);
        assert!(file.len() < 2 << 20, "{what}");
        let (code, _) = refused(xlsx(&file));
        assert_eq!(code, "import.too_large", "{what}");
    }
    // What the directory says of all together.
    let mut said = with(&[]);
    let entry = said.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    said[entry + 24..entry + 28].copy_from_slice(&u32::try_from(package::INFLATED + 1).unwrap().to_le_bytes());
    assert_eq!(refused(xlsx(&said)).0, "import.too_large");
    // And what there is, whatever the directory says.
    assert!(package::look_through([b'a'; 100].as_slice(), "a", &mut 100).is_ok());
    assert!(package::look_through([b'a'; 101].as_slice(), "a", &mut 100).is_err());
    let parts: Vec<String> = (0..200).map(|part| format!("xl/{part}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|name| (name.as_str(), b"<a/>".as_slice())).collect();
    assert_eq!(refused(xlsx(&with(&parts))).0, "import.too_large");
}

#[test]
fn counts_cannot_be_hidden_in_another_encoding() {
    let wide: Vec<u8> = "<sst uniqueCount=\"99999999999\"/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let declared = b"<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?><sst/>".to_vec();
    for bytes in [wide, declared] {
        let (code, ja) = refused(xlsx(&with(&[(STRINGS, &bytes)])));
        assert!(code == "import.malformed" && ja.contains("sharedstrings.xml が UTF-8 ではありません"), "{ja}");
    }
}

/// A word over the border between two blocks of what is inflated.
#[test]
fn counts_are_seen_wherever_they_stand() {
    const BLOCK: usize = 64 << 10;
    for shift in 0..40 {
        let head = b"<sst>";
        let mut bytes = head.to_vec();
        bytes.extend(std::iter::repeat_n(b' ', BLOCK - head.len() - shift));
        bytes.extend(b"<x uniqueCount=\"99999999999\"/></sst>");
        assert_eq!(refused(xlsx(&with(&[(STRINGS, &bytes)]))).0, "import.too_large", "{shift}");
    }
}

#[test]
fn other_kinds_of_files_are_named() {
    let ole = |name: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    for (bytes, told) in [
        (ole("EncryptedPackage"), "パスワード付き"),
        (ole("Workbook"), ".xls）"),
        (with(&[("xl/vbaProject.bin", b"a")]), ".xlsm"),
        (with(&[("xl/workbook.bin", b"a")]), ".xlsb"),
        (with(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")]), "OpenDocument"),
        (with(&[("word/document.xml", b"<a/>")]), "Word"),
        (b"resource,plan\r\n".to_vec(), "Excel ブック（.xlsx）ではありません"),
        (Vec::new(), "Excel ブック（.xlsx）ではありません"),
    ] {
        let (code, ja) = refused(xlsx(&bytes));
        assert!(code == "import.kind" && ja.contains(told), "{told}: {ja}");
    }
    let (code, _) = refused(xlsx(&vec![0; BYTES + 1]));
    assert_eq!(code, "import.too_large");
    let empty = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert_eq!(refused(xlsx(&empty)).0, "import.malformed");
}

#[test]
fn formulas_that_nobody_has_calculated_are_no_blanks() {
    let sheet = |cell: &str| {
        let heads = ["resource", "plan", "municipality", "program", "period", "note"];
        let row = |number: usize, cells: &[&str]| {
            let cells = cells.iter().map(|text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"));
            format!("<row r=\"{number}\">{}", cells.collect::<String>())
        };
        let (heads, key) = (row(1, &heads), row(2, &["result", "p", "132284", "1", "2020"]));
        format!("<worksheet><sheetData>{heads}</row>{key}{cell}</row></sheetData></worksheet>").into_bytes()
    };
    let rows = |cell: &str| xlsx(&with(&[("xl/worksheets/sheet1.xml", &sheet(cell))]));
    for cell in ["<c><f>A1</f></c>", "<c><f>A1</f><v></v></c>", "<c><f>A1</f><v/></c>"] {
        assert_eq!(found(&rows(cell).unwrap()[0]), ["import.broken_cell Sheet1 F2"], "{cell}");
    }
    assert!(rows("<c t=\"str\"><f>A1</f><v></v></c>").unwrap().is_empty());
    assert_eq!(rows("<c t=\"str\"><f>A1</f><v>a</v></c>").unwrap()[0].body["note"], "a");
    let (code, ja) = refused(rows("<c t=\"str\"><v>_x0000_</v></c>"));
    assert!(code == "import.malformed" && ja.starts_with("Sheet1 F2：使えない文字"), "{ja}");
    let (code, ja) = refused(rows(&format!("<c t=\"str\"><v>{}</v></c>", "長".repeat(40_000))));
    assert!(code == "import.too_large" && ja.starts_with("Sheet1 F2"), "{ja}");
    for cell in ["<c r=\"A2\"><v>1</v></c>", "</row><row r=\"1\"><c><v>1</v></c>"] {
        let (code, ja) = refused(rows(cell));
        assert!(code == "import.malformed" && ja.contains("順に並んでいません"), "{ja}");
    }
}

/// A book with a bit of everything.
fn good() -> Vec<u8> {
    let names = [
        MARKER,
        "texts.text",
        "figure",
        "values.unit",
        "values.label",
        "resource",
        "plan",
        "municipality",
        "program",
        "period",
    ];
    book(&[
        &names,
        &["", "見出し"],
        &["", "文", "450人（100％）", "人", "a", "result", "p", "132284", "1", "2020"],
        &["", "", "3", "回", "b"],
    ])
}

fn mutated(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = bytes.len();
    let change = (0..length, prop::collection::vec(any::<u8>(), 0..4), 0_usize..4);
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut made = bytes.clone();
        for (at, new, gone) in changes {
            let at = at.min(made.len());
            let end = (at + gone).min(made.len());
            made.splice(at..end, new);
        }
        made
    })
}

/// The parts of a workbook before they are packed, so that changes get through to their readers.
fn changed_part() -> impl Strategy<Value = Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(good())).unwrap();
    let parts: Vec<(String, Vec<u8>)> = (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            std::io::copy(&mut part, &mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect();
    prop::sample::select(parts)
        .prop_flat_map(|(name, bytes)| (Just(name), mutated(bytes)))
        .prop_map(|(name, bytes)| with(&[(&name, &bytes)]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop_oneof![mutated(good()), changed_part(), prop::collection::vec(any::<u8>(), 0..300)]) {
        let _ = xlsx(&bytes);
    }

    #[test]
    fn no_text_makes_it_panic(bytes in mutated(csv("note,values.value,values.whole", &["\"a\"\"b\",450人,1", "髙,▲3,"]).into_bytes()),
        charset in prop::sample::select(vec![Charset::Utf8, Charset::Cp932])) {
        let _ = read(&bytes, Format::Csv(charset));
    }

    #[test]
    fn every_text_comes_back_from_a_csv(texts in prop::collection::vec("[^\\x00]{1,12}", 1..4)) {
        let lines: Vec<Vec<String>> = texts.iter().enumerate().map(|(index, text)| {
            ONE.replace(",1,", &format!(",p{index},")).split(',').map(str::to_owned).chain([crate::web::table::guarded(text)]).collect()
        }).collect();
        let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(KEY.split(',').chain(["note"])).unwrap();
        lines.iter().for_each(|line| writer.write_record(line).unwrap());
        let rows = read(&writer.into_inner().unwrap(), Format::Csv(Charset::Utf8)).unwrap();
        let expected: Vec<&String> = texts.iter().filter(|text| !text.trim().is_empty()).collect();
        let found: Vec<&str> = rows.iter().map(|row| row.body["note"].as_str().unwrap()).collect();
        prop_assert_eq!(found, expected);
    }
}
