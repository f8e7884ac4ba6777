//! What differs between two states of a record, as a person would list it: texts whole; a figure against the one of the
//! same item and label, wherever it stands; what came or went in one line.

use crate::domain::period::Period;
use crate::plans::types::TextField;
use crate::records::types::RecordBody;
use crate::records::value::{Comparator, Evaluation, MissingReason, RecordValue};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One field that is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub pointer: String,
    /// What people call it
    pub item: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// None: there is no such record. In the order of the sheet.
pub fn differences(old: Option<&RecordBody>, new: Option<&RecordBody>, fields: &[TextField]) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |pointer: String, item: String, old: Option<String>, new: Option<String>| {
        if old != new {
            found.push(Difference { pointer, item, old, new });
        }
    };
    let codes: BTreeSet<&String> = [old, new].into_iter().flatten().flat_map(|body| body.texts.keys()).collect();
    for code in codes {
        let label = fields.iter().find(|field| field.code == *code).map_or(code, |field| &field.label);
        let text = |body: Option<&RecordBody>| body.and_then(|body| body.texts.get(code).cloned());
        differ(format!("/texts/{code}"), label.clone(), text(old), text(new));
    }
    type Field = fn(&RecordBody) -> Option<String>;
    let scalars: [(&str, &str, Field); 6] = [
        ("missing_reason", "空欄の理由", |body| body.missing_reason.map(|reason| reason_ja(reason).to_owned())),
        ("cross_reference", "参照", |body| body.cross_reference.clone()),
        ("repost_of", "再掲の元", |body| body.repost_of.clone()),
        ("reason", "目標を変更した理由", |body| body.reason.clone()),
        ("amended_on", "目標を変更した時期", |body| body.amended_on.clone()),
        ("note", "備考", |body| body.note.clone()),
    ];
    for (field, label, of) in scalars {
        differ(format!("/{field}"), label.to_owned(), old.and_then(of), new.and_then(of));
    }
    let values = |body: Option<&'_ RecordBody>| body.map(|body| body.values.clone()).unwrap_or_default();
    of_parts("values", &values(old), &values(new), &mut differ);
    let evaluations = |body: Option<&'_ RecordBody>| body.map(|body| body.evaluations.clone()).unwrap_or_default();
    of_parts("evaluations", &evaluations(old), &evaluations(new), &mut differ);
    found
}

/// A figure or an evaluation.
trait Entry: Serialize {
    /// What makes it the same one in another state of the record.
    fn identity(&self) -> impl Eq + '_;
    fn name(&self) -> String;
    /// All of it in one line.
    fn line(&self) -> String;
}

impl Entry for RecordValue {
    fn identity(&self) -> impl Eq + '_ {
        (&self.item, &self.label, &self.breakdown)
    }

    fn name(&self) -> String {
        self.label.clone()
    }

    fn line(&self) -> String {
        let unit = self.unit.as_deref().unwrap_or_default();
        let about = if self.approximate { "約" } else { "" };
        let bound = match self.comparator {
            Some(Comparator::Ge) => "以上",
            Some(Comparator::Gt) => "超",
            Some(Comparator::Le) => "以下",
            Some(Comparator::Lt) => "未満",
            Some(Comparator::Eq) | None => "",
        };
        let content = match (self.missing_reason, self.value, self.value_to, self.rate) {
            (Some(reason), ..) => reason_ja(reason).to_owned(),
            (_, Some(from), Some(to), _) => format!("{about}{from}～{to}{unit}{bound}"),
            (_, Some(number), None, _) | (_, None, _, Some(number)) => format!("{about}{number}{unit}{bound}"),
            _ => self.text.clone().unwrap_or_default(),
        };
        format!("{} {content}", self.label)
    }
}

impl Entry for Evaluation {
    fn identity(&self) -> impl Eq + '_ {
        (&self.owner, &self.scheme, self.evaluator)
    }

    fn name(&self) -> String {
        format!("評価 {}", self.scheme)
    }

    fn line(&self) -> String {
        self.level.clone()
    }
}

/// An entry and its place in its record.
type Placed<'a, E> = (usize, &'a E);
/// As it was, as it is.
type Pair<'a, E> = (Option<Placed<'a, E>>, Option<Placed<'a, E>>);

