use super::queries;
use super::source::{Of, Source};
use super::types::{ReportTable, ReportTableFilter};
use crate::auth::{PartyReader, Reader};
use crate::db::Conn;
use crate::definitions::{self, Definition};
use crate::domain::code::Code;
use crate::error::Error;
use crate::reports::types::ReportKey;
use crate::rounds::types::{Round, RoundKey};
use crate::state::State;
use crate::web::answer::Known;
use crate::web::params::Params;
use crate::web::table::{Media, TableFile};
use actix_web::http::header::{ETAG, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 報告の表 / get the table of a report
///
/// 計画の様式のとおりに印刷される表：列は計画の `column_labels` の順と見出し、行は計画の順の事業。公表された時の計画・事業・担当課・評価基準による。
/// 文字は送られたまま。CSVは1事業1行、XLSXは印刷できる形。機械で読むデータは `/exports` にある。
///
/// As the plan prints it: its columns with their headings, its programs in order, with the plan, programs, departments and scales of the
/// day of publication; texts to the letter. Data to compute with are at `/exports`.
#[utoipa::path(tag = "Reports 報告", params(ReportKey, ReportTableFilter),
    extensions(("x-codes" = json!(["table.too_large"]))),
    responses((status = 200, description = "報告の表", headers(("ETag" = String)),
        content((ReportTable = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/reports/{plan}/{municipality}/{round}/table")]
pub async fn get_report_table(
    state: Data<State>,
    PartyReader(reader): PartyReader,
    key: ReportKey,
    filter: Params<ReportTableFilter>,
    media: Media,
    known: Known,
) -> Result<HttpResponse, Error> {
    let of = Of {
        plan: &key.plan,
        municipality: Some(key.municipality),
        round: RoundKey { plan: key.plan.clone(), round: key.round.clone() },
    };
    answer(&state, &reader, &of, &filter.0, media, &known, || key.missing()).await
}

/// 照会の表 / get the table of a round
///
/// 照会に回答するすべての団体を、団体コードの順に1行ずつ。まだ回答のない団体も載る（`answered` が false、CSVとXLSXでは「（未回答）」）。
/// ほかは報告の表と同じ。
///
/// All reporters of a round, a row each, by code, those that have not answered too; otherwise as the table of a report.
#[utoipa::path(tag = "Rounds 照会", params(RoundKey, ReportTableFilter),
    extensions(("x-codes" = json!(["table.too_large"]))),
    responses((status = 200, description = "照会の表", headers(("ETag" = String)),
        content((ReportTable = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/rounds/{plan}/{round}/table")]
pub async fn get_round_table(
    state: Data<State>,
    reader: Reader,
    key: RoundKey,
    filter: Params<ReportTableFilter>,
    media: Media,
    known: Known,
) -> Result<HttpResponse, Error> {
    let of = Of { plan: &key.plan, municipality: None, round: key.clone() };
    answer(&state, &reader, &of, &filter.0, media, &known, || Round::missing(&key)).await
}

async fn answer(
    state: &State,
    reader: &Reader,
    of: &Of<'_>,
    filter: &ReportTableFilter,
    media: Media,
    known: &Known,
    missing: impl Fn() -> Error,
) -> Result<HttpResponse, Error> {
    let bom = filter.bom.unwrap_or(false);
    if reader.0.is_some() {
        let read = async |conn: &Conn| Source::working(conn, reader, of).await;
        let source = definitions::read(state, reader, read).await?.ok_or_else(missing)?;
        return source.answer(of, media, bom);
    }
    let conn = state.db.published().await?;
    let stamp = queries::stamp(&conn, of.plan, of.municipality.as_ref().map(Code::as_str), filter.at).await?;
    let moment = filter.at.map(|_| format!(".{}", stamp.no)).unwrap_or_default();
    let etag = media.etag(&format!("\"t{}.{}{moment}\"", stamp.last_no, stamp.definitions_no));
    let (round, edition) = of.find(&conn, stamp.no).await?.ok_or_else(&missing)?;
    if let Some(unchanged) = known.unchanged(&etag, false) {
        return Ok(unchanged);
    }
    let source = Source::published(&conn, of, round, edition, stamp.no).await?.ok_or_else(missing)?;
    let mut answer = source.answer(of, media, bom)?;
    answer.headers_mut().insert(ETAG, HeaderValue::from_str(&etag).map_err(Error::internal)?);
    Ok(answer)
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(get_report_table).service(get_round_table);
}
