//! The closed lists as people pick them in a template: `把握していない`, `延べ`, `○`.

type Words = &'static [(&'static str, &'static [&'static str])];

/// What the words of a field are in the API, and in Japanese. None: no closed list.
pub fn of(field: &str) -> Option<Words> {
    Some(match field {
        "resource" => &[("target", &["目標"]), ("result", &["実績"])],
        "missing_reason" => &[
            ("not_measured", &["把握していない", "未把握", "…"]),
            ("not_applicable", &["該当しない", "該当なし", "―"]),
            ("not_implemented", &["実施していない", "未実施"]),
            ("not_reported", &["報告がない", "未報告"]),
            ("suppressed", &["秘匿", "X"]),
        ],
        "role" => &[
            ("main", &["主たる数値", "主"]),
            ("paired", &["対になる数値", "対"]),
            ("part_of", &["内訳"]),
            ("of_which", &["うち数", "うち"]),
            ("baseline", &["基準となる数値", "基準"]),
        ],
        "comparator" => {
            &[("eq", &["ちょうど"]), ("ge", &["以上"]), ("gt", &["超"]), ("le", &["以下"]), ("lt", &["未満"])]
        }
        "count_basis" => &[("cumulative", &["延べ", "延"]), ("actual", &["実"]), ("unstated", &["明記なし"])],
        "per" => &[("day", &["日"]), ("week", &["週"]), ("month", &["月"]), ("year", &["年"]), ("event", &["回"])],
        "approximate" | "estimate" | "no_change_from_last_year" => {
            &[("true", &["はい", "○", "◯", "〇", "レ", "✓"]), ("false", &["いいえ", "×", "✕"])]
        }
        _ => return None,
    })
}

/// The word, as the API has it; of what people pick also with an explanation behind a blank or in brackets.
pub fn find(words: Words, given: &str, people: bool) -> Option<&'static str> {
    let exact = |text: &str| words.iter().find(|(name, _)| *name == text).map(|(name, _)| *name);
    if !people {
        return exact(given);
    }
    let given = given.trim();
    let first = given.split([' ', '\u{3000}', '（', '(', '：', ':']).next().unwrap_or(given);
    [given, first].into_iter().find_map(|text| {
        let lower = text.to_ascii_lowercase();
        exact(&lower).or_else(|| words.iter().find(|(_, ja)| ja.contains(&text)).map(|(name, _)| *name))
    })
}

/// For an error text.
pub fn all(words: Words, people: bool) -> String {
    let shown = words.iter().map(|(name, ja)| if people { ja.first().unwrap_or(name) } else { name });
    shown.copied().collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::types::CountBasis;
    use crate::records::value::{Comparator, MissingReason, Per, ValueRole};
    use serde::de::DeserializeOwned;

    fn known<T: DeserializeOwned>(field: &str, count: usize) {
        let words = of(field).unwrap();
        assert_eq!(words.len(), count, "{field}");
        assert!(words.iter().all(|(name, _)| serde_json::from_value::<T>((*name).into()).is_ok()), "{field}");
    }

    #[test]
    fn the_lists_are_those_of_the_api() {
        known::<MissingReason>("missing_reason", 5);
        known::<ValueRole>("role", 5);
        known::<Comparator>("comparator", 5);
        known::<CountBasis>("count_basis", 3);
        known::<Per>("per", 5);
    }

    #[test]
    fn people_pick_words_and_programs_send_names() {
        let find = |field, given, people| find(of(field).unwrap(), given, people);
        for given in
            ["把握していない", " 把握していない（調査中）", "not_measured", "NOT_MEASURED　把握していない", "…"]
        {
            assert_eq!(find("missing_reason", given, true), Some("not_measured"), "{given}");
        }
        assert_eq!(find("estimate", "○", true), Some("true"));
        assert_eq!(find("estimate", "TRUE", true), Some("true"));
        assert_eq!(find("estimate", "不明", true), None);
        assert_eq!(find("estimate", "○", false), None);
        assert_eq!(find("count_basis", "延べ", false), None);
        assert_eq!(find("count_basis", "cumulative", false), Some("cumulative"));
        assert_eq!(find("count_basis", "cumulative ", false), None);
    }
}
