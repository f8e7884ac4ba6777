//! A connection that nobody can hold open for nothing.
//!
//! The HTTP parser underneath limits the time of a connection's first head only, never that of a client which does not
//! take its answer, and what it cannot parse it refuses with an empty answer. This layer between the socket and the
//! parser cuts off whom the parser waits for too long, and says what was wrong.

use crate::error::{Code, Error, Problem};
use actix_web::web::Bytes;
use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use uuid::Uuid;

/// How long the service waits for the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first byte of a request to the end of its headers.
    pub head: Duration,
    /// Between two requests: longer than the parser keeps an idle connection, for what it has read a part of.
    pub idle: Duration,
    /// For room to write on.
    pub reader: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), idle: seconds(85), reader: seconds(30) }
    }
}

/// The requests of a connection. Bytes that come while none is being answered are a head.
#[derive(Clone, Default)]
pub struct Traffic(Rc<Counts>);

#[derive(Default)]
struct Counts {
    begun: Cell<u64>,
    ended: Cell<u64>,
}

/// A request under way.
pub struct UnderWay(Traffic);

impl Traffic {
    pub fn begin(&self) -> UnderWay {
        self.0.begun.set(self.0.begun.get() + 1);
        UnderWay(self.clone())
    }

    fn phase(&self) -> (u64, bool) {
        let begun = self.0.begun.get();
        (begun, begun == self.0.ended.get())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Self(Traffic(counts)) = self;
        counts.ended.set(counts.ended.get() + 1);
    }
}

/// What the clock of a connection runs for; with the number of requests that had come when it was set.
#[derive(Clone, Copy, PartialEq)]
enum Clock {
    Idle(u64),
    Head(u64),
    Busy(u64),
}

pub struct Connection<T> {
    io: T,
    pub traffic: Traffic,
    patience: Patience,
    clock: Clock,
    timer: Pin<Box<Sleep>>,
    reader: Option<Pin<Box<Sleep>>>,
    /// What is to be written before anything else.
    own: Bytes,
}

impl<T> Connection<T> {
    pub fn new(io: T, patience: Patience) -> Self {
        let timer = Box::pin(sleep(patience.idle));
        let (traffic, clock) = (Traffic::default(), Clock::Idle(0));
        Self { io, traffic, patience, clock, timer, reader: None, own: Bytes::new() }
    }

    fn set(&mut self, clock: Clock, limit: Duration) {
        self.clock = clock;
        self.timer.as_mut().reset(Instant::now() + limit);
    }

    /// Has the client been waited for too long? Asked, the clock also wakes the connection when it has run off.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let (begun, idle) = self.traffic.phase();
        let goes_on = match self.clock {
            Clock::Idle(then) | Clock::Head(then) => idle && then == begun,
            Clock::Busy(then) => !idle && then == begun,
        };
        if !goes_on {
            self.set(if idle { Clock::Idle(begun) } else { Clock::Busy(begun) }, self.patience.idle);
        }
        let over = self.timer.as_mut().poll(context).is_ready();
        if over && !idle {
            // What takes us long is not the client's fault; but the connection is to be looked at again.
            self.set(Clock::Busy(begun), self.patience.idle);
            return self.timer.as_mut().poll(context).is_ready();
        }
        over
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // As if the client had hung up.
        if this.is_over(context) {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(context, buffer))?;
        if let Clock::Idle(begun) = this.clock
            && buffer.filled().len() > before
        {
            this.set(Clock::Head(begun), this.patience.head);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> Connection<T> {
    /// Progress, or an end to waiting for it.
    fn paced<R>(&mut self, written: Poll<io::Result<R>>, context: &mut Context<'_>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.reader = None;
            return written;
        }
        let limit = self.patience.reader;
        let reader = self.reader.get_or_insert_with(|| Box::pin(sleep(limit)));
        if reader.as_mut().poll(context).is_ready() {
            Poll::Ready(Err(ErrorKind::TimedOut.into()))
        } else {
            Poll::Pending
        }
    }

    fn poll_own(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.own.is_empty() {
            let written = Pin::new(&mut self.io).poll_write(context, &self.own);
            let written = ready!(self.paced(written, context))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.own = self.own.split_off(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_own(context))?;
        if let Some(problem) = spoken(bytes) {
            self.own = problem;
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.paced(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// The parser's own refusals are empty, ours never are: a problem in their place. Which language the client reads
/// nobody knows yet, so both.
fn spoken(bytes: &[u8]) -> Option<Bytes> {
    let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let (code, ja, en) = match status {
        b"400" => (
            Code::RequestMalformed,
            "HTTPリクエストとして読み取れません。URL の日本語などは %E8%82%B2 のようにパーセントエンコードしてください",
            "This is no HTTP request. Percent-encode what is not ASCII in an address",
        ),
        b"408" => (Code::RequestTimeout, "ヘッダーが時間内に届きませんでした", "The headers did not arrive in time"),
        b"431" => {
            (Code::RequestHeadersTooLarge, "ヘッダーは全部で16 KiBまでです", "All headers together have at most 16 KiB")
        }
        _ => return None,
    };
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").and_then(|end| bytes.get(..end))?;
    let is_empty =
        head.split(|byte| *byte == b'\n').any(|line| line.trim_ascii().eq_ignore_ascii_case(b"content-length: 0"));
    if !is_empty {
        return None;
    }
    let error = Error::new(code, format!("{ja} / {en}"), en);
    let problem = serde_json::to_string(&Problem::render(&error, true, "", &Uuid::now_v7().to_string())).ok()?;
    let reason = actix_web::http::StatusCode::from_bytes(status).ok()?;
    Some(Bytes::from(format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/problem+json\r\ncontent-language: ja\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{problem}",
        reason.as_u16(),
        reason.canonical_reason().unwrap_or_default(),
        problem.len(),
    )))
}
