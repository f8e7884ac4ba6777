use crate::list_of;
use crate::records::compare::ComparedFigure;
use crate::records::types::Part;
use crate::records::value::RecordValue;
use serde::Serialize;
use utoipa::ToSchema;

/// 公表された数値1件と、それが属するもの / one published figure with all it belongs to
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueRow {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
    pub prefecture: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub municipality_name: String,
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(max_length = 40)]
    pub program: String,
    #[schema(max_length = 100)]
    pub program_number: Option<String>,
    #[schema(max_length = 1000)]
    pub program_name: Option<String>,
    #[schema(max_length = 8, example = "2020")]
    pub period: String,
    #[schema(max_length = 40)]
    pub period_label_ja: String,
    #[schema(max_length = 40)]
    pub period_label_en: String,
    /// targets：目標の数値、results：実績の数値（比べる目標が添えられる）
    pub part: Part,
    /// 0：当初の目標と実績、1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 記録の中の番号（1から）
    #[schema(minimum = 1, maximum = 500)]
    pub ordinal: i16,
    /// 公表された報告の版
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub edition: i32,
    /// その指標がつながる全国共通指標（公表時点）
    #[schema(max_length = 40)]
    pub common_indicator: Option<String>,
    /// 再掲の記録の数値か
    pub repost: bool,
    pub value: RecordValue,
    /// 実績の数値なら、比べる当初の目標。当初の目標がなければ null / the original target a result's figure is compared with
    pub target: Option<ComparedFigure>,
    /// 実績の数値なら、同じ期間の最後の変更目標 / the last change of that target
    pub amended_target: Option<ComparedFigure>,
}
list_of!(ValueList, ValueRow);
