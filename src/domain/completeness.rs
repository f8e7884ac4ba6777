//! Completeness 記入率: which cells of a form a round asks for, and which of them are answered. Zero and every missing
//! reason are answers, emptiness is none; a cell counts once, however often it is answered, so there is never more than all.

use super::period::Period;
use std::collections::{BTreeMap, HashMap};

/// A program, as the form asks for it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub program: &'a str,
    /// As exactly as it is known: `2021`, `2021-04`, `2021-04-01`
    pub started_on: Option<&'a str>,
    /// First and last fiscal year
    pub started_in: Option<i16>,
    pub ended_after: Option<i16>,
    /// None at all: one record is asked for, whatever is in it
    pub indicators: Vec<AskedIndicator<'a>>,
}

#[derive(Clone, Debug)]
pub struct AskedIndicator<'a> {
    pub indicator: Indicator<'a>,
    pub target_required: bool,
    pub result_required: bool,
}

/// Owner and code.
pub type Indicator<'a> = (&'a str, &'a str);

/// Targets or results of a period: what a round covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    pub results: bool,
    pub period: Period,
}

/// Something that is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    pub column: Column,
    pub program: &'a str,
    /// None: any record of the program
    pub indicator: Option<Indicator<'a>>,
}

/// What a record says to the cells of its program.
#[derive(Clone, Debug)]
pub struct Said<'a, R> {
    pub column: Column,
    pub program: &'a str,
    pub whole: Whole<R>,
    /// Its figures of an indicator, each with the reason why there is none
    pub figures: Vec<(Indicator<'a>, Option<R>)>,
}

/// What a record says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole<R> {
    /// Left blank on purpose: so is every cell
    Missing(R),
    /// It stands elsewhere (再掲, 資料のとおり): every cell is answered there
    Elsewhere,
    /// What its figures say
    Figures,
}

/// A form against what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness<'a, R: Ord> {
    pub required: usize,
    pub answered: usize,
    /// Of the answered: those that say why there is nothing
    pub missing: BTreeMap<R, usize>,
    pub unanswered: Vec<Cell<'a>>,
}

impl<R: Ord> Completeness<'_, R> {
    /// Rounded down: 100 is all. None where nothing is asked.
    pub fn percent(&self) -> Option<usize> {
        (self.answered * 100).checked_div(self.required)
    }
}

/// Every cell that is asked for, program by program.
pub fn cells<'a>(columns: &[Column], form: &[Asked<'a>]) -> Vec<Cell<'a>> {
    let mut all = Vec::new();
    for asked in form {
        for column in columns.iter().copied().filter(|column| expected(*column) && in_force(asked, column.period)) {
            let program = asked.program;
            if asked.indicators.is_empty() {
                all.push(Cell { column, program, indicator: None });
            }
            let required = asked.indicators.iter().filter(|asked| match column.results {
                true => asked.result_required,
                false => asked.target_required,
            });
            all.extend(required.map(|asked| Cell { column, program, indicator: Some(asked.indicator) }));
        }
    }
    all
}

/// 現状 and 年度以降 have targets and never a result.
fn expected(column: Column) -> bool {
    !column.results || column.period.expects_result()
}

/// Is the program carried out at any time of the period? What is not known to be over or to come is.
fn in_force(asked: &Asked<'_>, period: Period) -> bool {
    let Some(year) = period.fiscal_year() else { return true };
    let ended = asked.ended_after.is_some_and(|last| last < year);
    // A program that starts later has its place in 年度以降.
    let starts_later = period.end().is_some_and(|end| {
        // `2021` may lie in fiscal 2020, and sorts before its last day; `2021-04` does not.
        asked.started_on.is_some_and(|day| day > end.to_string().as_str())
            || asked.started_in.is_some_and(|first| first > year)
    });
    !ended && !starts_later
}

