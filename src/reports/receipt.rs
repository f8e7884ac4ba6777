//! The receipt 受付の控え of a submission: when, by whom, late or not, how much; and a hash of the content, which whoever
//! has sent it can compute, too.

use super::completeness::{Completeness, Form};
use super::queries::Receipt;
use super::queries::receipt::Submitted;
use super::types::{CreateTransition, DeclaredCount, ReportKey};
use crate::clock::jst;
use crate::db::Conn;
use crate::error::{Code as ErrorCode, Error};
use crate::records::queries::{Working, sensitive};
use crate::records::suppression;
use crate::records::types::{Part, RecordBody};
use crate::rounds::queries::members;
use crate::web::table::{Cell, Column, Table};
use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was handed in, counted: kept with the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HandedIn {
    pub records: usize,
    pub figures: usize,
    pub completeness: Completeness,
}

/// 受付の控え / the receipt of the latest submission
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportReceipt {
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(max_length = 300)]
    pub plan_title: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub municipality_name: String,
    #[schema(max_length = 40)]
    pub round: String,
    #[schema(max_length = 300)]
    pub round_title: Option<String>,
    /// 受付の時刻
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub submitted_at: DateTime<Utc>,
    /// 提出した人（送信側のシステムによる。公表されない） / as the sender's system says; never public
    #[schema(max_length = 100)]
    pub person: String,
    /// この団体の期限（現在のもの） / its due instant, as it is now
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub due_at: Option<DateTime<Utc>>,
    /// 期限後の提出
    pub late: bool,
    /// 提出された記録の数
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub records: usize,
    /// 提出された数値の数
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub figures: usize,
    /// 提出されたときの記入状況（その時の様式による） / by the form as it was then
    pub completeness: Completeness,
    /// 提出された内容のSHA-256
    #[schema(max_length = 64)]
    pub content_hash: String,
    /// 送信側での確かめ方
    #[schema(max_length = 1000)]
    pub check_ja: String,
    /// How the sender computes the hash
    #[schema(max_length = 1000)]
    pub check_en: String,
}

const CHECK_JA: &str = "提出した内容から {\"declared_counts\": […], \"note\": …, \"records\": […]} を作り、RFC 8785（JCS）の正規形（UTF-8）の SHA-256 を求めると \
     content_hash と一致します。declared_counts と note は GET /reports、records は GET /results と /targets が返すとおりの値で、part（results、targets の順）・program・\
     period・amendment の順に並べます。各記録の項目は part, program, period, amendment, texts, no_change_from_last_year, cross_reference, repost_of, missing_reason, reason, amended_on, note, \
     values, evaluations で、答えにない項目は null（amendment は 0、evaluations は []）とします。";
const CHECK_EN: &str = "Make {\"declared_counts\": […], \"note\": …, \"records\": […]} of what was submitted: the SHA-256 of its canonical form by RFC 8785 (JCS, UTF-8) is \
     content_hash. declared_counts and note are as GET /reports answers them, records as GET /results and /targets do, in the order of part (results, then targets), program, \
     period and amendment. The fields of each are part, program, period, amendment, texts, no_change_from_last_year, cross_reference, repost_of, missing_reason, reason, amended_on, note, values, \
     evaluations; what an answer does not have is null (amendment 0, evaluations []).";

/// All that is hashed.
#[derive(Serialize)]
struct Content<'a> {
    declared_counts: &'a [DeclaredCount],
    note: Option<&'a str>,
    records: Vec<ContentRecord<'a>>,
}

#[derive(Serialize)]
struct ContentRecord<'a> {
    part: Part,
    program: &'a str,
    period: &'a str,
    amendment: i16,
    #[serde(flatten)]
    body: &'a RecordBody,
}

