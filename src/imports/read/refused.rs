//! What is wrong with a file as a whole: told with its place, and with what to do.

use super::Place;
use super::columns::known;
use crate::error::{Code, Error, short};
use crate::web::json::nearest;

const SHOWN: usize = 40;

pub fn malformed(ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(Code::ImportMalformed, ja, en)
}

/// A file of another kind; `what` it is, and how it becomes one of ours.
pub fn kind(what_ja: &str, what_en: &str) -> Error {
    Error::new(
        Code::ImportKind,
        format!(
            "{what_ja}。Excel で開き、「Excel ブック (.xlsx)」（パスワードなし）か「CSV UTF-8」で保存して送ってください"
        ),
        format!("{what_en}. Open it in a spreadsheet and save it as .xlsx, without a password, or as CSV in UTF-8"),
    )
}

pub fn too_large(ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(Code::ImportTooLarge, ja, en)
}

/// `seems` and `how`: in Japanese and in English.
pub fn undecodable(line: usize, charset: &str, seems: [&str; 2], how: [&str; 2]) -> Error {
    let ([seems_ja, seems_en], [how_ja, how_en]) = (seems, how);
    Error::new(
        Code::ImportCharset,
        format!("{line}行目が {charset} として読めません。{seems_ja}のようです。{how_ja}"),
        format!("Line {line} is not {charset}; it seems to be {seems_en}. {how_en}"),
    )
}

pub fn unknown_column(place: &Place, heading: &str) -> Error {
    let shown = short(heading, SHOWN);
    let hint = nearest(heading, &known());
    let (ja, en) = if heading == super::columns::FIGURE {
        (
            "。figure はこのサービスの様式だけの列です。ここでは values.value・values.rate などに分けて書いてください"
                .to_owned(),
            ". `figure` belongs to the templates of this service: use values.value, values.rate and their like"
                .to_owned(),
        )
    } else {
        hint.map_or_else(
            || {
                (
                    "。列を消すか、見出しを直してください".to_owned(),
                    ": remove the column or mend its heading".to_owned(),
                )
            },
            |name| (format!("。「{name}」ではありませんか"), format!(". Did you mean `{name}`?")),
        )
    };
    let code = Code::ImportUnknownColumn;
    Error::new(
        code,
        format!("{place}：「{shown}」という列はありません{ja}"),
        format!("{place}: no column `{shown}`{en}"),
    )
}

pub fn no_heading(place: &Place) -> Error {
    Error::new(
        Code::ImportUnknownColumn,
        format!("{place}：見出しのない列に内容があります。見出しを付けるか、内容を消してください"),
        format!("{place}: there is something in a column without a heading: give it one, or remove it"),
    )
}

pub fn repeated_column(first: &Place, second: &Place, name: &str) -> Error {
    Error::new(
        Code::ImportRepeatedColumn,
        format!("{first} と {second} は同じ列「{name}」です。どちらかを消してください"),
        format!("{first} and {second} are both the column `{name}`: remove one"),
    )
}

pub fn missing_columns(sheet: Option<&str>, row: u32, names: &[String]) -> Error {
    let at = sheet.map_or(String::new(), |sheet| format!("シート「{sheet}」の"));
    let all = names.join("、");
    Error::new(
        Code::ImportMissingColumn,
        format!("{at}{row}行目の見出しに、{all} がありません。記録の鍵になる列はどの行にも必要です"),
        format!("The headings in row {row} lack {all}: the columns of the key are in every row"),
    )
}

pub fn long_cell(place: &Place, most: usize) -> Error {
    too_large(
        format!("{place}：一つのセルは{most}字までです"),
        format!("{place}: a cell has at most {most} characters"),
    )
}

pub fn control(place: &Place) -> Error {
    malformed(
        format!("{place}：使えない文字（NUL）があります。セルを書き直してください"),
        format!("{place}: there is a NUL character: write the cell anew"),
    )
}
