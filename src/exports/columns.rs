//! What each data set holds, column by column: said once, for the select, the encoder and the data package.

use super::types::Dataset;
use Kind::{Code, Flag, Instant, Integer, List, MainText, Number, Object, Text};

/// What stands in the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it was sent
    Text,
    /// The text that is named so, of all texts of a record
    MainText,
    /// A word or code
    Code,
    Integer,
    /// Exact, without trailing zeros
    Number,
    Flag,
    Instant,
    /// JSON
    Object,
    List,
}

/// What a code means, told beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    Prefectures,
    Plans,
    PeriodLabel,
    PeriodStart,
    PeriodEnd,
    /// The texts beside the one that stands in the column
    OtherTexts,
}

/// Where a cell comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// An expression over the row of the data set
    Row(&'static str),
    /// The meaning of the code in the column named
    Told(Names, &'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub source: Source,
    /// Never blank
    pub required: bool,
    pub ja: &'static str,
    pub en: &'static str,
}

const fn row(name: &'static str, kind: Kind, of: &'static str, ja: &'static str, en: &'static str) -> Column {
    Column { name, kind, source: Source::Row(of), required: false, ja, en }
}

/// Of the same name as its column in the database.
const fn same(name: &'static str, kind: Kind, ja: &'static str, en: &'static str) -> Column {
    row(name, kind, name, ja, en)
}

const fn told(name: &'static str, names: Names, of: &'static str, ja: &'static str, en: &'static str) -> Column {
    Column { name, kind: Text, source: Source::Told(names, of), required: false, ja, en }
}

const fn always(column: Column) -> Column {
    Column { required: true, ..column }
}

impl Dataset {
    /// From the left.
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Results => [RECORD, RESULTS].concat(),
            Self::Targets => [RECORD, TARGETS].concat(),
            Self::Values => [RECORD, VALUES].concat(),
            Self::Evaluations => [RECORD, EVALUATIONS].concat(),
            Self::Programs => PROGRAMS.to_vec(),
            Self::Indicators => INDICATORS.to_vec(),
        }
    }

    /// The columns that tell its rows apart, which is their order, too.
    pub const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Results => &["prefecture", "fiscal_year", "municipality", "plan", "program", "period"],
            Self::Targets => &["prefecture", "fiscal_year", "municipality", "plan", "program", "period", "amendment"],
            Self::Values => &[
                "prefecture",
                "fiscal_year",
                "municipality",
                "plan",
                "program",
                "period",
                "part",
                "amendment",
                "ordinal",
            ],
            Self::Evaluations => {
                &["prefecture", "fiscal_year", "municipality", "plan", "program", "period", "position"]
            }
            Self::Programs => &["plan", "program"],
            Self::Indicators => &["indicator_owner", "indicator"],
        }
    }
}

/// What every row of a record begins with: which record it is of.
const RECORD: &[Column] = &[
    always(same("prefecture", Code, "都道府県コード", "prefecture code")),
    told("prefecture_name", Names::Prefectures, "prefecture", "都道府県名", "prefecture"),
    always(same("municipality", Code, "団体コード", "municipality code")),
    always(same("municipality_name", Text, "団体名（公表時）", "municipality, as at publication")),
    always(same("plan", Code, "計画コード", "plan code")),
    told("plan_title", Names::Plans, "plan", "計画名", "plan"),
    always(same("program", Code, "事業コード", "program code")),
    same(
        "program_number",
        Text,
        "事業の番号（印刷のまま、公表時）",
        "number of the program as printed, as at publication",
    ),
    same("program_name", Text, "事業名（公表時）", "program, as at publication"),
    always(same("period", Code, "期間", "period")),
    told("period_label_ja", Names::PeriodLabel, "period", "期間（和暦）", "period, in Japanese"),
    told("period_start", Names::PeriodStart, "period", "期間の初日", "first day of the period"),
    told("period_end", Names::PeriodEnd, "period", "期間の末日", "last day of the period"),
    always(same("fiscal_year", Integer, "年度（4月から。0：現状）", "fiscal year, from April; 0: the baseline")),
    same("statutory_program", Code, "法定事業コード（公表時）", "statutory program, as at publication"),
];

const OTHER_TEXTS: Column = Column {
    name: "other_texts",
    kind: Object,
    source: Source::Told(Names::OtherTexts, "text"),
    required: false,
    ja: "ほかの文章欄（コード → 文章）",
    en: "other text fields: code to text",
};

const REDACTED: Column = always(same("redacted", Flag, "削除された記録（中身は空）", "emptied by an administrator"));