/// Pairs what is the same one; what is left over of both at one place is a pair, too (its label was mended).
fn pairs<'a, E: Entry>(old: &'a [E], new: &'a [E]) -> Vec<Pair<'a, E>> {
    let mut left: BTreeMap<usize, &E> = old.iter().enumerate().collect();
    let mut take = |wanted: &dyn Fn(usize, &E) -> bool| {
        let at = left.iter().find(|(at, entry)| wanted(**at, entry)).map(|(at, _)| *at)?;
        left.remove(&at).map(|entry| (at, entry))
    };
    let same: Vec<_> = new.iter().map(|new| take(&|_, old| old.identity() == new.identity())).collect();
    let mut all = Vec::new();
    for ((at, new), same) in new.iter().enumerate().zip(same) {
        all.push((same.or_else(|| take(&|place, _| place == at)), Some((at, new))));
    }
    all.extend(left.into_iter().map(|gone| (Some(gone), None)));
    all
}

fn of_parts<E: Entry>(
    list: &str,
    old: &[E],
    new: &[E],
    differ: &mut impl FnMut(String, String, Option<String>, Option<String>),
) {
    for (old, new) in pairs(old, new) {
        match (old, new) {
            (Some((_, old)), Some((at, new))) => {
                let (before, after) = (serde_json::to_value(old), serde_json::to_value(new));
                let (Ok(Value::Object(before)), Ok(Value::Object(after))) = (before, after) else { continue };
                for (field, value) in &after {
                    let item = format!("{}：{}", new.name(), field_ja(field));
                    let was = before.get(field).and_then(|was| shown(field, was));
                    differ(format!("/{list}/{at}/{field}"), item, was, shown(field, value));
                }
            }
            (Some((at, gone)), None) => differ(format!("/{list}/{at}"), gone.name(), Some(gone.line()), None),
            (None, Some((at, came))) => differ(format!("/{list}/{at}"), came.name(), None, Some(came.line())),
            (None, None) => {}
        }
    }
}

/// A scalar as people write it.
fn shown(field: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "はい" } else { "いいえ" }.to_owned()),
        Value::String(word) if field == "missing_reason" => {
            let reason: Option<MissingReason> = serde_json::from_value(value.clone()).ok();
            Some(reason.map_or_else(|| word.clone(), |reason| reason_ja(reason).to_owned()))
        }
        Value::String(code) if matches!(field, "period" | "against") => {
            Some(Period::parse_canonical(code).map_or_else(|_| code.clone(), |period| period.label_ja()))
        }
        Value::String(text) => Some(text.clone()),
        // Never with an exponent.
        Value::Number(number) => Some(
            number
                .as_i64()
                .map_or_else(|| number.as_f64().unwrap_or_default().to_string(), |integer| integer.to_string()),
        ),
        Value::Object(empty) if empty.is_empty() => None,
        Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

fn reason_ja(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::NotMeasured => "把握していない",
        MissingReason::NotApplicable => "該当しない",
        MissingReason::NotImplemented => "実施していない",
        MissingReason::NotReported => "報告がない",
        MissingReason::Suppressed => "秘匿",
    }
}

