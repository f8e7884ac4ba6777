//! From the body of a record to its rows.

use super::{BREAKDOWN, Judged, ORDINAL, RECORD, TEXT, VALUE};
use crate::domain::number::Number;
use crate::error::Error;
use crate::records::types::RecordBody;
use crate::records::value::{Evaluation, RecordValue};
use crate::web::table::Cell;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands in a row, by the name of the column; blank cells are left out.
pub type Cells = BTreeMap<String, Cell>;

/// A record as rows. The first row is `record` with the first of `values`.
#[derive(Debug, Default)]
pub struct Flat {
    pub record: Cells,
    pub values: Vec<Cells>,
}

/// What a blank cell means all the same: the default of a field is not written.
const DEFAULTS: [(&str, &str); 2] = [("values.role", "main"), ("values.count_basis", "unstated")];

/// Every field of the body is in one of the cells.
pub fn flatten(body: &RecordBody) -> Result<Flat, Error> {
    let mut record = Cells::new();
    let whole = serde_json::to_value(body).map_err(Error::internal)?;
    for (name, _) in RECORD {
        write(&mut record, name, whole.get(name))?;
    }
    record.extend(body.texts.iter().map(|(field, text)| (format!("{TEXT}{field}"), text.as_str().into())));
    for evaluation in &body.evaluations {
        judge(&mut record, evaluation);
    }
    let values = (1..).zip(&body.values).map(|(ordinal, value)| figure(ordinal, value)).collect::<Result<_, _>>()?;
    Ok(Flat { record, values })
}

fn judge(record: &mut Cells, evaluation: &Evaluation) {
    let Evaluation { level, reason, against, .. } = evaluation;
    let column = Judged::from(evaluation);
    record.insert(format!("{column}.level"), level.as_str().into());
    for (part, text) in [("reason", reason), ("against", against)] {
        if let Some(text) = text {
            record.insert(format!("{column}.{part}"), text.as_str().into());
        }
    }
}

impl From<&Evaluation> for Judged {
    fn from(evaluation: &Evaluation) -> Self {
        Self {
            owner: evaluation.owner.clone(),
            scheme: evaluation.scheme.clone(),
            fiscal_year: evaluation.fiscal_year,
            evaluator: evaluation.evaluator,
        }
    }
}

fn figure(ordinal: u16, value: &RecordValue) -> Result<Cells, Error> {
    let whole = serde_json::to_value(value).map_err(Error::internal)?;
    let mut cells = Cells::from([(ORDINAL.0.to_owned(), Cell::Number(ordinal.into()))]);
    for (name, _) in VALUE {
        let mut fields = name.split('.').skip(1);
        write(&mut cells, name, fields.try_fold(&whole, |found, field| found.get(field)))?;
    }
    cells.extend(value.breakdown.iter().map(|(axis, part)| (format!("{BREAKDOWN}{axis}"), part.as_str().into())));
    Ok(cells)
}

