//! 記入の手引: how the sheets are filled in and sent back.

use super::look;
use crate::templates::form::Form;
use crate::web::xlsx::size::BODY;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

const FIGURES: [(&str, &str); 15] = [
    ("450", "数だけを書きます。単位は「単位」の欄にあります"),
    ("0", "ゼロ。実施したが0だった、など（空欄や ― とは違います）"),
    ("450人（100％）", "人数と率。単位の欄と同じ単位なら、付けて書いても読み取ります"),
    ("3件（延べ200日）", "件数と延べ日数のように、対になる数値"),
    ("6社以上、230超、30以下、5未満", "以上・超・以下・未満"),
    ("5～20", "範囲"),
    ("約20、20程度", "およその数"),
    ("▲3", "マイナス（△ － も同じ）"),
    ("全園実施", "数字のない文字は、数値でない内容として残ります"),
    ("―", "該当しない"),
    ("…", "把握していない"),
    ("X", "秘匿（公表しない小さな数など）"),
    ("実施していない、報告がない", "その理由で数値がない"),
    ("（空欄）", "まだ記入していない。送っても何も登録されません"),
    (
        "読み取れないもの",
        "「各校1回」のように一つの数に読めないものは、送ったときに、欄の位置と直し方を付けて返されます",
    ),
];

const PARAGRAPHS: [(&str, &[&str]); 5] = [
    (
        "1　記入するところ",
        &[
            "黄色の欄に記入してください。灰色の欄（計画の内容、目標、前年度の文章と数値）は読むためのもので、変えられません。",
            "文章は、書いたとおりに（空白や改行もそのまま）登録されます。欄の中の改行は Alt＋Enter です。",
            "前年度と同じ数値の行があらかじめ用意してあります。今年度にない行は、空欄のままにしてください。",
            "数値の行を増やすときは、その事業の行の下に行を挿入し、数値の名称・数値・単位を書いてください。左側の欄は空欄のままで、上の行と同じ事業になります。",
        ],
    ),
    ("2　数値の書き方", &[]),
    (
        "3　空欄にするとき",
        &[
            "事業のすべてを答えられないときは、「空欄の理由」を一覧から選んでください（把握していない、該当しない、実施していない、報告がない、秘匿）。文章や数値とは一緒に書けません。",
            "一つの数値だけがないときは、その数値の欄に ― や … を書いてください。0 とは区別されます。",
        ],
    ),
    (
        "4　評価",
        &[
            "評価の欄は、一覧から選んでください。「（定義なし）」は、区分の意味が示されていない（失われた）ものです。",
            "理由の必要な区分を選んだときは、となりの欄に理由を書いてください。",
        ],
    ),
    (
        "5　送り方",
        &[
            "途中まででもかまいません。何も書いていない事業は、送っても登録されません。",
            "このファイルをそのまま（.xlsx のまま）、報告システムの取込（POST /imports）に送ってください。先に試し（dry_run）で送ると、誤りの一覧が欄の位置（様式1 H12 など）付きで返り、何も登録されません。",
            "見出しの上の隠れた行、隠れた列、隠れたシートは、書いたものを元の事業に戻すためのものです。消さないでください。",
            "様式を作ったあとに、ほかの人が同じ事業を直したときは、上書きせずに知らせます。新しい様式を取り直してください。",
            "指標・時点・内訳などの細かい欄は、右の「＋」の中にあります。シートの保護（パスワードなし）を解除すると開けます。",
        ],
    ),
];

pub fn write(sheet: &mut Worksheet, form: &Form) -> Result<(), XlsxError> {
    let title = look::text(16.0).set_bold();
    let section = look::text(12.0).set_bold().set_border_bottom(FormatBorder::Thin);
    let body = look::text(10.5).set_text_wrap().set_align(FormatAlign::Top);
    let cell = body.clone().set_border(FormatBorder::Hair);
    sheet.set_name("記入の手引")?;
    for (at, width) in (0..).zip([2.0, 34.0, 74.0]) {
        sheet.set_column_width(at, width)?;
    }
    sheet.write_string_with_format(0, 1, "記入の手引", &title)?;
    sheet.set_row_height(0, 27)?;
    sheet.write_string_with_format(1, 1, format!("{}　{}", form.plan, form.municipality), &look::text(10.5))?;
    let mut row = 3;
    for (heading, lines) in PARAGRAPHS {
        sheet.write_string_with_format(row, 1, heading, &section)?.write_blank(row, 2, &section)?;
        row += 1;
        for line in lines {
            paragraph(sheet, row, line, &body)?;
            row += 1;
        }
        if lines.is_empty() {
            for (written, meaning) in FIGURES {
                sheet
                    .write_string_with_format(row, 1, written, &cell)?
                    .write_string_with_format(row, 2, meaning, &cell)?;
                row += 1;
            }
        }
        row += 1;
    }
    sheet.set_portrait().set_paper_size(9).set_print_fit_to_pages(1, 0).set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    sheet.set_print_area(0, 1, row, 2)?.protect();
    Ok(())
}

/// Over both columns; a merged cell grows for nobody, so its height is told.
fn paragraph(sheet: &mut Worksheet, row: u32, line: &str, look: &Format) -> Result<(), XlsxError> {
    sheet.merge_range(row, 1, row, 2, line, look)?;
    sheet.set_row_height(row, BODY.height(BODY.lines(line, 104.0)))?;
    Ok(())
}
