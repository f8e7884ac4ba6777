//! A load in a closed loop: each connection sends its next request when it has its answer.

use crate::place::Failure;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// A request, and the states it may answer with.
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    pub expected: &'static [u16],
}

pub fn get(path: String) -> Ask {
    Ask { method: Method::GET, path, headers: Vec::new(), body: Bytes::new(), expected: &[200] }
}

pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub bytes: usize,
    pub lines: usize,
    pub first_byte: Duration,
    pub took: Duration,
}

/// What one connection asks for.
pub trait Source {
    fn next(&mut self) -> Ask;

    fn seen(&mut self, _answer: &Answer) {}
}

pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// Of an answer that was not expected.
const KEPT: usize = 64 * 1024;

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(driver);
        Ok(Self { sender, host: address.to_string() })
    }

    pub async fn ask(&mut self, ask: Ask) -> Result<Answer, Failure> {
        let path = format!("/api/v1{}", ask.path);
        let mut request = Request::builder().method(ask.method).uri(&path).header("host", &self.host);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let begun = Instant::now();
        let answer = self.sender.send_request(request.body(Full::new(ask.body))?).await?;
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let mut body = answer.into_body();
        let (mut bytes, mut lines, mut kept, mut first_byte) = (0, 0, Vec::new(), None);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            first_byte.get_or_insert_with(|| begun.elapsed());
            bytes += data.len();
            lines += data.iter().filter(|byte| **byte == b'\n').count();
            if kept.len() < KEPT && !ask.expected.contains(&status) {
                kept.extend_from_slice(&data);
            }
        }
        let took = begun.elapsed();
        if !ask.expected.contains(&status) {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&kept)).into());
        }
        let first_byte = first_byte.unwrap_or(took);
        Ok(Answer { status, etag, bytes, lines, first_byte, took })
    }
}

/// What a load has done.
#[derive(Default)]
pub struct Done {
    pub seconds: f64,
    pub bytes: usize,
    pub lines: usize,
    /// Of each request, sorted
    pub took: Vec<Duration>,
    pub first_byte: Vec<Duration>,
}

impl Done {
    pub fn requests(&self) -> usize {
        self.took.len()
    }
}

pub fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let place = (sorted.len() as f64 * part) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Lets each source ask on a connection of its own for so long. Any answer that was not expected ends it.
pub async fn load(address: SocketAddr, sources: Vec<Box<dyn Source>>, time: Duration) -> Result<Done, Failure> {
    let begun = Instant::now();
    let one = |mut source: Box<dyn Source>| async move {
        let mut connection = Connection::open(address).await?;
        let mut done = Done::default();
        while begun.elapsed() < time {
            let answer = connection.ask(source.next()).await?;
            source.seen(&answer);
            done.bytes += answer.bytes;
            done.lines += answer.lines;
            done.took.push(answer.took);
            done.first_byte.push(answer.first_byte);
        }
        Ok::<_, Failure>(done)
    };
    let local = LocalSet::new();
    let running: Vec<_> = sources.into_iter().map(|source| local.spawn_local(one(source))).collect();
    local.await;
    let mut all = Done { seconds: begun.elapsed().as_secs_f64(), ..Done::default() };
    for task in running {
        let done = task.await??;
        all.bytes += done.bytes;
        all.lines += done.lines;
        all.took.extend(done.took);
        all.first_byte.extend(done.first_byte);
    }
    all.took.sort_unstable();
    all.first_byte.sort_unstable();
    Ok(all)
}
