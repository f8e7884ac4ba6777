use crate::domain::code::Code;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource, words};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a municipality or prefecture.
    pub struct MunicipalityKey { municipality: Code }
}

path_key! {
    /// Address of a prefecture.
    pub struct PrefectureKey { prefecture: Code = "130001" }
}

words! {
    /// 種別
    pub enum MunicipalityKind {
        /// 都道府県
        Prefecture = "prefecture",
        /// 政令指定都市
        DesignatedCity = "designated_city",
        /// 市
        City = "city",
        /// 特別区
        SpecialWard = "special_ward",
        /// 町
        Town = "town",
        /// 村
        Village = "village",
        /// 行政区（報告はしない。市の区域として使う）
        Ward = "ward",
    }
}

words! {
    /// 廃置分合の種別
    pub enum SuccessionKind {
        /// 新設合併
        Merger = "merger",
        /// 編入
        Absorption = "absorption",
        /// 分割・分立
        Split = "split",
        /// 市制・町制施行など
        StatusChange = "status_change",
        /// 名称変更
        Renaming = "renaming",
    }
}

/// 廃置分合：どの団体が、いつ、どのように後を継いだか
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// 相手の団体コード / code of the other municipality
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "221309")]
    pub municipality: String,
    /// 施行日 / the day it took effect
    pub effective_on: NaiveDate,
    pub kind: SuccessionKind,
}

resource! {
    /// 自治体 / a municipality, ward or prefecture
    struct Municipality {
        /// 全国地方公共団体コード
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        code: String,
        /// この団体が後を継いだ団体 / whom it came after
        #[schema(max_items = 100)]
        #[validate(skip)]
        predecessors: Vec<Succession>,
    }
    /// 自治体の登録内容
    body struct PutMunicipality {
        /// 名称
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100, example = "あきる野市")]
        name: String,
        /// 読み（全角カナ）
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100, example = "アキルノシ")]
        kana: String,
        kind: MunicipalityKind,
        /// 都道府県コード（都道府県は自分のコード）
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "130001")]
        prefecture: String,
        /// 行政区の市 / a ward's city
        #[serde(default)]
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6)]
        parent: Option<String>,
        /// 北方領土の村（1,741団体の外）
        #[serde(default)]
        northern_territories: bool,
        /// 最初の日。null：一覧の始まりより前
        #[serde(default)]
        valid_from: Option<NaiveDate>,
        /// 最後の日。null：存続
        #[serde(default)]
        valid_to: Option<NaiveDate>,
        /// 後を継いだ団体 / who came after it
        #[serde(default)]
        #[validate(length(max = 100))]
        #[schema(max_items = 100)]
        successors: Vec<Succession>,
    }
}
list_of!(MunicipalityList, Municipality);

impl Rules for PutMunicipality {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_code("/prefecture", &self.prefecture, findings);
        if let Some(parent) = &self.parent {
            require_code("/parent", parent, findings);
        }
        let mut named = BTreeSet::new();
        for (index, succession) in self.successors.iter().enumerate() {
            let at = format!("/successors/{index}");
            require_code(&format!("{at}/municipality"), &succession.municipality, findings);
            check_day(&format!("{at}/effective_on"), Some(succession.effective_on), findings);
            if !named.insert((&succession.municipality, succession.effective_on)) {
                let (ja, en) = ("同じ団体と施行日が2回あります", "the same municipality and day twice");
                findings.push(Finding::new(format!("{at}/municipality"), ErrorCode::RequestInvalid, ja, en));
            }
        }
        self.successors.sort();
        check_day("/valid_from", self.valid_from, findings);
        check_day("/valid_to", self.valid_to, findings);
        if (self.kind == MunicipalityKind::Ward) != self.parent.is_some() {
            let (ja, en) = (
                "行政区には市（parent）を付け、ほかには付けないでください",
                "a ward has a parent city, nothing else has",
            );
            findings.push(Finding::new("/parent", ErrorCode::RequestInvalid, ja, en));
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && from > to
        {
            let (ja, en) = ("最後の日が最初の日より前です", "the last day lies before the first");
            findings.push(Finding::new("/valid_to", ErrorCode::RequestInvalid, ja, en));
        }
    }
}

