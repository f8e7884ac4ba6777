//! Units, and which of their spellings mean the same. The printed spelling is always kept; the canonical one is for
//! comparing and adding up.

use super::input::half_width;

/// A unit and the other ways it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The canonical spelling.
    pub name: &'static str,
    pub spellings: &'static [&'static str],
}

const fn unit(name: &'static str, spellings: &'static [&'static str]) -> Unit {
    Unit { name, spellings }
}

/// Every unit the service knows; others are taken as they are. 人 and 世帯, 回 and 件 are never the same.
pub const UNITS: &[Unit] = &[
    // People
    unit("人", &["名"]),
    unit("世帯", &[]),
    unit("家庭", &[]),
    unit("組", &[]),
    unit("グループ", &[]),
    unit("団体", &[]),
    unit("社", &[]),
    // Places
    unit("か所", &["箇所", "個所", "カ所", "ヵ所", "ヶ所", "ケ所", "ｶ所", "ｹ所"]),
    unit("園", &["か園", "カ園", "ヵ園", "ヶ園", "ケ園", "箇園"]),
    unit("校", &["か校", "カ校", "ヵ校", "ヶ校", "ケ校", "箇校"]),
    unit("施設", &["か施設", "カ施設", "ヵ施設", "ヶ施設", "ケ施設"]),
    unit("事業所", &[]),
    unit("学級", &["クラス"]),
    unit("教室", &[]),
    unit("クラブ", &[]),
    unit("会場", &[]),
    unit("区", &[]),
    unit("地区", &[]),
    unit("戸", &[]),
    unit("室", &[]),
    unit("台", &[]),
    // Doings
    unit("件", &[]),
    unit("回", &[]),
    unit("回/年", &["回/年度"]),
    unit("回/月", &[]),
    unit("回/週", &[]),
    unit("日/年", &["日/年度"]),
    unit("日/月", &[]),
    unit("日/週", &[]),
    unit("講座", &[]),
    unit("コース", &[]),
    unit("事業", &[]),
    unit("分野", &[]),
    unit("項目", &[]),
    unit("種類", &["種"]),
    unit("枠", &[]),
    unit("床", &[]),
    // Things
    unit("部", &[]),
    unit("冊", &[]),
    unit("枚", &[]),
    unit("本", &[]),
    unit("個", &[]),
    unit("食", &[]),
    // Time
    unit("年", &[]),
    unit("か月", &["箇月", "個月", "カ月", "ヵ月", "ヶ月", "ケ月", "ｶ月", "ｹ月"]),
    unit("週", &["週間"]),
    unit("日", &["日間"]),
    unit("時間", &[]),
    unit("分", &["分間"]),
    unit("歳", &["才"]),
    // Money and measures
    unit("円", &[]),
    unit("千円", &[]),
    unit("万円", &[]),
    unit("百万円", &[]),
    unit("億円", &[]),
    unit("%", &["％", "パーセント"]),
    unit("ポイント", &[]),
    unit("割", &[]),
    unit("倍", &[]),
    unit("位", &[]),
    unit("点", &[]),
    unit("㎡", &["m2", "m²", "平方メートル"]),
    unit("ha", &["ヘクタール"]),
    unit("km", &["キロメートル"]),
];

/// The canonical spelling of a unit, however wide its letters and with blanks around or in it.
pub fn canonical(given: &str) -> Option<&'static str> {
    let is = |spelling: &str| folded(spelling).eq(folded(given));
    UNITS.iter().find(|unit| is(unit.name) || unit.spellings.iter().any(|spelling| is(spelling))).map(|unit| unit.name)
}

/// Do two spellings mean the same? A unit that is not known is the same as itself only.
pub fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (canonical(a), canonical(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => folded(a).eq(folded(b)),
        _ => false,
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(half_width).filter(|c| !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn spellings_that_mean_the_same() {
        for (given, unit) in [
            ("名", "人"),
            ("人", "人"),
            (" 人　", "人"),
            ("か所", "か所"),
            ("箇所", "か所"),
            ("ヶ所", "か所"),
            ("カ所", "か所"),
            ("個所", "か所"),
            ("％", "%"),
            ("回／年", "回/年"),
            ("ｍ２", "㎡"),
        ] {
            assert_eq!(canonical(given), Some(unit), "{given}");
        }
        for given in ["", " ", "光年", "人人", "延べ人"] {
            assert_eq!(canonical(given), None, "{given}");
        }
        assert!(
            same("名", "人") && same("光年", "光年 ") && !same("光年", "人") && !same("回", "件") && !same("", "人")
        );
    }

    /// Every unit printed in the five documents the service was made for.
    #[test]
    fn the_units_of_the_documents_are_known() {
        for given in [
            "人",
            "件",
            "回",
            "名",
            "園",
            "か所",
            "分野",
            "施設",
            "組",
            "箇所",
            "校",
            "日",
            "団体",
            "社",
            "%",
            "部",
            "回/年",
            "ヶ所",
            "日/週",
            "学級",
            "円",
            "事業所",
            "世帯",
            "カ所",
            "時間",
            "区",
        ] {
            assert!(canonical(given).is_some(), "{given}");
        }
    }

    #[test]
    fn no_spelling_belongs_to_two_units() {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for unit in UNITS {
            let mut own: Vec<String> =
                unit.spellings.iter().chain([&unit.name]).map(|text| folded(text).collect()).collect();
            own.sort();
            own.dedup();
            for spelling in own {
                assert_eq!(canonical(&spelling), Some(unit.name));
                assert_eq!(seen.insert(spelling.clone(), unit.name), None, "{spelling}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_canonical_spelling_is_its_own(given in "\\PC{0,6}|[名人か箇所ヶ所％ ]{0,4}") {
            if let Some(unit) = canonical(&given) {
                prop_assert_eq!(canonical(unit), Some(unit));
                prop_assert!(same(&given, unit));
            }
            prop_assert!(same(&given, &given));
        }
    }
}
