//! GET, and again where the service says "later" or says nothing.

use super::Order;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Of a page, at most.
const LARGEST: u64 = 1 << 30;

pub enum Answer {
    Found(String),
    /// 404
    Missing,
    /// 410
    Lost,
}

pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
    patience: u64,
}

/// What came of one attempt.
enum Attempt {
    Done(Answer),
    /// Why, and after how many seconds it may be tried again.
    Later(String, u64),
}

impl Client {
    pub fn new(order: &Order) -> Result<Self, Failure> {
        let roots = match &order.authority {
            Some(pem) => RootCerts::new_with_certs(&certificates(pem)?),
            None => RootCerts::WebPki,
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_recv_body(Some(Duration::from_secs(300)))
            .user_agent(concat!("hagukumi-pull/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agent: Agent::new_with_config(config),
            base: order.from.trim_end_matches('/').to_owned(),
            authorization: order.token.as_ref().map(|token| format!("Bearer {token}")),
            patience: order.patience_seconds,
        })
    }

    pub fn get(&self, address: &str) -> Result<Answer, Failure> {
        let mut waited = 0;
        loop {
            match self.attempt(address)? {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Later(why, _) if waited >= self.patience => return Err(why.into()),
                Attempt::Later(_, seconds) => {
                    let seconds = seconds.clamp(1, self.patience - waited);
                    sleep(Duration::from_secs(seconds));
                    waited += seconds;
                }
            }
        }
    }

    /// What must be there.
    pub fn found(&self, address: &str) -> Result<String, Failure> {
        match self.get(address)? {
            Answer::Found(content) => Ok(content),
            Answer::Missing | Answer::Lost => Err(format!("{}{address} is not there", self.base).into()),
        }
    }

    fn attempt(&self, address: &str) -> Result<Attempt, Failure> {
        let url = format!("{}{address}", self.base);
        let mut request = self.agent.get(&url);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        // A connection that fails, and one that ends in the middle of an answer.
        let later = |error: ureq::Error| Ok(Attempt::Later(format!("{url}: {error}"), 1));
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
                return Err(format!("{url}: {error}").into());
            }
            Err(error) => return later(error),
        };
        let status = response.status().as_u16();
        let after = response.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
        let body = match response.body_mut().with_config().limit(LARGEST).read_to_string() {
            Ok(body) => body,
            Err(error) => return later(error),
        };
        match status {
            200 => Ok(Attempt::Done(Answer::Found(body))),
            404 => Ok(Attempt::Done(Answer::Missing)),
            410 => Ok(Attempt::Done(Answer::Lost)),
            429 | 502..=504 => Ok(Attempt::Later(format!("{url}: {status} {body}"), after.unwrap_or(1))),
            _ => Err(format!("{url}: {status} {body}").into()),
        }
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, Failure> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err("no certificate in the file of the authority".into()) } else { Ok(found) }
}
