use super::*;

const SCHEME: (&str, &str, i16) = ("141305", "check", 2012);

fn row(evaluator: &'static str, level: &'static str, programs: i64, priority: i64) -> Row<'static> {
    Row { scheme: SCHEME, evaluator, level, programs, priority }
}

fn told(level: Option<&str>, count: i64, of_which_priority: Option<i64>, rows: &[Row<'_>]) -> Vec<(String, String)> {
    let printed = [Declared { scheme: SCHEME, level, count, of_which_priority }];
    declared(&printed, rows).into_iter().map(|warning| (warning.pointer, warning.ja)).collect()
}

#[test]
fn printed_counts_against_rows() {
    let rows = [row("self", "A", 1, 1), row("self", "C", 10, 9)];
    assert_eq!(told(Some("A"), 1, Some(1), &rows), []);
    assert_eq!(told(Some("B"), 0, Some(0), &rows), []);
    assert_eq!(told(None, 11, Some(10), &rows), []);
    let count = told(Some("C"), 11, None, &rows);
    assert_eq!(count[0].0, "/declared_counts/0/count");
    assert!(count[0].1.starts_with("様式では「C」が 11 件ですが、記録では 10 件です。"), "{count:?}");
    let priority = told(None, 11, Some(11), &rows);
    assert_eq!(priority[0].0, "/declared_counts/0/of_which_priority");
    assert!(priority[0].1.starts_with("様式では合計のうち重点が 11 件ですが、記録では 10 件です。"), "{priority:?}");
    assert_eq!(told(Some("A"), 1, None, &[]).len(), 1, "no rows at all");
    assert_eq!(told(Some("A"), 0, None, &[]), []);
}

#[test]
fn the_sheet_may_print_any_evaluators_levels() {
    let rows = [row("self", "A", 3, 0), row("committee", "A", 2, 0)];
    assert_eq!(told(Some("A"), 3, None, &rows), []);
    assert_eq!(told(Some("A"), 2, None, &rows), []);
    assert_eq!(told(Some("A"), 5, None, &rows).len(), 1, "never both together");
}
