//! The closed lists of an aggregate.

use crate::words;

words! {
    /// 集計のしかた
    pub enum AggregateFunction {
        /// 合計
        Sum = "sum",
        /// 分子の合計 ÷ 分母の合計（率）
        WeightedMean = "weighted_mean",
        /// 最小
        Min = "min",
        /// 最大
        Max = "max",
        /// 各団体の最新の値の合計（時点の値）
        Latest = "latest",
        /// 値ごとの団体数。数値は四分位も
        Distribution = "distribution",
        /// 目標に対する実績の割合
        AchievementRate = "achievement_rate",
    }
}

words! {
    /// 数えない理由 / why a figure is not counted
    pub enum ExclusionReason {
        /// 再掲
        Repost = "repost",
        /// 見込・予定
        Estimate = "estimate",
        /// 基準となる数値
        Baseline = "baseline",
        /// うち数
        OfWhich = "of_which",
        /// 全体が数えられている内訳 / a part of a whole that is counted
        PartOfWhole = "part_of_whole",
        /// 内訳のどれか（または全体）に数値がない。残りの内訳は全体ではない / a part, or the whole, has no figure: the other parts are not all of it
        IncompleteParts = "incomplete_parts",
        /// 別の事業に載っている同じ数値（same_figure_as）
        SameFigure = "same_figure",
        /// 別の事業・計画に載っている同じ値
        Duplicate = "duplicate",
        /// 同じはずの数値が事業・計画の間で食い違う / figures that should be the same differ
        Conflicting = "conflicting",
        /// 内訳の軸が一つに決まらない / breakdowns along several axes, none of them the whole
        BreakdownUnclear = "breakdown_unclear",
        /// 一つの数値になる記録の評価の区分が違う（group_by=level） / made of records that were rated differently
        LevelUnclear = "level_unclear",
        /// 数えられた、より長い期間の一部
        WithinOtherPeriod = "within_other_period",
        /// より新しい値がある
        Earlier = "earlier",
        /// その期間の報告団体ではない / not expected for that period
        NotExpected = "not_expected",
        /// 範囲、以上・以下
        Range = "range",
        /// 頻度（月1回など）
        Frequency = "frequency",
        /// 数値でない内容
        Text = "text",
        /// 率（足せない）
        Rate = "rate",
        /// 分子と分母がない率
        NoDenominator = "no_denominator",
        /// 比べる目標がない
        NoTarget = "no_target",
        /// 目標と単位・数え方が違う
        UnlikeTarget = "unlike_target",
    }
}

words! {
    /// だれを対象とするか
    pub enum ExpectedOf {
        /// 計画の報告団体（その年度の。照会の対象外を除く） / the plan's reporters of those years, without those left out of the round
        PlanReporters = "plan_reporters",
        /// 期間の末日に存在した市区町村 / the municipalities in force on the last day of the period
        Municipalities = "municipalities",
    }
}

words! {
    /// 前の期間と比べられない理由
    pub enum BreakReason {
        /// 指標の定義が変わった / the indicator's definition changed
        Definition = "definition",
        /// 単位が変わった
        Unit = "unit",
        /// 数え方が変わった
        Basis = "basis",
        /// 市町村の分割があった。分け方がわからないため対応させていない / a municipality was split
        Split = "split",
    }
}
