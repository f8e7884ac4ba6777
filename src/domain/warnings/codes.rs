//! Every code a warning can have: one line a code. Codes are part of the contract: never renamed, never reused.

macro_rules! codes {
    ($($variant:ident = $id:literal, $ja:literal, $en:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($variant),+ }
        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),+];
            /// `warning.reason`, stable.
            pub const fn id(self) -> &'static str { match self { $(Code::$variant => $id),+ } }
            pub const fn title_ja(self) -> &'static str { match self { $(Code::$variant => $ja),+ } }
            pub const fn title_en(self) -> &'static str { match self { $(Code::$variant => $en),+ } }
        }
    };
}

codes! {
    SameTextAsTarget = "warning.same_text_as_target", "実績の文章が目標と同じです", "The result repeats its target to the letter";
    EstimateAfterPeriod = "warning.estimate_after_period", "終わった期間の実績に予定・見込があります", "An estimate in the result of a period that is over";
    DoneInPlan = "warning.done_in_plan", "目標に実施済みとあります", "A plan that says it is done";
    ChangedGoalMissing = "warning.changed_goal_missing", "目標を変更とありますが、変更目標がありません", "The goal was changed, but no changed goal is given";
    LevelDiffers = "warning.level_differs", "評価の区分が数値と合いません", "The reported level differs from the figures";
    OfWhichAboveWhole = "warning.of_which_above_whole", "うち数が全体を超えています", "An of-which is above its whole";
    PartsDifferFromWhole = "warning.parts_differ_from_whole", "内訳の合計が計と合いません", "The parts do not add up to their whole";
    RateDiffers = "warning.rate_differs", "率が分子・分母と合いません", "The rate differs from its numerator and denominator";
    UnitDiffers = "warning.unit_differs", "単位が指標と異なります", "The unit differs from the indicator's";
    CountBasisDiffers = "warning.count_basis_differs", "数え方（延べ・実）が指標と異なります", "The count basis differs from the indicator's";
    WillBeSuppressed = "warning.will_be_suppressed", "小さな数は公表されません", "A small count is not published";
    SourceNotInText = "warning.source_not_in_text", "数値の根拠が本文にありません", "The figure's source is not in the text";
    DepartmentUnknown = "warning.department_unknown", "登録のない担当課です", "Unknown department";
    HtmlTags = "warning.html_tags", "HTMLのタグが残っています", "HTML tags in the text";
    OutsideCharacterSet = "warning.outside_character_set", "JIS X 0213 にない文字があります", "Characters outside JIS X 0213";
    SameTextAsLastYear = "warning.same_text_as_last_year", "前年度と同じ文章です", "The text of the year before, to the letter";
    Tenfold = "warning.tenfold", "数値が前年度の10倍以上か10分の1以下です", "A figure is ten times that of the year before, or a tenth";
    UnitChanged = "warning.unit_changed", "単位が前年度と異なります", "The unit differs from that of the year before";
    TargetWithoutResult = "warning.target_without_result", "目標に対する実績がありません", "A target without a result";
    DeclaredCountDiffers = "warning.declared_count_differs", "様式の件数が記録から数えた件数と異なります", "A declared count differs from the rows";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_has_one_name_and_a_title_in_both_languages() {
        let ids: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            let reason = code.id().strip_prefix("warning.").unwrap();
            assert!(!reason.is_empty() && reason.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{reason}");
            assert!(!code.title_ja().is_ascii() && code.title_en().is_ascii(), "{reason}");
        }
    }
}
