use super::queries;
use super::types::{CreateRedaction, Redaction};
use crate::auth::{Administrator, Caller};
use crate::db::Conn;
use crate::error::Error;
use crate::idempotency::queries::First;
use crate::idempotency::{self, IdempotencyHeader, IdempotencyKey};
use crate::journal::{self, Operation};
use crate::publications::{self, Entry, Op};
use crate::records::queries::published;
use crate::state::State;
use crate::web::json::Valid;
use crate::web::params::Params;
use crate::web::write::TrialParams;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

/// 記録の削除（全版から） / redact a record
///
/// 誤って公表した個人情報などのために、管理者が目標・実績の記録一つの文章・数値・評価を、公表済みの全版、作業中の内容、変更の記録、
/// 取込の結果から消す。元に戻せない（先に `dry_run=true` で確かめられる）。記録は `redacted: true` として残り、変更のフィードは `redact` を伝える。理由と操作した人は変更の記録に残る。
/// 前年度からの写し、再掲、バックアップ、受け取り側の写しには及ばない。
///
/// Empties one record in every edition and in everything that is kept of it, for good. It stays, marked `redacted`. Copies in other
/// records (last year's texts, reposts), backups and what clients hold are not reached.
#[utoipa::path(tag = "Audit 監査", params(TrialParams, IdempotencyHeader),
    request_body(content = CreateRedaction, example = json!({
        "resource": "result", "plan": "132292-mihon-2020", "program": "4", "municipality": "132292", "period": "2023",
        "reason": "個人名が記載されていたため", "person": "情報公開係 担当C"
    })),
    security(("bearer" = ["administrator"])),
    extensions(("x-codes" = json!(["resource.not_found", "municipality.code_length", "municipality.check_digit", "period.unknown"]))),
    responses((status = 200, description = "消したもの。dry_run では消されるはずのもの", body = Redaction)))]
#[post("/redactions")]
pub async fn create_redaction(
    administrator: Administrator,
    state: Data<State>,
    params: Params<TrialParams>,
    idempotency_key: IdempotencyKey,
    body: Valid<CreateRedaction>,
) -> Result<HttpResponse, Error> {
    let (caller, dry_run) = (&administrator.0, params.0.dry_run);
    let now = state.clock.now();
    idempotency::once(&state, caller, &idempotency_key, &body.0, dry_run, async |tx| {
        let redaction = redact(tx, caller, &body.0, dry_run, now).await?;
        let response = serde_json::to_value(redaction).map_err(Error::internal)?;
        Ok(First { status: 200, etag: None, response })
    })
    .await
}

async fn redact(
    tx: &Conn,
    caller: &Caller,
    asked: &CreateRedaction,
    dry_run: bool,
    now: DateTime<Utc>,
) -> Result<Redaction, Error> {
    let key = asked.key()?;
    let emptied = queries::redact(tx, &key).await?.ok_or_else(|| key.missing())?;
    let etag = emptied.in_force_edition.zip(emptied.in_force_version);
    let etag = etag.map(|(edition, version)| published::etag(edition, version));
    let entry = journal::Entry {
        resource: key.part.resource(),
        key: key.json(),
        body: Some(key.municipality),
        plan: Some(&key.plan),
        operation: Operation::Redact,
        version: emptied.versions,
        before: None,
        after: Some(serde_json::json!({ "reason": asked.reason, "editions": emptied.editions })),
        person: Some(&asked.person),
    };
    journal::record(tx, caller, now, entry).await?;
    let mut publication_no = None;
    if emptied.editions > 0 && !dry_run {
        let publication = publications::next(tx, now, false).await?;
        let years = emptied.fiscal_years.unwrap_or_default();
        publications::touch_scopes(tx, key.municipality, &years, publication.no).await?;
        let entry = Entry {
            op: Op::Redact,
            resource: key.part.resource(),
            key: key.json(),
            plan: Some(key.plan.clone()),
            prefecture: Some(key.municipality.prefecture()),
            etag: etag.clone(),
        };
        publications::announce(tx, publication.no, 0, vec![entry]).await?;
        publication_no = Some(publication.no);
    }
    Ok(Redaction {
        resource: asked.resource,
        plan: asked.plan.clone(),
        program: asked.program.clone(),
        municipality: asked.municipality.clone(),
        period: asked.period.clone(),
        amendment: asked.amendment,
        editions: emptied.editions,
        publication_no,
        etag,
    })
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(create_redaction);
}
