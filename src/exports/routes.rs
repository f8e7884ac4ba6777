use super::columns::Names;
use super::encode::{Encoder, Form};
use super::package::DataPackage;
use super::queries;
use super::types::{DatasetKey, ExportFilter, ExportMedia};
use crate::db::export::{Export, PROGRESS, Rows};
use crate::error::Error;
use crate::publications::moment::{self, Turns};
use crate::state::State;
use crate::web::answer::Known;
use crate::web::params::{NoParams, Params};
use crate::web::stream::{self, PullMedia};
use crate::web::table::TableFile;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::sync::mpsc::{self, Receiver, Sender};
use utoipa_actix_web::service_config::ServiceConfig;

/// Pieces made and not yet sent.
const AHEAD: usize = 4;

/// データセットの説明 / get the data package of the exports
///
/// 各データセットの列（型・説明）、キー、利用条件を、Frictionless Data Package の形で返す。
#[utoipa::path(tag = "Exports データセット",
    responses((status = 200, description = "Frictionless Data Package", body = DataPackage, headers(("ETag" = String)))))]
#[get("/exports/datapackage.json")]
pub async fn get_export_package(
    state: Data<State>,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let (moment, tag) = (moment::at(&conn, None).await?, moment::of_current(&conn, Turns::Publications).await?);
    Ok(known.answer(&tag, false, &DataPackage::new(moment.no, &state.edge.terms)))
}

/// データセットの取得 / get a data set
///
/// 公表されているすべてを、一つの公表番号（`Hagukumi-Publication` とファイル名）で。CSVは統計表の機械判読の規則による：1セル1値、単位は別の列、
/// 各行にコードと名称。件数の上限はない。途中で失敗したときは、最後まで送られずに接続が切れる。
///
/// Everything public at one publication number, without a limit. What fails half-way ends the connection before the end of the body.
#[utoipa::path(tag = "Exports データセット", params(DatasetKey, ExportFilter),
    responses((status = 200, description = "データセット", headers(("ETag" = String), ("Hagukumi-Publication" = i64)),
        content((TableFile = "text/csv"), (TableFile = "application/x-ndjson")))))]
#[get("/exports/{dataset}")]
pub async fn get_export(
    state: Data<State>,
    key: DatasetKey,
    filter: Params<ExportFilter>,
    media: ExportMedia,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (filter, media, dataset) = (filter.0, media.0, key.dataset);
    filter.fits(dataset)?;
    let conn = state.db.published().await?;
    let (moment, tag) = (moment::at(&conn, filter.at).await?, moment::of_current(&conn, Turns::Publications).await?);
    drop(conn);
    // What was public at a time is another when it is redacted, and that is a publication, too.
    let tag = media.etag(&tag);
    if let Some(unchanged) = known.unchanged(&tag, false) {
        return Ok(unchanged);
    }
    let (export, now) = state.db.export().await?;
    let no = if filter.at.is_some() { moment.no } else { now };
    let form = match media {
        PullMedia::Ndjson => Form::Ndjson,
        _ => Form::Csv { bom: filter.bom.unwrap_or(false) },
    };
    let prefectures = dictionary(&export, Names::Prefectures).await?;
    let plans = dictionary(&export, Names::Plans).await?;
    let encoder = Encoder::new(form, &dataset.columns(), prefectures, plans);
    let rows = export.rows(&queries::select(dataset, &filter, no)).await?;
    let name = format!("hagukumi_{}_{no}", dataset.as_str());
    Ok(stream::answer(media, &name, &tag, no, pieces(export, rows, encoder)))
}

async fn dictionary(export: &Export, of: Names) -> Result<super::encode::Dictionary, Error> {
    match queries::names(of) {
        Some(select) => Ok(export.names(select).await?.into_iter().collect()),
        None => Ok(super::encode::Dictionary::new()),
    }
}

/// Some bytes; none: that was all.
type Piece = Result<Option<Bytes>, Error>;

/// The body. It is made beside the reader, a few pieces ahead; without the last one it is not whole, and says so.
fn pieces(export: Export, rows: Rows, encoder: Encoder) -> impl Stream<Item = Result<Bytes, Error>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let done = copy(rows, encoder, &sender).await;
        // Whoever stood still too long is not waited for again.
        drop(tokio::time::timeout(PROGRESS, sender.send(done.map(|()| None))).await);
        drop(export);
    });
    try_unfold(receiver, async |mut receiver: Receiver<Piece>| match receiver.recv().await {
        Some(piece) => Ok(piece?.map(|bytes| (bytes, receiver))),
        None => Err(Error::internal("the export has ended before its time")),
    })
}

async fn copy(mut rows: Rows, mut encoder: Encoder, sender: &Sender<Piece>) -> Result<(), Error> {
    while let Some(row) = rows.next().await? {
        encoder.row(&row)?;
        if encoder.is_full() {
            send(sender, encoder.take()).await?;
        }
    }
    send(sender, encoder.take()).await
}

async fn send(sender: &Sender<Piece>, bytes: Bytes) -> Result<(), Error> {
    let sent = tokio::time::timeout(PROGRESS, sender.send(Ok(Some(bytes)))).await;
    let gone = || Error::internal("the reader of an export has gone or stands still");
    sent.map_err(|_| gone())?.map_err(|_| gone())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(get_export_package).service(get_export);
}