/// Holds what was said against what was asked.
pub fn judge<'a, R: Ord + Copy>(cells: Vec<Cell<'a>>, said: &[Said<'_, R>]) -> Completeness<'a, R> {
    let mut by_place: HashMap<(Column, &str), Vec<&Said<'_, R>>> = HashMap::new();
    for record in said {
        by_place.entry((record.column, record.program)).or_default().push(record);
    }
    let mut judged =
        Completeness { required: cells.len(), answered: 0, missing: BTreeMap::new(), unanswered: Vec::new() };
    for cell in cells {
        let records = by_place.get(&(cell.column, cell.program)).into_iter().flatten();
        let answers: Vec<Option<R>> = records.flat_map(|record| answers(record, cell.indicator)).collect();
        match answers.iter().find(|answer| answer.is_none()).or(answers.first()) {
            None => judged.unanswered.push(cell),
            Some(answer) => {
                judged.answered += 1;
                answer.iter().for_each(|reason| *judged.missing.entry(*reason).or_default() += 1);
            }
        }
    }
    judged
}

/// A record's answers to a cell: each nothing more than that, or the reason why there is nothing.
fn answers<R: Copy>(said: &Said<'_, R>, indicator: Option<Indicator<'_>>) -> Vec<Option<R>> {
    match (said.whole, indicator) {
        (Whole::Missing(reason), _) => vec![Some(reason)],
        (Whole::Elsewhere, _) | (Whole::Figures, None) => vec![None],
        (Whole::Figures, Some(wanted)) => {
            said.figures.iter().filter(|(given, _)| *given == wanted).map(|(_, missing)| *missing).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: Indicator<'static> = ("131016", "users");
    const SITES: Indicator<'static> = ("131016", "sites");

    fn column(results: bool, period: &str) -> Column {
        Column { results, period: Period::parse_canonical(period).unwrap() }
    }

    fn asked(program: &'static str, indicators: &[(Indicator<'static>, bool, bool)]) -> Asked<'static> {
        let indicators = indicators.iter().map(|(indicator, target_required, result_required)| AskedIndicator {
            indicator: *indicator,
            target_required: *target_required,
            result_required: *result_required,
        });
        Asked { program, started_on: None, started_in: None, ended_after: None, indicators: indicators.collect() }
    }

    fn said(program: &'static str, figures: &[(Indicator<'static>, Option<char>)]) -> Said<'static, char> {
        Said { column: column(true, "2024"), program, whole: Whole::Figures, figures: figures.to_vec() }
    }

    /// (required, answered, missing by reason, percent) of the results of 2024
    fn counts(form: &[Asked<'static>], records: &[Said<'_, char>]) -> (usize, usize, String, Option<usize>) {
        let judged = judge(cells(&[column(true, "2024")], form), records);
        assert_eq!(judged.required, judged.answered + judged.unanswered.len());
        let missing: Vec<String> = judged.missing.iter().map(|(reason, count)| format!("{reason}{count}")).collect();
        (judged.required, judged.answered, missing.join(" "), judged.percent())
    }

    #[test]
    fn each_required_indicator_is_a_cell_and_a_program_without_any_is_one() {
        let form = [asked("1", &[(USERS, true, true), (SITES, true, false)]), asked("2", &[])];
        let shown = |columns: &[Column]| {
            let all = cells(columns, &form);
            all.iter()
                .map(|cell| {
                    let part = if cell.column.results { "r" } else { "t" };
                    let indicator = cell.indicator.map_or("", |(_, code)| code);
                    format!("{part}{} {} {indicator}", cell.column.period, cell.program).trim().to_owned()
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        assert_eq!(shown(&[column(true, "2024")]), "r2024 1 users, r2024 2");
        assert_eq!(shown(&[column(false, "2024")]), "t2024 1 users, t2024 1 sites, t2024 2");
        // 現状 and 年度以降 are aimed at, and never reported on.
        assert_eq!(shown(&[column(true, "baseline"), column(true, "2025-")]), "");
        assert_eq!(
            shown(&[column(false, "baseline"), column(false, "2025-")]),
            "tbaseline 1 users, tbaseline 1 sites, t2025- 1 users, t2025- 1 sites, tbaseline 2, t2025- 2"
        );
        // A form that asks nothing of the results of its only program.
        assert_eq!(cells(&[column(true, "2024")], &[asked("1", &[(USERS, true, false)])]), []);
    }

    #[test]
    fn a_program_is_asked_about_while_it_is_carried_out() {
        let program =
            |started_on, started_in, ended_after| Asked { started_on, started_in, ended_after, ..asked("1", &[]) };
        let of = |program: Asked<'static>| {
            let periods =
                ["baseline", "2020", "2021", "2021-H1", "202109", "202110", "2021-H2", "2022", "2022-", "2023"];
            let expected = periods
                .into_iter()
                .filter(|period| !cells(&[column(false, period)], std::slice::from_ref(&program)).is_empty());
            expected.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(program(None, None, None)).split(' ').count(), 10);
        assert_eq!(of(program(Some("2021-10-01"), None, None)), "baseline 2021 202110 2021-H2 2022 2022- 2023");
        assert_eq!(of(program(Some("2021-04"), None, None)).split(' ').nth(1), Some("2021"));
        // `2021` may be the first months of it, which are fiscal 2020.
        assert_eq!(of(program(Some("2021"), None, None)).split(' ').nth(1), Some("2020"));
        assert_eq!(of(program(None, Some(2022), None)), "baseline 2022 2022- 2023");
        assert_eq!(of(program(None, Some(2023), None)), "baseline 2022- 2023");
        assert_eq!(of(program(None, None, Some(2021))), "baseline 2020 2021 2021-H1 202109 202110 2021-H2");
    }

    #[test]
    fn zero_and_every_reason_are_answers_and_emptiness_is_none() {
        let form = [asked("1", &[(USERS, true, true), (SITES, true, true)])];
        assert_eq!(counts(&form, &[]), (2, 0, String::new(), Some(0)));
        // A text alone answers no figure.
        assert_eq!(counts(&form, &[said("1", &[])]), (2, 0, String::new(), Some(0)));
        assert_eq!(counts(&form, &[said("1", &[(USERS, None)])]), (2, 1, String::new(), Some(50)));
        assert_eq!(counts(&form, &[said("1", &[(USERS, None), (SITES, Some('n'))])]), (2, 2, "n1".into(), Some(100)));
        let blank = Said { whole: Whole::Missing('x'), ..said("1", &[]) };
        assert_eq!(counts(&form, &[blank]), (2, 2, "x2".into(), Some(100)));
        let repost = Said { whole: Whole::Elsewhere, ..said("1", &[]) };
        assert_eq!(counts(&form, &[repost]), (2, 2, String::new(), Some(100)));
    }

    #[test]
    fn a_cell_counts_once_and_only_where_it_was_asked() {
        let form = [asked("1", &[(USERS, true, true)])];
        // Twice, once as missing: what is there counts.
        assert_eq!(
            counts(&form, &[said("1", &[(USERS, Some('n')), (USERS, None), (USERS, None)])]),
            (1, 1, String::new(), Some(100))
        );
        assert_eq!(
            counts(&form, &[said("1", &[(USERS, Some('a')), (USERS, Some('b'))])]),
            (1, 1, "a1".into(), Some(100))
        );
        // In another program, of another period, of the other part.
        assert_eq!(counts(&form, &[said("2", &[(USERS, None)])]), (1, 0, String::new(), Some(0)));
        for other in [column(true, "2023"), column(false, "2024")] {
            let elsewhere = Said { column: other, ..said("1", &[(USERS, None)]) };
            assert_eq!(counts(&form, &[elsewhere]).1, 0, "{other:?}");
        }
        // More than was asked for is not more than all.
        assert_eq!(counts(&form, &[said("1", &[(USERS, None), (SITES, None)]), said("2", &[])]).3, Some(100));
    }

    #[test]
    fn the_percent_is_rounded_down_and_of_nothing_there_is_none() {
        let form: Vec<Asked<'static>> = vec![asked("1", &[]); 1];
        assert_eq!(counts(&[], &[said("1", &[])]), (0, 0, String::new(), None));
        assert_eq!(counts(&form, &[said("1", &[])]).3, Some(100));
        let names: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let form: Vec<Asked<'_>> = names.iter().map(|name| Asked { program: name, ..asked("", &[]) }).collect();
        let records: Vec<Said<'_, char>> =
            names.iter().skip(1).map(|name| Said { program: name, ..said("", &[]) }).collect();
        let judged = judge(cells(&[column(true, "2024")], &form), &records);
        assert_eq!((judged.answered, judged.percent()), (199, Some(99)));
    }
}
