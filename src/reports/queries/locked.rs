//! Whether the records of a report may change, and who can unlock it.

use super::{by_key, insert_draft};
use crate::clock::jst;
use crate::db::Conn;
use crate::db::schema::{municipalities, reports};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::domain::status::Status;
use crate::error::{Code as ErrorCode, Error};
use crate::reports::types::{Report, ReportStatus};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// May the records of a report be changed?
pub enum Opened {
    Open,
    Locked(Locked),
}

pub struct Locked {
    status: Status,
    submitted_at: Option<DateTime<Utc>>,
    owner_name: String,
}

impl Locked {
    /// Says since when, and who can unlock.
    pub fn refusal(&self, plan: &PlanCode) -> Error {
        let since = self.submitted_at.map(|at| jst(at).format("%-m月%-d日に").to_string()).unwrap_or_default();
        let reviewer = if plan.owner().is_prefecture() { "prefecture_reviewer" } else { "municipal_approver" };
        let (ja, en) = if self.status == Status::Published {
            (
                "訂正するには、理由を付けて 報告を draft（次の版）にしてください".to_owned(),
                "to correct it, move the report to draft (its next edition) with a reason".to_owned(),
            )
        } else {
            (
                format!("差戻しは{}（{reviewer}）が行えます", self.owner_name),
                format!("{} ({reviewer}) can return it", self.owner_name),
            )
        };
        Error::new(
            ErrorCode::ReportLocked,
            format!("{since}{}のため変更できません。{ja}", self.status.label_ja()),
            format!("The report is {}, so nothing in it changes; {en}", ReportStatus::from(self.status).as_str()),
        )
    }
}

/// Keeps the report from being submitted until this transaction ends, making its draft where there is none yet.
pub async fn open_for_share(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    round: &str,
) -> Result<Opened, Error> {
    let open = || {
        by_key!(plan, municipality, round)
            // In the same condition as the lock: who waited for a submission finds nothing open afterwards.
            .filter(reports::status.eq_any([ReportStatus::Draft, ReportStatus::Returned]))
            .select(reports::status)
            .for_share()
    };
    let found: Option<ReportStatus> = open().first(&mut conn).await.optional()?;
    if found.is_some() {
        return Ok(Opened::Open);
    }
    let locked = by_key!(plan, municipality, round)
        .inner_join(municipalities::table.on(municipalities::code.eq(plan.owner().to_string())))
        .select((reports::status, reports::submitted_at, municipalities::name));
    let locked: Option<(ReportStatus, Option<DateTime<Utc>>, String)> = locked.first(&mut conn).await.optional()?;
    if let Some((status, submitted_at, owner_name)) = locked {
        return Ok(Opened::Locked(Locked { status: status.into(), submitted_at, owner_name }));
    }
    insert_draft(conn, plan, municipality, round, None, Vec::new()).await?;
    let made: Option<ReportStatus> = open().first(&mut conn).await.optional()?;
    // Gone again: another writer has made it and handed it in within this instant. The sender's repeat will be told.
    if made.is_some() { Ok(Opened::Open) } else { Err(Error::contended()) }
}

/// Why what stands on the report's sheet cannot change now.
pub async fn locked(mut conn: &Conn, plan: &PlanCode, report: &Report) -> Result<Error, Error> {
    let owner = municipalities::table.find(plan.owner().to_string()).select(municipalities::name);
    let owner_name = owner.first(&mut conn).await?;
    Ok(Locked { status: report.status.into(), submitted_at: report.submitted_at, owner_name }.refusal(plan))
}