fn write(cells: &mut Cells, name: &str, value: Option<&Value>) -> Result<(), Error> {
    let cell = match value {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(()),
        Some(Value::String(text)) if text.is_empty() || DEFAULTS.contains(&(name, text)) => return Ok(()),
        Some(Value::String(text)) => text.as_str().into(),
        Some(Value::Number(number)) => {
            Cell::Number(Number::parse(&number.to_string()).map_err(Error::internal)?.decimal())
        }
        Some(other) => other.to_string().into(),
    };
    cells.insert(name.to_owned(), cell);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    /// A record in which every field says something.
    fn full() -> RecordBody {
        let value: RecordValue = serde_json::from_value(json!({
            "item": "平日コース", "role": "of_which", "whole": 2, "whole_item": "全体", "label": "平日コース 実施回数",
            "unit": "回", "source": "実施回数 6回", "indicator": { "owner": "132284", "indicator": "site_views" },
            "missing_reason": "not_measured", "value": 0.000001, "value_to": 12345678901.5, "rate": 12.5, "text": "全園実施",
            "comparator": "ge", "approximate": true, "estimate": true, "numerator": 1, "denominator": 88,
            "running_total": 100, "counted": "受講者", "count_basis": "cumulative", "per": "month", "period": "201710",
            "breakdown": { "施設": "既存施設" }, "department": "保育課", "measured_on": "2021-03-31",
            "measured_on_text": "3月末現在", "method": "調査", "note": "注", "same_figure_as": { "program": "29", "ordinal": 3 },
        }))
        .unwrap();
        let evaluation = json!({
            "owner": "132284", "scheme": "achievement", "fiscal_year": 2020, "level": "2", "evaluator": "committee",
            "reason": "参加者の減", "against": "2024",
        });
        RecordBody {
            texts: [("text".to_owned(), "=実施回数 6回".to_owned())].into(),
            no_change_from_last_year: true,
            cross_reference: Some("資料３".into()),
            repost_of: Some("1".into()),
            missing_reason: Some(crate::records::value::MissingReason::NotReported),
            reason: Some("増員".into()),
            amended_on: Some("2022-04".into()),
            note: Some("備考".into()),
            values: vec![value.clone(), value],
            evaluations: vec![serde_json::from_value(evaluation).unwrap()],
        }
    }

    /// The last name on the way to each leaf.
    fn leaves(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                leaves(value, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, found)
            }),
            Value::Array(all) => all.iter().for_each(|value| leaves(value, at, found)),
            _ => drop(found.insert(at.to_owned())),
        }
    }

    #[test]
    fn a_field_without_a_column_would_be_lost() {
        let body = full();
        let flat = flatten(&body).unwrap();
        let mut expected = BTreeSet::new();
        leaves(&serde_json::to_value(&body).unwrap(), "", &mut expected);
        // The name of an evaluation's columns is what tells it apart.
        let judged = "evaluations.132284/achievement/2020/committee";
        for part in ["level", "reason", "against"] {
            assert!(expected.remove(&format!("evaluations.{part}")));
            expected.insert(format!("{judged}.{part}"));
        }
        for part in ["owner", "scheme", "fiscal_year", "evaluator"] {
            assert!(expected.remove(&format!("evaluations.{part}")));
        }
        expected.insert(ORDINAL.0.to_owned());
        let mut found: BTreeSet<String> = flat.record.into_keys().collect();
        found.extend(flat.values.into_iter().flat_map(Cells::into_keys));
        assert_eq!(found, expected);
    }

    #[test]
    fn cells_say_what_the_body_says() {
        let Flat { record, values } = flatten(&full()).unwrap();
        let number = |text: &str| Cell::Number(text.parse().unwrap());
        assert_eq!(record["texts.text"], "=実施回数 6回".into());
        assert_eq!(record["missing_reason"], "not_reported".into());
        let second = &values[1];
        for (name, expected) in [
            ("ordinal", number("2")),
            ("values.whole", number("2")),
            ("values.value", number("0.000001")),
            ("values.value_to", number("12345678901.5")),
            ("values.approximate", "true".into()),
            ("values.indicator.indicator", "site_views".into()),
            ("values.breakdown.施設", "既存施設".into()),
            ("values.same_figure_as.ordinal", number("3")),
        ] {
            assert_eq!(second[name], expected, "{name}");
        }
    }

    #[test]
    fn what_a_blank_cell_says_is_not_written() {
        let body = json!({ "item": "a", "label": "b", "source": "", "value": 0, "unit": "人" });
        let value: RecordValue = serde_json::from_value(body).unwrap();
        let cells = figure(1, &value).unwrap();
        let names: Vec<&str> = cells.keys().map(String::as_str).collect();
        assert_eq!(names, ["ordinal", "values.item", "values.label", "values.unit", "values.value"]);
    }
}
