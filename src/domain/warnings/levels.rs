//! Rules about reported levels. A level is a judgement: what the bounds say is advice.

use super::{Code, Figure, Record, Warning, targets};
use crate::domain::period::Period;
use rust_decimal::Decimal;

/// A reported level with the scale it is one of.
pub struct Judgement<'a> {
    pub scheme: &'a str,
    pub levels: Vec<Level<'a>>,
    pub level: &'a str,
    /// The period whose target it judges against, where that was said.
    pub against: Option<Period>,
}

pub struct Level<'a> {
    pub code: &'a str,
    /// In percent of the target; none where it is open, lost or presumed.
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
    /// Row and column of a matrix.
    pub cell: [Option<&'a str>; 2],
}

#[derive(Clone, Copy, Debug)]
pub struct Bound {
    pub percent: Decimal,
    pub inclusive: bool,
}

impl Level<'_> {
    fn has_bounds(&self) -> bool {
        self.lower.is_some() || self.upper.is_some()
    }

    fn holds(&self, percent: Decimal) -> bool {
        let above = |bound: Bound| percent > bound.percent || (bound.inclusive && percent == bound.percent);
        let below = |bound: Bound| percent < bound.percent || (bound.inclusive && percent == bound.percent);
        self.has_bounds() && self.lower.is_none_or(above) && self.upper.is_none_or(below)
    }

    /// 事業目標を変更
    fn says_changed(&self) -> bool {
        let says = |text: &str| {
            let changed = ["目標を変更", "目標の変更", "目標変更", "目標を変える", "目標を見直"]
                .iter()
                .any(|word| text.contains(word));
            changed && !["変更なし", "変更しない", "変更せず", "変更はない"].iter().any(|word| text.contains(word))
        };
        self.cell.into_iter().flatten().any(says)
    }
}

pub fn judge(record: &Record<'_>, found: &mut Vec<Warning>) {
    for (place, judgement) in record.judgements.iter().enumerate() {
        let at = format!("/evaluations/{place}/level");
        let Some(level) = judgement.levels.iter().find(|known| known.code == judgement.level) else { continue };
        found.extend(against_figures(record, judgement, level, &at));
        found.extend(without_changed_goal(record, judgement, level, &at));
    }
}

/// Only if the known bounds exclude every compared figure: where one fits, the judgement may rest on that.
fn against_figures(record: &Record<'_>, judgement: &Judgement<'_>, level: &Level<'_>, at: &str) -> Option<Warning> {
    let compared: Vec<Decimal> =
        record.figures.iter().filter_map(|figure| percent(record, judgement.against, figure)).collect();
    let excluded = |percent: &Decimal| {
        if level.has_bounds() {
            !level.holds(*percent)
        } else {
            judgement.levels.iter().any(|other| other.holds(*percent))
        }
    };
    if compared.is_empty() || !compared.iter().all(excluded) {
        return None;
    }
    let percents = compared.iter().map(|percent| format!("{percent}%")).collect::<Vec<_>>().join("、");
    let fits = |other: &&Level<'_>| compared.iter().all(|percent| other.holds(*percent));
    let computed = judgement.levels.iter().find(fits).map(|other| other.code);
    let (ja, en) = match computed {
        Some(code) => (format!("（基準では「{code}」）"), format!(" (by the bounds `{code}`)")),
        None => Default::default(),
    };
    let warning = Warning::new(
        Code::LevelDiffers,
        at,
        format!(
            "{}は「{}」ですが、目標に対する割合は {percents} です{ja}。区分か数値を確認してください",
            judgement.scheme, judgement.level
        ),
        format!(
            "level `{}`, but the figures are {} of the target{en}: check the level or the figures",
            judgement.level,
            percents.replace('、', ", ")
        ),
    );
    let warning = warning.with("reported", judgement.level).with("percent", percents.replace('%', ""));
    Some(match computed {
        Some(code) => warning.with("computed", code),
        None => warning,
    })
}

/// Result in percent of its goal.
fn percent(record: &Record<'_>, against: Option<Period>, result: &Figure<'_>) -> Option<Decimal> {
    // Where less is better, a percent of the target says the opposite of what the bounds mean.
    if result.indicator.is_some_and(|indicator| indicator.less_is_better) {
        return None;
    }
    targets::percent(result, targets::goal(record.targets, record.period, against, result)?)
}

fn without_changed_goal(
    record: &Record<'_>,
    judgement: &Judgement<'_>,
    level: &Level<'_>,
    at: &str,
) -> Option<Warning> {
    let changed = |target: &super::Target<'_>| {
        target.amendment > 0 && target.period.end().is_none_or(|end| Some(end) >= record.period.end())
    };
    if !level.says_changed() || record.targets.iter().any(changed) {
        return None;
    }
    let warning = Warning::new(
        Code::ChangedGoalMissing,
        at,
        format!(
            "{}は「{}」（目標を変更）ですが、変更目標がありません。/targets/…/amendments/1 に登録してください",
            judgement.scheme, level.code
        ),
        format!(
            "level `{}` says that the goal was changed, but there is no changed goal: put it to /targets/…/amendments/1",
            level.code
        ),
    );
    Some(warning.with("reported", level.code))
}