/// `working`: in the order of their keys.
fn content_hash(counts: &[DeclaredCount], note: Option<&str>, working: &[Working]) -> Result<String, Error> {
    let records = working.iter().map(|record| ContentRecord {
        part: record.part,
        program: &record.program,
        period: &record.period,
        amendment: record.amendment,
        body: &record.body,
    });
    let content = Content { declared_counts: counts, note, records: records.collect() };
    let canonical = serde_json_canonicalizer::to_vec(&content).map_err(Error::internal)?;
    let hash = digest::digest(&digest::SHA256, &canonical);
    Ok(hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a submission is told and leaves with the report.
pub async fn receive<'a>(
    tx: &Conn,
    key: &ReportKey,
    counts: &[DeclaredCount],
    note: Option<&str>,
    working: &[Working],
    transition: &'a CreateTransition,
    now: DateTime<Utc>,
) -> Result<Receipt<'a>, Error> {
    // Records that say why they are blank are an answer with its reasons; nothing at all is none.
    if working.is_empty() && transition.comment.is_none() {
        return Err(Error::at(
            "/comment",
            ErrorCode::ReportEmpty,
            "記録が一つもありません。空のまま提出するときは、理由を comment に書いてください",
            "the report has no record: to submit it empty, say why in `comment`",
        ));
    }
    // Its draft may be older than the round's list of who is left out.
    let member = members::member(tx, &key.plan, key.round.as_str(), key.municipality).await?;
    if member.left_out {
        return Err(super::queries::left_out(key.municipality, key.round.as_str()));
    }
    let handed_in = HandedIn {
        records: working.len(),
        figures: working.iter().map(|record| record.body.values.len()).sum(),
        completeness: Form::of(tx, key).await?.completeness(working)?,
    };
    Ok(Receipt {
        at: now,
        person: &transition.person,
        content_hash: content_hash(counts, note, working)?,
        keeps_back: suppression::keeps_back(working, &sensitive::of(tx, working).await?),
        late: member.due_at.is_some_and(|due| now >= due),
        handed_in,
    })
}

impl ReportReceipt {
    pub fn new(key: &ReportKey, submitted: Submitted, due_at: Option<DateTime<Utc>>) -> Self {
        let HandedIn { records, figures, completeness } = submitted.handed_in.map(|kept| kept.0).unwrap_or_default();
        Self {
            plan: key.plan.to_string(),
            plan_title: submitted.plan_title,
            municipality: key.municipality.to_string(),
            municipality_name: submitted.municipality_name,
            round: key.round.to_string(),
            round_title: submitted.round_title,
            submitted_at: submitted.at,
            person: submitted.person,
            due_at,
            late: submitted.late,
            records,
            figures,
            completeness,
            content_hash: submitted.content_hash,
            check_ja: CHECK_JA.to_owned(),
            check_en: CHECK_EN.to_owned(),
        }
    }

    /// To print and file: a line an item.
    pub fn table(&self) -> Table {
        let minute = |at: DateTime<Utc>| jst(at).format("%Y年%-m月%-d日 %H時%M分%S秒").to_string();
        let of = |title: &str, code: &str| format!("{title}（{code}）");
        let Completeness { required, answered, percent, unanswered, .. } = &self.completeness;
        let percent = percent.map_or("記入を求める欄はありません".to_owned(), |percent| {
            format!("{percent}％（{required}欄のうち記入済み{answered}、未記入{unanswered}）")
        });
        let round = self.round_title.as_ref().map_or_else(|| self.round.clone(), |title| of(title, &self.round));
        let rows = [
            ("計画", of(&self.plan_title, &self.plan)),
            ("照会", round),
            ("報告団体", of(&self.municipality_name, &self.municipality)),
            ("受付日時", minute(self.submitted_at)),
            ("提出した人", self.person.clone()),
            // The end of a day is its 24:00, which is how offices write it.
            ("期限", self.due_at.map_or("なし".to_owned(), due)),
            ("期限との関係", if self.late { "期限後の提出" } else { "期限内の提出" }.to_owned()),
            ("記録の数", self.records.to_string()),
            ("数値の数", self.figures.to_string()),
            ("記入率", percent),
            ("内容のSHA-256", self.content_hash.clone()),
            ("確かめ方", self.check_ja.clone()),
        ];
        Table {
            name: format!("receipt_{}_{}_{}", self.plan, self.municipality, self.round),
            title: "受付の控え".to_owned(),
            columns: vec![Column::new("項目", 18.0), Column::new("内容", 100.0)],
            rows: rows.into_iter().map(|(item, text)| vec![Cell::from(item), Cell::from(text)]).collect(),
        }
    }
}

/// A due instant as offices write it: the end of a day is 24:00 of that day.
pub fn due(at: DateTime<Utc>) -> String {
    let local = jst(at);
    if local.time() == chrono::NaiveTime::MIN
        && let Some(day) = local.date_naive().pred_opt()
    {
        return day.format("%Y年%-m月%-d日 24時").to_string();
    }
    local.format("%Y年%-m月%-d日 %H時%M分").to_string()
}
