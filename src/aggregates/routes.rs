use super::answer;
use super::filter::AggregateFilter;
use super::types::Aggregates;
use crate::error::Error;
use crate::state::State;
use crate::web::answer::Known;
use crate::web::params::Params;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 集計 / get aggregates
///
/// 公表された数値を、計画の報告団体・都道府県・全国について集計する。集計の根拠（対象の数、報告の数、理由別の数値なし、数えなかった数値とその理由、
/// 時点の範囲、そろっているか）を値とともに返す。何も報告されていなければ null で、0 にはしない。
///
/// - 一つの（指標、団体、期間、内訳）は一度だけ数える。二つの事業・計画に載っていて値が食い違えば、どちらも数えない（conflicting）。
/// - 全体が数えられた内訳、うち数、再掲、見込は数えない。内訳だけが公表されていれば、その合計を数える。行政区（事業の area）は内訳の一つ。
/// - 単位か数え方（延べ・実、何を数えたか）の違う数値は足さず、422 で該当する団体を挙げる。`split=basis` で分けて返す。
/// - 率は分子の合計÷分母の合計。時点の値は年度をまたいで足さない。
/// - 秘匿された数値はどの集計にも含まれない。だから、集計から秘匿された値を引き算で求めることはできない。
/// - `group_by=municipality,period` では、廃置分合前の団体の数値を後の団体に対応させ、`mappings` に示す。
/// - `group_by=level&level_scheme=所有団体/評価基準` は、数値のある実績がその評価基準で受けた区分ごと（`evaluator` の評価だけ。ほかの評価基準、ほかの
///   評価者、年度の違う評価基準の区分とは混ぜない）。評価のない記録と回答のない団体は `level` が null の組。区分の違う記録から一つの数値になる
///   ものは数えない（level_unclear）。
/// - 対象：`plan` では計画の報告団体、ほかでは期間の末日に存在した市区町村（政令指定都市は市として数え、行政区は数えない）。
///
/// Adds up published figures over a plan's reporters, a prefecture or the nation, and says what each answer rests on. Nothing
/// reported is null, never 0. Every (indicator, reporter, period, breakdown) counts once; what does not go together is refused
/// with 422 and the reporters, or told apart with `split=basis`. A suppressed figure is in no answer, so none gives it away.
/// `group_by=level` goes by the level that one evaluator gave the figure's record in one scheme; what has none is a group of
/// its own, and what was rated differently in two records counts in neither group.
#[utoipa::path(tag = "Aggregates 集計", params(AggregateFilter),
    extensions(("x-codes" = json!(["indicator.unknown", "plan.unknown", "statutory_program.unknown", "evaluation.unknown_scheme", "aggregate.not_summable", "aggregate.unlike_units", "aggregate.unlike_bases", "aggregate.over_time", "aggregate.too_large"]))),
    responses((status = 200, description = "集計", body = Aggregates, headers(("ETag" = String)))))]
#[get("/aggregates")]
pub async fn get_aggregates(
    state: Data<State>,
    params: Params<AggregateFilter>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let standing = answer::standing(&conn, &params.0).await?;
    let etag = standing.etag_with_definitions();
    if let Some(unchanged) = known.unchanged(&etag, false) {
        return Ok(unchanged);
    }
    let aggregates = answer::answer(&conn, &params.0, &standing, &state.dictionary).await?;
    Ok(known.answer(&etag, false, &aggregates))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(get_aggregates);
}