fn field_ja(field: &str) -> &str {
    match field {
        "item" => "項目",
        "role" => "役割",
        "whole" => "全体の番号",
        "whole_item" => "全体の項目",
        "label" => "名称",
        "unit" => "単位",
        "source" => "読み取った箇所",
        "indicator" => "指標",
        "missing_reason" => "空欄の理由",
        "value" => "数値",
        "value_to" => "上限",
        "rate" => "率",
        "text" => "文字",
        "comparator" => "以上・以下",
        "approximate" => "約",
        "estimate" => "見込",
        "numerator" => "分子",
        "denominator" => "分母",
        "running_total" => "累計",
        "counted" => "数えたもの",
        "count_basis" => "延べ・実",
        "per" => "あたり",
        "period" => "期間",
        "breakdown" => "内訳",
        "department" => "担当課",
        "measured_on" | "measured_on_text" => "時点",
        "method" => "把握の方法",
        "note" => "備考",
        "same_figure_as" => "同じ数値の事業",
        "level" => "区分",
        "reason" => "理由",
        "against" => "比べた目標",
        "fiscal_year" => "基準の年度",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> RecordBody {
        let put: crate::results::types::PutResult = serde_json::from_value(value).unwrap();
        put.into_body()
    }

    fn figure(label: &str, value: i64) -> Value {
        json!({ "item": "利用", "label": label, "value": value, "unit": "人", "source": format!("{value}人") })
    }

    fn told(old: Option<Value>, new: Option<Value>) -> Vec<String> {
        let fields = [TextField { code: "text".into(), label: "取組状況".into() }];
        let found = differences(old.map(body).as_ref(), new.map(body).as_ref(), &fields);
        let line = |d: Difference| {
            let side = |text: Option<String>| text.unwrap_or_else(|| "-".into());
            format!("{} {} {}→{}", d.pointer, d.item, side(d.old), side(d.new))
        };
        found.into_iter().map(line).collect()
    }

    #[test]
    fn texts_are_told_whole_and_figures_by_field() {
        let old = json!({ "texts": { "text": "10人" }, "values": [figure("延べ", 10)] });
        let new = json!({ "texts": { "text": "12人" }, "values": [figure("延べ", 12)], "note": "転記の誤り" });
        assert_eq!(told(Some(old.clone()), Some(old.clone())), Vec::<String>::new());
        assert_eq!(
            told(Some(old), Some(new)),
            [
                "/texts/text 取組状況 10人→12人",
                "/note 備考 -→転記の誤り",
                "/values/0/source 延べ：読み取った箇所 10人→12人",
                "/values/0/value 延べ：数値 10→12",
            ]
        );
    }

    #[test]
    fn a_figure_put_in_before_others_changes_none_of_them() {
        let old = json!({ "values": [figure("延べ", 10), figure("実", 5)] });
        let new = json!({ "values": [figure("開催", 3), figure("延べ", 10), figure("実", 5)] });
        assert_eq!(told(Some(old.clone()), Some(new.clone())), ["/values/0 開催 -→開催 3人"]);
        assert_eq!(told(Some(new), Some(old)), ["/values/0 開催 開催 3人→-"]);
    }

    #[test]
    fn a_mended_label_is_a_change_of_the_figure_at_its_place() {
        let old = json!({ "values": [figure("のべ", 10)] });
        let new = json!({ "values": [figure("延べ", 10)] });
        assert_eq!(told(Some(old), Some(new)), ["/values/0/label 延べ：名称 のべ→延べ"]);
    }

    #[test]
    fn blank_cells_and_levels_are_told_in_words() {
        let old = json!({ "missing_reason": "not_measured" });
        let level = |level: &str| json!([{ "owner": "131016", "scheme": "a", "fiscal_year": 2024, "level": level }]);
        let mut blank = figure("延べ", 1);
        blank.as_object_mut().unwrap().shift_remove("value");
        blank["missing_reason"] = json!("not_applicable");
        let new = json!({ "texts": { "text": "文" }, "values": [blank], "evaluations": level("2") });
        assert_eq!(
            told(Some(old.clone()), Some(new)),
            [
                "/texts/text 取組状況 -→文",
                "/missing_reason 空欄の理由 把握していない→-",
                "/values/0 延べ -→延べ 該当しない",
                "/evaluations/0 評価 a -→2",
            ]
        );
        let (one, two) = (json!({ "evaluations": level("1") }), json!({ "evaluations": level("2") }));
        assert_eq!(told(Some(one), Some(two)), ["/evaluations/0/level 評価 a：区分 1→2"]);
        assert_eq!(told(None, Some(old.clone())), ["/missing_reason 空欄の理由 -→把握していない"]);
        assert_eq!(told(Some(old), None), ["/missing_reason 空欄の理由 把握していない→-"]);
    }

    #[test]
    fn a_small_number_has_no_exponent() {
        let value = |number: f64| json!({ "values": [{ "item": "率", "label": "率", "rate": number, "unit": "％", "source": "率" }] });
        assert_eq!(told(Some(value(0.00001)), Some(value(0.5))), ["/values/0/rate 率：率 0.00001→0.5"]);
    }
}
