//! What a round becomes one year on.

use super::due as instant;
use crate::clock::{jst, wire};
use crate::domain::period::Period;
use crate::rounds::types::RoundCover;
use chrono::Months;
use std::collections::BTreeSet;

/// The same parts one year on, but for what the round covers already, and for the state at the beginning.
pub fn covers(last: &[RoundCover]) -> Vec<RoundCover> {
    let next = |cover: &RoundCover| {
        let period = Period::parse_canonical(&cover.period).ok()?.year_after()?;
        Some(RoundCover { part: cover.part, period: period.code() })
    };
    let next: BTreeSet<RoundCover> = last.iter().filter_map(next).filter(|cover| !last.contains(cover)).collect();
    next.into_iter().collect()
}

/// Those that end with a plan's last year; none: it is open.
pub fn until(covers: &[RoundCover], last_year: Option<i16>) -> Vec<RoundCover> {
    let lies_within = |cover: &&RoundCover| {
        let year = Period::parse_canonical(&cover.period).ok().and_then(|period| period.fiscal_year());
        last_year.is_none_or(|last| year.is_some_and(|year| year <= last))
    };
    covers.iter().filter(lies_within).cloned().collect()
}

/// The fiscal years that a round covers, the last first.
pub fn years(covers: &[RoundCover]) -> Vec<i16> {
    let years: BTreeSet<i16> =
        covers.iter().filter_map(|cover| Period::parse_canonical(&cover.period).ok()?.fiscal_year()).collect();
    years.into_iter().rev().collect()
}

/// One year later in Japan.
pub fn due(last: &str) -> Option<String> {
    let at = jst(instant(last)?).checked_add_months(Months::new(12))?;
    instant(&wire::text(at.to_utc())).map(wire::text)
}

/// `2024-results` → `2025-results`. The last year first: none is moved twice. None: it names no year.
pub fn named(last: &str, years: &[i16]) -> Option<String> {
    let next =
        years.iter().fold(last.to_owned(), |code, year| code.replace(&year.to_string(), &(year + 1).to_string()));
    (next != last).then_some(next)
}

/// 令和6年度 実績調査 → 令和7年度 実績調査; what names no year stays.
pub fn title(last: &str, years: &[i16]) -> String {
    years.iter().fold(last.to_owned(), |title, year| {
        let label = |year: i16| Period::FiscalYear(year).label_ja();
        title.replace(&label(*year), &label(year + 1)).replace(&format!("{year}年度"), &format!("{}年度", year + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::types::Part;

    fn covering(part: Part, periods: &[&str]) -> Vec<RoundCover> {
        periods.iter().map(|period| RoundCover { part, period: (*period).to_owned() }).collect()
    }

    #[test]
    fn parts_go_on_one_year() {
        let of = |periods: &[&str]| {
            let next = covers(&covering(Part::Results, periods));
            next.into_iter().map(|cover| cover.period).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(&["2024"]), "2025");
        assert_eq!(of(&["2024-H1", "202403"]), "2025-H1 202503");
        assert_eq!(of(&["2022", "2023", "2024"]), "2025", "what it covers already stays with it");
        assert_eq!(of(&["baseline", "2025-"]), "");
        assert_eq!(of(&["2060"]), "");
        let both = covering(Part::Results, &["2024", "2025-H1"]);
        assert_eq!(until(&both, Some(2024)), covering(Part::Results, &["2024"]));
        assert_eq!((until(&both, None), until(&both, Some(2023))), (both, vec![]));
        assert_eq!(years(&covering(Part::Targets, &["2023", "baseline", "2024-H1", "2024"])), [2024, 2023]);
    }

    #[test]
    fn names_go_on_with_the_year() {
        assert_eq!(named("2024-results", &[2024]).as_deref(), Some("2025-results"));
        assert_eq!(named("2023-2024", &[2024, 2023]).as_deref(), Some("2024-2025"));
        assert_eq!(named("spring", &[2024]), None);
        assert_eq!(title("令和6年度 実績調査", &[2024]), "令和7年度 実績調査");
        assert_eq!(title("平成30年度実績・平成31年度計画", &[2019, 2018]), "令和元年度実績・平成31年度計画");
        assert_eq!(title("2024年度の実績", &[2024]), "2025年度の実績");
        assert_eq!(title("点検シート", &[2024]), "点検シート");
    }

    #[test]
    fn a_deadline_goes_on_one_year() {
        assert_eq!(due("2025-03-31").as_deref(), Some("2026-04-01T00:00:00.000000+09:00"));
        assert_eq!(due("2024-02-29T17:00:00+09:00").as_deref(), Some("2025-02-28T17:00:00.000000+09:00"));
        assert_eq!(due("2100-12-01"), None);
    }
}
