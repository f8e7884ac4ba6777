//! Figures for Prometheus, on a listener of their own (`METRICS_LISTEN`): nobody who reaches the API reaches them.
//!
//! Labels come from the route table and from words of ours, never from what a client writes, so that their number is
//! bounded: every address that is none of ours is one label.

mod process;

use crate::clock::Clock;
use crate::db::Db;
use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const NO_ROUTE: &str = "none";
/// Seconds. The goals are at 5, 100 and 500 ms; a request takes at most 15 s.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 5.0, 15.0];

pub fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

/// What this process has counted since its start.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Figures>);

#[derive(Debug)]
struct Figures {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Served, Histogram>,
    in_flight: Gauge,
    publication: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Served {
    method: &'static str,
    route: String,
}

impl Metrics {
    pub fn new(db: &Db, clock: &Clock) -> Self {
        let mut registry = Registry::default();
        let (requests, seconds) = (Family::default(), Family::new_with_constructor(histogram as fn() -> Histogram));
        let (in_flight, publication) = (Gauge::default(), Gauge::default());
        let ours = registry.sub_registry_with_prefix("hagukumi");
        ours.register("requests", "Requests by what was answered; 499: the client left before", requests.clone());
        ours.register(
            "request_seconds",
            "From the first look at a request to the last byte of its answer",
            seconds.clone(),
        );
        ours.register("requests_in_flight", "Requests that are being served", in_flight.clone());
        ours.register(
            "publication_number",
            "The newest publication number, as /health/ready last saw it",
            publication.clone(),
        );
        ours.register("build", "The version that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        db.register(ours);
        process::register(&mut registry, clock.now());
        Self(Arc::new(Figures { registry, requests, seconds, in_flight, publication }))
    }

    pub fn begin(&self) {
        self.0.in_flight.inc();
    }

    /// Once for each that has begun.
    pub fn end(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        self.0.in_flight.dec();
        let route = if route.is_empty() { NO_ROUTE } else { route }.to_owned();
        self.0.seconds.get_or_create(&Served { method, route: route.clone() }).observe(took.as_secs_f64());
        self.0.requests.get_or_create(&Answered { method, route, status }).inc();
    }

    pub fn publication(&self, no: i64) {
        self.0.publication.set(no);
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }
}

/// The listener; one thread is plenty for one reader every few seconds.
pub fn serve(address: SocketAddr, metrics: Metrics) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::new(metrics.clone())).service(web::resource("/metrics").to(show))
    });
    Ok(server.workers(1).disable_signals().bind(address)?.run())
}

async fn show(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(metrics.text())
}