const RESULTS: &[Column] = &[
    always(same("edition", Integer, "公表された版", "edition of the report that first carried it")),
    always(row("publication", Integer, "from_no", "公表番号", "publication that made it public")),
    always(same("published_at", Instant, "公表の時刻", "time of publication")),
    row("text", MainText, "texts", "文章（送られたまま）", "text, as it was sent"),
    OTHER_TEXTS,
    same("cross_reference", Text, "参照先（資料…のとおり）", "reference to another document"),
    same("repost_of", Code, "再掲元の事業コード", "program that this repeats"),
    same(
        "missing_reason",
        Code,
        "空欄の理由（not_measured：把握していない、not_applicable：該当しない、not_implemented：実施していない、not_reported：報告がない、suppressed：秘匿）",
        "why it was left blank",
    ),
    always(same("no_change_from_last_year", Flag, "前年度から変更なし", "texts are last year's, meant so")),
    same("note", Text, "備考", "note"),
    REDACTED,
];

const TARGETS: &[Column] = &[
    always(same(
        "amendment",
        Integer,
        "変更目標の番号（0：当初の目標）",
        "number of the changed goal; 0: the original one",
    )),
    always(same("edition", Integer, "公表された版", "edition of the report that first carried it")),
    always(row("publication", Integer, "from_no", "公表番号", "publication that made it public")),
    always(same("published_at", Instant, "公表の時刻", "time of publication")),
    row("text", MainText, "texts", "文章（送られたまま）", "text, as it was sent"),
    OTHER_TEXTS,
    same("reason", Text, "変更の理由", "why the goal was changed"),
    same("amended_on", Text, "変更の日（分かる精度で）", "day of the change, as exactly as it is known"),
    same("note", Text, "備考", "note"),
    REDACTED,
];

const VALUES: &[Column] = &[
    always(same("part", Code, "部（targets：目標、results：実績）", "targets or results")),
    always(same(
        "amendment",
        Integer,
        "変更目標の番号（0：当初の目標）",
        "number of the changed goal; 0: the original one",
    )),
    always(same("ordinal", Integer, "記録の中の番号", "place in its record")),
    always(same("edition", Integer, "公表された版", "edition of the report that first carried it")),
    always(row("publication", Integer, "from_no", "公表番号", "publication that made it public")),
    always(same("item", Text, "項目", "item of the cell")),
    always(same("label", Text, "名称（印刷のまま）", "label, as printed")),
    always(same("role", Code, "項目の中での役割", "role within its item")),
    same("whole", Integer, "全体の数値の番号", "place of the whole it belongs to"),
    same("whole_item", Text, "全体の項目", "item that is its whole"),
    same("value", Number, "数値（範囲のときは下限）", "number; of a range the lower bound"),
    same("value_to", Number, "範囲の上限", "upper bound of a range"),
    same("rate", Number, "率", "rate"),
    row("value_text", Text, "text", "数値でない内容", "content that is no number"),
    same("unit", Text, "単位（印刷のまま）", "unit, as printed"),
    same(
        "missing_reason",
        Code,
        "数値がない理由（not_measured：把握していない、not_applicable：該当しない、not_implemented：実施していない、not_reported：報告がない、suppressed：秘匿）",
        "why there is no figure",
    ),
    same("comparator", Code, "以上・超・以下・未満", "bound: ge, gt, le, lt"),
    always(same("approximate", Flag, "およそ", "approximate")),
    always(same("estimate", Flag, "見込み", "an estimate")),
    same("numerator", Number, "分子", "numerator"),
    same("denominator", Number, "分母", "denominator"),
    same("running_total", Number, "累計", "running total"),
    same("counted", Text, "数えたもの（印刷のまま）", "what was counted, as printed"),
    always(same(
        "count_basis",
        Code,
        "数え方（cumulative：延べ、actual：実、unstated：明記なし）",
        "cumulative, actual or unstated",
    )),
    same("per", Code, "単位時間", "per day, week, month, year or event"),
    same("own_period", Code, "数値の期間", "its own period inside the record's"),
    row("breakdown", Object, "nullif(breakdown, '{}')", "内訳（軸 → 区分）", "breakdown: dimension to part"),
    same("department", Text, "担当課コード", "department"),
    same("measured_on", Text, "現在・時点", "measured on"),
    same("measured_on_text", Text, "現在・時点（印刷のまま）", "measured on, as printed"),
    same("method", Text, "数え方の説明", "method"),
    same("note", Text, "備考", "note"),
    always(same("source", Text, "読み取った箇所（文章のまま）", "snippet of the text it was read from")),
    same("indicator_owner", Code, "指標の所有団体", "owner of the indicator"),
    same("indicator", Code, "指標コード", "indicator"),
    same("common_indicator", Code, "共通指標コード（公表時）", "common indicator it feeds, as at publication"),
    same("same_figure_program", Code, "同じ数値を載せる事業", "program that shows the same figure"),
    same("same_figure_ordinal", Integer, "その数値の番号", "place of the figure there"),
    always(same("repost", Flag, "再掲の中の数値", "stands in a repost")),
];

