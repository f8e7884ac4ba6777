//! Records as flat rows, as CSV and XLSX carry them: one row a figure, the key in every row, whatever belongs to the whole
//! record in the record's first row. A column is named by the path of its field in the body of a PUT.
//!
//! - the key: `resource` (target, result), `plan`, `municipality`, `program`, `period`, `amendment`, and `if_match`: the
//!   ETag the row was filled from; `municipality_name`, `program_number` and `program_name` are compared with the codes
//! - the record: `texts.<field>`, the columns of [`RECORD`], and of each evaluation [`Judged`] `.level`, `.reason`,
//!   `.against`
//! - the figure: `ordinal` (to which `values.whole` refers), the columns of [`VALUE`], and `values.breakdown.<axis>`

mod rows;

pub use rows::{Cells, Flat, flatten};

use crate::records::value::Evaluator;
use std::fmt;

/// Name of a column, and its heading in Japanese; both are read.
pub type Column = (&'static str, &'static str);

pub const KEY: [Column; 10] = [
    ("resource", "部"),
    ("plan", "計画コード"),
    ("municipality", "団体コード"),
    ("municipality_name", "団体名"),
    ("program", "事業コード"),
    ("program_number", "番号"),
    ("program_name", "事業名"),
    ("period", "期間"),
    ("amendment", "変更目標"),
    ("if_match", "ETag"),
];

pub const RECORD: [Column; 7] = [
    ("no_change_from_last_year", "前年度と同じ"),
    ("cross_reference", "参照"),
    ("repost_of", "再掲元"),
    ("missing_reason", "空欄の理由"),
    ("reason", "変更理由"),
    ("amended_on", "変更日"),
    ("note", "備考"),
];

pub const ORDINAL: Column = ("ordinal", "数値の番号");

pub const VALUE: [Column; 31] = [
    ("values.item", "項目"),
    ("values.role", "数値の役割"),
    ("values.whole", "全体の番号"),
    ("values.whole_item", "全体の項目"),
    ("values.label", "数値の名称"),
    ("values.unit", "単位"),
    ("values.source", "出典の語句"),
    ("values.indicator.owner", "指標の所有団体"),
    ("values.indicator.indicator", "指標コード"),
    ("values.missing_reason", "数値がない理由"),
    ("values.value", "数値"),
    ("values.value_to", "数値の上限"),
    ("values.rate", "率（％）"),
    ("values.text", "数値でない内容"),
    ("values.comparator", "以上・以下"),
    ("values.approximate", "約"),
    ("values.estimate", "見込"),
    ("values.numerator", "分子"),
    ("values.denominator", "分母"),
    ("values.running_total", "累計"),
    ("values.counted", "数えたもの"),
    ("values.count_basis", "延べ・実"),
    ("values.per", "あたり"),
    ("values.period", "数値の期間"),
    ("values.department", "数値の担当課"),
    ("values.measured_on", "時点"),
    ("values.measured_on_text", "時点（印刷）"),
    ("values.method", "把握の方法"),
    ("values.note", "数値の備考"),
    ("values.same_figure_as.program", "同じ数値の事業"),
    ("values.same_figure_as.ordinal", "同じ数値の番号"),
];

/// Columns with names of the data's own.
pub const TEXT: &str = "texts.";
pub const BREAKDOWN: &str = "values.breakdown.";
pub const EVALUATION: &str = "evaluations.";

/// What tells the evaluations of a record apart. As a column:
/// `evaluations.132284/achievement/2020/self.level`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Judged {
    pub owner: String,
    pub scheme: String,
    pub fiscal_year: i16,
    pub evaluator: Evaluator,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, scheme, fiscal_year, evaluator } = self;
        write!(f, "{EVALUATION}{owner}/{scheme}/{fiscal_year}/{}", evaluator.as_str())
    }
}