impl PutMunicipality {
    /// The rules that need its code.
    pub fn check_code(&self, code: Code) -> Result<(), Error> {
        let (given, mut findings) = (code.as_str(), Vec::new());
        let mut wrong = |pointer: &str, ja: &str, en: &str| {
            findings.push(Finding::new(pointer, ErrorCode::RequestInvalid, ja, en));
        };
        if self.prefecture != code.prefecture().as_str() {
            wrong("/prefecture", "団体コードの都道府県と異なります", "not the prefecture of the code");
        }
        if (self.kind == MunicipalityKind::Prefecture) != code.is_prefecture() {
            wrong(
                "/kind",
                "都道府県かどうかが団体コードと合いません",
                "the code says otherwise about being a prefecture",
            );
        }
        if self.parent.as_deref() == Some(given) {
            wrong("/parent", "自分自身を親にはできません", "a municipality is not its own parent");
        }
        if self.successors.iter().any(|succession| succession.municipality == given) {
            wrong("/successors", "自分自身を後継にはできません", "a municipality does not come after itself");
        }
        if findings.is_empty() { Ok(()) } else { Err(Error::invalid(findings)) }
    }
}

/// A day that JSON and the database write alike: chrono reads years of six digits and before our era too.
fn is_plain(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

fn check_day(pointer: &str, day: Option<NaiveDate>, findings: &mut Vec<Finding>) {
    if day.is_some_and(|day| !is_plain(day)) {
        let (ja, en) = ("西暦1年から9999年までの日付です", "a day of the years 1 to 9999");
        findings.push(Finding::new(pointer, ErrorCode::RequestInvalid, ja, en));
    }
}

/// A code in a body: six digits with their check digit, or a finding that says what it could have been.
pub fn require_code(pointer: &str, given: &str, findings: &mut Vec<Finding>) -> Option<Code> {
    match Code::parse(given) {
        Ok(code) => Some(code),
        Err(wrong) => {
            let code = match &wrong {
                crate::domain::code::CodeError::CheckDigit { .. } => ErrorCode::MunicipalityCheckDigit,
                _ => ErrorCode::MunicipalityCodeLength,
            };
            findings.push(Finding::new(pointer, code, wrong.ja(), wrong.en()));
            None
        }
    }
}

/// A code in a query.
pub fn parameter_code(name: &str, given: Option<&String>) -> Result<Option<Code>, Error> {
    let parse = |given: &String| Code::parse(given).map_err(|wrong| unreadable(name, &wrong.ja(), &wrong.en()));
    given.map(parse).transpose()
}

/// A prefecture in a query. A municipality's code there would select nothing, and say nothing.
pub fn parameter_prefecture(given: Option<&String>) -> Result<(), Error> {
    match parameter_code("prefecture", given)? {
        Some(code) if !code.is_prefecture() => Err(unreadable(
            "prefecture",
            &format!("{code} は都道府県のコードではありません。{} ではありませんか", code.prefecture()),
            &format!("{code} is no prefecture. Did you mean {}?", code.prefecture()),
        )),
        _ => Ok(()),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MunicipalityFilter {
    /// 都道府県コード
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
    pub prefecture: Option<String>,
    /// 種別（「,」区切り）。省略：報告する1,741団体の種別 / several by commas; without: the kinds that report
    #[param(
        pattern = "^(prefecture|designated_city|city|special_ward|town|village|ward)(,(prefecture|designated_city|city|special_ward|town|village|ward)){0,6}$",
        max_length = 200,
        example = "city,town"
    )]
    pub kind: Option<String>,
    /// この日に存在する団体。省略：今日 / existing on this day; without: today
    #[param(example = "2024-04-01")]
    pub valid_on: Option<NaiveDate>,
    #[serde(skip)]
    #[param(ignore)]
    pub kinds: Vec<MunicipalityKind>,
}

impl Filter for MunicipalityFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_prefecture(self.prefecture.as_ref())?;
        if self.valid_on.is_some_and(|day| !is_plain(day)) {
            return Err(unreadable("valid_on", "西暦1年から9999年までの日付です", "a day of the years 1 to 9999"));
        }
        for kind in self.kind.iter().flat_map(|kinds| kinds.split(',')) {
            let known = serde_json::from_value(serde_json::Value::from(kind)).map_err(|_| {
                unreadable(
                    "kind",
                    &format!("「{kind}」という種別はありません"),
                    &format!(
                        "`{kind}` is not one of prefecture, designated_city, city, special_ward, town, village, ward"
                    ),
                )
            })?;
            if self.kinds.contains(&known) {
                return Err(unreadable("kind", &format!("{kind} が2回あります"), &format!("`{kind}` is there twice")));
            }
            self.kinds.push(known);
        }
        Ok(())
    }
}

/// No filter: the 47 fit one page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PrefectureFilter {}
impl Filter for PrefectureFilter {}
