//! The select of a data set.

use super::columns::{Names, Source};
use super::types::{Dataset, ExportFilter};

/// Rows of the data set at publication `no`, in the order of its key. A COPY takes no parameters: what stands here of the
/// filter is codes of ours, numbers and periods, each parsed before.
pub fn select(dataset: Dataset, filter: &ExportFilter, no: i64) -> String {
    let expression = |source: &Source| match source {
        Source::Row(expression) => Some(*expression),
        Source::Told(..) => None,
    };
    let all = dataset.columns();
    let columns: Vec<&str> = all.iter().filter_map(|column| expression(&column.source)).collect();
    let named = |name: &&str| all.iter().find(|column| column.name == *name);
    let order: Vec<&str> = dataset.key().iter().filter_map(|name| expression(&named(name)?.source)).collect();
    let from = match dataset {
        Dataset::Results | Dataset::Targets => "published_records d",
        Dataset::Values => "published_values d",
        Dataset::Evaluations => {
            "published_records d cross join lateral jsonb_array_elements(d.evaluations::jsonb) with ordinality as e (body, position)"
        }
        Dataset::Programs => "programs d",
        Dataset::Indicators => "indicators d",
    };
    let mut conditions = vec!["true".to_owned()];
    match dataset {
        Dataset::Results | Dataset::Evaluations => conditions.push("d.part = 'results'".to_owned()),
        Dataset::Targets => conditions.push("d.part = 'targets'".to_owned()),
        _ => {}
    }
    if dataset.is_of_records() {
        conditions.push(format!("d.from_no <= {no} and d.to_no > {no}"));
    }
    if let Some(prefecture) = &filter.prefecture {
        // A code begins with the two digits of its prefecture, and a plan's with its owner's.
        let two = prefecture.get(..2).unwrap_or_default();
        conditions.push(match dataset {
            Dataset::Programs => format!("d.plan between '{two}0000-' and '{two}9999~'"),
            Dataset::Indicators => format!("d.owner between '{two}0000' and '{two}9999'"),
            _ => format!("d.prefecture = '{prefecture}'"),
        });
    }
    if let Some(plan) = &filter.plan {
        conditions.push(format!("d.plan = '{plan}'"));
    }
    if let Some(periods) = &filter.periods {
        let mut years: Vec<String> = periods.iter().map(|of| of.fiscal_year().unwrap_or(0).to_string()).collect();
        years.dedup();
        let codes: Vec<String> = periods.iter().map(|period| format!("'{}'", period.code())).collect();
        conditions.push(format!("d.fiscal_year in ({}) and d.period in ({})", years.join(", "), codes.join(", ")));
    }
    let conditions = conditions.join(" and ");
    format!("select {} from {from} where {conditions} order by {}", columns.join(", "), order.join(", "))
}

/// What the codes of a dictionary mean; none: it is worked out.
pub const fn names(of: Names) -> Option<&'static str> {
    match of {
        Names::Prefectures => Some("select code, name from municipalities where kind = 'prefecture'"),
        Names::Plans => Some("select code, title from plans"),
        Names::PeriodLabel | Names::PeriodStart | Names::PeriodEnd | Names::OtherTexts => None,
    }
}
