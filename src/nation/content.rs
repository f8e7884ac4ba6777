//! What each municipality reports: drawn from the seed and the key of what is drawn, so that every table can be made by
//! itself, in any order.

use crate::domain::number::Number;
use crate::indicators::types::CountBasis;
use crate::records::value::{IndicatorRef, MissingReason, RecordValue};
use rust_decimal::Decimal;
use std::ops::RangeInclusive;

pub const PROGRAMS: u16 = 60;
/// The first ones are of the law, of which each municipality has all.
pub const STATUTORY: [(&str, &str); 13] = [
    ("user_support", "利用者支援事業"),
    ("extended_hours_childcare", "時間外保育事業"),
    ("supplementary_benefit", "実費徴収に係る補足給付を行う事業"),
    ("diverse_providers_promotion", "多様な事業者の参入促進・能力活用事業"),
    ("after_school_care", "放課後児童健全育成事業"),
    ("short_term_support", "子育て短期支援事業"),
    ("newborn_home_visits", "乳児家庭全戸訪問事業"),
    ("childrearing_support_visits", "養育支援訪問事業"),
    ("community_childcare_centers", "地域子育て支援拠点事業"),
    ("temporary_childcare", "一時預かり事業"),
    ("sick_child_care", "病児保育事業"),
    ("family_support_center", "子育て援助活動支援事業"),
    ("prenatal_checkups", "妊婦健康診査"),
];
/// Programs that feed a common indicator.
pub const COMMON: u16 = 40;
/// Programs that report by halves beside the year: 60 + 2 × 35 = 130 records a year.
const HALVES: u16 = 35;
pub const FIRST_YEAR: i16 = 2015;
pub const LAST_YEAR: i16 = 2024;

pub struct Municipality {
    pub code: String,
    pub prefecture: String,
    pub name: String,
    /// Its place in the order of codes
    pub place: i64,
}

pub struct Nation {
    pub seed: u64,
    pub years: RangeInclusive<i16>,
    /// By prefecture and code
    pub municipalities: Vec<Municipality>,
}

/// A record's place in the calendar.
#[derive(Clone, Copy)]
pub enum When {
    Year,
    FirstHalf,
    SecondHalf,
}

impl When {
    pub fn code(self, year: i16) -> String {
        match self {
            Self::Year => year.to_string(),
            Self::FirstHalf => format!("{year}-H1"),
            Self::SecondHalf => format!("{year}-H2"),
        }
    }
}

/// How a program's figure is counted.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Persons,
    Places,
    Rate,
}

/// Of the plan that each municipality has.
pub fn plan_code(municipality: &str) -> String {
    format!("{municipality}-kodomo-{FIRST_YEAR}")
}

pub fn program_code(program: u16) -> String {
    format!("{program:02}")
}

/// Of the common indicator that a program's figure feeds.
pub fn common_code(program: u16) -> String {
    format!("c{program:02}")
}

/// Of a municipality's own indicator.
pub fn own_code(program: u16) -> String {
    format!("i{program:02}")
}

impl Nation {
    pub fn new(seed: u64, scale: f64, all: Vec<(String, String, String)>) -> Self {
        // Tenths of years first, then of municipalities: what one year of a prefecture is stays the same.
        let years = (scale * 10.0).round().clamp(1.0, 10.0);
        let share = (scale * 10.0).clamp(0.0, 1.0);
        let mut all = all;
        let kept = ((all.len() as f64 * share).ceil() as usize).max(1);
        all.sort_by_key(|(code, prefecture, _)| (prefecture != "130001", prefecture.clone(), code.clone()));
        all.truncate(kept);
        all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        let municipalities = (0..)
            .zip(all)
            .map(|(place, (code, prefecture, name))| Municipality { code, prefecture, name, place })
            .collect();
        Self { seed, years: LAST_YEAR + 1 - years as i16..=LAST_YEAR, municipalities }
    }

    /// The publication of a reporter's year: all of one year after all of the year before.
    pub fn publication(&self, municipality: &Municipality, year: i16) -> i64 {
        let years = i64::from(year - self.years.start());
        years * self.municipalities.len() as i64 + municipality.place + 1
    }

