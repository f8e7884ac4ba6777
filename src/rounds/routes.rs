use super::comparison::{self, ComparisonFilter, RoundComparison};
use super::overview::{OverviewFilter, RoundOverview, overview};
use super::queries::{self, members};
use super::rules::{due, is_closed};
use super::successor;
use super::types::{
    CreateRoundSuccessor, LastRoundKey, PutRound, Round, RoundFilter, RoundKey, RoundList, RoundSuccession,
};
use crate::auth::{Insider, OwnerEditor, Reader};
use crate::db::{self, Conn};
use crate::definitions::{self, Definition};
use crate::domain::period::Period;
use crate::error::Error;
use crate::idempotency::queries::First;
use crate::idempotency::{self, IdempotencyHeader, IdempotencyKey};
use crate::plans;
use crate::plans::types::ViewParams;
use crate::publications::moment::{self, Turns};
use crate::state::State;
use crate::warnings;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::table::{Media, Table, TableFile};
use crate::web::write::{PreconditionHeaders, TrialParams, Write, WriteParams, etag};
use actix_web::http::header::{ETAG, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 照会の一覧 / list a plan's rounds
#[utoipa::path(tag = "Rounds 照会", params(RoundFilter, PagingParams),
    responses((status = 200, description = "照会コード順の1ページ", body = RoundList, headers(("ETag" = String)))))]
#[get("/rounds")]
pub async fn list_rounds(
    state: Data<State>,
    reader: Reader,
    known: Known,
    listing: Listing<RoundFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties().unwrap_or_default();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &parties, &filter, after, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |round| round.code.clone())?;
        Ok(RoundList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Publications, page).await
}

/// 照会 / get a round
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, ViewParams),
    responses((status = 200, description = "照会", body = Round, headers(("ETag" = String)))))]
#[get("/rounds/{plan}/{round}")]
pub async fn get_round(
    state: Data<State>,
    reader: Reader,
    key: RoundKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let found = definitions::read(&state, &reader, async |conn| {
        if definitions::is_seen::<Round>(conn, &reader, &key).await? {
            queries::find(conn, &key).await
        } else {
            Ok(None)
        }
    })
    .await?;
    let (is_default, body, version) = found.ok_or_else(|| Round::missing(&key))?;
    Ok(known.answer(&etag(version), reader.0.is_some(), &round(&key, is_default, body)))
}

fn round(key: &RoundKey, is_default: bool, body: PutRound) -> Round {
    Round::new(key.plan.to_string(), key.round.to_string(), is_default, body)
}

