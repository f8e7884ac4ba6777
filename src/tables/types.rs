use crate::plans::types::View;
use crate::records::filter::instant;
use crate::records::types::Part;
use crate::web::params::{Filter, unreadable};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

/// 表の列 / a column of a table
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableColumn {
    /// どの項目の列か（計画の column_labels と同じ名前。期間や文章欄が複数あれば /期間・/文章欄 を付ける）
    /// / which field the column shows: the name in the plan's `column_labels`, with /period and /text field where there are several
    #[schema(max_length = 120, example = "results/2020")]
    pub column: String,
    /// 見出し（計画に登録された、印刷のまま） / heading, as the plan prints it
    #[schema(max_length = 1200, example = "令和2年度（実績・取組状況）")]
    pub label: String,
    /// 記録の部。null：事業や評価の列 / null: a column of the program or of a judgement
    pub part: Option<Part>,
    /// 記録の期間。null：部の列でないか、事業により異なる / null: no record's column, or not the same of all programs
    #[schema(max_length = 8, example = "2020")]
    pub period: Option<String>,
}

/// 表の行：一つの団体の一つの事業 / one program of one reporter
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableRow {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub municipality_name: String,
    #[schema(max_length = 40, example = "21")]
    pub program: String,
    /// 上にある目標・施策・分類（外側から、番号と題名） / the goals, policies and categories it stands under, the outermost first
    #[schema(schema_with = headings)]
    pub headings: Vec<String>,
    /// 記録がある。false：まだ回答がない / false: nothing has been answered
    pub answered: bool,
    /// 管理者が内容を削除した記録がある。その欄は「（削除）」 / true: an administrator has emptied a record of the row; its cell says （削除）
    pub redacted: bool,
    /// 列の順。送られたままの文字。null：空欄 / in the order of the columns, to the letter; null: blank
    #[schema(schema_with = cells)]
    pub cells: Vec<Option<String>>,
}

fn headings() -> Array {
    let heading = ObjectBuilder::new().schema_type(Type::String).max_length(Some(30_000));
    ArrayBuilder::new().items(heading).max_items(Some(20)).build()
}

/// Several texts can stand in one.
fn cells() -> Array {
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    let cell = ObjectBuilder::new().schema_type(types).max_length(Some(2_000_000));
    ArrayBuilder::new().items(cell).max_items(Some(1000)).build()
}

/// 評価の区分ごとの事業数（表の行から数えたもの） / how many programs of the table have a level
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableCount {
    #[schema(max_length = 40, example = "achievement")]
    pub scheme: String,
    #[schema(max_length = 500, example = "達成状況")]
    pub scheme_title: String,
    #[schema(max_length = 40, example = "3")]
    pub level: String,
    #[schema(max_length = 500)]
    pub label: Option<String>,
    /// 区分が表の形をしているとき、その行と列 / where the levels are a matrix
    #[schema(max_length = 500)]
    pub matrix_row: Option<String>,
    #[schema(max_length = 500)]
    pub matrix_column: Option<String>,
    #[schema(minimum = 0, maximum = 100_000)]
    pub programs: usize,
    /// うち重点 / of which priority
    #[schema(minimum = 0, maximum = 100_000)]
    pub of_which_priority: usize,
}

/// 印刷される表 / a report or a round as it is printed
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTable {
    #[schema(max_length = 55, example = "132284-kodomo-2020")]
    pub plan: String,
    /// null：照会に回答する全団体の表 / null: the table of all reporters of the round
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: Option<String>,
    #[schema(max_length = 40, example = "2020-results")]
    pub round: String,
    #[schema(max_length = 20_000)]
    pub title: String,
    /// 出典：計画、団体、照会、版と公表日 / the source line, to be printed with the table
    #[schema(max_length = 2000)]
    pub source: String,
    pub view: View,
    /// 公表された版。照会の表と作業中の表では null / null: of a round, and of the working view
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub edition: Option<i32>,
    /// 最後の公表の時刻。null：作業中 / of the last publication in it; null: the working view
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub published_at: Option<DateTime<Utc>>,
    /// 行の headings の見出し。CSVでは最初の列になる / labels of the rows' headings, which are the first columns of the CSV
    #[schema(schema_with = headings)]
    pub heading_labels: Vec<String>,
    #[schema(max_items = 1000)]
    pub columns: Vec<TableColumn>,
    /// 計画の順、団体コードの順 / in the plan's order, then by municipality
    #[schema(max_items = 20_000)]
    pub rows: Vec<TableRow>,
    #[schema(max_items = 1000)]
    pub counts: Vec<TableCount>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportTableFilter {
    /// この時刻に公表されていた内容（オフセット付き） / what was public then, with an offset
    #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
    pub as_of: Option<String>,
    /// working：作業中の内容を（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
    #[serde(skip)]
    #[param(ignore)]
    pub at: Option<DateTime<Utc>>,
}

impl Filter for ReportTableFilter {
    fn check(&mut self) -> Result<(), crate::error::Error> {
        self.at = self.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?;
        if self.at.is_some() && self.view == Some(View::Working) {
            return Err(unreadable("as_of", "view=working とは一緒に使えません", "not with view=working"));
        }
        Ok(())
    }
}