const EVALUATIONS: &[Column] = &[
    always(same("edition", Integer, "公表された版", "edition of the report that first carried it")),
    always(row("publication", Integer, "from_no", "公表番号", "publication that made it public")),
    always(row("position", Integer, "e.position", "記録の中の番号", "place in its record")),
    always(row("scheme_owner", Code, "e.body ->> 'owner'", "評価基準の所有団体", "owner of the scale")),
    always(row("scheme", Code, "e.body ->> 'scheme'", "評価基準コード", "scale")),
    always(row(
        "scheme_fiscal_year",
        Integer,
        "(e.body ->> 'fiscal_year')::integer",
        "評価基準の最初の年度",
        "first fiscal year of the scale",
    )),
    always(row("level", Code, "e.body ->> 'level'", "区分", "level")),
    row(
        "level_label",
        Text,
        "(select l.label from evaluation_levels l where l.owner = e.body ->> 'owner' and l.scheme = e.body ->> 'scheme' and l.fiscal_year = (e.body ->> 'fiscal_year')::smallint and l.code = e.body ->> 'level')",
        "区分の意味。空欄：定義が示されていない",
        "meaning of the level; blank: its definition is lost",
    ),
    always(row(
        "evaluator",
        Code,
        "e.body ->> 'evaluator'",
        "評価者（self：自己、committee：会議体、external：外部）",
        "self, committee or external",
    )),
    row("reason", Text, "e.body ->> 'reason'", "理由", "reason"),
    row("against", Code, "e.body ->> 'against'", "比べた目標の期間", "period of the target it was judged against"),
];

const PROGRAMS: &[Column] = &[
    always(same("plan", Code, "計画コード", "plan code")),
    told("plan_title", Names::Plans, "plan", "計画名", "plan"),
    always(row("program", Code, "code", "事業コード", "program code")),
    row("program_number", Text, "number_label", "事業の番号（印刷のまま）", "number, as printed"),
    row("program_name", Text, "name", "事業名", "name"),
    same("description", Text, "事業内容", "description"),
    same("node", Code, "目標・施策・分類のコード", "node it stands under"),
    row(
        "node_title",
        Text,
        "(select n.title from nodes n where n.plan = d.plan and n.code = d.node)",
        "目標・施策・分類の題名",
        "title of the node",
    ),
    always(same("position", Integer, "計画の中での順", "place in the plan's order")),
    same("area", Code, "区域の団体コード", "ward it is carried out in"),
    always(same("priority", Flag, "重点", "priority")),
    same("target_group", Text, "対象", "whom it is for"),
    same("legal_basis", Text, "根拠法令", "legal basis"),
    same("statutory_program", Code, "法定事業コード", "statutory program"),
    same("started_on", Text, "開始（分かる精度で）", "begin, as exactly as it is known"),
    same("started_in", Integer, "開始の年度", "first fiscal year, where no date is known"),
    same("ended_after", Integer, "最後の年度", "last fiscal year"),
    row(
        "departments",
        List,
        "(select jsonb_agg(coalesce(i.printed_text, n.name) order by i.position) from program_departments i left join departments n on n.municipality = i.municipality and n.code = i.department where i.plan = d.plan and i.program = d.code)",
        "担当課（印刷の順）",
        "departments, in printed order",
    ),
];

const INDICATORS: &[Column] = &[
    always(row(
        "indicator_owner",
        Code,
        "owner",
        "所有団体（000000：全国共通）",
        "owner; 000000: common to the nation",
    )),
    always(row("indicator", Code, "code", "指標コード", "indicator code")),
    always(same("name", Text, "名称", "name")),
    always(same(
        "kind",
        Code,
        "種類（count 数、amount 額、rate 率、frequency 頻度、text 文、boolean 可否）",
        "count, amount, rate, frequency, text or boolean",
    )),
    same("unit", Text, "単位", "unit"),
    always(same(
        "count_basis",
        Code,
        "数え方（cumulative：延べ、actual：実、unstated：明記なし）",
        "cumulative, actual or unstated",
    )),
    always(same("direction", Code, "望ましい方向", "which way is better")),
    always(same("aggregation", Code, "合計の方法", "how it adds up")),
    always(same("temporality", Code, "時点か期間か", "point in time or total of the period")),
    always(same("decimals", Integer, "小数の桁数", "decimals")),
    row("dimensions", List, "nullif(dimensions, '[]')", "内訳の軸", "dimensions of its breakdown"),
    always(same("sensitive", Flag, "小さな数を秘匿する", "small counts are suppressed")),
    same("common_indicator", Code, "共通指標コード", "common indicator it feeds"),
];
