//! Is the service alive, and can it serve? Outside the version, for load balancers and `hagukumi healthcheck`.

pub mod probe;

use crate::error::{Code, Error, unavailable};
use crate::publications::moment;
use crate::state::State;
use crate::web::params::{NoParams, Params};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use utoipa::ToSchema;

const READY_WITHIN: Duration = Duration::from_secs(2);

/// Set once, when the service is told to stop: from then on it is not ready, so that load balancers leave it.
#[derive(Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// `ok`
    #[schema(max_length = 20, example = "ok")]
    status: &'static str,
}

/// 稼働しているか / is the process alive
#[utoipa::path(tag = "Health 稼働確認", responses((status = 200, description = "稼働中", body = Health)))]
#[get("/health/live")]
pub async fn get_live(_params: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// 応答できるか（データベースに届くか） / can requests be served
#[utoipa::path(tag = "Health 稼働確認", extensions(("x-codes" = json!(["service.busy", "service.unavailable", "service.stopping"]))),
    responses((status = 200, description = "応答可能", body = Health)))]
#[get("/health/ready")]
pub async fn get_ready(state: Data<State>, _params: Params<NoParams>) -> Result<HttpResponse, Error> {
    if state.draining.has_begun() {
        return Err(Error::new(Code::ServiceStopping, "停止処理中です", "The service is stopping"));
    }
    let head = async { moment::at(&*state.db.published().await?, None).await };
    // Whoever asks this does not wait as long as those who ask for data.
    let head = tokio::time::timeout(READY_WITHIN, head).await.map_err(|_| unavailable("no answer in time"))??;
    state.metrics.publication(head.no);
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}
