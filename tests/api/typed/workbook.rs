//! A workbook, filled in as a person does: a cell at a time, everything else left as it was.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// `cells`: lines such as `様式1 H12 = 24`; `\\n` is a line break. Nothing behind the `=` empties the cell.
pub fn fill(file: &Path, cells: &str) {
    let mut parts = parts(&fs::read(file).unwrap());
    for line in cells.lines() {
        let (place, text) = line.split_once(" =").unwrap_or_else(|| panic!("`{line}`"));
        let (sheet, cell) = place.rsplit_once(' ').unwrap();
        let path = path(&parts, sheet);
        let xml = &mut parts.iter_mut().find(|part| part.0 == path).unwrap().1;
        let filled = filled(std::str::from_utf8(xml).unwrap(), cell, &text.trim_start().replace("\\n", "\n"));
        *xml = filled.into_bytes();
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    fs::write(file, writer.finish().unwrap().into_inner()).unwrap();
}

fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    parts
}

/// Sheets lie in the order in which the workbook lists them.
fn path(parts: &[(String, Vec<u8>)], sheet: &str) -> String {
    let book = &parts.iter().find(|part| part.0 == "xl/workbook.xml").unwrap().1;
    let book = std::str::from_utf8(book).unwrap();
    let number = book.split("<sheet name=\"").skip(1).position(|rest| rest.starts_with(&format!("{sheet}\"")));
    format!("xl/worksheets/sheet{}.xml", number.unwrap_or_else(|| panic!("no sheet {sheet}")) + 1)
}

/// The sheet with one cell typed anew, in the format that the cell has.
fn filled(xml: &str, cell: &str, text: &str) -> String {
    let start = xml.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no cell {cell} to type into"));
    let head = start + xml[start..].find('>').unwrap();
    let blank = xml[..head].ends_with('/');
    let end = if blank { head + 1 } else { head + xml[head..].find("</c>").unwrap() + "</c>".len() };
    let format = xml[start..head].split(" s=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("0");
    let content = match text.parse::<f64>() {
        _ if text.is_empty() => format!("<c r=\"{cell}\" s=\"{format}\"/>"),
        Ok(number) => format!("<c r=\"{cell}\" s=\"{format}\"><v>{number}</v></c>"),
        Err(_) => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            format!("<c r=\"{cell}\" s=\"{format}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
        }
    };
    format!("{}{content}{}", &xml[..start], &xml[end..])
}
