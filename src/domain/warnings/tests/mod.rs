//! Each rule where it must speak, and where it must not.

mod counts;
mod figures;
mod history;
mod levels;
mod texts;

use super::*;

fn period(code: &str) -> Period {
    Period::parse_canonical(code).unwrap()
}

fn texts(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("text".to_owned(), text.to_owned())])
}

fn figure<'a>(item: &'a str, value: i64) -> Figure<'a> {
    Figure {
        item,
        label: item,
        role: Role::Other,
        whole: None,
        unit: Some("人"),
        source: "",
        value: Some(value.into()),
        rate: None,
        numerator: None,
        denominator: None,
        exact: true,
        bounded: true,
        estimate: false,
        count_basis: None,
        per: None,
        axes: Vec::new(),
        sections: Vec::new(),
        period: None,
        department: None,
        indicator: None,
        measures: None,
    }
}

fn target<'a>(code: &str, amendment: i16, texts: &'a BTreeMap<String, String>, figures: Vec<Figure<'a>>) -> Target<'a> {
    Target { period: period(code), amendment, texts, figures }
}

/// (code, pointer) of everything found in a record of 2024 that is over.
fn found(
    part: Part,
    texts: &BTreeMap<String, String>,
    figures: Vec<Figure<'_>>,
    targets: &[Target<'_>],
) -> Vec<(Code, String)> {
    let departments = BTreeSet::from(["保育課".to_owned(), "hoiku".to_owned()]);
    let record = Record {
        part,
        period: period("2024"),
        ended: true,
        texts,
        prose: Vec::new(),
        figures,
        judgements: Vec::new(),
        departments: &departments,
        targets,
        last_year: &[],
        no_change: false,
    };
    judge(&record).into_iter().map(|warning| (warning.code, warning.pointer)).collect()
}
