use super::queries::{self, Entry, Head};
use super::types::{Change, ChangeFilter, ChangeHead, ChangeList, ChangedRecord, ChangedResource};
use crate::error::{Code, Error};
use crate::publications::{Op, moment};
use crate::records::queries::published;
use crate::records::types::record_key_json;
use crate::state::State;
use crate::web::answer;
use crate::web::page::{Moment, ResultSet};
use crate::web::params::{NoParams, Params};
use crate::web::position::FeedPosition;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde_json::Value;
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;

/// 変更の一覧 / list what has changed
///
/// 公表されているもの（目標・実績、報告の状態、計画・事業などの定義）の変更を、公表番号の順に、抜けも重なりもなく返す。下書きの変更は入らない。
///
/// 1. `GET /changes/head` の `cursor` を控える
/// 2. `/results` などの一覧で全件を取得する
/// 3. 控えた `cursor` を `after` にして `GET /changes?after=…` を繰り返す。ページを処理し終えたら `resultset.position` を控える。
///    `resultset.next` が null なら、今はここまで
///
/// 項目ごとに、`data` があればそれで置き換え、`op` が `delete` なら消し、ほかは `address` を GET して置き換える（404 なら消す）。
/// 同じものが何度出ても、順に処理すれば最後は一覧と同じになる。絞り込みで何も出ないページでも `position` は進む。
/// 410 のとき（データベースの復元、または保存期間の経過）は 1 からやり直す。
///
/// Everything that is public, as it changes, by publication number, complete and in order. Keep the head's `cursor`, pull everything,
/// then ask for the changes after it. Of each entry: `data` replaces, `delete` deletes, else GET `address` (404: delete). Keep
/// `resultset.position` once a page is dealt with. 410: begin again at the head.
#[utoipa::path(tag = "Changes 変更", params(ChangeFilter),
    extensions(("x-codes" = json!(["request.cursor", "cursor.epoch", "cursor.pruned"]))),
    responses((status = 200, description = "公表番号の順の1ページ", body = ChangeList)))]
#[get("/changes")]
pub async fn list_changes(state: Data<State>, filter: Params<ChangeFilter>) -> Result<HttpResponse, Error> {
    let filter = filter.0;
    let chosen_by = filter.chosen_by();
    let after = filter.after.as_deref().map(|sealed| FeedPosition::open(&state.cursors, &chosen_by, sealed));
    let after = after.transpose()?;
    let conn = state.db.published().await?;
    let (head, mut entries) = queries::page(&conn, &filter, after).await?;
    check_kept(&head, after)?;
    let limit = filter.limit();
    let more = entries.len() > usize::try_from(limit).map_err(Error::internal)?;
    entries.truncate(usize::try_from(limit).map_err(Error::internal)?);
    let place = |no, seq| FeedPosition { epoch: head.epoch, no, seq };
    let position = match entries.last().filter(|_| more) {
        Some(last) => place(last.no, last.seq),
        // Everything up to the head is seen, chosen or not. A place beyond it stays where it is.
        None => after.filter(|after| after.no > head.no).unwrap_or_else(|| place(head.no, FeedPosition::END)),
    };
    let seal = |position: FeedPosition| position.seal(&state.cursors, Some(&chosen_by));
    let position = seal(position)?;
    let next = more.then(|| position.clone());
    let resultset = ResultSet::new(limit, next, Some(position), Some(head.no)).under(&state.edge.terms);
    let mut contents = if filter.data { contents(&conn, &entries).await? } else { HashMap::new() };
    let results = entries.into_iter().map(|entry| {
        let data = contents.remove(&(entry.no, entry.seq));
        let cursor = seal(place(entry.no, entry.seq))?;
        let Entry { no, seq: _, op, resource, key, etag, at } = entry;
        let address = resource.address(&key);
        Ok(Change { cursor, op, resource, key, address, etag, publication_no: no, at, data })
    });
    let results = results.collect::<Result<_, Error>>()?;
    Ok(answer::list(false, &ChangeList { resultset, results }))
}

/// Is everything behind the place still there, and of the same history?
fn check_kept(head: &Head, after: Option<FeedPosition>) -> Result<(), Error> {
    if after.is_some_and(|after| after.epoch != head.epoch) {
        return Err(moment::restored());
    }
    let (no, seq) = after.map_or((0, FeedPosition::END), |after| (after.no, after.seq));
    if (no, seq) < (head.pruned_no, FeedPosition::END) && head.pruned_no > 0 {
        return Err(Error::new(
            Code::CursorPruned,
            "この位置の後の変更の記録は、保存期間を過ぎて残っていません。/changes/head で今の位置を控え、全件を取得し直してください",
            "The changes behind this place are no longer kept. Take the place of now from /changes/head and pull everything again",
        ));
    }
    Ok(())
}

/// What the entries' numbers made public of targets and results, by place.
async fn contents(conn: &crate::db::Conn, entries: &[Entry]) -> Result<HashMap<(i64, i32), ChangedRecord>, Error> {
    let of_records = |entry: &&Entry| {
        matches!(entry.resource, ChangedResource::Target | ChangedResource::Result)
            && matches!(entry.op, Op::Upsert | Op::Correction)
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut places = HashMap::new();
    for entry in entries.iter().filter(of_records) {
        places.insert((entry.no, entry.resource, entry.key.clone()), entry.seq);
    }
    let mut numbers: Vec<i64> = places.keys().map(|(no, ..)| *no).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut found = HashMap::new();
    for (no, record) in published::made_public_by(conn, &numbers).await? {
        let key = record_key_json(
            record.part,
            &record.plan,
            &record.program,
            &record.municipality,
            &record.period,
            record.amendment,
        );
        let key = key.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
        let resource = match record.part {
            crate::records::types::Part::Targets => ChangedResource::Target,
            crate::records::types::Part::Results => ChangedResource::Result,
        };
        if let Some(seq) = places.remove(&(no, resource, key)) {
            found.insert((no, seq), record.into());
        }
    }
    Ok(found)
}

/// 今の位置 / get the place of now
///
/// 全件を取得する前に控え、そのあと `/changes?after=` に渡す。
#[utoipa::path(tag = "Changes 変更",
    responses((status = 200, description = "今の位置", body = ChangeHead)))]
#[get("/changes/head")]
pub async fn get_change_head(state: Data<State>, _params: Params<NoParams>) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let head = queries::head(&conn).await?;
    let now = FeedPosition::at(Moment { epoch: head.epoch, no: head.no });
    Ok(answer::list(
        false,
        &ChangeHead {
            cursor: now.seal(&state.cursors, None)?,
            publication_no: head.no,
            at: (head.no > 0).then_some(head.at),
            kept_from: head.pruned_no + 1,
        },
    ))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_changes).service(get_change_head);
}
