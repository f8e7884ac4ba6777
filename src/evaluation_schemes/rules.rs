//! Whether a reported level is one of its scheme, and what it asks for.

use super::types::Level;
use crate::error::{Code, Finding};

/// A scheme as records need it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub title: String,
    /// In printed order.
    pub levels: Vec<Level>,
}

/// The level that a record reports, or what is wrong with it. `pointer`: the evaluation inside the body.
pub fn judge<'a>(
    scale: Option<&'a Scale>,
    pointer: &str,
    level: &str,
    reason: Option<&str>,
    findings: &mut Vec<Finding>,
) -> Option<&'a Level> {
    let Some(scale) = scale else {
        findings.push(Finding::new(
            format!("{pointer}/scheme"),
            Code::EvaluationUnknownScheme,
            "評価基準が登録されていません。/api/v1/evaluation_schemes を見てください",
            "the evaluation scheme is not registered; see /api/v1/evaluation_schemes",
        ));
        return None;
    };
    let found = scale.levels.iter().find(|known| known.code == level);
    match found {
        None => findings.push(Finding::new(
            format!("{pointer}/level"),
            Code::EvaluationUnknownLevel,
            format!("「{level}」は{}（{}）にありません", scale.title, span(&scale.levels, "、", "〜")),
            format!("`{level}` is not a level of {} ({})", scale.title, span(&scale.levels, ", ", " to ")),
        )),
        Some(known) if known.reason_required && reason.is_none_or(|reason| reason.trim().is_empty()) => {
            findings.push(Finding::new(
                format!("{pointer}/reason"),
                Code::EvaluationReasonRequired,
                format!("「{level}」には理由が必要です"),
                format!("level `{level}` needs a reason"),
            ));
        }
        Some(_) => {}
    }
    found
}

/// `1〜4` where the codes follow one another, up or down; else all of them.
fn span(levels: &[Level], comma: &str, to: &str) -> String {
    let codes: Vec<&str> = levels.iter().map(|level| level.code.as_str()).collect();
    let step = |pair: &[&str]| match pair {
        [a, b] => one_char(b).zip(one_char(a)).map(|(b, a)| i64::from(b) - i64::from(a)),
        _ => None,
    };
    let steps: Vec<Option<i64>> = codes.windows(2).map(step).collect();
    let follow = steps.iter().all(|step| *step == Some(1)) || steps.iter().all(|step| *step == Some(-1));
    match codes.as_slice() {
        [first, _, .., last] if follow => format!("{first}{to}{last}"),
        _ => codes.join(comma),
    }
}

fn one_char(code: &str) -> Option<u32> {
    let mut chars = code.chars();
    chars.next().filter(|_| chars.next().is_none()).map(u32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(codes: &[&str]) -> Scale {
        let levels = codes
            .iter()
            .map(|code| Level {
                code: (*code).to_owned(),
                label: Some("達成".into()),
                reason_required: *code == "3",
                ..Level::default()
            })
            .collect();
        Scale { title: "達成度".into(), levels }
    }

    fn told(codes: &[&str], level: &str, reason: Option<&str>) -> Vec<(String, Code, String)> {
        let mut findings = Vec::new();
        let scale = scale(codes);
        let found = judge(Some(&scale), "/evaluations/0", level, reason, &mut findings);
        assert_eq!(found.is_some(), codes.contains(&level));
        findings.into_iter().map(|finding| (finding.pointer, finding.code, finding.ja)).collect()
    }

    #[test]
    fn an_unknown_level_is_told_with_those_there_are() {
        for (codes, ja) in [
            (&["1", "2", "3", "4"][..], "「5」は達成度（1〜4）にありません"),
            (&["4", "3", "2", "1"], "「5」は達成度（4〜1）にありません"),
            (&["A", "B", "C", "D", "E", "F", "G", "H"], "「5」は達成度（A〜H）にありません"),
            (&["①", "②", "③"], "「5」は達成度（①〜③）にありません"),
            (&["◎", "○", "△"], "「5」は達成度（◎、○、△）にありません"),
            (&["1", "2", "4"], "「5」は達成度（1、2、4）にありません"),
            (&["1", "2"], "「5」は達成度（1、2）にありません"),
            (&["A1", "A2", "A3"], "「5」は達成度（A1、A2、A3）にありません"),
            (&["1"], "「5」は達成度（1）にありません"),
        ] {
            let expected = ("/evaluations/0/level".to_owned(), Code::EvaluationUnknownLevel, ja.to_owned());
            assert_eq!(told(codes, "5", None), [expected]);
        }
    }

    #[test]
    fn some_levels_need_a_reason() {
        let codes = ["1", "2", "3"];
        assert_eq!(told(&codes, "2", None), []);
        assert_eq!(told(&codes, "3", Some("参加者が少なかった")), []);
        for reason in [None, Some(""), Some(" 　\n")] {
            let expected = (
                "/evaluations/0/reason".to_owned(),
                Code::EvaluationReasonRequired,
                "「3」には理由が必要です".to_owned(),
            );
            assert_eq!(told(&codes, "3", reason), [expected]);
        }
    }

    #[test]
    fn a_scheme_must_be_there() {
        let mut findings = Vec::new();
        assert_eq!(judge(None, "/evaluations/1", "1", None, &mut findings), None);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].pointer.as_str(), findings[0].code),
            ("/evaluations/1/scheme", Code::EvaluationUnknownScheme)
        );
    }
}