    /// When a program reports on a year, in the order of the codes.
    pub fn whens(program: u16) -> impl Iterator<Item = When> {
        let all = if program <= HALVES { 3 } else { 1 };
        [When::Year, When::FirstHalf, When::SecondHalf].into_iter().take(all)
    }

    /// What is reported on a year, in the order of the key.
    pub fn periods() -> impl Iterator<Item = (u16, When)> {
        (1..=PROGRAMS).flat_map(|program| Self::whens(program).map(move |when| (program, when)))
    }

    pub fn kind(program: u16) -> Kind {
        match program % 8 {
            0 => Kind::Rate,
            1 => Kind::Places,
            _ => Kind::Persons,
        }
    }

    pub fn program_name(program: u16) -> String {
        match STATUTORY.get(usize::from(program - 1)) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("子育て支援の取組 第{program}号"),
        }
    }

    /// Evenly from 0 to below `most`, by the seed and what is drawn for.
    fn draw(&self, most: u64, of: &[u64]) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014) over the key.
        let mix = |state: u64| {
            let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        of.iter().fold(mix(self.seed), |state, part| mix(state ^ part)) % most
    }

    /// The figure of a record and its sentence.
    pub fn record(
        &self,
        municipality: &Municipality,
        year: i16,
        program: u16,
        when: When,
        target: bool,
    ) -> (String, RecordValue) {
        let code: u64 = municipality.code.parse().unwrap_or_default();
        let (program_key, when_key) = (u64::from(program), when as u64);
        // Towns differ by a factor of a thousand; a year from the next by a tenth.
        let size = 3_u64.pow(1 + self.draw(7, &[code]) as u32);
        let usual = size * (10 + self.draw(40, &[code, program_key]));
        let year_key = year.unsigned_abs().into();
        let drift = 90 + self.draw(21, &[code, program_key, year_key, when_key, u64::from(target)]);
        let many = usual * drift / 100 / if matches!(when, When::Year) { 1 } else { 2 };
        let kind = Self::kind(program);
        let missing = !target && self.draw(100, &[code, program_key, year_key, when_key, 7]) == 0;
        figure(municipality, program, kind, many.max(1), missing, target)
    }
}

fn figure(
    municipality: &Municipality,
    program: u16,
    kind: Kind,
    many: u64,
    missing: bool,
    target: bool,
) -> (String, RecordValue) {
    let number = |number: u64| Number::try_from(Decimal::from(number)).ok();
    let (label, unit, snippet) = match kind {
        Kind::Persons => ("利用者数", "人", format!("延べ{many}人")),
        Kind::Places => ("実施か所数", "か所", format!("{}か所", many % 90 + 1)),
        Kind::Rate => ("実施率", "％", format!("{}人中{many}人", many + many / 4 + 1)),
    };
    let source = if missing { "今年度は集計していません".to_owned() } else { snippet };
    let sentence = if target {
        format!("{}を、{source}とすることを目標に、窓口の案内と予約の仕組みを整えます。", label)
    } else {
        format!("市民の声を受けて受付の時間を延ばし、関係機関と毎月の打合せを続けました。{label}は{source}でした。")
    };
    let denominator = many + many / 4 + 1;
    let rate = (Decimal::from(many) * Decimal::ONE_HUNDRED / Decimal::from(denominator)).round_dp(1);
    let given = !missing;
    let indicator =
        (program <= COMMON).then(|| IndicatorRef { owner: municipality.code.clone(), indicator: own_code(program) });
    let value = RecordValue {
        unit: Some(unit.to_owned()),
        source,
        indicator,
        missing_reason: missing.then_some(MissingReason::NotMeasured),
        value: match kind {
            Kind::Persons => number(many).filter(|_| given),
            Kind::Places => number(many % 90 + 1).filter(|_| given),
            Kind::Rate => None,
        },
        rate: (kind == Kind::Rate && given).then(|| Number::try_from(rate).ok()).flatten(),
        numerator: number(many).filter(|_| kind == Kind::Rate && given),
        denominator: number(denominator).filter(|_| kind == Kind::Rate && given),
        counted: (kind == Kind::Persons).then(|| "利用者".to_owned()),
        count_basis: if kind == Kind::Persons { CountBasis::Cumulative } else { CountBasis::Unstated },
        ..RecordValue::named(label.to_owned())
    };
    (sentence, value)
}