/// 照会の概況 / get the overview of a round
///
/// 報告団体ごとに、対象・期限・状態・遅延・記入状況。まだ回答のない団体は `not_answered=true`。計画の所有団体は全団体を、報告団体は自分の分だけを見る。
/// 作成中の報告は、書き始めたことだけが分かる。全団体を一度に返す（3,000団体まで）。`Accept` で JSON・CSV・XLSX。
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, OverviewFilter),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    responses((status = 200, description = "照会の概況",
        content((RoundOverview = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/rounds/{plan}/{round}/overview")]
pub async fn get_round_overview(
    insider: Insider,
    state: Data<State>,
    key: RoundKey,
    filter: Params<OverviewFilter>,
    media: Media,
) -> Result<HttpResponse, Error> {
    let parties: Vec<String> = insider.0.bodies().map(|body| body.to_string()).collect();
    // The owner of the plan sees everybody, a reporter itself.
    let only = (!parties.contains(&key.plan.owner().to_string())).then_some(parties.as_slice());
    let found = state.db.as_reader(&insider.0, async |conn| {
        if !plans::queries::is_seen(conn, &key.plan, &parties).await? {
            return Ok(None);
        }
        let Some((_, round, _)) = queries::find(conn, &key).await? else { return Ok(None) };
        // A plan with nine reporters and one with 1,741 are read in different ways.
        db::plan_anew(conn).await?;
        let standings = members::standings(conn, &key, only).await?;
        let warnings = warnings::queries::open_by_reporter(conn, key.plan.as_str(), key.round.as_str()).await?;
        Ok(Some((round, standings, warnings)))
    });
    let (round, standings, warnings) = found.await?.ok_or_else(|| Round::missing(&key))?;
    let seen = overview(&key, &round, standings, &warnings, &filter.0, state.clock.now());
    Table::or_json(media, filter.0.bom, true, &seen, RoundOverview::table)
}

/// 照会の比較 / get the comparison of a round
///
/// 報告団体に返すもの：指標ごとに、各団体の公表された値、順位、最小・中央・最大と、全体の集計（/aggregates の split=basis と同じ）。
/// `municipality` で自団体の値を own に入れる。公表されたものだけなので、だれにでも同じ。最初の報告が公表された時から読める。`closed` は、値がそろったか
/// （すべての対象団体が公表したか、期限を過ぎたか）を示す。`Accept` で JSON・CSV・XLSX。
/// / What goes back to the reporters: of each indicator the members' published values, their ranks, and what they make together.
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, ComparisonFilter),
    responses((status = 200, description = "照会の比較",
        content((RoundComparison = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")), headers(("ETag" = String)))))]
#[get("/rounds/{plan}/{round}/comparison")]
pub async fn get_round_comparison(
    state: Data<State>,
    key: RoundKey,
    filter: Params<ComparisonFilter>,
    media: Media,
    known: Known,
) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let moment = moment::at(&conn, None).await?;
    let (_, round, _) = queries::find(&conn, &key).await?.ok_or_else(|| Round::missing(&key))?;
    let covers: Vec<_> = round
        .covers
        .iter()
        .filter_map(|cover| Some((cover.part, Period::parse_canonical(&cover.period).ok()?)))
        .collect();
    let periods: Vec<Period> = covers.iter().map(|(_, period)| *period).collect();
    let due_at = round.due_at.as_deref().and_then(due);
    let asked = members::asked(&conn, &key, &periods, due_at).await?;
    // Nothing is published when a due instant comes.
    let closed = is_closed(&asked, state.clock.now());
    let (epoch, _) = moment.epoch.as_u64_pair();
    let etag = format!("\"n{}.{epoch:016x}{}\"", moment.no, if closed { ".closed" } else { "" });
    let etag = media.etag(&etag);
    if let Some(unchanged) = known.unchanged(&etag, false) {
        return Ok(unchanged);
    }
    let own = filter.0.municipality.as_deref();
    let seen = RoundComparison {
        plan: key.plan.to_string(),
        round: key.round.to_string(),
        title: round.title,
        due_at,
        asked: asked.len(),
        published: asked.iter().filter(|one| one.published).count(),
        closed,
        publication: moment.no,
        indicators: comparison::indicators(&conn, &key, &covers, own, moment.no).await?,
    };
    let mut answer = Table::or_json(media, filter.0.bom, false, &seen, RoundComparison::table)?;
    answer.headers_mut().insert(ETAG, HeaderValue::from_str(&etag).map_err(Error::internal)?);
    Ok(answer)
}

/// 照会の登録・更新 / put a round
///
/// 部（targets・results）と期間の組は、計画の中で1つの照会だけが扱う。報告のある照会から組を外すことはできない。
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, WriteParams, PreconditionHeaders), request_body = PutRound,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.unknown", "plan.not_a_reporter", "period.unknown", "round.pair_taken", "resource.in_use", "municipality.code_length", "municipality.check_digit"]))),
    responses((status = 200, description = "更新、または変更なし", body = Round), (status = 201, description = "作成", body = Round)))]
#[put("/rounds/{plan}/{round}")]
pub async fn put_round(
    editor: OwnerEditor,
    state: Data<State>,
    key: RoundKey,
    write: Write,
    body: Valid<PutRound>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Round>(&state, &editor.0, &write, &key, &body.0).await?;
    // What was written is the owner's; only what was left alone can still be a default round.
    let is_default = done.outcome == answer::Outcome::Unchanged
        && state.db.as_reader(&editor.0, async |conn| queries::default_version(conn, &key).await).await?.is_some();
    Ok(answer::written(done.outcome, done.version, &round(&key, is_default, body.0)))
}

/// 照会の削除 / delete a round
///
/// 報告のある照会は削除できない。
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/rounds/{plan}/{round}")]
pub async fn delete_round(
    editor: OwnerEditor,
    state: Data<State>,
    key: RoundKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Round>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

/// 次の年度の照会を作る / make the round of the next year
///
/// 扱う部と期間を1年進めた照会を作る（すでに扱っている期間、現状・以降、計画の最後の年度より後は除く）。期限は1年後。対象外の団体は引き継ぎ、団体ごとの延長は引き継がない。
/// 担当課が改称・統合されていれば、事業の担当課を後継に改める。同じ計画の中の後継に引き継がれた事業は、前の年度で終了とする。
/// 答えに、様式に載る事業と、前年度の記録を横に置く事業を示す。すべて一度に行われ、公表番号は一つ。
#[utoipa::path(tag = "Rounds 照会", params(LastRoundKey, TrialParams, IdempotencyHeader),
    request_body(content = CreateRoundSuccessor, example = json!({ "title": "令和6年度 点検シート" })),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["round.code_taken", "round.no_next_year", "round.pair_taken"]))),
    responses((status = 201, description = "作った照会と、その様式。dry_run では作られるはずのもの", body = RoundSuccession, headers(("ETag" = String)))))]
#[post("/rounds/{plan}/{round}/successors")]
pub async fn create_round_successor(
    editor: OwnerEditor,
    state: Data<State>,
    key: RoundKey,
    params: Params<TrialParams>,
    idempotency_key: IdempotencyKey,
    body: Valid<CreateRoundSuccessor>,
) -> Result<HttpResponse, Error> {
    let (caller, dry_run) = (&editor.0, params.0.dry_run);
    let work = async |tx: &Conn| {
        let (made, version) = successor::create(&state, tx, caller, &key, dry_run, &body.0).await?;
        let response = serde_json::to_value(&made).map_err(Error::internal)?;
        Ok(First { status: 201, etag: Some(etag(version)), response })
    };
    idempotency::once(&state, caller, &idempotency_key, &body.0, dry_run, work).await
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config
        .service(list_rounds)
        .service(get_round_overview)
        .service(get_round_comparison)
        .service(get_round)
        .service(put_round)
        .service(delete_round)
        .service(create_round_successor);
}
